"""Short orders and fragments: how experts answer in lists, and what a list of terms is not."""

from __future__ import annotations

import pytest

from secarch.evaluate.rubric.language import statements
from secarch.text.polarity.stance import read

QUESTION = (
    "We retire the bastion. Which target for SSH, and what about logging on a cluster's node?"
)


def said(answer: str, question: str = QUESTION) -> list[str]:
    """The texts of an answer that assert something."""
    return [window.text for window in statements(read(answer).windows, question)]


@pytest.mark.parametrize("order", ["Cordon the node.", "- Quiesce every writer"])
def test_a_short_order_says_something(order: str) -> None:
    """Only a verb stands before an article, whether or not it is a known one."""
    assert len(said(order, "")) == 1


@pytest.mark.parametrize(
    "terms", ["Key rotation", "Only the node", "Running the node", "Vault key"]
)
def test_bare_terms_say_nothing(terms: str) -> None:
    """Nouns, and what begins with a small word or a participle."""
    assert said(f"- {terms}", "") == []


@pytest.mark.parametrize(
    "fragment",
    ["Target: SSM Session Manager.", "SSH: IAP TCP forwarding plus OS Login.", "- SSH: IAP tunnel"],
)
def test_a_label_of_the_question_makes_a_fragment_an_answer(fragment: str) -> None:
    """It answers what was asked; without the question it is a term."""
    assert len(said(fragment)) == 1
    assert said(fragment, "How are keys rotated?") == []


def test_many_terms_below_a_label_of_the_question_are_none() -> None:
    """Three or more are an enumeration, and a label counts once."""
    assert said("Logging: CloudTrail, Config, GuardDuty.") == []
    assert len(said("- SSH: IAP tunnel\n- SSH: OS Login\n- SSH: audit log")) == 1


SENTENCES = (
    "The bucket was public because nobody had set a rule for the organisation as a whole.",
    "Remove the binding today and look through the logs for readers that you do not know.",
    "Then put the constraint on the organisation, so that no project can open a bucket again.",
    "Publishing goes through one project, whose owner signs for each of its objects by name.",
)
FRAGMENT = "Outside: GPUs, external endpoints, SaaS copilots."


def test_a_fragment_among_sentences_says_something() -> None:
    """A terse expert's point counts where sentences stand around it, first, last or between."""
    for at in range(len(SENTENCES) + 1):
        answer = "\n\n".join([*SENTENCES[:at], FRAGMENT, *SENTENCES[at:]])
        assert FRAGMENT.lower() in said(answer, ""), at


@pytest.mark.parametrize(
    "text",
    [
        "\n\n".join(
            [*SENTENCES, *[f"Guardrail, egress proxy, token broker {n}." for n in range(5)]]
        ),
        "\n".join(f"- guardrail, egress proxy, token broker {n}" for n in range(9)),
        f"{SENTENCES[0]}\n\n{FRAGMENT}",
        "\n\n".join([*SENTENCES[:2], "Own GPUs.", *SENTENCES[2:]]),
        "\n\n".join(
            [*SENTENCES[:2], ", ".join(f"term number {n}" for n in range(20)), *SENTENCES[2:]]
        ),
    ],
)
def test_terms_below_or_without_sentences_say_nothing(text: str) -> None:
    """Lists below an essay, lists alone, one sentence, two words, and an enumeration."""
    assert set(said(text, "")) <= {sentence.lower() for sentence in SENTENCES}
