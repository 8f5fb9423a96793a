"""Secrets go, documentation examples stay."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secarch.dedupe.scrub import scrub

STAY = [
    "AKIAIOSFODNN7EXAMPLE", "ASIAIOSFODNN7EXAMPLE", "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "arn:aws:iam::123456789012:user/alice", "arn:aws:iam::111122223333:role/r", "arn:aws:s3:::bucket/key",
    "jane@example.com", "admin@corp.example", "sa@project.iam.gserviceaccount.com", "git@github.com:org/repo.git",
    "192.0.2.7 and 198.51.100.1 and 203.0.113.200", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254",
    "127.0.0.1",
    "0.0.0.0/0", "52.95.110.0/24", "8.8.8.8", "version 12.34.56.78", "1.2.3.4.5", "999.1.1.1",
    "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "postgres://user:password@db.local/x", "https://user:${TOKEN}@host/",
    "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----",
]  # fmt: skip
GO = {
    "aws_access_key": "key AKIAQ3EGRT7HWLZM2PND here",
    "aws_secret_key": 'secretAccessKey: "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"',
    "github_token": "token ghp_q8Wk2ZrT5vBn7LmXc4Dg1Hj9Pf6Sa3Ue0Yio",
    "slack_token": "xoxb-2718281828-q8Wk2ZrT5vBn7LmX",
    "google_api_key": "AIzaSyq8Wk2ZrT5vBn7LmXc4Dg1Hj9Pf6Sa3Ue0",
    "email": "write to maria.lopez@acmebank.io today",
    "public_address": "host 52.95.110.77 answered",
    "account_id": "arn:aws:iam::837465920174:role/x",
    "password_in_url": "postgres://svc:Tr0ub4dor7@db.corp.io/x",
    "private_key": "-----BEGIN RSA PRIVATE KEY-----\n"
    + "MIIEowIBAAKCAQEAq8Wk2ZrT5vBn7LmXc4Dg1Hj9Pf6Sa3Ue0Yio\n" * 4
    + "-----END RSA PRIVATE KEY-----",
}


@pytest.mark.parametrize("sample", STAY)
def test_documentation_examples_stay(sample: str) -> None:
    """What standards and vendors reserve for documentation is not touched."""
    assert scrub(f"See {sample} for this.") == (f"See {sample} for this.", {})


@pytest.mark.parametrize("kind", GO)
def test_secrets_go_at_their_length(kind: str) -> None:
    """A real-looking secret is replaced by a text of the same length, and counted by its type."""
    clean, counts = scrub(GO[kind])
    assert clean != GO[kind]
    assert len(clean) == len(GO[kind])
    assert counts == {kind: 1}


@pytest.mark.parametrize("kind", GO)
def test_scrubbing_twice_changes_nothing(kind: str) -> None:
    """A placeholder is no secret."""
    once, _ = scrub(GO[kind])
    assert scrub(once) == (once, {})


def test_equal_secrets_stay_equal() -> None:
    """One account replaced twice is one account still; another stays another."""
    clean, _ = scrub("arn:aws:iam::837465920174:a arn:aws:iam::837465920174:b arn:aws:iam::837465920175:c")
    ids = [part.split(":")[4] for part in clean.split()]
    assert ids[0] == ids[1] != ids[2]


@given(st.text(alphabet="aA0@.:/-= \nEXMPLKI", max_size=200))
def test_any_text_keeps_its_length(sample: str) -> None:
    """Offsets into a scrubbed text are offsets into the source; twice is once."""
    once, _ = scrub(sample)
    assert len(once) == len(sample)
    assert scrub(once)[0] == once


def test_opening_lines_without_an_end_cost_no_time() -> None:
    """A page of nothing but opening lines of keys is read once, not once for each of them."""
    before = time.perf_counter()
    assert scrub("-----BEGIN PRIVATE KEY-----" * 20_000)[1] == {}
    assert time.perf_counter() - before < 2
