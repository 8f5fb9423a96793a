"""Our signatures as objects of datasketch, for programs that look up near-duplicates with it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from secarch.text.minhash import PERMUTATIONS, Signer

if TYPE_CHECKING:
    from datasketch import MinHashLSH


def datasketch_index(
    texts: Iterable[tuple[str, str]], *, threshold: float = 0.8, shingle: int = 5
) -> MinHashLSH:
    """A `datasketch.MinHashLSH` of (name, text) pairs, signed at our speed.

    The signatures are bit-identical to those of datasketch's affine32 scheme with seed 1 over the
    32-bit hashes of word shingles, so more can be inserted or looked up with datasketch alone.

    >>> index = datasketch_index([("a", "one two three four five six")])
    >>> list(index.keys)
    ['a']
    """
    from datasketch import MinHash, MinHashLSH

    index = MinHashLSH(threshold=threshold, num_perm=PERMUTATIONS)
    names, bodies = zip(*texts, strict=True)
    signatures, _ = Signer().sign_texts(bodies, shingle)
    for name, signature in zip(names, signatures, strict=True):
        index.insert(name, MinHash(PERMUTATIONS, hashvalues=signature, scheme="affine32"))
    return index
