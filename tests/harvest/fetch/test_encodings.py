"""Every content-encoding is decoded piece by piece within one limit."""

from __future__ import annotations

import gzip
import zlib

import brotli
import pytest
import zstandard

from secarch.harvest.fetch.encodings import BodyRefusedError, Inflater, layers

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


def test_members_and_frames_that_follow_each_other_are_one_body() -> None:
    """RFC 1952, section 2.2; RFC 8878, section 3.1. What is no further one is left out."""
    half = len(TEXT) // 2
    for encoding, pack in (("gzip", gzip.compress), ("zstd", zstandard.compress)):
        body = pack(TEXT[:half]) + pack(TEXT[half:])
        for piece in (1, 1_000, 1 << 20):
            assert undone(encoding, body, piece=piece) == TEXT
            assert undone(encoding, pack(TEXT) + b"\x00" * 9, piece=piece) == TEXT
    with pytest.raises(BodyRefusedError):
        undone("gzip", gzip.compress(TEXT) + gzip.compress(TEXT)[:-20])


@pytest.mark.parametrize("encoding", PACKED)
def test_markup_that_was_not_packed_is_taken_as_it_is(encoding: str) -> None:
    """Whatever the header says."""
    page = b"<!doctype html><title>Keys</title>" + b"<p>Rotate the keys.</p>" * 99
    assert undone(encoding, page) == page


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("", []),
        ("identity", []),
        ("GZIP", ["gzip"]),
        ("gzip, br", ["br", "gzip"]),
        ("gzip, identity", ["gzip"]),
        ("compress", None),
        ("gzip, gzip, gzip, gzip", None),
    ],
)
def test_encodings_are_undone_from_the_last(header: str, found: list[str] | None) -> None:
    """RFC 9110, section 8.4: they are listed in the order in which they were applied."""
    assert layers(header) == found
