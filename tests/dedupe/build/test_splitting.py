"""Which rows are held out, and what becomes of those that say what training says."""

from __future__ import annotations

import dataclasses

from secarch.dedupe.build import splitting
from secarch.dedupe.config import SplitConfig
from secarch.dedupe.split.split import Split
from secarch.records import Example


def row(name: str, scenario: str, answer: str) -> Example:
    return Example(
        id=name,
        document_id=scenario,
        url="",
        title="t",
        licence="Apache-2.0",
        category="iam",
        kind="fix",
        instruction=f"What about {name}?",
        answer=answer,
        start=0,
        end=0,
    )


def said(word: str) -> str:
    """Forty words that no other word's text shares."""
    return " ".join(f"{word}{n}" for n in range(40))


def test_a_scenario_that_says_what_training_says_belongs_to_training() -> None:
    """As a whole, so that none stands in two splits, and none of its rows is lost."""
    rows: dict[Split, list[Example]] = {
        "train": [row("t", "constructed:a", said("x"))],
        "validation": [row("v", "constructed:b", said("x")), row("w", "constructed:c", said("y"))],
        "test": [],
    }
    assert splitting._give_back(rows, 0.5) == set()
    assert [one.id for one in rows["train"]] == ["t", "v"]
    assert [one.id for one in rows["validation"]] == ["w"]


def test_what_moves_into_training_is_compared_with_the_rest() -> None:
    """A row that overlaps only what was moved is found, or it would leak."""
    rows: dict[Split, list[Example]] = {
        "train": [row("t", "constructed:a", said("x"))],
        "validation": [row("v", "constructed:b", f"{said('x')} {said('y')}")],
        "test": [row("w", "d1", said("y"))],
    }
    assert splitting._give_back(rows, 0.3) == {"w"}
    assert [one.id for one in rows["train"]] == ["t", "v"]
    assert [one.id for one in rows["test"]] == ["w"]


def test_a_page_and_a_scenario_with_rows_of_its_own_stay_held_out() -> None:
    """Of these only the rows that overlap are left out."""
    rows: dict[Split, list[Example]] = {
        "train": [row("t", "constructed:a", said("x"))],
        "validation": [
            row("v", "constructed:b", said("x")),
            row("w", "constructed:b", said("y")),
            row("p", "d1", said("x")),
        ],
        "test": [],
    }
    assert splitting._give_back(rows, 0.5) == {"v", "p"}
    assert len(rows["validation"]) == 3


def divided(count: int, *, shared: str = "") -> dict[Split, list[Example]]:
    """A training split with one field whose scenarios each say something of their own."""
    alone = [
        row(f"{n}-{m}", f"constructed:question/{n}", f"{said(f'w{n}x{m}')} {shared}")
        for n in range(count)
        for m in range(3)
    ]
    others = [row(f"o{n}", f"d{n}", said(f"o{n}z")) for n in range(200)]
    return {"train": [*alone, *others], "validation": [], "test": []}


def test_a_field_whose_scenarios_stand_alone_is_in_every_split() -> None:
    """By their hashes alone a field of five scenarios would often have none held out."""
    for seed in range(5):
        rows = divided(5)
        assert splitting._hold_out(rows, SplitConfig(), seed) == set()
        names = [{one.document_id for one in rows[name]} for name in ("validation", "test")]
        assert [len(name) for name in names] == [1, 1]
        assert names[0] != names[1]
        assert not {one.document_id for one in rows["train"]} & (names[0] | names[1])


def test_a_field_is_not_held_out_against_the_overlap_or_the_shares() -> None:
    """What says what training says goes back, and no split grows beyond its share."""
    rows = divided(5, shared=said("all") * 5)
    splitting._hold_out(rows, SplitConfig(max_overlap=0.2), 0)
    assert not rows["validation"]
    rows = divided(5)
    splitting._hold_out(rows, SplitConfig(validation=0.01, test=0.0), 0)
    assert not [*rows["validation"], *rows["test"]]


def test_training_keeps_most_rows_of_a_field() -> None:
    """Of two scenarios that are all there is of a field neither is held out."""
    rows = divided(2)
    rows["train"] = [
        dataclasses.replace(one, kind="question") if "-" in one.id else one for one in rows["train"]
    ]
    splitting._hold_out(rows, SplitConfig(), 0)
    assert not [*rows["validation"], *rows["test"]]
    rows = divided(5)
    rows["train"] = [
        dataclasses.replace(one, kind="question") if "-" in one.id else one for one in rows["train"]
    ]
    splitting._hold_out(rows, SplitConfig(), 0)
    assert len({one.document_id for one in [*rows["validation"], *rows["test"]]}) == 1
