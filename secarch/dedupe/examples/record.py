"""Checks, controls, threats and findings: a name, and text by the role that its label or heading
gives it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from typing import Any

import yaml

from secarch.dedupe.examples.outline import Page, Part, Section

_LABEL = re.compile(
    r"^(?:[-*+] )?\*\*([^*\n]{2,48}?)[ \t]*:?[ \t]*\*\*[ \t]*:?[ \t]*(.*)\Z", re.DOTALL
)
_MORE_LABELS = re.compile(
    r"(?:^|\s{1,3})\*\*([^*\n]{2,40}?)[ \t]*:[ \t]*\*\*[ \t]*|(?:^|"
    r"\s{1,3})\*\*([^*\n]{2,40}?)\*\*:[ \t]*"
)
_SPLIT = re.compile(r"^(.{3,40}?)\s*(?::|\s[-\u2013]|\()\s*([^()]{1,40})\)?$")
_IDENT = re.compile(
    r"^\[?((?:[A-Z][A-Za-z0-9]{0,20}[-._])*[A-Za-z]{0,12}[-._]?\d[\w.()-]{0,16}|"
    r"[A-Z]{2,10}_[A-Z0-9_]{3,60})\]?[\s:,\u2013-]+(?=\S)"
)


@dataclass(frozen=True, slots=True)
class _Lexicon:
    roles: dict[str, re.Pattern[str]]
    facts: dict[str, str]


@lru_cache(maxsize=1)
def _lexicon() -> _Lexicon:
    read: dict[str, Any] = yaml.safe_load(
        resources.files(__package__).joinpath("roles.yaml").read_text("utf-8")
    )
    roles = {
        name: re.compile(f"(?:{pattern})", re.IGNORECASE) for name, pattern in read["roles"].items()
    }
    return _Lexicon(roles, read["facts"])


_MARKS = dict.fromkeys(map(ord, "*`_#"))


@lru_cache(maxsize=4096)
def role_of(label: str) -> str:
    """The role that a label or heading gives to what follows it; '' if it is not a known one."""
    bare = label.translate(_MARKS).strip(" :.").lower()
    return next((name for name, pattern in _lexicon().roles.items() if pattern.fullmatch(bare)), "")


@dataclass(slots=True)
class Record:
    """One check, control, threat or finding."""

    page: Page
    section: Section
    name: str
    ident: str
    """Such as EC2.2 or AWS-0016; '' if it has none."""
    roles: dict[str, list[Part]] = field(default_factory=dict)
    """Text by role; `lead` is what has no label."""
    variants: list[tuple[str, str, list[Part]]] = field(default_factory=list)
    """Role, what the heading adds to it ('Terraform'), and its text: of fixes, and of good and bad
    examples.
    """
    facts: dict[str, str] = field(default_factory=dict)
    """Short values by the name that an answer gives them."""

    def text(self, *names: str) -> list[Part]:
        """The parts of the first of these roles that has any."""
        return next((self.roles[name] for name in names if self.roles.get(name)), [])

    def prose(self) -> list[Part]:
        """What the record says in sentences, from its first paragraph on."""
        parts = self.text("lead", "describe")
        first = next(
            (n for n, p in enumerate(parts) if p.kind == "paragraph" and p.words > 4), len(parts)
        )
        return [p for p in parts[first:] if not p.text.startswith("**") and p.words > 3]


def records(page: Page) -> Iterator[Record]:
    """Every section that reads as a record: with text of two roles, or with facts and text."""
    for section in page.sections():
        if role_of(section.heading) and section is not page.top:
            continue
        found = _read(page, section)
        telling = {
            role for role, parts in found.roles.items() if parts and role not in ("ignore", "lead")
        }
        telling |= {role for role, _, _ in found.variants}
        if (
            len(telling) >= 2
            or (telling and found.roles.get("lead"))
            or (found.facts and (telling or found.roles.get("lead")))
        ):
            yield found


def _read(page: Page, section: Section) -> Record:
    ident, name = split_ident(section.heading)
    found = Record(page, section, name, ident)
    _labelled(section.parts, found)
    for below in section.below:
        _below(below, found)
    return found


def split_ident(heading: str) -> tuple[str, str]:
    """('EC2.2', 'Default groups should ...') of '[EC2.2] Default groups should ...'."""
    match = _IDENT.match(heading)
    rest = heading[match.end() :].strip() if match else heading
    return (match[1], rest) if match and len(rest.split()) > 1 else ("", heading)


def _below(section: Section, found: Record) -> None:
    role, variant = role_of(section.heading), ""
    if not role and (split := _SPLIT.match(section.heading)):
        role, variant = role_of(split[1]), split[2].strip()
    if not role or role == "ignore":
        return
    own = [part for part in section.parts if part.text]
    inner: list[Part] = []
    for below in section.below:
        if role_of(below.heading) or _SPLIT.match(below.heading):
            _below(below, found)
        else:
            inner += below.every_part() if role != "enhance" else []
    _put(found, role, variant, own + (inner if len(inner) <= 12 else []))


def _put(found: Record, role: str, variant: str, parts: list[Part]) -> None:
    if not parts:
        return
    if variant or role in ("bad", "good"):
        found.variants.append((role, variant, parts))
    if not variant:
        found.roles.setdefault(role, []).extend(parts)


def _labelled(parts: list[Part], found: Record) -> None:
    """Sort what is directly below the heading by the labels in it."""
    role = "lead"
    for part in parts:
        labelled = part.kind in ("paragraph", "item", "quote") and "**" in part.raw[:16]
        match = _LABEL.match(part.text) if labelled else None
        if match is None:
            found.roles.setdefault(role, []).append(part)
            continue
        label, value = match[1].strip().lower(), match[2].strip()
        known = role_of(label)
        if label in _lexicon().facts:
            _facts(part.text, found)
            role = "lead"
        elif known:
            role = known
            if value and role != "ignore":
                value = _until_label(value)
                found.roles.setdefault(role, []).append(part.with_text(value))
        elif role not in ("lead", "ignore") and part.kind == "item":
            found.roles[role].append(part) if role in found.roles else None
        else:
            role = "lead"
            if (
                label not in ("note", "important", "topics", "contents")
                and value
                and len(label) > 3
            ):
                found.roles.setdefault(role, []).append(part)


def _until_label(value: str) -> str:
    more = _MORE_LABELS.search(value)
    return value[: more.start()].strip() if more and more.start() > 0 else value


def _facts(text: str, found: Record) -> None:
    """All 'Label: value' pairs of one paragraph that the lexicon knows."""
    marks = list(_MORE_LABELS.finditer(text.removeprefix("- ").removeprefix("+ ")))
    body = text.removeprefix("- ").removeprefix("+ ")
    for n, mark in enumerate(marks):
        label = (mark[1] or mark[2]).strip().lower()
        end = marks[n + 1].start() if n + 1 < len(marks) else len(body)
        value = " ".join(body[mark.end() : end].split()).strip()
        known = _lexicon().facts.get(label)
        if known and value and value.lower() not in ("none", "n/a", "-") and len(value) < 600:
            found.facts[known] = value
