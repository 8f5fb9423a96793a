"""What a text is about."""

from __future__ import annotations

import pytest

from secarch.dedupe.examples import topics


@pytest.mark.parametrize(
    ("url", "heading", "slug"),
    [
        (
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/roles.html",
            "IAM roles and permissions",
            "iam",
        ),
        ("https://kyverno.io/policies/pods/", "Require pod probes", "kubernetes"),
        ("https://docs.aws.amazon.com/kms/x.html", "Encrypting data keys", "data-protection"),
        ("https://x.test/", "Terraform module for buckets", "iac"),
        ("https://x.test/", "Threat modelling with STRIDE", "threat-modelling"),
        ("https://x.test/", "Verify SBOM and provenance", "supply-chain"),
        ("https://learn.microsoft.com/azure/x", "Regions", "azure"),
        ("https://x.test/", "Regions", "general"),
    ],
)
def test_categories_follow_keywords(url: str, heading: str, slug: str) -> None:
    """Headings and address decide the category; a provider only where no subject does."""
    assert topics.category(url, [heading], "") == slug
