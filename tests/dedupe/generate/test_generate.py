"""Pairs from a language model: a loopback server that proposes, judges and misbehaves, and the
gates before it.
"""

from __future__ import annotations

import json
import re
import sqlite3
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from secarch.dedupe.config import GenerateConfig
from secarch.dedupe.generate.generate import pairs_in, support
from secarch.errors import InvalidInput, MissingInput, UsageError
from secarch.records import Outcome

Pages = Callable[[int], list[dict[str, Any]]]
Reply = tuple[int, bytes, dict[str, str]]


class Model:
    """A server whose proposals quote the span; `script` holds replies that come first, `judges` the
    scores.
    """

    def __init__(self) -> None:
        self.url, self.asked, self.script, self.lock = "", [], [], threading.Lock()  # type: ignore[var-annotated]
        self.score, self.propose = "5", self.honest

    @staticmethod
    def honest(passage: str, n: int) -> str:
        """A pair whose answer is the beginning of the passage, inside talk and a fence."""
        said = " ".join(passage.split()[:25])
        pair = {
            "question": f"What does team number {n} have to do about its zones?",
            "answer": said,
        }
        return f"Here you are:\n```json\n{json.dumps([pair])}\n```"

    def reply(self, body: dict[str, Any]) -> Reply:
        """What the server says next."""
        with self.lock:
            self.asked.append(body)
            n = len(self.asked)
            if self.script:
                return self.script.pop(0)  # type: ignore[no-any-return]
        system, user = (message["content"] for message in body["messages"])
        passage = re.search(r"<passage>\n(.*?)\n</passage>", user, re.DOTALL)
        assert passage
        said = self.score if "Score 1 to 5" in system else self.propose(passage[1], n)
        usage = {"prompt_tokens": 100, "completion_tokens": 20}
        return (
            200,
            json.dumps({"choices": [{"message": {"content": said}}], "usage": usage}).encode(),
            {},
        )


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Iterator[Model]:
    monkeypatch.setattr("secarch.models.client.FIRST_WAIT", 0.01)
    state = Model()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def do_POST(self) -> None:
            status, body, headers = state.reply(
                json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            )
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield state
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def build(
    pages: Pages, jsonl: Callable[..., Path], run: Callable[..., Outcome], model: Model
) -> Callable[..., Outcome]:
    path = jsonl(pages(12))

    def go(*, resume: bool = False, fresh: bool = False, **changes: Any) -> Outcome:
        given = {
            "url": model.url,
            "model": "little",
            "max_spans": 6,
            "retries": 1,
            "concurrency": 2,
            "timeout_s": 5.0,
            "price_read": 1.0,
            **changes,
        }
        return run(path, resume=resume, fresh=fresh, generate=given)

    return go


def rows(outcome: Outcome) -> list[dict[str, Any]]:
    folder = Path(str(outcome.artifact))
    return [
        json.loads(line)
        for split in ("train", "validation", "test")
        for line in (folder / f"{split}.jsonl").read_text().splitlines()
    ]


def test_pairs_that_pass_the_gates_become_examples(
    build: Callable[..., Outcome], model: Model
) -> None:
    """Greedy, seeded; span and licence kept; counted, metered, priced, said in the card; a second
    run asks nobody.
    """
    outcome = build()
    made = [row for row in rows(outcome) if row["kind"] == "generated"]
    assert outcome.counts["generated"] == len(made) == 6
    assert {row["licence"] for row in made} == {"CC-BY-4.0"}
    assert all(row["end"] > row["start"] for row in made)
    assert {(a["temperature"], a["seed"], a["model"]) for a in model.asked} == {(0, 0, "little")}
    meter = outcome.result["meter"]
    assert (meter["requests"], meter["prompt_tokens"], meter["completion_tokens"]) == (
        12,
        1200,
        240,
    )
    assert meter["price"] == pytest.approx(0.0012)
    card = (Path(str(outcome.artifact)) / "README.md").read_text()
    assert "a language model wrote 6 pairs" in card
    assert "No language model" not in card
    asked = len(model.asked)
    again = build(fresh=True)
    assert len(model.asked) == asked
    assert (again.digest, again.result["meter"]["cached"]) == (outcome.digest, 12)


@pytest.mark.parametrize(
    ("proposed", "score", "reason"),
    [
        ("Sorry, I cannot do that.", "5", None),
        ('[{"question": "What is it that one has to do?", "answer": 7}]', "5", None),
        (
            '[{"question": "What does the passage say about zones?", "answer": "PASSAGE"}]',
            "5",
            "malformed",
        ),
        ('[{"question": "Why?", "answer": "PASSAGE"}]', "5", "malformed"),
        (
            '[{"question": "How long are keys kept by us?", "answer": "PASSAGE for 987654 days"}]',
            "5",
            "unfaithful",
        ),
        (
            '[{"question": "How long are keys kept by us?", "answer": "PASSAGE `rm -rf /`"}]',
            "5",
            "unfaithful",
        ),
        (
            (
                '[{"question": "What is this all about then?", "answer": "Elephants dance quietly '
                'among submarines"}]'
            ),
            "5",
            "unfaithful",
        ),
        ('[{"question": "What must a team do first?", "answer": "PASSAGE"}]', "2", "low_score"),
        (
            '[{"question": "What must a team do first?", "answer": "PASSAGE"}]',
            "no idea",
            "unjudged",
        ),
    ],
)
def test_what_fails_a_gate_is_rejected_with_its_reason(
    build: Callable[..., Outcome], model: Model, proposed: str, score: str, reason: str | None
) -> None:
    """Malformed, invented, badly judged: none of it is learnt, each is counted."""

    def propose(passage: str, _n: int) -> str:
        return proposed.replace("PASSAGE", json.dumps(" ".join(passage.split()[:20]))[1:-1])

    model.propose = propose  # type: ignore[method-assign,assignment]
    model.score = score
    outcome = build(max_spans=1)
    assert outcome.counts["generated"] == 0
    assert not [row for row in rows(outcome) if row["kind"] == "generated"]
    if reason:
        assert outcome.counts[f"rejected_generated_{reason}"] == 1
    else:
        assert outcome.result["meter"]["malformed"] == 1


def test_a_server_that_misbehaves_for_a_while_is_asked_again(
    build: Callable[..., Outcome], model: Model
) -> None:
    """Busy, torn and senseless replies are tried again; one refused request costs its span
    alone.
    """
    busy = (429, b"later", {"Retry-After": "0"})
    for first in (busy, (200, b"<html>", {}), (200, b'{"choices": []}', {}), (500, b"", {})):
        model.script = [first]
        assert (
            build(max_spans=1, fresh=True, max_new_tokens=100 + len(model.asked)).counts[
                "generated"
            ]
            == 1
        )
    model.script = [(400, b"too long", {})]
    outcome = build(max_spans=2, concurrency=1, max_new_tokens=200)
    assert (outcome.counts["generated"], outcome.result["meter"]["refused"]) == (1, 1)


def test_a_run_that_was_cut_off_goes_on_and_pays_nothing_twice(
    build: Callable[..., Outcome], model: Model, tmp_path: Path
) -> None:
    """What the server answered before it went down is on disk; the next run asks for the rest
    alone.
    """
    down = (503, b"gone", {})
    whole = model.reply

    def failing(body: dict[str, Any]) -> Reply:
        return whole(body) if len(model.asked) < 7 else down

    model.reply = failing  # type: ignore[method-assign]
    with pytest.raises(MissingInput):
        build(concurrency=1)
    with sqlite3.connect(tmp_path / "ws" / "generated" / "replies.db") as db:
        (kept,) = db.execute("SELECT count(*) FROM replies").fetchone()
    assert kept == 7
    model.reply = whole  # type: ignore[method-assign]
    before = len(model.asked)
    outcome = build(concurrency=1, resume=True)
    assert outcome.counts["generated"] == 6
    assert len(model.asked) - before == 5
    assert outcome.result["meter"]["cached"] == 7


def test_a_budget_ends_the_asking(build: Callable[..., Outcome], model: Model) -> None:
    """Once the tokens are spent no further span is asked about, and those left are counted."""
    outcome = build(max_tokens=200, concurrency=1, max_spans=6)
    assert outcome.counts["generated"] == 4
    assert outcome.result["meter"]["spans_over_budget"] == 2


def test_settings_that_cannot_be_are_refused(build: Callable[..., Outcome], model: Model) -> None:
    """A secret in the address, no model, a key that the server does not take."""
    with pytest.raises(ValidationError, match="OPENAI_API_KEY"):
        GenerateConfig(url="https://user:secret@llm.test/v1", model="m")
    with pytest.raises(UsageError):
        build(model="")
    model.script = [(401, b"no", {})] * 9
    with pytest.raises(InvalidInput, match="401"):
        build(resume=True)


def test_support_is_lexical() -> None:
    """Words may be inflected; names, numbers and code must stand in the source."""
    source = "Rotate the KMS key every 90 days with `aws kms rotate-key`."
    assert support("Keys are rotated every 90 days.", source) > 0.8
    assert support("Keys are rotated every 91 days.", source) == 0
    assert support("Use IAM for it.", source) == 0
    assert support("", source) == 0


@pytest.mark.parametrize(
    "said",
    [
        "",
        "[",
        "[{}]",
        '[{"question": "q"}]',
        "[" * 100_000,
        '[{"question": 1, "answer": 2}]',
        "null",
    ],
)
def test_rubbish_holds_no_pairs(said: str) -> None:
    """Whatever a reply holds, reading it ends in pairs or in nothing."""
    assert list(pairs_in(said)) == []
