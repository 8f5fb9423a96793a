"""`secarch review --suite`: architects say of each question whether it is right, fair and worth
asking, and of each key point whether a good answer needs it.

The page shows the question before the reference, but no one's earlier vote; labels of several
reviewers are taken together by `secarch review --suite NAME --import FILE`.
"""

from __future__ import annotations

import shlex
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from markupsafe import Markup

from secarch.errors import Mismatch, MissingInput
from secarch.files import write_text
from secarch.records import Outcome
from secarch.report import html, judging_page, labels
from secarch.review.rows import figures_table
from secarch.schema import JsonDict, sha256_of
from secarch.session import Session
from secarch.suite.schema import Question, Suite, load

COLUMNS = ("category", "aspect", "labels", "yes", "judged_twice", "alpha")
"""Of the table that people see."""
KIND = "suite_question"
DECISIONS: Mapping[str, type] = {"yes": int, "no": int}
CHOICES = (
    judging_page.Choice(key="y", decision="yes", label="Yes", value=1),
    judging_page.Choice(key="n", decision="no", label="No", value=0),
    judging_page.Choice(key="s", decision="skip", label="Skip"),
)
ASPECTS: Mapping[str, str] = {
    "right": "Is the reference right today?",
    "fair": "Would every right answer score well by these points?",
    "ask": "Would you ask this of a senior cloud security architect?",
}
POINT = "Does a good answer need this point?"
_HELP = "Keys: y yes, n no, s skip, arrows to move. Write why into the note; save at the end."


def draw(session: Session, names: Sequence[str], *, size: int) -> Outcome:
    """Write the page of `size` questions, taken in turns over the categories by the seed.

    Raises MissingInput where a suite is not there.
    """
    suite = load(names)
    drawn = spread(suite.questions, session.seed)[:size]
    path = session.workspace / "review" / f"suite-{suite.digest[:8]}-{session.seed}.html"
    items = [item for question in drawn for item in _items(question)]
    counts = {"drawn": len(drawn), "decisions": len(items)}
    if session.dry_run:
        return Outcome(status="done", counts=counts, summary=f"would draw {len(drawn)} questions")
    panel = judging_page.panel(suite.digest, KIND, items, CHOICES)
    lead = f"{len(drawn)} questions of {suite.name} {suite.version}: right, fair, worth asking?"
    page = html.page(
        "Suite panel",
        [html.Section("Judge", panel, _HELP)],
        lead=lead,
        script=judging_page.script(),
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, page)
    return Outcome(
        status="done",
        counts=counts,
        result={"page": str(path), "questions": [question.id for question in drawn]},
        shown=(str(path),),
        summary=f"{len(drawn)} questions are on the page: {path}",
        next=f"secarch review --suite {' --suite '.join(map(shlex.quote, names))} "
        "--import FILE   # with all the labels that reviewers saved",
    )


def spread(questions: Sequence[Question], seed: int) -> list[Question]:
    """All questions in the order of a hash, in turns over the categories."""
    turns: dict[str, int] = defaultdict(int)
    placed = []
    for question in sorted(questions, key=lambda q: sha256_of([seed, q.id])):
        turns[question.category] += 1
        placed.append((turns[question.category], sha256_of([seed, question.id]), question))
    return [question for *_, question in sorted(placed, key=lambda row: row[:2])]


def _items(question: Question) -> Iterator[judging_page.Item]:
    for name, asked in (*ASPECTS.items(), *((p.id, POINT) for p in question.points)):
        text = next((p.text for p in question.points if p.id == name), "")
        yield judging_page.Item(
            id=f"{question.id}/{name}",
            sha256=question.sha256,
            body=_body(question, asked, text),
        )


def _body(question: Question, asked: str, point: str) -> Markup:
    parts = [html.heading(f"{question.id}: {asked}"), html.quote(question.question)]
    for name, content in question.files.items():
        parts += [html.paragraph(name), html.quote(content)]
    if question.choices:
        parts += [html.bullets(question.choices)]
    if question.reference:
        parts += [html.heading("Reference"), html.quote(question.reference)]
    if point:
        return html.join(*parts, html.heading("Point"), html.paragraph(point))
    for turn in question.turns:
        parts += [html.heading("Next message"), html.quote(turn.message)]
        parts += [html.heading("Reference"), html.quote(turn.reference)]
    listed = [f"{p.text} (weight {p.weight})" for p in question.points]
    listed += [f"never: {item.text} ({item.severity})" for item in question.never]
    listed += [f"looks wrong and is right: {decoy.text}" for decoy in question.decoys]
    if listed:
        parts += [html.heading("Points"), html.bullets(listed)]
    return html.join(*parts)


def take(names: Sequence[str], files: Sequence[Path]) -> Outcome:
    """What the panel says: share of yes and Krippendorff's alpha by category and aspect, and the
    questions that a majority finds wrong, unfair or not worth asking.

    Raises MissingInput, InvalidInput with file and line, and Mismatch where a label is of another
    suite or of another version of its question.
    """
    suite = load(names)
    given = labels.latest(row for file in files for row in labels.read(file, KIND, DECISIONS))
    known = {question.id: question for question in suite.questions}
    for label in given:
        question = known.get(label.item_id.rpartition("/")[0])
        if question is None or question.sha256 != label.item_sha256:
            raise Mismatch(
                "this label is of another question",
                where=label.item_id,
                fix="name the suite that was drawn from, or draw again",
            )
    if not given:
        raise MissingInput(
            "there is no label in these files",
            where=", ".join(map(str, files)),
            fix="give files that hold labels; the page saves them",
        )
    rows, refused = list(_rows(suite, given)), _refused(given)
    people = len({label.reviewer for label in given})
    return Outcome(
        status="done",
        counts={"labels": len(given), "reviewers": people, "refused": len(refused)},
        result={"agreement": rows, "refused": refused, "suite_digest": suite.digest},
        shown=(figures_table(rows, COLUMNS), *(f"refused: {item}" for item in refused)),
        summary=f"{len(given)} labels by {people} reviewers; {len(refused)} refused by a majority",
    )


def _rows(suite: Suite, given: Sequence[labels.Label]) -> Iterator[JsonDict]:
    category = {question.id: question.category for question in suite.questions}
    groups: dict[tuple[str, str], list[labels.Label]] = defaultdict(list)
    for label in given:
        identifier, _, name = label.item_id.rpartition("/")
        aspect = name if name in ASPECTS else "points"
        groups["all", aspect].append(label)
        groups[category[identifier], aspect].append(label)
    for (group, aspect), those in sorted(groups.items(), key=lambda g: (g[0][0] != "all", g[0])):
        found = labels.agreement(labels.by_content(those).values())
        yes = sum(label.decision == "yes" for label in those)
        yield {
            "category": group,
            "aspect": aspect,
            "labels": len(those),
            "yes": round(yes / len(those), 4),
            "judged_twice": found["items"],
            "alpha": None if found["alpha"] is None else round(found["alpha"], 4),
        }


def _refused(given: Sequence[labels.Label]) -> list[str]:
    """What more people answered no than yes, by id."""
    balance: dict[str, int] = defaultdict(int)
    for label in given:
        balance[label.item_id] += 1 if label.decision == "no" else -1
    return sorted(name for name, more_no in balance.items() if more_no > 0)
