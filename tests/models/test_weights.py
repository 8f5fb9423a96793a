"""What a model is on disk: found, fingerprinted and counted without torch."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from secarch.errors import InvalidInput, MissingModel
from secarch.models import weights
from secarch.models.weights import adapter_folder, fingerprint, parameters, resolve, tensors


def test_a_local_folder_is_its_own_base(tiny_base: Path) -> None:
    """A path is used as it is."""
    assert resolve(str(tiny_base)) == tiny_base


@pytest.mark.parametrize(
    "base",
    ["nobody/no-such-model", "no-such-model", "./nowhere", "/nowhere/at/all", "../x", "a/b/c"],
)
def test_a_base_that_cannot_be_had_says_how_to_get_it(base: str) -> None:
    """Offline, with no folder and no cache, the fix names the three ways."""
    with pytest.raises(MissingModel) as caught:
        resolve(base)
    assert caught.value.exit_code == 3
    assert "folder" in str(caught.value.fix)


def test_a_folder_without_a_model_is_refused(
    tmp_path: Path, fake_weights: Callable[..., None]
) -> None:
    """An empty folder, one with pickled weights only, and one with half its shards are no bases."""
    with pytest.raises(MissingModel, match=r"config\.json"):
        resolve(str(tmp_path))
    (tmp_path / "config.json").write_text("{}", encoding="utf-8")
    (tmp_path / "pytorch_model.bin").write_bytes(b"")
    with pytest.raises(MissingModel, match="pickled"):
        resolve(str(tmp_path))
    fake_weights(tmp_path / "model-1.safetensors", {"a": [1]})
    index = {"weight_map": {"a": "model-1.safetensors", "b": "model-2.safetensors"}}
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps(index), encoding="utf-8")
    with pytest.raises(MissingModel, match=r"model-2\.safetensors is missing"):
        resolve(str(tmp_path))


def test_copies_have_one_fingerprint_and_a_changed_byte_another(
    tiny_base: Path, tmp_path: Path
) -> None:
    """The fingerprint is of content: the place has no part in it."""
    copy = tmp_path / "elsewhere"
    shutil.copytree(tiny_base, copy)
    assert fingerprint(copy) == fingerprint(tiny_base)
    data = bytearray((copy / "model.safetensors").read_bytes())
    data[-1] ^= 1
    (copy / "model.safetensors").write_bytes(data)
    assert fingerprint(copy) != fingerprint(tiny_base)


def test_parameters_are_counted_from_headers(tiny_base: Path) -> None:
    """What the headers say is what transformers loads, tied weights counted once."""
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(tiny_base)
    assert parameters(tiny_base) == model.num_parameters()
    assert tensors(tiny_base)["model.embed_tokens.weight"] == list(
        model.get_input_embeddings().weight.shape
    )


@pytest.mark.parametrize(
    "data",
    [b"", b"\xff" * 16, (4).to_bytes(8, "little") + b"{{{{", (4).to_bytes(8, "little") + b"[12]"],
)
def test_a_damaged_weight_file_is_named(tmp_path: Path, data: bytes) -> None:
    """No length or text in the header is trusted."""
    (tmp_path / "model.safetensors").write_bytes(data)
    with pytest.raises(InvalidInput, match=r"model\.safetensors"):
        parameters(tmp_path)


def test_a_folder_without_adapter_says_what_is_wanted(tmp_path: Path) -> None:
    """A run folder or an adapter folder, nothing else."""
    with pytest.raises(MissingModel, match="no adapter"):
        adapter_folder(tmp_path)


def test_nothing_here_imports_torch() -> None:
    """A dry run asks these questions, and must answer in a second."""
    code = (
        "import sys, secarch.models.weights, secarch.models.chat_template, "
        "secarch.train.stage; assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_dry_run_need_not_read_a_large_base(tmp_path: Path) -> None:
    """Hashing what is small, or known already, is no wait; 9 GB that nobody hashed are."""
    (tmp_path / "model.safetensors").write_bytes(b"x" * 100)
    assert weights.hashed(tmp_path)
    with (tmp_path / "model.safetensors").open("r+b") as handle:
        handle.truncate(9 << 30)
    assert not weights.hashed(tmp_path)
    known = weights._remembered(tmp_path / "model.safetensors")
    known.parent.mkdir(parents=True, exist_ok=True)
    known.write_text("0" * 64)
    assert weights.hashed(tmp_path)
