"""Who may ask: keys in constant time, and the settings that would leave a server open."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import re
import stat
from collections.abc import Sequence
from pathlib import Path

from secarch.errors import UsageError
from secarch.serve.config import ServeConfig

_DIGEST = re.compile(r"[0-9a-f]{64}")


def digests(config: ServeConfig) -> tuple[bytes, ...]:
    """SHA-256 of every key that is let in; empty: nobody needs one.

    Raises UsageError (a key file that others can read, a line that is not a digest, a host that is
    not loopback without a key).
    """
    given = [key.get_secret_value() for key in config.api_keys]
    if not all(given):
        raise UsageError(
            "an API key is empty",
            where="serve.api_keys",
            fix="secarch help serve   (how keys are written)",
        )
    if any(key != key.strip() for key in given):
        raise UsageError(
            "an API key begins or ends with white space",
            where="serve.api_keys",
            why="no request can send it: a header's value is trimmed (RFC 9110, 5.5)",
            fix="remove the white space at its ends",
        )
    found = [hashlib.sha256(key.encode()).digest() for key in given]
    if config.api_key_file:
        found += _from_file(Path(config.api_key_file))
    if not found and not is_loopback(config.host):
        raise UsageError(
            "a server that others can reach needs a key",
            where=f"serve.host {config.host}",
            fix="set SECARCH_SERVE__API_KEYS or serve.api_key_file, or use --host 127.0.0.1",
        )
    return tuple(found)


def _from_file(path: Path) -> list[bytes]:
    fix = f"chmod 600 {path}"
    if not path.is_file():
        raise UsageError(
            "there is no such key file", where=path, fix="correct the path of the key file"
        )
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise UsageError("others can read this key file", where=path, fix=fix)
    lines = [line.strip().lower() for line in path.read_text("utf-8", "replace").splitlines()]
    kept = [(n, line) for n, line in enumerate(lines, 1) if line and not line.startswith("#")]
    for n, line in kept:
        if not _DIGEST.fullmatch(line):
            raise UsageError(
                "this line is not the SHA-256 of a key",
                where=f"{path}:{n}",
                fix="printf %s KEY | sha256sum | cut -d' ' -f1",
            )
    if not kept:
        raise UsageError(
            "this key file has no key",
            where=path,
            fix="secarch help serve   (how keys are written)",
        )
    return [bytes.fromhex(line) for _, line in kept]


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an interface."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def allowed(header: str | None, keys: Sequence[bytes]) -> bool:
    """Whether `Authorization: Bearer KEY` holds one of the keys; every one is compared."""
    if not keys:
        return True
    scheme, _, key = (header or "").partition(" ")
    given = hashlib.sha256(key.strip().encode("utf-8", "surrogateescape")).digest()
    matches = [hmac.compare_digest(given, known) for known in keys]
    return scheme.lower() == "bearer" and any(matches)
