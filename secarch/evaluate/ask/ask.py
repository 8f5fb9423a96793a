"""Get the answers and likelihoods: batches in a fixed plan, on disk after each batch, nothing asked
twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from secarch import console
from secarch.evaluate.ask import choices
from secarch.evaluate.ask.journal import Journal
from secarch.evaluate.ask.prompt import messages
from secarch.evaluate.ask.talk import Talk, converse
from secarch.evaluate.config import EvalConfig
from secarch.files import write_jsonl
from secarch.models.prompt import question_messages
from secarch.records import Answer, FollowUp
from secarch.schema import JsonDict, sha256_of
from secarch.session import Session
from secarch.suite.schema import Question, Suite

if TYPE_CHECKING:
    from secarch.evaluate.ask.held_out import Document
    from secarch.evaluate.engines.protocol import Engine, Messages, Reply


_OPTIONAL = frozenset({"reasoning", "further"})
MCQ_TOKENS = 32
"""Tokens of the longest answer to a multiple choice, which asks for a letter."""


def engine_digest(fingerprint: str, prompt_digest: str, described: JsonDict) -> str:
    """Hex SHA-256 of what answers: equal values mean the same weights, prompt format, engine and
    versions.
    """
    return sha256_of([fingerprint, prompt_digest, described])


def answer_key(
    engine: str, question: Question, *, seed: int, max_new_tokens: int, batch_size: int
) -> str:
    """What makes an answer the answer to this: engine, prompt and decoding; not how it will be
    graded.
    """
    decoding = [limit(question, max_new_tokens), batch_size, "greedy"]
    further = ({"role": "user", "content": turn.message} for turn in question.turns)
    return sha256_of([engine, question.id, [*messages(question, seed), *further], decoding])


def likelihood_key(engine: str, question: Question, seed: int) -> str:
    """What makes nats the nats of this: engine, prompt, reference and options."""
    texts = [question.id, messages(question, seed), question.reference, list(question.choices)]
    return sha256_of([engine, "likelihood", texts])


def limit(question: Question, max_new_tokens: int) -> int:
    """Tokens of the longest answer to this question."""
    return min(MCQ_TOKENS, max_new_tokens) if question.choices else max_new_tokens


@dataclass(frozen=True, slots=True)
class _Texts:
    """What is measured of one question, as (prompt, text)."""

    reference: list[tuple[Messages, str]]
    letters: list[tuple[Messages, str]]
    """Of each option, in the author's order, the letter under which it is shown."""
    cloze: list[tuple[Messages, str]]
    """Of each option its text, after the question alone."""


class Runner:
    """One suite, one engine, and the journals between them."""

    def __init__(
        self, config: EvalConfig, session: Session, suite: Suite, engine: Engine, directory: Path
    ) -> None:
        self.config, self.session, self.suite, self.engine, self.directory = (
            config,
            session,
            suite,
            engine,
            directory,
        )
        self._engine = engine_digest(engine.fingerprint, engine.prompt_digest, engine.describe())
        self._messages = {
            question.id: messages(question, session.seed) for question in suite.questions
        }
        self._responses = Journal(directory / "responses.jsonl")
        self._likelihoods = Journal(directory / "likelihoods.jsonl")
        self._documents = Journal(directory / "documents.jsonl")

    def answers(self) -> None:
        """Ask what is not answered yet; stops between batches where the session asks for it.

        The plan is made over all questions, so that a question is in the same batch whether a run
        was interrupted or not; a batch of which only a part was saved is asked again and its
        missing rows are kept.
        """

        def ask(batch: Sequence[Question]) -> list[JsonDict]:
            longest = max(limit(q, self.config.max_new_tokens) for q in batch)
            talks = [Talk(question, self._messages[question.id]) for question in batch]
            converse(self.engine, talks, longest)
            return [self._answer_row(talk) for talk in talks]

        self._run("questions answered", self._responses, self._answer_key, ask)

    def likelihoods(self) -> None:
        """Measure references and options, where that is asked for and the engine can."""
        if not self.config.likelihood:
            return
        if self.engine.likelihood_refused:
            self._likelihoods.append(map(self._refused_row, self.suite.questions))
            return
        self._run(
            "references and options measured",
            self._likelihoods,
            self._likelihood_key,
            self._measured,
        )

    def documents(self, held_out: Sequence[Document]) -> None:
        """Measure held-out documents, a batch at a time."""
        key = {
            document.id: sha256_of([self._engine, document.id, document.sha256])
            for document in held_out
        }
        journal = self._documents
        waiting = [document for document in held_out if key[document.id] not in journal]
        with console.progress("documents measured", len(held_out)) as advance:
            advance(len(held_out) - len(waiting))
            for start in range(0, len(waiting), self.config.batch_size):
                self.session.stop.check()
                batch = waiting[start : start + self.config.batch_size]
                journal.append(self._document_rows(batch, [key[document.id] for document in batch]))
                advance(len(batch))
        if held_out:
            write_jsonl(journal.path, [journal.rows[key[document.id]] for document in held_out])

    def finish(self) -> None:
        """Rewrite both journals in the order of the suite, without rows of other questions."""
        for journal, key in (
            (self._responses, self._answer_key),
            (self._likelihoods, self._likelihood_key),
        ):
            if journal.rows:
                rows = [journal.rows[key(question)] for question in self.suite.questions]
                write_jsonl(journal.path, rows)

    def _run(
        self,
        title: str,
        journal: Journal,
        key: Callable[[Question], str],
        ask: Callable[[Sequence[Question]], list[JsonDict]],
    ) -> None:
        total = len(self.suite.questions)
        known = sum(key(question) in journal for question in self.suite.questions)
        if known:
            console.log().info("resumed", what=title, there=known, total=total)
        with console.progress(title, total) as advance:
            for batch in self._plan():
                self.session.stop.check()
                if not all(key(question) in journal for question in batch):
                    journal.append(ask(batch))
                advance(len(batch))

    def _plan(self) -> Iterator[list[Question]]:
        """Longest prompts first, so that a batch holds like lengths and memory is exceeded at once
        or never.

        Multiple choices, whose answers are short, have batches of their own.
        """
        size = {
            question.id: self.engine.length(self._messages[question.id])
            for question in self.suite.questions
        }
        ordered = sorted(
            self.suite.questions, key=lambda question: (-size[question.id], question.id)
        )
        for kind in (False, True):
            alike = [question for question in ordered if bool(question.choices) is kind]
            for start in range(0, len(alike), self.config.batch_size):
                yield alike[start : start + self.config.batch_size]

    def _answer_key(self, question: Question) -> str:
        return answer_key(
            self._engine,
            question,
            seed=self.session.seed,
            max_new_tokens=self.config.max_new_tokens,
            batch_size=self.config.batch_size,
        )

    def _likelihood_key(self, question: Question) -> str:
        return likelihood_key(self._engine, question, self.session.seed)

    def _answer_row(self, talk: Talk) -> JsonDict:
        question, reply = talk.question, talk.replies[0]
        further = [_turn_row(later) for later in talk.replies[1:]]
        answer = Answer(
            question_id=question.id,
            question_sha256=question.sha256,
            key=self._answer_key(question),
            text=reply.text,
            tokens=reply.tokens,
            seconds=round(reply.seconds, 4),
            finish=reply.finish,
            reasoning=reply.reasoning,
        )
        row = {k: v for k, v in asdict(answer).items() if k not in _OPTIONAL or v}
        return {**row, "further": further} if further else row

    def _measured(self, batch: Sequence[Question]) -> list[JsonDict]:
        """References and options of a batch, each put to the engine as one list of (prompt,
        text).
        """
        asked = [self._texts(question) for question in batch]
        nats = iter(self.engine.likelihood([pair for texts in asked for pair in texts.reference]))
        options = iter(
            self.engine.options(
                [pair for texts in asked for pair in [*texts.letters, *texts.cloze]]
            )
        )
        return [
            self._nats_row(q, texts, nats, options) for q, texts in zip(batch, asked, strict=True)
        ]

    def _texts(self, question: Question) -> _Texts:
        shown, seed = self._messages[question.id], self.session.seed
        bare = question_messages(question.question, question.files)
        numbers = range(len(question.choices))
        return _Texts(
            reference=[(shown, question.reference)] if question.reference else [],
            letters=[(shown, choices.letter_of(question, seed, n)) for n in numbers],
            cloze=[(bare, question.choices[n]) for n in numbers],
        )

    def _nats_row(
        self, question: Question, texts: _Texts, nats: Iterator[float], options: Iterator[float]
    ) -> JsonDict:
        reference = [round(next(nats), 6) for _ in texts.reference]
        letters, cloze = (
            [round(next(options), 6) for _ in part] for part in (texts.letters, texts.cloze)
        )
        row = {**self._head(question), "nats": reference[0] if reference else None, "reason": ""}
        row["bytes"] = len(question.reference.encode()) if reference else None
        return {**row, "letters": letters, "cloze": cloze} if question.choices else row

    def _refused_row(self, question: Question) -> JsonDict:
        return {
            **self._head(question),
            "nats": None,
            "bytes": None,
            "reason": self.engine.likelihood_refused,
        }

    def _document_rows(self, batch: Sequence[Document], keys: Sequence[str]) -> list[JsonDict]:
        refused = self.engine.likelihood_refused
        nats = [] if refused else self.engine.documents([document.text for document in batch])
        values: list[float | None] = (
            [None] * len(batch) if refused else [round(value, 6) for value in nats]
        )
        return [
            {
                "document_id": document.id,
                "sha256": document.sha256,
                "key": key,
                "nats": value,
                "bytes": len(document.text.encode()),
                "reason": refused,
            }
            for document, key, value in zip(batch, keys, values, strict=True)
        ]

    def _head(self, question: Question) -> JsonDict:
        return {
            "question_id": question.id,
            "question_sha256": question.sha256,
            "key": self._likelihood_key(question),
        }


def _turn_row(reply: Reply) -> JsonDict:
    """The answer to a further message, as it stands in a row of responses.jsonl."""
    said = FollowUp(
        text=reply.text,
        tokens=reply.tokens,
        seconds=round(reply.seconds, 4),
        finish=reply.finish,
        reasoning=reply.reasoning,
    )
    return {k: v for k, v in asdict(said).items() if k not in _OPTIONAL or v}
