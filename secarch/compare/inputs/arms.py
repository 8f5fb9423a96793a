"""The two evaluations of a comparison, made on one loaded model where the tuned one is an adapter
of it.

Finished evaluations are re-used without loading anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from secarch.artifact import MANIFEST, read_manifest
from secarch.compare.inputs.pairs import Arm, read
from secarch.evaluate.config import EvalConfig
from secarch.evaluate.engines.target import check_there, is_server, named
from secarch.evaluate.stage import run as evaluate
from secarch.models.bases import base_of
from secarch.models.chat_template import Chat
from secarch.models.weights import adapter_folder, fingerprint, resolve
from secarch.schema import JsonDict
from secarch.session import Session

if TYPE_CHECKING:
    from secarch.evaluate.engines.protocol import Engine, Messages, Reply


class Shared:
    """Base and tuned model on one set of weights, loaded when the first of them is asked."""

    likelihood_refused = ""

    def __init__(self, base: str, adapter: Path, config: EvalConfig) -> None:
        self.base = base
        self.adapter = adapter
        self.config = config

    @cached_property
    def engines(self) -> tuple[Engine, Engine]:
        """The engines with the adapter off and on."""
        from secarch.evaluate.engines.local import pair

        return pair(self.base, self.adapter, self.config.quantization)

    @cached_property
    def prompt_digest(self) -> str:
        """Read from the tokenizer files alone."""
        return Chat.load(resolve(self.base), self.adapter).digest


class Half:
    """One of the two, as an engine that is identified without being loaded."""

    likelihood_refused = ""

    def __init__(self, shared: Shared, *, tuned: bool) -> None:
        self._shared = shared
        self._tuned = tuned

    @property
    def _engine(self) -> Engine:
        return self._shared.engines[self._tuned]

    @cached_property
    def fingerprint(self) -> str:
        """From the files' bytes."""
        adapter = adapter_folder(self._shared.adapter) if self._tuned else None
        return fingerprint(resolve(self._shared.base), adapter)

    @property
    def prompt_digest(self) -> str:
        """The same for both: the prompt is the base's."""
        return self._shared.prompt_digest

    def describe(self) -> JsonDict:
        """What the loaded engine says of itself."""
        return self._engine.describe()

    def length(self, messages: Messages) -> int:
        """Tokens of the prompt."""
        return self._engine.length(messages)

    def answers(self, prompts: Sequence[Messages], max_new_tokens: int) -> list[Reply]:
        """Generate one batch."""
        return self._engine.answers(prompts, max_new_tokens)

    def likelihood(self, pairs: Sequence[tuple[Messages, str]]) -> list[float]:
        """Nats of each text after its prompt."""
        return self._engine.likelihood(pairs)

    def options(self, pairs: Sequence[tuple[Messages, str]]) -> list[float]:
        """Nats of each option after its prompt."""
        return self._engine.options(pairs)

    def documents(self, texts: Sequence[str]) -> list[float]:
        """Nats of each whole text."""
        return self._engine.documents(texts)


def arms_of(
    config: EvalConfig,
    session: Session,
    *,
    base: str,
    tuned: Path | str,
    fresh_base: bool = True,
    twice: bool = False,
) -> tuple[Arm, Arm]:
    """Evaluate base and tuned model, each sealed as an evaluation of its own, and read both.

    `tuned` is a run or an adapter, put on the loaded base, or a merged model such as an export,
    which is loaded after the base, both as their files hold them; it may be the name of a run or
    export of the workspace. Each may be the http(s) address of a server. Raises what `evaluate`
    raises.
    `fresh_base` false keeps a finished evaluation of the base even where the session is to start
    anew; `twice` asks the base all questions again, as its `again`.
    """
    engines: tuple[Half, Half] | tuple[None, None] = (None, None)
    given = str(tuned)
    tuned = tuned if is_server(tuned) else named(given, session.workspace)
    if isinstance(tuned, Path):
        check_there(tuned, session.workspace, given)
    merged = not is_server(tuned) and _is_merged(Path(tuned))
    if merged:
        # It is asked in its own numbers, so the base is asked in its own too.
        config = config.replace(quantization="none")
    if not (is_server(base) or is_server(tuned) or merged):
        base = str(base_of(Path(tuned), base))
        shared = Shared(base, Path(tuned), config)
        engines = Half(shared, tuned=False), Half(shared, tuned=True)
    kept = replace(session, fresh=session.fresh and fresh_base)

    def asked(repeat: int) -> Arm:
        model = base if is_server(base) else "base"
        done = evaluate(
            config.replace(repeat=repeat), kept, model=model, base=base, engine=engines[0]
        )
        return read(Path(str(done.artifact)))

    first = asked(config.repeat)
    # Beside the first and not after the tuned one, so that a server is asked both in the same
    # state.
    again = asked(config.repeat + 1) if twice else None
    second = evaluate(config, session, model=str(tuned), base=base, engine=engines[1])
    return replace(first, again=again), read(Path(str(second.artifact)))


def _is_merged(folder: Path) -> bool:
    """Whether a folder is a whole model, such as an export, and neither a run nor an adapter."""
    if (folder / MANIFEST).is_file():
        return read_manifest(folder).kind == "export"
    own = ("adapter_config.json", "adapter/adapter_config.json")
    return (folder / "config.json").is_file() and not any((folder / name).is_file() for name in own)
