"""Tokens of prompts, by estimate and by a model's own tokenizer."""

from __future__ import annotations

from pathlib import Path

import pytest

from secarch.evaluate.ask.prompt import messages
from secarch.evaluate.ask.size import counter, estimate
from secarch.models.chat_template import Chat
from secarch.suite.catalogue import stats
from secarch.suite.schema import Question, load


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", 0),
        ("Encrypt it.", 3),
        ("encryption", 2),
        ("10.0.0.0/8", 10),
        ("a_b", 3),
        ("abcdefg", 1),
    ],
)
def test_the_estimate_counts_words_digits_and_marks(text: str, tokens: int) -> None:
    """Long words are several tokens, each digit is one."""
    assert estimate(text) == tokens


def test_files_and_further_messages_are_counted() -> None:
    """They are put to the model too."""
    plain = {
        "id": "q",
        "version": 1,
        "category": "aws",
        "kind": "open",
        "difficulty": 1,
        "question": "Why?",
        "reference": "r",
        "key_points": [{"id": "k1", "text": "t", "weight": 1, "any_of": ["a"]}],
    }
    turn = {
        "message": "And now so?",
        "reference": "r",
        "key_points": [{"id": "t1", "text": "t", "weight": 1, "any_of": ["a"]}],
    }
    count, by = counter()
    bare = count(Question.model_validate(plain))
    assert by == "estimate"
    assert count(Question.model_validate({**plain, "turns": [turn]})) == bare + 4
    # File, :, a, ., tf, two fences of three marks, and two words.
    assert count(Question.model_validate({**plain, "files": {"a.tf": "x y"}})) == bare + 13


def test_a_model_counts_by_its_own_tokenizer(tiny_base: Path) -> None:
    """As its prompts are rendered."""
    question = load(["core"]).find("design-0001")
    count, by = counter(str(tiny_base))
    assert by == str(tiny_base)
    assert count(question) == len(Chat.load(tiny_base).prompt_ids(messages(question, 0)))
    talk = load(["core"]).find("followup-0001")
    assert count(talk) > len(Chat.load(tiny_base).prompt_ids(messages(talk, 0)))


def test_stats_show_the_tokens_of_each_kind() -> None:
    """A design review is the longest of all."""
    count, by = counter()
    found = stats(["core"], count, by).result["tokens"]
    kinds = found["by_kind"]
    assert found["total"] == sum(kind["total"] for kind in kinds.values())
    assert kinds["review_design"]["median"] == max(kind["median"] for kind in kinds.values())
    reviews = [q for q in load(["core"]).questions if q.kind == "review_design"]
    assert kinds["review_design"]["most"] == max(map(count, reviews))
