"""Golden suites: the schema of a question, and loading.

A suite is a folder of YAML (or JSONL) files with questions and a `suite.yaml` that names it; a
single file is a suite too. Everything is checked while it is read: an unknown field, a doubled id,
a pattern that does not compile or could take exponential time is an error that names file and
question.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from itertools import chain
from pathlib import Path
from typing import Annotated, Literal, Self, TypeVar

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
    model_validator,
)

from secarch import __version__
from secarch.artifact import read_jsonl, write_atomic
from secarch.errors import ConfigError, DiskError, InvalidInput, MissingInput
from secarch.located_yaml import load_items, load_located
from secarch.schema import Config, sha256_of
from secarch.session import cache_home
from secarch.text.patterns import bounded

SUITES = Path(__file__).parent / "data"
SCHEMA = 1


_M = TypeVar("_M", bound=Config)
QuestionKind = Literal[
    "open", "review_code", "generate_code", "false_premise", "bait", "benign", "harmful", "mcq"
]
PROMPT_KINDS = frozenset({"benign", "harmful", "bait"})
"""Kinds that can be asked without key points: whether the model declines is measured at least."""
Severity = Literal["critical", "major", "minor"]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=20_000, strip_whitespace=True)]


def _bounded(text: str, info: ValidationInfo) -> str:
    """Checking is most of the time that loading takes, so what was checked before is believed."""
    return text if info.context == _CHECKED else bounded(text)


_CHECKED = {"checked": True}
Pattern = Annotated[str, AfterValidator(_bounded)]


def _index(value: object) -> object:
    """`B` is the second option, as people and exam files write it."""
    if isinstance(value, str) and re.fullmatch(r"\s*[A-Za-z]\s*", value):
        return ord(value.strip().upper()) - ord("A")
    return value


class Source(Config):
    """Where a reader can check the answer."""

    title: Text
    """Name of the document."""
    section: str = ""
    """Heading within it."""
    checked: Annotated[str, StringConstraints(pattern=r"^(no|corpus:\S+)$")] = "no"
    """`corpus:<host/path>` where that text was really read, else `no`."""
    url: str = ""
    """Address, only where it was really seen."""
    read: date | None = None
    """Day on which it was read."""


class KeyPoint(Config):
    """One atomic thing that a good answer says."""

    id: Slug
    """Unique within the question."""
    text: Text
    """The point, for people."""
    weight: Annotated[int, Field(ge=1, le=3)]
    """Share of the score."""
    critical: bool = False
    """Missing it caps the score at 0.5."""
    any_of: tuple[Pattern, ...] = ()
    """One of these must match in a window of the answer."""
    all_of: tuple[Pattern, ...] = ()
    """All of these must match in the same window."""

    @model_validator(mode="after")
    def _has_patterns(self) -> Self:
        if not (self.any_of or self.all_of):
            raise ValueError(f"key point {self.id} has no pattern: give any_of or all_of")
        return self


class MustNot(Config):
    """Something that a good answer never advises."""

    id: Slug
    """Unique within the question."""
    text: Text
    """What is wrong, for people."""
    severity: Severity
    """critical: the score becomes 0; major: 3 points are taken off; minor: 1."""
    pattern: Pattern | None = None
    """What it looks like in an answer; this or a detector."""
    detector: Slug | None = None
    """Name of a rule of `eval.safety` that finds it in the answer's code."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.pattern is None) == (self.detector is None):
            raise ValueError(
                f"must_not {self.id} needs a pattern or the name of a detector, and not both"
            )
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class LeakText:
    """One text of a question that no training row may hold."""

    part: str
    """question, files, reference, choices, or the id of a key point."""
    pieces: tuple[str, ...]
    """Texts that are looked for together, whatever stands between them: options, files."""

    @property
    def text(self) -> str:
        """The pieces as one text, for people."""
        return "\n".join(self.pieces)


class Question(Config):
    """One thing to ask, with all that is needed to grade the answer."""

    id: Slug
    """Stable for ever."""
    version: Annotated[int, Field(ge=1)]
    """Rises with each change of content."""
    category: Slug
    """Such as aws, iam, threat-modelling."""
    tags: tuple[str, ...] = ()
    """Lower-case words; `smoke` marks the short selection."""
    kind: QuestionKind
    """What sort of task it is."""
    difficulty: Annotated[int, Field(ge=1, le=4)]
    """1 administrator .. 4 principal architect."""
    cluster: str = ""
    """Scenario that several questions share; empty where it stands alone."""
    question: Text
    """The question."""
    files: dict[str, str] = Field(default_factory=dict)
    """File name -> content, code that the question is about."""
    reference: Annotated[str, StringConstraints(max_length=20_000, strip_whitespace=True)] = ""
    """The best answer, 80-250 words; of a multiple choice, why the right option is right (may be
    left out).
    """
    key_points: tuple[KeyPoint, ...] = ()
    """What a good answer says."""
    must_not: tuple[MustNot, ...] = ()
    """What it never says."""
    choices: tuple[Text, ...] = ()
    """Multiple choice: 2 to 26 options, without their letters; they are shown in an order that the
    seed decides.
    """
    answer: Annotated[Annotated[int, Field(ge=0)] | None, BeforeValidator(_index)] = None
    """Multiple choice: the right option, by its index from 0 or its letter."""
    wrong: str = ""
    """A plausible answer with the common mistake, for the validator."""
    paraphrase: str = ""
    """The reference in other words, for the validator."""
    sources: tuple[Source, ...] = ()
    """Where to check."""
    valid_from: date | None = None
    """Day from which the answer is right, where it ages."""
    valid_until: date | None = None
    """Day from which it is not any more."""
    licence: str = ""
    """SPDX identifier."""

    @cached_property
    def sha256(self) -> str:
        """Hex SHA-256 of all that is set in the question, so that any change of it shows.

        What is left at its default is no part of it: a field that a later version adds moves no
        hash.
        """
        return sha256_of(self.model_dump(mode="json", exclude_defaults=True))

    @property
    def scenario(self) -> str:
        """The cluster, or the question's own id where it stands alone."""
        return self.cluster or self.id

    def leak_texts(self) -> tuple[LeakText, ...]:
        """What must not be in training data: the one definition for the dataset, the evaluation and
        the comparison.

        The question, its files, the reference, the options of a multiple choice (in any order) and
        the text of each key point. Example: `[t.part for t in question.leak_texts()]` is
        `["question", "reference", "k1", "k2"]` for an open question with two key points.
        """
        parts = (
            ("question", (self.question,)),
            ("files", tuple(self.files.values())),
            ("reference", (self.reference,)),
            ("choices", self.choices),
            *((point.id, (point.text,)) for point in self.key_points),
        )
        given = ((part, tuple(text for text in texts if text)) for part, texts in parts)
        return tuple(LeakText(part=part, pieces=pieces) for part, pieces in given if pieces)

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        for name, items in (("key point", self.key_points), ("must_not", self.must_not)):
            if twice := [item for item, n in Counter(i.id for i in items).items() if n > 1]:
                raise ValueError(f"{name} {twice[0]} is given twice")
        if self.kind == "mcq":
            self._has_choices()
        elif self.kind in PROMPT_KINDS and not (self.key_points or self.must_not):
            self._has_no_choices()
        elif not self.key_points:
            raise ValueError("no key points: at least one is needed")
        elif not self.reference:
            raise ValueError("no reference: the best answer is needed")
        else:
            self._has_no_choices()
        return self

    def _has_no_choices(self) -> None:
        if self.choices or self.answer is not None:
            raise ValueError(f"choices and answer are for kind mcq, and this is {self.kind}")

    def _has_choices(self) -> None:
        if (
            not 2 <= len(self.choices) <= 26
            or self.answer is None
            or self.answer >= len(self.choices)
        ):
            raise ValueError(
                "a multiple-choice question needs 2 to 26 choices and the index of the right one"
            )
        if twice := [
            text for text, n in Counter(text.casefold() for text in self.choices).items() if n > 1
        ]:
            raise ValueError(f"the choice {twice[0][:60]!r} is given twice")


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
        raise MissingInput(
            f"no question {identifier} in {self.name}", fix="secarch suite stats   (what there is)"
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
        raise InvalidInput("this suite.yaml is no table of names and values", where=path) from error
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
        return _QUESTIONS.validate_json(known.read_bytes(), context=_CHECKED)
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
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        message = "there is no such field" if first["type"] == "extra_forbidden" else first["msg"]
        why = f"{place}: {message}" if place else message
        more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
        raise InvalidInput(
            "this suite has a malformed entry", where=where, why=why + more
        ) from None


def _refuse_doubles(questions: Sequence[Question]) -> None:
    counts = Counter(question.id for question in questions)
    if twice := [identifier for identifier, n in counts.items() if n > 1]:
        raise InvalidInput(
            "two questions have one id", where=twice[0], fix="ids are stable and never reused"
        )
