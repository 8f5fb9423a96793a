"""Secrets go, documentation examples stay."""

from __future__ import annotations

import dataclasses
import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secarch.dedupe.scrub.detector import Detector
from secarch.dedupe.scrub.scrub import DETECTORS, scrub, secrets_in

STAY = [
    "AKIAIOSFODNN7EXAMPLE",
    "ASIAIOSFODNN7EXAMPLE",
    "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "arn:aws:iam::123456789012:user/alice",
    "arn:aws:iam::111122223333:role/r",
    "arn:aws:s3:::bucket/key",
    "jane@example.com",
    "admin@corp.example",
    "sa@project.iam.gserviceaccount.com",
    "git@github.com:org/repo.git",
    "192.0.2.7 and 198.51.100.1 and 203.0.113.200",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "127.0.0.1",
    "0.0.0.0/0",
    "52.95.110.0/24",
    "8.8.8.8",
    "version 12.34.56.78",
    "1.2.3.4.5",
    "999.1.1.1",
    "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    "postgres://user:password@db.local/x",
    "https://user:${TOKEN}@host/",
    "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----",
    "2001:db8::1",
    "2001:db8:85a3::8a2e:370:7334",
    "::1",
    "fe80::1ff:fe23:4567:890a",
    "fd12:3456:789a::1",
    "ff02::1",
    "2001:4860:4860::8888",
    "m=+3507.098466775",
    "m=+35070984667",
    "2600:1f18::/33",
    "12:34:56",
    "00:1A:2B:3C:4D:5E",
    "arn:aws:iam::aws:policy/X",
    "arn:aws:secretsmanager:eu-west-1:123456789012:secret:billing/db-Zx9yQw",
    "arn:aws:secretsmanager:eu-west-1:<account>:secret:prod/mail-Kq7RtZ",
    "+1 202 555 0143",
    "+44 7700 900123",
    "+1-123-456-7890",
    "2026+0530",
    "card 4111 1111 1111 1111",
    "card 4242424242424242",
    "card 1234567890123456",
    "IBAN GB29 NWBK 6016 1331 9268 19",
    "SSN 078-05-1120",
    "123-45-6788",
    "SSN 900-12-3456",
    "Authorization: Bearer YOUR_ACCESS_TOKEN_EXAMPLE",
    "hvs.xxxxxxxxxxxxxxxxxxxxxxxx",
    "https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX",
]
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
    "public_address_v6": "host 2a00:1450:4001:81b::200e answered",
    "phone_number": "call +49 30 8391 4726 now",
    "card_number": "the card 4539 5787 6362 1486 was used",
    "iban": "IBAN: NL91 ABNA 0417 1643 00",
    "social_security_number": "her SSN is 536-90-4399",
    "llm_api_key": "export KEY=sk-ant-api03-q8Wk2ZrT5vBn7LmXc4Dg1Hj9Pf6Sa3Ue0Yio",
    "vault_token": "token hvs.q8Wk2ZrT5vBn7LmXc4Dg1Hj9",
    "slack_webhook": "https://hooks.slack.com/services/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",
    "azure_sas_signature": "https://a.blob.core.windows.net/c?sv=2022-11-02&sig=q8Wk2ZrT5vBn7LmXc4Dg1Hj9Pf6Sa3Ue0YioK7r2T4x%3D",
    "azure_client_secret": "secret abc8Q~q8Wk2ZrT5vBn7LmXc4Dg1Hj9Pf6Sa3Ue0Y",
    "authorization_header": "Authorization: Bearer q8Wk2ZrT5vBn7LmXc4Dg1Hj9Pf6Sa3Ue0Y",
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
    clean, _ = scrub(
        "arn:aws:iam::837465920174:a arn:aws:iam::837465920174:b arn:aws:iam::837465920175:c"
    )
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
    before = time.process_time()
    assert scrub("-----BEGIN PRIVATE KEY-----" * 20_000)[1] == {}
    assert time.process_time() - before < 2


@pytest.mark.slow
@pytest.mark.parametrize(
    "detector", [d for d in DETECTORS if d.likely], ids=lambda detector: detector.name
)
def test_the_quick_look_passes_over_nothing(detector: Detector) -> None:
    """Whatever a detector's expression finds, the look that spares it has found."""

    @settings(max_examples=30, database=None)
    @given(st.from_regex(detector.pattern))
    def look(found: str) -> None:
        assert detector.likely
        assert detector.likely.search(found)

    look()


@pytest.mark.parametrize(
    "detector", [d for d in DETECTORS if d.line], ids=lambda detector: detector.name
)
def test_lines_without_the_word_hold_no_such_secret(detector: Detector) -> None:
    """Looking at some lines finds what the expression finds in the whole text, in any case."""
    names = (
        "password dbPwd PassPhrase API_KEY ToKen authToken CREDS cluster_\u017fecret note".split()
    )
    values = ("Xk29vQ7pLm4Rt8Zs1Wd", "tr0ub4dor&3xYz", "plain words", "q7Rt-9sLm_2vXk8Zp4Wd6Yb1")
    rng = random.Random(11)
    parts = (("", "  ", "- ", '"'), names, (": ", " = ", '" := "', " "), values, ("", '"', " \r"))
    text = "\n".join("".join(map(rng.choice, parts)) for _ in range(400))
    whole = dataclasses.replace(detector, line=())
    assert secrets_in(text, [detector]) == secrets_in(text, [whole])
    assert secrets_in(text, [detector])[detector.name] > 20
