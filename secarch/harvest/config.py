"""Settings of the harvester."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from secarch.schema import Config, runtime


class Seed(Config):
    """A place to start from, with what holds for everything reached below it."""

    url: str = ""
    """http or https address of the first page, or of a sitemap."""
    path: str = ""
    """A folder of Markdown and HTML, a git checkout or a WARC file, read in place of a site; `url`
    then is the address under which its files are published (of a WARC file: the prefix of the pages
    to take).
    """
    cdx: str = ""
    """A CDX list, file or URL, whose records are read from the WARC files that it names, beside it
    or by range requests; `url` then is the prefix of the pages to take.
    """
    archive: str = ""
    """URL that names of WARC files in `cdx` are relative to; that of the list if empty."""
    confluence: str = ""
    """Key of the Confluence space that is read through the REST API below `url`."""
    name: str = runtime("")
    """What `harvest --only` and the report call it; its URL or path if empty."""
    scope: str = ""
    """URL prefix that pages of this seed must have; the seed's folder where empty."""
    licence: str = ""
    """SPDX identifier or name of the terms, for pages that state none."""
    include: tuple[str, ...] = ()
    """Regular expressions; where given, a URL must match one (searched in the whole URL)."""
    exclude: tuple[str, ...] = ()
    """Regular expressions; a URL that matches one is not fetched."""
    delay_s: Annotated[float, Field(ge=0, le=3600)] | None = runtime(None)
    """Seconds between two requests to this host; `harvest.delay_s` where unset."""

    @model_validator(mode="after")
    def _leads_somewhere(self) -> Seed:
        if not self.url and not self.path and not self.cdx:
            raise ValueError("a seed needs a url, a path or a cdx list")
        if sum(map(bool, (self.path, self.cdx, self.confluence))) > 1:
            raise ValueError("a seed has one of path, cdx and confluence")
        if self.confluence and not self.url:
            raise ValueError("confluence needs the url of the wiki")
        return self

    @property
    def is_crawled(self) -> bool:
        """Whether pages are found by following links from `url`."""
        return not (self.path or self.cdx or self.confluence)

    @property
    def remote(self) -> str:
        """URL of a source that is read over the network and not crawled, or ''."""
        if self.confluence:
            return self.url
        return self.cdx if "://" in self.cdx else ""


def _seed_of(text: str) -> dict[str, str]:
    """An address, or a path if there is something of that name."""
    from pathlib import Path

    return (
        {"path": text} if "://" not in text and Path(text).expanduser().exists() else {"url": text}
    )


class HostAccess(Config):
    """How one host of your own is asked: what is named here is sent to this host alone."""

    headers_env: dict[str, str] = runtime({})
    """Request header -> environment variable that holds its value, such as
    `Authorization: WIKI_AUTHORIZATION`.
    """
    cookies_file: str = runtime("")
    """A cookies.txt in Netscape's format; cookies of other hosts in it are not sent."""
    proxy: str = runtime("")
    """URL of an HTTP proxy through which this host is asked."""

    @field_validator("proxy")
    @classmethod
    def _proxy_is_a_url(cls, value: str) -> str:
        from urllib.parse import urlsplit

        parts = urlsplit(value)
        if value and (parts.scheme not in {"http", "https"} or not parts.hostname):
            raise ValueError("an HTTP proxy's URL is needed, such as http://proxy.example.org:3128")
        return value


class HarvestConfig(Config):
    """What to crawl, and how politely."""

    seeds: tuple[Seed, ...] = ()
    """Where to start: addresses and paths, or tables with url, path, scope, licence, include,
    exclude, delay_s.
    """
    contact: str = runtime("")
    """Address or URL at which a site's owner reaches you; part of the User-Agent.

    Needed for public hosts.
    """
    user_agent: str = "secarch"
    """Product token of the User-Agent, also matched against robots.txt groups."""
    delay_s: Annotated[float, Field(ge=0, le=3600)] = runtime(1.0)
    """Seconds between two requests to one host; a longer Crawl-delay wins."""
    latency_factor: Annotated[float, Field(ge=0, le=100)] = runtime(2.0)
    """A host rests at least so many times as long as its answers take, 30 seconds at most; not
    where delay_s is 0.
    """
    concurrency_per_host: Annotated[int, Field(ge=1, le=64)] = runtime(1)
    """Requests in flight to one host."""
    concurrency: Annotated[int, Field(ge=1, le=512)] = runtime(16)
    """Requests in flight in all."""
    max_pages: Annotated[int, Field(ge=1)] = 10_000
    """Pages to fetch in all."""
    max_pages_per_host: Annotated[int, Field(ge=1)] = 100_000
    """Pages to fetch from one host."""
    max_depth: Annotated[int, Field(ge=0, le=1000)] = 32
    """Links from a seed."""
    max_variants: Annotated[int, Field(ge=1)] = 200
    """Pages of one calendar-like path (several all-digit segments) or of one path with different
    queries.
    """
    sitemaps: bool = True
    """Read the sitemaps that robots.txt names."""
    follow_nofollow: bool = False
    """Follow links marked rel=nofollow too."""
    include: tuple[str, ...] = ()
    """Regular expressions for every seed; see `seeds.include`."""
    exclude: tuple[str, ...] = ()
    """Regular expressions for every seed; see `seeds.exclude`."""
    allow_networks: tuple[str, ...] = ()
    """CIDR blocks of private or loopback addresses that may be contacted, for tests and intranets.
    """
    hosts: dict[str, HostAccess] = runtime({})
    """Host name (and port) -> headers_env, cookies_file, proxy, for wikis behind a login."""
    require_seeds: bool = runtime(False)
    """End with exit code 4 if one of the seeds gave no document."""
    max_page_bytes: Annotated[int, Field(ge=1024)] = 10_000_000
    """Bytes of a decoded page; larger ones are given up."""
    timeout_s: Annotated[float, Field(gt=0, le=3600)] = runtime(30.0)
    """Seconds for one request in all."""
    retries: Annotated[int, Field(ge=0, le=20)] = runtime(3)
    """Further tries after a temporary failure."""
    retry_delay_s: Annotated[float, Field(gt=0, le=3600)] = runtime(1.0)
    """Seconds before the first further try, doubled each time; a longer Retry-After wins."""
    workers: Annotated[int, Field(ge=1, le=64)] = runtime(2)
    """Processes that extract text."""
    page_seconds: Annotated[int, Field(ge=1, le=3600)] = runtime(30)
    """Seconds that extracting one page may take."""
    render: Literal["off", "auto", "always"] = "off"
    """Run the scripts of pages in headless Chromium (extra `render`): `auto` those that are empty
    without, `always` every page. Every request of a page obeys the same rules as the page.
    """
    render_seconds: Annotated[float, Field(gt=0, le=600)] = runtime(20.0)
    """Seconds that a page may take in the browser, beside the gaps between its requests."""
    page_megabytes: Annotated[int, Field(ge=256)] = runtime(2048)
    """Megabytes of address space of a process that extracts."""
    keep_raw: bool = runtime(True)
    """Keep the page as fetched, compressed, so that extraction can be repeated."""
    honour_opt_outs: bool = True
    """Skip pages whose site reserves text and data mining: noai, TDMRep, Content-Signal,
    Content-Usage.
    """
    tdm_policies: tuple[str, ...] = ()
    """Addresses of TDM policies (tdm-policy) whose terms you have accepted; what they reserve is
    not skipped.
    """
    stand_ins: tuple[str, ...] = ()
    """Crawlers that train, such as GPTBot or CCBot; pages that robots.txt denies to a group of
    theirs are skipped.
    """
    shard: Annotated[str, Field(pattern=r"^(?:[0-9]{1,5}/[1-9][0-9]{0,4})?$")] = ""
    """`i/n`, i from 0: ask only the hosts of part i of n, so that n processes or machines never
    share a host.
    """
    synchronous: Literal["normal", "full"] = runtime("full")
    """SQLite's durability: full survives power loss, normal survives a killed process."""

    @field_validator("seeds", mode="before")
    @classmethod
    def _plain_addresses(cls, value: object) -> object:
        if isinstance(value, (list, tuple)):
            return [_seed_of(item) if isinstance(item, str) else item for item in value]
        return value

    @field_validator("shard")
    @classmethod
    def _shard_is_one_of_them(cls, value: str) -> str:
        index, _, number = value.partition("/")
        if value and int(index) >= int(number):
            raise ValueError(f"shards of {number} are 0/{number} to {int(number) - 1}/{number}")
        return value

    @property
    def part(self) -> tuple[int, int]:
        """The shard as (index, number); (0, 1) where the work is not divided."""
        index, _, number = self.shard.partition("/")
        return (int(index), int(number)) if number else (0, 1)

    @field_validator("allow_networks")
    @classmethod
    def _networks_parse(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        import ipaddress

        for block in value:
            ipaddress.ip_network(block)
        return value

    @model_validator(mode="after")
    def _patterns_compile(self) -> HarvestConfig:
        import re

        for pattern in (
            *self.include,
            *self.exclude,
            *(p for s in self.seeds for p in (*s.include, *s.exclude)),
        ):
            try:
                re.compile(pattern)
            except re.error as error:
                raise ValueError(f"{pattern!r} is no regular expression: {error}") from error
        return self
