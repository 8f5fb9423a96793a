"""Python: calls of boto3 that make or change what Terraform has a resource for, and their literal
arguments.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Mapping
from typing import Any

from secarch.danger.documents import renamed
from secarch.danger.names import terraformed
from secarch.danger.tree import Parts, Resource, Unknown, items, snaked

MAX_SOURCE = 100_000
"""Characters that are parsed."""
_MAKES = {
    "create_db_instance": ("aws_db_instance", "AllocatedStorage"),
    "create_volume": ("aws_ebs_volume", "AvailabilityZone"),
    "run_instances": ("aws_instance", "MaxCount"),
    "create_instances": ("aws_instance", "MaxCount"),
    "create_launch_template": ("aws_launch_template", "LaunchTemplateData"),
}
"""Calls with the same defaults as the resource, and an argument that tells them from other
services' of that name.
"""
_CHANGES = {
    "modify_db_instance": "aws_db_instance",
    "modify_instance_metadata_options": "aws_instance",
    "authorize_security_group_ingress": "aws_security_group",
    "authorize_ingress": "aws_security_group",
    "modify_snapshot_attribute": "aws_snapshot_create_volume_permission",
    "modify_image_attribute": "aws_ami_launch_permission",
}
"""Calls that set single values: nothing follows from what they leave out."""


def read(text: str) -> Parts:
    """The calls of a module whose names are known; text that is not Python has none."""
    found = Parts()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)
            tree = ast.parse(text[:MAX_SOURCE])
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        found.fail("python", error)
        return found
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict) and "Statement" in (table := _value(node)):
            found.documents.append(table)
        if isinstance(node, ast.Call) and (made := _construct(node)):
            found.resources.append(made)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            name = node.func.attr
            given = {word.arg for word in node.keywords}
            makes, telling = _MAKES.get(name, ("", ""))
            kind = makes if telling in given else _CHANGES.get(name)
            if kind:
                partial = name in _CHANGES or None in given
                found.resources.append(Resource(kind, name, _body(node), partial=partial))
    return found


def _construct(call: ast.Call) -> Resource | None:
    """What CDK and Pulumi make: a capitalised name in a cloud's module, given keywords."""
    dotted = _dotted(call.func)
    kind = terraformed(dotted) if dotted and call.keywords else ""
    if not kind:
        return None
    names = [arg.value for arg in call.args if isinstance(arg, ast.Constant)]
    body = renamed(snaked({word.arg: _value(word.value) for word in call.keywords if word.arg}))
    return Resource(kind, str(names[0]) if names else "", body, partial=True)


def _dotted(node: ast.expr) -> str:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) and parts else ""


def _body(call: ast.Call) -> dict[str, Any]:
    given = {word.arg: _value(word.value) for word in call.keywords if word.arg}
    body: dict[str, Any] = renamed(snaked(given))
    if "ip_permissions" in body:
        body["ingress"] = [
            _permission(one) for one in items(body["ip_permissions"]) if isinstance(one, Mapping)
        ]
    if "http_tokens" in body and "metadata_options" not in body:
        body["metadata_options"] = {"http_tokens": body["http_tokens"]}
    launch = body.get("launch_permission")
    added = items(launch.get("add")) if isinstance(launch, Mapping) else []
    groups = [one.get("group") for one in added if isinstance(one, Mapping)]
    if body.get("operation_type") == "add":
        groups += [*items(body.get("group_names")), *items(body.get("user_groups"))]
    return body | ({"group": "all"} if "all" in groups else {})


def _permission(one: Mapping[str, Any]) -> dict[str, Any]:
    ranges = [each for name in ("ip_ranges", "ipv6_ranges") for each in items(one.get(name))]
    sources = [
        each[name]
        for each in ranges
        if isinstance(each, Mapping)
        for name in each
        if name.startswith("cidr")
    ]
    return {**one, "cidr_blocks": sources}


def _value(node: ast.expr) -> Any:
    """A literal as it is; what has to be run is unknown."""
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.List | ast.Tuple):
        return [_value(item) for item in node.elts]
    if isinstance(node, ast.Dict):
        pairs = zip(node.keys, node.values, strict=True)
        return {key.value: _value(value) for key, value in pairs if isinstance(key, ast.Constant)}
    if isinstance(node, ast.Call):
        return _given(node)
    constant = node.attr if isinstance(node, ast.Attribute) and node.attr.isupper() else ""
    return constant or Unknown("expression")


def _given(call: ast.Call) -> Any:
    """The arguments of a call inside: keywords as a table, or the one table that it is given."""
    name = _dotted(call.func).rpartition(".")[2]
    everybody = name == "ArnPrincipal" and [_value(one) for one in call.args] == ["*"]
    if everybody or name in {"AnyPrincipal", "StarPrincipal"}:
        return "*"
    if call.keywords:
        return {word.arg: _value(word.value) for word in call.keywords if word.arg}
    wrapped = len(call.args) == 1 and isinstance(call.args[0], ast.Dict)
    return _value(call.args[0]) if wrapped else Unknown("expression")
