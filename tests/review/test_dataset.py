"""The review page, its labels, Label Studio, and the next build."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from secarch.dedupe.config import DedupeConfig
from secarch.dedupe.stage import run as dedupe
from secarch.errors import InvalidInput, Mismatch, MissingInput
from secarch.records import Outcome
from secarch.review.dataset import allocate, review, sample, take
from secarch.session import Session

WORDS = "bucket cluster subnet secret gateway ledger queue vault registry replica".split()


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return Session(workspace=tmp_path / "ws")


@pytest.fixture
def build(session: Session, tmp_path: Path) -> Callable[[], Outcome]:
    """Build the same small dataset again."""
    path = tmp_path / "documents.jsonl"
    with path.open("w") as handle:
        for n in range(12):
            said = " ".join(
                f"The {WORDS[k % 10]} {n * 7 + k} of team {n} is kept apart from others."
                for k in range(8)
            )
            steps = "\n".join(
                f"{k}. Open console {n} and check the {WORDS[(n + k) % 10]} {k}."
                for k in range(1, 6)
            )
            head = f"# Keep {WORDS[n % 10]} {n} safe </textarea><script>alert(1)</script>"
            text = f"{head}\n\n{said}\n\n## Set up zone {n} of the ledger\n\n{steps}\n"
            handle.write(
                json.dumps({"url": f"https://x.test/{n}", "text": text, "licence": "MIT"}) + "\n"
            )

    def go() -> Outcome:
        return dedupe(
            DedupeConfig(decontaminate=(), workers=1, min_words=20), session, documents=[path]
        )

    return go


def draw(session: Session, **changes: Any) -> Outcome:
    given = {
        "dataset": None,
        "size": 8,
        "again": False,
        "label_studio": False,
        **changes,
    }
    return review(session, **given)


def rows(outcome: Outcome) -> dict[str, dict[str, Any]]:
    found = {}
    for split in ("train", "validation", "test"):
        for line in (Path(str(outcome.artifact)) / f"{split}.jsonl").read_text().splitlines():
            row = json.loads(line)
            found[row["id"]] = row
    return found


@pytest.mark.slow
def test_a_page_is_judged_by_keyboard_and_folded_back(
    session: Session,
    build: Callable[[], Outcome],
    browse: Callable[[Path, str], dict[str, Any]],
    tmp_path: Path,
) -> None:
    """Accept, reject and edit by key in a real browser; the saved file changes the next dataset as
    it says.
    """
    before = build()
    page = Path(draw(session).result["page"])
    found = browse(
        page,
        """
        const box = d.querySelector('.judging'),
          shown = () => box.querySelector('article:not([hidden])');
        const blobs = []; w.URL.createObjectURL = blob => { blobs.push(blob); return 'blob:none' };
        w.HTMLAnchorElement.prototype.click = function () { found.file = this.download };
        const key = (name, more) =>
          (d.activeElement && box.contains(d.activeElement) ? d.activeElement : box)
          .dispatchEvent(new w.KeyboardEvent('keydown', { key: name, bubbles: true, ...more }));
        box.querySelector('[data-part=reviewer]').value = 'Ada';
        key('a'); key('r'); key('s'); key('e');
        found.open = !shown().querySelector('[data-part=edit]').hidden;
        const [question, answer] = shown().querySelectorAll('textarea');
        question.value = 'What keeps it safe?'; key('r'); key('Enter', { ctrlKey: true });
        key('e'); shown().querySelector('textarea').value = 'Never mind'; key('Escape');
        found.progress = box.querySelector('[data-part=progress]').value;
        found.width = d.documentElement.scrollWidth;
        found.alert = d.querySelectorAll('main script').length;
        box.querySelector('[data-part=save]').click();
        found.labels = await blobs[0].text();
    """,
    )
    assert (found["open"], found["progress"], found["file"]) == (
        True,
        "5 of 8, 3 judged",
        "example_review.jsonl",
    )
    assert found["width"] <= 390
    assert found["alert"] == 0
    saved = tmp_path / "example_review.jsonl"
    saved.write_text(found["labels"])
    by = {label["decision"]: label for label in map(json.loads, found["labels"].splitlines())}
    assert set(by) == {"accept", "reject", "edit"}
    assert take(session, [saved]).counts == {"taken": 3, "new": 3, "decisions": 3}
    assert take(session, [saved]).counts["new"] == 0
    after = build()
    old, new = rows(before), rows(after)
    assert by["reject"]["item_id"] in old.keys() - new.keys()
    edited = new[by["edit"]["item_id"]]["messages"]
    assert edited[1]["content"] == "What keeps it safe?"
    assert edited[2] == old[by["edit"]["item_id"]]["messages"][2]
    assert new[by["accept"]["item_id"]] == old[by["accept"]["item_id"]] | {
        "split": new[by["accept"]["item_id"]]["split"]
    }
    assert (
        after.counts["review_accept"],
        after.counts["review_edit"],
        after.counts["rejected_review"],
    ) == (1, 1, 1)
    assert build().status == "nothing_to_do"
    assert draw(session, again=True, size=9).counts == {"drawn": 1}


@pytest.mark.slow
def test_label_studio_both_ways(
    session: Session, build: Callable[[], Outcome], tmp_path: Path
) -> None:
    """Tasks as Label Studio reads them; its export comes back as decisions, without e-mail
    addresses.
    """
    build()
    tasks = json.loads(Path(draw(session, label_studio=True, size=4).result["page"]).read_text())
    assert len(tasks) == 4
    decided = ["accept", "reject", "edit"]
    for number, (task, word) in enumerate(zip(tasks, decided, strict=False), 1):
        result = [
            {
                "from_name": "decision",
                "to_name": "text",
                "type": "choices",
                "value": {"choices": [word]},
            }
        ]
        if word == "edit":
            result.append(
                {"from_name": "answer", "type": "textarea", "value": {"text": ["Shorter."]}}
            )
        by = {"id": 7, "email": "ada@corp.test"} if number == 1 else 7
        task["annotations"] = [
            {"completed_by": by, "result": result, "updated_at": "2026-01-01T00:00:00Z"},
            {"completed_by": 8, "was_cancelled": True, "result": result},
        ]
    export = tmp_path / "export.json"
    export.write_text(json.dumps(tasks))
    outcome = take(session, [export])
    assert outcome.counts["decisions"] == 3
    written = Path(str(outcome.artifact)).read_text()
    assert "ada@corp.test" not in written
    assert [json.loads(line)["reviewer"] for line in written.splitlines()] == ["label-studio-7"] * 3
    assert "Shorter." in {row["messages"][2]["content"] for row in rows(build()).values()}


@pytest.mark.parametrize(
    "text",
    [
        "[1]",
        "[",
        "[]",
        "{}\n",
        "",
        (
            '[{"data": {}, "annotations": [{"result": [{"from_name": "decision", '
            '"value": {"choices": ["accept"]}}]}]}]'
        ),
    ],
)
def test_rubbish_is_refused_by_name(session: Session, tmp_path: Path, text: str) -> None:
    """A file that holds no labels is named, and nothing is written."""
    path = tmp_path / "labels"
    path.write_text(text)
    with pytest.raises(InvalidInput) as caught:
        take(session, [path])
    assert str(path) in str(caught.value.where)
    assert not (session.workspace / "reviews" / "decisions.jsonl").exists()


@pytest.mark.slow
def test_labels_of_another_content_are_refused(
    session: Session, build: Callable[[], Outcome], tmp_path: Path
) -> None:
    """A label that names an example which its dataset does not have is a mismatch."""
    built = build()
    row = {
        "artifact": built.digest,
        "item_id": "nobody",
        "item_sha256": "0" * 64,
        "kind": "example_review",
        "decision": "accept",
        "value": 1,
        "note": "",
        "reviewer": "Ada",
        "at": "",
    }
    path = tmp_path / "labels.jsonl"
    path.write_text(json.dumps(row) + "\n")
    with pytest.raises(Mismatch):
        take(session, [path])
    with pytest.raises(MissingInput):
        draw(session, again=True)


def test_the_sample_is_spread_over_kinds() -> None:
    """Every kind has one at least, the rest goes by size, and the same seed draws the same rows."""
    assert allocate({"a": 100, "b": 10, "c": 1}, 12) == {"a": 9, "b": 2, "c": 1}
    assert allocate({"a": 5, "b": 3}, 1) == {"a": 1, "b": 0}
    assert sum(allocate({"a": 5, "b": 3, "c": 2}, 10).values()) == 10
    given = [{"id": str(n), "kind": "abc"[n % 97 % 3], "category": str(n % 4)} for n in range(300)]
    drawn = sample(given, 30, seed=1)
    assert drawn == sample(given[::-1], 30, seed=1) != sample(given, 30, seed=2)
    assert len(drawn) == 30
    assert min(Counter(row["kind"] for row in drawn).values()) >= 9
