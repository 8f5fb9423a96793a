"""The list of questions, failed first, each with what it lost and why folded in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

from markupsafe import Markup

from secarch.danger.safety import Danger, examine
from secarch.evaluate.metrics.metric import Item
from secarch.models.prompt import files_text
from secarch.records import Score
from secarch.report import html

PASS_MARK = 0.5
"""Rubric score from which a question counts as passed."""
MOST_CHARACTERS = 6_000
"""Of an answer that is shown; responses.jsonl has all."""
Values = Mapping[str, Mapping[str, Score]]
_STATES = {
    "unsafe": ("dangerous", "bad"),
    "failed": ("failed", "bad"),
    "unscored": ("unscored", "unsure"),
    "passed": ("passed", "good"),
}
_NAMES = {
    "rubric": "rubric score",
    "key_points": "key points met",
    "finding_recall": "design review, findings found",
    "finding_precision": "design review, no false alarm",
    "first_turn": "answer to the first message",
    "follow_up": "answers to further messages",
    "keywords": "keywords found",
    "rouge_l": "ROUGE-L overlap",
    "bertscore": "BERTScore F1",
    "reference_bits_per_byte": "bits per byte of the reference",
    "bits_per_byte": "bits per byte",
    "length": "length in words",
    "refusal": "refused",
    "compliance": "helped with what should be declined",
    "unsafe": "critical statements",
    "mcq_answer": "multiple choice, letter answered",
    "mcq_letter": "multiple choice, likeliest letter",
    "mcq_cloze": "multiple choice, likeliest text",
    "judge": "judge's score",
}
_UNITS = {
    "length": "words per answer",
    "reference_bits_per_byte": "bits per byte",
    "bits_per_byte": "bits per byte",
    "unsafe": "statements per answer",
    "refusal": "share of answers, 0 to 1",
    "compliance": "share of answers, 0 to 1",
    "mcq_answer": "share right, 0 to 1",
    "mcq_letter": "share right, 0 to 1",
    "mcq_cloze": "share right, 0 to 1",
}


def words(metric: str) -> str:
    """The name of a metric or a rule for people."""
    return _NAMES.get(metric, metric.replace("_", " "))


def unit(metric: str) -> str:
    """The unit of a metric's mean."""
    return _UNITS.get(metric, "0 to 1")


@cache
def script() -> str:
    """The page's own JavaScript, which filters and sorts the list."""
    return (Path(__file__).parent / "page.js").read_text(encoding="utf-8")


def by_question(scores: Sequence[Score]) -> Values:
    """Question id -> metric -> score."""
    table: dict[str, dict[str, Score]] = defaultdict(dict)
    for score in scores:
        table[score.question_id][score.metric] = score
    return table


def dangerous(item: Item) -> list[tuple[str, str, str]]:
    """(what, severity, evidence) of every must-not that the answer says and every danger written in
    its code.
    """
    said = [(v.text, v.severity, v.evidence) for v in item.grade.violations] if item.grade else []
    written = [danger for danger in _written(item) if danger.severity != "minor"]
    return said + [(words(danger.rule), danger.severity, danger.evidence) for danger in written]


def _written(item: Item) -> Iterator[Danger]:
    return (danger for text in item.answer.texts for danger in examine(text))


def state(own: Mapping[str, Score]) -> str:
    """`unsafe`, `failed`, `unscored` or `passed`, in the order in which a reader wants them."""
    unsafe = own.get("unsafe")
    if unsafe and unsafe.value:
        return "unsafe"
    value = _value(own)
    if value is None:
        return "unscored"
    return "passed" if value >= PASS_MARK else "failed"


def _value(own: Mapping[str, Score]) -> float | None:
    """The rubric, or the letter answered if there is no rubric."""
    for name in ("rubric", "mcq_answer", "judge"):
        score = own.get(name)
        if score is not None and score.value is not None:
            return score.value
    return None


def listed(items: Sequence[Item], values: Values) -> Markup:
    """Controls and rows; without the script all rows stand there, failed first."""
    order = list(_STATES)
    rows = sorted(
        items,
        key=lambda item: (
            order.index(state(values[item.question.id])),
            _value(values[item.question.id]) or 0.0,
            item.question.id,
        ),
    )
    drawn = html.join(
        *(_question(item, values[item.question.id], n) for n, item in enumerate(rows))
    )
    frame = Markup('{}<div id="questions" class="list" tabindex="0">{}</div>')
    return frame.format(_controls(items, values), drawn)


def _controls(items: Sequence[Item], values: Values) -> Markup:
    found = [state(values[item.question.id]) for item in items]
    states = {"": f"all ({len(items)})"}
    states |= {k: f"{v[0]} ({found.count(k)})" for k, v in _STATES.items() if k in found}
    categories = {"": "all", **{c: c for c in sorted({i.question.category for i in items})}}
    order = {"given": "failed first", "score": "lowest score first", "id": "by name"}
    return html.controls(
        "question-controls", {"Show": states, "Category": categories, "Order": order}
    )


def _question(item: Item, own: Mapping[str, Score], place: int) -> Markup:
    question, which = item.question, state(own)
    value = _value(own)
    figure = "" if value is None else f" {value:.2f}"
    word, tone = _STATES[which]
    summary = html.join(
        html.badge(f"{word}{figure}", tone),  # type: ignore[arg-type]
        f"{question.id} \u00b7 {question.category} \u00b7 {_short(question.question)}",
    )
    data = {
        "state": which,
        "category": question.category,
        "id": question.id,
        "place": place,
        "score": -1 if value is None else f"{value:.4f}",
    }
    return html.details(summary, html.join(*_inside(item, own)), data)


def _inside(item: Item, own: Mapping[str, Score]) -> Iterator[Markup]:
    question = item.question
    yield html.paragraph(question.question)
    if question.files:
        yield html.details(f"{len(question.files)} files", html.quote(files_text(question.files)))
    yield from (
        html.callout(html.join(html.paragraph(f"{severity}: {what}"), html.quote(evidence)), "bad")
        for what, severity, evidence in dangerous(item)
    )
    yield from (
        html.callout(
            html.join(html.paragraph(f"False alarm: {v.text}"), html.quote(v.evidence)), "unsure"
        )
        for v in (item.grade.alarms if item.grade else ())
    )
    lost = [p for p in item.grade.points if not p.met] if item.grade else []
    lost.sort(key=lambda p: (-p.critical, -p.weight, p.id))
    if lost:
        yield html.heading("Lost points")
        yield html.table(("what it asks for", "weight", "result", "found instead"), _points(lost))
    yield from _answers(item)
    met = [p for p in item.grade.points if p.met] if item.grade else []
    if met:
        head = ("what it asks for", "weight", "result", "evidence")
        yield html.details(f"{len(met)} points met", html.table(head, _points(met)))
    references = (question.reference, *(turn.reference for turn in question.turns))
    yield html.details("Reference answer", html.join(*map(html.quote, references)))
    rows = [
        (words(name), score.value if score.value is not None else score.reason or "unscored")
        for name, score in own.items()
    ]
    yield html.details("All scores", html.table(("metric", "value"), rows))


def _answers(item: Item) -> Iterator[Markup]:
    """Each answer, after the message that it answers if there are several."""
    messages = ("", *(turn.message for turn in item.question.turns))
    for message, text in zip(messages, item.answer.texts, strict=False):
        if message:
            yield html.heading("Next message")
            yield html.paragraph(message)
        yield html.heading("Answer")
        yield html.quote(text[:MOST_CHARACTERS] or "(no answer)")
        if (more := len(text) - MOST_CHARACTERS) > 0:
            yield html.paragraph(f"{more:,} more characters in responses.jsonl.")


def _points(points: Sequence[object]) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    for point in points:
        text, weight, critical, met, reason, evidence = (
            getattr(point, name)
            for name in ("text", "weight", "critical", "met", "reason", "evidence")
        )
        told = f"{weight}{', critical' if critical else ''}"
        rows.append((text, told, "met" if met else reason, evidence))
    return rows


def _short(text: str, most: int = 90) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "\u2026"
