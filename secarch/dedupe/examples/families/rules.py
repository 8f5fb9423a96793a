"""The rules of a Kyverno policy in words: what each matches, what it asks for, and how the policy
is rolled out.

Read from the fields of kyverno.io/v1 (match, exclude, preconditions, validate, mutate, generate,
verifyImages) and policies.kyverno.io (matchConditions, validations, mutations); what a field holds
is named and not evaluated.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

MOST_RULES = 5
"""Rules that are told; a policy of more is too long to be read in one answer."""
MOST_FIELDS = 4
_CHECKS = (
    ("pattern", "the resource has to have this shape"),
    ("anyPattern", "the resource has to have one of several shapes"),
    ("deny", "the request is denied if its conditions hold"),
    ("cel", "each CEL expression has to be true"),
    ("foreach", "each element of a list is judged on its own"),
    ("podSecurity", "the Pod Security Standard is applied"),
    ("manifests", "the signature of the manifest is verified"),
)


def told(policy: Mapping[str, Any]) -> list[str]:
    """A line for each rule; none for a policy whose rules are not of a known form."""
    spec = _map(policy.get("spec"))
    listed = spec.get("rules")
    if isinstance(listed, list):
        lines = [_rule(_map(rule), alone=len(listed) == 1) for rule in listed]
    else:
        lines = list(_cel(spec))
    return lines if all(lines) and len(lines) <= MOST_RULES else []


def _rule(rule: Mapping[str, Any], *, alone: bool) -> str:
    name, does = rule.get("name"), _does(rule)
    if not name or not does:
        return ""
    parts = [f"- `{name}`: {does}."]
    if rule.get("preconditions") or rule.get("celPreconditions"):
        parts.append("It looks only at requests that meet its preconditions.")
    if rule.get("exclude"):
        parts.append("What `exclude` names is left out.")
    message = _map(rule.get("validate")).get("message")
    if not alone and isinstance(message, str) and "{{" not in message and '"' not in message:
        parts.append(f'Who breaks it reads: "{" ".join(message.split())}"')
    return " ".join(parts)


def _does(rule: Mapping[str, Any]) -> str:
    validate = _map(rule.get("validate"))
    for key, meaning in _CHECKS:
        if key in validate:
            fields = _fields(validate.get(key)) if key == "pattern" else []
            named = f" (`{'`, `'.join(fields)}`)" if fields else ""
            return f"validates; {meaning}{named}"
    if rule.get("mutate"):
        return "mutates; the fields that it names are set or added at admission"
    if generate := _map(rule.get("generate")):
        kind = generate.get("kind")
        kept = ", and kept in step with its source" if generate.get("synchronize") else ""
        return f"generates a `{kind}` beside the resource{kept}" if kind else ""
    if rule.get("verifyImages"):
        return "verifies the signatures or attestations of the images before they are admitted"
    return ""


def _fields(pattern: Any, path: str = "") -> list[str]:
    """Paths of the values that a pattern asks for, without its anchors."""
    if isinstance(pattern, dict):
        found: list[str] = []
        for key, value in pattern.items():
            name = str(key).strip("=+X^()<").rstrip(")") or str(key)
            found += _fields(value, f"{path}.{name}" if path else name)
        return found[:MOST_FIELDS]
    if isinstance(pattern, list):
        return _fields(pattern[0], f"{path}[]") if pattern else []
    return [path] if path else []


def _cel(spec: Mapping[str, Any]) -> Iterator[str]:
    conditions = spec.get("matchConditions")
    named = [_map(one).get("name") for one in conditions] if isinstance(conditions, list) else []
    known = "`, `".join(map(str, named)) if named and all(named) else ""
    only = f" It looks only at what meets `{known}`." if known else ""
    checked = _list(spec.get("validations"))
    for one in checked:
        message = _map(one).get("message")
        told_ = isinstance(message, str) and '"' not in message and len(checked) > 1
        reads = f' Who breaks it reads: "{" ".join(str(message).split())}"' if told_ else ""
        yield (
            "- Validation: the CEL expression has to be true, or the resource violates it."
            f"{only}{reads}"
        )
    for one in _list(spec.get("mutations")):
        kind = _map(one).get("patchType")
        patch = kind or "patch"
        yield f"- Mutation ({patch}): the fields that it names are set at admission.{only}"


def rollout(policy: Mapping[str, Any]) -> str:
    """How such a policy goes into a cluster without stopping it."""
    spec = _map(policy.get("spec"))
    text = str(spec)
    if "mutat" in text.lower() and "validat" not in text.lower():
        return (
            "Test it with `kyverno apply` against manifests first, and read the changed output: a "
            "mutation is silent, so whoever deploys has to know what is added. Existing resources "
            "stay as they are until they are created or updated again."
        )
    if "generate" in spec or any("generate" in _map(rule) for rule in _list(spec.get("rules"))):
        return (
            "Test it with `kyverno apply` first, and see that Kyverno's background controller has "
            "RBAC rights on the generated kind, or nothing appears."
        )
    return (
        "Run `kyverno apply` against your manifests, start in audit mode, read the violations with "
        "`kubectl get policyreport -A`, fix or exempt the workloads that are named (a "
        "PolicyException with an owner), and enforce only then, namespace by namespace."
    )


def _map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
