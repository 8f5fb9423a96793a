"""Every content-encoding is decoded piece by piece within one limit."""

from __future__ import annotations

import gzip
import zlib

import brotli
import pytest
import zstandard

from secarch.harvest.fetch.http import BodyRefusedError, Inflater

TEXT = b"".join(b"Rotate key %d and say who did it. " % n for n in range(3_000))
PACKED = {
    "gzip": gzip.compress(TEXT),
    "deflate": zlib.compress(TEXT),
    "br": brotli.compress(TEXT),
    "zstd": zstandard.compress(TEXT),
}
BOMB = b"\x00" * 300_000_000


def _brotli(data: bytes) -> bytes:
    return bytes(brotli.compress(data, quality=5))


def undone(encoding: str, data: bytes, *, limit: int = 10_000_000, piece: int = 1_000) -> bytes:
    """As the crawler reads it, a thousand bytes at a time."""
    inflater = Inflater(encoding, limit)
    out = [inflater.feed(data[n : n + piece]) for n in range(0, len(data), piece)]
    inflater.finish()
    return b"".join(out)


@pytest.mark.parametrize("encoding", PACKED)
@pytest.mark.parametrize("piece", [1, 1_000, 1 << 20])
def test_what_was_packed_comes_back(encoding: str, piece: int) -> None:
    """Whatever the size of the pieces."""
    assert undone(encoding, PACKED[encoding], piece=piece) == TEXT


@pytest.mark.parametrize("encoding", PACKED)
def test_a_cut_stream_is_told(encoding: str) -> None:
    """Half a body is a temporary failure."""
    with pytest.raises(BodyRefusedError) as caught:
        undone(encoding, PACKED[encoding][: len(PACKED[encoding]) // 2])
    assert (caught.value.reason, caught.value.again) == ("truncated", True)


@pytest.mark.parametrize("encoding", PACKED)
def test_bytes_of_another_kind_are_told(encoding: str) -> None:
    """They are not what the header says."""
    with pytest.raises(BodyRefusedError) as caught:
        undone(encoding, b"no such stream at all, whatever the header of the answer says")
    assert caught.value.reason in {"bad_encoding", "truncated"}


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["gzip", "br", "zstd"])
def test_a_bomb_is_refused_before_it_fills_the_memory(encoding: str) -> None:
    """Past the limit of bytes nothing more is decoded."""
    pack = {"gzip": gzip.compress, "br": _brotli, "zstd": zstandard.compress}
    data = pack[encoding](BOMB)
    inflater = Inflater(encoding, 10_000_000)
    given: list[int] = []

    def read() -> None:
        pieces = (data[n : n + 65_536] for n in range(0, len(data), 65_536))
        given.extend(len(inflater.feed(piece)) for piece in pieces)

    with pytest.raises(BodyRefusedError) as caught:
        read()
    assert caught.value.reason in {"too_large", "compression_bomb"}
    assert sum(given) <= 20_000_000
