"""What people judge of an evaluation's answers: whether a key point is made, and whether a must-not
is advised; and the page on which they do.
"""

from __future__ import annotations

import shlex
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from markupsafe import Markup

from secarch.artifact import Artifact, open_artifact
from secarch.errors import Mismatch, MissingInput
from secarch.evaluate import judge
from secarch.evaluate.ask.prompt import asked_whole
from secarch.evaluate.rubric.grade import Finding, grade, raises
from secarch.evaluate.rubric.likeness import SAYS_SO
from secarch.files import read_jsonl, write_text
from secarch.records import Answer, Outcome
from secarch.report import html, judging_page
from secarch.schema import JsonDict, sha256_of
from secarch.session import Session
from secarch.suite.schema import KeyPoint, MustNot, Question, Suite, load

KEY_POINT, MUST_NOT = "key_point", judge.MUST_NOT
"""Kinds of labels."""
ASKED = {
    KEY_POINT: "Does the answer make this point?",
    MUST_NOT: "Does the answer itself advise or claim this?",
}
CHOICES = (
    judging_page.Choice(key="y", decision="yes", label="Yes", value=1),
    judging_page.Choice(key="n", decision="no", label="No", value=0),
    judging_page.Choice(key="s", decision="skip", label="Skip"),
)
Kind = Literal["key_point_plain", "key_point_near_cue", "key_point_by_similarity", "must_not"]
"""How the matcher came to what it says: a key point whose words stand there plainly or nowhere;
whose words stand there, with something beside them that decides (a cue, or the wrong answer's
words); that was met by similarity; or a must-not.
"""


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """One key point or must-not of one answer, with what the machines made of it; equal to itself
    alone.
    """

    question: Question
    item: KeyPoint | MustNot
    kind: Kind
    answer: str
    matched: bool
    """Layer 1: the key point is met, the must-not is advised."""
    judged: judge.Verdict | None
    """Layer 2, of which `met` says of a must-not that it is advised; None where none was asked."""
    said: str
    """Of a must-not: the answer to the message that it is of."""

    @property
    def id(self) -> str:
        """Of the item that is labelled."""
        return f"{self.question.id}/{self.item.id}"

    @property
    def label(self) -> str:
        """Kind of its labels."""
        return MUST_NOT if isinstance(self.item, MustNot) else KEY_POINT

    @property
    def raised(self) -> bool:
        """Whether people are asked: of key points always, of must-nots where the answer has their
        words or code.
        """
        return isinstance(self.item, KeyPoint) or raises(self.said, self.item)

    @property
    def sha256(self) -> str:
        """Hex, of what a person is shown."""
        return sha256_of([self.question.question, self.question.files, self.item.text, self.answer])


def statements(artifact: Artifact, suite: Suite) -> dict[str, Statement]:
    """Every key point and must-not of the questions that were asked, by its id.

    Raises Mismatch where the suite is another one.
    """
    answers = {row["question_id"]: row for row in read_jsonl(artifact.path / "responses.jsonl")}
    judged = judge.read(artifact.path, suite)
    asked = [question for question in suite.questions if question.id in answers]
    if not asked:
        raise Mismatch(
            "this evaluation asked other questions",
            where=artifact.path,
            fix="name its suite with --suite",
        )
    return {
        statement.id: statement
        for q in asked
        if q.key_points
        for statement in _of_question(q, answers[q.id], judged.get(q.id, {}))
    }


def _of_question(
    question: Question, row: JsonDict, judged: judge.Judgements
) -> Iterator[Statement]:
    if row["question_sha256"] != question.sha256:
        raise Mismatch(
            "this question has changed since",
            where=question.id,
            fix="evaluate again, or `eval score`",
        )
    texts = Answer.of(row).texts
    graded = grade(question, *texts)
    points = {finding.id: finding for finding in graded.points}
    advised = {violation.id for violation in graded.violations}
    said = {
        item.id: text
        for asked, text in zip(question.asked(), texts, strict=False)
        for item in asked.must_not
    }
    for item in judge.statements(question):
        point = isinstance(item, KeyPoint)
        yield Statement(
            question,
            item,
            _kind(points[item.id]) if point else "must_not",
            "\n\n".join(texts),
            points[item.id].met if point else item.id in advised,
            judged[item.id].verdict if item.id in judged else None,
            said.get(item.id, ""),
        )


def _kind(found: Finding) -> Kind:
    if found.evidence.startswith(SAYS_SO):
        return "key_point_by_similarity"
    plain = not found.cue and found.reason in {"", "absent"}
    return "key_point_plain" if plain else "key_point_near_cue"


# ---------------------------------------------------------------- the page


def draw(session: Session, evaluation: Path, suites: Sequence[str], *, size: int) -> Outcome:
    """Write a page on which people say which key points answers make, and which of the must-nots
    that they raise they advise; blind to model and machine.

    Statements are drawn in the order of a hash, in turns over categories and the two kinds of
    labels, so that each gets its share. Raises MissingInput if there is none to judge.
    """
    artifact = open_artifact(evaluation, "evaluation")
    found = [one for one in statements(artifact, load(suites)).values() if one.raised]
    drawn = _spread(found, session.seed)[:size]
    if not drawn:
        raise MissingInput(
            "there is no key point to judge",
            where=evaluation,
            fix="secarch eval with a suite that has key points",
        )
    path = session.workspace / "review" / f"points-{artifact.digest[:8]}.html"
    items = [
        judging_page.Item(id=one.id, sha256=one.sha256, kind=one.label, body=_body(one))
        for one in drawn
    ]
    panel = judging_page.panel(artifact.digest, "statement", items, CHOICES)
    path.parent.mkdir(parents=True, exist_ok=True)
    page = html.page(
        "What answers say",
        [html.Section("Judge", panel, _HELP)],
        lead=_LEAD,
        script=judging_page.script(),
    )
    write_text(path, page)
    warned = sum(one.label == MUST_NOT for one in drawn)
    return Outcome(
        status="done",
        counts={"drawn": len(drawn), "must_nots": warned},
        result={"page": str(path)},
        shown=(str(path),),
        summary=f"{len(drawn) - warned} key points and {warned} must-nots are on the page: {path}",
        next=f"secarch eval agree --from {shlex.quote(str(evaluation))} --labels FILE   # with the "
        "labels that you save there",
    )


_LEAD = (
    "Read the answer, then say yes or no. A point is made in any wording, and not by its words "
    "alone. What the answer only warns of, quotes, refutes or reports is neither made nor advised."
)
_HELP = "Keys: y yes, n no, s skip, arrows to move. Save the labels at the end."


def _body(one: Statement) -> Markup:
    return html.join(
        html.heading(ASKED[one.label]),
        html.paragraph(one.item.text),
        html.heading("Question"),
        html.quote(asked_whole(one.question)),
        html.heading("Answer"),
        html.quote(one.answer or "(no answer)"),
    )


def _spread(every: Sequence[Statement], seed: int) -> list[Statement]:
    turns: dict[tuple[str, str], int] = defaultdict(int)
    placed = []
    for one in sorted(every, key=lambda s: sha256_of([seed, s.id])):
        turns[one.question.category, one.label] += 1
        turn = turns[one.question.category, one.label]
        placed.append((turn, sha256_of([seed, one.id]), one))
    return [one for *_, one in sorted(placed, key=lambda row: row[:2])]
