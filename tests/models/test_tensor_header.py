"""What the head of a safetensors file says is believed only as far as it holds."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from secarch.errors import InvalidInput
from secarch.models.tensor_header import data_bytes, header

Head = dict[str, Any]


@pytest.fixture
def changed(tmp_path: Path) -> Callable[[Callable[[Head], object]], Path]:
    """A file of two tensors of which the header was changed."""

    def make(change: Callable[[Head], object]) -> Path:
        path = tmp_path / "x.safetensors"
        save_file({"a": torch.ones(2, 3), "b": torch.ones(4, dtype=torch.float16)}, path)
        data = path.read_bytes()
        end = 8 + int.from_bytes(data[:8], "little")
        found = json.loads(data[8:end])
        change(found)
        text = json.dumps(found).encode()
        path.write_bytes(len(text).to_bytes(8, "little") + text + data[end:])
        return path

    return make


def test_a_sound_file_has_the_bytes_that_its_header_says(
    changed: Callable[[Callable[[Head], object]], Path],
) -> None:
    """Six numbers of four bytes and four of two, in whichever order."""
    path = changed(dict)
    assert {name: entry["shape"] for name, entry in header(path).items()} == {"a": [2, 3], "b": [4]}
    assert data_bytes(path) == path.stat().st_size


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda head: head.update(a=None), "a: it has no dtype"),
        (lambda head: head["a"].pop("shape"), "a: it has no dtype"),
        (lambda head: head["a"].update(dtype="Q4"), "no numbers of the kind Q4"),
        (lambda head: head["a"].update(shape=[2, -3]), "no list of whole numbers"),
        (lambda head: head["a"].update(shape="2x3"), "no list of whole numbers"),
        (lambda head: head["b"].update(data_offsets=[0]), "no list of whole numbers"),
        (lambda head: head["b"].update(data_offsets=[0, True]), "no list of whole numbers"),
    ],
)
def test_an_entry_that_says_nothing_is_named(
    change: Callable[[Head], object],
    why: str,
    changed: Callable[[Callable[[Head], object]], Path],
) -> None:
    """With its tensor, before anything is computed from it."""
    with pytest.raises(InvalidInput, match="damaged") as caught:
        header(changed(change))
    assert why in str(caught.value.why)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda head: head["a"].update(shape=[2, 4]), "24 bytes are no [2, 4] of F32"),
        (lambda head: head["a"].update(dtype="F16"), "24 bytes are no [2, 3] of F16"),
        (lambda head: head["b"].update(data_offsets=head["a"]["data_offsets"]), "begins at byte"),
        (lambda head: head.pop("a"), "b begins at byte 24 of the numbers, not at 0"),
    ],
)
def test_tensors_that_overlap_or_leave_gaps_are_no_whole_file(
    change: Callable[[Head], object],
    why: str,
    changed: Callable[[Callable[[Head], object]], Path],
) -> None:
    """The library that loads them says so too, in terms of its own."""
    path = changed(change)
    assert header(path)
    with pytest.raises(InvalidInput, match="damaged") as caught:
        data_bytes(path)
    assert why in str(caught.value.why)
