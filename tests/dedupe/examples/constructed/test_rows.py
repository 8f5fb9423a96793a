"""Rows: the same for the same seed, no two alike, and their answers offer no dangerous code."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from itertools import combinations, islice

import numpy as np
import pytest

from secarch.danger.safety import inspect
from secarch.dedupe.examples.constructed.rows import (
    FAMILIES,
    MOST_ALIKE,
    MOST_ALIKE_OF,
    WORDS,
    rows,
)
from secarch.dedupe.examples.constructed.template import surroundings
from secarch.dedupe.split.decontaminate import check, items
from secarch.records import Example, Source
from secarch.suite.schema import load
from secarch.text.minhash import jaccard, shingles
from secarch.text.words import ngrams

FENCED = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MADE = list(rows(7, 300))
RARE = ("howto", "reference", "refuse", "sequence")
"""Families with one or two rows in a round."""


def test_equal_arguments_give_equal_rows_and_a_prefix_stays_a_prefix() -> None:
    """So that a mix can cut, and a build can be made again."""
    assert list(rows(7, 40)) == MADE[:40]
    assert list(islice(rows(7, 10_000), 40)) == MADE[:40]
    assert list(rows(8, 40)) != MADE[:40]


def test_the_families_come_in_their_proportion() -> None:
    """As the round says, but for rows that were too alike."""
    kinds = Counter(example.kind for example in MADE)
    assert set(kinds) == set(FAMILIES)
    assert kinds["review"] > kinds["threat"] > kinds["policy"] > kinds["explain"]
    deciding = sum(kinds[name] for name in ("choose", "threat", "review", "fix", "map"))
    assert deciding > 0.6 * len(MADE)


def test_no_two_rows_are_alike() -> None:
    """All pairs, not only those of one scenario."""
    grams = [shingles(f"{one.instruction}\n{one.answer}", WORDS) for one in MADE]
    worst = max(jaccard(a, b) for n, a in enumerate(grams) for b in grams[:n])
    assert worst < MOST_ALIKE
    assert len({one.instruction for one in MADE}) == len(MADE)
    assert len({one.id for one in MADE}) == len(MADE)


@pytest.mark.slow
@pytest.mark.parametrize("family", sorted(MOST_ALIKE_OF))
def test_rows_of_one_scenario_are_less_alike_than_the_family_bears(family: str) -> None:
    """Templates of code vary enough to be choosy, and a table needs more than another workload."""
    by_scene = defaultdict(list)
    for one in rows(3, 2500):
        if one.kind == family:
            told = shingles(f"{one.instruction}\n{one.answer}", WORDS)
            by_scene[one.document_id].append(told)
    pairs = [pair for told in by_scene.values() for pair in combinations(told, 2)]
    assert len(pairs) > (20 if family in RARE else 100)
    assert max(jaccard(a, b) for a, b in pairs) < MOST_ALIKE_OF[family] < MOST_ALIKE


def test_answers_offer_no_dangerous_code_and_repeat_no_password() -> None:
    """Every block of code in an answer is what should stand there."""
    for example in MADE:
        for language, code in FENCED.findall(example.answer):
            whole = not code.rstrip().endswith("\\")  # a hunk may end within a command
            assert not whole or inspect(code, language) == [], example.id
        for secret in re.findall(r"\b[A-Z][a-z]{6}\d{4}[qwertz]\b", example.instruction):
            assert secret not in example.answer


def test_answers_are_whole() -> None:
    """No place is left unfilled, no fence open, nothing ends in the air."""
    for example in MADE:
        prose = re.sub(
            r"```.*?```|`[^`]*`", "", f"{example.instruction}\n{example.answer}", flags=re.DOTALL
        )
        assert not re.search(r"\{\w+\}|<<", prose), prose
        assert example.answer.count("```") % 2 == 0
        assert example.answer.rstrip()[-1] in '.!?`)"'
        assert example.licence
        assert example.document_id.startswith("constructed:")


def span(answer: str) -> Example:
    """An example cut from a page."""
    return Example(
        id="s1",
        document_id="d1",
        url="https://docs.example.com/images",
        title="Images | Handbook",
        licence="CC-BY-4.0",
        category="kubernetes",
        kind="explain",
        instruction="Why pin images?",
        answer=answer,
        start=10,
        end=90,
    )


@pytest.mark.slow
def test_a_sentence_of_a_source_is_quoted_with_its_passage() -> None:
    """And only the sentence that explains the kind of fault and names the setting itself."""
    said = "Pods that do not call the API set automountServiceAccountToken to false in their spec."
    vague = "The service account token is an additional integrity check of the persistent cache."
    assert not any(one.sources for one in rows(7, 300, [span(vague)]))
    made = list(rows(0, 900, [span(f"Unrelated words come first. {said} It is short.")]))
    quoting = [one for one in made if one.sources]
    assert quoting
    for one in quoting:
        assert said.rstrip(".") in one.answer
        assert "Images" in one.answer
        assert "https://docs.example.com/images" in one.answer
        assert one.sources == (
            Source(
                document_id="d1",
                url="https://docs.example.com/images",
                licence="CC-BY-4.0",
                start=10,
                end=90,
            ),
        )
        assert one.licence == "Apache-2.0 AND CC-BY-4.0"
    assert not any("Unrelated words" in one.answer for one in made)


@pytest.mark.slow
def test_no_scenario_of_the_suite_is_emitted() -> None:
    """Neither a workload's name nor the wording of a question of the core suite."""
    suite = load(["core"])
    texts = [f"{question.question}\n{question.reference}" for question in suite.questions]
    whole = "\n".join(texts).lower()
    for workload in surroundings().workloads:
        assert workload.name not in whole
        assert workload.data.lower() not in whole
    assert not [hit for hit in check(MADE, items([suite])) if hit.decision == "drop"]
    known = set(np.concatenate([ngrams(f"{o.instruction}\n{o.answer}", 8) for o in MADE]).tolist())
    for text in texts:
        grams = ngrams(text, 8).tolist()
        assert sum(gram in known for gram in grams) < 0.1 * max(1, len(grams)), text
