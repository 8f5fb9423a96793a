"""The stage: start, tell, watch the registry, drain, end. A leaf: it runs aiohttp."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Sequence

from aiohttp import web

from secarch import console
from secarch.errors import Interrupted, SecarchError, UsageError
from secarch.records import Outcome
from secarch.registry import load
from secarch.registry.lineage import licences_of
from secarch.registry.registry import Found, Registry
from secarch.registry.version import Version
from secarch.schema import JsonDict
from secarch.serve import access
from secarch.serve.app import application, metrics_application
from secarch.serve.config import ServeConfig
from secarch.serve.guard import warm
from secarch.serve.lines import check_engine, only_model
from secarch.serve.live import Follower, Live, bring_up, verdict_of
from secarch.serve.metrics import Metrics
from secarch.serve.service import Service
from secarch.session import Session

KEEP_S = 75.0
"""Seconds after which a connection without a whole request is closed."""
LATE_S = 0.3
"""Seconds in which a request on a connection that was accepted before the end is still answered."""
PULSE_S = 5.0
"""Longest time between two looks at the engine."""
IDLE_S = 60.0
"""Time after which an engine that nobody asks is asked for a golden answer."""


def run(config: ServeConfig, session: Session, *, ref: str) -> Outcome:
    """Serve a version until SIGTERM or SIGINT, then let what is in flight end.

    Raises UsageError (port in use, an open host without a key), MissingInput, TamperedArtifact,
    Mismatch (another model answers), MissingExtra, and Interrupted if answers were cut.
    """
    keys = access.digests(config)
    registry = Registry(session.workspace)
    found = registry.find(ref or only_model(registry))
    check_engine(config.engine)
    if session.dry_run:
        return Outcome(
            status="done",
            digest=found.version.digest,
            summary=f"would serve {found.version.ref} at {config.host}:{config.port}",
        )
    server = _Server(config, registry, found, keys)
    return asyncio.run(server.run())


class _Server:
    """One process: one service, its two ports, the follower and the pulse."""

    def __init__(
        self, config: ServeConfig, registry: Registry, found: Found, keys: Sequence[bytes]
    ) -> None:
        self.config, self.registry, self.found = config, registry, found
        self.metrics = Metrics()
        self.service = Service(config, keys, self.metrics)
        self.service.alias = found.alias
        self.metrics.pending.set(0)
        self.metrics.price.set(config.price_per_hour or 0)
        self._malformed = _malformed(self.metrics)
        self.stop = asyncio.Event()
        self.signum = 0
        self._tested = time.monotonic()
        self._retiring: set[asyncio.Task[None]] = set()

    async def run(self) -> Outcome:
        """Until a signal; the ports are open from the start, so that /readyz can say `loading`."""
        self._listen_to_signals()
        runners = await self._open()
        tasks: list[asyncio.Task[None]] = []
        try:
            await self._first()
            tasks = [asyncio.create_task(self._pulse())]
            if self.found.alias:
                tasks.append(asyncio.create_task(self._follow()))
            await self.stop.wait()
            return await self._drained()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, *self._retiring, return_exceptions=True)
            await _closed(runners)
            if self.service.live is not None:
                await self.service.live.engine.stop()

    def _listen_to_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for signum in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(signum, self._on_signal, signum)

    def _on_signal(self, signum: int) -> None:
        if self.signum:
            os._exit(128 + signum)
        self.signum = signum
        self.service.draining = True
        self.stop.set()

    async def _first(self) -> None:
        """Bring the version up, unless a signal comes first."""
        loading = asyncio.create_task(self._loaded())
        stopping = asyncio.create_task(self.stop.wait())
        await asyncio.wait({loading, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if not loading.done():
            loading.cancel()
            await asyncio.gather(loading, return_exceptions=True)
            return
        await self._go_live(loading.result())
        console.say(self._greeting())

    async def _loaded(self) -> Live:
        """The version on its engine, and the guard's patterns compiled meanwhile."""
        warming = asyncio.create_task(asyncio.to_thread(warm))
        live = await bring_up(self.config, self.registry, self.found.version)
        await warming
        return live

    def _greeting(self) -> str:
        version = self.found.version
        measured = load.newest(self.registry, version)
        price = self.config.price_per_hour
        cost = f"\n  {load.shown(load.cost(measured, price))}" if measured and price else ""
        return (
            f"serving {version.ref} ({version.digest[:12]}) at {self.url}{cost}\n  {self._curl()}"
        )

    def _curl(self) -> str:
        """The line that asks it a question."""
        key = "-H 'Authorization: Bearer KEY' " if self.service.keys else ""
        question = '{"messages": [{"role": "user", "content": "How do I rotate keys?"}]}'
        return f"curl -s {self.url}/v1/chat/completions {key}-d '{question}'"

    async def _open(self) -> list[web.AppRunner]:
        """Both ports. Raises UsageError if one is in use."""
        own = self.config.metrics_port != 0
        runners = [await self._listen(application(self.service, own_metrics=own), main=True)]
        if own:
            try:
                runners.append(await self._listen(metrics_application(self.service), main=False))
            except UsageError:
                await runners[0].cleanup()
                raise
        return runners

    async def _listen(self, app: web.Application, *, main: bool) -> web.AppRunner:
        host = self.config.host if main else self.config.metrics_host
        port = self.config.port if main else self.config.metrics_port
        runner = web.AppRunner(
            app,
            access_log=None,
            logger=self._malformed,
            keepalive_timeout=KEEP_S,
            shutdown_timeout=1.0,
        )
        await runner.setup()
        try:
            site = web.TCPSite(runner, host, port, backlog=1024)
            await site.start()
        except OSError as error:
            await runner.cleanup()
            name = "serve.port" if main else "serve.metrics_port"
            busy = error.errno == errno.EADDRINUSE
            raise UsageError(
                "this port is in use" if busy else "this port cannot be opened",
                where=f"{host}:{port}",
                why=error.strerror,
                fix=f"set {name} to another one",
            ) from error
        if main:
            at = runner.addresses[0]
            self.url = f"http://{f'[{at[0]}]' if ':' in at[0] else at[0]}:{at[1]}"
        return runner

    # -- versions

    async def _go_live(self, live: Live) -> None:
        """From now on new requests go here; the version before ends its answers.

        Its lineage is read in a thread: a dataset that is new here takes seconds to be indexed.
        """
        before, version = self.service.go_live(live), live.version
        self.service.facts = _begun(lambda: facts(self.registry, version, self.found.alias))
        self.metrics.model.clear()
        self.metrics.model.labels(version.name, str(version.number), version.digest[:12]).set(1)
        if before is not None:
            console.log().info("switched", version=version.ref, before=before.version.ref)
            task = asyncio.create_task(before.retire(self.config.answer_s))
            self._retiring.add(task)
            task.add_done_callback(self._retiring.discard)

    async def _follow(self) -> None:
        name = self.found.version.name
        ref = f"{name}@{self.found.alias}"
        follower = Follower(self.config, self.registry, ref, self._go_live)

        def live() -> Live | None:
            self.metrics.pending.set(1 if follower.pending else 0)
            return self.service.live

        await follower.follow(live, self._release)

    async def _release(self) -> None:
        """Let the answers of the present version end and give its memory back."""
        before = self.service.release()
        if before is not None:
            await before.retire(self.config.answer_s)

    async def _pulse(self) -> None:
        """Look whether the engine lives, again and again."""
        every = min(PULSE_S, self.config.stall_s / 3)
        while True:
            await asyncio.sleep(every)
            if self.service.live is not None:
                await self._test(self.service.live)

    async def _test(self, live: Live) -> None:
        """One that was lost or stalled comes back by its golden answers, as it may be another one;
        one that nobody asks repeats one of them, as an engine can be stuck behind a good /health.
        """
        service, least, seconds = self.service, self.config.min_agreement, self.config.stall_s
        healthy = service.healthy and not service.stalled and await live.engine.alive()
        if not healthy:
            service.mark(healthy=False)
            healthy = await live.proves_itself(least, seconds)
        elif not service.in_flight and time.monotonic() - self._tested > IDLE_S:
            healthy = await live.proves_itself(least, seconds, 1)
            self._tested = time.monotonic()
        if service.live is live:
            service.mark(healthy=healthy)

    # -- the end

    async def _drained(self) -> Outcome:
        """Wait for what is in flight. Raises Interrupted if something had to be cut."""
        service = self.service
        left = service.in_flight + service.waiting
        console.say(f"draining: {left} in flight, {self.config.drain_s:g} s at most")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.config.drain_s):
                await service.quiet.wait()
        if cut := service.in_flight + service.waiting:
            error = Interrupted(self.signum)
            error.what, error.fix = f"{cut} answers were cut", "raise serve.drain_s"
            raise error
        return Outcome(
            status="done",
            digest=self.found.version.digest,
            counts={"drained": left},
            summary=f"stopped: every answer in flight was finished ({left})",
        )


class _OneLine(logging.Handler):
    """Requests that aiohttp cannot read: a line and a count for each, no traceback."""

    def __init__(self, metrics: Metrics) -> None:
        super().__init__(logging.ERROR)
        self._metrics = metrics

    def emit(self, record: logging.LogRecord) -> None:
        """Count it, and say the first line of why."""
        error = record.exc_info[1] if record.exc_info else None
        why = str(getattr(error, "message", "") or error or record.getMessage())
        self._metrics.rejected.labels("malformed").inc()
        console.log().warning("malformed request", why=why.partition("\n")[0][:200])


def _malformed(metrics: Metrics) -> logging.Logger:
    logger = logging.getLogger("secarch.serve.http")
    logger.setLevel(logging.ERROR)
    logger.propagate = False
    logger.handlers[:] = [_OneLine(metrics)]
    return logger


async def _closed(runners: Sequence[web.AppRunner]) -> None:
    """Stop listening, then end the connections.

    aiohttp's cleanup does both at once, and closes a connection whose request is still on its way
    without a word; between the two such a request has its 503.
    """
    for site in [site for runner in runners for site in runner.sites]:
        await site.stop()
    await asyncio.sleep(LATE_S)
    for runner in runners:
        await runner.cleanup()


def _begun(work: Callable[[], JsonDict]) -> asyncio.Future[JsonDict]:
    """What `work` gives, in a thread that the end of the process does not wait for."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[JsonDict] = loop.create_future()

    def run() -> None:
        try:
            found = work()
        except Exception as error:  # noqa: BLE001 - the answers do not depend on it
            found = {"missing": f"{type(error).__name__}: {error}"[:300]}
        with contextlib.suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(done.set_result, found)

    threading.Thread(target=run, name="secarch-lineage", daemon=True).start()
    return done


def facts(registry: Registry, version: Version, alias: str) -> JsonDict:
    """What /lineage says: model, ancestors, licences, verdict, interval, forced or not."""
    known: JsonDict = {"licences": None}
    try:
        known["licences"] = licences_of(registry, version)
    except SecarchError as error:
        known["missing"] = error.what
    return {
        "version": version.ref,
        "alias": alias,
        "digest": version.digest,
        "base": version.served.base,
        "kl": version.served.kl,
        "ancestors": [one.model_dump(mode="json") for one in version.ancestors],
        **known,
        **verdict_of(registry, version),
    }
