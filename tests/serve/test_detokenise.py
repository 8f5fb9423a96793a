"""Ids to text as they come: parts add up, nothing half is given out, stop words never are."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secarch.models.chat_template import Chat
from secarch.serve.engines.detokenise import Detokeniser, StopWords

TEXTS = [
    "Rotate keys; then log: access.",
    "  leading and trailing  ",
    "Schlüssel für Zürich \u2014 日本語 🔐🔑 done",
    "a\n\n  - list\n\t- tab",
    "",
]


@pytest.fixture(scope="module")
def chat(tiny_base: Path) -> Chat:
    return Chat.load(tiny_base)


@pytest.mark.parametrize("text", TEXTS)
def test_parts_add_up_and_no_character_comes_in_halves(chat: Chat, text: str) -> None:
    ids = chat.plain_ids(text)
    one = Detokeniser(chat)
    parts = [one.add(token) for token in ids]
    assert not any(part.endswith("\ufffd") for part in parts)
    parts.append(one.rest())
    assert "".join(parts) == chat.decode(ids)
    assert parts[-1] == ""


def test_an_answer_that_ends_in_half_a_character_still_ends(chat: Chat) -> None:
    ids = chat.plain_ids("key 🔐")[:-1]
    one = Detokeniser(chat)
    for token in ids:
        one.add(token)
    one.rest()
    assert one.sent == chat.decode(ids)


def _stopped(stop: tuple[str, ...], parts: list[str]) -> tuple[str, bool]:
    words = StopWords(stop)
    out = "".join(words.add(part) for part in parts)
    return out + words.add("", last=True), words.met


@pytest.mark.parametrize(
    ("parts", "text", "met"),
    [
        (["abc", "def"], "abcdef", False),
        (["abEN", "D", "x"], "ab", True),
        (["abE", "N", "x"], "abENx", False),
        (["END"], "", True),
        (["abEN"], "abEN", False),
        (["a##b"], "a", True),
        (["ab##EN", "D"], "ab", True),
    ],
)
def test_stop_words_across_parts(parts: list[str], text: str, met: bool) -> None:
    assert _stopped(("END", "##"), parts) == (text, met)


def test_nothing_that_a_stop_word_may_take_back_is_given_out() -> None:
    words = StopWords(("END",))
    assert words.add("abE") == "ab"
    assert words.add("N") == ""
    assert words.add("X") == "ENX"


@given(
    st.lists(st.text(alphabet="abE", max_size=4), max_size=8),
    st.text(alphabet="abE", min_size=1, max_size=3),
)
def test_the_first_stop_word_cuts_wherever_the_parts_are_cut(parts: list[str], stop: str) -> None:
    whole = "".join(parts)
    at = whole.find(stop)
    assert _stopped((stop,), parts) == (whole if at < 0 else whole[:at], at >= 0)
