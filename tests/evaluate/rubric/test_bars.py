"""The bars of polarity: what they measure, and that a rubric which is blind to it misses them."""

from __future__ import annotations

import pytest

from secarch.evaluate.rubric import bars
from secarch.suite.schema import load


@pytest.mark.slow
def test_a_sample_of_the_core_suite_meets_them() -> None:
    """One question of twenty-five; `suite validate` takes more."""
    found = bars.bars(load(["core"]).questions, every=25)
    assert [bar.name for bar in found] == ["refuted", "stated", "turned"]
    assert all(bar.met for bar in found if bar.name != "stated"), found
    assert all(bar.n >= 5 for bar in found)


@pytest.mark.slow
def test_a_rubric_without_polarity_misses_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """If each refuted sentence fires and turned references keep all, both bars fail."""
    monkeypatch.setattr(bars, "_form", lambda _question, _forms: "{s}")
    found = {bar.name: bar for bar in bars.bars(load(["core"]).questions, every=25)}
    assert not found["refuted"].met
    assert not found["turned"].met
    assert found["stated"].found == 1.0


def test_few_questions_have_no_bar() -> None:
    """A share of three says nothing."""
    assert bars.bars(load(["core"]).questions[:5], every=1) == []


def test_a_sentence_is_put_into_a_form() -> None:
    """As it is, as a clause, in quotation marks; names keep their capital."""
    assert bars.formed("Hear: {s}", "Use\none key.") == "Hear: Use one key."
    assert bars.formed("A myth: {x}.", "Use one key.") == "A myth: use one key."
    assert bars.formed("A myth: {x}.", "IAM is slow.") == "A myth: IAM is slow."
    assert bars.formed("They say {q}", "Use one key.") == 'They say "Use one key."'


def test_a_paragraph_goes_into_the_middle() -> None:
    """Between paragraphs, or between sentences of a single one."""
    assert bars.inside("A.\n\nB.", "X.") == "A.\n\nX.\n\nB."
    assert bars.inside("A b c. D e f.", "X.") == "A b c.\n\nX.\n\nD e f."
    assert bars.turned("No: {x}.", "- Keep it.\n\n```\ncode\n```\n\nLog it.") == (
        "No: keep it.\n\nNo: log it."
    )
