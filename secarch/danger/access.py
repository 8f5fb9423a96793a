"""The rule about rights: statements, roles and bindings that give everything, or give to
everybody.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Literal

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
)

_EVERYBODY = {"allusers", "allauthenticatedusers", "system:anonymous", "system:unauthenticated"}
_PRIMITIVE = {"roles/owner", "roles/editor"}
_MIGHTY = {
    "iam:passrole",
    "iam:*",
    "sts:assumerole",
    "organizations:*",
    "kms:*",
    "sts:*",
    "secretsmanager:*",
}
"""Actions that lead to everything where the resource is everything."""


class IamWildcard(Rule):
    """A right to everything on everything, or for everybody."""

    kind: Literal["iam_wildcard"] = "iam_wildcard"

    _text: ClassVar[re.Pattern[str]] = re.compile(r"arn:aws:iam::aws:policy/AdministratorAccess\b")
    _github: ClassVar[str] = "token.actions.githubusercontent.com"
    _role_scope: ClassVar[re.Pattern[str]] = re.compile(
        r"^/subscriptions/[^/]+/?$|^/providers/Microsoft\.Management", re.IGNORECASE
    )

    def find(self, code: Code) -> Iterator[Found]:
        """AWS statements, Azure role definitions, Google bindings, Kubernetes roles, and
        commands.
        """
        for node in code.nodes():
            yield from self._statement(node)
            yield from self._kubernetes(node)
        for resource in code.resources:
            yield from self._resource(resource)
        for command in code.commands:
            if self._command(command):
                yield Found(command.text)

    # -- AWS

    def _statement(self, node: Mapping[str, Any]) -> Iterator[Found]:
        given = {str(name).lower().rstrip("s"): value for name, value in node.items()}
        effect = said(given.get("effect")) or (
            "allow" if {"action", "resource"} <= given.keys() else ""
        )
        if effect != "allow":
            return
        wide = not narrows(given.get("condition")) and (
            self._gives_all(given) or self._for_everybody(given)
        )
        if wide or self._for_every_repository(given):
            shown = {name: node[name] for name in list(node)[:8]}
            yield Found(str(shown))

    def _gives_all(self, given: Mapping[str, Any]) -> bool:
        # In the policy of a resource "*" is that resource, and who is meant is said by its
        # principal.
        if "*" not in texts(given.get("resource")) or given.get("principal"):
            return False
        actions = set(texts(given.get("action")))
        return bool(actions & ({"*", "*:*"} | _MIGHTY)) or "notaction" in given

    def _for_everybody(self, given: Mapping[str, Any]) -> bool:
        principal = given.get("principal")
        if isinstance(principal, Mapping) and not isinstance(principal.get("identifiers"), list):
            principal = principal.get("AWS", principal.get("aws"))
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
        body, kind = resource.body, resource.kind
        if kind.startswith("google_") and "storage" not in kind and "bigquery" not in kind:
            members = {*texts(body.get("member")), *texts(body.get("members"))}
            role = said(body.get("role"))
            wide = (
                re.match(r"google_(?:project|folder|organization)_iam", kind) and role in _PRIMITIVE
            )
            if wide or members & _EVERYBODY:
                yield Found(f"{resource.label}: role = {role}, members = {sorted(members)}")
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
        if kind.startswith("aws_iam_") and self._text.search(" ".join(map(str, body.values()))):
            yield Found(f"{resource.label}: AdministratorAccess")

    def _kubernetes(self, node: Mapping[str, Any]) -> Iterator[Found]:
        kind = str(node.get("kind"))
        if kind in {"Role", "ClusterRole"}:
            for rule in items(node.get("rules")):
                if isinstance(rule, Mapping) and all(
                    "*" in texts(rule.get(n)) for n in ("verbs", "resources")
                ):
                    yield Found(f"{kind}: {dict(rule)}")
        if kind in {"RoleBinding", "ClusterRoleBinding"}:
            reference = node.get("roleRef")
            role = said(reference.get("name")) if isinstance(reference, Mapping) else ""
            names = {
                said(s.get("name")) for s in items(node.get("subjects")) if isinstance(s, Mapping)
            }
            wide = role in {"cluster-admin", "admin", "edit"}
            if names & _EVERYBODY or (
                wide and names & {"default", "system:serviceaccounts", "system:authenticated"}
            ):
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
