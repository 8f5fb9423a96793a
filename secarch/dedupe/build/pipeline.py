"""The steps in their order, with what each left over and dropped."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from secarch import console
from secarch.dedupe.build.composing import Composer
from secarch.dedupe.build.documents import Sources
from secarch.dedupe.build.engine import engine
from secarch.dedupe.build.example_steps import ExampleSteps
from secarch.dedupe.build.mix import is_constructed
from secarch.dedupe.build.result import Result, nothing_left, rejected_document, rejected_span
from secarch.dedupe.build.shards import Prepared
from secarch.dedupe.build.splitting import divide
from secarch.dedupe.build.store import WORK, Store
from secarch.dedupe.duplicates import near
from secarch.dedupe.examples.builder import Builder
from secarch.dedupe.quality.rule_counts import count_rules, show_boilerplate, show_rules
from secarch.dedupe.split import decontaminate, split
from secarch.records import Document, Example
from secarch.schema import JsonDict

if TYPE_CHECKING:
    from secarch.dedupe.config import DedupeConfig
    from secarch.dedupe.examples.decisions import Decisions
    from secarch.session import Session
    from secarch.suite.schema import Suite


class Pipeline:
    """One run over one set of sources."""

    def __init__(
        self,
        config: DedupeConfig,
        session: Session,
        suite: Suite | None,
        decided: Decisions | None = None,
    ) -> None:
        self._config = config
        self._session = session
        self._suite = suite
        self._out = Result()
        self._steps = ExampleSteps(config, session, suite, decided, self._out)

    def run(self, sources: Sources, directory: Path, base: Path | None = None) -> Result:
        """All steps, with what was done so far in `directory`; `base` is a dataset to add to.

        Raises MissingInput, InvalidInput (nothing left; with the funnel), MissingExtra,
        Interrupted.
        """
        with engine(self._config) as chosen:
            self._store = Store(directory, base, self._config, chosen, self._check)
            documents = self._read(sources)
            good = self._judged(self._store.prepare())
            kept, related = self._distinct(good)
            cut = self._examples(good, kept)
            compose = Composer(chosen, directory / WORK, self._check)
            made = self._steps.constructed(self._steps.generated(cut, self._check), compose)
            examples = self._steps.reviewed(made)
        examples = self._steps.decontaminated(examples)
        members = [split.Member(i.head.id, i.head.canonical_url, i.head.sha256) for i in good]
        component = split.components(members, [(i, j) for i, j, _ in related])
        examples = self._steps.without_suite_sources(members, component, examples)
        divide(
            self._steps.mixed(examples),
            members,
            component,
            kept,
            related,
            self._config.split,
            self._session.seed,
            self._out,
        )
        self._means_the_same(good, kept, component)
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
                out.rejected.append(rejected_document("filter", item, item.reason, item.text))
        out.step(
            "quality rules", len(good), 0, Counter(item.reason for item in prepared if item.reason)
        )
        if not good:
            raise nothing_left(out)
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
                rejected_document(
                    f"duplicate:{twin.head.id}", gone, f"duplicate_{removal.rule}", text
                )
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
                rejected_span(
                    left.document_id, left.url, left.reason, left.start, left.end, left.text
                )
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
            raise nothing_left(out)
        return built.examples

    def _means_the_same(
        self,
        good: Sequence[Prepared],
        kept: Sequence[int],
        component: Sequence[int],
    ) -> None:
        """Report near neighbours by embedding; nothing is dropped for them."""
        config, out = self._config, self._out
        if not config.semantic:
            return
        from secarch.dedupe.duplicates.semantic import Text, neighbours

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
            "examples_composed": sum(map(is_constructed, chain.from_iterable(out.rows.values()))),
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
        out.rejected.sort()
        out.counts = dict(sorted(out.counts.items()))


def _order(document: Document) -> tuple[str, ...]:
    return (document.id, document.sha256, document.url, document.title)


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
