"""An engine of the kind that `serve --engine URL` asks: /v1/completions with token ids.

It runs the embedded engine, so a real model answers. `faults` makes it misbehave as engines do.
"""

from __future__ import annotations

import asyncio
import json
import threading
from pathlib import Path
from typing import Any, Self

from aiohttp import web

from secarch.serve.engines.embedded import Embedded, Weights
from secarch.serve.engines.protocol import Ask


class CompletionsServer:
    """Start with `with`; `url` is its address."""

    def __init__(self, folder: Path, name: str, port: int = 0, **faults: Any) -> None:
        self.engine = Embedded(Weights(base=folder))
        self.name, self.faults = name, faults
        self.url, self._port = "", port
        self.bodies: list[dict[str, Any]] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._open(), self._loop).result(120)
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Go away, as an engine that dies."""
        if self._thread.is_alive():
            asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(30)
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()

    async def _open(self) -> None:
        await self.engine.start()
        app = web.Application()
        app.router.add_get("/v1/models", self._models)
        app.router.add_get("/version", self._version)
        app.router.add_post("/v1/completions", self._completions)
        self.runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self.runner.setup()
        await web.TCPSite(self.runner, "127.0.0.1", self._port, reuse_address=True).start()
        self.url = f"http://127.0.0.1:{self.runner.addresses[0][1]}"

    async def _end(self) -> None:
        await self.runner.cleanup()
        await self.engine.stop()

    async def _models(self, _request: web.Request) -> web.Response:
        return web.json_response({"object": "list", "data": [{"id": self.name}]})

    async def _version(self, _request: web.Request) -> web.Response:
        return web.json_response({"version": "0.99.1"})

    async def _completions(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.bodies.append(body)
        if self.faults.get("text_only"):
            return web.json_response({"error": "prompt must be a string"}, status=400)
        if self.faults.get("busy"):
            return web.json_response({"error": "too many requests"}, status=429)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        made = 0
        asked = Ask(
            ids=body["prompt"],
            max_tokens=body["max_tokens"],
            temperature=body["temperature"],
            top_p=body["top_p"],
            seed=body.get("seed"),
            stop=tuple(body.get("stop") or ()),
            ignore_eos=body.get("ignore_eos", False),
        )
        async for piece in self.engine.generate(asked):
            made += piece.tokens
            if made > self.faults.get("cut_after", 1 << 30):
                return await self._cut(response)
            choice = {"index": 0, "text": piece.text, "finish_reason": piece.finish}
            await self._send(response, {"choices": [choice]})
        read = len(body["prompt"]) + self.faults.get("extra_prompt_tokens", 0)
        usage = {"prompt_tokens": read, "completion_tokens": made}
        await self._send(response, {"choices": [], "usage": usage})
        await response.write(b"data: [DONE]\n\n")
        return response

    async def _cut(self, response: web.StreamResponse) -> web.StreamResponse:
        if finish := self.faults.get("finish"):
            choice = {"index": 0, "text": "", "finish_reason": finish}
            await self._send(response, {"choices": [choice]})
            await response.write(b"data: [DONE]\n\n")
        return response

    async def _send(self, response: web.StreamResponse, data: dict[str, Any]) -> None:
        await response.write(f"data: {json.dumps(data)}\n\n".encode())
