"""The steps between cut examples and the split: what is constructed, and what a suite keeps out."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from secarch.dedupe.build.example_steps import ExampleSteps
from secarch.dedupe.build.mix import room
from secarch.dedupe.build.result import Result
from secarch.dedupe.config import DedupeConfig
from secarch.dedupe.examples.constructed.rows import rows
from secarch.dedupe.split import decontaminate
from secarch.records import Example
from secarch.session import Session
from secarch.suite.schema import Question, Suite, load

SEED = 7


def steps(tmp_path: Path, suite: Suite | None) -> tuple[ExampleSteps, Result]:
    """The steps of a build with the default mix."""
    out = Result()
    session = Session(workspace=tmp_path, seed=SEED)
    return ExampleSteps(DedupeConfig(), session, suite, None, out), out


def cut(count: int) -> list[Example]:
    """Rows that were cut from documents."""
    return [
        Example(
            id=f"{n:016}",
            document_id=f"d{n}",
            url="",
            title="",
            licence="",
            category="",
            kind="howto",
            instruction=f"How is vault number {n} sealed?",
            answer="Seal it.",
            start=0,
            end=8,
        )
        for n in range(count)
    ]


def suite_that_asks(text: str) -> Suite:
    """The built-in suite's form with one question, whose words are `text`."""
    core = load(["core"])
    asked = next(question for question in core.questions if question.kind == "open")
    question: Question = asked.model_copy(update={"question": text})
    return dataclasses.replace(core, questions=(question,))


def test_constructed_rows_that_resemble_the_suite_are_replaced(tmp_path: Path) -> None:
    """A generator can always compose another row, so none is lost and none is only flagged."""
    examples = cut(60)
    wanted = room(examples, DedupeConfig().mix)
    first = next(iter(rows(SEED, 1)))
    words = first.answer.split()
    suite = suite_that_asks("Is this right? " + " ".join(words[5:25]))
    made, out = steps(tmp_path, suite)
    both = made.constructed(examples)
    assert len(both) - len(examples) == wanted > 10
    assert first.id not in {example.id for example in both}
    assert out.funnel[-1]["reasons"]["resembles_suite"] >= 1
    assert {row["reason"] for row in out.rejected} == {"resembles_suite"}
    assert decontaminate.check(both, decontaminate.items([suite])) == []


def test_without_a_suite_the_first_rows_are_taken(tmp_path: Path) -> None:
    """Nothing is compared where nothing is asked."""
    examples = cut(60)
    made, out = steps(tmp_path, None)
    both = made.constructed(examples)
    wanted = room(examples, DedupeConfig().mix)
    assert [e.id for e in both[60:]] == [e.id for e in rows(SEED, wanted)]
    assert out.funnel[-1]["reasons"] == {}


@pytest.mark.parametrize("seed", [1, 20261128])
def test_templates_share_no_run_of_words_with_the_built_in_suite(seed: int) -> None:
    """A generator never emits a suite item's scenario, its boilerplate included."""
    hits = decontaminate.check(list(rows(seed, 300)), decontaminate.items([load(["core"])]))
    assert [(hit.question_id, hit.part) for hit in hits] == []
