"""Same or not, and which one stays."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secarch.dedupe.build.documents import document
from secarch.dedupe.duplicates import near
from secarch.dedupe.duplicates.bands import Memory, Verified
from secarch.text.minhash import containment, jaccard, shingles


def ranks_of(texts: list[str]) -> list[near.Rank]:
    """Ranks by length and content alone."""
    return [near.rank(document({"id": "x", "text": t}), 10, len(t.split())) for t in texts]


def find(texts: list[str], **changes: float) -> near.Duplicates:
    """Near-duplicates by word 2-grams, so that short texts can be near."""
    given = {"threshold": 0.8, "containment": 0.98, "shingle": 2, **changes}
    return near.find(near.Held(texts, 2), ranks_of(texts), **given)  # type: ignore[arg-type]


def kept(texts: list[str]) -> list[str]:
    """The texts that stay, sorted."""
    removed = {removal.removed for removal in find(texts).removals}
    return sorted(t for i, t in enumerate(texts) if i not in removed)


@st.composite
def families(draw: st.DrawFn) -> list[str]:
    """Texts of a few originals, each changed in a few places or cut short."""
    out = []
    for family in range(draw(st.integers(1, 3))):
        words = [f"f{family}w{n}" for n in range(60)]
        for _ in range(draw(st.integers(1, 5))):
            changed = list(words)
            for at in draw(st.lists(st.integers(0, 59), max_size=6)):
                changed[at] = f"z{draw(st.integers(0, 2))}"
            out.append(" ".join(changed[: draw(st.sampled_from([60, 60, 55, 40]))]))
    return out


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(families(), st.randoms(use_true_random=False))
def test_the_kept_set_does_not_depend_on_order(texts: list[str], chance: random.Random) -> None:
    """Any order of the input keeps the same texts."""
    shuffled = list(texts)
    chance.shuffle(shuffled)
    assert kept(shuffled) == kept(texts)


@settings(max_examples=60, deadline=None)
@given(families())
def test_nothing_goes_through_a_chain(texts: list[str]) -> None:
    """Each removed text verifies against a kept one, with the figures that its record states."""
    found = find(texts)
    removed = {removal.removed for removal in found.removals}
    for removal in found.removals:
        a, b = (shingles(texts[i], 2) for i in (removal.removed, removal.kept))
        assert removal.kept not in removed
        assert removal.jaccard == jaccard(a, b)
        assert removal.containment == containment(a, b)
        assert removal.jaccard >= 0.8 or (removal.containment >= 0.98 and len(a) <= len(b))


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(families())
def test_no_two_kept_texts_are_near(texts: list[str]) -> None:
    """Among kept texts no pair reaches the threshold (recall at 0.8 is 0.99995 a pair)."""
    left = [shingles(t, 2) for t in kept(texts)]
    assert all(jaccard(left[i], left[j]) < 0.8 for i in range(len(left)) for j in range(i))


@pytest.mark.slow
def test_exact_copies_collapse_fast_and_name_their_twin() -> None:
    """Ten thousand copies leave one and cost no square."""
    found = find(["the same words again and again in one text"] * 10_000)
    assert len(found.removals) == 9_999
    assert {removal.rule for removal in found.removals} == {"exact"}
    assert found.candidates == 0


def test_a_copy_of_a_removed_text_names_the_kept_one() -> None:
    """Copies of a near-duplicate point at the document that stays, not at their removed twin."""
    long = " ".join(f"w{n}" for n in range(100))
    short = " ".join(f"w{n}" for n in range(95))
    found = find([short, long, short])
    assert [(r.removed, r.kept) for r in found.removals] == [(0, 1), (2, 1)]


def test_a_part_of_another_text_is_subsumed() -> None:
    """A text wholly inside a longer one goes, although its Jaccard similarity is low."""
    long = " ".join(f"w{n}" for n in range(100))
    found = find([long, " ".join(f"w{n}" for n in range(65))])
    assert [(r.removed, r.kept, r.rule) for r in found.removals] == [(1, 0, "subsumed")]


AT_HOME = {"canonical_url": "https://x.test/"}


def test_quality_goes_before_length_and_newer_before_older() -> None:
    """The cleaner document wins over the longer, and of two equally long ones the newer."""
    base = " ".join(f"w{n}" for n in range(200))
    clean, noisy = (
        document({"id": "a", "text": base}),
        document({"id": "b", "text": base + " menu login cookies share"}),
    )
    assert near.rank(clean, 10, 200) < near.rank(noisy, 8, 204)
    old = document({"id": "a", "text": base + " more", "modified_at": "2020-01-01"})
    new = document({"id": "b", "text": base, "modified_at": "2026-01-01"})
    assert near.rank(new, 10, 200) < near.rank(old, 10, 201)
    moved = document({"id": "d", "text": base, "url": "https://x.test/v1", **AT_HOME})
    home = document({"id": "e", "text": base + " more", "url": "https://x.test/", **AT_HOME})
    assert near.rank(home, 10, 201) < near.rank(moved, 10, 200) < near.rank(moved, 10, 199)
    at_night = document({"id": "c", "text": base, "modified_at": "2026-01-01T23:59:59Z"})
    assert near.rank(at_night, 10, 200).newest == near.rank(new, 10, 200).newest == -20260101
    undated = document({"id": "f", "text": base, "modified_at": "in March"})
    assert near.rank(undated, 10, 200).newest == 0
    year = document({"id": "g", "text": base, "modified_at": "2026"})
    assert near.rank(year, 10, 200).newest == -20260000


def test_unlike_texts_stay() -> None:
    """Documents that share half of their words or less are both kept, and noted as related from one
    half on.
    """
    a = " ".join(f"w{n}" for n in range(100))
    b = " ".join([f"w{n}" for n in range(70)] + [f"v{n}" for n in range(30)])
    found = find([a, b])
    assert found.removals == []
    assert [(i, j) for i, j, _ in found.related] in ([(0, 1)], [(1, 0)])


class _Known(Memory):
    """Pairs of an earlier build, of which some texts are gone."""

    def __init__(self, pairs: list[Verified]) -> None:
        super().__init__()
        self._pairs = pairs

    def stored(self) -> Iterator[Verified]:
        yield from self._pairs


def test_a_pair_of_before_counts_while_both_of_its_texts_are_there() -> None:
    """A text that left the corpus takes its pairs with it."""
    held = near.Held(["one two three", "four five six"], 2)
    a, b = held.fingerprints
    known = _Known([(a, b, 0.9, 0.9), (a, "gone", 0.9, 0.9), ("gone", b, 0.9, 0.9)])
    given = {"threshold": 0.8, "containment": 0.98, "shingle": 2}
    found = near.find(held, ranks_of(["one two three", "four five six"]), **given, seen=known)
    assert (found.verified, len(found.removals)) == (1, 1)


@pytest.mark.parametrize(
    ("likeness", "inside", "related", "removed"),
    [
        (0.49, 0.97, 0, 0),
        (0.5, 0.5, 1, 0),
        (0.3, 0.98, 1, 1),
        (0.79, 0.97, 1, 0),
        (0.8, 0.8, 1, 1),
    ],
)
def test_both_bounds_count_from_their_value_on(
    likeness: float, inside: float, related: int, removed: int
) -> None:
    """Related from half on or where one text is inside the other; removed from the thresholds."""
    texts = ["one two three four", "four five six"]
    held = near.Held(texts, 2)
    known = _Known([(*held.fingerprints, likeness, inside)])
    given = {"threshold": 0.8, "containment": 0.98, "shingle": 2}
    found = near.find(held, ranks_of(texts), **given, seen=known)
    assert (len(found.related), len(found.removals)) == (related, removed)
