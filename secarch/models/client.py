"""Talk to an OpenAI-compatible server: bounded concurrency, retries, Retry-After, everything it
says distrusted.

A failure that may pass (no connection, 408, 409, 425, 429, 5xx, half an answer, no JSON) is tried
again; when all tries are used up `MissingInput` ends the run with what it has on disk, since a
server that is down must not be scored. A refusal of one request (another 4xx) is that request's
own: its reply is None. So is JSON that stays without an answer, as behind a filter, and a 500 that
stays while other requests are answered.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeGuard, TypeVar

import aiohttp

from secarch import console
from secarch.errors import InvalidInput, Mismatch, MissingInput, UsageError
from secarch.models.fields import OPTIONAL, refused_field, without
from secarch.models.message import FINISH, read, thought
from secarch.records import Finish
from secarch.retry import backoff, retry_after
from secarch.schema import JsonDict

TEMPORARY = frozenset({408, 409, 425, 429})
"""Statuses that may pass, besides all from 500 on."""
MAX_BYTES = 8 << 20
"""Bytes of a reply that are read."""
REASON = 1000
"""Characters of a refusal that are read; it may name its field late."""
SHOWN = 210
LONGEST_WAIT = 120.0
"""Seconds; a server that asks for more with Retry-After is tried after this."""
FIRST_WAIT = 0.5
OURS = "secarch-"
"""Begins `system_fingerprint` of `secarch serve`; 12 digits of the version's digest follow."""

_VERSION = re.compile(r"/v\d+(?:[a-z]+\d*)?(?:/[a-z]+)?$")
"""Ends an address that names its version, as in /v1 and /v1beta/openai."""

Messages = Sequence[dict[str, str]]
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What the server answered."""

    text: str
    finish: Finish
    tokens: int
    """Generated; 0 where the server does not say."""
    prompt_tokens: int
    """Read; 0 where the server does not say."""
    seconds: float
    reasoning: str = ""
    """What the server gives apart as the model's reasoning (`reasoning_content`, `reasoning`)."""


class _Temporary(Exception):
    """Worth another try, after `wait` seconds where the server said so."""

    def __init__(self, why: str, wait: float | None = None) -> None:
        super().__init__(why)
        self.wait = wait


class _Shapeless(_Temporary):
    """A reply in JSON that holds no answer."""


class _Broken(_Temporary):
    """HTTP 500: the server fails, or it fails at this request."""


class _Refused(Exception):
    """The server understood and will not answer this one request."""


class Chat:
    """Any server that speaks `POST /chat/completions` (vLLM, llama.cpp, the vendors'); the key is
    OPENAI_API_KEY.
    """

    def __init__(
        self,
        url: str,
        *,
        model: str,
        concurrency: int,
        retries: int,
        timeout_s: float,
        setting: str,
    ) -> None:
        """Find out the model's name if it is empty; `setting` is the one that would name it.

        Raises UsageError (a query in the address, several models) and MissingInput (no answer).
        """
        if "?" in url or "#" in url:
            raise UsageError(
                "the address of a server has no query or fragment",
                where=url.split("?", 1)[0],
                fix="write it as http://HOST:PORT/v1",
            )
        base = url.rstrip("/").removesuffix("/chat/completions")
        whole = base != url.rstrip("/") or _VERSION.search(base)
        self._base = base if whole else f"{base}/v1"
        self.name = self._base.rsplit("@", 1)[-1]
        """The address without user and password."""
        self._takes_schema = True
        self._left_out: set[str] = set()
        self._answered = 0
        self.refusal = ""
        """What the server said when it last refused a request; '' if it refused none."""
        self._concurrency, self._retries, self._timeout, self._setting = (
            concurrency,
            retries,
            timeout_s,
            setting,
        )
        self.model = model or asyncio.run(self._only_model())
        self._fingerprint = ""

    @property
    def left_out(self) -> list[str]:
        """The fields, and the system role, that the server refused and is asked without."""
        return sorted(self._left_out)

    def identity(self) -> dict[str, str]:
        """What a server of ours says of its version at /v1/models; empty for any other server.

        From then on each reply has to come from that version.
        """
        found = asyncio.run(self._identity())
        if digest := found.get("digest"):
            self._fingerprint = f"{OURS}{digest[:12]}"
        return found

    async def _identity(self) -> dict[str, str]:
        async with self._session() as session:
            try:
                data = await self._json(session, "GET", f"{self._base}/models", None)
            except (_Temporary, _Refused, InvalidInput, aiohttp.ClientError, OSError, TimeoutError):
                return {}
        listed = data.get("data") if isinstance(data, dict) else None
        rows = [row for row in listed or [] if isinstance(row, dict)]
        ours = next((row.get("secarch") for row in rows if row.get("id") == self.model), None)
        found = ours or (rows[0].get("secarch") if len(rows) == 1 else None)
        return {k: v for k, v in found.items() if isinstance(v, str)} if _is_table(found) else {}

    def ask_all(
        self,
        prompts: Sequence[Messages],
        max_tokens: int,
        keep: Callable[[int, Reply], None] = lambda _n, _reply: None,
        schema: JsonDict | None = None,
    ) -> list[Reply | None]:
        """The reply to each, greedy and seeded; None where the server refuses one.

        With `schema` the reply is asked for as JSON of that form; a server that refuses that is
        asked without.

        `keep` is called with each reply as it arrives, so that none is lost where a later request
        fails. Raises MissingInput (the server fails for good) and InvalidInput (it refuses us).
        """
        form: JsonDict = {}
        if schema is not None and self._takes_schema:
            form = {
                "response_format": {
                    "type": "json_schema",
                    "json_schema": {"name": "reply", "schema": schema},
                }
            }
        replies = asyncio.run(self._batch(prompts, {"max_tokens": max_tokens, **form}, keep))
        left = [n for n, reply in enumerate(replies) if reply is None] if form else []
        if left:
            self._takes_schema = len(left) < len(replies)
            again = [prompts[n] for n in left]
            found = asyncio.run(
                self._batch(
                    again, {"max_tokens": max_tokens}, lambda n, reply: keep(left[n], reply)
                )
            )
            for n, reply in zip(left, found, strict=True):
                replies[n] = reply
        return replies

    # -- inside

    def _session(self) -> aiohttp.ClientSession:
        headers = {"Accept": "application/json"}
        if key := os.environ.get("OPENAI_API_KEY"):
            headers["Authorization"] = f"Bearer {key}"
        timeout = aiohttp.ClientTimeout(total=self._timeout)
        return aiohttp.ClientSession(headers=headers, timeout=timeout, trust_env=True)

    async def _only_model(self) -> str:
        async with self._session() as session:
            try:
                data = await self._tried(
                    lambda: self._json(session, "GET", f"{self._base}/models", None)
                )
            except _Refused as error:
                raise InvalidInput(
                    "the server does not list its models",
                    where=self.name,
                    why=error,
                    fix="name the model, or look at the server's log",
                ) from error
        listed = data.get("data") if isinstance(data, dict) else None
        names = [
            m["id"] for m in listed or [] if isinstance(m, dict) and isinstance(m.get("id"), str)
        ]
        if len(names) != 1:
            shown = ", ".join(names[:10]) or "none"
            raise UsageError(
                "which of the server's models is meant?",
                why=f"it lists: {shown}",
                fix=f"set {self._setting}",
            )
        return str(names[0])

    async def _batch(
        self, prompts: Sequence[Messages], form: JsonDict, keep: Callable[[int, Reply], None]
    ) -> list[Reply | None]:
        gate = asyncio.Semaphore(self._concurrency)
        async with self._session() as session:

            async def one(n: int, messages: Messages) -> Reply | None:
                async with gate:
                    reply = await self._answer(session, messages, form)
                if reply is not None:
                    self._answered += 1
                    keep(n, reply)
                return reply

            tasks = [asyncio.ensure_future(one(n, messages)) for n, messages in enumerate(prompts)]
            try:
                return list(await asyncio.gather(*tasks))
            finally:
                for task in tasks:
                    task.cancel()

    async def _answer(
        self, session: aiohttp.ClientSession, messages: Messages, form: JsonDict
    ) -> Reply | None:
        body = {
            "model": self.model,
            "messages": list(messages),
            "temperature": 0,
            "seed": 0,
            "stream": False,
            **form,
        }
        started = time.monotonic()

        for _ in range(len(OPTIONAL) + 2):
            sent = without(body, self._left_out)

            async def ask(sent: JsonDict = sent) -> Reply:
                data = await self._json(session, "POST", f"{self._base}/chat/completions", sent)
                self._check(data)
                return _reply(data, time.monotonic() - started)

            try:
                return await self._tried(ask)
            except _Refused as error:
                self.refusal = str(error)[:SHOWN]
                if not (field := refused_field(str(error), sent)):
                    break
                self._left_out.add(field)
                console.log().warning("field_left_out", field=field, why=self.refusal)
        console.log().warning("request_refused", why=self.refusal)
        return None

    def _check(self, data: Any) -> None:
        """Raises Mismatch if another version answers now than the one that was met first."""
        now = data.get("system_fingerprint") if isinstance(data, dict) else None
        if self._fingerprint and now != self._fingerprint:
            raise Mismatch(
                "another model answers now",
                where=self.name,
                why=f"it was {self._fingerprint} at first and is {str(now)[:40]} now",
                fix="run the same command again: it begins with what is served now",
            )

    async def _tried(self, ask: Callable[[], Awaitable[T]]) -> T:
        answered = self._answered
        for left in range(self._retries, -1, -1):
            try:
                return await ask()
            except (_Temporary, aiohttp.ClientError, TimeoutError) as error:
                why = str(error) or type(error).__name__
                others = self._answered > answered and isinstance(error, _Broken)
                if not left and (others or isinstance(error, _Shapeless)):
                    raise _Refused(why) from error
                if not left:
                    raise MissingInput(
                        "the server gives no answers",
                        where=self.name,
                        why=why,
                        fix="look at the server, then run the same command with --resume",
                    ) from error
                asked = error.wait if isinstance(error, _Temporary) else None
                console.log().warning("server_retry", why=why[:200], tries_left=left)
                wait = backoff(self._retries - left, FIRST_WAIT) if asked is None else asked
                await asyncio.sleep(min(LONGEST_WAIT, wait))
        raise AssertionError("the last try returns or raises")

    async def _json(
        self, session: aiohttp.ClientSession, method: str, url: str, body: JsonDict | None
    ) -> Any:
        try:
            async with session.request(method, url, json=body, allow_redirects=False) as response:
                text = await _limited(response)
                if response.status >= 500 and body and refused_field(text[:REASON], body):
                    raise _Refused(f"HTTP {response.status}: {text[:REASON]}")
                if response.status in TEMPORARY or response.status >= 500:
                    failure = _Broken if response.status == 500 else _Temporary
                    raise failure(
                        f"HTTP {response.status}", retry_after(response.headers.get("Retry-After"))
                    )
                if response.status in {401, 403, 404} or 300 <= response.status < 400:
                    raise InvalidInput(
                        f"the server refuses with HTTP {response.status}",
                        where=url.rsplit("@", maxsplit=1)[-1],
                        fix=f"check the address, {self._setting} and OPENAI_API_KEY",
                    )
                if response.status != 200:
                    raise _Refused(f"HTTP {response.status}: {text[:REASON]}")
        except aiohttp.InvalidURL as error:
            raise UsageError(
                "this is no address of a server",
                where=str(error),
                fix="write it as http://HOST:PORT/v1",
            ) from error
        try:
            return json.loads(text)
        except ValueError as error:
            raise _Temporary(f"no JSON: {text[:80]!r}") from error


def _is_table(value: Any) -> TypeGuard[dict[str, Any]]:
    return isinstance(value, dict)


async def _limited(response: aiohttp.ClientResponse) -> str:
    data = bytearray()
    async for chunk in response.content.iter_chunked(65_536):
        data += chunk
        if len(data) > MAX_BYTES:
            raise InvalidInput(
                "the server's reply does not end",
                why=f"more than {MAX_BYTES} bytes",
                fix="ask for fewer tokens, or look at the server's log",
            )
    return data.decode("utf-8-sig", "replace")


def _reply(data: Any, seconds: float) -> Reply:
    try:
        choice = data["choices"][0]
        message = read(choice["message"])
        finish = FINISH.get(str(choice.get("finish_reason")).lower(), "unknown")
        usage = data.get("usage") or {}
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise _Shapeless("the reply has no choices[0].message with a text") from error
    if message.refused:
        finish = "refusal"
    elif not message.text.strip() and finish in {"stop", "length"}:
        spent = message.reasoning or finish == "length" or thought(usage)
        finish = "truncated_reasoning" if spent else "no_content" if message.empty else finish
    made, prompted = (
        int(n) if isinstance(usage, dict) and isinstance(n := usage.get(name), int) else 0
        for name in ("completion_tokens", "prompt_tokens")
    )
    return Reply(
        text=_writable(message.text).strip(),
        finish=finish,
        tokens=made,
        prompt_tokens=prompted,
        seconds=seconds,
        reasoning=_writable(message.reasoning).strip(),
    )


def _writable(text: str) -> str:
    """JSON may hold half a surrogate pair, a file may not."""
    return text.encode("utf-8", "replace").decode()
