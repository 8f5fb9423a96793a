"""What gives a technique of MITRE ATT&CK away, and what its mitigations leave, by its identifier.

A tactic holds techniques that show themselves in quite different places, so the ones that matter
for cloud systems have wording of their own; the others take that of their tactic.
"""

from __future__ import annotations

from secarch.dedupe.examples.families.tactic import Tactic

_TECHNIQUES = {
    "T1078": Tactic(
        "Compare each sign-in with the identity's own past: network, device, client, hour and the "
        "APIs that it calls. Alert on dormant accounts that wake up and on service identities "
        "that are used by a person.",
        "A valid login from a usual place is not told from its owner by any log; only short "
        "sessions, factors that resist phishing and narrow rights bound it.",
    ),
    "T1078.004": Tactic(
        "Watch console sign-ins without the identity provider, keys that are used from a new "
        "network or SDK, roles that are assumed by a new principal, and first calls to services "
        "that the identity never used.",
        "A token that was taken from a running session passes every sign-in control until it "
        "expires, so its lifetime and its rights are what is left to decide.",
    ),
    "T1098": Tactic(
        "Alert on each new key, password credential, role assignment and trust policy, with who "
        "made it and from where, and compare it with an approved change.",
        "Whoever may administer identities can always add one. Keep that right with few, and "
        "read their changes in a log that they cannot write.",
    ),
    "T1110": Tactic(
        "Count failed sign-ins by account and by source, and alert on one success that follows "
        "many failures, or on one password that is tried on many accounts.",
        "A password that leaked elsewhere needs one attempt; a second factor decides then.",
    ),
    "T1136": Tactic(
        "Alert on each account that is made outside the process: local users on hosts, IAM users, "
        "guests, service principals. The list of approved changes is the comparison.",
        "An account that was made before anyone looked stays valid; reconcile all accounts with "
        "their owners once, then by every change.",
    ),
    "T1040": Tactic(
        "Watch for new traffic mirrors, flow captures and span ports in the control plane, and on "
        "hosts for interfaces in promiscuous mode and processes that open raw sockets.",
        "A passive listener on the path makes no record. What TLS covers is useless to him, so "
        "the unencrypted paths that are left are the risk.",
    ),
    "T1059": Tactic(
        "Log process starts with parent and command line and run-command calls of the platform; "
        "alert on a shell that a service or a web server starts.",
        "Administrators use the same interpreters. Where a workload needs no shell, an image "
        "without one removes the question.",
    ),
    "T1068": Tactic(
        "Watch for a process whose user changes to root or SYSTEM without a login or `sudo`, for "
        "crashes of privileged services, and for new kernel modules and drivers.",
        "A flaw that nobody has published has no patch. Isolation decides how far it reaches.",
    ),
    "T1072": Tactic(
        "Read the deployment tool's own audit log: new packages, jobs outside the window, targets "
        "that one operator never addressed, sign-ins to it from a new place.",
        "The tool has to be able to run code everywhere. Who may approve a job, and a second "
        "pair of eyes on it, is the control that stays.",
    ),
    "T1080": Tactic(
        "Watch writes to shared drives, repositories and buckets by identities that only read "
        "there, changes of executables and macros, and one file that many hosts open at once.",
        "Whoever may write for good reasons can plant something. Separate who writes from who "
        "runs, and scan what is written.",
    ),
    "T1114": Tactic(
        "Watch mail API permissions that applications get, mailbox reads by applications and "
        "delegates, and exports of whole mailboxes.",
        "An application with consent reads until the consent is taken away, whatever happens to "
        "the password; review consents, not sign-ins alone.",
    ),
    "T1114.003": Tactic(
        "Alert on each new forwarding or redirect rule, by users and by transport rules, with its "
        "target; external targets first.",
        "Mail that left before the rule was found is gone, and hidden rules show only through "
        "the administrative interface.",
    ),
    "T1133": Tactic(
        "List what answers from outside and alert on what is new; watch sign-ins to VPN, RDP, SSH "
        "and cluster APIs from new networks and without a second factor.",
        "The entry has to exist. A flaw of the gateway itself comes before any login, so its "
        "patch time and what lies behind it decide.",
    ),
    "T1204.003": Tactic(
        "Watch images that come from a registry which is not yours or have no signature, and "
        "pods that open connections or mine right after their start.",
        "A signed image can hold a bad dependency. Admission says who built it, the scan and the "
        "egress rules deal with what is in it.",
    ),
    "T1212": Tactic(
        "Watch crashes and odd requests at whatever issues or checks credentials (identity "
        "provider, token services, directory), and tokens that no sign-in explains.",
        "Until it is patched the flaw works for whoever knows it; shortened token lifetimes "
        "bound what one use is worth.",
    ),
    "T1539": Tactic(
        "Alert on one session that appears from two networks or devices, and on a session that "
        "goes on after a sign-out or a reset.",
        "A stolen cookie has passed the second factor already. Token binding, short sessions and "
        "revocation at the provider are what helps.",
    ),
    "T1543": Tactic(
        "Log new and changed services, units, daemons and DaemonSets, with the account that made "
        "them and the file that they start; compare with the image or the package.",
        "What was planted before stays through every reboot. Rebuild from the image; a list of "
        "services from the image shows what is extra.",
    ),
    "T1552": Tactic(
        "Plant canary credentials where secrets tend to lie and alert on their use; scan "
        "repositories, images and logs; watch reads of metadata and configuration.",
        "A copy in a clone, a backup or a screenshot is out of reach. Only rotation ends it.",
    ),
    "T1530": Tactic(
        "Turn on data events for the stores that matter, and alert on bulk reads, on anonymous "
        "readers and on principals that never read there.",
        "Who may read may take. Volume limits and the split of stores by purpose are what bound "
        "one credential.",
    ),
    "T1610": Tactic(
        "Read the audit log for workloads that no pipeline created: other user agents, other "
        "registries, privileged or host settings, namespaces in which nothing is deployed.",
        "Whoever may create pods chooses their image and service account. Admission rules bound "
        "that choice and cannot remove it.",
    ),
    "T1611": Tactic(
        "Watch containers for mounts of host paths and the runtime's socket, new kernel modules, "
        "`nsenter` and processes whose namespaces are the host's, by a sensor on the node.",
        "The kernel is shared, so a flaw in it leads out of any container. Code that nobody "
        "trusts gets a sandbox or nodes of its own.",
    ),
    "T1612": Tactic(
        "Watch build calls to the container runtime outside the builders, and images on a node "
        "that no registry knows.",
        "Whoever reaches the runtime's socket can build and start anything there; the socket's "
        "reach is the thing to cut.",
    ),
}


def known(identifier: str) -> Tactic | None:
    """What belongs to a technique; a sub-technique without wording takes that of its parent."""
    return _TECHNIQUES.get(identifier) or _TECHNIQUES.get(identifier.partition(".")[0])
