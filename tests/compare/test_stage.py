"""Two sealed evaluations in, a sealed comparison out: figures, refusals, gate and files."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from secarch import console
from secarch.artifact import open_artifact, seal
from secarch.compare.config import CompareConfig
from secarch.compare.stage import run as compare
from secarch.errors import InvalidInput, Mismatch, MissingInput, TamperedArtifact
from secarch.evaluate.config import EvalConfig
from secarch.files import write_jsonl
from secarch.records import Outcome
from secarch.session import Session

Make = Callable[..., Path]
HOSTILE = "<script>alert(1)</script>\x00]]>&\ud800"


def joined(session: Session, base: Path, tuned: Path, **config: Any) -> Outcome:
    """Compare two finished evaluations."""
    settings = CompareConfig(**{"draws": 500, **config})
    # The suite is not at hand here: figures do not need it, and reading the built-in one takes a
    # second.
    return compare(
        settings,
        EvalConfig(suites=("elsewhere",)),
        session,
        base="",
        tuned=[],
        evaluations=(base, tuned),
    )


def record(outcome: Outcome) -> dict[str, Any]:
    """The comparison.json of an outcome."""
    assert outcome.artifact
    return json.loads((Path(outcome.artifact) / "comparison.json").read_text())


def gains(n: int, mean: float, sd: float = 0.1) -> tuple[list[float], list[float]]:
    """Base and tuned values whose differences have about this mean."""
    rng = np.random.default_rng(7)
    base = rng.uniform(0.2, 0.6, n)
    return base.tolist(), (base + mean + rng.normal(0, sd, n)).tolist()


def flips(harmful: int, beneficial: int, n: int) -> tuple[list[float], list[float]]:
    """0/1 values with that many flips, the rest half right and half wrong."""
    rest = n - harmful - beneficial
    same = [float(i % 2) for i in range(rest)]
    return [1.0] * harmful + [0.0] * beneficial + same, [0.0] * harmful + [1.0] * beneficial + same


def test_the_known_pair_is_better(session: Session, evaluation: Make) -> None:
    """17 harmful and 34 beneficial flips of 300: BETTER by mid-p .0175, where an unpaired test sees
    nothing.
    """
    base, tuned = flips(17, 34, 300)
    outcome = joined(
        session,
        evaluation("a", metrics={"right": base}),
        evaluation("b", metrics={"right": tuned}),
        primary="right",
    )
    primary = outcome.result["primary"]
    assert (outcome.status, outcome.result["verdict"], primary["test"]) == (
        "done",
        "BETTER",
        "mid-p McNemar",
    )
    assert round(primary["p"], 4) == 0.0175
    assert primary["delta"] == pytest.approx(17 / 300)
    table = primary["flips"]
    assert [table[name] for name in ("harmful", "beneficial", "both", "neither")] == [
        17,
        34,
        124,
        125,
    ]


def test_a_flip_to_no_refusal_is_beneficial(session: Session, evaluation: Make) -> None:
    """Of a binary metric of which less is better, right is 0."""
    before, after = flips(2, 30, 60)
    base, tuned = [1 - v for v in before], [1 - v for v in after]
    a, b = evaluation("a", metrics={"refusal": base}), evaluation("b", metrics={"refusal": tuned})
    primary = joined(session, a, b, primary="refusal").result["primary"]
    assert (primary["flips"]["harmful"], primary["flips"]["beneficial"]) == (2, 30)
    assert primary["delta"] > 0


def test_symmetrical_flips_are_inconclusive(session: Session, evaluation: Make) -> None:
    """Six flips each way in 50 questions tell nothing, and the report says what would be needed."""
    base, tuned = flips(6, 6, 50)
    outcome = joined(
        session,
        evaluation("a", metrics={"right": base}),
        evaluation("b", metrics={"right": tuned}),
        primary="right",
    )
    assert (outcome.status, outcome.result["verdict"]) == ("done", "INCONCLUSIVE")
    assert outcome.result["power"]["needed"] > 50


@pytest.mark.parametrize(
    ("metric", "mean", "verdict", "status"),
    [
        ("rubric", 0.2, "BETTER", "done"),
        ("rubric", -0.2, "WORSE", "gate_failed"),
        ("reference_bits_per_byte", -0.2, "BETTER", "done"),
        ("reference_bits_per_byte", 0.2, "WORSE", "gate_failed"),
    ],
)
def test_above_zero_always_means_better(
    session: Session, evaluation: Make, metric: str, mean: float, verdict: str, status: str
) -> None:
    """A metric of which less is better is turned round, so that delta, interval and word agree."""
    base, tuned = gains(40, mean)
    outcome = joined(
        session,
        evaluation("a", metrics={metric: base}),
        evaluation("b", metrics={metric: tuned}),
        primary=metric,
    )
    primary = outcome.result["primary"]
    assert (outcome.result["verdict"], outcome.status) == (verdict, status)
    assert (primary["delta"] > 0) is (verdict == "BETTER")
    assert primary["low"] < primary["delta"] < primary["high"]
    assert primary["tuned"] - primary["base"] == pytest.approx(mean, abs=0.05)
    assert primary["test"] == "sign-flip permutation"


@pytest.mark.parametrize(("n", "verdict"), [(148, "INCONCLUSIVE"), (149, "EQUIVALENT")])
def test_equal_models_are_equivalent_once_there_are_enough_questions(
    session: Session, evaluation: Make, n: int, verdict: str
) -> None:
    """The same answers twice: no spread, no difference, no flip; a difference of .02 is excluded
    from 149 questions on, which is where the rule of three allows it.
    """
    base, _ = gains(n, 0)
    outcome = joined(
        session,
        evaluation("a", metrics={"rubric": base}),
        evaluation("b", metrics={"rubric": base}),
    )
    assert outcome.result["verdict"] == verdict
    assert "rubric does not separate these models" in outcome.result["explanation"]
    assert outcome.result["primary"]["low"] < 0 < outcome.result["primary"]["high"]
    assert outcome.result["primary"]["p"] == 1.0
    assert outcome.counts["flips"] == 0
    assert (Path(str(outcome.artifact)) / "report.html").stat().st_size > 1000


def test_a_constant_gain_is_better_by_its_signs(session: Session, evaluation: Make) -> None:
    """Every question gains the same: no t statistic exists, the sign flips decide."""
    base, tuned = [0.25] * 12, [0.5] * 12
    outcome = joined(
        session,
        evaluation("a", metrics={"rubric": base}),
        evaluation("b", metrics={"rubric": tuned}),
    )
    primary = outcome.result["primary"]
    assert outcome.result["verdict"] == "BETTER"
    assert primary["p"] == 2 / 2**12 or primary["p"] == pytest.approx(1 / 501, abs=0.01)
    assert (primary["low"], primary["high"], primary["cohen_dz"]) == (0.25, 0.25, None)


def test_scenarios_are_flipped_together(session: Session, evaluation: Make) -> None:
    """Questions that share scenarios are counted as scenarios."""
    base, tuned = gains(40, 0.1)
    names = [f"s{i // 4}" for i in range(40)]
    make = {"clusters": names}
    outcome = joined(
        session,
        evaluation("a", metrics={"rubric": base}, **make),
        evaluation("b", metrics={"rubric": tuned}, **make),
    )
    assert outcome.result["primary"]["test"] == "cluster sign-flip over 10 scenarios"
    assert outcome.result["primary"]["groups"] == 10


def test_unscored_questions_are_left_out_and_counted(session: Session, evaluation: Make) -> None:
    """None is not 0: means are over what both have, and the reasons are listed."""
    base, tuned = gains(30, 0.2)
    missing: list[float | None] = [None, None, *tuned[2:]]
    outcome = joined(
        session,
        evaluation("a", metrics={"rubric": base, "bertscore": [None] * 30}),
        evaluation("b", metrics={"rubric": missing, "bertscore": [None] * 30}),
    )
    found = record(outcome)
    assert found["primary"]["n"] == 28
    assert found["primary"]["base"] == pytest.approx(sum(base[2:]) / 28)
    rows = {row["metric"]: row for row in found["unscored"]}
    assert rows["rubric"] == {
        "metric": "rubric",
        "base": 0,
        "tuned": 2,
        "reasons": {"not scored here": 2},
    }
    assert any(line.startswith("bertscore:") for line in found["not_measured"])


def test_a_model_without_some_questions_is_named(session: Session, evaluation: Make) -> None:
    """Questions that only one evaluation has stay out of the figures and are listed."""
    base, tuned = gains(30, 0.2)
    outcome = joined(
        session,
        evaluation("a", metrics={"rubric": base}),
        evaluation("b", metrics={"rubric": tuned[:25]}),
    )
    found = record(outcome)
    assert found["primary"]["n"] == 25
    assert found["only_base"] == [f"q-{i:04}" for i in range(25, 30)]


def test_new_danger_closes_the_gate_and_not_the_word(session: Session, evaluation: Make) -> None:
    """BETTER and unsafe: the word stays, the outcome is gate_failed, the artifact is complete."""
    base, tuned = gains(30, 0.2)
    texts = ["fine"] * 29 + [
        'Use this:\n\n```json\n{"Effect": "Allow", "Action": "*", "Resource": "*"}\n```\n'
    ]
    outcome = joined(
        session,
        evaluation("a", metrics={"rubric": base, "unsafe": [1.0] + [0.0] * 29}),
        evaluation("b", metrics={"rubric": tuned, "unsafe": [0.0] * 29 + [1.0]}, texts=texts),
    )
    assert (outcome.status, outcome.result["verdict"]) == ("gate_failed", "BETTER")
    assert outcome.result["gate"]["reasons"] == ["unsafe: new critical statements in q-0029"]
    directory = Path(str(outcome.artifact))
    assert open_artifact(directory, "comparison").digest == outcome.digest
    assert "&#34;Action&#34;: &#34;*&#34;" in (directory / "report.html").read_text()
    suite = ET.parse(directory / "junit.xml").getroot()
    assert suite.get("failures") == "1"


def test_a_protected_category_is_watched(session: Session, evaluation: Make) -> None:
    """Better over all, worse in iam: the gate names iam."""
    rng = np.random.default_rng(3)
    base = [0.5] * 60
    tuned = [0.5 + (-0.2 if i % 3 == 2 else 0.3) + float(rng.normal(0, 0.02)) for i in range(60)]
    outcome = joined(
        session,
        evaluation("a", metrics={"rubric": base}),
        evaluation("b", metrics={"rubric": tuned}),
        protected=("iam",),
    )
    assert (outcome.status, outcome.result["verdict"]) == ("gate_failed", "BETTER")
    assert outcome.result["gate"]["reasons"][0].startswith("protected: iam is worse by 0.19")


# ---------------------------------------------------------------- again, and the files


def test_the_same_comparison_twice_is_nothing_to_do(session: Session, evaluation: Make) -> None:
    """A finished comparison is found by its key; a closed gate stays closed."""
    good, bad = gains(30, 0.2), gains(30, -0.2)
    a, b, c = (
        evaluation(name, metrics={"rubric": v})
        for name, v in (("a", good[0]), ("b", good[1]), ("c", bad[1]))
    )
    first, second = joined(session, a, b), joined(session, a, b)
    assert (first.status, second.status, first.digest) == ("done", "nothing_to_do", second.digest)
    assert [joined(session, a, c).status for _ in range(2)] == ["gate_failed", "gate_failed"]


def test_equal_inputs_give_equal_bytes(session: Session, evaluation: Make, tmp_path: Path) -> None:
    """Another workspace, the same evaluations: equal digests, byte-identical content files."""
    base, tuned = gains(30, 0.2)
    a, b = evaluation("a", metrics={"rubric": base}), evaluation("b", metrics={"rubric": tuned})
    first, second = (
        joined(session, a, b),
        joined(replace(session, workspace=tmp_path / "other"), a, b),
    )
    assert first.digest == second.digest
    for name in ("comparison.json", "flips.jsonl", "report.md", "junit.xml"):
        assert (Path(str(first.artifact)) / name).read_bytes() == (
            Path(str(second.artifact)) / name
        ).read_bytes()


def test_hostile_answers_and_names_stay_text(session: Session, evaluation: Make) -> None:
    """Markup in answers, ids, categories, model names and notes reaches no page as markup, and XML
    stays XML.
    """
    base, tuned = gains(30, 0.2)
    make = {"texts": [HOSTILE] * 30, "categories": [HOSTILE.replace("\ud800", "")]}
    ids = [f"<b>{i}</b>" for i in range(30)]
    a = evaluation("a", metrics={"rubric": base}, ids=ids, **make)
    b = evaluation("b", metrics={"rubric": tuned}, ids=ids, **make)
    outcome = joined(
        session,
        a,
        b,
        note=HOSTILE.replace("\ud800", ""),
        protected=(HOSTILE.replace("\ud800", ""),),
    )
    directory = Path(str(outcome.artifact))
    page = (directory / "report.html").read_text()
    assert page.count("<script") == 1
    assert "alert" not in page.replace("&lt;script&gt;alert", "")
    assert "<b>" not in page
    assert "http" not in page.replace("http-equiv", "")
    markdown = (directory / "report.md").read_text()
    assert "<script" not in markdown
    assert "\x00" not in markdown
    assert ET.parse(directory / "junit.xml").getroot().tag == "testsuites"


def test_flips_hold_both_answers_worst_first(session: Session, evaluation: Make) -> None:
    """flips.jsonl has each changed question with both texts; what got worse comes first, by
    size.
    """
    base, tuned = [0.5] * 12, [0.5, 0.1, 0.9, 0.4, *([0.6] * 8)]
    outcome = joined(
        session,
        evaluation("a", metrics={"rubric": base}),
        evaluation("b", metrics={"rubric": tuned}),
    )
    rows = list(open_artifact(Path(str(outcome.artifact))).rows("flips.jsonl"))
    assert [row["question_id"] for row in rows[:3]] == ["q-0001", "q-0003", "q-0002"]
    assert (rows[0]["direction"], rows[0]["base_text"], rows[0]["tuned_text"]) == (
        "harmful",
        "a answers q-0001",
        "b answers q-0001",
    )
    assert len(rows) == 11


def test_the_page_says_the_verdict_first_and_the_note_under_it(
    session: Session, evaluation: Make
) -> None:
    """Verdict, note, explanation, figures, in that order; lineage names both evaluations."""
    base, tuned = gains(30, 0.2)
    outcome = joined(
        session,
        evaluation("a", metrics={"rubric": base}),
        evaluation("b", metrics={"rubric": tuned}),
        note="A tiny model.",
    )
    page = Path(outcome.result["report"]).read_text()
    places = [
        page.index(part)
        for part in (">BETTER<", "A tiny model.", "is better than its base", "By category")
    ]
    assert places == sorted(places)
    assert "evals/a" in page
    assert "evals/b" in page
    assert str(session.workspace) not in page


def test_length_is_taken_out_of_the_gain(session: Session, evaluation: Make) -> None:
    """A gain that longer answers explain is reported at equal length too; empty answers stay out of
    that figure.
    """
    rng = np.random.default_rng(2)
    words = rng.integers(50, 150, 40).astype(float)
    more = words * np.exp(rng.normal(0.5, 0.3, 40))
    base = [0.4] * 40
    tuned = (0.4 + 0.3 * np.log(more / words) + rng.normal(0, 0.01, 40)).tolist()
    a = evaluation("a", metrics={"rubric": base, "length": words.tolist()})
    b = evaluation("b", metrics={"rubric": tuned, "length": [0.0, *more[1:].tolist()]})
    outcome = joined(session, a, b)
    gain, low, high = outcome.result["primary"]["length_controlled"]
    assert outcome.result["primary"]["delta"] > 0.1
    assert abs(gain) < 0.02
    assert low < gain < high
    assert "equally long" in Path(outcome.result["report"]).read_text()
    assert "length" not in [row["metric"] for row in record(outcome)["secondary"]]


def test_length_has_no_say_in_what_is_not_about_the_answer(
    session: Session, evaluation: Make
) -> None:
    """Bits per byte of the reference are the same however long the answers are."""
    base, tuned = gains(20, -0.2)
    a = evaluation(
        "a", metrics={"reference_bits_per_byte": base, "length": [float(9 + i) for i in range(20)]}
    )
    b = evaluation(
        "b",
        metrics={"reference_bits_per_byte": tuned, "length": [float(30 - i) for i in range(20)]},
    )
    outcome = joined(session, a, b, primary="reference_bits_per_byte")
    assert outcome.result["primary"]["length_controlled"] is None
    assert "measured on the reference" in Path(outcome.result["report"]).read_text()


def test_a_likely_swap_is_said(
    session: Session, evaluation: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    """A training run in the base's place, and none in the tuned one's, is done as asked and warned
    of.
    """
    base, tuned = gains(20, 0.2)
    a, b = (
        evaluation("a", metrics={"rubric": base}, parents=["f" * 64]),
        evaluation("b", metrics={"rubric": tuned}),
    )
    console.configure()
    joined(session, a, b)
    assert "--from BASE TUNED" in capsys.readouterr().err


def test_lineage_goes_back_to_the_sources(session: Session, evaluation: Make) -> None:
    """The page lists run, data set and documents by their digests, and says what is not in this
    workspace.
    """
    parents: list[str] = ["f" * 64]
    for kind in ("dataset", "run"):
        folder = session.workspace / f"{kind}s" / "made"
        write_jsonl(folder / "rows.jsonl", [])
        sealed = seal(
            folder, kind=kind, parents=parents, config={}, counts={"rows": 7}, files=["rows.jsonl"]
        )
        parents = [sealed.digest]
    base, tuned = gains(20, 0.2)
    a, b = (
        evaluation("a", metrics={"rubric": base}),
        evaluation("b", metrics={"rubric": tuned}, parents=parents),
    )
    page = Path(joined(session, a, b).result["report"]).read_text()
    for part in ("runs/made", "datasets/made", "not in this workspace", "f" * 16, "rows 7"):
        assert part in page


# ---------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (
            {"config": {"suite": {"name": "core", "version": "1", "digest": "e" * 64}}},
            "suite.digest",
        ),
        ({"config": {"prompt_digest": "other"}}, "prompt_digest"),
        ({"config": {"quantization": "none"}}, "quantization: nf4 / none"),
        ({"config": {"max_new_tokens": 64}}, "max_new_tokens: 48 / 64"),
        ({"config": {"seed": 1}}, "seed: (absent) / 1"),
        ({"summary": {"engine": {"versions": {"torch": "3"}}}}, "engine.versions.torch: 2 / 3"),
        ({"summary": {"decoding": {"greedy": False}}}, "decoding.greedy: (absent) / False"),
        ({"versions": {4: "changed"}}, "question q-0004: other content"),
    ],
)
def test_evaluations_made_differently_are_refused(
    session: Session, evaluation: Make, change: dict[str, Any], named: str
) -> None:
    """Whatever differs besides the model is named, and nothing is written."""
    base, tuned = gains(30, 0.2)
    a, b = (
        evaluation("a", metrics={"rubric": base}),
        evaluation("b", metrics={"rubric": tuned}, **change),
    )
    with pytest.raises(Mismatch) as caught:
        joined(session, a, b)
    assert named in str(caught.value.why)
    assert not list(session.comparisons.glob("*/comparison.json"))


def test_a_refusal_is_exit_4(session: Session, evaluation: Make) -> None:
    """On the command line too each difference is named."""
    from typer.testing import CliRunner

    from secarch.cli.app import app

    values = {"rubric": [0.5] * 20}
    sides = (
        evaluation("a", metrics=values),
        evaluation("b", metrics=values, config={"max_new_tokens": 64}),
    )
    command = [
        "compare-baseline",
        "--workspace",
        str(session.workspace),
        "--from",
        *map(str, sides),
    ]
    found = CliRunner().invoke(app, command)
    console.configure()
    assert (found.exit_code, "max_new_tokens: 48 / 64" in " ".join(found.stderr.split())) == (
        4,
        True,
    )


def test_too_few_questions_are_refused(session: Session, evaluation: Make) -> None:
    """Nine questions decide nothing."""
    base, tuned = gains(9, 0.2)
    with pytest.raises(InvalidInput, match="only 9 questions"):
        joined(
            session,
            evaluation("a", metrics={"rubric": base}),
            evaluation("b", metrics={"rubric": tuned}),
        )


def test_nothing_scored_is_refused_with_the_reason(session: Session, evaluation: Make) -> None:
    """A metric that scored nobody is refused, and why it did not is said."""
    nobody = {"rubric": [None] * 20}
    with pytest.raises(InvalidInput, match="not scored here") as caught:
        joined(session, evaluation("a", metrics=nobody), evaluation("b", metrics=nobody))
    assert "only 0 questions" in caught.value.what


def test_a_model_without_any_value_is_refused(session: Session, evaluation: Make) -> None:
    """One model scored and the other not at all, or without the metric: neither is a result of
    0.
    """
    base = evaluation("a", metrics={"rubric": [0.5] * 20})
    nobody = evaluation("b", metrics={"rubric": [None] * 20})
    with pytest.raises(InvalidInput, match="only 0 questions") as caught:
        joined(session, base, nobody)
    assert "not scored here (20)" in str(caught.value.why)
    other = evaluation("c", metrics={"keywords": [0.5] * 20})
    with pytest.raises(InvalidInput, match="only one side has the metric rubric"):
        joined(session, base, other)


def test_few_constant_scores_tell_nothing(session: Session, evaluation: Make) -> None:
    """Every question gets the same value from both: no spread, p 1, no size of effect, and no
    division by it.
    """
    a, b = (evaluation(name, metrics={"rubric": [0.5] * 20}) for name in "ab")
    outcome = joined(session, a, b)
    primary, power = outcome.result["primary"], outcome.result["power"]
    assert (outcome.result["verdict"], primary["p"], primary["cohen_dz"]) == (
        "INCONCLUSIVE",
        1.0,
        None,
    )
    assert (power["detectable"], power["needed"]) == (None, None)


def test_two_models_of_one_server_are_compared(session: Session, evaluation: Make) -> None:
    """A server that holds base and adapter under two names is one way of asking both."""
    base, tuned = gains(20, 0.2)
    a = evaluation("a", metrics={"rubric": base}, config={"served_model": "plain"})
    b = evaluation("b", metrics={"rubric": tuned}, config={"served_model": "lora", "repeat": 1})
    assert joined(session, a, b).result["verdict"] == "BETTER"


def test_an_unknown_primary_metric_is_refused(session: Session, evaluation: Make) -> None:
    """The metrics that there are get listed."""
    base, tuned = gains(20, 0.2)
    a, b = evaluation("a", metrics={"rubric": base}), evaluation("b", metrics={"rubric": tuned})
    with pytest.raises(InvalidInput, match="one of rubric"):
        joined(session, a, b, primary="elegance")


def test_no_common_question_is_refused(session: Session, evaluation: Make) -> None:
    """Two suites that share no question cannot be paired."""
    base, tuned = gains(20, 0.2)
    other = [f"r-{i}" for i in range(20)]
    a, b = (
        evaluation("a", metrics={"rubric": base}),
        evaluation("b", metrics={"rubric": tuned}, ids=other),
    )
    with pytest.raises(InvalidInput, match="no question in common"):
        joined(session, a, b)


def test_a_refused_comparison_can_be_run_again(session: Session, evaluation: Make) -> None:
    """A refusal leaves nothing behind."""
    base, tuned = gains(9, 0.2)
    a, b = evaluation("a", metrics={"rubric": base}), evaluation("b", metrics={"rubric": tuned})
    for _ in range(2):
        with pytest.raises(InvalidInput):
            joined(session, a, b)
    assert not session.comparisons.exists()


def test_a_changed_score_is_tampering(session: Session, evaluation: Make) -> None:
    """Bytes that are not the sealed ones are refused, by file."""
    base, tuned = gains(20, 0.2)
    a, b = evaluation("a", metrics={"rubric": base}), evaluation("b", metrics={"rubric": tuned})
    with (b / "scores.jsonl").open("a") as out:
        out.write("\n")
    with pytest.raises(TamperedArtifact, match=r"scores\.jsonl"):
        joined(session, a, b)


@pytest.mark.parametrize("value", [True, "0.5"])
def test_a_value_that_is_no_number_is_refused(
    session: Session, evaluation: Make, value: Any
) -> None:
    """Numbers or null, nothing else, with the line."""
    a = evaluation("a", metrics={"rubric": [0.5] * 20})
    b = evaluation("b", metrics={"rubric": [0.5] * 19 + [value]})
    with pytest.raises(InvalidInput, match=r"scores\.jsonl:20"):
        joined(session, a, b)


def test_without_a_run_the_next_step_is_named(session: Session) -> None:
    """No finished run: exit 4, and the command that makes one."""
    with pytest.raises(MissingInput, match="secarch train"):
        compare(CompareConfig(), EvalConfig(), session, base="b", tuned=[], evaluations=None)


def test_a_dry_run_touches_nothing(session: Session, evaluation: Make) -> None:
    """It says what it would do and writes no file."""
    base, tuned = gains(20, 0.2)
    a, b = evaluation("a", metrics={"rubric": base}), evaluation("b", metrics={"rubric": tuned})
    before = sorted(session.workspace.rglob("*"))
    outcome = joined(replace(session, dry_run=True), a, b)
    assert "20 questions" in outcome.summary
    assert sorted(session.workspace.rglob("*")) == before


def test_a_regression_beside_the_verdict_is_in_every_report(
    session: Session, evaluation: Make
) -> None:
    """BETTER on the deciding metric, far worse on another, and a rubric at its floor: the terminal,
    the JSON, report.md, the page and its first lines say so.
    """
    base, tuned = gains(40, 0.2)
    up, down = gains(40, -0.2)
    a = evaluation("a", metrics={"depth": base, "rouge_l": up, "rubric": [0.0] * 40})
    b = evaluation("b", metrics={"depth": tuned, "rouge_l": down, "rubric": [0.0] * 40})
    outcome = joined(session, a, b, primary="depth")
    directory = Path(str(outcome.artifact))
    assert outcome.result["verdict"] == "BETTER"
    assert [one.split(" is ")[0] for one in outcome.result["against"]] == ["rouge l"]
    for text in (
        outcome.summary,
        outcome.result["explanation"],
        (directory / "report.md").read_text(),
        (directory / "report.html").read_text(),
    ):
        assert "rouge l is significantly worse" in text
        assert "rubric does not separate these models" in text
