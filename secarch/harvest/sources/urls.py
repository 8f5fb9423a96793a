"""Which addresses belong to the crawl: normal form, scope, patterns and traps.

Pure functions and one rule set, shared by the crawler and its worker processes.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from urllib.parse import urljoin, urlsplit

import can_ada

from secarch.harvest.config import HarvestConfig, Seed
from secarch.harvest.sources.escapes import one_spelling

MAX_URL = 2_000
"""Characters of an address; longer ones are refused (RFC 9110, section 4.1 asks for 8,000 at least
of servers).
"""
OTHER_SHARD = "other_shard"
"""Reason of an address that belongs to the crawl and to another shard of it."""
MAX_SEGMENTS = 16
MAX_QUERY_NAMES = 8
REPEATS = 3
"""A path in which one segment stands this often grows without end."""

DEFAULT_PORTS = {"http": 80, "https": 443}
TRACKING = re.compile(
    r"(?:utm_\w+|_ga|_gl|_hs\w+|hsa_\w+|mc_[ce]id|mkt_tok|fbclid|gclid|gbraid|wbraid|dclid|"
    r"msclkid|yclid|twclid|igshid"
    r"|mtm_\w+|pk_\w+|trk\w*|sc_(?:channel|campaign|content|country|detail|geo|medium|outcome|"
    r"publisher|segment)"
    r"|wt\.mc_id|ocid|icmpid|ref_src|cmpid|jsessionid|phpsessid|aspsessionid\w*|sessionid|"
    r"session_id|cfid|cftoken)",
    re.IGNORECASE,
)
"""Query names that say where a visitor came from or who it is, and never what the page is."""
_NO_SESSION = re.compile(r"sid=(?:\d{1,9}|[a-z]{4,}|[a-z]{2,}(?:[-_.][a-z\d]+)+)", re.IGNORECASE)
"""Values of `sid` that name the page: a short number, words."""
SESSION_PATH = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/?#;]*", re.IGNORECASE)
NO_TEXT = re.compile(
    r"\.(?:zip|t?gz|tar|bz2|xz|7z|rar|jar|whl|deb|rpm|iso|dmg|exe|msi|bin|png|jpe?g|gif|svg|"
    r"webp|avif|ico|bmp|tiff?"
    r"|mp[34]|m4[av]|avi|mov|webm|og[gv]|wav|woff2?|ttf|otf|eot|css|m?js|map|json|ya?ml|toml|csv|"
    r"xlsx?|doc|pptx?|epub"
    r"|rss|atom|ics|asc|sig|sha256|pem|crt|drawio|vsdx?)$",
    re.IGNORECASE,
)
_STANDARD = re.compile(r"(?:oscal|catalog|attack|stix|capec|800-53).*\.json$", re.IGNORECASE)
"""JSON that by its name may be a catalogue of controls or a bundle of techniques."""
_NEVER = str.maketrans("", "", "\t\n\r")
"""What the URL Standard takes out of any address before it reads it."""
_LOGIN = re.compile(r"[/.](?:log-?in|sign-?in|sso|oauth2?|auth|saml2?)(?:[/.?]|$)", re.IGNORECASE)
_DATED = re.compile(r"(?<=/)(?:\d+|(?:19|20)\d\d-(?:0[1-9]|1[0-2])(?:-\d\d)?)(?=/|$)")
_DATE = re.compile(r"/(?:19|20)\d\d-(?:0[1-9]|1[0-2])(?:-\d\d)?(?=/|$)")
_SITEMAP = re.compile(r"\.xml(?:\.gz)?$", re.IGNORECASE)


@lru_cache(maxsize=8_192)
def normalise(url: str) -> str:
    """The one form of an http(s) address, or '' if it is none.

    The URL Standard's parser (WHATWG; Ada) settles case, dot segments, default ports, numeric and
    international hosts. Beyond it, escapes get one spelling (RFC 3986, section 6.2.2), fragments,
    tracking names and session ids go, and query names are sorted.
    """
    try:
        parsed = can_ada.parse(SESSION_PATH.sub("", url))
    except (ValueError, TypeError):  # no address, or a lone surrogate in it
        return ""
    if parsed.protocol[:-1] not in DEFAULT_PORTS:
        return ""
    account = f"{parsed.username}:{parsed.password}@" if parsed.has_credentials() else ""
    host = parsed.hostname.rstrip(".")
    port = f":{parsed.port}" if parsed.port else ""
    path = one_spelling(parsed.pathname)
    query = _query(one_spelling(parsed.search[1:]))
    return (
        f"{parsed.protocol}//{account}{host}{port}{path}{'?' if query else ''}{query}"
        if host
        else ""
    )


def _query(query: str) -> str:
    return "&".join(
        sorted(
            p
            for p in query.split("&")
            if p
            and not TRACKING.fullmatch(p.partition("=")[0])
            and (not p.lower().startswith("sid=") or _NO_SESSION.fullmatch(p))
        )
    )


def resolve(base: str, link: str) -> str:
    """`link` as found on the page `base`, absolute and in normal form; '' if it is not an http(s)
    address.
    """
    link = link.translate(_NEVER).strip()
    if not link or link[0] == "#" or len(link) > MAX_URL:
        return ""
    if "\\" in link:
        path, mark, rest = link.partition("?")
        link = path.replace("\\", "/") + mark + rest
    try:
        return normalise(urljoin(base, link))
    except ValueError:
        return ""


def names_sitemap(url: str) -> bool:
    """True for the address of an XML file, which as a seed is a sitemap."""
    return bool(_SITEMAP.search(urlsplit(url).path))


def storable(text: str) -> str:
    """`text` without lone surrogates, which headers can hold and neither SQLite nor UTF-8 can."""
    return text.encode("utf-8", "replace").decode()


def host_of(url: str) -> str:
    """Scheme, host and port, no account: what robots.txt, the delay and the budget belong to."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def site_of(url: str) -> str:
    """Host name and, where it is not a default port, port."""
    return urlsplit(url).netloc.rpartition("@")[2]


def slash_twin(url: str) -> str:
    """The address with its last slash taken away, or with one added; '' where the two are hardly
    one page.
    """
    path = url.partition("://")[2].partition("/")[2]
    if not path or "?" in path:
        return ""
    if path.endswith("/"):
        return url.rstrip("/")
    return "" if "." in path.rpartition("/")[2] else f"{url}/"


def shard_of(url: str, number: int) -> int:
    """0..number-1: the shard of the host of `url`, the same on every machine and in every
    version.
    """
    return int.from_bytes(hashlib.sha256(site_of(url).encode()).digest()[:8], "big") % number


def pattern_of(url: str) -> str:
    """The family of which only so many pages are fetched; '' for an address that stands for itself.

    Families are paths with a date in them or several all-digit segments (calendars), and paths with
    a query.
    """
    parts = urlsplit(url)
    path, numbers = _DATED.subn("N", parts.path)
    if parts.query:
        return f"{parts.netloc}{path}?"
    return f"{parts.netloc}{path}" if numbers >= 2 or _DATE.search(parts.path) else ""


def trap_of(url: str) -> str:
    """Why an address looks like one of endlessly many, or ''."""
    parts = urlsplit(url)
    segments = [s for s in parts.path.split("/") if s]
    counts = Counter(segments).values()
    if len(segments) > MAX_SEGMENTS:
        return "path_too_deep"
    if any(n >= REPEATS for n in counts):
        return "repeated_segments"
    return "too_many_parameters" if parts.query.count("&") >= MAX_QUERY_NAMES else ""


@dataclass(frozen=True, slots=True)
class Scope:
    """A seed with its prefix and patterns ready for use."""

    seed: Seed
    url: str
    prefix: str
    """Without scheme, so that http and https count as one."""
    include: tuple[re.Pattern[str], ...]
    exclude: tuple[re.Pattern[str], ...]

    @property
    def is_one_file(self) -> bool:
        """Whether the scope holds one file, such as a PDF, and nothing below it."""
        return self.prefix == _bare(self.url) and "." in self.prefix.rpartition("/")[2]


def _bare(url: str) -> str:
    return url.partition("://")[2]


def _scope(seed: Seed, config: HarvestConfig) -> Scope:
    url = normalise(seed.url)
    if (seed.path or seed.confluence) and url:
        url = url if url.endswith("/") else f"{url}/"
    start = normalise(seed.scope) if seed.scope else url
    if not seed.scope and seed.is_crawled:
        start = (
            f"{host_of(url)}/"
            if names_sitemap(url)
            else start.partition("?")[0].rpartition("/")[0] + "/"
        )
    patterns = [
        tuple(re.compile(p) for p in group)
        for group in ((*config.include, *seed.include), (*config.exclude, *seed.exclude))
    ]
    return Scope(seed, url, _bare(start), patterns[0], patterns[1])


class Rules:
    """Judges addresses by the settings. Cheap to build, so each worker process builds its own."""

    def __init__(self, config: HarvestConfig) -> None:
        self.config = config
        self.scopes = tuple(_scope(seed, config) for seed in config.seeds if seed.is_crawled)
        self.local = tuple(_scope(seed, config) for seed in config.seeds if not seed.is_crawled)
        self._order = sorted(self.scopes, key=lambda s: -len(s.prefix))
        self.widened: dict[str, str] = {}
        """Prefix -> URL of the seed whose redirect led there."""
        schemes: dict[str, set[str]] = {}
        for scope in self.scopes:
            schemes.setdefault(site_of(scope.url), set()).add(urlsplit(scope.url).scheme)
        self._secure = {site for site, used in schemes.items() if used == {"https"}}

    def scope_of(self, url: str) -> Scope | None:
        """The scope with the longest prefix of `url`, or None."""
        bare = _bare(url)
        return next(
            (s for s in self._order if bare.startswith(s.prefix) or bare + "/" == s.prefix), None
        )

    def widen(self, url: str, target: str) -> dict[str, str] | None:
        """Let a seed's scope grow to where its first page has moved; returns prefix -> seed.

        None if nothing grew: the target is in scope, leads to a home page or to a login, or `url`
        belongs to no seed.
        """
        scope = self.scope_of(url)
        path = urlsplit(target).path
        if scope is None or self.scope_of(target) or path == "/" or _LOGIN.search(target):
            return None
        prefix = (
            f"{site_of(target)}{scope.prefix.partition('/')[1]}{scope.prefix.partition('/')[2]}"
        )
        if not _bare(target).startswith(prefix):
            prefix = _bare(target).partition("?")[0].rpartition("/")[0] + "/"
        grown = {prefix: scope.url}
        self.take_up(grown)
        return grown

    def take_up(self, grown: Mapping[str, str]) -> None:
        """Add prefixes that seeds have grown by, from `widen` or from an earlier run."""
        by_url = {scope.url: scope for scope in self.scopes}
        for prefix, url in grown.items():
            if url in by_url and prefix not in self.widened:
                self._order.append(replace(by_url[url], prefix=prefix))
                self.widened[prefix] = url
        self._order.sort(key=lambda s: -len(s.prefix))

    def settle(self, url: str) -> str:
        """The https twin of an http link into a site whose seeds are all https; any other address
        as it is.
        """
        secure = url.startswith("http:") and site_of(url) in self._secure
        return f"https{url[4:]}" if secure else url

    def judge(self, url: str) -> str:
        """Why a page's address is not fetched, or ''. `url` is in normal form."""
        if len(url) > MAX_URL:
            return "too_long"
        if "@" in urlsplit(url).netloc:
            return "credentials_in_address"
        scope = self.scope_of(url)
        if scope is None:
            return "out_of_scope"
        if scope.include and not any(p.search(url) for p in scope.include):
            return "not_included"
        if any(p.search(url) for p in scope.exclude):
            return "excluded"
        path = urlsplit(url).path
        data = NO_TEXT.search(path) and not _STANDARD.search(path)
        reason = "no_text_type" if data else trap_of(url)
        return reason or (OTHER_SHARD if self.elsewhere(url) else "")

    def elsewhere(self, url: str) -> bool:
        """True where another shard asks the host of `url`."""
        index, number = self.config.part
        return number > 1 and shard_of(url, number) != index

    def delay_of(self, host: str) -> float:
        """Seconds between two requests to `host` that the settings ask for."""
        asked = [
            s.seed.delay_s
            for s in self.scopes
            if s.seed.delay_s is not None and host_of(s.url) == host
        ]
        return max(asked, default=self.config.delay_s)

    def licence_of(self, url: str) -> str:
        """Licence of the seed that `url` belongs to."""
        scope = self.scope_of(url)
        return scope.seed.licence if scope else ""
