"""Managed rules of AWS Config as evidence: how a rule decides, when it runs, how it is deployed,
and what it does not show.

The template follows from the page's identifier, trigger, resource types and parameters
(AWS::Config::ConfigRule in the CloudFormation reference); a rule with a required parameter that
has no default is not deployed as it stands, so its value is a parameter of the template.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from secarch.dedupe.examples.draft import Draft, ask, compose
from secarch.dedupe.examples.families import common
from secarch.dedupe.examples.outline import Part
from secarch.dedupe.examples.record import Record
from secarch.text.markdown import plain

_CHECKS = re.compile(
    r"^(?:this (?:control|rule|check) )?checks?(?: the following)? (?:if|whether|that) "
    r"(.{12,260}?)\.(?:\s|$)",
    re.IGNORECASE,
)
_PARAMETER = re.compile(
    r"^[ \t]*(?:\*\*)?(\w{2,60})(?:\*\*)?[ \t]*(\(Optional\))?[ \t]*Type:[ \t]*(\w+)"
    r"(?:[ \t]*\([^()\n]*\))?(?:Default:[ \t]*([^\n]*?))?[ \t]*$\n?([^\n#]*)",
    re.MULTILINE,
)
_TYPES = re.compile(r"AWS::\w+::\w+")
MOST_PARAMETERS = 6
"""Parameters that a template shows."""
_LIMITS = (
    (
        "It detects and blocks nothing: a resource is already there when the rule judges it, so "
        "prevention needs a policy or a pipeline check beside it."
    ),
    (
        "COMPLIANT covers this condition alone, in the accounts and Regions in which the rule is "
        "deployed; an account without it looks clean because nobody looks."
    ),
    (
        "The rule reports and does not stop a change. Deploy it as an organization rule or in a "
        "conformance pack, or accounts that lack it give no evidence at all."
    ),
)


@dataclass(frozen=True, slots=True)
class _Parameter:
    name: str
    optional: bool
    type: str
    default: str
    meaning: str


def from_record(record: Record, seed: str) -> Iterator[Draft]:
    """The one draft of a rule's page; none if the page does not say what is checked."""
    told = record.prose()
    match = _CHECKS.match(told[0].text) if told else None
    if match is None or not re.fullmatch(r"[\w-]+", record.name):
        return
    whether = match[1].strip()
    if '"' in whether or len(whether.split()) > 32:
        return
    told = [part for part in told if "Type:" not in part.text]
    found = _parameters(record.page.document.text)
    first = told[0]
    identifier = record.facts["Rule identifier"].replace("\\_", "_").strip("`* ")
    if not re.fullmatch(r"[A-Z0-9_]{4,}", identifier):
        return
    body = [
        ("Evidence", [_said(first, f"The AWS Config managed rule `{record.name}`.")]),
        ("How it decides", common.head(told, 160)),
        ("When it runs", [_said(first, _trigger(record))]),
        ("Parameters", [_said(first, _listed(found), "item")] if found else []),
    ]
    answer, spans = compose(body, record.page.longest)
    if not answer:
        return
    limit = _LIMITS[sum(map(ord, record.name)) % len(_LIMITS)]
    code = _template(record, identifier, found)
    answer = (
        f"{answer}\n\n**Deploy it** (CloudFormation; the configuration recorder has to run in the "
        f"Region)\n\n```yaml\n{code}\n```\n\n**What it does not show.** {limit}"
    )
    yield Draft(
        kind="map",
        questions=ask("map/managed_rule", seed + whether, {"whether": whether})
        + ask("map/managed_rule_evaluation", seed, {"whether": whether}),
        answer=answer,
        spans=spans,
        about=(record.name.replace("-", " "),),
    )


def _said(part: Part, text: str, kind: str = "paragraph") -> Part:
    made = part.with_text(text)
    made.kind = "item" if kind == "item" else "paragraph"
    return made


def _periodic(record: Record) -> bool:
    return "periodic" in record.facts.get("Evaluation", "").lower()


def _types(record: Record) -> list[str]:
    return list(dict.fromkeys(_TYPES.findall(record.facts.get("Resource types", ""))))


def _trigger(record: Record) -> str:
    if _periodic(record):
        return (
            "Periodically, every 24 hours unless the template says otherwise, so a change may go "
            "unnoticed until the next run."
        )
    types = _types(record)
    named = f" of {common.listed([f'`{name}`' for name in types[:4]])}" if types else ""
    return (
        f"When the recorded configuration{named} changes, so the verdict follows a change within "
        "minutes; a resource type that the recorder leaves out is never evaluated."
    )


def _parameters(text: str) -> list[_Parameter]:
    start = text.find("**Parameters:**")
    if start < 0:
        return []
    end = text.find("\n#", start)
    section = text[start + len("**Parameters:**") : end if end > 0 else len(text)]
    section = section.replace("\\_", "_").replace("  \n", "\n")
    return [
        _Parameter(m[1], bool(m[2]), m[3], (m[4] or "").strip(), plain(m[5]).strip())
        for m in _PARAMETER.finditer(section)
    ][:MOST_PARAMETERS]


def _listed(found: list[_Parameter]) -> str:
    lines = []
    for one in found:
        facts = [one.type, "optional" if one.optional else "required"]
        facts += [f"default {one.default}"] if one.default else []
        meaning = one.meaning if not one.meaning or one.meaning[-1] in ".!" else f"{one.meaning}."
        lines.append(f"- `{one.name}` ({', '.join(facts)}): {meaning}".rstrip(" :"))
    return "\n".join(lines)


def _template(record: Record, identifier: str, found: list[_Parameter]) -> str:
    name = "".join(word.capitalize() for word in re.split(r"[-_]", record.name))
    asked = [one for one in found if not one.optional and not one.default]
    lines = []
    if asked:
        lines += ["Parameters:"]
        lines += [f"  {_logical(one)}:\n    Type: String" for one in asked]
    lines += [
        "Resources:",
        f"  {name}:",
        "    Type: AWS::Config::ConfigRule",
        "    Properties:",
        f"      ConfigRuleName: {record.name}",
        "      Source:",
        "        Owner: AWS",
        f"        SourceIdentifier: {identifier}",
    ]
    types = _types(record)
    if _periodic(record):
        lines.append("      MaximumExecutionFrequency: TwentyFour_Hours")
    elif types:
        lines += ["      Scope:", "        ComplianceResourceTypes:"]
        lines += [f"          - {one}" for one in types]
    given = [(one, f'"{one.default}"') for one in found if one.default and '"' not in one.default]
    given += [(one, f"!Ref {_logical(one)}") for one in asked]
    if given:
        lines.append("      InputParameters:")
        lines += [f"        {one.name}: {value}" for one, value in given]
    return "\n".join(lines)


def _logical(one: _Parameter) -> str:
    return re.sub(r"\W|_", "", one.name[:1].upper() + one.name[1:])
