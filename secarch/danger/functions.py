"""CloudFormation's functions: what a template's parameters, mappings and joins come to."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from secarch.danger.tree import Unknown, items

MAX_DEPTH = 40
_PSEUDO = {
    "AWS::Partition": "aws",
    "AWS::URLSuffix": "amazonaws.com",
    "AWS::Region": "eu-west-1",
    "AWS::AccountId": "111122223333",
    "AWS::StackName": "stack",
}
"""Values that any account would do for."""


class Template:
    """Parameters and mappings of one template, put in where a function asks for them."""

    def __init__(self, node: Mapping[str, Any]) -> None:
        parameters, mappings = node.get("Parameters"), node.get("Mappings")
        self.parameters = parameters if isinstance(parameters, Mapping) else {}
        self.mappings = mappings if isinstance(mappings, Mapping) else {}

    def value(self, tree: Any, depth: int = MAX_DEPTH) -> Any:
        """A tree with functions evaluated; `Unknown` for what the template does not say."""
        if not depth:
            return Unknown("too deep")
        if isinstance(tree, list):
            return [self.value(item, depth - 1) for item in tree]
        if not isinstance(tree, Mapping):
            return Unknown(tree) if isinstance(tree, str) and tree.startswith("[") else tree
        if len(tree) == 1:
            ((name, given),) = tree.items()
            if name == "Ref":
                return self._default(str(given))
            if str(name).startswith("Fn::"):
                return self._called(str(name)[4:], given, depth - 1)
        return {name: self.value(value, depth - 1) for name, value in tree.items()}

    def _default(self, name: str) -> Any:
        parameter = self.parameters.get(name)
        default = parameter.get("Default") if isinstance(parameter, Mapping) else None
        return _PSEUDO.get(name, Unknown(name)) if default is None else default

    def _called(self, function: str, given: Any, depth: int) -> Any:
        if function == "Sub":
            text, *names = items(given)
            known = names[0] if names and isinstance(names[0], Mapping) else {}
            return self._filled(str(text), known, depth)
        if function == "Base64":
            return self.value(given, depth)
        if function == "FindInMap" and isinstance(given, list):
            return self._found(given, depth)
        if function == "Join" and isinstance(given, list) and len(given) == 2:
            parts = [self.value(part, depth) for part in items(given[1])]
            plain = all(isinstance(part, str) and not isinstance(part, Unknown) for part in parts)
            return str(given[0]).join(parts) if plain else Unknown("Fn::Join")
        return Unknown(f"Fn::{function}")

    def _filled(self, text: str, known: Mapping[str, Any], depth: int) -> Any:
        """A text with its `${names}` put in; a document in it is read, whatever else is unknown."""

        def put(match: re.Match[str]) -> str:
            value = self.value(known.get(match[1]), depth) or self._default(match[1])
            return match[0] if isinstance(value, Unknown | Mapping | list) else str(value)

        filled = re.sub(r"\$\{([\w:.]+)\}", put, text)
        if filled.lstrip().startswith("{"):
            try:
                return json.loads(filled)
            except (ValueError, RecursionError):
                return filled
        return Unknown(filled) if "${" in filled and "\n" not in filled else filled

    def _found(self, keys: list[Any], depth: int) -> Any:
        value: Any = self.mappings
        for key in keys:
            name = self.value(key, depth)
            known = isinstance(value, Mapping) and isinstance(name, str | int)
            value = value.get(name) if known else None
        return Unknown("Fn::FindInMap") if value is None else value
