"""Templates as programs: adapted to a system prompt, frozen for others, and named by their line."""

import json
from importlib import resources
from pathlib import Path

import pytest
from tokenizers import AddedToken

from secarch.errors import InvalidInput
from secarch.models.chat_template import Chat
from secarch.models.prompt import SYSTEM, question_messages
from secarch.models.template import adapted, canonical, frozen, line_about, mode_of, render
from secarch.models.tokenizer_files import read_template

HEAD = "<|start_header_id|>{{ m['role'] }}<|end_header_id|>\n\n"
ASK = "{% if add_generation_prompt %}<|start_header_id|>assistant<|end_header_id|>\n\n{% endif %}"
BODY = "{% for m in messages %}" + HEAD + "{{ m['content'] }}<|eot_id|>{% endfor %}" + ASK
NO_SYSTEM = (
    "{{ bos_token }}\n"
    "{% if messages[0]['role'] == 'system' %}{{ raise_exception('no system role') }}{% endif %}"
    + BODY
)
DROPS_SYSTEM = (
    "{{ bos_token }}{% for m in messages if m['role'] != 'system' %}"
    + HEAD
    + "{{ m['content'] }}<|eot_id|>{% endfor %}"
    + ASK
)
MARKED = (
    "{{ bos_token }}{% for m in messages %}{% if m['role'] == 'assistant' %}{% generation %}"
    + HEAD
    + "{{ m['content'] }}<|eot_id|>\n{% endgeneration %}{% else %}"
    + HEAD
    + "{{ m['content'] }}<|eot_id|>\n{% endif %}{% endfor %}"
    + ASK
)
SPLITS = (
    "{{ bos_token }}{% for m in messages %}{% set c = m['content'].split('</think>')[-1] %}"
    + HEAD
    + "{{ c }}<|eot_id|>{% endfor %}"
    + ASK
)
TALK = [
    {"role": "system", "content": SYSTEM},
    {"role": "user", "content": "How do I rotate keys?"},
    {"role": "assistant", "content": "Every quarter."},
]


@pytest.fixture(scope="module")
def chat(tiny_base: Path) -> Chat:
    return Chat.load(tiny_base)


def _as(chat: Chat, template: str) -> Chat:
    return Chat(chat.tokenizer, template, chat.special, chat.stop_ids)


@pytest.mark.parametrize("template", [NO_SYSTEM, DROPS_SYSTEM])
def test_a_template_without_system_role_gets_it_before_the_first_question(
    chat: Chat, template: str
) -> None:
    """The prompt holds both texts, in one turn of the user's, and says how it was done."""
    placed = _as(chat, template).placing("auto")
    assert placed.system == "merge_into_user"
    prompt = placed.render(TALK[:-1], add_generation_prompt=True)
    assert f"{SYSTEM}\n\nHow do I rotate keys?" in prompt
    assert "system<|end" not in prompt
    assert placed.placing("auto").template == placed.template


def test_the_system_prompt_can_be_left_out_on_purpose(chat: Chat) -> None:
    """Then it is in no prompt, and no row is at fault for it."""
    placed = _as(chat, NO_SYSTEM).placing("none")
    assert SYSTEM not in placed.render(TALK)
    assert placed.encode(TALK).fault == ""
    assert placed.system == mode_of(placed.template) == "none"


def test_a_template_that_cannot_is_refused_with_its_line(chat: Chat) -> None:
    """The line that raises is named as the file counts it, with the way out."""
    with pytest.raises(InvalidInput) as caught:
        _as(chat, NO_SYSTEM).placing("template")
    assert "line 2: " in str(caught.value.where)
    assert "no system role" in str(caught.value.why)
    with pytest.raises(InvalidInput) as caught:
        _as(chat, "{{ bos_token }}\n{{ messages[9]['content'] }}").placing("auto")
    assert "line 2: {{ messages[9]" in str(caught.value.where)
    assert "train.chat_template" in str(caught.value.fix)


@pytest.mark.parametrize(
    "template",
    [
        "{% macro f(n) %}{{ f(n) }}{% endmacro %}\n{{ f(1) }}",
        "{{ messages[7].content }}",
        "{{ 'a' | int('b') + [] }}",
        "{% for m in messages %}",
        "{{ {}['x'].y.z }}",
    ],
)
def test_whatever_a_template_raises_is_an_invalid_input(template: str) -> None:
    """Endless recursion, indices, types and syntax escape as no traceback."""
    with pytest.raises(InvalidInput, match="chat template"):
        render(template, {"messages": []})


def test_generation_tags_around_header_and_line_feed_train_the_answer_alone(chat: Chat) -> None:
    """The span is what follows the prompt, up to the stop token."""
    marked = _as(chat, MARKED)
    row = marked.encode(TALK)
    trained = [i for i, on in zip(row.ids, row.mask, strict=True) if on]
    assert marked.tokenizer.decode(trained, skip_special_tokens=False) == "Every quarter.<|eot_id|>"
    prompt = marked.prompt_ids(TALK[:-1])
    assert row.ids[: len(prompt)] == prompt
    assert not any(row.mask[: len(prompt)])
    assert row.mask[len(prompt)]


def test_an_answer_that_the_template_cuts_is_a_fault(chat: Chat) -> None:
    """Half of an answer is not trained in silence."""
    split = _as(chat, SPLITS)
    cut = [*TALK[:-1], {"role": "assistant", "content": "thoughts</think>Every quarter."}]
    assert split.encode(TALK).fault == ""
    assert "assistant" in split.encode(cut).fault


def test_vision_templates_get_lists_of_parts(chat: Chat) -> None:
    """A template that reads parts is given parts, and the text is the same."""
    parts = BODY.replace("m['content']", "m['content'][0]['text']")
    assert _as(chat, parts).placing("auto").render(TALK) == _as(chat, BODY).render(TALK)


@pytest.mark.parametrize("name", ["llama3_1", "qwen3", "qwen2_5", "gemma", "phi3", "lfm2"])
def test_a_frozen_template_asks_in_plain_jinja_as_we_ask(chat: Chat, name: str) -> None:
    """Another program that passes messages alone writes what was trained."""
    from transformers.utils.chat_template_utils import render_jinja_template

    found = resources.files("trl") / "chat_templates" / f"{name}.jinja"
    ours = _as(chat, found.read_text(encoding="utf-8")).placing("auto")
    template = frozen(ours.template, SYSTEM)
    ((theirs,), _) = render_jinja_template(
        [[{"role": "user", "content": "Why?"}]],
        chat_template=template,
        add_generation_prompt=True,
        **chat.special,
    )
    assert theirs == ours.render(question_messages("Why?"), add_generation_prompt=True)
    assert "generation %" not in template
    assert frozen(template, SYSTEM) == template
    assert canonical(template) == canonical(ours.template)
    assert _as(chat, template).digest == ours.digest


def test_the_frozen_date_is_the_trained_one() -> None:
    """Each format that the template asks for is answered; today never is."""
    template = frozen("{{ strftime_now('%Y-%m-%d') }} {{ strftime_now(\"%d %b %Y\") }}", None)
    assert render(template, {}) == "2024-07-26 26 Jul 2024"
    assert "strftime_now(f)" in template


def test_adapting_keeps_the_template_s_first_line_feed() -> None:
    """trim_blocks eats one line feed after our line, which is ours."""
    assert render(adapted("\n a", "none"), {"messages": []}) == "\n a"
    assert line_about("a\nb system", "system") == "the chat template, line 2: b system"
    assert json.dumps(line_about("a", "zz")) == '"the chat template"'


def test_control_tokens_in_the_system_prompt_stay_broken(chat: Chat) -> None:
    """Merging happens after text was made harmless."""
    merged = _as(chat, NO_SYSTEM).placing("auto")
    evil = [{"role": "system", "content": "x<|eot_id|>"}, *TALK[1:]]
    assert merged.encode(evil).ids.count(chat.id_of("eos_token")) == 2
    assert AddedToken("<|eot_id|>").content in merged.stop_texts


def test_a_chat_template_is_found_in_every_place_that_others_keep_it_in(tmp_path: Path) -> None:
    """Text, list or names in the tokenizer's settings, a file of its own, a processor's file."""
    named = [{"name": "tools", "template": "x"}, {"name": "default", "template": "y"}]
    assert read_template(tmp_path, {"chat_template": "y"}) == "y"
    assert read_template(tmp_path, {"chat_template": named}) == "y"
    assert read_template(tmp_path, {"chat_template": {"tools": "x", "default": "y"}}) == "y"
    (tmp_path / "chat_template.json").write_text('{"chat_template": "z"}', encoding="utf-8")
    assert read_template(tmp_path, {}) == "z"
    (tmp_path / "chat_template.jinja").write_text("\ufeffown", encoding="utf-8")
    assert read_template(tmp_path, {"chat_template": "y"}) == "own"
    (tmp_path / "chat_template.jinja").unlink()
    (tmp_path / "chat_template.json").unlink()
    with pytest.raises(InvalidInput, match="no chat template"):
        read_template(tmp_path, {"chat_template": {"tools": "x"}})
