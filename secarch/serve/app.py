"""The HTTP side of the server, on aiohttp: routes, limits, streams. A leaf."""

from __future__ import annotations

import asyncio
import json
import re
import time
import uuid
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing, asynccontextmanager

from aiohttp import web
from aiohttp.typedefs import Middleware

from secarch import console
from secarch.errors import SecarchError
from secarch.schema import JsonDict, sha256_of
from secarch.serve import access, reply
from secarch.serve import request as wire
from secarch.serve.config import ServeConfig
from secarch.serve.engines.protocol import Ask, EngineLost, EngineRefused, Piece
from secarch.serve.guard import Guard
from secarch.serve.live import Live
from secarch.serve.metrics import Metrics
from secarch.serve.request import Refused, Wanted

OPEN = frozenset({"/healthz", "/readyz"})
"""Routes without a key: a balancer has none."""
REMEMBERED = 10_000
"""Answers of which /lineage?request=ID still knows the version."""
LONG_BODY = 16_384
"""Bytes of a request from which it is tokenised in a thread, so that others do not wait."""
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class ClientGone(Exception):
    """The client closed its connection, or reads nothing any more."""


class Service:
    """Everything that requests share: what is live, places, counts."""

    def __init__(self, config: ServeConfig, keys: Sequence[bytes], metrics: Metrics) -> None:
        self.config, self.keys, self.metrics = config, tuple(keys), metrics
        self.live: Live | None = None
        self.alias = ""
        self.facts: JsonDict = {}
        """What /lineage says of the live version."""
        self.draining = False
        self.healthy = True
        """Whether the engine's last self-test passed."""
        self.in_flight = 0
        self.waiting = 0
        self.quiet = asyncio.Event()
        """Set while nothing is in flight and nothing waits."""
        self.quiet.set()
        self._places = asyncio.Semaphore(config.max_in_flight)
        self._answers: OrderedDict[str, JsonDict] = OrderedDict()
        self.arrived: dict[int, float] = {}
        """Monotonic time at which each answer in flight began."""

    @property
    def stalled(self) -> bool:
        """Whether requests are in flight and no token came for `stall_s`."""
        if not self.arrived:
            return False
        since = max(self.metrics.answered_at, min(self.arrived.values()))
        return time.monotonic() - since > self.config.stall_s

    def unready(self) -> str:
        """Why no traffic should come; empty if it may."""
        if self.live is None:
            return "loading"
        if self.draining:
            return "draining"
        if self.stalled:
            return "stalled"
        return "" if self.healthy else "engine lost"

    @asynccontextmanager
    async def place(self) -> AsyncIterator[Live]:
        """A place among the answers in flight, and the version that was live when it was free.

        Raises Refused (503 while loading or draining, 429 if too many wait).
        """
        if self.draining or self.live is None:
            raise Refused(self.unready(), status=503, code="not_ready")
        if self._places.locked() and self.waiting >= self.config.max_waiting:
            self.metrics.rejected.labels("queue_full").inc()
            raise Refused("too many requests wait already", status=429, code="queue_full")
        self._count(waiting=1)
        try:
            await self._places.acquire()
        except BaseException:
            self._count(waiting=-1)
            raise
        live = self.live
        live.begin()
        self._count(waiting=-1, in_flight=1)
        token = id(asyncio.current_task())
        self.arrived[token] = time.monotonic()
        try:
            yield live
        finally:
            self.arrived.pop(token, None)
            self._count(in_flight=-1)
            live.end()
            self._places.release()

    def _count(self, *, waiting: int = 0, in_flight: int = 0) -> None:
        self.waiting += waiting
        self.in_flight += in_flight
        self.metrics.waiting.set(self.waiting)
        self.metrics.in_flight.set(self.in_flight)
        if self.waiting or self.in_flight:
            self.quiet.clear()
        else:
            self.quiet.set()

    def remember(self, request_id: str, live: Live, safety: str) -> None:
        """Keep which version gave an answer."""
        self._answers[request_id] = {"version": live.version.ref, "safety": safety}
        while len(self._answers) > REMEMBERED:
            self._answers.popitem(last=False)

    def answer(self, request_id: str) -> JsonDict | None:
        """The version that gave an answer, if it is remembered."""
        return self._answers.get(request_id)

    def names(self, live: Live) -> set[str]:
        """What a client may call the model."""
        version = live.version
        aliased = {f"{version.name}@{self.alias}"} if self.alias else set()
        return {"", version.name, version.ref, version.digest[:12], version.digest, *aliased}


# ---------------------------------------------------------------- the application


def application(service: Service, *, own_metrics: bool) -> web.Application:
    """Every route; /metrics is among them if it has no port of its own."""
    app = web.Application(
        middlewares=[_guarded(service)], client_max_size=service.config.max_body_bytes
    )
    routes = _Routes(service)
    app.router.add_post("/v1/chat/completions", routes.chat)
    app.router.add_get("/v1/models", routes.models)
    app.router.add_get("/v1/models/{name:.+}", routes.model)
    app.router.add_get("/lineage", routes.lineage)
    app.router.add_get("/healthz", routes.healthz)
    app.router.add_get("/readyz", routes.readyz)
    if not own_metrics:
        app.router.add_get("/metrics", routes.metrics)
    return app


def metrics_application(service: Service) -> web.Application:
    """/metrics alone."""
    app = web.Application()
    app.router.add_get("/metrics", _Routes(service).metrics)
    return app


def _guarded(service: Service) -> Middleware:
    """Key, request id, and every error in one form; never a traceback to a client."""

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        req = request
        given = req.headers.get("X-Request-Id", "")
        req["id"] = given if _ID.fullmatch(given) else uuid.uuid4().hex
        code, done = 500, None
        try:
            _check_key(service, req)
            done = await handler(req)
            code = req.get("code", done.status)
        except Refused as error:
            code, done = error.status, _refusal(error)
        except web.HTTPException as error:
            code, done = error.status, _refusal(_http(error))
        except ClientGone:
            code, done = 499, req.get("response") or web.Response(status=499)
        except Exception as error:  # noqa: BLE001 - a request must not take the server down
            console.log().error("request failed", why=f"{type(error).__name__}: {error}"[:300])
            done = _refusal(Refused("the server failed", status=500, code="internal_error"))
        finally:
            if req.path not in OPEN:
                service.metrics.requests.labels(str(code)).inc()
        if not done.prepared:
            done.headers["X-Request-Id"] = req["id"]
        return done

    return guard


def _check_key(service: Service, req: web.Request) -> None:
    header = req.headers.get("Authorization")
    if req.path not in OPEN and not access.allowed(header, service.keys):
        service.metrics.rejected.labels("key").inc()
        raise Refused("a valid API key is needed", status=401, code="invalid_api_key")


def _refusal(error: Refused) -> web.Response:
    response = web.json_response(error.body(), status=error.status)
    if error.status in {429, 503}:
        response.headers["Retry-After"] = "1"
    if error.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _http(error: web.HTTPException) -> Refused:
    if error.status == 413:
        return Refused("the body is too large", status=400, code="body_too_large")
    code = {404: "not_found", 405: "method_not_allowed"}.get(error.status, "http_error")
    return Refused(error.reason, status=error.status, code=code)


class _Routes:
    """The handlers."""

    def __init__(self, service: Service) -> None:
        self.service = service

    async def healthz(self, _req: web.Request) -> web.Response:
        """200 while the event loop turns."""
        return web.Response(text="ok\n")

    async def readyz(self, _req: web.Request) -> web.Response:
        """200 while traffic is welcome, else 503 with the reason."""
        why = self.service.unready()
        return web.Response(text=f"{why or 'ready'}\n", status=503 if why else 200)

    async def metrics(self, _req: web.Request) -> web.Response:
        """The Prometheus text format."""
        self.service.metrics.ready.set(0 if self.service.unready() else 1)
        data, kind = self.service.metrics.page()
        return web.Response(body=data, headers={"Content-Type": kind})

    def _live(self) -> Live:
        live = self.service.live
        if live is None:
            raise Refused("loading", status=503, code="not_ready")
        return live

    async def models(self, _req: web.Request) -> web.Response:
        """The one model that is served."""
        return web.json_response({"object": "list", "data": [self._model(self._live())]})

    async def model(self, req: web.Request) -> web.Response:
        """It again, by its name."""
        live = self._live()
        self._check_name(req.match_info["name"], live)
        return web.json_response(self._model(live))

    def _model(self, live: Live) -> JsonDict:
        version = live.version
        kinds = {one.kind: one.digest for one in reversed(version.ancestors)}
        return {
            "id": version.name,
            "object": "model",
            "created": 0,
            "owned_by": "secarch",
            "secarch": {
                "version": version.ref,
                "alias": self.service.alias,
                "digest": version.digest,
                "fingerprint": version.served.fingerprint,
                "run": kinds.get("run"),
                "dataset": kinds.get("dataset"),
                "prompt_digest": version.served.prompt_digest,
                "engine": live.engine.describe(),
                "context": live.engine.context,
            },
        }

    def _check_name(self, name: str, live: Live) -> None:
        if name not in self.service.names(live):
            raise Refused(
                f"there is no model {name[:80]} here; served is {live.version.name}",
                status=404,
                code="model_not_found",
                param="model",
            )

    async def lineage(self, req: web.Request) -> web.Response:
        """From the model to its documents; with `?request=ID` the version that gave an answer."""
        wanted = req.query.get("request")
        if wanted is None:
            self._live()
            return web.json_response(self.service.facts)
        found = self.service.answer(wanted)
        if found is None:
            raise Refused("this answer is not remembered", status=404, code="not_found")
        return web.json_response({"request": wanted, **found})

    async def chat(self, req: web.Request) -> web.StreamResponse:
        """Answer a conversation."""
        started = time.monotonic()
        body = await req.read()
        wanted = wire.read(body)
        live = self.service.live
        if live is not None:
            self._check_name(wanted.model, live)
        async with self.service.place() as live:
            ids = await _prompt(live, wanted, len(body))
            ask = _ask(self.service.config, live, wanted, ids)
            answer = _Answer(self.service, req, live, wanted, ask, started)
            return await (answer.stream() if wanted.stream else answer.whole())


async def _prompt(live: Live, wanted: Wanted, size: int) -> list[int]:
    try:
        if size > LONG_BODY:
            return await asyncio.to_thread(live.chat.prompt_ids, wanted.messages)
        return live.chat.prompt_ids(wanted.messages)
    except SecarchError as error:
        raise Refused(f"{error.what}: {error.why}", param="messages") from error


def _ask(config: ServeConfig, live: Live, wanted: Wanted, ids: Sequence[int]) -> Ask:
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
    )


class _Answer:
    """One answer on its way to one client."""

    def __init__(
        self, service: Service, req: web.Request, live: Live, wanted: Wanted, ask: Ask, at: float
    ) -> None:
        self.service, self.req, self.live, self.wanted, self.ask = service, req, live, wanted, ask
        self.started = self.last = at
        self.made = 0
        self.guard = Guard(service.config.guard)
        self.finish = "stop"
        self.head = reply.Head(
            id=f"chatcmpl-{req['id']}",
            created=int(time.time()),
            model=live.version.name,
            fingerprint=live.fingerprint,
        )
        service.metrics.prompt.inc(len(ask.ids))

    async def whole(self) -> web.Response:
        """The answer in one piece."""
        text = "".join([part async for part in self._parts()])
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
        try:
            await self._write(response, self.head.chunk({"role": "assistant", "content": ""}))
            async for part in self._parts():
                if part:
                    await self._write(response, self.head.chunk({"content": part}))
        except Refused as error:
            self.req["code"] = error.status
            await self._write(response, error.body())
            return response
        last = self.head.chunk({}, self.finish)
        last["secarch"] = {
            "version": self.live.version.ref,
            "safety": reply.safety(self.guard.found),
        }
        await self._write(response, last)
        if self.wanted.include_usage:
            usage = reply.usage(len(self.ask.ids), self.made)
            await self._write(response, self.head.usage_chunk(usage))
        await self._send(response, reply.DONE)
        self._close()
        return response

    async def _parts(self) -> AsyncIterator[str]:
        """Text as it may be shown, piece by piece.

        Raises Refused (the engine is lost: 502), ClientGone.
        """
        deadline = asyncio.get_running_loop().time() + self.service.config.answer_s
        try:
            async with aclosing(self.live.engine.generate(self.ask)) as pieces:
                while True:
                    async with asyncio.timeout_at(deadline):
                        piece = await anext(pieces)
                    self._count(piece)
                    if self.req.transport is None:
                        raise ClientGone
                    yield self.guard.add(piece.text, last=piece.finish is not None)
                    if piece.finish is not None:
                        self.finish = "content_filter" if self.guard.blocked else piece.finish
                        return
        except TimeoutError as error:
            raise Refused("the answer took too long", status=504, code="timeout") from error
        except EngineLost as error:
            self.service.healthy = False
            self.service.metrics.engine_up.set(0)
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
        try:
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
