"""Turns of phrase of whole kinds: doubts that are denied, verdicts in loose words, own reasons,
wording that is proposed, lists of what parties say.
"""

from __future__ import annotations

import re

import pytest

from secarch.text.polarity.kinds import Stance
from secarch.text.polarity.stance import read

CLAIM = "root keys are harmless"


def asserted(text: str, span: str = CLAIM) -> Stance:
    """How an answer holds a span as something that it says."""
    reading = read(text)
    window = next(w for w in reading.windows if span in w.joined)
    at = window.joined.index(span)
    return reading.assertion(window, at, at + len(span), span)


def advised(text: str, span: str = CLAIM) -> Stance:
    """How an answer holds a span as advice."""
    reading = read(text)
    window = next(w for w in reading.windows if span in w.joined)
    at = window.joined.index(span)
    return reading.advice(window, at, at + len(span), span)


@pytest.mark.parametrize(
    ("form", "holds"),
    [
        ("Odd as it is, {}, and this is not a matter of taste.", True),
        ("It is so, {}, and that is not open to debate.", True),
        ("As we said, {}; which of them is a matter of taste.", False),
        ("{}. Nothing in these notes should be read as casting doubt on that.", True),
        ("Nothing in these notes is true. {}.", True),
        ("It has been proved beyond dispute that {}.", True),
    ],
)
def test_a_doubt_that_is_denied_affirms(form: str, holds: bool) -> None:
    """Neither hedged nor taken back; a doubt that is not denied still hedges."""
    assert asserted(form.format(CLAIM)).asserted == holds


@pytest.mark.parametrize(
    "form",
    [
        "{}. However nicely this may be put, it does not match reality.",
        "{}. This is, alas, a fiction.",
        "{}. Claim not substantiated; plainly untrue.",
        "The deduction, neat though it is, that {} is invalid.",
        "On a second look, the supposed fact that {} crumbles into nothing.",
        "We do not consider that {}.",
        "It would take quite a stretch to hold that {}.",
        "It is wrong to say that in short: {}.",
        'I part company with those who write "{}".',
        'Whoever says "{}" has never run the service.',
    ],
)
def test_a_verdict_in_loose_words_turns_it_round(form: str) -> None:
    """After a concession or an aside, of any argument, before a label, on a quotation."""
    assert not asserted(form.format(CLAIM)).asserted


@pytest.mark.parametrize(
    "form",
    [
        "The review can be dropped, for the simple reason that {}.",
        "Compared with the others, the answer is that {}.",
        "We looked at all of them and are content that {}.",
        "The test team verified that {}.",
        "You do not need to do more, as {}.",
        "The aim of this design is as follows: {} and cannot be read.",
        "The position is this: {} and cannot be read.",
        'I recommend "{}" as the rule.',
        "The argument is wrong: {}.",
        "The reviewer's objection is unfounded: {}.",
    ],
)
def test_what_an_answer_gives_as_its_own_is_advice(form: str) -> None:
    """Its reason, its conclusion, what it vouches for, and wording that it proposes."""
    assert advised(form.format(CLAIM)).advised


@pytest.mark.parametrize(
    "form",
    [
        "The common answer is that {}.",
        "Until it is verified that {}, wait.",
        "The vendor is content that {}.",
        'A sample sentence for the exercise, as I would use it: "{}".',
        "The claim is wrong: {}.",
    ],
)
def test_what_it_does_not_give_as_its_own_is_none(form: str) -> None:
    """A popular answer, an open question, another's conviction, material, a claim by name."""
    assert not advised(form.format(CLAIM)).advised


@pytest.mark.parametrize(
    ("text", "span", "holds"),
    [
        ("A shared role doesn't hide which person called.", "which person called", True),
        ("A report does not relieve you of the duty to rotate.", "duty to rotate", True),
        ("It does not show which person called.", "which person called", False),
        ("Never forget to rotate the keys.", "rotate the keys", True),
    ],
)
def test_to_negate_a_verb_that_denies_lets_stand(text: str, span: str, holds: bool) -> None:
    """Two denials are none, whichever words they are in."""
    assert asserted(text, span).asserted == holds


VOICES = "Voices in the debate:\n- Vendors: root keys are harmless.\n- Regulators: wait and see."
DUTIES = "Who does what:\n- Developers: root keys are harmless.\n- Vendors: sign the contract."
SIDES = "Two sides.\n\n- Critics: root keys are harmless.\n- Vendors: they are not."
TABLE = "| Who | Position |\n|---|---|\n| Provider | root keys are harmless |"
OWN = "| Topic | Position |\n|---|---|\n| Keys | root keys are harmless |"


@pytest.mark.parametrize(
    ("text", "holds"),
    [(VOICES, False), (DUTIES, True), (SIDES, False), (TABLE, False), (OWN, True)],
)
def test_a_list_of_what_parties_say_asserts_nothing(text: str, holds: bool) -> None:
    """A list of duties or of topics has the same labels and is the answer's own."""
    assert asserted(text).asserted == holds


@pytest.mark.parametrize(
    "form",
    [
        "It must be said that {}.",
        "Build your plan on the principle that {}.",
        "Needless to say, {}.",
        "When in doubt, remember that {}.",
        "From our side we can say that {}.",
        "It seems fair to say that {}.",
        "The regulator is right that {}.",
        "Leading experts rightly point out that {}.",
        "Everyone who works in this field knows that {}.",
        "There is no question that {}.",
        "It has been shown many times that {}.",
    ],
)
def test_what_the_answer_vouches_for_is_advised(form: str) -> None:
    """In its own voice, as a duty to say it, or by calling others right."""
    assert advised(form.format(CLAIM)).advised
    assert asserted(form.format(CLAIM)).asserted


@pytest.mark.parametrize(
    "form",
    [
        "It cannot be said that {}.",
        "We cannot say that {}.",
        "It would not be fair to say that {}.",
        "The regulator is not right that {}.",
        "Nobody can rightly say that {}.",
        "There is a question whether {}.",
    ],
)
def test_what_it_does_not_vouch_for_is_not(form: str) -> None:
    """The same words with a negation."""
    assert not advised(form.format(CLAIM)).advised


@pytest.mark.parametrize(
    "form",
    [
        "{}. Just kidding: please do nothing of the sort.",
        "Take this sentence out of your policy, because it is wrong: {}.",
        "Sure, {}, and pigs can fly.",
        "{}. That, at least, is what we believed until last year.",
    ],
)
def test_a_joke_and_a_belief_of_once_deny(form: str) -> None:
    """Whether said before or after."""
    assert asserted(form.format(CLAIM)).kind == "denied"


@pytest.mark.parametrize("form", ["It is wrong to call this a detail, because {}."])
def test_the_reason_of_a_judgement_is_said(form: str) -> None:
    """What judges an act ends where its reason begins."""
    assert asserted(form.format(CLAIM)).asserted
    assert not asserted("It is wrong to say that " + CLAIM + " because of audits.").asserted


@pytest.mark.parametrize(
    "form",
    [
        "True or false? {}.",
        "Motion to be put to the vote: {}.",
        "Input from the workshop, unedited: {}.",
        "Proposal for discussion, not yet agreed: {}.",
        "Working hypothesis, still untested: {}.",
        "Summarise the arguments for and against this proposition: {}.",
    ],
)
def test_what_is_only_put_forward_is_attributed(form: str) -> None:
    """To be judged, decided or tested, or only taken down."""
    assert advised(form.format(CLAIM.capitalize()).lower()).kind == "attributed"


@pytest.mark.parametrize(
    "form",
    [
        "Under no circumstances conclude from this that {}.",
        "If only it were true that {}.",
        "I wish I could say that {}.",
        "Saying that {} is like saying that the earth is flat.",
        "A dangerous mistake is to believe that {}.",
        "Bad example: {}.",
    ],
)
def test_a_wish_a_likeness_and_a_bad_example_deny(form: str) -> None:
    """A fault and its adjective turn a clause round once."""
    assert asserted(form.format(CLAIM)).kind == "denied"


@pytest.mark.parametrize(
    "form",
    [
        "It is safe to assume that {}.",
        "It goes without saying that {}.",
        "Teach every new employee that {}.",
        "{}. We reject the view that nothing can be done here.",
    ],
)
def test_what_goes_without_saying_is_said(form: str) -> None:
    """A view that is spelt out behind "that" is not the one before it."""
    assert advised(form.format(CLAIM)).advised
    assert asserted(form.format(CLAIM)).asserted


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("Remove: rotate the keys that nobody used; then delete them.", True),
        ("Remove: rotate the keys.", False),
        ("Reject: rotate the keys that nobody used; then delete them.", False),
        ("The claim is wrong: whoever leaves knows them, so rotate the keys.", True),
        ("The following claim is wrong: rotate the keys.", False),
        ("Their argument rests on a misunderstanding: rotate the keys and the tokens end.", True),
        ("The vendor's argument: rotate the keys.", False),
        ("The partner receives one request: rotate the keys.", True),
        ("The partner requests: rotate the keys.", False),
        ("Use an account with no access to those who rotate the keys.", True),
        ("There is no case to rotate the keys.", False),
        ("I used to hesitate here. I no longer do: rotate the keys.", True),
        ("I doubted it for long, and I was wrong to: rotate the keys.", True),
        ("You might expect exceptions. There are none: rotate the keys.", True),
        ("We no longer do this: rotate the keys.", False),
        ("Rotate the keys.\n\nI don't agree with those who call this a fuss.", True),
        ("Rotate the keys.\n\nI don't agree with those who say so.", False),
        ("I would never sign a report which says that you rotate the keys.", False),
        ("We believed for years that you have to rotate the keys.", False),
        ("Rotate the keys. At least, that is what I would say if I meant you harm.", False),
    ],
)
def test_what_readers_met_misread(answer: str, said: bool) -> None:
    """Each right sentence has a twin that turns."""
    reading = read(answer)
    found = [
        reading.assertion(window, match.start(), match.end(), "rotate the keys").asserted
        for window in reading.windows
        for match in re.finditer("rotate the keys", window.joined)
    ]
    assert found == [said]


@pytest.mark.parametrize(
    ("answer", "advised"),
    [
        ("Keep it short.\n\n> **Tip:** Share the key.\n\nThat is all.", True),
        ("Keep it short.\n\n> [!NOTE]\n> Share the key.\n\nThat is all.", True),
        ("Keep it short.\n\n> Share the key.\n\nThat is all.", False),
        ("Anyone who has run this will tell you that you can share the key.", True),
        ("Anyone who has read this will share the key.", False),
        ("Find out from the vendor if you can share the key, and report back.", False),
        ("Question 12 of the exam: true or false? Share the key.", False),
        ("Opinions differ: A says that you can share the key.", False),
        ("They asked why we wrote in 2021 that you can share the key.", False),
    ],
)
def test_what_silenced_plain_advice(answer: str, advised: bool) -> None:
    """A box of the answer's own, and what those say who know; not what is asked or was once
    said.
    """
    reading = read(answer)
    found = [
        reading.advice(window, match.start(), match.end(), "share the key").advised
        for window in reading.windows
        for match in re.finditer("share the key", window.joined)
    ]
    assert found == [advised]


@pytest.mark.parametrize(
    ("form", "holds"),
    [
        ("The sceptics had their day, and they were mistaken: {}.", True),
        ("New me doesn't: {}.", True),
        ("Nobody believes in luck any more, and so I repeat: {}.", True),
        ("There is no need for a ticket, {}, go ahead.", True),
        ("No committee is needed, {}.", True),
        ("I refuse to sign a note that {}, since it is not the case.", False),
        ("Far be it from me to suggest that {}.", False),
        ("Nothing could be further from the truth than that {}.", False),
        ("It is hard for us to accept that {}.", False),
        ("Had it been the case that {}, the backup would be whole.", False),
        ("Do not let anyone talk you into thinking that {}.", False),
        ("If a consultant tells you the following, show him the door: {}.", False),
        ("I must mark this as incorrect: {}.", False),
        ("Trap answer (zero marks): {}.", False),
        ("{}.\nInstead: the other way round.", False),
        ("Is it so that {}?\nGuest: Heavens, no.", False),
        ("{}. Not one word of this is true.", False),
    ],
)
def test_what_unseen_writers_took_back_or_kept(form: str, holds: bool) -> None:
    """Comparisons, dismissals and answers of dialogues; asides that take nothing back."""
    assert asserted(form.format(CLAIM)).asserted is holds


@pytest.mark.parametrize(
    ("form", "holds"),
    [
        ("| Claim | Does it hold? |\n|---|---|\n| {} | yes |", True),
        ("| Claim | Does it hold? |\n|---|---|\n| {} | no |", False),
        ("Take stock.\n\n> {}.\n\nThat is exactly how I would put it, and I stand by it.", True),
        ("Take stock.\n\n> {}.\n\nThat is not how it works.", False),
    ],
)
def test_claims_and_block_quotes_that_are_taken_over(form: str, holds: bool) -> None:
    """The cell beside a claim, or what follows a quotation, makes it the answer's own."""
    assert advised(form.format(CLAIM)).advised is holds
