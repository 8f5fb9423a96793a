"""Templates whose prompts and endings are made to agree with what they show."""

from pathlib import Path

import pytest

from secarch.errors import InvalidInput
from secarch.models.chat_template import Chat
from secarch.models.endings import ending, made_whole, whole
from secarch.models.prompt import SYSTEM
from secarch.models.template import frozen, mode_of
from secarch.train.data.preflight import check_rows
from secarch.train.data.rows import tokenise

HEAD = "<|start_header_id|>{{ m.role }}<|end_header_id|>\n\n"
ASK = "<|start_header_id|>assistant<|end_header_id|>\n\n"
LOOP = "{% for m in messages %}" + HEAD + "{{ m.content }}<|eot_id|>{% endfor %}"
THINKS = "{{ bos_token }}" + LOOP + "{% if add_generation_prompt %}" + ASK + "<think>\n{% endif %}"
OPEN = (
    "{{ bos_token }}{% for m in messages %}"
    + HEAD
    + "{{ m.content }}{% if not (loop.last and m.role == 'assistant') %} <|eot_id|>{% endif %}"
    + "{% endfor %}{% if add_generation_prompt %}"
    + ASK
    + "{% endif %}\n"
)
LAST = (
    "{{ bos_token }}{% set s = messages[0].content %}{% for m in messages[1:] %}"
    "{% if m.role == 'user' %}[INST] {{ (s + '\n\n' if loop.last else '') + m.content }}[/INST]"
    "{% else %}{{ ' ' + m.content + '<|eot_id|>' }}{% endif %}{% endfor %}"
)
"""The system prompt is in prompts alone, and always the first message."""
NEVER = "{{ bos_token }}{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}"
REFUSES = "{% if messages[0].role == 'system' %}{{ raise_exception('no system') }}{% endif %}\n"
TURNS = "{% for m in messages %}{% if m.role == 'user' %}{{ bos_token }}{% endif %}"
TALK = [
    {"role": "system", "content": SYSTEM},
    {"role": "user", "content": "How do I rotate keys?"},
    {"role": "assistant", "content": "Every quarter."},
    {"role": "user", "content": "And passwords?"},
    {"role": "assistant", "content": "Use none.\nTake passkeys."},
]


@pytest.fixture(scope="module")
def chat(tiny_base: Path) -> Chat:
    return Chat.load(tiny_base)


def _placed(chat: Chat, template: str) -> Chat:
    return Chat(chat.tokenizer, template, chat.special, chat.stop_ids).placing("auto")


def _trained(chat: Chat) -> list[str]:
    """What is trained of each turn, as text."""
    row = chat.encode(TALK)
    spans: list[list[int]] = [[]]
    for i, on in zip(row.ids, row.mask, strict=True):
        if on:
            spans[-1].append(i)
        elif spans[-1]:
            spans.append([])
    return [chat.tokenizer.decode(s, skip_special_tokens=False) for s in spans if s]


@pytest.mark.parametrize(
    ("template", "gap"), [(THINKS, ""), (OPEN, " "), (REFUSES + THINKS, ""), (REFUSES + OPEN, " ")]
)
def test_prompts_and_endings_agree_with_the_rows(chat: Chat, template: str, gap: str) -> None:
    """Each answer is trained with its stop token, and what is asked is what stands before it."""
    placed = _placed(chat, template)
    assert made_whole(placed.template)
    assert _trained(placed) == [
        f"Every quarter.{gap}<|eot_id|>",
        f"Use none.\nTake passkeys.{gap}<|eot_id|>",
    ]
    for upto in (2, 4):
        asked = placed.render(TALK[:upto], add_generation_prompt=True)
        assert placed.render(TALK).startswith(asked)
        assert asked.endswith(ASK)
        assert "<think>" not in asked
    rows = tokenise([{"messages": TALK}], placed, max_length=2048, over_length="raise").rows
    assert check_rows(placed, rows)["prompt_prefix"] == 1
    assert placed.placing("auto").template == placed.template
    assert placed.system == mode_of(placed.template)


def test_a_question_may_name_what_stands_for_an_answer(chat: Chat) -> None:
    """The prompt goes to the last place of it, so that no word of the question is trained."""
    placed = _placed(chat, THINKS)
    talk = [{"role": "user", "content": "What is a secarch-answer here?"}, TALK[2]]
    assert placed.render(talk[:1], add_generation_prompt=True).endswith("here?<|eot_id|>" + ASK)
    row = placed.encode(talk)
    trained = [i for i, on in zip(row.ids, row.mask, strict=True) if on]
    said = chat.tokenizer.decode(trained, skip_special_tokens=False)
    assert said == "Every quarter.<|eot_id|>"


def test_a_system_prompt_that_prompts_alone_have_is_learnt_with(chat: Chat) -> None:
    """The last answer stands after the prompt as it is asked, and ends with the stop token."""
    placed = _placed(chat, LAST)
    assert made_whole(placed.template)
    for upto in (2, 4):
        asked = placed.render(TALK[:upto], add_generation_prompt=True)
        said = TALK[upto]["content"]
        assert placed.render(TALK[: upto + 1]) == f"{asked}{said}<|eot_id|>"
        assert f"{SYSTEM}\n\n{TALK[upto - 1]['content']}[/INST]" in asked
    assert _trained(placed)[-1] == "Use none.\nTake passkeys.<|eot_id|>"
    rows = tokenise([{"messages": TALK}], placed, max_length=2048, over_length="raise").rows
    assert check_rows(placed, rows)["prompt_prefix"] == 1


def test_what_is_shown_stays_as_the_template_writes_it(chat: Chat) -> None:
    """Only prompts change where endings are whole; frozen, it renders the same."""
    placed = _placed(chat, THINKS)
    plain = Chat(chat.tokenizer, THINKS, chat.special, chat.stop_ids)
    assert placed.render(TALK) == plain.render(TALK)
    for said in (None, SYSTEM):
        thawed = Chat(chat.tokenizer, frozen(placed.template, said), chat.special, chat.stop_ids)
        assert thawed.render(TALK) == plain.render(TALK)
        assert thawed.prompt_ids(TALK[:-1]) == placed.prompt_ids(TALK[:-1])


@pytest.mark.parametrize(
    "template", [LOOP + "{% if add_generation_prompt %}" + ASK + "{% endif %}"]
)
def test_a_sound_template_stays_as_it_is(chat: Chat, template: str) -> None:
    """Nothing is put around what agrees already."""
    assert _placed(chat, template).template == template


def test_a_template_without_any_stop_token_is_still_refused(chat: Chat) -> None:
    """No stop token is made up: the model's makers never taught one there."""
    placed = _placed(chat, NEVER)
    assert not made_whole(placed.template)
    rows = tokenise([{"messages": TALK}], placed, max_length=2048, over_length="raise").rows
    with pytest.raises(InvalidInput, match=r"stop_trained|prompt_prefix") as caught:
        check_rows(placed, rows)
    assert "line 1: " in str(caught.value.where)


def test_a_bos_before_each_turn_is_no_fault(chat: Chat) -> None:
    """Llama 2's way: as many as turns, none beside another."""
    template = TURNS + HEAD + "{{ m.content }}<|eot_id|>{% endfor %}"
    placed = _placed(chat, template + "{% if add_generation_prompt %}" + ASK + "{% endif %}")
    rows = tokenise([{"messages": TALK}], placed, max_length=2048, over_length="raise").rows
    assert placed.encode(TALK).ids.count(chat.bos_id) == 2
    assert check_rows(placed, rows)["one_bos"] == 1


def test_the_ending_is_what_stands_before_the_next_turn() -> None:
    """The first of the stop tokens, with what precedes it; none where no turn ends so."""
    ends = {"a": "<1> <2>", "b": "<2>"}

    def render(messages: list[dict[str, str]]) -> str:
        return "".join(m["content"] + ("" if m is messages[-1] else ends["a"]) for m in messages)

    talk = [{"role": "user", "content": "q"}, {"role": "assistant", "content": "okapi"}]
    assert ending(render, talk, ["<2>", "<1>"]) == "<1>"
    assert ending(render, talk, ["<2>"]) == "<1> <2>"
    assert ending(render, talk, ["<3>"]) is None
    closed = lambda messages: "".join(m["content"] + "<2>" for m in messages)  # noqa: E731
    assert ending(closed, talk, ["<2>"]) == ""
    drops = lambda messages: "".join(m["content"] for m in messages) + "."  # noqa: E731
    assert ending(drops, talk, ["<2>"]) is None


def test_one_line_feed_at_the_end_is_the_files() -> None:
    """Jinja drops the last one of a template; a second is text."""
    assert "y{% endmacro" in whole("y\n", "")
    assert "y\n{% endmacro" in whole("y\n\n", "")
