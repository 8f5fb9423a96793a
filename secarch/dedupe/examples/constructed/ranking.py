"""Which of the faults of a scene comes first."""

from __future__ import annotations

from secarch.dedupe.examples.constructed.planted import Planted
from secarch.dedupe.examples.constructed.template import SEVERITIES

_FIRST = (
    "trust_everyone",
    "pipeline_trust_any_repo",
    "policy_for_everyone",
    "secret_in_code",
    "database_public",
    "database_port_open",
    "admin_port_open",
    "cluster_api_public",
    "storage_public",
    "privileged_container",
    "host_mount",
    "host_namespace",
    "added_capability",
    "admin_rights",
    "wide_scope_owner",
    "escalation_action",
    "plaintext_listener",
    "plaintext_allowed",
    "verification_off",
    "cache_plaintext",
    "metadata_v1",
)
"""Kinds by what an attacker needs: nothing, a leaked value, a flaw, then a foothold inside."""


def reach(kind: str) -> int:
    """How early a kind of fault is fixed among those of equal weight; 0 comes first."""
    return _FIRST.index(kind) if kind in _FIRST else len(_FIRST)


def rank(one: Planted) -> tuple[int, bool, int, int]:
    """Gravest first; what ends an exposure at once comes before the others of its weight."""
    return SEVERITIES.index(one.severity), not one.leads, reach(one.kind), one.line
