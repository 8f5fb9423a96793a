"""Blinded judging: what is offered, how choices are read back, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from secarch.compare.config import CompareConfig
from secarch.compare.inputs.labels import KIND, VALUES, Item, items, pair_digest, read_labels
from secarch.compare.inputs.pairs import Arm, read
from secarch.compare.stage import run as compare
from secarch.errors import InvalidInput, Mismatch, MissingInput, UsageError
from secarch.evaluate.config import EvalConfig
from secarch.session import Session

Make = Callable[..., Path]
N = 40


@pytest.fixture
def sides(evaluation: Make) -> tuple[Path, Path]:
    """Two evaluations of 40 questions with different answers; tuned gains on most."""
    base = [0.4] * N
    tuned = [0.4 + (0.2 if i % 4 else -0.1) + 0.001 * i for i in range(N)]
    return evaluation("base", metrics={"rubric": base}), evaluation(
        "tuned", metrics={"rubric": tuned}
    )


@pytest.fixture
def arms(sides: tuple[Path, Path]) -> tuple[Arm, Arm]:
    return read(sides[0]), read(sides[1])


def choice(item: Item, arms: tuple[Arm, Arm], prefer: str, **changes: Any) -> dict[str, Any]:
    """The row of a reader who prefers base, tuned or neither."""
    tuned = {True: "first", False: "second"}
    decision = "equal" if prefer == "equal" else tuned[item.tuned_first is (prefer == "tuned")]
    return {
        "artifact": pair_digest(*arms),
        "item_id": item.key[0],
        "item_sha256": item.sha256,
        "kind": KIND,
        "decision": decision,
        "value": VALUES[decision],
        "note": "",
        "reviewer": "Ada",
        "at": "2026-01-02T03:04:05Z",
        **changes,
    }


def written(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def judged(session: Session, sides: tuple[Path, Path], labels: Path | None) -> Any:
    settings = CompareConfig(draws=500)
    suites = EvalConfig(suites=("elsewhere",))
    return compare(settings, suites, session, base="", tuned=[], evaluations=sides, labels=labels)


def test_the_order_says_nothing(arms: tuple[Arm, Arm]) -> None:
    """Each model comes first about half the time, the order of questions is no order of ids, and
    both are stable.
    """
    found = items(*arms)
    assert 10 <= sum(item.tuned_first for item in found) <= 30
    assert [item.key[0] for item in found] != sorted(item.key[0] for item in found)
    assert found == items(*arms)
    for item in found:
        assert item.first.startswith("tuned" if item.tuned_first else "base")


def test_equal_and_empty_answers_are_not_offered(evaluation: Make) -> None:
    """There is nothing to choose between."""
    same = ["the same", " ", *[f"a{i}" for i in range(10)]]
    base = read(evaluation("base", metrics={"rubric": [0.1] * 12}, texts=same))
    tuned = read(
        evaluation(
            "tuned", metrics={"rubric": [0.1] * 12}, texts=["the same", "b", *["\ud800"] * 10]
        )
    )
    assert len(items(base, tuned)) == 10


def test_a_reader_gets_a_test_of_his_own(
    session: Session, sides: tuple[Path, Path], arms: tuple[Arm, Arm], tmp_path: Path
) -> None:
    """3 for base, 15 for tuned, 2 equal: mid-p .0044, beside an unchanged verdict, on page and in
    Markdown.
    """
    prefer = ["base"] * 3 + ["tuned"] * 15 + ["equal"] * 2
    rows = [choice(item, arms, side) for item, side in zip(items(*arms), prefer, strict=False)]
    before = judged(session, sides, None)
    outcome = judged(session, sides, written(tmp_path / "labels.jsonl", rows))
    assert outcome.artifact != before.artifact
    assert outcome.result["verdict"] == before.result["verdict"]
    directory = Path(outcome.artifact)
    record = json.loads((directory / "comparison.json").read_text())
    read = record["judgements"][0]
    assert [read[name] for name in ("reviewer", "n", "for_base", "for_tuned", "equal")] == [
        "Ada",
        20,
        3,
        15,
        2,
    ]
    assert round(read["mid_p"], 4) == 0.0044
    assert read["agree"] + read["disagree"] == 18
    assert not any("human judgement" in line for line in record["not_measured"])
    assert "Ada: tuned preferred 15 times, base 3, equal 2" in (directory / "report.md").read_text()
    assert f"{read['agree']} of 18" in (directory / "report.html").read_text()


def test_agreement_is_with_the_metric(
    arms: tuple[Arm, Arm], sides: tuple[Path, Path], session: Session, tmp_path: Path
) -> None:
    """A reader who always prefers what the rubric prefers agrees everywhere, and the other way
    round nowhere.
    """
    for flip, expected in ((False, (N, 0)), (True, (0, N))):
        rows = []
        for item in items(*arms):
            gained = int(item.key[0].removeprefix("q-")) % 4 != 0
            rows.append(choice(item, arms, "tuned" if gained is not flip else "base"))
        record = judged(session, sides, written(tmp_path / f"{flip}.jsonl", rows))
        read = json.loads((Path(record.artifact) / "comparison.json").read_text())["judgements"][0]
        assert (read["agree"], read["disagree"]) == expected


def test_readers_are_kept_apart_and_later_rows_count(arms: tuple[Arm, Arm], tmp_path: Path) -> None:
    """Two readers on one item are two labels; a reader who changes his mind has one."""
    item = items(*arms)[0]
    rows = [
        choice(item, arms, "base"),
        choice(item, arms, "tuned"),
        choice(item, arms, "base", reviewer="Bob"),
    ]
    found = {
        label.reviewer: label.value
        for label in read_labels(written(tmp_path / "l.jsonl", rows), *arms)
    }
    assert found == {"Ada": 1, "Bob": -1}


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        ({"artifact": "f" * 64}, Mismatch, "other answers"),
        ({"item_sha256": "f" * 64}, Mismatch, "no such pair"),
        ({"item_id": "q-9999"}, Mismatch, "no such pair"),
        ({"decision": "third"}, InvalidInput, "no choice"),
        ({"value": 7}, InvalidInput, "no choice"),
        ({"kind": "grade"}, InvalidInput, "no choice"),
        ({"decision": ["first"]}, InvalidInput, "no choice"),
        ({"reviewer": ["Ada"]}, InvalidInput, "no name"),
    ],
)
def test_labels_of_something_else_are_refused_by_line(
    arms: tuple[Arm, Arm], tmp_path: Path, change: dict[str, Any], error: Any, said: str
) -> None:
    """Another artifact, another content of an answer, another kind of label: file and line, and no
    half reading.
    """
    first, second, *_ = items(*arms)
    path = written(
        tmp_path / "l.jsonl",
        [choice(first, arms, "tuned"), choice(second, arms, "tuned", **change)],
    )
    with pytest.raises(error, match=said) as caught:
        read_labels(path, *arms)
    assert f"{path}:2" in str(caught.value)


def test_missing_and_empty_label_files_are_refused(arms: tuple[Arm, Arm], tmp_path: Path) -> None:
    """No file, no row, a row without its fields, bytes that are no text."""
    with pytest.raises(MissingInput):
        read_labels(tmp_path / "none.jsonl", *arms)
    with pytest.raises(InvalidInput, match="no label"):
        read_labels(written(tmp_path / "l.jsonl", []), *arms)
    with pytest.raises(InvalidInput, match="lacks artifact"):
        read_labels(written(tmp_path / "l.jsonl", [{"value": 1}]), *arms)
    (tmp_path / "l.jsonl").write_bytes(b"\xff\n")
    with pytest.raises(InvalidInput, match="not JSON"):
        read_labels(tmp_path / "l.jsonl", *arms)


def test_labels_go_with_one_pair(session: Session, tmp_path: Path) -> None:
    """Several candidates have several pairs of answers."""
    runs = [Path("a"), Path("b")]
    with pytest.raises(UsageError, match="one pair"):
        compare(
            CompareConfig(),
            EvalConfig(),
            session,
            base="",
            tuned=runs,
            evaluations=None,
            labels=tmp_path / "l.jsonl",
        )
