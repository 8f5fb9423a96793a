"""Tables about suites count every question once, and print for people on stdout."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from secarch.cli import output
from secarch.errors import MissingInput
from secarch.suite import catalogue
from secarch.suite.question import CAPABILITIES
from secarch.suite.schema import load


def test_stats_count_the_core_suite(capsys: pytest.CaptureFixture[str]) -> None:
    """Eight categories with three questions or more, every question counted once in each table."""
    outcome = catalogue.stats(["core"])
    assert capsys.readouterr().out == ""
    for table in ("by_kind", "by_category", "by_capability", "by_difficulty"):
        assert sum(outcome.result[table].values()) == outcome.counts["questions"]
    wanted = {"aws", "azure", "gcp", "kubernetes", "iam", "compliance", "threat-modelling", "iac"}
    assert wanted <= {name for name, n in outcome.result["by_category"].items() if n >= 3}


@pytest.mark.slow
def test_stats_and_show_print_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    """Tables are data, so they go to stdout."""
    output.show(catalogue.stats(["core"]).shown)
    assert "kubernetes" in capsys.readouterr().out
    shown = catalogue.show("iam-0001", ["core"])
    output.show(shown.shown)
    assert shown.result["question"]["reference"].split("\n")[0] in capsys.readouterr().out
    with pytest.raises(MissingInput, match="no question iam-9999"):
        catalogue.show("iam-9999", ["core"])


def test_multiple_choices_are_counted_by_letter(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An author sees at once that B is always right."""
    path = tmp_path / "a.jsonl"
    item = {
        "version": 1,
        "category": "aws",
        "kind": "mcq",
        "difficulty": 1,
        "question": "?",
        "choices": ["x", "y"],
    }
    path.write_text(
        "".join(json.dumps({**item, "id": f"q{n}", "answer": "B"}) + "\n" for n in range(3))
    )
    outcome = catalogue.stats([str(path)])
    output.show(outcome.shown)
    assert outcome.result["mcq"] == {"by_choices": {"2": 3}, "by_letter": {"B": 3}}
    assert "right letters: B 3" in capsys.readouterr().out
    output.show(catalogue.show("q0", [str(path)]).shown)
    assert "B. y   <- right" in capsys.readouterr().out


def test_the_core_suite_has_the_size_and_the_shares_it_promises() -> None:
    """300 items answered in words, 30 baits, 20 harmless ones, 100 choices, and 60 marked for a
    short look.
    """
    questions = load(["core"]).questions
    kinds = Counter(question.kind for question in questions)
    assert (kinds["bait"], kinds["benign"]) >= (30, 20)
    assert kinds["mcq"] >= 100
    written = [q for q in questions if q.kind != "mcq"]
    shares = Counter(q.category for q in written if q.category != "safety")
    assert shares.total() >= 300
    table = {
        "aws": 55,
        "azure": 50,
        "gcp": 45,
        "kubernetes": 45,
        "iam": 40,
        "compliance": 35,
        "threat-modelling": 30,
        "iac": 40,
        "data-protection": 20,
        "network": 20,
        "detection": 20,
        "supply-chain": 15,
        "stale-facts": 20,
    }
    promised = sum(shares[category] for category in table)  # later categories take no share of it
    for category, whole in table.items():
        assert shares[category] / promised > 0.7 * whole / sum(table.values()), category
    assert sum("smoke" in q.tags for q in written) == 60
    levels = Counter(q.difficulty for q in written)
    assert all(
        abs(levels[n] / len(written) - share) < 0.1
        for n, share in ((1, 0.15), (2, 0.35), (3, 0.35), (4, 0.15))
    )


def test_the_core_suite_asks_for_every_capability() -> None:
    """Each of the six has questions enough to report a mean of its own."""
    found = catalogue.stats(["core"]).result["by_capability"]
    assert set(found) == set(CAPABILITIES)
    assert min(found.values()) >= 20
