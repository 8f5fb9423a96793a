"""What the report says of contamination and of the splits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from secarch.dedupe.split.decontaminate import Hit
from secarch.dedupe.split.split import Split
from secarch.records import Example
from secarch.report import html

if TYPE_CHECKING:
    from markupsafe import Markup

SHOWN = 600
"""Characters of a text that is shown."""


def shortened(text: str) -> str:
    """The text, cut at `SHOWN` characters."""
    return text if len(text) <= SHOWN else text[:SHOWN] + " ..."


def contamination(hits: Sequence[Hit]) -> Markup:
    """Examples that hold text of a suite, beside that text."""
    if not hits:
        return html.paragraph(
            "None: no example holds half of a question's or reference's 8-grams, or any 13-gram "
            "of a reference."
        )
    parts = []
    for hit in hits[:100]:
        body = html.beside(
            ("suite", html.quote(shortened(hit.item_text))),
            ("example", html.quote(shortened(hit.example_text))),
        )
        parts.append(
            html.details(
                f"{hit.decision}: {hit.question_id} ({hit.part}), coverage {hit.coverage:.0%}, "
                f"{hit.url}",
                body,
            )
        )
    return html.join(*parts)


def splits(rows: Mapping[Split, Sequence[Example]], closest: float, left_out: int) -> Markup:
    """Sizes of the splits, and leaks between them.

    `closest` is the largest Jaccard similarity of documents in two splits (0..1); `left_out` counts
    the held-out rows that overlapped training.
    """
    sizes = [
        (
            name,
            len(part),
            len({e.document_id for e in part}),
            sum(len(e.answer.split()) for e in part),
        )
        for name, part in rows.items()
    ]
    return html.join(
        html.table(["split", "examples", "documents", "answer words"], sizes),
        html.heading("Leaks between them"),
        html.table(
            ["what was looked for", "found"], _leaks(list(rows.values()), closest, left_out)
        ),
    )


def _leaks(
    parts: Sequence[Sequence[Example]], closest: float, left_out: int
) -> list[tuple[str, str]]:
    """Counted on the finished rows, but for the held-out rows that were left out before."""
    straddling = Counter(
        document for part in parts for document in {example.document_id for example in part}
    )
    asked = Counter(asked for part in parts for asked in {example.instruction for example in part})
    return [
        ("documents in two splits", f"{sum(n > 1 for n in straddling.values()):,}"),
        ("questions in two splits", f"{sum(n > 1 for n in asked.values()):,}"),
        (
            (
                "highest Jaccard of two documents in different splits (from 0.5 on they are kept "
                "together)"
            ),
            f"{closest:.2f}",
        ),
        (
            "held-out rows left out, since training answers hold too many of their 13-grams",
            f"{left_out:,}",
        ),
    ]
