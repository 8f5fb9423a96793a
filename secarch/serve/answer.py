"""One answer on its way to one client: prompt, engine, guard, and the form that clients read.

A leaf: it writes by aiohttp.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager

from aiohttp import web

from secarch import console
from secarch.errors import SecarchError
from secarch.schema import JsonDict, sha256_of
from secarch.serve import reply
from secarch.serve.config import ServeConfig
from secarch.serve.engines.protocol import Ask, EngineBusy, EngineLost, EngineRefused, Piece
from secarch.serve.guard import Guard
from secarch.serve.live import Live
from secarch.serve.request import Refused, Wanted
from secarch.serve.service import Service

ROOMY = 16_384
"""Bytes that an empty send buffer takes at once."""
LONG_BODY = 16_384
"""Bytes of a request from which it is tokenised in a thread, so that others do not wait."""


class ClientGone(Exception):
    """The client closed its connection, or reads nothing any more."""


async def prompt_of(live: Live, wanted: Wanted, size: int) -> list[int]:
    """Token ids of a conversation; `size` is the request's length in bytes. Raises Refused."""
    try:
        if size > LONG_BODY:
            return await asyncio.to_thread(live.chat.prompt_ids, wanted.messages)
        return live.chat.prompt_ids(wanted.messages)
    except SecarchError as error:
        raise Refused(f"{error.what}: {error.why}", param="messages") from error


def ask_of(config: ServeConfig, live: Live, wanted: Wanted, ids: Sequence[int]) -> Ask:
    """What the engine is asked. Raises Refused if prompt and answer exceed the context."""
    context = live.engine.context
    room = context - len(ids) if context else config.max_new_tokens
    tokens = wanted.max_tokens or max(1, min(config.max_new_tokens, room))
    if context and len(ids) + tokens > context:
        raise Refused(
            f"the prompt has {len(ids)} tokens and {tokens} are asked for; the model's context is "
            f"{context} tokens",
            code="context_length_exceeded",
            param="messages",
        )
    return Ask(
        ids=ids,
        max_tokens=tokens,
        temperature=wanted.temperature,
        top_p=wanted.top_p,
        seed=wanted.seed,
        stop=wanted.stop,
        ignore_eos=wanted.ignore_eos,
    )


class Answer:
    """One answer on its way to one client."""

    def __init__(
        self, service: Service, req: web.Request, live: Live, wanted: Wanted, ask: Ask, at: float
    ) -> None:
        self.service, self.req, self.live, self.wanted, self.ask = service, req, live, wanted, ask
        self.started = self.last = at
        self.made = 0
        self.guard = Guard(service.config.guard)
        self.finish = "stop"
        self.ended = False
        """Whether the engine has given its last part."""
        self.head = reply.Head(
            id=f"chatcmpl-{req['id']}",
            created=int(time.time()),
            model=live.version.name,
            fingerprint=live.fingerprint,
        )
        service.metrics.prompt.inc(len(ask.ids))

    async def whole(self) -> web.Response:
        """The answer in one piece."""
        async with self._in_time(), aclosing(self._parts()) as parts:
            text = "".join([part async for part in parts])
        self._close()
        usage = reply.usage(len(self.ask.ids), self.made)
        body = self.head.whole(text, self.finish, usage)
        headers = {**self._headers(), "X-Secarch-Safety": reply.safety(self.guard.found)}
        return web.json_response(body, headers=headers, dumps=_dumps)

    async def stream(self) -> web.StreamResponse:
        """The answer as server-sent events; an engine that is lost ends it without `[DONE]`."""
        headers = {**self._headers(), "Content-Type": "text/event-stream"}
        response = web.StreamResponse(headers={**headers, "Cache-Control": "no-store"})
        await response.prepare(self.req)
        self.req["response"] = response
        rest = b""
        try:
            async with self._in_time(), aclosing(self._parts()) as parts:
                await self._write(response, self.head.chunk({"role": "assistant", "content": ""}))
                async for part in parts:
                    if self.ended:
                        rest = self._event(part)
                    elif part:
                        await self._send(response, self._event(part))
        except Refused as error:
            self.req["code"] = error.status
            await self._write(response, error.body())
            return response
        # In one piece: each write wakes the client, while other answers wait for their first.
        await self._send(response, rest + self._end())
        self._close()
        return response

    def _event(self, part: str) -> bytes:
        return reply.event(self.head.chunk({"content": part})) if part else b""

    def _end(self) -> bytes:
        """What follows the text of a stream."""
        last = self.head.chunk({}, self.finish)
        last["secarch"] = {
            "version": self.live.version.ref,
            "safety": reply.safety(self.guard.found),
        }
        events = [reply.event(last)]
        if self.wanted.include_usage:
            usage = reply.usage(len(self.ask.ids), self.made)
            events.append(reply.event(self.head.usage_chunk(usage)))
        return b"".join([*events, reply.DONE])

    @asynccontextmanager
    async def _in_time(self) -> AsyncIterator[None]:
        """One deadline for the answer, not one for each token. Raises Refused (504)."""
        try:
            async with asyncio.timeout(self.service.config.answer_s):
                yield
        except TimeoutError as error:
            raise Refused("the answer took too long", status=504, code="timeout") from error

    async def _parts(self) -> AsyncGenerator[str, None]:
        """Text as it may be shown, piece by piece.

        Raises Refused (the engine is lost: 502), ClientGone.
        """
        try:
            async with aclosing(self.live.engine.generate(self.ask)) as pieces:
                async for piece in pieces:
                    self._count(piece)
                    if self.req.transport is None:
                        raise ClientGone
                    if piece.finish is not None:
                        shown, self.ended = self.guard.add(piece.text, last=True), True
                        self.finish = "content_filter" if self.guard.blocked else piece.finish
                        yield shown
                        return
                    yield self.guard.add(piece.text)
        except EngineBusy as error:
            raise Refused(f"the engine: {error}", status=503, code="engine_busy") from error
        except EngineLost as error:
            self.service.mark(healthy=False)
            raise Refused(
                f"the engine was lost: {error}", status=502, code="engine_lost"
            ) from error
        except EngineRefused as error:
            raise Refused(f"the engine: {error}", status=502, code="engine_refused") from error

    def _count(self, piece: Piece) -> None:
        if not piece.tokens:
            return
        now, metrics = time.monotonic(), self.service.metrics
        if self.made:
            metrics.between.observe((now - self.last) / piece.tokens)
        else:
            metrics.first.observe(now - self.started)
        self.made, self.last = self.made + piece.tokens, now
        metrics.token(piece.tokens)

    async def _write(self, response: web.StreamResponse, data: JsonDict) -> None:
        await self._send(response, reply.event(data))

    async def _send(self, response: web.StreamResponse, data: bytes) -> None:
        transport = self.req.transport
        try:
            if transport and len(data) < ROOMY and not transport.get_write_buffer_size():
                # Nothing to wait for, so no timer: this is done for every token.
                await response.write(data)
                return
            async with asyncio.timeout(self.service.config.client_s):
                await response.write(data)
        except TimeoutError as error:
            self.service.metrics.rejected.labels("slow_client").inc()
            if self.req.transport is not None:
                self.req.transport.abort()
            raise ClientGone from error
        except (ConnectionError, RuntimeError) as error:
            raise ClientGone from error

    def _headers(self) -> dict[str, str]:
        return {"X-Request-Id": self.req["id"], "X-Secarch-Model": self.live.version.ref}

    def _close(self) -> None:
        """The answer is complete: measure it, remember it, say what was found."""
        self.service.metrics.whole.observe(time.monotonic() - self.started)
        self.service.remember(self.req["id"], self.live, reply.safety(self.guard.found))
        for danger in self.guard.found:
            self.service.metrics.unsafe.labels(danger.rule, danger.severity).inc()
            text = {"text": danger.evidence} if self.service.config.log_text else {}
            console.log().warning(
                "unsafe answer",
                rule=danger.rule,
                severity=danger.severity,
                sha256=sha256_of(danger.evidence),
                request=self.req["id"],
                version=self.live.version.ref,
                **text,
            )


def _dumps(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
