"""A Finder answers as `re` does, for patterns of every form."""

from __future__ import annotations

import random
import re
from importlib import resources
from typing import Any

import pytest
import yaml

from secarch.text.finder import Finder

FORMS = (
    r"\b(?:see|shown) (?:above|below)\b",
    r"(?i)\b(?:Sign|open) (?:in|the [a-z]+)\b|Learn more",
    r"(?i)keys?|[K-M]ms|\bS3\b",
    r"(?i)[^a-c]lock|[!-~]{3}x",
    r"(?i)(a|b)\1|(?:x|y)+z",
    r"(?i)(?:un)?safe(?! mode)|(?<!not )allowed",
    r"(?i)stra\u00dfe|\u00c9tat|\u2022 \w",
    r"(?i:KEY) a|key (?-i:B)|k",
    r"(?i:sign in|open the door) (?:now|NOW)",
    r"(?ms)^\#{1,2} |one.two$",
    r"(?>ab|a)c|(x)?(?(1)y|zz)",
    r"a{2,3}b|(?:cd){0}e|f*?g|(?:h|){2}i",
    r"[\[\]{}<>|]|\*\*|\]\(|&\w+;",
    "",
)
WORDS = (
    "see above below shown Sign in the open Learn more key Key KEY s3 S3 kms Lms zlock clock "
    "lock aa Ab bB xyz unsafe safe mode not allowed stra\u00dfe STRASSE \u00e9tat \u00c9TAT \u2022 "
    "a \u212aey \u017f3 \u0130n s\u0131gn # one\ntwo abc ac zz aab aaab cde e g hi i [x] ** ]( "
    "&amp; 0.0.0.0/0 curl ``` 1. because attack attacks Encrypt permission, click"
).split(" ")


def tables() -> list[tuple[str, int]]:
    """The patterns that the builder decides with."""
    found: list[tuple[str, int]] = []
    for name in ("gate", "worth", "promise", "passages"):
        text = (
            resources.files("secarch.dedupe.examples").joinpath(f"{name}.yaml").read_text("utf-8")
        )
        found += [
            (pattern, re.IGNORECASE | re.MULTILINE) for pattern in strings(yaml.safe_load(text))
        ]
    return found


def strings(node: Any) -> list[str]:
    """All strings of a table."""
    if isinstance(node, str):
        return [node]
    inner = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    return [one for part in inner for one in strings(part)]


def texts(pattern: str, count: int) -> list[str]:
    """Random words, those of the pattern itself among them, in either case."""
    rng = random.Random(pattern)
    known = [*WORDS, *re.findall(r"[A-Za-z][\w-]+(?: \w+)*", pattern)]
    drawn = [" ".join(rng.choices(known, k=rng.randint(0, 12))) for _ in range(count)]
    cases = (str.upper, str.lower, str.title, str.strip)
    return [rng.choice(cases)(text) for text in drawn]


@pytest.mark.parametrize("pattern", FORMS)
@pytest.mark.parametrize("flags", [0, re.IGNORECASE, re.MULTILINE])
def test_every_form_of_pattern_is_found_as_re_finds_it(pattern: str, flags: int) -> None:
    """Letters that fold in ways of their own among them."""
    same(pattern, flags, 120)


def test_the_patterns_of_the_tables_are_found_as_re_finds_them() -> None:
    """Each in texts that are made of its own words."""
    found = tables()
    assert len(found) > 100
    for pattern, flags in found:
        same(pattern, flags, 25)


def same(pattern: str, flags: int, count: int) -> None:
    """Ask both."""
    oracle, finder = re.compile(pattern, flags), Finder(pattern, flags)
    assert finder.pattern.pattern == pattern
    for text in texts(pattern, count):
        assert finder.search(text) is (oracle.search(text) is not None), (pattern, text)
        found = len(oracle.findall(text))
        assert finder.count(text) == found, (pattern, text)
        assert finder.at_least(found, text), (pattern, text)
        assert not finder.at_least(found + 1, text), (pattern, text)
        for whole in (text, (oracle.search(text) or oracle.search(text.lower()) or [""])[0]):
            assert finder.full(whole) is (oracle.fullmatch(whole) is not None), (pattern, whole)


def test_a_text_without_a_word_of_the_pattern_is_not_searched(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """That is what it is for: nothing but a look for the words."""
    finder = Finder(r"\b(?:lorem ipsum|coming soon|under (?:re)?construction)\b", re.IGNORECASE)
    monkeypatch.setattr("secarch.text.finder._COMPILER", None)
    assert not finder.search("Nothing of that is here, and what is coming is late.")
    assert len(finder._parts) == 3
    assert sorted(word for part in finder._parts for word in part.words) == [
        "coming soon",
        "construction",
        "lorem ipsum",
    ]
