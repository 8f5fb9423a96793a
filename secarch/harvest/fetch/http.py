"""One request: guarded, capped in size, ratio and time, never following a redirect by itself."""

from __future__ import annotations

import functools
import re
import socket
import ssl
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import aiohttp
from aiohttp.abc import AbstractCookieJar
from yarl import URL

from secarch import __version__
from secarch.artifact import now
from secarch.harvest.config import HarvestConfig
from secarch.harvest.fetch import access
from secarch.harvest.fetch.encodings import BodyRefusedError, Inflater, layers
from secarch.harvest.fetch.guard import AddressRefusedError, Guard
from secarch.harvest.sources.urls import resolve, storable
from secarch.records import Page
from secarch.retry import retry_after

_CHUNK = 1 << 16
_SENDABLE = re.compile(r"[!-~]+")
"""What may stand in a request line as it is; any other URL is escaped first."""
READ_SECONDS = 20.0
"""Longest silence between two pieces of a response."""
CONNECT_SECONDS = 10.0
REDIRECTS = frozenset({301, 302, 303, 307, 308})
TEMPORARY = frozenset({408, 425, 429, 500, 502, 503, 504})
TEXT_TYPES = frozenset(
    {
        "text/html",
        "application/xhtml+xml",
        "text/plain",
        "text/markdown",
        "text/x-markdown",
        "text/x-rst",
        "text/asciidoc",
        "text/x-asciidoc",
        "application/octet-stream",
        "binary/octet-stream",
        "application/pdf",
        "application/x-pdf",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "application/json",
        "application/oscal+json",
        "application/stix+json",
        "application/taxii+json",
        "",
    }
)
_FEED_TYPES = frozenset(f"application/{name}+xml" for name in ("rss", "atom", "rdf"))
XML_TYPES = (
    frozenset({"text/xml", "application/xml", "application/gzip", "application/x-gzip"})
    | _FEED_TYPES
    | TEXT_TYPES
)
JSON_TYPES = TEXT_TYPES
_ENCODED = "content-encoding"
_COOKIES = frozenset({"set-cookie", "set-cookie2"})
_KEPT_HEADERS = frozenset(
    {
        *("x-robots-tag", "tdm-reservation", "tdm-policy", "content-usage", "content-signal"),
        *("last-modified", "etag", "content-encoding", "content-language", "link", "refresh"),
    }
)


@dataclass(slots=True, kw_only=True)
class Response:
    """What a request gave: a page, a redirect, or a failure with its reason."""

    url: str
    status: int = 0
    """0 if there was no response."""
    page: Page | None = None
    wire: bytes = b""
    """The body as it came, if it came as gzip."""
    location: str = ""
    reason: str = ""
    detail: str = ""
    again: bool = False
    """True for a failure that may pass."""
    retry_after: float | None = None
    """Seconds that the site asks for."""
    headers: dict[str, str] = field(default_factory=dict)
    """Those that the crawl reads; see `read_headers`."""
    all_headers: tuple[tuple[str, str], ...] = ()
    """All but cookies, as they came."""


def read_headers(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The headers that the crawl reads, by lower-case name; several values have a line each."""
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        if name.lower() in _KEPT_HEADERS:
            found.setdefault(name.lower(), []).append(value)
    return {name: "\n".join(values) for name, values in found.items()}


@dataclass(frozen=True, slots=True)
class _Room:
    """What a body may be: its types, its bytes, and whether more is cut off or refused."""

    types: frozenset[str] | None
    """None: any."""
    limit: int
    cut: bool
    partial: bool
    """Whether a part (206) is what was asked for."""
    trusted: bool
    """Whether what the settings name for the host (its secrets) may be sent."""


def user_agent(config: HarvestConfig) -> str:
    """What the crawler calls itself: product, version, and whom to write to."""
    contact = f" (+{config.contact})" if config.contact else ""
    return f"{config.user_agent}/{__version__}{contact}"


class _NoCookies(aiohttp.DummyCookieJar):
    """Nothing a site sets is ever sent back."""


class Client:
    """The crawler's HTTP client. Use as an async context manager."""

    def __init__(self, config: HarvestConfig) -> None:
        self._config = config
        self._guard = Guard(config.allow_networks)
        self._access = access.read(config)
        self._session: aiohttp.ClientSession | None = None
        self._proxied: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = self._open(self._guard.socket_factory())
        if any(own.proxy for own in self._access.values()):
            # It connects to the proxies that the settings name and to nothing else.
            self._proxied = self._open(None)
        return self

    def _open(self, factory: Callable[..., socket.socket] | None) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(
            limit=self._config.concurrency,
            socket_factory=factory,
            ttl_dns_cache=300,
            happy_eyeballs_delay=None,
        )
        cookies: AbstractCookieJar = _NoCookies()
        return aiohttp.ClientSession(
            connector=connector,
            auto_decompress=False,
            cookie_jar=cookies,
            trust_env=False,
            headers={
                "User-Agent": user_agent(self._config),
                "Accept-Encoding": "gzip, deflate, br, zstd",
                "Accept": "text/html,application/xhtml+xml;q=0.9,text/markdown;q=0.8,"
                "text/plain;q=0.7,*/*;q=0.1",
            },
            timeout=aiohttp.ClientTimeout(
                total=self._config.timeout_s,
                sock_connect=min(CONNECT_SECONDS, self._config.timeout_s),
                sock_read=min(READ_SECONDS, self._config.timeout_s),
            ),
        )

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for session in filter(None, (self._session, self._proxied)):
            await session.close()

    async def get(
        self,
        url: str,
        *,
        types: frozenset[str] | None = TEXT_TYPES,
        limit: int | None = None,
        headers: Mapping[str, str] | None = None,
        cut: int | None = None,
        trusted: bool = True,
        partial: bool = False,
    ) -> Response:
        """Ask for one URL. Never raises for what a site or the network does.

        `types` are the content types that are read, None for any. With `cut`, reading ends after
        about so many bytes, whatever the type and however long the rest is. Without `trusted`, no
        header or cookie of `harvest.hosts` is sent. With `partial` a 206 is a page, and a 200 none.
        """
        refusal = self._guard.refusal_of_url(url)
        if refusal:
            return Response(url=url, reason=refusal)
        answer = Response(url=url)
        try:
            most = cut or limit or self._config.max_page_bytes
            room = _Room(types, most, cut is not None, partial, trusted)
            cookie = await self._ask(answer, room, headers or {})
            if cookie and resolve(url, answer.location) == url:
                # A site that tests for cookies sends back to the same URL: shown its own, once.
                answer = Response(url=url)
                await self._ask(answer, room, {**(headers or {}), "Cookie": cookie})
        except BodyRefusedError as error:
            answer.reason, answer.again = error.reason, error.again
        except AddressRefusedError as error:
            answer.reason = str(error)
        except (TimeoutError, aiohttp.ClientError, OSError, ssl.SSLError, ValueError) as error:
            answer.reason, answer.again = _network_reason(error, started=bool(answer.status))
            # What is said of a proxy may have its password in it.
            words = "" if access.of(self._access, url).proxy else f": {error}"
            answer.detail = storable(f"{type(error).__name__}{words}"[:200])
        return answer

    async def _ask(self, answer: Response, room: _Room, headers: Mapping[str, str]) -> str:
        """Fill `answer`; returns the cookies of a redirect as a Cookie header, else ''."""
        cookie = ""
        own = access.of(self._access, answer.url)
        session = self._proxied if own.proxy else self._session
        if session is None:
            raise RuntimeError("the client is not open")
        sent = {**headers, **(own.headers if room.trusted else {})}
        async with session.get(
            _as_spelt(answer.url), allow_redirects=False, headers=sent, proxy=own.proxy
        ) as got:
            answer.status = got.status
            pairs = ((name, storable(value)) for name, value in got.headers.items())
            answer.all_headers = tuple(pair for pair in pairs if pair[0].lower() not in _COOKIES)
            answer.headers = read_headers(answer.all_headers)
            answer.retry_after = retry_after(got.headers.get("Retry-After", ""))
            if got.status in REDIRECTS:
                answer.location = storable(got.headers.get("Location", ""))
                cookie = "; ".join(f"{m.key}={m.coded_value}" for m in got.cookies.values())
            elif got.status != 304:
                await self._read(answer, got, room)
        _judge(answer)
        return cookie

    async def _read(self, answer: Response, got: aiohttp.ClientResponse, room: _Room) -> None:
        kind = storable(got.headers.get("Content-Type", "").strip()[:200])
        if got.status != (206 if room.partial else 200):
            return
        plain = re.split(r"[;,]", kind, maxsplit=1)[0].strip().lower()
        if not room.cut and room.types is not None and plain not in room.types:
            raise BodyRefusedError("no_text_type")
        if not room.cut and (got.content_length or 0) > room.limit:
            raise BodyRefusedError("too_large")
        encodings = layers(", ".join(got.headers.getall("Content-Encoding", [])))
        if encodings is None:
            raise BodyRefusedError("unknown_encoding")
        inflaters = [Inflater(name, room.limit, cut=room.cut) for name in encodings or [""]]
        wire, body = [], []
        async for piece in got.content.iter_chunked(_CHUNK):
            wire.append(piece)
            body.append(functools.reduce(lambda data, one: one.feed(data), inflaters, piece))
            if inflaters[-1].full:
                break
        for inflater in inflaters:
            inflater.finish()
        as_stored = encodings in (["gzip"], ["x-gzip"]) and not inflaters[0].is_plain
        answer.wire = b"".join(wire) if as_stored else b""
        if not as_stored:
            answer.all_headers = tuple(p for p in answer.all_headers if p[0].lower() != _ENCODED)
            answer.headers.pop(_ENCODED, None)
        answer.page = Page(
            url=answer.url,
            status=got.status,
            body=b"".join(body),
            content_type=kind,
            headers=answer.headers,
            fetched_at=now(),
        )


def _as_spelt(url: str) -> URL:
    """`url` with its own escapes: yarl would send `%2C` as `,`, another resource to many servers
    and to robots.txt (RFC 3986, section 2.2).
    """
    return URL(url, encoded=_SENDABLE.fullmatch(url) is not None)


def _judge(answer: Response) -> None:
    """Give a response without a page its reason."""
    if answer.page is not None or answer.status in REDIRECTS or answer.status == 304:
        return
    names = {
        404: "not_found",
        410: "gone",
        401: "login",
        403: "forbidden",
        429: "too_many_requests",
        451: "legal",
    }
    answer.reason = names.get(answer.status, f"http_{answer.status}")
    answer.again = answer.status in TEMPORARY


_REASONS: tuple[tuple[type[BaseException], tuple[str, bool]], ...] = (
    (aiohttp.ClientSSLError, ("tls_failed", False)),
    (ssl.SSLError, ("tls_failed", False)),
    (aiohttp.ClientConnectorDNSError, ("name_not_resolved", True)),
    (aiohttp.SocketTimeoutError, ("silent", True)),
    (TimeoutError, ("timeout", True)),
    (aiohttp.ClientConnectorError, ("connect_failed", True)),
    (aiohttp.ClientPayloadError, ("truncated", True)),
    (aiohttp.InvalidURL, ("bad_address", False)),
    (ValueError, ("bad_address", False)),
    (aiohttp.ClientResponseError, ("bad_http", False)),
)
"""The first that fits counts. The flag says whether another try may help."""


def _network_reason(error: BaseException, *, started: bool) -> tuple[str, bool]:
    """Reason, and whether another try may help."""
    cause: Any = error
    while cause is not None:
        if isinstance(cause, AddressRefusedError):
            return str(cause), False
        cause = cause.__cause__ or getattr(cause, "os_error", None) or cause.__context__
    if (
        isinstance(error, TimeoutError)
        and not isinstance(error, aiohttp.SocketTimeoutError)
        and started
    ):
        return "too_slow", False
    return next(
        (reason for kind, reason in _REASONS if isinstance(error, kind)), ("connection_lost", True)
    )
