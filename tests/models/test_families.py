"""Chat templates of many families, each with a tokenizer that knows the family's own tokens."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
import yaml
from tokenizers import AddedToken

from secarch.errors import InvalidInput
from secarch.models.chat_template import Chat
from secarch.models.endings import made_whole
from secarch.models.prompt import SYSTEM
from secarch.models.template import frozen
from secarch.train.data.preflight import check_rows
from secarch.train.data.rows import Row, tokenise

OWN: list[dict[str, Any]] = yaml.safe_load(
    Path(__file__).with_name("families.yaml").read_text(encoding="utf-8")
)
SHARED = Path(__file__).parents[3] / "shared" / "findings" / "train"
ANSWER = "Every quarter.\n\n```sh\nkeys rotate --all\n```"
TALKS: tuple[tuple[tuple[str, str], ...], ...] = (
    (("system", SYSTEM), ("user", "How do I rotate a key?"), ("assistant", ANSWER)),
    (("user", "How do I rotate a key?"), ("assistant", "By a job.")),
    (("system", ""), ("user", "A key?\n"), ("assistant", " Ask its owner.\n")),
    (
        ("system", "Be short."),
        ("user", "A key?"),
        ("assistant", "Rotate it."),
        ("user", "And then?"),
        ("assistant", "Look at the log."),
    ),
)
MARKS = re.compile(
    r"<\|[^|<>\s{}'\"]{1,60}\|>|<\uff5c[^\uff5c<>\n{}'\"]{1,60}\uff5c>|\[\|[a-z]+\|\]|\[/?[A-Z_]{3,25}\]"
    r"|</?s>|</?think>|<[a-z]+_of_[a-z]+>|<\|?turn\|?>|<\|?channel\|?>|<SPECIAL_\d+>|\[gMASK\]"
    r"|<sop>|\]~!?b\]?\[?|\[e~\[|<BOS_TOKEN>|<bos>|<eos>"
)
"""What looks like a control token in a template."""
ENDS = {
    r"^cohere": ("<BOS_TOKEN>", ["<|END_OF_TURN_TOKEN|>"]),
    r"^deepseek": ("<\uff5cbegin▁of▁sentence\uff5c>", ["<\uff5cend▁of▁sentence\uff5c>"]),
    r"^(?:diffusion_)?gemma(?:4|_v|_t|$)?.*": ("<bos>", ["<end_of_turn>", "<turn|>", "<eos>"]),
    r"^glm": ("[gMASK]", ["<|user|>", "<|observation|>", "<|endoftext|>"]),
    r"^gptoss": ("<|startoftext|>", ["<|return|>", "<|call|>"]),
    r"^(?:idefics|smolvlm)": ("<s>", ["<end_of_utterance>"]),
    r"^llama": ("<|begin_of_text|>", ["<|eot_id|>", "<|end_of_text|>"]),
    r"^llava": ("<s>", ["</s>"]),
    r"^muse": ("<|begin_of_text|>", ["<|eot|>"]),
    r"^phi": ("<s>", ["<|end|>", "<|endoftext|>"]),
    r"": ("<s>", ["<|im_end|>", "</s>"]),
}
"""Start of a file's name -> its family's BOS and what ends an answer."""


@pytest.fixture(scope="module")
def base(tiny_base: Path) -> Chat:
    return Chat.read(tiny_base)


def _chat(base: Chat, template: str, bos: str | None, stops: Sequence[str]) -> Chat:
    """A template with the tiny tokenizer, which is given the family's tokens."""
    tokenizer = type(base.tokenizer).from_str(base.tokenizer.to_str())
    marks = sorted({*MARKS.findall(template), *stops, *([bos] if bos else [])})
    tokenizer.add_special_tokens([AddedToken(m, special=True, normalized=False) for m in marks])
    special = {"eos_token": stops[0], "pad_token": base.special["pad_token"]}
    ends = [tokenizer.token_to_id(stop) for stop in stops]
    return Chat(tokenizer, template, {**special, **({"bos_token": bos} if bos else {})}, ends)


def _messages(talk: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"role": role, "content": content} for role, content in talk]


def _rows(chat: Chat) -> list[Row]:
    """The talks, checked as before a run."""
    named = [{"id": str(n), "messages": _messages(talk)} for n, talk in enumerate(TALKS)]
    rows = tokenise(named, chat, max_length=8192, over_length="raise").rows
    check_rows(chat, rows)
    return rows


def _last(chat: Chat, row: Row) -> str:
    """What is trained after the last prompt, without the stop token."""
    ids = [i for i, on in zip(row.ids[row.prompt :], row.mask[row.prompt :], strict=True) if on]
    assert ids[-1] in chat.stop_ids
    return str(chat.tokenizer.decode(ids[:-1], skip_special_tokens=True))


def _installed() -> Iterator[Any]:
    folder = resources.files("trl") / "chat_templates"
    for path in sorted(folder.iterdir(), key=lambda path: path.name):
        if path.name.endswith(".jinja"):
            yield pytest.param(path.read_text(encoding="utf-8"), path.name, id=path.name)


def _theirs(chat: Chat, messages: list[dict[str, str]], **values: Any) -> str:
    """What transformers writes by the frozen template."""
    from transformers.utils.chat_template_utils import render_jinja_template

    names: Mapping[str, Any] = {**chat.special, **values}
    template = frozen(chat.template, None)
    ((text,), _) = render_jinja_template([messages], chat_template=template, **names)
    return str(text)


def _holds(chat: Chat) -> None:
    """Each row trains its own answer and nothing else; other programs write what is trained."""
    for row, talk in zip(_rows(chat), TALKS, strict=True):
        assert _last(chat, row).strip() == talk[-1][1].strip()
        messages = _messages(talk)
        asked = chat.render(messages[:-1], add_generation_prompt=True)
        shown = chat.render(messages)
        assert shown.startswith(asked)
        for role, content in talk[:-1]:
            assert content.strip() in asked, role
        assert _theirs(chat, messages, add_generation_prompt=False) == shown
        assert _theirs(chat, messages[:-1], add_generation_prompt=True) == asked


@pytest.mark.parametrize("family", OWN, ids=[family["name"] for family in OWN])
def test_each_kind_of_template_trains_the_answer_alone(base: Chat, family: dict[str, Any]) -> None:
    """By the template as it is, or made whole, as the family's record says."""
    chat = _chat(base, family["template"], family["bos"], family["stops"]).placing("auto")
    _holds(chat)
    assert made_whole(chat.template) == family.get("whole", False)
    assert chat.system == family.get("system", "template")


@pytest.mark.parametrize(("template", "name"), _installed())
def test_each_template_that_trl_carries_trains_the_answer_alone(
    base: Chat, template: str, name: str
) -> None:
    """None of those that it has for real models is refused."""
    bos, stops = next(found for start, found in ENDS.items() if re.search(start, name))
    ends = [stop for stop in stops if stop in template] or stops
    _holds(_chat(base, template, bos, ends).placing("auto"))


@pytest.mark.skipif(not SHARED.is_dir(), reason="templates that are kept beside the repository")
def test_templates_found_elsewhere_train_the_answer_or_name_their_line(base: Chat) -> None:
    """One that writes no message at all is refused; of rows that have a system prompt, as ours
    have, all others are taken.
    """
    refused = {}
    for path in sorted(SHARED.glob("*.jinja")):
        chat = _chat(base, path.read_text(encoding="utf-8"), "<s>", ["<|im_end|>", "<|eot_id|>"])
        try:
            chat = chat.placing("auto")
            rows = tokenise(
                [{"messages": _messages(TALKS[0])}], chat, max_length=8192, over_length="raise"
            ).rows
            check_rows(chat, rows)
            assert _last(chat, rows[0]).strip() == ANSWER
        except InvalidInput as error:
            refused[path.name] = str(error.where)
    assert list(refused) == ["no_system.jinja"]
    assert "line 1: " in refused["no_system.jinja"]


@pytest.mark.parametrize(
    ("template", "why"),
    [
        ("{{ bos_token }}{{ raise_exception('asks for a licence') }}", "asks for a licence"),
        ("{{ bos_token }}{% for m in messages %}{{ m.content[:4] }}</s>{% endfor %}", "loses"),
        ("{{ bos_token }}{% for m in messages %}{{ m.content|upper }}</s>{% endfor %}", "loses"),
        ("{% for m in messages if m.role != 'user' %}{{ m.content }}</s>{% endfor %}", "user"),
        ("{% for m in messages %}{{ m.content + missing.of.it }}</s>{% endfor %}", "missing"),
    ],
)
def test_a_template_that_loses_or_changes_a_text_is_refused(
    base: Chat, template: str, why: str
) -> None:
    """However it is wrapped, with the line and a way out."""
    with pytest.raises(InvalidInput) as caught:
        _chat(base, template, "<s>", ["</s>"]).placing("auto")
    assert why in f"{caught.value.what} {caught.value.why}"
    assert "line 1: " in str(caught.value.where)
    assert "train.chat_template" in str(caught.value.fix)
