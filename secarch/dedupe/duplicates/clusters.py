"""The largest groups of duplicates, each with the difference between the kept document and the
least similar gone.
"""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from secarch.schema import JsonDict

MOST_LINES = 600
"""Lines of a document that are compared; the comparison is quadratic at worst."""
SHOWN_LINES = 60
CONTEXT = 1

Key = tuple[str, str]
"""Document id and content hash: two versions of a page share an id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """One kept document with what was removed for it."""

    kept_url: str
    removed: tuple[JsonDict, ...]
    """Rows of duplicates.jsonl, the least similar first."""
    lines: tuple[tuple[str, str], ...]
    """(mark, line) of a line diff from the kept to the least similar: ' ', '-' only kept, '+' only
    removed.
    """


def clusters(
    duplicates: Sequence[JsonDict], text_of: Callable[[Key], str], most: int = 10
) -> list[Cluster]:
    """The `most` largest clusters; of those with near-duplicates first, since exact copies have
    nothing to show.
    """
    groups: dict[Key, list[JsonDict]] = defaultdict(list)
    for row in duplicates:
        groups[row["kept"], row["kept_sha256"]].append(row)
    order = sorted(
        groups,
        key=lambda key: (
            -sum(row["rule"] != "exact" for row in groups[key]),
            -len(groups[key]),
            key,
        ),
    )
    return [_cluster(groups[key], key, text_of) for key in order[:most]]


def _cluster(rows: list[JsonDict], kept: Key, text_of: Callable[[Key], str]) -> Cluster:
    rows = sorted(
        rows,
        key=lambda row: (
            row["rule"] == "exact",
            row["jaccard"],
            row["removed"],
            row["removed_sha256"],
        ),
    )
    differs = rows[0]["rule"] != "exact"
    gone = text_of((rows[0]["removed"], rows[0]["removed_sha256"])) if differs else ""
    lines = tuple(_diff(text_of(kept), gone)) if gone else ()
    return Cluster(kept_url=rows[0]["kept_url"], removed=tuple(rows), lines=lines)


def _diff(kept: str, gone: str) -> Iterator[tuple[str, str]]:
    a, b = (text.split("\n", MOST_LINES)[:MOST_LINES] for text in (kept, gone))
    matcher = difflib.SequenceMatcher(None, a, b, autojunk=False)
    shown = 0
    for group in matcher.get_grouped_opcodes(CONTEXT):
        if shown:
            yield "~", ""
        for tag, i, j, k, m in group:
            for mark, part in (
                (" ", a[i:j] if tag == "equal" else []),
                ("-", a[i:j]),
                ("+", b[k:m]),
            ):
                if tag == "equal" and mark != " ":
                    continue
                for line in part:
                    shown += 1
                    if shown > SHOWN_LINES:
                        return
                    yield mark, line
