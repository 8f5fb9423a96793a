"""The letter that an answer decides for, in the forms in which models give it."""

from __future__ import annotations

from pathlib import Path
from time import process_time

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


FORMS = [
    row
    for name in ("forms.yaml", "turned_forms.yaml")
    for row in yaml.safe_load((Path(__file__).parent / name).read_text(encoding="utf-8"))
]


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


NAMED = yaml.safe_load((Path(__file__).parent / "named_forms.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("question", "answer", "letter"), NAMED["answers"])
def test_each_form_in_which_an_option_is_named(
    question: str, answer: str, letter: str | None
) -> None:
    """By its letter in any words or language, by its text whole or shortened, or by its place."""
    place, _ = read(answer, 4, NAMED["options"][question])
    assert (None if place is None else "ABCD"[place]) == letter


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ("I can't choose between A and B.", AMBIGUOUS),
        ("It depends: A for small teams, B for larger ones.", AMBIGUOUS),
        ("Do not use OIDC federation.", ""),
        ("Account B assumes the role.", ""),
        ("A passkey with the C library and plan B", ""),
        ("C lacks a log.", ""),
        ('{"A": 0.4, "B": 0.4}', ""),
        ('{"rejected": "B"}', ""),
        ("Rejected: B", ""),
    ],
)
def test_what_is_no_decision(answer: str, why: str) -> None:
    """Neither doubt, nor what is denied, nor a letter that names something else, nor a tie."""
    assert read(answer, 4, NAMED["options"]["pipeline"]) == (None, why)


def test_the_label_decides_and_not_the_text_behind_it() -> None:
    """An option's text counts only where no letter stands before it."""
    options = ["Rotate the key", "Delete the key", "Keep the key"]
    assert read("B. Rotate the key", 3, options) == (1, "")
    assert read("Rotate the key", 3, options) == (0, "")
    assert read("the key", 3, options) == (None, "")


SHOWN = ["Use a gateway", "Use an endpoint", "Open the group", "Peer them"]
VERDICTS = ["partially correct", "correct", "incorrect", "incorrect"]
LIST = [f"{'ABCD'[n]}. {text}" for n, text in enumerate(SHOWN)]


@pytest.mark.parametrize(
    ("answer", "place"),
    [
        ("\n".join(["Options:", *LIST]), None),
        ("\n".join(["Options:", *LIST, "Answer: B"]), 1),
        ("\n".join([*LIST, "", "B"]), 1),
        ("\n".join([LIST[0], f"**{LIST[1]}**", *LIST[2:]]), 1),
        ("\n".join([LIST[0], f"{LIST[1]} <-- correct", *LIST[2:]]), 1),
        ("\n".join([LIST[0], f"{LIST[1]} <-- wrong", *LIST[2:], "", "C"]), 2),
        ("\n".join(f"{line} - {w}" for line, w in zip(LIST, VERDICTS, strict=True)), 1),
        (LIST[1], 1),
    ],
)
def test_options_that_are_only_repeated_are_no_answer(answer: str, place: int | None) -> None:
    """A list of them all, as the question shows it, unless it marks one."""
    assert read(answer, 4, SHOWN)[0] == place


@pytest.mark.parametrize("piece", ["\n", "|---|\n", "actually ", "wait, ", "A, "])
def test_an_answer_that_repeats_itself_is_read_in_time(piece: str) -> None:
    """However often it does."""
    started = process_time()
    read(piece * 5000, 4, SHOWN)
    assert process_time() - started < 2
