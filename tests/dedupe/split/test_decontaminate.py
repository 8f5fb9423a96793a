"""What a suite asks is not learnt."""

from __future__ import annotations

from dataclasses import replace

import pytest

from secarch.dedupe.split import decontaminate
from secarch.dedupe.split.leaks import overlapping
from secarch.dedupe.split.split import family
from secarch.records import Example
from secarch.suite.schema import Source, Suite, load

REFERENCE = " ".join(f"ref{n}" for n in range(40))


def example(
    name: str, answer: str, instruction: str = "What is it?", document: str = "d"
) -> Example:
    """An example with an answer."""
    return Example(
        id=name,
        document_id=document,
        url="u",
        title="t",
        licence="",
        category="iam",
        kind="overview",
        instruction=instruction,
        answer=answer,
        start=0,
        end=1,
    )


ITEMS = [
    decontaminate.Item(
        question_id="q1",
        part="question",
        pieces=("How should a team rotate the keys of an old service account?",),
    ),
    decontaminate.Item(question_id="q1", part="reference", pieces=(REFERENCE,)),
]


def decisions(*examples: Example) -> list[tuple[str, str]]:
    """(example, decision) of each hit."""
    return [(hit.example_id, hit.decision) for hit in decontaminate.check(examples, ITEMS)]


def test_half_of_a_reference_drops() -> None:
    """An answer with at least half of a reference's 8-grams is dropped, with the coverage that was
    found.
    """
    hits = decontaminate.check([example("a", "x y " + REFERENCE)], ITEMS)
    assert [(hit.decision, hit.coverage) for hit in hits] == [("drop", 1.0)]
    assert decisions(example("a", " ".join(REFERENCE.split()[:26]))) == [("a", "drop")]


def test_thirteen_words_flag_and_twelve_do_not() -> None:
    """A run of 13 words of a reference is flagged for people and kept; a shorter one is nothing."""
    words = REFERENCE.split()
    assert decisions(example("a", " ".join(words[:13]) + " other")) == [("a", "flag")]
    assert decisions(example("a", " ".join(words[:12]) + " other")) == []


def test_a_reference_cut_in_two_is_found() -> None:
    """Two examples of one document that share a reference between them are both dropped; of two
    documents not.
    """
    words = REFERENCE.split()
    parts = " ".join(words[:20]), " ".join(words[20:])
    assert decisions(example("a", parts[0]), example("b", parts[1])) == [
        ("a", "drop"),
        ("b", "drop"),
    ]
    apart = decisions(example("a", parts[0]), example("b", parts[1], document="e"))
    assert [decision for _, decision in apart] == ["flag", "flag"]


def test_the_question_itself_is_dropped() -> None:
    """An instruction that asks a suite's question, in other case or punctuation, is dropped."""
    asked = "how should a team ROTATE the keys, of an old service account"
    assert decisions(example("a", "Carefully.", instruction=asked)) == [("a", "drop")]


def test_ordinary_rows_pass() -> None:
    """Rows that share no run of words with a suite are no hits."""
    assert (
        decisions(
            example(
                "a",
                "Nothing of this is in the suite, however long the text may be that stands here.",
            )
        )
        == []
    )


def test_held_out_rows_that_training_says_are_named() -> None:
    """A held-out answer of which more than the limit of 13-grams is trained on is named; at the
    limit it is not.
    """
    words = [f"w{n}" for n in range(112)]
    held = example("h", " ".join(words))
    trained = example("t", " ".join(words[:32]))
    assert overlapping([trained], [held], 0.1) == {"h"}
    assert overlapping([trained], [held], 0.2) == set()
    assert overlapping([], [held], 0.0) == set()


def test_an_index_that_was_built_once_finds_the_same_each_time() -> None:
    """For the steps of a build that look for one suite."""
    index = decontaminate.Index(ITEMS)
    told = [example("a", "x y " + REFERENCE), example("b", "nothing of it")]
    for _ in range(2):
        assert decontaminate.check(told, index) == decontaminate.check(told, ITEMS)
        assert decontaminate.check(told[1:], index) == []


def test_a_document_that_was_clean_stays_clean_until_it_grows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Rows are not looked at twice; with a row of the same document more, all of it is."""
    words = REFERENCE.split()
    first, second = example("a", " ".join(words[:18])), example("b", " ".join(words[16:34]))
    index = decontaminate.Index(ITEMS[1:])
    clean = example("c", "Nothing of it is here, in as many words as that.")
    assert decontaminate.check([clean], index) == []
    assert index.knows_clean([clean])
    assert not index.knows_clean([clean, first])
    assert not index.knows_clean([replace(clean, answer="Another text.")])
    assert not index.knows_clean([replace(clean, document_id="another")])
    both = decontaminate.check([first, second], index)
    assert {hit.example_id for hit in both} == {"a", "b"}
    assert not index.knows_clean([first])
    monkeypatch.setattr(index, "hits", lambda groups: pytest.fail(f"looked at {groups}"))
    assert decontaminate.check([clean, clean], index) == []


def test_a_hit_is_a_row_of_the_report_with_its_texts_cut() -> None:
    """500 characters of the item, 1,000 of the example, four places of the share."""
    (hit,) = decontaminate.check([example("a", REFERENCE)], ITEMS)
    row = replace(hit, coverage=1 / 3, item_text="i" * 501, example_text="e" * 1001).row()
    assert row["coverage"] == 0.3333
    assert (row["item"], row["example"]) == ("i" * 500, "e" * 1000)
    assert row["question_id"] == hit.question_id
    assert row["decision"] in {"drop", "flag"}


@pytest.mark.slow
def test_the_sources_of_questions_are_families_and_no_source_is_none() -> None:
    """By URL, or by where the checked copy is; a question without either names nothing."""
    made = [
        question.replace(sources=(Source(title="t", url=url, checked=checked),))
        for question, url, checked in zip(
            load(["core"]).questions,
            ("https://one.example.org/a", "", ""),
            ("no", "corpus:two.example.org/b", "no"),
            strict=False,
        )
    ]
    found = decontaminate.source_families([Suite("s", "1", tuple(made))])
    assert found == {family("https://one.example.org/a"), family("https://two.example.org/b")}


def test_answers_shorter_than_a_run_overlap_with_nothing() -> None:
    """Without one whole run of words in the held-out answers there is nothing to find."""
    short = [example("held", "Rotate it.")]
    assert overlapping([example("train", "Rotate it.")], short, 0.5) == set()


def test_what_is_shown_are_both_texts_and_how_many_more(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing found is nothing said."""
    decontaminate.show([])
    assert capsys.readouterr().err == ""
    hit = decontaminate.Hit(
        question_id="q7",
        part="reference",
        example_id="e",
        url="u",
        coverage=0.75,
        decision="drop",
        item_text="[of] it",
        example_text="by us",
    )
    decontaminate.show([hit] * (decontaminate.SHOWN + 3))
    said = " ".join(capsys.readouterr().err.split())
    assert "drop q7 (reference) 75% [of] it by us" in said
    assert "and 3 more, in the report" in said
