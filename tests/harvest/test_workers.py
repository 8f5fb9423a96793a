"""Worker processes may die; the crawl does not."""

from __future__ import annotations

import asyncio
import importlib
from pathlib import Path

import pytest

from secarch.harvest.workers import Workers
from secarch.records import Page
from tests.harvest.conftest import config_for


def page(url: str) -> Page:
    return Page(url=url, status=200, body=b"", content_type="", headers={}, fetched_at="")


@pytest.mark.parametrize("bad", ["die", "hang", "panic"])
def test_a_page_that_kills_its_worker_is_recorded_and_the_others_are_not_lost(
    bad: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every other page gets its answer, also those that shared the pool, and the next ones too."""
    monkeypatch.syspath_prepend(Path(__file__).parent)
    act = importlib.import_module("deadly_work").act

    async def run() -> list[str]:
        workers = Workers(config_for("http://127.0.0.1/", workers=2))
        try:
            first = await asyncio.gather(*(workers.run(act, page(u)) for u in ("a", bad, "b", "c")))
            return [found.reason for found in [*first, await workers.run(act, page("d"))]]
        finally:
            workers.close()

    assert asyncio.run(run()) == ["a", "extraction_crashed", "b", "c", "d"]
