"""What a frontier holds, counted by host, state and reason, also while a crawl is running."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Iterable, Mapping

from secarch.errors import MissingInput
from secarch.harvest.frontier import SKIPPED, STATES
from secarch.harvest.store import FILE, database_errors
from secarch.records import Outcome
from secarch.session import Session


def status(session: Session, *, as_json: bool) -> Outcome:
    """Count the frontier's addresses by host and state, also while a crawl is running.

    Raises MissingInput where there is no frontier.
    """
    path = session.harvest / FILE
    if not path.is_file():
        raise MissingInput("there is no frontier here", where=path, fix="secarch harvest")
    with database_errors(path):
        db = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
        with contextlib.closing(db):
            rows = db.execute(
                "select host, state, reason, count(*) from url group by 1, 2, 3 order by 1, 2, 3"
            ).fetchall()
            meta = {name: json.loads(value) for name, value in db.execute("select name, value from meta")}
    hosts, reasons = tally(rows)
    if not as_json:
        _show(hosts)
    counts = {state: sum(host[state] for host in hosts.values()) for state in STATES}
    phase = str(meta.get("phase", "open"))
    return Outcome(
        status="done", counts=counts, result={"phase": phase, "hosts": hosts, "reasons": reasons},
        summary=f"{sum(counts.values())} addresses known, {counts['kept']} kept, {counts['todo']} to do ({phase})",
    )  # fmt: skip


def tally(rows: Iterable[tuple[str, int, str, int]]) -> tuple[dict[str, dict[str, int]], dict[str, int]]:
    """Addresses by host and state, and addresses passed over by reason."""
    hosts: dict[str, dict[str, int]] = {}
    reasons: dict[str, int] = {}
    for host, state, reason, number in rows:
        of = hosts.setdefault(host, dict.fromkeys(STATES, 0))
        of[STATES[state]] += number
        if state == SKIPPED:
            reasons[reason] = reasons.get(reason, 0) + number
    return hosts, dict(sorted(reasons.items()))


def _show(hosts: Mapping[str, Mapping[str, int]]) -> None:
    from rich.table import Table

    from secarch import console

    table = Table("host", *STATES)
    for host, counts in hosts.items():
        if sum(counts.values()) > counts["skipped"]:
            table.add_row(host, *(str(counts[state]) for state in STATES))
    console.show(table)
