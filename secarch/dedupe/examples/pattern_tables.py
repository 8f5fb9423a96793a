"""Named patterns that are kept as data beside the code that decides with them."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources

from secarch.located_yaml import parse_safe
from secarch.text.finder import Finder

JUDGED = 1 << 14
"""Rows of which it is remembered how they were judged: a build asks twice about those of pages."""


@cache
def patterns(table: str) -> dict[str, Finder]:
    """Name -> pattern to look for, case ignored, of `<table>.yaml` in this package."""
    text = resources.files(__package__).joinpath(f"{table}.yaml").read_text("utf-8")
    read: dict[str, str] = parse_safe(text)
    return {name: Finder(pattern, re.IGNORECASE) for name, pattern in read.items()}
