"""Arguments whose bad value is a fault wherever it is: data, not code.

Clouds name things alike: `publicly_accessible = true` is one fault in twenty resource types. A row
says under which names, at the end of a dotted path in snake case, which values are faults; it
holds for every resource of a cloud, whatever language it was written in. Rows that need a certain
resource type name it. Sources: the documentation of the Terraform providers aws, azurerm and google
and of CloudFormation, and the list of attributes that checkov's policies look at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from secarch.danger.access_values import ACCESS_VALUES
from secarch.danger.argument import Attribute, Fault
from secarch.danger.protection_values import PROTECTION_VALUES
from secarch.danger.rule import Found
from secarch.danger.tree import MAX_NODES, Code, Resource, Unknown, lookup, said, snake

_CLOUD = re.compile(
    r"^(?:aws|azurerm|azuread|azapi|google|kubernetes|github|gitlab|oci|alicloud|yandex|ncloud"
    r"|nifcloud|panos|openstack|digitalocean|linode|ibm|huaweicloud|hcloud|scaleway|ovh|vultr"
    r"|exoscale|tencentcloud|databricks|mongodbatlas|snowflake)[_.]|^AWS::|^Microsoft\."
)
ATTRIBUTES: tuple[Attribute, ...] = (*ACCESS_VALUES, *PROTECTION_VALUES)


def attribute_faults(code: Code, fault: Fault) -> Iterator[Found]:
    """Every argument of a cloud's resource that has a value which is such a fault."""
    for resource in code.resources:
        if not resource.kind or not _CLOUD.search(resource.kind):
            continue
        for path, value in _leaves(resource.body):
            for row in _rows(fault, resource.kind):
                if _is_bad(row, path, value) and not _excused(resource, row):
                    yield Found(f"{resource.label}: {path} = {value}", severity=row.severity)
                    break


@lru_cache(maxsize=2048)
def _rows(fault: Fault, kind: str) -> tuple[Attribute, ...]:
    return tuple(
        row
        for row in ATTRIBUTES
        if row.fault == fault and (row.kinds is None or row.kinds.search(kind))
    )


def _is_bad(row: Attribute, path: str, value: str) -> bool:
    named = value in row.bad or (bool(row.prefixes) and value.startswith(row.prefixes))
    return named and bool(row.path.search(path))


def _excused(resource: Resource, row: Attribute) -> bool:
    return any(lookup(resource.body, name) for name in row.unless)


_snake = lru_cache(maxsize=4096)(snake)
_KEYS = ("name", "key", "parameter_name", "ParameterName", "Key", "Name")
_VALUES = ("value", "parameter_value", "ParameterValue", "Value")


def _pair(node: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """`{name = "x", value = "y"}` as the argument x."""
    names = [said(node[name]) for name in _KEYS if name in node]
    values = [node[name] for name in _VALUES if name in node]
    return [(names[0], values[0])] if names and values else []


def _leaves(body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(dotted path, value in lower case) of every known scalar; bounded."""
    waiting: list[tuple[str, Any]] = [("", body)]
    left = MAX_NODES
    while waiting and left:
        left -= 1
        path, node = waiting.pop()
        if isinstance(node, Mapping):
            waiting += [(f"{path}.{_snake(str(name))}".lstrip("."), v) for name, v in node.items()]
            waiting += _pair(node)
        elif isinstance(node, list | tuple):
            waiting += [(path, item) for item in node]
        elif not isinstance(node, Unknown) and (value := said(node)):
            yield path, value
