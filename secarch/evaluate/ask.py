"""Get the answers and likelihoods: batches in a fixed plan, on disk after each batch, nothing asked twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from secarch import console
from secarch.artifact import write_jsonl
from secarch.evaluate import choices
from secarch.evaluate.config import EvalConfig
from secarch.evaluate.journal import Journal
from secarch.prompt import question_messages
from secarch.records import Answer
from secarch.schema import JsonDict, sha256_of
from secarch.session import Session
from secarch.suite import Question, Suite

if TYPE_CHECKING:
    from secarch.evaluate.protocol import Engine, Messages, Reply


class Asker:
    """One suite, one engine, and the two journals between them."""

    def __init__(self, config: EvalConfig, session: Session, suite: Suite, engine: Engine, directory: Path) -> None:
        self.config, self.session, self.suite, self.engine, self.directory = config, session, suite, engine, directory
        self._engine = sha256_of([engine.fingerprint, engine.prompt_digest, engine.describe()])
        self._messages = {question.id: messages(question, session.seed) for question in suite.questions}
        self._responses = Journal(directory / "responses.jsonl")
        self._likelihoods = Journal(directory / "likelihoods.jsonl")

    def answers(self) -> None:
        """Ask what is not answered yet; stops between batches where the session asks for it.

        The plan is made over all questions, so that a question is in the same batch whether a run was interrupted
        or not; a batch of which only a part was saved is asked again and its missing rows are kept.
        """

        def ask(batch: Sequence[Question]) -> list[JsonDict]:
            replies = self.engine.answers([self._messages[q.id] for q in batch], self.config.max_new_tokens)
            return [self._answer_row(q, reply) for q, reply in zip(batch, replies, strict=True)]

        self._run("questions answered", self._responses, self._answer_key, ask)

    def likelihoods(self) -> None:
        """Measure the references, where that is asked for and the engine can."""
        if not self.config.likelihood:
            return
        if self.engine.likelihood_refused:
            self._likelihoods.append(map(self._refused_row, self.suite.questions))
            return

        def ask(batch: Sequence[Question]) -> list[JsonDict]:
            nats = self.engine.likelihood([(self._messages[q.id], q.reference) for q in batch])
            return [self._nats_row(q, value) for q, value in zip(batch, nats, strict=True)]

        self._run("references measured", self._likelihoods, self._likelihood_key, ask)

    def finish(self) -> None:
        """Rewrite both journals in the order of the suite, without rows of other questions."""
        for journal, key in ((self._responses, self._answer_key), (self._likelihoods, self._likelihood_key)):
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
        """Longest prompts first, so that a batch holds like lengths and memory is exceeded at once or never."""
        size = {question.id: self.engine.length(self._messages[question.id]) for question in self.suite.questions}
        ordered = sorted(self.suite.questions, key=lambda question: (-size[question.id], question.id))
        for start in range(0, len(ordered), self.config.batch_size):
            yield ordered[start : start + self.config.batch_size]

    def _answer_key(self, question: Question) -> str:
        decoding = [self.config.max_new_tokens, self.config.batch_size, "greedy"]
        return sha256_of([self._engine, self._messages[question.id], decoding, question.sha256])

    def _likelihood_key(self, question: Question) -> str:
        return sha256_of([self._engine, self._messages[question.id], "likelihood", question.sha256])

    def _answer_row(self, question: Question, reply: Reply) -> JsonDict:
        answer = Answer(
            question_id=question.id, question_sha256=question.sha256, key=self._answer_key(question), text=reply.text,
            tokens=reply.tokens, seconds=round(reply.seconds, 4), finish=reply.finish,
        )  # fmt: skip
        return asdict(answer)

    def _nats_row(self, question: Question, nats: float) -> JsonDict:
        return {**self._head(question), "nats": round(nats, 6), "bytes": len(question.reference.encode()), "reason": ""}

    def _refused_row(self, question: Question) -> JsonDict:
        return {**self._head(question), "nats": None, "bytes": None, "reason": self.engine.likelihood_refused}

    def _head(self, question: Question) -> JsonDict:
        return {
            "question_id": question.id, "question_sha256": question.sha256, "key": self._likelihood_key(question),
        }  # fmt: skip


def messages(question: Question, seed: int) -> Messages:
    """What the model is shown: system prompt, question, files, and the options of a multiple choice."""
    text = choices.prompt(question, seed) if question.choices else question.question
    return question_messages(text, question.files)
