"""CloudFormation templates: the parameters that they refer to, and the same template as JSON."""

from __future__ import annotations

import json
import re

from secarch.located_yaml import parse_safe

_REFERENCE = re.compile(r"!Ref (\w+)")
_ATTRIBUTE = re.compile(r"!GetAtt ([\w.]+)")
_QUOTED = re.compile(r'!Sub (".*?")')
_BARE = re.compile(r"!Sub ([^\s\"].*)$", re.MULTILINE)
_DEFINED = re.compile(r"^  (\w+):$", re.MULTILINE)
_LISTS = {"PrivateSubnets": "List<AWS::EC2::Subnet::Id>"}
"""Parameters that are no plain text."""


def with_parameters(template: str) -> str:
    """The YAML template with a parameter for each name that it refers to and does not define."""
    head, resources = template.split("Resources:\n", 1)
    defined = set(_DEFINED.findall(resources))
    wanted = sorted(set(_REFERENCE.findall(resources)) - defined)
    lines = [f"  {name}: {{Type: {_LISTS.get(name, 'String')}}}\n" for name in wanted]
    block = "Parameters:\n" + "".join(lines) if lines else ""
    return f"{head}{block}Resources:\n{resources}".rstrip() + "\n"


def as_json(template: str) -> str:
    """The same template as JSON with two blanks of indent."""
    text = with_parameters(template)
    text = _REFERENCE.sub(r"{Ref: \1}", text)
    text = _ATTRIBUTE.sub(
        lambda match: '{"Fn::GetAtt": ' + json.dumps(match[1].split(".")) + "}", text
    )
    text = _QUOTED.sub(r'{"Fn::Sub": \1}', text)
    text = _BARE.sub(lambda match: '{"Fn::Sub": ' + json.dumps(match[1]) + "}", text)
    return json.dumps(parse_safe(text), indent=2) + "\n"
