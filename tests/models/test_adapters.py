"""Adapters of any tool: put on a base whole, or refused before it is loaded."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import IA3Config, LoraConfig, PeftModel, PromptTuningConfig, get_peft_model
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM, LlamaConfig

from secarch.artifact import open_artifact
from secarch.errors import InvalidInput, Mismatch, MissingInput, MissingModel
from secarch.evaluate.engines.target import find
from secarch.models.adapters import CONFIG, PICKLED, WEIGHTS, folder_of
from secarch.models.local import Model

Make = Callable[..., Path]
IDS = torch.arange(3, 40)[None]


def bare(base: Path) -> Any:
    return AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32).eval()


@pytest.fixture
def make(tiny_base: Path, tmp_path: Path) -> Make:
    """An adapter of peft's own with random weights, saved."""

    def save(config: Any = None, base: Any = None, **changes: Any) -> Path:
        torch.manual_seed(1)
        wanted = {"r": 4, "lora_alpha": 8, "target_modules": ["q_proj", "v_proj"], **changes}
        worn = get_peft_model(
            bare(tiny_base) if base is None else base,
            config or LoraConfig(task_type="CAUSAL_LM", **wanted),
        )
        with torch.no_grad():
            for weight in worn.parameters():
                if weight.requires_grad:
                    weight.add_(torch.randn_like(weight) * 0.1)
        worn.save_pretrained(tmp_path / "adapter")
        return tmp_path / "adapter"

    return save


def rewrite(folder: Path, change: Callable[[dict[str, torch.Tensor]], dict[str, Any]]) -> None:
    """Change the adapter's tensors."""
    found = change(load_file(folder / WEIGHTS))
    save_file({name: tensor.contiguous() for name, tensor in found.items()}, folder / WEIGHTS)


def settings(folder: Path, **changes: Any) -> None:
    """Change the adapter's configuration."""
    known = json.loads((folder / CONFIG).read_text())
    (folder / CONFIG).write_text(json.dumps({**known, **changes}))


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"target_modules": "all-linear", "use_rslora": True},
        {"use_dora": True},
        {"rank_pattern": {"q_proj": 8}, "alpha_pattern": {"layers.1.self_attn.v_proj": 32}},
        {"modules_to_save": ["lm_head"]},
        {"trainable_token_indices": {"embed_tokens": [5, 6]}},
        {"lora_bias": True},
        {
            "config": IA3Config(
                task_type="CAUSAL_LM", target_modules=["v_proj"], feedforward_modules=[]
            )
        },
    ],
    ids=["plain", "rslora", "dora", "patterns", "head", "tokens", "bias", "ia3"],
)
def test_an_adapter_of_others_is_put_on_as_peft_does(
    make: Make, tiny_base: Path, changes: dict[str, Any]
) -> None:
    """Whatever it changes, the model is the one that its own library makes."""
    folder = make(**changes)
    if "rank_pattern" not in changes:  # as Unsloth writes it, and a release to come
        settings(folder, auto_mapping={"unsloth_fixed": True}, of_a_later_release=None)
    theirs = PeftModel.from_pretrained(bare(tiny_base), folder).eval()
    ours = Model.load(tiny_base, quantization="none", adapter=folder)
    with torch.inference_mode():
        expected, found = theirs(IDS).logits, ours.network(IDS).logits
        plain = bare(tiny_base)(IDS).logits
    assert torch.allclose(found, expected, atol=1e-5)
    assert not torch.allclose(found, plain, atol=1e-3)


BROKEN: dict[str, tuple[Callable[[Path], object], str]] = {
    "torn": (lambda f: (f / WEIGHTS).write_bytes((f / WEIGHTS).read_bytes()[:-9]), "not whole"),
    "longer": (lambda f: (f / WEIGHTS).write_bytes((f / WEIGHTS).read_bytes() + b"x"), "not whole"),
    "empty": (lambda f: (f / WEIGHTS).write_bytes(b""), "damaged"),
    "a pointer": (
        lambda f: (f / WEIGHTS).write_text("version https://git-lfs.github.com/spec/v1\noid x\n"),
        "Git LFS",
    ),
    "half": (
        lambda f: rewrite(
            f, lambda w: {n: t for n, t in w.items() if "0.self_attn.q_proj.lora_B" not in n}
        ),
        "without its lora_B",
    ),
    "prefix": (lambda f: settings(f, peft_type="PREFIX_TUNING"), "adds to the prompt"),
    "classes": (lambda f: settings(f, task_type="SEQ_CLS"), "does not write text"),
    "activated": (lambda f: settings(f, alora_invocation_tokens=[5]), "activated LoRA"),
    "no alpha": (lambda f: settings(f, lora_alpha=None), "lora_alpha is None"),
    "rank in words": (lambda f: settings(f, r="4"), "r is '4'"),
    "rank pattern": (lambda f: settings(f, rank_pattern={"q_proj": 0}), "r is 0"),
    "patterns": (lambda f: settings(f, alpha_pattern=[1]), "alpha_pattern is no object"),
    "no kind": (lambda f: settings(f, peft_type=None), "not of PEFT"),
    "a list": (lambda f: (f / CONFIG).write_text("[]"), "no JSON object"),
    "cut off": (lambda f: (f / CONFIG).write_text('{"r":'), "no JSON"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_adapter_is_refused_by_its_files(make: Make, tiny_base: Path, kind: str) -> None:
    """Before anything is loaded, with what is wrong and what to do."""
    folder = make()
    spoil, said = BROKEN[kind]
    spoil(folder)
    with pytest.raises(InvalidInput) as error:
        find(str(folder), str(tiny_base))
    assert said in f"{error.value} {error.value.why}"
    assert error.value.fix


@pytest.mark.parametrize(
    "rename",
    [
        lambda n: n.removeprefix("base_model.model."),
        lambda n: n.replace("model.layers", "model.language_model.layers"),
        lambda n: n.replace("layers.1.", "layers.7."),
    ],
    ids=["no prefix", "of a vision model", "of a deeper base"],
)
def test_weights_without_a_place_are_not_dropped_in_silence(
    make: Make, tiny_base: Path, rename: Callable[[str], str]
) -> None:
    """The library passes them over, and the answers would be the base's."""
    folder = make()
    rewrite(folder, lambda w: {rename(name): tensor for name, tensor in w.items()})
    with pytest.raises(Mismatch, match="do not fit this base"):
        Model.load(tiny_base, quantization="none", adapter=folder)


def test_layers_that_its_file_lacks_are_not_left_bare(make: Make, tiny_base: Path) -> None:
    """Half of the adapter is another model than the one that was trained."""
    folder = make()
    rewrite(folder, lambda w: {n: t for n, t in w.items() if ".layers.0." in n})
    with pytest.raises(Mismatch) as error:
        Model.load(tiny_base, quantization="none", adapter=folder)
    assert "layers.1" in str(error.value.why)


def test_an_adapter_of_a_wider_base_says_which_weight(make: Make, tiny_base: Path) -> None:
    """The reason is the library's line that names it, not its heading."""
    known = json.loads((tiny_base / "config.json").read_text())
    wider = LlamaConfig(**{**known, "hidden_size": 128, "head_dim": 32})
    folder = make(base=AutoModelForCausalLM.from_config(wider))
    with pytest.raises(Mismatch) as error:
        Model.load(tiny_base, quantization="none", adapter=folder)
    assert "size mismatch" in str(error.value.why)


def test_numbers_that_are_none_are_refused(make: Make, tiny_base: Path) -> None:
    """NaN in one of them makes every answer noise."""
    folder = make()

    def spoil(found: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        found[min(found)][0, 0] = float("inf")
        return found

    rewrite(folder, spoil)
    with pytest.raises(InvalidInput, match="NaN or infinite"):
        Model.load(tiny_base, quantization="none", adapter=folder)


def test_an_adapter_that_adds_to_the_prompt_is_none_of_layers(make: Make, tiny_base: Path) -> None:
    """Decoding here would give it its virtual tokens anew at each step."""
    folder = make(PromptTuningConfig(task_type="CAUSAL_LM", num_virtual_tokens=4))
    with pytest.raises(InvalidInput, match="cannot be used"):
        find(str(folder), str(tiny_base))


def test_the_command_for_pickled_weights_works(make: Make) -> None:
    """They are not opened here; the command that is given makes a file that is."""
    folder = make()
    whole = load_file(folder / WEIGHTS)
    torch.save(whole, folder / PICKLED)
    (folder / WEIGHTS).unlink()
    with pytest.raises(MissingModel) as error:
        folder_of(folder)
    command = str(error.value.fix).replace("python ", f"{sys.executable} ", 1)
    subprocess.run(command, shell=True, check=True)
    assert folder_of(folder) == folder
    assert load_file(folder / WEIGHTS).keys() == whole.keys()


def test_a_folder_around_adapters_names_one(make: Make, tmp_path: Path) -> None:
    """As a trainer leaves them: one for each checkpoint."""
    shutil.move(make(), tmp_path / "out" / "checkpoint-10")
    for ask in (folder_of, lambda place: find(str(place), "base")):
        with pytest.raises(MissingModel) as error:
            ask(tmp_path / "out")
        assert "checkpoint-10" in str(error.value.fix)


def test_an_adapter_of_mlx_says_how_to_merge_it(tmp_path: Path) -> None:
    """Its keys and scale are its own."""
    (tmp_path / CONFIG).write_text('{"fine_tune_type": "lora", "lora_parameters": {"rank": 8}}')
    (tmp_path / "adapters.safetensors").write_bytes(b"")
    with pytest.raises(MissingModel) as error:
        folder_of(tmp_path)
    assert "mlx_lm.fuse" in str(error.value.fix)


def test_an_adapter_of_others_is_no_unfinished_run(make: Make) -> None:
    """`export` would be told to finish it with --resume."""
    with pytest.raises(MissingInput) as error:
        open_artifact(make(), "run")
    assert "not trained here" in str(error.value.why)
    assert "secarch eval --model" in str(error.value.fix)


def test_rows_of_others_measure_an_adapter_too(tmp_path: Path) -> None:
    """A run that was trained on a file has no dataset of ours to be measured on."""
    from secarch.registry.adapter import _dataset, _rows

    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps({"prompt": "How?", "completion": "So."}) + "\n")
    rows = _rows(_dataset(None, None, path))  # type: ignore[arg-type] - not asked where one is given
    assert [[m["content"] for m in row] for row in rows] == [["How?", "So."]]
