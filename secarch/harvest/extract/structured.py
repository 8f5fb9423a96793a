"""OSCAL catalogues and ATT&CK bundles (JSON) as Markdown: one text for each control or technique.

Compliance and threat work quotes these two more than any page: NIST publishes SP 800-53 as an OSCAL
catalogue (OSCAL 1.x, layer "control"), MITRE publishes ATT&CK as STIX 2.x bundles.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

Json = Mapping[str, Any]

_INSERT = re.compile(
    r"\{\{\s*(insert:\s*)?(param[,:]\s*)?(?:id-ref\s*=\s*)?[\"']?([\w.-]+)[\"']?\s*\}\}"
)
"""A parameter's place in prose; the milestones before OSCAL 1.0 name it alone."""
_CITATION = re.compile(r"\(Citation:[^)]*\)")
_TAG = re.compile(r"</?(?:code|br|p)\s*/?>")
_LINK = re.compile(r"\[([^\]]+)\]\(https?://[^)]*\)")
_ASSESSMENT = frozenset({"assessment-objective", "assessment-method", "objective", "assessment"})
_DEAD = ("revoked", "x_mitre_deprecated")
_DEEPEST = 3
"""Levels to which a parameter's text may name further parameters."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One control or technique as a text of its own."""

    id: str
    """As its publisher writes it, `AC-2` or `T1078.004`."""
    title: str
    text: str
    """Markdown; its first line is `# <id> <name>`."""


def entries(source: str) -> list[Entry]:
    """The controls of an OSCAL catalogue or the techniques of an ATT&CK bundle, in file order.

    Withdrawn controls and revoked or deprecated techniques are left out. Returns [] for any other
    JSON. Raises ValueError if the text is not JSON.
    """
    tree = json.loads(source)
    if not isinstance(tree, dict):
        return []
    if isinstance(tree.get("catalog"), dict):
        return _catalogue(tree["catalog"])
    if _is_bundle(tree):
        return _bundle([o for o in tree["objects"] if isinstance(o, dict)])
    return []


def _is_bundle(tree: Json) -> bool:
    """A STIX bundle, or the envelope in which TAXII 2.1 sends the same objects."""
    objects = tree.get("objects")
    if not isinstance(objects, list):
        return False
    typed = all(isinstance(o, dict) and "type" in o and "id" in o for o in objects)
    return tree.get("type") == "bundle" or ("type" not in tree and typed)


def title_of(source: str) -> str:
    """What the file calls itself, or ''."""
    tree = json.loads(source)
    if isinstance(tree, dict) and isinstance(tree.get("catalog"), dict):
        return str(tree["catalog"].get("metadata", {}).get("title", ""))
    stix = isinstance(tree, dict) and (tree.get("type") == "bundle" or _is_bundle(tree))
    return "MITRE ATT&CK" if stix else ""


def _all(owner: Json, name: str) -> list[Json]:
    value = owner.get(name)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _params(control: Json) -> list[Json]:
    """A control's parameters: a list, in milestones before OSCAL 1.0 a table by id."""
    tables = [v for name in ("params", "parameters") if isinstance(v := control.get(name), dict)]
    named = [{"id": k, **v} for table in tables for k, v in table.items() if isinstance(v, dict)]
    return [*_all(control, "params"), *named]


# ---------------------------------------------------------------- OSCAL


def _catalogue(catalogue: Json) -> list[Entry]:
    family = {id(c): g for g in _groups(catalogue) for c in _all(g, "controls")}
    grouped = [c for g in _groups(catalogue) for c in _all(g, "controls")]
    found = [*_all(catalogue, "controls"), *grouped]
    titles = {str(c.get("id")): _label(c) for control in found for c in _tree(control)}
    out = []
    for control in found:
        if _is_withdrawn(control):
            continue
        lines = _control(control, 1, titles, str(family.get(id(control), {}).get("title", "")))
        title = f"{_label(control)} {control.get('title', '')}".strip()
        out.append(Entry(_label(control), title, "\n\n".join(lines) + "\n"))
    return out


def _groups(owner: Json) -> Iterator[Json]:
    for group in _all(owner, "groups"):
        yield group
        yield from _groups(group)


def _tree(control: Json) -> Iterator[Json]:
    yield control
    for inner in _all(control, "controls"):
        yield from _tree(inner)


def _prop(owner: Json, name: str) -> str:
    """The value of a property; of several the one without a class (the others are zero-padded)."""
    found = [p for p in _all(owner, "props") if p.get("name") == name]
    plain = [p for p in found if not p.get("class")] or found
    return str(plain[0].get("value", "")) if plain else ""


def _label(control: Json) -> str:
    return _prop(control, "label") or str(control.get("id", "")).upper()


def _is_withdrawn(control: Json) -> bool:
    return _prop(control, "status").lower() == "withdrawn"


def _control(control: Json, level: int, titles: Mapping[str, str], family: str) -> list[str]:
    params = {str(p.get("id")): _parameter(p) for c in _tree(control) for p in _params(c)}
    head, sub = "#" * level, "#" * (level + 1)
    lines = [f"{head} {_label(control)} {control.get('title', '')}".rstrip()]
    if family:
        lines.append(f"Family: {family}")
    parts = _all(control, "parts")
    lines += _section(f"{sub} Statement", _named(parts, {"statement"}, params))
    own = _params(control)
    lines += _section(
        f"{sub} Parameters",
        ["\n".join(f"- {p.get('id')}: {_filled(params[str(p.get('id'))], params)}" for p in own)]
        if own
        else [],
    )
    lines += _section(f"{sub} Guidance", _named(parts, {"guidance"}, params))
    lines += _section(f"{sub} Assessment", _named(parts, _ASSESSMENT, params))
    related = dict.fromkeys(_related(control, titles))
    lines += _section(f"{sub} Related controls", [", ".join(related)] if related else [])
    for inner in _all(control, "controls"):
        if not _is_withdrawn(inner):
            lines += _control(inner, min(level + 1, 5), titles, "")
    return lines


def _named(parts: list[Json], names: AbstractSet[str], params: Mapping[str, str]) -> list[str]:
    return [_part(part, params) for part in parts if part.get("name") in names]


def _section(head: str, bodies: list[str]) -> list[str]:
    texts = [body for body in bodies if body.strip()]
    return [head, *texts] if texts else []


def _related(control: Json, titles: Mapping[str, str]) -> Iterator[str]:
    for link in _all(control, "links"):
        if link.get("rel") in {"related", "required"}:
            target = str(link.get("href", "")).removeprefix("#")
            if target:
                yield titles.get(target, target.upper())


def _parameter(parameter: Json) -> str:
    """A parameter in words: its choice, its label, its values or its guideline."""
    select = parameter.get("select")
    if isinstance(select, dict) and isinstance(select.get("choice"), list):
        how = "one or more of" if select.get("how-many") == "one-or-more" else "one of"
        return f"{how}: {'; '.join(map(str, select['choice']))}"
    values = parameter.get("values")
    if isinstance(values, list) and values:
        return ", ".join(map(str, values))
    guide = " ".join(str(g.get("prose", "")) for g in _all(parameter, "guidelines")).strip()
    words = str(parameter.get("label") or guide or parameter.get("id", ""))
    bounds = [str(c.get("description", "")) for c in _all(parameter, "constraints")]
    bound = "; ".join(filter(None, bounds))
    return f"{words} ({bound})" if bound else words


def _filled(text: str, params: Mapping[str, str], depth: int = 0) -> str:
    """Prose with its parameters named in brackets, as NIST prints them."""
    if depth > _DEEPEST or "{{" not in text:
        return text

    def named(match: re.Match[str]) -> str:
        if not (match[1] or match[2] or match[3] in params):
            return match[0]
        return f"[{_filled(params.get(match[3], match[3]), params, depth + 1)}]"

    return _INSERT.sub(named, text)


def _part(part: Json, params: Mapping[str, str], depth: int = 0) -> str:
    """A part's prose and, indented below it, its items under their labels."""
    own = _filled(str(part.get("prose", "")), params).strip()
    label = _prop(part, "label")
    if depth:
        start = f"{'  ' * (depth - 1)}- "
        own = start + " ".join(filter(None, (label, own))) if label or own else ""
    elif part.get("name") in _ASSESSMENT and (method := _prop(part, "method")):
        own = f"{method.capitalize()}: {own}".strip()
    below = [_part(p, params, max(depth, 0) + 1) for p in _all(part, "parts")]
    return "\n".join(text for text in (own, *below) if text.strip(" -"))


# ---------------------------------------------------------------- ATT&CK


def _external(item: Json) -> str:
    for reference in _all(item, "external_references"):
        if str(reference.get("source_name", "")).lower().startswith(("mitre", "capec")):
            return str(reference.get("external_id", ""))
    return ""


def _prose(text: object) -> str:
    plain = _LINK.sub(r"\1", _CITATION.sub("", _TAG.sub("", str(text or ""))))
    return re.sub(r"[ \t]+", " ", re.sub(r" +([.,;])", r"\1", plain)).strip()


def _bundle(objects: list[Json]) -> list[Entry]:
    live = [o for o in objects if not any(o.get(flag) for flag in _DEAD)]
    by_id = {str(o.get("id")): o for o in live}
    links: dict[tuple[str, str], list[Json]] = {}
    for relation in live:
        if relation.get("type") == "relationship":
            kind, target = str(relation.get("relationship_type")), str(relation.get("target_ref"))
            links.setdefault((kind, target), []).append(relation)
    parents = {
        str(r.get("source_ref")): target
        for (kind, target), relations in links.items()
        if kind == "subtechnique-of"
        for r in relations
    }
    tactics = {
        str(o.get("x_mitre_shortname")): f"{o.get('name')} ({_external(o)})"
        for o in live
        if o.get("type") == "x-mitre-tactic"
    }
    out = []
    for technique in live:
        if technique.get("type") == "attack-pattern":
            name, full = _external(technique), _full_name(technique, parents, by_id)
            title = f"{name} {full}".strip()
            text = "\n\n".join(_technique(technique, title, tactics, by_id, links))
            out.append(Entry(name or full, title, text + "\n"))
    return out


def _full_name(technique: Json, parents: Mapping[str, str], by_id: Mapping[str, Json]) -> str:
    """`Valid Accounts: Cloud Accounts` of a sub-technique, the plain name of any other."""
    parent = by_id.get(parents.get(str(technique.get("id")), ""))
    name = str(technique.get("name", ""))
    return f"{parent.get('name')}: {name}" if parent else name


def _technique(
    technique: Json,
    title: str,
    tactics: Mapping[str, str],
    by_id: Mapping[str, Json],
    links: Mapping[tuple[str, str], list[Json]],
) -> list[str]:
    phases = [str(p.get("phase_name")) for p in _all(technique, "kill_chain_phases")]
    lines = [f"# {title}"]
    if phases:
        lines.append("Tactics: " + ", ".join(tactics.get(p, p.replace("-", " ")) for p in phases))
    platforms = technique.get("x_mitre_platforms")
    if isinstance(platforms, list) and platforms:
        lines.append("Platforms: " + ", ".join(map(str, platforms)))
    lines += _section("## Description", [_prose(technique.get("description"))])
    own = str(technique.get("id"))
    lines += _section("## Mitigations", _answers(links.get(("mitigates", own), []), by_id))
    detections = _answers(links.get(("detects", own), []), by_id)
    lines += _section("## Detection", [_prose(technique.get("x_mitre_detection")), *detections])
    sources = technique.get("x_mitre_data_sources")
    if isinstance(sources, list) and sources:
        lines += ["## Data sources", "\n".join(f"- {source}" for source in sources)]
    return lines


def _answers(relations: list[Json], by_id: Mapping[str, Json]) -> list[str]:
    """A paragraph for each mitigation or detection, with what it does against this technique."""
    out = []
    for relation in relations:
        other = by_id.get(str(relation.get("source_ref")))
        if other is None:
            continue
        analytics = [by_id.get(str(r), {}) for r in other.get("x_mitre_analytic_refs") or ()]
        told = _prose(relation.get("description")) or _prose(other.get("description"))
        own = " ".join(filter(None, [told, *(_prose(a.get("description")) for a in analytics)]))
        number = f" ({_external(other)})" if _external(other) else ""
        name = f"{other.get('name')}{number}"
        out.append(f"**{name}**: {own}" if own else f"**{name}**")
    return out
