"""Connections of clients that say that they send no more, and still read.

A client that ends its half of a connection (`nc -N`, some HTTP libraries) is told from one that
left only by what comes back when something is sent to it; aiohttp takes both for gone.

A leaf: it is made of aiohttp's server.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from aiohttp import HttpVersion11, StreamReader, web
from aiohttp.web_protocol import RequestHandler

PROBES_S = (0.1, 0.1, 1.0)
"""Seconds between the lines that ask whether anybody reads; the last is repeated."""
STILL_HERE = b"HTTP/1.1 100 Continue\r\n\r\n"
"""An interim answer, which every client of HTTP/1.1 passes over (RFC 9110, section 15.2)."""


class Server(web.Server):
    """Aiohttp's server, which answers what came in whole before the client ended its half."""

    def __call__(self) -> RequestHandler:
        """The protocol of a new connection."""
        return _Connection(self, loop=self._loop, **self._kwargs)


class Runner(web.AppRunner):
    """Aiohttp's runner, with connections of `Server`."""

    async def _make_server(self) -> web.Server:
        made = await super()._make_server()
        return Server(
            made.request_handler,
            request_factory=made.request_factory,
            handler_cancellation=made.handler_cancellation,
            loop=asyncio.get_running_loop(),
            **made._kwargs,  # noqa: SLF001 - the same server with other connections
        )


class _Connection(RequestHandler):
    """One connection."""

    _body: StreamReader | None = None
    """What the request that came last has below its head."""

    def data_received(self, data: bytes) -> None:
        """Bytes came."""
        super().data_received(data)
        if self._messages:
            self._body = self._messages[-1][1]

    def eof_received(self) -> bool | None:  # type: ignore[override]  # aiohttp never keeps it open
        """The client sends no more: whether the connection stays open for an answer."""
        idle = self._waiter is not None and not self._waiter.done()
        if idle or self._body is None or not self._body.is_eof():
            return None
        self.close()  # after the answer: no other request can come
        self._probe(PROBES_S)
        return True

    def _probe(self, waits: Sequence[float]) -> None:
        asyncio.get_running_loop().call_later(waits[0], self._ask, waits[1:] or waits)

    def _ask(self, waits: Sequence[float]) -> None:
        """Send an interim answer: a client that left resets the connection. A stream that has begun
        finds out by itself.
        """
        request: Any = self._current_request
        if request is None or self.transport is None or request.get("response") is not None:
            return
        if request.version >= HttpVersion11:
            self.transport.write(STILL_HERE)
        self._probe(waits)
