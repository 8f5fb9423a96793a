"""From one version to the next in one process, with and without room for both."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest

from secarch.registry.registry import Registry
from secarch.registry.version import Version
from secarch.serve import live as module
from secarch.serve import stage
from secarch.serve.config import ServeConfig
from secarch.serve.engines.batch import Batch
from secarch.serve.live import Follower, Live, bring_up
from secarch.serve.metrics import Metrics
from secarch.serve.request import Refused
from secarch.serve.service import Service
from secarch.session import Session

Move = Callable[[Session, int], None]
CONFIG = ServeConfig(watch_s=0.01, max_in_flight=2, min_agreement=0.5)


NOTHING: Any = None


class _House:
    """A service whose follower runs, and clients that never pause."""

    def __init__(self, session: Session) -> None:
        self.registry = Registry(session.workspace)
        self.service = Service(CONFIG, (), Metrics())
        self.follower = Follower(CONFIG, self.registry, "architect@champion", self._go_live)
        self.answers: list[str] = []
        self.retired: list[str] = []

    async def start(self) -> None:
        version = self.registry.find("architect").version
        self.service.go_live(await bring_up(CONFIG, self.registry, version))
        self.tasks = [asyncio.create_task(self._ask()) for _ in range(5)]
        self.tasks.append(
            asyncio.create_task(self.follower.follow(lambda: self.service.live, self._release))
        )

    async def end(self) -> None:
        for task in self.tasks:
            task.cancel()
        found = await asyncio.gather(*self.tasks, return_exceptions=True)
        assert all(isinstance(one, asyncio.CancelledError) for one in found), found
        assert self.service.live is not None
        await self.service.live.engine.stop()

    async def _ask(self) -> None:
        while True:
            async with self.service.place() as live:
                await asyncio.sleep(0.01)
                assert live.version.ref not in self.retired
                self.answers.append(live.version.ref)

    async def _go_live(self, live: Live) -> None:
        before = self.service.go_live(live)
        if before is not None:
            await before.retire(5)
            self.retired.append(before.version.ref)

    async def _release(self) -> None:
        before = self.service.release()
        assert before is not None
        assert self.service.unready() == "loading"
        await before.retire(5)

    async def until(self, version: str) -> None:
        self.answers.clear()
        await _until(lambda: self.answers[-1:] == [version])


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110 - what is waited for is in several places
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("room", [True, False])
def test_no_request_is_lost_on_the_way(
    session: Session, promoted: Move, monkeypatch: pytest.MonkeyPatch, room: bool
) -> None:
    monkeypatch.setattr(module, "has_room", lambda *_: room)

    async def scene() -> None:
        house = _House(session)
        await house.start()
        await house.until("architect/1")
        promoted(session, 2)
        await house.until("architect/2")
        await house.end()

    asyncio.run(scene())


def test_without_room_a_version_that_fails_gives_its_place_back(
    session: Session, promoted: Move, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[str] = []
    real: Any = bring_up

    async def failing(config: ServeConfig, registry: Registry, version: Version) -> Live:
        tried.append(version.ref)
        if version.number == 2:
            raise RuntimeError("out of memory")
        found: Live = await real(config, registry, version)
        return found

    async def scene() -> None:
        house = _House(session)
        await house.start()
        monkeypatch.setattr(module, "bring_up", failing)
        monkeypatch.setattr(module, "has_room", lambda *_: False)
        promoted(session, 2)
        await _until(lambda: tried[:2] == ["architect/2", "architect/1"])
        await house.until("architect/1")
        assert "out of memory" in house.follower.pending
        promoted(session, 1)
        await _until(lambda: not house.follower.pending)
        await house.until("architect/1")
        await house.end()

    asyncio.run(scene())


def test_whoever_waits_is_told_if_nothing_comes_up() -> None:
    async def scene() -> None:
        service = Service(CONFIG.replace(answer_s=0.05), (), Metrics())
        with pytest.raises(Refused) as first:
            async with service.place():
                pass
        assert (first.value.status, first.value.message) == (503, "loading")
        service.release()
        with pytest.raises(Refused) as second:
            async with service.place():
                pass
        assert second.value.status == 503
        assert (service.waiting, service.in_flight) == (0, 0)
        assert service.quiet.is_set()

    asyncio.run(scene())


def test_a_self_test_tells_these_weights_from_others(session: Session) -> None:
    async def scene() -> None:
        registry = Registry(session.workspace)
        one = await bring_up(CONFIG, registry, registry.version("architect", 1))
        two = await bring_up(CONFIG, registry, registry.version("architect", 2))
        assert await one.proves_itself(0.875, 60)
        assert await one.proves_itself(1, 60, 1)
        assert not await one.proves_itself(0.875, 0.0001)
        swapped = Live(one.version, one.chat, two.engine, one.golden)
        assert not await swapped.proves_itself(0.875, 60)
        unknown = Live(one.version, one.chat, two.engine)
        assert await unknown.proves_itself(0.875, 60)
        await two.engine.stop()
        assert not await unknown.proves_itself(0.875, 60)
        await one.engine.stop()

    asyncio.run(scene())


def test_a_damaged_version_is_refused_before_anything_is_given_back(
    session: Session, promoted: Move, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "has_room", lambda *_: False)

    async def scene() -> None:
        house = _House(session)
        await house.start()
        promoted(session, 2)
        path = session.exports / "two" / "tokenizer.json"
        path.write_bytes(path.read_bytes() + b" ")
        await _until(lambda: "not the one" in house.follower.pending)
        assert house.service.live is not None
        assert not house.service.switching
        await house.end()

    asyncio.run(scene())


def test_lineage_that_takes_long_holds_up_no_answer(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A dataset that is new to the server is indexed first; meanwhile the loop must turn."""
    read = threading.Event()

    def slow(_registry: object, _version: object) -> dict[str, int]:
        assert read.wait(20)
        return {"CC-BY-4.0": 3}

    monkeypatch.setattr(stage, "licences_of", slow)

    async def scene() -> None:
        registry = Registry(session.workspace)
        found = registry.find("architect")
        server = stage._Server(CONFIG, registry, found, ())
        version: Any = found.version
        async with asyncio.timeout(10):
            await server._go_live(Live(version, NOTHING, NOTHING))
        assert server.service.unready() == ""
        facts = server.service.facts
        assert facts is not None
        assert not facts.done()
        read.set()
        async with asyncio.timeout(10):
            known = await facts
        assert known["licences"] == {"CC-BY-4.0": 3}
        assert known["version"] == "architect/1"
        assert known["forced"]

    asyncio.run(scene())


def test_lineage_that_cannot_be_read_is_said(session: Session) -> None:
    async def scene() -> None:
        def broken() -> dict[str, Any]:
            raise OSError("no such disk")

        assert await stage._begun(broken) == {"missing": "OSError: no such disk"}

    asyncio.run(scene())
    registry = Registry(session.workspace)
    known = stage.facts(registry, registry.version("architect", 1), "champion")
    assert (known["licences"], known["missing"]) == (None, "the dataset is not in this workspace")


def test_a_version_is_brought_up_beside_the_event_loop(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What takes seconds with a real model must not hold up those who are being answered."""
    at: dict[str, set[threading.Thread]] = {"chat": set(), "batch": set()}
    load, prefill = module.Chat.load, Batch.__init__

    def loaded(*args: Any) -> Any:
        at["chat"].add(threading.current_thread())
        return load(*args)

    def filled(self: Batch, *args: Any, **more: Any) -> None:
        at["batch"].add(threading.current_thread())
        prefill(self, *args, **more)

    monkeypatch.setattr(module.Chat, "load", loaded)
    monkeypatch.setattr(Batch, "__init__", filled)

    async def scene() -> None:
        registry = Registry(session.workspace)
        live = await bring_up(CONFIG, registry, registry.version("architect", 1))
        await live.engine.stop()

    asyncio.run(scene())
    assert all(at.values())
    assert threading.main_thread() not in at["chat"] | at["batch"]
