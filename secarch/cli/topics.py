"""`secarch help TOPIC`: the pages of the documentation in the terminal."""

from __future__ import annotations

import difflib
import sys
from pathlib import Path

from secarch.errors import UsageError
from secarch.files import shipped
from secarch.records import Outcome


def topics() -> dict[str, Path]:
    """Pages of the documentation by name."""
    return shipped("pages", "docs", "*.md")


def page(topic: str) -> Outcome:
    """A page as Markdown, or laid out if stdout is a terminal; the list of pages for no topic.

    Raises UsageError with the nearest name for an unknown topic.
    """
    known = topics()
    if topic and topic not in known:
        near = difflib.get_close_matches(topic, known, 1, 0.5)
        listed = f"one of {', '.join(known)}; flags of a command: secarch COMMAND -h"
        raise UsageError(
            "there is no such page",
            where=topic,
            fix=f"did you mean secarch help {near[0]}?" if near else listed,
        )
    text = known[topic or "index"].read_text(encoding="utf-8")
    shown: object = text.rstrip()
    if sys.stdout.isatty():
        from rich.markdown import Markdown

        shown = Markdown(text)
    return Outcome(status="done", result={"page": text}, shown=(shown,))
