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
from secarch.dedupe.generate.checks import Questions, agrees, contradicts, fits, is_quoted, support
from secarch.dedupe.generate.reading import json_in, pairs_in, score_in, without_reasoning
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
        self.score, self.propose, self.second = "5", self.honest, ""

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
        if "Score 1 to 5" in system:
            said = self.score
        elif "Say first 'yes' or 'no'" in system:
            said = self.second or " ".join(passage[1].split()[:25])
        else:
            said = self.propose(passage[1], n)
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
            "judge_model": "other",
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
    assert {(a["temperature"], a["seed"]) for a in model.asked} == {(0, 0)}
    assert {a["model"] for a in model.asked} == {"little", "other"}
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


@pytest.mark.slow
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


@pytest.mark.slow
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
    model.script = [(400, b"too long", {})] * 3
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


class Steps(Model):
    """A model that goes through the steps; `faults` misbehave on the replies that come first."""

    def __init__(self, fault: Callable[[dict[str, Any], str], Reply | str | None]) -> None:
        super().__init__()
        self.fault = fault

    def said(self, system: str, user: str) -> str:
        """An honest reply of each step."""
        passage = re.search(r"<passage>\n(.*?)\n</passage>", user, re.DOTALL)
        assert passage
        sentence = next(
            s for s in re.split(r"(?<=\.)\s", passage[1].split("\n", 1)[1]) if len(s.split()) > 8
        )
        if "key facts" in system:
            return json.dumps({"facts": [{"fact": sentence, "quote": sentence}]})
        if "training questions" in system:
            asked = f"Under a deadline, what applies when {' '.join(sentence.split()[:9])} matters?"
            return json.dumps({"questions": [{"question": asked, "facts": [1]}]})
        if "senior cloud security architect" in system:
            return json.dumps({"answer": sentence, "quotes": [sentence]})
        return '{"score": 5}' if "Score 1 to 5" in system else sentence

    def reply(self, body: dict[str, Any]) -> Reply:
        """What the server says next."""
        with self.lock:
            self.asked.append(body)
        system, user = (message["content"] for message in body["messages"][:2])
        said = self.fault(body, self.said(system, user))
        if isinstance(said, tuple):
            return said
        return 200, json.dumps({"choices": [{"message": {"content": said}}]}).encode(), {}


def _refuses(field: str) -> Callable[[dict[str, Any], str], Reply | str | None]:
    refused = (400, f"Unsupported parameter: '{field}'. Use another.".encode(), {})
    return lambda body, said: refused if field in body else said


def _first(reply: Reply | str) -> Callable[[dict[str, Any], str], Reply | str | None]:
    """`reply` comes first for each request."""
    seen: set[str] = set()

    def fault(body: dict[str, Any], said: str) -> Reply | str | None:
        user = body["messages"][1]["content"].split("\n\nReply with the JSON")[0]
        key = f"{body['messages'][0]['content']}{user}"
        if key in seen:
            return said
        seen.add(key)
        return reply

    return fault


MISBEHAVIOURS: dict[str, Callable[[dict[str, Any], str], Reply | str | None]] = {
    "refuses max_tokens": _refuses("max_tokens"),
    "refuses temperature": _refuses("temperature"),
    "refuses seed": _refuses("seed"),
    "refuses JSON schemas": _refuses("response_format"),
    "thinks aloud": lambda _body, said: f'<think>Maybe {{"score": 1}}, or [1]?</think>\n{said}',
    "thinks without opening tag": lambda _body, said: f"So 1, I guess.</think>{said}",
    "fences and talks": lambda _body, said: f"Sure!\n```json\n{said}\n```\nAnything else?",
    "is broken first": _first('{"facts": [{"fact": "x", '),
    "is empty first": _first(""),
    "is busy first": _first((429, b"later", {"Retry-After": "0"})),
    "is no JSON first": _first((200, b"<html>", {})),
    "ends a list with a comma": lambda _body, said: re.sub(r"\](?=\}$)", ",]", said),
    "names the scale": lambda _body, said: (
        "On a scale of 1 to 5 this is a 5." if said == '{"score": 5}' else said
    ),
}


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch, model: Model) -> Callable[[Model], None]:
    return lambda other: monkeypatch.setattr(model, "reply", other.reply)


@pytest.mark.slow
@pytest.mark.parametrize("name", MISBEHAVIOURS)
def test_a_misbehaving_server_still_gives_pairs(
    build: Callable[..., Outcome], serve: Callable[[Model], None], name: str
) -> None:
    """Whatever the server does to the form, facts, questions, answers and scores come through."""
    serve(Steps(MISBEHAVIOURS[name]))
    outcome = build(max_spans=2, pairs=1)
    assert outcome.counts["generated"] == 2, outcome.result["meter"]


def test_without_a_judge_the_question_is_asked_a_second_time(
    build: Callable[..., Outcome], model: Model
) -> None:
    """The proposer never judges itself unless told to; a second answer must agree."""
    assert build(max_spans=1, judge_model="").counts["generated"] == 1
    assert not any("Score 1 to 5" in str(body) for body in model.asked)
    model.second = "UNANSWERED"
    outcome = build(max_spans=1, judge_model="", max_new_tokens=111)
    assert outcome.counts["rejected_generated_unanswerable"] == 1
    build(max_spans=1, judge_model="", self_judge=True, max_new_tokens=112)
    assert any("Score 1 to 5" in str(body) for body in model.asked)


def test_an_answer_is_repaired_once(
    build: Callable[..., Outcome], serve: Callable[[Model], None]
) -> None:
    """What a check turned down is asked for once more with the reason, and counted."""

    def fault(body: dict[str, Any], said: str) -> str:
        first = "quotes" in said and "turned down" not in str(body)
        return (
            json.dumps({"answer": "It takes 98765 days, says `x`.", "quotes": ["a"]})
            if first
            else said
        )

    steps = Steps(fault)
    serve(steps)
    outcome = build(max_spans=2, pairs=1)
    assert (outcome.counts["generated"], outcome.result["meter"]["repaired"]) == (2, 2)
    assert any("turned down" in str(body["messages"][-1]) for body in steps.asked)
    assert build(max_spans=2, pairs=1, repair=False).counts["generated"] == 0


def test_a_server_that_refuses_all_is_an_error(build: Callable[..., Outcome], model: Model) -> None:
    """Nothing generated because of refusals is no success."""
    model.reply = lambda _body: (400, b"model is not loaded", {})  # type: ignore[method-assign]
    with pytest.raises(InvalidInput, match="not loaded"):
        build(max_spans=2)


def test_money_ends_the_asking(build: Callable[..., Outcome]) -> None:
    """100 tokens at 1.0 a million, twice a span: the second wave is not asked."""
    outcome = build(max_price=0.0002, concurrency=1, max_spans=6)
    assert outcome.counts["generated"] == 4
    assert outcome.result["meter"]["spans_over_budget"] == 2


@pytest.mark.parametrize(
    ("said", "score"),
    [
        ("5", 5),
        ("On a scale of 1 to 5 this is a 5", 5),
        ("4/5", 4),
        ("I rate it 3 out of 5.", 3),
        ("Score: 2", 2),
        ("**Score:** 4 - two of 3 claims are exact", 4),
        ('{"score": 4}', 4),
        ('{"reason": "all 5 hold", "score": "2"}', 2),
        ("<think>1? 2?</think>\n4", 4),
        ("Between 1 and 5, the answer deserves 2.", 2),
        ("7", None),
        ("10", None),
        ("no idea", None),
        ("", None),
    ],
)
def test_scores_are_read_as_they_are_meant(said: str, score: int | None) -> None:
    """A scale is no score, a label beats a mention."""
    assert score_in(said) == score


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ('x [1] then {"a": 1}', {"a": 1}),
        ('{"a": [1, 2,],}', {"a": [1, 2]}),
        ('{"a": True}', {"a": True}),
        ('<think>{"a": 0}</think>{"a": 1}', {"a": 1}),
        ("nothing", None),
        ("{", None),
    ],
)
def test_json_is_found(said: str, found: Any) -> None:
    """The last whole value, with small faults forgiven."""
    assert json_in(said) == found


def test_reasoning_that_never_ends_is_nothing() -> None:
    """A reply cut off while thinking has no answer."""
    assert without_reasoning("<think>hm") == ""
    assert without_reasoning("<think>hm</think>yes") == "yes"


SOURCE = (
    "A disabled version makes its objects unreadable. Rotation replaces the master key once a "
    "year. Do not share keys between accounts."
)


@pytest.mark.parametrize(
    ("answer", "twisted"),
    [
        ("A disabled version makes its objects unreadable.", False),
        ("A disabled version does not make its objects unreadable.", True),
        ("Rotation never replaces the master key once a year.", True),
        ("Share keys between accounts.", True),
        ("Do not share keys between accounts.", False),
        ("Keys should never be shared between accounts.", False),
        ("Monitor the alarms of failed calls closely.", False),
    ],
)
def test_polarity(answer: str, twisted: bool) -> None:
    """A sentence of the source with its negation added or lost is the opposite."""
    assert contradicts(answer, SOURCE) is twisted


def test_small_checks() -> None:
    """Quotes, question fit, agreement and questions that are nearly the same."""
    assert is_quoted("replaces the MASTER key", SOURCE)
    assert not is_quoted("replaces the key", SOURCE)
    assert not is_quoted("the master key", SOURCE)
    assert fits("How often does rotation happen?", "Rotation is yearly.")
    assert not fits("How are buckets encrypted?", "Use two regions.")
    assert not agrees("Yes, it does.", "No, it is kept.")
    assert agrees("Yes, it does.", "Yes.")
    taken = Questions(["When should a team rotate the master key of a vault?"])
    assert taken.has("When should the team rotate the master key of a vault?")
    assert not taken.has("When should a team delete the audit log of a bucket?")
    assert not Questions(["What does team 7 do with its zone?"]).has(
        "What does team 8 do with its zone?"
    )


def test_support_is_lexical() -> None:
    """Words may be inflected; names, numbers and code must stand in the source."""
    source = "Rotate the KMS key every 90 days with `aws kms rotate-key`."
    assert support("Keys are rotated every 90 days.", source) > 0.8
    assert support("Keys are rotated every 91 days.", source) == 0
    assert support("Use IAM for it.", source) == 0
    assert support("", source) == 0


@pytest.mark.slow
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
