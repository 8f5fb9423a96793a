"""The bytes of a page as the frontier keeps them: gzip where the page came so, else zstd, which
takes a third of the time and no more room.
"""

from __future__ import annotations

import gzip

_ZSTD = b"\x28\xb5\x2f\xfd"
_LEVEL = 1


def pack(body: bytes) -> bytes:
    """A page's bytes, to be kept."""
    import zstandard

    return zstandard.ZstdCompressor(_LEVEL).compress(body)


def is_ours(raw: bytes) -> bool:
    """Whether `pack` made it; what came as gzip, and what earlier versions kept, is gzip."""
    return raw.startswith(_ZSTD)


def unpack(raw: bytes) -> bytes:
    """The reverse, of gzip too."""
    if not is_ours(raw):
        return gzip.decompress(raw)
    import zstandard

    return zstandard.ZstdDecompressor().decompress(raw)


def beginning(raw: bytes, most: int) -> bytes:
    """Up to `most` bytes of a page that `pack` made, whatever size its header states: a frontier
    may come from another machine.
    """
    import zstandard

    read: bytes = zstandard.ZstdDecompressor().stream_reader(raw).read(most)
    return read
