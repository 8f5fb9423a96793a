"""YAML as people mean it: safe, located, no duplicate keys, `2e-4` a number, `no` a word.

PyYAML follows YAML 1.1, where `2e-4` is a string and `no` is false; the resolvers here are those
of the YAML 1.2 core schema (yaml.org/spec/1.2.2, section 10.3.2).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from secarch.errors import ConfigError, InvalidInput, MissingInput

MAX_BYTES = 4 << 20
MAX_NODES = 200_000
FORMS = {
    b"%PDF-": "a PDF",
    b"PK\x03\x04": "a ZIP archive, as Office files are",
    b"\x1f\x8b": "compressed by gzip",
    b"PAR1": "Parquet",
    b"\x89PNG": "a picture",
    b"SQLite format": "a database of SQLite",
}
"""What other files begin with."""


# libyaml's parser is about eight times as fast; wheels of PyYAML carry it.
_SafeLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_SafeLoader):  # type: ignore[misc]
    """SafeLoader with the scalars of YAML 1.2."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in pairs if not tag.endswith((":bool", ":float", ":int"))]
    for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:int", re.compile(r"^[-+]?[0-9]+$"), list("-+0123456789")
)
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(
        r"^[-+]?(?:[0-9]+\.[0-9]*(?:[eE][-+]?[0-9]+)?|\.[0-9]+(?:[eE][-+]?[0-9]+)?|"
        r"[0-9]+[eE][-+]?[0-9]+)$"
    ),
    list("-+0123456789."),
)


def _integer(loader: _Loader, node: yaml.ScalarNode) -> int:
    return int(loader.construct_scalar(node))


_Loader.add_constructor("tag:yaml.org,2002:int", _integer)


@dataclass(frozen=True, slots=True)
class Located:
    """A mapping and, for each path in it, `file:line:col` of the key."""

    tree: dict[str, Any]
    places: dict[tuple[str | int, ...], str]


def load_located(path: Path) -> Located:
    """Read a settings file. An empty one is an empty mapping.

    Raises ConfigError with `file:line:col` for bad YAML, duplicate keys, a top level that is no
    mapping, files over 4 MiB and documents that expand to over 200,000 nodes.
    """
    if path.stat().st_size > MAX_BYTES:
        raise ConfigError([f"{path}: larger than {MAX_BYTES} bytes"])
    text = _text(path)
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
    except yaml.YAMLError as error:
        raise _malformed(path, error, text) from error
    if node is None:
        return Located({}, {})
    places: dict[tuple[str | int, ...], str] = {}
    if not isinstance(node, yaml.MappingNode):
        raise ConfigError([f"{path}:1:1: the top level must be a table of settings (name: value)"])
    _walk(path, node, (), places)
    try:
        tree = loader.construct_document(node)
    except yaml.YAMLError as error:
        raise _malformed(path, error, text) from error
    return Located({str(key): value for key, value in tree.items()}, places)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ConfigError(
            [f"{path}:{line}: this is not text in UTF-8"], fix="save the file as UTF-8"
        ) from error
    except OSError as error:
        raise MissingInput(
            "this settings file cannot be read",
            where=path,
            why=error.strerror,
            fix="name a readable file with --config",
        ) from error


def _malformed(path: Path, error: yaml.YAMLError, text: str) -> ConfigError:
    problem = f"{path}{_mark(error, text)}"
    return ConfigError([problem], fix="correct the YAML at that place")


def _mark(error: Exception, text: str = "") -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error)
    line = next(iter(text.splitlines()[mark.line : mark.line + 1]), "") if mark else ""
    if mark and "\t" in line[: mark.column + 1]:
        problem = "a tab stands here; YAML is indented with spaces"
    return f":{mark.line + 1}:{mark.column + 1}: {problem}" if mark else f": {problem}"


def _walk(
    file: Path,
    node: yaml.Node,
    path: tuple[str | int, ...],
    places: dict[tuple[str | int, ...], str],
) -> None:
    if len(places) > MAX_NODES:
        raise ConfigError([f"{file}: more than {MAX_NODES} values (aliases are expanded)"])
    if isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            places[(*path, index)] = _place(file, item)
            _walk(file, item, (*path, index), places)
    elif isinstance(node, yaml.MappingNode):
        _walk_mapping(file, node, path, places)


def _walk_mapping(
    file: Path,
    node: yaml.MappingNode,
    path: tuple[str | int, ...],
    places: dict[tuple[str | int, ...], str],
) -> None:
    seen: set[str] = set()
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise ConfigError([f"{_place(file, key)}: a setting's name must be a plain word"])
        if key.value in seen:
            raise ConfigError(
                [f"{_place(file, key)}: {key.value} is given twice"], fix="keep one of them"
            )
        seen.add(key.value)
        places[(*path, key.value)] = _place(file, key)
        _walk(file, value, (*path, key.value), places)


def _place(file: Path, node: yaml.Node) -> str:
    return f"{file}:{node.start_mark.line + 1}:{node.start_mark.column + 1}"


_FAST = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def parse_safe(text: str) -> Any:
    """Plain values of one YAML document, without places; by libyaml if it is there, which reads ten
    times as fast. Raises yaml.YAMLError.
    """
    return yaml.load(text, Loader=_FAST)  # noqa: S506 - both are safe loaders


def parse_scalar(text: str, place: str) -> Any:
    """The value of `--set name=TEXT`: a YAML scalar, list or table on one line.

    Raises ConfigError, which begins with `place`.

    Example: `parse_scalar("2e-4", "--set train.learning_rate")` is `0.0002`.
    """
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - _Loader is a SafeLoader
    except yaml.YAMLError as error:
        raise ConfigError([f"{place}: {text!r} is no YAML value"]) from error


def load_items(path: Path) -> list[Any]:
    """A YAML file that holds a list, such as a suite's questions.

    Raises InvalidInput with the place.
    """
    if path.stat().st_size > MAX_BYTES:
        raise InvalidInput("this file is too large", where=path, fix="split it into smaller files")
    data = path.read_bytes()
    if form := next((name for start, name in FORMS.items() if data.startswith(start)), ""):
        raise InvalidInput(
            f"this file is {form}, and no YAML",
            where=path,
            fix="a suite is a list of questions in YAML; tables of other programs: secarch suite "
            "import",
        )
    try:
        loader = _Loader(data.decode("utf-8"))
        node = loader.get_single_node()
        if node is not None:
            _walk(path, node, (), {})
        value = [] if node is None else loader.construct_document(node)
    except ConfigError as error:
        raise InvalidInput(
            "this file is no valid YAML",
            where=path,
            why=error.problems[0],
            fix="correct the YAML at that place",
        ) from error
    except UnicodeDecodeError as error:
        raise InvalidInput(
            "this file is not text in UTF-8",
            where=path,
            why=error.reason,
            fix="save the file as UTF-8",
        ) from error
    except yaml.YAMLError as error:
        raise InvalidInput(
            "this file is no valid YAML",
            where=f"{path}{_mark(error)}",
            fix="correct the YAML at that place",
        ) from error
    if not isinstance(value, list):
        raise InvalidInput(
            "this file must hold a YAML list",
            where=path,
            fix="a suite is a list of questions, or a folder with suite.yaml; tables of other "
            "programs: secarch suite import",
        )
    return value
