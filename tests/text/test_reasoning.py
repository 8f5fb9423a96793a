"""Reasoning is told from the answer by the markers of the templates."""

from __future__ import annotations

from time import process_time

import pytest

from secarch.text.reasoning import Parts, markers, split


@pytest.mark.parametrize(
    "text",
    [
        "<think>weigh it</think>Least privilege.",
        "weigh it</think>\nLeast privilege.",
        "<thinking>\nweigh it\n</thinking>\n\nLeast privilege.",
        "[THINK]weigh it[/THINK]Least privilege.",
        (
            "<|channel|>analysis<|message|>weigh it<|end|><|start|>assistant"
            "<|channel|>final<|message|>"
            "Least privilege.<|return|>"
        ),
        (
            "<|begin_of_thought|>weigh it<|end_of_thought|><|begin_of_solution|>Least privilege."
            "<|end_of_solution|>"
        ),
        "<seed:think>weigh it</seed:think>Least privilege.",
        "weigh it</seed:think>Least privilege.",
        '<thinking kind="long">weigh it</thinking>Least privilege.',
        "<|channel>thought\nweigh it<channel|>Least privilege.",
        "<unused94>thought\nweigh it<unused95>Least privilege.",
        "<|inner_prefix|>weigh it<|inner_suffix|>Least privilege.",
        "<|thought_start|>weigh it<|thought_end|>Least privilege.",
        "<reflection>weigh it</reflection><output>Least privilege.</output>",
        "weigh it<|end|><|start|>assistant<|channel|>final<|message|>Least privilege.",
        "Here is my thought process: weigh it\n\nHere is my response: Least privilege.",
        "analysisweigh itassistantfinalLeast privilege.",
        "analysis\nweigh it\nassistant\nfinal\nLeast privilege.",
        (
            "<|channel|>analysis<|message|>weigh it<|channel|>final <|constrain|>json<|message|>"
            "Least privilege."
        ),
        "<inner_thoughts>weigh it</inner_thoughts>Least privilege.",
        "<internal_monologue>weigh it</internal_monologue>Least privilege.",
        "<chain_of_thought>weigh it</chain_of_thought>Least privilege.",
        "<longcat_think>weigh it</longcat_think>Least privilege.",
        "<think_fast>weigh it</think_fast>Least privilege.",
        "<think>weigh it\n</think >Least privilege.",
        "< think >weigh it</ think >Least privilege.",
        "[reasoning]weigh it[/reasoning]Least privilege.",
        "[BEGIN THINKING]weigh it[END THINKING]Least privilege.",
        "<details><summary>Thinking</summary>weigh it</details>\n\nLeast privilege.",
        (
            '<details type="reasoning" done="true">\n<summary>Thought for 5 seconds</summary>'
            "\nweigh it\n</details>\nLeast privilege."
        ),
        "<think>weigh it</think>Least privilege.<|im_end|>",
        "assistantanalysisweigh itassistantfinalLeast privilege.",
        "Thinking...\nweigh it\n...done thinking.\n\nLeast privilege.",
        "```thinking\nweigh it\n```\nLeast privilege.",
        "<scratch_pad>weigh it</scratch_pad>Least privilege.",
    ],
)
def test_the_answer_is_what_stands_outside(text: str) -> None:
    """Whatever marks the reasoning, and if the template has opened it."""
    assert split(text) == Parts("Least privilege.", "weigh it", unfinished=False)


@pytest.mark.parametrize(
    "text",
    [
        "<think>weigh",
        "<|channel|>analysis<|message|>weigh",
        "<analysis>weigh",
        "<thinking>weigh",
    ],
)
def test_an_answer_that_ends_in_its_reasoning_is_none(text: str) -> None:
    """The budget is spent, and nothing was answered."""
    assert split(text) == Parts("", "weigh", unfinished=True)


@pytest.mark.parametrize(
    "text",
    [
        "Plain.",
        "",
        "a < b and c > d",
        "Use <reason> as the placeholder for the reason and deny the rest.",
        'git commit -m "<reason>", and then the <analysis> stage',
        "Analysis: it is narrow.",
        "analysis of the assistant shows that the final answer is B",
        "Tag it [reasoning] and go on.",
        "Set <thinking_budget> to 0.",
        "```reasoning_engine\nx\n```\nB",
        "<details><summary>The policy</summary>Deny it.</details>",
        "<risk_analysis>Keys leak.</risk_analysis>",
        "I think: <b>bold</b>",
        "Here is my reasoning: it is narrow.",
        "Some models write `<think>` before their answer.",
        "It ends with `</think>`, then the answer.",
        "The form:\n```xml\n<think>weigh it</think>\n```\nThat is all.",
    ],
)
def test_other_text_stays_as_it_is(text: str) -> None:
    """Markup that is no marker is left alone."""
    assert split(text) == Parts(text, "", unfinished=False)


@pytest.mark.parametrize(
    ("text", "reasoning"),
    [
        ("<think>a <think>b</think> c</think>Deny it.", "a <think>b</think> c"),
        ("<think>the <think> tag</think>Deny it.", "the <think> tag"),
        ("```\n<think>weigh</think>Deny it.\n```", "weigh"),
        ("<think>`a</think>Deny it.", "`a"),
    ],
)
def test_tags_within_tags_belong_to_the_reasoning(text: str, reasoning: str) -> None:
    """The outermost tag ends it, or the first where they do not match; a fence around everything
    is no quotation.
    """
    parts = split(text)
    assert parts.reasoning == reasoning
    assert parts.answer.strip("`\n") == "Deny it."


@pytest.mark.parametrize(
    "piece",
    [
        "<reason>",
        "analysisAb cd ",
        "<details><summary>thought",
        "<think>a</think>",
        "<think><think>x</think>",
        "`<think>`",
        "```\n<think>\n",
    ],
)
def test_many_tags_take_no_time(piece: str) -> None:
    """A model that repeats itself costs what its length costs."""
    started = process_time()
    split(piece * 5000)
    assert process_time() - started < 2


@pytest.mark.parametrize(
    ("tokens", "marks"),
    [
        (["<s>", "[THINK]", "[/THINK]", "[INST]"], {"[THINK]", "[/THINK]"}),
        (["<|end|>", "<|user|>"], set()),
        (["<|end|>", "<|channel|>", "<|user|>"], {"<|end|>", "<|channel|>"}),
        (
            ["<|START_THINKING|>", "<|END_THINKING|>", "<EOS>"],
            {"<|START_THINKING|>", "<|END_THINKING|>"},
        ),
        (["<|im_end|>", "<|endoftext|>"], set()),
    ],
)
def test_special_tokens_that_mark_reasoning_are_told_from_others(
    tokens: list[str], marks: set[str]
) -> None:
    """`<|end|>` ends a turn unless the tokenizer has channels."""
    assert markers(tokens) == marks


def test_marks_at_the_answer_s_beginning_stay() -> None:
    """Only the word of the channel goes."""
    assert split("analysisWe weigh it.assistantfinal**Deny**").answer == "**Deny**"
