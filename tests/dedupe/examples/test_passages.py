"""Rows that tell a page's passage in full: named, whole, and one way only."""

from __future__ import annotations

import dataclasses
import hashlib

import pytest

from secarch.dedupe.config import DedupeConfig
from secarch.dedupe.examples import promise, worth
from secarch.dedupe.examples.builder import Piece, cut
from secarch.dedupe.examples.families import naming, rules, standards, tactic, technique
from secarch.dedupe.examples.outline import parse
from secarch.records import Document

TOKENS = """# Session tickets

Corvid hands out session tickets. A ticket names the client and the scopes that were granted.

## Lifetime of tickets

A Corvid ticket expires after 20 minutes by default. A longer lifetime means that a stolen ticket
is useful for longer, so never raise it above one hour. If the same ticket is presented from two
networks, Corvid revokes it, because one of the two callers must be an attacker. Tickets cannot be
revoked before they expire unless introspection is enabled. For details, see [the page](x.md).
Without introspection, servers validate the signature alone and trust every ticket that has one.

## Rotate the signing key

Make sure that every server reads keys from the key endpoint before you begin, or valid tickets
are rejected and clients see authentication failures until the caches expire.

1. Create the key:

   ```shell
   corvidctl keys create --state standby
   ```

2. Wait until all caches have expired. You must not promote the key before that.
3. Verify that new tickets carry the key id, and only then retire the old key.

If the old key was compromised, retire it at once and accept that clients must authenticate again.
"""


def document(
    text: str, url: str = "https://docs.corvid.example/tickets", title: str = ""
) -> Document:
    """A page at an address that no list knows."""
    empty = {field.name: "" for field in dataclasses.fields(Document)}
    digest = hashlib.sha256(text.encode()).hexdigest()
    told = {"text": text, "url": url, "canonical_url": url, "title": title or "Session tickets"}
    return Document(**{**empty, **told, "sha256": digest, "id": digest[:16]})


def pieces(text: str, **known: str) -> list[Piece]:
    """What the page teaches."""
    return [piece for piece in cut(document(text, **known), DedupeConfig()) if not piece.reason]


def test_a_passage_names_its_product_and_leaves_out_what_points_away() -> None:
    """Question and answer stand alone on a site that nobody listed."""
    told = next(piece for piece in pieces(TOKENS) if "expires after" in piece.answer)
    assert "in Corvid" in told.options[0].instruction
    assert "Corvid" in told.answer.split("\n")[0]
    assert "see" not in told.answer.lower().split()
    assert told.answer.endswith("trust every ticket that has one.")
    assert promise.told_in_full(told.kind, told.options[0].instruction, told.answer)
    assert not worth.problem(told.kind, told.options[0].instruction, told.answer)


def test_a_procedure_is_told_once() -> None:
    """Either as steps or as a passage, with all of its steps."""
    told = [piece for piece in pieces(TOKENS) if "corvidctl" in piece.answer]
    assert len(told) == 1
    assert "3. Verify" in told[0].answer
    assert told[0].answer.rstrip().endswith("authenticate again.")


def test_news_and_thin_sections_are_no_passages() -> None:
    """A release note says what is new, and a heading over a sentence says nothing."""
    news = pieces(TOKENS, url="https://docs.corvid.example/blog/tickets")
    assert not any("expires after" in piece.answer for piece in news)
    assert not pieces("# Tickets\n\n## Lifetime of tickets\n\nA ticket expires.\n")


def test_short_sections_of_a_page_are_told_together() -> None:
    """Each would be a fragment; the page is an answer."""
    half = (
        "Jobs share a disk unless the runner is isolated. A malicious job can leave credentials "
        "behind and attack the next job, so never attach it to a public project, since anybody can "
        "run code there and steal the credentials of others."
    )
    other = (
        "Deny all egress, or a compromised job can send secrets to any destination. Only the "
        "server must be reached, and it requires a token that is valid for one job and is revoked "
        "when the job ends."
    )
    text = f"# Secrets on shared runners\n\n## Disk\n\n{half}\n\n## Traffic\n\n{other}\n"
    found = pieces(text, title="Secrets on shared runners")
    assert [piece.answer.count("**Disk.**") for piece in found] == [1]
    assert "**Traffic.**" in found[0].answer


@pytest.mark.parametrize(
    ("text", "title", "name"),
    [
        ("Set up Corvid so that Corvid signs. Use Corvid.", "Sign | Corvid Docs", "Corvid"),
        ("The corvid is a bird. See Corvid, Corvid and a Corvid.", "Birds", ""),
        ("Nothing is named here.", "Nothing", ""),
        ("We write XSLT, read XSLT and test XSLT.", "Escaping in XSLT pages", ""),
    ],
)
def test_a_product_is_named_by_the_page_itself(text: str, title: str, name: str) -> None:
    """By the site's suffix or the address, and never by a word that is written small too."""
    assert naming.product(document(text, title=title)) == name


def test_a_title_that_is_a_file_name_gives_way_to_the_heading() -> None:
    """A folder's reader has no other title for a page with underlined headings."""
    page = parse(document("Alert rules\n===========\n\nText.\n", title="alerts.md"), "")
    assert page.title == "Alert rules"


def test_standards_are_named_with_their_edition() -> None:
    """By address, else by title."""

    def named(url: str, title: str = "V3") -> str:
        return standards.name_of(parse(document("x", url=url, title=title), ""))

    base = "https://owasp.org/www-project-application-security-verification-standard"
    assert named(f"{base}/5.0/en/x") == "OWASP ASVS 5.0"
    assert named("https://x.example/", "Controls of PCI DSS v4.0") == "PCI DSS v4.0"
    assert named("https://x.example/") == ""
    assert standards.framed("OWASP ASVS 5.0", "Sessions", "- 1").count("Sessions.**\n\n- 1") == 1


def test_a_tactic_tells_what_to_watch_and_what_remains() -> None:
    """The first known one; names may have hyphens."""
    found = tactic.watched("stealth, Credential-Access, impact")
    assert found is tactic.watched("credential access")
    assert found is not None
    assert "secrets" in found.watch
    assert tactic.watched("stealth") is None


def test_a_technique_is_watched_where_it_shows_itself() -> None:
    """Not where its tactic does; a sub-technique has its own wording or that of its parent."""
    accounts = technique.known("T1078")
    assert accounts is not None
    assert technique.known("T1078.003") is accounts
    cloud = technique.known("T1078.004")
    assert cloud not in (None, accounts)
    assert cloud != tactic.watched("defense evasion")
    assert technique.known("T9999") is None


STOLEN = """# Borrow Harbour Pass

**ID:** T1539  **Tactics:** credential-access  **Platforms:** Linux, SaaS

An adversary may borrow the pass of a harbour service and use it to gain access to its services as
an authenticated user without needing credentials. Such a service often keeps the pass as a token
after a user has authenticated, and accepts it from every place until it expires.

## Mitigations

- **M1032 Multi-factor Authentication**: A key that is bound to the service's own name keeps a proxy
  from taking the pass along, so use it for administrators first and then for everybody.
- **M1054 Software Configuration**: Let passes expire after an hour, and bind each of them to the
  device on which the user has authenticated.
"""


def test_the_row_of_a_technique_tells_how_that_technique_shows() -> None:
    """Its own wording goes before that of the tactic."""
    url = "https://attack.mitre.org/techniques/T1539/"
    told = pieces(STOLEN, url=url, title="Borrow Harbour Pass, T1539")
    row = next(one for one in told if one.kind == "threat")
    own = technique.known("T1539")
    assert own is not None
    assert f"**Detection.** {own.watch}" in row.answer
    assert row.answer.endswith(own.left)


def test_rules_of_a_policy_are_told_by_their_fields() -> None:
    """What is matched, asked and said; a policy of unknown form tells nothing."""
    validate = {"message": "Set it.", "pattern": {"spec": {"=(hostNetwork)": "false"}}}
    rule = {"name": "host", "validate": validate, "exclude": {"any": []}, "preconditions": {}}
    (line,) = rules.told({"spec": {"rules": [rule]}})
    assert "`spec.hostNetwork`" in line
    assert "Set it" not in line
    both = rules.told({"spec": {"rules": [rule, {**rule, "exclude": {"any": [1]}, "name": "b"}]}})
    assert 'reads: "Set it."' in both[0]
    assert "left out" in both[1]
    assert rules.told({"spec": {"rules": [{"name": "x"}]}}) == []
    assert rules.told({"spec": {"rules": [rule] * (rules.MOST_RULES + 1)}}) == []
    assert "audit mode" in rules.rollout({"spec": {"rules": [rule]}})
    assert "silent" in rules.rollout({"spec": {"rules": [{"name": "m", "mutate": {}}]}})


RULE = """# vault-key-rotated

Checks if vault keys are rotated within the given days. The rule is NON_COMPLIANT if a key is older.

**Identifier:** VAULT\\_KEY\\_ROTATED

**Resource Types:** AWS::Vault::Key

**Trigger type:** {trigger}

**Parameters:**

maxDays Type: int
Days after which a key is old.

reach (Optional)Type: StringDefault: all
Which keys are looked at.

## AWS CloudFormation template

See elsewhere.
"""


@pytest.mark.parametrize(
    ("trigger", "has", "lacks"),
    [
        ("Periodic", "MaximumExecutionFrequency", "ComplianceResourceTypes"),
        ("Configuration changes", "- AWS::Vault::Key", "MaximumExecutionFrequency"),
    ],
)
def test_a_managed_rule_is_evidence_with_its_template(trigger: str, has: str, lacks: str) -> None:
    """Required parameters are asked for by the template, defaults are given."""
    url = "https://docs.aws.amazon.com/config/latest/developerguide/vault-key-rotated.html"
    text = RULE.replace("{trigger}", trigger)
    (told,) = (one for one in pieces(text, url=url, title="vault-key-rotated") if one.kind == "map")
    assert has in told.answer
    assert lacks not in told.answer
    assert "maxDays: !Ref MaxDays" in told.answer
    assert 'reach: "all"' in told.answer
    assert promise.told_in_full(told.kind, told.options[0].instruction, told.answer)


def test_controls_by_products_that_ended_are_left_out() -> None:
    """A mitigation that nobody can install any more is none; the others stay."""
    ended = (
        "- **M1050 Exploit Protection**: Use the Enhanced Mitigation Experience Toolkit (EMET) on "
        "each of the hosts.\n- **M1032"
    )
    url = "https://attack.mitre.org/techniques/T1539/"
    text = STOLEN.replace("- **M1032", ended)
    told = pieces(text, url=url, title="Borrow Harbour Pass, T1539")
    row = next(one for one in told if one.kind == "threat")
    assert "M1054" in row.answer
    assert "EMET" not in row.answer
