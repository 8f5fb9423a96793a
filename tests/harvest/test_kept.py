"""What the frontier keeps of a page comes back to the byte, also from before."""

from __future__ import annotations

import gzip
import os
import zlib

import pytest

from secarch.harvest.kept import is_ours, pack, unpack

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
