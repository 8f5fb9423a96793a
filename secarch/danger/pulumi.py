"""Pulumi's YAML: resources by type tokens such as `aws:s3:Bucket`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from secarch.danger.documents import renamed
from secarch.danger.names import terraformed
from secarch.danger.tree import Resource, snaked, walk

_TOKEN = re.compile(r"(aws|azure|azure-native|gcp|kubernetes):([\w.-]+)(?:/\w+)?:(\w+)")


def resources(documents: Iterable[Any]) -> list[Resource]:
    """What the documents make; nothing is concluded from what is left out."""
    found = []
    for tree in documents:
        for node in walk(tree):
            token = _TOKEN.fullmatch(node["type"]) if isinstance(node.get("type"), str) else None
            properties = node.get("properties")
            if token and isinstance(properties, Mapping):
                kind = terraformed(".".join(token.groups()))
                found.append(Resource(kind, token[0], renamed(snaked(properties)), partial=True))
    return found
