"""What the workspace holds: its newest artifacts of each kind, and their reports."""

from __future__ import annotations

import json
import webbrowser
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from secarch import console
from secarch.artifact import MANIFEST, Kind, Manifest, open_artifact, read_manifest
from secarch.errors import InvalidInput, MissingInput, PrerequisiteError, TamperedArtifact
from secarch.records import Outcome
from secarch.session import Session

KINDS: tuple[Kind, ...] = ("comparison", "evaluation", "export", "run", "dataset", "documents")
TELLING: dict[Kind, tuple[str, ...]] = {
    "documents": ("documents", "sites"),
    "dataset": ("examples", "train", "validation", "test", "documents_kept"),
    "run": ("steps", "rows", "trained_tokens"),
}
"""The counts that say most of a kind; of the others the first four."""
MOST = 5
"""Rows of each kind."""
PAGE, TEXT, METRICS = "report.html", "report.md", "metrics.jsonl"
BUT = " But: "
"""Before what speaks against a verdict, or hides in it."""
TAIL_BYTES = 1 << 16
"""Of a run's metrics: hundreds of steps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One finished artifact."""

    kind: str
    what: str
    """Its verdict or its main figures, in a line."""
    created: str
    """ISO 8601, UTC."""
    path: str
    report: str
    """Path of its page; empty if it has none."""


def report(session: Session, *, opened: bool, printed: bool) -> Outcome:
    """List what is newest; or open the newest page in a browser (`opened`); or print the newest
    comparison's Markdown.

    Raises MissingInput if there is nothing to open or print, TamperedArtifact if it was
    changed, and PrerequisiteError if no browser can be started.
    """
    found = list(finished(session))
    if session.workspace.is_file():
        raise MissingInput(
            "a workspace is a folder",
            where=session.workspace,
            fix="name the folder with --workspace",
        )
    if opened:
        return _open(session, found)
    if printed:
        return _text(session, found)
    rows = [
        _row(path, manifest) for kind in KINDS for path, manifest in _newest(found, kind)[:MOST]
    ]
    return Outcome(
        status="done",
        counts={kind: len(_newest(found, kind)) for kind in KINDS},
        result={"artifacts": [asdict(row) for row in rows]},
        shown=tuple(_lines(rows)),
        summary="" if rows else f"nothing is finished in {session.workspace}",
        next="" if rows else "secarch demo",
    )


def finished(session: Session) -> Iterator[tuple[Path, Manifest]]:
    """Finished artifacts; one that cannot be read is named and skipped."""
    rooms = (session.comparisons, session.evals, session.exports, session.runs, session.datasets)
    for root in (*rooms, session.harvest):
        for path in sorted(root.glob(f"*/{MANIFEST}")):
            if ".aside-" in path.parent.name:
                continue
            try:
                yield path.parent, read_manifest(path.parent)
            except (InvalidInput, TamperedArtifact) as error:
                console.log().warning("skipped", where=str(path.parent), why=error.what)


def _newest(found: Sequence[tuple[Path, Manifest]], kind: Kind) -> list[tuple[Path, Manifest]]:
    return sorted(
        ((p, m) for p, m in found if m.kind == kind), key=lambda item: item[1].created, reverse=True
    )


def _has(manifest: Manifest, name: str) -> bool:
    return any(entry.path == name for entry in manifest.files)


def _row(path: Path, manifest: Manifest) -> Row:
    return Row(
        kind=manifest.kind,
        what=figures(path, manifest),
        created=manifest.created,
        path=str(path),
        report=str(path / PAGE) if _has(manifest, PAGE) else "",
    )


def figures(path: Path, manifest: Manifest) -> str:
    """The verdict or the main figures of an artifact, in a line."""
    tellers = {"comparison.json": _verdict, "candidates.json": _candidates, "summary.json": _means}
    for name, tell in tellers.items():
        if _has(manifest, name):
            try:
                return tell(json.loads((path / name).read_text(encoding="utf-8")))
            except (OSError, ValueError, KeyError, TypeError, IndexError):
                return f"{name} cannot be read"
    counts = manifest.counts
    names = [name for name in TELLING.get(manifest.kind, ()) if name in counts] or list(counts)[:4]
    loss = [_loss(path / METRICS)] if _has(manifest, METRICS) else []
    return ", ".join([*loss, *(f"{name.replace('_', ' ')} {counts[name]:,}" for name in names)])


def _loss(metrics: Path) -> str:
    """The last held-out loss of a run, else its last loss, from the end of its metrics."""
    with metrics.open("rb") as file:
        file.seek(max(0, metrics.stat().st_size - TAIL_BYTES))
        lines = file.read().decode(errors="replace").splitlines()
    for name, words in (("eval_loss", "held-out loss"), ("loss", "loss")):
        for line in reversed(lines):
            try:
                value = json.loads(line).get(name)
            except (ValueError, AttributeError):
                continue
            if isinstance(value, int | float):
                return f"{words} {value:.3f}"
    return "no loss"


def _verdict(record: Mapping[str, Any]) -> str:
    primary, gate = record["primary"], "passed" if record["gate"]["passed"] else "failed"
    names = f"{record['tuned']['name']} against {record['base']['name']}"
    notes = [*record.get("against", ()), *record.get("blind", ())]
    return " ".join(
        [
            (
                f"{record['verdict']} on {primary['metric']} ({primary['delta']:+.3g}), gate "
                f"{gate}: {names}"
            ),
            *([BUT.strip(), *notes] if notes else []),
        ]
    )


def _candidates(record: Mapping[str, Any]) -> str:
    rows = record["candidates"]
    failed = sum(not row["gate"] for row in rows)
    best = f"{rows[0]['name']} {rows[0]['verdict']} ({rows[0]['delta']:+.3g})"
    return f"{len(rows)} candidates on {record['metric']}, gates failed: {failed}; first: {best}"


def _means(summary: Mapping[str, Any]) -> str:
    known = {
        name: facts["mean"]
        for name, facts in summary["metrics"].items()
        if facts["mean"] is not None
    }
    return f"{summary['model']}: " + ", ".join(
        f"{name} {mean:.3f}" for name, mean in list(known.items())[:3]
    )


def _lines(rows: Sequence[Row]) -> Iterator[str]:
    """Two lines a row, so that no path is cut; names come from models and folders, so no control
    character passes.
    """
    for row in rows:
        told = "".join(c if c.isprintable() else "?" for c in row.what)
        yield f"{row.created[:16].replace('T', ' ')}  {row.kind:<10}  {told}"
        yield f"    {row.report or row.path}"


def _first(found: Sequence[tuple[Path, Manifest]], name: str, session: Session) -> Path:
    """Where the newest artifact with the file `name` is, its bytes checked."""
    rows = [(manifest.created, path) for path, manifest in found if _has(manifest, name)]
    if not rows:
        raise MissingInput(
            f"no {name} is finished here", where=session.workspace, fix="secarch compare-baseline"
        )
    path = max(rows)[1]
    open_artifact(path)
    return path


def _open(session: Session, found: Sequence[tuple[Path, Manifest]]) -> Outcome:
    path = _first(found, PAGE, session)
    page = path / PAGE
    if not session.dry_run:
        browse(page)
    summary = f"{'would open' if session.dry_run else 'opened'} {page}"
    return Outcome(status="done", artifact=str(path), result={"report": str(page)}, summary=summary)


def browse(page: Path) -> None:
    """Show a page in the user's browser. Raises PrerequisiteError if none can be started."""
    if not webbrowser.open(page.resolve().as_uri()):
        raise PrerequisiteError(
            "no browser could be started", where=page, fix="open this file yourself, or set BROWSER"
        )


def _text(session: Session, found: Sequence[tuple[Path, Manifest]]) -> Outcome:
    path = _first([item for item in found if item[1].kind == "comparison"], TEXT, session)
    text = (path / TEXT).read_text(encoding="utf-8")
    return Outcome(
        status="done",
        artifact=str(path),
        result={"markdown": text, "report": str(path / PAGE)},
        shown=(text.rstrip("\n"),),
    )
