"""A question says what its answer takes for known of a workload."""

from __future__ import annotations

import random

from secarch.dedupe.examples.constructed.library import Library
from secarch.dedupe.examples.constructed.policy.tasks import Task
from secarch.dedupe.examples.constructed.rows import attempted
from secarch.dedupe.examples.constructed.stated import stated
from secarch.dedupe.examples.constructed.template import surroundings

BANK = next(one for one in surroundings().workloads if one.name == "wire-screening")


def _task(asked: str, answered: str) -> Task:
    return Task(scenario="s", title="t", category="iam", asked=asked, answered=answered)


def test_no_row_knows_more_of_its_workload_than_was_said() -> None:
    """Data, law and team stand in the question if they stand in the answer."""
    known = {one.name: one for one in surroundings().workloads}
    seen = 0
    for number in range(300):
        row = attempted(7, number, Library(()))
        one = next((one for name, one in known.items() if name in row.instruction), None)
        for words in (one.data, one.regime, one.team) if one else ():
            seen += words.lower() in row.answer.lower()
            assert words.lower() in row.instruction.lower() or words not in row.answer
    assert seen > 100


def test_what_is_known_is_said_before_the_question() -> None:
    """Behind the sentence on who speaks, and only what the answer names."""
    rng = random.Random(1)
    told = stated(rng, _task("You are the architect. Fix wire-screening.", f"Keep {BANK.data}."))
    assert told.asked.startswith("You are the architect. ")
    assert told.asked.endswith(" Fix wire-screening.")
    assert BANK.data in told.asked
    assert BANK.regime not in told.asked


def test_a_question_that_says_it_stays() -> None:
    """And so does one whose answer needs nothing."""
    rng = random.Random(1)
    for task in (
        _task(f"wire-screening holds {BANK.data}.", f"Keep {BANK.data}."),
        _task("Fix wire-screening.", "Close the port."),
        _task("What is TLS?", f"Keep {BANK.data}."),
    ):
        assert stated(rng, task) == task
