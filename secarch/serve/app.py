"""The HTTP side of the server, on aiohttp: routes, keys, and every error in one form. A leaf."""

from __future__ import annotations

import asyncio
import re
import time
import uuid
from collections.abc import Awaitable, Callable

from aiohttp import web
from aiohttp.typedefs import Middleware

from secarch import console
from secarch.schema import JsonDict
from secarch.serve import access
from secarch.serve import request as wire
from secarch.serve.answer import Answer, ClientGone, ask_of, prompt_of
from secarch.serve.live import Live
from secarch.serve.request import Refused
from secarch.serve.service import Service

OPEN = frozenset({"/healthz", "/readyz", "/health"})
"""Routes without a key: a balancer has none."""
CODINGS = ("identity", "gzip", "deflate")
"""Content-Encodings of a request that are read."""
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


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
    # What vLLM calls it, and load generators look for.
    app.router.add_get("/health", routes.readyz)
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
            if "Allow" in error.headers:
                done.headers["Allow"] = error.headers["Allow"]
        except (ClientGone, ConnectionError):
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
        return _too_large()
    code = {404: "not_found", 405: "method_not_allowed"}.get(error.status, "http_error")
    return Refused(error.reason, status=error.status, code=code)


def _too_large() -> Refused:
    return Refused("the body is too large", status=400, code="body_too_large")


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
        self.service.metrics.token_wait.set(self.service.token_wait)
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
        """From the model to its documents; with `?request=ID` the version that gave an answer.

        Raises Refused (404) for an answer that is not remembered.
        """
        wanted = req.query.get("request")
        if wanted is None:
            self._live()
            facts = await asyncio.shield(self.service.facts) if self.service.facts else {}
            return web.json_response(facts)
        found = self.service.answer(wanted)
        if found is None:
            raise Refused("this answer is not remembered", status=404, code="not_found")
        return web.json_response({"request": wanted, **found})

    async def _body(self, req: web.Request) -> bytes:
        """What was sent, decompressed.

        Raises Refused (400 unreadable, or said to be too large; 408 too slow; 415 coded otherwise).
        """
        if (req.content_length or 0) > self.service.config.max_body_bytes:
            raise _too_large()
        coding = req.headers.get("Content-Encoding", "identity").strip().lower()
        if coding not in CODINGS:
            raise Refused(
                f"the body's coding is {coding[:40]}, not one of {', '.join(CODINGS)}",
                status=415,
                code="unsupported_coding",
            )
        try:
            async with asyncio.timeout(self.service.config.client_s):
                return await req.read()
        except TimeoutError as error:
            self.service.metrics.rejected.labels("slow_client").inc()
            raise Refused("the body did not come in time", status=408, code="timeout") from error
        except web.RequestPayloadError as error:
            raise Refused("the body cannot be decoded", code="invalid_body") from error

    async def chat(self, req: web.Request) -> web.StreamResponse:
        """Answer a conversation."""
        started = time.monotonic()
        body = await self._body(req)
        wanted = wire.read(body)
        live = self.service.live
        if live is not None:
            self._check_name(wanted.model, live)
        async with self.service.place() as live:
            ids = await prompt_of(live, wanted, len(body))
            ask = ask_of(self.service.config, live, wanted, ids)
            answer = Answer(self.service, req, live, wanted, ask, started)
            return await (answer.stream() if wanted.stream else answer.whole())
