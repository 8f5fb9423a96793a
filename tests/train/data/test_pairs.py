"""Preference rows become pairs of sides, or are refused with file and row."""

import json
from pathlib import Path
from typing import Any

import pytest

from secarch.errors import ConfigError, InvalidInput, MissingInput
from secarch.models.chat_template import Chat
from secarch.session import Session
from secarch.train.config import TrainConfig
from secarch.train.data.pairs import open_dataset, tokenise
from secarch.train.data.preflight import check_pairs, check_rows

ASK, GOOD, BAD = "How do I rotate keys?", "Every quarter.", "Never do."
USER = [{"role": "user", "content": ASK}]


def _said(text: str) -> list[dict[str, str]]:
    return [{"role": "assistant", "content": text}]


PAIR = {"prompt": ASK, "chosen": GOOD, "rejected": BAD}
FORMS: dict[str, dict[str, Any]] = {
    "text": PAIR,
    "messages": {"prompt": USER, "chosen": _said(GOOD), "rejected": _said(BAD)},
    "text answers": {"prompt": USER, "chosen": GOOD, "rejected": BAD},
    "text prompt": {"prompt": ASK, "chosen": _said(GOOD), "rejected": _said(BAD)},
    "instruction": {"instruction": ASK, "input": "", "chosen": GOOD, "rejected": BAD},
    "ShareGPT": {
        "conversations": [{"from": "human", "value": ASK}],
        "chosen": {"from": "gpt", "value": GOOD},
        "rejected": {"from": "gpt", "value": BAD},
    },
    "transcripts": {
        "chosen": f"\n\nHuman: {ASK}\n\nAssistant: {GOOD}",
        "rejected": f"\n\nHuman: {ASK}\n\nAssistant: {BAD}",
    },
    "OpenAI": {
        "input": {"messages": USER, "tools": []},
        "preferred_output": _said(GOOD),
        "non_preferred_output": _said(BAD),
    },
    "two responses": {"question": ASK, "response_j": GOOD, "response_k": BAD},
    "whole conversations": {"chosen": USER + _said(GOOD), "rejected": USER + _said(BAD)},
    "UltraFeedback": {
        "prompt": ASK,
        "chosen": USER + _said(GOOD),
        "rejected": USER + _said(BAD),
        "messages": USER + _said(GOOD),
    },
    "a prompt and the whole": {
        "prompt": USER,
        "chosen": USER + _said(GOOD),
        "rejected": USER + _said(BAD),
    },
    "a prompt and the whole transcript": {
        "prompt": f"\n\nHuman: {ASK}\n\nAssistant:",
        "chosen": f"\n\nHuman: {ASK}\n\nAssistant: {GOOD}",
        "rejected": f"\n\nHuman: {ASK}\n\nAssistant: {BAD}",
    },
}


def _write(folder: Path, *rows: dict[str, Any]) -> Path:
    path = folder / "pairs.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return path


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_the_same_pair(tmp_path: Path, session: Session, form: str) -> None:
    """The conversation with the chosen answer, and the rejected one's text."""
    (row,) = open_dataset(_write(tmp_path, FORMS[form]), session).train
    assert row["messages"] == USER + _said(GOOD)
    assert row["rejected"] == BAD


def test_a_system_prompt_beside_the_pair_stands_first(tmp_path: Path, session: Session) -> None:
    """On both sides."""
    (row,) = open_dataset(_write(tmp_path, {**PAIR, "system": "Be brief."}), session).train
    assert row["messages"][0] == {"role": "system", "content": "Be brief."}


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ({"prompt": ASK, "chosen": GOOD}, "no rejected answer"),
        ({"prompt": ASK}, "no chosen and no rejected"),
        ({**PAIR, "rejected": GOOD + " "}, "nothing to prefer"),
        (
            {"chosen": USER + _said(GOOD), "rejected": [{**USER[0], "content": "?"}, *_said(BAD)]},
            "different prompts",
        ),
        ({"messages": USER + _said(GOOD)}, "no chosen"),
        ({**PAIR, "chosen": USER}, "last message"),
        (
            {"prompt": "Other", "chosen": USER + _said(GOOD), "rejected": USER + _said(BAD)},
            "take turns",
        ),
    ],
)
def test_what_is_no_pair_is_named(
    tmp_path: Path, session: Session, row: dict[str, Any], why: str
) -> None:
    """With its row, and what a pair is."""
    with pytest.raises(InvalidInput) as caught:
        open_dataset(_write(tmp_path, PAIR, row), session)
    assert why in str(caught.value.why)
    assert str(caught.value.where).endswith("pairs.jsonl:2")


def test_without_pairs_the_way_to_some_is_said(session: Session, dataset: Path) -> None:
    """A dataset of answers is none either."""
    for place in (None, dataset):
        with pytest.raises(MissingInput) as caught:
            open_dataset(place, session)
        assert "secarch review --pairs" in str(caught.value.fix)


def test_both_sides_are_checked_and_begin_alike(tiny_base: Path) -> None:
    """Chosen first; every check of rows holds for each side."""
    chat = Chat.load(tiny_base)
    rows = [{"id": "a", "messages": USER + _said(GOOD), "rejected": BAD}]
    found = tokenise(rows, chat, max_length=512, over_length="split").rows
    assert [side.id for side in found] == ["a+", "a-"]
    chosen, rejected = found
    assert chosen.ids[: chosen.prompt] == rejected.ids[: rejected.prompt]
    assert check_rows(chat, found)["stop_trained"] == 2
    assert check_pairs(found) == {"same_prompt": 1, "answers_differ": 1}
    with pytest.raises(InvalidInput, match="1 of 1 pairs fail the check answers_differ") as caught:
        check_pairs([chosen, chosen])
    assert caught.value.where == "pair a"
    other = tokenise(
        [{**rows[0], "messages": [{**USER[0], "content": "?"}, *_said(GOOD)]}],
        chat,
        max_length=512,
        over_length="split",
    ).rows[0]
    with pytest.raises(InvalidInput, match="same_prompt"):
        check_pairs([chosen, other])


@pytest.mark.parametrize("long", ["messages", "rejected"])
def test_a_pair_with_a_long_side_is_left_out_whole(tiny_base: Path, long: str) -> None:
    """Whichever side it is; counted, or refused."""
    chat = Chat.load(tiny_base)
    text = "key " * 200
    row = {"messages": USER + _said(GOOD), "rejected": BAD}
    longer = {**row, long: USER + _said(text) if long == "messages" else text}
    found = tokenise([row, longer], chat, max_length=64, over_length="split")
    assert (len(found.rows), found.over_length, found.dropped) == (2, 1, 1)
    longest = max(len(side.ids) for side in found.rows)
    exact = tokenise([row], chat, max_length=longest, over_length="raise")
    assert len(exact.rows) == 2
    with pytest.raises(InvalidInput, match="1 of 1 pairs"):
        tokenise([row], chat, max_length=longest - 1, over_length="raise")


@pytest.mark.parametrize("change", [{"packing": True}, {"mix": [{"dataset": "x", "rows": 1}]}])
def test_what_pairs_cannot_do_is_refused_by_name(change: dict[str, Any]) -> None:
    """Before anything is opened."""
    with pytest.raises((ConfigError, ValueError), match="objective dpo knows no"):
        TrainConfig.model_validate({"objective": "dpo", **change})
