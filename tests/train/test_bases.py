"""Families of bases by their own chat templates: each is trained as it will be asked, or refused
with a way out.
"""

import json
import shutil
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from tokenizers import AddedToken, Tokenizer
from transformers import PreTrainedTokenizerFast

from secarch.errors import InvalidInput
from secarch.models.chat_template import Chat
from secarch.train.data.preflight import check_rows
from secarch.train.data.rows import tokenise

LLAMA = (
    "<|begin_of_text|>",
    "<|end_of_text|>",
    "<|eot_id|>",
    "<|start_header_id|>",
    "<|end_header_id|>",
)
CHATML = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
SMOL = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)

FAMILIES: dict[str, dict[str, Any]] = {
    "Llama 3.1": {
        "template": "llama3_1.jinja",
        "controls": [*LLAMA, "<|finetune_right_pad_id|>"],
        "named": {
            "bos_token": LLAMA[0],
            "eos_token": "<|eot_id|>",
            "pad_token": "<|finetune_right_pad_id|>",
        },
        "stops": ["<|end_of_text|>", "<|eot_id|>"],
    },
    "Llama 3.1, pad is eos": {
        "template": "llama3_1.jinja",
        "controls": [*LLAMA, "<|reserved_special_token_0|>"],
        "named": {"bos_token": LLAMA[0], "eos_token": "<|eot_id|>", "pad_token": "<|eot_id|>"},
        "stops": ["<|eot_id|>"],
    },
    "Qwen3": {
        "template": "qwen3.jinja",
        "controls": CHATML,
        "stops": ["<|im_end|>", "<|endoftext|>"],
        "named": {"eos_token": "<|im_end|>", "pad_token": "<|endoftext|>"},
    },
    "Qwen2.5": {
        "template": "qwen2_5.jinja",
        "controls": CHATML,
        "stops": ["<|im_end|>", "<|endoftext|>"],
        "named": {"eos_token": "<|im_end|>", "pad_token": "<|endoftext|>"},
    },
    "SmolLM2, BOS opens turns, pad is eos": {
        "template": SMOL,
        "controls": CHATML,
        "stops": ["<|im_end|>"],
        "named": {
            "bos_token": "<|im_start|>",
            "eos_token": "<|im_end|>",
            "pad_token": "<|im_end|>",
        },
    },
}


@pytest.fixture
def base(tiny_base: Path, tmp_path: Path) -> Callable[..., Path]:
    """A folder with a family's template and control tokens on a small vocabulary."""

    def make(template: str, controls: Any, named: dict[str, str], stops: list[str]) -> Path:
        folder = tmp_path / "base"
        shutil.copytree(tiny_base, folder)
        found = json.loads((tiny_base / "tokenizer.json").read_text(encoding="utf-8"))
        ids = {token["content"]: token["id"] for token in found["added_tokens"]}
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        tokenizer.add_special_tokens(
            [AddedToken(c, special=True) for c in controls if c not in ids]
        )
        tokenizer.save(str(folder / "tokenizer.json"))
        if template.endswith(".jinja"):
            template = (resources.files("trl") / "chat_templates" / template).read_text(
                encoding="utf-8"
            )
        (folder / "chat_template.jinja").write_text(template, encoding="utf-8")
        settings = {"tokenizer_class": "PreTrainedTokenizerFast", **named}
        (folder / "tokenizer_config.json").write_text(json.dumps(settings), encoding="utf-8")
        (folder / "special_tokens_map.json").unlink(missing_ok=True)
        eos = {"eos_token_id": [tokenizer.token_to_id(name) for name in stops]}
        for name in ("generation_config.json", "config.json"):
            (folder / name).write_text(json.dumps(eos), encoding="utf-8")
        return folder

    return make


@pytest.mark.parametrize("name", FAMILIES)
def test_a_family_is_trained_as_it_will_be_asked(base: Any, make_row: Any, name: str) -> None:
    """Every check passes, a stop token ends each answer, padding is none, and transformers writes
    the same.
    """
    folder = base(**FAMILIES[name])
    chat = Chat.load(folder)
    rows = tokenise(
        [make_row(n) for n in range(4)], chat, max_length=2048, over_length="raise"
    ).rows
    assert set(check_rows(chat, rows).values()) == {4}
    assert chat.pad_id not in {
        row.ids[len(row.mask) - 1 - row.mask[::-1].index(True)] for row in rows
    }
    assert chat.pad_id != chat.id_of("eos_token")
    trained = [[i for i, on in zip(row.ids, row.mask, strict=True) if on] for row in rows]
    answers = [make_row(n)["messages"][-1]["content"] for n in range(4)]
    assert [chat.decode(ids) for ids in trained] == answers  # and no train of thought before it
    theirs = PreTrainedTokenizerFast.from_pretrained(folder).apply_chat_template(
        make_row(0)["messages"], tokenize=False, enable_thinking=False
    )
    assert chat.render(make_row(0)["messages"]) == theirs


def test_a_base_without_template_or_padding_is_refused_with_a_way_out(
    base: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A template is never made up; padding comes from the reserved tokens and never from those that
    end answers.
    """
    monkeypatch.setattr("secarch.models.chat_template.RESERVED", ())
    bare = base(
        template=SMOL,
        controls=["<s>", "</s>"],
        stops=["</s>"],
        named={"bos_token": "<s>", "eos_token": "</s>", "pad_token": "</s>"},
    )
    with pytest.raises(InvalidInput, match="no padding token but the one") as caught:
        _ = Chat.load(bare).pad_id
    assert "pad_token" in str(caught.value.fix)
    (bare / "chat_template.jinja").unlink()
    with pytest.raises(InvalidInput, match="no chat template") as caught:
        Chat.load(bare)
    assert "instruct" in str(caught.value.fix)
