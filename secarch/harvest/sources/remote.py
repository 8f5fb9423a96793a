"""Requests of sources that are read one after another: archives by ranges, wikis by their API.

The same guard, limits and User-Agent as of the crawl, one request at a time with the host's gap
between. robots.txt is not asked: it is about links that a robot follows (RFC 9309, section 1), and
these URLs are named by you, or by the list or the API that you named.
"""

from __future__ import annotations

import asyncio
import time
from types import TracebackType
from typing import Self

from secarch.harvest.config import HarvestConfig
from secarch.harvest.fetch.http import REDIRECTS, Client, Response
from secarch.harvest.sources.urls import host_of, resolve
from secarch.retry import backoff

MAX_REDIRECTS = 5
MAX_WHOLE = 1 << 26
"""Bytes of a file that is read whole from a server that serves no ranges."""


class Remote:
    """A blocking client. Use as a context manager, outside any event loop."""

    def __init__(self, config: HarvestConfig) -> None:
        self._config = config
        self._next_at: dict[str, float] = {}
        self._whole: tuple[str, bytes] = ("", b"")
        """The last file of a server that serves no ranges."""

    def __enter__(self) -> Self:
        self._runner = asyncio.Runner()
        self._client = self._runner.run(Client(self._config).__aenter__())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._runner.run(self._client.__aexit__(None, None, None))
        self._runner.close()

    def get(self, url: str, *, limit: int) -> Response:
        """What is at `url`, at most `limit` bytes of any type, after redirects and retries."""
        return self._follow(url, {}, limit=limit, cut=None)

    def piece(self, url: str, offset: int, length: int) -> tuple[bytes | None, str]:
        """`length` bytes from `offset`, and why there are none (RFC 9110, section 14)."""
        if url == self._whole[0]:
            return _part(self._whole[1], offset, length)
        asked = {
            "Range": f"bytes={offset}-{offset + length - 1}",
            "Accept-Encoding": "identity",
        }
        answer = self._follow(url, asked, limit=None, cut=length)
        if answer.status == 206 and answer.page is not None:
            return answer.page.body[:length], ""
        if answer.status == 416:
            return None, "bad_offset"
        if answer.status in {404, 410}:
            return None, "no_archive"
        if answer.status == 200:
            answer = self.get(url, limit=MAX_WHOLE)
            if answer.page is not None:
                self._whole = (url, answer.page.body)
                return _part(answer.page.body, offset, length)
        return None, answer.reason or "no_archive"

    def _follow(
        self, url: str, headers: dict[str, str], *, limit: int | None, cut: int | None
    ) -> Response:
        first = host_of(url)
        for _ in range(MAX_REDIRECTS + 1):
            trusted = host_of(url) == first
            answer = self._patient(url, headers, limit=limit, cut=cut, trusted=trusted)
            if answer.status not in REDIRECTS:
                return answer
            url = resolve(url, answer.location)
            if not url:
                return Response(url=url, reason="redirect_to_no_page")
        return Response(url=url, reason="too_many_redirects")

    def _patient(
        self,
        url: str,
        headers: dict[str, str],
        *,
        limit: int | None,
        cut: int | None,
        trusted: bool,
    ) -> Response:
        for tries in range(self._config.retries + 1):
            self._wait(host_of(url))
            answer = self._runner.run(
                self._client.get(
                    url,
                    types=None,
                    limit=limit,
                    headers=headers,
                    cut=cut,
                    trusted=trusted,
                    partial=cut is not None,
                )
            )
            self._next_at[host_of(url)] = time.monotonic() + self._config.delay_s
            if not answer.again or tries == self._config.retries:
                break
            pause = backoff(tries, self._config.retry_delay_s)
            time.sleep(max(answer.retry_after or 0.0, pause))
        return answer

    def _wait(self, host: str) -> None:
        time.sleep(max(0.0, self._next_at.get(host, 0.0) - time.monotonic()))


def _part(body: bytes, offset: int, length: int) -> tuple[bytes | None, str]:
    return (body[offset : offset + length], "") if offset < len(body) else (None, "bad_offset")
