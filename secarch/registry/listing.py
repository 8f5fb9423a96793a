"""What is registered and what is live: `models list`, `show`, `log` and `verify`."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from secarch import console
from secarch.artifact import Kind, newest, open_artifact
from secarch.errors import InvalidInput, MissingInput, TamperedArtifact, UsageError
from secarch.files import sha256_file
from secarch.records import Outcome
from secarch.registry import load
from secarch.registry import version as record
from secarch.registry.log import Event, State, fold
from secarch.registry.registry import Found, Registry, manifests
from secarch.registry.version import Version
from secarch.schema import JsonDict
from secarch.session import Session

LONGEST_CELL = 60
"""Characters of tags in the list; `show` has them whole."""


def list_models(session: Session) -> Outcome:
    """Every model with its versions and aliases; a broken log is named and skipped."""
    registry = Registry(session.workspace)
    rows = [row for name in registry.names() for row in _rows(registry, name)]
    columns = ("version", "digest", "aliases", "verdict", "registered", "tags")
    shown = [{**row, "aliases": _standing(row), "tags": _short(row)} for row in rows]
    return Outcome(
        status="done",
        shown=tuple(_table(columns, shown)) if rows else (),
        counts={"models": len({row["name"] for row in rows}), "versions": len(rows)},
        result={"versions": rows},
        summary="" if rows else f"no model is registered in {session.workspace}",
        next="" if rows else _first_steps(session),
    )


def _standing(row: JsonDict) -> list[str]:
    """What a version is: its aliases, or that it was retired."""
    return ["(retired)"] if row["retired"] else row["aliases"]


def _short(row: JsonDict) -> str:
    text = _tags(row["tags"]) if row["tags"] else ""
    return text if len(text) <= LONGEST_CELL else f"{text[: LONGEST_CELL - 1]}…"


def _first_steps(session: Session) -> str:
    """What leads to a first version: the newest export if there is one, else the newest run's."""
    steps: tuple[tuple[Path, Kind, str], ...] = (
        (session.exports, "export", "models register {} --name {name}"),
        (session.runs, "run", "export {}"),
    )
    for root, kind, command in steps:
        try:
            path = newest(root, kind)
        except MissingInput:
            continue
        return f"secarch {command.format(shlex.quote(str(path)), name=shlex.quote(path.name))}"
    return "secarch train"


def _rows(registry: Registry, name: str) -> Iterator[JsonDict]:
    try:
        events = registry.log(name).events()
        state = fold(events)
        for version in registry.versions(name, state):
            yield _row(version, state, events)
    except (TamperedArtifact, InvalidInput) as error:
        console.log().warning("model skipped", name=name, why=error.what, where=error.where)


def _row(version: Version, state: State, events: Sequence[Event]) -> JsonDict:
    number = version.number
    last = _last_promotion(number, events)
    return {
        "version": version.ref,
        "name": version.name,
        "digest": version.digest,
        "aliases": sorted(a for a, n in state.aliases.items() if n == number),
        "retired": number in state.retired,
        "verdict": last.verdict if last else "",
        "forced": list(last.forced) if last else [],
        "registered": version.registered,
        "tags": state.tags.get(number, {}),
    }


def _last_promotion(number: int, events: Sequence[Event]) -> Event | None:
    """The event that last made a version live."""
    moves = [e for e in events if e.event == "promote" and e.to == number]
    return moves[-1] if moves else None


def show(session: Session, ref: str, *, usd_per_hour: float | None) -> Outcome:
    """One version: what it is, what speaks for it, how old that is, and what an answer costs."""
    registry = Registry(session.workspace)
    found = registry.find(ref)
    facts = facts_of(registry, found, usd_per_hour=usd_per_hour)
    return Outcome(
        status="done",
        shown=tuple(_lines(facts)),
        artifact=str(found.version.folder(session.workspace)),
        digest=found.version.digest,
        result=facts,
    )


def facts_of(registry: Registry, found: Found, *, usd_per_hour: float | None) -> JsonDict:
    """Everything that is known of a version, JSON-ready; a cost that was not measured is None."""
    version = found.version
    events = registry.log(version.name).events()
    last = _last_promotion(version.number, events)
    measured = load.newest(registry, version)
    price = load.cost(measured, usd_per_hour) if measured and usd_per_hour else None
    return {
        **_row(version, found.state, events),
        "path": version.path,
        "kind": version.kind,
        "base": version.served.base,
        "kl": version.served.kl,
        "prompt_digest": version.served.prompt_digest,
        "fingerprint": version.served.fingerprint,
        "ancestors": [one.model_dump(mode="json") for one in version.ancestors],
        "promoted": last.at if last else None,
        "evidence": list(last.evidence) if last else [],
        "evidence_age_days": _age(last),
        "load": measured.model_dump(mode="json") if measured else None,
        "cost": price.model_dump(mode="json") if price else None,
        "cost_shown": load.shown(price) if price else _unpriced(measured, usd_per_hour),
    }


def _age(last: Event | None) -> float | None:
    if last is None:
        return None
    seconds = (datetime.now(UTC) - datetime.fromisoformat(last.at)).total_seconds()
    return round(max(0.0, seconds) / 86_400, 2)


def _unpriced(measured: load.Load | None, usd_per_hour: float | None) -> str:
    if measured is None:
        return "unknown: no load test (models register EXPORT --evidence FILE)"
    return "" if usd_per_hour else "unknown: set serve.price_per_hour"


def _lines(facts: JsonDict) -> Iterator[str]:
    for name in ("version", "digest", "path", "kind", "base", "kl", "registered"):
        yield f"{name:<14} {_cell(name, facts[name])}"
    yield f"{'aliases':<14} {', '.join(facts['aliases']) or 'none'}"
    yield f"{'tags':<14} {_tags(facts['tags'])}"
    if facts["promoted"]:
        yield f"{'promoted':<14} {facts['promoted']} on {facts['verdict'] or 'no verdict'}"
        yield f"{'evidence':<14} {_heads(facts['evidence'])}, {facts['evidence_age_days']} days old"
    for reason in facts["forced"]:
        yield f"{'forced past':<14} {reason}"
    for one in facts["ancestors"]:
        yield f"{one['kind']:<14} {one['digest'][:12]} {one['path'] or 'not in this workspace'}"
    yield f"{'cost':<14} {facts['cost_shown']}"


def _heads(digests: Sequence[str]) -> str:
    return ", ".join(digest[:12] for digest in digests) or "none"


def _tags(tags: dict[str, str]) -> str:
    return ", ".join(f"{key}={value}" for key, value in sorted(tags.items())) or "none"


def show_log(session: Session, name: str, *, at: str) -> Outcome:
    """Who moved what, when and why; with `at` (a date or time) what was live then.

    Raises UsageError for a date that cannot be read.
    """
    registry = Registry(session.workspace)
    log = registry.known(name)
    if at:
        return _log_at(log.at(_moment(at)), name, at)
    events = log.events()
    rows = [event.model_dump(mode="json", by_alias=True) for event in events]
    columns = ("n", "at", "by", "event", "version", "alias", "from", "to", "reason")
    return Outcome(
        status="done",
        shown=tuple(_table(columns, rows)),
        counts={"events": len(rows)},
        result={"events": rows},
    )


def _moment(text: str) -> datetime:
    """The end of a day, or the moment itself; UTC if no zone is given."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(
            "this is no date", where=text, fix="write it as 2026-03-01, or 2026-03-01T12:00Z"
        ) from error
    if len(text) <= 10:
        moment = moment.replace(hour=23, minute=59, second=59, microsecond=999_999)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _log_at(state: State, name: str, at: str) -> Outcome:
    rows = [
        {"alias": alias, "version": f"{name}/{number}"}
        for alias, number in sorted(state.aliases.items())
    ]
    return Outcome(
        status="done",
        shown=tuple(_table(("alias", "version"), rows)) if rows else (),
        result={"at": at, "aliases": rows},
        summary="" if rows else f"nothing of {name} was live at {at}",
    )


def verify(session: Session, ref: str) -> Outcome:
    """Hash the files of one version, or of all that are not retired, again.

    Every damaged file is named on stderr. Raises TamperedArtifact if there is one.
    """
    registry = Registry(session.workspace)
    versions = [registry.find(ref).version] if ref else list(_in_use(registry))
    broken: list[tuple[Path, str]] = []
    for version in versions:
        for path, why in _broken(registry, version):
            console.log().error("damaged", version=version.ref, where=str(path), why=why)
            broken.append((path, why))
    if broken:
        path, why = broken[0]
        raise TamperedArtifact(
            f"{len(broken)} of the registered files are damaged",
            where=path,
            why=why,
            fix="restore it from a backup, or register the export again",
        )
    files = sum(len(version.files) for version in versions)
    return Outcome(
        status="done",
        counts={"versions": len(versions), "files": files},
        summary=f"{len(versions)} versions and {files} files are as they were registered",
    )


def _broken(registry: Registry, version: Version) -> Iterator[tuple[Path, str]]:
    """Damaged files of a version and of what speaks for it."""
    yield from record.damaged(version, registry.workspace)
    folder = registry.record_path(version.name, version.number).with_suffix(".evidence")
    for path in sorted(folder.glob("*.json")):
        if sha256_file(path) != path.stem:
            yield path, "its bytes are others"
    yield from _broken_evidence(registry, version)
    for one in version.ancestors:
        if one.path and not (registry.workspace / one.path / "manifest.json").is_file():
            console.log().warning("an ancestor is gone", version=version.ref, where=one.path)


def _broken_evidence(registry: Registry, version: Version) -> Iterator[tuple[Path, str]]:
    """Comparisons that the last promotion rests on and that are not what they were."""
    last = _last_promotion(version.number, registry.log(version.name).events())
    index = manifests(registry.workspace) if last and last.evidence else {}
    for digest in last.evidence if last else ():
        if digest not in index:
            console.log().warning("evidence is gone", version=version.ref, digest=digest[:12])
            continue
        try:
            open_artifact(index[digest][0], "comparison")
        except TamperedArtifact as error:
            yield Path(str(error.where)), str(error.why or error.what)


def _in_use(registry: Registry) -> Iterator[Version]:
    for name in registry.names():
        state = registry.log(name).state()
        for version in registry.versions(name, state):
            if version.number not in state.retired:
                yield version


def _table(columns: Sequence[str], rows: Sequence[JsonDict]) -> Iterator[str]:
    """Columns as wide as their longest cell; no control character of a name or reason passes."""
    cells = [[_cell(name, row[name]) for name in columns] for row in rows]
    table = [list(columns), *cells]
    widths = [max(len(row[n]) for row in table) for n in range(len(columns))]
    for row in table:
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield line.rstrip()


def _cell(name: str, value: object) -> str:
    if isinstance(value, dict):
        text = _tags(value) if value else "-"
    elif isinstance(value, list):
        text = ", ".join(map(str, value)) or "-"
    else:
        text = "-" if value in (None, "") else str(value)
    shown = text[:12] if name == "digest" else text[:16] if name == "registered" else text
    return "".join(c if c.isprintable() else "?" for c in shown)
