"""An OpenAI-compatible server as the engine: bounded concurrency, retries, Retry-After, everything it says distrusted.

A failure that may pass (no connection, 408, 409, 425, 429, 5xx, half an answer, no JSON) is tried again; when all
tries are used up the run stops with what it has on disk, since a server that is down must not be scored. A refusal of
one question (another 4xx) is that question's own: its answer is `error` and every metric of it is unscored.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Sequence
from typing import Any

import aiohttp

from secarch import console
from secarch.errors import InvalidInput, MissingInput, UsageError
from secarch.evaluate.config import EvalConfig
from secarch.evaluate.protocol import Finish, Messages, Reply
from secarch.prompt import SYSTEM
from secarch.schema import JsonDict, sha256_of

TEMPORARY = frozenset({408, 409, 425, 429})
"""Statuses that may pass, besides all from 500 on."""
MAX_BYTES = 8 << 20
"""Bytes of a reply that are read."""
LONGEST_WAIT = 120.0
"""Seconds; a server that asks for more with Retry-After is tried after this."""
FIRST_WAIT = 0.5


class _Temporary(Exception):
    """Worth another try, after `wait` seconds where the server said so."""

    def __init__(self, why: str, wait: float | None = None) -> None:
        super().__init__(why)
        self.wait = wait


class _Refused(Exception):
    """The server understood and will not answer this one question."""


class Server:
    """Any server that speaks `POST /chat/completions` (vLLM, llama.cpp, the vendors')."""

    likelihood_refused = "chat servers give no likelihood of a given text"

    def __init__(self, url: str, config: EvalConfig) -> None:
        """Find out the model's name. Raises UsageError (a query in the address, several models), MissingInput."""
        if "?" in url or "#" in url:
            raise UsageError("the address of a server has no query or fragment", where=url.split("?", 1)[0])
        base = url.rstrip("/").removesuffix("/chat/completions")
        self._base = base if base.endswith("/v1") else f"{base}/v1"
        self._name = self._base.rsplit("@", 1)[-1]
        self._config = config
        self._model = config.served_model or asyncio.run(self._only_model())

    @property
    def fingerprint(self) -> str:
        """Of the address and the model's name: a server does not show its weights."""
        return sha256_of(["server", self._name, self._model])

    @property
    def prompt_digest(self) -> str:
        """Of the system prompt; the template is the server's."""
        return sha256_of(["server", SYSTEM])

    def describe(self) -> JsonDict:
        """Engine, model name, and that nothing is promised."""
        return {
            "engine": "openai", "model": self._model,
            "determinism": "temperature 0 and a fixed seed are asked for; the server promises nothing",
        }  # fmt: skip

    def length(self, messages: Messages) -> int:
        """Characters."""
        return sum(len(message["content"]) for message in messages)

    def answers(self, prompts: Sequence[Messages], max_new_tokens: int) -> list[Reply]:
        """Ask one batch, `concurrency` at a time. Raises MissingInput where the server fails for good."""
        return asyncio.run(self._batch(prompts, max_new_tokens))

    def likelihood(self, pairs: Sequence[tuple[Messages, str]]) -> list[float]:
        """Never called: see `likelihood_refused`."""
        del pairs
        raise UsageError(self.likelihood_refused)

    def options(self, pairs: Sequence[tuple[Messages, str]]) -> list[float]:
        """Never called: see `likelihood_refused`."""
        del pairs
        raise UsageError(self.likelihood_refused)

    def documents(self, texts: Sequence[str]) -> list[float]:
        """Never called: see `likelihood_refused`."""
        del texts
        raise UsageError(self.likelihood_refused)

    # -- inside

    def _session(self) -> aiohttp.ClientSession:
        headers = {"Accept": "application/json"}
        if key := os.environ.get("OPENAI_API_KEY"):
            headers["Authorization"] = f"Bearer {key}"
        timeout = aiohttp.ClientTimeout(total=self._config.timeout_s)
        return aiohttp.ClientSession(headers=headers, timeout=timeout, trust_env=True)

    async def _only_model(self) -> str:
        async with self._session() as session:
            try:
                data = await self._tried(lambda: self._json(session, "GET", f"{self._base}/models", None))
            except _Refused as error:
                raise InvalidInput("the server does not list its models", where=self._name, why=error) from error
        listed = data.get("data") if isinstance(data, dict) else None
        names = [m["id"] for m in listed or [] if isinstance(m, dict) and isinstance(m.get("id"), str)]
        if len(names) != 1:
            shown = ", ".join(names[:10]) or "none"
            raise UsageError(
                "which of the server's models is meant?", why=f"it lists: {shown}", fix="set eval.served_model"
            )
        return str(names[0])

    async def _batch(self, prompts: Sequence[Messages], max_new_tokens: int) -> list[Reply]:
        gate = asyncio.Semaphore(self._config.concurrency)
        async with self._session() as session:

            async def one(messages: Messages) -> Reply:
                async with gate:
                    return await self._answer(session, messages, max_new_tokens)

            tasks = [asyncio.ensure_future(one(messages)) for messages in prompts]
            try:
                return list(await asyncio.gather(*tasks))
            finally:
                for task in tasks:
                    task.cancel()

    async def _answer(self, session: aiohttp.ClientSession, messages: Messages, max_new_tokens: int) -> Reply:
        body = {
            "model": self._model, "messages": messages, "temperature": 0, "seed": 0, "max_tokens": max_new_tokens,
            "stream": False,
        }  # fmt: skip
        started = time.monotonic()

        async def ask() -> Reply:
            data = await self._json(session, "POST", f"{self._base}/chat/completions", body)
            return _reply(data, time.monotonic() - started)

        try:
            reply: Reply = await self._tried(ask)
        except _Refused as error:
            console.log().warning("question_refused", why=str(error))
            return Reply(text="", tokens=0, finish="error", seconds=time.monotonic() - started)
        return reply

    async def _tried(self, ask: Any) -> Any:
        wait = FIRST_WAIT
        for left in range(self._config.retries, -1, -1):
            try:
                return await ask()
            except (_Temporary, aiohttp.ClientError, TimeoutError) as error:
                why = str(error) or type(error).__name__
                if not left:
                    raise MissingInput(
                        "the server gives no answers", where=self._name, why=why,
                        fix="look at the server, then run the same command with --resume",
                    ) from error  # fmt: skip
                asked = error.wait if isinstance(error, _Temporary) else None
                console.log().warning("server_retry", why=why[:200], tries_left=left)
                await asyncio.sleep(min(LONGEST_WAIT, wait if asked is None else asked))
                wait *= 2
        raise AssertionError("the last try returns or raises")

    async def _json(self, session: aiohttp.ClientSession, method: str, url: str, body: JsonDict | None) -> Any:
        try:
            async with session.request(method, url, json=body, allow_redirects=False) as response:
                text = await _limited(response)
                if response.status in TEMPORARY or response.status >= 500:
                    raise _Temporary(f"HTTP {response.status}", _retry_after(response.headers.get("Retry-After")))
                if response.status in {401, 403, 404} or 300 <= response.status < 400:
                    raise InvalidInput(
                        f"the server refuses with HTTP {response.status}", where=url.rsplit("@", maxsplit=1)[-1],
                        fix="check the address, eval.served_model and OPENAI_API_KEY",
                    )  # fmt: skip
                if response.status != 200:
                    raise _Refused(f"HTTP {response.status}: {text[:200]}")
        except aiohttp.InvalidURL as error:
            raise UsageError("this is no address of a server", where=str(error)) from error
        try:
            return json.loads(text)
        except ValueError as error:
            raise _Temporary(f"no JSON: {text[:80]!r}") from error


async def _limited(response: aiohttp.ClientResponse) -> str:
    data = bytearray()
    async for chunk in response.content.iter_chunked(65_536):
        data += chunk
        if len(data) > MAX_BYTES:
            raise InvalidInput("the server's reply does not end", why=f"more than {MAX_BYTES} bytes")
    return data.decode("utf-8", "replace")


def _retry_after(header: str | None) -> float | None:
    """Seconds (RFC 9110, section 10.2.3); its date form is read as unknown."""
    try:
        return max(0.0, float(header)) if header else None
    except ValueError:
        return None


def _reply(data: Any, seconds: float) -> Reply:
    try:
        choice = data["choices"][0]
        text = choice["message"]["content"]
        finish: Finish = "length" if choice.get("finish_reason") == "length" else "stop"
        usage = data.get("usage") or {}
        tokens = usage.get("completion_tokens") if isinstance(usage, dict) else 0
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise _Temporary("the reply has no choices[0].message.content") from error
    if text is None:
        text = ""
    if not isinstance(text, str):
        raise _Temporary("the reply's content is no text")
    text = text.encode("utf-8", "replace").decode()  # JSON may hold half a surrogate pair, a file may not
    return Reply(text=text.strip(), tokens=tokens if isinstance(tokens, int) else 0, finish=finish, seconds=seconds)
