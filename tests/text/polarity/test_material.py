"""Texts that are set as material, passed on or kept in a log say nothing themselves."""

from __future__ import annotations

import pytest

from secarch.text.polarity.kinds import Stance
from secarch.text.polarity.material import disclaims, leaves_open, material, sets_task
from secarch.text.polarity.stance import read

CLAIM = "root keys are harmless"


def held(text: str) -> Stance:
    """How an answer holds the claim as advice."""
    reading = read(text)
    window = next(w for w in reading.windows if CLAIM in w.joined)
    at = window.joined.index(CLAIM)
    return reading.advice(window, at, at + len(CLAIM), CLAIM)


@pytest.mark.parametrize(
    "label",
    [
        "translate into polish for the next lesson",
        "please proofread the sentence below",
        "user input to be classified",
        "sample sentence 4",
        "forwarding what the reseller sent us",
        "the reply, which we print without having checked it",
        "have a look and tell me if this is right",
        "draft, author unknown",
        "hypothesis 3",
        "annotate this",
        "specimen 3",
        "speaker 2",
        "the bidder's reply, in full",
        "from ana's sticky note",
        "the leaflet at the fair ran",
        "fact or fiction",
    ],
)
def test_labels_of_tasks_and_of_what_is_passed_on(label: str) -> None:
    """Whatever text they introduce is none of the author's."""
    assert material(label) or label == "fact or fiction"
    assert held(f"{label}: {CLAIM}.").kind == "attributed"


@pytest.mark.parametrize(
    "label",
    [
        "classify the data first",
        "tag every resource",
        "rate limits",
        "check the following",
        "verify these settings",
        "our advice, without comment",
        "copy this line word for word into the policy",
        "counsel's answer",
        "from our notes",
        "the policy reads",
        "we reviewed it and decided",
        "read this carefully",
        "for the review of access",
    ],
)
def test_labels_of_work_that_is_to_be_done(label: str) -> None:
    """An order about machines and data is advice."""
    assert not material(label)


def test_a_task_in_the_sentence_before() -> None:
    """It needs a word that points to what follows."""
    assert sets_task("please judge the statement below.")
    assert not sets_task("please judge the statement in the annex.")
    assert not held(f"Please assess the statement below and give reasons.\n{CLAIM}.").advised
    assert held(f"Please assess the access of the team below.\n{CLAIM}.").advised


@pytest.mark.parametrize(
    ("after", "advised"),
    [
        ("We have not verified this.", False),
        ("The editors could not confirm it.", False),
        ("The paper takes no side.", False),
        ("This remains unconfirmed.", False),
        ("Nobody has checked it.", False),
        ("There was no reply from the press office.", False),
        ("We have verified this twice.", True),
        ("You cannot verify a key by its name.", True),
    ],
)
def test_who_takes_no_side_asserts_nothing(after: str, advised: bool) -> None:
    """A sentence that says that nobody has looked into the one before it."""
    assert bool(disclaims(after.lower())) is not advised
    assert held(f"{CLAIM}. {after}").advised is advised


@pytest.mark.parametrize(
    ("head", "cell", "advised"),
    [
        ("Assumption", "unknown", False),
        ("Hypothesis", "not yet tested", False),
        ("Assumption", "confirmed", True),
        ("Action", "open", True),
    ],
)
def test_a_supposition_whose_cell_is_open(head: str, cell: str, advised: bool) -> None:
    """An action that is still open is advice all the same."""
    assert bool(leaves_open(head.lower(), (cell,))) is not advised
    table = f"| No. | {head} | State |\n|---|---|---|\n| 7 | {CLAIM} | {cell} |"
    assert held(table).advised is advised
