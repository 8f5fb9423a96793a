"""Which split, and that siblings stay together."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from secarch.dedupe.config import SplitConfig
from secarch.dedupe.split.split import (
    SMALL,
    Member,
    Split,
    _choose,
    _ensure,
    assign,
    components,
    family,
    of_scenario,
)


def members(n: int) -> list[Member]:
    """Members that have nothing to do with one another."""
    return [
        Member(str(i), f"https://x.test/p{i}", hashlib.sha256(str(i).encode()).hexdigest())
        for i in range(n)
    ]


@given(st.integers(0, 60), st.lists(st.tuples(st.integers(0, 59), st.integers(0, 59)), max_size=40))
def test_no_component_straddles(n: int, pairs: list[tuple[int, int]]) -> None:
    """Related documents are always in one split."""
    related = [(i, j) for i, j in pairs if i < n and j < n]
    them = members(n)
    chosen = assign(them, components(them, related), SplitConfig(validation=0.2, test=0.2))
    assert all(chosen[i] == chosen[j] for i, j in related)


def test_a_document_stays_when_others_come() -> None:
    """Adding documents moves no component of a large dataset to another split."""
    few, many = members(400), members(800)
    config = SplitConfig()
    before = assign(few, components(few, []), config)
    after = assign(many, components(many, []), config)
    assert after[:400] == before


def test_shares_are_about_what_was_asked() -> None:
    """Of 2,000 documents each held-out split gets 5%, give or take 2."""
    them = members(2000)
    chosen = assign(them, components(them, []), SplitConfig())
    assert all(60 <= chosen.count(split) <= 140 for split in ("validation", "test"))


@pytest.mark.parametrize("n", [10, 11, 15, 25])
def test_small_data_has_something_to_validate_on(n: int) -> None:
    """From ten documents on validation is not empty, and training never is."""
    them = members(n)
    chosen = assign(them, components(them, []), SplitConfig())
    assert "validation" in chosen
    assert "train" in chosen


@pytest.mark.parametrize(
    ("n", "split", "always"),
    [
        (SMALL - 1, "validation", False),
        (SMALL, "validation", True),
        (2 * SMALL - 1, "test", False),
        (2 * SMALL, "test", True),
    ],
)
def test_a_split_is_held_out_for_certain_from_so_many_documents_on(
    n: int, split: Split, always: bool
) -> None:
    """Ten for validation, twice as many for the test; with fewer it is left to the hashes."""
    them = members(n)
    draws = [assign(them, components(them, []), SplitConfig(), seed=seed) for seed in range(12)]
    assert all(split in chosen for chosen in draws) is always


def test_a_component_larger_than_a_share_is_trained_on() -> None:
    """A component that would fill a held-out split alone goes to training."""
    them = members(100)
    related = [(0, i) for i in range(1, 60)]
    chosen = assign(them, components(them, related), SplitConfig(validation=0.3, test=0.3))
    assert chosen[0] == "train"


def test_the_seed_draws_other_documents() -> None:
    """Another seed holds out other documents."""
    them = members(300)
    places = components(them, [])
    assert assign(them, places, SplitConfig(), seed=1) != assign(
        them, places, SplitConfig(), seed=2
    )


def test_families_are_versions_languages_and_formats() -> None:
    """Version, locale, format and query of an address do not make another family; another page
    does.
    """
    base = family("https://www.docs.test/en-us/v2.16/tasks/rotate.html?tab=cli#x")
    assert base == family("http://docs.test/fr/2.19/tasks/rotate/")
    assert base == family("https://docs.test/latest/tasks/rotate/index.html")
    assert base != family("https://docs.test/latest/tasks/revoke")
    assert family("doc-17") == "doc-17"


def test_nothing_left_for_training_is_refused() -> None:
    """Held-out shares that add up to everything are a configuration error."""
    with pytest.raises(ValidationError, match="below 1"):
        SplitConfig(validation=0.5, test=0.5)


def test_training_keeps_its_last_component() -> None:
    """One component alone is trained on, whatever the other splits lack."""
    chosen: dict[int, Split] = {0: "train"}
    _ensure("validation", chosen, [0])
    assert chosen == {0: "train"}
    chosen = {0: "train", 1: "train"}
    _ensure("validation", chosen, [0, 1])
    assert chosen == {0: "validation", 1: "train"}
    _ensure("validation", chosen, [0, 1])
    assert chosen == {0: "validation", 1: "train"}


def test_a_component_may_be_as_large_as_a_share_and_no_larger() -> None:
    """Of 1,000 documents and a share of 5%, 50 are held out and 51 are trained on."""
    assert _choose(0.0, 50, 1000, SplitConfig()) == "test"
    assert _choose(0.0, 51, 1000, SplitConfig()) == "train"


def test_a_scenario_has_its_split_by_name_and_seed() -> None:
    """The shares are kept over many names, and the same name stays where it is."""
    config = SplitConfig(validation=0.2, test=0.3)
    chosen = [of_scenario(f"scenario {n}", config, 1) for n in range(400)]
    assert chosen == [of_scenario(f"scenario {n}", config, 1) for n in range(400)]
    assert chosen != [of_scenario(f"scenario {n}", config, 2) for n in range(400)]
    counts = [chosen.count(split) for split in ("train", "validation", "test")]
    assert sum(counts) == 400
    for count, share in zip(counts, (0.5, 0.2, 0.3), strict=True):
        assert abs(count / 400 - share) < 0.08
