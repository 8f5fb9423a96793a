"""One definition of the same text; the dataset, the evaluation and the comparison agree on it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from secarch.artifact import seal
from secarch.compare.contamination import Training
from secarch.dedupe.split import decontaminate
from secarch.evaluate.scoring.contamination import overlaps
from secarch.files import write_jsonl
from secarch.records import Example
from secarch.suite.schema import KeyPoint, Question, Suite
from secarch.text.overlap import (
    COVERAGE_WORDS,
    LEAST_TRIPLES,
    TRIPLE_WORDS,
    Known,
    Texts,
    held,
    is_copy,
    is_seen,
)
from secarch.text.words import ngrams


def words(letter: str, count: int) -> str:
    """Distinct words, so that no run of them is in any other text."""
    return " ".join(f"{letter}{n}" for n in range(count))


OPEN = Question(
    id="open-1",
    version=1,
    category="iam",
    kind="review_code",
    difficulty=2,
    question=words("q", 20),
    files={"main.tf": words("f", 20), "policy.json": words("g", 20)},
    reference=words("r", 40),
    key_points=(KeyPoint(id="k1", text=words("k", 14), weight=1, any_of=("never",)),),
)
CHOICE = Question(
    id="mcq-1",
    version=1,
    category="iam",
    kind="mcq",
    difficulty=2,
    question=words("m", 20),
    choices=tuple(words(f"c{n}x", 5) for n in range(4)),
    answer=1,
)
ASKED = [OPEN, CHOICE]


def example(body: str) -> Example:
    """A row with this answer."""
    return Example(
        id="e",
        document_id="d",
        url="u",
        title="t",
        licence="",
        category="iam",
        kind="howto",
        instruction="Explain it.",
        answer=body,
        start=0,
        end=1,
    )


def stages(tmp_path: Path, body: str) -> tuple[set[str], set[str], set[str]]:
    """Ids of the questions that each stage finds in one training row."""
    suite = Suite("s", "1", tuple(ASKED))
    hits = decontaminate.check([example(body)], decontaminate.items([suite]))
    messages = [{"role": "user", "content": "Explain it."}, {"role": "assistant", "content": body}]
    write_jsonl(tmp_path / "train.jsonl", [{"id": "e", "messages": messages}])
    seal(tmp_path, kind="dataset", parents=[], config={}, counts={}, files=["train.jsonl"])
    rows = overlaps(ASKED, tmp_path)
    known = {("k", question.id): question for question in ASKED}
    seen = Training(path=tmp_path, dataset="d", asked=known).seen()  # type: ignore[arg-type]
    return (
        {hit.question_id for hit in hits},
        {row["question_id"] for row in rows if row["seen"]},
        {key[1] for key in seen.keys},
    )


@pytest.mark.parametrize("part", ["question", "files", "reference", "k1"])
def test_each_text_of_an_open_question_is_found_by_three_stages(tmp_path: Path, part: str) -> None:
    """Whichever text of the question a training row holds, all three say so."""
    text = next(text for text in OPEN.leak_texts() if text.part == part)
    body = f"Well. {text.text.upper()} So."
    assert stages(tmp_path, body) == ({"open-1"}, {"open-1"}, {"open-1"})


def test_options_in_another_order_are_found_by_three_stages(tmp_path: Path) -> None:
    """Short options with letters, in an order of their own, between other words."""
    options = random.Random(3).sample(CHOICE.choices, 4)
    body = "\n".join(f"{letter}. {text}" for letter, text in zip("ABCD", options, strict=True))
    assert stages(tmp_path, body) == ({"mcq-1"}, {"mcq-1"}, {"mcq-1"})


def test_a_row_with_nothing_of_the_suite_is_found_by_none(tmp_path: Path) -> None:
    """Other words, and seven words of a reference, are nothing to any of the three."""
    assert stages(tmp_path, words("z", 60)) == (set(), set(), set())
    assert stages(tmp_path, " ".join(OPEN.reference.split()[:7])) == (set(), set(), set())


def test_what_is_empty_is_no_text() -> None:
    """Only the texts that a question has; the options are one text of several pieces."""
    assert [text.part for text in OPEN.leak_texts()] == ["question", "files", "reference", "k1"]
    assert [text.part for text in CHOICE.leak_texts()] == ["question", "choices"]
    assert CHOICE.leak_texts()[1].pieces == CHOICE.choices


def test_shares_are_those_of_sets() -> None:
    """Each share is |row and text| / |text| over distinct runs, none across two pieces."""
    texts = Texts([("a b c d", "e f g"), ("x",), ("c d e",)], 2)
    row, text, share = texts.found(["a b c", "d e f g a b", ""])
    assert list(zip(row.tolist(), text.tolist(), share.tolist(), strict=True)) == [
        (0, 0, 0.4),
        (1, 0, 0.6),
        (1, 2, 0.5),
    ]


@given(st.lists(st.sampled_from("a b c d e f".split()), max_size=40), st.integers(1, 4))
def test_shares_agree_with_plain_sets(body: list[str], size: int) -> None:
    """Against Python's own sets, for any row."""
    text = "a b c a b d e f a"
    mine = set(ngrams(text, size).tolist())
    theirs = set(ngrams(" ".join(body), size).tolist())
    found = Texts([(text,)], size).found([" ".join(body)])[2].tolist()
    expected = len(mine & theirs) / len(mine)
    if size == 3 and len(mine) < 12:
        expected = 0.0
    assert found == ([pytest.approx(expected)] if expected else [])


def test_triples_of_short_texts_are_not_looked_for() -> None:
    """Twelve triples are enough; eleven may be a fact that everybody states alike."""
    assert len(Texts([(words("a", 14),)], 3).found([words("a", 14)])[2]) == 1
    assert len(Texts([(words("a", 13),)], 3).found([words("a", 13)])[2]) == 0


@pytest.mark.parametrize(
    ("size", "share", "copy", "seen"),
    [
        (13, 0.01, False, True),
        (13, 0.0, False, False),
        (8, 0.5, True, True),
        (8, 0.49, False, False),
        (3, 0.6, True, True),
        (3, 0.59, False, False),
        (5, 1.0, False, False),
    ],
)
def test_where_a_copy_begins(size: int, share: float, copy: bool, seen: bool) -> None:
    """Half of the runs of 8 words, six tenths of the triples; one run of 13 words is seen."""
    assert (is_copy(size, share), is_seen(size, share)) == (copy, seen)


def test_membership_is_exact() -> None:
    """The bit table only skips; what it lets through is looked up."""
    known = Known(np.array([5, 3, 3, 9], np.uint64))
    asked = np.array([3, 4, 9, 9 + (1 << 20)], np.uint64)
    assert known.held(asked).tolist() == [0, 2]
    assert held(np.zeros(0, np.uint64), asked).tolist() == [False] * 4


@pytest.mark.parametrize("words", [TRIPLE_WORDS, COVERAGE_WORDS])
def test_shares_are_those_of_the_sets_of_runs(words: int) -> None:
    """Of each text that shares a run with a row, whatever repeats in it; none for short texts."""
    rng = random.Random(words)

    def text(most: int) -> str:
        return " ".join(rng.choices("abcd", k=rng.randint(0, most)))

    def runs(parts: Sequence[str]) -> set[tuple[str, ...]]:
        told = [part.split() for part in parts]
        return {tuple(p[n : n + words]) for p in told for n in range(len(p) - words + 1)}

    pieces = [[text(30) for _ in range(rng.randint(0, 3))] for _ in range(25)]
    rows = [text(60) for _ in range(8)]
    wanted = [
        (i, n, len(own & runs([row])) / len(own))
        for i, row in enumerate(rows)
        for n, own in enumerate(map(runs, pieces))
        if own & runs([row]) and (words != TRIPLE_WORDS or len(own) >= LEAST_TRIPLES)
    ]
    found = Texts(pieces, words).found(rows)
    assert wanted
    assert list(zip(*(column.tolist() for column in found), strict=True)) == wanted
