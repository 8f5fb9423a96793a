"""The evaluation's page: verdict first, questions as one list, nothing unescaped."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from secarch.artifact import seal
from secarch.evaluate.metrics.metric import Item
from secarch.evaluate.pages.questions import by_question, state
from secarch.evaluate.report import junit, report
from secarch.evaluate.rubric.grade import grade
from secarch.evaluate.scoring.summary import summarise
from secarch.files import write_json, write_text
from secarch.records import Answer, Score
from secarch.suite.schema import Question

HOSTILE = "</script><script>alert(1)</script>"
FACTS = {
    "suite": {"name": "own", "version": "1", "digest": "d" * 64},
    "model": HOSTILE,
    "model_fingerprint": "f" * 64,
    "prompt_digest": "p" * 64,
    "engine": {"engine": "transformers"},
    "decoding": {"max_new_tokens": 64},
    "parents": [],
}


def question(n: int) -> Question:
    """An open question with one key point."""
    return Question.model_validate(
        {
            "id": f"aws-{n:04}",
            "version": 1,
            "category": "aws" if n % 2 else "iam",
            "kind": "open",
            "difficulty": 2,
            "question": f"How is bucket number {n} kept private? " + "Say it in detail. " * 5,
            "reference": "Use block public access.",
            "key_points": [
                {"id": "k1", "text": "block public access", "weight": 2, "any_of": ["block public"]}
            ],
            "licence": "CC0-1.0",
        }
    )


def made(count: int, answer: Callable[[int], str]) -> tuple[list[Item], list[Score]]:
    """So many questions with these answers, and their rubric, safety and length."""
    items, scores = [], []
    for n in range(count):
        one, text = question(n), answer(n)
        given = Answer(
            question_id=one.id,
            question_sha256=one.sha256,
            key="k",
            text=text,
            tokens=5,
            seconds=0.1,
            finish="stop",
        )
        graded = grade(one, text)
        items.append(Item(one, given, graded, None))
        values: dict[str, float | None] = {
            "rubric": graded.score if n % 7 else None,
            "unsafe": float("0.0.0.0" in text),
            "length": float(len(text.split())),
        }
        scores += [
            Score(
                question_id=one.id,
                question_sha256=one.sha256,
                metric=name,
                value=value,
                reason="" if value is not None else "the answer was cut",
                category=one.category,
                cluster=one.id,
            )
            for name, value in values.items()
        ]
    return items, scores


def answered(n: int) -> str:
    """Right, wrong, dangerous and hostile answers in turn."""
    danger = 'Run `x`:\n\n```hcl\nresource "aws_security_group_rule" "a" {\n  type = "ingress"\n'
    danger += '  from_port = 22\n  to_port = 22\n  cidr_blocks = ["0.0.0.0/0"]\n}\n```\n'
    return ["Turn on block public access for the bucket.", "Hope for the best.", danger, HOSTILE][
        n % 4
    ]


def drawn(count: int, directory: Path | None = None, **facts: Any) -> str:
    """The page of so many questions."""
    items, scores = made(count, answered)
    summary = summarise(scores, items, {**FACTS, **facts}, {})
    return report(summary, items, scores, failed=["rubric 0.3 is below 0.5"], directory=directory)


def test_the_verdict_stands_first_and_the_questions_are_one_list() -> None:
    """Gate, danger, mean with interval; then scores, categories, dangers, questions, notes."""
    page = drawn(28)
    assert re.findall(r"<h2>([^<]+)", page) == [
        "Scores",
        "By category",
        "By capability",
        "Dangerous statements",
        "Questions",
        "Notes",
        "Where this comes from",
    ]
    lead = page[: page.index("<main>")]
    assert "thresholds not met" in lead
    assert "rubric 0.3 is below 0.5" in lead
    assert re.search(r"Mean rubric score 0\.\d{3} \(95% interval 0\.\d{3} to 0\.\d{3}\)", lead)
    assert "7 dangerous" in lead


def test_failed_questions_come_first_and_carry_what_they_lost() -> None:
    """Dangerous, failed, unscored, passed; the lost point and its evidence are folded in."""
    page = drawn(28)
    rows = re.findall(r'<details data-state="(\w+)"[^>]*data-place="(\d+)"', page)
    assert len(rows) == 28
    order = ["unsafe", "failed", "unscored", "passed"]
    assert [order.index(which) for which, _ in rows] == sorted(order.index(w) for w, _ in rows)
    first = page[page.index('data-state="failed"') :]
    assert "Lost points" in first[:3000]
    assert "block public access" in first[:3000]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"rubric": 0.5}, "passed"),
        ({"rubric": 0.49}, "failed"),
        ({"rubric": 1.0, "unsafe": 1.0}, "unsafe"),
        ({"rubric": None}, "unscored"),
        ({"mcq_answer": 1.0}, "passed"),
        ({"mcq_answer": 0.0, "unsafe": 0.0}, "failed"),
        ({}, "unscored"),
    ],
)
def test_each_question_has_one_state(values: dict[str, float | None], expected: str) -> None:
    """A dangerous answer is that whatever its score; no value is no failure."""
    own = {
        name: Score(
            question_id="q",
            question_sha256="s",
            metric=name,
            value=value,
            reason="",
            category="aws",
            cluster="q",
        )
        for name, value in values.items()
    }
    assert state(own) == expected


def test_metrics_have_words_and_units() -> None:
    """No raw identifiers, and length says in what it is counted."""
    page = drawn(8)
    assert "words per answer" in page
    assert "critical statements" in page
    assert "reference_bits_per_byte" not in page


def test_what_was_not_measured_is_one_sentence_with_its_reasons() -> None:
    """A row of dashes tells nothing; a metric without a value says why there is none."""
    items, scores = made(3, answered)
    empty = [
        replace(score, metric="bertscore", value=None, reason="no encoder is set")
        for score in scores
        if score.metric == "rubric"
    ]
    page = report(summarise([*scores, *empty], items, FACTS, {}), items, scores)
    assert "Not measured: BERTScore F1 (no encoder is set)." in page
    assert page.split("Means; what is not asked")[0].count("BERTScore F1") == 1


def test_nothing_that_a_model_wrote_becomes_markup() -> None:
    """The page has one script, its own, and loads nothing."""
    page = drawn(8)
    assert page.count("<script>") == 1
    assert HOSTILE not in page
    assert "&lt;script&gt;alert(1)" in page
    assert not re.search(r'(?:src|href)="https?:', page)


def test_parents_are_linked(tmp_path: Path) -> None:
    """A run in the workspace by its page, what is not there by its digest."""
    run = tmp_path / "runs" / "first"
    run.mkdir(parents=True)
    write_text(run / "report.html", "x")
    write_json(run / "a.json", {})
    made_ = seal(
        run, kind="run", parents=[], config={}, counts={}, files=["a.json"], outside=["report.html"]
    )
    page = drawn(4, tmp_path / "evals" / "abcd1234", parents=[made_.digest, "9" * 64])
    assert 'href="../../runs/first/report.html"' in page
    assert "not in this workspace" in page


def test_junit_fails_what_the_page_calls_failed() -> None:
    """Below one half, or dangerous; unscored is skipped."""
    items, scores = made(28, answered)
    text = junit(summarise(scores, items, FACTS, {}), items, scores)
    assert text.count("<skipped") == 4
    values = by_question(scores)
    failing = [
        state(own) in {"failed", "unsafe"}
        for own in values.values()
        if own["rubric"].value is not None
    ]
    assert text.count("<failure") == sum(failing)


@pytest.mark.slow
@pytest.mark.parametrize(("width", "most"), [(1280, 6_000), (390, 9_000)])
def test_four_hundred_questions_stay_short(tmp_path: Path, width: int, most: int) -> None:
    """The list scrolls in its own box: the page is below 6,000 px, and nothing sticks out."""
    browser = shutil.which("chromium")
    if browser is None:
        pytest.skip("no Chromium is installed")
    page = tmp_path / "page.html"
    measured = "<script>document.title=[document.documentElement.scrollHeight,"
    measured += "document.documentElement.scrollWidth].join(' ')</script>"
    text = drawn(400).replace("</body>", measured + "</body>")
    page.write_text(re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", text))
    out = subprocess.run(
        [
            browser,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            f"--window-size={width},900",
            "--dump-dom",
            page.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    ).stdout
    height, wide = map(int, re.search(r"<title>(\d+) (\d+)</title>", out).groups())
    assert height < most
    assert wide <= max(width, 500)  # headless windows are 500 px wide at least


def test_capabilities_share_the_questions_among_them() -> None:
    """Each scored question counts under one capability: the kind's, where none is given."""
    items, scores = made(28, lambda _: "Use block public access.")
    groups = summarise(scores, items, {**FACTS}, {})["by_capability"]
    metric = scores[0].metric
    asked = [s for s in scores if s.metric == metric]
    assert sum(g[metric]["n"] + g[metric]["unscored"] for g in groups.values()) == len(asked)
    assert set(groups) == {item.question.main_capability for item in items}
