"""What users get wrong: refused before anything is loaded, and the advice, followed, works."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from secarch.artifact import open_artifact
from secarch.errors import InvalidInput, MissingInput, SecarchError
from secarch.session import Session
from secarch.train.config import TrainConfig
from secarch.train.stage import run

TURNS = (
    "{{ bos_token }}{% for m in messages %}<|start_header_id|>{{ m.role }}<|end_header_id|>\n\n"
    "{{ m.content }}END{% endfor %}"
    "{% if add_generation_prompt %}<|start_header_id|>assistant<|end_header_id|>\n\n{% endif %}"
)


@pytest.fixture
def dry(
    config: Callable[..., TrainConfig], dataset: Path, tmp_path: Path
) -> Callable[..., SecarchError | None]:
    """A dry run with changed settings: what it is refused with, if it is."""

    def tried(**changes: Any) -> SecarchError | None:
        session = Session(workspace=tmp_path / "ws", dry_run=True)
        try:
            assert run(config(**changes), session, dataset=dataset).status == "done"
        except SecarchError as error:
            return error
        return None

    return tried


def test_a_template_of_ones_own_is_named_with_the_model_s_stop_token(
    dry: Callable[..., SecarchError | None], tmp_path: Path
) -> None:
    """Turns that end as another family's do: the file, its line and what to write there."""
    file = tmp_path / "turns.jinja"
    file.write_text(TURNS.replace("END", "<|im_end|>"), encoding="utf-8")
    refused = dry(chat_template=str(file))
    assert isinstance(refused, InvalidInput)
    assert f"{file}, line " in str(refused.where)
    assert refused.fix == f"end each answer with <|eot_id|> in the template; or correct {file}"
    file.write_text(TURNS.replace("END", "<|eot_id|>"), encoding="utf-8")
    assert dry(chat_template=str(file)) is None
    file.write_text(TURNS.replace("{{ m.content }}", "\n{{ m.content }"), encoding="utf-8")
    refused = dry(chat_template=str(file))
    assert isinstance(refused, InvalidInput)
    assert f"{file}, line 4" in str(refused.where)
    assert refused.fix == f"correct {file}"


def test_a_tokenizer_s_settings_are_no_template(
    dry: Callable[..., SecarchError | None], tmp_path: Path
) -> None:
    """The text of their field, in a file of its own, is one."""
    file = tmp_path / "tokenizer_config.json"
    turns = TURNS.replace("END", "<|eot_id|>")
    file.write_text(json.dumps({"chat_template": turns}), encoding="utf-8")
    refused = dry(chat_template=str(file))
    assert refused is not None
    assert "is JSON" in str(refused)
    assert "chat_template.jinja" in str(refused.fix)
    (tmp_path / "chat_template.jinja").write_text(turns, encoding="utf-8")
    assert dry(chat_template=str(tmp_path / "chat_template.jinja")) is None


def test_a_part_that_is_not_there_is_corrected_where_it_stands(
    dry: Callable[..., SecarchError | None], tmp_path: Path
) -> None:
    """In train.mix, not by another --dataset."""
    rows = tmp_path / "chat.jsonl"
    refused = dry(mix=[{"dataset": str(rows), "rows": 2}])
    assert isinstance(refused, MissingInput)
    assert "train.mix" in str(refused.fix)
    assert "--dataset" not in str(refused.fix)
    row = {"prompt": "Tea?", "completion": "Pour hot water over the leaves."}
    rows.write_text(json.dumps(row) + "\n" + json.dumps(row), encoding="utf-8")
    assert dry(mix=[{"dataset": str(rows), "rows": 2}]) is None


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("gone.md", None, "no suite"),
        ("blank.md", "\n", "has no text"),
        ("manual.pdf", "%PDF-1.4\n", "a PDF"),
        ("choices.csv", "question,A,B\nWhy?,x,y\n", "YAML list"),
        ("rows.jsonl", '{"frage": "Why?"}\n', "malformed entry"),
    ],
)
def test_what_is_no_guard_suite_says_which_forms_are(
    dry: Callable[..., SecarchError | None], tmp_path: Path, name: str, text: str | None, why: str
) -> None:
    """Suites of choices and general documents, whatever the file was taken for."""
    if text is not None:
        (tmp_path / name).write_text(text, encoding="utf-8")
    refused = dry(guard_suites=[str(tmp_path / name)])
    assert refused is not None
    assert why in str(refused)
    assert str(refused.fix).startswith("name in train.guard_suites a suite")
    (tmp_path / "tea.jsonl").write_text('{"text": "Pour water over leaves."}', encoding="utf-8")
    assert dry(guard_suites=[str(tmp_path / "tea.jsonl")]) is None


def test_a_configuration_without_a_type_is_told_apart_from_an_unknown_one(
    dry: Callable[..., SecarchError | None], tiny_base: Path, tmp_path: Path
) -> None:
    """It lacks a word; no newer library would help."""
    base = tmp_path / "base"
    shutil.copytree(tiny_base, base)
    facts = json.loads((base / "config.json").read_text(encoding="utf-8"))
    kind = facts.pop("model_type")
    (base / "config.json").write_text(json.dumps(facts), encoding="utf-8")
    refused = dry(base=str(base))
    assert refused is not None
    assert "model_type" in str(refused.why)
    assert "newer" not in str(refused.fix)
    (base / "config.json").write_text(json.dumps({**facts, "model_type": kind}), encoding="utf-8")
    assert dry(base=str(base)) is None


def test_a_model_is_no_unfinished_run(tiny_base: Path) -> None:
    """There is nothing to go on with: it can be asked as it is."""
    with pytest.raises(MissingInput) as caught:
        open_artifact(tiny_base, "run")
    assert "--resume" not in str(caught.value.fix)
    assert f"--model {tiny_base}" in str(caught.value.fix)
