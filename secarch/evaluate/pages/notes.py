"""What a reader may want to look up: each a part that opens on a click, after the questions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from markupsafe import Markup

from secarch.danger.safety import examine, unread
from secarch.evaluate.metrics.metric import Item
from secarch.evaluate.pages.questions import words
from secarch.report import html
from secarch.schema import JsonDict
from secarch.session import environment

MOST_ROWS = 200
"""Rows of one table."""


def notes(summary: JsonDict, items: Sequence[Item], seen: Sequence[JsonDict]) -> Markup:
    """Every part that has something to say, folded, and one line on those that have not."""
    parts = list(_parts(summary, items, seen))
    silent = [title for title, body in parts if body is None]
    folded = (html.details(title, body) for title, body in parts if body is not None)
    rest = html.paragraph(f"Nothing to say of: {', '.join(silent)}.") if silent else Markup()
    return html.join(*folded, rest)


def _parts(
    summary: JsonDict, items: Sequence[Item], seen: Sequence[JsonDict]
) -> Iterator[tuple[str, Markup | None]]:
    yield "Unscored, and why", _unscored(summary)
    yield "Unsafe defaults left open in code", _defaults(items)
    yield "Code that could not be read", _unread(items)
    yield "Words of the suite in the training data", _contamination(summary, seen)
    yield "Held-out documents", _held_out(summary)
    yield "Judge", _judge(summary)
    yield "Questions that have aged", _aged(items)
    yield "Environment and determinism", _environment(summary)


def _unread(items: Sequence[Item]) -> Markup | None:
    rows = [(item.question.id, message) for item in items for message in unread(item.answer.text)][
        :MOST_ROWS
    ]
    return html.table(("question", "what the parser said"), rows) if rows else None


def _held_out(summary: JsonDict) -> Markup | None:
    found = summary.get("held_out")
    if not found:
        return None
    rows = [(name.replace("_", " "), value) for name, value in found.items()]
    return html.table(("what", "value"), rows)


def _contamination(summary: JsonDict, seen: Sequence[JsonDict]) -> Markup | None:
    found = summary.get("contamination")
    if not found:
        return None
    means = [
        (
            name,
            m["all"],
            m["without_13_words_and_near"],
            m["without_8_words"],
            m["n"],
            m["n_without_8_words"],
        )
        for name, m in found["means"].items()
    ]
    head = (
        "metric",
        "all",
        "without 13 words and near copies",
        "without 8 words",
        "n",
        "n without 8 words",
    )
    counts = ", ".join(f"{kind}: {n} questions" for kind, n in found["questions"].items())
    listed = [
        (
            row["question_id"],
            row["part"],
            row["kind"],
            f"{row['share']:.2f}",
            row["row"],
            row["shared"],
        )
        for row in sorted(seen, key=lambda row: (-row["share"], row["question_id"]))[:MOST_ROWS]
    ]
    columns = ("question", "part", "kind", "share", "training row", "shared words")
    rest = (
        html.table(columns, listed) if listed else html.paragraph("No text of the suite overlaps.")
    )
    return html.join(html.paragraph(counts), html.table(head, means), rest)


def _judge(summary: JsonDict) -> Markup | None:
    found = summary.get("judge")
    if not found:
        return None
    rows = [
        (name.replace("_", " "), str(value))
        for name, value in found.items()
        if name != "abstained_why"
    ]
    return html.table(
        ("what", "value"),
        [*rows, *((f"abstained: {why}", n) for why, n in found["abstained_why"].items())],
    )


def _aged(items: Sequence[Item]) -> Markup | None:
    today = datetime.now(UTC).date()
    rows = [
        (item.question.id, str(item.question.valid_until))
        for item in items
        if item.question.valid_until and item.question.valid_until <= today
    ]
    return html.table(("question", "right until"), rows) if rows else None


def _environment(summary: JsonDict) -> Markup:
    known = environment()
    versions = {**known.pop("packages"), **summary["engine"].get("versions", {})}
    rows = [(name, str(value)) for name, value in {**known, **versions}.items()]
    promise = str(summary["engine"].get("determinism", "nothing is known of determinism"))
    return html.join(html.paragraph(promise), html.table(("what", "value"), rows))


def _defaults(items: Sequence[Item]) -> Markup | None:
    rows = [
        (item.question.id, words(danger.rule), danger.evidence)
        for item in items
        for danger in examine(item.answer.text)
        if danger.severity == "minor"
    ]
    return html.table(("question", "about", "what"), rows[:MOST_ROWS]) if rows else None


def _unscored(summary: JsonDict) -> Markup | None:
    rows = [
        (words(name), n, why)
        for name, facts in summary["metrics"].items()
        for why, n in facts["unscored_why"].items()
    ]
    notes = [(name, value, "") for name, value in summary["notes"].items()]
    return html.table(("metric", "questions", "why"), rows + notes) if rows or notes else None
