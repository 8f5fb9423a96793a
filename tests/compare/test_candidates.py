"""Several tuned models against one base: a comparison each, Holm over them, one gate."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from secarch.artifact import open_artifact
from secarch.compare.candidates import compare_candidates
from secarch.compare.config import CompareConfig
from secarch.compare.inputs.pairs import read
from secarch.compare.stage import run as compare
from secarch.errors import UsageError
from secarch.evaluate.config import EvalConfig
from secarch.records import Outcome
from secarch.session import Session

Make = Callable[..., Path]
SUITES = EvalConfig(suites=("elsewhere",))


def flipped(harmful: int, beneficial: int, n: int = 300) -> list[float]:
    """Values of a model with that many flips against a base that is right, then wrong, then
    alternately both.
    """
    rest = [float(i % 2) for i in range(n - 100)]
    return (
        [0.0] * harmful
        + [1.0] * (50 - harmful)
        + [1.0] * beneficial
        + [0.0] * (50 - beneficial)
        + rest
    )


BASE = flipped(0, 0)


@pytest.fixture
def against(session: Session, evaluation: Make) -> Callable[..., Outcome]:
    """Compare candidates, given by their flips (harmful, beneficial), with one base."""
    base = evaluation("base", metrics={"right": BASE})

    def run(
        flips: dict[str, tuple[int, int]], *, made_before: bool = False, **config: Any
    ) -> Outcome:
        for name, counts in flips.items():
            if not made_before:
                evaluation(name, metrics={"right": flipped(*counts)})
        made = ((name, (read(base), read(session.evals / name))) for name in flips)
        return compare_candidates(
            CompareConfig(primary="right", draws=500, **config), SUITES, session, made
        )

    return run


def words(outcome: Outcome) -> dict[str, tuple[str, str]]:
    """Candidate -> verdict among all, verdict alone."""
    return {
        row["name"]: (row["verdict"], row["verdict_alone"]) for row in outcome.result["candidates"]
    }


@pytest.mark.slow
def test_the_best_of_several_needs_more_evidence(against: Callable[..., Outcome]) -> None:
    """17 and 34 flips are BETTER alone (p .0175) and not as the best of four; 5 and 34 are BETTER
    among any few.
    """
    outcome = against({"a": (17, 34), "b": (20, 22), "c": (21, 20), "d": (19, 21)})
    assert words(outcome)["a"] == ("INCONCLUSIVE", "BETTER")
    row = outcome.result["candidates"][0]
    assert row["name"] == "a"
    assert row["p_holm"] == pytest.approx(4 * row["p"])
    assert (outcome.status, outcome.counts["gates_failed"]) == ("done", 0)


def test_a_clear_gain_stays_better(against: Callable[..., Outcome]) -> None:
    """5 harmful and 34 beneficial flips are BETTER among any few candidates, and stand first."""
    outcome = against({"weak": (20, 22), "strong": (5, 34)})
    assert list(words(outcome).items()) == [
        ("strong", ("BETTER", "BETTER")),
        ("weak", ("INCONCLUSIVE",) * 2),
    ]


@pytest.mark.slow
def test_more_candidates_weaken_no_guard(against: Callable[..., Outcome]) -> None:
    """A candidate that is worse on its own stays WORSE and closes the gate of the whole."""
    outcome = against({"a": (34, 17), "b": (20, 22), "c": (21, 20), "d": (5, 34)})
    assert outcome.status == "gate_failed"
    assert words(outcome)["a"] == ("WORSE", "WORSE")
    assert "gate failed for a" in outcome.summary
    suite = ET.parse(Path(str(outcome.artifact)) / "junit.xml").getroot()
    assert (suite.get("tests"), suite.get("failures")) == ("4", "1")


def test_the_table_is_an_artifact_over_the_comparisons(
    against: Callable[..., Outcome], session: Session
) -> None:
    """It is sealed, names the comparisons as parents, links to their reports, and is found
    again.
    """
    outcome = against({"a": (5, 34), "b": (20, 22)})
    directory = Path(str(outcome.artifact))
    sealed = open_artifact(directory, "comparison")
    rows = json.loads((directory / "candidates.json").read_text())["candidates"]
    assert sorted(sealed.manifest.parents) == sorted(row["comparison"] for row in rows)
    page, markdown = (directory / "report.html").read_text(), (directory / "report.md").read_text()
    for row in rows:
        assert f'href="../{row["directory"]}/report.html"' in page
        assert (session.comparisons / row["directory"] / "report.html").is_file()
        assert f"| {row['name']} | {row['verdict']} |" in markdown
    again = against({"a": (5, 34), "b": (20, 22)}, made_before=True)
    assert (again.status, again.digest) == ("nothing_to_do", outcome.digest)


def test_figures_that_do_not_exist_count_for_no_test(session: Session, evaluation: Make) -> None:
    """Scenarios of which there is one give no p-value, and Holm adjusts over the rest."""
    rng = np.random.default_rng(4)
    values = rng.uniform(0.2, 0.5, 40).tolist()
    base = read(evaluation("base", metrics={"rubric": values}))

    def tuned(name: str, gain: Sequence[float]) -> tuple[str, Any]:
        made = evaluation(
            name, metrics={"rubric": [a + b for a, b in zip(values, gain, strict=True)]}
        )
        return name, (base, read(made))

    made = [tuned("same", [0.0] * 40), tuned("good", rng.normal(0.2, 0.05, 40).tolist())]
    outcome = compare_candidates(CompareConfig(draws=500), SUITES, session, made)
    assert {name: pair[0] for name, pair in words(outcome).items()} == {
        "good": "BETTER",
        "same": "INCONCLUSIVE",
    }


def test_one_run_named_twice_is_refused(session: Session) -> None:
    """A candidate counts once."""
    runs = [Path("runs/x"), Path("runs/../runs/x")]
    with pytest.raises(UsageError, match="named twice"):
        compare(CompareConfig(), SUITES, session, base="b", tuned=runs, evaluations=None)


def test_hostile_names_stay_text(session: Session, evaluation: Make) -> None:
    """A run's name reaches the page and the table as text."""
    arms = (
        read(evaluation("base", metrics={"right": BASE})),
        read(evaluation("x", metrics={"right": flipped(3, 20)})),
    )
    config = CompareConfig(primary="right", draws=500)
    outcome = compare_candidates(config, SUITES, session, [("<b>|x|</b>", arms), ("y", arms)])
    directory = Path(str(outcome.artifact))
    assert "<b>" not in (directory / "report.html").read_text()
    assert "&lt;b&gt;\\|x\\|&lt;/b&gt;" in (directory / "report.md").read_text()


@pytest.mark.slow
def test_a_comparison_of_another_session_seed_is_another_table(
    against: Callable[..., Outcome],
) -> None:
    """The table's key is that of its comparisons."""
    first = against({"a": (5, 34), "b": (20, 22)})
    second = against({"a": (5, 34), "b": (20, 22)}, made_before=True, margin=0.03)
    assert first.artifact != second.artifact
