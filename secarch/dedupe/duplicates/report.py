"""What the report says of duplicates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from secarch.dedupe.duplicates.clusters import Cluster, Key, clusters
from secarch.report import html
from secarch.schema import JsonDict

if TYPE_CHECKING:
    from markupsafe import Markup


def duplicates(removed: Sequence[JsonDict], text_of: Callable[[Key], str]) -> Markup:
    """The largest groups with what differs, then removals one by one; `text_of` gives a text."""
    near = sorted(removed, key=lambda row: (row["rule"] == "exact", row["jaccard"], row["removed"]))
    rows = [
        (
            row["rule"],
            row["jaccard"],
            row["containment"],
            row["removed_words"],
            row["kept_words"],
            row["removed_url"],
            row["kept_url"],
        )
        for row in near[:50]
    ]
    head = ["rule", "Jaccard", "containment", "words removed", "words kept", "removed", "kept"]
    groups = [_cluster(cluster) for cluster in clusters(removed, text_of)]
    note = f"{len(removed):,} in all; the 50 least alike are shown." if len(near) > 50 else ""
    if not rows:
        return html.paragraph("None.")
    table = html.join(html.paragraph(note) if note else "", html.table(head, rows))
    listed = html.details("Removed documents, the least alike first", table)
    return html.join(
        html.heading("Largest groups, with what differs"),
        *groups,
        html.heading("One by one"),
        listed,
    )


def _cluster(cluster: Cluster) -> Markup:
    removed = [
        (row["removed_url"], row["rule"], row["jaccard"], row["containment"])
        for row in cluster.removed[:20]
    ]
    parts = [html.table(["removed", "rule", "Jaccard", "containment"], removed)]
    if cluster.lines:
        parts.append(
            html.paragraph(
                f"Kept (-) against {cluster.removed[0]['removed_url']} (+), lines that differ:"
            )
        )
        parts.append(html.difference(cluster.lines))
    return html.details(f"{cluster.kept_url}: {len(cluster.removed)} removed", html.join(*parts))
