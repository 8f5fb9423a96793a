"""Worker processes may die; the crawl does not."""

from __future__ import annotations

import asyncio
import dataclasses
from pathlib import Path

import psutil
import pytest

from secarch.harvest.extract import pool as module
from secarch.harvest.extract.extracted import Extracted
from secarch.harvest.extract.pool import Workers
from secarch.harvest.extract.worker import HEAD, from_extracted, to_extracted
from secarch.records import Page
from tests.harvest.conftest import config_for


def page(url: str) -> Page:
    return Page(url=url, status=200, body=b"", content_type="", headers={}, fetched_at="")


@pytest.mark.slow
@pytest.mark.parametrize("bad", ["die", "hang", "panic", "big"])
def test_a_page_that_kills_its_worker_is_recorded_and_the_others_are_not_lost(
    bad: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every other page gets its answer, also those that shared the pool, and the next ones too."""
    monkeypatch.syspath_prepend(Path(__file__).parent)
    act = "deadly_work:act"

    async def run() -> list[str]:
        workers = Workers(config_for("http://127.0.0.1/", workers=2))
        try:
            first = await asyncio.gather(*(workers.run(act, page(u)) for u in ("a", bad, "b", "c")))
            return [found.reason for found in [*first, await workers.run(act, page("d"))]]
        finally:
            workers.close()

    assert asyncio.run(run()) == ["a", "extraction_crashed", "b", "c", "d"]


@pytest.mark.slow
def test_a_page_that_used_up_its_time_is_not_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bomb costs one time limit and not two."""
    monkeypatch.syspath_prepend(Path(__file__).parent)
    tries = tmp_path / "tries"

    async def run() -> Extracted:
        workers = Workers(config_for("http://127.0.0.1/", page_seconds=1))
        late = dataclasses.replace(page("late"), body=str(tries).encode())
        try:
            return await workers.run("deadly_work:act", late)
        finally:
            workers.close()

    assert asyncio.run(run()).reason == "extraction_crashed"
    assert tries.read_text() == "x"


def test_a_reply_that_is_no_extraction_is_a_dead_process() -> None:
    """What comes back from a process that read hostile pages is data: it is checked, and never
    run.
    """
    found = Extracted(
        reason="x", links=[("u", "r", "f")], raw=b"\x1f\x8b", lastmods={"u": "2026"}, agreement=0.5
    )
    length, rest = HEAD.unpack(from_extracted(found)[: HEAD.size])
    body = from_extracted(found)[HEAD.size :]
    assert (length + rest, to_extracted(body[:length], body[length:])) == (len(body), found)
    for nonsense in (b"[]", b"{}", b"\xff", b'{"document": {"id": 1}, "links": []}'):
        with pytest.raises((ValueError, TypeError, KeyError)):
            to_extracted(nonsense, b"")


@pytest.mark.slow
def test_no_process_outlives_its_pool(monkeypatch: pytest.MonkeyPatch) -> None:
    """Closed, a pool leaves no process behind, also where one is in the middle of a page."""
    monkeypatch.syspath_prepend(Path(__file__).parent)
    monkeypatch.setattr("secarch.harvest.extract.pool.spare", None)
    before = {child.pid for child in psutil.Process().children(recursive=True)}

    async def run() -> set[int]:
        pool = Workers(config_for("http://127.0.0.1/", workers=2))
        await pool.run("deadly_work:act", page("a"))
        busy = asyncio.ensure_future(pool.run("deadly_work:act", page("sleep")))
        await asyncio.sleep(0.1)
        alive = {child.pid for child in psutil.Process().children(recursive=True)} - before
        pool.close()
        busy.cancel()
        await asyncio.gather(busy, return_exceptions=True)
        return alive

    alive = asyncio.run(run())
    assert len(alive) == 2
    psutil.wait_procs([psutil.Process(pid) for pid in alive if psutil.pid_exists(pid)], timeout=5)
    assert not [
        pid for pid in alive if psutil.pid_exists(pid) and psutil.Process(pid).status() != "zombie"
    ]


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2, 3])
def test_a_pool_takes_the_processes_that_were_begun_before_it(
    workers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It starts those that lack and ends those that are too many."""
    monkeypatch.syspath_prepend(Path(__file__).parent)
    monkeypatch.setattr(module, "spare", None)
    began = len(module._processes)
    module.begin(2)
    module.begin(2)  # and no others, if a command is carried out twice
    assert len(module._processes) == began + 1

    async def run() -> int:
        pool = Workers(config_for("http://127.0.0.1/", workers=workers))
        found = await asyncio.gather(*(pool.run("deadly_work:act", page("a")) for _ in range(6)))
        number = len(pool._opened)
        pool.close()
        assert [one.reason for one in found] == ["a"] * 6
        return number

    assert asyncio.run(run()) == workers
    assert not module._early
