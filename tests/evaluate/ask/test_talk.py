"""A second message is put after the model's own answer, by a real server; both answers are kept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from secarch.evaluate.ask.ask import answer_key
from secarch.evaluate.ask.spoken import spoken
from secarch.evaluate.config import EvalConfig
from secarch.evaluate.scoring.rescore import rescore
from secarch.evaluate.stage import run as evaluate
from secarch.files import read_jsonl
from secarch.models.prompt import SYSTEM, next_messages, question_messages
from secarch.records import Answer
from secarch.session import Session
from secarch.suite.schema import Question

ITEMS: list[dict[str, Any]] = [
    {
        "id": "followup-0001",
        "version": 1,
        "category": "gcp",
        "kind": "open",
        "difficulty": 2,
        "question": "Which key?",
        "files": {"notes.md": "Keys stay in the region."},
        "reference": "Use Cloud KMS.",
        "key_points": [{"id": "k1", "text": "KMS", "weight": 1, "any_of": ["cloud kms"]}],
        "turns": [
            {
                "message": "The regulator wants it outside.",
                "reference": "Hold it with an external manager.",
                "key_points": [{"id": "t1", "text": "EKM", "weight": 1, "any_of": ["external"]}],
            }
        ],
    },
    {
        "id": "open-0001",
        "version": 1,
        "category": "gcp",
        "kind": "open",
        "difficulty": 2,
        "question": "Which role?",
        "reference": "A custom role.",
        "key_points": [{"id": "k1", "text": "Custom", "weight": 1, "any_of": ["custom role"]}],
    },
]
FIRST = "<think>Hm, which one?</think>I would use a key in Cloud KMS."
SECOND = "Then hold the key with an external key manager."


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    """A question of two messages, and one of one."""
    path = tmp_path / "talk.jsonl"
    path.write_text("".join(json.dumps(item) + "\n" for item in ITEMS))
    return path


def answering(loopback: Any, first: Any = None) -> None:
    """Let the server answer by what it is asked last."""

    def behave(asked: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
        last = asked["messages"][-1]["content"]
        if "regulator" in last:
            return loopback.say(SECOND)(asked)  # type: ignore[no-any-return]
        return (first or loopback.say(FIRST))(asked)  # type: ignore[no-any-return]

    loopback.usual = behave


def config(suite: Path) -> EvalConfig:
    return EvalConfig(suites=(str(suite),), max_new_tokens=64, retries=0, timeout_s=5.0)


def test_the_second_prompt_holds_the_first_answer(
    suite: Path, tmp_path: Path, loopback: Any
) -> None:
    """Without its reasoning; both answers are kept and both are scored."""
    answering(loopback)
    session = Session(workspace=tmp_path / "w")
    outcome = evaluate(config(suite), session, model=loopback.url, base="unused")
    (put,) = (a["messages"] for a in loopback.asked if len(a["messages"]) > 2)
    assert [message["role"] for message in put] == ["system", "user", "assistant", "user"]
    assert put[0]["content"] == SYSTEM
    assert put[1]["content"].startswith("Which key?\n\nFile: notes.md\n```\nKeys stay")
    assert put[2]["content"] == "I would use a key in Cloud KMS."
    assert put[3]["content"] == "The regulator wants it outside."
    folder = Path(str(outcome.artifact))
    rows = {row["question_id"]: row for row in read_jsonl(folder / "responses.jsonl")}
    assert [turn["text"] for turn in rows["followup-0001"]["further"]] == [SECOND]
    assert "further" not in rows["open-0001"]
    metrics = outcome.result["metrics"]
    assert (metrics["first_turn"]["mean"], metrics["follow_up"]["mean"]) == (1.0, 1.0)
    assert metrics["follow_up"]["n"] == 1
    assert "The regulator wants it outside." in (folder / "report.html").read_text()
    again = rescore(config(suite), session, source=folder)
    assert again.status == "nothing_to_do"


def test_a_failed_first_answer_leaves_the_question_unscored(
    suite: Path, tmp_path: Path, loopback: Any
) -> None:
    """The second message is not put after nothing."""
    answering(loopback, loopback.say("I cannot", "content_filter"))
    session = Session(workspace=tmp_path / "w")
    outcome = evaluate(config(suite), session, model=loopback.url, base="unused")
    assert all(len(asked["messages"]) == 2 for asked in loopback.asked)
    assert outcome.result["metrics"]["follow_up"]["mean"] is None


@pytest.mark.parametrize(
    ("first", "second", "whole"),
    [
        ("stop", "stop", "stop"),
        ("stop", "length", "length"),
        ("length", "stop", "length"),
        ("stop", "error", "error"),
        ("refusal", "stop", "refusal"),
    ],
)
def test_a_question_ends_as_its_worst_answer(first: str, second: str, whole: str) -> None:
    """One unscored turn leaves it unscored, a cut one makes it cut."""
    row = {
        "question_id": "q",
        "question_sha256": "",
        "key": "",
        "text": "a",
        "tokens": 1,
        "seconds": 0.0,
        "finish": first,
        "further": [{"text": "b", "tokens": 1, "seconds": 0.0, "finish": second}],
    }
    answer = spoken(Answer.of(row))
    assert answer.finish == whole
    assert answer.texts == ("a", "b")


@pytest.mark.parametrize(
    ("text", "finish", "wanted"),
    [
        ("<think>weigh", "length", "truncated_reasoning"),
        ("<think>weigh</think>", "length", "truncated_reasoning"),
        ("<think>weigh</think>\n<|im_end|>", "stop", "truncated_reasoning"),
        ("<think>weigh</think>Deny", "length", "length"),
        ("<think></think>", "stop", "stop"),
        ("<think>weigh</think>", "content_filter", "content_filter"),
    ],
)
def test_reasoning_without_an_answer_is_no_answer(text: str, finish: str, wanted: str) -> None:
    """However it ended, as where a server gives the two apart."""
    row = {
        "question_id": "q",
        "question_sha256": "",
        "key": "",
        "text": text,
        "tokens": 1,
        "seconds": 0.0,
        "finish": finish,
    }
    assert spoken(Answer.of(row)).finish == wanted


def test_an_empty_answer_is_put_as_no_answer() -> None:
    """Some templates and servers refuse an empty turn."""
    put = next_messages(question_messages("Q?"), " ", "And now?")
    assert [message["content"] for message in put[2:]] == ["(no answer)", "And now?"]


def test_a_changed_message_is_another_question_to_the_cache() -> None:
    """A question of one message keeps the key that it had."""

    def key(item: dict[str, Any]) -> str:
        question = Question.model_validate(item)
        return answer_key("engine", question, seed=0, max_new_tokens=9, batch_size=1)

    turn = {**ITEMS[0]["turns"][0], "message": "The auditor wants it outside."}
    assert key({**ITEMS[0], "turns": [turn]}) != key(ITEMS[0])
    assert key({**ITEMS[0], "turns": []}) != key(ITEMS[0])
