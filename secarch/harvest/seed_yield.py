"""What each seed gave, and why one gave nothing: a moved or closed site must not go unnoticed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from secarch import console
from secarch.errors import InputError
from secarch.harvest.frontier.frontier import Frontier
from secarch.harvest.frontier.visit import State
from secarch.harvest.sources.source import Source
from secarch.harvest.sources.urls import Rules, Scope
from secarch.schema import JsonDict

_BELOW = (
    "select state, reason, fetched, count(*) from url where kind <> 1 and url >= ? and url < ?"
    " group by 1, 2, 3"
)
_LAST = "\U0010ffff"
_WHY_NOT = frozenset({"", "redirected", "sitemap", "other_shard"})


def of_seeds(frontier: Frontier, rules: Rules, local: Sequence[Source]) -> list[JsonDict]:
    """A row for each seed: name, url, asked and kept pages below its scope, the prefixes that a
    redirect of its first page added, and the commonest reason if it kept nothing.
    """
    widened = frontier.meta().get("widened", {})
    rows = [
        _of_seed(frontier, scope, widened)
        for scope in rules.scopes
        if not rules.elsewhere(scope.url)
    ]
    for source in local:
        prefix = source.base or f"http://{source.scope.prefix}" * bool(source.scope.prefix)
        asked, kept, why = _counted(frontier, [prefix])
        name = source.scope.seed.name or source.name
        rows.append(
            _row(name, source.base or source.remote, (asked, kept), [], "" if kept else why)
        )
    return rows


def _of_seed(frontier: Frontier, scope: Scope, widened: dict[str, str]) -> JsonDict:
    moved = sorted(prefix for prefix, url in widened.items() if url == scope.url)
    below = [f"{s}://{p}" for p in (scope.prefix, *moved) for s in ("http", "https")]
    asked, kept, why = _counted(frontier, below)
    first = frontier.query("select reason, detail from url where url = ?", (scope.url,))
    if first and first[0][0] not in _WHY_NOT:
        why = f"{first[0][0]} {first[0][1]}".strip()
    return _row(scope.seed.name or scope.url, scope.url, (asked, kept), moved, "" if kept else why)


def _row(name: str, url: str, counts: tuple[int, int], moved: list[str], why: str) -> JsonDict:
    return {
        "name": name,
        "url": url,
        "asked": counts[0],
        "kept": counts[1],
        "moved_to": moved,
        "why_not": why,
    }


def _counted(frontier: Frontier, prefixes: Sequence[str]) -> tuple[int, int, str]:
    """Pages asked for and kept below the prefixes, and the commonest reason of the others."""
    asked = kept = 0
    reasons: dict[str, int] = {}
    for prefix in prefixes:
        for state, reason, fetched, number in frontier.query(_BELOW, (prefix, prefix + _LAST)):
            asked += number if fetched or state == State.KEPT else 0
            kept += number if state == State.KEPT else 0
            if state != State.KEPT and reason not in _WHY_NOT:
                reasons[reason] = reasons.get(reason, 0) + number
    why = max(reasons, key=lambda name: (reasons[name], name)) if reasons else "nothing was found"
    return asked, kept, why


def show(rows: Sequence[JsonDict]) -> None:
    """A line for each seed that moved or gave nothing; all of them if there are several."""
    for row in rows:
        moved = f"   moved to {', '.join(row['moved_to'])}" if row["moved_to"] else ""
        if row["why_not"]:
            console.log().warning("seed_gave_nothing", seed=row["name"], why=row["why_not"])
        if len(rows) > 1 or moved or row["why_not"]:
            why = f"   nothing: {row['why_not']}" if row["why_not"] else ""
            console.say(
                f"{row['name']}   asked {row['asked']:,}   kept {row['kept']:,}{moved}{why}"
            )


def require(rows: Sequence[JsonDict], directory: Path) -> None:
    """Raise InputError (exit 4) if a seed gave no document."""
    empty = [row for row in rows if not row["kept"]]
    if empty:
        raise InputError(
            f"{len(empty)} of {len(rows)} seeds gave no document",
            where=", ".join(row["name"] for row in empty),
            why="; ".join(f"{row['name']}: {row['why_not']}" for row in empty)[:500],
            fix=f"correct these seeds; what the others gave is in {directory}",
        )
