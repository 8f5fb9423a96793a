"""What a server refuses, and how far one question's fault reaches."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from secarch.evaluate.config import EvalConfig
from secarch.evaluate.engines.server import Server
from secarch.evaluate.stage import run as evaluate
from secarch.models.fields import refused_field
from secarch.session import Session


@pytest.fixture
def config(suite_file: Path) -> EvalConfig:
    return EvalConfig(
        suites=(str(suite_file),),
        max_new_tokens=6,
        batch_size=3,
        retries=2,
        concurrency=2,
        timeout_s=5.0,
    )


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return Session(workspace=tmp_path / "w")


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first wait between two tries is a moment."""
    monkeypatch.setattr("secarch.models.client.FIRST_WAIT", 0.01)


WORDINGS = yaml.safe_load((Path(__file__).parent / "refusals.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("why", "field"), WORDINGS)
def test_each_wording_names_the_field_that_is_refused(why: str, field: str | None) -> None:
    """A field is left out for good, so what is said of one question's length or content, or of the
    server's state, names none.
    """
    messages = [{"role": "system", "content": "s"}, {"role": "user", "content": "u"}]
    sent = {"messages": messages, "temperature": 0, "seed": 0, "max_tokens": 512, "stream": False}
    assert refused_field(f"HTTP 400: {why}", sent) == (field or "")


def test_a_template_that_fails_with_a_server_error_gets_the_prompt_in_the_first_turn(
    config: EvalConfig, loopback: Any
) -> None:
    """Some servers call it their own fault, which would be tried again in vain."""
    why = b'{"error": {"code": 500, "message": "Jinja Exception: System role not supported"}}'
    loopback.script = [loopback.fail(500, why)]
    messages = [{"role": "system", "content": "s"}, {"role": "user", "content": "u"}]
    (reply,) = Server(loopback.url, config).answers([messages], 5)
    assert reply.finish == "stop"
    assert [m["role"] for m in loopback.asked[-1]["messages"]] == ["user"]


@pytest.mark.parametrize(
    "fault",
    [
        (200, {}, b'{"choices": [], "prompt_filter_results": []}'),
        (500, {}, b"too much for me"),
    ],
    ids=["a filter takes its choices", "it breaks the server"],
)
def test_what_fails_at_one_question_each_time_ends_nothing(
    config: EvalConfig, session: Session, loopback: Any, fault: tuple[int, dict[str, str], bytes]
) -> None:
    """The question is unscored while others are answered: else it would end the run, and again
    after --resume.
    """
    loopback.usual = lambda asked: (
        fault if "Sixty" in asked["messages"][1]["content"] else loopback.say("B")(asked)
    )
    outcome = evaluate(config, session, model=loopback.url, base="unused")
    assert outcome.counts["answers_failed"] == 1


def test_what_was_left_out_is_kept_with_the_evaluation(
    config: EvalConfig, session: Session, loopback: Any
) -> None:
    """Answers at a temperature of the server's own are no greedy ones."""

    def strict(asked: dict[str, Any]) -> Any:
        for name in ("max_tokens", "temperature", "seed"):
            if name in asked:
                return 400, {}, f"Unsupported parameter: '{name}'".encode()
        return loopback.say("B")(asked)

    loopback.usual = strict
    outcome = evaluate(config, session, model=loopback.url, base="unused")
    engine = json.loads((Path(str(outcome.artifact)) / "summary.json").read_text())["engine"]
    assert engine["left_out"] == ["max_tokens", "seed", "temperature"]
    assert "temperature is the server's own" in engine["determinism"]
    assert "left_out" not in Server(loopback.url, config).describe()
