"""What pages say about indexing and training."""

from __future__ import annotations

import pytest

from secarch.harvest.optout import directives, header_opt_out, matches, reservations, reserved


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["noindex"], (True, False, False)),
        (["NOFOLLOW, noai"], (False, True, True)),
        (["none"], (True, True, False)),
        (["secarch: noindex"], (True, False, False)),
        (["otherbot: noindex"], (False, False, False)),
        (["index, follow", "noindex"], (True, False, False)),
        (["unavailable_after: 2030-01-01"], (False, False, False)),
        ([], (False, False, False)),
    ],
)
def test_the_strictest_directive_for_us_wins(values: list[str], expected: tuple[bool, bool, bool]) -> None:
    """Fields for other crawlers do not bind; those for all and for us do."""
    asked = directives(values, "secarch")
    assert (asked.noindex, asked.nofollow, asked.noai) == expected


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({"tdm-reservation": "1"}, "opt_out_tdmrep"),
        ({"tdm-reservation": "0"}, ""),
        ({"content-usage": "train-ai=n"}, "opt_out_content_signal"),
        ({"content-signal": "search=yes, ai-train=no"}, "opt_out_content_signal"),
        ({"content-usage": "search=n"}, ""),
    ],
)
def test_headers_can_reserve_text_mining(headers: dict[str, str], reason: str) -> None:
    """TDMRep and the AI preference fields are read; other preferences are none of ours."""
    assert header_opt_out(headers) == reason


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("/", "/a", True), ("/a", "/a/b", True), ("/a", "/b", False), ("/*.pdf$", "/d/f.pdf", True),
        ("/*.pdf$", "/d/f.pdf?x", False), ("/a$", "/a", True), ("/a$", "/ab", False), ("*", "/x", True),
        ("/a*b*c", "/a1b2c3", True), ("/a*b*c", "/a1c2b3", False), ("/ab*b$", "/ab", False),
        ("/" + "*a" * 5_000 + "$", "/" + "a" * 4_999 + "b", False),
    ],
)  # fmt: skip
def test_path_patterns_match_as_in_robots_files(pattern: str, path: str, *, expected: bool) -> None:
    """Stars and the end mark of RFC 9309; a pattern of stars alone costs no time."""
    assert matches(pattern, path) is expected


@pytest.mark.parametrize(
    "text", ["", "{", "{}", "[1]", '[{"location": 1, "tdm-reservation": 1}]', "[" * 100_000, '"x"', "null"]
)
def test_a_tdmrep_file_that_cannot_be_read_reserves_nothing(text: str) -> None:
    """Broken and hostile files say nothing."""
    assert reservations(text) == ()


def test_the_longest_rule_decides_and_a_reservation_wins_a_tie() -> None:
    """A part may be opened again; where two rules are alike, the reservation holds."""
    rules = reservations(
        '[{"location": "/*", "tdm-reservation": 1}, {"location": "/open/", "tdm-reservation": 0},'
        ' {"location": "/same", "tdm-reservation": "1"}, {"location": "/same", "tdm-reservation": 0}]'
    )
    assert [reserved(rules, path) for path in ("/a", "/open/x", "/same")] == [True, False, True]
    assert not reserved((), "/a")
