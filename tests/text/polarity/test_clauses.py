"""Where a clause begins behind its preamble."""

from __future__ import annotations

import pytest

from secarch.text.polarity.clauses import opened

LONG = "the objection of the vendor is easy to understand and still misses its target"


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("in most cases keep the key.", ["in most cases", "keep the key."]),
        ("we are confident that keep it.", ["we are confident that", "keep it."]),
        ("i think use a proxy.", ["i think", "use a proxy."]),
        ("if time is short, open the port.", ["if time is short,", "open the port."]),
        ("it may sound odd, but use it.", ["it may sound odd,", "but", "use it."]),
        ("take it out, since use of it ends.", ["take it out,", "since", "use of it ends."]),
        (f"{LONG}, for keep it.", [f"{LONG}, for", "keep it."]),
        ("although it is slow, and old, keep it.", ["although it is slow, and old,", "keep it."]),
        ("policies that allow traffic stay.", ["policies that allow traffic stay."]),
        ("keep the key.", ["keep the key."]),
    ],
)
def test_a_line_ends_with_the_preamble(text: str, clauses: list[str]) -> None:
    """The text keeps its length; a relative clause is no clause of its own."""
    apart, starts = opened(text)
    assert apart.split("\n") == clauses
    assert len(apart) == len(text)
    assert [apart[start:].split("\n")[0] for start in starts] == clauses[1:]
