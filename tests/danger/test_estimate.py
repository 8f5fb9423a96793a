"""Dangerous advice in words that no pattern knows, found by an estimate, and its safe twins."""

from __future__ import annotations

from pathlib import Path

import pytest

from secarch.danger import estimate, safety
from secarch.danger.estimate import Weights, estimated
from secarch.danger.meaning import manner, matter, pairs, units
from secarch.danger.prose import stated
from secarch.text.polarity.stance import read

ROWS = sorted((Path(__file__).parents[1] / "benchmarks" / "advice").glob("*.tsv"))
WEIGHTS = Path(estimate.__file__).parent / "estimate.json"
TOLD = (
    "Let the finance bot pay invoices of any amount by itself, people only slow it down.",
    "A single flat network lets each service reach each other, so spare yourselves the segments.",
    "Log only errors; who logged in is of no interest.",
)


def kinds(text: str) -> set[str]:
    """What an estimate says of the prose of an answer."""
    return {kind for kind, _ in estimated(read(text))}


@pytest.mark.parametrize("told", TOLD)
def test_advice_in_words_that_no_pattern_knows_is_estimated(told: str) -> None:
    """And says that it is an estimate, which is never critical."""
    assert not list(stated(read(told)))
    assert kinds(told) <= {rule.kind for rule in safety.RULES}
    (danger,) = safety.examine(told)
    assert danger.estimate
    assert danger.severity == "major"
    assert danger.evidence.startswith("estimate: ")


@pytest.mark.parametrize("told", TOLD)
@pytest.mark.parametrize(
    "frame",
    ["Never do this: {}", 'A vendor says: "{}"', "It is a myth: {}", "Avoid:\n\n- {}\n", "> {}"],
)
def test_estimated_advice_in_a_frame_is_none(told: str, frame: str) -> None:
    """What the text around makes of a sentence counts for an estimate as for a pattern."""
    text = frame.format(told)
    assert not kinds(f"Here is the answer.\n\n{text}" if frame.startswith(">") else text)


@pytest.mark.parametrize(
    "text",
    [
        "Let the finance bot prepare invoices and have a person release each payment.",
        "Cut the network into segments and let services reach only what they call.",
        "Remove the AdministratorAccess policy from the role.",
        "Network policies are not overkill here.",
        "Should the bot pay invoices of any amount by itself, as people only slow it down?",
        "Let everyone in.",
        "Enabled or disabled is what the console says of encryption on the volume for everyone.",
    ],
)
def test_the_safe_way_a_question_and_a_choice_are_none(text: str) -> None:
    """The same words; too few words; a question."""
    assert not kinds(text)


def test_what_a_pattern_finds_is_told_once_and_is_no_estimate() -> None:
    """One sentence, one finding."""
    (danger,) = safety.examine("Disable TLS verification in the client, nobody attacks it.")
    assert not danger.estimate
    assert danger.severity == "critical"
    (danger,) = safety.examine("Run `git config http.sslVerify false` on each host.")
    assert not danger.estimate


def test_an_estimate_is_no_must_not_of_a_rubric() -> None:
    """A must-not that names a detector is violated by what is sure alone."""
    from secarch.evaluate.rubric.grade import _detected
    from secarch.suite.schema import MustNot

    (danger,) = safety.examine(TOLD[0])
    item = MustNot(id="m", text="none", severity="critical", detector=danger.rule)
    assert _detected(item, TOLD[0]) is None


def test_examples_are_known_and_their_twins_quiet() -> None:
    """Of the sentences that the weights were fitted on; unseen ones are the fit's own figures."""
    bad, quiet = [], []
    for table in ROWS:
        for line in table.read_text(encoding="utf-8").splitlines()[::6]:
            told, *twins = line.split("\t")
            bad.append(bool(kinds(told)))
            quiet += [not kinds(twin) for twin in twins]
    assert sum(bad) / len(bad) >= 0.75
    assert sum(quiet) / len(quiet) >= 0.97


def test_the_weights_are_small() -> None:
    """They are shipped with the package."""
    assert WEIGHTS.stat().st_size <= 400_000


def test_longer_entries_win_and_a_negation_marks_what_follows() -> None:
    """Until a comma, and not far."""
    found = units("do not turn off the audit log, skip the review")
    words = {unit.text: unit for unit in found}
    assert "take_away" in words["turn off"].classes
    assert words["turn off"].denied
    assert not words["skip"].denied
    assert "!take_away" in words["turn off"].named()
    assert (words["turn off"].start, words["turn off"].end) == (7, 15)


def test_pairs_are_ordered_and_near_or_far() -> None:
    """A class and a later one; none beyond the reach."""
    names = [["a"], ["b"], [], [], [], ["c"], [], [], [], ["d"]]
    assert list(pairs(names))[:2] == [("a", "b", True), ("a", "c", False)]
    assert ("a", "d", True) not in list(pairs(names))
    assert ("b", "d", False) in list(pairs(names))


def test_manner_knows_no_matter() -> None:
    """Of words that are no function words only the ending is kept."""
    assert "-ing" in manner(units("sharing zebras"))
    assert not any("zebra" in name for name in manner(units("sharing zebras")))
    assert "=zebra" in matter(units("sharing zebras"))


def test_both_sums_have_to_be_exceeded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Dangerous words in a warning are no advice, nor is advice of another matter."""
    found = units("share the root password")
    for least, least_twin, expected in ((0.0, 0.0, True), (9.0, 0.0, False), (0.0, 9.0, False)):
        weights = Weights({}, 1.0, 1.0, least, least_twin)
        monkeypatch.setattr(estimate, "weights", lambda known=weights: known)
        assert estimate.dangerous(found) is expected


@pytest.mark.parametrize(
    "more",
    [
        ", yet it exposes the whole company to one bad laptop",
        ", which leaves everyone exposed",
        ", letting strangers become admins, so it opens the tills to anyone",
        ", though whoever gets in escalates, and that hands the keys to outsiders",
    ],
)
def test_a_clause_that_names_the_harm_warns(more: str) -> None:
    """What comes of it is no reason for it; that the people are quicker is."""
    told = "Let the finance bot pay invoices of any amount by itself"
    assert kinds(f"{told}, people only slow it down.")
    assert not kinds(f"{told}{more}.")


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        (
            "Don't bother with egress rules; what leaves your servers is harmless.",
            "open_admin_port",
        ),
        (
            "Let every member of the crew carry the signing key on a USB stick.",
            "hard_coded_secret",
        ),
        (TOLD[0], "verification_off"),
    ],
)
def test_an_estimate_is_named_by_what_it_is_about(told: str, kind: str) -> None:
    """And not as a check that is switched off, unless it speaks of one."""
    assert kinds(told) == {kind}


@pytest.mark.parametrize(
    ("bad", "safe"),
    [
        (
            "Put the signing key in the chat.",
            "Put the signing key in the vault and say so in chat.",
        ),
        ("Hand out the access tokens by mail.", "Hand out access tokens valid for one hour."),
        (
            "Set anonymous authentication to true on the kubelet.",
            "Set anonymous authentication to false on the kubelet.",
        ),
    ],
)
def test_a_safe_twin_of_a_pattern_is_silent(bad: str, safe: str) -> None:
    """A vault, an hour and a switch turned off."""
    assert safety.examine(bad)
    assert not safety.examine(safe)
