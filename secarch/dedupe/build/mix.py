"""The mix: how much of the dataset each family may be, and what is left out for it.

A share is an upper bound. Families that teach a decision, a threat, a review, a fix or a mapping
are together at least `mix.applied` of the rows: the others are cut to that. Of many rows from pages
only those are taken that do in full what their family promises. Rows about security stay before
rows that hardly name it, those from pages before those that generators made, and within that
a hash decides, so that a row that is in stays in when
other rows are added.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from secarch.dedupe.config import APPLIED, MixConfig
from secarch.dedupe.examples import promise, worth
from secarch.records import Example
from secarch.text.finder import Finder

_SECURITY = Finder(
    r"\b(?:secur\w+|attack\w*|encrypt\w*|polic(?:y|ies)|permissions?|credentials?|secrets?|keys?|"
    r"certificates?|tls|mfa|identit\w+|authenti\w+|authori[sz]\w+|audit\w*|complian\w+|threat\w*|"
    r"vulnerab\w+|least privilege|firewalls?|private|public|malicious|roles?|access|iam|rbac|kms|"
    r"vault|sign(?:ed|ing|atures?)|incident\w*|detect\w*|risk\w*|trust\w*|rotat\w+|isolat\w+)\b",
    re.IGNORECASE,
)
ENOUGH = 6
"""Security terms in a question and the beginning of its answer from which a row is about it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What the mix did to one family."""

    family: str
    most: float
    """Largest share that the settings allow (0..1)."""
    had: int
    taken: int
    share: float
    """Of the rows taken (0..1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mixed:
    """Rows that are taken, those that are left out and why, and the figures."""

    taken: list[Example]
    left: list[Example]
    """Rows above the share of their family."""
    little: list[Example]
    """Rows from pages that teach too little, so that they count for no share."""
    lines: list[Line]
    applied: float
    """Share of the rows that decide, threat-model, review, fix or map (0..1)."""
    short: str
    """What the mix asks for and the rows cannot give; empty if it is met."""


def total(have: Mapping[str, int], mix: MixConfig, endless: Sequence[str] = ()) -> int:
    """Rows that the mix can be met with; families in `endless` have as many as they may.

    The largest n for which the families, each cut to its share of n, still give n rows.
    """
    low, high = 0, sum(have.values()) * 4 + mix.small * 20 + mix.rows
    while low < high:
        middle = (low + high + 1) // 2
        if sum(quotas(have, mix, middle, endless).values()) >= middle:
            low = middle
        else:
            high = middle - 1
    return low


def quotas(
    have: Mapping[str, int], mix: MixConfig, rows: int, endless: Sequence[str] = ()
) -> dict[str, int]:
    """Rows of each family out of `rows`: its share of them, and never less than `mix.small`."""
    most = {
        family: max(mix.small, int(mix.share(family) * rows)) if mix.share(family) else 0
        for family in have
    }
    found = {
        family: most[family] if family in endless else min(count, most[family])
        for family, count in have.items()
    }
    others = [family for family in found if family not in APPLIED]
    room = max(mix.small, int((1 - mix.applied) * rows))
    over = sum(found[family] for family in others) - room
    for family in sorted(others, key=lambda name: (-found[name], name)):
        if over <= 0:
            break
        cut = min(over, max(0, found[family] - mix.small))
        found[family] -= cut
        over -= cut
    return found


ENDLESS = ("review", "fix", "policy", "choose", "threat", "map")
"""Families that generators make."""
FEW = 16
"""Page rows worth learning below which a dataset keeps whatever does no harm."""
QUOTED = frozenset({"threat", "fix", "map", "explain"})
"""Families whose passages a generated answer may quote."""


def is_constructed(example: Example) -> bool:
    """Whether a generator composed it; else it is made from a document."""
    return example.document_id.startswith("constructed:")


def _many(examples: Sequence[Example], mix: MixConfig) -> bool:
    """Whether so many rows come from pages that only the best of them are taken."""
    return sum(not is_constructed(example) for example in examples) > mix.whole


def worthy(examples: Sequence[Example], mix: MixConfig) -> list[Example]:
    """The rows without those from pages that teach an architect too little.

    Rows that keep their family's promise in full always stay. In a small dataset those that are
    worth learning stand in up to `mix.told`, those in a full form of their family first; if hardly
    any is, only what would do harm is left out.
    """
    pages = [example for example in examples if not is_constructed(example)]
    problems = {id(one): worth.problem(one.kind, one.instruction, one.answer) for one in pages}
    good = [one for one in pages if not problems[id(one)]]
    taken = [one for one in good if promise.kept(one.kind, one.instruction, one.answer)]
    if not _many(examples, mix):
        first = set(map(id, taken))
        rest = [one for one in good if id(one) not in first]
        rest.sort(key=lambda one: not promise.in_form(one.kind, one.answer))
        taken += rest[: max(0, mix.told - len(taken))]
        if len(taken) < FEW:
            taken = [one for one in pages if problems[id(one)] != worth.HARMFUL]
    kept = set(map(id, taken))
    return [one for one in examples if is_constructed(one) or id(one) in kept]


def room(examples: Sequence[Example], mix: MixConfig) -> int:
    """How many generated rows the mix has room for beside these."""
    fit = worthy(examples, mix)
    if not fit:
        return 0
    have = dict.fromkeys(ENDLESS, 0)
    for example in fit:
        have[example.kind] = have.get(example.kind, 0) + 1
    wanted = int(len(fit) * mix.constructed / (1 - min(0.95, mix.constructed)))
    if _many(examples, mix):
        wanted = max(wanted, mix.rows - len(fit))
    return max(0, min(wanted, total(have, mix, ENDLESS) - len(fit)))


def apply(examples: Sequence[Example], mix: MixConfig) -> Mixed:
    """Cut each family to its share; the order of the rows stays."""
    by_family: dict[str, list[Example]] = {}
    fit = worthy(examples, mix)
    for example in fit:
        by_family.setdefault(example.kind, []).append(example)
    have = {family: len(rows) for family, rows in sorted(by_family.items())}
    kept = quotas(have, mix, min(total(have, mix), len(fit)))
    chosen = {
        example.id
        for family, rows in by_family.items()
        for example in sorted(rows, key=_rank)[: kept[family]]
    }
    taken = [example for example in examples if example.id in chosen]
    count = max(1, len(taken))
    lines = [
        Line(
            family=family,
            most=mix.share(family),
            had=have[family],
            taken=kept[family],
            share=kept[family] / count,
        )
        for family in have
    ]
    applied = sum(line.taken for line in lines if line.family in APPLIED) / count
    fitting = {example.id for example in fit}
    return Mixed(
        taken=taken,
        left=[example for example in fit if example.id not in chosen],
        little=[example for example in examples if example.id not in fitting],
        lines=lines,
        applied=applied,
        short=_short(lines, applied, mix),
    )


def _short(lines: Sequence[Line], applied: float, mix: MixConfig) -> str:
    """What could not be met, in words."""
    parts = []
    if applied < mix.applied:
        parts.append(
            f"rows that decide, threat-model, review, fix or map are {applied:.0%}, "
            f"{mix.applied:.0%} were asked for"
        )
    over = [line for line in lines if line.share > line.most + 0.005]
    if over:
        listed = ", ".join(
            f"{line.family} {line.share:.0%} (at most {line.most:.0%})" for line in over
        )
        parts.append(f"above their share, since few rows are kept whole: {listed}")
    missing = sorted(set(APPLIED) - {line.family for line in lines if line.taken})
    if missing:
        parts.append(f"no rows of {', '.join(missing)}")
    return "; ".join(parts)


def _rank(example: Example) -> tuple[bool, bool, str]:
    """Rows from pages first, since generators can always make another one."""
    told = f"{example.instruction} {example.answer[:900]}"
    about = _SECURITY.at_least(ENOUGH, told)
    return is_constructed(example), not about, hashlib.sha256(example.id.encode()).hexdigest()
