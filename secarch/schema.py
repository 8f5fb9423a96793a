"""The base of every settings and file schema: strict, frozen, documented, and digestible."""

from __future__ import annotations

import ast
import hashlib
import inspect
import itertools
import json
import textwrap
from functools import cache
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

JsonDict = dict[str, Any]


def canonical_json(value: object) -> str:
    """JSON with sorted keys and no white space, so that equal values have equal bytes.

    Raises ValueError for NaN and infinities, which JSON does not have (RFC 8259, section 6).
    """
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


def sha256_of(value: object) -> str:
    """Hex SHA-256 of the canonical JSON of `value`."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()


def runtime(default: Any = ..., **kwargs: Any) -> Any:
    """A field that changes how the work is done and not what comes out, so no part of identity."""
    given = kwargs if "default_factory" in kwargs else {"default": default, **kwargs}
    return Field(json_schema_extra={"identity": False}, **given)


@cache
def meanings(model: type[BaseModel]) -> dict[str, str]:
    """Setting -> the docstring below it, those of base classes included.

    Read from the source when somebody asks: pydantic's `use_attribute_docstrings` reads it for
    every class at each start, which took a seventh of `config show`.
    """
    found: dict[str, str] = {}
    for base in reversed(model.__mro__):
        if issubclass(base, BaseModel) and base is not BaseModel:
            found |= _attribute_docstrings(base)
    return found


def _attribute_docstrings(model: type[BaseModel]) -> dict[str, str]:
    try:
        source = textwrap.dedent(inspect.getsource(model))
    except (OSError, TypeError):  # a class that was typed into a shell, or made by exec
        return {}
    body = [inner for outer in ast.parse(source).body for inner in getattr(outer, "body", [])]
    return {
        before.target.id: inspect.cleandoc(after.value.value)
        for before, after in itertools.pairwise(body)
        if isinstance(before, ast.AnnAssign)
        and isinstance(before.target, ast.Name)
        and isinstance(after, ast.Expr)
        and isinstance(after.value, ast.Constant)
        and isinstance(after.value.value, str)
    }


class Config(BaseModel):
    """A frozen settings model: unknown keys are errors, attribute docstrings are the help texts."""

    model_config = ConfigDict(
        defer_build=True,
        extra="forbid",
        frozen=True,
        allow_inf_nan=False,
    )

    @classmethod
    def defaults(cls) -> Self:
        """All defaults, as they are declared; `cls()` would build this class's validator, of which
        a start needs only the one of all settings.
        """
        return cls.model_construct()  # type: ignore[return-value]  # pydantic's plugin forgets Self

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Pydantic's schema, with the attribute docstrings as descriptions."""
        made = handler(core_schema)
        properties = handler.resolve_ref_schema(made).get("properties", {})
        for name, text in meanings(cls).items():
            if name in properties:
                properties[name].setdefault("description", text)
        return made

    def identity(self) -> JsonDict:
        """The values that decide the result, JSON-ready; fields made with `runtime` are left
        out.
        """
        return _identity(self)

    def digest(self) -> str:
        """Hex SHA-256 of `identity()`."""
        return sha256_of(self.identity())

    def replace(self, **changes: Any) -> Self:
        """A validated copy with some fields changed."""
        return type(self).model_validate({**self.model_dump(), **changes})


def _identity(model: BaseModel) -> JsonDict:
    out: JsonDict = {}
    dumped = model.model_dump(mode="json")
    for name, info in type(model).model_fields.items():
        extra = info.json_schema_extra
        if isinstance(extra, dict) and extra.get("identity") is False:
            continue
        value = getattr(model, name)
        out[name] = _identity(value) if isinstance(value, BaseModel) else dumped[name]
    return out
