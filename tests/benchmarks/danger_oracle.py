"""Disagreements with checkov, by hand: python tests/benchmarks/danger_oracle.py CHECKOV_PYTHON

CHECKOV_PYTHON is the interpreter of an environment of its own with checkov in it (`pip install
checkov`): it pins much of what is used here. Each of its checks that looks at one argument gives a
fragment with the bad value, and the detectors are asked about that; what they do not find is listed.
"""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

from secarch.danger.safety import inspect

DUMP = """
import json, logging, sys
logging.disable(logging.CRITICAL)
from checkov.cloudformation.checks.resource.registry import cfn_registry
from checkov.cloudformation.runner import Runner as _C
from checkov.terraform.checks.resource.registry import resource_registry
from checkov.terraform.runner import Runner as _T
rows = []
for language, registry in (("hcl", resource_registry), ("json", cfn_registry)):
    for resource, checks in registry.checks.items():
        for check in checks:
            row = {"language": language, "resource": resource, "id": check.id, "name": check.name}
            for field in ("get_inspected_key", "get_expected_values", "get_forbidden_values"):
                try:
                    row[field] = str(getattr(check, field)())
                except Exception:
                    row[field] = ""
            rows.append(row)
json.dump(rows, sys.stdout)
"""
CLOUDS = re.compile(r"^(?:aws|azurerm|google|kubernetes|github)_|^AWS::")
KINDS = {
    "public": r"public|anonym|internet|exposed",
    "encryption": r"encrypt(?!.*(?:transit|CMK|[Cc]ustomer))",
    "tls": r"tls|ssl|https|http |transit",
    "logging": r"\blog|trail|audit",
    "metadata": r"metadata service",
    "privileged": r"privileged (?:container|mode)",
}
OTHERS = re.compile(
    r"customer.managed|CMK|CSEK|rotat|delet|backup|public IP|version|health", re.IGNORECASE
)


def bad_value(row: dict[str, str]) -> Any:
    """The value that the check forbids, or the opposite of the flag that it wants."""
    for field, turned in (("get_forbidden_values", False), ("get_expected_values", True)):
        try:
            values = ast.literal_eval(row[field])
        except (ValueError, SyntaxError):
            continue
        if isinstance(values, list) and values and values[0] != "CKV_ANY":
            if not turned:
                return values[0]
            if isinstance(values[0], bool):
                return not values[0]
    return None


def fragment(row: dict[str, str], value: Any) -> str:
    """The resource with nothing but that argument."""
    steps = [s for s in row["get_inspected_key"].split("/") if not re.fullmatch(r"\[?\d+\]?", s)]
    if row["language"] == "json":
        for step in reversed(steps):
            value = {step: value}
        return json.dumps({"Resources": {"X": {"Type": row["resource"], **value}}})
    body = f"{steps[-1]} = {json.dumps(value)}"
    for step in reversed(steps[:-1]):
        body = f"{step} {{\n{body}\n}}"
    return f'resource "{row["resource"]}" "x" {{\n{body}\n}}\n'


def asked(rows: list[dict[str, str]]) -> Iterator[tuple[str, dict[str, str], str]]:
    """(kind, check, fragment) of every check of our kinds that looks at one argument."""
    for row in rows:
        kind = next((k for k, words in KINDS.items() if re.search(words, row["name"])), None)
        key, value = row["get_inspected_key"], bad_value(row)
        ours = CLOUDS.match(row["resource"]) and not OTHERS.search(row["name"])
        if kind and ours and key and "*" not in key and value is not None:
            yield kind, row, fragment(row, value)


def main() -> None:
    """Print recall by language and kind, and every miss."""
    out = subprocess.run([sys.argv[1], "-c", DUMP], capture_output=True, text=True, check=True)
    all_, found, missed = Counter[str](), Counter[str](), []
    for kind, row, code in asked(json.loads(out.stdout)):
        name = f"{row['language']} {kind}"
        all_[name] += 1
        if any(danger.severity != "minor" for danger in inspect(code, row["language"])):
            found[name] += 1
        else:
            missed.append(f"{row['id']} {row['resource']} {row['get_inspected_key']}")
    table = {name: f"{found[name]}/{n}" for name, n in sorted(all_.items())}
    total = f"{found.total()}/{all_.total()}"
    print(json.dumps({"found": table, "all": total, "missed": missed}, indent=1))


if __name__ == "__main__":
    main()
