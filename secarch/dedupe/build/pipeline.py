"""The steps in their order, with what each left over and dropped."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from secarch import console
from secarch.dedupe.build import mix
from secarch.dedupe.build.documents import Sources
from secarch.dedupe.build.engine import engine
from secarch.dedupe.build.mix import Mixed
from secarch.dedupe.build.shards import Prepared
from secarch.dedupe.build.store import Store
from secarch.dedupe.duplicates import near
from secarch.dedupe.examples import decisions, gate
from secarch.dedupe.examples.builder import Builder
from secarch.dedupe.examples.constructed.rows import rows as constructed_rows
from secarch.dedupe.examples.decisions import Decisions, Folded
from secarch.dedupe.quality.boilerplate import Repeated
from secarch.dedupe.quality.rule_counts import RuleCount, count_rules, show_boilerplate, show_rules
from secarch.dedupe.split import decontaminate, split
from secarch.dedupe.split.leaks import overlapping
from secarch.errors import InvalidInput
from secarch.records import Document, Example
from secarch.report import labels
from secarch.schema import JsonDict

if TYPE_CHECKING:
    from secarch.dedupe.config import DedupeConfig
    from secarch.dedupe.duplicates.semantic import Neighbours
    from secarch.session import Session
    from secarch.suite.schema import Suite


@dataclass(slots=True)
class Result:
    """Everything that the files and the report are written from."""

    documents: list[Prepared] = field(default_factory=list)
    """Kept, by id."""
    rows: dict[split.Split, list[Example]] = field(default_factory=dict)
    rejected: list[JsonDict] = field(default_factory=list)
    duplicates: list[JsonDict] = field(default_factory=list)
    hits: list[decontaminate.Hit] = field(default_factory=list)
    funnel: list[JsonDict] = field(default_factory=list)
    rules: list[RuleCount] = field(default_factory=list)
    """What each quality rule drops, counted before any did."""
    boilerplate: list[Repeated] = field(default_factory=list)
    """Lines that were blanked because a site repeats them at the edges of its pages."""
    index: list[str] = field(default_factory=list)
    """Files that later additions are compared with."""
    counts: dict[str, int] = field(default_factory=dict)
    secrets: Counter[str] = field(default_factory=Counter)
    review: Folded | None = None
    """What reviewers' decisions changed; None where there are none."""
    agreement: JsonDict = field(default_factory=dict)
    """How far reviewers agree, over all their decisions."""
    neighbours: Neighbours | None = None
    """What means the same in other words; None where nobody asked."""
    mixed: Mixed | None = None
    """Shares of the families, and what was left out for them."""
    meter: JsonDict = field(default_factory=dict)
    """What asking a language model took; empty where none was asked."""
    bad: list[dict[str, str]] = field(default_factory=list)
    closest: float = 0.0
    """Largest Jaccard of two documents in different splits (0..1)."""

    def step(self, name: str, documents: int, examples: int, reasons: Counter[str]) -> None:
        """Add a line to the funnel."""
        ordered = dict(sorted(reasons.items(), key=lambda pair: (-pair[1], pair[0])))
        self.funnel.append(
            {"step": name, "documents": documents, "examples": examples, "reasons": ordered}
        )


class Pipeline:
    """One run over one set of sources."""

    def __init__(
        self,
        config: DedupeConfig,
        session: Session,
        suite: Suite | None,
        decided: Decisions | None = None,
    ) -> None:
        self._decided = decided
        self._config = config
        self._session = session
        self._suite = suite
        self._out = Result()

    def run(self, sources: Sources, directory: Path, base: Path | None = None) -> Result:
        """All steps, with what was done so far in `directory`; `base` is a data set to add to.

        Raises MissingInput, InvalidInput (nothing left; with the funnel), MissingExtra,
        Interrupted.
        """
        with engine(self._config) as chosen:
            self._store = Store(directory, base, self._config, chosen, self._check)
            documents = self._read(sources)
            good = self._judged(self._store.prepare())
            kept, related = self._distinct(good)
            made = self._constructed(self._generated(self._examples(good, kept)))
            examples = self._reviewed(made)
        examples = self._clean(examples)
        self._split(good, kept, related, examples)
        self._means_the_same(good, kept, related)
        self._count(documents)
        self._out.index = self._store.seal()
        return self._out

    def _check(self) -> None:
        self._session.stop.check()

    def _read(self, sources: Sources) -> int:
        out = self._out
        documents, out.bad = self._store.read(sources)
        out.step("read", documents, 0, Counter({"bad_row": len(out.bad)} if out.bad else {}))
        out.boilerplate = self._store.find_boilerplate()
        show_boilerplate(out.boilerplate)
        return documents

    def _judged(self, prepared: list[Prepared]) -> list[Prepared]:
        out = self._out
        out.rules = count_rules(prepared)
        show_rules(out.rules, len(prepared))
        good = [item for item in prepared if not item.reason]
        for item in prepared:
            if item.reason:
                out.rejected.append(_rejected("filter", item, item.reason, item.text))
        out.step(
            "quality rules", len(good), 0, Counter(item.reason for item in prepared if item.reason)
        )
        if not good:
            raise _nothing_left(out)
        return good

    def _distinct(self, good: list[Prepared]) -> tuple[list[int], list[tuple[int, int, float]]]:
        """Indices of the kept documents, and the related pairs."""
        out = self._out
        ranks = [near.rank(item.head, item.signals.quality, item.signals.words) for item in good]
        config = self._config
        found = near.find(
            self._store.signed(good),
            ranks,
            threshold=config.threshold,
            containment=config.containment,
            shingle=config.shingle,
            check=self._check,
            seen=self._store.index(),
        )
        removed = {removal.removed for removal in found.removals}
        for removal in found.removals:
            out.duplicates.append(_duplicate(removal, good))
            gone, twin = good[removal.removed], good[removal.kept]
            text = "" if removal.rule == "exact" else gone.text
            out.rejected.append(
                _rejected(f"duplicate:{twin.head.id}", gone, f"duplicate_{removal.rule}", text)
            )
        out.duplicates.sort(
            key=lambda row: (row["removed"], row["removed_url"], row["removed_sha256"])
        )
        kept = [i for i in range(len(good)) if i not in removed]
        out.step(
            "duplicates",
            len(kept),
            0,
            Counter(f"duplicate_{removal.rule}" for removal in found.removals),
        )
        out.documents = [good[i] for i in kept]
        out.counts["near_verified"] = found.verified
        console.log().info(
            "compared", documents=len(good), candidates=found.candidates, verified=found.verified
        )
        for item in out.documents:
            out.secrets.update(item.secrets)
        return kept, found.related

    def _examples(self, good: Sequence[Prepared], kept: Sequence[int]) -> list[Example]:
        """Cut in shards; which wording a piece takes is decided here, in the order of ids and
        contents.
        """
        out = self._out
        cuts = self._store.pieces()
        builder = Builder(self._config)
        for i in sorted(kept, key=lambda i: _order(good[i].head)):
            item = good[i]
            assert item.place
            pieces = cuts[item.place.path, item.place.row]
            builder.take(item.head, pieces, partial(getattr, item, "document"))
        built = builder.built
        for left in built.left_out:
            out.rejected.append(
                _span(left.document_id, left.url, left.reason, left.start, left.end, left.text)
            )
        out.counts["documents_over_cap"] = built.documents_over_cap
        out.counts |= {
            "wordings": len(builder.wordings),
            "commonest_wording": max(builder.wordings.values(), default=0),
        }
        out.step(
            "examples cut",
            len(kept),
            len(built.examples),
            Counter(left.reason for left in built.left_out),
        )
        if not built.examples:
            raise _nothing_left(out)
        return built.examples

    def _generated(self, examples: list[Example]) -> list[Example]:
        """With what a language model made of their spans, where one is given."""
        config = self._config.generate
        if not config.url:
            return examples
        from secarch.dedupe.generate.generate import generate, meter_row

        made = generate(examples, config, self._session.workspace, self._session.seed, self._check)
        self._out.meter = meter_row(made.meter, config)
        self._out.rejected += [_left(example, reason) for example, reason in made.rejected]
        self._out.counts["generated"] = len(made.examples)
        both = [*examples, *made.examples]
        self._out.step(
            "generated", _documents(both), len(both), Counter(reason for _, reason in made.rejected)
        )
        return both

    def _constructed(self, examples: list[Example]) -> list[Example]:
        """With rows that generators compose from templates, as many as the mix has room for."""
        config = self._config.mix
        if not config.constructed:
            return examples
        limit = mix.room(examples, config)
        spans = [example for example in examples if example.kind in mix.QUOTED]
        made = list(itertools.islice(constructed_rows(self._session.seed, limit, spans), limit))
        known = {example.instruction for example in examples}
        made = [example for example in made if example.instruction not in known]
        problems = [(e, gate.problem(e.kind, e.instruction, e.answer)) for e in made]
        self._out.rejected += [_left(example, why) for example, why in problems if why]
        both = [*examples, *(example for example, why in problems if not why)]
        self._out.counts["constructed"] = len(both) - len(examples)
        self._out.step(
            "constructed", _documents(both), len(both), Counter(why for _, why in problems if why)
        )
        return both

    def _mixed(self, examples: list[Example]) -> list[Example]:
        """As the mix wants it."""
        out = self._out
        out.mixed = mix.apply(examples, self._config.mix)
        out.rejected += [_left(example, "over_mix") for example in out.mixed.left]
        lost = len(out.mixed.left)
        taken = out.mixed.taken
        out.step("mix", _documents(taken), len(taken), Counter({"over_mix": lost} if lost else {}))
        return taken

    def _reviewed(self, examples: list[Example]) -> list[Example]:
        """As people decided: without what they rejected, and with their edits."""
        out = self._out
        if self._decided is None:
            return examples
        out.review = decisions.fold(examples, self._decided)
        out.agreement = labels.agreement(self._decided.groups.values())
        out.rejected += [_left(example, "review") for example in out.review.rejected]
        gone = len(out.review.rejected)
        reasons = Counter({"review": gone} if gone else {})
        out.step("review", _documents(out.review.examples), len(out.review.examples), reasons)
        said = Counter(row["decision"] for row in out.review.rows)
        out.counts |= {f"review_{name}": said[name] for name in decisions.DECISIONS} | {
            "review_stale": out.review.stale
        }
        if not out.review.examples:
            raise _nothing_left(out)
        return out.review.examples

    def _clean(self, examples: list[Example]) -> list[Example]:
        """Without what a suite asks."""
        out = self._out
        if self._suite is None:
            return examples
        out.hits = decontaminate.check(examples, decontaminate.items([self._suite]))
        dropped = {hit.example_id for hit in out.hits if hit.decision == "drop"}
        out.rejected += [
            _left(example, "contaminated") for example in examples if example.id in dropped
        ]
        examples = [example for example in examples if example.id not in dropped]
        reasons = Counter({"contaminated": len(dropped)} if dropped else {})
        out.step("decontamination", _documents(examples), len(examples), reasons)
        if not examples:
            raise _nothing_left(out)
        return examples

    def _without_sources(
        self, members: Sequence[split.Member], component: Sequence[int], examples: list[Example]
    ) -> list[Example]:
        """Without documents that questions were written from, and what is joined with them."""
        out = self._out
        if self._suite is None or not self._config.exclude_sources:
            return examples
        families = decontaminate.source_families([self._suite])
        gone = {
            place
            for place, m in zip(component, members, strict=True)
            if split.family(m.url) in families
        }
        ids = {member.id for place, member in zip(component, members, strict=True) if place in gone}
        named = [bool(ids & _written_from(example)) for example in examples]
        left = [example for example, gone_ in zip(examples, named, strict=True) if not gone_]
        out.rejected += [
            _left(example, "suite_source")
            for example, gone_ in zip(examples, named, strict=True)
            if gone_
        ]
        lost = len(examples) - len(left)
        out.step(
            "suite sources",
            _documents(left),
            len(left),
            Counter({"suite_source": lost} if lost else {}),
        )
        if not left:
            raise _nothing_left(out)
        return left

    def _split(
        self,
        good: list[Prepared],
        kept: Sequence[int],
        related: list[tuple[int, int, float]],
        examples: list[Example],
    ) -> None:
        out, config = self._out, self._config
        members = [split.Member(i.head.id, i.head.canonical_url, i.head.sha256) for i in good]
        component = split.components(members, [(i, j) for i, j, _ in related])
        places = [component[i] for i in kept]
        examples = self._mixed(self._without_sources(members, component, examples))
        chosen = dict(
            zip(
                kept,
                split.assign([members[i] for i in kept], places, config.split, self._session.seed),
                strict=True,
            )
        )
        out.closest = max(
            (
                jaccard
                for i, j, jaccard in related
                if i in chosen and j in chosen and chosen[i] != chosen[j]
            ),
            default=0.0,
        )
        if out.closest >= near.RELATED:
            raise AssertionError("similar documents stand on two sides of a split")
        by_document = {good[i].head.id: name for i, name in chosen.items()}
        rows: dict[split.Split, list[Example]] = {name: [] for name in split.SPLITS}
        for example in examples:
            place = by_document.get(example.document_id)
            rows[
                place or split.of_scenario(example.document_id, config.split, self._session.seed)
            ].append(example)
        _keep_training(rows)
        leaky = overlapping(
            rows["train"], [*rows["validation"], *rows["test"]], config.split.max_overlap
        )
        for name in ("validation", "test"):
            out.rejected += [
                _left(example, "overlaps_training") for example in rows[name] if example.id in leaky
            ]
            rows[name] = [example for example in rows[name] if example.id not in leaky]
        out.rows = rows
        reasons = Counter({"overlaps_training": len(leaky)} if leaky else {})
        total = [example for part in rows.values() for example in part]
        out.step("splits", _documents(total), len(total), reasons)
        out.counts["split_components"] = len(set(places))

    def _means_the_same(
        self,
        good: Sequence[Prepared],
        kept: Sequence[int],
        related: Sequence[tuple[int, int, float]],
    ) -> None:
        """Report near neighbours by embedding; nothing is dropped for them."""
        config, out = self._config, self._out
        if not config.semantic:
            return
        from secarch.dedupe.duplicates.semantic import Text, neighbours

        members = [
            split.Member(item.head.id, item.head.canonical_url, item.head.sha256) for item in good
        ]
        component = split.components(members, [(i, j) for i, j, _ in related])
        documents = [
            Text(
                id=good[i].head.id,
                url=good[i].head.url,
                text=good[i].text[:2_000],
                group=component[i],
            )
            for i in kept
        ]
        asked = [
            Text(id=e.id, url=e.url, text=e.instruction) for part in out.rows.values() for e in part
        ]
        items = [] if self._suite is None else decontaminate.items([self._suite])
        items = [item for item in items if item.part in {"question", "reference"}]
        out.neighbours = neighbours(
            documents,
            asked,
            items,
            encoder=config.encoder,
            threshold=config.semantic_threshold,
            workspace=self._session.workspace,
            check=self._check,
        )
        out.counts["semantic_documents"] = len(out.neighbours.documents)
        out.counts["semantic_contamination"] = len(out.neighbours.contamination)

    def _count(self, documents: int) -> None:
        out = self._out
        asked = Counter(example.instruction for part in out.rows.values() for example in part)
        out.counts |= {
            "documents_read": documents,
            "bad_rows": len(out.bad),
            "documents_kept": len(out.documents),
            "boilerplate_lines": len(out.boilerplate),
            "documents_of_unknown_licence": sum(not item.head.licence for item in out.documents),
            "examples": sum(asked.values()),
            "distinct_instructions": len(asked),
            "contamination_dropped": len(
                {hit.example_id for hit in out.hits if hit.decision == "drop"}
            ),
            "contamination_flagged": len(
                {hit.example_id for hit in out.hits if hit.decision == "flag"}
            ),
            **{name: len(part) for name, part in out.rows.items()},
            **{f"secret_{name}": count for name, count in sorted(out.secrets.items())},
        }
        for step in out.funnel:
            for reason, count in step["reasons"].items():
                out.counts[f"rejected_{reason}"] = out.counts.get(f"rejected_{reason}", 0) + count
        out.rejected.sort(
            key=lambda row: (
                row["document_id"],
                row["start"],
                row["reason"],
                row["url"],
                row["sha256"],
            )
        )
        out.counts = dict(sorted(out.counts.items()))


def _order(document: Document) -> tuple[str, ...]:
    return (document.id, document.sha256, document.url, document.title)


def _keep_training(rows: dict[split.Split, list[Example]]) -> None:
    """Where all that yielded examples was held out, training gets it."""
    for name in ("test", "validation"):
        if not rows["train"] and rows[name]:
            rows["train"], rows[name] = rows[name], []


def _written_from(example: Example) -> set[str]:
    return {example.document_id, *(source.document_id for source in example.sources)}


def _documents(examples: Sequence[Example]) -> int:
    return len({example.document_id for example in examples})


def _duplicate(removal: near.Removal, good: Sequence[Prepared]) -> JsonDict:
    gone, kept = good[removal.removed], good[removal.kept]
    return {
        "removed": gone.head.id,
        "removed_url": gone.head.url,
        "removed_sha256": gone.head.sha256,
        "kept": kept.head.id,
        "kept_url": kept.head.url,
        "kept_sha256": kept.head.sha256,
        "jaccard": _round(removal.jaccard),
        "containment": _round(removal.containment),
        "rule": removal.rule,
        "removed_quality": gone.signals.quality,
        "kept_quality": kept.signals.quality,
        "removed_words": gone.signals.words,
        "kept_words": kept.signals.words,
    }


def _round(value: float) -> float:
    """Downwards, so that a figure never claims more than was found."""
    return math.floor(value * 10_000) / 10_000


def _rejected(stage: str, item: Prepared, reason: str, text: str) -> JsonDict:
    return {
        "stage": stage,
        "reason": reason,
        "document_id": item.head.id,
        "url": item.head.url,
        "sha256": item.head.sha256,
        "start": 0,
        "end": item.signals.characters,
        "text": text,
    }


def _left(example: Example, reason: str) -> JsonDict:
    return _span(
        example.document_id, example.url, reason, example.start, example.end, example.answer
    )


def _span(document_id: str, url: str, reason: str, start: int, end: int, text: str) -> JsonDict:
    return {
        "stage": "example",
        "reason": reason,
        "document_id": document_id,
        "url": url,
        "sha256": "",
        "start": start,
        "end": end,
        "text": text,
    }


def _nothing_left(out: Result) -> InvalidInput:
    """Everything was rejected: say where and why."""
    lines = []
    for step in out.funnel:
        reasons = ", ".join(f"{name} {count}" for name, count in step["reasons"].items())
        lines.append(
            f"{step['step']}: {step['documents']} documents, {step['examples']} examples"
            + (f" ({reasons})" if reasons else "")
        )
    return InvalidInput(
        "nothing is left to learn from",
        why=" -> ".join(lines),
        fix="widen the rule that drops most, such as --set dedupe.min_words=10",
    )
