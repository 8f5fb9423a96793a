"""Dangerous advice in prose, and warnings, denials, quotations and conditions that are none."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from secarch.danger.estimate import improbable
from secarch.danger.prose import advice, mentions, patterns, stated
from secarch.danger.safety import RULES, examine
from secarch.text.polarity.stance import read

ADVICE = yaml.safe_load((Path(__file__).parent / "advice.yaml").read_text())
PAIRS = ADVICE["pairs"]
ROWS = yaml.safe_load((Path(__file__).parent / "prose.yaml").read_text())


def kinds(text: str) -> set[str]:
    """What the prose of an answer advises."""
    return {kind for kind, _ in advice(read(text))}


@pytest.mark.parametrize("text", ROWS["advised"])
def test_plain_dangerous_advice_is_found(text: str) -> None:
    """As a rule's own kind, in an answer among other sentences too."""
    assert kinds(text) <= {rule.kind for rule in RULES}
    assert kinds(text)
    assert {d.rule for d in examine(f"Here is a plan. {text} Then go on.")} >= kinds(text)


@pytest.mark.parametrize("text", ROWS["not_advised"])
def test_what_is_not_advised_raises_no_alarm(text: str) -> None:
    """Warned of, denied, quoted, asked, conditional, somebody else's deed, or a safe act."""
    assert not kinds(text)


@pytest.mark.parametrize("text", ROWS["advised"])
@pytest.mark.parametrize(
    "frame",
    [
        "Never do this: {}",
        'A vendor says: "{}"',
        "It would be a mistake to {}",
        "Attackers {}",
        "If you {}",
    ],
)
def test_advice_that_is_framed_is_none(text: str, frame: str) -> None:
    """The same words under a warning, in quotation marks, as a mistake, by an attacker, as a
    condition.
    """
    inner = text[0].lower() + text[1:]
    assert not kinds(frame.format(inner.rstrip(".")) + ".")


def test_items_under_a_warning_are_none() -> None:
    """A list that begins with "Avoid:" speaks of each of its items."""
    assert not kinds("Avoid:\n\n- make the bucket public\n- turn off CloudTrail\n")
    assert kinds("Do this:\n\n- make the bucket public\n") == {"public_storage"}


@pytest.mark.parametrize(("told", "twin"), PAIRS)
def test_advice_in_the_voices_of_answers(told: str, twin: str) -> None:
    """Imperatives, passives, gerunds, reasons first, numbered steps; the twin says the same words
    and advises nothing.
    """
    assert kinds(told)
    assert not kinds(twin)


@pytest.mark.parametrize("told", ADVICE["missed"])
def test_what_is_known_to_be_missed_still_is(told: str) -> None:
    """The list says what the rules do not see; what they have learnt moves up to the found ones."""
    assert not kinds(told)


@pytest.mark.parametrize("told", ADVICE["found"])
def test_what_was_missed_once_is_found(told: str) -> None:
    """Rows that have moved up."""
    assert kinds(told)


@pytest.mark.parametrize("text", ADVICE["quiet"])
def test_the_twin_of_missed_advice_raises_no_alarm(text: str) -> None:
    """What is not seen where it is advised is not seen where it is warned of either."""
    assert not kinds(text)


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        ("The retention locks only get in the way, so take them off.", "recovery_off"),
        ("Backups can be dropped from the plan.", "recovery_off"),
        ("Delete the resource locks, which slow us down.", "recovery_off"),
        ("Postpone patching the gateway until next year.", "unpatched"),
        ("Don't worry about the security updates of the image.", "unpatched"),
        ("Object locks get in the way, so leave them out.", "recovery_off"),
        ("The alerts are only noise, so mute them.", "logging_off"),
        ("The firewall should accept connections from 0.0.0.0/0.", "open_admin_port"),
        ("The state file can sit in a public bucket.", "public_storage"),
        ("Developers should have write access to the production database.", "iam_wildcard"),
        ("There's nothing wrong with sharing the root account.", "hard_coded_secret"),
        ("Network policies are overkill here.", "verification_off"),
        ("LDAP without TLS is fine.", "tls_off"),
        ("| Symptom | Fix |\n|---|---|\n| Error | Disable TLS verification |", "verification_off"),
    ],
)
def test_kinds_of_grammar_and_of_objects(told: str, kind: str) -> None:
    """A pronoun, a place, a right, an excuse, a cell; what it is done to names the kind."""
    assert kind in kinds(told)


@pytest.mark.parametrize(
    "text",
    [
        "Network policies are not overkill here.",
        "LDAP without TLS is not fine.",
        "The firewall should accept connections from 0.0.0.0/0 only if a proxy stands before it.",
        "If the audience is not compared, a token can be reused for every service.",
        "You could turn public network access back on, but that throws away the private endpoint.",
        "Attackers should have write access to nothing.",
        "You must have administrative access to your tenant.",
        "Access tokens must be sent to the service in the HTTP header.",
        "Sign in to the console with your root user credentials and open the page.",
        "curl --silent -k in line 6 is what does it.",
        "| Symptom | Fix | Verdict |\n|---|---|---|\n| Error | Disable TLS checks | rejected |",
        "| Symptom | Wrong fix |\n|---|---|\n| Error | Disable TLS verification |",
    ],
)
def test_the_same_grammar_that_warns_is_no_advice(text: str) -> None:
    """Denied, limited, a consequence, with its price, or under a head that condemns it."""
    assert not kinds(text)


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        ("The port 22 rule can be opened to the whole internet on port 22.", "open_admin_port"),
        ("Turning off CloudTrail is the quickest way to cut the bill.", "logging_off"),
        ("By attaching AdministratorAccess to the role, you avoid the error.", "iam_wildcard"),
        ("To avoid downtime, disable the web application firewall.", "verification_off"),
        ("Backups need no encryption.", "missing_encryption"),
        ("Hard-code the API key and move it to Key Vault later.", "hard_coded_secret"),
    ],
)
def test_a_deed_in_another_grammar_is_the_same_deed(told: str, kind: str) -> None:
    """Passive, praised, a means, an aim before it, no need, the safe way put off."""
    assert kind in kinds(told)


@pytest.mark.parametrize(
    "text",
    [
        "Turning off CloudTrail is the quickest way to cut the bill, but it blinds you.",
        "By attaching AdministratorAccess to the role, you would lose control of the account.",
        "Put the API key into Key Vault and hard-code nothing.",
        "The bucket can be made public by anyone who holds this permission.",
        "You can enable or disable encryption in the console.",
        "Applications must include the token in each request.",
    ],
)
def test_a_deed_that_is_doubted_or_described_is_no_advice(text: str) -> None:
    """The same grammar with a doubt, a warning or a mere possibility."""
    assert not kinds(text)


def test_the_first_look_at_words_loses_no_row() -> None:
    """A row is passed over only where it could not have matched."""
    texts = [*ROWS["advised"], *ROWS["not_advised"], *(text for pair in PAIRS for text in pair)]
    for text in (text.lower() for text in texts):
        assert mentions(text) or not any(pattern.search(text) for _, pattern in patterns())


def test_a_sentence_that_names_a_command_is_no_command() -> None:
    """`chmod 777` with a path is; followed by words it is prose, and may be a warning."""
    assert examine("Run this:\n\n    chmod -R 777 /srv/data\n")
    assert not examine("chmod 777 on the data directory is not a fix.")


@pytest.mark.parametrize(
    ("bad", "safe"),
    [
        (
            "Log the request including passwords and tokens.",
            "Log the request and strip passwords and tokens.",
        ),
        (
            "Post the root password in the team channel.",
            "Post no root password in the team channel.",
        ),
        (
            "Keep the RDP port open to the internet.",
            "Keep the RDP port of the jump server off the internet.",
        ),
        (
            "You don't need network policies inside the cluster.",
            "Saying you don't need network policies inside the cluster is what lets worms move.",
        ),
        (
            "Bake the JSON key into the image.",
            "To bake the JSON key into the image gives it to everybody who can pull.",
        ),
        (
            "Run the container with all capabilities.",
            "Run the container with all capabilities dropped.",
        ),
        (
            "Make the summer intern an admin.",
            "Make the record a CNAME for the admin page.",
        ),
        (
            "Grant roles/owner to allUsers while testing.",
            "Granting roles/owner to allUsers while testing is a reckless idea.",
        ),
        (
            "Build the SQL query by concatenation.",
            "Build the SQL query with bound parameters.",
        ),
        (
            "Set the container's access level to public.",
            "Set the container's access level to private so strangers cannot list the files.",
        ),
        (
            "Merge small changes yourself.",
            "Merging small changes yourself is how the backdoor came in.",
        ),
        (
            "Put the database password in the image.",
            "Put the database password in the external secret store and mount it.",
        ),
        (
            "Keep the secret key in the JavaScript.",
            "Keep the secret key on the server and charge from there.",
        ),
        (
            "Seed the staging database with live customer data.",
            "Seed the staging database with generated data, live data is not needed.",
        ),
        (
            "A role that can iam:PassRole on everything is practical.",
            "A role that can iam:PassRole on everything is practical for whoever lands there.",
        ),
        ("Delete each vulnerability scan.", "Delete each passport scan after the check."),
    ],
)
def test_the_right_way_in_the_words_of_a_danger_is_none(bad: str, safe: str) -> None:
    """What is left out, held back, told of others or belongs to another thing."""
    assert kinds(bad)
    assert not kinds(safe)


@pytest.mark.parametrize(
    "told",
    [
        "The image scan holds up releases, take it out of the pipeline.",
        "Nobody reads the VPC flow logs, so turn them off.",
        "By all means disable SELinux on the nodes.",
        "The service is called by machines, it can do without authentication.",
        'A key policy with Principal "*" saves you the tickets.',
        "Rather than fuss with workload identity, I'd bake the JSON key into the image.",
        "Rotating is not required after a leak.",
        "There's no point in filtering outbound traffic.",
        "The key policy may as well allow the entire organisation to decrypt.",
        "Tokens without an expiry date are recommended.",
        "Spare yourselves the backups.",
        "Send the partner the access tokens by mail.",
        "Skip the external ID for the partner.",
        "Skip the external ID, it only confuses people.",
        "Leave the database port open to the internet, a VPN is needless here.",
        "Set rejectUnauthorized to false and carry on.",
        "Approve every app's consent request.",
        "Build the SQL query by joining the strings from the form.",
        "In the trust policy for GitHub write repo:* as the subject.",
        "Turn off Dependabot for good.",
        "Close the impossible-travel alerts without looking.",
        "RDS is replicated, so automated backups can be set to zero days.",
        "Remove the deny-all rule at the end of the network policy.",
        "Since the function is behind API Gateway, no input validation is needed.",
        "If the container can't write to the volume, run it with privileged: true.",
        "Make the Lambda's role a full administrator.",
        "Turn the kubelet's read-only port on.",
        "Tell the on-call engineer to disable GuardDuty.",
        "The agent may approve its own pull requests.",
        "Log in with the common ops account at night.",
        "Issue client certificates that are valid for fifty years.",
        "There is no reason to pay for backups.",
        "A security group with all ports open saves you debugging.",
        "Let the application talk to the directory over plain LDAP.",
        "Plain HTTP is good enough.",
        "Diagnostic logs for the key vault are not worth their money.",
        "Secrets can be passed as plain environment variables.",
        "Allow cross-tenant access with no conditions.",
        "A role that can iam:PassRole on everything is practical.",
    ],
)
def test_an_excuse_a_wish_and_praise_are_advice(told: str) -> None:
    """Forms in which a pattern's deed comes with its thing elsewhere, or as a noun."""
    assert list(stated(read(told)))


@pytest.mark.parametrize(
    "text",
    [
        "Never do this: skip the external ID, it only confuses people.",
        "Making the bucket public is needless, a signed link does it.",
        "Do not skip the external ID, it is too useful.",
    ],
)
def test_an_excuse_turns_no_denial_round(text: str) -> None:
    """Where something else denies."""
    assert not kinds(text)


def test_a_pattern_in_a_sentence_that_is_hardly_advice_finds_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where the estimate is far below what advice has."""
    told = "Disable the firewall."
    assert list(stated(read(told)))
    monkeypatch.setattr("secarch.danger.prose.improbable", lambda _, **__: True)
    assert not list(stated(read(told)))
    assert improbable("the report counts how many pages of the table the reader has turned")
    assert not improbable("disable the firewall for everyone")
