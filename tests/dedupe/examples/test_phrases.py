"""Headings read as language."""

from __future__ import annotations

import pytest

from secarch.dedupe.examples import phrases


@pytest.mark.parametrize(
    ("heading", "form", "text"),
    [
        ("Creating and managing keys", "do", "create and manage keys"),
        ("Create a bucket", "do", "create a bucket"),
        ("Step 2: Set up MFA", "do", "set up MFA"),
        ("How to rotate keys", "do", "rotate keys"),
        ("Logging and monitoring", "thing", "logging and monitoring"),
        ("Access control", "thing", "access control"),
        ("Use cases", "thing", "use cases"),
        ("Use IAM roles", "do", "use IAM roles"),
        ("How Amazon S3 works with IAM", "clause", "how Amazon S3 works with IAM"),
        ("What is AWS KMS", "question", "What is AWS KMS?"),
        ("Bucket policies", "thing", "bucket policies"),
        ("Verify and typical mistakes", "thing", "verification and typical mistakes"),
        ("Review and approve keys", "thing", "review and approve keys"),
        ("Control what passes through", "do", "control what passes through"),
        ("Thinking in graphs", "thing", "thinking in graphs"),
        ("Falco rules", "thing", "Falco rules"),
        ("Key rotation (previous version)", "thing", "key rotation"),
        ("From threat to rule", "thing", "the way from threat to rule"),
        ("DNS is half of the work", "clause", 'what is meant by "DNS is half of the work"'),
        ("Proof that nothing was changed", "thing", "proof that nothing was changed"),
        ("1.2.3 Ensure MFA is enabled", "do", "ensure MFA is enabled"),
        ("Securely store keys", "do", "securely store keys"),
        ("List roles", "do", "list roles"),
        ("List format", "thing", "list format"),
        ("About bucket tags", "thing", "bucket tags"),
        ("[Bucket names]", "thing", "bucket names"),
        ("Bundle.status[index]", "thing", "Bundle.status[index]"),
    ],
)
def test_headings_are_read_as_language(heading: str, form: str, text: str) -> None:
    """A heading becomes a question, something to do, a clause or a thing; names keep their
    capitals.
    """
    phrase = phrases.read(
        heading, phrases.Casing("see the bucket policies here, and what bucket there is")
    )
    assert (phrase.form, phrase.text) == (form, text)


@pytest.mark.parametrize(
    ("noun", "opening", "verb"),
    [
        ("service accounts", "A service account is one.", "are"),
        ("Kubernetes", "Kubernetes is an API.", "is"),
        ("key rotation", "", "is"),
        ("mutual TLS", "", "is"),
        ("least access", "", "is"),
        ("analysis", "", "is"),
        ("axios", "Axios allows us to set it.", "is"),
        ("a rule for keys", "", "is"),
        ("rules for a key", "", "are"),
    ],
)
def test_is_and_are_follow_the_noun(noun: str, opening: str, verb: str) -> None:
    """A plural takes 'are', unless the text itself says 'is'."""
    assert phrases.agreeing(noun, opening) == verb


def test_a_capital_that_only_begins_a_heading_gives_way() -> None:
    """A word keeps its capital where the document writes it so inside a sentence, and nowhere
    else.
    """
    casing = phrases.Casing("We use Falco here. Rules fire. Later: Rules again. The tool")
    assert [casing.heading(text) for text in ("Falco", "Rules", "Rules of thumb", "Key Vault")] == [
        "Falco",
        "rules",
        "rules of thumb",
        "Key Vault",
    ]


def test_the_capitals_of_a_heading_are_of_one_mind() -> None:
    """Beside a word whose capital is the heading's alone, one that the text never uses loses its
    own; names keep it.
    """
    casing = phrases.Casing(
        "we test the work and its circumvention. In time, ask Harbor for the flow of work."
    )
    assert (
        casing.text("Circumvention of Work Flows with Harbor")
        == "circumvention of work flows with Harbor"
    )
    assert casing.text("Harbor Joint Review") == "Harbor Joint Review"
