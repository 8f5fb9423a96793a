"""The comparison's page over the real suite: evidence beside the answers, and a real browser."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from secarch.artifact import open_artifact
from secarch.compare.config import CompareConfig
from secarch.compare.evidence import points, questions, statements
from secarch.compare.pairs import read
from secarch.compare.run import compare
from secarch.evaluate.config import EvalConfig
from secarch.session import Session
from secarch.suite import Question, load

Make = Callable[..., Path]
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.fixture(scope="module")
def asked() -> list[Question]:
    """Twenty open questions of the built-in suite."""
    return [question for question in load(["core"]).questions if question.key_points][:20]


@pytest.fixture
def sides(asked: list[Question], evaluation: Make) -> tuple[Path, Path]:
    """A base that says nothing of use, and a tuned model that knows the references."""
    made: dict[str, Any] = {"ids": [q.id for q in asked], "categories": [q.category for q in asked]}
    made["shas"] = [q.sha256 for q in asked]
    said = [q.reference for q in asked]
    base = evaluation("base", metrics={"rubric": [0.0] * 20}, texts=["Ask somebody else."] * 20, **made)
    tuned = evaluation("tuned", metrics={"rubric": [0.8 + 0.01 * i for i in range(20)]}, texts=said, **made)
    return base, tuned


@pytest.fixture
def page(sides: tuple[Path, Path], session: Session) -> Path:
    """The report of their comparison."""
    outcome = compare(
        CompareConfig(draws=500, note="Made by hand."), EvalConfig(), session, base="", tuned=[], evaluations=sides
    )
    return Path(outcome.result["report"])


def test_points_show_where_each_answer_meets_them(asked: list[Question]) -> None:
    """The reference meets nearly all points with a quotation; an idle answer meets none."""
    found = points(asked[0], "Ask somebody else.", asked[0].reference)
    assert not any(point.base for point in found)
    assert sum(bool(point.tuned) for point in found) >= len(found) - 1


def test_flips_show_question_answers_and_points(page: Path, asked: list[Question]) -> None:
    """The question is asked in the page, and its key points stand under the answers."""
    html = page.read_text()
    assert html.count("<details>") == 11
    assert "Ask somebody else." in html
    assert "key point" in html


def test_questions_of_another_content_are_not_taken_for_these(session: Session, evaluation: Make) -> None:
    """Evidence is drawn only for the very question that was asked."""
    other = evaluation("other", metrics={"rubric": [0.0] * 12}, ids=[q.id for q in load(["core"]).questions[:12]])
    known = questions(["core"], smoke=False)
    assert not known.keys() & read(other).questions


def test_a_suite_that_is_gone_gives_no_evidence_and_no_error() -> None:
    """Figures do not need the questions."""
    assert questions(["no-such-suite"], smoke=False) == {}


def test_must_nots_are_quoted(asked: list[Question], evaluation: Make) -> None:
    """The common wrong answers hold critical must-nots of the suite; each is quoted with its rule."""
    known = {(q.id, q.sha256): q for q in asked}
    made: dict[str, Any] = {"ids": [q.id for q in asked], "shas": [q.sha256 for q in asked]}
    arm = read(evaluation("wrong", metrics={"rubric": [0.0] * 20}, texts=[q.wrong for q in asked], **made))
    found = statements(known, base=arm)
    rules = {item.text for q in asked for item in q.must_not if item.severity == "critical"}
    assert found
    assert {row.rule for row in found} <= rules
    assert all(row.quoted and row.side == "base" for row in found)


def test_dangerous_code_is_quoted(evaluation: Make) -> None:
    """Where the suite is not at hand the detectors still see the code."""
    bad = "```json\n" + '{"Effect": "Allow", "Action": "*", "Resource": "*"}' + "\n```"
    arm = read(evaluation("bad", metrics={"rubric": [0.0] * 12}, texts=[bad] * 12))
    found = statements({}, tuned=arm)
    assert len(found) == 12
    assert {row.side for row in found} == {"tuned"}


PROBE = """<!doctype html><title>none</title><iframe id=f style="border:0;width:390px;height:900px"></iframe><script>
f.onload = () => { const d = f.contentDocument, first = d.querySelector('details');
  first.querySelector('summary').click();
  document.title = [d.documentElement.scrollWidth, first.open, d.querySelector('.badge').textContent].join(' ') };
f.src = 'report.html';</script>"""


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")
def test_the_page_opens_in_a_browser(page: Path, tmp_path: Path) -> None:
    """On a phone's width nothing scrolls sideways, details open on a click, the verdict is the first badge."""
    probe = tmp_path / "probe.html"
    probe.write_text(PROBE)
    shutil.copy(page, tmp_path / "report.html")
    command = [
        str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync", "--dump-dom",
        "--allow-file-access-from-files", "--virtual-time-budget=3000", f"--user-data-dir={tmp_path / 'profile'}",
        f"file://{probe}",
    ]  # fmt: skip
    dom = subprocess.run(command, capture_output=True, text=True, timeout=90, check=True).stdout
    found = re.search(r"<title>(\d+) (\w+) (\w+)</title>", dom)
    assert found, dom[:500]
    assert int(found[1]) <= 390
    assert (found[2], found[3]) == ("true", "BETTER")


def test_the_artifact_seals_the_page(page: Path) -> None:
    """The page is hashed against tampering and stands outside the digest."""
    entries = {entry.path: entry for entry in open_artifact(page.parent).manifest.files}
    assert entries["report.html"].content is None
    assert entries["comparison.json"].content
