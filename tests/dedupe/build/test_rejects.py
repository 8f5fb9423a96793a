"""Rows of what was left out come back as they were given, long texts held in fewer bytes."""

from __future__ import annotations

import gzip
from pathlib import Path

from secarch.dedupe.build.output import write_gzip
from secarch.dedupe.build.rejects import LONG, Rejects
from secarch.dedupe.quality import readability
from secarch.schema import JsonDict, canonical_json


def row(number: int, text: str, *, sha256: str = "", reason: str = "too_short") -> JsonDict:
    """A row as a rule leaves it."""
    return {
        "document_id": f"d{number}",
        "start": 0,
        "end": len(text),
        "reason": reason,
        "url": "",
        "sha256": sha256,
        "text": text,
    }


TEXTS = ["", "short", "ü" * LONG, "lone \ud800 surrogate " * LONG, "page\n" * LONG]


def test_rows_come_back_as_they_were_given() -> None:
    """By number, by slice and in turn; texts with lone surrogates too."""
    rows = [row(number, text) for number, text in enumerate(TEXTS)]
    rejects = Rejects()
    rejects.append(rows[0])
    rejects.extend(rows[1:])
    assert list(rejects) == rows
    assert rejects[2] == rows[2]
    assert rejects[1:4] == rows[1:4]
    assert len(rejects) == len(rows)


def test_long_texts_are_not_held_as_they_are() -> None:
    """A dataset of 100,000 documents has to fit, with every text that a rule dropped."""
    rejects = Rejects()
    rejects.append(row(1, "the same page of a site, again and again. " * LONG))
    (held,) = rejects._rows
    assert len(held["text"]) < LONG


def test_places_and_reasons_read_no_text() -> None:
    """The report draws its samples by place, after the rows were sorted."""
    rejects = Rejects()
    rejects.extend([row(2, "b" * LONG, sha256="f2"), row(1, "a", sha256="f1", reason="language")])
    rejects.sort()
    assert rejects.places() == {("d1", "f1"): 0, ("d2", "f2"): 1}
    assert rejects.reasons() == {"language": [0], "too_short": [1]}


def test_the_file_is_gzip_without_a_time(tmp_path: Path) -> None:
    """Every row in its order, and equal bytes on every run."""
    rows = [row(number, text * 50) for number, text in enumerate(TEXTS)]
    assert write_gzip(tmp_path / "rejected.jsonl.gz", rows) == len(rows)
    whole = "".join(f"{canonical_json(one)}\n" for one in rows).encode("utf-8", "replace")
    packed = (tmp_path / "rejected.jsonl.gz").read_bytes()
    assert gzip.decompress(packed) == whole
    assert packed[4:8] == bytes(4)
    write_gzip(tmp_path / "again.jsonl.gz", rows)
    assert (tmp_path / "again.jsonl.gz").read_bytes() == packed


def test_looking_words_up_leaves_nothing_behind_but_the_bounded_cache() -> None:
    """The hyphenation library keeps every word that it was asked for."""
    for number in range(100):
        readability.syllables(f"kubernetesq{number}")
    assert not readability._hyphenation().hd.cache
