"""A dataset's rows, indexed so that the rows most like a text are found without reading them all.

The index is a cache beside the registry, named by the dataset's digest: built by the first command
that needs it, and built again if it is lost, torn or of another version.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from secarch import console
from secarch.artifact import Artifact
from secarch.files import read_jsonl
from secarch.schema import JsonDict
from secarch.text.overlap import Texts
from secarch.text.words import U64, ngrams, ngrams_of

VERSION = "1"
ROWS = "train.jsonl"
RUN_WORDS, TRIPLE = 8, 3
CANDIDATES = 64
"""Rows by shared hashes whose share is counted exactly, since 32 bits of a hash can collide."""
_AT_ONCE = 4096
"""Rows that are hashed at once, so that memory is bounded by the index and not by the texts."""
_SAID_FROM = 20_000
"""Rows from which the building takes seconds and is logged."""

U32 = NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class RowIndex:
    """Where each row begins, the runs of eight words that rows have, and a signature a row."""

    path: Path
    """The file of rows."""
    starts: NDArray[np.int64]
    """Byte at which each row begins; shape (rows,)."""
    runs: U32
    """Upper halves of the hashes of all runs of eight words, ascending; shape (runs,)."""
    owners: U32
    """The row that each run is from; shape (runs,)."""
    signatures: U32
    """MinHash of each row's word triples; shape (rows, permutations)."""
    sources: tuple[tuple[str, str, str, int], ...]
    """URL, title, licence and rows of every page that rows were written from."""

    def row(self, n: int) -> JsonDict:
        """A row, read from the file."""
        with self.path.open("rb") as file:
            file.seek(int(self.starts[n]))
            found: JsonDict = json.loads(file.readline())
        return found

    def by_runs(self, text: str) -> dict[int, float]:
        """Row -> share of the text's runs of eight words (0..1], of the rows that share most."""
        wanted = np.unique(_upper(ngrams(text, RUN_WORDS)))
        left = np.searchsorted(self.runs, wanted, "left")
        count = np.searchsorted(self.runs, wanted, "right") - left
        start = np.repeat(left - np.concatenate(([0], np.cumsum(count)[:-1])), count)
        rows, shared = np.unique(self.owners[start + np.arange(len(start))], return_counts=True)
        chosen = rows[np.lexsort((rows, -shared))][:CANDIDATES].tolist()
        at, _, share = Texts([(text,)], RUN_WORDS).found([taught(self.row(n)) for n in chosen])
        return {chosen[n]: float(s) for n, s in zip(at, share, strict=True)}

    def by_triples(self, text: str, most: int) -> dict[int, float]:
        """Row -> estimated Jaccard similarity of word triples (0..1], of the `most` that are most
        alike.
        """
        from secarch.text.minhash import Signer

        if not len(ngrams(text, TRIPLE)) or not len(self.starts):
            return {}
        signature = Signer().sign_texts([text], TRIPLE)[0][0]
        share = (self.signatures == signature).mean(axis=1)
        best = np.lexsort((np.arange(len(share)), -share))[:most]
        return {int(n): float(share[n]) for n in best if share[n] > 0}


def taught(row: JsonDict) -> str:
    """What a row teaches: the assistant's words."""
    messages = row.get("messages") or ()
    return "\n".join(str(m.get("content", "")) for m in messages if m.get("role") == "assistant")


def sources_of(row: JsonDict) -> set[tuple[str, str, str]]:
    """(URL, title, licence) of every passage that a row was written from."""
    first = (str(row.get("url", "")), str(row.get("title", "")), str(row.get("licence", "")))
    found = {first} if first[0] else set()
    for source in row.get("sources") or ():
        url, licence = str(source.get("url", "")), str(source.get("licence", ""))
        if url and url != first[0]:
            found.add((url, "", licence))
    return found


def row_index(dataset: Artifact, folder: Path) -> RowIndex:
    """The index of a dataset's training rows, from `folder` or built and kept there.

    Raises InvalidInput if a row is not JSON. A folder that cannot be written costs only the time to
    build it again.
    """
    kept = folder / f"{dataset.digest[:16]}.safetensors"
    path = dataset.file(ROWS)
    index = _read(kept, path, dataset.digest)
    if index is None:
        index = _build(path)
        _keep(index, kept, dataset.digest)
    return index


def _read(kept: Path, path: Path, digest: str) -> RowIndex | None:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(kept, framework="numpy") as file:
            facts = file.metadata() or {}
            if (facts.get("version"), facts.get("dataset")) != (VERSION, digest):
                return None
            arrays = {name: file.get_tensor(name) for name in ("starts", "runs", "owners")}
            signatures = file.get_tensor("signatures")
            sources = tuple(tuple(source) for source in json.loads(facts["sources"]))
    except (OSError, SafetensorError, KeyError, ValueError):
        return None
    return RowIndex(path, **arrays, signatures=signatures, sources=sources)


def _keep(index: RowIndex, kept: Path, digest: str) -> None:
    from safetensors.numpy import save_file

    new = kept.with_suffix(".new")
    facts = {"version": VERSION, "dataset": digest, "sources": json.dumps(index.sources)}
    arrays: dict[str, Any] = {
        name: np.ascontiguousarray(getattr(index, name))
        for name in ("starts", "runs", "owners", "signatures")
    }
    try:
        kept.parent.mkdir(parents=True, exist_ok=True)
        save_file(arrays, new, facts)
        new.replace(kept)
    except OSError as error:
        console.log().warning("row_index_not_kept", path=str(kept), why=str(error))


def _build(path: Path) -> RowIndex:
    from secarch.text.minhash import PERMUTATIONS, Signer

    signer, counted = Signer(), Counter[tuple[str, str, str]]()
    runs, owners, signatures = [np.zeros(0, np.uint32)], [np.zeros(0, np.uint32)], []
    first = 0
    for rows in _batches(path):
        texts = [taught(row) for row in rows]
        counted.update(source for row in rows for source in sources_of(row))
        grams, owner = ngrams_of(texts, RUN_WORDS)
        runs.append(_upper(grams))
        owners.append((owner + first).astype(np.uint32))
        signatures.append(signer.sign_texts(texts, TRIPLE)[0])
        first += len(rows)
    if first >= _SAID_FROM:
        console.log().info("row_index_built", rows=first)
    flat, owned = np.concatenate(runs), np.concatenate(owners)
    order = np.argsort(flat, kind="stable")
    return RowIndex(
        path,
        _starts(path),
        flat[order],
        owned[order],
        np.concatenate([np.zeros((0, PERMUTATIONS), np.uint32), *signatures]),
        tuple((*source, rows) for source, rows in sorted(counted.items())),
    )


def _batches(path: Path) -> Iterator[list[JsonDict]]:
    batch: list[JsonDict] = []
    for row in read_jsonl(path):
        batch.append(row)
        if len(batch) == _AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch


def _starts(path: Path) -> NDArray[np.int64]:
    with path.open("rb") as file:
        sizes = np.array([len(line) for line in file], np.int64)
    return np.concatenate((np.zeros(1, np.int64), np.cumsum(sizes)[:-1]))[: len(sizes)]


def _upper(grams: U64) -> U32:
    return (grams >> np.uint64(32)).astype(np.uint32)
