"""Content-encodings, each decoded a bounded piece at a time (RFC 9110, section 8.4.1; RFC 7932;
RFC 8878).
"""

from __future__ import annotations

import zlib
from typing import Protocol

import brotli
import zstandard

ENCODINGS = frozenset({"", "identity", "gzip", "x-gzip", "deflate", "br", "zstd"})


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


class _Zlib:
    def __init__(self, bits: int) -> None:
        self._stream = zlib.decompressobj(bits)
        self.left, self.ended, self.hungry = b"", False, True

    def decode(self, data: bytes, most: int) -> bytes:
        try:
            out = self._stream.decompress(data, most)
        except zlib.error as error:
            raise UndecodableError(str(error)) from error
        self.left, self.ended = self._stream.unconsumed_tail, self._stream.eof
        return out


class _Brotli:
    def __init__(self) -> None:
        self._stream = brotli.Decompressor()
        self.left, self.ended, self.hungry = b"", False, True

    def decode(self, data: bytes, most: int) -> bytes:
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
        try:
            out = self._stream.decompress(data[:step])
        except zstandard.ZstdError as error:
            raise UndecodableError(str(error)) from error
        self.left, self.ended = data[step:], self._stream.eof
        return bytes(out)
