"""What stands around code: introductions that condemn it, and code without a fence."""

from __future__ import annotations

import pytest

from secarch.danger.safety import examine
from secarch.danger.unfenced import snippets

ALL = (
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}'
)


@pytest.mark.parametrize(
    ("lead", "wrong"),
    [
        ("never do this:", True),
        ("insecure example:", True),
        ("your current policy:", True),
        ("this is the code under review:", True),
        ("what you have today:", True),
        ("before:", True),
        ("replace your current policy by this one:", False),
        ("the following policy fixes the problem:", False),
        ("run this before you deploy:", False),
        ("given your requirements:", False),
        ("instead of long-lived keys, use this role:", False),
        ("to avoid outages, apply this:", False),
        ("apply this configuration:", False),
        ("", False),
    ],
)
def test_a_word_clears_code_only_if_it_governs_it(lead: str, wrong: bool) -> None:
    """A "current", a "problem" or a "before" that speaks of something else clears nothing."""
    assert bool(examine(f"{lead}\n\n```json\n{ALL}\n```\n")) is not wrong


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (f"Use this policy:\n\n    {ALL}\n\nDone.", "iam_wildcard"),
        (f"Use this policy:\n\n{ALL}\n\nDone.", "iam_wildcard"),
        ("Apply:\n\nkind: Pod\nspec:\n  hostPID: true\n\nThat is all.", "privileged_pod"),
        (
            'Write:\n\nresource "aws_s3_bucket_acl" "a" {\n  acl = "public-read"\n}\n\nDone.',
            "public_storage",
        ),
        ("Do this:\n\naws cloudtrail stop-logging --name main\n", "logging_off"),
        ("- `curl -k https://x.example` fetches it", "verification_off"),
        ("Run `aws s3api put-bucket-acl --bucket b --acl public-read`.", "public_storage"),
        ("Set `publicly_accessible = true` on the instance.", "public_storage"),
    ],
)
def test_code_without_a_fence_is_read(text: str, kind: str) -> None:
    """Indented, unfenced and inline."""
    assert kind in {danger.rule for danger in examine(text)}


@pytest.mark.parametrize(
    "text",
    [
        "Never run `aws s3api put-bucket-acl --bucket b --acl public-read`.",
        "The setting `publicly_accessible = true` exposes the database.",
        "Detect `aws cloudtrail stop-logging --name main` and alert on it.",
        "If somebody runs `curl -k https://x.example`, the certificate is not checked.",
        f"Insecure example:\n\n    {ALL}\n",
        f"What you have today:\n\n{ALL}\n\nNarrow it.",
        "kind words: be open to all ideas.",
    ],
)
def test_code_that_is_shown_as_wrong_is_not_advice(text: str) -> None:
    """The same warnings count for code without a fence."""
    assert not examine(text)


def test_fenced_blocks_are_no_snippets() -> None:
    """They are read once, with the language of their fence."""
    assert not list(snippets(f"Use:\n\n```json\n{ALL}\n```\n"))
    (one,) = snippets(f"Use:\n\n```text\nx\n```\n\nand\n\n{ALL}\n")
    assert one.raw == ALL
    assert one.lead == "and"
