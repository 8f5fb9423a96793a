"""An OpenAI-compatible server is asked politely and never believed."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from secarch.errors import InvalidInput, Mismatch, MissingInput, UsageError
from secarch.evaluate.config import EvalConfig
from secarch.evaluate.engines.server import Server
from secarch.evaluate.stage import run as evaluate
from secarch.models.client import Chat, _reply
from secarch.models.fields import SYSTEM_ROLE, refused_field, without
from secarch.session import Session

FAST = {"retries": 2, "concurrency": 2, "timeout_s": 5.0}


@pytest.fixture
def config(suite_file: Path) -> EvalConfig:
    return EvalConfig(suites=(str(suite_file),), max_new_tokens=6, batch_size=3, **FAST)  # type: ignore[arg-type]


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return Session(workspace=tmp_path / "w")


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first wait between two tries is a moment."""
    monkeypatch.setattr("secarch.models.client.FIRST_WAIT", 0.01)


def test_a_server_is_evaluated_like_a_model(
    config: EvalConfig, session: Session, loopback: Any
) -> None:
    """Greedy and seeded, every question once; likelihood is unscored with its reason."""
    outcome = evaluate(config, session, model=loopback.url, base="unused")
    assert {(a["temperature"], a["seed"], a["max_tokens"], a["model"]) for a in loopback.asked} == {
        (0, 0, 6, "little")
    }
    assert sorted(a["messages"][1]["content"][:5] for a in loopback.asked) == [
        "Peopl",
        "Sixty",
        "Which",
    ]
    facts = outcome.result["metrics"]["reference_bits_per_byte"]
    assert (facts["mean"], facts["unscored_why"]) == (
        None,
        {"chat servers give no likelihood of a given text": 3},
    )
    assert outcome.counts["tokens"] == 21
    assert evaluate(config, session, model=loopback.url, base="unused").status == "nothing_to_do"


def test_a_server_that_answers_otherwise_is_evaluated_again(
    config: EvalConfig, session: Session, loopback: Any
) -> None:
    """Address and name are no proof of the model behind them; a few answers tell it apart."""
    first = evaluate(config, session, model=loopback.url, base="unused")
    asked = len(loopback.asked)
    loopback.usual = loopback.say("Give everybody a password.")
    second = evaluate(config, session, model=loopback.url, base="unused")
    assert second.status == "done"
    assert second.digest != first.digest
    assert len(loopback.asked) > asked + 3
    again = evaluate(config, session, model=loopback.url, base="unused")
    assert (again.status, again.digest) == ("nothing_to_do", second.digest)
    loopback.usual = loopback.say("Require MFA for everybody, it must be enforced.")
    back = evaluate(config, session, model=loopback.url, base="unused")
    assert (back.status, back.digest) == ("nothing_to_do", first.digest)
    summary = json.loads((Path(str(first.artifact)) / "summary.json").read_text())
    assert summary["engine"]["weights"] == "unknown"


VERSION = {"version": "architect/3", "digest": "d" * 64, "fingerprint": "f" * 64}


def test_a_version_that_says_its_digest_is_the_parent_of_its_evaluation(
    config: EvalConfig, session: Session, loopback: Any
) -> None:
    loopback.version = {**VERSION, "prompt_digest": "p" * 64}
    ours = f"secarch-{'d' * 12}"
    loopback.usual = loopback.say("Require MFA.", fingerprint=ours)
    done = evaluate(config, session, model=loopback.url, base="unused")
    folder = Path(str(done.artifact))
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["parents"] == ["d" * 64]
    assert manifest["config"]["model_fingerprint"] == "f" * 64
    assert manifest["config"]["prompt_digest"] == "p" * 64
    summary = json.loads((folder / "summary.json").read_text())
    assert summary["engine"]["weights"] == "architect/3"
    asked = len(loopback.asked)
    assert evaluate(config, session, model=loopback.url, base="unused").status == "nothing_to_do"
    assert len(loopback.asked) == asked
    # The next version is another model, at the same address and under the same name.
    loopback.version = {**VERSION, "version": "architect/4", "digest": "e" * 64}
    loopback.usual = loopback.say("Require MFA.", fingerprint=f"secarch-{'e' * 12}")
    assert evaluate(config, session, model=loopback.url, base="unused").status == "done"


def test_a_version_that_changes_in_the_middle_ends_the_evaluation(
    config: EvalConfig, session: Session, loopback: Any
) -> None:
    loopback.version = VERSION
    ours, other = (f"secarch-{digit * 12}" for digit in "de")
    loopback.script = [loopback.say("Require MFA.", fingerprint=ours)] * 2
    loopback.usual = loopback.say("Require MFA.", fingerprint=other)
    single = config.replace(batch_size=1, concurrency=1)
    with pytest.raises(Mismatch, match="another model answers now") as found:
        evaluate(single, session, model=loopback.url, base="unused")
    assert found.value.exit_code == 4
    assert other in str(found.value.why)
    (journal,) = session.evals.glob("*/responses.jsonl")
    assert len(journal.read_text().splitlines()) == 2
    loopback.usual = loopback.say("Require MFA.", fingerprint=ours)
    done = evaluate(single, replace(session, resume=True), model=loopback.url, base="unused")
    assert done.status == "done"


def test_half_a_surrogate_pair_is_kept_as_a_question_mark(
    config: EvalConfig, session: Session, loopback: Any
) -> None:
    """JSON can hold what UTF-8 cannot; the evaluation is written all the same."""
    loopback.usual = loopback.fail(200, b'{"choices": [{"message": {"content": "a \\ud800 b"}}]}')
    outcome = evaluate(config, session, model=loopback.url, base="unused")
    assert '"a ? b"' in (Path(str(outcome.artifact)) / "responses.jsonl").read_text()


def test_a_reply_behind_a_byte_order_mark_is_read(
    config: EvalConfig, session: Session, loopback: Any
) -> None:
    """Gateways on Windows write one."""
    body = b'\xef\xbb\xbf{"choices": [{"message": {"content": "Require MFA."}}]}'
    loopback.usual = loopback.fail(200, body)
    outcome = evaluate(config, session, model=loopback.url, base="unused")
    assert '"Require MFA."' in (Path(str(outcome.artifact)) / "responses.jsonl").read_text()


JUNK = {
    "500": (500, b"no", {}),
    "a proxy's own": (522, b"no", {}),
    "no json": (200, b"<html>busy</html>", {}),
    "no choices": (200, b'{"choices": []}', {}),
    "a list": (200, b"[1]", {}),
    "wrong types": (200, b'{"choices": [{"message": {"content": 17}}]}', {}),
    "half an answer": (
        200,
        b'{"choices": [{"mess',
        {"Content_Length": "5000", "Connection": "close"},
    ),
    "two lengths": (200, b"x", {"Content_Length": "1", "content-length": "2"}),
    "nothing": (200, b"", {}),
    "too many": (429, b"", {"Retry_After": "0.01"}),
    "a date to wait for": (503, b"", {"Retry_After": "Wed, 21 Oct 2026 07:28:00 GMT"}),
}


@pytest.mark.slow
@pytest.mark.parametrize("junk", JUNK)
def test_what_may_pass_is_tried_again(
    config: EvalConfig, session: Session, loopback: Any, junk: str
) -> None:
    """One bad reply costs one more request and nothing else."""
    status, body, headers = JUNK[junk]
    loopback.script = [loopback.fail(status, body, **headers)]
    outcome = evaluate(config, session, model=loopback.url, base="unused")
    assert outcome.counts["answers_failed"] == 0
    assert len(loopback.asked) == 4


def test_retry_after_is_honoured(config: EvalConfig, loopback: Any) -> None:
    """The server says how long to wait, in seconds."""
    loopback.script = [loopback.fail(429, b"", Retry_After="0.4")]
    started = time.monotonic()
    Server(loopback.url, config).answers([[{"role": "user", "content": "x"}]], 5)
    assert 0.4 <= time.monotonic() - started < 3


def test_a_server_that_is_down_stops_the_run_and_resume_goes_on(
    config: EvalConfig, session: Session, loopback: Any
) -> None:
    """What was answered stays answered; a server that is down is never scored as a bad model."""
    one = config.replace(batch_size=1)
    loopback.script = [loopback.say("B"), *[loopback.fail(500)] * 3]
    with pytest.raises(MissingInput, match="HTTP 500") as caught:
        evaluate(one, session, model=loopback.url, base="unused")
    assert caught.value.exit_code == 4
    asked = len(loopback.asked)
    outcome = evaluate(one, replace(session, resume=True), model=loopback.url, base="unused")
    assert outcome.counts["questions"] == 3
    assert len(loopback.asked) == asked + 2


def test_a_refused_question_is_unscored(
    config: EvalConfig, session: Session, loopback: Any
) -> None:
    """A 400 concerns one question: no metric calls it 0, and it is counted."""
    loopback.usual = lambda asked: (
        (400, {}, b"too long")
        if "Sixty" in asked["messages"][1]["content"]
        else loopback.say("B")(asked)
    )
    outcome = evaluate(config, session, model=loopback.url, base="unused")
    assert outcome.counts["answers_failed"] == 1
    rubric = outcome.result["metrics"]["rubric"]
    assert (rubric["n"], rubric["unscored_why"]["the engine gave no answer"]) == (1, 1)
    scores = [
        json.loads(line)
        for line in (Path(str(outcome.artifact)) / "scores.jsonl").read_text().splitlines()
    ]
    assert {row["value"] for row in scores if row["question_id"] == "aws-0001"} == {None}


@pytest.mark.parametrize("status", [301, 401, 403, 404])
def test_a_wrong_address_or_key_is_said_at_once(
    config: EvalConfig, session: Session, loopback: Any, status: int
) -> None:
    """No tries are wasted on it, and redirects are not followed."""
    loopback.usual = loopback.fail(status, b"", Location="http://127.0.0.1:1/")
    with pytest.raises(InvalidInput, match=f"HTTP {status}"):
        evaluate(config.replace(batch_size=1), session, model=loopback.url, base="unused")
    assert len(loopback.asked) == 1


def test_which_of_several_models_is_asked_for(config: EvalConfig, loopback: Any) -> None:
    """A server with two models needs eval.served_model."""
    loopback.models = ["one", "two"]
    with pytest.raises(UsageError, match="one, two"):
        Server(loopback.url, config)
    named = config.replace(served_model="two")
    assert Server(loopback.url, named).describe()["model"] == "two"


def test_nobody_there(config: EvalConfig) -> None:
    """A refused connection ends with exit 4 and the fix."""
    with pytest.raises(MissingInput, match="--resume"):
        Server("http://127.0.0.1:9", config)


def test_a_reply_without_end_is_given_up(
    config: EvalConfig, loopback: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Memory is bounded whatever the server sends."""
    monkeypatch.setattr("secarch.models.client.MAX_BYTES", 1000)
    loopback.usual = loopback.say("x" * 5000)
    with pytest.raises(InvalidInput, match="does not end"):
        Server(loopback.url, config).answers([[{"role": "user", "content": "x"}]], 5)


def test_user_names_and_keys_of_the_address_stay_out(
    config: EvalConfig, session: Session, loopback: Any
) -> None:
    """An address may carry credentials; no artifact does."""
    url = loopback.url.replace("http://", "http://bob:hunter2@")
    outcome = evaluate(config, session, model=url, base="unused")
    for path in Path(str(outcome.artifact)).iterdir():
        assert b"hunter2" not in path.read_bytes(), path.name


@pytest.mark.parametrize(
    ("content", "ended", "finish"),
    [
        (None, "stop", "no_content"),
        (None, "length", "truncated_reasoning"),
        ("", "length", "truncated_reasoning"),
        ("", "stop", "stop"),
    ],
)
def test_no_content_is_unscored_and_an_empty_answer_is_one(
    content: str | None, ended: str, finish: str
) -> None:
    """Tokens that give no text were spent on thinking that the server hides."""
    data = {"choices": [{"message": {"content": content}, "finish_reason": ended}]}
    assert _reply(data, 1.0).finish == finish


@pytest.mark.parametrize(
    "why",
    [
        "System role not supported",
        "Conversation roles must alternate user/assistant/user/assistant/...",
        "The first message must be from the user",
    ],
)
def test_a_template_without_a_system_prompt_gets_it_in_the_first_turn(why: str) -> None:
    """Whatever words it complains in; a refusal for another reason names nothing."""
    messages = [{"role": "system", "content": "s"}, {"role": "user", "content": "u"}]
    sent = {"messages": messages, "temperature": 0}
    assert refused_field(why, sent) == SYSTEM_ROLE
    assert refused_field(why, {"messages": messages[1:]}) == ""
    assert refused_field("the model is not ready", sent) == ""
    assert without(sent, {SYSTEM_ROLE})["messages"] == [{"role": "user", "content": "s\n\nu"}]


@pytest.mark.parametrize(
    ("message", "ended", "finish", "reasoning"),
    [
        ({"content": "B"}, "COMPLETE", "stop", ""),
        ({"content": ""}, "RECITATION", "content_filter", ""),
        ({"content": "pa"}, "cancelled", "abort", ""),
        ({"content": [{"type": "text", "text": {"value": "B"}}]}, "stop", "stop", ""),
        ({"content": "B", "thinking_blocks": [{"thinking": "hm"}]}, "stop", "stop", "hm"),
        ({"content": "B"}, None, "unknown", ""),
    ],
)
def test_ends_and_parts_by_the_names_of_several_vendors(
    message: dict[str, Any], ended: str | None, finish: str, reasoning: str
) -> None:
    """None of them becomes a plain 0."""
    found = _reply({"choices": [{"message": message, "finish_reason": ended}]}, 1.0)
    assert (found.finish, found.reasoning) == (finish, reasoning)
    assert found.text == ("B" if finish in {"stop", "unknown"} else found.text)


def test_tokens_of_hidden_reasoning_make_an_empty_answer_none() -> None:
    """A server that shows no reasoning may still count it."""
    details = {"completion_tokens_details": {"reasoning_tokens": 9}}
    choice = {"message": {"content": ""}, "finish_reason": "stop"}
    assert _reply({"choices": [choice], "usage": details}, 1.0).finish == "truncated_reasoning"


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("http://h/v1", "http://h/v1"),
        ("http://h/", "http://h/v1"),
        ("http://h/v1beta/openai/", "http://h/v1beta/openai"),
        ("http://h/api/chat/completions", "http://h/api"),
        ("http://h/v2x", "http://h/v2x"),
        ("http://h/api", "http://h/api/v1"),
    ],
)
def test_an_address_that_names_its_version_is_asked_as_it_is(url: str, asked: str) -> None:
    """Some vendors have no /v1."""
    chat = Chat(
        url, model="m", concurrency=1, retries=0, timeout_s=1.0, setting="eval.server_model"
    )
    assert chat.name == asked
