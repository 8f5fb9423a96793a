"""Content-encodings, each decoded a bounded piece at a time (RFC 9110, section 8.4.1; RFC 7932;
RFC 8878).
"""

from __future__ import annotations

import zlib
from typing import Protocol

import brotli
import zstandard

ENCODINGS = frozenset({"", "identity", "gzip", "x-gzip", "deflate", "br", "zstd"})


_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"
MAX_RATIO = 200
"""Decoded bytes for one on the wire, past the first mebibyte; real pages stay below 30."""
_RATIO_FREE = 1 << 20
MOST_LAYERS = 3
"""Encodings that a body may have one upon the other."""


def layers(header: str) -> list[str] | None:
    """The encodings of a Content-Encoding header in the order in which they are undone (RFC 9110,
    section 8.4), or None if one is unknown or there are more than three.
    """
    names = [name.strip() for name in header.lower().split(",")]
    packed = [name for name in names if name not in {"", "identity"}]
    known = ENCODINGS.issuperset(packed) and len(packed) <= MOST_LAYERS
    return packed[::-1] if known else None


class BodyRefusedError(Exception):
    """The body is too large, unfolds too far, or does not decode; the argument is the reason."""

    def __init__(self, reason: str, *, again: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.again = again


class UndecodableError(Exception):
    """The bytes are not what their content-encoding says."""


class Decoder(Protocol):
    """Undoes one encoding."""

    left: bytes
    """Input that waits until there is room for its output."""
    ended: bool
    """Whether the stream is complete."""
    hungry: bool
    """Whether nothing more comes without more input."""

    def decode(self, data: bytes, most: int) -> bytes:
        """At most about `most` decoded bytes. Raises UndecodableError."""


def decoder(encoding: str) -> Decoder | None:
    """The decoder of an encoding; None if nothing has to be done."""
    if encoding in {"", "identity"}:
        return None
    if encoding == "br":
        return _Brotli()
    if encoding == "zstd":
        return _Zstd()
    return _Zlib({"deflate": 15, "raw deflate": -15}.get(encoding, 31))


def _may_begin(data: bytes, mark: bytes) -> bool:
    """Whether a stream with this mark begins here; of a piece's last bytes a part is enough."""
    return bool(data) and mark.startswith(data[: len(mark)])


class _Zlib:
    """Of gzip every member is decoded (RFC 1952, section 2.2); what follows the last is ignored."""

    def __init__(self, bits: int) -> None:
        self._bits, self._stream = bits, zlib.decompressobj(bits)
        self.left, self.ended, self.hungry = b"", False, True

    def decode(self, data: bytes, most: int) -> bytes:
        if self.ended:
            self.left = b""
            if not _may_begin(data, _GZIP):
                return b""
            self._stream = zlib.decompressobj(self._bits)
        try:
            out = self._stream.decompress(data, most)
        except zlib.error as error:
            if self.ended:  # what stands behind a whole member is not another
                return b""
            raise UndecodableError(str(error)) from error
        self.ended = self._stream.eof
        self.left = self._stream.unused_data if self.ended else self._stream.unconsumed_tail
        return out


class _Brotli:
    def __init__(self) -> None:
        self._stream = brotli.Decompressor()
        self.left, self.ended, self.hungry = b"", False, True

    def decode(self, data: bytes, most: int) -> bytes:
        if self.ended:
            return b""
        try:
            out = self._stream.process(data, output_buffer_limit=most)
        except brotli.error as error:
            raise UndecodableError(str(error)) from error
        self.ended = self._stream.is_finished()
        self.hungry = self.ended or self._stream.can_accept_more_data()
        return bytes(out)


class _Zstd:
    _STEP = 1 << 12
    """Bytes of input at a time: a frame of zeros gives thousands for each of them."""

    def __init__(self) -> None:
        self._stream = zstandard.ZstdDecompressor(max_window_size=1 << 27).decompressobj()
        self.left, self.ended, self.hungry = b"", False, True

    def decode(self, data: bytes, most: int) -> bytes:
        step = min(self._STEP, max(64, most))
        if self.ended:  # frames may follow each other (RFC 8878, section 3.1)
            if not _may_begin(data, _ZSTD):
                self.left = b""
                return b""
            self._stream = zstandard.ZstdDecompressor(max_window_size=1 << 27).decompressobj()
        try:
            out = self._stream.decompress(data[:step])
        except zstandard.ZstdError as error:
            raise UndecodableError(str(error)) from error
        self.ended = self._stream.eof
        self.left = (self._stream.unused_data if self.ended else b"") + data[step:]
        return bytes(out)


class Inflater:
    """Undoes a content-encoding piece by piece, and gives up before a bomb fills the memory."""

    def __init__(self, encoding: str, limit: int, *, cut: bool = False) -> None:
        self._limit, self._cut = limit, cut
        self.full = False
        """True once a body that may be cut has reached the limit."""
        self._in = self._out = 0
        self._tried_raw = encoding != "deflate"
        self._inflate = decoder(encoding)

    def feed(self, data: bytes) -> bytes:
        """Decoded bytes of a piece. Raises BodyRefusedError past the size or ratio limit."""
        self._in += len(data)
        if self._inflate is None:
            self._count(len(data))
            return data
        parts = []
        while (data or not self._inflate.hungry) and not self.full:
            room = self._limit - self._out + 1
            parts.append(self._step(data, max(1, min(room, 1 << 20))))
            self._count(len(parts[-1]))
            if self._inflate is None:
                break
            data = self._inflate.left
            if self._inflate.ended and not data:
                break
        return b"".join(parts)

    def _step(self, data: bytes, most: int) -> bytes:
        try:
            return self._inflate.decode(data, most)  # type: ignore[union-attr]
        except UndecodableError as error:
            if not self._out and data.lstrip().startswith(b"<"):
                self._inflate = None  # markup that was sent as it is, whatever the header says
                return data
            if self._tried_raw or self._out:
                raise BodyRefusedError("bad_encoding", again=True) from error
            self._tried_raw = True  # some servers send raw deflate for `deflate`
            self._inflate = decoder("raw deflate")
            return self._step(data, most)

    @property
    def is_plain(self) -> bool:
        """Whether nothing has to be undone."""
        return self._inflate is None

    def _count(self, number: int) -> None:
        self._out += number
        self.full = self._cut and self._out >= self._limit
        if self.full:
            return
        if self._out > self._limit:
            raise BodyRefusedError("too_large")
        if self._out > _RATIO_FREE and self._out > MAX_RATIO * max(1, self._in):
            raise BodyRefusedError("compression_bomb")

    def finish(self) -> None:
        """Raise BodyRefusedError where the compressed stream was cut off."""
        if not self.full and self._inflate is not None and self._in and not self._inflate.ended:
            raise BodyRefusedError("truncated", again=True)
