"""The path out of a container that several of its faults make together, as one text."""

from __future__ import annotations

import re
from collections.abc import Sequence

from secarch.dedupe.examples.constructed.planted import Planted
from secarch.dedupe.examples.constructed.scene import Scene
from secarch.dedupe.examples.constructed.voice import listed

_ROOT = {
    "runs_as_root": "runs as root, which the setting of the user does not prevent",
    "escalation_allowed": (
        "becomes root by a setuid program of the image, since escalation is allowed"
    ),
    "privileged_container": (
        "becomes root by a setuid program of the image, since nothing bars it when privileged"
    ),
}
"""Kinds by which code in the container gets user ID 0, the one that asks less first."""
_CUT = {
    "runs_as_root": "Set the user first, since without root most of this fails",
    "escalation_allowed": "Forbid escalation first, since without root most of this fails",
    "privileged_container": "Take the privileges away first, since they open the devices",
}
"""What closes the way to user ID 0."""
_PRIVILEGED = "mounts the disk of the node out of `/dev`, being privileged"
_LOOPBACK = "speaks to what trusts the node's loopback address"
"""The way that takes no root."""
_OUT = (
    ("privileged_container", "", _PRIVILEGED),
    (
        "host_mount",
        r"(?:docker|containerd)\.sock",
        "asks the socket of the runtime for a container with the node's disk in it",
    ),
    ("host_mount", r"/var/log", "plants a link below `/var/log` that the kubelet follows as root"),
    ("host_mount", r"/var/lib/kubelet", "takes the tokens of every pod out of `/var/lib/kubelet`"),
    ("host_mount", r"/etc/kubernetes", "uses the node's credentials in `/etc/kubernetes`"),
    ("host_mount", r"", "writes to the files of the node through the mount"),
    ("added_capability", "SYS_ADMIN", "mounts with `SYS_ADMIN` what isolation hides"),
    ("host_namespace", r"(?i)pid", "reads the environment of every process of the node"),
    ("host_namespace", r"(?i)net", _LOOPBACK),
    ("host_namespace", r"(?i)ipc", "attaches to the shared memory of the node's processes"),
)
"""Kind, pattern on its lines, and what root in the container does with it; the first that fits."""
_PAIRS = (
    (r"(?i)pid", "SYS_PTRACE", "attaches with `SYS_PTRACE` to processes of the node itself"),
    (
        r"(?i)net",
        "NET_ADMIN",
        "rewrites with `NET_ADMIN` the routes and filters of the node itself",
    ),
)
"""A shared namespace and a capability that reach the node only with each other."""
MOST_WAYS = 3
"""Ways out that are told of one container."""


def path(scene: Scene) -> str:
    """How the faults of one container join: entry, root, the way out; '' if they do not."""
    for component in scene.components:
        ones = [one for one in scene.planted if one.component is component]
        root = _first(ones, _ROOT)
        ways = _ways(ones)
        pushed = any(one.kind == "image_tag_mutable" for one in ones)
        if ways and (root or pushed or len(ways) > 1):
            return _told(scene, root, ways[:MOST_WAYS], pushed=pushed)
    return ""


def _first(ones: Sequence[Planted], wanted: dict[str, str]) -> str:
    there = {one.kind for one in ones}
    return next((kind for kind in wanted if kind in there), "")


def _ways(ones: Sequence[Planted]) -> list[str]:
    """What root in the container can do, each way once."""
    shown = {one.kind: "\n".join(one.evidence) for one in ones}
    namespace, added = shown.get("host_namespace", ""), shown.get("added_capability", "")
    pairs = [
        text
        for space, capability, text in _PAIRS
        if namespace and re.search(space, namespace) and capability in added
    ]
    told = list(pairs)
    for kind in dict.fromkeys(kind for kind, _, _ in _OUT):
        if kind in shown and not (pairs and kind == "host_namespace"):
            told += [
                text for one, lines, text in _OUT if one == kind and re.search(lines, shown[kind])
            ][:1]
    return told


def _told(scene: Scene, root: str, ways: Sequence[str], *, pushed: bool) -> str:
    entry = f"Code gets into {scene.workload.name} by a flaw"
    if pushed:
        entry += ", or by an image that somebody pushed under the moving tag,"
    rooted = [way for way in ways if way != _LOOPBACK]
    if root:
        first = "privileged_container" if _PRIVILEGED in ways else root
        cut = f" {_CUT[first]}." if rooted else ""
        return f"{entry} and {_ROOT[root]}. As root it {listed(ways)}.{cut}"
    later = f" As soon as something makes it root, it {listed(rooted)}." if rooted else ""
    if _LOOPBACK in ways:
        return f"{entry} and {_LOOPBACK}, as a plain user already.{later}"
    return f"{entry} and is refused most of it as a plain user.{later}"
