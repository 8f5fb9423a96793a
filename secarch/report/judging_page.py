"""The page on which people judge, whatever is judged: one item at a time, by keyboard, from
file://, saved as labels.

A panel is a part of a page of `secarch.report.html`. Without its script it shows every item; with
it one after the other, with a button and a key for each choice. The saved rows are those that
`secarch.report.labels` reads.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from markupsafe import Markup

from secarch.report import html


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A decision that can be made."""

    key: str
    """The key that makes it."""
    decision: str
    """Its name in the label; `edit` opens the item's fields, `skip` leaves no label."""
    label: str
    value: int = 0
    """What the label says beside the decision."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """What is judged."""

    id: str
    sha256: str
    """Hex, of what is shown, so that a label counts for this content alone."""
    body: Markup
    kind: str = ""
    """Of its labels, where a panel has several; empty for the panel's own."""
    fields: Mapping[str, str] = field(default_factory=dict)
    """Texts that an edit may change, by name."""


def panel(artifact: str, kind: str, items: Sequence[Item], choices: Sequence[Choice]) -> Markup:
    """The items and the controls; `artifact` and `kind` (or the item's own) are written into each
    label.
    """
    articles = html.join(*(_article(item) for item in items))
    return Markup(
        '<div class="judging" tabindex="0" data-artifact="{}" data-kind="{}">{}{}'
        '<p data-part="end" hidden>{}</p>{}</div>'
    ).format(
        artifact,
        kind,
        _controls(choices),
        articles,
        "That was the last one. Save the labels, or go back.",
        _result(),
    )


@cache
def script() -> str:
    """The JavaScript that drives every panel of a page."""
    return (Path(__file__).parent / "judging_page.js").read_text(encoding="utf-8")


def _article(item: Item) -> Markup:
    edit = Markup()
    if item.fields:
        boxes = (
            Markup('<label>{}<textarea data-field="{}" rows="{}">\n{}</textarea></label>').format(
                name, name, 3 if len(text) < 300 else 14, text
            )
            for name, text in item.fields.items()
        )
        note = "Ctrl+Enter keeps the edit, Escape drops it."
        edit = Markup('<div data-part="edit" hidden>{}<p class="note">{}</p></div>').format(
            html.join(*boxes), note
        )
    own = {"id": item.id, "sha256": item.sha256, **({"kind": item.kind} if item.kind else {})}
    return Markup("<article{}>{}{}</article>").format(html.attributes(own), item.body, edit)


def _controls(choices: Sequence[Choice]) -> Markup:
    buttons = (
        Markup(
            '<button type="button" aria-pressed="false" data-choice="{}" data-value="{}" '
            'data-key="{}">'
            "{} <kbd>{}</kbd></button>"
        ).format(choice.decision, choice.value, choice.key, choice.label, choice.key)
        for choice in choices
    )
    return Markup(
        '<div class="controls sticky" data-part="panel" hidden><button type="button" '
        'data-part="back">Back '
        '<kbd>&larr;</kbd></button>{}<label>Note<input data-part="note" maxlength="500"></label>'
        '<output data-part="progress"></output></div>'
    ).format(html.join(*buttons))


def _result() -> Markup:
    return Markup(
        '<div class="controls"><label>Your name<input data-part="reviewer" maxlength="80" '
        'autocomplete="name"></label>'
        '<button type="button" data-part="save">Save labels</button></div>'
        '<details><summary>The labels as text, for copying</summary><textarea data-part="labels" '
        "readonly></textarea>"
        "</details>"
    )
