"""The settings as a page of Markdown, a table for each section: `docs/settings.md`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from secarch.schema import meanings
from secarch.settings import SECRETS, Settings
from secarch.settings_files import PREFIX

HEAD = f"""\
# Settings

Every setting with its default. This page is what `secarch config schema --markdown` prints;
`secarch config show NAME` says the value that a setting has for you and which tier it came from.

Flags beat environment variables, which beat `.env`, which beats the files of `--config` (later ones
win), which beat the project's `secarch.yaml`, which beats these defaults. As a variable, a setting
is written `{PREFIX}SECTION__NAME`; as a flag, `--set section.name=VALUE`. Relative paths in a file
are relative to that file.

Credentials are no settings: {", ".join(f"`{name}`" for name in SECRETS)} are read from the
environment or `.env`, and never logged, stored or shown.
"""


def settings_page() -> str:
    """Markdown, with a heading and a table for each section in the order of the file."""
    return HEAD + "\n".join(_section(Settings, Settings.model_construct(), "")) + "\n"


def _section(model: type[BaseModel], values: Any, prefix: str) -> Iterator[str]:
    plain = values.model_dump(mode="json")
    inner: list[tuple[str, Any]] = []
    rows: list[str] = []
    for name in model.model_fields:
        value = getattr(values, name)
        if isinstance(value, BaseModel):
            inner.append((f"{prefix}{name}", value))
            continue
        default = json.dumps(plain[name], ensure_ascii=False)
        meaning = _cell(meanings(model).get(name))
        rows.append(f"| `{prefix}{name}` | {_cell(default, code=True)} | {meaning} |")
    if rows:
        title = prefix.rstrip(".") or "Top level"
        yield from ("", f"## {title}", "", "| setting | default | meaning |", "|---|---|---|")
        yield from rows
    for name, value in inner:
        yield from _section(type(value), value, f"{name}.")


LONGEST = 60
"""Characters of a default that are shown."""


def _cell(text: str | None, *, code: bool = False) -> str:
    """One line, with the characters escaped that would end a cell."""
    flat = " ".join((text or "").split()).replace("|", "\\|")
    if not code:
        return flat
    return f"`{flat}`" if len(flat) <= LONGEST else "see `secarch config show`"
