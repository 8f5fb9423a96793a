"""What each family makes of a page, and what it leaves alone."""

from __future__ import annotations

import pytest

from secarch.dedupe.build.documents import document
from secarch.dedupe.examples import gate
from secarch.dedupe.examples.draft import Draft
from secarch.dedupe.examples.outline import flow, is_english, parse, sentences, table
from secarch.dedupe.examples.propose import drafts
from secarch.dedupe.examples.record import records, role_of, split_ident


def made(text: str, url: str = "https://docs.example.com/page", title: str = "") -> list[Draft]:
    """The drafts of a page that pass the gate."""
    page = parse(document({"url": url, "text": text, "title": title}), "")
    return [d for d in drafts(page) if not gate.problem(d.kind, d.questions[0][1], d.answer)]


def of(kind: str, found: list[Draft]) -> list[Draft]:
    """Those of one family."""
    return [draft for draft in found if draft.kind == kind]


CHECK = """# Ledger bucket denies public access

**Provider:** aws  **Severity:** high

## Description

The ledger bucket is evaluated for a public access block that covers lists and policies.

## Risk

Without the block a single wrong policy exposes every ledger to the internet, and attackers
scan for such buckets all day.

## Recommendation

Enable the public access block for the account and for each bucket, and review exceptions every
month with their owners.

### Remediation: Terraform

```hcl
resource "aws_s3_bucket_public_access_block" "ledger" {
  block_public_acls = true
}
```

### Remediation: CLI

```sh
aws s3api put-public-access-block --bucket ledger
```
"""


def test_a_check_teaches_its_threat_its_fix_and_how_to_refuse() -> None:
    """One row for each form of the fix, the threat behind it, and a refusal to silence it."""
    found = made(CHECK)
    fixes = of("fix", found)
    assert {next(f for f in ("Terraform", "CLI") if f in d.questions[0][1]) for d in fixes} == {
        "Terraform",
        "CLI",
    }
    assert all('"Ledger bucket denies public access"' in d.questions[0][1] for d in fixes)
    assert all("**Risk.** Without the block" in d.answer for d in fixes)
    assert any("block_public_acls = true" in d.answer for d in fixes)
    threat = of("threat", found)[0]
    assert threat.answer.startswith("**Threat.** Without the block")
    assert "**Control.** Enable the public access block" in threat.answer
    refusal = of("refuse", found)[0]
    assert "**Do this instead.** Enable" in refusal.answer
    assert "expir" in refusal.answer or "time" in refusal.answer
    assert all(0 <= start < end <= len(CHECK) for d in found for start, end in d.spans)


CONTROL = """# LG-4: Ledger Retention

## Control

Retain ledgers for [Assignment: organization-defined period] and protect them from change:
- **a.** Store each ledger twice; and
- **b.** Review the stores [Assignment: organization-defined frequency].

## Discussion

Retention lets investigators reconstruct what happened long after the event. Stores that the
operators cannot change keep their worth as evidence.

## Related controls

LG-2, LG-9

## Control enhancements

### LG-4.1 Separate Custody

Assign the custody of the second store to people who do not operate the first one.

Separate custody means that one stolen account cannot remove both copies of a ledger, since no
person holds rights on both.
"""


def test_a_control_maps_requirement_guidance_and_neighbours() -> None:
    """Requirement, what it takes, open parameters, related controls; an enhancement on its own."""
    control, enhancement = of("map", made(CONTROL))
    assert "LG-4 (Ledger Retention)" in control.questions[0][1]
    for part in (
        "**Requirement.** Retain",
        "**What it takes.** Retention lets",
        "- frequency",
        "LG-2, LG-9",
    ):
        assert part in control.answer
    assert "LG-4.1 (Separate Custody)" in enhancement.questions[0][1]
    assert "**How it is meant.** Separate custody means" in enhancement.answer


def test_a_table_of_requirements_becomes_a_list_with_its_marks() -> None:
    """Identifier, text, levels and weakness of each row."""
    rows = "\n".join(
        f"| 4.{n} | Verify that ledger number {n} is signed before it is read. | x | | 34{n} |"
        for n in range(3)
    )
    head = "| # | Description | L1 | L2 | CWE |\n|---|---|---|---|---|"
    text = f"# Ledgers\n\n## Signed ledgers\n\n{head}\n{rows}\n"
    draft = of("requirement", made(text))[0]
    assert '"Signed ledgers"' in draft.questions[0][1]
    assert (
        "- **4.1** Verify that ledger number 1 is signed before it is read. (level 1, CWE-341)"
        in draft.answer
    )


OPTIONS = """# Key stores

## Choosing a key store

| Option | Best for | Drawbacks |
|---|---|---|
| Software vault | Teams that need low cost and no custody of hardware | Keys leave the module |
| Shared module | Workloads with an audit duty and modest load | Shared tenancy limits throughput |
"""


def test_options_become_a_choice_with_conditions() -> None:
    """A table with a best-for column is a comparison of its rows."""
    draft = of("choose", made(OPTIONS))[0]
    assert "software vault and shared module" in draft.questions[0][1].lower()
    assert "- **Software vault**: Best for: Teams that need low cost" in draft.answer
    assert "Drawbacks: Shared tenancy limits throughput." in draft.answer


@pytest.mark.parametrize("head", ["Parameter", "Pillar", "Field"])
def test_a_table_of_features_is_no_choice(head: str) -> None:
    """Rows that are parameters of one thing are no options."""
    assert not of("choose", made(OPTIONS.replace("Option", head)))


def test_an_incident_and_a_named_threat() -> None:
    """A heading that names a threat, with how it works and what answers it."""
    body = (
        "An attacker who controls the name service answers with the address of the metadata "
        "service, and the exploit then reads credentials through the victim's own process. "
        "Restrict the addresses that the process may reach, require session tokens on the metadata "
        "service, and validate the host header of each request. Monitor for requests to it, and "
        "rotate what it hands out within the hour."
    )
    draft = of("threat", made(f"# Metadata service\n\n## DNS rebinding\n\n{body}\n"))[0]
    assert '"DNS rebinding"' in draft.questions[0][1]
    assert draft.answer == body


def test_bad_and_good_code_become_a_fix() -> None:
    """Non-compliant and compliant code below one heading; the flaw is explained."""
    text = (
        "# Safe comparison\n\n## Non-compliant code\n\nThe comparison stops at the first byte that "
        "differs, which tells an attacker how far a guess was right.\n\n"
        "```python\nif token == given: allow(user, token)\n```\n\n"
        "## Compliant code\n\nThe comparison takes the same time for every guess, so "
        "nothing is told.\n\n"
        "```python\nif hmac.compare_digest(token, given): allow(user, token)\n```\n"
    )
    draft = of("fix", made(text))[0]
    assert "if token == given" in draft.questions[0][1]
    assert "compare_digest" in draft.answer
    assert "**The flaw.** The comparison stops" in draft.answer


STEPS = "\n".join(f"1. Open console {n} and check what store {n} holds." for n in range(1, 5))


@pytest.mark.parametrize(
    ("heading", "kind"),
    [
        ("Migrate the ledger to a new account", "sequence"),
        ("Configure access to the ledger", "howto"),
        ("Disable encryption of the ledger", ""),
        ("Clean up resources", ""),
        ("Use the AWS CLI", ""),
        ("Ledger overview", ""),
    ],
)
def test_steps_are_a_procedure_if_the_heading_says_what_is_done(heading: str, kind: str) -> None:
    """Numbered from 1, in order; what weakens security or says nothing is left alone."""
    text = (
        f"# Ledgers\n\n## {heading}\n\nThe ledger is kept in two stores of the bank.\n\n{STEPS}\n"
    )
    found = [d for d in made(text) if d.kind in ("howto", "sequence")]
    assert [d.kind for d in found] == ([kind] if kind else [])
    assert all("\n4. Open console 4" in d.answer for d in found)


@pytest.mark.parametrize(
    ("heading", "asked"),
    [
        ("How does the ledger sign its rows?", "How does the ledger sign its rows?"),
        ("How the ledger signs its rows", "how the ledger signs its rows"),
        ("What's next?", ""),
        ("Why this?", ""),
        ("Signing", ""),
    ],
)
def test_questions_of_the_source_are_asked_as_they_are(heading: str, asked: str) -> None:
    """A question is taken over, a clause is explained, anything else is neither."""
    body = (
        "Each row is signed with a key that the store holds and that nobody can read, so that a "
        "changed row is found when it is read again. The signature covers the row before it as "
        "well, which means that a removed row breaks the chain and is reported to the owner of "
        "the ledger on the same day, together with the account that removed it."
    )
    found = [
        d
        for d in made(f"# Ledgers\n\n## {heading}\n\n{body}\n")
        if d.kind in ("question", "explain")
    ]
    assert bool(found) == bool(asked)
    assert all(asked in d.questions[0][1] for d in found)


def test_outdated_and_internal_pages_teach_nothing() -> None:
    """Deprecated sections and guides for contributors are left alone."""
    assert made(CHECK)
    assert not made(CHECK.replace("# Ledger bucket", "# Deprecated: ledger bucket"))
    assert not made(CHECK, url="https://docs.example.com/developer-guide/checks")


# ---------------------------------------------------------------- reading


def test_sentences_that_point_elsewhere_go() -> None:
    """'For more information, see ...' says nothing in an answer; other sentences stay."""
    text = "Keys are rotated. For more information, see Rotation. See also the guide. They expire."
    assert flow(text) == "Keys are rotated. They expire."
    assert flow("```\nSee also the guide.\n```") == "```\nSee also the guide.\n```"


def test_nested_steps_count_from_one() -> None:
    """Inner steps that all say 1 are numbered in order."""
    assert flow("Do it:\n   1. one\n   1. two\n   1. three").endswith(
        "   1. one\n   2. two\n   3. three"
    )


def test_sentences_keep_abbreviations() -> None:
    """A full stop in 'e.g.' ends no sentence."""
    assert sentences("Use a vault, e.g. Vault or Bao. Rotate it.") == [
        "Use a vault, e.g. Vault or Bao.",
        "Rotate it.",
    ]


def test_tables_need_a_header_and_equal_rows() -> None:
    """Cells without mark-up; a ragged table is none."""
    page = parse(document({"url": "u", "text": "| a | b |\n|---|---|\n| `x` | [y](z) |\n"}), "")
    assert table(page.top.parts[0]) == (["a", "b"], [["`x`", "y"]])
    page = parse(document({"url": "u", "text": "| a | b |\n|---|---|\n| x |\n"}), "")
    assert table(page.top.parts[0]) is None


@pytest.mark.parametrize(
    ("label", "role"),
    [
        ("Risk", "risk"),
        ("Security impact", "risk"),
        ("**Remediation steps:**", "fix"),
        ("Mitigations", "fix"),
        ("How to test", "detect"),
        ("Control", "control"),
        ("Non-compliant code example", "bad"),
        ("Compliant solution", "good"),
        ("References", "ignore"),
        ("Ledger", ""),
    ],
)
def test_labels_have_roles(label: str, role: str) -> None:
    """What a label's text is for."""
    assert role_of(label) == role


def test_identifiers_are_split_from_names() -> None:
    """A check's number stands before its name; a name alone stays whole."""
    assert split_ident("[LG.2] Ledgers should be signed") == ("LG.2", "Ledgers should be signed")
    assert split_ident("AU-7: Audit Reduction") == ("AU-7", "Audit Reduction")
    assert split_ident("Ledgers should be signed") == ("", "Ledgers should be signed")


def test_facts_and_roles_of_a_record() -> None:
    """Labels on one line are facts; headings and labels give the rest its role."""
    page = parse(document({"url": "u", "text": CHECK}), "")
    record = next(records(page))
    assert record.facts == {"Provider": "aws", "Severity": "high"}
    assert {"describe", "risk", "fix"} <= set(record.roles)
    assert [variant for _, variant, _ in record.variants] == ["Terraform", "CLI"]


def test_languages_are_told_apart() -> None:
    """Code and English are kept, German is not."""
    assert is_english(
        "The key of the account is kept in the vault and it is rotated by the owner. " * 3
    )
    assert is_english("resource bucket ledger policy allow deny " * 20)
    assert not is_english(
        "Der Schlüssel wird nicht von dem Dienst auf die Platte gelegt und ist da. " * 4
    )
