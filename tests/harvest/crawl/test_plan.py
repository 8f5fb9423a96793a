"""The plan of a dry run in words."""

from __future__ import annotations

import pytest

from secarch.harvest.config import HarvestConfig
from secarch.harvest.crawl.plan import _hosts, _time, _work
from secarch.harvest.sources.urls import Rules


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
    assert _work(9, hosts, local, 2.0) == wanted


def test_a_seed_that_is_one_file_is_one_page() -> None:
    """A list of PDFs takes minutes, not the days of a host's whole budget."""
    top = "https://docs.example.org/"
    files = [{"name": n, "url": f"{top}{n}.pdf", "scope": f"{top}{n}.pdf"} for n in "ab"]
    config = HarvestConfig(seeds=files, delay_s=3600, max_pages_per_host=50)
    (host,) = _hosts(config, Rules(config)).values()
    assert (host["pages_at_most"], host["days_at_most"]) == (2, 0.0833)
    assert [seed["name"] for seed in host["seeds"]] == ["a", "b"]
    config = HarvestConfig(seeds=[*files, {"url": top}], delay_s=1, max_pages_per_host=50)
    (host,) = _hosts(config, Rules(config)).values()
    assert host["pages_at_most"] == 50


@pytest.mark.parametrize(
    ("days", "wanted"),
    [(0.0, "1 minute"), (0.001, "2 minutes"), (119 / 1440, "119 minutes"), (0.0834, "0.08 days")],
)
def test_a_short_crawl_is_said_in_minutes(days: float, wanted: str) -> None:
    """Nobody reads 0.0012 days."""
    assert _time(days) == wanted
