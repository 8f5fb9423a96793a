"""`secarch dataset diff A B`: what changed between two versions of a dataset."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from secarch.artifact import Artifact, open_artifact
from secarch.dedupe.examples.decisions import content_sha256
from secarch.dedupe.inspect import grades
from secarch.dedupe.split.split import SPLITS
from secarch.records import Outcome
from secarch.schema import JsonDict

LISTED = 20
"""Ids that are listed of each change."""


@dataclass(frozen=True, slots=True)
class _Row:
    split: str
    content: str
    document: str
    facts: tuple[str, str, str]
    """Kind, category, licence."""


def diff(before: Path, after: Path) -> Outcome:
    """Compare two dataset artifacts by example id.

    Raises MissingInput, InvalidInput (no dataset) and TamperedArtifact. Differences are no error:
    the exit code is 0.
    """
    a, b = open_artifact(before, "dataset"), open_artifact(after, "dataset")
    result = compare(_rows(a), _rows(b))
    result["settings"] = _changes(_flat(a.manifest.config), _flat(b.manifest.config))
    result["counts"] = _changes(a.manifest.counts, b.manifest.counts)
    result["grades"] = _changes(
        grades.figures(grades.read(a.path, a.digest)), grades.figures(grades.read(b.path, b.digest))
    )
    result["same_content"] = a.digest == b.digest
    found = result["examples"]
    return Outcome(
        status="done",
        artifact=str(after),
        digest=b.digest,
        shown=tuple(_lines(result)),
        counts={name: found[name] for name in ("added", "removed", "changed", "moved", "same")},
        result=result,
        summary=f"{found['added']:,} examples added, {found['removed']:,} removed, "
        f"{found['changed']:,} changed, "
        f"{found['moved']:,} in another split, {found['same']:,} the same",
    )


def _rows(artifact: Artifact) -> dict[str, _Row]:
    return {
        row["id"]: _row(row, split) for split in SPLITS for row in artifact.rows(f"{split}.jsonl")
    }


def _row(row: JsonDict, split: str) -> _Row:
    said = {message["role"]: message["content"] for message in row["messages"]}
    facts = (
        str(row.get("kind", "")),
        str(row.get("category", "")),
        str(row.get("licence", "")) or "unknown",
    )
    return _Row(
        split,
        content_sha256(said["user"], said["assistant"]),
        str(row.get("document_id", "")),
        facts,
    )


def compare(a: Mapping[str, _Row], b: Mapping[str, _Row]) -> JsonDict:
    """What changed from `a` to `b`, both by example id."""
    both = sorted(a.keys() & b.keys())
    added, removed = sorted(b.keys() - a.keys()), sorted(a.keys() - b.keys())
    changed = [name for name in both if a[name].content != b[name].content]
    moved = [name for name in both if a[name].split != b[name].split]
    docs_a, docs_b = ({row.document for row in rows.values()} for rows in (a, b))
    touched = {*changed, *moved}
    return {
        "examples": {
            "before": len(a),
            "after": len(b),
            "added": len(added),
            "removed": len(removed),
            "changed": len(changed),
            "moved": len(moved),
            "same": sum(name not in touched for name in both),
        },
        "documents": {
            "before": len(docs_a),
            "after": len(docs_b),
            "added": len(docs_b - docs_a),
            "removed": len(docs_a - docs_b),
        },
        "splits": _counted(a.values(), b.values(), lambda row: row.split),
        "kinds": _counted(a.values(), b.values(), lambda row: row.facts[0]),
        "categories": _counted(a.values(), b.values(), lambda row: row.facts[1]),
        "licences": _counted(a.values(), b.values(), lambda row: row.facts[2]),
        "listed": {
            "added": added[:LISTED],
            "removed": removed[:LISTED],
            "changed": changed[:LISTED],
            "moved": [[name, a[name].split, b[name].split] for name in moved[:LISTED]],
        },
    }


def _counted(a: Iterable[_Row], b: Iterable[_Row], of: Any) -> dict[str, list[int]]:
    """Name -> [before, after] where the two differ."""
    return _changes(Counter(map(of, a)), Counter(map(of, b)), nothing=0)


def _changes(
    a: Mapping[str, Any], b: Mapping[str, Any], nothing: Any = None
) -> dict[str, list[Any]]:
    pairs = {name: [a.get(name, nothing), b.get(name, nothing)] for name in sorted({*a, *b})}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def _flat(value: Any, path: str = "") -> dict[str, Any]:
    """Settings by dotted name."""
    if not isinstance(value, dict) or not value:
        return {path: value}
    return {
        name: leaf
        for key, below in value.items()
        for name, leaf in _flat(below, f"{path}.{key}" if path else key).items()
    }


def _lines(result: JsonDict) -> Iterable[str]:
    if result["same_content"]:
        yield "the content is the same"
    for name in ("examples", "documents"):
        yield f"{name}: " + ", ".join(f"{key} {count:,}" for key, count in result[name].items())
    for name in ("splits", "kinds", "categories", "licences", "settings", "counts", "grades"):
        for key, (before, after) in result[name].items():
            yield f"{name} {key}: {_shown(before)} -> {_shown(after)}"
    for name, ids in result["listed"].items():
        for item in ids:
            yield f"{name}: {item if isinstance(item, str) else ' '.join(item)}"


def _shown(value: Any) -> str:
    text = f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
    return text if len(text) <= 100 else f"{text[:100]}..."
