"""What the rules would drop, counted before anything is dropped: each rule alone, and as the first
that speaks.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from secarch import console
from secarch.dedupe.build.shards import Prepared
from secarch.dedupe.config import DedupeConfig
from secarch.dedupe.quality.boilerplate import Repeated
from secarch.records import Document
from secarch.schema import JsonDict

if TYPE_CHECKING:
    from rich.table import Table

SAMPLES = 3
SHOWN = 160
"""Characters of a sample."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleCount:
    """One reason with its counts and samples."""

    reason: str
    drops: int
    """Documents for which it is the first reason."""
    alone: int
    """Documents that it would drop if it were asked first."""
    samples: tuple[tuple[str, str], ...]
    """Address and beginning of up to `SAMPLES` of those, drawn with a fixed seed."""

    def row(self) -> JsonDict:
        """JSON-ready."""
        samples = [{"url": url, "text": text} for url, text in self.samples]
        return {"reason": self.reason, "drops": self.drops, "alone": self.alone, "samples": samples}


def licence_reason(document: Document, config: DedupeConfig) -> str:
    """Why a document's terms keep it out, '' if they do not."""
    if not document.licence:
        return "unknown_licence" if config.unknown_licence == "drop" else ""
    return "licence" if config.licences and document.licence not in config.licences else ""


def count_rules(prepared: Sequence[Prepared]) -> list[RuleCount]:
    """Every reason that was given to any document, the one that drops most first."""
    alone: dict[str, list[Prepared]] = defaultdict(list)
    drops: dict[str, int] = defaultdict(int)
    for item in prepared:
        for reason in item.reasons:
            alone[reason].append(item)
        drops[item.reason] += 1
    counted = [
        RuleCount(reason=reason, drops=drops[reason], alone=len(items), samples=_samples(items))
        for reason, items in alone.items()
    ]
    return sorted(counted, key=lambda rule: (-rule.drops, -rule.alone, rule.reason))


def _samples(items: Sequence[Prepared]) -> tuple[tuple[str, str], ...]:
    drawn = random.Random(0).sample(list(items), min(SAMPLES, len(items)))  # noqa: S311 - samples for people
    return tuple(
        (item.head.url, " ".join(item.text[: 4 * SHOWN].split())[:SHOWN]) for item in drawn
    )


def show_rules(rules: Sequence[RuleCount], documents: int) -> None:
    """Print the table to stderr, before any document is dropped."""
    kept = documents - sum(rule.drops for rule in rules)
    share = kept / documents if documents else 0.0
    console.say(
        f"the rules keep {kept:,} of {documents:,} documents ({share:.1%}); what they would drop, "
        "and why:"
    )
    if not rules:
        return
    console.show(_table(rules))
    for rule in rules:
        for url, text in rule.samples:
            console.say(f"  {rule.reason}: {url}  {text[:60]}")


def show_boilerplate(found: Sequence[Repeated]) -> None:
    """Print the commonest lines to stderr, before any is blanked."""
    if not found:
        return
    from rich.table import Table
    from rich.text import Text

    console.say(
        f"{len(found):,} lines that their site repeats at the edges of its pages, to be left out:"
    )
    table = Table("documents", "share", "site", "line", box=None, pad_edge=False)
    for item in found[:10]:
        table.add_row(
            f"{item.documents:,}", f"{item.share:.0%}", Text(item.site), Text(item.line[:80])
        )
    console.show(table)


def _table(rules: Sequence[RuleCount]) -> Table:
    from rich.table import Table

    table = Table("rule", "drops as the first", "would drop alone", box=None, pad_edge=False)
    for rule in rules:
        table.add_row(rule.reason, f"{rule.drops:,}", f"{rule.alone:,}")
    return table
