"""What the workspace holds: its newest comparisons, evaluations, runs and data sets, and their
reports.
"""

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

KINDS: tuple[Kind, ...] = ("comparison", "evaluation", "run", "dataset")
MOST = 5
"""Rows of each kind."""
PAGE, TEXT = "report.html", "report.md"


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
    """Path of its page; empty where it has none."""


def report(session: Session, *, opened: bool, printed: bool) -> Outcome:
    """List what is newest; or open the newest page in a browser (`opened`); or print the newest
    comparison's Markdown.

    Raises MissingInput where there is nothing to open or print, TamperedArtifact where it was
    changed, and PrerequisiteError where no browser can be started.
    """
    found = list(_artifacts(session))
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


def _artifacts(session: Session) -> Iterator[tuple[Path, Manifest]]:
    """Finished artifacts; one that cannot be read is said and passed over."""
    for root in (session.comparisons, session.evals, session.runs, session.datasets):
        for path in sorted(root.glob(f"*/{MANIFEST}")):
            if ".aside-" in path.parent.name:
                continue
            try:
                yield path.parent, read_manifest(path.parent)
            except (InvalidInput, TamperedArtifact) as error:
                console.log().warning("passed over", where=str(path.parent), why=error.what)


def _newest(found: Sequence[tuple[Path, Manifest]], kind: Kind) -> list[tuple[Path, Manifest]]:
    return sorted(
        ((p, m) for p, m in found if m.kind == kind), key=lambda item: item[1].created, reverse=True
    )


def _has(manifest: Manifest, name: str) -> bool:
    return any(entry.path == name for entry in manifest.files)


def _row(path: Path, manifest: Manifest) -> Row:
    return Row(
        kind=manifest.kind,
        what=_what(path, manifest),
        created=manifest.created,
        path=str(path),
        report=str(path / PAGE) if _has(manifest, PAGE) else "",
    )


def _what(path: Path, manifest: Manifest) -> str:
    tellers = {"comparison.json": _verdict, "candidates.json": _candidates, "summary.json": _means}
    for name, tell in tellers.items():
        if _has(manifest, name):
            try:
                return tell(json.loads((path / name).read_text(encoding="utf-8")))
            except (OSError, ValueError, KeyError, TypeError, IndexError):
                return f"{name} cannot be read"
    return ", ".join(
        f"{name.replace('_', ' ')} {count:,}" for name, count in list(manifest.counts.items())[:4]
    )


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
            *(["But:", *notes] if notes else []),
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
    if not session.dry_run and not webbrowser.open(page.resolve().as_uri()):
        raise PrerequisiteError(
            "no browser could be started", where=page, fix="open this file yourself, or set BROWSER"
        )
    summary = f"{'would open' if session.dry_run else 'opened'} {page}"
    return Outcome(status="done", artifact=str(path), result={"report": str(page)}, summary=summary)


def _text(session: Session, found: Sequence[tuple[Path, Manifest]]) -> Outcome:
    path = _first([item for item in found if item[1].kind == "comparison"], TEXT, session)
    text = (path / TEXT).read_text(encoding="utf-8")
    return Outcome(
        status="done",
        artifact=str(path),
        result={"markdown": text, "report": str(path / PAGE)},
        shown=(text.rstrip("\n"),),
    )
