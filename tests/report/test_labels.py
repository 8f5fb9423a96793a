"""Label rows and agreement."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from secarch.errors import InvalidInput
from secarch.report import labels

DECISIONS = {"accept": int, "reject": int, "edit": dict}
ROW = {
    "artifact": "a",
    "item_id": "x",
    "item_sha256": "0" * 64,
    "kind": "example_review",
    "decision": "accept",
    "value": 1,
    "note": "",
    "reviewer": "Ada",
    "at": "2026-01-01T00:00:00Z",
}


def write(path: Path, *rows: dict[str, object]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.mark.parametrize(
    "change",
    [
        {"item_sha256": "no hash"},
        {"item_id": ""},
        {"decision": "perhaps"},
        {"kind": "blind_preference"},
        {"decision": "edit", "value": 1},
        {"note": 7},
        {"reviewer": "x" * 81},
        {"value": {"answer": 1}},
    ],
)
def test_a_bad_row_is_named_with_its_line(change: dict[str, object], tmp_path: Path) -> None:
    """File and line are in the error, whatever is wrong."""
    path = write(tmp_path / "labels.jsonl", ROW, {**ROW, **change})
    with pytest.raises(InvalidInput) as caught:
        labels.read(path, "example_review", DECISIONS)
    assert "labels.jsonl:2" in str(caught.value.where)


def test_the_later_decision_of_one_reviewer_counts(tmp_path: Path) -> None:
    """The same reviewer twice on one content is one label, the later; another reviewer is another
    label.
    """
    later = {**ROW, "decision": "reject", "value": 0, "at": "2026-01-02T00:00:00Z"}
    path = write(tmp_path / "labels.jsonl", later, ROW, {**ROW, "reviewer": "Bob"})
    found = labels.read(path, "example_review", DECISIONS)
    assert [(label.reviewer, label.decision) for label in found] == [
        ("Ada", "reject"),
        ("Bob", "accept"),
    ]


def test_agreement_is_krippendorffs_alpha() -> None:
    """By hand: items aa, aa, bb, ab give observed 1/4 of pairs, coincidences a 5, b 3 of 8, alpha 1
    - 7*2/30.
    """
    decided = ["accept accept", "accept accept", "reject reject", "accept reject", "accept"]
    groups = [
        [
            labels.Label(**{**ROW, "item_id": str(n), "reviewer": str(k), "decision": word})
            for k, word in each
        ]
        for n, each in enumerate(map(enumerate, map(str.split, decided)))
    ]
    found = labels.agreement(groups)
    assert found["items"] == 4
    assert found["share"] == pytest.approx(0.75)
    assert found["alpha"] == pytest.approx(1 - 7 * 2 / 30)
    assert labels.agreement([]) == {"items": 0, "share": None, "alpha": None}


def test_a_note_may_be_a_mebibyte_and_no_longer(tmp_path: Path) -> None:
    """A file from elsewhere cannot fill the memory."""
    longest = {**ROW, "note": "x" * 2**20}
    path = write(tmp_path / "labels.jsonl", longest)
    assert len(labels.read(path, "example_review", DECISIONS)[0].note) == 2**20
    write(path, {**ROW, "note": "x" * (2**20 + 1)})
    with pytest.raises(InvalidInput):
        labels.read(path, "example_review", DECISIONS)


def test_a_label_is_a_row_again() -> None:
    """What is written is what was read."""
    assert labels.parse(ROW, "example_review", DECISIONS, "here").row() == ROW


@pytest.mark.parametrize(
    ("change", "shown"),
    [
        ({"kind": "k" * 60}, f"'{'k' * 40}', not example_review"),
        ({"decision": "d" * 60}, f"'{'d' * 40}' is no decision"),
        ({"decision": "edit", "value": 1}, "'edit' is no decision"),
    ],
)
def test_an_error_shows_forty_characters_of_a_row(change: dict[str, object], shown: str) -> None:
    """A row from elsewhere cannot fill the screen."""
    with pytest.raises(InvalidInput, match=shown):
        labels.parse({**ROW, **change}, "example_review", DECISIONS, "here")


def test_agreement_of_more_than_two_reviewers() -> None:
    """By hand: aab has 4 of 6 ordered pairs apart, which weigh 4/2; aa none. Coincidences a 4, b 1
    of 5: alpha 1 - 4*2/8.
    """
    groups = [
        [
            labels.Label(**{**ROW, "item_id": str(n), "reviewer": str(k), "decision": word})
            for k, word in enumerate(decided.split())
        ]
        for n, decided in enumerate(("accept accept reject", "accept accept"))
    ]
    found = labels.agreement(groups)
    assert found["share"] == pytest.approx(4 / 8)
    assert found["alpha"] == pytest.approx(0.0)
