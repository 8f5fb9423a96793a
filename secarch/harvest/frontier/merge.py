"""The artifacts of several shards joined into one: the same documents as one run would have, each
once.
"""

from __future__ import annotations

import gzip
import heapq
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from secarch import artifact, files
from secarch.artifact import Artifact
from secarch.errors import InvalidInput, Mismatch, MissingInput
from secarch.harvest import documents
from secarch.harvest.documents import Written, canonical_order
from secarch.harvest.frontier.shard import FOLDER
from secarch.harvest.sources.urls import OTHER_SHARD
from secarch.records import Outcome, amount
from secarch.schema import JsonDict, sha256_of
from secarch.session import Session

NEXT = "secarch dedupe"


def merge(session: Session, paths: Sequence[Path]) -> Outcome:
    """Join documents artifacts; without `paths` the newest of each shard below the workspace.

    Shards must be all there and of one crawl. Raises MissingInput, InvalidInput, TamperedArtifact,
    and Mismatch where settings differ or a shard is missing; DiskError.
    """
    found = [artifact.open_artifact(path, "documents") for path in paths or _of_shards(session)]
    config = _common(found)
    parents = sorted(one.digest for one in found)
    directory = session.harvest / f"documents-{artifact.make_key(parents, sha256_of(config))[:8]}"
    if (directory / artifact.MANIFEST).is_file():
        there = artifact.open_artifact(directory)
        return _outcome(there, {"merged": len(found)}, "nothing_to_do")
    if session.dry_run:
        rows = sum(one.manifest.counts["documents"] for one in found)
        return Outcome(
            status="done",
            counts={"documents_at_most": rows},
            summary=f"would join {len(found)} artifacts",
        )
    with artifact.lock(session.harvest / ".lock"), files.disk_errors(directory):
        directory.mkdir(parents=True, exist_ok=True)
        sealed, funnel = _join(found, directory, parents, config)
    return _outcome(sealed, {"merged": len(found), "funnel": funnel}, "done")


def _outcome(made: Artifact, result: JsonDict, status: Any) -> Outcome:
    counts = made.manifest.counts
    return Outcome(
        status=status,
        artifact=str(made.path),
        digest=made.digest,
        counts=counts,
        result=result,
        summary=f"{amount(counts['documents'], 'document')} of {amount(counts['sites'], 'site')} "
        f"in {made.path}",
        next=NEXT,
    )


def _of_shards(session: Session) -> list[Path]:
    """The newest artifact of every shard that has hosts. Raises MissingInput and Mismatch."""
    top = session.workspace / FOLDER
    folders = sorted(path for path in top.glob("*-of-*") if path.is_dir())
    if not folders:
        raise MissingInput(
            "there is no shard here", where=top, fix="secarch harvest --shard 0/2, then 1/2"
        )
    numbers = {path.name.partition("-of-")[2] for path in folders}
    if len(numbers) > 1:
        raise Mismatch(
            "the shards here are of different divisions",
            where=top,
            why=f"of {', '.join(sorted(numbers))}",
            fix="name the artifacts: secarch frontier merge PATH...",
        )
    (number,) = numbers
    missing = [str(n) for n in range(int(number)) if not (top / f"{n}-of-{number}").is_dir()]
    if missing:
        raise Mismatch(
            f"{len(missing)} of {number} shards have not run",
            where=top,
            why=f"no {', '.join(missing[:9])}",
            fix="run those first: secarch harvest --shard i/n",
        )
    return [path for folder in folders if (path := _newest(folder, int(number))) is not None]


def _newest(folder: Path, number: int) -> Path | None:
    """A shard's newest artifact; None if no host of the crawl is its own.

    Raises Mismatch for an unfinished one.
    """
    from secarch.harvest.frontier.database import FILE
    from secarch.harvest.frontier.frontier import Frontier

    harvest = folder / "harvest"
    phase = ""
    if (harvest / FILE).is_file():
        frontier = Frontier(harvest / FILE)
        phase = str(frontier.meta().get("phase", "open"))
        frontier.close()
    if phase == "empty":
        return None
    if phase != "sealed":
        index = folder.name.partition("-of-")[0]
        raise Mismatch(
            f"shard {index} of {number} is not finished",
            where=harvest,
            fix=f"secarch harvest --shard {index}/{number} --resume",
        )
    return artifact.newest(harvest, "documents")


def _common(found: Sequence[Artifact]) -> JsonDict:
    """The settings that all have, without the shard.

    Raises Mismatch if they differ, InvalidInput for none.
    """
    if not found:
        raise InvalidInput(
            "there is nothing to join",
            why="no shard has a document",
            fix="look at the shards' skipped pages: secarch frontier status",
        )
    configs = [{**one.manifest.config, "shard": ""} for one in found]
    for one, config in zip(found, configs, strict=True):
        differing = sorted(
            name
            for name in config.keys() | configs[0].keys()
            if config.get(name) != configs[0].get(name)
        )
        if differing:
            raise Mismatch(
                "these artifacts are of different crawls",
                where=one.path,
                why=f"they differ in {', '.join(differing)}",
                fix="run every shard with the same settings",
            )
    return configs[0]


def _join(
    found: Sequence[Artifact], directory: Path, parents: list[str], config: JsonDict
) -> tuple[Artifact, JsonDict]:
    written = Written()
    documents.write_shards(
        _once(heapq.merge(*map(_rows, found), key=canonical_order), written), directory, written
    )
    reasons = _write_skipped(found, directory, written)
    funnels = [
        json.loads(one.file(documents.FUNNEL_FILE).read_text(encoding="utf-8")) for one in found
    ]
    funnel = {
        "known": written.documents + sum(reasons.values()),
        "fetched": sum(f["fetched"] for f in funnels),
        "documents": written.documents,
        "skipped": sum(reasons.values()),
        "by_reason": dict(sorted(reasons.items())),
        "by_site": written.sites,
        "by_licence": written.licences,
        "by_language": written.languages,
        "by_host": {
            host: counts
            for one in funnels
            for host, counts in one["by_host"].items()
            if set(counts) - {OTHER_SHARD, "fetched"}
        },
        "politeness": [host for f in funnels for host in f.get("politeness", [])],
    }
    documents.write_funnel(directory, funnel)
    sealed = artifact.seal(
        directory,
        kind="documents",
        parents=parents,
        config=config,
        counts={"documents": written.documents, "sites": len(written.sites)},
        files=written.shards,
        outside=[documents.SKIPPED_FILE, documents.FUNNEL_FILE],
        rows=written.rows,
        content=written.content,
    )
    return sealed, funnel


def _rows(one: Artifact) -> Iterator[JsonDict]:
    """An artifact's rows, a group at a time; they are in canonical order already."""
    for entry in one.manifest.files:
        if entry.path.endswith(".parquet"):
            with pq.ParquetFile(one.path / entry.path) as table:
                for batch in table.iter_batches(batch_size=documents.GROUP_ROWS):
                    yield from batch.to_pylist()


def _once(rows: Iterator[JsonDict], written: Written) -> Iterator[JsonDict]:
    last = None
    for row in rows:
        canonical = row["canonical_url"]
        if canonical == last:
            written.duplicates.append((row["url"], canonical))
            continue
        last = canonical
        written.count(row["site"], row["licence"], row["language"])
        yield row


def _write_skipped(found: Sequence[Artifact], directory: Path, written: Written) -> dict[str, int]:
    """The shards' lists of what was skipped, each address once, without what another shard had;
    by reason.
    """
    reasons: dict[str, int] = {}

    def lines() -> Iterator[JsonDict]:
        last = None
        for row in heapq.merge(*map(_skipped, found), key=lambda row: (row["url"], row["reason"])):
            if row["reason"] != OTHER_SHARD and row["url"] != last:
                last = row["url"]
                reasons[row["reason"]] = reasons.get(row["reason"], 0) + 1
                yield row

    documents.write_skipped_rows(lines(), directory)
    if written.duplicates:
        reasons["same_canonical"] = reasons.get("same_canonical", 0) + len(written.duplicates)
    return reasons


def _skipped(one: Artifact) -> list[JsonDict]:
    with gzip.open(one.file(documents.SKIPPED_FILE), "rt", encoding="utf-8") as lines:
        return sorted(
            (json.loads(line) for line in lines), key=lambda row: (row["url"], row["reason"])
        )
