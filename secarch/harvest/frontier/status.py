"""What a frontier holds, counted by host, state and reason, also while a crawl is running."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from secarch.errors import MissingInput
from secarch.harvest.frontier.database import FILE, database_errors
from secarch.harvest.frontier.frontier import Frontier
from secarch.harvest.frontier.shard import FOLDER
from secarch.harvest.frontier.visit import State, named
from secarch.records import Outcome
from secarch.schema import JsonDict
from secarch.session import Session

if TYPE_CHECKING:
    from rich.table import Table

STATES = ("todo", "in flight", "kept", "skipped")
"""The states as people read them."""
_SHELLS = named(
    "select host, count(*) from url where state = $skipped and reason in"
    " ('needs_javascript', 'render_timeout', 'render_failed') group by 1 order by 1"
)
_RENDERED = (
    "select host, count(*) from document join url on url.id = document.url_id"
    " where method = 'rendered' group by 1 order by 1"
)


def status(session: Session) -> Outcome:
    """Count the frontier's addresses by host and state, also while a crawl is running; shards are
    added up.

    Raises MissingInput if there is no frontier.
    """
    shards = sorted((session.workspace / FOLDER).glob(f"*-of-*/harvest/{FILE}"))
    paths = [path for path in (session.harvest / FILE, *shards) if path.is_file()]
    if not paths:
        raise MissingInput(
            "there is no frontier here", where=session.harvest / FILE, fix="secarch harvest"
        )
    read = [_read(path) for path in paths]
    hosts, reasons = tally(row for rows, _ in read for row in rows)
    counts = {state: sum(host[state] for host in hosts.values()) for state in STATES}
    phases = {
        path.parent.parent.name: phase
        for path, (_, phase) in zip(paths, read, strict=True)
        if path in shards
    }
    phase = next((phase for _, phase in read if phase == "open"), read[0][1])
    return Outcome(
        status="done",
        counts=counts,
        result={
            "phase": phase,
            "hosts": hosts,
            "reasons": reasons,
            **({"shards": phases} if phases else {}),
        },
        shown=(_table(hosts),),
        summary=f"{sum(counts.values())} addresses known, {counts['kept']} kept, {counts['todo']} "
        f"to do ({phase})",
    )


def _read(path: Path) -> tuple[list[tuple[str, int, str, int]], str]:
    """Host, state, reason and number of addresses; and the phase of the crawl."""
    with (
        database_errors(path),
        contextlib.closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as db,
    ):
        rows = db.execute(
            "select host, state, reason, count(*) from url group by 1, 2, 3 order by 1, 2, 3"
        ).fetchall()
        meta = {
            name: json.loads(value) for name, value in db.execute("select name, value from meta")
        }
    return rows, str(meta.get("phase", "open"))


def tally(
    rows: Iterable[tuple[str, int, str, int]],
) -> tuple[dict[str, dict[str, int]], dict[str, int]]:
    """Addresses by host and state, and addresses skipped by reason."""
    hosts: dict[str, dict[str, int]] = {}
    reasons: dict[str, int] = {}
    for host, state, reason, number in rows:
        of = hosts.setdefault(host, dict.fromkeys(STATES, 0))
        of[STATES[state]] += number
        if state == State.SKIPPED:
            reasons[reason] = reasons.get(reason, 0) + number
    return hosts, dict(sorted(reasons.items()))


def shells(frontier: Frontier) -> dict[str, JsonDict]:
    """By host: pages that only a script would fill (`shells`), those that were drawn in a browser
    (`rendered`), and the share (0..1) of both in the pages that were fetched.
    """
    found: dict[str, JsonDict] = {}
    for name, sql in (("shells", _SHELLS), ("rendered", _RENDERED)):
        for host, number in frontier.query(sql):
            found.setdefault(host, {"shells": 0, "rendered": 0})[name] = number
    spent = frontier.spent()
    for host, counts in found.items():
        total = counts["shells"] + counts["rendered"]
        counts["share"] = round(total / max(total, spent.get(host, 0)), 3)
    return found


def _table(hosts: Mapping[str, Mapping[str, int]]) -> Table:
    from rich.table import Table

    table = Table("host", *STATES)
    for host, counts in hosts.items():
        if sum(counts.values()) > counts["skipped"]:
            table.add_row(host, *(str(counts[state]) for state in STATES))
    return table
