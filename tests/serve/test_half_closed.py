"""Clients that end their half of a connection and still read."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import web

from secarch.serve.half_closed import PROBES_S, STILL_HERE, Runner

BODY = b"POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n"


@contextlib.asynccontextmanager
async def served() -> AsyncIterator[tuple[int, list[str]]]:
    """Port of a server with a quick and a slow answer, and what became of the slow ones."""
    ends: list[str] = []

    async def quick(_: web.Request) -> web.Response:
        return web.Response(text="quick")

    async def slow(req: web.Request) -> web.Response:
        await req.read()
        for _ in range(40):
            await asyncio.sleep(0.01)
            if req.transport is None:
                ends.append("gone")
                raise ConnectionResetError
        ends.append("answered")
        return web.Response(text="slow")

    app = web.Application()
    app.router.add_get("/", quick)
    app.router.add_post("/slow", slow)
    runner = Runner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield runner.addresses[0][1], ends
    finally:
        await runner.cleanup()


Step = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[bytes]]


async def _talked(sent: bytes, then: Step) -> tuple[bytes, list[str]]:
    async with served() as (port, ends):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(sent)
        found = await asyncio.wait_for(then(reader, writer), 5)
        for _ in range(60):
            if ends or b"quick" in found:
                break
            await asyncio.sleep(0.01)
        writer.close()
        return found, ends


async def _half(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    writer.write_eof()
    return await reader.read()


async def _left(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    await writer.drain()
    await asyncio.sleep(0.02)
    writer.close()
    return b""


def test_what_came_in_whole_is_answered() -> None:
    """Then the connection ends: no more requests can come."""
    found, _ = asyncio.run(_talked(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", _half))
    assert found.startswith(b"HTTP/1.1 200 OK\r\n")
    assert found.endswith(b"quick")


def test_a_slow_answer_comes_behind_interim_ones() -> None:
    """Two in .4 s, by which a client that left would be found."""
    found, ends = asyncio.run(_talked(BODY + b"{}", _half))
    assert found.startswith(2 * STILL_HERE + b"HTTP/1.1 200 OK\r\n")
    assert found.endswith(b"slow")
    assert ends == ["answered"]
    assert PROBES_S[0] + PROBES_S[1] < 0.4 < sum(PROBES_S)


def test_an_older_client_gets_no_interim_answer() -> None:
    """HTTP/1.0 has none."""
    found, _ = asyncio.run(_talked(BODY.replace(b"1.1", b"1.0") + b"{}", _half))
    assert found.startswith(b"HTTP/1.0 200 OK\r\n")
    assert STILL_HERE not in found


@pytest.mark.parametrize("body", [b"", b"{"])
def test_a_request_that_breaks_off_is_not_waited_for(body: bytes) -> None:
    """Nothing more can come of its body."""
    found, ends = asyncio.run(_talked(BODY + body, _half))
    assert (found, ends) == (b"", [])


def test_a_client_that_left_is_found_out() -> None:
    """Long before its answer is ready."""
    _, ends = asyncio.run(_talked(BODY + b"{}", _left))
    assert ends == ["gone"]
