"""Our rows as other programs read them."""

from __future__ import annotations

from collections.abc import Mapping

from secarch.schema import JsonDict

DATASET_INFO = "dataset_info.json"
"""LLaMA-Factory's register of datasets, which it looks for beside the files (its data/README.md).
"""


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
