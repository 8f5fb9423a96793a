"""Examples with a language model, if one is given, as a sequence of small steps.

Key facts with their quotes, questions of a family as a persona asks them under a constraint, an
answer that cites the passage, checks that need no model, one repair, then a judge that is another
model, or else a second asking that must agree. Every reply is kept in the workspace's cache before
it is used; budgets of tokens and money end the asking. What a passage says is data: it comes from
the web, and whatever it asks of the model, the gates are the same.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from secarch import console
from secarch.dedupe.generate import checks, prompts, spans
from secarch.dedupe.generate.asking import JUDGE, Runner, price_of
from secarch.dedupe.generate.cache import CACHE, Cache
from secarch.dedupe.generate.checks import support
from secarch.dedupe.generate.reading import (
    json_in,
    pairs_in,
    rows_in,
    score_in,
    text_of,
    without_reasoning,
)
from secarch.dedupe.generate.spans import Span
from secarch.dedupe.quality.reasons import Reason
from secarch.errors import InvalidInput, UsageError
from secarch.records import Example
from secarch.schema import JsonDict

if TYPE_CHECKING:
    from secarch.dedupe.config import GenerateConfig

KIND = "generated"
REPAIRED: dict[str, str] = {
    Reason.GENERATED_UNFAITHFUL: "it says things, names or numbers that the passage does not hold",
    Reason.GENERATED_CONTRADICTS: "it says the opposite of the passage",
    Reason.GENERATED_UNQUOTED: "a quote is not in the passage word for word",
    Reason.GENERATED_OFF_QUESTION: "it does not answer the question",
    Reason.GENERATED_MALFORMED: "it is too short or long, not complete, or ends in mid-air",
}
"""Reasons that a second try may remove, as the model is told."""


@dataclass(slots=True)
class Generated:
    """What came of asking."""

    examples: list[Example] = field(default_factory=list)
    rejected: list[tuple[Example, str]] = field(default_factory=list)
    """Pairs that a gate turned down, as the examples that they would have been, with the reason."""
    meter: Counter[str] = field(default_factory=Counter)
    """requests, cached, prompt_tokens, completion_tokens, spans, spans_over_budget, refused,
    malformed, asked_again, repaired, facts, facts_unquoted, and asked_STEP of each step.
    """


@dataclass(slots=True)
class _Facts:
    """What the first step gave: facts with quotes, or pairs of a model that went ahead."""

    facts: list[str] = field(default_factory=list)
    unquoted: int = 0
    pairs: list[tuple[str, str]] = field(default_factory=list)


@dataclass(slots=True)
class _Draft:
    """A pair on its way."""

    span: Span
    question: str
    answer: str = ""
    quotes: list[str] | None = None
    """None if the model gave none because it went ahead."""


class Generator:
    """Runs the steps over spans, a few at a time."""

    def __init__(self, config: GenerateConfig, cache: Cache, check: Callable[[], None]) -> None:
        self._config, self._check = config, check
        self._runner = Runner(config, cache)
        self._taken = checks.Questions()
        self._seed = 0

    def run(self, examples: Sequence[Example], seed: int) -> Generated:
        """Pairs from up to `max_spans` spans, the densest in decisions first.

        Raises MissingInput (the server is down), InvalidInput (it refuses everything), Interrupted.
        """
        meter = self._runner.meter
        out = Generated(meter=meter)
        self._seed = seed
        for example in examples:
            self._taken.add(example.instruction)
        chosen = spans.choose(examples, self._config.max_spans, seed)
        wave = 4 * self._config.concurrency
        with console.progress("spans asked", len(chosen)) as advance:
            for at in range(0, len(chosen), wave):
                self._check()
                if self._runner.is_spent:
                    meter["spans_over_budget"] += len(chosen) - at
                    break
                self._wave(chosen[at : at + wave], out)
                advance(len(chosen[at : at + wave]))
        self._look_back(out)
        return out

    def _look_back(self, out: Generated) -> None:
        """A server that refused all of it is not a success."""
        meter = self._runner.meter
        if meter["spans"] and meter["refused"] >= meter["spans"] and not out.examples:
            raise InvalidInput(
                "the server refuses every request",
                where=self._config.url,
                why=self._runner.refusal,
                fix="check dedupe.generate.model and max_new_tokens against what the server takes",
            )
        if meter["spans"] and not out.examples:
            reasons = Counter(reason for _, reason in out.rejected)
            console.log().warning(
                "nothing_generated", malformed=meter["malformed"], **dict(reasons)
            )

    # -- the steps

    def _wave(self, wave: Sequence[Span], out: Generated) -> None:
        self._runner.meter["spans"] += len(wave)
        drafts = list(self._questions(wave, self._facts(wave)))
        self._answer([draft for draft in drafts if not draft.answer])
        passed = self._checked([draft for draft in drafts if draft.answer], out)
        self._confirm(passed, out)

    def _facts(self, wave: Sequence[Span]) -> list[_Facts | None]:
        asked = [prompts.messages(prompts.FACTS, passage=span.passage) for span in wave]
        found = self._runner.ask("facts", asked, _facts_in)
        for span, one in zip(wave, found, strict=True):
            if one:
                quoted = [f for f in one.facts if checks.is_quoted(f.split("\n")[1], span.source)]
                self._runner.meter["facts"] += len(quoted)
                self._runner.meter["facts_unquoted"] += len(one.facts) - len(quoted)
                one.facts = [fact.split("\n")[0] for fact in quoted]
        return found

    def _questions(self, wave: Sequence[Span], facts: Sequence[_Facts | None]) -> Iterator[_Draft]:
        most = self._config.pairs
        asked: list[tuple[Span, list[dict[str, str]]]] = []
        for span, one in zip(wave, facts, strict=True):
            if one is None:
                continue
            for question, answer in one.pairs[:most]:
                yield _Draft(span, question, answer)
            if one.facts and not one.pairs:
                listed = "\n".join(f"{n}. {fact}" for n, fact in enumerate(one.facts, 1))
                system = self._question_prompt(span)
                parts = prompts.messages(system, passage=span.passage, facts=listed)
                asked.append((span, list(parts)))
        replies = self._runner.ask("questions", [messages for _, messages in asked], _questions_in)
        for (span, _), questions in zip(asked, replies, strict=True):
            for question in (questions or [])[:most]:
                yield _Draft(span, question)

    def _question_prompt(self, span: Span) -> str:
        """Family, persona and constraint, drawn by the span."""
        drawn = hashlib.blake2b(f"{self._seed}:{span.first.id}".encode(), digest_size=8).digest()
        families = list(prompts.FAMILIES.items())
        name, about = families[drawn[0] % len(families)]
        return prompts.QUESTIONS.format(
            pairs=self._config.pairs,
            family=f"{name}: {about}",
            persona=prompts.PERSONAS[drawn[1] % len(prompts.PERSONAS)],
            constraint=prompts.CONSTRAINTS[drawn[2] % len(prompts.CONSTRAINTS)],
        )

    def _answer(self, drafts: Sequence[_Draft]) -> None:
        asked = [_answer_prompt(draft) for draft in drafts]
        for draft, found in zip(drafts, self._runner.ask("answer", asked, _answer_in), strict=True):
            if found:
                draft.answer, draft.quotes = found

    def _checked(self, drafts: Sequence[_Draft], out: Generated) -> list[_Draft]:
        """Those that the checks let through, at first or after one repair."""
        reasons = [self._reason(draft) for draft in drafts]
        broken = [n for n, reason in enumerate(reasons) if reason in REPAIRED]
        asked = [_repair_prompt(drafts[n], REPAIRED[reasons[n]]) for n in broken]
        repaired = self._runner.ask("answer", asked, _answer_in) if self._config.repair else []
        for n, found in zip(broken, repaired, strict=False):
            if found:
                before = drafts[n].answer
                drafts[n].answer, drafts[n].quotes = found
                reasons[n] = self._reason(drafts[n])
                self._runner.meter["repaired"] += not reasons[n] and before != found[0]
        passed = []
        for draft, found_first in zip(drafts, reasons, strict=True):
            taken = Reason.GENERATED_TAKEN if self._taken.has(draft.question) else ""
            if reason := found_first or taken:
                out.rejected.append((_example(draft), reason))
            else:
                self._taken.add(draft.question)
                passed.append(draft)
        return passed

    def _reason(self, draft: _Draft) -> str:
        """Why a pair is turned down without asking anybody, '' if it is not."""
        question, answer, source = draft.question, draft.answer, draft.span.source
        gates: tuple[tuple[str, Callable[[], bool]], ...] = (
            (Reason.GENERATED_MALFORMED, lambda: checks.malformed(question, answer)),
            (Reason.GENERATED_TAKEN, lambda: self._taken.has(question)),
            (
                Reason.GENERATED_UNFAITHFUL,
                lambda: support(answer, source) < self._config.min_support,
            ),
            (Reason.GENERATED_CONTRADICTS, lambda: checks.contradicts(answer, source)),
            (Reason.GENERATED_UNQUOTED, lambda: not _all_quoted(draft.quotes, source)),
            (Reason.GENERATED_OFF_QUESTION, lambda: not checks.fits(question, answer)),
            (Reason.GENERATED_TRIVIAL, lambda: checks.is_trivial(question, answer)),
        )
        return next((reason for reason, turns_down in gates if turns_down()), "")

    def _confirm(self, drafts: Sequence[_Draft], out: Generated) -> None:
        """By another model's score, or by a second asking of the question without the answer."""
        judged = self._runner.judged
        reasons = self._judged(drafts) if judged else self._asked_again(drafts)
        for draft, reason in zip(drafts, reasons, strict=True):
            if reason:
                out.rejected.append((_example(draft), reason))
            else:
                out.examples.append(_example(draft))

    def _judged(self, drafts: Sequence[_Draft]) -> Iterator[str]:
        asked = [
            prompts.messages(
                prompts.JUDGE,
                passage=draft.span.passage,
                question=draft.question,
                answer=draft.answer,
            )
            for draft in drafts
        ]
        for score in self._runner.ask("judge", asked, score_in, role=JUDGE):
            if score is None:
                yield Reason.GENERATED_UNJUDGED
            else:
                yield "" if score >= self._config.min_score else Reason.GENERATED_LOW_SCORE

    def _asked_again(self, drafts: Sequence[_Draft]) -> Iterator[str]:
        asked = [
            prompts.messages(prompts.VERIFY, passage=draft.span.passage, question=draft.question)
            for draft in drafts
        ]
        for draft, said in zip(drafts, self._runner.ask("verify", asked, _said), strict=True):
            if said is None:
                yield Reason.GENERATED_UNJUDGED
            elif "UNANSWERED" in said:
                yield Reason.GENERATED_UNANSWERABLE
            else:
                yield "" if checks.agrees(draft.answer, said) else Reason.GENERATED_DISPUTED


def generate(
    examples: Sequence[Example],
    config: GenerateConfig,
    workspace: Path,
    seed: int,
    check: Callable[[], None],
) -> Generated:
    """Pairs made from the spans of `examples`.

    Raises UsageError, MissingInput (the server is down), InvalidInput (it refuses all) and
    Interrupted.
    """
    if not config.model:
        raise UsageError("which model makes the examples?", fix="set dedupe.generate.model")
    cache = Cache(workspace / CACHE)
    with contextlib.closing(cache):
        return Generator(config, cache, check).run(examples, seed)


# ---------------------------------------------------------------- replies


def _facts_in(said: str) -> _Facts | None:
    """Each fact and its quote on two lines."""
    if pairs := list(pairs_in(said)):
        return _Facts(pairs=pairs)
    found = []
    unquoted = 0
    for row in rows_in(said, "facts"):
        fact, quote = text_of(row, "fact", "statement", "text"), text_of(row, "quote", "evidence")
        if fact and quote:
            found.append(f"{' '.join(fact.split())}\n{' '.join(quote.split())}")
        else:
            unquoted += bool(fact)
    return _Facts(facts=found, unquoted=unquoted) if found or unquoted else None


def _questions_in(said: str) -> list[str] | None:
    found = json_in(said)
    if isinstance(found, dict) and isinstance(found.get("questions"), list):
        found = found["questions"]
    listed = found if isinstance(found, list) else []
    questions = [
        one.strip() if isinstance(one, str) else text_of(one, "question", "text")
        for one in listed
        if isinstance(one, str | dict)
    ]
    return [question for question in questions if question] or None


def _answer_in(said: str) -> tuple[str, list[str]] | None:
    found = json_in(said)
    row = found[0] if isinstance(found, list) and found else found
    if not isinstance(row, dict) or not (answer := text_of(row, "answer", "response")):
        return None
    quotes = row.get("quotes") or row.get("citations") or row.get("quote") or []
    listed = [quotes] if isinstance(quotes, str) else quotes
    return answer, [one for one in listed if isinstance(one, str)]


def _said(said: str) -> str | None:
    """The second answer in plain words."""
    row = next(pairs_in(said), None)
    if row:
        return row[1]
    found = _answer_in(said)
    return found[0] if found else without_reasoning(said) or None


def _all_quoted(quotes: Sequence[str] | None, source: str) -> bool:
    """True if each quote is in the source, and there is one; or if none was asked for."""
    if quotes is None:
        return True
    return bool(quotes) and all(checks.is_quoted(quote, source) for quote in quotes)


def _answer_prompt(draft: _Draft) -> list[dict[str, str]]:
    return list(
        prompts.messages(prompts.ANSWER, passage=draft.span.passage, question=draft.question)
    )


def _repair_prompt(draft: _Draft, reason: str) -> list[dict[str, str]]:
    note = prompts.REPAIR.format(reason=reason, answer=prompts.fenced(draft.answer))
    return list(prompts.with_note(_answer_prompt(draft), note))


def _example(draft: _Draft) -> Example:
    span, question, answer = draft.span.first, draft.question, draft.answer
    identity = f"{KIND}\n{span.id}\n{question}\n{answer}"
    return Example(
        id=hashlib.sha256(identity.encode("utf-8", "replace")).hexdigest()[:16],
        document_id=span.document_id,
        url=span.url,
        title=span.title,
        licence=span.licence,
        category=span.category,
        kind=KIND,
        instruction=question,
        answer=answer,
        start=span.start,
        end=span.end,
        sources=draft.span.sources,
    )


def meter_row(meter: Counter[str], config: GenerateConfig) -> JsonDict:
    """What asking took, with its price where prices per million tokens are given."""
    return {**dict(sorted(meter.items())), "price": round(price_of(meter, config), 4)}
