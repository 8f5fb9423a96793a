"""Mixing: what is drawn follows the seed, is counted by its tokens, and is a parent."""

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from secarch.errors import InvalidInput
from secarch.session import Session
from secarch.train.config import MixPart, TrainConfig
from secarch.train.data import mix
from secarch.train.data.prepare import prepare
from secarch.train.data.rows import Dataset, open_dataset


@pytest.fixture
def chat_rows(tmp_path: Path) -> Path:
    """Ten rows of general chat, as others keep them."""
    path = tmp_path / "chat.jsonl"
    lines = [json.dumps({"prompt": f"Say {n}", "completion": f"It is {n}."}) for n in range(10)]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def _mixed(own: Path, session: Session, **part: Any) -> tuple[Dataset, list[Any]]:
    return mix.mixed(open_dataset(own, session), [MixPart(**part)], session)


def test_a_share_of_rows_is_drawn_by_the_seed(
    dataset: Path, chat_rows: Path, session: Session
) -> None:
    """The same seed draws the same rows; own rows come first and stay as they are."""
    own = open_dataset(dataset, session)
    once, taken = _mixed(dataset, session, dataset=str(chat_rows), weight=0.125)
    again, _ = _mixed(dataset, session, dataset=str(chat_rows), weight=0.125)
    other, _ = _mixed(
        dataset, Session(workspace=session.workspace, seed=7), dataset=str(chat_rows), weight=0.125
    )
    drawn = [row["id"] for row in once.train[len(own.train) :]]
    assert len(drawn) == 6 == len(set(drawn))
    assert once.train[: len(own.train)] == own.train
    assert once.train == again.train
    assert once.train != other.train
    assert once.parents == (own.digest, taken[0]["digest"])


def test_rows_beyond_what_is_there_come_again_and_repeat_multiplies(
    dataset: Path, chat_rows: Path, session: Session
) -> None:
    """25 of 10 rows: each twice or three times; repeat says how often the draw is seen."""
    found, taken = _mixed(dataset, session, dataset=str(chat_rows), rows=25, repeat=2)
    ids = [row["id"].split("@")[0] for row in found.train if row["id"].startswith("mix1:")]
    assert len(ids) == 50
    assert {ids.count(one) for one in ids} == {4, 6}
    assert (taken[0]["rows"], taken[0]["repeat"]) == (25, 2)


def test_a_part_needs_one_measure() -> None:
    """Both or neither are refused."""
    for wrong in ({}, {"weight": 1, "rows": 2}):
        with pytest.raises(ValidationError, match="either weight or rows"):
            MixPart(dataset="x", **wrong)


def test_shares_of_tokens_are_counted_and_recorded(
    config: Callable[..., TrainConfig], dataset: Path, chat_rows: Path, session: Session
) -> None:
    """The dry run's figures: rows and tokens of each, adding up to all."""
    settings = config(mix=[{"dataset": str(chat_rows), "rows": 6}])
    prepared = prepare(settings, session, dataset)
    own, other = mix.shares(prepared.dataset, settings.mix, prepared.train.rows)
    assert (own.rows, other.rows) == (48, 6)
    assert own.tokens + other.tokens == prepared.train.tokens
    assert own.share + other.share == pytest.approx(1, abs=1e-3)
    assert prepared.recorded["mix"][0]["rows"] == 6
    assert prepared.key != prepare(config(), session, dataset).key


@pytest.mark.parametrize("part", [{"weight": 1e9}, {"weight": 1e-6}, {"rows": 10, "repeat": 10**7}])
def test_a_part_of_no_row_or_too_many_is_refused(
    dataset: Path, chat_rows: Path, session: Session, part: dict[str, Any]
) -> None:
    """At once, and not when the memory is full."""
    with pytest.raises(InvalidInput, match="this part would give"):
        _mixed(dataset, session, dataset=str(chat_rows), **part)


def test_more_rows_than_there_are_are_drawn_again(
    dataset: Path, chat_rows: Path, session: Session
) -> None:
    """Each of the ten comes twice, and five of them a third time."""
    made, taken = _mixed(dataset, session, dataset=str(chat_rows), rows=25)
    seen = Counter(row["id"] for row in made.train[48:])
    assert sorted(seen.values()) == [2] * 5 + [3] * 5
    assert taken[0]["rows"] == 25
