"""Grading a dataset: what is counted, what a judge says, what people say, and what is written."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from secarch.artifact import claim, seal
from secarch.dedupe.examples.decisions import content_sha256
from secarch.dedupe.inspect.diff import diff
from secarch.errors import InvalidInput, MissingInput
from secarch.files import write_jsonl
from secarch.records import Outcome
from secarch.review.grade import Judge, grade, read_grade, rubric
from secarch.session import Session

GOOD = (
    "Set `http_tokens` to required, because a forged request cannot send the header that version 2 "
    "asks for. Running instances change without a restart, and old clients show up in the metric."
)


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return Session(workspace=tmp_path / "ws", seed=3)


def sealed(session: Session, name: str, answers: dict[str, list[str]]) -> Path:
    """A sealed dataset with these answers by family."""
    folder = session.datasets / name
    claim(folder, resume=False, fresh=False)
    rows = [
        {
            "id": f"{family}-{n}",
            "kind": family,
            "messages": [
                {"role": "system", "content": "s"},
                {"role": "user", "content": f"How do I close gap {n} of service {family}?"},
                {"role": "assistant", "content": answer},
            ],
        }
        for family, texts in answers.items()
        for n, answer in enumerate(texts)
    ]
    write_jsonl(folder / "train.jsonl", rows)
    for split in ("validation", "test"):
        write_jsonl(folder / f"{split}.jsonl", [])
    (folder / "README.md").write_text("# Card\n", encoding="utf-8")
    seal(
        folder,
        kind="dataset",
        parents=[],
        config={},
        counts={},
        files=["train.jsonl", "validation.jsonl", "test.jsonl"],
        outside=["README.md"],
        rows={"train.jsonl": len(rows), "validation.jsonl": 0, "test.jsonl": 0},
    )
    return folder


def dataset(session: Session, name: str = "one", bad: str = "As shown above:") -> Path:
    return sealed(session, name, {"fix": [f"{GOOD} Case {n}." for n in range(8)], "map": [bad] * 2})


@pytest.fixture
def judge() -> Iterator[tuple[str, list[Any]]]:
    """A server that thinks first, grades fixes 4, and gives no grade for the rest."""
    asked: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            self._send({"data": [{"id": "strict"}]})

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            asked.append(body)
            fits = "of service fix" in body["messages"][1]["content"]
            text = '<think>grade: 1?</think>{"why": "x", "grade": 4}' if fits else "I cannot say."
            self._send({"choices": [{"message": {"content": text}, "finish_reason": "stop"}]})

        def _send(self, body: object) -> None:
            raw = json.dumps(body).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}", asked
    server.shutdown()
    thread.join()
    server.server_close()


def found_in(outcome: Outcome) -> dict[str, Any]:
    given: dict[str, Any] = outcome.result["grade"]
    return given


@pytest.mark.slow
def test_defects_are_counted_over_all_rows_and_the_sample_holds_each_family(
    session: Session,
) -> None:
    """Drawn by seed; page, figures and card lie beside the sealed dataset."""
    folder = dataset(session)
    outcome = grade(session, dataset=None, size=5)
    found = found_in(outcome)
    assert outcome.counts == {"rows": 10, "defective": 2, "drawn": 5}
    assert found["defects"]["fix"]["defective"] == 0
    assert found["defects"]["map"]["reasons"]
    assert sum(found["drawn"].values()) == 5
    assert set(found["drawn"]) == {"fix", "map"}
    place = session.grades / "one"
    assert "Close" not in (place / "page.html").read_text()
    assert (place / "page.html").read_text().count("<article") == 5
    assert "20.00%" in (place / "report.html").read_text()
    card = (place / "README.md").read_text()
    assert card.startswith("# Card")
    assert "Mechanical defects: 20.00% of 10 rows." in card
    assert "Reading level of the drawn answers: Flesch-Kincaid grade " in card
    assert found["reading_level"]["answers"] == 5
    assert (folder / "README.md").read_text() == "# Card\n"
    again = grade(session, dataset=folder, size=5)
    assert (place / "page.html").read_text().count("<article") == 5
    assert found_in(again) == found


def test_nothing_is_written_in_a_dry_run_and_nothing_graded_without_rows(session: Session) -> None:
    """It says how often a judge would be asked."""
    dataset(session)
    dry = Session(workspace=session.workspace, dry_run=True)
    outcome = grade(dry, dataset=None, size=4, judge=Judge("http://127.0.0.1:9"))
    assert outcome.result == {"dry_run": True, "drawn": 4, "asked": 4}
    assert not session.grades.exists()
    empty = sealed(session, "empty", {})
    with pytest.raises(MissingInput, match="nothing to grade"):
        grade(session, dataset=empty, size=4)


@pytest.mark.slow
def test_a_judge_is_asked_once_for_each_row(session: Session, judge: tuple[str, list[Any]]) -> None:
    """Thought is no grade, an abstention is counted, and the rubric of the family is in the
    prompt.
    """
    url, asked = judge
    dataset(session)
    found = found_in(grade(session, dataset=None, size=10, judge=Judge(url)))
    assert found["judge"] == "strict"
    assert found["judged"]["fix"]["mean"] == 4.0
    assert (found["judged"]["map"]["graded"], found["judged"]["map"]["abstained"]) == (0, 2)
    assert found["judged"]["all"]["usable"] == 1.0
    assert len(asked) == 10
    systems = {body["messages"][0]["content"] for body in asked}
    assert len(systems) == 2
    assert any(rubric()["fix"]["look"] in system for system in systems)
    grade(session, dataset=None, size=10, judge=Judge(url))
    assert len(asked) == 10


def labels_of(session: Session, path: Path, grades: list[tuple[str, int, str]]) -> Path:
    """Saved grades (item, grade, reviewer) of the dataset "one"."""
    rows = {}
    for line in (session.datasets / "one" / "train.jsonl").read_text().splitlines():
        row = json.loads(line)
        rows[row["id"]] = content_sha256(*(m["content"] for m in row["messages"][1:]))
    write_jsonl(
        path,
        (
            {
                "artifact": "x",
                "item_id": item,
                "item_sha256": rows.get(item, "0" * 64),
                "kind": "grade",
                "decision": "grade",
                "value": value,
                "reviewer": who,
                "at": "2026-01-01T00:00:00Z",
            }
            for item, value, who in grades
        ),
    )
    return path


def test_people_s_grades_are_taken_in_and_their_agreement_told(
    session: Session, tmp_path: Path
) -> None:
    """From several files, each once; a second reader of a row counts for the agreement."""
    dataset(session)
    one = labels_of(session, tmp_path / "a.jsonl", [("fix-0", 5, "r1"), ("fix-1", 3, "r1")])
    two = labels_of(session, tmp_path / "b.jsonl", [("fix-0", 4, "r2"), ("map-0", 1, "r2")])
    grade(session, dataset=None, size=5, taken=[one])
    found = found_in(grade(session, dataset=None, size=5, taken=[two, one]))
    assert found["people"]["fix"]["mean"] == 4.0
    assert found["people"]["all"]["worst"] == 0.25
    assert (found["agreement"]["rows"], found["agreement"]["within_one"]) == (1, 1.0)
    assert found["agreement"]["exact"] == 0.0
    assert "People" in (session.grades / "one" / "README.md").read_text()


@pytest.mark.slow
def test_the_page_is_graded_by_keyboard(
    session: Session, browse: Callable[[Path, str], dict[str, Any]], tmp_path: Path
) -> None:
    """In a real browser, on a narrow screen; what it saves is taken in."""
    dataset(session)
    page = Path(grade(session, dataset=None, size=4).result["page"])
    found = browse(
        page,
        """
        const box = d.querySelector('.judging');
        const blobs = []; w.URL.createObjectURL = blob => { blobs.push(blob); return 'blob:none' };
        w.HTMLAnchorElement.prototype.click = function () { found.file = this.download };
        const key = name =>
          (d.activeElement && box.contains(d.activeElement) ? d.activeElement : box)
          .dispatchEvent(new w.KeyboardEvent('keydown', { key: name, bubbles: true }));
        box.querySelector('[data-part=reviewer]').value = 'r1';
        key('4'); key('5'); key('s');
        found.width = d.documentElement.scrollWidth;
        box.querySelector('[data-part=save]').click();
        found.labels = await blobs[0].text();
    """,
    )
    assert found.get("error") is None
    assert found["width"] <= 390
    saved = tmp_path / "grade.jsonl"
    saved.write_text(found["labels"])
    told = found_in(grade(session, dataset=None, size=4, taken=[saved]))
    assert told["people"]["all"]["graded"] == 2
    assert told["people"]["all"]["mean"] == 4.5


def test_grades_off_the_scale_or_of_other_rows_are_refused(
    session: Session, tmp_path: Path
) -> None:
    """With the item named."""
    dataset(session)
    for grades, what in (([("fix-0", 6, "r")], "1 to 5"), ([("other", 4, "r")], "does not have")):
        with pytest.raises(InvalidInput, match=what):
            grade(
                session,
                dataset=None,
                size=5,
                taken=[labels_of(session, tmp_path / "l.jsonl", grades)],
            )
    assert not (session.grades / "one" / "labels.jsonl").exists()


@pytest.mark.parametrize(
    ("reply", "wanted"),
    [
        ('{"why": "x", "grade": 3}', 3),
        ('```json\n{"grade": 5, "why": "y"}\n```', 5),
        ("On a scale of 1 to 5 this is good. Grade: 4", 4),
        ("grade is **2**", 2),
        ("<think>grade: 5</think>", None),
        ('{"grade": 9}', None),
        ('{"grade": true}', None),
        ("On a scale of 1 to 5 this is a nice one", None),
        ("", None),
    ],
)
def test_a_grade_is_read_from_what_judges_write(reply: str, wanted: int | None) -> None:
    """Never a number of the scale's own description."""
    assert read_grade(reply) == wanted


def test_a_comparison_shows_how_grades_moved(session: Session) -> None:
    """Only where both sides differ; a dataset that was not graded has none."""
    before, after = dataset(session), dataset(session, "two", f"{GOOD} It is mapped.")
    assert diff(before, after).result["grades"] == {}
    grade(session, dataset=before, size=5)
    grade(session, dataset=after, size=5)
    outcome = diff(before, after)
    assert outcome.result["grades"] == {"defective": [0.2, 0.0]}
    assert any("grades defective" in line for line in outcome.shown)
