"""A panel judges questions by content; its labels are counted by category and majority."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from secarch.errors import Mismatch, MissingInput
from secarch.review import panel
from secarch.session import Session
from secarch.suite.schema import load


@pytest.fixture
def session(tmp_path: Path) -> Session:
    """A workspace of its own."""
    return Session(workspace=tmp_path / "ws")


def written(path: Path) -> str:
    """Three questions in two categories."""
    rows = [
        {
            "id": f"{category}-{n}",
            "version": 1,
            "category": category,
            "kind": "open",
            "difficulty": 2,
            "question": f"How is <b>{category}</b> bucket {n} kept private?",
            "reference": "Use block public access.",
            "key_points": [{"id": "k1", "text": "block it", "weight": 2, "any_of": ["block"]}],
        }
        for category, n in (("aws", 1), ("aws", 2), ("iam", 1))
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return str(path)


def labelled(path: Path, suite: str, votes: dict[str, str], reviewer: str) -> Path:
    """A saved label file."""
    rows = []
    for item, decision in votes.items():
        question = load([suite]).find(item.rpartition("/")[0])
        rows.append(
            {
                "artifact": "",
                "item_id": item,
                "item_sha256": question.sha256,
                "kind": panel.KIND,
                "decision": decision,
                "value": int(decision == "yes"),
                "reviewer": reviewer,
            }
        )
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_the_page_asks_three_things_and_every_point(session: Session, tmp_path: Path) -> None:
    """Categories take turns, texts are escaped, and each decision has an item of its own."""
    suite = written(tmp_path / "s.jsonl")
    outcome = panel.draw(session, [suite], size=2)
    assert outcome.counts == {"drawn": 2, "decisions": 8}
    assert {name.split("-")[0] for name in outcome.result["questions"]} == {"aws", "iam"}
    page = Path(outcome.result["page"]).read_text()
    assert "iam-1/right" in page
    assert "iam-1/k1" in page
    assert "<b>iam</b>" not in page


def test_votes_are_counted_and_a_majority_refuses(tmp_path: Path) -> None:
    """Two of three find a question unfair; one no against one yes is no majority."""
    suite = written(tmp_path / "s.jsonl")
    votes = {"aws-1/fair": "no", "aws-1/right": "yes", "iam-1/k1": "no"}
    files = [
        labelled(tmp_path / "a.jsonl", suite, votes, "a"),
        labelled(tmp_path / "b.jsonl", suite, votes | {"iam-1/k1": "yes"}, "b"),
        labelled(tmp_path / "c.jsonl", suite, {"aws-1/fair": "yes"}, "c"),
    ]
    outcome = panel.take([suite], files)
    assert outcome.counts == {"labels": 7, "reviewers": 3, "refused": 1}
    assert outcome.result["refused"] == ["aws-1/fair"]
    rows = {(row["category"], row["aspect"]): row for row in outcome.result["agreement"]}
    assert rows["aws", "fair"]["yes"] == pytest.approx(1 / 3, abs=1e-4)
    assert rows["iam", "points"]["yes"] == 0.5
    assert rows["all", "right"] == {
        "category": "all",
        "aspect": "right",
        "labels": 2,
        "yes": 1.0,
        "judged_twice": 1,
        "alpha": None,
    }


def test_labels_of_another_version_are_refused(tmp_path: Path) -> None:
    """A decision counts for the text that was seen."""
    suite = written(tmp_path / "s.jsonl")
    file = labelled(tmp_path / "a.jsonl", suite, {"aws-1/right": "yes"}, "a")
    Path(suite).write_text(Path(suite).read_text().replace("bucket 1", "bucket 7"))
    with pytest.raises(Mismatch, match="another question"):
        panel.take([suite], [file])
    empty = tmp_path / "empty.jsonl"
    empty.write_text("")
    with pytest.raises(MissingInput):
        panel.take([suite], [empty])
