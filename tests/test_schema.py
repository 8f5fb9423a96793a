"""The base of settings: defaults as declared, and docstrings that become descriptions."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from secarch.schema import Config, meanings


class Base(Config):
    """What others build on."""

    kept: int = 1
    """Of the base."""
    changed: int = 1
    """As the base has it."""


class Built(Base):
    """One of them."""

    changed: int = 2
    """Of the child,
    in two lines.
    """
    bare: int = 3
    named: Annotated[int, Field(description="By its field.")] = 4
    """Not this."""


def test_a_docstring_below_a_setting_is_its_meaning() -> None:
    """Those of the base are known, and the child's own come before them."""
    assert meanings(Built) == {
        "kept": "Of the base.",
        "changed": "Of the child,\nin two lines.",
        "named": "Not this.",
    }


def test_the_schema_describes_what_nothing_else_describes() -> None:
    """A description that a field was given stays."""
    found = Built.model_json_schema()["properties"]
    described = {name: facts.get("description") for name, facts in found.items()}
    assert described == {**meanings(Built), "bare": None, "named": "By its field."}


def test_a_class_without_source_has_no_meanings() -> None:
    """As in a shell, where there is no file to read."""
    scope: dict[str, type[Config]] = {}
    exec("class Typed(Config):\n    n: int = 1", {"Config": Config, "__name__": "x"}, scope)
    assert meanings(scope["Typed"]) == {}
    assert scope["Typed"].model_json_schema()["properties"]["n"]["default"] == 1


def test_defaults_are_those_of_the_class() -> None:
    """And equal an instance that was validated."""
    assert Built.defaults() == Built()
    assert type(Built.defaults()) is Built
