"""The rule about rights: statements, roles and bindings that give everything, or give to
everybody.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Literal

from secarch.danger import clusters, federation
from secarch.danger.attributes import attribute_faults
from secarch.danger.rule import Found, Rule
from secarch.danger.tree import (
    PROGRAMS,
    Code,
    Command,
    Resource,
    items,
    narrows,
    said,
    texts,
    walk,
)
from secarch.suite.schema import Severity

_EVERYBODY = {"allusers", "allauthenticatedusers"}
_OWNER = re.compile(
    r"8e3af657-a8ff-443c-a75c-2fe8c4bcb635|18d7d88d-d35e-4fb5-a5c3-7773c20a72d9"
    r"|f58310d9-a9f6-439a-9e8d-f62e7b41a168"
)
_OWNERS = {
    *("owner", "contributor", "user access administrator"),
    "role based access control administrator",
}
"""The built-in roles of Azure that may also grant rights, and by name the one that may all else."""
_PRIMITIVE = {"roles/owner", "roles/editor"}
_ADMINISTRATORS = re.compile(
    r"^roles/(?:owner|editor|\w+(?:\.\w+)*\.admin|\w+\.(?:\w*[aA]dmin)|iam\.serviceAccountUser"
    r"|iam\.serviceAccountTokenCreator|iam\.serviceAccountKeyAdmin)$",
    re.IGNORECASE,
)
_READS = re.compile(
    r"^(?:s3:(?:get)?object\*?|s3:getobject\*?|secretsmanager:getsecretvalue"
    r"|ssm:getparameters?\w*\*?"
    r"|kms:decrypt|dynamodb:scan|redshift:getclustercredentials|rds-db:connect"
    r"|ec2:getpassworddata|sts:getfederationtoken|lambda:updatefunctioncode)$"
)
"""Actions that hand out data or credentials, and so want a narrower resource than everything."""
_CHANGES = re.compile(
    r"^[\w-]+:(?:put|delete|create|update|modify|terminate|attach|detach|write|remove|set|add|run"
    r"|start|stop|send|publish|invoke|tag|restore|reboot|disable)"
)
_ANYWHERE = re.compile(
    r"^(?:logs|xray|cloudwatch|ssmmessages|ec2messages|ssm|sts|ecr|tag|ce|health):"
    r"|^ec2:(?:create|delete|attach|detach|assign|unassign)\w*(?:networkinterface|tags)"
    r"|^ec2:(?:assign|unassign)"
)
"""Changes that take no narrower resource, or that agents of the cloud itself need on everything."""
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
        r"|IAMFullAccess)|\.grant\w*\(\s*(?:new\s+)?(?:\w+\.)?(?:Any|Star)Principal\("
    )
    _role_scope: ClassVar[re.Pattern[str]] = re.compile(
        r"^/subscriptions/[^/]+/?$|^/providers/Microsoft\.Management", re.IGNORECASE
    )

    def find(self, code: Code) -> Iterator[Found]:
        """AWS statements, Azure role definitions, Google bindings, Kubernetes roles, and
        commands.
        """
        yield from attribute_faults(code, "access")
        for node in code.nodes():
            yield from self._statement(node, grants=not code.narrows_an_endpoint)
            yield from clusters.rights(node)
            yield from self._workflow(node)
            if "*" in {said(node.get("assumedBy")), said(node.get("assumed_by"))}:
                yield Found("assumed by everybody")
            if _is_azure_role(node) and "*" in texts(node.get("Actions", node.get("actions"))):
                yield Found("a role of Azure with Actions: *")
            elif _is_azure_role(node) and (grants := _raising(node)):
                yield Found(f"a role of Azure with {grants[0]}", severity="major")
            yield from clusters.flags(node, clusters.ACCESS)
            yield from clusters.kubelet(node)
            yield from clusters.everything(node)
        for tree in code.documents:
            yield from _bindings(tree)
        yield from federation.without_condition(code)
        for resource in code.resources:
            yield from self._resource(resource)
        if code.language in PROGRAMS and (named := self._text.search(code.text)):
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
        whole = "action" in given and {"resource", "principal"} & given.keys()
        effect = said(given.get("effect")) or ("allow" if whole else "")
        if effect != "allow":
            return
        wide = not narrows(given.get("condition")) and (
            self._gives_all(given) or (grants and self._for_everybody(given))
        )
        shown = str({name: node[name] for name in list(node)[:8]})
        if wide or federation.for_every_repository(given):
            yield Found(shown)
        elif _is_everything_for_one(given):
            yield Found(shown, severity="major" if _is_for_a_service(given) else "minor")
        elif severity := _gives_a_service(given):
            yield Found(shown, severity=severity)
        elif grants and _names_no_resource(given):
            yield Found(shown, severity="major")

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
        wide = [fnmatch.translate(one) for one in actions if one.endswith("*")]
        led = any(re.match(one, mighty) for one in wide for mighty in _MIGHTY)
        return bool(actions & _MIGHTY) or led or "notaction" in given

    def _for_everybody(self, given: Mapping[str, Any]) -> bool:
        principal = given.get("principal")
        if isinstance(principal, Mapping) and not isinstance(principal.get("identifiers"), list):
            principal = [
                v
                for name, value in principal.items()
                if str(name).lower() in {"aws", "service", "type", "federated"}
                for v in items(value)
            ]
        if principal is None and ("notprincipal" in given or "not_principal" in given):
            return True
        found = items(principal)
        listed = [v for p in found if isinstance(p, Mapping) for v in texts(p.get("identifiers"))]
        return "*" in [*texts([p for p in found if not isinstance(p, Mapping)]), *listed]

    # -- the other clouds

    def _resource(self, resource: Resource) -> Iterator[Found]:
        yield from _google(resource)
        yield from self._azure(resource)
        yield from self._terraformed(resource)
        body = resource.body
        named = resource.kind == "data.aws_iam_policy"
        administrator = (named and said(body.get("name")) == "administratoraccess") or (
            "Serverless" in resource.kind and "administratoraccess" in texts(body.get("policies"))
        )
        if resource.kind in {"aws_lambda_permission", "AWS::Lambda::Permission"}:
            yield from _invoked_by_everybody(resource)
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
            elif grants := [a for a in actions if _RAISES.match(a)]:
                yield Found(f"{resource.label}: actions = {grants}", severity="major")
        assigned = str(body.get("role_definition_id", "")).lower()
        if "roleassignment" in kind.lower().replace("_", "") and _OWNER.search(assigned):
            yield Found(f"{resource.label}: a built-in role that grants roles", severity="major")
        if kind == "azurerm_role_assignment" and said(body.get("role_definition_name")) in _OWNERS:
            scope = str(body.get("scope", ""))
            if self._role_scope.match(scope) or re.fullmatch(
                r"data\.azurerm_subscription\.\w+\.id", scope
            ):
                yield Found(f"{resource.label}: {said(body['role_definition_name'])} of {scope}")

    def _terraformed(self, resource: Resource) -> Iterator[Found]:
        """Kubernetes roles and bindings as Terraform writes them."""
        body, kind = resource.body, resource.kind
        if re.match(r"kubernetes_(?:cluster_)?role(?:_v1)?$", kind):
            yield from clusters.rights({"rules": items(body.get("rule")), "kind": "ClusterRole"})
        if re.match(r"kubernetes_(?:cluster_)?role_binding(?:_v1)?$", kind):
            reference = (items(body.get("role_ref")) or [{}])[0]
            given = {"roleRef": reference, "subjects": items(body.get("subject"))}
            yield from clusters.rights({**given, "kind": "ClusterRoleBinding"})

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
            given = {name: command.option(f"--{name}") or "" for name in ("role", "member")}
            hierarchy = {"projects", "organizations", "folders"} & set(command.words)
            kind = "google_project_iam" if hierarchy else "google_iam"
            found = list(_granted(kind, "", given)) if "storage" not in command.words else []
            mighty = said(given["role"]).startswith("roles/iam.serviceaccount")
            return any(
                one.severity != "minor" and (mighty or one.severity != "major") for one in found
            )
        if command.starts("az", "role", "assignment", "create") or command.starts(
            "az", "ad", "sp", "create-for-rbac"
        ):
            scope = command.option("--scope", "--scopes") or ""
            owner = " ".join(command.options("--role")).lower() in _OWNERS
            return owner and bool(self._role_scope.match(scope) or scope == "/")
        return bool(
            command.words[:1] == ("kubectl",)
            and "clusterrolebinding" in command.words
            and command.option("--clusterrole") == "cluster-admin"
        )


_NAMED_BY_ARN = re.compile(r"(?:s3|iam|ec2|sts|dynamodb|rds|organizations):\*")
"""Services whose policies never mean the resource that carries them by "*"."""


def _names_no_resource(given: Mapping[str, Any]) -> bool:
    """All of such a service for a principal, in what only looks like a resource's policy."""
    wide = "*" in texts(given.get("resource")) and not narrows(given.get("condition"))
    return wide and any(map(_NAMED_BY_ARN.fullmatch, texts(given.get("action"))))


_RAISES = re.compile(
    r"microsoft\.authorization/(?:\*|(?:roleassignments|roledefinitions)/(?:\*|write))"
    r"(?:/(?:\*|write))?$",
    re.IGNORECASE,
)
"""A right of Azure to give oneself any other."""


def _raising(node: Mapping[str, Any]) -> list[str]:
    return [a for a in texts(node.get("Actions", node.get("actions"))) if _RAISES.match(a)]


def _is_azure_role(node: Mapping[str, Any]) -> bool:
    """Whether a table is a definition as `az role definition create` takes it, or its rights."""
    names = {str(name).lower() for name in node}
    return "actions" in names and bool(names & {"assignablescopes", "notactions", "dataactions"})


def _gives_a_service(given: Mapping[str, Any]) -> Severity | None:
    """All of one service on every resource is major; what hands out data, or changes, is minor."""
    if given.get("principal") or narrows(given.get("condition")):
        return None
    if "*" not in texts(given.get("resource")):
        return None
    actions = [one for one in texts(given.get("action")) if not _ANYWHERE.match(one)]
    if any(action.endswith(":*") for action in actions):
        return "major"
    reads = any(_READS.match(one) for one in texts(given.get("action")))
    return "minor" if reads or any(map(_CHANGES.match, actions)) else None


def _is_everything_for_one(given: Mapping[str, Any]) -> bool:
    """Every action on a resource, for somebody who is named."""
    return bool(given.get("principal")) and "*" in texts(given.get("action"))


def _is_for_a_service(given: Mapping[str, Any]) -> bool:
    principal = given.get("principal")
    return isinstance(principal, Mapping) and "service" in {str(name).lower() for name in principal}


def _is_robot(member: str) -> bool:
    return "serviceaccount" in member


def _weight(role: str, members: set[str]) -> Severity:
    """Editor for a person who is named is wide, and no more than that."""
    named = bool(members) and all(member.startswith("user:") for member in members)
    return "minor" if named and role == "roles/editor" else "critical"


def _google(resource: Resource) -> Iterator[Found]:
    kind = resource.kind.removeprefix("data.")
    if not kind.startswith("google_") or re.search(r"storage|bigquery|_cli$", kind):
        return
    nested = [one for one in items(resource.body.get("binding")) if isinstance(one, Mapping)]
    for body in [resource.body, *nested]:
        yield from _granted(kind, resource.label, body)
    for account in items(resource.body.get("service_account")):
        email = said(account.get("email")) if isinstance(account, Mapping) else ""
        if _DEFAULT_ACCOUNT.search(email) and any(
            scope.endswith("cloud-platform") for scope in texts(account.get("scopes"))
        ):
            yield Found(f"{resource.label}: {email} with every scope", severity="minor")


def _granted(kind: str, label: str, body: Mapping[str, Any]) -> Iterator[Found]:
    members = {*texts(body.get("member")), *texts(body.get("members"))}
    role = said(body.get("role"))
    project = re.match(r"google_(?:project|folder|organization)_iam", kind)
    shown = f"{label}: role = {role}, members = {sorted(members)}"
    administers = role.startswith("roles/iam.serviceaccount") or any(map(_is_robot, members))
    if members & _EVERYBODY:
        yield Found(shown)
    elif project and role in _PRIMITIVE:
        yield Found(shown, severity=_weight(role, members))
    elif project and _ADMINISTRATORS.match(role) and administers:
        yield Found(shown, severity="major")
    elif project and any(map(_DEFAULT_ACCOUNT.search, members)):
        yield Found(shown, severity="minor")


_DEFAULT_ACCOUNT = re.compile(r"-compute@developer\.gserviceaccount|@appspot\.gserviceaccount")
"""Accounts that every workload of a project has unless it is given another."""


def _bindings(tree: Any) -> Iterator[Found]:
    """Everybody among the members of a Google policy document."""
    for node in walk(tree):
        members = {*texts(node.get("members")), *texts(node.get("member"))}
        if isinstance(node.get("role"), str) and members & _EVERYBODY:
            yield Found(f"role = {node['role']}, members = {sorted(members)}")


def _invoked_by_everybody(resource: Resource) -> Iterator[Found]:
    narrowed = ("source_arn", "source_account", "principal_org_id", "function_url_auth_type")
    everybody = said(resource.body.get("principal")) == "*"
    if everybody and not any(name in resource.body for name in narrowed):
        yield Found(f"{resource.label}: principal = *")
