"""Maps of the columns of outside files: which column is the question, the options, the answer.

Maps are shipped in `secarch/suite/data/maps`; one of one's own is a YAML file with the fields of
`ColumnMap`.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, ValidationError, model_validator

from secarch.errors import ConfigError, InvalidInput, UsageError
from secarch.located_yaml import load_located
from secarch.schema import Config
from secarch.suite.schema import SUITES, Slug

MAPS = SUITES / "maps"
ImportedKind = Literal["mcq", "benign", "harmful", "bait"]


def _name(value: object) -> object:
    """A column by its name, or by its position from 0 in a file without a header."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _names(value: object) -> object:
    if isinstance(value, list | tuple):
        return tuple(_name(part) for part in value)
    return (_name(value),) if value not in ("", None) else ()


Column = Annotated[str, BeforeValidator(_name)]
Columns = Annotated[tuple[str, ...], BeforeValidator(_names)]


class ColumnMap(Config):
    """Which column of an outside file means what; columns are named, or numbered from 0 where
    `header` is false.
    """

    prefix: Slug
    """First part of the ids that are made."""
    question: Annotated[Columns, Field(min_length=1)]
    """Column of the question; of several names, the first that the file has."""
    kind: ImportedKind = "mcq"
    """mcq, or a set of prompts alone: benign (an answer is right), harmful and bait (declining is).
    """
    kind_from: Column = ""
    """Column that decides the kind of each row, through `kinds`; rows that it does not name are
    left out.
    """
    kinds: dict[str, ImportedKind] = Field(default_factory=dict)
    """Value of `kind_from` -> kind."""
    answer: Column = ""
    """Multiple choice: column of the right option: its letter, its index from 0, or its text."""
    choices: Columns = ()
    """Multiple choice: columns of the options; or one column that holds a list, or a table of
    letters.
    """
    header: bool = True
    """CSV, TSV: whether the first row names the columns."""
    id: Column = ""
    """Column of an id; empty: the row's number."""
    rows: str = ""
    """JSON: name of the list of rows (`data.rows` for one within another); empty: the file is the
    list.
    """
    reference: Column = ""
    """Column of an explanation."""
    source: Column = ""
    """Column that says where the question is from."""
    category: Slug = "outside"
    """Category of all questions."""
    category_from: Column = ""
    """Column of the category (the first of a list), if it differs; `category` if it is empty.
    """
    difficulty: Annotated[int, Field(ge=1, le=4)] = 2
    """Difficulty of all questions."""
    licence: str = ""
    """SPDX identifier of the file."""

    @model_validator(mode="after")
    def _options_of_a_multiple_choice(self) -> Self:
        kinds = set(self.kinds.values()) if self.kind_from else {self.kind}
        if "mcq" in kinds and not (self.choices and self.answer):
            raise ValueError("choices and answer are needed where kind is mcq")
        if bool(self.kind_from) != bool(self.kinds):
            raise ValueError("kind_from and kinds are given together")
        return self

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that must be there, besides the question's."""
        optional = (
            self.answer,
            self.id,
            self.reference,
            self.source,
            self.category_from,
            self.kind_from,
        )
        return tuple(dict.fromkeys([*self.choices, *filter(None, optional)]))


def load_map(name: str) -> ColumnMap:
    """A shipped map by name, or a YAML file. Raises UsageError and InvalidInput."""
    path = (
        MAPS / f"{name}.yaml"
        if re.fullmatch(r"\w+", name) and (MAPS / f"{name}.yaml").is_file()
        else Path(name)
    )
    if not path.is_file():
        known = ", ".join(sorted(p.stem for p in MAPS.glob("*.yaml")))
        raise UsageError(
            f"there is no column map {name!r}",
            why=f"shipped: {known}",
            fix="name one, or a YAML file",
        )
    try:
        return ColumnMap.model_validate(load_located(path).tree)
    except ConfigError as error:
        raise InvalidInput(
            "this column map cannot be read",
            where=path,
            why="; ".join(error.problems),
            fix="secarch help suite   (how a map is written)",
        ) from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        why = f"{place}: {first['msg']}" if place else first["msg"]
        raise InvalidInput(
            "this column map is malformed",
            where=path,
            why=why,
            fix="secarch help suite   (how a map is written)",
        ) from None
