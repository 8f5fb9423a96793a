"""What the requests of one server share: the live version, places among the answers in flight, and
which version gave an answer. It knows no HTTP.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Sequence

from secarch.schema import JsonDict
from secarch.serve.config import ServeConfig
from secarch.serve.live import Live
from secarch.serve.metrics import Metrics
from secarch.serve.request import Refused

REMEMBERED = 10_000
"""Answers of which /lineage?request=ID still knows the version."""


class Service:
    """Everything that requests share: what is live, places, counts."""

    def __init__(self, config: ServeConfig, keys: Sequence[bytes], metrics: Metrics) -> None:
        self.config, self.keys, self.metrics = config, tuple(keys), metrics
        self.live: Live | None = None
        self.alias = ""
        self.facts: asyncio.Future[JsonDict] | None = None
        """What /lineage says of the live version, once it was read from the registry."""
        self.draining = False
        self.up = asyncio.Event()
        """Set while a version is live."""
        self.switching = False
        """Whether one version was given back before the next is there: requests wait for it."""
        self.healthy = True
        """Whether the engine's last self-test passed."""
        self.in_flight = 0
        self.waiting = 0
        self.quiet = asyncio.Event()
        """Set while nothing is in flight and nothing waits."""
        self.quiet.set()
        self._places = asyncio.Semaphore(config.max_in_flight)
        self._answers: OrderedDict[str, JsonDict] = OrderedDict()
        self.arrived: dict[int, float] = {}
        """Monotonic time at which each answer in flight began."""

    @property
    def token_wait(self) -> float:
        """Seconds that the answers in flight have waited for a token; 0 if none is in flight."""
        if not self.arrived:
            return 0.0
        return time.monotonic() - max(self.metrics.answered_at, min(self.arrived.values()))

    @property
    def stalled(self) -> bool:
        """Whether requests are in flight and no token came for `stall_s`."""
        return self.token_wait > self.config.stall_s

    def unready(self) -> str:
        """Why no traffic should come; empty if it may."""
        if self.live is None:
            return "loading"
        if self.draining:
            return "draining"
        if self.stalled:
            return "stalled"
        return "" if self.healthy else "engine lost"

    def mark(self, *, healthy: bool) -> None:
        """Keep how the engine's last self-test, or an answer, went."""
        self.healthy = healthy
        self.metrics.engine_up.set(1 if healthy else 0)

    @contextlib.asynccontextmanager
    async def place(self) -> AsyncIterator[Live]:
        """A place among the answers in flight, and the version that was live when it was free.

        Raises Refused (503 while loading or draining, 429 if too many wait).
        """
        if self.draining or (self.live is None and not self.switching):
            raise Refused(self.unready(), status=503, code="not_ready")
        if self._places.locked() and self.waiting >= self.config.max_waiting:
            self.metrics.rejected.labels("queue_full").inc()
            raise Refused("too many requests wait already", status=429, code="queue_full")
        self._count(waiting=1)
        try:
            await self._places.acquire()
        except BaseException:
            self._count(waiting=-1)
            raise
        try:
            live = await self._next()
        except BaseException:
            self._count(waiting=-1)
            self._places.release()
            raise
        live.begin()
        self._count(waiting=-1, in_flight=1)
        token = id(asyncio.current_task())
        self.arrived[token] = time.monotonic()
        try:
            yield live
        finally:
            self.arrived.pop(token, None)
            self._count(in_flight=-1)
            live.end()
            self._places.release()

    async def _next(self) -> Live:
        """What is live, waited for while one version makes room for another."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.config.answer_s):
                await self.up.wait()
        if self.live is None:
            raise Refused(self.unready(), status=503, code="not_ready")
        return self.live

    def go_live(self, live: Live) -> Live | None:
        """From now on new requests go here; returns what answered before."""
        before, self.live = self.live, live
        self.switching = False
        self.up.set()
        self.mark(healthy=True)
        return before

    def release(self) -> Live | None:
        """Nothing is live until the next version is; requests wait for it."""
        before, self.live = self.live, None
        self.switching = True
        self.up.clear()
        return before

    def _count(self, *, waiting: int = 0, in_flight: int = 0) -> None:
        self.waiting += waiting
        self.in_flight += in_flight
        self.metrics.waiting.set(self.waiting)
        self.metrics.in_flight.set(self.in_flight)
        if self.waiting or self.in_flight:
            self.quiet.clear()
        else:
            self.quiet.set()

    def remember(self, request_id: str, live: Live, safety: str) -> None:
        """Keep which version gave an answer."""
        self._answers[request_id] = {"version": live.version.ref, "safety": safety}
        while len(self._answers) > REMEMBERED:
            self._answers.popitem(last=False)

    def answer(self, request_id: str) -> JsonDict | None:
        """The version that gave an answer, if it is remembered."""
        return self._answers.get(request_id)

    def names(self, live: Live) -> set[str]:
        """What a client may call the model."""
        version = live.version
        aliased = {f"{version.name}@{self.alias}"} if self.alias else set()
        return {"", version.name, version.ref, version.digest[:12], version.digest, *aliased}
