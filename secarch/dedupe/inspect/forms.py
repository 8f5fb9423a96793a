"""The forms in which other programs keep training rows, as messages; and our own rows as those
programs read them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from secarch.schema import JsonDict

DATASET_INFO = "dataset_info.json"
"""LLaMA-Factory's register of data sets, which it looks for beside the files (its data/README.md).
"""
_SPEAKERS = {
    "human": "user",
    "user": "user",
    "gpt": "assistant",
    "assistant": "assistant",
    "system": "system",
}


def as_messages(row: Mapping[str, Any]) -> tuple[str, Any]:
    """(form, messages) of a row in any known form; messages are as they stand where the form is
    `messages`.

    Forms: `messages` (OpenAI, TRL, axolotl), `conversations` (ShareGPT), `prompt` and `completion`
    (TRL), `instruction`, `input` and `output` (Alpaca). An unknown row has the form `messages` and
    what it holds there.
    """
    if "messages" not in row and isinstance(row.get("conversations"), list):
        return "conversations", [_turn(turn) for turn in row["conversations"]]
    if "messages" not in row and "prompt" in row and "completion" in row:
        return "prompt", _pair(row["prompt"], row["completion"])
    if "messages" not in row and "instruction" in row and "output" in row:
        asked = row["instruction"]
        if isinstance(row.get("input"), str) and row["input"] and isinstance(asked, str):
            asked = f"{asked}\n{row['input']}"
        return "instruction", _pair(asked, row["output"])
    return "messages", row.get("messages")


def _turn(turn: Any) -> Any:
    if not isinstance(turn, dict):
        return turn
    return {
        "role": _SPEAKERS.get(str(turn.get("from")), turn.get("from")),
        "content": turn.get("value"),
    }


def _pair(asked: Any, answer: Any) -> list[JsonDict]:
    """Two messages; TRL also takes lists of messages on either side."""
    if isinstance(asked, list) and isinstance(answer, list):
        return [*asked, *answer]
    return [{"role": "user", "content": asked}, {"role": "assistant", "content": answer}]


def dataset_info(rows: Mapping[str, int]) -> JsonDict:
    """`dataset_info.json` for the splits that have rows: `secarch_train` and so on, in OpenAI's
    form.
    """
    tags = {
        "role_tag": "role",
        "content_tag": "content",
        "user_tag": "user",
        "assistant_tag": "assistant",
        "system_tag": "system",
    }
    return {
        f"secarch_{split}": {
            "file_name": f"{split}.jsonl",
            "formatting": "sharegpt",
            "columns": {"messages": "messages"},
            "tags": tags,
        }
        for split, count in rows.items()
        if count
    }


USE = """TRL and `datasets` read this folder as it is: `datasets.load_dataset("PATH")`,
`trl sft --dataset_name PATH --eval_strategy no --model_name_or_path BASE --output_dir OUT`.

axolotl:

```yaml
datasets:
  - path: PATH/train.jsonl
    ds_type: json
    type: chat_template
    field_messages: messages
```

LLaMA-Factory: `--dataset_dir PATH --dataset secarch_train`, by the `dataset_info.json` here.

`dvc add PATH` versions the folder; `secarch dataset diff OLD NEW` tells what changed."""
"""How the programs of the field read the folder; for the data card."""
