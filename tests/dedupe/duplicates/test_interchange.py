"""Signatures in datasketch's hands."""

from __future__ import annotations

import pytest

from secarch.dedupe.duplicates.interchange import datasketch_index
from secarch.text.minhash import PERMUTATIONS, Signer


def test_datasketch_finds_what_we_signed() -> None:
    """A lookup by datasketch finds the near copy and nothing else."""
    datasketch = pytest.importorskip("datasketch")
    words = [f"word{n}" for n in range(200)]
    texts = [("a", " ".join(words)), ("b", " ".join(f"other{n}" for n in range(200)))]
    index = datasketch_index(texts)
    signature = Signer().sign_texts([" ".join([*words[:-1], "last"])], 5)[0][0]
    asked = datasketch.MinHash(PERMUTATIONS, hashvalues=signature, scheme="affine32")
    assert index.query(asked) == ["a"]
