"""Sentences of the tables that said something wrong or broken stay out of them."""

from __future__ import annotations

from importlib.resources import files

import pytest

TABLES = files("secarch.dedupe.examples.constructed") / "templates"


@pytest.mark.parametrize(
    ("table", "wrong"),
    [
        ("policies.yaml", "the code here still show that"),  # no sentence
        ("faults-runtime.yaml", "the other two reach"),  # one capability is there, not three
        ("practice-exposure.yaml", "`processlist`)"),  # not every engine is MySQL
        ("practice-exposure.yaml", "nothing but the name."),  # a Google account may be needed
        ("practice-runtime.yaml", "The pods restart once and"),  # those of a CronJob do not
        ("practice-runtime.yaml", "It gives no access by itself"),  # a drill asks what it takes
        ("occasions.yaml", "in the pipeline refuse {top}"),  # "refuse no versions to recover from"
    ],
)
def test_a_table_no_longer_says_what_is_wrong(table: str, wrong: str) -> None:
    assert wrong not in (TABLES / table).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("shell-tools.yaml", "on its deployments), and where the script has run already, delete"),
        ("practice-exposure.yaml", "so the old range goes out of it"),  # a fragment hides that
    ],
)
def test_the_first_sentence_of_a_repair_says_what_has_to_go(table: str, words: str) -> None:
    """A table of changes keeps only that sentence, and the old grant would stay."""
    assert words in (TABLES / table).read_text(encoding="utf-8")
