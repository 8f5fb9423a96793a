"""The rule about workloads: containers with the host's powers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Literal

from secarch.danger import images
from secarch.danger.attributes import attribute_faults
from secarch.danger.rule import Found, Rule
from secarch.danger.tree import PROGRAMS, Code, Command, items, said, texts
from secarch.suite.schema import Severity

_POLICIES = re.compile(
    r"\b(?:ClusterPolicy|ConstraintTemplate|ValidatingAdmissionPolicy|ValidatingPolicy|deny\[|"
    r"violation\[|K8sPSP\w+)"
)
_MIGHTY = frozenset(
    """all sys_admin sys_module sys_ptrace sys_rawio sys_boot sys_time net_admin net_raw bpf
    mac_admin dac_read_search dac_override mknod syslog setfcap""".split()  # noqa: SIM905 - a word list
)
"""Capabilities with which a container can leave itself or read what is not its own."""
_HARMLESS_PATHS = re.compile(
    r"^/(?:var/log(?:/|$)|mnt/|data(?:/|$)|srv/|opt/(?!cni)|tmp(?:/|$)|etc/(?:ssl|pki|localtime|"
    r"machine-id|os-release)|usr/share/|var/lib/(?!kubelet|docker|containerd|etcd))"
)
"""Directories of the host that give no power over it; logs, certificates and data of one program.
"""
_SOCKETS = re.compile(r"/(?:var/)?run/(?:docker|containerd/containerd|crio/crio)\.sock")


class PrivilegedPod(Rule):
    """A container with the host's powers, namespaces, files or socket."""

    kind: Literal["privileged_pod"] = "privileged_pod"

    _flags: ClassVar[frozenset[str]] = frozenset(
        """privileged hostpid hostnetwork hostipc host_pid host_network host_ipc hostprocess
        host_process allowprivilegedcontainer allowhostnetwork allowhostpid allowhostipc
        allowhostdirvolumeplugin""".split()  # noqa: SIM905 - a word list
    )
    _level: ClassVar[str] = "pod-security.kubernetes.io/enforce"

    def find(self, code: Code) -> Iterator[Found]:
        """Kubernetes, Terraform, compose and task definitions; a policy that names these fields is
        not a pod.
        """
        if _POLICIES.search(code.text):
            return
        yield from attribute_faults(code, "container")
        yield from images.root_user(code)
        yield from images.powers_of_images(code)
        for node in code.nodes():
            yield from self._node(node)
        for command in code.commands:
            if self._command(command):
                yield Found(command.text)
        program = code.language in PROGRAMS
        if (program or not code.parsed) and (
            match := re.search(r"\bprivileged\s*[:=]\s*[tT]rue\b", code.text)
        ):
            yield Found(match.group())

    def _node(self, node: Mapping[str, Any]) -> Iterator[Found]:
        for name, value in node.items():
            if str(name).lower() in self._flags and value is True:
                yield Found(f"{name}: true")
            elif name in {"hostPath", "host_path"} and value:
                yield Found(f"{name}: {value}", severity=_weight_of(value))
            elif name == "options" and "--privileged" in said(value).split():
                yield Found(f"options: {value}")
            elif name == self._level and said(value) == "privileged":
                yield Found(f"{name}: privileged")
        yield from _powers(node)
        if "host" in {said(node.get(name)) for name in _NAMESPACES}:
            yield Found("the host's namespace")
        if said(node.get("allowPrivilegeEscalation")) == "true":
            yield Found("allowPrivilegeEscalation: true")
        if said(node.get("procMount") or node.get("proc_mount")) == "unmasked":
            yield Found("procMount: Unmasked")
        yield from _weakened(node)
        yield from images.unconfined(node)
        yield from images.mounts(node)
        if any(_SOCKETS.match(text) for text in texts(node.get("volumes"))):
            yield Found("a volume of the container socket")

    def _command(self, command: Command) -> bool:
        if command.words[0] in {"docker", "podman", "nerdctl"} and {"run", "create"} & set(
            command.words[:3]
        ):
            hosts = any(
                said(command.option(name)) == "host"
                for name in ("--pid", "--network", "--net", "--ipc", "--uts")
            )
            volumes = command.options("-v", "--volume", "--mount")
            mounted = " ".join(volumes)
            roots = bool(_SOCKETS.search(mounted) or re.search(r"(?:^|\s)/:/|source=/,", mounted))
            roots = roots or images.binds(volumes) or images.taken_off(command)
            added = command.options("--cap-add")
            caps = _MIGHTY & {word.lower().removeprefix("cap_") for word in added}
            return command.option("--privileged") is not None or hosts or roots or bool(caps)
        label = f"{self._level}=privileged"
        return command.words[0] == "kubectl" and (
            command.option("--privileged") == "" or label in command.words
        )


_NAMESPACES = ("pid", "network_mode", "pid_mode", "ipc_mode", "PidMode", "IpcMode", "ipc")
_GIVING = ("add", "cap_add", "allowedCapabilities", "allowed_capabilities", "allowedCapabilities")
_COMMON = {"net_bind_service"}
"""A capability that the restricted profile lets a container have."""


def _powers(node: Mapping[str, Any]) -> Iterator[Found]:
    """Capabilities that are added or may be added."""
    given = [name for key in _GIVING for name in texts(node.get(key))]
    added = {name.removeprefix("cap_") for name in given}
    if mighty := (_MIGHTY | {"*"}) & added:
        yield Found(f"capabilities add: {sorted(mighty)}")
    elif other := {name for name in added if name.isidentifier()} & _CAPABILITIES:
        yield Found(f"capabilities add: {sorted(other)}", severity="minor")


_CAPABILITIES = frozenset(
    """audit_control audit_read audit_write block_suspend chown dac_override fowner fsetid ipc_lock
    ipc_owner kill lease linux_immutable mac_override net_broadcast perfmon setgid setpcap setuid
    sys_chroot sys_nice sys_pacct sys_resource sys_tty_config wake_alarm
    checkpoint_restore""".split()  # noqa: SIM905 - a word list
)


def _weakened(node: Mapping[str, Any]) -> Iterator[Found]:
    """What takes a fence away and gives no power by itself: root's number, no filter of calls."""
    for name, bad in _ROOT:
        if said(node.get(name)) == bad:
            yield Found(f"{name}: {bad}", severity="minor")
    for name, value in node.items():
        if _PROFILES.search(str(name)) and said(value) in {"unconfined", "*"}:
            yield Found(f"{name}: {said(value)}", severity="major")
    for name, types in _TYPES:
        for profile in items(node.get(name)):
            if isinstance(profile, Mapping) and said(profile.get("type")) in types:
                yield Found(f"{name}: {said(profile['type'])}", severity="major")


_ROOT = (
    ("runAsUser", "0"),
    ("run_as_user", "0"),
    ("runAsNonRoot", "false"),
    ("run_as_non_root", "false"),
)
_TYPES = (
    *((name, {"unconfined"}) for name in ("seccompProfile", "seccomp_profile")),
    *((name, {"unconfined"}) for name in ("appArmorProfile", "app_armor_profile")),
    *((name, {"spc_t", "super_t"}) for name in ("seLinuxOptions", "se_linux_options")),
)
"""Types of profiles that confine nothing."""
_PROFILES = re.compile(
    r"(?:container\.apparmor\.security|^seccomp\.security\.alpha|container\.seccomp\.security)\b"
)


def _weight_of(host_path: Any) -> Severity:
    """A directory that gives no power over the host weighs less."""
    paths = [said(one.get("path") if isinstance(one, Mapping) else one) for one in items(host_path)]
    harmless = bool(paths) and all(_HARMLESS_PATHS.match(path) for path in paths)
    return "minor" if harmless else "critical"
