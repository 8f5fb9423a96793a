"""Rows as other people keep them become messages, or are refused with file and row."""

import gzip
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from secarch.errors import InvalidInput, MissingInput
from secarch.session import Session
from secarch.train.data import foreign
from secarch.train.data.rows import open_dataset

ASKED, SAID = "What is IAM?", "Identity and access management."
PAIR = [{"role": "user", "content": ASKED}, {"role": "assistant", "content": SAID}]
FORMS: dict[str, dict[str, Any]] = {
    "messages": {"messages": PAIR},
    "parts": {
        "messages": [
            {"role": m["role"], "content": [{"type": "text", "text": m["content"]}]} for m in PAIR
        ]
    },
    "sharegpt": {
        "conversations": [{"from": "human", "value": ASKED}, {"from": "gpt", "value": SAID}]
    },
    "alpaca": {"instruction": ASKED, "input": "", "output": SAID},
    "pair": {"prompt": ASKED, "completion": SAID},
    "pair of messages": {"prompt": PAIR[:1], "completion": PAIR[1:]},
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_becomes_the_same_messages(tmp_path: Path, form: str) -> None:
    """Question and answer arrive whole, in role and content."""
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps(FORMS[form]) + "\n", encoding="utf-8")
    assert [row["messages"] for row in foreign.rows(path)] == [PAIR]


def test_a_system_prompt_beside_the_turns_comes_first(tmp_path: Path) -> None:
    """ShareGPT and Alpaca keep it in a field of its own."""
    path = tmp_path / "rows.json"
    path.write_text(json.dumps([{**FORMS["alpaca"], "system": "Be brief."}]), encoding="utf-8")
    (row,) = foreign.rows(path)
    assert row["messages"] == [{"role": "system", "content": "Be brief."}, *PAIR]


def test_alpaca_s_input_follows_the_instruction(tmp_path: Path) -> None:
    """Both are the question."""
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps({**FORMS["alpaca"], "input": "In AWS."}), encoding="utf-8")
    (row,) = foreign.rows(path)
    assert row["messages"][0]["content"] == f"{ASKED}\nIn AWS."


def _parquet(folder: Path) -> Path:
    parquet.write_table(pa.Table.from_pylist([FORMS["pair"]] * 3), folder / "x.parquet")
    return folder / "x.parquet"


def _gzip(folder: Path) -> Path:
    with gzip.open(folder / "x.jsonl.gz", "wt", encoding="utf-8") as handle:
        handle.write((json.dumps(FORMS["pair"]) + "\n") * 3)
    return folder / "x.jsonl.gz"


def _saved(folder: Path) -> Path:
    from datasets import Dataset

    Dataset.from_list([FORMS["messages"]] * 3).save_to_disk(folder / "saved")
    return folder / "saved"


def _splits(folder: Path) -> Path:
    (folder / "d").mkdir()
    for name in ("train", "validation"):
        (folder / "d" / f"{name}.jsonl").write_text((json.dumps(FORMS["pair"]) + "\n") * 3)
    return folder / "d"


@pytest.mark.parametrize("make", [_parquet, _gzip, _saved, _splits])
def test_files_and_folders_of_others_open(tmp_path: Path, session: Session, make: Any) -> None:
    """Whatever holds three rows gives three, and splits stay apart."""
    found = open_dataset(make(tmp_path), session)
    assert len(found.train) == 3
    assert len(found.validation) == (3 if make is _splits else 0)
    assert found.parents == (found.digest,)


@pytest.mark.parametrize(
    ("messages", "why"),
    [
        ([], "messages must be"),
        (PAIR[:1], "messages must be"),
        (PAIR[::-1], "last message"),
        ([PAIR[0], {"role": "assistant", "content": " "}], "assistant message is empty"),
        ([PAIR[0], {"role": "tool", "content": "x"}], "role must be"),
        ([PAIR[0], {"role": "system", "content": "x"}, PAIR[1]], "must be the first"),
        ([{"role": "system", "content": "x"}, PAIR[1]], "before the first answer"),
        ([PAIR[0], {"role": "assistant", "content": None}], "both text"),
    ],
)
def test_a_row_that_cannot_be_trained_on_is_named(
    tmp_path: Path, messages: list[Any], why: str
) -> None:
    """File, row, reason and the way to see all of them."""
    path = tmp_path / "rows.jsonl"
    lines = [json.dumps(FORMS["pair"]), json.dumps({"messages": messages})]
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(InvalidInput) as caught:
        list(foreign.rows(path))
    assert str(caught.value.where).endswith("rows.jsonl:2")
    assert why in str(caught.value.why)
    assert "dataset validate" in str(caught.value.fix)


def test_a_folder_without_rows_says_what_is_read(tmp_path: Path) -> None:
    """The suffixes are listed."""
    with pytest.raises(MissingInput, match=r"\.parquet"):
        foreign.files(tmp_path)
