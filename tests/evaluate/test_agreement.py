"""People's labels judge the judges: kappa and F1 by category and by kind of statement, for what
they saw and nothing else.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from statsmodels.stats.inter_rater import cohens_kappa

from secarch.cli.models import _judged
from secarch.errors import InvalidInput, Mismatch
from secarch.evaluate.config import EvalConfig
from secarch.evaluate.stage import run as evaluate
from secarch.review.agreement import Rated, agree, measures
from secarch.review.statements import draw
from secarch.session import Session


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return Session(workspace=tmp_path / "w")


@pytest.fixture
def done(suite_file: Path, session: Session, loopback: Any) -> Path:
    """Answers that require MFA: k1 of the identity question is met, nothing else."""
    config = EvalConfig(
        suites=(str(suite_file),), concurrency=2, retries=0, timeout_s=5, likelihood=False
    )
    return Path(str(evaluate(config, session, model=loopback.url, base="unused").artifact))


def rated(both: int, machine: int, people: int, neither: int) -> list[Rated]:
    """So many statements of each kind, each of a question of its own."""
    kinds = [(True, True)] * both + [(True, False)] * machine
    kinds += [(False, True)] * people + [(False, False)] * neither
    return [Rated(*kind, str(number)) for number, kind in enumerate(kinds)]


def labelled(tmp_path: Path, *rows: str) -> Path:
    path = tmp_path / "labels.csv"
    path.write_text("\n".join(["question_id,point_id,met,reviewer", *rows]) + "\n")
    return path


def table(outcome: Any) -> dict[tuple[str, str], dict[str, Any]]:
    return {(row["category"], row["layer"]): row for row in outcome.result["agreement"]}


def test_kappa_and_f1_against_the_formulas() -> None:
    """20 yes-yes, 5 yes-no, 10 no-yes, 15 no-no: kappa 0.4 (Cohen's own example), F1 40/55."""
    found = measures(rated(20, 5, 10, 15))
    assert (found["n"], found["kappa"], found["f1"]) == (50, 0.4, round(40 / 55, 4))
    assert (found["share"], found["trusted"], found["few"]) == (0.7, False, False)
    assert (found["too_kind"], found["too_strict"]) == (5, 10)
    warned = measures(rated(20, 5, 10, 15), good=False)
    assert (warned["too_kind"], warned["too_strict"]) == (10, 5), "a yes speaks against the answer"
    assert measures(rated(0, 0, 0, 3))["f1"] is None


@pytest.mark.parametrize("counts", [(3, 0, 0, 0), (3, 2, 0, 0), (3, 0, 2, 0)])
def test_there_is_no_kappa_where_one_side_always_says_the_same(
    counts: tuple[int, int, int, int],
) -> None:
    """It would be 0 whatever they agree on; the share says what there is."""
    found = measures(rated(*counts))
    assert (found["kappa"], found["kappa_low"], found["kappa_high"]) == (None, None, None)
    assert found["share"] == round(3 / sum(counts), 4)
    assert not found["trusted"]


def test_kappa_s_interval_is_near_the_asymptotic_one() -> None:
    """Of independent statements; seeded, and nearly that of Fleiss, Cohen and Everitt (1969)."""
    found = measures(rated(80, 20, 40, 60), seed=3)
    theirs = cohens_kappa([[80, 20], [40, 60]])
    assert found["kappa"] == pytest.approx(theirs.kappa)
    assert found["kappa_low"] == pytest.approx(theirs.kappa_low, abs=0.02)
    assert found["kappa_high"] == pytest.approx(theirs.kappa_upp, abs=0.02)
    assert found == measures(rated(80, 20, 40, 60), seed=3)


def test_statements_of_one_question_are_drawn_together() -> None:
    """Four that always agree are as good as one; one question alone gives no interval."""
    one = rated(6, 2, 3, 9)
    once, fourfold = measures(one), measures(one * 4)
    assert (once["n"], fourfold["n"], fourfold["questions"]) == (20, 80, 20)
    assert [fourfold[name] for name in ("kappa_low", "kappa_high")] == [
        once[name] for name in ("kappa_low", "kappa_high")
    ]
    alone = measures([each._replace(question="q") for each in one])
    assert (alone["kappa_low"], alone["few"]) == (None, True)


def test_where_nothing_differs_the_interval_is_what_so_few_leave_open() -> None:
    """No resample of ten questions differs either, and an eleventh might."""
    few, many = measures(rated(5, 0, 0, 5)), measures(rated(50, 0, 0, 50))
    assert (few["kappa"], few["kappa_high"]) == (1.0, 1.0)
    assert few["kappa_low"] == pytest.approx(1 - 2 * (1 - 0.025 ** (1 / 10)), abs=1e-4)
    assert many["kappa_low"] > 0.9


def test_labels_from_a_table(done: Path, suite_file: Path, tmp_path: Path) -> None:
    """The matcher agrees on one of two categories."""
    rows = ("iam-0001,k1,yes,x", "iam-0001,k2,no,x", "aws-0001,k1,1,x", "aws-0001,k2,0,x")
    found = table(
        agree(
            evaluation=done,
            suites=[str(suite_file)],
            files=[labelled(tmp_path, *rows)],
        )
    )
    assert (found["iam", "matcher"]["kappa"], found["iam", "matcher"]["f1"]) == (1.0, 1.0)
    assert found["aws", "matcher"]["too_strict"] == 1
    assert found["all", "matcher"]["n"] == 4
    assert ("all", "judge") not in found


def test_the_page_s_labels_are_read_back(
    done: Path, suite_file: Path, session: Session, tmp_path: Path
) -> None:
    """Its items carry the hash of what is shown; two reviewers who differ are counted as tied."""
    page = Path(draw(session, done, [str(suite_file)], size=10).result["page"])
    items = re.findall(r'data-id="([^"]+)" data-sha256="([0-9a-f]{64})"', page.read_text())
    assert len(items) == 5
    path = tmp_path / "labels.jsonl"
    row = {"artifact": "x", "kind": "key_point", "value": 1, "decision": "met", "at": "2026-01-01"}
    lines = [{**row, "item_id": i, "item_sha256": s, "reviewer": "a"} for i, s in items]
    lines.append({**lines[0], "reviewer": "b", "decision": "missed", "value": 0})
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    outcome = agree(evaluation=done, suites=[str(suite_file)], files=[path])
    assert outcome.counts == {"labels": 6, "points": 5, "must_nots": 0, "tied": 1}
    assert outcome.result["people"]["items"] == 1
    assert outcome.result["labels"] == {"key_point": 6, "must_not": 0}


@pytest.mark.parametrize(
    ("row", "error"),
    [("iam-0001,k9,1,x", Mismatch), ("iam-0001,k1,perhaps,x", InvalidInput)],
)
def test_labels_that_fit_nothing_are_named(
    done: Path, suite_file: Path, tmp_path: Path, row: str, error: type[Exception]
) -> None:
    """By file and line."""
    with pytest.raises(error, match=r"labels\.csv:2"):
        agree(evaluation=done, suites=[str(suite_file)], files=[labelled(tmp_path, row)])


def test_a_table_without_its_columns_is_refused(
    done: Path, suite_file: Path, tmp_path: Path
) -> None:
    """The missing ones are named."""
    path = tmp_path / "l.csv"
    path.write_text("question,met\nx,1\n")
    with pytest.raises(InvalidInput, match="point_id, question_id"):
        agree(evaluation=done, suites=[str(suite_file)], files=[path])


def test_a_label_of_another_answer_is_refused(done: Path, suite_file: Path, tmp_path: Path) -> None:
    """A decision counts for what was seen."""
    path = tmp_path / "labels.jsonl"
    row = {
        "artifact": "x",
        "kind": "key_point",
        "value": 1,
        "decision": "met",
        "item_id": "iam-0001/k1",
    }
    path.write_text(json.dumps({**row, "item_sha256": "0" * 64}) + "\n")
    with pytest.raises(Mismatch, match="another answer"):
        agree(evaluation=done, suites=[str(suite_file)], files=[path])


def test_questions_that_were_not_asked_are_no_part_of_it(
    done: Path, suite_file: Path, session: Session, tmp_path: Path
) -> None:
    """A part of a suite may be evaluated; another suite is refused, and so is a changed
    question.
    """
    text = suite_file.read_text()
    more = tmp_path / "more.yaml"
    more.write_text(text + text.replace("-0001", "-0091").replace("-0002", "-0092"))
    assert draw(session, done, [str(more)], size=10).counts["drawn"] == 5
    more.write_text(text.replace("-0001", "-0091").replace("-0002", "-0092"))
    with pytest.raises(Mismatch, match="other questions"):
        draw(session, done, [str(more)], size=10)
    more.write_text(text.replace("Sixty", "Fifty"))
    with pytest.raises(Mismatch, match="has changed"):
        draw(session, done, [str(more)], size=10)


# ---------------------------------------------------------------- by kind of statement

WARNING = (
    "Never make the bucket public. Turn on Block Public Access for the account. "
    "We are exposed if nobody enforces MFA. Replace keys by roles."
)
"""Raises a must-not that it does not advise, and has a cue beside one key point."""


@pytest.fixture
def judged(suite_file: Path, session: Session, loopback: Any) -> Path:
    """An evaluation of a warning; the judge takes it for advice, and has no verdict on MFA."""

    def behave(asked: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
        last = asked["messages"][1]["content"] if len(asked["messages"]) > 1 else ""
        _, asks, point = last.rpartition("\nPoint: ")
        if not asks:
            return loopback.say(WARNING)(asked)
        said = {"met": "public" in point, "quote": "Never make the bucket public"}
        text = "Hard to say." if "MFA" in point else json.dumps(said)
        return loopback.say(text)(asked)

    loopback.usual = behave
    config = EvalConfig(
        suites=(str(suite_file),),
        concurrency=2,
        retries=0,
        timeout_s=5,
        likelihood=False,
        judge_url=loopback.url,
    )
    return Path(str(evaluate(config, session, model=loopback.url, base="unused").artifact))


def articles(page: Path) -> list[dict[str, str]]:
    """What a page offers: id, hash, kind and text of each."""
    form = (
        r'<article data-id="(?P<item_id>[^"]+)" data-sha256="(?P<item_sha256>\w+)"'
        r' data-kind="(?P<kind>\w+)">(?P<text>.*?)</article>'
    )
    return [found.groupdict() for found in re.finditer(form, page.read_text(), re.DOTALL)]


def test_must_nots_that_are_raised_are_drawn_beside_key_points(
    judged: Path, suite_file: Path, session: Session
) -> None:
    """Each with its own question, in turns, and with nothing that a machine made of it."""
    drawn = draw(session, judged, [str(suite_file)], size=10)
    assert drawn.counts == {"drawn": 6, "must_nots": 1}
    offered = {item["item_id"]: item for item in articles(Path(drawn.result["page"]))}
    assert {i for i, item in offered.items() if item["kind"] == "must_not"} == {"aws-0001/m1"}
    assert "Does the answer itself advise or claim this?" in offered["aws-0001/m1"]["text"]
    assert "Does the answer make this point?" in offered["aws-0001/k1"]["text"]
    for item in offered.values():
        shown = re.sub("<[^>]+>", " ", item["text"]).replace(item["item_id"], "")
        assert not re.search(r"little|denied|Hard to say|severity|critical", shown)
    few = draw(session, judged, [str(suite_file)], size=3)
    kinds = {(i["item_id"][:3], i["kind"]) for i in articles(Path(few.result["page"]))}
    assert kinds == {("aws", "key_point"), ("aws", "must_not"), ("iam", "key_point")}


def test_agreement_is_told_by_kind_of_statement(
    judged: Path, suite_file: Path, session: Session, tmp_path: Path
) -> None:
    """From the page's own rows: the matcher reads the warning right, the judge does not, and it
    abstains where a cue stands.
    """
    page = Path(draw(session, judged, [str(suite_file)], size=10).result["page"])
    true = {"aws-0001/k1", "iam-0001/k1", "iam-0001/k2"}
    rows = [
        {
            "artifact": "x",
            "decision": "yes" if item["item_id"] in true else "no",
            "value": 1,
            "reviewer": name,
            **{key: item[key] for key in ("item_id", "item_sha256", "kind")},
        }
        for item in articles(page)
        for name in ("a", "b")
    ]
    path = tmp_path / "labels.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    outcome = agree(evaluation=judged, suites=[str(suite_file)], files=[path])
    assert outcome.counts == {"labels": 12, "points": 5, "must_nots": 1, "tied": 0}
    found = {(row["kind"], row["layer"]): row for row in outcome.result["kinds"]}
    assert found["must_not", "matcher"]["share"] == 1.0
    assert (found["must_not", "judge"]["too_strict"], found["must_not", "judge"]["n"]) == (1, 1)
    assert found["must_not", "judge"]["too_kind"] == 0
    assert found["key_point_near_cue", "matcher"]["n"] == 1
    assert ("key_point_near_cue", "judge") not in found
    assert found["key_point_plain", "matcher"]["n"] == 4
    assert found["key_point_plain", "matcher"]["few"]
    assert {row["kind"]: (row["asked"], row["abstained"]) for row in outcome.result["judge"]} == {
        "key_point_plain": (4, 0),
        "key_point_near_cue": (1, 1),
        "must_not": (1, 0),
    }
    people = {row["kind"]: row["items"] for row in outcome.result["people_by_kind"]}
    assert people == {"key_point_plain": 4, "key_point_near_cue": 1, "must_not": 1}
    assert table(outcome)["all", "matcher"]["n"] == 5, "categories are of key points"


def test_a_table_may_label_any_must_not(judged: Path, suite_file: Path, tmp_path: Path) -> None:
    """One whose words the matcher did not find is how a missed one comes to light."""
    rows = ("aws-0001,m1,no,x", "aws-0001,m2,yes,x")
    outcome = agree(evaluation=judged, suites=[str(suite_file)], files=[labelled(tmp_path, *rows)])
    (matcher, judge) = outcome.result["kinds"]
    assert (matcher["kind"], matcher["n"], matcher["too_kind"]) == ("must_not", 2, 1)
    assert (judge["layer"], judge["n"]) == ("judge", 1), "it was asked about one"
    assert outcome.result["agreement"] == []


def test_a_label_of_the_other_kind_is_refused(
    judged: Path, suite_file: Path, session: Session, tmp_path: Path
) -> None:
    """A yes to one question is none to the other; words of older pages count as yes and no."""
    page = Path(draw(session, judged, [str(suite_file)], size=10).result["page"])
    item = next(item for item in articles(page) if item["item_id"] == "aws-0001/k1")
    row = {"artifact": "x", "value": 1, "item_sha256": item["item_sha256"], "reviewer": "a"}
    row = {**row, "item_id": "aws-0001/k1", "decision": "yes"}
    path = tmp_path / "labels.jsonl"
    path.write_text(json.dumps({**row, "kind": "must_not"}))
    with pytest.raises(Mismatch, match="another answer"):
        agree(evaluation=judged, suites=[str(suite_file)], files=[path])
    older = {**row, "kind": "key_point", "decision": "met", "reviewer": "b"}
    path.write_text(json.dumps({**row, "kind": "key_point"}) + "\n" + json.dumps(older))
    people = agree(evaluation=judged, suites=[str(suite_file)], files=[path]).result["people"]
    assert (people["items"], people["share"]) == (1, 1.0)


@pytest.mark.slow
def test_the_page_is_judged_by_keyboard(
    judged: Path,
    suite_file: Path,
    session: Session,
    tmp_path: Path,
    browse: Callable[[Path, str], dict[str, Any]],
) -> None:
    """In a real browser, on a narrow screen: each label has the kind of its item, and is read."""
    page = Path(draw(session, judged, [str(suite_file)], size=10).result["page"])
    found = browse(
        page,
        """
        const box = d.querySelector('.judging');
        const blobs = []; w.URL.createObjectURL = blob => { blobs.push(blob); return 'blob:none' };
        w.HTMLAnchorElement.prototype.click = function () { found.file = this.download };
        const key = name => box.dispatchEvent(
          new w.KeyboardEvent('keydown', { key: name, bubbles: true }));
        box.querySelector('[data-part=reviewer]').value = 'r1';
        for (const name of 'ynynyn') key(name);
        found.width = d.documentElement.scrollWidth;
        box.querySelector('[data-part=save]').click();
        found.labels = await blobs[0].text();
    """,
    )
    assert found.get("error") is None
    assert found["width"] <= 390
    path = tmp_path / found["file"]
    path.write_text(found["labels"])
    given = [json.loads(line) for line in found["labels"].splitlines()]
    kinds = {item["item_id"]: item["kind"] for item in articles(page)}
    assert {label["item_id"]: label["kind"] for label in given} == kinds
    assert [label["decision"] for label in given] == ["yes", "no"] * 3
    outcome = agree(evaluation=judged, suites=[str(suite_file)], files=[path])
    assert outcome.counts == {"labels": 6, "points": 5, "must_nots": 1, "tied": 0}


def test_labels_of_must_nots_speak_for_no_promotion(
    judged: Path, suite_file: Path, tmp_path: Path
) -> None:
    """The gate asks for labels of key points, which its kappa is of."""
    rows = ("aws-0001,m1,no,x", "aws-0001,k1,yes,x", "aws-0001,k2,no,y")
    found = _judged(judged, (str(suite_file),), [labelled(tmp_path, *rows)])
    assert (found.labels, found.kappa, found.reviewers) == (2, 1.0, ("x", "y"))
