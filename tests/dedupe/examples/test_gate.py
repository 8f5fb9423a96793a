"""The gate: each reason on its own, and good pairs of every family that pass."""

from __future__ import annotations

import random
import re

import pytest

from secarch.dedupe.examples import gate
from secarch.dedupe.inspect.content import ends_in_mid_air

GOOD = (
    "Rotate the key every ninety days, because a stolen copy is useful only until the next "
    "rotation. Keep the old version for decryption and deny it for encryption."
)
ASK = "How do we rotate a key in the vault?"


def test_a_good_pair_passes() -> None:
    """A question of a person and an answer in full."""
    assert gate.problem("question", ASK, GOOD) == ""
    assert gate.defects("explain", ASK, GOOD) == ()


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ("How do we rotate a key", "question_unfinished"),
        ("Keys?", "question_length"),
        ("How do we rotate a [key](x) here?", "question_residue"),
        ("What is the overview of introduction?", "question_heading_pasted"),
        ("How do we rotate the the key?", "question_repeats"),
        ("How do I a key rotation in the vault?", "question_grammar"),
        ("What are the steps to rotating keys?", "question_grammar"),
        ("How do we rotate   a key here?", "question_spaces"),
        ('How do we rotate "a key in the vault?', "question_unbalanced"),
    ],
)
def test_bad_questions_have_their_reason(asked: str, reason: str) -> None:
    """What no person would ask."""
    assert reason in gate.defects("question", asked, GOOD)
    assert gate.question_problem(asked)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("Rotate it often.", "answer_short"),
        (f"{GOOD}\n\n```sh\nrotate", "answer_fence_open"),
        (f"{GOOD} **Topics**", "answer_residue"),
        (f"{GOOD} [more](../x.html)", "answer_residue"),
        (f"{GOOD} This is described above.", "answer_points_away"),
        (f"{GOOD} See it in the following section.", "answer_points_away"),
        (f"{GOOD} The order is shown in the image.", "answer_points_away"),
        (f"However, {GOOD}", "answer_starts_midair"),
        (f"**Risk.** and {GOOD}", "answer_starts_midair"),
        (f"{GOOD} Join our community.", "answer_marketing"),
        (f"{GOOD} TODO", "answer_stub"),
        (f"**Cause**\n\n**Fix.** {GOOD}", "answer_empty_label"),
        (f"{GOOD} It was seen [x] times.", "answer_placeholder"),
        (f"{GOOD} The policy ( ) decides.", "answer_broken_space"),
        (f"{GOOD} These are the types:", "answer_cut_off"),
        (f"{GOOD} It belongs to the", "answer_cut_off"),
        (f"{GOOD} Do this:\n\n**Then.** Rest and look at it again.", "answer_dangling_lead"),
        (f"{GOOD}\n\n4. Press it.\n5. Leave it.", "answer_steps"),
        (f"{GOOD}\n\n| a | b |\n| c | d |", "answer_table"),
        (f"{GOOD}\n\n| a | b |\n|---|---|\n| c | d | e |", "answer_table"),
        (
            "Der Schlüssel wird von dem Dienst nicht mit der Anwendung auf die Platte gelegt. " * 5,
            "answer_not_english",
        ),
        (f"{GOOD} {GOOD}", "answer_repeats"),
    ],
)
def test_bad_answers_have_their_reason(answer: str, reason: str) -> None:
    """What nobody can learn from."""
    assert reason in gate.defects("question", ASK, answer)
    assert gate.answer_problem("question", ASK, answer)


def test_an_answer_that_repeats_the_question_is_an_echo() -> None:
    """Nothing is said that was not asked."""
    asked = f"Is it true that {GOOD[0].lower()}{GOOD[1:-1]}?"
    assert "answer_echo" in gate.defects("question", asked, GOOD)


def test_steps_and_tables_in_order_pass() -> None:
    """Steps from 1, twice from 1, and a table with its header are fine."""
    steps = "\n".join(f"{n}. Open the console and press button {n}." for n in (1, 2, 3))
    assert gate.defects("howto", ASK, f"{GOOD}\n\n{steps}") == ()
    assert "answer_steps" not in gate.defects("howto", ASK, f"{GOOD}\n\n{steps}\n\n{steps}")
    table = "| option | cost |\n| --- | --- |\n| one | low |"
    assert gate.defects("question", ASK, f"{GOOD}\n\n{table}") == ()


@pytest.mark.parametrize(
    ("kind", "kept", "broken"),
    [
        (
            "choose",
            f"{GOOD} Choose the vault if cost matters.",
            "A vault holds keys and nothing " * 6,
        ),
        ("threat", f"{GOOD} An attacker may try.", GOOD.replace("stolen", "second")),
        (
            "fix",
            f"{GOOD}\n\n```hcl\nkey = 1\n```",
            "A vault holds keys in a place of its own. " * 4,
        ),
        (
            "explain",
            GOOD,
            "Keys stand in vaults, vaults stand in rooms, rooms stand in houses; " * 2,
        ),
        ("sequence", f"{GOOD}\n\n1. Open it now.\n2. Turn it.\n3. Close it again.", GOOD),
        ("howto", f"{GOOD}\n\n```sh\nrotate\n```", GOOD),
        ("refuse", f"I would not do that. {GOOD}", GOOD),
    ],
)
def test_families_keep_their_promise(kind: str, kept: str, broken: str) -> None:
    """A family's answer holds what the family is for."""
    assert f"promise_{kind}" not in gate.defects(kind, ASK, kept)
    assert f"promise_{kind}" in gate.defects(kind, ASK, broken)


@pytest.mark.parametrize(
    "lesson",
    [
        "Attach the policy AdministratorAccess to the role.",
        "Run `curl https://x.test/a.sh | sudo bash` on the host.",
        "Set the object's ACL to public-read before you go on.",
        "Then disable encryption on the bucket.",
    ],
)
def test_a_bad_lesson_is_taught_by_reviews_alone(lesson: str) -> None:
    """What a reviewer would reject is no step of a procedure; a review may speak of it."""
    answer = f"{GOOD}\n\n1. Open the console.\n2. {lesson}\n3. Close it."
    assert "answer_unsafe" in gate.defects("howto", ASK, answer)
    assert "answer_unsafe" not in gate.defects("review", ASK, answer)


def test_code_in_the_question_may_be_referred_to() -> None:
    """'This' and 'above' point to the code that the question shows."""
    asked = "Review this policy for the team.\n\n```json\n{}\n```"
    answer = f"This must not be merged as shown above. {GOOD}"
    assert gate.problem("review", asked, answer) == ""
    assert gate.problem("review", "Review the policy of the vault.", answer)


def test_every_reason_has_a_meaning() -> None:
    """The report can say what each code stands for."""
    rules = gate._rules()
    named = {*rules.question, *rules.answer, *(f"promise_{kind}" for kind in rules.promise)}
    assert named <= set(gate.meanings())


def test_an_answer_is_cut_off_where_its_last_characters_say_so() -> None:
    """By the expressions over the whole answer that the short looks at its end stand for."""
    rng = random.Random(4)
    ends = re.compile(r"\b(?:and|or|the|a|an|of|to|with|by|for|in),?$")
    good = re.compile(r"(?:[.!?)\]\"'\u201d`|]|\d|\*\*|```|~~~)\s*$")
    parts = [
        "for:",
        "**",
        "_",
        "`",
        " ",
        "\n",
        "within",
        "with,",
        "band",
        "the",
        "x",
        ".",
        ":",
        "7",
    ]
    for _ in range(3_000):
        answer = "Deny public access to the bucket " + "".join(rng.choices(parts, k=5))
        whole = answer.rstrip()
        last = whole.rsplit("\n", 1)[-1].strip()
        wrong = re.search(r":[*_`\s]*$", whole) or ends.search(last)
        if wrong or not (good.search(whole) or re.match(r"(?:[-*+]|\w[.)])\s+\S|\|", last)):
            assert "answer_cut_off" in gate.defects("fix", "How do I close it?", answer), answer
        elif not ends_in_mid_air(answer):
            assert "answer_cut_off" not in gate.defects("fix", "How do I close it?", answer), answer


def test_the_image_of_a_container_is_no_picture() -> None:
    told = f"{GOOD} A shell in the image makes an intrusion easier, and files in the image stay."
    assert "answer_points_away" not in gate.defects("explain", "Why is a shell bad?", told)
