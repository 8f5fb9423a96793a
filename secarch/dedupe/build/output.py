"""Write the dataset's files: rows, rejects, duplicates, the card and the report."""

from __future__ import annotations

import json
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from secarch.dedupe.build.documents import Sources
from secarch.dedupe.build.mix import is_constructed
from secarch.dedupe.build.result import Result
from secarch.dedupe.config import DedupeConfig
from secarch.dedupe.inspect.forms import DATASET_INFO, USE, dataset_info
from secarch.dedupe.split.split import SPLITS
from secarch.files import write_atomic, write_json, write_jsonl, write_text
from secarch.report.data_card import DataFacts, data_card
from secarch.schema import JsonDict, canonical_json

REJECTED, DUPLICATES, REVIEWS = "rejected.jsonl.gz", "duplicates.jsonl", "reviews.jsonl"
SEMANTIC = "semantic.jsonl"
"""Stands outside of the digest: cosines differ in their last digits from machine to machine."""
GZIP = zlib.MAX_WBITS | 16
"""`wbits` with which zlib writes the header of gzip (RFC 1952), its time 0."""
CARD, REPORT = "README.md", "report.html"
NO_PARENT = "The documents were given as files; no artifact stands behind them."


def write(
    directory: Path, result: Result, config: DedupeConfig, identity: JsonDict, sources: Sources
) -> tuple[list[str], dict[str, int]]:
    """Write everything but the manifest; returns the content files' names and their row counts."""
    from secarch.dedupe.report import report
    from secarch.report.origin import origin

    rows = {
        f"{name}.jsonl": _write_split(directory, name, result, identity["system"])
        for name in SPLITS
    }
    rows[REJECTED] = write_gzip(directory / REJECTED, result.rejected)
    rows[DUPLICATES] = write_jsonl(directory / DUPLICATES, result.duplicates)
    if result.neighbours is not None:
        write_jsonl(directory / SEMANTIC, result.neighbours.rows())
    if result.review is not None:
        rows[REVIEWS] = write_jsonl(directory / REVIEWS, result.review.rows)
    write_json(
        directory / DATASET_INFO, dataset_info({name: rows[f"{name}.jsonl"] for name in SPLITS})
    )
    write_text(directory / CARD, data_card(facts(result, config, sources)))
    made_from = origin(sources.parents, directory, none=NO_PARENT)
    write_text(directory / REPORT, report(result, config, made_from))
    return [*rows, CARD, DATASET_INFO], rows


def _write_split(directory: Path, name: str, result: Result, system: str) -> int:
    examples = sorted(
        (example for split, part in result.rows.items() if split == name for example in part),
        key=lambda e: e.id,
    )
    return write_jsonl(
        directory / f"{name}.jsonl", (example.row(system, name) for example in examples)
    )


def write_gzip(path: Path, rows: Iterable[JsonDict]) -> int:
    """Canonical JSON lines, compressed, atomically, with no time in the header: equal rows give
    equal bytes. One row at a time is held in full.
    """
    packer = zlib.compressobj(level=6, wbits=GZIP)
    parts = [packer.compress(f"{canonical_json(row)}\n".encode("utf-8", "replace")) for row in rows]
    write_atomic(path, b"".join([*parts, packer.flush()]))
    return len(parts)


def facts(result: Result, config: DedupeConfig, sources: Sources) -> DataFacts:
    """What the data card says."""
    examples = [example for part in result.rows.values() for example in part]
    composed = [example for example in examples if is_constructed(example)]
    sites = {item.head.id: item.head.site for item in result.documents}
    sites |= {example.document_id: "composed by secarch" for example in composed}
    return DataFacts(
        name="Cloud security instructions",
        sources=Counter(sites.get(example.document_id) or "unknown" for example in examples),
        licences=Counter(example.licence for example in examples),
        kinds=Counter(example.kind for example in examples),
        categories=Counter(example.category for example in examples),
        splits={name: len(result.rows[name]) for name in SPLITS},
        counts=result.counts,
        parents=sources.parents,
        generated=sum(example.kind == "generated" for example in examples),
        composed=len(composed),
        quoting=sum(bool(example.sources) for example in composed),
        settings=_settings(config),
        mix=_mix(result),
        use=USE,
    )


def _mix(result: Result) -> str:
    """What the mix allowed, had and took."""
    mixed = result.mixed
    if mixed is None:
        return ""
    rows = [
        f"| {line.family} | {line.most:.0%} | {line.had:,} | {line.taken:,} | "
        f"{line.had - line.taken:,} | {line.share:.1%} |"
        for line in mixed.lines
    ]
    head = ["| family | at most | had | taken | left out | share |", "|---|---|---|---|---|---|"]
    told = (
        f"{mixed.applied:.0%} of the rows choose, threat-model, review, fix or map; "
        f"{len(mixed.left):,} rows were left out for the mix, and {len(mixed.little):,} rows "
        "from pages since they teach too little."
    )
    short = f" Short: {mixed.short}." if mixed.short else ""
    return "\n".join([*head, *rows, "", told + short])


def _settings(config: DedupeConfig) -> Mapping[str, str]:
    return {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in config.identity().items()
    }
