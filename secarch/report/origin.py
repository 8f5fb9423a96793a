"""Where an artifact comes from: the section that leads from its page to those of its parents, and
to the workspace's.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from markupsafe import Markup

from secarch.artifact import find, read_manifest
from secarch.report import html

PAGE = "report.html"
"""Name of every page: an artifact's in its folder, the workspace's at its root."""
TITLE = "Where this comes from"
TO_WORKSPACE = Markup(
    '<p class="note">What was made of it, and all else: <a href="../../{}">the workspace\'s '
    "page</a>, which <code>secarch report --html</code> writes.</p>"
).format(PAGE)
"""On every artifact's page, two folders below the workspace."""


def anchor(digest: str) -> str:
    """Name of the artifact's row on the workspace's page."""
    return f"a-{digest[:16]}"


def origin(parents: Sequence[str], directory: Path | None, *, none: str) -> html.Section:
    """A row for each parent (digests), linked to its page if it is in the workspace around
    `directory` (<workspace>/<room>/<name>); the sentence `none` if there is no parent.
    """
    rows = [_row(digest, directory) for digest in parents]
    made_from = html.table(("made from", "where", "digest"), rows) if rows else html.paragraph(none)
    return html.Section(TITLE, html.join(made_from, TO_WORKSPACE if directory else ""))


def _row(digest: str, directory: Path | None) -> tuple[object, ...]:
    workspace = directory.absolute().parent.parent if directory else None
    path = find(workspace, lambda manifest: manifest.digest == digest) if workspace else None
    if path is None or directory is None:
        return "not in this workspace", "", digest[:12]
    return read_manifest(path).kind, linked(path, directory), digest[:12]


def linked(path: Path, directory: Path) -> Markup:
    """The artifact's room and name, linked to its page from one in `directory`, if it has one."""
    where = f"{path.parent.name}/{path.name}"
    page = path / PAGE
    if not page.exists():
        return html.text(where)
    return Markup('<a href="{}">{}</a>').format(address(page, directory), html.text(where))


def address(page: Path, directory: Path) -> str:
    """The relative URL of a file from a page in `directory`, percent-encoded (RFC 3986)."""
    return quote(Path(os.path.relpath(page.absolute(), directory.absolute())).as_posix())
