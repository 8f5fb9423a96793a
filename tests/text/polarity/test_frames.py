"""What the governor of a clause makes of it: parity, presupposition, hearsay, supposition."""

from __future__ import annotations

import pytest

from secarch.text.polarity.frames import frames
from secarch.text.polarity.stance import read

CLAIM = "root keys are harmless"
GOVERNORS = {
    "denied": [
        "one recurring misreading of the manual is that",
        "it would be careless to conclude that",
        "i push back on the proposal that",
        "do not let the picture fool you into thinking that",
        "nobody who was there believes that",
        "it makes no difference whether",
        "we can live without the rule that",
        "nothing here requires that",
    ],
    "attributed": [
        "the account manager keeps repeating that",
        "a chatbot answered me that",
        "there was a time when people taught that",
        "your brief takes it as given that",
    ],
    "conditional": [
        "were it the case that",
        "pretend for a moment that",
        "unless someone can show me that",
    ],
    "guarded": [
        "what keeps me awake is the possibility that",
        "it can never happen that",
        "the pipeline refuses a change in which",
    ],
}
AFFIRMED = [
    "nobody disputes that",
    "never forget that",
    "it is no myth that",
    "do not overlook that",
    "nobody should be surprised that",
    "I cannot deny that",
]
PLAIN = [
    "my recommendation is that",
    "tell the team that",
    "the logs show that",
    "remember that",
    "make sure that",
    "remove that",
    "the good news is that",
    "switch to a provider that",
    "nobody talks to that",
]


@pytest.mark.parametrize(
    ("kind", "governor"), [(kind, one) for kind, many in GOVERNORS.items() for one in many]
)
def test_a_governor_decides(kind: str, governor: str) -> None:
    """By its words as a bag, whatever their order."""
    found = frames(f"{governor.lower()} {CLAIM}.")
    assert [frame.kind for frame in found] == [kind]


@pytest.mark.parametrize("governor", AFFIRMED)
def test_two_denials_affirm(governor: str) -> None:
    """As does what is presupposed under a negation; the single cues count no more."""
    text = f"{governor.capitalize()} {CLAIM}."
    assert [frame.kind for frame in frames(text.lower())] == ["asserted"]
    (window,) = read(text).windows
    start = window.text.index("root")
    assert read(text).assertion(window, start, len(window.text)).asserted


@pytest.mark.parametrize("governor", PLAIN)
def test_others_decide_nothing(governor: str) -> None:
    """The answer's own voice, orders, what is taken to be so, relative clauses and pointers."""
    assert not frames(f"{governor} {CLAIM}.")


TAKEN_BACK = [
    "{x} This is the single most expensive misunderstanding I see.",
    "{x} At least that is how the story goes.",
    "{x} Sounds plausible. It is false.",
    "{x} Tempting, but the service does not work that way.",
    "{x} If only that were so.",
    "{x} Cross that out.",
    "{x} That was the old advice, and it no longer applies.",
    "{x} It cost us a breach.",
    "That root keys are harmless is an urban legend.",
    "The rule that root keys are harmless should be retired.",
    'Please delete the sentence "root keys are harmless." from your policy.',
    'The sales deck puts it like this: "Root keys are harmless to the account."',
    "### What not to write in the ticket\n\n{x}",
    "The service does the exact opposite of this: root keys are harmless.",
]
KEPT = [
    "{x} It replaces the old key.",
    "{x} Remove the old ones.",
    "{x} This is what prevents a common mistake.",
    "Make no mistake: root keys are harmless.",
    "Contrary to popular belief, this matters: root keys are harmless.",
    "It is not enough to write a policy; root keys are harmless.",
    'Write this into the runbook: "Root keys are harmless to the account."',
]


@pytest.mark.parametrize(
    ("text", "advised"), [*((t, False) for t in TAKEN_BACK), *((t, True) for t in KEPT)]
)
def test_a_statement_is_taken_back_in_many_words(text: str, advised: bool) -> None:
    """After it, around it, above it; and what only looks like it leaves it."""
    reading = read(text.format(x="Root keys are harmless."))
    window = next(w for w in reading.windows if "root keys are harmless" in w.text)
    start = window.joined.index("root keys")
    found = reading.advice(window, start, start + len("root keys are harmless"))
    assert found.advised is advised, found


def test_a_quotation_ends_no_sentence_that_goes_on() -> None:
    """The full stop inside it is its own, and its marks stay."""
    windows = read('Strike "Keys are safe." from it. Then go on.').windows
    assert [w.text for w in windows] == ['strike "keys are safe." from it.', "then go on."]


def test_a_block_quote_leads_into_nothing() -> None:
    """The list after it is no part of it."""
    reading = read("Bad answer:\n\n> Use one key for all.\n\n- Rotate keys.\n- Log them.")
    assert [w.lead for w in reading.windows if w.item] == ["", ""]


def test_what_follows_a_colon_is_said_again() -> None:
    """It explains the denial, and is no part of it."""
    text = "It doesn't prove that the planner meant it: a page had told the planner what to sign."
    reading = read(text)
    (window,) = reading.windows
    meant, told = window.text.index("planner meant"), window.text.index("a page")
    assert not reading.assertion(window, meant, meant + 13).asserted
    assert reading.assertion(window, told, len(window.text)).asserted


@pytest.mark.parametrize(
    ("text", "span", "asserted"),
    [
        ("So keep Fail for the rules that are boundaries of security.", "boundaries", True),
        ("It fails to follow that the boundaries of security matter.", "boundaries", False),
        ("The argument has it backwards: the account is exempt.", "the account is exempt", True),
        ("The argument: the account is exempt.", "the account is exempt", False),
        ("Tokens carry a group claim mapped to roles of the cluster.", "mapped to roles", True),
        ("The group claims that roles of the cluster are mapped.", "roles", False),
    ],
)
def test_terms_of_the_field_and_relative_clauses_report_nothing(
    text: str, span: str, *, asserted: bool
) -> None:
    """A rule "that is ..." has no clause to govern, and a group claim is part of a token."""
    reading = read(text)
    window = next(w for w in reading.windows if span in w.joined)
    start = window.joined.index(span)
    assert reading.assertion(window, start, start + len(span)).asserted is asserted


@pytest.mark.parametrize(
    ("form", "kind"),
    [
        ("The witness told the whole court that {}.", "attributed"),
        ("The burglar is counting on it that {}.", "attributed"),
        ("The referee asks the authors to show that {}.", "attributed"),
        ("I would sooner resign than sign that {}.", "denied"),
        ("Only in fairy tales is it the case that {}.", "denied"),
        ("It merely looks as though {}.", "denied"),
        ("Nothing could be more reckless than to act as if {}.", "denied"),
        ("I know of no scenario in which {}.", "denied"),
        ("The test does not show that {}.", "denied"),
        ("I was asked whether {}, and I said no.", "denied"),
        ("Asked whether {}, the panel shook its head.", "denied"),
        ("Lena (sales) reckons {}.", "attributed"),
        ("You need not read all ninety pages to understand that {}.", "asserted"),
        ("I cannot say it any other way: {}.", "asserted"),
        ("No magic in this: {}.", "asserted"),
        ("Old rule (abolished): {}.", "denied"),
        ("What the exam marks as wrong is the following: {}.", "denied"),
        ("The report shows that {}.", "asserted"),
        ("You will sleep better once you accept that {}.", "asserted"),
        ("Operators should proceed on the basis that {}.", "asserted"),
        ("Operators should never proceed on the basis that {}.", "denied"),
        ("It is the view of this panel that {}.", "asserted"),
        ("I used to doubt it, but today I am convinced that {}.", "asserted"),
        ("According to our own measurements, {}.", "asserted"),
        ("According to our vendor, {}.", "attributed"),
        ("Contrary to the rumour that nothing helps, {}.", "asserted"),
        ("One may be tempted to say that {}, but this does not hold.", "denied"),
        ("Pigs will fly before {}.", "denied"),
        ("If {}, then I am the Queen of Spain.", "denied"),
        ("Frankly, {}, and I would not lose sleep over it.", "asserted"),
    ],
)
def test_classes_of_governors(form: str, kind: str) -> None:
    """Persons of courts and crimes, comparisons, proofs, and answers to a reported question."""
    text = form.format("root keys are harmless")
    reading = read(text)
    window = reading.windows[0]
    at = window.joined.index("root keys")
    held = reading.advice(window, at, at + 22, "root keys are harmless")
    said = reading.assertion(window, at, at + 22, "root keys are harmless")
    assert held.advised == (kind == "asserted")
    assert said.asserted == (kind == "asserted")
