"""The plan of a dry run in words."""

from __future__ import annotations

import pytest

from secarch.harvest.config import HarvestConfig
from secarch.harvest.crawl.plan import _work


@pytest.mark.parametrize(
    ("hosts", "local", "wanted"),
    [
        (0, 1, "read 1 local source"),
        (0, 2, "read 2 local sources"),
        (1, 0, "ask 1 host for at most 9 pages in 2 days"),
        (2, 1, "ask 2 hosts for at most 9 pages in 2 days and read 1 local source"),
        (0, 0, "ask 0 hosts for at most 9 pages in 2 days"),
    ],
)
def test_only_what_there_is_is_named(hosts: int, local: int, wanted: str) -> None:
    """A folder is read without a word about hosts; nothing at all is said as such."""
    assert _work(HarvestConfig(max_pages=9), hosts, local, 2.0) == wanted
