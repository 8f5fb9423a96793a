"""The pool of processes that extract: a page that kills one is recorded, and the others go on."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import math
import os
import signal
import socket
import subprocess
import sys
import time

from secarch.harvest.config import HarvestConfig
from secarch.harvest.extract.extracted import Extracted
from secarch.harvest.extract.worker import HEAD, MAX_FRAME, frame, from_page, to_extracted, unframe
from secarch.records import Page

PAGE = "secarch.harvest.extract.page:extract"
SITEMAP = "secarch.harvest.extract.page:read_sitemap"
TRIES = 2
"""Processes that a page may kill before it is held to be the cause."""
BUFFER = 1 << 20
_START = "from secarch.harvest.extract.worker import main; main()"


class _DiedError(Exception):
    """The process at the other end is gone, or talks nonsense."""


class _Worker:
    """One process, and the crawl's end of its socket."""

    def __init__(self, ours: socket.socket) -> None:
        self._ours = ours
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._pid = 0

    async def open(self, config: HarvestConfig) -> None:
        """Wait until the process has loaded its parsers. Raises _DiedError."""
        self._streams = await asyncio.open_connection(sock=self._ours.dup(), limit=BUFFER)
        text, _ = await self._talk(frame({"path": sys.path}, config.model_dump_json().encode()))
        self._pid = int(unframe(text)["pid"])

    async def ask(self, work: str, page: Page) -> Extracted:
        """Have a page read. Raises _DiedError."""
        text, raw = await self._talk(from_page(work, page))
        try:
            return to_extracted(text, raw)
        except (ValueError, TypeError, KeyError) as error:
            raise _DiedError from error

    async def _talk(self, message: bytes) -> tuple[bytes, bytes]:
        if self._streams is None:
            raise _DiedError
        reader, writer = self._streams
        try:
            writer.write(message)
            await writer.drain()
            length, rest = HEAD.unpack(await reader.readexactly(HEAD.size))
            if max(length, rest) > MAX_FRAME:
                raise _DiedError
            return await reader.readexactly(length), await reader.readexactly(rest)
        except (asyncio.IncompleteReadError, OSError) as error:
            raise _DiedError from error

    def end(self) -> None:
        """Stop the process, whatever it is doing."""
        if self._pid:
            with contextlib.suppress(OSError):
                os.kill(self._pid, signal.SIGKILL)
        self.leave()
        self._ours.close()

    def leave(self) -> None:
        """Give up the event loop's hold on it; the process waits for the next pool."""
        if self._streams is not None:
            self._streams[1].transport.abort()
        self._streams = None


spare: list[_Worker] | None = None
"""Where a pool that is closed leaves its idle processes for the next one; None ends them, to free
their memory.

For programs that crawl many times.
"""
_early: list[_Worker] = []
"""Started by `begin`, and not yet taken by a pool."""
_processes: list[subprocess.Popen[bytes]] = []


def begin(number: int) -> None:
    """Start a crawl's processes before the crawl itself is loaded: both load for as long, and side
    by side where there are two cores.
    """
    if spare is None and not _early:
        _early.extend(_started(number))


def _started(number: int) -> list[_Worker]:
    """Start one process that loads the parsers and forks the others of its kind."""
    pairs = [socket.socketpair() for _ in range(number)]
    for pair in pairs:
        for end in pair:
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER)
    theirs = [pair[1].fileno() for pair in pairs]
    command = [sys.executable, "-c", _START, *map(str, theirs)]
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
    }
    # In a group of its own, so that a Ctrl-C meant for the crawl does not take the pages in work.
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and our own module
        command, pass_fds=theirs, stdin=subprocess.DEVNULL, env=environment, process_group=0
    )
    _processes.append(process)
    workers = []
    for ours, other in pairs:
        other.close()
        ours.setblocking(False)
        workers.append(_Worker(ours))
    return workers


class Workers:
    """Extracts pages in processes that cost the crawl nothing when they die.

    To be made and used in one event loop.
    """

    def __init__(self, config: HarvestConfig) -> None:
        self._config = config
        self._all: set[_Worker] = set()
        self._idle: asyncio.LifoQueue[_Worker | None] = asyncio.LifoQueue()
        self._opened: set[_Worker] = set()
        waiting = spare or _early
        ready = [waiting.pop() for _ in range(min(config.workers, len(waiting)))]
        while _early:
            _early.pop().end()
        self._all.update(ready)
        for worker in (
            *ready,
            *(self._start(config.workers - len(ready)) if len(ready) < config.workers else ()),
        ):
            self._idle.put_nowait(worker)

    def _start(self, number: int) -> list[_Worker]:
        workers = _started(number)
        self._all.update(workers)
        return workers

    async def run(self, work: str, page: Page) -> Extracted:
        """Have a page read by `work`.

        One that ended a process is tried once more in a fresh one, unless it had used up its
        time.
        """
        for _ in range(TRIES):
            worker = await self._idle.get() or self._start(1)[0]
            asked_at = math.inf
            try:
                if worker not in self._opened:
                    await worker.open(self._config)
                    self._opened.add(worker)
                asked_at = time.monotonic()
                found = await worker.ask(work, page)
            except _DiedError:
                self._drop(worker)
                self._idle.put_nowait(None)
                if time.monotonic() - asked_at >= self._config.page_seconds:
                    break  # its time limit ended it, and would again
            except BaseException:
                self._drop(worker)  # its answer is still to come, and nobody waits for it
                self._idle.put_nowait(None)
                raise
            else:
                self._idle.put_nowait(worker)
                return found
        return Extracted(
            reason="extraction_crashed", detail="its worker process died or ran out of time"
        )

    def _drop(self, worker: _Worker) -> None:
        worker.end()
        self._all.discard(worker)
        self._opened.discard(worker)
        _reap()

    def close(self) -> None:
        """End the processes; what they are working on is dropped."""
        idle = [self._idle.get_nowait() for _ in range(self._idle.qsize())]
        for worker in list(self._all):
            if spare is not None and worker in idle and worker in self._opened:
                worker.leave()
                spare.append(worker)
            else:
                worker.end()
        if not spare:
            for process in _processes:
                process.kill()
        _reap()


def _reap() -> None:
    for process in [p for p in _processes if p.poll() is not None]:
        _processes.remove(process)


@atexit.register
def _end() -> None:
    for process in _processes:
        process.kill()
        process.wait()
