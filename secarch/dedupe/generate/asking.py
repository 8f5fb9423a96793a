"""One step of asking: from the cache or the server, and once more if unreadable."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

from secarch.dedupe.generate import prompts
from secarch.dedupe.generate.cache import Cache
from secarch.schema import sha256_of

if TYPE_CHECKING:
    from secarch.dedupe.config import GenerateConfig
    from secarch.models.client import Chat, Messages, Reply

Parsed = TypeVar("Parsed")
PROPOSER, JUDGE = "proposer", "judge"
JUDGE_TOKENS = 1024
"""Tokens of a judgement: a model that reasons first needs room before its digit."""


class Runner:
    """Asks both models, keeps replies, counts what it took."""

    def __init__(self, config: GenerateConfig, cache: Cache) -> None:
        self._config, self._cache = config, cache
        self.meter: Counter[str] = Counter()
        self.refusal = ""
        """What a server said when it refused a request; '' if it refused none."""
        self._chats: dict[str, Chat] = {}

    @property
    def judged(self) -> bool:
        """True if another model than the proposer judges, or the proposer may judge itself."""
        config = self._config
        named = bool(config.judge_url or config.judge_model)
        return config.self_judge or (named and self._named(JUDGE) != self._named(PROPOSER))

    @property
    def is_spent(self) -> bool:
        """True if the budget of tokens or money is used up; cached replies count, so that a run
        that was cut off draws the same spans.
        """
        config, meter = self._config, self.meter
        spent = meter["prompt_tokens"] + meter["completion_tokens"]
        price = price_of(meter, config)
        return spent >= config.max_tokens or bool(config.max_price and price >= config.max_price)

    def ask(
        self,
        step: str,
        asked: Sequence[Messages],
        parse: Callable[[str], Parsed | None],
        *,
        role: str = PROPOSER,
    ) -> list[Parsed | None]:
        """The parsed reply to each; None if the server refused it or it could not be read twice.

        A reply that cannot be read is forgotten and asked for once more, with a word on the form.
        """
        said = self._replies(step, asked, role)
        found = [parse(text) if text is not None else None for text in said]
        again = [n for n, one in enumerate(found) if one is None and said[n] is not None]
        if again:
            more = [prompts.with_note(asked[n], prompts.AGAIN) for n in again]
            for n, text in zip(again, self._replies(step, more, role), strict=True):
                found[n] = parse(text) if text is not None else None
                self.meter["asked_again"] += 1
            unread = [n for n in again if found[n] is None]
            self.meter["malformed"] += len(unread)
            self._forget(step, [asked[n] for n in unread], role)
            self._forget(step, [more[again.index(n)] for n in unread], role)
        self.meter["refused"] += sum(text is None for text in said)
        return found

    def _limit(self, role: str) -> int:
        return JUDGE_TOKENS if role == JUDGE else self._config.max_new_tokens

    def _key(self, step: str, messages: Messages, role: str) -> str:
        asked = [prompts.VERSION, step, *self._named(role), list(messages), self._limit(role)]
        return sha256_of(asked)

    def _forget(self, step: str, asked: Sequence[Messages], role: str) -> None:
        for messages in asked:
            self._cache.drop(self._key(step, messages, role))

    def _replies(self, step: str, asked: Sequence[Messages], role: str) -> list[str | None]:
        """The reply to each, from the cache if it is there; None where the server refused."""
        if not asked:
            return []
        keys = [self._key(step, messages, role) for messages in asked]
        found = {key: hit for key in keys if (hit := self._cache.get(key))}
        missing = [
            (key, messages)
            for key, messages in dict(zip(keys, asked, strict=True)).items()
            if key not in found
        ]

        def keep(n: int, reply: Reply) -> None:
            self._cache.put(missing[n][0], reply)
            found[missing[n][0]] = (reply.text, reply.prompt_tokens, reply.tokens)

        if missing:
            chat = self._chat(role)
            wanted = [messages for _, messages in missing]
            chat.ask_all(wanted, self._limit(role), keep, prompts.SCHEMAS.get(step))
            self.refusal = chat.refusal or self.refusal
        self._count(step, keys, found, len(missing))
        return [found[key][0] if key in found else None for key in keys]

    def _count(
        self, step: str, keys: Sequence[str], found: dict[str, tuple[str, int, int]], missing: int
    ) -> None:
        self.meter["requests"] += missing
        self.meter[f"asked_{step}"] += len(keys)
        self.meter["cached"] += len(keys) - missing
        for _, read, made in (found[key] for key in keys if key in found):
            self.meter["prompt_tokens"] += read
            self.meter["completion_tokens"] += made

    def _named(self, role: str) -> tuple[str, str]:
        config = self._config
        if role == JUDGE:
            return config.judge_url or config.url, config.judge_model or config.model
        return config.url, config.model

    def _chat(self, role: str) -> Chat:
        from secarch.models.client import Chat

        if role not in self._chats:
            url, model = self._named(role)
            config = self._config
            self._chats[role] = Chat(
                url,
                model=model,
                concurrency=config.concurrency,
                retries=config.retries,
                timeout_s=config.timeout_s,
                setting="dedupe.generate.model",
            )
        return self._chats[role]


def price_of(meter: Counter[str], config: GenerateConfig) -> float:
    """What the tokens cost at the given prices per million."""
    read = meter["prompt_tokens"] * config.price_read
    return (read + meter["completion_tokens"] * config.price_made) / 1e6
