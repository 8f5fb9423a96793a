"""Sample answers: the same prompts, with the adapter off and on."""

from pathlib import Path
from typing import Any, Self

from secarch.models.chat_template import Chat
from secarch.train.data.rows import tokenise
from secarch.train.samples import TOKENS, picked, questions, taken


class _Model:
    """Says one thing without its adapter and another with it."""

    def __init__(self, chat: Chat) -> None:
        self.chat, self.off = chat, False

    def without_adapter(self) -> Self:
        return self

    def __enter__(self) -> None:
        self.off = True

    def __exit__(self, *_: object) -> None:
        self.off = False

    def generate(self, prompts: list[list[int]], most: int) -> list[Any]:
        class Said:
            ids = self.chat.plain_ids("before it" if self.off else "after it")

        assert most == TOKENS
        return [Said() for _ in prompts]


def test_base_and_adapter_answer_the_first_held_out_rows(tiny_base: Path) -> None:
    """By id; a row without a prompt is skipped."""
    chat = Chat.load(tiny_base)
    talks = [
        {
            "id": name,
            "messages": [
                {"role": "user", "content": f"Ask {name}?"},
                {"role": "assistant", "content": f"Say {name}."},
            ],
        }
        for name in "cab"
    ]
    rows = tokenise(talks, chat, max_length=512, over_length="raise").rows
    chosen = picked(rows, 2)
    assert [row.id for row in chosen] == ["a", "b"]
    assert picked(rows, 0) == []
    model: Any = _Model(chat)
    first, second = taken(model, chosen, questions(talks[1:2]))
    assert first["prompt"] == "Ask a?"
    assert second["prompt"] != "Ask b?"
    assert "Ask b?" in second["prompt"]
    assert (first["row"], first["before"], first["after"]) == ("Say a.", "before it", "after it")


def test_a_question_is_told_without_the_system_prompt() -> None:
    """The same stands before every one; earlier turns belong to the question."""
    turns = [("system", "Be brief."), ("user", "Why?"), ("assistant", "So."), ("user", "And now?")]
    messages = [{"role": role, "content": text} for role, text in (*turns, ("assistant", "Go."))]
    rows = [
        {"id": "one", "messages": [*messages[:2], messages[-1]]},
        {"id": 2, "messages": messages},
        {"messages": messages},
        {"id": "pair", "prompt": "Which?"},
    ]
    assert questions(rows) == {
        "one": "Why?",
        "2": "user: Why?\n\nassistant: So.\n\nuser: And now?",
    }
