"""What the frontier keeps of a page comes back to the byte, also from before."""

from __future__ import annotations

import gzip
import os
import tracemalloc
import zlib

import pytest

from secarch.harvest.kept import beginning, is_ours, pack, unpack

PAGES = [b"", b"<p>x", b" " * 5_000_000, os.urandom(100_000)]


@pytest.mark.parametrize("body", PAGES, ids=len)
def test_a_page_comes_back(body: bytes) -> None:
    """However far it folds."""
    assert unpack(pack(body)) == body
    assert is_ours(pack(body))


@pytest.mark.parametrize("body", PAGES, ids=len)
def test_gzip_is_read_too(body: bytes) -> None:
    """As a site sent it, and as earlier versions kept it."""
    for raw in (zlib.compress(body, 1, 31), gzip.compress(body)):
        assert not is_ours(raw)
        assert unpack(raw) == body


def test_of_a_page_that_is_too_long_the_beginning_is_read() -> None:
    """And no more of it is unpacked, so a forged frontier cannot fill the memory."""
    raw = pack(b"0123456789" + b" " * 50_000_000)
    tracemalloc.start()
    assert beginning(raw, 10) == b"0123456789"
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 5_000_000
    assert beginning(pack(b"<p>x"), 100) == b"<p>x"
