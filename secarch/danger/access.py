"""The rule about rights: statements, roles and bindings that give everything, or give to
everybody.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Literal

from secarch.danger import clusters
from secarch.danger.rule import Found, Rule
from secarch.danger.tree import (
    Code,
    Command,
    Resource,
    conditions,
    items,
    narrows,
    said,
    texts,
    walk,
)
from secarch.suite.schema import Severity

_EVERYBODY = {"allusers", "allauthenticatedusers", "system:anonymous", "system:unauthenticated"}
_PRIMITIVE = {"roles/owner", "roles/editor"}
_ADMINISTRATORS = re.compile(
    r"^roles/(?:owner|editor|\w+(?:\.\w+)*\.admin|\w+\.(?:\w*[aA]dmin)|iam\.serviceAccountUser"
    r"|iam\.serviceAccountTokenCreator|iam\.serviceAccountKeyAdmin)$",
    re.IGNORECASE,
)
_READS = re.compile(
    r"^(?:s3:(?:get)?object\*?|s3:getobject\*?|secretsmanager:getsecretvalue|ssm:getparameters?\w*\*?"
    r"|kms:decrypt|dynamodb:scan|redshift:getclustercredentials|rds-db:connect"
    r"|ec2:getpassworddata|sts:getfederationtoken|lambda:updatefunctioncode)$"
)
"""Actions that hand out data or credentials, and so want a narrower resource than everything."""
_PROGRAMS = {"typescript", "ts", "tsx", "javascript", "js", "python", "py", "python3"}
_ESCALATES = {"escalate", "bind", "impersonate"}
_WRITES = {"*", "create", "update", "patch", "delete", "deletecollection"}
_GRANTING = {
    "certificatesigningrequests/approval",
    "mutatingwebhookconfigurations",
    "validatingwebhookconfigurations",
}
_MIGHTY = {
    "iam:passrole",
    "iam:*",
    "sts:assumerole",
    "organizations:*",
    "kms:*",
    "sts:*",
    "secretsmanager:*",
    "iam:createaccesskey",
    "iam:createloginprofile",
    "iam:updateloginprofile",
    "iam:attachuserpolicy",
    "iam:attachrolepolicy",
    "iam:attachgrouppolicy",
    "iam:putuserpolicy",
    "iam:putrolepolicy",
    "iam:putgrouppolicy",
    "iam:createpolicyversion",
    "iam:setdefaultpolicyversion",
    "iam:updateassumerolepolicy",
    "iam:addusertogroup",
}
"""Actions that lead to everything where the resource is everything."""


class IamWildcard(Rule):
    """A right to everything on everything, or for everybody."""

    kind: Literal["iam_wildcard"] = "iam_wildcard"

    _text: ClassVar[re.Pattern[str]] = re.compile(
        r"\barn:aws[\w-]*:iam::aws:policy/(?:AdministratorAccess|IAMFullAccess)\b"
        r"|(?:fromAwsManagedPolicyName|from_aws_managed_policy_name)\(\s*[\"'](?:AdministratorAccess"
        r"|IAMFullAccess)"
    )
    _github: ClassVar[str] = "token.actions.githubusercontent.com"
    _role_scope: ClassVar[re.Pattern[str]] = re.compile(
        r"^/subscriptions/[^/]+/?$|^/providers/Microsoft\.Management", re.IGNORECASE
    )

    def find(self, code: Code) -> Iterator[Found]:
        """AWS statements, Azure role definitions, Google bindings, Kubernetes roles, and
        commands.
        """
        for node in code.nodes():
            yield from self._statement(node, grants=not code.narrows_an_endpoint)
            yield from self._kubernetes(node)
            yield from self._workflow(node)
            yield from clusters.flags(node, clusters.ACCESS)
        for tree in code.documents:
            yield from _bindings(tree)
        for resource in code.resources:
            yield from self._resource(resource)
        if code.language in _PROGRAMS and (named := self._text.search(code.text)):
            yield Found(named.group())
        for command in code.commands:
            if self._command(command):
                yield Found(command.text)

    # -- AWS

    def _workflow(self, node: Mapping[str, Any]) -> Iterator[Found]:
        """A workflow whose token may write everything."""
        if said(node.get("permissions")) == "write-all":
            yield Found("permissions: write-all", severity="major")

    def _statement(self, node: Mapping[str, Any], *, grants: bool) -> Iterator[Found]:
        given = {str(name).lower().rstrip("s"): value for name, value in node.items()}
        effect = said(given.get("effect")) or (
            "allow" if {"action", "resource"} <= given.keys() else ""
        )
        if effect != "allow":
            return
        wide = not narrows(given.get("condition")) and (
            self._gives_all(given) or (grants and self._for_everybody(given))
        )
        if not wide and self._gives_a_service(given):
            yield Found(str({name: node[name] for name in list(node)[:8]}), severity="minor")
        if wide or self._for_every_repository(given):
            shown = {name: node[name] for name in list(node)[:8]}
            yield Found(str(shown))

    def _gives_all(self, given: Mapping[str, Any]) -> bool:
        # In the policy of a resource "*" is that resource, and who is meant is said by its
        # principal.
        if given.get("principal"):
            return False
        actions = set(texts(given.get("action")))
        if actions & {"*", "*:*"}:
            return True
        if "*" not in texts(given.get("resource")):
            return False
        return bool(actions & _MIGHTY) or "notaction" in given

    def _gives_a_service(self, given: Mapping[str, Any]) -> bool:
        """All of one service, or what hands out data and credentials, on every resource."""
        if given.get("principal") or narrows(given.get("condition")):
            return False
        actions = texts(given.get("action"))
        wide = any(a.endswith(":*") for a in actions) or any(_READS.match(a) for a in actions)
        return wide and "*" in texts(given.get("resource"))

    def _for_everybody(self, given: Mapping[str, Any]) -> bool:
        principal = given.get("principal")
        if isinstance(principal, Mapping) and not isinstance(principal.get("identifiers"), list):
            principal = [
                v
                for name, value in principal.items()
                if str(name).lower() in {"aws", "service", "type", "federated"}
                for v in items(value)
            ]
        found = items(principal)
        listed = [v for p in found if isinstance(p, Mapping) for v in texts(p.get("identifiers"))]
        return "*" in [*texts([p for p in found if not isinstance(p, Mapping)]), *listed]

    def _for_every_repository(self, given: Mapping[str, Any]) -> bool:
        """Trust in GitHub's tokens that does not say whose."""
        if "sts:assumerolewithwebidentity" not in texts(given.get("action")):
            return False
        found = [
            one for one in conditions(given.get("condition")) if one[1].startswith(self._github)
        ]
        subjects = [
            v
            for operator, key, values in found
            for v in texts(values)
            if key.endswith(":sub") and "like" in operator
        ]
        somebody = any(key.endswith(":sub") for _, key, _ in conditions(given.get("condition")))
        only_audience = not somebody and {key for _, key, _ in found} == {f"{self._github}:aud"}
        return only_audience or any(
            re.fullmatch(r"\*|repo:\*(?:/\*)?(?::.*)?", subject) for subject in subjects
        )

    # -- the other clouds

    def _resource(self, resource: Resource) -> Iterator[Found]:
        yield from _google(resource)
        yield from self._azure(resource)
        yield from self._terraformed(resource)
        body = resource.body
        named = resource.kind == "data.aws_iam_policy"
        administrator = named and said(body.get("name")) == "administratoraccess"
        if administrator or self._text.search(" ".join(map(str, body.values()))):
            yield Found(f"{resource.label}: AdministratorAccess")

    def _azure(self, resource: Resource) -> Iterator[Found]:
        body, kind = resource.body, resource.kind
        if kind == "azurerm_role_definition":
            actions = [
                a
                for p in items(body.get("permissions"))
                if isinstance(p, Mapping)
                for a in texts(p.get("actions"))
            ]
            if "*" in actions:
                yield Found(f"{resource.label}: actions = {actions}")
        if kind == "azurerm_role_assignment" and said(body.get("role_definition_name")) in {
            "owner",
            "contributor",
        }:
            scope = str(body.get("scope", ""))
            if self._role_scope.match(scope) or re.fullmatch(
                r"data\.azurerm_subscription\.\w+\.id", scope
            ):
                yield Found(f"{resource.label}: {said(body['role_definition_name'])} of {scope}")

    def _terraformed(self, resource: Resource) -> Iterator[Found]:
        """Kubernetes roles and bindings as Terraform writes them."""
        body, kind = resource.body, resource.kind
        if re.match(r"kubernetes_(?:cluster_)?role(?:_v1)?$", kind):
            yield from self._kubernetes({"rules": items(body.get("rule")), "kind": "ClusterRole"})
        if re.match(r"kubernetes_(?:cluster_)?role_binding(?:_v1)?$", kind):
            reference = (items(body.get("role_ref")) or [{}])[0]
            given = {"roleRef": reference, "subjects": items(body.get("subject"))}
            yield from self._kubernetes({**given, "kind": "ClusterRoleBinding"})

    def _kubernetes(self, node: Mapping[str, Any]) -> Iterator[Found]:
        kind = str(node.get("kind"))
        if kind in {"Role", "ClusterRole"}:
            for rule in items(node.get("rules")):
                if isinstance(rule, Mapping) and (severity := _wide(rule)):
                    yield Found(f"{kind}: {dict(rule)}", severity=severity)
        if kind in {"RoleBinding", "ClusterRoleBinding"}:
            reference = node.get("roleRef")
            role = said(reference.get("name")) if isinstance(reference, Mapping) else ""
            names = {
                said(s.get("name")) for s in items(node.get("subjects")) if isinstance(s, Mapping)
            }
            wide = role in {"cluster-admin", "admin", "edit"}
            subjects = [s for s in items(node.get("subjects")) if isinstance(s, Mapping)]
            robots = any(said(s.get("kind")) == "serviceaccount" for s in subjects)
            everywhere = role == "cluster-admin" and kind == "ClusterRoleBinding"
            anybody = names & {"default", "system:serviceaccounts", "system:authenticated"}
            if (everywhere and robots) or names & _EVERYBODY or (wide and anybody):
                yield Found(f"{kind}: {role} for {sorted(names)}")

    def _command(self, command: Command) -> bool:
        text = command.text
        if command.words[:2] == ("aws", "iam") and self._text.search(text) and "attach-" in text:
            return True
        if command.starts("aws", "lambda", "add-permission"):
            narrowed = command.options(
                "--principal-org-id", "--source-account", "--source-arn", "--function-url-auth-type"
            )
            return command.option("--principal") == "*" and not narrowed
        if command.words[:1] == ("gcloud",) and "add-iam-policy-binding" in text:
            wide = said(command.option("--role")) in _PRIMITIVE and "projects" in command.words
            outside = "storage" not in command.words
            return wide or (outside and said(command.option("--member")) in _EVERYBODY)
        if command.starts("az", "role", "assignment", "create"):
            scope = command.option("--scope", "--scopes") or ""
            owner = said(command.option("--role")) in {"owner", "contributor"}
            return owner and bool(self._role_scope.match(scope) or scope == "/")
        return bool(
            command.words[:1] == ("kubectl",)
            and "clusterrolebinding" in command.words
            and command.option("--clusterrole") == "cluster-admin"
        )


def _wide(rule: Mapping[str, Any]) -> Severity | None:
    """How much a Kubernetes rule gives too much: everything, a whole side of it, or a way to it."""
    verbs, resources = set(texts(rule.get("verbs"))), set(texts(rule.get("resources")))
    if "*" in resources and verbs & _WRITES:
        return "critical"
    if "*" in resources or "*" in verbs or verbs & _ESCALATES:
        return "major"
    return "major" if resources & _GRANTING and verbs & _WRITES else None


def _is_robot(member: str) -> bool:
    return "serviceaccount" in member


def _weight(role: str, members: set[str]) -> Severity:
    """Editor for a person who is named is wide, and no more than that."""
    named = bool(members) and all(member.startswith("user:") for member in members)
    return "minor" if named and role == "roles/editor" else "critical"


def _google(resource: Resource) -> Iterator[Found]:
    body, kind = resource.body, resource.kind
    if not kind.startswith("google_") or re.search(r"storage|bigquery|_cli$", kind):
        return
    members = {*texts(body.get("member")), *texts(body.get("members"))}
    role = said(body.get("role"))
    project = re.match(r"google_(?:project|folder|organization)_iam", kind)
    shown = f"{resource.label}: role = {role}, members = {sorted(members)}"
    if members & _EVERYBODY:
        yield Found(shown)
    elif project and role in _PRIMITIVE:
        yield Found(shown, severity=_weight(role, members))
    elif (
        project
        and _ADMINISTRATORS.match(role)
        and (role.startswith("roles/iam.serviceaccount") or any(map(_is_robot, members)))
    ):
        yield Found(shown, severity="major")


def _bindings(tree: Any) -> Iterator[Found]:
    """Everybody among the members of a Google policy document."""
    for node in walk(tree):
        members = {*texts(node.get("members")), *texts(node.get("member"))}
        if isinstance(node.get("role"), str) and members & _EVERYBODY:
            yield Found(f"role = {node['role']}, members = {sorted(members)}")
