"""An OpenAI-compatible server as the engine; how it is talked to, and distrusted, is
`secarch.models.client`'s.

A refusal of one question is that question's own: its answer is `error` and every metric of it is
unscored.
"""

from __future__ import annotations

from collections.abc import Sequence

from secarch.errors import UsageError
from secarch.evaluate.config import EvalConfig
from secarch.evaluate.engines.protocol import Messages, Reply
from secarch.models.client import Chat
from secarch.models.client import Reply as ChatReply
from secarch.models.prompt import SYSTEM
from secarch.schema import JsonDict, sha256_of

_LOCAL = "name a run or a model folder in place of a server"


class Server:
    """Any server that speaks `POST /chat/completions` (vLLM, llama.cpp, the vendors')."""

    likelihood_refused = "chat servers give no likelihood of a given text"

    def __init__(self, url: str, config: EvalConfig) -> None:
        """Find out the model's name.

        Raises UsageError (a query in the address, several models), MissingInput.
        """
        self._chat = Chat(
            url,
            model=config.served_model,
            concurrency=config.concurrency,
            retries=config.retries,
            timeout_s=config.timeout_s,
            setting="eval.served_model",
        )
        self._known = self._chat.identity()

    @property
    def digest(self) -> str:
        """Of the version that `secarch serve` says it serves; empty for any other server."""
        return self._known.get("digest", "")

    @property
    def fingerprint(self) -> str:
        """Of the weights, if the server says which they are; else of its address and the model's
        name.
        """
        if self.digest:
            return self._known.get("fingerprint") or sha256_of(["version", self.digest])
        return sha256_of(["server", self._chat.name, self._chat.model])

    @property
    def prompt_digest(self) -> str:
        """Of prompt and template as the server says; else of the system prompt alone."""
        if self._known.get("prompt_digest"):
            return self._known["prompt_digest"]
        return sha256_of(["server", SYSTEM])

    def describe(self) -> JsonDict:
        """Engine, model name, which weights answer, and that nothing is promised."""
        return {
            "engine": "openai",
            "model": self._chat.model,
            "weights": self._known.get("version") or "unknown",
            "determinism": "temperature 0 and a fixed seed are asked for; the server promises "
            "nothing",
        }

    def describe_asked(self) -> JsonDict:
        """As `describe`, with what the requests had to leave out, once all are sent.

        It is no part of what answers are kept by: only the first requests find it out.
        """
        without = self._chat.left_out
        facts = self.describe()
        if not without:
            return facts
        fixed = {"temperature": "its temperature is the server's own", "seed": "no seed is set"}
        said = [words for name, words in fixed.items() if name in without]
        loose = "; ".join([*said, "the server promises nothing"])
        return {
            **facts,
            "left_out": without,
            "determinism": loose if said else facts["determinism"],
        }

    def length(self, messages: Messages) -> int:
        """Characters."""
        return sum(len(message["content"]) for message in messages)

    def answers(self, prompts: Sequence[Messages], max_new_tokens: int) -> list[Reply]:
        """Ask one batch, `concurrency` at a time.

        Raises MissingInput where the server fails for good.
        """
        return [_answer(reply) for reply in self._chat.ask_all(prompts, max_new_tokens)]

    def likelihood(self, pairs: Sequence[tuple[Messages, str]]) -> list[float]:
        """Never called: see `likelihood_refused`."""
        del pairs
        raise UsageError(self.likelihood_refused, fix=_LOCAL)

    def options(self, pairs: Sequence[tuple[Messages, str]]) -> list[float]:
        """Never called: see `likelihood_refused`."""
        del pairs
        raise UsageError(self.likelihood_refused, fix=_LOCAL)

    def documents(self, texts: Sequence[str]) -> list[float]:
        """Never called: see `likelihood_refused`."""
        del texts
        raise UsageError(self.likelihood_refused, fix=_LOCAL)


def _answer(reply: ChatReply | None) -> Reply:
    """As the protocol has it; `error` where the server refused the question for good."""
    if reply is None:
        return Reply(text="", tokens=0, finish="error", seconds=0.0)
    return Reply(
        text=reply.text,
        tokens=reply.tokens,
        finish=reply.finish,
        seconds=reply.seconds,
        reasoning=reply.reasoning,
    )
