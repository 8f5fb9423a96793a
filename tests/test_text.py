"""Words, shingles and signatures."""

from __future__ import annotations

import numpy as np
import pytest
from datasketch import MinHash, MinHashLSH
from hypothesis import given, settings
from hypothesis import strategies as st

from secarch import text

WORDS = st.lists(st.sampled_from("alpha beta gamma delta eps zeta Éta ζ 7 x_1".split()), max_size=60)


def test_normalise_separates_by_everything_that_is_no_word() -> None:
    """Punctuation, symbols, emoji and white space of any script separate words; case does not matter."""
    assert text.normalise("It\u2019s  A “Key-Ring” — naïve_x\u00a07\n🙂end.") == "it s a key ring naïve_x 7 end"
    assert text.normalise("A,b.C") == "a b c"
    assert text.normalise(" .,\n") == ""


@given(st.text(max_size=300))
def test_one_hash_a_word(body: str) -> None:
    """There is exactly one hash for each word, and equal words have equal hashes."""
    hashed, found = text.word_hashes(body), text.words(body)
    assert len(hashed) == len(found)
    assert len(set(hashed.tolist())) == len(set(found))


@given(WORDS, st.integers(1, 6))
def test_shingles_are_the_set_of_ngrams(found: list[str], n: int) -> None:
    """There are as many shingles as different n-grams; a shorter text is one shingle."""
    body = " ".join(found)
    lowered = [word.lower() for word in found]
    grams = {tuple(lowered[i : i + n]) for i in range(len(found) - n + 1)} or ({tuple(lowered)} if found else set())
    assert len(text.shingles(body, n)) == len(grams)


def test_a_word_hashes_alike_wherever_it_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cutting a long text into blocks changes no hash, and a word longer than a block stays whole."""
    body = " ".join(f"w{n % 97}" for n in range(500)) + " " + "y" * 200 + " end"
    whole = text.word_hashes(body)
    monkeypatch.setattr(text, "_BLOCK", 64)
    assert (text.word_hashes(body) == whole).all()


@given(WORDS)
def test_signatures_equal_datasketch(found: list[str]) -> None:
    """Signatures are bit-identical to datasketch's own affine32 MinHash."""
    members = text.shingles(" ".join(found), 3)
    oracle = MinHash(text.PERMUTATIONS, hashfunc=int, scheme="affine32")
    oracle.update_batch(members.tolist())
    assert (text.Signer().sign(members) == oracle.hashvalues).all()


def test_a_large_set_is_signed_in_blocks_like_datasketch() -> None:
    """A set of more members than a block gives datasketch's signature too, which its LSH takes as it is."""
    members = text.shingles(" ".join(f"word{n}" for n in range(5000)), 5)
    oracle = MinHash(text.PERMUTATIONS, hashfunc=int, scheme="affine32")
    oracle.update_batch(members.tolist())
    ours = MinHash(text.PERMUTATIONS, hashvalues=text.Signer().sign(members), scheme="affine32")
    assert (ours.hashvalues == oracle.hashvalues).all()
    index = MinHashLSH(num_perm=128, params=(25, 5))
    index.insert("it", oracle)
    assert index.query(ours) == ["it"]


@given(WORDS, WORDS)
def test_jaccard_and_containment(left: list[str], right: list[str]) -> None:
    """Both measures equal their definitions on the sets of words."""
    a, b = {w.lower() for w in left}, {w.lower() for w in right}
    x, y = text.shingles(" ".join(left), 1), text.shingles(" ".join(right), 1)
    assert text.jaccard(x, y) == pytest.approx(len(a & b) / len(a | b) if a | b else 1.0)
    smaller = min(len(a), len(b))
    assert text.containment(x, y) == pytest.approx(len(a & b) / smaller if smaller else 1.0)


@given(WORDS, WORDS)
def test_overlap_is_the_share_of_the_item(item: list[str], body: list[str]) -> None:
    """ngram_overlap is the share of the item's distinct n-grams that the text holds."""
    grams = {tuple(w.lower() for w in item[i : i + 2]) for i in range(len(item) - 1)}
    held = {tuple(w.lower() for w in body[i : i + 2]) for i in range(len(body) - 1)}
    expected = len(grams & held) / len(grams) if grams else 0.0
    assert text.ngram_overlap(" ".join(item), " ".join(body), 2) == pytest.approx(expected)


@settings(max_examples=25)
@given(st.lists(st.integers(0, 3), min_size=2, max_size=40), st.integers(1, 4))
def test_candidates_are_the_pairs_with_an_equal_band(kinds: list[int], bands: int) -> None:
    """Without a window, exactly those pairs come out of which some band is equal."""
    signatures = np.array(
        [[(kind * 7 + b if kind % (b + 2) else 99) for b in range(bands * 2)] for kind in kinds], np.uint32
    )
    found = {tuple(pair) for pair in text.candidates(signatures, bands=bands, rows=2, window=100).tolist()}

    def equal(i: int, j: int) -> bool:
        return any((signatures[i, b * 2 : b * 2 + 2] == signatures[j, b * 2 : b * 2 + 2]).all() for b in range(bands))

    assert found == {(i, j) for i in range(len(kinds)) for j in range(i + 1, len(kinds)) if equal(i, j)}


def test_a_huge_bucket_costs_a_line() -> None:
    """Ten thousand equal signatures give each its neighbours in the window, not fifty million pairs."""
    signatures = np.ones((10_000, 5), np.uint32)
    assert len(text.candidates(signatures, bands=1, rows=5, window=3)) == 3 * 10_000 - 6


def test_fingerprints_ignore_case_and_punctuation() -> None:
    """Texts of equal words have equal fingerprints; another word makes another one."""
    assert text.fingerprint("Rotate **keys**, daily.") == text.fingerprint("rotate keys daily")
    assert text.fingerprint("rotate keys daily") != text.fingerprint("rotate keys weekly")


def test_membership_in_a_sorted_set() -> None:
    """`held` tells each n-gram apart, and finds nothing in an empty set."""
    known = np.array([2, 5, 9], np.uint64)
    assert text.held(known, np.array([9, 1, 5, 10], np.uint64)).tolist() == [True, False, True, False]
    assert not text.held(np.zeros(0, np.uint64), known).any()
