"""An engine behind a URL: vLLM, SGLang or llama.cpp, asked with token ids. A leaf.

The prompt is rendered here and sent as ids to `POST /v1/completions`, so that no second template
takes part. Every sampling field is sent, since engines take defaults from the model's folder.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

import aiohttp

from secarch.schema import JsonDict
from secarch.serve.engines.detokenise import StopWords
from secarch.serve.engines.protocol import (
    Ask,
    EngineBusy,
    EngineLost,
    EngineRefused,
    Finish,
    Piece,
)

CONNECT_S = 5.0
KEEP_S = 3.0
"""Seconds that an idle connection is kept: less than the 5 after which vLLM closes its end."""
LONGEST_LINE = 1 << 20
_DONE = "[DONE]"
_VERSIONS = (("/version", "version"), ("/get_server_info", "version"), ("/props", "build_info"))
"""Where vLLM, SGLang and llama.cpp say which program they are."""


class Remote:
    """An OpenAI-compatible engine that takes token ids."""

    def __init__(
        self, url: str, *, model: str, key: str = "", answer_s: float, context: int = 0
    ) -> None:
        base = url.rstrip("/")
        self._base = base if base.endswith("/v1") else f"{base}/v1"
        self._model, self._key, self._answer_s = model, key, answer_s
        self._context = context
        self._version = ""
        self._session: aiohttp.ClientSession | None = None

    @property
    def independent(self) -> bool:
        """False: kernels of several engines round by the size of the batch."""
        return False

    @property
    def context(self) -> int:
        """Tokens that the version was made for."""
        return self._context

    def describe(self) -> JsonDict:
        """Kind, model and version, if it says one; the URL without user and password."""
        return {
            "engine": "url",
            "url": self._base.rsplit("@", 1)[-1],
            "model": self._model,
            "version": self._version,
        }

    async def start(self) -> None:
        """Connect, and see that the model is served. Raises EngineLost, EngineRefused."""
        headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}
        timeout = aiohttp.ClientTimeout(total=self._answer_s, sock_connect=CONNECT_S)
        # As many connections as answers in flight, and none that the engine may have closed.
        connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEP_S)
        self._session = aiohttp.ClientSession(headers=headers, timeout=timeout, connector=connector)
        names = await self._names()
        self._version = await self._program()
        if not self._model and len(names) == 1:
            self._model = names[0]
        if names and self._model not in names:
            raise EngineRefused(
                f"the engine serves {', '.join(names[:5])}, not {self._model}; "
                "start it as `secarch serve REF --print-engine` says, or set serve.engine_model"
            )

    async def _names(self) -> list[str]:
        try:
            async with self._open.get(f"{self._base}/models") as response:
                if response.status != 200:
                    raise EngineRefused(f"HTTP {response.status} from {self._base}/models")
                data = json.loads(await response.text())
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            raise EngineLost(f"no answer from {self._base}: {error}") from error
        listed = data.get("data") if isinstance(data, dict) else None
        return [str(m.get("id")) for m in listed or [] if isinstance(m, dict)]

    async def _program(self) -> str:
        """Version of the engine's program; empty if it does not say."""
        for path, name in _VERSIONS:
            with contextlib.suppress(aiohttp.ClientError, OSError, TimeoutError, ValueError):
                async with (
                    asyncio.timeout(CONNECT_S),
                    self._open.get(f"{self._base.removesuffix('/v1')}{path}") as response,
                ):
                    found = json.loads(await response.text()) if response.status == 200 else None
                    if isinstance(found, dict) and isinstance(found.get(name), str):
                        return str(found[name])[:80]
        return ""

    @property
    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise EngineLost("the engine is not started")
        return self._session

    async def alive(self) -> bool:
        """Whether the engine lists its models within a few seconds."""
        try:
            async with asyncio.timeout(CONNECT_S):
                await self._names()
        except (EngineLost, EngineRefused, TimeoutError):
            return False
        return True

    async def generate(self, ask: Ask) -> AsyncGenerator[Piece, None]:
        """Continue one prompt. Raises EngineLost (no answer, an answer without its end), and
        EngineRefused (it does not take this request).
        """
        stop = StopWords(ask.stop)
        try:
            async with self._open.post(f"{self._base}/completions", json=self._body(ask)) as reply:
                if reply.status != 200:
                    raise _refusal(reply.status, await reply.text())
                async for piece in _pieces(reply, stop):
                    yield piece
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise EngineLost(str(error) or type(error).__name__) from error

    def _body(self, ask: Ask) -> JsonDict:
        body: JsonDict = {
            "model": self._model,
            "prompt": list(ask.ids),
            "max_tokens": ask.max_tokens,
            "temperature": ask.temperature,
            "top_p": ask.top_p,
            "n": 1,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        if ask.seed is not None:
            body["seed"] = ask.seed
        if ask.stop:
            body["stop"] = list(ask.stop)
        if ask.ignore_eos:
            body["ignore_eos"] = True
        return body

    async def stop(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None


def _refusal(status: int, text: str) -> EngineLost | EngineRefused:
    what = f"HTTP {status}: {text[:200]}"
    if status in {429, 503}:
        return EngineBusy(what)
    return EngineLost(what) if status >= 500 or status in {408, 425} else EngineRefused(what)


async def _pieces(reply: aiohttp.ClientResponse, stop: StopWords) -> AsyncIterator[Piece]:
    """Parts of an answer; an answer that ends otherwise than by stop or length was cut."""
    finish: Finish | None = None
    usage: JsonDict = {}
    counted = 0
    async for event in _events(reply):
        usage = event.get("usage") or usage
        for choice in event.get("choices") or ():
            text = str(choice.get("text") or "")
            finish = _finish(choice.get("finish_reason")) or finish
            if text:
                counted += 1
                yield Piece(text=stop.add(text), tokens=1)
    if finish is None:
        raise EngineLost("the engine's answer has no end")
    made, read = (usage.get(name) for name in ("completion_tokens", "prompt_tokens"))
    rest = max(0, made - counted) if isinstance(made, int) else 0
    yield Piece(
        text=stop.add("", last=True),
        tokens=rest,
        finish=finish,
        prompt_tokens=read if isinstance(read, int) else None,
    )


def _finish(reason: Any) -> Finish | None:
    if reason is None:
        return None
    if reason in {"stop", "length"}:
        return "stop" if reason == "stop" else "length"
    raise EngineLost(f"the engine ended the answer with {str(reason)[:40]}")


async def _events(reply: aiohttp.ClientResponse) -> AsyncIterator[JsonDict]:
    """Server-sent events (HTML Living Standard, 9.2) up to `[DONE]`."""
    held = b""
    async for chunk in reply.content.iter_any():
        held += chunk
        if len(held) > LONGEST_LINE:
            raise EngineLost("the engine sends a line without an end")
        *lines, held = held.split(b"\n")
        for line in lines:
            if not line.startswith(b"data:"):
                continue
            text = line[5:].strip().decode("utf-8", "replace")
            if text == _DONE:
                return
            event = _parsed(text)
            if "error" in event:
                raise EngineLost(str(event["error"])[:200])
            yield event
    raise EngineLost("the engine's stream broke off")


def _parsed(text: str) -> JsonDict:
    try:
        value = json.loads(text)
    except ValueError as error:
        raise EngineLost(f"the engine sent no JSON: {text[:80]!r}") from error
    return value if isinstance(value, dict) else {}
