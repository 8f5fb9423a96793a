"""What a crawl is doing, for people: a live table on a terminal, a line every ten seconds
elsewhere.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from secarch import console
from secarch.harvest.crawl.politeness import Host
from secarch.harvest.frontier.visit import named
from secarch.schema import JsonDict

if TYPE_CHECKING:
    from pathlib import Path

    from rich.table import Table

_WAITING = named("select host, count(*) from url where state in ($todo, $leased) group by host")
LINE_SECONDS = console.QUIET_SECONDS
FRAME_SECONDS = 0.5
COUNT_SECONDS = 5.0
"""How often the file is asked what waits in it."""
RATE_SECONDS = 60.0
"""Span of the pages per second that are shown."""
SHOWN_HOSTS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """One moment of a crawl."""

    pages: int
    """Fetched by this run."""
    failures: int
    """Answers of this run that gave no page."""
    per_s: float
    kept: int
    todo: Mapping[str, int]
    hosts: list[Host] = field(default_factory=list)
    budget: int = 0
    """Pages that may still be fetched."""

    @property
    def seconds_left(self) -> float | None:
        """At the present pace, and no sooner than the slowest host's gap allows; None if nothing
        is known yet.
        """
        waiting = min(sum(self.todo.values()), self.budget)
        if not waiting or not self.per_s:
            return None
        gaps = {host.name: host.gap for host in self.hosts}
        slowest = max(
            (min(n, self.budget) * gaps.get(name, 0.0) for name, n in self.todo.items()),
            default=0.0,
        )
        return max(waiting / self.per_s, slowest)


class Progress:
    """Counts what the crawl reports and shows it until the block ends."""

    def __init__(self, path: Path, max_pages: int) -> None:
        self._path, self._max_pages = path, max_pages
        self.hosts: dict[str, Host] = {}
        """The crawl's own, read while it runs."""
        self._pages = self._failures = 0
        self._marks: deque[tuple[float, int]] = deque([(time.monotonic(), 0)])
        self._todo: dict[str, int] = {}
        self._kept = self._spent = 0
        self._counted_at = float("-inf")
        self._over = threading.Event()

    def advance(self, pages: int) -> None:
        """Note pages that were fetched."""
        self._pages += pages

    def failed(self) -> None:
        """Note an answer that was no page."""
        self._failures += 1

    @contextlib.contextmanager
    def watching(self) -> Iterator[Progress]:
        """Show the crawl inside the block."""
        work = self._live if console.is_live() else self._lines
        thread = threading.Thread(target=work, name="sight", daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._over.set()
            thread.join()

    def state(self) -> State:
        """This moment."""
        now = time.monotonic()
        self._marks.append((now, self._pages))
        while len(self._marks) > 2 and now - self._marks[0][0] > RATE_SECONDS:
            self._marks.popleft()
        self._count(now)
        before, span = self._marks[0][1], now - self._marks[0][0]
        return State(
            pages=self._pages,
            failures=self._failures,
            per_s=(self._pages - before) / span if span > 0 else 0.0,
            kept=self._kept,
            todo=self._todo,
            hosts=list(self.hosts.values()),
            budget=max(0, self._max_pages - self._spent),
        )

    def _count(self, now: float) -> None:
        """Ask the file, by a connection of its own that only reads; a busy or closing file is left
        alone.
        """
        if now - self._counted_at < COUNT_SECONDS:
            return
        with contextlib.suppress(sqlite3.Error):
            uri = f"{self._path.absolute().as_uri()}?mode=ro"
            with contextlib.closing(sqlite3.connect(uri, uri=True, timeout=0.2)) as db:
                self._todo = dict(db.execute(_WAITING))
                ((self._kept, self._spent),) = db.execute(
                    "select (select count(*) from document), (select count(*) from url where "
                    "fetched = 1)"
                )
        # A large frontier takes a while to count, so it is counted less often.
        self._counted_at = time.monotonic() + 20 * (time.monotonic() - now)

    def _lines(self) -> None:
        while not self._over.wait(LINE_SECONDS):
            _log(self.state())

    def _live(self) -> None:
        from rich.live import Live

        with Live(console=console.err(), transient=True, refresh_per_second=4) as live:
            logged = time.monotonic()
            while not self._over.wait(FRAME_SECONDS):
                now = self.state()
                live.update(table(now))
                if time.monotonic() - logged >= LINE_SECONDS:
                    logged = time.monotonic()
                    _log(now, level="debug")


def _log(state: State, level: str = "info") -> None:
    left = state.seconds_left
    getattr(console.log(), level)(
        "progress",
        pages=state.pages,
        per_s=round(state.per_s, 2),
        kept=state.kept,
        todo=sum(state.todo.values()),
        failures=state.failures,
        hosts=sum(1 for host in state.hosts if state.todo.get(host.name)),
        resting=[host.name for host in state.hosts if host.state in {"resting", "broken"}][:5],
        left=duration(left) if left is not None else "unknown",
    )


def table(state: State) -> Table:
    """The live display: what has been done, and the hosts that are asked or waited for."""
    from rich.table import Table

    left = state.seconds_left
    drawn = Table(
        title=f"{state.pages:,} pages   {state.kept:,} kept   {state.per_s:.1f} pages/s   "
        f"{sum(state.todo.values()):,} to do   {state.failures:,} failures   "
        f"{'about ' + duration(left) + ' left' if left is not None else ''}".rstrip(),
        title_justify="left",
    )
    drawn.add_column("host", overflow="fold")
    drawn.add_column("state")
    for name in ("gap s", "latency s", "done", "to do", "failures"):
        drawn.add_column(name, justify="right")
    shown = sorted(
        state.hosts, key=lambda h: (-h.active, h.state == "asking", -state.todo.get(h.name, 0))
    )
    shown = [host for host in shown if state.todo.get(host.name) or host.active]
    for host in shown[:SHOWN_HOSTS]:
        drawn.add_row(
            host.name,
            _word(host),
            f"{host.gap:.1f}",
            f"{host.latency:.2f}",
            f"{host.spent:,}",
            f"{state.todo.get(host.name, 0):,}",
            f"{host.failures}",
        )
    if len(shown) > SHOWN_HOSTS:
        drawn.caption = f"and {len(shown) - SHOWN_HOSTS} more hosts"
    return drawn


def _word(host: Host) -> str:
    rest = host.next_at - time.monotonic()
    return f"{host.state} {duration(rest)}" if host.state == "resting" else host.state


def show_funnel(funnel: JsonDict) -> None:
    """The end of a crawl as a table: host by host what was fetched and kept, and why the rest was
    not.
    """
    from rich.table import Table

    drawn = Table("host", "fetched", "kept", "skipped")
    hosts = sorted(funnel["by_host"].items(), key=lambda item: -item[1].get("kept", 0))
    for name, counts in hosts[:SHOWN_HOSTS]:
        reasons = sorted(
            ((n, r) for r, n in counts.items() if r not in {"fetched", "kept"}), reverse=True
        )
        told = ", ".join(f"{n:,} {reason.replace('_', ' ')}" for n, reason in reasons[:5])
        drawn.add_row(name, f"{counts.get('fetched', 0):,}", f"{counts.get('kept', 0):,}", told)
    if len(hosts) > SHOWN_HOSTS:
        drawn.caption = f"and {len(hosts) - SHOWN_HOSTS} more hosts, in report.html"
    console.show(drawn)
    for name, counts in funnel["shells"].items():
        if counts["shells"]:
            console.say(
                f"{name}   {counts['shells']:,} pages are empty without JavaScript, "
                f"{counts['share']:.0%} of those fetched: --set harvest.render=auto draws them"
            )


def duration(seconds: float) -> str:
    """Seconds, minutes, hours or days, whichever reads best."""
    for size, name in ((86_400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.1f} {name}"
    return f"{max(0.0, seconds):.0f} s"
