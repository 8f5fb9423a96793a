"""Words, shingles and signatures."""

from __future__ import annotations

import re

import numpy as np
import pytest
from datasketch import MinHash, MinHashLSH
from hypothesis import given, settings
from hypothesis import strategies as st

from secarch.text.minhash import (
    PERMUTATIONS,
    Signer,
    Unlike,
    containment,
    jaccard,
    shingles,
    shingles_of,
)
from secarch.text.overlap import held as held_of
from secarch.text.words import (
    U32,
    count_runs,
    fingerprint,
    normalise,
    runs,
    word_hashes,
    words,
)

WORDS = st.lists(
    st.sampled_from("alpha beta gamma delta eps zeta Éta ζ 7 x_1".split()), max_size=60
)


def test_normalise_separates_by_everything_that_is_no_word() -> None:
    """Punctuation, symbols, emoji and white space of any script separate words; case does not
    matter.
    """
    assert (
        normalise("It\u2019s  A “Key-Ring” — naïve_x\u00a07\n🙂end.")
        == "it s a key ring naïve_x 7 end"
    )
    assert normalise("A,b.C") == "a b c"
    assert normalise(" .,\n") == ""


@given(st.text(max_size=300))
def test_one_hash_a_word(body: str) -> None:
    """There is exactly one hash for each word, and equal words have equal hashes."""
    hashed, found = word_hashes(body), words(body)
    assert len(hashed) == len(found)
    assert len(set(hashed.tolist())) == len(set(found))


@given(WORDS, st.integers(1, 6))
def test_shingles_are_the_set_of_ngrams(found: list[str], n: int) -> None:
    """There are as many shingles as different n-grams; a shorter text is one shingle."""
    body = " ".join(found)
    lowered = [word.lower() for word in found]
    grams = {tuple(lowered[i : i + n]) for i in range(len(found) - n + 1)} or (
        {tuple(lowered)} if found else set()
    )
    assert len(shingles(body, n)) == len(grams)


def test_a_word_hashes_alike_wherever_it_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cutting a long text into blocks changes no hash, and a word longer than a block stays
    whole.
    """
    body = " ".join(f"w{n % 97}" for n in range(500)) + " " + "y" * 200 + " end"
    whole = word_hashes(body)
    for module in ("words", "minhash"):
        monkeypatch.setattr(f"secarch.text.{module}.BLOCK", 64)
    assert (word_hashes(body) == whole).all()


@given(WORDS)
def test_signatures_equal_datasketch(found: list[str]) -> None:
    """Signatures are bit-identical to datasketch's own affine32 MinHash."""
    members = shingles(" ".join(found), 3)
    oracle = MinHash(PERMUTATIONS, hashfunc=int, scheme="affine32")
    oracle.update_batch(members.tolist())
    assert (Signer().sign(members) == oracle.hashvalues).all()


def test_a_large_set_is_signed_in_blocks_like_datasketch() -> None:
    """A set of more members than a block gives datasketch's signature too, which its LSH takes as
    it is.
    """
    members = shingles(" ".join(f"word{n}" for n in range(5000)), 5)
    oracle = MinHash(PERMUTATIONS, hashfunc=int, scheme="affine32")
    oracle.update_batch(members.tolist())
    ours = MinHash(PERMUTATIONS, hashvalues=Signer().sign(members), scheme="affine32")
    assert (ours.hashvalues == oracle.hashvalues).all()
    index = MinHashLSH(num_perm=128, params=(25, 5))
    index.insert("it", oracle)
    assert index.query(ours) == ["it"]


@given(WORDS, WORDS)
def test_jaccard_and_containment(left: list[str], right: list[str]) -> None:
    """Both measures equal their definitions on the sets of words."""
    a, b = {w.lower() for w in left}, {w.lower() for w in right}
    x, y = shingles(" ".join(left), 1), shingles(" ".join(right), 1)
    assert jaccard(x, y) == pytest.approx(len(a & b) / len(a | b) if a | b else 1.0)
    smaller = min(len(a), len(b))
    assert containment(x, y) == pytest.approx(len(a & b) / smaller if smaller else 1.0)


@settings(max_examples=50)
@given(
    st.lists(st.one_of(WORDS.map(" ".join), st.text(max_size=80)), max_size=40), st.integers(1, 5)
)
def test_many_texts_are_signed_like_each_alone(bodies: list[str], n: int) -> None:
    """Signing, shingling and marking texts in one pass gives what datasketch and each text alone
    give.
    """
    signatures, marks = Signer().sign_texts(bodies, n)
    assert len(signatures) == len(marks) == len(bodies)
    for body, found, row, mark in zip(
        bodies, shingles_of(bodies, n), signatures, marks, strict=True
    ):
        assert (found == shingles(body, n)).all()
        assert mark == fingerprint(body)
        oracle = MinHash(PERMUTATIONS, hashfunc=int, scheme="affine32")
        oracle.update_batch(found.tolist())
        assert (row == oracle.hashvalues).all()


def test_texts_beyond_a_block_are_signed_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Among short texts, one that is longer than a block keeps its shingles and its signature."""
    bodies = ["a b c d", " ".join(f"w{n}" for n in range(200)), "", "e f", "İSTANBUL ΣΑΣ x y z"]
    whole, sets = Signer().sign_texts(bodies, 3), list(shingles_of(bodies, 3))
    for module in ("words", "minhash"):
        monkeypatch.setattr(f"secarch.text.{module}.BLOCK", 64)
    cut = Signer().sign_texts(bodies, 3)
    assert (cut[0] == whole[0]).all()
    assert cut[1] == whole[1]
    assert all((a == b).all() for a, b in zip(shingles_of(bodies, 3), sets, strict=True))


@given(st.text(max_size=200))
def test_words_are_those_of_the_lower_case_text(body: str) -> None:
    """Lower case is Unicode's, a final sigma and a dotted capital I too."""
    lowered = body.encode("utf-8", "replace").decode().lower()
    spaced = "".join(c if c.isalnum() or c == "_" else " " for c in lowered)
    assert words(body) == spaced.split()


def test_fingerprints_ignore_case_and_punctuation() -> None:
    """Texts of equal words have equal fingerprints; another word makes another one."""
    assert fingerprint("Rotate **keys**, daily.") == fingerprint("rotate keys daily")
    assert fingerprint("rotate keys daily") != fingerprint("rotate keys weekly")


def test_membership_in_a_sorted_set() -> None:
    """`held` tells each n-gram apart, and finds nothing in an empty set."""
    known = np.array([2, 5, 9], np.uint64)
    assert held_of(known, np.array([9, 1, 5, 10], np.uint64)).tolist() == [True, False, True, False]
    assert not held_of(np.zeros(0, np.uint64), known).any()


def test_runs_are_what_the_expression_finds() -> None:
    """Letters, digits, marks and underscores of any script, whatever stands between."""
    text = "A_b-c, \u00e9t\u00e9\u2019s  \u0130x\u00a0y \u4e2d\u6587\u3002z e\u0301"
    text += " \ud800 9\u00b2 \u2028q\x1fr"
    assert runs(text) == re.findall(r"\w+", text)
    assert count_runs(text) == len(runs(text))
    assert runs("") == [] == runs(" .-\n")


def test_no_two_of_a_collection_are_alike() -> None:
    """As comparing each with all decides, at the threshold too."""
    rng = np.random.default_rng(5)
    base = rng.integers(0, 1 << 32, 300, dtype=np.uint32)
    sets = [np.unique(base[:n]) for n in (90, 100, 112, 113, 140, 180, 225)]
    sets += [np.unique(rng.choice(base, 200)) for _ in range(60)]
    kept: list[U32] = []
    unlike = Unlike(0.8)
    for one in sets:
        fresh = all(jaccard(one, other) < 0.8 for other in kept)
        assert unlike.add(one) is fresh
        kept += [one] if fresh else []
    assert 5 < len(kept) < len(sets)
    assert jaccard(np.arange(4, dtype=np.uint32), np.arange(5, dtype=np.uint32)) == 0.8
    five = Unlike(0.8)
    assert five.add(np.arange(5, dtype=np.uint32))
    assert not five.add(np.arange(4, dtype=np.uint32))
