"""The security vocabulary behind the `keywords` metric: concept -> the ways in which it is
written.
"""

from __future__ import annotations

import re
from functools import lru_cache

from secarch.text.polarity.plain import plain

# One concept a line; alternatives after the first are other spellings, abbreviations and vendors'
# own words for it.
_VOCABULARY = """
least privilege|minimum privilege|minimal permissions
separation of duties|segregation of duties
defence in depth|defense in depth|layered controls
zero trust|never trust
blast radius
attack surface
threat model|threat modelling|threat modeling|stride
trust boundary|trust boundaries
data flow diagram|data flow
multi-factor|multifactor|mfa|two-factor|2fa
phishing-resistant|fido2|webauthn|passkey|security key
single sign-on|sso|identity center
federation|federated|saml|oidc|openid connect
workload identity|irsa|pod identity|web identity
managed identity|managed identities
service account|service principal
access key|static key|static credential|long-lived key|long-lived credential
temporary credential|short-lived|sts|ephemeral credential
assume role|assumerole|role assumption
external id
confused deputy
trust policy|trust relationship
permission boundary|permissions boundary
service control policy|service control policies|scp
resource control policy|resource control policies|rcp
organization policy|organisation policy|org policy
azure policy|policy initiative
conditional access
privileged identity management|pim|just-in-time|jit
break-glass|break glass|emergency access
role-based access|rbac
attribute-based access|abac
access review|recertification|access analyzer
privilege escalation
lateral movement
credential theft|stolen credential|leaked key|leaked credential
secret manager|secrets manager|secret manager|key vault|vault
secret rotation|rotate|rotation
hard-coded|hardcoded
encryption at rest|encrypted at rest|encrypt at rest
encryption in transit|encrypted in transit|tls|https
mutual tls|mtls
envelope encryption|data key
customer managed key|customer-managed key|cmk|cmek
kms|key management
hsm|hardware security module|cloudhsm|managed hsm
key policy|key policies
bring your own key|byok|external key
tokenisation|tokenization|pseudonymisation|pseudonymization
data classification|sensitivity label
data loss prevention|dlp|macie|purview
data residency|data sovereignty
immutable|object lock|write once|worm
versioning
backup|snapshot
ransomware
block public access|public access prevention|public network access
bucket policy|bucket policies|resource policy|resource-based policy
access control list|acl
private endpoint|private link|privatelink|private service connect|vpc endpoint
security group|network security group|nsg
firewall|waf|web application firewall
network segmentation|segmentation|micro-segmentation|microsegmentation
network policy|networkpolicy|network policies
egress|outbound
ingress|inbound
bastion|session manager|identity-aware proxy|jump host
ddos|shield|cloud armor
service perimeter|vpc service controls|data perimeter
transit gateway|hub-and-spoke|hub and spoke|virtual wan
instance metadata|imds|imdsv2|metadata service
server-side request forgery|ssrf
cloudtrail|audit log|activity log
log archive|log retention|retention
flow log|flow logs
guardduty|defender for cloud|security command center|event threat detection
security hub|posture management|cspm
siem|sentinel|security lake|chronicle
alert|alarm
incident response|playbook|runbook
forensic|evidence preservation|chain of custody
containment|quarantine|isolate
detection engineering|detection rule
mitre att&ck|att&ck
landing zone|control tower|management group
separate account|account per|dedicated account|multi-account
guardrail|preventive control|preventative control
drift|config rule|aws config
policy as code|open policy agent|opa|gatekeeper|kyverno|sentinel policy
infrastructure as code|terraform|bicep|cloudformation
state file|remote state|terraform state
admission control|admission controller|validating admission|pod security
privileged container|privileged pod|privileged mode
hostpath|host path|hostnetwork|host network
run as non-root|runasnonroot|non-root
read-only root filesystem|readonlyrootfilesystem
seccomp|apparmor|selinux
capabilities|cap_sys_admin
namespace|tenant isolation
container registry|image registry
image signing|signed image|cosign|sigstore
software bill of materials|sbom
slsa|provenance|attestation
dependency pinning|pinned|pin by digest
vulnerability scan|image scan|vulnerability management|cve
patch|patching
static analysis|sast|checkov|trivy
secret scanning|push protection
ci/cd|pipeline|build runner
branch protection|code review|required review
nist|800-53|csf
cis benchmark|cis control
iso 27001|27001
pci dss|pci|cardholder
soc 2|trust services
hipaa|gdpr
shared responsibility
compensating control
evidence|audit trail
statement of applicability
risk acceptance|risk register|residual risk
continuous monitoring|continuous compliance
scope|scoping
inventory|asset inventory
tagging|resource tag|label
wildcard
root user|global administrator|organization administrator|super admin
cross-account|cross-tenant
third party|vendor access
denial of service|availability
disaster recovery|recovery point|recovery time|rto|rpo
spoofing
tampering
repudiation
information disclosure
"""

_WORD_END = r"(?:s|es|ed|ing)?"


@lru_cache(maxsize=1)
def vocabulary() -> dict[str, re.Pattern[str]]:
    """Concept -> pattern over `plain` text, with the plural and simple inflections of each
    spelling.
    """
    table = {}
    for line in _VOCABULARY.split("\n"):
        if spellings := [spelling for spelling in line.split("|") if spelling]:
            pattern = "|".join(
                re.escape(s).replace(r"\-", "[- ]?")
                for s in sorted(spellings, key=len, reverse=True)
            )
            table[spellings[0]] = re.compile(rf"(?<!\w)(?:{pattern}){_WORD_END}(?!\w)")
    return table


_FIRST_PART = re.compile(r"[^ -]+")


@lru_cache(maxsize=1)
def _beginnings() -> dict[str, tuple[str, ...]]:
    """Concept -> the first word of each of its spellings: where none of them is in a text, its
    pattern need not be tried.
    """
    table: dict[str, tuple[str, ...]] = {}
    for line in _VOCABULARY.split("\n"):
        if spellings := [spelling for spelling in line.split("|") if spelling]:
            firsts = {found[0] for s in spellings if (found := _FIRST_PART.match(s))}
            table[spellings[0]] = tuple(sorted(firsts))
    return table


def concepts(text: str) -> set[str]:
    """The vocabulary's concepts that a text names."""
    return set(_concepts(plain(text)))


@lru_cache(maxsize=2048)
def _concepts(flat: str) -> frozenset[str]:
    """Of a plain text; a reference is asked about once for each model."""
    patterns = vocabulary()
    return frozenset(
        name
        for name, firsts in _beginnings().items()
        if any(first in flat for first in firsts) and patterns[name].search(flat)
    )
