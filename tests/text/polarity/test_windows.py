"""Answers are cut into sentences, list items with their lead, and code blocks."""

from __future__ import annotations

import time

import pytest

from secarch.text.polarity.plain import plain
from secarch.text.polarity.windows import MAX_LEAD, MAX_WINDOW, sentences, windows


def test_markup_is_removed_and_characters_are_unified() -> None:
    """Emphasis, code marks, link targets, curly quotes and odd hyphens do not stand in a pattern's
    way.
    """
    written = (
        "**Use** `Block Public Access`, don\u2019t _ever_ skip the account\u2011level "
        "[switch](https://x.example/y)"
    )
    assert plain(written) == "use block public access, don't ever skip the account-level switch"


def test_a_wildcard_is_no_emphasis() -> None:
    """`s3:*` keeps its star, since a wildcard is what such an answer is about."""
    assert plain('Allow "s3:*" on "*" and ec2:* too') == 'allow "s3:*" on "*" and ec2:* too'


def test_sentences_end_at_full_stops_but_not_after_abbreviations_or_in_versions() -> None:
    """Host names, versions and `e.g.` hold no sentence end."""
    text = "Use TLS 1.3 (e.g. for s3.amazonaws.com). Rotate keys! Why? Because."
    assert sentences(text) == [
        "Use TLS 1.3 (e.g. for s3.amazonaws.com).",
        "Rotate keys!",
        "Why?",
        "Because.",
    ]


def test_a_list_item_carries_its_lead() -> None:
    """An item is one window, with the sentence before the list."""
    cut = windows("Do this now. For each account:\n\n- Turn it on.\n  Then check.\n- Log it.")
    assert [(w.lead, w.text) for w in cut[2:]] == [
        ("for each account:", "turn it on.\nthen check."),
        ("for each account:", "log it."),
    ]


def test_nested_items_are_led_by_their_parent() -> None:
    """What is indented deeper belongs to the item above it."""
    cut = windows("Plan:\n1. Network:\n   - Close port 22.\n2. Keys.")
    assert [(w.lead, w.text) for w in cut[1:]] == [
        ("plan:", "network:"),
        ("network:", "close port 22."),
        ("plan:", "keys."),
    ]


def test_a_fenced_block_is_one_window_and_may_stay_open() -> None:
    """An answer that was cut off inside a block still has that block."""
    (lead, code) = windows('Apply this:\n```hcl\nresource "x" {\n  a = 1\n}')
    assert (code.code, code.language, code.lead) == (True, "hcl", lead.text)
    assert code.text == 'resource "x" { a = 1 }'


@pytest.mark.parametrize(
    "lead",
    [
        "Never do this:",
        "Insecure example:",
        "Common mistakes",
        "What to avoid:",
        "## Current design",
    ],
)
def test_a_warning_lead_marks_the_code_that_follows(lead: str) -> None:
    """A block under a warning, or under what is there now, is shown as wrong."""
    assert windows(f"{lead}\n```\nx\n```")[-1].warned
    assert not windows(f"{lead}\n\n- Do x.")[-1].warned


def test_an_instead_takes_the_warning_back() -> None:
    """Only the clause right before the block counts."""
    assert not windows("Never open the port; use this instead:\n```\nx\n```")[-1].warned


def test_long_windows_are_cut_into_overlapping_pieces() -> None:
    """No regex ever sees more than a bounded text."""
    cut = windows("word " * 2000)
    assert len(cut) > 5
    assert max(len(w.text) for w in cut) <= MAX_WINDOW
    code = windows("```\n" + "port = 1\n" * 500 + "```")
    assert len(code) > 3
    assert code[0].raw.count("port") == 500
    assert not any(w.raw for w in code[1:])


@pytest.mark.parametrize(
    "lead", ["word " * 2000 + ":\n", "# " + "word " * 2000, "- " + "word " * 2000 + ":\n  "]
)
def test_a_long_lead_is_cut(lead: str) -> None:
    """What comes with every item of a list is bounded too; its end is what introduces them."""
    last = windows(f"{lead}\n  - Do x.")[-1]
    assert last.text == "do x."
    assert 0 < len(last.lead) <= MAX_LEAD


@pytest.mark.parametrize(
    "junk",
    [
        "*" * 50_000,
        "`" * 50_000,
        "[" * 50_000,
        "_a" * 25_000,
        "- " * 25_000,
        "\n" * 50_000,
        "e.g. " * 12_000,
        "# a" + " " * 50_000 + "b",
        "|" + " " * 50_000 + "b",
        "**" + " " * 50_000 + "b",
    ],
    ids=lambda junk: repr(junk[:6]),
)
def test_hostile_text_is_cut_in_bounded_time(junk: str) -> None:
    """A model that loops on one character costs seconds, not hours."""
    started = time.process_time()
    windows(junk)
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    ("sentence", "kept"),
    [
        ("Keep the old keys.", False),  # a whole sentence of the question, of four words
        ("So: keep the old keys.", False),
        ("Keep them all.", True),  # one of three words may be an answer
        ("Each team has nine accounts and two", True),  # seven words of a longer sentence
        ("Each team has nine accounts and two shared", False),  # eight
        ("Keep the old keys in a vault.", True),
    ],
)
def test_who_repeats_the_question_says_nothing(sentence: str, *, kept: bool) -> None:
    """Whole sentences from four words on, and any run of it from eight words on."""
    given = "Keep the old keys. Keep them all. Each team has nine accounts and two shared ones?"
    assert bool(windows(sentence, given)) is kept


@pytest.mark.parametrize("line", ["- Rotate keys.", "## Rotate keys.", "| Rotate keys. | yes |"])
def test_a_block_of_its_own_ends_a_quote(line: str) -> None:
    """Plain lines go on with a quote, as in CommonMark (lazy continuation); items, headings and
    table rows do not.
    """
    lazy = windows("> They said this.\nRotate keys.")
    assert all(window.quoted for window in lazy)
    after = windows(f"> They said this.\n{line}")
    assert [window.quoted for window in after if "rotate" in window.text.lower()] == [False]


@pytest.mark.parametrize(
    "answer",
    [
        "Mistakes:\n- One key for all\nNew plan:\n- Do x.",
        "Mistakes:\n1. One key for all\nNew plan:\n1. Do x.",
        "Mistakes:\n- One key for all.\nNew plan:\nDo x.",
        "Mistakes:\none key for all\nno logs\nNew plan:\n- Do x.",
        "What one intruder can do\n- read all mail\nNew plan\n- Do x.",
        "\u274c Waiting for the audit\n\u2705 Do x.",
    ],
)
def test_a_lead_below_a_list_begins_a_part_of_its_own(answer: str) -> None:
    """A list without a blank line behind it ends where the next lead or tick stands."""
    last = windows(answer)[-1]
    assert last.lead in {"new plan:", "new plan", ""}
    assert "one key" not in last.joined
    assert "waiting" not in last.joined
    assert not last.forbidden


@pytest.mark.parametrize(
    "answer",
    [
        "- Keep the keys in the vault of the team that owns them, and rotate\nThem by policy:\n",
        (
            "- Keep the keys in the vault of the team that owns them, and let it rotate\n"
            "The team of them\n- Do x."
        ),
    ],
)
def test_a_wrapped_line_goes_on_with_its_item(answer: str) -> None:
    """What only looks like a lead may be the rest of a long line."""
    assert "vault of the team" in windows(answer)[0].text
    assert "them" in windows(answer)[0].text.split("rotate")[-1]
