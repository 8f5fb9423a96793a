"""Layer 3: what people say of key points, and how far the matcher and the judge agree with them.

Labels come from the page that `secarch review --evaluation DIR` draws, or from a CSV file with the
columns `question_id,point_id,met` and, if there is one, `reviewer`.
"""

from __future__ import annotations

import csv
import shlex
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from secarch.artifact import Artifact, open_artifact
from secarch.errors import InvalidInput, Mismatch, MissingInput
from secarch.evaluate import judge
from secarch.evaluate.ask.prompt import asked_whole
from secarch.evaluate.rubric.grade import grade
from secarch.files import read_jsonl, write_text
from secarch.records import Answer, Outcome
from secarch.report import html, judging_page, labels
from secarch.review.rows import figures_table
from secarch.schema import JsonDict, sha256_of
from secarch.session import Session
from secarch.suite.schema import KeyPoint, Question, Suite, load

COLUMNS = ("category", "layer", "n", "kappa", "f1", "too_kind", "too_strict", "trusted")
"""Of the table that people see."""
KIND = "key_point"
DECISIONS: Mapping[str, type] = {"met": int, "missed": int}
TRUSTED = 0.6
"""Cohen's kappa from which a layer is trusted; "substantial" begins there (Landis and Koch 1977).
"""
CHOICES = (
    judging_page.Choice(key="m", decision="met", label="Met", value=1),
    judging_page.Choice(key="n", decision="missed", label="Not met", value=0),
    judging_page.Choice(key="s", decision="skip", label="Skip"),
)
_YES, _NO = {"1", "yes", "true", "met", "y"}, {"0", "no", "false", "missed", "n"}


@dataclass(frozen=True, slots=True)
class Point:
    """One key point of one answer, with what the machines made of it."""

    question: Question
    point: KeyPoint
    answer: str
    matched: bool
    """Layer 1."""
    judged: bool | None
    """Layer 2; None if there was no judge or it abstained."""

    @property
    def id(self) -> str:
        """Of the item that is labelled."""
        return f"{self.question.id}/{self.point.id}"

    @property
    def sha256(self) -> str:
        """Hex, of what a person is shown."""
        return sha256_of(
            [self.question.question, self.question.files, self.point.text, self.answer]
        )


def points(artifact: Artifact, suite: Suite) -> dict[str, Point]:
    """Every key point of the questions that were asked.

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
        p.id: p
        for q in asked
        if q.key_points
        for p in _of_question(q, answers[q.id], judged.get(q.id, {}))
    }


def _of_question(question: Question, row: JsonDict, judged: judge.Judgements) -> Iterator[Point]:
    if row["question_sha256"] != question.sha256:
        raise Mismatch(
            "this question has changed since",
            where=question.id,
            fix="evaluate again, or `eval score`",
        )
    texts = Answer.of(row).texts
    met = {finding.id: finding.met for finding in grade(question, *texts).points}
    for point in question.points:
        said = judged.get(point.id)
        verdict = None if said is None or said.verdict == "abstained" else said.verdict == "met"
        yield Point(question, point, "\n\n".join(texts), met[point.id], verdict)


def draw(session: Session, evaluation: Path, suites: Sequence[str], *, size: int) -> Outcome:
    """Write a page on which people say which key points answers meet; blind to model and machine.

    Points are drawn in the order of a hash, in turns over categories, so that each category gets
    its share. Raises MissingInput if there is none to judge.
    """
    artifact = open_artifact(evaluation, "evaluation")
    drawn = _spread(list(points(artifact, load(suites)).values()), session.seed)[:size]
    if not drawn:
        raise MissingInput(
            "there is no key point to judge",
            where=evaluation,
            fix="secarch eval with a suite that has key points",
        )
    path = session.workspace / "review" / f"points-{artifact.digest[:8]}.html"
    items = [judging_page.Item(id=p.id, sha256=p.sha256, body=_body(p)) for p in drawn]
    sections = [
        html.Section("Judge", judging_page.panel(artifact.digest, KIND, items, CHOICES), _HELP)
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    lead = "Does the answer make this point? Its words alone do not; another wording does."
    write_text(path, html.page("Key points", sections, lead=lead, script=judging_page.script()))
    return Outcome(
        status="done",
        counts={"drawn": len(drawn)},
        result={"page": str(path)},
        shown=(str(path),),
        summary=f"{len(drawn)} key points are on the page: {path}",
        next=f"secarch eval agree --from {shlex.quote(str(evaluation))} --labels FILE   # with the "
        "labels that you save there",
    )


_HELP = "Keys: m met, n not met, s skip, arrows to move. Save the labels at the end."


def _body(point: Point) -> Markup:
    return html.join(
        html.heading("Question"),
        html.quote(asked_whole(point.question)),
        html.heading("Answer"),
        html.quote(point.answer or "(no answer)"),
        html.heading("Point"),
        html.paragraph(point.point.text),
    )


def _spread(every: Sequence[Point], seed: int) -> list[Point]:
    turns: dict[str, int] = defaultdict(int)
    placed = []
    for point in sorted(every, key=lambda p: sha256_of([seed, p.id])):
        turns[point.question.category] += 1
        placed.append((turns[point.question.category], sha256_of([seed, point.id]), point))
    return [point for *_, point in sorted(placed, key=lambda row: row[:2])]


# ---------------------------------------------------------------- agreement


def agree(*, evaluation: Path, suites: Sequence[str], files: Sequence[Path]) -> Outcome:
    """Kappa and F1 of matcher and judge against people, by category and in all; and of people among
    themselves.

    Raises MissingInput, InvalidInput with file and line, and Mismatch where a label is of another
    answer.
    """
    artifact = open_artifact(evaluation, "evaluation")
    known = points(artifact, load(suites))
    given = labels.latest([label for file in files for label in _read(file, known)])
    for label in given:
        if label.item_id not in known or label.item_sha256 != known[label.item_id].sha256:
            raise Mismatch(
                "this label is of another answer",
                where=label.item_id,
                fix="name its evaluation with --from",
            )
    truth = {name: _majority(group) for (name, _), group in labels.by_content(given).items()}
    rows = _table(known, {name: value for name, value in truth.items() if value is not None})
    people = labels.agreement(labels.by_content(given).values())
    return Outcome(
        status="done",
        artifact=str(artifact.path),
        digest=artifact.digest,
        counts={
            "labels": len(given),
            "points": len(truth),
            "tied": sum(v is None for v in truth.values()),
        },
        result={
            "agreement": rows,
            "people": people,
            "reviewers": sorted({label.reviewer for label in given}),
        },
        shown=(figures_table(rows, COLUMNS),),
        summary=f"{len(given)} labels on {len(truth)} key points",
    )


def _majority(group: Sequence[labels.Label]) -> bool | None:
    balance = sum(1 if label.decision == "met" else -1 for label in group)
    return None if balance == 0 else balance > 0


def _read(path: Path, known: Mapping[str, Point]) -> list[labels.Label]:
    if path.suffix.lower() != ".csv":
        return labels.read(path, KIND, DECISIONS)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise MissingInput(
            "cannot read a file",
            where=path,
            why=error.strerror,
            fix="correct the path, or the rights of the file",
        ) from error
    reader = csv.DictReader(text.splitlines())
    missing = {"question_id", "point_id", "met"} - set(reader.fieldnames or ())
    if missing:
        raise InvalidInput(
            f"there is no column {', '.join(sorted(missing))}",
            where=path,
            fix="secarch help eval   (the columns of a table of labels)",
        )
    return [_row(row, known, f"{path}:{number}") for number, row in enumerate(reader, 2)]


def _row(row: Mapping[str, str], known: Mapping[str, Point], where: str) -> labels.Label:
    name, met = f"{row['question_id']}/{row['point_id']}", str(row["met"]).strip().lower()
    if name not in known:
        raise Mismatch(
            "there is no such key point in this evaluation",
            where=f"{where}: {name}",
            fix="give labels of this evaluation, or --from the one they are of",
        )
    if met not in _YES | _NO:
        raise InvalidInput(
            f"{met[:20]!r} is neither yes nor no", where=where, fix="write yes or no"
        )
    return labels.Label(
        artifact="",
        item_id=name,
        item_sha256=known[name].sha256,
        kind=KIND,
        decision="met" if met in _YES else "missed",
        reviewer=(row.get("reviewer") or "reviewer")[:80],
    )


def _table(known: Mapping[str, Point], truth: Mapping[str, bool]) -> list[JsonDict]:
    groups: dict[str, list[tuple[Point, bool]]] = defaultdict(list)
    for name, met in truth.items():
        groups["all"].append((known[name], met))
        groups[known[name].question.category].append((known[name], met))
    return [
        {"category": category, "layer": layer, **measures(pairs)}
        for category, group in sorted(groups.items(), key=lambda item: (item[0] != "all", item[0]))
        for layer, pairs in (
            ("matcher", [(p.matched, met) for p, met in group]),
            ("judge", [(p.judged, met) for p, met in group if p.judged is not None]),
        )
        if pairs
    ]


def measures(pairs: Sequence[tuple[bool, bool]]) -> JsonDict:
    """Of (machine, person): n, Cohen's kappa (1960), F1 of `met`, both ways of being wrong, and
    whether to trust it.

    Kappa is None where chance alone would always agree, F1 where nobody found a point met.
    """
    n = len(pairs)
    both = sum(a and b for a, b in pairs)
    machine, person = sum(a for a, _ in pairs), sum(b for _, b in pairs)
    observed = sum(a == b for a, b in pairs) / n
    chance = (machine * person + (n - machine) * (n - person)) / n**2
    kappa = (observed - chance) / (1 - chance) if chance < 1 else None
    return {
        "n": n,
        "kappa": None if kappa is None else round(kappa, 4),
        "f1": round(2 * both / (machine + person), 4) if machine + person else None,
        "too_kind": machine - both,
        "too_strict": person - both,
        "trusted": kappa is not None and kappa >= TRUSTED,
    }
