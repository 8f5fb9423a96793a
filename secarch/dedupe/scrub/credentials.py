"""Credentials: keys and tokens of known form. Vendors' documented examples are no secrets."""

from __future__ import annotations

import re

from secarch.dedupe.scrub.detector import Detector, after, crossed, says_example


def _never(_secret: str, _match: re.Match[str]) -> bool:
    return False


def _token(name: str, prefix: str, body: str) -> Detector:
    pattern = re.compile(rf"(?<![\w-])(?P<secret>{re.escape(prefix)}{body})(?![\w-])")
    return Detector(name, (prefix,), pattern, says_example, after(len(prefix)))


DETECTORS: tuple[Detector, ...] = (
    Detector(
        "private_key",
        ("PRIVATE KEY-----",),
        # No two hyphens inside, so that a row of opening lines without an end costs no time.
        re.compile(
            r"-----BEGIN (?:[A-Z0-9]{1,20} ){0,4}PRIVATE KEY-----"
            r"(?P<secret>(?:[A-Za-z0-9+/=\s\\:,]|-(?!-)){80,20000})-----END "
        ),
        _never,
        crossed,
    ),
    Detector(
        "aws_access_key",
        ("AKIA", "ASIA"),
        re.compile(r"\b(?P<secret>(?:AKIA|ASIA)[A-Z0-9]{16})\b"),
        says_example,
        after(4),
    ),
    Detector(
        "aws_secret_key",
        ("ecret",),
        re.compile(
            r"(?i:secret_?access_?key|aws_?secret)[\"'\s:=]{1,8}(?P<secret>[A-Za-z0-9/+]{40})"
            r"(?![A-Za-z0-9/+])"
        ),
        says_example,
        after(0),
    ),
    _token("github_token", "ghp_", r"[A-Za-z0-9]{36}"),
    _token("github_token", "gho_", r"[A-Za-z0-9]{36}"),
    _token("github_token", "github_pat_", r"\w{50,90}"),
    _token("gitlab_token", "glpat-", r"[\w-]{20}"),
    _token("slack_token", "xoxb-", r"[0-9A-Za-z-]{20,80}"),
    _token("slack_token", "xoxp-", r"[0-9A-Za-z-]{20,80}"),
    _token("google_api_key", "AIza", r"[\w-]{35}"),
    _token("stripe_key", "sk_live_", r"[A-Za-z0-9]{16,99}"),
    _token("huggingface_token", "hf_", r"[A-Za-z0-9]{34}"),
    _token("npm_token", "npm_", r"[A-Za-z0-9]{36}"),
    _token("github_token", "ghs_", r"[A-Za-z0-9]{36}"),
    _token("github_token", "ghu_", r"[A-Za-z0-9]{36}"),
    _token("github_token", "ghr_", r"[A-Za-z0-9]{36}"),
    _token("llm_api_key", "sk-ant-", r"[\w-]{32,120}"),
    _token("llm_api_key", "sk-proj-", r"[\w-]{32,180}"),
    _token("sendgrid_key", "SG.", r"[\w-]{22}\.[\w-]{43}"),
    _token("pypi_token", "pypi-", r"AgE[\w-]{60,200}"),
    _token("vault_token", "hvs.", r"[\w-]{24,120}"),
    _token("vault_token", "hvb.", r"[\w-]{90,200}"),
    _token("databricks_token", "dapi", r"[a-f0-9]{32}"),
    _token("digitalocean_token", "dop_v1_", r"[a-f0-9]{64}"),
    _token("shopify_token", "shpat_", r"[a-f0-9]{32}"),
    _token("google_oauth_secret", "GOCSPX-", r"[\w-]{28}"),
    _token("google_oauth_token", "ya29.", r"[\w-]{40,300}"),
    _token("age_secret_key", "AGE-SECRET-KEY-1", r"[0-9A-Z]{58}"),
    Detector(
        "slack_webhook",
        ("hooks.slack.com/",),
        re.compile(
            r"hooks\.slack\.com/services/(?P<secret>T[A-Z0-9]{8,12}/B[A-Z0-9]{8,"
            r"12}/[A-Za-z0-9]{24})"
        ),
        says_example,
        crossed,
    ),
    Detector(
        "azure_sas_signature",
        ("sig=",),
        re.compile(
            r"[?&]s[a-z]=[^\s\"'<>]{0,300}?[?&]sig=(?P<secret>[A-Za-z0-9%+/]{40,60}(?:%3D|=){0,2})"
        ),
        says_example,
        crossed,
    ),
    Detector(
        "azure_client_secret",
        ("Q~",),
        re.compile(r"(?<![\w.~-])(?P<secret>[\w.-]{3}[78]Q~[\w.~-]{31,34})(?![\w.~-])"),
        says_example,
        crossed,
    ),
    Detector(
        "authorization_header",
        ("uthorization",),
        re.compile(
            r"(?i:authorization)[\"']?\s{0,3}[:=]\s{0,3}[\"']?(?i:basic|bearer)\s{1,"
            r"3}(?P<secret>[\w.+/-]{24,600}={0,2})"
        ),
        says_example,
        crossed,
    ),
    Detector(
        "azure_storage_key",
        ("AccountKey=",),
        re.compile(r"AccountKey=(?P<secret>[A-Za-z0-9+/]{86}==)"),
        says_example,
        after(0),
    ),
    Detector(
        "jwt",
        ("eyJ",),
        re.compile(r"\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.(?P<secret>[\w-]{20,})"),
        says_example,
        crossed,
    ),
    Detector(
        "password_in_url",
        ("://",),
        re.compile(
            r"\b[a-z][a-z0-9+.-]{1,15}://[^\s:/@\"'<>`]{1,64}:(?P<secret>[^\s:/@\"'<>`${}\[\]()"
            r"]{6,64})@"
        ),
        lambda secret, _match: (
            says_example(secret, _match)
            or bool(re.search(r"(?i)pass|secret|pwd|token|user", secret))
        ),
        crossed,
        re.compile(r"://[^\s:/@\"'<>`]{1,64}:[^\s:/@\"'<>`${}\[\]()]{6,64}@"),
    ),
)
