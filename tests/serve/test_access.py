"""Keys, loopback, and the extra that the server needs."""

from __future__ import annotations

import hashlib
import sys

import pytest
from pydantic import SecretStr

from secarch.errors import MissingExtra, UsageError
from secarch.serve.access import allowed, digests, is_loopback
from secarch.serve.config import ServeConfig
from secarch.serve.metrics import Metrics

KEYS = tuple(hashlib.sha256(key).digest() for key in (b"one", b"two"))


@pytest.mark.parametrize(
    ("header", "let_in"),
    [
        ("Bearer one", True),
        ("bearer two", True),
        ("Bearer three", False),
        ("Bearer ", False),
        ("one", False),
        ("Basic one", False),
        (None, False),
        ("Bearer one two", False),
        ("Bearer \udcff", False),
    ],
)
def test_one_of_the_keys_by_the_bearer_scheme(header: str | None, let_in: bool) -> None:
    assert allowed(header, KEYS) is let_in


def test_without_keys_everybody_is_let_in() -> None:
    assert allowed(None, ())


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "localhost"])
def test_loopback(host: str) -> None:
    assert is_loopback(host)
    assert digests(ServeConfig(host=host)) == ()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1", "example.org", ""])
def test_an_open_host_needs_a_key(host: str) -> None:
    assert not is_loopback(host)
    with pytest.raises(UsageError, match="needs a key"):
        digests(ServeConfig(host=host))
    keyed = ServeConfig.model_validate({"host": host, "api_keys": ["one"]})
    assert digests(keyed) == KEYS[:1]


def test_an_empty_key_is_none() -> None:
    with pytest.raises(UsageError, match="empty"):
        digests(ServeConfig.model_validate({"api_keys": [""]}))


def test_without_the_extra_the_pip_line_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    with pytest.raises(MissingExtra, match=r"secarch\[serve\]"):
        Metrics()


@pytest.mark.parametrize("key", ["", " ", " key", "key\t"])
def test_a_key_that_no_request_can_send_is_refused(key: str) -> None:
    with pytest.raises(UsageError, match="API key"):
        digests(ServeConfig(api_keys=(SecretStr("good"), SecretStr(key))))
