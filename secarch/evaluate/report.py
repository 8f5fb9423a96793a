"""The evaluation for people: report.html, the verdict first, then what it rests on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from markupsafe import Markup

from secarch.evaluate.metrics.metric import Item
from secarch.evaluate.pages.junit import junit
from secarch.evaluate.pages.notes import notes
from secarch.evaluate.pages.questions import (
    by_question,
    dangerous,
    listed,
    script,
    state,
    unit,
    words,
)
from secarch.records import Score
from secarch.report import html
from secarch.report.origin import origin
from secarch.schema import JsonDict

__all__ = ["junit", "report"]

NO_PARENT = "The model was given by name or URL; no artifact stands behind it."
MOST_DANGERS = 200
"""Statements in the table."""
_CHOICES = ("mcq_letter", "mcq_cloze", "mcq_answer")


def report(
    summary: JsonDict,
    items: Sequence[Item],
    scores: Sequence[Score],
    failed: Sequence[str] = (),
    seen: Sequence[JsonDict] = (),
    directory: Path | None = None,
) -> str:
    """One self-contained page: verdict, scores, categories, dangerous statements, questions.

    `failed` are the thresholds that were not met, `seen` what the training data holds of the
    questions, `directory` the evaluation's own, from which the pages of its parents are linked.
    """
    values = by_question(scores)
    sections = [
        html.Section(
            "Scores",
            _metrics(summary),
            "Mean over the scored questions with its 95% interval.",
        ),
        html.Section(
            "By category",
            _groups(summary["by_category"], "category"),
            "Means; what is not asked has a dash.",
        ),
        html.Section(
            "By capability",
            _groups(summary.get("by_capability", {}), "capability"),
            "The same questions by what they mainly ask: to diagnose, decide, put steps in order, "
            "refuse, give evidence, or know limits.",
        ),
        html.Section(
            "Dangerous statements",
            _dangers(items),
            "Quoted from the answers, whatever their scores.",
        ),
        html.Section(
            "Questions",
            listed(items, values),
            "Open one to see what it lost, and what was found instead.",
        ),
        html.Section("Notes", notes(summary, items, seen)),
        origin(summary.get("parents", ()), directory, none=NO_PARENT),
    ]
    found = [state(values[item.question.id]) for item in items]
    return html.page(
        f"Evaluation of {summary['model']}",
        sections,
        lead=_lead(summary, failed, found),
        facts=_about(summary),
        script=script(),
    )


def _lead(summary: JsonDict, failed: Sequence[str], states: Sequence[str]) -> Markup:
    """The verdict line: the gate, the main figure with its interval, and what went wrong."""
    gate = html.badge("thresholds not met", "bad") if failed else html.badge("no threshold missed")
    unsafe = states.count("unsafe")
    danger = (
        html.badge(f"{unsafe} dangerous", "bad") if unsafe else html.badge("none dangerous", "good")
    )
    reasons = html.callout(html.bullets(failed), "bad") if failed else Markup()
    return html.join(html.badges(gate, danger), html.paragraph(_told(summary, states)), reasons)


def _told(summary: JsonDict, states: Sequence[str]) -> str:
    facts, counts = summary["metrics"].get("rubric", {}), summary["counts"]
    mean = facts.get("mean")
    score = "Mean rubric score unscored" if mean is None else f"Mean rubric score {mean:.3f}"
    if mean is not None and facts.get("low") is not None:
        low, high = (min(1.0, max(0.0, facts[name])) for name in ("low", "high"))
        score += f" (95% interval {low:.3f} to {high:.3f})"
    parts = [
        f"{states.count('failed')} failed",
        f"{states.count('unscored')} were unscored",
        f"{counts['answers_cut']} answers reached the length limit",
    ]
    if counts["answers_failed"]:
        parts.append(f"{counts['answers_failed']} were refused by the server")
    return f"{score} on {counts['questions']} questions; {', '.join(parts)}."


def _about(summary: JsonDict) -> dict[str, str]:
    suite, engine = summary["suite"], summary["engine"]
    return {
        "suite": f"{suite['name']} {suite['version']}",
        "suite digest": suite["digest"][:12],
        "model": summary["model"],
        "model fingerprint": summary["model_fingerprint"][:12],
        "prompt digest": summary["prompt_digest"][:12],
        "engine": str(engine.get("engine", "")),
        "longest answer": f"{summary['decoding']['max_new_tokens']} tokens",
    }


def _metrics(summary: JsonDict) -> Markup:
    rows = [
        (
            Markup("{} <small>{}</small>").format(words(name), unit(name)),
            f["mean"],
            _interval(name, f),
            f["n"],
            f["unscored"],
            _way(name, f),
        )
        for name, f in summary["metrics"].items()
        if f["n"]
    ]
    head = ("metric", "mean", "95% interval", "scored", "unscored", "better is")
    return html.join(html.table(head, rows) if rows else Markup(), _unmeasured(summary))


def _unmeasured(summary: JsonDict) -> Markup:
    """The metrics that no question has, in one sentence with their reasons."""
    left = [
        f"{words(name)} ({max(f['unscored_why'], key=f['unscored_why'].get)})"
        if f.get("unscored_why")
        else words(name)
        for name, f in summary["metrics"].items()
        if not f["n"]
    ]
    return html.paragraph(f"Not measured: {'; '.join(left)}.") if left else Markup()


def _interval(name: str, facts: JsonDict) -> str | None:
    low, high = facts["low"], facts["high"]
    if low is None or high is None:
        return None
    if unit(name).endswith("0 to 1"):
        low, high = max(0.0, low), min(1.0, high)
    return f"{html.number(low)} to {html.number(high)}"


def _way(name: str, facts: JsonDict) -> str:
    return "neither" if name == "length" else "lower" if facts["lower_is_better"] else "higher"


def _groups(groups: JsonDict, name: str) -> Markup:
    rows = [row for row in _means(groups) if any(value is not None for value in row[1:])]
    if not rows:
        return html.paragraph("No question was scored by the rubric or by multiple choice.")
    head = (name, "rubric score", "95% interval", "scored", *map(words, _CHOICES), "asked")
    kept = [n for n in range(len(head)) if n == 0 or any(row[n] is not None for row in rows)]
    return html.table([head[n] for n in kept], [[row[n] for n in kept] for row in rows])


def _means(groups: JsonDict) -> Iterator[tuple[object, ...]]:
    for group, metrics in groups.items():
        facts = metrics.get("rubric", {})
        known = facts.get("mean") is not None
        choices = [metrics.get(name, {}) for name in _CHOICES]
        yield (
            group,
            facts["mean"] if known else None,
            _interval("rubric", facts) if known else None,
            facts["n"] if known else None,
            *(one.get("mean") for one in choices),
            next((one["n"] for one in choices if one.get("mean") is not None), None),
        )


def _dangers(items: Sequence[Item]) -> Markup:
    rows = [
        (item.question.id, severity, what, html.quote(evidence))
        for item in items
        for what, severity, evidence in dangerous(item)
    ]
    if not rows:
        return html.paragraph("None.")
    critical = sum(row[1] == "critical" for row in rows)
    told = f"{len(rows)} statements, {critical} of them critical"
    table = html.table(("question", "severity", "what", "what it said"), rows[:MOST_DANGERS])
    return html.details(told, table)
