"""Scores of other programs: plain rows and lm-eval's logs, read, refused by line, and compared."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from secarch import console
from secarch.compare.config import CompareConfig
from secarch.compare.inputs.scores import primary_of, read_scores
from secarch.compare.stage import run as compare
from secarch.errors import InvalidInput, Mismatch, MissingInput, UsageError
from secarch.evaluate.config import EvalConfig
from secarch.records import Outcome
from secarch.session import Session

Rows = Iterable[dict[str, Any]]
Write = Callable[[str, Rows], Path]
LOG = "samples_{task}_2026-01-02T03-04-05.000006.jsonl"


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write rows as JSON lines."""

    def make(name: str, rows: Rows) -> Path:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        return path

    return make


def judged(session: Session, base: Path, tuned: Path, **config: Any) -> Outcome:
    """Compare two files of scores."""
    settings = CompareConfig(**{"draws": 500, **config})
    sides = (base, tuned)
    return compare(
        settings, EvalConfig(), session, base="", tuned=[], evaluations=None, scores=sides
    )


def plain(values: Iterable[Any], **fields: Any) -> list[dict[str, Any]]:
    """Plain rows with these values."""
    return [{"id": f"q{i}", "value": value, **fields} for i, value in enumerate(values)]


def logged(values: Iterable[Any], **fields: Any) -> list[dict[str, Any]]:
    """Rows as lm-eval logs them, with one metric `acc`."""
    return [
        {
            "doc_id": i,
            "doc": {"question": f"What is {i}?"},
            "target": "A",
            "arguments": [["p", "A"]],
            "resps": [[["-1.5", "False"]]],
            "filtered_resps": [["-1.5", "False"]],
            "filter": "none",
            "metrics": ["acc"],
            "doc_hash": f"{i:064x}",
            "prompt_hash": "b",
            "target_hash": "c",
            "acc": value,
            **fields,
        }
        for i, value in enumerate(values)
    ]


def flips(harmful: int, beneficial: int, n: int) -> tuple[list[float], list[float]]:
    """0/1 values with that many flips."""
    same = [float(i % 2) for i in range(n - harmful - beneficial)]
    return [1.0] * harmful + [0.0] * beneficial + same, [0.0] * harmful + [1.0] * beneficial + same


@pytest.mark.slow
@pytest.mark.parametrize("form", [plain, logged])
def test_the_known_pair_is_better_whoever_scored_it(
    session: Session, write: Write, form: Any
) -> None:
    """17 harmful and 34 beneficial flips of 300 give mid-p .0175 from plain rows and from lm-eval's
    log.
    """
    base, tuned = flips(17, 34, 300)
    outcome = judged(session, write("base.jsonl", form(base)), write("tuned.jsonl", form(tuned)))
    primary = outcome.result["primary"]
    assert (outcome.status, outcome.result["verdict"]) == ("done", "BETTER")
    assert round(primary["p"], 4) == 0.0175
    assert primary["metric"] == ("score" if form is plain else "acc")


def test_a_worse_model_closes_the_gate(session: Session, write: Write) -> None:
    """The same gate as for evaluations, with its report files."""
    base, tuned = flips(40, 5, 100)
    outcome = judged(session, write("base.jsonl", plain(base)), write("tuned.jsonl", plain(tuned)))
    assert (outcome.status, outcome.result["verdict"]) == ("gate_failed", "WORSE")
    page = Path(outcome.result["report"]).read_text()
    assert "only scores were given" in page
    assert "tuned.jsonl" in page
    assert str(session.workspace) not in page


def test_right_and_wrong_may_be_true_and_false(write: Write) -> None:
    """True and false are 1 and 0; null is unscored and not 0."""
    scores = read_scores(write("a.jsonl", plain([True, False, None, 3]))).scores["score"]
    assert [row.value for row in scores.values()] == [1.0, 0.0, None, 3.0]


@pytest.mark.slow
def test_categories_clusters_and_metrics_are_taken_over(session: Session, write: Write) -> None:
    """Rows may say where they belong; questions that share a cluster are flipped together."""
    rows = [
        {
            "id": i,
            "value": 0.2 + 0.01 * (i % 7),
            "metric": "depth",
            "category": "ab"[i % 2],
            "cluster": f"s{i // 4}",
        }
        for i in range(40)
    ]
    better = [{**row, "value": row["value"] + 0.1 + 0.01 * (row["id"] % 3)} for row in rows]
    outcome = judged(session, write("a.jsonl", rows), write("b.jsonl", better))
    assert outcome.result["primary"]["test"] == "cluster sign-flip over 10 scenarios"
    record = json.loads((Path(str(outcome.artifact)) / "comparison.json").read_text())
    assert [row["category"] for row in record["categories"]] == ["a", "b"]


@pytest.mark.slow
def test_less_can_be_better(session: Session, write: Write) -> None:
    """lm-eval's perplexities run downwards by themselves, others where the settings say so."""
    base, tuned = [2.0 + 0.01 * i for i in range(20)], [1.5 + 0.011 * i for i in range(20)]
    cases = [
        ("bits_per_byte", (), "BETTER"),
        ("refusal", (), "BETTER"),
        ("cost", (), "WORSE"),
        ("cost", ("cost",), "BETTER"),
    ]
    for metric, lower, verdict in cases:
        a, b = (
            write(f"{side}.jsonl", plain(v, metric=metric))
            for side, v in (("a", base), ("b", tuned))
        )
        assert judged(session, a, b, lower_is_better=lower).result["verdict"] == verdict


def test_several_metrics_need_a_declared_one(session: Session, write: Write) -> None:
    """The metric that decides is never chosen by its result: the names are listed, and --primary
    takes one.
    """
    rows = [
        row
        for metric in ("acc", "f1")
        for row in plain([0.1 * i for i in range(12)], metric=metric)
    ]
    a, b = write("a.jsonl", rows), write("b.jsonl", rows)
    with pytest.raises(InvalidInput, match="one of acc, f1"):
        judged(session, a, b)
    assert judged(session, a, b, primary="f1").result["primary"]["metric"] == "f1"


@pytest.mark.parametrize(
    ("metrics", "primary", "taken"),
    [
        (("score", "success"), {}, "score"),
        (("match/acc", "match/f1"), {"primary": "acc"}, "match/acc"),
        (("match/acc", "other/acc"), {"primary": "acc"}, None),
        (("score", "success", "cost"), {}, None),
    ],
)
def test_one_figure_under_two_names_needs_no_choice(
    write: Write, metrics: tuple[str, ...], primary: dict[str, str], taken: str | None
) -> None:
    """Promptfoo's score and success of cases that pass or fail; a scorer's metric by its own name.
    A score that differs from success decides for none.
    """
    rows = [row for metric in metrics for row in plain([0.0, 1.0, 1.0], metric=metric)]
    arm = read_scores(write("a.jsonl", rows))
    settings = CompareConfig(**primary)
    assert primary_of(settings, arm, arm).primary == (taken or settings.primary)
    other = [{**row, "value": 0.5} if row["metric"] == "score" else row for row in rows]
    if taken == "score":
        apart = read_scores(write("b.jsonl", other))
        assert primary_of(settings, arm, apart).primary == settings.primary


def test_our_own_rows_of_scores_are_read(write: Write) -> None:
    """They name the question `question_id`."""
    rows = [{"question_id": f"q{i}", "metric": "rubric", "value": 0.5} for i in range(3)]
    assert len(read_scores(write("a.jsonl", rows)).scores["rubric"]) == 3


@pytest.mark.slow
def test_a_declared_metric_is_not_replaced(session: Session, write: Write) -> None:
    """A gate set for one figure does not pass on another; rows without a metric have no name that
    could differ, and where none was declared the only one is taken.
    """
    values = [0.1 * i for i in range(12)]
    named = write("named.jsonl", plain(values, metric="acc"))
    with pytest.raises(InvalidInput, match="neither side has the metric f1"):
        judged(session, named, named, primary="f1")
    assert judged(session, named, named).result["primary"]["metric"] == "acc"
    bare = write("bare.jsonl", plain(values))
    assert judged(session, bare, bare, primary="f1").result["primary"]["metric"] == "score"


def test_generated_answers_are_shown(session: Session, write: Write) -> None:
    """What lm-eval's models wrote stands in the flips, of the filter that scored it."""
    strict = {"filter": "strict", "metrics": ["exact_match"]}
    made = [
        logged(
            range(20),
            exact_match=float(right),
            filtered_resps=[f"{side} said"],
            resps=[[f"{side} more"]],
            **strict,
        )
        for side, right in (("base", 0), ("tuned", 1))
    ]
    outcome = judged(session, write("a.jsonl", made[0]), write("b.jsonl", made[1]))
    assert outcome.result["primary"]["metric"] == "exact_match,strict"
    row = json.loads((Path(str(outcome.artifact)) / "flips.jsonl").read_text().splitlines()[0])
    assert (row["base_text"], row["tuned_text"]) == ("base said", "tuned said")


def test_a_folder_of_logs_is_one_side(session: Session, write: Write) -> None:
    """Tasks become categories, only the newest log of a task counts, and equal numbers of two tasks
    do not clash.
    """
    for side, gain in (("base", 0.0), ("tuned", 0.3)):
        for task in ("mmlu_a", "mmlu_b"):
            write(f"{side}/{LOG.format(task=task)}", logged([0.01 * i + gain for i in range(10)]))
    write(f"base/{LOG.format(task='mmlu_a').replace('2026', '2025')}", logged([9.0] * 10))
    outcome = judged(session, session.workspace / "base", session.workspace / "tuned")
    record = json.loads((Path(str(outcome.artifact)) / "comparison.json").read_text())
    assert record["primary"]["n"] == 20
    assert record["primary"]["base"] < 1
    assert [row["category"] for row in record["categories"]] == ["mmlu_a", "mmlu_b"]


def test_older_logs_without_names_of_metrics_are_read(write: Write) -> None:
    """Every number that is none of the log's own fields is a metric."""
    rows = [
        {name: value for name, value in row.items() if name != "metrics"}
        for row in logged([1.0] * 3, acc_norm=0.0)
    ]
    assert sorted(read_scores(write("a.jsonl", rows)).scores) == ["acc", "acc_norm"]


def test_metrics_that_are_summed_up_later_are_unscored(write: Write) -> None:
    """A likelihood logged with its length is no score of a question, and that is said."""
    rows = logged([1.0] * 3, metrics=["word_perplexity"], word_perplexity=[-3.2, 12])
    found = read_scores(write("a.jsonl", rows)).scores["word_perplexity"]
    assert {(row.value, row.reason) for row in found.values()} == {
        (None, "no single number for each question")
    }


def test_other_documents_are_refused(session: Session, write: Write) -> None:
    """lm-eval's hash of the document tells that the two were not asked the same."""
    rows = logged([0.1 * i for i in range(20)])
    other = [*rows[:-1], {**rows[-1], "doc_hash": "f" * 64}]
    with pytest.raises(Mismatch, match="question 19: other content"):
        judged(session, write("a.jsonl", rows), write("b.jsonl", other))


def test_other_categories_are_refused(session: Session, write: Write) -> None:
    """A question has one category and one scenario."""
    a, b = (write(f"{name}.jsonl", plain([0.5] * 12, category=name)) for name in "ab")
    with pytest.raises(Mismatch, match="question q0: category a / b"):
        judged(session, a, b)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"id": "q9"', "not JSON"),
        ("[1, 2]", "not a JSON object"),
        ('{"value": 1}', "no id"),
        ('{"id": "q9"}', "no value"),
        ('{"id": "q9", "value": "1"}', "value is no number"),
        ('{"id": "q9", "value": NaN}', "value is no number"),
        ('{"id": "q9", "value": 1e999}', "value is no number"),
        ('{"id": "q9", "value": 1' + "0" * 400 + "}", "value is no number"),
        ('{"id": true, "value": 1}', "id is no name"),
        ('{"id": " ", "value": 1}', "id is no name"),
        ('{"id": "q9", "value": 1, "category": ["x"]}', "category is no name"),
        ('{"id": "q0", "value": 1}', "second value of score"),
        ('{"doc_id": 3, "metrics": ["acc"]}', "metrics names what"),
        ('{"doc_id": 3, "metrics": ["acc"], "acc": "right"}', "acc is no number"),
        ("[" * 100_000, "not JSON"),
    ],
)
def test_a_bad_row_is_named_by_file_and_line(write: Write, line: str, said: str) -> None:
    """Nothing is guessed and nothing is skipped."""
    path = write("a.jsonl", plain([1.0]))
    with path.open("a") as out:
        out.write(f"\n{line}\n")
    with pytest.raises(InvalidInput, match=said) as caught:
        read_scores(path)
    assert f"{path}:3" in str(caught.value)


def test_bytes_that_are_no_text_are_named(write: Write) -> None:
    """Latin-1 is not UTF-8."""
    path = write("a.jsonl", [])
    path.write_bytes(b'{"id": "\xe9", "value": 1}\n')
    with pytest.raises(InvalidInput, match=r"a\.jsonl:1"):
        read_scores(path)


def test_missing_and_empty_files_are_refused(write: Write, tmp_path: Path) -> None:
    """No file, an empty file and a folder without logs each say so."""
    with pytest.raises(MissingInput, match="cannot read"):
        read_scores(tmp_path / "none.jsonl")
    with pytest.raises(InvalidInput, match="no score"):
        read_scores(write("empty.jsonl", []))
    with pytest.raises(MissingInput, match="--log_samples"):
        read_scores(tmp_path)


def test_ways_of_naming_the_models_exclude_each_other(session: Session, tmp_path: Path) -> None:
    """Scores beside evaluations or runs would be skipped in silence."""
    sides = (tmp_path, tmp_path)
    with pytest.raises(UsageError, match="--scores and --from"):
        compare(
            CompareConfig(),
            EvalConfig(),
            session,
            base="",
            tuned=[],
            evaluations=sides,
            scores=sides,
        )


@pytest.mark.slow
def test_the_command_line_takes_scores(write: Write, tmp_path: Path) -> None:
    """The exit code is the gate's."""
    from typer.testing import CliRunner

    from secarch.cli.app import app

    base, tuned = flips(40, 5, 100)
    files = [str(write("a.jsonl", plain(base))), str(write("b.jsonl", plain(tuned)))]
    command = ["compare-baseline", "--workspace", str(tmp_path / "w"), "--scores"]
    assert CliRunner().invoke(app, [*command, *files]).exit_code == 5
    assert CliRunner().invoke(app, [*command, *reversed(files), "--json"]).exit_code == 0
    console.configure()
