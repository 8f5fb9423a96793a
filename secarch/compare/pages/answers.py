"""The parts of the page about single answers: those that changed, with their evidence, and blinded
judging.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from markupsafe import Markup

from secarch.compare.inputs.labels import KIND, VALUES, Item
from secarch.compare.pages.evidence import Questions, points, spans
from secarch.compare.record import Judgement, Record
from secarch.compare.verdict import shown_p
from secarch.evaluate.ask.prompt import asked_whole
from secarch.evaluate.metrics.metric import NOT_OF_THE_ANSWER
from secarch.report import html
from secarch.report import judging_page as judged
from secarch.report.html import Section, Span
from secarch.schema import JsonDict

LARGEST = 10
"""Changes each way that are shown at first."""
MOST = 100
"""Changes each way that are on the page; flips.jsonl has all."""
MOST_CHARACTERS = 4_000
"""Of an answer that changed."""
MOST_JUDGED = 20_000
"""Of an answer to be judged, which has to be read whole."""

_CHOICES = (
    judged.Choice(key="a", decision="first", label="A is better", value=VALUES["first"]),
    judged.Choice(key="e", decision="equal", label="Equally good", value=VALUES["equal"]),
    judged.Choice(key="b", decision="second", label="B is better", value=VALUES["second"]),
    judged.Choice(key="s", decision="skip", label="Skip"),
)


@cache
def script() -> str:
    """The page's JavaScript, and that of the panel on which answers are judged."""
    return (Path(__file__).parent / "page.js").read_text(encoding="utf-8") + judged.script()


def changed(flips: Sequence[JsonDict], questions: Questions, metric: str) -> Section:
    """Answers whose primary value changed, worst first; the script sorts and filters them."""
    sides = {
        name: [row for row in flips if row["direction"] == name]
        for name in ("harmful", "beneficial")
    }
    kept = {name: rows[:MOST] for name, rows in sides.items()}
    shown = [
        _flip(row, questions, largest=n < LARGEST)
        for rows in kept.values()
        for n, row in enumerate(rows)
    ]
    counts = f"{len(sides['harmful'])} became worse and {len(sides['beneficial'])} better."
    left = len(flips) - len(shown)
    note = counts + (
        f" The {MOST} largest changes each way are here; flips.jsonl has all." if left else ""
    )
    if metric in NOT_OF_THE_ANSWER:
        note += (
            f" {metric.replace('_', ' ').capitalize()} is measured on the reference, not "
            "on these answers."
        )
    if not shown:
        return Section("Answers that changed", html.paragraph("None."), note)
    body = Markup('{}<div id="flips">{}</div>').format(_controls(flips), html.join(*shown))
    return Section("Answers that changed", body, note)


def _controls(flips: Sequence[JsonDict]) -> Markup:
    """Hidden until the script is there to serve them."""
    show = {"largest": "largest changes", "all": "all", "harmful": "worse", "beneficial": "better"}
    categories = {
        "": "all",
        **{name: name for name in sorted({str(row["category"]) for row in flips})},
    }
    order = {"worst": "worst first", "best": "best first", "id": "by name"}
    return html.controls("flip-controls", {"Show": show, "Category": categories, "Order": order})


def _flip(row: JsonDict, questions: Questions, *, largest: bool) -> Markup:
    question = questions.get((row["question_id"], row["question_sha256"]))
    topic = "" if question is None else " \u2013 " + _shortened(question.question)
    tone = (
        html.badge("worse", "bad")
        if row["direction"] == "harmful"
        else html.badge("better", "good")
    )
    values = (
        f"{row['question_id']}: {html.number(row['base'])} \u2192 "
        f"{html.number(row['tuned'])}{topic}"
    )
    asked = html.paragraph(asked_whole(question)) if question else ""
    met = points(question, row["base_text"], row["tuned_text"]) if question else []
    base = _answer(row["base_text"], [(p.base, p.base_hits) for p in met])
    answers = html.beside(
        ("Base", base),
        ("Tuned", _answer(row["tuned_text"], [(p.tuned, p.tuned_hits) for p in met])),
    )
    if not (row["base_text"] or row["tuned_text"]):
        answers = html.paragraph("The answers themselves were not given.")
    cells = [
        [p.text + (" (critical)" if p.critical else ""), p.weight, p.base or None, p.tuned or None]
        for p in met
    ]
    table = html.table(["key point", "weight", "base says", "tuned says"], cells) if cells else ""
    data = {
        "gain": row["delta"],
        "category": row["category"],
        "direction": row["direction"],
        "id": row["question_id"],
    }
    return html.details(
        html.join(tone, values),
        html.join(asked, answers, table),
        {**data, **({"largest": ""} if largest else {})},
    )


def _answer(text: str, found: Sequence[tuple[str, Sequence[Span]]]) -> Markup:
    if not text.strip():
        return html.paragraph("(an empty answer)")
    shown = text if len(text) <= MOST_CHARACTERS else text[:MOST_CHARACTERS] + " [...]"
    return html.quote(html.marked(shown, spans(shown, found), "good"))


def _shortened(text: str, most: int = 70) -> str:
    return text if len(text) <= most else text[:most].rsplit(" ", 1)[0] + "\u2026"


def judging(record: Record, items: Sequence[Item], questions: Questions, artifact: str) -> Section:
    """What readers chose so far, and the place to choose: answers unlabelled, in an order that says
    nothing.
    """
    title = "Judge the answers yourself"
    read = _judged(record.judgements)
    if not items:
        why = "There are no two answers to judge: none was given, or both models said the same."
        return Section(title, html.join(read, html.paragraph(why)))
    note = (
        "Which answer is better, A or B? Which model wrote which is not shown, and their order "
        "changes from one "
        "question to the next. Judge before you read the answers above. Save your choices, then "
        "run the same command "
        "again with --labels FILE: your own test stands beside the verdict and has no part in it."
    )
    offered = [_offered(item, questions) for item in items]
    return Section(title, html.join(read, judged.panel(artifact, KIND, offered, _CHOICES)), note)


def _offered(item: Item, questions: Questions) -> judged.Item:
    question = questions.get(item.key)
    asked = html.paragraph(asked_whole(question)) if question else html.paragraph(item.key[0])
    answers = html.beside(
        ("A", html.quote(_whole(item.first))), ("B", html.quote(_whole(item.second)))
    )
    return judged.Item(id=item.key[0], sha256=item.sha256, body=html.join(asked, answers))


def _whole(text: str) -> str:
    return text if len(text) <= MOST_JUDGED else text[:MOST_JUDGED] + " [...]"


def _judged(rows: Sequence[Judgement]) -> Markup | str:
    if not rows:
        return ""
    head = [
        "reader",
        "judged",
        "tuned better",
        "base better",
        "equal",
        "p (mid-p McNemar)",
        "agrees with the metric",
    ]
    cells = [
        [
            row.reviewer,
            row.n,
            row.for_tuned,
            row.for_base,
            row.equal,
            shown_p(row.mid_p),
            f"{row.agree} of {row.agree + row.disagree}",
        ]
        for row in rows
    ]
    return html.table(head, cells, "Readers who saw the answers unlabelled; no part of the verdict")
