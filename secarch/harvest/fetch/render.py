"""Pages that a script fills, read by a headless Chromium that never reaches the network itself.

Each request of a page is intercepted and made, or refused, by the crawl: the same client, guard,
robots.txt and gaps as for any page. Chromium has a proxy that does not exist and resolves no name,
so that what is not intercepted (WebSockets, WebRTC, prefetches) leads nowhere.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from secarch import console
from secarch.errors import MissingExtra, PrerequisiteError
from secarch.harvest.fetch.http import Response
from secarch.records import Page

if TYPE_CHECKING:
    from playwright.async_api import Browser, Playwright, Request, Route
    from playwright.async_api import Page as Tab

MAX_REQUESTS = 100
"""Scripts and data that one page may ask for."""
MAX_BYTES = 50_000_000
"""Bytes of them in all."""
MAX_WAIT = 10
"""Times `harvest.render_seconds` that a page may take if the gaps between requests make it wait."""
ENOUGH = 300
"""Characters of visible text from which a page that has fallen quiet is taken to be complete."""
QUIET_SECONDS = 0.5
SLOW_SECONDS = 3.0
"""How long a page with less text may do nothing before that is all there is."""
BUSY_SECONDS = 2.0
"""How long the text of a page that keeps asking may stay the same."""
CLOSE_SECONDS = 5.0
_LOOK_SECONDS = 0.1
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_ARGUMENTS = (
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--proxy-server=http://127.0.0.1:9",
    "--proxy-bypass-list=<-loopback>",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--no-pings",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
)
_NEEDED = frozenset({"script", "fetch", "xhr", "document"})
_NO_ORIGIN = "https://cors.invalid"
"""Sent as the allowed origin if a site allows none, since Playwright would allow all."""
_LENGTH = "() => document.body ? document.body.innerText.length : 0"
_CONTENT = """() => {
  const inert = document.implementation.createHTMLDocument('');
  const children = (from, to) => { for (const child of from) copy(child, to); };
  const copy = (node, to) => {
    if (node.nodeType === 3) { to.append(inert.createTextNode(node.data)); return; }
    if (node.nodeType !== 1) return;
    if (node.localName === 'slot' && node.getRootNode() instanceof ShadowRoot) {
      const given = node.assignedNodes({flatten: true});
      children(given.length ? given : node.childNodes, to);
      return;
    }
    const twin = inert.createElementNS(node.namespaceURI, node.localName);
    for (const one of node.attributes) {
      try { twin.setAttribute(one.name, one.value); } catch (_) { /* a name that HTML lacks */ }
    }
    to.append(twin);
    children((node.shadowRoot || node).childNodes, twin);
  };
  const shadowed = [...document.querySelectorAll('*')].some(e => e.shadowRoot);
  if (!shadowed) return document.documentElement.outerHTML;
  const box = inert.createElement('div');
  copy(document.documentElement, box);
  return box.innerHTML;
}"""
"""The page as it is drawn: what is in open shadow roots in its place."""

Fetch = Callable[[str, str], Awaitable[tuple[Response, float]]]
"""Asks for what a page needs, under the crawl's rules: its URL and that of the page. Gives the
answer, and when the request went out (time.monotonic) if the host's gap made it wait, else 0.
"""


class RenderError(Exception):
    """A page could not be rendered; `reason` is its code."""

    def __init__(self, reason: str, detail: str, *, again: bool = False) -> None:
        super().__init__(detail)
        self.reason, self.again = reason, again


@dataclass(slots=True)
class _Work:
    """One page in the browser."""

    page: Page
    began: float = field(default_factory=time.monotonic)
    since: float = field(default_factory=time.monotonic)
    """From when the page's time counts: the last moment that a host's gap made it wait."""
    asked: int = 0
    received: int = 0
    in_flight: int = 0
    led_to: list[str] = field(default_factory=list)
    """Where scripts wanted to go instead."""
    refused: Counter[str] = field(default_factory=Counter)


def find_browser() -> str:
    """The Chromium to be used: Playwright's own if it was downloaded, else one of the system.

    Raises MissingExtra (no Playwright) and PrerequisiteError (no Chromium).
    """
    try:
        import playwright  # noqa: F401 - only whether it is there
    except ImportError:
        raise MissingExtra("harvest.render", "render") from None
    cache = os.environ.get("PLAYWRIGHT_BROWSERS_PATH", "")
    folder = Path(cache) if cache else Path.home() / ".cache" / "ms-playwright"
    own = sorted(folder.glob("chromium-*/chrome-linux*/chrome"))
    if own:
        return str(own[-1])
    found = next(filter(None, map(shutil.which, _BROWSERS)), "")
    if not found:
        raise PrerequisiteError(
            "no Chromium was found",
            where="harvest.render",
            fix="install your system's chromium, or run: playwright install chromium",
        )
    return found


class Renderer:
    """A browser that is started with the first page that needs it. Use in one event loop."""

    def __init__(self, seconds: float, pages: int, limit: int, fetch: Fetch) -> None:
        self._seconds, self._limit, self._fetch = seconds, limit, fetch
        self._room = asyncio.Semaphore(pages)
        self._starting = asyncio.Lock()
        self._playwright: Playwright | None = None
        self._browser: Browser | None = None

    async def close(self) -> None:
        """End the browser."""
        browser, self._browser = self._browser, None
        play, self._playwright = self._playwright, None
        for end in (browser and browser.close, play and play.stop):
            with contextlib.suppress(Exception):
                if end is not None:
                    await asyncio.wait_for(end(), CLOSE_SECONDS)

    async def render(self, page: Page) -> tuple[Page, str]:
        """The page as its scripts leave it, and what they were refused, in words.

        Raises RenderError.
        """
        async with self._room:
            work = _Work(page)
            try:
                html = await self._drawn(work)
            except RenderError:
                raise
            except Exception as error:
                await self._restart()
                raise RenderError("render_failed", repr(error)[:200], again=True) from error
        body = html.encode("utf-8", "replace")
        if len(body) > self._limit:
            raise RenderError("too_large", "after its scripts had run")
        headers = {n: v for n, v in page.headers.items() if n != "content-encoding"}
        if work.led_to:  # followed like the next part of a divided page
            ways = [f'<{url}>; rel="next"' for url in work.led_to[:10] if ">" not in url]
            headers["link"] = "\n".join([*filter(None, [headers.get("link")]), *ways])
        drawn = replace(page, body=body, content_type="text/html; charset=utf-8", headers=headers)
        refused = ", ".join(f"{n} {reason}" for reason, n in work.refused.most_common(3))
        return drawn, f"requests refused: {refused}" if refused else ""

    async def _open(self) -> Browser:
        async with self._starting:
            if self._browser is None or not self._browser.is_connected():
                from playwright.async_api import async_playwright

                if self._playwright is None:
                    self._playwright = await async_playwright().start()
                self._browser = await self._launch(self._playwright)
        return self._browser

    async def _launch(self, play: Playwright) -> Browser:
        options: dict[str, Any] = {
            "executable_path": find_browser(),
            "headless": True,
            "args": list(_ARGUMENTS),
            "handle_sigint": False,
            "handle_sigterm": False,
            "handle_sighup": False,
        }
        if os.geteuid() != 0:
            try:
                return await play.chromium.launch(chromium_sandbox=True, **options)
            except Exception as error:  # noqa: BLE001 - containers often forbid the sandbox
                console.log().warning("browser_without_sandbox", why=str(error)[:200])
        return await play.chromium.launch(chromium_sandbox=False, **options)

    async def _restart(self) -> None:
        """Drop a browser that died or hangs; the next page starts another."""
        browser, self._browser = self._browser, None
        with contextlib.suppress(Exception):
            if browser is not None:
                await asyncio.wait_for(browser.close(), CLOSE_SECONDS)

    async def _drawn(self, work: _Work) -> str:
        browser = await self._open()
        context = await browser.new_context(
            service_workers="block", accept_downloads=False, locale="en-US"
        )
        try:
            tab = await context.new_page()
            context.on("page", lambda other: asyncio.ensure_future(_shut(other)))
            await context.route("**/*", lambda route, asked: self._answer(work, route, asked))
            await context.route_web_socket("**/*", lambda socket: socket.close())
            work.began = work.since = time.monotonic()
            return await self._settled(work, tab)
        finally:
            try:
                await asyncio.wait_for(context.close(), CLOSE_SECONDS)
            except Exception:  # noqa: BLE001 - a page that cannot be closed is ended with its browser
                await self._restart()

    async def _settled(self, work: _Work, tab: Tab) -> str:
        """The page once it is quiet, or at its deadline as far as it has come."""
        going = asyncio.ensure_future(tab.goto(work.page.url, wait_until="commit", timeout=0))
        length, since = -1, time.monotonic()
        try:
            while not self._is_over(work):
                now = time.monotonic()
                seen = await self._length(work, tab) if going.done() else -1
                if seen != length:
                    length, since = seen, now
                quiet = 0.0 if work.in_flight else now - since
                if (length >= ENOUGH and (quiet > QUIET_SECONDS or now - since > BUSY_SECONDS)) or (
                    quiet > SLOW_SECONDS
                ):
                    break
                await asyncio.sleep(_LOOK_SECONDS)
            return str(await self._ask(work, tab, _CONTENT))
        finally:
            going.cancel()
            with contextlib.suppress(Exception, asyncio.CancelledError):
                await going

    async def _length(self, work: _Work, tab: Tab) -> int:
        """Characters of visible text; -1 while the page is being replaced."""
        from playwright.async_api import Error

        try:
            return int(await self._ask(work, tab, _LENGTH))
        except Error:
            if not tab.is_closed() and self._browser is not None:
                return -1
            raise

    def _is_over(self, work: _Work) -> bool:
        now = time.monotonic()
        return now - work.since > self._seconds or now - work.began > MAX_WAIT * self._seconds

    async def _ask(self, work: _Work, tab: Tab, script: str) -> Any:
        left = max(CLOSE_SECONDS, self._seconds - (time.monotonic() - work.since))
        try:
            return await asyncio.wait_for(tab.evaluate(script), left)
        except TimeoutError as error:
            await self._restart()
            raise RenderError(
                "render_timeout", f"its scripts ran for {self._seconds:g} s without a pause"
            ) from error

    # what the page asks for

    async def _answer(self, work: _Work, route: Route, asked: Request) -> None:
        with contextlib.suppress(Exception):  # the page may be gone by now
            reason = _refusal(work, asked)
            if not reason and asked.is_navigation_request():
                await route.fulfill(
                    status=200, body=work.page.body, content_type=work.page.content_type
                )
            elif not reason:
                await self._get(work, route, asked)
            elif reason == "navigation":  # 204 leaves the page as it is
                if asked.frame.parent_frame is None:
                    work.led_to.append(asked.url)
                await route.fulfill(status=204)
            elif reason == "style":  # a script may wait for the style sheet that it asked for
                await route.fulfill(status=200, body="", content_type="text/css")
            else:
                if reason != "not_needed":
                    work.refused[reason] += 1
                await route.abort()

    async def _get(self, work: _Work, route: Route, asked: Request) -> None:
        work.asked += 1
        work.in_flight += 1
        try:
            answer, released = await self._fetch(asked.url, work.page.url)
        finally:
            work.in_flight -= 1
        work.since = max(work.since, released)
        if answer.page is None:
            if answer.reason and not answer.status:
                work.refused[answer.reason] += 1
                await route.abort()
            else:
                await route.fulfill(status=answer.status or 502, body="")
            return
        work.received += len(answer.page.body)
        sent = {name.lower(): value for name, value in answer.all_headers}
        headers = {
            "content-type": answer.page.content_type or "application/octet-stream",
            "access-control-allow-origin": sent.get("access-control-allow-origin", _NO_ORIGIN),
        }
        await route.fulfill(status=200, body=answer.page.body, headers=headers)


def _refusal(work: _Work, asked: Request) -> str:
    """Why a request is not made, or ''."""
    if asked.is_navigation_request():
        first = asked.frame.parent_frame is None and not asked.redirected_from
        return "" if first and asked.url.partition("#")[0] == work.page.url else "navigation"
    if asked.resource_type == "stylesheet":
        return "style"
    if asked.resource_type not in _NEEDED:
        return "not_needed"
    if asked.method != "GET":
        return "method"
    full = work.asked >= MAX_REQUESTS or work.received >= MAX_BYTES
    return "page_budget" if full else ""


async def _shut(tab: Tab) -> None:
    with contextlib.suppress(Exception):
        await tab.close()
