"""Golden suites: loading.

A suite is a folder of YAML (or JSONL) files with questions and a `suite.yaml` that names it; a
single file is a suite too. Everything is checked while it is read: an unknown field, a repeated id,
a pattern that does not compile or could take exponential time is an error that names file and
question.
"""

from __future__ import annotations

import contextlib
import difflib
import hashlib
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import chain
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import Field, TypeAdapter, ValidationError

from secarch import __version__
from secarch.errors import ConfigError, DiskError, InvalidInput, MissingInput
from secarch.files import read_jsonl, write_atomic
from secarch.located_yaml import load_items, load_located
from secarch.schema import Config, sha256_of
from secarch.session import cache_home
from secarch.suite.parts import (
    CHECKED,
    Decoy,
    KeyPoint,
    LeakText,
    MustNot,
    Pattern,
    PlantedFinding,
    Severity,
    Slug,
    Source,
    Text,
    Turn,
)
from secarch.suite.question import Question, QuestionKind
from secarch.text.prose import named

__all__ = [
    "SCHEMA",
    "SUITES",
    "Decoy",
    "KeyPoint",
    "LeakText",
    "MustNot",
    "Pattern",
    "PlantedFinding",
    "Question",
    "QuestionKind",
    "Severity",
    "Slug",
    "Source",
    "Suite",
    "Text",
    "Turn",
    "load",
]

SUITES = Path(__file__).parent / "data"
SCHEMA = 1

_M = TypeVar("_M", bound=Config)


@dataclass(frozen=True)
class Suite:
    """Questions in file order, with a digest over their content."""

    name: str
    version: str
    questions: tuple[Question, ...]
    canary: str = ""

    @cached_property
    def digest(self) -> str:
        """Hex SHA-256 over the ids and content of all questions, whatever their order or files."""
        return sha256_of(sorted([question.id, question.sha256] for question in self.questions))

    def find(self, identifier: str) -> Question:
        """The question of that id. Raises MissingInput."""
        for question in self.questions:
            if question.id == identifier:
                return question
        known = [question.id for question in self.questions]
        head, _, number = identifier.rpartition("-")
        padded = f"{head}-{int(number):04}" if number.isdecimal() else ""
        near = [padded] if padded in known else difflib.get_close_matches(identifier, known, 1, 0.7)
        raise MissingInput(
            f"no question {identifier} in {self.name}",
            fix=f"did you mean {near[0]}?" if near else "secarch suite stats   (what there is)",
        )


class _Header(Config):
    """suite.yaml: what the folder is."""

    schema_version: Annotated[int, Field(alias="schema", ge=1)] = SCHEMA
    name: Slug
    version: str = "0"
    title: str = ""
    description: str = ""
    licence: str = ""
    canary: str = ""


def load(names: Sequence[str], *, smoke: bool = False) -> Suite:
    """Read suites by name (`core`) or path (a folder, a YAML or JSONL file) as one; `smoke` keeps
    those tagged so.

    Raises MissingInput (no such suite, no questions) and InvalidInput (anything malformed; file and
    id are named).
    """
    parts = [_read(_locate(name)) for name in names]
    questions = tuple(chain.from_iterable(part.questions for part in parts))
    _refuse_doubles(questions)
    if smoke:
        questions = tuple(question for question in questions if "smoke" in question.tags)
    if not questions:
        raise MissingInput(
            "there are no questions to ask", where=", ".join(names), fix="choose another --suite"
        )
    version = "+".join(part.version for part in parts)
    return Suite(
        "+".join(part.name for part in parts),
        version,
        questions,
        " ".join(part.canary for part in parts),
    )


def _locate(name: str) -> Path:
    """A built-in name comes first: a folder that happens to be called `core` is given as ./core."""
    with contextlib.suppress(OSError):  # a name that no file can have
        if re.fullmatch(r"\w[\w-]*", name) and (SUITES / name / "suite.yaml").is_file():
            return SUITES / name
        if name and Path(name).exists():
            return Path(name)
    known = (
        ", ".join(sorted(path.parent.name for path in SUITES.glob("*/suite.yaml")))
        if SUITES.is_dir()
        else "none"
    )
    raise MissingInput(
        f"there is no suite {name!r}",
        why=f"built in: {known}",
        fix="give a built-in name or a path",
    )


_NAMED = 8
"""Missing fields, and other faults, that one message names."""
_QUESTIONS = TypeAdapter(tuple[Question, ...])


def _read(path: Path) -> Suite:
    if path.is_file():
        return Suite(path.stem, "0", _questions(path))
    header = _header(path / "suite.yaml")
    files = sorted(
        f
        for f in path.iterdir()
        if f.suffix in {".yaml", ".yml", ".jsonl"} and f.name != "suite.yaml"
    )
    questions = tuple(chain.from_iterable(_questions(file) for file in files))
    return Suite(header.name, header.version, questions, header.canary)


def _header(path: Path) -> _Header:
    if not path.is_file():
        return _Header(
            name=re.sub(r"[^a-z0-9._-]", "-", path.parent.resolve().name.lower()).lstrip("-._")
            or "suite"
        )
    try:
        tree = load_located(path).tree
    except ConfigError as error:
        raise InvalidInput(
            "this suite.yaml is no table of names and values",
            where=path,
            fix="secarch help suite   (the forms that are read)",
        ) from error
    newer = tree.get("schema", SCHEMA)
    if isinstance(newer, int) and newer > SCHEMA:
        raise InvalidInput(
            "this suite is newer than this program", where=path, fix="pip install -U secarch"
        )
    return _validated(_Header, tree, str(path))


def _questions(path: Path) -> tuple[Question, ...]:
    state = path.stat()
    return _parsed(path, state.st_size, state.st_mtime_ns)


@lru_cache(maxsize=64)
def _parsed(path: Path, _size: int, _mtime_ns: int) -> tuple[Question, ...]:
    """One process asks for the same suite several times, and large YAML takes seconds.

    A file that was read before by this version is taken from the cache, by the digest of its bytes.
    """
    key = hashlib.sha256(path.read_bytes() + f"{__version__} {sys.version}".encode()).hexdigest()
    known = cache_home() / "suites" / f"{key[:32]}.json"
    with contextlib.suppress(OSError, ValueError):  # no cache, or one that was damaged
        return _QUESTIONS.validate_json(known.read_bytes(), context=CHECKED)
    questions = tuple(_checked(path))
    with contextlib.suppress(OSError, DiskError):  # a read-only cache costs time alone
        known.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(known, _QUESTIONS.dump_json(questions, exclude_defaults=True))
    return questions


def _checked(path: Path) -> Iterator[Question]:
    rows = list(read_jsonl(path)) if path.suffix == ".jsonl" else load_items(path)
    for number, row in enumerate(rows, 1):
        identifier = (
            row.get("id", f"number {number}") if isinstance(row, dict) else f"number {number}"
        )
        yield _validated(Question, row, f"{path}: question {identifier}")


def _validated(model: type[_M], data: object, where: str) -> _M:
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise InvalidInput(
            "this suite has a malformed entry",
            where=where,
            why=_faults(error),
            fix="secarch help suite   (the forms that are read)",
        ) from None


def _faults(error: ValidationError) -> str:
    """All that is wrong with an entry: what is missing in one list, then each other fault."""
    missing, others = [], []
    for fault in error.errors(include_url=False):
        place = ".".join(map(str, fault["loc"]))
        if fault["type"] == "missing":
            missing.append(place)
            continue
        unknown = fault["type"] == "extra_forbidden"
        message = "there is no such field" if unknown else fault["msg"]
        others.append(f"{place}: {message}" if place else message)
    lacks = [f"missing: {named(missing, _NAMED)}"] if missing else []
    more = [f"{len(others) - _NAMED} more"] if len(others) > _NAMED else []
    return "; ".join([*lacks, *others[:_NAMED], *more])


def _refuse_doubles(questions: Sequence[Question]) -> None:
    counts = Counter(question.id for question in questions)
    if twice := [identifier for identifier, n in counts.items() if n > 1]:
        raise InvalidInput(
            "two questions have one id", where=twice[0], fix="ids are stable and never reused"
        )
