"""Examples are composed of passages of their source, asked once, answered once, and counted."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secarch.dedupe.build.documents import document
from secarch.dedupe.config import DedupeConfig
from secarch.dedupe.examples import gate
from secarch.dedupe.examples.builder import Builder, Built
from secarch.text import markdown
from secarch.text.words import words

LOREM = (
    "The owner reads the log of each day and says what is odd, so that the team can act on it in "
    "time. "
)


def build(*texts: str, **changes: object) -> Built:
    """Cut texts into examples."""
    builder = Builder(DedupeConfig(**changes))  # type: ignore[arg-type]
    for n, body in enumerate(texts):
        url = f"https://docs.aws.amazon.com/kms/latest/p{n}.html"
        builder.add(document({"url": url, "text": body, "licence": "MIT"}))
    return builder.built


def doc(*parts: str) -> str:
    """A page from a title and parts."""
    return "# Key rotation\n\n" + "\n\n".join(parts) + "\n"


def question(n: int) -> str:
    """A section that asks and answers."""
    return (
        f"## Why does zone {n} need its own key?\n\nA key of its own for zone {n} limits what a "
        f"stolen credential of another zone opens, because policy {n} names that key alone and "
        f"auditor {n} can tell who used it and when."
    )


BLOCKS = st.sampled_from(
    [
        "## ",
        "# ?",
        "## [ ]",
        "### 1.2",
        "## -",
        "## How to",
        "## `x`",
        "## Create a key",
        "### Key policies",
        "# Other title",
        LOREM,
        LOREM * 8,
        "- one\n- two\n  more\n- three",
        "1. do\n2. undo",
        '```json\n{"a": 1}\n\n{"b": 2}\n```',
        "| a | b |\n|---|---|\n| 1 | 2 |",
        "> a note",
        "    indented code",
        "~~~\nopen fence",
        "***",
        'Text with a [link](https://x.test/(a)) and \\*escape\\* <br> <a name="x"></a>.',
    ]
)


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(st.lists(BLOCKS, max_size=14))
def test_blocks_cover_the_text(parts: list[str]) -> None:
    """Blocks are in order, do not overlap, and leave out white space and thematic breaks only."""
    body = "\n\n".join(parts)
    at = 0
    for block in markdown.blocks(body):
        assert not body[at : block.start].strip("* \n")
        assert block.start < block.end
        at = block.end
    assert not body[at:].strip("* \n")


@given(st.lists(BLOCKS, min_size=1, max_size=10))
@settings(max_examples=80, deadline=None)
def test_answers_come_from_the_passages_that_a_row_names(parts: list[str]) -> None:
    """Every example passes the gate, and its passages lie in the text and hold its words."""
    body = doc(*parts, question(1))
    built = build(body)
    for example in built.examples:
        assert gate.problem(example.kind, example.instruction, example.answer) == ""
        assert example.start == min(source.start for source in example.sources)
        assert example.end == max(source.end for source in example.sources)
        assert all(0 <= s.start < s.end <= len(body) for s in example.sources)
        assert {source.licence for source in example.sources} == {"MIT"}


def test_an_answer_is_its_passage() -> None:
    """A question of the source is answered by the words below it and by nothing else."""
    built = build(doc(question(4)))
    assert [example.kind for example in built.examples] == ["question"]
    example = built.examples[0]
    assert "Why does zone 4 need its own key?" in example.instruction
    assert example.answer.startswith("A key of its own for zone 4 limits")
    assert set(words(example.answer)) <= set(words(question(4)))


def test_no_question_and_no_answer_twice() -> None:
    """The same page again gives nothing new; the reason is named."""
    built = build(doc(question(1)), doc(question(1)), doc(question(2)))
    assert len(built.examples) == 2
    assert [left.reason for left in built.left_out] == ["answer_taken"]
    asked = doc(question(1).replace("limits what", "narrows down what"))
    built = build(doc(question(1)), asked, asked.replace("narrows", "cuts"))
    assert len({example.instruction for example in built.examples}) == len(built.examples)
    assert {left.reason for left in built.left_out} <= {"question_taken"}


def test_caps_are_counted() -> None:
    """More than a document, a family or a template may give is left out with its reason."""
    many = doc(*(question(n) for n in range(6)))
    every = len(build(many).examples)
    assert every >= 6
    capped = build(many, max_per_document=4)
    assert (len(capped.examples), capped.documents_over_cap) == (4, 1)
    assert [left.reason for left in capped.left_out] == ["over_cap"] * (every - 4)
    assert {left.reason for left in build(many, max_per_kind=2).left_out} == {"over_kind_cap"}
    assert {left.reason for left in build(many, max_per_wording=1).left_out} == {"over_wording_cap"}


def test_what_teaches_nothing_is_counted() -> None:
    """Pages of links and pages in other languages give no row, and say why."""
    links = "- [Key one](one.html)\n- [Key two](two.html)\n- [Key three](three.html)"
    assert [left.reason for left in build(doc(links)).left_out] == ["teaches_nothing"]
    german = (
        "Die Schlüssel werden von dem Dienst nicht mit der Anwendung auf die Platte gelegt. " * 9
    )
    assert [left.reason for left in build(doc(german)).left_out] == ["not_english"]


def test_a_pair_that_the_gate_refuses_is_shown_with_its_reason() -> None:
    """What falls at the gate keeps question and answer for the report."""
    answer = "As shown above, the key of the zone is kept apart from all other keys of the account."
    built = build(doc(f"## Why is the key kept apart?\n\n{answer} {LOREM}"))
    assert [left.reason for left in built.left_out] == ["answer_points_away"]
    assert "Why is the key kept apart?" in built.left_out[0].text
    assert built.left_out[0].end > built.left_out[0].start


@pytest.mark.parametrize(
    "sample",
    [
        "[" * 20_000,
        "<a name=" * 5_000,
        "`" * 20_000,
        "* " * 20_000,
        "\\" * 20_000,
        " " * 50_000 + "x",
        "|" * 20_000,
        "[a](" * 5_000,
        "For more, see " * 4_000,
        "**a" * 8_000,
        "1. " * 8_000,
        '"' * 20_000,
    ],
)
def test_hostile_text_costs_no_time(sample: str) -> None:
    """Unclosed brackets, fences and endless runs are linear, not a way to hang the program."""
    build(doc(sample, LOREM * 3), f"# {sample[:3000]}\n\n## {sample[:3000]}?\n\n{sample}")


@given(
    st.text(alphabet="aZ .?-[]`*1:#\u2013\u4e00'\"()", max_size=30),
    st.sampled_from(["", "How to ", "Why ", "Create ", "Is "]),
)
def test_any_heading_can_be_read(heading: str, start: str) -> None:
    """Whatever a heading holds, what is asked about it passes the gate."""
    body = f"# {start}{heading}\n\n{LOREM * 2}\n\n## {start}{heading}\n\n1. a\n2. b\n3. {LOREM}"
    for example in build(body).examples:
        assert not gate.defects(example.kind, example.instruction, example.answer)
