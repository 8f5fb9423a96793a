"""What is done about one page: may it be asked for, and what follows from what came back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urljoin

from secarch.artifact import now
from secarch.harvest.config import HarvestConfig
from secarch.harvest.crawl.clock import unix
from secarch.harvest.crawl.politeness import Host
from secarch.harvest.extract import pool
from secarch.harvest.extract.extracted import MAX_SITEMAP_BYTES, UNREAD, Extracted
from secarch.harvest.fetch import http
from secarch.harvest.fetch.guard import Guard
from secarch.harvest.fetch.http import Response
from secarch.harvest.fetch.render import Renderer, RenderError
from secarch.harvest.frontier.visit import PAGE, SITEMAP, Lease, Link, Visit
from secarch.harvest.kept import pack
from secarch.harvest.sources.urls import OTHER_SHARD, Rules, host_of, normalise, pattern_of, resolve
from secarch.records import Page
from secarch.retry import backoff

MAX_REDIRECTS = 10
"""Redirects of a URL, and indexes above a sitemap together with their redirects."""
SHELLS = frozenset({"needs_javascript", "no_text"})
"""Reasons of pages that may have text once their scripts have run."""
GUESSED = -1
"""Hops of a /sitemap.xml that nobody named, by which it is known."""
MAX_SITEMAPS = 50_000
"""Sitemaps that one index may name (sitemaps.org, protocol 0.9)."""
SEEN = 50_000
"""Addresses remembered as known, so that a site's navigation is not put to SQLite for each of its
pages.
"""


class PagePolicy:
    """Decides about single pages; keeps no state but a memory of known addresses."""

    def __init__(
        self,
        config: HarvestConfig,
        rules: Rules,
        workers: pool.Workers,
        renderer: Renderer | None = None,
    ) -> None:
        self._config, self._rules, self._workers = config, rules, workers
        self._renderer = renderer
        self._guard = Guard(config.allow_networks)
        self._seen: set[str] = set()
        self._seed_hosts = {host_of(scope.url) for scope in rules.scopes}

    def before(self, host: Host, lease: Lease) -> tuple[str, str]:
        """Why a leased address must not be asked for, with the site's words for it, or ('', '')."""
        policy = host.policy
        if policy is None or not policy.allows(lease.url):
            return "robots", ""
        return (
            policy.refusal(lease.url)
            if lease.kind == PAGE and self._config.honour_opt_outs
            else ("", "")
        )

    def request(self, lease: Lease) -> dict[str, Any]:
        """Arguments of the request: what may come back, and the validators of what is there
        already.
        """
        if lease.kind == SITEMAP:
            return {"types": http.XML_TYPES, "limit": MAX_SITEMAP_BYTES}
        headers = {}
        if lease.prior and lease.etag:
            headers["If-None-Match"] = lease.etag
        elif lease.prior and lease.last_modified:
            headers["If-Modified-Since"] = lease.last_modified
        return {"headers": headers}

    def wait(self, tries: int, answer: Response) -> float:
        """Seconds before an address is tried again; what the site asks for wins if it is
        longer.
        """
        return max(answer.retry_after or 0.0, backoff(tries, self._config.retry_delay_s))

    def target(self, url: str, location: str) -> str:
        """Where a redirect leads, in normal form, or '' where it leads nowhere that may be
        asked.
        """
        try:
            target = normalise(urljoin(url, location.strip()))
        except ValueError:
            return ""
        return "" if not target or self._guard.refusal_of_url(target) else target

    def sitemaps(self, host: str, urls: Sequence[str]) -> list[Link]:
        """The sitemaps of a robots.txt that are on the host itself or on a seed's; /sitemap.xml
        if it names none.
        """
        named = (resolve(f"{host}/", url) for url in urls)  # some robots.txt name a path alone
        found = [url for url in named if url and not self._guard.refusal_of_url(url)]
        ours = [url for url in found if host_of(url) in {host, *self._seed_hosts}]
        if not urls:
            return [Link(url=f"{host}/sitemap.xml", kind=SITEMAP, hops=GUESSED)]
        return [
            Link(url=u, kind=SITEMAP, reason=OTHER_SHARD if self._rules.elsewhere(u) else "")
            for u in ours
        ]

    async def after(self, host: Host, lease: Lease, answer: Response) -> Visit:
        """The visit that an answer makes, with the host's clock set accordingly."""
        visit = Visit(
            lease=lease,
            status=answer.status or None,
            detail=answer.detail,
            reason=answer.reason,
            fetched=lease.kind == PAGE,
            etag=answer.headers.get("etag", "")[:500],
            last_modified=answer.headers.get("last-modified", "")[:100],
            fetched_at=now(),
        )
        self._tell(host, answer)
        if answer.status in http.REDIRECTS:
            self._redirect(visit, answer)
        elif answer.status == 304:
            visit.unchanged, visit.reason = True, ""
            visit.etag, visit.last_modified = (
                visit.etag or lease.etag,
                visit.last_modified or lease.last_modified,
            )
        elif answer.page is None:
            self._fail(visit, answer)
        else:
            await self._read(visit, answer)
        return visit

    def _tell(self, host: Host, answer: Response) -> None:
        if answer.again and answer.reason != "bad_encoding":
            refused = answer.status in {429, 503}
            host.failed(refused=refused, pause=answer.retry_after, first=self._config.retry_delay_s)
        elif answer.status:
            host.succeeded()

    def _redirect(self, visit: Visit, answer: Response) -> None:
        lease = visit.lease
        visit.fetched = False
        visit.detail = answer.location[:500]
        target = resolve(lease.url, answer.location)
        if not target:
            visit.reason = "redirect_to_no_page"
        elif target == lease.url:
            visit.reason = "redirect_loop"
        elif lease.hops >= MAX_REDIRECTS:
            visit.reason = "too_many_redirects"
        else:
            if lease.kind == PAGE and lease.depth == 0 and not self._guard.refusal_of_url(target):
                visit.widened = self._rules.widen(lease.url, target)
            refused = self._guard.refusal_of_url(target) or (
                self._rules.judge(target) if lease.kind == PAGE else ""
            )
            visit.reason = "redirected" if refused in {"", OTHER_SHARD} else f"redirect_{refused}"
            if not refused or refused == OTHER_SHARD:
                link = Link(
                    url=target,
                    depth=lease.depth,
                    hops=max(0, lease.hops) + 1,
                    kind=lease.kind,
                    reason=refused,
                )
                visit.links = [link if refused else replace(link, family=pattern_of(target))]

    def _fail(self, visit: Visit, answer: Response) -> None:
        if answer.again and visit.lease.tries < self._config.retries:
            visit.retry_at = unix() + self.wait(visit.lease.tries, answer)
        elif answer.again and visit.lease.prior:
            visit.unchanged, visit.etag, visit.last_modified = (
                True,
                visit.lease.etag,
                visit.lease.last_modified,
            )

    async def _read(self, visit: Visit, answer: Response) -> None:
        page, lease = answer.page, visit.lease
        if page is None:
            return
        if lease.kind == SITEMAP:
            found = await self._workers.run(pool.SITEMAP, page)
        else:
            found = await self._workers.run(pool.PAGE, page)
            if self._renderer is not None and self._is_to_be_rendered(page, found):
                page, found, answer = await self._render(self._renderer, visit, answer, found)
            visit.document, visit.method, visit.agreement = (
                found.document,
                found.method,
                found.agreement,
            )
            if visit.document is not None and not visit.document.licence and self._rules.widened:
                licence = self._rules.licence_of(lease.url)
                visit.document = replace(visit.document, licence=licence)
            self._keep_raw(visit, answer, page, found)
            if lease.depth:  # feeds of a seed are read; those of every page would double its cost
                found = replace(found, sitemaps=[])
        visit.reason, visit.detail = found.reason, found.detail
        visit.links = self._links(lease, found)

    def _is_to_be_rendered(self, page: Page, found: Extracted) -> bool:
        """A shell, or any page of HTML that is not reserved if the settings say so."""
        if found.reason in SHELLS:
            return True
        markup = "html" in page.content_type.lower() or not page.content_type
        return self._config.render == "always" and found.document is not None and markup

    async def _render(
        self, renderer: Renderer, visit: Visit, answer: Response, found: Extracted
    ) -> tuple[Page, Extracted, Response]:
        """The page as its scripts leave it, read anew; what was there before if that gives less."""
        page = answer.page
        if page is None:
            raise ValueError("only a page can be rendered")
        try:
            drawn, refused = await renderer.render(page)
        except RenderError as error:
            if found.document is not None:
                return page, found, answer
            if error.again and visit.lease.tries < self._config.retries:
                visit.retry_at = unix() + self.wait(visit.lease.tries, answer)
            failed = replace(found, reason=error.reason, detail=str(error)[:200])
            return page, failed, answer
        again = await self._workers.run(pool.PAGE, drawn)
        links = [*found.links, *again.links]
        if again.document is None and again.reason in SHELLS:
            return (
                page,
                replace(found, links=links, detail=refused or "also in the browser"),
                answer,
            )
        headers = tuple(p for p in answer.all_headers if p[0].lower() != "content-encoding")
        answer = replace(answer, page=drawn, wire=b"", all_headers=headers)
        method = "rendered" if again.document is not None else again.method
        return drawn, replace(again, links=links, method=method), answer

    def _keep_raw(self, visit: Visit, answer: Response, page: Page, found: Extracted) -> None:
        """Only what may be kept: never a page that its site reserved."""
        unread = found.document is None and found.reason in UNREAD
        if self._config.keep_raw and (found.document is not None or unread):
            visit.raw = answer.wire or found.raw or pack(page.body)
            visit.content_type, visit.headers = page.content_type, answer.all_headers

    def _again(self, url: str, reason: str, family: str) -> tuple[str, str]:
        """A link judged anew if the scope has grown since the worker processes were started."""
        if reason != "out_of_scope" or not self._rules.widened:
            return reason, family
        reason = self._rules.judge(url)
        return reason, "" if reason else pattern_of(url)

    def _links(self, lease: Lease, found: Extracted) -> list[Link]:
        depth = max(0, lease.depth) + 1  # a refresh reads sitemaps at -1
        links = []
        for url, judged, grown in found.links:
            reason, family = self._again(url, judged, grown)
            lastmod = found.lastmods.get(url, "")
            if lastmod or url not in self._seen:
                self._seen.add(url)
                deep = "" if depth <= self._config.max_depth else "too_deep"
                links.append(
                    Link(
                        url=url, reason=reason or deep, family=family, depth=depth, lastmod=lastmod
                    )
                )
        hops = max(0, lease.hops) + 1
        if hops <= MAX_REDIRECTS:
            maps = [
                url
                for url in found.sitemaps[:MAX_SITEMAPS]
                if not self._guard.refusal_of_url(url)
                and host_of(url) in {lease.host, *self._seed_hosts}
            ]
            links += [Link(url=url, kind=SITEMAP, hops=hops) for url in maps]
        if len(self._seen) > SEEN:
            self._seen.clear()
        return links
