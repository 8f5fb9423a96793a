"""What is sent to hosts behind a login: headers, cookies, a proxy, each to its own host alone."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from http.cookiejar import LoadError, MozillaCookieJar
from pathlib import Path
from urllib.parse import urlsplit

from secarch.errors import ConfigError, InvalidInput, MissingInput, PrerequisiteError
from secarch.harvest.config import HarvestConfig, HostAccess


@dataclass(frozen=True, slots=True)
class Access:
    """What requests to one host carry."""

    headers: dict[str, str] = field(default_factory=dict, repr=False)
    """Secrets: never logged, stored or shown."""
    proxy: str | None = field(default=None, repr=False)


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
        headers = {name: _variable(host, value) for name, value in access.headers_env.items()}
        if cookies := _cookies(host, access):
            headers["Cookie"] = cookies
        found[host.lower()] = Access(headers, access.proxy or None)
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
    return access if safe else Access({}, access.proxy)


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


def _cookies(host: str, access: HostAccess) -> str:
    """The Cookie header made of the file's cookies for this host, or ''."""
    if not access.cookies_file:
        return ""
    path = Path(access.cookies_file).expanduser()
    if not path.is_file():
        raise MissingInput("the cookie file is not there", where=path, fix="correct cookies_file")
    jar = MozillaCookieJar()
    try:
        jar.load(str(path), ignore_discard=True, ignore_expires=True)
    except (LoadError, OSError, UnicodeDecodeError) as error:
        raise InvalidInput(
            "this is not a cookie file",
            where=path,
            why="Netscape's format is needed: seven fields a line, set apart by tabs",
            fix="export cookies.txt in Netscape's format",
        ) from error
    name = host.partition(":")[0].lower()
    own = [cookie for cookie in jar if _belongs(name, cookie.domain.lower())]
    return "; ".join(f"{cookie.name}={cookie.value or ''}" for cookie in own)


def _belongs(host: str, domain: str) -> bool:
    bare = domain.lstrip(".")
    return host == bare or (domain.startswith(".") and host.endswith(f".{bare}"))
