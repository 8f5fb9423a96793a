"""What readers preferred who saw the answers unlabelled: which are shown, in which order, and what
became of it.

The page shows two answers as A and B in an order that follows from a hash of both, so that nothing
on it says which model wrote which; the same hash puts the choices back here. Labels name the pair
of evaluations that they are of.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from secarch.compare.inputs.pairs import Arm, Key, Pairs, answer_text
from secarch.compare.record import Judgement
from secarch.errors import InvalidInput, Mismatch
from secarch.files import read_jsonl
from secarch.schema import JsonDict, sha256_of

KIND = "blind_preference"
MOST = 60
"""Answers offered for judging; more than a person does at a sitting."""
Decision = Literal["first", "second", "equal"]
VALUES: Mapping[Decision, int] = {"first": 1, "second": -1, "equal": 0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """Two answers to one question, in the order in which they are shown."""

    key: Key
    sha256: str
    """Hex, over the question and both answers; decides the order."""
    first: str
    second: str

    @property
    def tuned_first(self) -> bool:
        """Whether A is the tuned model's."""
        return int(self.sha256[0], 16) % 2 == 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """One reader's choice, as gain of tuned over base."""

    reviewer: str
    key: Key
    value: int
    """1 tuned is better, -1 base is better, 0 equally good."""


def pair_digest(base: Arm, tuned: Arm) -> str:
    """What labels are of: these two sets of answers, whatever the settings of the comparison."""
    return sha256_of([base.digest, tuned.digest])


def items(base: Arm, tuned: Arm) -> list[Item]:
    """Every question that both answered, and differently, in an order that says nothing."""
    both = (
        _item(key, _text(base, key), _text(tuned, key))
        for key in base.texts.keys() & tuned.texts.keys()
    )
    return sorted((item for item in both if item), key=lambda item: item.sha256)


def _text(arm: Arm, key: Key) -> str:
    # A lone surrogate has no UTF-8 and so no hash; on the page it is a replacement character too.
    return answer_text(arm.texts[key]).encode("utf-8", "replace").decode()


def _item(key: Key, base: str, tuned: str) -> Item | None:
    if not base.strip() or not tuned.strip() or base == tuned:
        return None
    digest = sha256_of([*key, base, tuned])
    swapped = int(digest[0], 16) % 2 == 1
    return Item(
        key=key, sha256=digest, first=tuned if swapped else base, second=base if swapped else tuned
    )


def read_labels(path: Path, base: Arm, tuned: Arm) -> list[Label]:
    """Read a label file; of two choices by one reader on one item the later row counts.

    Raises MissingInput, InvalidInput with file and line, and Mismatch where the labels are of other
    answers.
    """
    known = {item.key[0]: item for item in items(base, tuned)}
    expected = pair_digest(base, tuned)
    found: dict[tuple[str, str], Label] = {}
    for number, row in enumerate(read_jsonl(path), 1):
        label = _label(row, known, expected, f"{path}:{number}")
        found[label.reviewer, label.key[0]] = label
    if not found:
        raise InvalidInput(
            "there is no label in it",
            where=path,
            fix="secarch review --evaluation EVALUATION   (draws the page on which they are given)",
        )
    return list(found.values())


def _label(row: JsonDict, known: Mapping[str, Item], expected: str, where: str) -> Label:
    for name in ("artifact", "item_id", "item_sha256", "kind", "decision", "value"):
        if name not in row:
            raise InvalidInput(
                f"a label lacks {name}",
                where=where,
                fix="save the labels again from the page, and keep every field",
            )
    fix = "compare the two that the labels were made for, with --labels"
    if row["artifact"] != expected:
        why = f"they are of {str(row['artifact'])[:16]}, these are {expected[:16]}"
        raise Mismatch("these labels are of other answers", where=where, why=why, fix=fix)
    item = known.get(str(row["item_id"]))
    if item is None or row["item_sha256"] != item.sha256:
        raise Mismatch(f"no such pair of answers: {str(row['item_id'])[:80]}", where=where, fix=fix)
    decision = row["decision"]
    if (
        row["kind"] != KIND
        or decision not in get_args(Decision)
        or row["value"] != VALUES[decision]
    ):
        raise InvalidInput(
            "this is no choice between two answers",
            where=where,
            fix=f"kind {KIND} with decision and value first 1, second -1 or equal 0",
        )
    value = VALUES[decision] * (1 if item.tuned_first else -1)
    reviewer = row.get("reviewer") or "reader"
    if not isinstance(reviewer, str):
        raise InvalidInput(
            "reviewer is no name", where=where, fix="give the reviewer's name as text"
        )
    return Label(reviewer=reviewer[:80], key=item.key, value=value)


def judgements(labels: Sequence[Label], pairs: Pairs) -> tuple[Judgement, ...]:
    """Each reader's own McNemar test, and whether the choices agree with the deciding metric."""
    gains = dict(zip(pairs.keys, pairs.gains, strict=True))
    readers = sorted({label.reviewer for label in labels})
    return tuple(
        _judgement(name, [row for row in labels if row.reviewer == name], gains) for name in readers
    )


def _judgement(reviewer: str, labels: Sequence[Label], gains: Mapping[Key, float]) -> Judgement:
    from secarch.stats import mcnemar_p

    values = [label.value for label in labels]
    for_base, for_tuned = values.count(-1), values.count(1)
    exact, mid_p = mcnemar_p(for_base, for_tuned)
    agreements = list(_agreements(labels, gains))
    return Judgement(
        reviewer=reviewer,
        n=len(values),
        for_base=for_base,
        for_tuned=for_tuned,
        equal=values.count(0),
        exact_p=exact,
        mid_p=mid_p,
        agree=sum(agreements),
        disagree=len(agreements) - sum(agreements),
    )


def _agreements(labels: Sequence[Label], gains: Mapping[Key, float]) -> Iterator[bool]:
    """Of the questions where both the reader and the metric see a difference, whether it is the
    same.
    """
    for label in labels:
        gain = gains.get(label.key, 0.0)
        if label.value and abs(gain) > 1e-12:
            yield (gain > 0) == (label.value > 0)
