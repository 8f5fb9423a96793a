"""From a version back to the pages it was trained on; from an answer to the rows most like it.

The walk over parents is proof of what a model was trained on. That an answer came from a page is
not provable: rows with the same runs of words are similar, and are called nothing else.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from secarch import console
from secarch.artifact import Artifact, open_artifact
from secarch.errors import MissingInput
from secarch.records import Outcome
from secarch.registry.registry import Registry
from secarch.registry.version import Version
from secarch.schema import JsonDict
from secarch.session import Session

if TYPE_CHECKING:
    from secarch.registry.row_index import RowIndex

MOST = 10
"""Rows that are shown for an answer."""
LONGEST_ANSWER = 1 << 20
HEAD = "similar, not proof: these training rows share most words with the answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page that training rows were cut from."""

    url: str
    title: str
    licence: str
    fetched_at: str
    rows: int
    """Training rows from it."""


def lineage(session: Session, ref: str, *, answer: str | None) -> Outcome:
    """Walk from a version to its documents; with an answer's text, show the rows most like it.

    Raises MissingInput (exit 4) if a parent is not in the workspace, after what is there was shown.
    """
    registry = Registry(session.workspace)
    version = registry.find(ref).version
    missing = [one.digest for one in version.ancestors if one.kind == "missing"]
    dataset = _dataset(registry, version)
    from secarch.registry.row_index import row_index

    index = row_index(dataset, registry.indexes) if dataset else None
    pages = list(pages_of(registry, version, index)) if index else []
    nearest = list(similar(index, answer)) if index and answer is not None else None
    shown = tuple(_lines(version, pages, nearest))
    if missing or dataset is None:
        console.say("\n".join(shown))
        raise MissingInput(
            f"an ancestor of {version.ref} is not in this workspace",
            where=session.workspace,
            why=f"missing: {', '.join(d[:12] for d in missing) or 'its dataset'}; "
            f"{len(pages)} pages are known",
            fix="restore the artifact into the workspace",
        )
    return Outcome(
        status="done",
        digest=version.digest,
        shown=shown,
        counts={"pages": len(pages), "rows": sum(page.rows for page in pages)},
        result={
            "ref": version.ref,
            "ancestors": [one.model_dump(mode="json") for one in version.ancestors],
            "licences": licences(pages),
            "pages": [_page(page) for page in pages],
            **({} if nearest is None else {"similar": nearest, "note": HEAD}),
        },
    )


def _page(page: Page) -> JsonDict:
    return {name: getattr(page, name) for name in Page.__slots__}


def licences(pages: Sequence[Page]) -> dict[str, int]:
    """Licence -> pages."""
    out: dict[str, int] = {}
    for page in pages:
        name = page.licence or "unknown"
        out[name] = out.get(name, 0) + 1
    return dict(sorted(out.items(), key=lambda item: (-item[1], item[0])))


def _dataset(registry: Registry, version: Version) -> Artifact | None:
    one = version.ancestor("dataset")
    if one is None or not one.path:
        return None
    folder = registry.workspace / one.path
    return open_artifact(folder, "dataset") if folder.is_dir() else None


def pages_of(registry: Registry, version: Version, index: RowIndex) -> Iterator[Page]:
    """Every page that training rows were cut from, the most used first."""
    fetched = _fetched(registry, version)
    for url, title, licence, rows in sorted(index.sources, key=lambda s: (-s[3], s[:3])):
        yield Page(
            url=url, title=title, licence=licence, fetched_at=fetched.get(url, ""), rows=rows
        )


def _fetched(registry: Registry, version: Version) -> Mapping[str, str]:
    """URL -> when it was fetched, from the documents that are here."""
    import pyarrow.parquet as pq

    out: dict[str, str] = {}
    for one in version.ancestors:
        if one.kind != "documents" or not one.path:
            continue
        for path in sorted((registry.workspace / one.path).glob("documents-*.parquet")):
            table = pq.read_table(path, columns=["url", "fetched_at"]).to_pydict()
            out |= {str(url): str(at or "") for url, at in zip(*table.values(), strict=True)}
    return out


# ---------------------------------------------------------------- an answer


def similar(index: RowIndex, answer: str) -> Iterator[JsonDict]:
    """The ten training rows most like an answer: by shared runs of eight words, then by MinHash."""
    shares = {n: (share, 1) for n, share in index.by_runs(answer).items()}
    if len(shares) < MOST:
        alike = index.by_triples(answer, 2 * MOST).items()
        shares |= {n: (share, 0) for n, share in alike if n not in shares}
    best = sorted(shares.items(), key=lambda item: (-item[1][1], -item[1][0], item[0]))[:MOST]
    for n, (share, kind) in best:
        row = index.row(n)
        yield {
            "id": row.get("id", ""),
            "url": row.get("url", ""),
            "title": row.get("title", ""),
            "licence": row.get("licence", ""),
            "overlap": round(share, 4),
            "measure": "runs of 8 words" if kind else "MinHash",
        }


def answer_text(source: str) -> str:
    """The answer in a file, or on stdin for `-`. Raises MissingInput."""
    if source == "-":
        return sys.stdin.read(LONGEST_ANSWER)
    path = Path(source)
    if not path.is_file():
        raise MissingInput(
            "there is no such file", where=path, fix="--answer FILE, or - for standard input"
        )
    return path.read_text(encoding="utf-8", errors="replace")[:LONGEST_ANSWER]


def _lines(
    version: Version, pages: Sequence[Page], nearest: Sequence[JsonDict] | None
) -> Iterator[str]:
    for one in version.ancestors:
        yield f"{one.kind:<10} {one.digest[:12]} {one.path or 'not here'}"
    if nearest is not None:
        yield HEAD if nearest else "no training row shares words with the answer"
        for row in nearest:
            yield f"{row['overlap']:.3f}  {row['licence'] or 'unknown'}  {row['url']}"
        return
    for page in pages:
        licence = page.licence or "unknown"
        yield f"{page.rows:>5} rows  {licence:<14} {page.fetched_at[:10]} {page.url}"
    if not pages:
        yield "no page is known"


def licences_of(registry: Registry, version: Version) -> dict[str, int]:
    """Licence -> pages that a version was trained on.

    Raises MissingInput if its dataset is not in the workspace.
    """
    dataset = _dataset(registry, version)
    if dataset is None:
        raise MissingInput(
            "the dataset is not in this workspace",
            where=version.ref,
            fix="give --workspace of the one that it was made in",
        )
    from secarch.registry.row_index import row_index

    index = row_index(dataset, registry.indexes)
    return licences(list(pages_of(registry, version, index)))
