"""Bases that cannot be loaded, or would be loaded as others, are refused by their files alone."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from safetensors.torch import load_file, save_file

from secarch.errors import InvalidInput, MissingModel
from secarch.models import loadable
from secarch.models.weights import quantised, resolve, weight_files

Changed = Callable[..., Path]


@pytest.fixture
def changed(tiny_base: Path, tmp_path: Path) -> Changed:
    """The tiny base with other facts in its config.json."""

    def make(**facts: Any) -> Path:
        folder = tmp_path / "base"
        shutil.copytree(tiny_base, folder)
        found = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        (folder / "config.json").write_text(json.dumps({**found, **facts}), encoding="utf-8")
        return folder

    return make


def test_the_types_that_transformers_knows_are_read(tiny_base: Path) -> None:
    """By its source alone; the tiny base is of one of them."""
    assert {"llama", "qwen3", "gemma3_text", "gpt_oss", "mixtral"} <= loadable.known_types()
    assert not {"t5", "clip", "brandnew"} & loadable.known_types()
    loadable.check(tiny_base)
    loadable.check_whole(tiny_base)


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"model_type": "brandnew"}, "no causal language model of the type brandnew"),
        ({"model_type": "brandnew", "auto_map": {"AutoModel": "m.X"}}, "code of its own"),
        ({"model_type": "t5", "is_encoder_decoder": True}, "encoder with a decoder"),
        ({"architectures": ["LlamaForSequenceClassification"]}, "no head for the next token"),
        ({"architectures": ["BertForMaskedLM"]}, "no head for the next token"),
        ({"vocab_size": "many"}, "positive whole number"),
        ({"num_hidden_layers": 0}, "positive whole number"),
        ({"num_hidden_layers": 3}, "random numbers"),
        ({"hidden_size": 65}, "64 columns and its configuration says 65"),
        ({"vocab_size": 1025}, "1024 rows and its configuration says 1025"),
        ({"tie_word_embeddings": False}, "no output head"),
        ({"num_hidden_layers": 1}, "files have 2 layers and its configuration 1"),
        ({"hidden_act": "swigloo"}, "swigloo, which nobody knows"),
        ({"dtype": "bfloat17"}, "bfloat17, which nobody knows"),
        ({"intermediate_size": 3000}, "rows in mlp.up_proj.weight"),
        ({"num_attention_heads": 7, "num_key_value_heads": 7}, "rows in self_attn.k_proj.weight"),
        ({"auto_map": {"AutoModel": "m.X"}, "architectures": ["XForCausalLM"]}, "code of its own"),
    ],
)
def test_a_base_that_is_none_is_refused(facts: dict[str, Any], why: str, changed: Changed) -> None:
    """With what is wrong, and what to do."""
    with pytest.raises(InvalidInput) as caught:
        loadable.check(changed(**facts))
    assert why in f"{caught.value.what} {caught.value.why}"
    assert caught.value.fix


def test_a_known_type_is_loaded_without_the_code_beside_it(changed: Changed) -> None:
    """Transformers has its own class for it."""
    loadable.check(changed(auto_map={"AutoModelForCausalLM": "modeling.Own"}))


def test_an_adapter_beside_the_weights_is_refused(changed: Changed) -> None:
    """It would be loaded onto the base."""
    base = changed()
    (base / "adapter_config.json").write_text("{}", encoding="utf-8")
    with pytest.raises(InvalidInput, match="an adapter in its folder"):
        loadable.check(base)


def test_a_download_that_broke_off_is_noticed(changed: Changed) -> None:
    """By one byte."""
    base = changed()
    path = next(base.glob("*.safetensors"))
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(InvalidInput, match="not whole") as caught:
        loadable.check_whole(base)
    assert f"{path.stat().st_size:,} of {path.stat().st_size + 1:,} bytes" in str(caught.value.why)
    with pytest.raises(InvalidInput, match="not whole"):
        loadable.check(base)


def test_headers_alone_are_enough_for_a_plan(changed: Changed) -> None:
    """A file without any of its numbers can be planned with, one with a single byte of them not."""
    base = changed()
    path = next(base.glob("*.safetensors"))
    whole = path.read_bytes()
    path.write_bytes(whole[: 8 + int.from_bytes(whole[:8], "little")])
    loadable.check(base)
    path.write_bytes(whole[: path.stat().st_size + 1])
    with pytest.raises(InvalidInput, match="not whole"):
        loadable.check(base)


@pytest.mark.parametrize(
    ("facts", "method"),
    [
        ({"quantization_config": {"quant_method": "awq"}}, "awq"),
        ({"compression_config": {"quant_method": "compressed-tensors"}}, "compressed-tensors"),
        ({"quantization": {"quant_algo": "FP8"}}, "FP8"),
        ({"quantization": {"bits": 4, "group_size": 64}}, "an unknown method"),
        ({}, ""),
    ],
)
def test_quantised_weights_are_told_by_every_field(
    facts: dict[str, Any], method: str, changed: Changed
) -> None:
    """transformers, vLLM's tools, NVIDIA's and Apple's; and none."""
    assert quantised(changed(**facts)) == method


@pytest.mark.parametrize(
    "name", ["quantize_config.json", "quant_config.json", "hf_quant_config.json"]
)
def test_quantised_weights_are_told_by_files_beside(name: str, changed: Changed) -> None:
    """Of tools that leave config.json as it was."""
    base = changed()
    (base / name).write_text("{}", encoding="utf-8")
    assert name in quantised(base)


def test_what_is_no_base_is_told_apart(tmp_path: Path, tiny_base: Path) -> None:
    """Each with its own way out, which then is found."""
    for name in ("adapter", "gguf", "run/adapter", "outer/inner"):
        (tmp_path / name).mkdir(parents=True)
    facts = json.dumps({"base_model_name_or_path": str(tiny_base)})
    (tmp_path / "adapter" / "adapter_config.json").write_text(facts, encoding="utf-8")
    (tmp_path / "gguf" / "m.gguf").write_bytes(b"GGUF")
    (tmp_path / "outer" / "inner" / "config.json").write_text("{}", encoding="utf-8")
    weights = str(tiny_base / "model.safetensors")
    for place, why, fix in (
        (str(tmp_path / "adapter"), "it is an adapter", f"train.base to {tiny_base};"),
        (str(tmp_path / "gguf"), "it is GGUF", ".safetensors"),
        (str(tmp_path / "gguf" / "m.gguf"), "it is GGUF", "a folder with config.json"),
        (str(tmp_path / "run"), "it is a run", "secarch export run"),
        (str(tmp_path / "outer"), "no config.json", str(tmp_path / "outer" / "inner")),
        (weights, "it is a file", f"its folder, {tiny_base}"),
        ("https://hub.example/some-team/model/tree/main", "", "train.base to some-team/model"),
        ("", "no config.json", "a model's folder"),
    ):
        with pytest.raises(MissingModel) as caught:
            resolve(place)
        assert why in str(caught.value.why or "")
        assert fix in str(caught.value.fix)


Tensors = Callable[[Callable[[dict[str, Any]], object]], Path]


@pytest.fixture
def with_tensors(changed: Changed) -> Tensors:
    """The tiny base with other weights in its file."""

    def make(change: Callable[[dict[str, Any]], object]) -> Path:
        folder = changed()
        found = load_file(folder / "model.safetensors")
        change(found)
        save_file(found, folder / "model.safetensors", {"format": "pt"})
        return folder

    return make


def test_a_layer_that_lacks_what_others_have_is_named(with_tensors: Tensors) -> None:
    """Transformers would fill it up with random numbers."""
    name = "model.layers.1.mlp.up_proj.weight"
    with pytest.raises(InvalidInput, match="layer 1 of this model lacks") as caught:
        loadable.check(with_tensors(lambda found: found.pop(name)))
    assert "mlp.up_proj.weight" in str(caught.value.why)


def test_layers_of_another_kind_lack_nothing(with_tensors: Tensors) -> None:
    """A part that is not in a layer at all, or has other weights there, is how hybrids are."""

    def mixed(found: dict[str, Any]) -> None:
        for name in [name for name in found if ".layers.1.self_attn" in name]:
            found[name.replace("self_attn", "linear_attn")] = found.pop(name)
        gate = "model.layers.1.mlp.gate_proj.weight"
        found[gate.replace("gate_proj", "router")] = found.pop(gate)

    loadable.check(with_tensors(mixed))


def test_a_tower_beside_the_text_may_have_stages_of_its_own(with_tensors: Tensors) -> None:
    """Only a stack that is as deep as the text's has layers that are alike."""

    def towered(found: dict[str, Any]) -> None:
        own = found["model.norm.weight"]
        depth = 1 + max(int(name.split(".")[2]) for name in found if ".layers." in name)
        for stage in range(depth - 1):
            found[f"tower.blocks.{stage}.0.norm.weight"] = own.clone()
        found["tower.blocks.0.0.scale.weight"] = own.clone()

    loadable.check(with_tensors(towered))


@pytest.mark.parametrize(
    "name", ["lm_head.weight", "text.lm_head.weight", "head.weight", "output_projection.weight"]
)
def test_a_head_has_one_of_several_names(name: str, with_tensors: Tensors) -> None:
    """RWKV and BioGPT name theirs otherwise than Llama; a part of a model has it further down."""
    folder = with_tensors(lambda found: found.update({name: found["model.norm.weight"].clone()}))
    facts = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    facts["tie_word_embeddings"] = False
    (folder / "config.json").write_text(json.dumps(facts), encoding="utf-8")
    loadable.check(folder)


@pytest.mark.parametrize(("whole", "text"), [(True, False), (False, True)])
def test_the_whole_or_its_text_may_tie_the_head(
    *, whole: bool, text: bool, changed: Changed
) -> None:
    """Models of several parts say it in either place."""
    folder = changed()
    facts = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    parts = {**facts, "text_config": {**facts, "tie_word_embeddings": text}}
    parts["tie_word_embeddings"] = whole
    (folder / "config.json").write_text(json.dumps(parts), encoding="utf-8")
    loadable.check(folder)


def test_an_embedding_may_be_narrower_than_the_layers(changed: Changed) -> None:
    """OPT says so in a field of its own."""
    loadable.check(changed(hidden_size=128, word_embed_proj_dim=64))


def test_numbers_of_eight_bits_need_a_word_on_their_scale(with_tensors: Tensors) -> None:
    """Without quantization_config they would be taken for what they are not."""
    import torch

    name = "model.layers.0.mlp.up_proj.weight"
    cast = lambda found: found.update({name: found[name].to(torch.float8_e4m3fn)})  # noqa: E731
    with pytest.raises(InvalidInput, match="stored as F8_E4M3"):
        loadable.check(with_tensors(cast))


def test_shards_without_their_index_are_no_whole_model(changed: Changed) -> None:
    """Nothing tells which files there should be."""
    folder = changed()
    (folder / "model.safetensors").rename(folder / "model-00001-of-00002.safetensors")
    with pytest.raises(MissingModel) as caught:
        resolve(str(folder))
    assert str(caught.value.why) == "model.safetensors.index.json is missing"


def test_a_whole_file_is_loaded_whatever_shards_are_left_beside_it(changed: Changed) -> None:
    """Transformers takes the one file, and so do we."""
    folder = changed()
    shutil.copy(folder / "model.safetensors", folder / "model-00001-of-00002.safetensors")
    assert [path.name for path in weight_files(resolve(str(folder)))] == ["model.safetensors"]


def test_a_base_of_which_weights_are_missing_is_not_loaded(with_tensors: Tensors) -> None:
    """What no look at the files can tell is told when they are loaded, and before training."""
    from secarch.models.local import Model

    folder = with_tensors(lambda found: found.pop("model.norm.weight"))
    loadable.check(folder)
    with pytest.raises(InvalidInput, match="1 weights of this base are in none") as caught:
        Model.load(folder, quantization="none")
    assert "model.norm.weight" in str(caught.value.why)


def test_layers_that_guess_ahead_are_left_out_on_purpose(changed: Changed) -> None:
    """DeepSeek keeps them behind those that are counted."""
    loadable.check(changed(num_hidden_layers=1, num_nextn_predict_layers=1))


def test_a_width_may_have_any_name(changed: Changed) -> None:
    """Llama 4 has one for dense layers and one for experts; MLA splits its heads in two."""
    folder = changed()
    width = json.loads((folder / "config.json").read_text(encoding="utf-8"))["intermediate_size"]
    shutil.rmtree(folder)
    loadable.check(changed(intermediate_size=3000, intermediate_size_mlp=width))


def test_what_the_index_promises_must_be_in_a_file(changed: Changed) -> None:
    """Transformers would fill it up with random numbers."""
    folder = changed()
    (folder / "model.safetensors").rename(folder / "model-00001-of-00001.safetensors")
    names = load_file(folder / "model-00001-of-00001.safetensors")
    index = {"weight_map": dict.fromkeys(names, "model-00001-of-00001.safetensors")}
    place = folder / "model.safetensors.index.json"
    place.write_text(json.dumps(index), encoding="utf-8")
    loadable.check(folder)
    index["weight_map"]["model.layers.1.lost.weight"] = "model-00001-of-00001.safetensors"
    place.write_text(json.dumps(index), encoding="utf-8")
    with pytest.raises(InvalidInput, match="1 weights that the index promises") as caught:
        loadable.check(folder)
    assert "layers.1.lost.weight" in str(caught.value.why)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda path: path.rename(path.with_name("model.fp16.safetensors")), "not loaded under"),
        (lambda path: (path.unlink(), path.symlink_to("nowhere")), "a link to a file"),
    ],
)
def test_weights_that_would_not_be_found_are_missing(
    change: Callable[[Path], object], why: str, changed: Changed
) -> None:
    """By another name, or behind a link that leads nowhere (a cache that was cleaned)."""
    folder = changed()
    change(folder / "model.safetensors")
    with pytest.raises(MissingModel) as caught:
        resolve(str(folder))
    assert why in str(caught.value.why)


def test_what_transformers_cannot_load_is_said_with_its_reason(changed: Changed) -> None:
    """Whatever it raises: nothing is an unexpected failure."""
    from secarch.models.local import Model

    folder = changed(rope_parameters={"rope_type": "warp", "rope_theta": 10000.0})
    with pytest.raises(InvalidInput, match="cannot be loaded") as caught:
        Model.load(folder, quantization="none")
    assert "KeyError: 'warp'" in str(caught.value.why)


def _renamed(base: Path, change: Callable[[str], str]) -> None:
    path = next(base.glob("*.safetensors"))
    save_file({change(n): w for n, w in load_file(path).items()}, path, metadata={"format": "pt"})


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("model.", "module.model."),
        ("model.", "base_model.model.model."),
        ("q_proj.weight", "q_proj.base_layer.weight"),
    ],
)
def test_names_that_no_model_has_are_refused(old: str, new: str, changed: Changed) -> None:
    """Loading would fill up what is missing with random numbers."""
    base = changed()
    _renamed(base, lambda name: name.replace(old, new, 1))
    with pytest.raises(InvalidInput, match="a wrapper around the model") as caught:
        loadable.check(base)
    assert "save_pretrained" in str(caught.value.fix)


def test_halves_of_a_layer_that_do_not_fit_are_refused(changed: Changed) -> None:
    """By one column."""
    base = changed()
    path = next(base.glob("*.safetensors"))
    found = load_file(path)
    name = next(n for n in found if n.endswith("mlp.down_proj.weight"))
    save_file({**found, name: found[name][:, 1:].contiguous()}, path, metadata={"format": "pt"})
    with pytest.raises(InvalidInput, match="does not fit together"):
        loadable.check(base)
