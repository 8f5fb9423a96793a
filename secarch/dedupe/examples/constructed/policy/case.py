"""A policy question before it is worded: rights, calls, and what comes out for each."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from secarch.dedupe.examples.constructed.template import FOLDER, read_yaml

CALLS = 5
"""Calls that are asked about."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """What comes out for one call."""

    say: str
    word: str
    """"yes", "no" or "it depends"."""
    reason: str
    check: str = ""
    """A command that shows it, with what it must say."""
    key: tuple[str, ...] = ()
    """What is called, for those who ask what leads to it by another way."""
    firm: bool = False
    """Whether a refusal holds for every identity of the account."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Rights as they are shown, and what follows from them."""

    scenario: str
    category: str
    who: str
    shown: str
    """The code blocks with what introduces them."""
    rulings: tuple[Ruling, ...]
    miss: tuple[str, ...]
    reach: tuple[str, ...] = ()
    """What refused calls come to in effect."""
    code: str = ""
    """The first change as it is written."""
    change: tuple[str, ...]
    proof: str = ""
    """How the rights are compared with what is deployed, if no single call shows it."""


@lru_cache(maxsize=1)
def parts() -> dict[str, Any]:
    """The pieces of which the questions are composed."""
    raw = read_yaml(FOLDER / "policy.yaml")
    assert isinstance(raw, dict)
    return raw


def block(tree: object) -> str:
    """A tree as a fenced block of JSON."""
    return f"```json\n{json.dumps(tree, indent=2)}\n```"


def kept_changes(given: Sequence[str]) -> tuple[str, ...]:
    """Advice without "Nothing", unless there is no other."""
    asked = [text for text in given if not text.startswith("Nothing")]
    return tuple(asked[:2] or given[:1])
