"""What is looked at before a run may start: every row, counted, failing closed.

Each check stands for a way in which fine-tuning is known to go wrong without a word: padding that
is the stop token, a stop token that is never trained, two BOS, a prompt that is tokenised
differently when it is asked than when it was learnt, rows on which there is nothing to learn.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

from secarch.errors import DiskError, InvalidInput
from secarch.models.chat_template import Chat
from secarch.models.prompt import Message, question_messages
from secarch.models.template import ADVICE, line_about
from secarch.train.data.rows import Dataset, Row

CHECKPOINTS = 5
"""Checkpoints that may be there at once: the newest two, the best, the last sound one, and one
being written.
"""


def check_disk(directory: Path, needed: int) -> None:
    """Raise DiskError where fewer than `needed` bytes are free for checkpoints."""
    place = next((p for p in (directory, *directory.resolve().parents) if p.exists()), Path("/"))
    free = shutil.disk_usage(place).free
    if free < needed:
        raise DiskError(
            f"checkpoints need about {needed / 1e9:.1f} GB and {free / 1e9:.1f} GB are free",
            where=place,
            fix="free some space, or choose another place with --workspace DIR",
        )


def check_rows(chat: Chat, rows: Sequence[Row]) -> dict[str, int]:
    """Check every row; returns how many were looked at by each check.

    Raises InvalidInput naming the check, how many rows fail it, and the first.
    """
    one_bos = _bos_check(chat)
    checks: dict[str, tuple[Callable[[Row], bool], str]] = {
        "whole_text": (
            lambda row: not row.fault,
            "what would be trained is not the row's own text: {fault}",
        ),
        "trained_tokens": (lambda row: row.trained > 0, "no token of the answer is trained"),
        "stop_trained": (
            lambda row: _stops(chat, row),
            "the stop token at the answer's end is not trained",
        ),
        "padding": (
            lambda row: chat.pad_id not in row.ids,
            "the padding token occurs in the text or ends the answers",
        ),
        "one_bos": (one_bos, "there is not exactly one BOS, at the front"),
        "prompt_prefix": (_prefix, "the prompt's tokens are no prefix of the row's"),
    }
    for name, (passes, why) in checks.items():
        failing = [row for row in rows if not passes(row)]
        if failing:
            lines = {
                "prompt_prefix": ("add_generation_prompt", "messages"),
                "stop_trained": ("assistant", "content", "messages"),
                "one_bos": ("bos_token", str(chat.special.get("bos_token"))),
            }
            about = line_about(chat.template, *lines.get(name, ())) if name in lines else ""
            more = f", then {', '.join(row.id for row in failing[1:4])}" if failing[1:] else ""
            fix = "correct these rows or leave them out"
            if name == "stop_trained" and failing == list(rows):
                fix = f"end each answer with {' or '.join(chat.stop_texts)} in the template"
            raise InvalidInput(
                f"{len(failing)} of {len(rows)} rows fail the check {name}",
                where=f"row {failing[0].id}{more}" + (f"; {about}" if about else ""),
                why=why.format(fault=failing[0].fault),
                fix=f"{fix}; or {ADVICE}",
            )
    return dict.fromkeys(checks, len(rows))


def check_pairs(rows: Sequence[Row]) -> dict[str, int]:
    """Check that the sides of each pair answer the same prompt, and differently.

    `rows` are the sides by turns, chosen first. Returns how many pairs were looked at by each
    check. Raises InvalidInput naming the first pair that fails.
    """
    pairs = list(zip(rows[::2], rows[1::2], strict=True))
    checks: dict[str, tuple[Callable[[Row, Row], bool], str]] = {
        "same_prompt": (
            lambda a, b: a.ids[: a.prompt] == b.ids[: b.prompt],
            "its sides answer different prompts",
        ),
        "answers_differ": (
            lambda a, b: a.ids != b.ids,
            "chosen and rejected are the same, so that there is nothing to prefer",
        ),
    }
    for name, (passes, why) in checks.items():
        failing = [chosen.id for chosen, rejected in pairs if not passes(chosen, rejected)]
        if failing:
            raise InvalidInput(
                f"{len(failing)} of {len(pairs)} pairs fail the check {name}",
                where=f"pair {failing[0].removesuffix('+')}",
                why=why,
                fix="correct these pairs or leave them out",
            )
    return dict.fromkeys(checks, len(pairs))


def _stops(chat: Chat, row: Row) -> bool:
    last = len(row.mask) - 1 - row.mask[::-1].index(True)
    return row.ids[last] in chat.stop_ids


def _bos_check(chat: Chat) -> Callable[[Row], bool]:
    """How a row's BOS is checked: as often as the template writes it, which is once at the front,
    or never.

    Where a base's BOS also opens every turn, or also ends answers, all that can be asked for is
    that none is right after another.
    """
    bos = chat.bos_id
    if bos is None:
        return lambda _: True
    sample = [*question_messages("Question"), {"role": "assistant", "content": "Answer"}]
    written, of_two = (_written(chat, bos, [*sample, *sample[1:] * more]) for more in (0, 1))
    if written > 1 or of_two > written or bos in chat.stop_ids:
        return lambda row: not any(a == b == bos for a, b in pairwise(row.ids))
    return lambda row: row.ids.count(bos) == written and (not written or row.ids[0] == bos)


def _written(chat: Chat, bos: int, sample: Sequence[Message]) -> int:
    """How often the template writes BOS in a conversation; 0 if it refuses it."""
    try:
        return chat.encode(sample).ids.count(bos)
    except InvalidInput:
        return 0


def _prefix(row: Row) -> bool:
    """The first trained token of the last answer is where the prompt, as it will be asked, ends."""
    return 0 < row.prompt < len(row.ids) and not row.mask[row.prompt - 1] and row.mask[row.prompt]


def check_splits(dataset: Dataset) -> None:
    """Raise InvalidInput where a document is in both splits: its validation loss would measure
    memory.
    """
    ours = {row["document_id"] for row in dataset.train if row.get("document_id")}
    shared = sorted(
        {row["document_id"] for row in dataset.validation if row.get("document_id")} & ours
    )
    if shared:
        raise InvalidInput(
            f"{len(shared)} documents are in the training and in the validation split",
            where=dataset.path,
            why=f"the first is {shared[0]}",
            fix="secarch dedupe --fresh",
        )
