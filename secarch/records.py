"""What flows through the pipeline. Each stage adds, none rewrites.

Page (what a site gave) -> Document (readable text) -> Example (one thing to learn) -> [adapter];
Question (one thing to ask; `secarch.suite.schema`, since it is validated at the boundary) ->
Answer (what a model said) -> Score (how good one metric finds it) -> Comparison (base against
tuned on one question).
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal, Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One HTTP response as it was fetched; `body` is decoded from its content-encoding, not
    parsed.
    """

    url: str
    """Address after redirects."""
    status: int
    body: bytes
    content_type: str
    headers: dict[str, str]
    """Lower-case names."""
    fetched_at: str
    """ISO 8601, UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """Readable text with its provenance; the row of the documents artifact."""

    id: str
    """First 16 hex digits of sha256(canonical_url)."""
    url: str
    canonical_url: str
    site: str
    title: str
    text: str
    """Markdown."""
    language: str
    """ISO 639-1, or '' where unknown."""
    licence: str
    """SPDX identifier or the terms' name, '' where unknown."""
    fetched_at: str
    modified_at: str
    sha256: str
    """Of the UTF-8 text."""
    raw_sha256: str
    """Of the page's bytes, '' where the source was no page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A passage that an answer was written from, with the licence of its document."""

    document_id: str
    url: str
    licence: str
    start: int
    """Offset of the passage in the document's text, in characters."""
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One thing to learn: an instruction, and an answer with the passages it was written from."""

    id: str
    document_id: str
    url: str
    title: str
    licence: str
    category: str
    kind: str
    """Family of the instruction, such as choose, threat, fix, map, howto."""
    instruction: str
    answer: str
    start: int
    """Offset of the first source passage in the document's text, in characters."""
    end: int
    """Offset behind the last passage of that document."""
    sources: tuple[Source, ...] = ()
    """Every passage that the answer was written from."""

    def row(self, system: str, split: str) -> dict[str, Any]:
        """The training row that TRL and other trainers read."""
        messages = [
            {"role": "system", "content": system},
            {"role": "user", "content": self.instruction},
            {"role": "assistant", "content": self.answer},
        ]
        return {
            "messages": messages,
            "id": self.id,
            "document_id": self.document_id,
            "url": self.url,
            "title": self.title,
            "licence": self.licence,
            "category": self.category,
            "kind": self.kind,
            "split": split,
            "start": self.start,
            "end": self.end,
            "sources": [dataclasses.asdict(source) for source in self.sources],
        }


Finish = Literal[
    "stop",
    "length",
    "error",
    "abort",
    "content_filter",
    "refusal",
    "truncated_reasoning",
    "no_content",
    "unknown",
]
"""How an answer ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """What a model said to a further message of one question."""

    text: str
    tokens: int
    """Generated tokens."""
    seconds: float
    finish: Finish
    """As in `Answer`; that of the answer before where that one could not be followed up."""
    reasoning: str = ""
    """What the model wrote before its answer; never scored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a model said to one question; the row of responses.jsonl."""

    question_id: str
    question_sha256: str
    key: str
    """Hash of model fingerprint, prompt, decoding and engine: equal keys mean the same question
    was put to the same model in the same way."""
    text: str
    tokens: int
    """Generated tokens."""
    seconds: float
    """Wall time of the batch divided by its size."""
    finish: Finish
    """`stop` and `length` (cut) are scored; anything else is unscored with its reason."""
    reasoning: str = ""
    """What the model wrote before its answer, by its template's markers; never scored."""
    further: tuple[FollowUp, ...] = ()
    """Its answers to the further messages of the question, in their order."""

    @classmethod
    def of(cls, row: dict[str, Any]) -> Answer:
        """The answer that a row of responses.jsonl holds."""
        further = tuple(FollowUp(**turn) for turn in row.get("further", ()))
        return cls(**{**row, "further": further})

    @property
    def texts(self) -> tuple[str, ...]:
        """The answers to all messages, in their order."""
        return (self.text, *(turn.text for turn in self.further))


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One metric's value for one answer. `value` None means unscored, with its reason; never 0."""

    question_id: str
    question_sha256: str
    metric: str
    value: float | None
    reason: str
    category: str
    cluster: str
    """Scenario that the question belongs to; its own id where it stands alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Base against tuned on one question and metric."""

    question_id: str
    metric: str
    base: float
    tuned: float
    category: str
    cluster: str

    @property
    def delta(self) -> float:
        """Tuned minus base, in the metric's unit."""
        return self.tuned - self.base


Status = Literal["done", "nothing_to_do", "interrupted", "gate_failed", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a command ended: what it printed as JSON and which exit code follows."""

    status: Status
    artifact: str | None = None
    """Path of the artifact that was made or found."""
    digest: str | None = None
    counts: dict[str, int] = field(default_factory=dict)
    result: dict[str, Any] = field(default_factory=dict)
    """The command's own JSON result."""
    shown: tuple[Any, ...] = ()
    """What people see on stdout when they did not ask for JSON: strings, each its own line or
    lines, and rich renderables such as tables. Only the command line prints it."""
    summary: str = ""
    """One line: what was made, and where."""
    next: str = ""
    """The next command to type."""


class Coded(StrEnum):
    """Codes with what each means: `NAME = ("code", "meaning")`; a member is its code."""

    meaning: str

    def __new__(cls, code: str, meaning: str = "") -> Self:
        """A member that is its code, with its meaning beside it."""
        member = str.__new__(cls, code)
        member._value_ = code
        member.meaning = meaning
        return member


def amount(count: int, noun: str) -> str:
    """A count with its noun, which is plural unless there is one: `1 site`, `1,200 documents`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
