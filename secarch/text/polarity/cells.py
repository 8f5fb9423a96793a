"""What the other cells of a table's row, and the head of its column, say of a cell."""

from __future__ import annotations

import re

from secarch.text.polarity.introduction import introduction, verdict_cell
from secarch.text.polarity.kinds import ASSERTED, Stance
from secarch.text.polarity.labels import complains
from secarch.text.polarity.material import leaves_open
from secarch.text.polarity.parties import names_voices, names_who
from secarch.text.polarity.windows import Window

_CHECKED = re.compile(
    r"^(?:does|is|do|are|verdict|true|correct|valid|right|result|assessment|truth|fact|holds)\b"
)
_HOLDS = re.compile(
    r"^\W*(?:yes|true|correct|right|holds|it (?:holds|does)|confirmed|valid|proven|agreed|a fact)\b"
)
"""A cell by which a claim of the same row is found to be so."""


def column(window: Window, start: int) -> str:
    """The head of the column in which a place of a table's row is, or ""."""
    offset = len(window.joined) - len(window.text)
    number = window.text.count(" ; ", 0, max(0, start - offset))
    return window.columns[number] if number < len(window.columns) and start >= offset else ""


def of_row(window: Window, start: int) -> Stance:
    """What the other cells of a row, or the head of the column, say of a cell."""
    offset = len(window.joined) - len(window.text)
    if not window.item or " ; " not in window.text or start < offset:
        return ASSERTED
    cells = window.text.split(" ; ")
    number = window.text.count(" ; ", 0, start - offset)
    if number < len(window.columns):
        head = introduction(window.columns[number])
        others = [name for n, name in enumerate(window.columns) if n != number]
        if holds(window, start):
            return ASSERTED
        if head.advised and names_voices([window.columns[number]]) and any(map(names_who, others)):
            return Stance("attributed", window.columns[number])
        if head.kind != "asserted":
            return head
        near = tuple(cell for n, cell in enumerate(cells) if n != number)
        if cue := leaves_open(window.columns[number], near):
            return Stance("attributed", cue)
    heads = dict(enumerate(window.columns))
    others = [c for n, c in enumerate(cells) if n != number and not complains(heads.get(n, ""))]
    cue = next((cell for cell in others if verdict_cell(cell)), "")
    return Stance("denied", cue) if cue else ASSERTED


def holds(window: Window, start: int) -> bool:
    """Whether another cell of the row finds what a cell says to be so: "Does it hold? | Yes"."""
    offset = len(window.joined) - len(window.text)
    if not window.columns or start < offset:
        return False
    number = window.text.count(" ; ", 0, start - offset)
    beside = zip(window.columns, window.text.split(" ; "), strict=False)
    return any(
        n != number and bool(_CHECKED.match(head) and _HOLDS.match(cell))
        for n, (head, cell) in enumerate(beside)
    )
