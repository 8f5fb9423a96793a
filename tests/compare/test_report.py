"""The comparison's page over the real suite: evidence beside the answers, and a real browser."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from secarch.artifact import open_artifact
from secarch.compare.config import CompareConfig
from secarch.compare.inputs.pairs import read
from secarch.compare.pages import evidence as judged
from secarch.compare.pages.evidence import points, questions, spans, statements
from secarch.compare.stage import run as compare
from secarch.danger import safety
from secarch.evaluate.config import EvalConfig
from secarch.evaluate.rubric.grade import Finding, Grade
from secarch.evaluate.rubric.likeness import SAYS_SO
from secarch.session import Session
from secarch.suite.schema import Question, load

Make = Callable[..., Path]
CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)


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
    base = evaluation(
        "base", metrics={"rubric": [0.0] * 20}, texts=["Ask somebody else."] * 20, **made
    )
    tuned = evaluation(
        "tuned", metrics={"rubric": [0.8 + 0.01 * i for i in range(20)]}, texts=said, **made
    )
    return base, tuned


@pytest.fixture
def page(sides: tuple[Path, Path], session: Session) -> Path:
    """The report of their comparison."""
    outcome = compare(
        CompareConfig(draws=500, note="Made by hand."),
        EvalConfig(),
        session,
        base="",
        tuned=[],
        evaluations=sides,
    )
    return Path(outcome.result["report"])


def test_points_show_where_each_answer_meets_them(asked: list[Question]) -> None:
    """The reference meets nearly all points with a quotation; an idle answer meets none."""
    found = points(asked[0], "Ask somebody else.", asked[0].reference)
    assert not any(point.base for point in found)
    assert sum(bool(point.tuned) for point in found) >= len(found) - 1


@pytest.mark.slow
def test_flips_show_question_answers_and_points(page: Path, asked: list[Question]) -> None:
    """The question is asked in the page, and its key points stand under the answers."""
    html = page.read_text()
    assert html.count('data-direction="beneficial"') == 20
    assert html.count("data-largest") == 10
    assert "Ask somebody else." in html
    assert "key point" in html


def test_matched_spans_stand_in_the_flips(page: Path, asked: list[Question]) -> None:
    """flips.jsonl says where each answer meets key points: nearly all of the references do, no idle
    answer does.
    """
    rows = list(open_artifact(page.parent).rows("flips.jsonl"))
    assert len(rows) >= 15
    assert all(row["base_spans"] == [] for row in rows)
    found = [row for row in rows if row["tuned_spans"]]
    assert len(found) >= 0.9 * len(rows)
    assert all(0 <= a < b <= len(row["tuned_text"]) for row in found for a, b in row["tuned_spans"])


def test_evidence_is_marked_inside_the_answer(asked: list[Question], page: Path) -> None:
    """Nearly every point that is met is marked where the answer says it, and marking changes no
    character.
    """
    met = placed = 0
    for question in asked:
        for point in points(question, "", question.reference):
            met += bool(point.tuned)
            placed += bool(spans(question.reference, [(point.tuned, point.tuned_hits)]))
    assert met > 80
    assert placed >= 0.95 * met
    quotes = re.findall(
        r'<blockquote dir="auto">(.*?)</blockquote>', page.read_text(), flags=re.DOTALL
    )
    marked = [unescape(re.sub("<[^>]+>", "", quote)) for quote in quotes if "<mark" in quote]
    assert len(marked) == 20
    assert set(marked) <= {question.reference for question in asked}


@pytest.mark.parametrize(
    ("answer", "quoted", "hit", "found"),
    [
        ("Use **MFA** for all.", "use mfa for all.", (4, 7), ["MFA"]),
        ("Never MFA here. Use MFA for root users.", "use mfa for root users.", (4, 7), ["MFA"]),
        (
            "- Rotate\n  keys every *90* days",
            "...tate keys every 90 days",
            (8, 26),
            ["keys every *90* days"],
        ),
        ("Elsewhere it says MFA.", "a lead that is far away: mfa", (25, 28), []),
        (
            "\u0130stanbul keys rotate often",
            "i\u0307stanbul keys rotate often",
            (10, 21),
            ["keys rotate"],
        ),
        ("", "mfa", (0, 3), []),
        ("Use MFA.", "", (0, 0), []),
    ],
)
def test_quotations_are_found_by_their_letters(
    answer: str, quoted: str, hit: tuple[int, int], found: list[str]
) -> None:
    """Case, markup and line breaks do not matter; a short hit alone is not taken for the one that
    was graded.
    """
    assert [answer[start:end] for start, end in spans(answer, [(quoted, [hit])])] == found


def test_of_a_long_match_the_ends_are_marked(asked: list[Question]) -> None:
    """A pattern that runs over a whole paragraph does not paint it all."""
    words = "alpha " + "and so on " * 30 + "omega"
    point = (
        asked[0].key_points[0].model_copy(update={"any_of": ("alpha.{0,400}omega",), "all_of": ()})
    )
    question = asked[0].model_copy(update={"key_points": (point,)})
    (found,) = points(question, "", f"You must use {words}.")
    assert found.tuned
    assert all(end - start <= 60 for start, end in found.tuned_hits)
    assert len(found.tuned_hits) == 2


def test_a_point_met_by_similarity_is_marked_where_it_stands(
    asked: list[Question], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No pattern matches in it, and its evidence begins with words that no answer has."""
    answer = "First rotate the keys that the build could read. Then remove them from the image."
    quoted = SAYS_SO + "rotate the keys that the build could read."
    point = asked[0].key_points[0]
    found = Finding(point.id, point.text, 1, False, True, quoted, "")
    result = Grade(1.0, 1.0, (found,) * len(asked[0].points), ())
    monkeypatch.setattr(judged, "grade", lambda *_: result)
    shown = points(asked[0], "", answer)[0]
    (span,) = spans(answer, [(shown.tuned, shown.tuned_hits)])
    assert answer[slice(*span)] == "rotate the keys that the build could read"


def test_questions_of_another_content_are_not_taken_for_these(
    session: Session, evaluation: Make
) -> None:
    """Evidence is drawn only for the very question that was asked."""
    other = evaluation(
        "other", metrics={"rubric": [0.0] * 12}, ids=[q.id for q in load(["core"]).questions[:12]]
    )
    known = questions(["core"], smoke=False)
    assert not known.keys() & read(other).questions


def test_a_suite_that_is_gone_gives_no_evidence_and_no_error() -> None:
    """Figures do not need the questions."""
    assert questions(["no-such-suite"], smoke=False) == {}


def test_must_nots_are_quoted(asked: list[Question], evaluation: Make) -> None:
    """The common wrong answers hold critical must-nots of the suite; each is quoted with its
    rule.
    """
    known = {(q.id, q.sha256): q for q in asked}
    made: dict[str, Any] = {"ids": [q.id for q in asked], "shas": [q.sha256 for q in asked]}
    arm = read(
        evaluation("wrong", metrics={"rubric": [0.0] * 20}, texts=[q.wrong for q in asked], **made)
    )
    found = statements(known, base=arm)
    rules = {item.text for q in asked for item in q.must_not if item.severity == "critical"}
    detected = {d.rule for q in asked for d in safety.examine(q.wrong) if d.severity == "critical"}
    assert rules & {row.rule for row in found}
    assert {row.rule for row in found} <= rules | detected
    assert all(row.quoted and row.side == "base" for row in found)


def test_dangerous_code_is_quoted(evaluation: Make) -> None:
    """Where the suite is not at hand the detectors still see the code."""
    bad = "```json\n" + '{"Effect": "Allow", "Action": "*", "Resource": "*"}' + "\n```"
    arm = read(evaluation("bad", metrics={"rubric": [0.0] * 12}, texts=[bad] * 12))
    found = statements({}, tuned=arm)
    assert len(found) == 12
    assert {row.side for row in found} == {"tuned"}


browser = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")


@pytest.mark.browser
@browser
def test_the_page_opens_in_a_browser(page: Path, tmp_path: Path, browse: Any) -> None:
    """On a phone's width nothing scrolls sideways, details open on a click, the verdict is the
    first badge.
    """
    found = browse(
        page,
        """
        const first = d.querySelector('#flips details');
        first.querySelector('summary').click();
        found.width = d.documentElement.scrollWidth; found.open = first.open;
        found.word = d.querySelector('.badge').textContent;
        await new Promise(go => setTimeout(go, 50));
        found.marks = first.querySelectorAll('mark').length;
    """,
    )
    assert found["width"] <= 390
    assert (found["open"], found["word"]) == (True, "BETTER")
    assert found["marks"] > 2


@pytest.mark.browser
@browser
def test_flips_are_sorted_and_filtered(
    page: Path, asked: list[Question], tmp_path: Path, browse: Any
) -> None:
    """The largest changes come first; all, one category, another order and a text can be asked
    for.
    """
    found = browse(
        page,
        """
        const [show, category, order, find]
          = d.querySelectorAll('#flip-controls select, #flip-controls input');
        const rows = () => [...d.querySelectorAll('#flips details')].filter(row => !row.hidden);
        const set = (field, value) => { field.value = value;
          field.dispatchEvent(new w.Event('input')) };
        found.largest = rows().length;
        set(show, 'all'); found.all = rows().length;
        set(order, 'best'); found.best = rows().map(row => +row.dataset.gain);
        set(order, 'id'); found.ids = rows().map(row => row.dataset.id);
        set(category, category.options[1].value);
        found.category = rows().map(row => row.dataset.category);
        found.name = category.value; set(category, '');
        set(find, found.ids[3]);
        found.said = d.querySelector('#flip-controls output').value; set(find, '');
        set(show, 'harmful'); found.harmful = rows().length;
    """,
    )
    assert (found["largest"], found["all"], found["harmful"]) == (10, 20, 0)
    assert found["best"] == sorted(found["best"], reverse=True)
    assert found["ids"] == sorted(q.id for q in asked)
    assert found["category"] == [found["name"]] * sum(q.category == found["name"] for q in asked)
    assert found["said"] == "1 of 20 shown"


@pytest.mark.browser
@browser
def test_answers_are_judged_blinded_and_exported(
    page: Path, sides: tuple[Path, Path], session: Session, tmp_path: Path, browse: Any
) -> None:
    """Buttons and keys choose; the saved file folds back in as preferences for base and tuned."""
    found = browse(
        page,
        """
        const box = d.querySelector('.judging'),
          part = name => box.querySelector(`[data-part=${name}]`);
        const shown = () => box.querySelector('article:not([hidden])');
        const blobs = []; w.URL.createObjectURL = blob => { blobs.push(blob); return 'blob:none' };
        w.HTMLAnchorElement.prototype.click = function () { found.file = this.download };
        const key = name => box.dispatchEvent(new w.KeyboardEvent('keydown',
          { key: name, bubbles: true }));
        part('reviewer').value = 'Ada';
        found.text = box.innerHTML.match(/\\b(base model|tuned)\\b|="base"/gi);
        // Always the reference, wherever it stands: the tuned model's answer.
        // Every fifth one is called equal.
        for (let n = 0; shown(); n++) {
          const [a] = shown().querySelectorAll('blockquote'),
            first = !a.textContent.includes('Ask somebody else');
          if (n % 5 === 4) key('e');
          else if (n % 2) key(first ? 'a' : 'b');
          else box.querySelector(`[data-choice=${first ? 'first' : 'second'}]`).click();
        }
        found.end = !part('end').hidden;
        key('ArrowLeft'); key('s');
        found.progress = part('progress').value;
        part('save').click();
        found.labels = await blobs[0].text();
        found.copy = part('labels').value;
    """,
    )
    assert found["text"] is None
    assert (found["end"], found["file"], found["progress"]) == (
        True,
        "blind_preference.jsonl",
        "20 of 20, 19 judged",
    )
    assert found["copy"] == found["labels"]
    labels = tmp_path / "labels.jsonl"
    labels.write_text(found["labels"])
    rows = [json.loads(line) for line in found["labels"].splitlines()]
    assert (
        list(rows[0]) == "artifact item_id item_sha256 kind decision value note reviewer at".split()
    )
    assert {row["decision"] for row in rows} == {"first", "second", "equal"}
    outcome = compare(
        CompareConfig(draws=500),
        EvalConfig(),
        session,
        base="",
        tuned=[],
        evaluations=sides,
        labels=labels,
    )
    record = json.loads((Path(str(outcome.artifact)) / "comparison.json").read_text())
    read = record["judgements"][0]
    assert (read["reviewer"], read["n"], read["for_base"]) == ("Ada", 19, 0)
    assert read["for_tuned"] + read["equal"] == 19
    assert read["agree"] == read["for_tuned"] >= 15
    assert read["mid_p"] == pytest.approx(2.0 ** -read["for_tuned"])


@pytest.mark.browser
@browser
def test_no_script_but_the_pages_own_runs(page: Path, tmp_path: Path, browse: Any) -> None:
    """The policy stops a script that slipped in, inline or as a handler."""
    broken = tmp_path / "in" / "report.html"
    broken.parent.mkdir()
    slipped = (
        "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
    )
    broken.write_text(page.read_text().replace("<main>", f"<main>{slipped}"))
    found = browse(
        broken,
        """
        await new Promise(go => setTimeout(go, 100));
        found.title = d.title; found.script = !d.getElementById('flip-controls').hidden;
    """,
    )
    assert found == {"title": "Is the tuned model better than its base?", "script": True}


@pytest.mark.slow
def test_the_artifact_seals_the_page(page: Path) -> None:
    """The page is hashed against tampering and stands outside the digest."""
    entries = {entry.path: entry for entry in open_artifact(page.parent).manifest.files}
    assert entries["report.html"].content is None
    assert entries["comparison.json"].content
