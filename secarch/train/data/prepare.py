"""Before the first step: open, tokenise and check everything, without torch and without touching
anything.
"""

from __future__ import annotations

import contextlib
import importlib.util
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from secarch.artifact import make_key
from secarch.errors import InvalidInput, MissingExtra, PrerequisiteError, UsageError
from secarch.models import loadable, weights
from secarch.models.chat_template import RESERVED, Chat
from secarch.models.template import ADVICE
from secarch.schema import JsonDict, sha256_of
from secarch.session import Session, processes
from secarch.train import forgetting, trackers
from secarch.train.config import TrainConfig
from secarch.train.data import mix, pairs, preflight, rows
from secarch.train.estimate import cost, price
from secarch.train.estimate.memory import Memory, widths
from secarch.train.forgetting import Guard


@dataclass(frozen=True, slots=True)
class Prepared:
    """A run that passed every check and has not begun."""

    config: TrainConfig
    dataset: rows.Dataset
    base: Path
    base_name: str
    fingerprint: str
    chat: Chat
    train: rows.Rows
    validation: rows.Rows
    checked: dict[str, int]
    plan: cost.Plan
    gpu: price.Device | None
    """The GPU that the plan is for; None if there is none."""
    estimate: price.Cost

    @property
    def recorded(self) -> JsonDict:
        """The manifest's config: what decides the result, and no path of this machine."""
        own = self.config.identity()
        for name in ("base", "revision", "name"):
            own.pop(name)
        base = {"name": self.base_name, "fingerprint": self.fingerprint}
        return {
            **own,
            "base": base,
            "system": self.chat.system,
            "prompt": self.chat.digest,
            "dataset": self.dataset.digest,
            "seed": self.seed,
            **({"mix": list(self.taken)} if self.taken else {}),
            **({"guards": [guard.recorded for guard in self.guards]} if self.guards else {}),
        }

    @property
    def place(self) -> JsonDict:
        """Which base it is and where it was found: recorded beside the manifest."""
        return {
            "name": self.base_name,
            "path": str(self.base.resolve()),
            "fingerprint": self.fingerprint,
            "revision": self.config.revision,
        }

    seed: int = 0
    taken: Sequence[JsonDict] = ()
    """What was mixed in: digest, rows and repeat of each part."""
    guards: Sequence[Guard] = ()
    """What shows what the run forgets."""

    @property
    def key(self) -> str:
        """Names this run's content before it exists."""
        return make_key(list(self.dataset.parents), sha256_of(self.recorded))


def prepare(config: TrainConfig, session: Session, dataset: Path | None) -> Prepared:
    """Open, tokenise and check all, without torch. Raises what the checks raise, MissingExtra."""
    trackers.check(config.trackers)
    if config.liger and importlib.util.find_spec("liger_kernel") is None:
        raise MissingExtra("train.liger", "liger")
    _check_processes(config)
    prefers = config.objective == "dpo"
    data = (pairs if prefers else rows).open_dataset(dataset, session)
    preflight.check_splits(data)
    data, taken = mix.mixed(data, config.mix, session)
    base = weights.resolve(config.base, config.revision)
    _check_base(config, base)
    _check_targets(config, base)
    _check_attention(config, base)
    chat = _chat(config, base)
    limits: dict[str, Any] = {"max_length": config.max_length, "over_length": config.over_length}
    tokenise = pairs.tokenise if prefers else rows.tokenise
    guards = forgetting.opened(config, chat)
    train = tokenise(data.train, chat, **limits)
    held_out = sorted(data.validation, key=lambda row: str(row.get("id", "")))[
        : config.max_eval_rows
    ]
    validation = tokenise(held_out, chat, **limits)
    if not train.rows:
        raise InvalidInput(
            f"all {len(data.train)} training rows are longer than {config.max_length} tokens",
            where=data.path,
            fix="raise train.max_length",
        )
    _check_ids(config, base, [*train.rows, *validation.rows], chat.last_id)
    _check_padding(chat, base)
    with _template_named(config.chat_template):
        checked = preflight.check_rows(chat, [*train.rows, *validation.rows])
    if prefers:
        checked |= preflight.check_pairs([*train.rows, *validation.rows])
    lengths = [len(row.ids) for row in train.rows]
    alone = len(lengths) // cost.sides(config)
    packed = len(cost.bins(lengths, config.max_length)) if config.packing else alone
    gpu = price.device(config.gpu if session.dry_run else "")
    limit = gpu.memory if gpu else None
    plan = cost.plan(config, train.rows, packed, base, limit, validation.tokens)
    _check_memory(config, plan, gpu, train.rows, base)
    estimate = price.cost(config, gpu, session.runs, multiplied=plan.multiplied, tokens=plan.tokens)
    return Prepared(
        config,
        data,
        base,
        _base_name(config.base),
        "" if session.dry_run and not weights.hashed(base) else weights.fingerprint(base),
        chat,
        train,
        validation,
        checked,
        plan,
        gpu,
        estimate,
        session.seed,
        taken,
        guards,
    )


def _chat(config: TrainConfig, base: Path) -> Chat:
    template = Path(config.chat_template).expanduser() if config.chat_template else None
    with _template_named(config.chat_template):
        return Chat.read(base, template).placing(config.system)


@contextlib.contextmanager
def _template_named(file: str) -> Iterator[None]:
    """Errors about a chat template name the user's own file, if any, as what to correct."""
    try:
        yield
    except InvalidInput as error:
        if not file or ADVICE not in (error.fix or ""):
            raise
        raise InvalidInput(
            str(error.what),
            where=str(error.where).replace("the chat template", file),
            why=error.why,
            fix=str(error.fix).replace(ADVICE, f"correct {file}"),
        ) from error


def _check_attention(config: TrainConfig, base: Path) -> None:
    if config.attention == "varlen" and not weights.plain_attention(base):
        raise InvalidInput(
            "this base attends in windows, or caps its scores: attending by documents does neither",
            where="train.attention",
            fix="set train.attention to auto or sdpa",
        )


def _check_targets(config: TrainConfig, base: Path) -> None:
    tensors = weights.tensors(base)
    if missing := cost.missing_targets(config, tensors):
        there = sorted(
            {name.removesuffix(".weight").rsplit(".", 1)[-1] for name in widths(tensors)}
        )
        raise InvalidInput(
            f"this base has no linear layer called {missing[0]}",
            where="train.lora.targets",
            why=f"it has {', '.join(there)}" if there else "it has none at all",
            fix="set train.lora.targets to all-linear, or to some of these",
        )


def _check_memory(
    config: TrainConfig,
    plan: cost.Plan,
    gpu: price.Device | None,
    train: Sequence[rows.Row],
    base: Path,
) -> None:
    """Raise PrerequisiteError where a run cannot fit the GPU, naming settings with which it
    would.
    """
    if gpu is None or plan.memory.least <= gpu.memory:
        return
    changes = " ".join(
        f"--set {change}" for change in cost.fitting(config, train, base, gpu.memory)
    )
    needed, there = (f"{size / price.GIB:.1f} GiB" for size in (plan.memory.total, gpu.memory))
    raise PrerequisiteError(
        f"this run needs about {needed} and the GPU has {there}",
        where=gpu.name,
        why="the largest parts are " + ", ".join(_largest(plan.memory)),
        fix=changes or "none of the settings makes it fit: take a larger GPU or a smaller base",
    )


def _largest(memory: Memory) -> list[str]:
    parts = sorted(asdict(memory).items(), key=lambda part: -part[1])
    return [f"{name} {size / price.GIB:.1f} GiB" for name, size in parts[:3]]


def _check_processes(config: TrainConfig) -> None:
    """Raise UsageError where the launched processes cannot share the global batch evenly."""
    if config.global_batch % (config.micro_batch * (n := processes())):
        raise UsageError(
            f"{n} processes of micro_batch {config.micro_batch} cannot share a global batch of "
            f"{config.global_batch}",
            where="train.global_batch",
            fix=f"make it a multiple of {n * config.micro_batch}, or launch fewer processes",
        )


def _base_name(base: str) -> str:
    """A hub name as it is, of a folder its last part: a record must not depend on where a folder
    is.
    """
    folder = Path(base).expanduser()
    return folder.resolve().name if folder.is_dir() else base


def _check_base(config: TrainConfig, base: Path) -> None:
    """Raise InvalidInput where a base cannot be trained as asked, before it is loaded."""
    method = weights.quantised(base)
    if method and method != "nf4":
        raise InvalidInput(
            f"this base is stored quantised by {method}",
            where=base,
            why="adapters are trained on unquantised bases and on 4-bit NormalFloat ones",
            fix="take the unquantised form of this base; train.quantization nf4 makes 4 bits of it",
        )
    if method and config.quantization == "none":
        raise InvalidInput(
            "this base is stored in 4 bits, and train.quantization is none",
            where=base,
            fix="set train.quantization to nf4, or take the unquantised form of this base",
        )
    loadable.check(base)
    if config.packing and weights.mixes_documents(base):
        raise InvalidInput(
            "in this base packed documents would see one another",
            where="train.packing",
            why="it carries state from token to token, or attends over where a document ends",
            fix="set train.packing to false",
        )


def _check_ids(
    config: TrainConfig, base: Path, found: Sequence[rows.Row], last: int = sys.maxsize
) -> None:
    """Raise InvalidInput where a row has more tokens, or other ones, than the base knows.

    `last` is the largest id that the tokenizer can give: rows are read if the base lacks it.
    """
    facts = weights.read_config(base)
    limit, words = facts.get("max_position_embeddings"), facts.get("vocab_size")
    longest = max((len(row.ids) for row in found), default=0)
    if isinstance(limit, int) and longest > limit:
        raise InvalidInput(
            f"the longest row has {longest} tokens and this base knows {limit} positions",
            where="train.max_length",
            why=f"train.max_length is {config.max_length}",
            fix=f"set train.max_length to {limit} or less",
        )
    if not isinstance(words, int) or last < words:
        return
    for row in found:
        if (most := max(row.ids, default=0)) >= words:
            raise InvalidInput(
                f"row {row.id} has the token {most} and this base knows {words} tokens",
                where=base / "tokenizer.json",
                why="the tokenizer was given tokens that the base's embedding has no row for",
                fix="use the base's own tokenizer",
            )


def _check_padding(chat: Chat, base: Path) -> None:
    """Raise InvalidInput where the padding token has no row in the base's embedding."""
    words = weights.read_config(base).get("vocab_size")
    if isinstance(words, int) and chat.pad_id >= words:
        raise InvalidInput(
            f"the padding token is number {chat.pad_id} and this base knows {words} tokens",
            where=base / "tokenizer_config.json",
            why="a padding token was added to the tokenizer and not to the model",
            fix="name a token that the base knows as its pad_token, such as "
            f"{next((t for t in RESERVED if _known(chat, t, words)), 'an unused one')}",
        )


def _known(chat: Chat, token: str, words: int) -> bool:
    found = chat.tokenizer.token_to_id(token)
    return found is not None and found < words and found not in chat.stop_ids
