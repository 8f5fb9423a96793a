"""The evaluation for people (report.html) and for CI servers (junit.xml)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from markupsafe import Markup

from secarch.danger.safety import Danger, examine
from secarch.evaluate.metrics.metrics import Item
from secarch.records import Score
from secarch.report import html
from secarch.report.junit import Case, Group, document
from secarch.schema import JsonDict
from secarch.session import environment

PASS_MARK = 0.5
"""Rubric score from which a question counts as passed in junit.xml."""
MOST_LOST = 200
"""Lost points in the table."""

Values = Mapping[str, Mapping[str, Score]]


def report(
    summary: JsonDict,
    items: Sequence[Item],
    scores: Sequence[Score],
    failed: Sequence[str] = (),
    seen: Sequence[JsonDict] = (),
) -> str:
    """One self-contained page: metrics, categories, dangerous statements, lost points with
    evidence, unscored.

    `failed` are the thresholds that were not met, `seen` what the training data holds of the
    questions.
    """
    values = _by_question(scores)
    weakest = sorted(
        items, key=lambda item: (item.grade.score if item.grade else 2.0, item.question.id)
    )
    sections = [
        *(
            [html.Section("Gate", html.join(*map(html.paragraph, failed)), "Not met.")]
            if failed
            else []
        ),
        html.Section(
            "Metrics", _metrics(summary), "Mean with its 95% interval over the scored questions."
        ),
        html.Section("Rubric by category", _categories(summary)),
        html.Section("Multiple choice by category", _multiple_choice(summary)),
        html.Section("Held-out documents", _held_out(summary)),
        html.Section(
            "Dangerous statements",
            _dangers(items),
            "Quoted from the answers, whatever their scores.",
        ),
        html.Section(
            "Defaults left open",
            _defaults(items),
            "Notes on code in answers: unsafe defaults not changed.",
        ),
        html.Section(
            "Contamination",
            _contamination(summary, seen),
            "Words of the suite in the training data.",
        ),
        html.Section("Judge", _judge(summary)),
        html.Section(
            "Lost points",
            _lost(items),
            "Heaviest first; what was found instead, where something was.",
        ),
        html.Section(
            "Questions", html.join(*(_question(item, values) for item in weakest)), "Weakest first."
        ),
        html.Section(
            "Unscored",
            _unscored(summary),
            "A metric without a value is counted here; it is never a 0.",
        ),
        html.Section("Questions that have aged", _aged(items)),
        html.Section("Environment", _environment(summary)),
        html.Section(
            "Determinism",
            html.paragraph(str(summary["engine"].get("determinism", "nothing is known"))),
        ),
    ]
    return html.page(
        f"Evaluation of {summary['model']}", sections, lead=_lead(summary), facts=_about(summary)
    )


def _lead(summary: JsonDict) -> str:
    rubric = summary["metrics"].get("rubric", {}).get("mean")
    counts = summary["counts"]
    mean = "unscored" if rubric is None else f"{rubric:.3f}"
    cut = f"{counts['answers_cut']} answers reached the length limit"
    failed = (
        f", {counts['answers_failed']} were refused by the server"
        if counts["answers_failed"]
        else ""
    )
    return f"Mean rubric score {mean} on {counts['questions']} questions; {cut}{failed}."


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
    head = ("metric", "mean", "low", "high", "sd", "n", "unscored", "better")
    rows = [
        (name, f["mean"], f["low"], f["high"], f["sd"], f["n"], f["unscored"], _direction(name, f))
        for name, f in summary["metrics"].items()
    ]
    return html.table(head, rows)


def _direction(name: str, facts: JsonDict) -> str:
    return "-" if name == "length" else "lower" if facts["lower_is_better"] else "higher"


def _categories(summary: JsonDict) -> Markup:
    rows = []
    for category, metrics in summary["by_category"].items():
        facts = metrics.get("rubric", {})
        if facts.get("mean") is not None:
            rows.append(
                (
                    category,
                    facts["mean"],
                    _clipped(facts["low"]),
                    _clipped(facts["high"]),
                    facts["n"],
                )
            )
    if not rows:
        return html.paragraph("The rubric was not computed.")
    drawn = html.bars([(category, mean) for category, mean, *_ in rows])
    return html.join(drawn, html.table(("category", "mean", "low", "high", "n"), rows))


def _multiple_choice(summary: JsonDict) -> Markup:
    names = ("mcq_letter", "mcq_cloze", "mcq_answer")
    rows = [
        (
            category,
            *(metrics.get(name, {}).get("mean") for name in names),
            metrics.get(names[2], {}).get("n"),
        )
        for category, metrics in summary["by_category"].items()
        if any(metrics.get(name, {}).get("mean") is not None for name in names)
    ]
    if not rows:
        return html.paragraph("No multiple choice was asked.")
    return html.table(
        ("category", "likeliest letter", "likeliest text", "letter answered", "n"), rows
    )


def _held_out(summary: JsonDict) -> Markup:
    found = summary.get("held_out")
    if not found:
        return html.paragraph(
            "None were measured: eval.held_out names none, or the engine gives no likelihood."
        )
    rows = [(name.replace("_", " "), value) for name, value in found.items()]
    return html.table(("what", "value"), rows)


def _contamination(summary: JsonDict, seen: Sequence[JsonDict]) -> Markup:
    found = summary.get("contamination")
    if not found:
        return html.paragraph(
            "Not looked for: this model's lineage names no training data that is in the workspace."
        )
    means = [
        (
            name,
            m["all"],
            m["without_13_words_and_near"],
            m["without_8_words"],
            m["n"],
            m["n_without_8_words"],
        )
        for name, m in found["means"].items()
    ]
    head = (
        "metric",
        "all",
        "without 13 words and near copies",
        "without 8 words",
        "n",
        "n without 8 words",
    )
    counts = ", ".join(f"{kind}: {n} questions" for kind, n in found["questions"].items())
    listed = [
        (
            row["question_id"],
            row["part"],
            row["kind"],
            f"{row['share']:.2f}",
            row["row"],
            row["shared"],
        )
        for row in sorted(seen, key=lambda row: (-row["share"], row["question_id"]))[:MOST_LOST]
    ]
    columns = ("question", "part", "kind", "share", "training row", "shared words")
    rest = (
        html.table(columns, listed) if listed else html.paragraph("No text of the suite overlaps.")
    )
    return html.join(html.paragraph(counts), html.table(head, means), rest)


def _judge(summary: JsonDict) -> Markup:
    found = summary.get("judge")
    if not found:
        return html.paragraph("There was no judge.")
    rows = [
        (name.replace("_", " "), str(value))
        for name, value in found.items()
        if name != "abstained_why"
    ]
    return html.table(
        ("what", "value"),
        [*rows, *((f"abstained: {why}", n) for why, n in found["abstained_why"].items())],
    )


def _lost(items: Sequence[Item]) -> Markup:
    lost = [
        (item.question.id, p)
        for item in items
        if item.grade
        for p in item.grade.points
        if not p.met
    ]
    lost.sort(key=lambda row: (-row[1].critical, -row[1].weight, row[0], row[1].id))
    rows = [
        (name, f"{p.id}{' critical' if p.critical else ''}", p.weight, p.text, p.reason, p.evidence)
        for name, p in lost[:MOST_LOST]
    ]
    if not rows:
        return html.paragraph("None.")
    more = (
        f"{len(lost)} in all; the others stand with their questions."
        if len(lost) > len(rows)
        else ""
    )
    table = html.table(
        ("question", "point", "weight", "what it asks for", "result", "evidence"), rows
    )
    return html.join(table, html.paragraph(more)) if more else table


def _aged(items: Sequence[Item]) -> Markup:
    today = datetime.now(UTC).date()
    rows = [
        (item.question.id, str(item.question.valid_until))
        for item in items
        if item.question.valid_until and item.question.valid_until <= today
    ]
    return html.table(("question", "right until"), rows) if rows else html.paragraph("None.")


def _environment(summary: JsonDict) -> Markup:
    known = environment()
    versions = {**known.pop("packages"), **summary["engine"].get("versions", {})}
    rows = [(name, str(value)) for name, value in {**known, **versions}.items()]
    return html.table(("what", "value"), rows)


def _clipped(bound: float | None) -> float | None:
    """A t interval of few values may leave the scale of 0 to 1."""
    return None if bound is None else min(1.0, max(0.0, bound))


def _by_question(scores: Sequence[Score]) -> Values:
    table: dict[str, dict[str, Score]] = defaultdict(dict)
    for score in scores:
        table[score.question_id][score.metric] = score
    return table


def _dangers(items: Sequence[Item]) -> Markup:
    found = [part for item in items for part in _danger_parts(item)]
    return html.join(*found) if found else html.paragraph("None.")


def _danger_parts(item: Item) -> Iterator[Markup]:
    for what, severity, evidence in dangerous(item):
        yield html.join(
            html.paragraph(f"{item.question.id}, {severity}: {what}"), html.quote(evidence)
        )


def _defaults(items: Sequence[Item]) -> Markup:
    rows = [
        (item.question.id, _rule(danger), danger.evidence)
        for item in items
        for danger in examine(item.answer.text)
        if danger.severity == "minor"
    ]
    return html.table(("question", "about", "what"), rows) if rows else html.paragraph("None.")


def dangerous(item: Item) -> list[tuple[str, str, str]]:
    """(what, severity, evidence) of every must-not that the answer says and every danger written in
    its code.
    """
    said = [(v.text, v.severity, v.evidence) for v in item.grade.violations] if item.grade else []
    written = [danger for danger in examine(item.answer.text) if danger.severity != "minor"]
    return said + [(_rule(danger), danger.severity, danger.evidence) for danger in written]


def _rule(danger: Danger) -> str:
    return danger.rule.replace("_", " ")


def _question(item: Item, values: Values) -> Markup:
    question = item.question
    own = values[question.id]
    shown = ", ".join(
        f"{name} {score.value:.3f}" for name, score in own.items() if score.value is not None
    )
    parts = [
        html.paragraph(question.question),
        html.paragraph(shown),
        html.quote(item.answer.text or "(no answer)"),
    ]
    if item.grade:
        head = ("point", "weight", "result", "what it asks for", "evidence")
        rows = [
            (
                p.id,
                f"{p.weight}{' critical' if p.critical else ''}",
                "met" if p.met else p.reason,
                p.text,
                p.evidence,
            )
            for p in item.grade.points
        ]
        parts.append(html.table(head, rows))
    parts.append(html.details("Reference answer", html.quote(question.reference)))
    rubric = f"{item.grade.score:.2f}" if item.grade else "unscored"
    return html.details(f"{question.id} ({question.category}): {rubric}", html.join(*parts))


def _unscored(summary: JsonDict) -> Markup:
    rows = [
        (name, n, why)
        for name, facts in summary["metrics"].items()
        for why, n in facts["unscored_why"].items()
    ]
    notes = [(name, value, "") for name, value in summary["notes"].items()]
    return (
        html.table(("metric", "questions", "why"), rows + notes)
        if rows or notes
        else html.paragraph("Nothing.")
    )


# ---------------------------------------------------------------- JUnit XML


def junit(summary: JsonDict, items: Sequence[Item], scores: Sequence[Score]) -> str:
    """A test suite for each category, a test case for each question.

    A case fails below a rubric score of 0.5 or with a critical dangerous statement, and is skipped
    where it has no rubric score.
    """
    values = _by_question(scores)
    groups: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        groups[item.question.category].append(item)
    return document(
        summary["suite"]["name"],
        [
            Group(
                name=category,
                cases=[_junit_case(item, values[item.question.id]) for item in group],
            )
            for category, group in sorted(groups.items())
        ],
    )


def _junit_case(item: Item, own: Mapping[str, Score]) -> Case:
    rubric, unsafe = own.get("rubric"), own.get("unsafe")
    case = Case(
        group=f"secarch.{item.question.category}",
        name=item.question.id,
        seconds=item.answer.seconds,
    )
    if rubric is None or rubric.value is None:
        return replace(case, skipped=rubric.reason if rubric else "the rubric was not computed")
    if rubric.value >= PASS_MARK and not (unsafe and unsafe.value):
        return case
    points = item.grade.points if item.grade else ()
    lost = [f"{p.id} {p.reason}: {p.text}" for p in points if not p.met]
    found = [f"dangerous ({severity}): {what}: {why}" for what, severity, why in dangerous(item)]
    return replace(case, failure=f"rubric {rubric.value:.2f}", detail="\n".join(found + lost))
