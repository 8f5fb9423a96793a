"""The documents artifact's files."""

from __future__ import annotations

from pathlib import Path

import pytest

from secarch.harvest import documents
from secarch.harvest.frontier.database import FILE
from secarch.harvest.frontier.frontier import Frontier
from secarch.harvest.frontier.visit import Link, Visit
from secarch.records import Document
from tests.harvest.conftest import rows_of

HOST = "http://h"


def document(url: str, canonical: str, text: str = "text\n") -> Document:
    return Document(
        id="",
        url=url,
        canonical_url=canonical,
        site="h",
        title="T",
        text=text,
        language="en",
        licence="",
        fetched_at="",
        modified_at="",
        sha256=url,
        raw_sha256="",
    )


def filled(path: Path, pages: dict[str, str]) -> Frontier:
    """A frontier with a kept page for each address, and its canonical address."""
    frontier = Frontier(path / FILE)
    frontier.add([Link(url=url) for url in pages])
    leases = frontier.commit([], {HOST: len(pages)}).leases
    frontier.commit(
        [
            Visit(lease=found, fetched=True, document=document(found.url, pages[found.url]))
            for found in leases
        ],
        {},
    )
    return frontier


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5, 6, 10, 11, 23])
def test_every_row_is_in_exactly_one_shard(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the number of rows, of rows in a group and in a shard; the shards are in order."""
    monkeypatch.setattr(documents, "GROUP_ROWS", 2)
    monkeypatch.setattr(documents, "SHARD_ROWS", 5)
    urls = [f"{HOST}/{n:03d}" for n in range(number)]
    written = documents.write(filled(tmp_path, {url: url for url in urls}), tmp_path)
    assert [row["url"] for row in rows_of(tmp_path)] == urls
    assert (written.documents, len(written.shards)) == (number, -(-number // 5))
    assert set(written.rows.values()) <= {5, number % 5}


def test_the_page_that_lives_at_the_canonical_address_wins(tmp_path: Path) -> None:
    """Else the one with the shortest address; each loser is listed with the address it lost to."""
    pages = {
        f"{HOST}/a": f"{HOST}/a",
        f"{HOST}/a?v=1": f"{HOST}/a",
        f"{HOST}/long": f"{HOST}/x",
        f"{HOST}/lo": f"{HOST}/x",
    }
    written = documents.write(filled(tmp_path, pages), tmp_path)
    assert [row["url"] for row in rows_of(tmp_path)] == [f"{HOST}/a", f"{HOST}/lo"]
    assert written.duplicates == [(f"{HOST}/a?v=1", f"{HOST}/a"), (f"{HOST}/long", f"{HOST}/x")]
