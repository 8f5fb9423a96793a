"""Threat models: what they hold, and why their threats stand in the order in which they do."""

from __future__ import annotations

import random
import re

from secarch.dedupe.examples.constructed.knowledge import threatening
from secarch.dedupe.examples.constructed.knowledge.tables import System, Threat, systems
from secarch.dedupe.examples.constructed.knowledge.urgency import urgency
from secarch.dedupe.examples.constructed.template import SEVERITIES


def told(asked: str) -> tuple[System, list[Threat]]:
    """The system of a question and the facts that it shows."""
    system = next(one for one in systems() if one.base in asked)
    return system, [one for one in system.facts if one.fact[1:] in asked]


def test_the_answer_holds_the_threats_of_the_facts_and_no_others() -> None:
    """In the order of the system's table, gravest first."""
    for number in range(80):
        task = threatening.task(random.Random(f"facts/{number}"))
        system, facts = told(task.asked)
        assert facts
        for one in system.facts:
            assert (one.way[1:] in task.answered) == (one in facts)
        found = sorted(facts, key=lambda one: task.answered.index(one.way[1:]))
        assert found == threatening.ranked(system.group, facts)
        weights = [SEVERITIES.index(one.level) for one in found]
        assert weights == sorted(weights)


def test_every_place_is_argued_from_the_threat_itself() -> None:
    """One reason for each, and the words tell equals from lower ones."""
    for number in range(80):
        task = threatening.task(random.Random(f"why/{number}"))
        system, facts = told(task.asked)
        ranked = threatening.ranked(system.group, facts)
        reasons = {one.threat: one.because for one in urgency()[system.group].order}
        for place, one in enumerate(ranked, 1):
            equal = place > 1 and one.level == ranked[place - 2].level
            rank = "comes first" if place == 1 else "stands after it" if equal else "comes later"
            also = "also " if equal else ""
            assert (
                f"{place} is {also}{one.level} and {rank}: {reasons[one.threat]}." in task.answered
            )


def test_what_two_make_together_is_told_if_both_are_there() -> None:
    """The worst pair, two of four threats or more, with the numbers that the answer gave them."""
    seen = two = 0
    for number in range(120):
        task = threatening.task(random.Random(f"pair/{number}"))
        system, facts = told(task.asked)
        names = [one.threat for one in threatening.ranked(system.group, facts)]
        pairs = {
            text: sorted((names.index(first) + 1, names.index(second) + 1))
            for first, second, text in urgency()[system.group].together
            if first in names and second in names
        }
        found = re.findall(r"\*\*(\d) and (\d) together\.\*\* (.+)", task.answered)
        worst = sorted(pairs.values())[: 2 if len(facts) >= threatening.MANY else 1]
        assert [[int(low), int(high)] for low, high, _ in found] == worst
        assert all(pairs[text] == [int(low), int(high)] for low, high, text in found)
        seen += bool(found)
        two += len(found) > 1
    assert seen > 100  # nearly every model has facts that meet
    assert two > 10


def test_the_order_names_every_threat_once_and_falls_by_level() -> None:
    """So that no model misses a reason, and none contradicts its levels."""
    assert set(urgency()) == {system.group for system in systems()}
    for system in systems():
        levels = {one.threat: SEVERITIES.index(one.level) for one in system.facts}
        order = [one.threat for one in urgency()[system.group].order]
        assert sorted(order) == sorted(levels)
        assert [levels[one] for one in order] == sorted(levels.values())
        for one in urgency()[system.group].order:
            assert not one.because.endswith(".")
        for first, second, text in urgency()[system.group].together:
            assert {first, second} <= set(levels)
            assert text.endswith(".")


def test_a_threat_model_ends_in_whole_sentences() -> None:
    """A part of a control that ends at a semicolon gets one full stop and no second mark."""
    for number in range(120):
        answer = threatening.task(random.Random(f"close {number}")).answered
        assert not re.search(r"[;:,.]\.(?:\s|$)", answer)


def test_a_technique_is_an_identifier_of_attack_or_atlas() -> None:
    """Four digits, and three more for a sub-technique; a risk of a contract has none."""
    for system in systems():
        for one in system.facts:
            assert re.fullmatch(r"((T1|AML\.T0)\d{3}(\.\d{3})?)?", one.technique), one.technique
            assert one.level in SEVERITIES
