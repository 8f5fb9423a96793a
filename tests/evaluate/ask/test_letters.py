"""The letter that an answer decides for, in the forms in which models give it."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from secarch.evaluate.ask.letters import AMBIGUOUS, read


@pytest.mark.parametrize(
    "answer",
    [
        "B",
        "b.",
        "(B)",
        "**B**",
        "B) Rotate it",
        "Answer: B",
        "**Answer:** (B)",
        "ANSWER: $B$",
        "The right answer is B, since it is narrow.",
        "$\\boxed{B}$",
        "$$\\boxed{\\text{B}}$$",
        "Option B is correct.",
        "I'd pick option B.",
        '{"answer": "B", "why": "narrow"}',
        '```json\n{"choice": "B"}\n```',
        "#### B",
        "It is B.",
        "Thus, B.",
        "Answer: A. On reflection, the final answer is B.",
        "A. is too broad.\nB. is right.\n\nAnswer: B",
        "A. is wrong.\nB. is right.",
        "<think>\nA. perhaps\n</think>\nB",
        "The answer is not A. The answer is B.",
        "So the answer must be B!",
        "<answer>B</answer>",
        "<final_answer>\nB\n</final_answer>",
        "{'answer': 'B'}",
        '{"answer": ["B"], "why": "{x}"}',
        '{"selected_option": "B) Rotate it"}',
        "ANS: B",
        "Correct: B",
        "[B]",
        "Going with B here.",
        "It is definitely B, as keys expire.",
        "The answer isn't A; the correct one is B.",
        "The most secure is B.",
        "The best answer among these is B.",
        "I would rule out A, C and D. That leaves B.",
        "A might work, but B is the better choice.",
        "Of the four, B best meets the need.",
        "- A \u274c\n- B \u2705\n- C \u274c",
        "\u274c A\n\u2705 B\n\u274c C",
        "| A | wrong |\n| B | correct |\n| C | wrong |",
        "1. A: no\n2. B: yes\n3. C: no",
        "Die richtige Antwort ist B.",
        "\u7b54\u6848\u662f B",
        "The answer is a policy, so B.",
        "I'd take A. No, wait: it should be B.",
        "My answer: A. Having read the trust policy, I am changing it to B.",
        "I choose C. Hmm, make it B.",
        "The only one that ends the session is B.",
        "C \u274c D \u274c B \u2705 A \u274c",
        "Between A and B, B wins on scope.",
        "La bonne r\u00e9ponse est : B",
        "\u0627\u0644\u062c\u0648\u0627\u0628: B",
        "Rather than C, pick B.",
        "Only B limits who may pass the role.",
        "C lacks a condition, D a log. B it is.",
        "Svar: B",
        "Odpov\u011b\u010f: B",
        "R\u00e9ponse finale : B",
        "Answer(s): B",
        "My answer stays B.",
        '{"ans": "B"}',
        "answer = 'B'",
        "\uc815\ub2f5: B",
        "\uc815\ub2f5\uc740 B",
        "| No. | Answer | Why |\n|---|---|---|\n| 7 | B | narrow |",
        "Answer: B, A is too broad.",
        "~~A~~ B",
    ],
)
def test_the_last_decision_wins(answer: str) -> None:
    """LaTeX, bold, JSON, sentences and several lines."""
    assert read(answer, 4) == (1, "")


FORMS = yaml.safe_load((Path(__file__).parent / "forms.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("answer", "letter"), FORMS)
def test_each_form_in_which_a_letter_is_given(answer: str, letter: str | None) -> None:
    """Elimination, leaning, corrections, lists, JSON, LaTeX and other languages."""
    place, _ = read(answer, 4)
    assert (None if place is None else "ABCD"[place]) == letter


@pytest.mark.parametrize(
    "answer", ["A or B", "A\nB", "Both A and B are right", "A. one\nB. two", "Answer: A, B"]
)
def test_two_letters_without_a_decision_are_no_answer(answer: str) -> None:
    """It is said why, so that it is left unscored."""
    assert read(answer, 4) == (None, AMBIGUOUS)


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "A passkey is best",
        "Z",
        "I cannot say.",
        "Answer: F",
        "Which of A to C is right is open.",
    ],
)
def test_no_letter_is_none(answer: str) -> None:
    """An article is no letter, nor is one beyond the options."""
    assert read(answer, 4) == (None, "")
