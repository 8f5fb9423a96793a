"""The steps from cut examples to the rows of the dataset: each takes rows and returns rows."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from secarch.dedupe.build import composing, mix
from secarch.dedupe.build.result import Result, nothing_left
from secarch.dedupe.examples import decisions
from secarch.dedupe.examples.constructed.rows import distinct
from secarch.dedupe.quality.reasons import Reason
from secarch.dedupe.split import decontaminate
from secarch.dedupe.split.split import Member, family
from secarch.records import Example
from secarch.report import labels

if TYPE_CHECKING:
    from secarch.dedupe.build.composing import Compose
    from secarch.dedupe.config import DedupeConfig
    from secarch.dedupe.examples.decisions import Decisions
    from secarch.session import Session
    from secarch.suite.schema import Suite


class ExampleSteps:
    """What is done with examples after they are cut; counts and rejected rows go into `out`.

    Raises InvalidInput, with the funnel, where a step leaves nothing over.
    """

    def __init__(
        self,
        config: DedupeConfig,
        session: Session,
        suite: Suite | None,
        decided: Decisions | None,
        out: Result,
    ) -> None:
        self._config = config
        self._session = session
        self._suite_texts = [] if suite is None else decontaminate.items([suite])
        self._suite = suite
        self._decided = decided
        self._out = out

    @cached_property
    def _suite_index(self) -> decontaminate.Index:
        """The suite's texts, read once for all the steps that look for them."""
        return decontaminate.Index(self._suite_texts)

    def generated(self, examples: list[Example], check: Callable[[], None]) -> list[Example]:
        """With what a language model made of their spans, if one is configured."""
        config = self._config.generate
        if not config.url:
            return examples
        from secarch.dedupe.generate.generate import generate, meter_row

        made = generate(examples, config, self._session.workspace, self._session.seed, check)
        self._out.meter = meter_row(made.meter, config)
        self._out.counts["generated"] = len(made.examples)
        both = [*examples, *made.examples]
        self._out.example_step("generated", both, made.rejected)
        return both

    def constructed(
        self, examples: list[Example], compose: Compose = composing.here
    ) -> list[Example]:
        """With rows that generators compose from templates, as many as the mix has room for."""
        config = self._config.mix
        if not config.constructed:
            return examples
        limit = mix.room(examples, config)
        spans = [example for example in examples if example.kind in mix.QUOTED]
        # Twice as many are on offer, so that rows which resemble the suite are replaced.
        reasons: dict[str, str] = {}
        attempts = _noted(compose(self._session.seed, limit, spans), reasons)
        left: list[tuple[Example, str]] = []
        made = list(self._unlike_suite(distinct(attempts, 2 * limit), limit, left))
        known = {example.instruction for example in examples}
        judged = [
            (example, reasons.get(example.id, ""))
            for example in made
            if example.instruction not in known
        ]
        left += [(example, why) for example, why in judged if why]
        both = [*examples, *(example for example, why in judged if not why)]
        self._out.counts["constructed"] = len(both) - len(examples)
        self._out.example_step("constructed", both, left)
        return both

    def _unlike_suite(
        self, offered: Iterator[Example], limit: int, left: list[tuple[Example, str]]
    ) -> Iterator[Example]:
        """The first `limit` rows that share no run of words with the suite.

        A run of 13 words is a flag only for sources, which nobody here wrote; a generator can
        always compose another row.
        """
        if not self._suite_texts:
            yield from itertools.islice(offered, limit)
            return
        while limit and (batch := list(itertools.islice(offered, limit))):
            alike = {hit.example_id for hit in decontaminate.check(batch, self._suite_index)}
            left += [(example, Reason.RESEMBLES_SUITE) for example in batch if example.id in alike]
            unlike = [example for example in batch if example.id not in alike]
            yield from unlike
            limit -= len(unlike)

    def reviewed(self, examples: list[Example]) -> list[Example]:
        """As people decided: without what they rejected, and with their edits."""
        out = self._out
        if self._decided is None:
            return examples
        out.review = decisions.fold(examples, self._decided)
        out.agreement = labels.agreement(self._decided.groups.values())
        out.example_step(
            "review",
            out.review.examples,
            [(example, Reason.REVIEW) for example in out.review.rejected],
        )
        said = Counter(row["decision"] for row in out.review.rows)
        out.counts |= {f"review_{name}": said[name] for name in decisions.DECISIONS} | {
            "review_stale": out.review.stale
        }
        return self._some(out.review.examples)

    def decontaminated(self, examples: list[Example]) -> list[Example]:
        """Without what a suite asks."""
        out = self._out
        if self._suite is None:
            return examples
        out.hits = decontaminate.check(examples, self._suite_index)
        dropped = {hit.example_id for hit in out.hits if hit.decision == "drop"}
        left = [(example, Reason.CONTAMINATED) for example in examples if example.id in dropped]
        examples = [example for example in examples if example.id not in dropped]
        out.example_step("decontamination", examples, left)
        return self._some(examples)

    def without_suite_sources(
        self, members: Sequence[Member], component: Sequence[int], examples: list[Example]
    ) -> list[Example]:
        """Without documents that questions were written from, and what is joined with them."""
        if self._suite is None or not self._config.exclude_sources:
            return examples
        families = decontaminate.source_families([self._suite])
        placed = list(zip(component, members, strict=True))
        gone = {place for place, member in placed if family(member.url) in families}
        ids = {member.id for place, member in placed if place in gone}
        left = [(e, Reason.SUITE_SOURCE) for e in examples if ids & _written_from(e)]
        examples = [e for e in examples if not ids & _written_from(e)]
        self._out.example_step("suite sources", examples, left)
        return self._some(examples)

    def mixed(self, examples: list[Example]) -> list[Example]:
        """Each family cut to its share."""
        mixed = mix.apply(examples, self._config.mix)
        self._out.mixed = mixed
        left = [(example, Reason.TEACHES_LITTLE) for example in mixed.little]
        left += [(example, Reason.OVER_MIX) for example in mixed.left]
        self._out.example_step("mix", mixed.taken, left)
        return mixed.taken

    def _some(self, examples: list[Example]) -> list[Example]:
        if not examples:
            raise nothing_left(self._out)
        return examples


def _noted(judged: Iterable[tuple[Example, str]], reasons: dict[str, str]) -> Iterator[Example]:
    """The rows; what speaks against one is noted by its id."""
    for example, why in judged:
        if why:
            reasons[example.id] = why
        yield example


def _written_from(example: Example) -> set[str]:
    return {example.document_id, *(source.document_id for source in example.sources)}
