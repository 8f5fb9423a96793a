"""What may not change between the parts of one run, and how a change is shown."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

import secarch
from secarch.errors import UsageError
from secarch.train.loop.drift import changes, check, code_digest, read_state, surroundings

DIGEST = "0123456789abcdef" * 4


def test_changes_are_named_by_the_innermost_setting() -> None:
    """A value that is nested on one side only is shown whole."""
    before = {"lora": {"r": 8, "alpha": 16}, "seed": 1, "gpu": {"name": "a"}}
    now = {"lora": {"r": 16, "alpha": 16}, "seed": 1, "gpu": "b", "epochs": 2}
    assert changes(before, now) == [
        "epochs: null -> 2",
        'gpu: {"name": "a"} -> b',
        "lora.r: 8 -> 16",
    ]
    assert changes(now, now) == []


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (DIGEST, "01234567"),
        (DIGEST[:-1], DIGEST[:-1]),
        ("g" * 64, "g" * 64),
        ("0" * 64, "00000000"),
    ],
)
def test_only_a_digest_is_cut(value: str, shown: str) -> None:
    """64 hex characters are told apart by their first eight."""
    assert changes({"code": "x"}, {"code": value}) == [f"code: x -> {shown}"]


def test_a_change_is_refused_unless_it_is_allowed_and_another_shape_always(tmp_path: Path) -> None:
    """A checkpoint's adapter does not fit another base."""
    state = {"recorded": {"seed": 1, "base": "a"}, "around": {"device": "cpu"}}
    same = {"seed": 1, "base": "a"}
    assert check(state, same, {"device": "cpu"}, tmp_path, allow=False) == []
    found = check(state, same, {"device": "cuda"}, tmp_path, allow=True)
    assert found == ["device: cpu -> cuda"]
    with pytest.raises(UsageError, match="other circumstances"):
        check(state, same, {"device": "cuda"}, tmp_path, allow=False)
    with pytest.raises(UsageError, match="another base"):
        check(state, {"seed": 1, "base": "b"}, {"device": "cpu"}, tmp_path, allow=True)


@pytest.mark.parametrize("text", ["", "{", "[1]"])
def test_a_torn_state_says_nothing(tmp_path: Path, text: str) -> None:
    """As one that is not there."""
    assert read_state(tmp_path) == {}
    (tmp_path / "run.json").write_text(text)
    assert read_state(tmp_path) == {}


def test_the_code_s_digest_is_over_every_file_of_the_package_by_name_and_content() -> None:
    """Zero bytes part names and contents, so that nothing can move from one to the other."""
    root = Path(secarch.__file__).parent
    whole = b"".join(
        path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0"
        for path in sorted(root.rglob("*.py"))
    )
    assert code_digest() == hashlib.sha256(whole).hexdigest()
    assert surroundings("cpu")["code"] == code_digest()
    assert surroundings("cpu")["device"] == "cpu"
    assert "torch" in surroundings("cpu")["libraries"]
