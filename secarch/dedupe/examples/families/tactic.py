"""What to watch for a tactic of MITRE ATT&CK, and what is left when the mitigations stand.

The pages of techniques name mitigations; what gives the use away and what no mitigation removes
follows from the tactic that the technique serves.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tactic:
    """What belongs to one tactic."""

    watch: str
    left: str


_TACTICS = {
    "initial access": Tactic(
        "Watch sign-ins and requests from networks, devices and clients that the identity has not "
        "used before, and exploitation attempts in the logs of whatever faces the internet.",
        "A valid credential looks like its owner. Short sessions and a second factor that resists "
        "phishing shorten the time in which it is worth something.",
    ),
    "execution": Tactic(
        "Log process starts with their parent and command line, and API calls that start code "
        "(functions, jobs, run-command, exec into a container); alert on new callers.",
        "Administrators need the same interfaces. What stays is the abuse of a right that someone "
        "legitimately has, so keep those rights few and their use recorded.",
    ),
    "persistence": Tactic(
        "Alert on new credentials, keys, federated trusts, scheduled jobs and start-up changes; "
        "compare them with approved changes.",
        "What was planted before the controls stood survives them: review what exists once, and "
        "rebuild hosts from images instead of cleaning them.",
    ),
    "privilege escalation": Tactic(
        "Alert on role assignments, policy changes and tokens with more rights than the identity "
        "had the day before, and on privileged processes with an unusual parent.",
        "Some identities can grant themselves more by design. List them, and put an approval and "
        "a time limit on their use.",
    ),
    "defense evasion": Tactic(
        "Watch the controls themselves: logging that stops, agents that fall silent, rules and "
        "exclusions that change, and log volume that drops.",
        "Whoever owns a host can blind its agent. Send logs to an account that the host's "
        "administrators cannot write to, so that the silence is seen.",
    ),
    "credential access": Tactic(
        "Watch reads of secrets, key stores and metadata services by identities that do not read "
        "them otherwise, and failed sign-ins across many accounts.",
        "A credential that a process needs can be taken from that process. Short lifetimes and "
        "narrow rights decide how much it is worth.",
    ),
    "discovery": Tactic(
        "Count list and describe calls for each identity and alert on bursts across services and "
        "Regions, most of all from workloads.",
        "Reading is noisy and often allowed. It is an early sign rather than a breach, so join it "
        "with other signals before you wake somebody.",
    ),
    "lateral movement": Tactic(
        "Watch connections between workloads that never spoke, sessions with one identity from "
        "several hosts, and role changes across accounts.",
        "Paths that operations need stay open to an attacker who stands at their start; segment, "
        "and give each hop its own credential.",
    ),
    "collection": Tactic(
        "Watch reads in bulk, archives that appear on servers, snapshots and exports, and access "
        "outside the identity's own project.",
        "Who may read the data can collect it. Limits on volume and an alert on exports are what "
        "is left.",
    ),
    "command and control": Tactic(
        "Watch egress by destination: new domains, long sessions, beacons at regular times, and "
        "traffic from workloads that should have none.",
        "Traffic through a permitted service looks like use of that service; an allow-list of "
        "destinations narrows it and does not end it.",
    ),
    "exfiltration": Tactic(
        "Watch outbound volume for each workload, copies to accounts and tenants that are not "
        "yours, and sharing or replication that is switched on.",
        "Small amounts over a permitted channel stay below every threshold, so decide what data "
        "may be where the channel begins.",
    ),
    "impact": Tactic(
        "Alert on deletions and encryption in bulk, on changes to backups and retention, and on "
        "resource use that jumps.",
        "An identity that may delete can delete. Backups in another account, immutable for their "
        "retention, decide how long the outage lasts; test the restore.",
    ),
    "reconnaissance": Tactic(
        "Most of it happens where you have no logs. Watch scans against your own edge, and what "
        "of yours is found in public repositories and data dumps.",
        "What is public can be read; reduce what is published and treat the rest as known.",
    ),
    "resource development": Tactic(
        "It happens outside your systems. Watch new look-alike domains and certificates for your "
        "names, and accounts that use your brand.",
        "No control of yours stops the preparation; shorten the time in which it can be used.",
    ),
}


def watched(tactics: str) -> Tactic | None:
    """What belongs to the first known tactic of a list such as 'persistence, initial access'.

    Names may be written with hyphens; 'stealth' and other names that are not known are skipped.
    """
    named = [name.strip().lower().replace("-", " ") for name in tactics.split(",")]
    return next((_TACTICS[name] for name in named if name in _TACTICS), None)
