"""The shipped list of sources: every name once, every seed in its own scope, and patterns that keep
pages whose paths only look like translations, logins or print views.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from secarch.harvest.config import HarvestConfig
from secarch.harvest.sources.urls import Rules, normalise
from secarch.settings import load

FILE = Path(__file__).parents[2] / "configs" / "cloudsec.yaml"


@pytest.fixture(scope="module")
def config() -> HarvestConfig:
    return load(files=[FILE], environ={}).settings.harvest


def test_every_source_has_its_own_name(config: HarvestConfig) -> None:
    """`--only` and the report tell them apart."""
    names = [seed.name for seed in config.seeds]
    assert all(names)
    assert len(set(names)) == len(names)


def test_every_seed_lies_in_a_scope_and_is_refused_by_no_pattern(config: HarvestConfig) -> None:
    """JSON is fetched only as a seed, never as a link."""
    rules = Rules(config)
    refused = {seed.url: rules.judge(normalise(seed.url)) for seed in config.seeds}
    assert {url for url, reason in refused.items() if reason and not url.endswith(".json")} == set()


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("https://developer.hashicorp.com/vault/docs/commands/login", ""),
        ("https://developer.hashicorp.com/vault/docs/commands/print", ""),
        ("https://docs.prowler.com/user-guide/providers/it/getting-started", ""),
        ("https://slsa.dev/spec/v1.1/id/provenance", ""),
        ("https://csrc.nist.gov/pubs/sp/800/207/final", ""),
        ("https://nvlpubs.nist.gov/nistpubs/SpecialPublications/NIST.SP.800-207.pdf", ""),
        ("https://docs.cloud.google.com/iam/docs/roles-overview?hl=en", ""),
        ("https://docs.cloud.google.com/iam/docs/roles-overview?hl=ja", "excluded"),
        ("https://docs.sigstore.dev/search?q=keys", "excluded"),
        ("https://www.nist.gov/news-events", "out_of_scope"),
        ("https://nvlpubs.nist.gov/nistpubs/SpecialPublications/NIST.SP.500-1.pdf", "out_of_scope"),
        (
            "https://docs.aws.amazon.com/de_de/IAM/latest/UserGuide/introduction.html",
            "out_of_scope",
        ),
        ("https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html", ""),
        ("https://learn.microsoft.com/en-us/azure/key-vault/general/basic-concepts", ""),
        (
            "https://learn.microsoft.com/ja-jp/azure/key-vault/general/basic-concepts",
            "out_of_scope",
        ),
    ],
)
def test_paths_are_judged_as_a_reader_would(config: HarvestConfig, url: str, reason: str) -> None:
    """Translations and searches go, commands and editions stay."""
    assert Rules(config).judge(normalise(url)) == reason
