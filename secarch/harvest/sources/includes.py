"""Files that a page of a folder takes in: docfx and Learn, AsciiDoc, reStructuredText, mdBook.

Only regular files inside the folder, at most so large and so deep; what cannot be had stays as it
is written, and extraction removes it.
"""

from __future__ import annotations

import re
from pathlib import Path

MAX_DEPTH = 4
MAX_BYTES = 1_000_000
"""Of one file that is taken in, and of a page with all of them."""
_INCLUDES = {
    ".md": re.compile(
        rb"\[!(?:INCLUDE|include)\s*\[[^\]\n]*\]\(\s*(?P<file>[^)\s]+)\s*\)\s*\]"
        rb"|\{\{#include\s+(?P<other>[^}\s:]+)\s*\}\}"
    ),
    ".adoc": re.compile(
        rb"^include::(?P<file>[^\[\n{}]+)\[(?P<options>[^\]\n]*)\]\s*?$", re.MULTILINE
    ),
    ".rst": re.compile(rb"^\.\. include::[ \t]+(?P<file>\S+)[ \t]*$", re.MULTILINE),
}
_SAME = {".mdx": ".md", ".markdown": ".md", ".asciidoc": ".adoc"}
_FRONT_MATTER = re.compile(rb"\A\xef?\xbb?\xbf?---\r?\n.*?\n---[ \t]*\r?\n", re.DOTALL)
_OFFSET = re.compile(rb"leveloffset=\+?(\d)")
_TAGS = re.compile(rb"tags?=[\"']?([\w.;,-]+)")
_HEADING = re.compile(rb"^(=+)(?= )", re.MULTILINE)
_MARK = re.compile(rb"^.*\b(?:tag|end)::[\w.-]+\[\].*\n?", re.MULTILINE)


def resolved(body: bytes, path: Path, root: Path, depth: int = 0) -> bytes:
    """The page with what it includes, if it can be had."""
    pattern = _INCLUDES.get(_SAME.get(path.suffix.lower(), path.suffix.lower()))
    if pattern is None or depth >= MAX_DEPTH or (b"nclude" not in body and b"NCLUDE" not in body):
        return body
    room = MAX_BYTES

    def put(match: re.Match[bytes]) -> bytes:
        nonlocal room
        groups = match.groupdict()
        content = _read(groups.get("file") or groups.get("other") or b"", path, root)
        if content is None or len(content[1]) > room:
            return match[0]
        room -= len(content[1])
        inner = resolved(content[1], content[0], root, depth + 1)
        return _chosen(inner, groups.get("options") or b"")

    return pattern.sub(put, body)


def _read(name: bytes, path: Path, root: Path) -> tuple[Path, bytes] | None:
    text = name.decode("utf-8", "replace").strip().strip("\"'")
    start = root if text.startswith(("~/", "/")) else path.parent
    try:
        found = (start / text.lstrip("~/")).resolve()
        if not found.is_relative_to(root.resolve()) or not found.is_file():
            return None
        if found.stat().st_size > MAX_BYTES:
            return None
        body = found.read_bytes()
    except (OSError, ValueError):
        return None
    return None if b"\x00" in body else (found, _FRONT_MATTER.sub(b"", body).strip(b"\r\n"))


def _chosen(body: bytes, options: bytes) -> bytes:
    """The parts with the tags that AsciiDoc's options name, their headings moved down."""
    if tags := _TAGS.search(options):
        parts = []
        for tag in re.split(rb"[;,]", tags[1]):
            name = re.escape(tag)
            region = rb"tag::" + name + rb"\[\].*?\n(.*?)^[^\n]*end::" + name + rb"\[\]"
            parts += re.findall(region, body, re.DOTALL | re.MULTILINE)
        body = b"\n".join(parts) if parts else body
    if offset := _OFFSET.search(options):
        more = b"=" * int(offset[1])
        body = _HEADING.sub(lambda m: m[1] + more, body)
    return _MARK.sub(b"", body)
