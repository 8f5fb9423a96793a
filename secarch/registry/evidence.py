"""Find the comparisons that speak for a version, and read what the gate needs of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from secarch.artifact import Manifest, open_artifact
from secarch.errors import InvalidInput, MissingInput
from secarch.registry.gate import Compared, Evaluated, Weights
from secarch.registry.version import Version
from secarch.schema import sha256_of

Index = Mapping[str, tuple[Path, Manifest]]
"""Digest -> folder and manifest of every artifact of the workspace."""
DECODING = ("max_new_tokens", "batch_size")


def weights_of(version: Version) -> Weights:
    """What tells an evaluation of this version from another's."""
    run = version.ancestor("run")
    return Weights(
        ref=version.ref,
        digest=version.digest,
        run=run.digest if run else "",
        kl=version.served.kl,
    )


def chosen(index: Index, key: str) -> Path:
    """The comparison that `--comparison` names: a folder's path or name, or the head of its digest.

    Raises MissingInput.
    """
    if (Path(key) / "manifest.json").is_file():
        return Path(key)
    named = [
        path
        for digest, (path, manifest) in index.items()
        if manifest.kind == "comparison"
        and (path.name == key or (len(key) >= 8 and digest.startswith(key)))
    ]
    if len(named) != 1:
        raise MissingInput(
            "there is no such comparison",
            where=key,
            fix="secarch report   (lists the newest with their folders)",
        )
    return named[0]


def newest(index: Index, tuned: Weights, base: Weights | None) -> Path | None:
    """The newest comparison whose tuned side is `tuned` and whose base side is `base`.

    Without `base`, one whose base side is an untuned model.
    """
    found = []
    for path, manifest in index.values():
        if manifest.kind != "comparison" or len(manifest.parents) < 2:
            continue
        sides = [index.get(digest) for digest in manifest.parents[:2]]
        if not all(sides):
            continue
        first, second = (set(side[1].parents) for side in sides if side)
        fits = bool(first & _names(base)) if base else not first
        if fits and second & _names(tuned):
            found.append((manifest.created, path))
    return max(found)[1] if found else None


def evaluation_of(index: Index, weights: Weights) -> Path | None:
    """The newest evaluation of these weights, or of their run."""
    found = [
        (manifest.created, path)
        for path, manifest in index.values()
        if manifest.kind == "evaluation" and _names(weights) & set(manifest.parents)
    ]
    return max(found)[1] if found else None


def _names(weights: Weights) -> set[str]:
    return {weights.digest, *([weights.run] if weights.run else [])}


def read(path: Path, index: Index) -> Compared | None:
    """A comparison and its evaluations, every hash checked; None if it was made of scores alone.

    Raises MissingInput, TamperedArtifact, InvalidInput.
    """
    artifact = open_artifact(path, "comparison")
    record = _json(artifact.file("comparison.json"))
    try:
        sides = [str(record[side]["evaluation"]) for side in ("base", "tuned")]
        if not all(record[side]["fingerprint"] for side in ("base", "tuned")):
            return None
        safety, alpha = record["safety"], float(record["alpha"])
        return Compared(
            key=path.name,
            digest=artifact.digest,
            verdict=str(record["verdict"]),
            passed=record["gate"]["passed"] is True,
            reasons=tuple(record["gate"]["reasons"]),
            unsafe=tuple(safety["new"]) if safety else (),
            worse=tuple(_worse(record["categories"], alpha)),
            created=datetime.fromisoformat(artifact.manifest.created),
            base=_evaluated(index, sides[0]),
            tuned=_evaluated(index, sides[1]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidInput(
            "this comparison cannot be read",
            where=path,
            why=error,
            fix="make this artifact again with --fresh",
        ) from error


def _worse(categories: list[dict[str, Any]], alpha: float) -> Iterator[str]:
    for row in categories:
        p = row["p_protected"]
        if row["protected"] and p is not None and p < alpha and row["delta"] < 0:
            yield str(row["category"])


def _evaluated(index: Index, digest: str) -> Evaluated | None:
    found = index.get(digest)
    if found is None:
        return None
    artifact = open_artifact(found[0], "evaluation")
    config, summary = artifact.manifest.config, _json(artifact.file("summary.json"))
    engine = summary.get("engine") or {}
    decoding = summary.get("decoding") or {name: config.get(name) for name in DECODING}
    server = engine.get("engine") == "openai"
    return Evaluated(
        digest=digest,
        created=datetime.fromisoformat(artifact.manifest.created),
        parents=tuple(artifact.manifest.parents),
        suite=sha256_of(config.get("suite")),
        prompt=str(config.get("prompt_digest", "")),
        decoding=sha256_of(decoding),
        quantization="" if server else str(engine.get("quantization", "")),
        server=server,
    )


def _json(path: Path) -> dict[str, Any]:
    value = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(value, dict):
        raise InvalidInput(
            "this file of an artifact is no JSON object",
            where=path,
            fix="make this artifact again with --fresh",
        )
    return value
