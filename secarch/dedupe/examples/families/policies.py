"""Policies as code that describe themselves: the control, the policy, and its effect."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

from secarch.dedupe.examples.draft import Draft, ask, compose
from secarch.dedupe.examples.families import common, rules
from secarch.dedupe.examples.outline import Page, Part, Section
from secarch.located_yaml import parse_safe


def policies(page: Page, section: Section, seed: str) -> Iterator[Draft]:
    """A policy as code that describes itself: the requirement as the question, the policy as the
    answer, and back.
    """
    for part in section.parts:
        if part.kind != "code" or "annotations:" not in part.raw or part.words > 420:
            continue
        read = _policy(part.raw)
        if read is None:
            continue
        title, description, effect, scope = read
        engine = _engine(part.raw)
        code = part.with_text(
            re.sub(
                r"^.*policies\.kyverno\.io/description: .*\n(?:^ {6,}\S.*\n)*",
                "",
                part.raw,
                flags=re.MULTILINE,
            )
        )
        if not common.quotable(title, 14):
            continue
        prose = [part.with_text(text) for text in (scope, effect)]
        prose[0].kind = prose[1].kind = "paragraph"
        answer, spans = compose([("", [code]), ("Scope", prose[:1]), ("Effect", prose[1:])], 520)
        rolled_out = _told(part.raw) if answer else ""
        answer = f"{answer}\n\n{rolled_out}" if rolled_out else answer
        slots = {"name": title, "engine": engine, "means": description}
        if answer:
            yield Draft(
                kind="map",
                questions=ask("map/policy", seed + title, slots),
                answer=answer,
                spans=spans,
                about=(title, "kubernetes policy"),
            )
        yield from _explained(page, part, code, (description, scope, effect), seed)


def _engine(raw: str) -> str:
    kind = re.search(r"^kind: *(\w+)", raw, re.MULTILINE)
    if "kyverno.io" not in raw:
        return "Gatekeeper"
    named = f"Kyverno {kind[1]}" if kind else "Kyverno policy"
    return f"{named} with CEL" if re.search(r"^\s*cel:", raw, re.MULTILINE) else named


def _explained(
    page: Page, part: Part, code: Part, told: tuple[str, str, str], seed: str
) -> Iterator[Draft]:
    engine = _engine(part.raw)
    prose = [part.with_text(text) for text in told]
    for item in prose:
        item.kind = "paragraph"
    answer, spans = compose(
        [("Control", prose[:1]), ("Scope", prose[1:2]), ("Effect", prose[2:])], page.longest
    )
    if answer and len(told[0].split()) >= 22 and part.words <= 260:
        answer = f"{answer}\n\n{_told(part.raw)}" if _told(part.raw) else answer
        slots = {"engine": engine, "code": code.text.strip()}
        yield Draft(
            kind="map",
            questions=ask("map/explain_policy", seed + engine, slots),
            answer=answer,
            spans=spans,
            about=("kubernetes policy",),
        )


def _told(raw: str) -> str:
    """What each rule looks at and does, and how the policy is rolled out; '' if it is not read."""
    try:
        found = parse_safe(re.sub(r"^[ \t]*(?:```|~~~).*$", "", raw, flags=re.MULTILINE))
    except (yaml.YAMLError, ValueError, RecursionError):
        return ""
    lines = rules.told(found) if isinstance(found, dict) else []
    if not lines:
        return ""
    return "**Rules**\n\n" + "\n".join(lines) + f"\n\n**Roll it out.** {rules.rollout(found)}"


def _policy(raw: str) -> tuple[str, str, str, str] | None:
    """(title, description, what it does on a violation, what it applies to) of a policy that
    carries them.
    """
    body = re.sub(r"^[ \t]*(?:```|~~~).*$", "", raw, flags=re.MULTILINE)
    try:
        found = parse_safe(body)
    except (yaml.YAMLError, ValueError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    notes = _mapping(_mapping(found.get("metadata")).get("annotations"))
    title = str(
        notes.get("policies.kyverno.io/title") or notes.get("metadata.gatekeeper.sh/title") or ""
    )
    description = str(
        notes.get("policies.kyverno.io/description") or notes.get("description") or ""
    )
    title = re.sub(
        r"\s+in (?:CEL expressions|ValidatingPolicy|MutatingPolicy|GeneratingPolicy|\w+Policy)$",
        "",
        title,
    )
    description = " ".join(description.split())
    effect = _effect(body)
    scope = _scope(str(found.get("kind", "")), body)
    return (
        (title, description, effect, scope)
        if title and len(description.split()) >= 8 and effect and scope
        else None
    )


def _effect(body: str) -> str:
    action = re.search(
        r"(?:validationFailureAction|failureAction):\s*[\"']?(\w+)|"
        r"validationActions:\s*\n\s*-\s*(\w+)",
        body,
    )
    said = (action[1] or action[2]).lower() if action else ""
    # A CEL policy (`validationActions`) has Deny where a rule policy has Enforce.
    stricter = "Deny" if action and action[2] else "Enforce"
    message = re.search(
        r"message:\s*(?:>-?|\|-?)?\s*[\"']?([^\n\"']{12,240}(?:\n {8,}[^\n:]{3,200}(?=\n|\Z))*)",
        body,
    )
    told = (
        f' A violation is answered with "{" ".join(message[1].split())}".'
        if message and "{{" not in message[1]
        else ""
    )
    if said in ("audit", "warn"):
        return (
            "It runs in audit mode: violations are admitted and reported, so existing "
            "workloads keep running; switch to "
            f"{stricter} once the reports are clean.{told}"
        )
    if said in ("enforce", "deny"):
        return f"It is enforced: a resource that violates it is rejected at admission.{told}"
    if re.search(r"^\s*(?:mutate|mutations):", body, re.MULTILINE):
        return "It mutates: a matching resource is changed at admission instead of being rejected."
    if re.search(r"^\s*generate:", body, re.MULTILINE):
        return (
            "It generates: when a matching resource appears, the resource that the "
            "rule describes is created beside it."
        )
    if re.search(r"verifyImages:", body):
        return (
            "Images are verified at admission; without a valid signature or "
            "attestation the workload is rejected."
        )
    return ""


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _scope(kind: str, body: str) -> str:
    listed = _kinds(body)
    if not listed:
        return ""
    # Only Policy and the Namespaced* kinds are bound to a namespace; the CEL kinds are not.
    namespaced = kind == "Policy" or kind.startswith("Namespaced")
    reach = "its namespace" if namespaced else "the whole cluster"
    excluded = (
        " Resources under `exclude` are left out."
        if re.search(r"^\s*exclude:", body, re.MULTILINE)
        else ""
    )
    return f"It matches {common.listed([f'`{name}`' for name in listed[:6]])} in {reach}.{excluded}"


_KINDS = re.compile(
    r"^\s*(?:-\s*)?(?:kinds:\s*\n(?P<kinds>(?:\s*-\s*[\w*/.\"']+\n)+)|"
    r"resources:\s*\n(?P<resources>(?:\s*-\s*[a-z*/]+\n)+)|(?P<turn>match|exclude)\w*:)",
    re.MULTILINE,
)
"""Lists of kinds, and the words that say whether they are meant or left out."""


def _kinds(body: str) -> list[str]:
    """The kinds that all rules match, in their order, without those that are left out."""
    found: dict[str, list[str]] = {"kinds": [], "resources": []}
    left_out = False
    for match in _KINDS.finditer(body):
        if match["turn"]:
            left_out = match["turn"] == "exclude"
            continue
        for key, names in found.items():
            if match[key] and not left_out:
                names += [name.strip(" -\"'") for name in match[key].strip().split("\n")]
    return list(dict.fromkeys(found["kinds"] or found["resources"]))
