"""What marks hold goes in one pass, however many of them nothing closes."""

from __future__ import annotations

import re
import time

import pytest

from secarch.harvest.extract.pairs import between
from secarch.harvest.extract.site_markdown import plain

COMMENT = re.compile("<!--"), re.compile("-->")


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("a<!--b-->c<!--d", "ac<!--d"),
        ("a<!--b<!--c-->d-->e", "ad-->e"),
        ("<!---->", ""),
        ("-->a<!--", "-->a<!--"),
        ("<!--a--><!--b-->", ""),
        ("none", "none"),
    ],
)
def test_the_next_closing_mark_counts(text: str, left: str) -> None:
    """As `<!--.*?-->` would read it."""
    assert between(text, *COMMENT) == left
    assert re.sub("<!--.*?-->", "", text) == left


def test_what_is_inside_may_be_written_anew() -> None:
    """With its opening mark."""
    marks = re.compile("<(b|i)>"), re.compile("</>")
    found = between("x<b>one</>y<i>two</>", *marks, lambda mark, inside: f"{mark[1]}:{inside} ")
    assert found == "xb:one yi:two "


@pytest.mark.parametrize(
    "unit", ["[", "[[", "\\[", "<!--", "{/*", "{% comment %}", "<script>", "{{%", "[!INCLUDE [a]("]
)
def test_marks_that_nothing_closes_take_time_with_the_length_alone(unit: str) -> None:
    """120 kB of them; the square of that would take minutes."""
    started = time.process_time()
    plain(unit * (120_000 // len(unit)))
    plain(f"x{' ' * 120_000}x")
    assert time.process_time() - started < 1.5


def test_what_is_silent_goes_and_the_rest_stays() -> None:
    """Comments of three kinds, scripts and styles, an include and a link that leads nowhere."""
    page = (
        "One <!-- gone\ngone -->{/* gone */}{% comment %}gone{% endcomment %}"
        "<SCRIPT src=gone>gone</Script><style>gone</style>[!INCLUDE [gone](gone.md)][two]()\n"
        "<summary class=gone>Three</summary>\n{% highlight sh %}\nls\n{% endhighlight %}\n\n"
        "## Four {#gone}"
    )
    text = plain(page)
    assert "gone" not in text
    assert all(word in text for word in ("One", "two", "**Three**", "```sh\nls\n```", "## Four"))
