"""A process that extracts: pages come in through a socket, and what they gave goes out through it.

Started as `python -c "from secarch.harvest.extract.worker import main; main()" FD...`: one process
for each socket, the first of which loads the parsers and forks the others. A frame is two lengths,
a header as JSON, and bytes. JSON and not pickle: what comes out of a process that read hostile
pages must not be able to act in the one that crawls.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import socket
import struct
import sys
from collections.abc import Callable
from typing import Any

from secarch.harvest.extract.extracted import Extracted
from secarch.records import Document, Page

HEAD = struct.Struct("!II")
MAX_FRAME = 1 << 30
_PLAIN = ("method", "agreement", "reason", "detail", "links", "sitemaps", "lastmods")


def frame(header: dict[str, Any], body: bytes = b"") -> bytes:
    """A message: header and bytes."""
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode(
        "utf-8", "surrogatepass"
    )
    return b"".join((HEAD.pack(len(text), len(body)), text, body))


def unframe(text: bytes) -> dict[str, Any]:
    """The header of a message. Raises ValueError for what is none."""
    header = json.loads(text.decode("utf-8", "surrogatepass"))
    if not isinstance(header, dict):
        raise TypeError("a frame's header is an object")
    return header


def from_page(work: str, page: Page) -> bytes:
    """A page as a message; `work` is the function that reads it, as module:name."""
    header = {
        "work": work,
        "url": page.url,
        "status": page.status,
        "content_type": page.content_type,
    }
    return frame({**header, "headers": page.headers, "fetched_at": page.fetched_at}, page.body)


def from_extracted(found: Extracted) -> bytes:
    """What a page gave, as a message."""
    header = {name: getattr(found, name) for name in _PLAIN}
    document = found.document
    header["document"] = document and {name: getattr(document, name) for name in Document.__slots__}
    return frame(header, found.raw)


def to_extracted(text: bytes, raw: bytes) -> Extracted:
    """The reverse of `from_extracted`.

    Raises ValueError, TypeError and KeyError for anything else.
    """
    header = unframe(text)
    document = header.pop("document")
    links = [(str(url), str(reason), str(family)) for url, reason, family in header.pop("links")]
    return Extracted(document=document and Document(**document), links=links, raw=raw, **header)


def main() -> None:
    """Serve the sockets whose numbers the command line names."""
    sockets = [socket.socket(fileno=int(number)) for number in sys.argv[1:]]
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    from secarch.harvest.extract import page

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the forked ones are nobody's to wait for
    mine = 0
    for number in range(1, len(sockets)):
        if os.fork() == 0:
            mine = number
            break
    for number, other in enumerate(sockets):
        if number != mine:
            other.close()
    _serve(sockets[mine], page.start)


def _serve(crawl: socket.socket, start: Callable[[Any], None]) -> None:
    """Answer until the crawl hangs up, which it does in dying too."""
    from secarch.harvest.config import HarvestConfig

    while True:
        try:
            header, body = _receive(crawl)
        except EOFError:
            return
        if "work" in header:
            crawl.sendall(from_extracted(_done(header, body)))
            continue
        sys.path[:] = header["path"]
        start(HarvestConfig.model_validate_json(body))
        crawl.sendall(frame({"pid": os.getpid()}))


def _done(header: dict[str, Any], body: bytes) -> Extracted:
    module, _, name = header.pop("work").partition(":")
    try:
        found: Extracted = getattr(importlib.import_module(module), name)(Page(body=body, **header))
    except BaseException as error:
        # A panic of a library written in Rust is not an Exception, and must not pass for an
        # interrupt either.
        if isinstance(error, (KeyboardInterrupt, SystemExit)):
            raise
        return Extracted(reason="extraction_crashed", detail=type(error).__name__)
    return found


def _receive(crawl: socket.socket) -> tuple[dict[str, Any], bytes]:
    length, rest = HEAD.unpack(_exactly(crawl, HEAD.size))
    text = _exactly(crawl, length)
    return unframe(text), _exactly(crawl, rest)


def _exactly(crawl: socket.socket, number: int) -> bytes:
    found = bytearray(number)
    view, at = memoryview(found), 0
    while at < number:
        got = crawl.recv_into(view[at:])
        if not got:
            raise EOFError
        at += got
    return bytes(found)
