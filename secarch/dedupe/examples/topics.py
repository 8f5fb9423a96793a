"""What a text is about: the product whose documentation it is, and the category of its subject."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from urllib.parse import urlsplit

GENERAL = "general"
"""Category of what no keyword claims."""

_PRODUCTS: tuple[tuple[str, str], ...] = (
    ("docs.aws.amazon.com/amazons3/", "Amazon S3"),
    ("docs.aws.amazon.com/awscloudtrail/", "AWS CloudTrail"),
    ("docs.aws.amazon.com/config/", "AWS Config"),
    ("docs.aws.amazon.com/guardduty/", "Amazon GuardDuty"),
    ("docs.aws.amazon.com/iam/", "AWS IAM"),
    ("docs.aws.amazon.com/kms/", "AWS KMS"),
    ("docs.aws.amazon.com/organizations/", "AWS Organizations"),
    ("docs.aws.amazon.com/vpc/", "Amazon VPC"),
    ("docs.aws.amazon.com/secretsmanager/", "AWS Secrets Manager"),
    ("docs.aws.amazon.com/securityhub/", "AWS Security Hub"),
    ("docs.aws.amazon.com/singlesignon/", "AWS IAM Identity Center"),
    ("docs.aws.amazon.com/eks/", "Amazon EKS"),
    ("docs.aws.amazon.com/wellarchitected/", "AWS"),
    ("docs.aws.amazon.com/lambda/", "AWS Lambda"),
    ("docs.aws.amazon.com/waf/", "AWS WAF"),
    ("docs.aws.amazon.com/rds/", "Amazon RDS"),
    ("docs.aws.amazon.com/inspector/", "Amazon Inspector"),
    ("/azure/key-vault/", "Azure Key Vault"),
    ("/azure/defender-for-cloud/", "Microsoft Defender for Cloud"),
    ("/azure/attestation/", "Azure Attestation"),
    ("/azure/dedicated-hsm/", "Azure Dedicated HSM"),
    ("/azure/cloud-hsm/", "Azure Cloud HSM"),
    ("/azure/payment-hsm/", "Azure Payment HSM"),
    ("/azure/sentinel/", "Microsoft Sentinel"),
    ("/azure/well-architected/", "Azure"),
    ("/azure/aks/", "Azure Kubernetes Service"),
    ("/azure/role-based-access-control/", "Azure RBAC"),
    ("/azure/virtual-network/", "Azure Virtual Network"),
    ("learn.microsoft.com/", "Azure"),
    ("cloud.google.com/kubernetes-engine/", "Google Kubernetes Engine"),
    ("cloud.google.com/iam/", "Google Cloud IAM"),
    ("cloud.google.com/", "Google Cloud"),
    ("kubernetes.io/", "Kubernetes"),
    ("kyverno.io/", "Kyverno"),
    ("openbao.org/", "OpenBao"),
    ("prowler.com/", "Prowler"),
    ("cert-manager.io/", "cert-manager"),
    ("linkerd.io/", "Linkerd"),
    ("attack.mitre.org/", "MITRE ATT&CK"),
    ("trivy.dev/", "Trivy"),
    ("falco.org/", "Falco"),
    ("spiffe.io/", "SPIFFE and SPIRE"),
    ("avd.aquasec.com/misconfig/aws/", "AWS"),
    ("csrc.nist.gov/", "NIST SP 800-53"),
    ("cloud-foundation-fabric", "Cloud Foundation Fabric"),
    ("docs.aws.amazon.com/", "AWS"),
    ("istio.io/", "Istio"),
    ("terraform.io/", "Terraform"),
    ("openpolicyagent.org/", "Open Policy Agent"),
    ("cilium.io/", "Cilium"),
)

_KEYWORDS: dict[str, str] = {
    "supply-chain": r"supply.chain|sbom|slsa|sigstore|cosign|provenance|artifact "
    r"signing|dependency|dependabot|"
    r"scorecard|package (?:registry|manager)|open source|in-toto",
    "threat-modelling": r"threat.model\w*|stride|attack tree|attack (?:technique|surface)|abuse "
    r"case|mitre|att&ck|"
    r"adversar\w+|data flow diagram|owasp|wstg|asvs",
    "compliance": r"complian\w+|audit(?:or|s)?\b|nist|800-53|cis benchmark|pci|hipaa|gdpr|soc "
    r"?2|iso.?2700\d|fedramp|"
    r"conformance pack|regulat\w+|controls?\b|governance",
    "iac": r"terraform|cloudformation|bicep|\biac\b|infrastructure.as.code|arm "
    r"template|pulumi|helm chart|hcl|"
    r"misconfig\w*|checkov|trivy",
    "kubernetes": r"kubernetes|\bk8s\b|\bpods?\b|kubectl|container\w*|docker|\bgke\b|\beks\b|"
    r"\baks\b|helm|kyverno|"
    r"namespace|admission|service mesh|linkerd|istio|falco|cert-manager|ingress",
    "detection": r"detect\w*|guardduty|cloudtrail|sentinel|siem|\balerts?\b|logging|\blogs?\b|"
    r"monitor\w*|incident|"
    r"forensic\w*|security hub|findings?|threat intelligence|audit log|anomal\w+",
    "network": r"network\w*|firewall|\bvpc\b|subnet|private (?:link|endpoint)|security "
    r"group|ddos|\bwaf\b|\btls\b|"
    r"\bmtls\b|\bdns\b|ingress|egress|\bvpn\b|zero trust|load balancer|\bip address",
    "data-protection": r"encrypt\w*|decrypt\w*|\bkms\b|key.vault|\bkeys?\b|\bhsm\b|secrets?\b|"
    r"certificates?|data "
    r"(?:protection|classification|loss)|\bdlp\b|backup|tokeni[sz]\w+|vault|versioning|object lock|"
    r"replication|retention",
    "iam": r"\biam\b|identit\w+|access "
    r"(?:control|management|key|policy|point|analyzer)|\broles?\b|permission\w*|"
    r"\brbac\b|\bsso\b|single.sign|federat\w+|\bmfa\b|multi-factor|authenticat\w+|authoriz\w+|"
    r"credential\w*|password\w*|\boidc\b|\bsaml\b|\buser (?:group|account)|service account|\bsts\b|"
    r"polic(?:y|ies)|assume.?role|entra",
    "azure": r"azure|microsoft|entra|defender for cloud",
    "gcp": r"google cloud|\bgcp\b|gcloud|bigquery|cloud\.google",
    "aws": r"\baws\b|amazon|\bs3\b|\bec2\b|lambda|arn:aws",
}
_COMPILED = {slug: re.compile(pattern) for slug, pattern in _KEYWORDS.items()}
_PROVIDERS = ("azure", "gcp", "aws")
_WORD = re.compile(r"[a-z0-9][a-z0-9&.-]+")
DECISIVE = 6
"""Score from which a subject is what a text is about: one heading, or six words of it."""


def product(url: str) -> str:
    """The product whose documentation the address belongs to; '' where it is not known."""
    where = url.lower().split("://", 1)[-1]
    for part, name in _PRODUCTS:
        if part in where:
            return name
    return ""


def category(url: str, headings: Sequence[str], text: str) -> str:
    """The category slug by keywords: headings count most, then the address, then the text's
    beginning.

    A provider's name only decides where no subject does.
    """
    scores = Counter(_scores(headings[-3:], 6, 2))
    scores.update(_by_address(_path(url)))
    best = _best(scores)
    if scores[best] < DECISIVE:
        scores.update(_by_words(text[:1500].lower()))
        best = _best(scores)
    if scores[best] >= DECISIVE:
        return best
    provider = max(_PROVIDERS, key=lambda slug: scores[slug])
    if scores[provider]:
        return provider
    return best if scores[best] else GENERAL


def _best(scores: Counter[str]) -> str:
    return max(
        (slug for slug in _COMPILED if slug not in _PROVIDERS), key=lambda slug: scores[slug]
    )


def _by_words(text: str) -> Counter[str]:
    """Scores of single words; each distinct one is looked at once per process."""
    scores: Counter[str] = Counter()
    for word in _WORD.findall(text):
        scores.update(_slugs(word))
    return Counter({slug: min(6, score) for slug, score in scores.items()})


@lru_cache(maxsize=100_000)
def _slugs(word: str) -> tuple[str, ...]:
    return tuple(slug for slug, pattern in _COMPILED.items() if pattern.search(word))


@lru_cache(maxsize=1024)
def _by_address(path: str) -> dict[str, int]:
    return _scores((path,), 3, 2)


def _scores(texts: Sequence[str], weight: int, most: int) -> dict[str, int]:
    found = [_found(text.lower()) for text in texts]
    return {
        slug: weight * min(most, sum(counts))
        for slug, *counts in zip(_COMPILED, *found, strict=True)
    }


@lru_cache(maxsize=16_384)
def _found(text: str) -> tuple[int, ...]:
    """How often each category's keywords are in `text`; the headings of one page come again with
    every section.
    """
    return tuple(len(pattern.findall(text)) for pattern in _COMPILED.values())


def _path(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    return (
        f"{parts.netloc} {parts.path}".replace("-", " ").replace("_", " ").replace("/", " ").lower()
    )
