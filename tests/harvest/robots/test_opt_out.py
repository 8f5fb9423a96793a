"""What pages say about indexing and training."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from secarch.harvest.robots.opt_out import (
    directives,
    header_opt_out,
    matches,
    meta_opt_out,
    pairs,
    preference,
    refusal,
    reservations,
    robots_preferences,
)
from secarch.harvest.robots.rules import parse


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
        (["unavailable_after: 2020-01-01"], (True, False, False)),
        (["noai, unavailable_after: 25 Jun 2010 15:00:00 GMT"], (True, False, True)),
        (["unavailable_after: someday"], (False, False, False)),
        (["max-snippet:-1, noindex"], (True, False, False)),
        (["otherbot: noindex, nofollow"], (False, False, False)),
        (["otherbot: nofollow, secarch: noindex"], (True, False, False)),
        (["noindex, otherbot: nofollow"], (True, False, False)),
        ([], (False, False, False)),
    ],
)
def test_the_strictest_directive_for_us_wins(
    values: list[str], expected: tuple[bool, bool, bool]
) -> None:
    """Fields for other crawlers do not bind; those for all and for us do."""
    asked = directives(values, "secarch", datetime(2026, 1, 1, tzinfo=UTC))
    assert (asked.noindex, asked.nofollow, asked.noai) == expected


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({"tdm-reservation": "1"}, "opt_out_tdmrep"),
        ({"tdm-reservation": "0"}, ""),
        ({"tdm-reservation": "0\n1"}, "opt_out_tdmrep"),
        ({"content-usage": "train-ai=n"}, "opt_out_content_usage"),
        ({"content-usage": "search=y\ntrain-ai=n"}, "opt_out_content_usage"),
        ({"content-signal": "search=yes, ai-train=no"}, "opt_out_content_signal"),
        ({"content-usage": "search=n"}, ""),
    ],
)
def test_headers_can_reserve_text_mining(headers: dict[str, str], reason: str) -> None:
    """TDMRep and the AI preference fields are read; other preferences are none of ours."""
    assert header_opt_out(headers)[0] == reason


@pytest.mark.parametrize(
    ("value", "refused"),
    [
        ("train-ai=n", True),
        ("train-ai=y", False),
        ("TRAIN-AI=N", True),
        ("search=n", None),
        ("", None),
        ("train-ai=n;exceptions=1, search=y", True),
        ("train-ai=y, train-ai=n", True),
        ("train-ai", None),
        ("train-genai=y, train-ai=n", False),
        ("train-ai=maybe, bots=n", True),
        ("train-ai=y, bots=n", False),
        ("ai-train=no, search=yes", True),
        ("ai-train=yes", False),
        ("ai-input=no", None),
        ("ai-train=no, train-ai=y", True),
        ("x-train-ai=n", None),
        ('train-ai="n"', True),
    ],
)
def test_preferences_about_training_are_told_from_others(
    value: str, *, refused: bool | None
) -> None:
    """Labels of the drafts, narrow before wide; one refusal is enough; what says nothing of
    training says nothing.
    """
    assert preference(value) is refused


def test_pairs_are_read_as_the_drafts_write_them() -> None:
    """Lower case, the last of equals, no parameters."""
    assert pairs("A=1; q=2, b = y , c, a=3") == {"a": "3", "b": "y"}


def test_a_policy_that_was_accepted_lifts_its_reservation_only() -> None:
    """harvest.tdm_policies names the terms that the user has."""
    ours, other = (
        {"tdm-reservation": "1", "tdm-policy": f"https://d/{name}"} for name in ("ours", "other")
    )
    assert header_opt_out(ours, ["https://d/ours"]) == ("", "")
    assert header_opt_out(other, ["https://d/ours"]) == (
        "opt_out_tdmrep",
        "tdm-reservation: 1 https://d/other",
    )
    rules = reservations(
        '[{"location": "/", "tdm-reservation": 1, "tdm-policy": "https://d/ours"}]',
        ["https://d/ours"],
    )
    assert refusal(rules, "/a") == ""


def test_a_pages_own_elements_can_reserve() -> None:
    """As meta elements."""
    assert meta_opt_out({"tdm-reservation": ["1"]})[0] == "opt_out_tdmrep"
    assert meta_opt_out({"robots": ["noindex"]}) == ("", "")


def test_lines_of_robots_that_speak_of_training_are_read() -> None:
    """Microsoft's draft has lines of its own; patterns beyond ASCII match addresses as they are
    asked for.
    """
    rules = robots_preferences(
        parse("User-agent: *\nDisallowAITraining: /é/\nAllowAITraining: /é/open\n"), "secarch"
    )
    assert refusal(rules, "/%C3%A9/a") == "disallowaitraining: /é/"
    assert refusal(rules, "/%C3%A9/open") == refusal(rules, "/x") == ""


@pytest.mark.parametrize(
    ("line", "path", "refused"),
    [
        ("Content-Signal: ai-train=no", "/x", True),
        ("Content-Signal: /a ai-train=no", "/a/b", True),
        ("Content-Signal: /a ai-train=no", "/b", False),
        ("Content-Signal: ai-train=yes", "/x", False),
        ("Content-Signal: search=yes", "/x", False),
        ("Content-Usage: train-ai=n", "/x", True),
        ("AllowAITraining: nothing", "/x", False),
        ("DisallowAITraining: x", "/x", False),
    ],
)
def test_a_preference_holds_for_the_path_that_it_names(
    line: str, path: str, *, refused: bool
) -> None:
    """Without a path, for all; a line that states nothing about training is no rule."""
    rules = robots_preferences(parse(f"User-agent: *\n{line}\n"), "secarch")
    assert bool(refusal(rules, path)) is refused


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("/", "/a", True),
        ("/a", "/a/b", True),
        ("/a", "/b", False),
        ("/*.pdf$", "/d/f.pdf", True),
        ("/*.pdf$", "/d/f.pdf?x", False),
        ("/a$", "/a", True),
        ("/a$", "/ab", False),
        ("*", "/x", True),
        ("/a*b*c", "/a1b2c3", True),
        ("/a*b*c", "/a1c2b3", False),
        ("/ab*b$", "/ab", False),
        ("/" + "*a" * 5_000 + "$", "/" + "a" * 4_999 + "b", False),
    ],
)
def test_path_patterns_match_as_in_robots_files(pattern: str, path: str, *, expected: bool) -> None:
    """Stars and the end mark of RFC 9309; a pattern of stars alone costs no time."""
    assert matches(pattern, path) is expected


@pytest.mark.parametrize(
    "text",
    ["", "{", "{}", "[1]", '[{"location": 1, "tdm-reservation": 1}]', "[" * 100_000, '"x"', "null"],
)
def test_a_tdmrep_file_that_cannot_be_read_reserves_nothing(text: str) -> None:
    """Broken and hostile files say nothing."""
    assert reservations(text) == ()


def test_the_longest_rule_decides_and_a_reservation_wins_a_tie() -> None:
    """A part may be opened again; where two rules are alike, the reservation holds."""
    rules = reservations(
        '[{"location": "/*", "tdm-reservation": 1}, {"location": "/open/", "tdm-reservation": 0},'
        ' {"location": "/same", "tdm-reservation": "1"}, {"location": '
        '"/same", "tdm-reservation": 0}]'
    )
    assert [bool(refusal(rules, path)) for path in ("/a", "/open/x", "/same")] == [
        True,
        False,
        True,
    ]
    assert refusal((), "/a") == ""


@pytest.mark.parametrize("more", [100, 1_000])
def test_two_hundred_characters_of_what_a_site_said_are_kept(more: int) -> None:
    """Enough to read its words again, and no room for a page of them."""
    policy = f"https://h.example/{'p' * more}"
    reason, said = header_opt_out({"tdm-reservation": "1", "tdm-policy": policy}, "secarch")
    assert reason == "opt_out_tdmrep"
    assert said == f"tdm-reservation: 1 {policy}"[:200]
