"""Tables about golden suites: what is in them, and one question in full."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from statistics import median
from typing import Any

from secarch.records import Outcome
from secarch.schema import JsonDict
from secarch.suite.schema import Question, Suite, load


def stats(
    names: Sequence[str], tokens: Callable[[Question], int] | None = None, counted_by: str = ""
) -> Outcome:
    """Count questions by kind, category and difficulty, and what is known of their sources and
    age.

    `tokens` says how long the prompt of a question is, `counted_by` how that is counted.
    """
    suite = load(names)
    questions = suite.questions
    result: JsonDict = {
        "suite": suite.name,
        "version": suite.version,
        "suite_digest": suite.digest,
        "by_kind": _counted(questions, lambda q: q.kind),
        "by_category": _counted(questions, lambda q: q.category),
        "by_capability": _counted(questions, lambda q: q.main_capability),
        "by_difficulty": _counted(questions, lambda q: str(q.difficulty)),
        "mcq": _choices([q for q in questions if q.kind == "mcq"]),
    }
    if tokens is not None:
        result["tokens"] = {"counted_by": counted_by, **_tokens(questions, tokens)}
    today = datetime.now(UTC).date()
    sources = [source for question in questions for source in question.sources]
    counts = {
        "questions": len(questions),
        "smoke": sum("smoke" in q.tags for q in questions),
        "clusters": len({q.cluster for q in questions if q.cluster}),
        "key_points": sum(len(q.points) for q in questions),
        "findings": sum(len(q.findings) for q in questions),
        "decoys": sum(len(q.decoys) for q in questions),
        "files": sum(len(q.files) for q in questions),
        "follow_ups": sum(bool(q.turns) for q in questions),
        "must_not": sum(len(q.must_not) for q in questions),
        "sources": len(sources),
        "sources_checked": sum(source.checked != "no" for source in sources),
        "dated": sum(q.valid_from is not None for q in questions),
        "outdated": sum(q.valid_until is not None and q.valid_until <= today for q in questions),
    }
    return Outcome(
        status="done", counts=counts, result=result, shown=tuple(_overview(suite, result, counts))
    )


def _counted(questions: Sequence[Question], of: Callable[[Question], str]) -> dict[str, int]:
    return dict(sorted(Counter(map(of, questions)).items()))


def _tokens(questions: Sequence[Question], tokens: Callable[[Question], int]) -> JsonDict:
    """Median, most and sum of the tokens of the prompts of each kind."""
    sizes: dict[str, list[int]] = {}
    for question in questions:
        sizes.setdefault(question.kind, []).append(tokens(question))
    by_kind = {
        kind: {"median": round(median(found)), "most": max(found), "total": sum(found)}
        for kind, found in sorted(sizes.items())
    }
    return {"by_kind": by_kind, "total": sum(map(sum, sizes.values()))}


def _choices(questions: Sequence[Question]) -> JsonDict:
    """Of the multiple choices: how many options they have, and which place the right one holds as
    written.
    """
    return {
        "by_choices": _counted(questions, lambda q: str(len(q.choices))),
        "by_letter": _counted(questions, lambda q: chr(ord("A") + (q.answer or 0))),
    }


def _overview(suite: Suite, result: JsonDict, counts: dict[str, int]) -> Iterator[Any]:
    from rich.table import Table

    table = Table(
        "category",
        "questions",
        "smoke",
        "key points",
        "difficulty 1/2/3/4",
        box=None,
        pad_edge=False,
    )
    for category, n in result["by_category"].items():
        mine = [q for q in suite.questions if q.category == category]
        spread = "/".join(str(sum(q.difficulty == level for q in mine)) for level in range(1, 5))
        points = sum(len(q.points) for q in mine)
        table.add_row(
            category, str(n), str(sum("smoke" in q.tags for q in mine)), str(points), spread
        )
    yield (table)
    yield ("kinds: " + ", ".join(f"{kind} {n}" for kind, n in result["by_kind"].items()))
    if sizes := result.get("tokens"):
        each = (
            f"{kind} {found['median']} (most {found['most']})"
            for kind, found in sizes["by_kind"].items()
        )
        yield (f"tokens of a prompt, median, by {sizes['counted_by']}: {', '.join(each)}")
    asked = result["by_capability"].items()
    yield ("capabilities: " + ", ".join(f"{name} {n}" for name, n in asked))
    if letters := result["mcq"]["by_letter"]:
        yield ("right letters: " + ", ".join(f"{letter} {n}" for letter, n in letters.items()))
    yield (", ".join(f"{name.replace('_', ' ')} {n}" for name, n in counts.items()))
    yield (f"{suite.name} {suite.version}, digest {suite.digest[:16]}")


def show(identifier: str, names: Sequence[str]) -> Outcome:
    """One question with its reference, key points and sources.

    Raises MissingInput if there is none of that id.
    """
    question = load(names).find(identifier)
    return Outcome(
        status="done",
        result={"question": question.model_dump(mode="json"), "sha256": question.sha256},
        shown=tuple(_page(question)),
    )


def _page(question: Question) -> Iterator[Any]:
    yield (
        f"{question.id} v{question.version}  {question.category}, {question.kind}, level "
        f"{question.difficulty}, asks for: {question.main_capability}"
    )
    yield (f"\n{question.question}\n")
    for name, content in question.files.items():
        yield (f"--- {name}\n{content}")
    for number, turn in enumerate(question.turns, 2):
        yield (f"Message {number}\n{turn.message}\n")
    for n, choice in enumerate(question.choices):
        yield (f"{chr(ord('A') + n)}. {choice}{'   <- right' if n == question.answer else ''}")
    if question.reference:
        yield (f"Reference\n{question.reference}\n")
    for number, turn in enumerate(question.turns, 2):
        yield (f"Reference of message {number}\n{turn.reference}\n")
    yield _says(question)
    for source in question.sources:
        yield (f"source: {source.title}, {source.section} (checked: {source.checked})")


def _says(question: Question) -> Any:
    """What a good answer says, and what it does not."""
    from rich.table import Table
    from rich.text import Text

    table = Table("point", "weight", "says", box=None, pad_edge=False)
    severity = {finding.id: f", finding: {finding.severity}" for finding in question.findings}
    for point in question.points:
        weight = f"{point.weight}{' critical' if point.critical else ''}"
        table.add_row(point.id, weight + severity.get(point.id, ""), Text(point.text))
    refused = [*question.must_not, *(item for turn in question.turns for item in turn.must_not)]
    for item in refused:
        table.add_row(item.id, f"not: {item.severity}", Text(item.text))
    for decoy in question.decoys:
        table.add_row(decoy.id, "decoy", Text(decoy.text))
    return table
