"""Nothing that a model writes can end a run: seeded mutants of fragments in every language."""

from __future__ import annotations

import gc
import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from secarch.danger.safety import examine, unread

FRAGMENTS: dict[str, str] = yaml.safe_load((Path(__file__).parent / "fragments.yaml").read_text())
TOKENS = [
    *"{}[]()\"'`:=,;\n\t *&!%@\\$<>|-",
    "${",
    "<<EOF\n",
    "null",
    "!!python/object:x",
    "\x00",
    "\u2028",
]


@pytest.fixture(autouse=True)
def own_garbage() -> Iterator[None]:
    """What other tests left in memory is not searched for garbage while a parser is timed."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


def mutant(rng: random.Random) -> str:
    """A fragment with some characters lost, doubled, swapped or put in, in any language's fence."""
    language, text = rng.choice(sorted(FRAGMENTS.items()))
    for _ in range(rng.randint(1, 6)):
        at, length = rng.randrange(len(text) + 1), rng.randint(0, 12)
        text = rng.choice(
            [
                text[:at] + text[at + length :],
                text[:at] + text[at : at + length] * 2 + text[at + length :],
                text[:at] + rng.choice(TOKENS) * rng.choice([1, 1, 1, 40]) + text[at:],
                text[:at] + rng.choice(sorted(FRAGMENTS.values()))[:40] + text[at:],
            ]
        )
    fence = rng.choice([language, language, rng.choice(sorted(FRAGMENTS))])
    return f"Use this:\n\n```{fence}\n{text}\n```\n"


def worst(count: int, seed: int) -> float:
    """Examine so many mutants; the longest time of one, in seconds of CPU."""
    rng, slowest = random.Random(seed), 0.0
    examine("```hcl\na = 1\n```")  # the grammar is built once
    for _ in range(count):
        answer = mutant(rng)
        started = time.process_time()
        examine(answer)
        slowest = max(slowest, time.process_time() - started)
    return slowest


@pytest.mark.slow
def test_mutants_neither_raise_nor_hang() -> None:
    """1,000 of them here; tests/benchmarks/fuzz_danger.py runs 20,000."""
    assert worst(1_000, 7) < 2.0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("language", "code"),
    [
        ("hcl", "provider = aws.primary"),
        ("hcl", "locals = {\n  a = 1\n}"),
        ("hcl", 'module = "./x"'),
        (
            "hcl",
            'resource "a" "b" {\n  c {\n    volume = []\n    volume {\n      n = 1\n    }\n  }\n}',
        ),
        ("hcl", "a = " + "[" * 500),
        ("json", "[" * 20_000),
        ("yaml", "a: " + "[" * 2_000),
        ("yaml", "a: &a [x]\n" + "".join(f"b{i}: &b{i} [*a, *a, *a]\n" for i in range(20))),
        ("yaml", "d: 2024-02-30T99:00:00Z"),
        ("python", "(" * 500),
        ("bicep", "resource x 'a/b@1' = " + "{a: " * 3_000),
        ("bash", "'" * 501),
        ("hcl", "x" * 200_000),
        ("yaml", "- " * 30_000),
    ],
)
def test_what_no_parser_reads_ends_nothing(language: str, code: str) -> None:
    """Shapes that broke a parser once, or take long: no error, and below two seconds."""
    started = time.process_time()
    examine(f"Use:\n\n```{language}\n{code}\n```\n")
    assert time.process_time() - started < 2.0


def test_what_the_library_said_is_kept() -> None:
    """Unparsed code is counted with the library's own message."""
    found = unread(
        "Use:\n\n```yaml\na: [1\nb: }\n```\n\n```json\n{x}\n```\n\n```python\nx = (\n```\n"
    )
    assert [message.split(":")[0] for message in found] == ["yaml", "json", "python"]
    assert "ParserError" in found[0]
    assert not unread("Use:\n\n```yaml\na: [1]\n```\n")
