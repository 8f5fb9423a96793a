"""The base of every settings and file schema: strict, frozen, documented, and digestible."""

from __future__ import annotations

import hashlib
import json
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field

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


class Config(BaseModel):
    """A frozen settings model: unknown keys are errors, attribute docstrings are the help texts."""

    model_config = ConfigDict(
        defer_build=True,
        extra="forbid",
        frozen=True,
        use_attribute_docstrings=True,
        allow_inf_nan=False,
    )

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
