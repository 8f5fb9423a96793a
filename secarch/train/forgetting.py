"""What a run forgot: guard suites, scored with the adapter switched off and on.

A guard suite is a set of multiple-choice questions, or of general documents. Both models are asked
item by item, so that the change has an interval of its own. Opening one needs no torch.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from secarch import console
from secarch.errors import InputError, InvalidInput
from secarch.files import sha256_file, write_json
from secarch.models.chat_template import Chat
from secarch.models.prompt import question_messages
from secarch.models.row_files import SUFFIXES, raw
from secarch.schema import JsonDict, sha256_of
from secarch.suite.schema import load
from secarch.train.config import TrainConfig

if TYPE_CHECKING:
    from secarch.models.local import Model

GUARDS = "guard.json"
"""The run's file of what it forgot."""
PLAIN = (".txt", ".md")
FORMS = (
    "name in train.guard_suites a suite of multiple-choice questions (secarch suite import makes "
    "one of a table), or .txt, .md or JSONL files with a text in each row"
)
"""What a guard suite can be."""
MOST = 1000
"""Items of a suite that are scored: the first by id."""
LONGEST = 2048
"""Tokens of a document that are scored."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A multiple-choice question in tokens."""

    id: str
    options: list[tuple[list[int], list[int]]]
    """(prompt, continuation) of each option."""
    lengths: list[int]
    """Characters of each option."""
    right: int


@dataclass(frozen=True, slots=True)
class Text:
    """A document in tokens."""

    id: str
    ids: list[int]


@dataclass(frozen=True, slots=True)
class Guard:
    """A guard suite, ready to be scored."""

    name: str
    digest: str
    metric: Literal["accuracy", "nats per token"]
    items: Sequence[Choice] | Sequence[Text]

    @property
    def lower_is_better(self) -> bool:
        """Whether less is better."""
        return self.metric != "accuracy"

    @property
    def recorded(self) -> JsonDict:
        """What decides the figures."""
        return {
            "name": self.name,
            "digest": self.digest,
            "metric": self.metric,
            "items": len(self.items),
        }


def opened(config: TrainConfig, chat: Chat) -> list[Guard]:
    """The guard suites of a run.

    Each is a file or folder of documents (`.txt`, `.md`, or rows with `text`), or a suite with
    multiple-choice questions, by name or path. Raises MissingInput and InvalidInput.
    """
    found = [_opened(name, chat) for name in config.guard_suites]
    if twice := {g.name for g in found if [h.name for h in found].count(g.name) > 1}:
        raise InvalidInput(
            f"two guard suites are called {min(twice)}",
            where="train.guard_suites",
            fix="give each file or folder a name of its own",
        )
    return found


def _opened(name: str, chat: Chat) -> Guard:
    place = Path(name).expanduser()
    texts = sorted(_documents(place)) if place.exists() else []
    if texts:
        items = [Text(at, chat.plain_ids(text)[:LONGEST]) for at, text in texts[:MOST]]
        digest = _digest_of(place)
        return Guard(place.stem, digest, "nats per token", [item for item in items if item.ids])
    if place.is_file() and place.suffix in PLAIN:
        raise InvalidInput("this guard suite has no text", where=place, fix=FORMS)
    try:
        suite = load([name])
    except InputError as error:
        raise type(error)(
            str(error.what), where=error.where or name, why=error.why, fix=FORMS
        ) from error
    asked = sorted((q for q in suite.questions if q.kind == "mcq"), key=lambda q: q.id)[:MOST]
    if not asked:
        raise InvalidInput(
            "this guard suite has neither multiple-choice questions nor documents",
            where=f"train.guard_suites: {name}",
            fix=FORMS,
        )
    choices = [
        Choice(
            q.id,
            [chat.continuation_ids(question_messages(q.question, q.files), o) for o in q.choices],
            [len(option) for option in q.choices],
            q.answer or 0,
        )
        for q in asked
    ]
    return Guard(suite.name, suite.digest, "accuracy", choices)


def _files(place: Path) -> list[Path]:
    return [place] if place.is_file() else sorted(p for p in place.rglob("*") if p.is_file())


def _digest_of(place: Path) -> str:
    return sha256_of([sha256_file(path) for path in _files(place)])


def _documents(place: Path) -> Iterator[tuple[str, str]]:
    """(id, text) of each document; none where the place is a suite."""
    for path in _files(place):
        if path.suffix in PLAIN:
            text = path.read_text(encoding="utf-8", errors="replace")
            if text.strip():
                yield path.name, text
        elif path.name.endswith(SUFFIXES):
            yield from _rows(path)


def _rows(path: Path) -> Iterator[tuple[str, str]]:
    """The texts of a file's rows; none where its first row has none."""
    for number, row in raw(path):
        text = row.get("text")
        if not isinstance(text, str):
            if number == 1:
                return
            raise InvalidInput(
                "this row has no text", where=f"{path}:{number}", fix='give rows {"text": ...}'
            )
        if text.strip():
            yield f"{row.get('id') or f'{path.name}:{number:06}'}", text


# ---------------------------------------------------------------- scoring


def scored(model: Model, guards: Sequence[Guard]) -> list[JsonDict]:
    """Each suite before (adapter off) and after (on), with the paired change and its 95% interval.

    `change` is after less before, in the metric's unit: accuracy is a share (0..1; the option with
    the most nats a character), documents have mean nats a token. Bounds are None below two items.
    """
    from secarch.stats import mean_test

    out = []
    for guard in guards:
        with model.without_adapter():
            before = _values(model, guard)
        after = _values(model, guard)
        test = mean_test([b - a for a, b in zip(before, after, strict=True)])
        low, high = (None if math.isnan(x) else x for x in (test.low, test.high))
        out.append(
            {
                **guard.recorded,
                "lower_is_better": guard.lower_is_better,
                "n": len(before),
                "before": math.fsum(before) / len(before),
                "after": math.fsum(after) / len(after),
                "change": test.estimate,
                "low": low,
                "high": high,
            }
        )
    return out


def _values(model: Model, guard: Guard) -> list[float]:
    """One value an item."""
    texts = [item for item in guard.items if isinstance(item, Text)]
    if texts:
        nats = model.rolling([item.ids for item in texts])
        return [-total / len(item.ids) for total, item in zip(nats, texts, strict=True)]
    asked = [item for item in guard.items if isinstance(item, Choice)]
    nats = model.log_likelihood([pair for item in asked for pair in item.options])
    found, at = [], 0
    for item in asked:
        mine = nats[at : at + len(item.options)]
        at += len(item.options)
        found.append(float(likeliest(mine, item.lengths) == item.right))
    return found


def likeliest(nats: Sequence[float], lengths: Sequence[int]) -> int:
    """Index of the option with the most nats a character (lm-eval's acc_norm); of equal ones the
    first.
    """
    return max(range(len(nats)), key=lambda n: (nats[n] / lengths[n], -n))


def measured(directory: Path, guards: Sequence[Guard], model: Model) -> None:
    """Score the suites with a run's adapter and write guard.json into its directory."""
    console.log().info("guard_suites", suites=[guard.name for guard in guards])
    write_json(directory / GUARDS, {"schema": 1, "suites": scored(model, guards)})


def read(directory: Path) -> list[JsonDict]:
    """The rows of a run's guard.json, [] if it has none."""
    path = directory / GUARDS
    if not path.is_file():
        return []
    rows: list[JsonDict] = json.loads(path.read_text(encoding="utf-8"))["suites"]
    return rows


def change(row: JsonDict) -> str:
    """A suite's change with its interval, in words for tables."""
    if row["low"] is None:
        return f"{row['change']:+.4f} (interval unknown)"
    return f"{row['change']:+.4f} (95% {row['low']:+.4f} to {row['high']:+.4f})"
