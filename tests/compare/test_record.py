"""The schema of comparison.json, for programs that read it."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

from secarch.compare.record import Candidates, Record


def published(name: str) -> Any:
    """A schema that is shipped with the package."""
    return json.loads((resources.files("secarch.compare") / name).read_text(encoding="utf-8"))


def test_the_published_schemas_are_those_of_the_code() -> None:
    """comparison.schema.json and candidates.schema.json are the records' JSON Schemas; a change
    must reach them.
    """
    assert published("comparison.schema.json") == Record.model_json_schema(mode="serialization")
    assert published("candidates.schema.json") == Candidates.model_json_schema(mode="serialization")


def test_what_a_reader_cannot_guess_is_described() -> None:
    """Direction, nulls and units stand in the schema."""
    schema = published("comparison.schema.json")
    assert "never 0" in schema["description"]
    assert (
        "above 0 means better" in schema["$defs"]["Primary"]["properties"]["delta"]["description"]
    )
