"""Every check of the preflight refuses a planted fault, and lets sound rows through."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from secarch.errors import DiskError, InvalidInput
from secarch.models.chat_template import Chat
from secarch.train.data.preflight import _bos_check, _prefix, check_disk, check_rows, check_splits
from secarch.train.data.rows import Dataset, Row, tokenise


@pytest.fixture(scope="module")
def chat(tiny_base: Path) -> Chat:
    return Chat.load(tiny_base)


@pytest.fixture
def sound(chat: Chat, make_row: Any) -> list[Row]:
    return tokenise([make_row(n) for n in range(4)], chat, max_length=256, over_length="raise").rows


def test_sound_rows_pass_and_are_counted(chat: Chat, sound: list[Row]) -> None:
    """Each check says how many rows it looked at."""
    assert set(check_rows(chat, sound).values()) == {4}


def _untrained(chat: Chat, row: Row) -> Row:
    return replace(row, mask=[False] * len(row.mask))


def test_one_trained_token_is_enough(chat: Chat, sound: list[Row]) -> None:
    """An answer may be the stop token alone."""
    row = sound[0]
    stop = max(n for n, trained in enumerate(row.mask) if trained)
    ids = [*row.ids[: row.prompt], *row.ids[stop:]]
    one = replace(row, ids=ids, mask=[n == row.prompt for n in range(len(ids))])
    assert set(check_rows(chat, [one]).values()) == {1}


def _endless(chat: Chat, row: Row) -> Row:
    return replace(row, ids=row.ids[:-1], mask=row.mask[:-1])


def _padded(chat: Chat, row: Row) -> Row:
    return replace(row, ids=[*row.ids[:-2], chat.pad_id, row.ids[-1]])


def _double_bos(chat: Chat, row: Row) -> Row:
    bos = chat.bos_id or 0
    return replace(row, ids=[bos, *row.ids], mask=[False, *row.mask], prompt=row.prompt + 1)


def _shifted(chat: Chat, row: Row) -> Row:
    return replace(row, prompt=-1)


def _trained_prompt(chat: Chat, row: Row) -> Row:
    return replace(row, mask=[*row.mask[: row.prompt - 1], True, *row.mask[row.prompt :]])


@pytest.mark.parametrize(
    ("plant", "name"),
    [
        (_untrained, "trained_tokens"),
        (_endless, "stop_trained"),
        (_padded, "padding"),
        (_double_bos, "one_bos"),
        (_shifted, "prompt_prefix"),
        (_trained_prompt, "prompt_prefix"),
    ],
)
def test_one_faulty_row_stops_the_run(chat: Chat, sound: list[Row], plant: Any, name: str) -> None:
    """The check, the count and the row are named."""
    sound[2] = plant(chat, sound[2])
    with pytest.raises(InvalidInput, match=f"1 of 4 rows fail the check {name}") as caught:
        check_rows(chat, sound)
    assert sound[2].id in str(caught.value.where)
    # Only these checks ask something of the template, and only for them is its line told.
    asked = name in {"stop_trained", "prompt_prefix", "one_bos"}
    assert ("template" in str(caught.value.where)) is asked


def test_a_prompt_may_be_one_token_and_leaves_one_to_train(sound: list[Row]) -> None:
    """The prompt ends where training begins: not before the row, and not at its end."""
    row = replace(sound[0], ids=[5, 6, 7], mask=[False, True, True], prompt=1)
    assert _prefix(row)
    assert not _prefix(replace(row, prompt=0, mask=[True, True, False]))
    assert not _prefix(replace(row, prompt=3, mask=[False, True, False]))
    assert not _prefix(replace(row, prompt=2))
    assert not _prefix(replace(row, mask=[False, False, True]))


def test_padding_with_the_stop_token_is_refused(
    chat: Chat, sound: list[Row], monkeypatch: pytest.MonkeyPatch
) -> None:
    """However a base comes by it: each row ends with what would pad it."""
    monkeypatch.setitem(chat.__dict__, "pad_id", sound[0].ids[-1])
    with pytest.raises(InvalidInput, match="4 of 4 rows fail the check padding"):
        check_rows(chat, sound)


def test_a_row_without_its_bos_is_refused(chat: Chat, sound: list[Row]) -> None:
    """None is as wrong as two, where the template writes one."""
    row = sound[0]
    sound[0] = replace(row, ids=row.ids[1:], mask=row.mask[1:], prompt=row.prompt - 1)
    with pytest.raises(InvalidInput, match="1 of 4 rows fail the check one_bos"):
        check_rows(chat, sound)


def test_a_document_in_both_splits_is_refused(make_row: Any) -> None:
    """A validation loss on learnt documents measures memory."""
    dataset = Dataset(Path("d"), "x", [make_row(1)], [make_row(2, document_id="d1")])
    with pytest.raises(InvalidInput, match="1 documents are in"):
        check_splits(dataset)
    check_splits(Dataset(Path("d"), "x", [make_row(1)], [make_row(2)]))


def test_too_little_disk_is_said_before_the_first_step(tmp_path: Path) -> None:
    """A checkpoint that cannot be written is met in second one, not in hour three."""
    with pytest.raises(DiskError, match="checkpoints need about"):
        check_disk(tmp_path / "not" / "yet", 1 << 62)
    check_disk(tmp_path, 1)


def test_a_row_whose_text_is_not_its_own_is_refused(chat: Chat, sound: list[Row]) -> None:
    """A fault that tokenising found stops the run and is named."""
    faulty = replace(sound[0], fault="a marker was read as text")
    with pytest.raises(InvalidInput) as caught:
        check_rows(chat, [*sound[1:], faulty])
    assert "whole_text" in str(caught.value)


def test_a_base_without_bos_is_not_asked_for_one(sound: list[Row]) -> None:
    """Whatever is in the row."""
    check = _bos_check(SimpleNamespace(bos_id=None))  # type: ignore[arg-type]
    assert check(sound[0])


def test_a_bos_that_also_ends_answers_may_not_stand_twice_in_a_row(
    chat: Chat, sound: list[Row]
) -> None:
    """How often it is written says nothing then; a second one right after the first is a fault."""
    bos = chat.stop_ids[0]
    check = _bos_check(
        SimpleNamespace(bos_id=bos, stop_ids=chat.stop_ids, encode=chat.encode)  # type: ignore[arg-type]
    )
    assert check(replace(sound[0], ids=[bos, 7, 8, bos]))
    assert not check(replace(sound[0], ids=[bos, bos, 7, 8]))
