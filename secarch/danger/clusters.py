"""A cluster's roles and bindings, and flags of its own programs (API server, kubelet, etcd), that
give too much or let everybody in.

Sources: the Kubernetes documentation on RBAC good practices, the CIS Kubernetes Benchmark,
sections 1.2, 1.3, 2 and 4.2, and the programs' manuals.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from secarch.danger.rule import Found
from secarch.danger.tree import items, said, texts
from secarch.suite.schema import Severity

_EVERYBODY = {"system:anonymous", "system:unauthenticated", "allusers", "allauthenticatedusers"}
_ANYBODY = {"default", "system:serviceaccounts", "system:authenticated"}
_ESCALATES = {"escalate", "bind", "impersonate"}
_WRITES = {"*", "create", "update", "patch", "delete", "deletecollection"}
_GRANTING = {
    "certificatesigningrequests/approval",
    "mutatingwebhookconfigurations",
    "validatingwebhookconfigurations",
    "nodes/proxy",
}
"""Resources through which one who may write them gets every right."""
_BINDINGS = {"roles", "clusterroles", "rolebindings", "clusterrolebindings"}
_INTO_PODS = {"pods/exec", "pods/attach", "pods/portforward", "pods/ephemeralcontainers"}

ACCESS = re.compile(
    r"--anonymous-auth=true|--authorization-mode=\S*alwaysallow|--(?:token|basic)-auth-file=\S+"
    r"|--insecure-(?:port=[1-9]\d*|bind-address=\S+)|--read-only-port=[1-9]\d*"
    r"|--enable-admission-plugins=\S*alwaysadmit|--service-account-lookup=false"
)
"""Who is let in without being known."""
TRANSPORT = re.compile(
    r"--kubelet-https=false|--(?:peer-)?client-cert-auth=false|--(?:peer-)?auto-tls=true"
    r"|--tls-min-version=(?:versiontls10|versiontls11)"
)
"""What is sent in plain text, or to a peer that nobody knows."""
_PROGRAMS = re.compile(
    r"\b(?:kube-?apiserver|kube-controller-manager|kube-scheduler|kubelet|etcd|hyperkube)\b"
)


def flags(node: Mapping[str, Any], pattern: re.Pattern[str]) -> Iterator[Found]:
    """Flags of that sort in a container's command and arguments."""
    given = [*texts(node.get("command")), *texts(node.get("args"))]
    if not any(_PROGRAMS.search(text) for text in given) and not _PROGRAMS.search(
        said(node.get("name"))
    ):
        return
    for text in given:
        if found := pattern.search(text):
            yield Found(found[0])


def rights(node: Mapping[str, Any]) -> Iterator[Found]:
    """Rules that give everything or a way to it, and bindings of the mightiest roles."""
    kind = str(node.get("kind"))
    if kind in {"Role", "ClusterRole"}:
        for rule in items(node.get("rules")):
            if isinstance(rule, Mapping) and (severity := _wide(rule, kind)):
                yield Found(f"{kind}: {dict(rule)}", severity=severity)
    elif "kind" not in node:
        for rule in items(node.get("rules")):
            if isinstance(rule, Mapping) and "verbs" in rule and _wide(rule, kind) == "critical":
                yield Found(f"rules: {dict(rule)}")
    if kind in {"RoleBinding", "ClusterRoleBinding"}:
        yield from _binding(kind, node)


def _binding(kind: str, node: Mapping[str, Any]) -> Iterator[Found]:
    reference = node.get("roleRef")
    role = said(reference.get("name")) if isinstance(reference, Mapping) else ""
    subjects = [s for s in items(node.get("subjects")) if isinstance(s, Mapping)]
    names = {said(s.get("name")) for s in subjects}
    sorts = {said(s.get("kind")) for s in subjects}
    shown = f"{kind}: {role} for {sorted(names)}"
    wide = role in {"cluster-admin", "admin", "edit"}
    everywhere = role == "cluster-admin" and kind == "ClusterRoleBinding"
    robots = "serviceaccount" in sorts
    if (everywhere and robots) or names & _EVERYBODY or (wide and names & _ANYBODY):
        yield Found(shown)
    elif everywhere and "user" in sorts:
        yield Found(shown, severity="major")
    elif role == "cluster-admin":
        yield Found(shown, severity="major" if robots else "minor")


def _wide(rule: Mapping[str, Any], kind: str) -> Severity | None:
    """How much a rule gives too much: everything, a whole side of it, or a way to it."""
    verbs, resources = set(texts(rule.get("verbs"))), set(texts(rule.get("resources")))
    if "*" in resources and verbs & _WRITES:
        return "critical"
    if "*" in resources or "*" in verbs or verbs & _ESCALATES:
        return "major"
    if resources & _GRANTING and verbs & _WRITES:
        return "major"
    reads = bool(verbs & {"get", "list", "watch"}) and kind == "ClusterRole"
    groups = texts(rule.get("apiGroups")) + texts(rule.get("api_groups"))
    named = bool(texts(rule.get("resourceNames")) or texts(rule.get("resource_names")))
    enters = bool(resources & _INTO_PODS and verbs & {"create", "get"})
    grants = bool(resources & _BINDINGS and verbs & _WRITES)
    if grants or "*" in groups or ("secrets" in resources and reads and not named) or enters:
        return "minor"
    return "minor" if "approve" in verbs and "signers" in resources else None


def kubelet(node: Mapping[str, Any]) -> Iterator[Found]:
    """A kubelet's configuration file that asks nobody who they are."""
    if node.get("kind") != "KubeletConfiguration":
        return
    authentication, authorization = node.get("authentication"), node.get("authorization")
    anonymous = authentication.get("anonymous") if isinstance(authentication, Mapping) else None
    if isinstance(anonymous, Mapping) and said(anonymous.get("enabled")) == "true":
        yield Found("KubeletConfiguration: authentication.anonymous.enabled = true")
    if isinstance(authorization, Mapping) and said(authorization.get("mode")) == "alwaysallow":
        yield Found("KubeletConfiguration: authorization.mode = AlwaysAllow")
    if said(node.get("readOnlyPort")) not in {"", "0"}:
        yield Found(f"KubeletConfiguration: readOnlyPort = {said(node['readOnlyPort'])}")


def everything(node: Mapping[str, Any]) -> Iterator[Found]:
    """What other programs of a cluster allow to everybody or everywhere: Istio's and Argo CD's
    rules, roles that a chart's values name.
    """
    kind, spec = str(node.get("kind")), node.get("spec")
    given = spec if isinstance(spec, Mapping) else {}
    allows = said(given.get("action")) in {"", "allow"}
    if kind == "AuthorizationPolicy" and allows and {} in items(given.get("rules")):
        yield Found("AuthorizationPolicy: a rule without a condition", severity="major")
    if kind == "AppProject":
        wide = [_stars(one) for one in items(given.get("clusterResourceWhitelist"))]
        places = [_stars(one) for one in items(given.get("destinations"))]
        if any(wide) and any(places):
            yield Found("AppProject: every resource in every cluster", severity="major")
    for name, value in node.items():
        if _ROLES.fullmatch(str(name)) and said(value) in {"cluster-admin", "role:admin"}:
            yield Found(f"{name}: {said(value)}", severity="major")


_ROLES = re.compile(r"cluster_?role(?:_?name)?|policy\.default", re.IGNORECASE)
"""Values of charts that name a role: for the program's own account, for whoever logs in."""


def _stars(one: Any) -> bool:
    return isinstance(one, Mapping) and bool(one) and set(map(said, one.values())) == {"*"}
