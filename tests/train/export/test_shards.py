"""A merge tensor by tensor gives what peft gives of the whole model, in the base's files."""

import json
import shutil
import weakref
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import LoraConfig, get_peft_model
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM

from secarch.errors import GateFailed
from secarch.models import weights
from secarch.models.local import adapted, load_base, unfold
from secarch.train.export import merge, shards


@pytest.fixture(scope="module")
def parted(tiny_base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny base in many files."""
    folder = tmp_path_factory.mktemp("parted")
    AutoModelForCausalLM.from_pretrained(tiny_base).save_pretrained(folder, max_shard_size="100KB")
    shutil.copyfile(tiny_base / "tokenizer.json", folder / "tokenizer.json")
    assert len(weights.weight_files(folder)) > 3
    return folder


def made_adapter(base: Path, folder: Path, **changes: Any) -> Path:
    """A random adapter whose both halves matter."""
    settings: dict[str, Any] = {"r": 4, "lora_alpha": 12, "target_modules": "all-linear"}
    network = get_peft_model(
        AutoModelForCausalLM.from_pretrained(base),
        LoraConfig(task_type="CAUSAL_LM", **{**settings, **changes}),
    )
    torch.manual_seed(1)
    for name, value in network.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(value, std=0.05)
    network.save_pretrained(folder)
    return folder


def of_files(folder: Path) -> dict[str, torch.Tensor]:
    """Every tensor of a model's folder."""
    found = [load_file(path) for path in weights.weight_files(folder)]
    return {name: tensor for part in found for name, tensor in part.items()}


@pytest.mark.parametrize("quantization", ["none", "nf4"])
@pytest.mark.parametrize("stabilised", [False, True])
def test_it_is_the_merge_of_peft(
    quantization: Any, stabilised: bool, parted: Path, tmp_path: Path
) -> None:
    """Every weight, to the last bit or two; files and index as the base's; plain transformers
    misses none.
    """
    adapter = made_adapter(parted, tmp_path / "adapter", use_rslora=stabilised)
    added = shards.deltas(parted, adapter)
    assert added
    target = tmp_path / "merged"
    target.mkdir()
    shards.write_merged(parted, quantization, added, torch.float32, target)
    network = load_base(parted, quantization, torch.float32)
    if quantization == "nf4":
        unfold(network, torch.float32)
    whole = adapted(network, adapter).merge_and_unload(safe_merge=True).state_dict()
    ours = of_files(target)
    for name, tensor in ours.items():
        torch.testing.assert_close(tensor, whole[name], rtol=0, atol=2e-7)
    assert max(float((ours[n] - t).abs().max()) for n, t in of_files(parted).items()) > 1e-3
    named = [path.name for path in weights.weight_files(parted)]
    assert [path.name for path in weights.weight_files(target)] == named
    _, found = AutoModelForCausalLM.from_pretrained(target, output_loading_info=True)
    assert not found["missing_keys"]
    assert not found["unexpected_keys"]


def test_every_weight_has_the_asked_numbers(parted: Path, tmp_path: Path) -> None:
    """Rounded once, from the sum; config.json says so; what is no fraction stays."""
    base = tmp_path / "base"
    shutil.copytree(parted, base)
    first = weights.weight_files(base)[0]
    counts = torch.arange(3)
    save_file({**load_file(first), "counts": counts}, first, metadata={"format": "pt"})
    added = shards.deltas(base, made_adapter(parted, tmp_path / "adapter")) or {}
    shards.write_merged(base, "none", added, torch.bfloat16, tmp_path)
    with safe_open(tmp_path / first.name, framework="pt") as file:
        kinds = {name: file.get_tensor(name).dtype for name in file.keys()}  # noqa: SIM118
        assert torch.equal(file.get_tensor("counts"), counts)
    assert kinds.pop("counts") == torch.int64
    assert set(kinds.values()) == {torch.bfloat16}
    name = next(iter(added))
    before = of_files(base)[name]
    assert torch.equal(of_files(tmp_path)[name], added[name].added(before).to(torch.bfloat16))
    config = json.loads((tmp_path / "config.json").read_text(encoding="utf-8"))
    assert config["dtype"] == "bfloat16"
    assert "torch_dtype" not in config


@pytest.mark.parametrize(
    "changes",
    [
        {"use_dora": True},
        {"rank_pattern": {"q_proj": 2}},
        {"alpha_pattern": {"q_proj": 2}},
        {"modules_to_save": ["lm_head"]},
        {"bias": "all"},
    ],
)
def test_what_names_do_not_say_is_left_to_the_whole_merge(
    changes: dict[str, Any], parted: Path, tmp_path: Path
) -> None:
    """Other kinds of adapters, and adapters of other bases."""
    assert shards.deltas(parted, made_adapter(parted, tmp_path, **changes)) is None


def test_an_adapter_of_another_width_is_left_to_the_whole_merge(
    parted: Path, tmp_path: Path
) -> None:
    """Which says that it does not fit."""
    adapter = made_adapter(parted, tmp_path)
    path = adapter / "adapter_model.safetensors"
    found = load_file(path)
    name = next(n for n in found if "lora_A" in n)
    save_file({**found, name: found[name][:, 1:].contiguous()}, path)
    assert shards.deltas(parted, adapter) is None


def test_a_weight_that_is_no_number_is_refused(parted: Path, tmp_path: Path) -> None:
    """float16 makes such of large ones."""
    found = shards.deltas(parted, made_adapter(parted, tmp_path / "adapter")) or {}
    large = {name: shards.Delta(one.a, one.b, 1e9) for name, one in found.items()}
    with pytest.raises(GateFailed, match="no number in float16"):
        shards.write_merged(parted, "none", large, torch.float16, tmp_path)


@pytest.mark.parametrize(("limit", "by_tensor"), [(0, True), (1 << 40, False)])
def test_a_large_base_is_merged_tensor_by_tensor(
    limit: int,
    by_tensor: bool,
    parted: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And a small one by peft: the base's own files, or one; the same numbers."""
    monkeypatch.setattr(merge, "SMALL_BYTES", limit)
    adapter = made_adapter(parted, tmp_path / "adapter")
    target = tmp_path / "merged"
    target.mkdir()
    merge.write_merged(parted, "none", adapter, "float32", target)
    assert (len(weights.weight_files(target)) > 1) == by_tensor
    added = shards.deltas(parted, adapter) or {}
    ours, before = of_files(target), of_files(parted)
    for name, delta in added.items():
        torch.testing.assert_close(ours[name], delta.added(before[name]), rtol=0, atol=2e-7)


def test_one_tensor_is_held_at_a_time(
    parted: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the next is read the one before is gone, and none is part of a mapped file."""
    seen: list[weakref.ref[torch.Tensor]] = []
    read = shards._read

    def watched(*given: Any) -> torch.Tensor:
        assert all(one() is None for one in seen)
        found = read(*given)
        seen.append(weakref.ref(found))
        return found

    monkeypatch.setattr(shards, "_read", watched)
    added = shards.deltas(parted, made_adapter(parted, tmp_path / "adapter")) or {}
    shards.write_merged(parted, "none", added, torch.float32, tmp_path)
    assert len(seen) == len(weights.tensors(parted))
