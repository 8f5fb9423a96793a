"""The folder as other programs read it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from secarch.records import Outcome


@pytest.fixture
def built(
    pages: Callable[[int], list[Any]], jsonl: Callable[..., Path], run: Callable[..., Outcome]
) -> Outcome:
    return run(jsonl(pages(25)))


def test_datasets_and_trl_read_the_folder(built: Outcome, tiny_base: Path, tmp_path: Path) -> None:
    """`load_dataset(folder)` has the three splits, and TRL sees conversations that the template
    renders.
    """
    from datasets import load_dataset
    from transformers import AutoTokenizer
    from trl.data_utils import is_conversational, maybe_apply_chat_template

    found = load_dataset(str(built.artifact), cache_dir=str(tmp_path / "cache"))
    assert {name: len(part) for name, part in found.items()} == {
        name: built.counts[name] for name in ("train", "validation", "test") if built.counts[name]
    }
    first = found["train"][0]
    assert is_conversational(first)
    tokenizer = AutoTokenizer.from_pretrained(tiny_base)
    rendered = maybe_apply_chat_template({"messages": first["messages"]}, tokenizer)["text"]
    assert all(message["content"].strip() in rendered for message in first["messages"])


def test_llamafactory_finds_files_columns_and_roles(built: Outcome) -> None:
    """Each entry of dataset_info.json names a file that is there, a column that rows have, and the
    roles in it.
    """
    folder = Path(str(built.artifact))
    info = json.loads((folder / "dataset_info.json").read_text())
    assert set(info) == {"secarch_train", "secarch_validation", "secarch_test"}
    for entry in info.values():
        rows = [json.loads(line) for line in (folder / entry["file_name"]).read_text().splitlines()]
        tags = entry["tags"]
        for message in (message for row in rows for message in row[entry["columns"]["messages"]]):
            assert message[tags["role_tag"]] in {
                tags["user_tag"],
                tags["assistant_tag"],
                tags["system_tag"],
            }
            assert message[tags["content_tag"]]


def test_the_card_says_how_it_is_read(built: Outcome) -> None:
    """TRL, axolotl, LLaMA-Factory and the licences that are not known."""
    card = (Path(str(built.artifact)) / "README.md").read_text()
    assert all(
        name in card
        for name in ("trl sft", "type: chat_template", "--dataset secarch_train", "dvc add")
    )
