"""YAML as people mean it: scalars of YAML 1.2, places of keys, refusals with their place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from secarch import located_yaml
from secarch.errors import ConfigError, InvalidInput, MissingInput
from secarch.located_yaml import load_items, load_located, parse_safe, parse_scalar


def _file(folder: Path, text: str) -> Path:
    path = folder / "a.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def _refused(path: Path) -> str:
    with pytest.raises(ConfigError) as caught:
        load_located(path)
    return caught.value.problems[0]


SCALARS: list[tuple[str, Any]] = [
    ("2e-4", 2e-4),
    ("2E4", 2e4),
    ("2e+4", 2e4),
    ("-1.5", -1.5),
    ("+.5", 0.5),
    (".5", 0.5),
    (".5e1", 5.0),
    ("1.", 1.0),
    ("1.5e3", 1.5e3),
    ("007", 7),
    ("-12", -12),
    ("+12", 12),
    ("1_000", "1_000"),
    ("0x1F", "0x1F"),
    ("12:30", "12:30"),
    ("no", "no"),
    ("on", "on"),
    ("y", "y"),
    ("true", True),
    ("False", False),
    ("TRUE", True),
    ("tRUE", "tRUE"),
    ("~", None),
    ("null", None),
    ("", None),
    ("e5", "e5"),
    ("'2e-4'", "2e-4"),
    ("[1, a]", [1, "a"]),
    ("{a: 2e1}", {"a": 20.0}),
]


@pytest.mark.parametrize(("text", "value"), SCALARS)
def test_scalars_are_those_of_yaml_1_2(text: str, value: object, tmp_path: Path) -> None:
    """The same on the command line and in a file; no word is a boolean but true and false."""
    found = parse_scalar(text, "--set x")
    assert (found, type(found)) == (value, type(value))
    assert load_located(_file(tmp_path, f"x: {text}\n")).tree["x"] == value


def test_every_key_and_item_has_its_place(tmp_path: Path) -> None:
    """Line and column count from 1; an item of a list is placed too."""
    path = _file(tmp_path, "a: 1\nb:\n  c: [x, {d: 2}]\n")
    found = load_located(path)
    assert found.tree == {"a": 1, "b": {"c": ["x", {"d": 2}]}}
    assert found.places == {
        ("a",): f"{path}:1:1",
        ("b",): f"{path}:2:1",
        ("b", "c"): f"{path}:3:3",
        ("b", "c", 0): f"{path}:3:7",
        ("b", "c", 1): f"{path}:3:10",
        ("b", "c", 1, "d"): f"{path}:3:11",
    }


def test_an_empty_file_sets_nothing_and_keys_are_words(tmp_path: Path) -> None:
    """Comments alone are an empty file; a number as a key is the word that was written."""
    for text in ("", "# nothing\n"):
        found = load_located(_file(tmp_path, text))
        assert (found.tree, found.places) == ({}, {})
    assert load_located(_file(tmp_path, "1: x\n")).tree == {"1": "x"}


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("a: 1\na: 2\n", ":2:1", "a is given twice"),
        ("s:\n  a: 1\n  a: 1\n", ":3:3", "a is given twice"),
        ("- 1\n", ":1:1", "the top level must be a table"),
        ("word\n", ":1:1", "the top level must be a table"),
        ("a: [1\n", ":2:1", ""),
        ("a:\n\tb: 1\n", ":2:1", "a tab stands here"),
        ("a: 'x\ty\n", "", ""),
        ("? [1]\n: 2\n", ":1:3", "must be a plain word"),
        ("a: !!python/object:os.system x\n", ":1:4", "could not determine a constructor"),
    ],
)
def test_what_is_refused_names_its_place(text: str, place: str, words: str, tmp_path: Path) -> None:
    """Duplicates, lists, broken YAML and objects of a language."""
    problem = _refused(_file(tmp_path, text))
    assert problem.startswith(f"{tmp_path / 'a.yaml'}{place}")
    assert words in problem


def test_aliases_that_expand_are_counted(tmp_path: Path) -> None:
    """Ten levels of ten would be ten thousand million values."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    assert "more than 200000 values" in _refused(_file(tmp_path, "\n".join(lines)))


def test_a_large_file_is_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bound itself is allowed."""
    path = _file(tmp_path, "a: 1\n")
    monkeypatch.setattr(located_yaml, "MAX_BYTES", 5)
    assert load_located(path).tree == {"a": 1}
    monkeypatch.setattr(located_yaml, "MAX_BYTES", 4)
    assert _refused(path) == f"{path}: larger than 4 bytes"
    with pytest.raises(InvalidInput, match="too large"):
        load_items(path)


def test_other_encodings_and_unreadable_files_are_told(tmp_path: Path) -> None:
    """The line of the first byte that is not UTF-8; a folder cannot be read."""
    path = tmp_path / "a.yaml"
    path.write_bytes(b"a: 1\nb: \xe9\n")
    assert _refused(path) == f"{path}:2: this is not text in UTF-8"
    with pytest.raises(MissingInput, match="cannot be read"):
        load_located(tmp_path)


def test_a_value_that_is_none_names_the_flag() -> None:
    """The text stands in the message."""
    with pytest.raises(ConfigError, match=r"--set a: '\[1' is no YAML value"):
        parse_scalar("[1", "--set a")


def test_a_document_without_places_is_read_safely() -> None:
    """Plain values of YAML 1.1; objects of a language are refused."""
    assert parse_safe("a: [1, no]") == {"a": [1, False]}
    with pytest.raises(yaml.YAMLError):
        parse_safe("!!python/object:os.system x")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a: 1\n", "must hold a YAML list"),
        ("- a: 1\n  a: 2\n", "2:3: a is given twice"),
        ("- [1\n", ":2:1"),
        ("- ? [1]\n  : 2\n", "must be a plain word"),
    ],
)
def test_a_list_of_items_is_checked_too(text: str, why: str, tmp_path: Path) -> None:
    """As a suite's questions are; what is refused is invalid input, not a wrong setting."""
    with pytest.raises(InvalidInput) as caught:
        load_items(_file(tmp_path, text))
    assert why in "\n".join(caught.value.lines())


def test_items_are_read_with_the_same_scalars(tmp_path: Path) -> None:
    """An empty file has none."""
    assert load_items(_file(tmp_path, "")) == []
    assert load_items(_file(tmp_path, "- 2e1\n- {a: no}\n")) == [20.0, {"a": "no"}]
