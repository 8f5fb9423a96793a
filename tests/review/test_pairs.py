"""Decisions become preference pairs that training takes as they are."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from secarch.artifact import seal
from secarch.dedupe.examples.decisions import FILE, FOLDER, KIND, content_sha256
from secarch.errors import MissingInput
from secarch.files import write_jsonl
from secarch.models.prompt import SYSTEM
from secarch.review.pairs import pairs
from secarch.session import Session
from secarch.train.data.pairs import open_dataset


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return Session(workspace=tmp_path / "ws")


def _row(name: str, asked: str, answer: str) -> dict[str, Any]:
    messages = [("system", SYSTEM), ("user", asked), ("assistant", answer)]
    return {"id": name, "messages": [{"role": r, "content": c} for r, c in messages]}


ROWS = [
    _row("a", "Rotate?", "Every quarter."),
    _row("b", "Rotate?", "Never."),
    _row("c", "Encrypt?", "Yes, with a key of yours."),
    _row("d", "Log?", "Perhaps."),
]


def _dataset(session: Session, left: list[dict[str, Any]]) -> None:
    folder = session.datasets / "d"
    folder.mkdir(parents=True)
    held = [_row("v", "Held?", "Held out.")]
    counts = {
        "train": write_jsonl(folder / "train.jsonl", ROWS),
        "validation": write_jsonl(folder / "validation.jsonl", held),
    }
    with gzip.open(folder / "rejected.jsonl.gz", "wt", encoding="utf-8") as out:
        out.writelines(json.dumps(row) + "\n" for row in left)
    names = ["train.jsonl", "validation.jsonl", "rejected.jsonl.gz"]
    seal(folder, kind="dataset", parents=[], config={}, counts=counts, files=names)


def _decide(session: Session, *said: tuple[dict[str, Any], str, Any]) -> None:
    texts = {
        row["id"]: (row["messages"][1]["content"], row["messages"][2]["content"])
        for row, _, _ in said
    }
    labels = [
        {
            "artifact": "",
            "item_id": row["id"],
            "item_sha256": content_sha256(*texts[row["id"]]),
            "kind": KIND,
            "decision": decision,
            "value": value,
        }
        for row, decision, value in said
    ]
    folder = session.workspace / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    write_jsonl(folder / FILE, labels)


def _found(session: Session) -> dict[str, tuple[str, str, str]]:
    outcome = pairs(session, None)
    rows = open_dataset(Path(str(outcome.artifact)), session).train
    return {
        row["id"]: (row["messages"][-2]["content"], row["messages"][-1]["content"], row["rejected"])
        for row in rows
    }


def test_edits_and_rejections_make_pairs(session: Session) -> None:
    """The edit over what was edited; the accepted over the rejected answer to one question."""
    _dataset(session, [])
    edit = {"instruction": "", "answer": "To a bucket of another account."}
    _decide(
        session,
        (ROWS[0], "accept", 1),
        (ROWS[1], "reject", 0),
        (ROWS[3], "edit", edit),
        (ROWS[2], "accept", 1),
        (_row("v", "Held?", "Held out."), "edit", edit),
    )
    assert _found(session) == {
        "d:edit": ("Log?", "To a bucket of another account.", "Perhaps."),
        "a:review": ("Rotate?", "Every quarter.", "Never."),
    }


def test_a_generated_answer_that_a_gate_turned_down_is_the_worse_one(session: Session) -> None:
    """Of the gates of generation alone, and only where the dataset answers the same question."""
    left = {"stage": "example", "reason": "generated_unfaithful", "text": "No, never."}
    _dataset(
        session,
        [
            {**left, "instruction": "Encrypt?"},
            {**left, "instruction": "Unknown?"},
            {**left, "instruction": "Log?", "reason": "too_short"},
            {**left, "text": "no question kept"},
        ],
    )
    assert _found(session) == {"c:gate": ("Encrypt?", "Yes, with a key of yours.", "No, never.")}


def test_where_nothing_was_decided_it_says_what_makes_pairs(session: Session) -> None:
    """An edit that changes nothing makes none."""
    _dataset(session, [])
    _decide(session, (ROWS[3], "edit", {"answer": "Perhaps. "}))
    with pytest.raises(MissingInput, match="makes a pair") as caught:
        pairs(session, None)
    assert "secarch review" in str(caught.value.fix)
