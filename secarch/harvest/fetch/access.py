"""What is sent to hosts behind a login: headers, cookies, a proxy, each to its own host alone."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from secarch import console
from secarch.errors import ConfigError, InvalidInput, MissingInput, PrerequisiteError
from secarch.harvest.config import HarvestConfig, HostAccess

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""A header's name (RFC 9110, section 5.6.2)."""
_EXPIRES = re.compile(r"-?\d+(?:\.\d+)?|")
_FLAGS = frozenset({"TRUE", "FALSE"})
_HTTP_ONLY = "#HttpOnly_"
"""What curl puts before the domain of a cookie that scripts may not read."""


@dataclass(frozen=True, slots=True)
class Cookie:
    """One line of a cookie file that is for a host."""

    path: str
    pair: str = field(repr=False)

    def is_for(self, path: str) -> bool:
        """Whether a request for `path` carries it (RFC 6265, section 5.1.4)."""
        below = path.startswith(self.path) and (
            self.path.endswith("/") or path[len(self.path) :][:1] == "/"
        )
        return path == self.path or below


@dataclass(frozen=True, slots=True)
class Access:
    """What requests to one host carry."""

    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Secrets: never logged, stored or shown."""
    proxy: str | None = field(default=None, repr=False)
    cookies: tuple[Cookie, ...] = field(default=(), repr=False)

    def at(self, path: str) -> Access:
        """The same with the cookies of one path among its headers."""
        pairs = [cookie.pair for cookie in self.cookies if cookie.is_for(path)]
        if not pairs:
            return self
        own = [value for name, value in self.headers.items() if name.lower() == "cookie"]
        others = {k: v for k, v in self.headers.items() if k.lower() != "cookie"}
        return Access({**others, "Cookie": "; ".join([*own, *pairs])}, self.proxy)


NONE = Access()


def read(config: HarvestConfig) -> dict[str, Access]:
    """Host name (with its port, if one is named in the settings) -> what is sent there.

    Raises PrerequisiteError (a variable that is not set), MissingInput and InvalidInput (cookies),
    ConfigError (a key that is not a host name).
    """
    found = {}
    for host, access in config.hosts.items():
        if "/" in host or "@" in host or not host.strip():
            raise ConfigError([f"harvest.hosts: {host!r} is not a host name"])
        if wrong := [name for name in access.headers_env if not _TOKEN.fullmatch(name)]:
            raise ConfigError([f"harvest.hosts.{host}.headers_env: {wrong[0]!r} is no header"])
        headers = {name: _variable(host, value) for name, value in access.headers_env.items()}
        found[host.lower()] = Access(headers, access.proxy or None, _cookies(host, access))
    return found


def of(hosts: dict[str, Access], url: str) -> Access:
    """What a request for `url` carries; headers only over https or to a loopback host, so that no
    secret crosses a network in the clear.
    """
    parts = urlsplit(url)
    access = hosts.get(parts.netloc.lower()) or hosts.get((parts.hostname or "").lower())
    if access is None:
        return NONE
    safe = parts.scheme == "https" or (parts.hostname or "") in {"127.0.0.1", "::1", "localhost"}
    return access.at(parts.path or "/") if safe else Access({}, access.proxy)


def _variable(host: str, name: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        raise PrerequisiteError(
            f"the environment variable {name} is not set",
            where=f"harvest.hosts.{host}.headers_env",
            fix=f"set {name} to the header's value",
        )
    if "\n" in value or "\r" in value:
        raise ConfigError([f"harvest.hosts.{host}.headers_env: {name} has a line break in it"])
    return value


def _cookies(host: str, access: HostAccess) -> tuple[Cookie, ...]:
    """The file's cookies for this host that have not expired."""
    if not access.cookies_file:
        return ()
    path = Path(access.cookies_file).expanduser()
    if not path.is_file():
        raise MissingInput("the cookie file is not there", where=path, fix="correct cookies_file")
    rows = _rows(path)
    if not rows:
        raise _no_cookies(path, "it has no cookie")
    name = host.partition(":")[0].lower()
    own = [row for row in rows if _belongs(name, row[0].lower(), below=row[1] == "TRUE")]
    live = [row for row in own if not 0 < float(row[4] or 0) < time.time()]
    if not live:
        why = "its cookies of this host have expired" if own else "it has no cookie of this host"
        console.log().warning("no_cookies", host=host, file=path.name, why=why)
    return tuple(Cookie(row[2] or "/", f"{row[5]}={row[6]}") for row in live)


def _rows(path: Path) -> list[list[str]]:
    """The seven fields of each cookie: domain, whether hosts below it are meant, path, secure,
    expiry (s since 1970; 0 or nothing for a session's), name, value.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise _no_cookies(path) from error
    rows = []
    for line in text.splitlines():
        bare = line.removeprefix(_HTTP_ONLY)
        if not bare.strip() or (bare.startswith("#") and bare == line):
            continue
        row = bare.split("\t")
        flags = {field.upper() for field in (row[1:2] + row[3:4])}
        if len(row) != 7 or not flags <= _FLAGS or not _EXPIRES.fullmatch(row[4]):
            raise _no_cookies(path)
        rows.append([row[0], row[1].upper(), *row[2:]])
    return rows


def _no_cookies(path: Path, why: str = "") -> InvalidInput:
    return InvalidInput(
        "this is not a cookie file",
        where=path,
        why=why or "Netscape's format is needed: seven fields a line, set apart by tabs",
        fix="export cookies.txt in Netscape's format",
    )


def _belongs(host: str, domain: str, *, below: bool) -> bool:
    bare = domain.lstrip(".")
    if host == bare:
        return True
    named = not re.fullmatch(r"[\d.]+", host)
    return named and (below or domain.startswith(".")) and host.endswith(f".{bare}")
