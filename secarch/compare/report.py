"""report.html of a comparison: the verdict first, then what it rests on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from secarch.compare.inputs.labels import Item
from secarch.compare.inputs.pairs import Pairs
from secarch.compare.pages import answers
from secarch.compare.pages.evidence import Questions, Statement
from secarch.compare.record import Category, Estimate, Primary, Record
from secarch.compare.verdict import contamination, noise_floor, shown_p
from secarch.report import html
from secarch.report.html import Section, Tone
from secarch.report.origin import TO_WORKSPACE
from secarch.schema import JsonDict

TONES: Mapping[str, Tone] = {
    "BETTER": "good",
    "WORSE": "bad",
    "EQUIVALENT": "plain",
    "INCONCLUSIVE": "unsure",
}
"""Colour of each verdict."""
Lineage = Sequence[tuple[str, str, Markup | str, str]]
"""Kind, digest, directory (linked to its page) and counts of each artifact, from the evaluations
back to the documents.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """Everything the page is drawn from."""

    record: Record
    pairs: Pairs
    flips: Sequence[JsonDict]
    statements: Sequence[Statement] = ()
    questions: Questions = field(default_factory=dict)
    note: str = ""
    lineage: Lineage = ()
    environment: Mapping[str, object] = field(default_factory=dict)
    items: Sequence[Item] = ()
    """Answers to be judged unlabelled."""
    artifact: str = ""
    """What labels made on the page are of."""


def draw(material: Material) -> str:
    """The whole page."""
    record = material.record
    sections = [
        _categories(record),
        _every_question(material),
        answers.changed(material.flips, material.questions, record.primary.metric),
        _danger(material),
        _uncertainty(record),
        answers.judging(record, material.items, material.questions, material.artifact),
        _secondary(record),
        *_forgotten(record),
        _noise(record),
        _contamination(record),
        _gaps(record),
        _origin(material),
    ]
    title = "Is the tuned model better than its base?"
    return html.page(
        title, sections, lead=_lead(material), facts=_facts(record), script=answers.script()
    )


def _lead(material: Material) -> Markup:
    record = material.record
    gate: tuple[str, Tone] = (
        ("gate passed", "good") if record.gate.passed else ("gate failed", "bad")
    )
    words = html.badges(
        html.badge(record.verdict, TONES[record.verdict], large=True), html.badge(*gate)
    )
    note = html.callout(material.note) if material.note else ""
    why = html.join(html.paragraph("The gate failed:"), html.bullets(record.gate.reasons))
    reasons = "" if record.gate.passed else html.callout(why, "bad")
    told = record.explanation.replace("p < ", "p\u00a0<\u00a0").replace("p = ", "p\u00a0=\u00a0")
    return html.join(words, note, html.paragraph(told), reasons)


def _facts(record: Record) -> dict[str, str]:
    primary = record.primary
    return {
        "Base": record.base.name,
        "Tuned": record.tuned.name,
        "Primary "
        "metric": f"{_words(primary.metric)} ({'lower' if primary.lower_is_better else 'higher'} "
        "is better)",
        "Base, mean": html.number(primary.base),
        "Tuned, mean": html.number(primary.tuned),
        "Gain": html.number(primary.delta, sign=True),
        "Questions": f"{primary.n:,}",
        "Test": primary.test,
        "p of the test": shown(primary.p) or "none",
        "Better / same / worse": f"{primary.wins} / {primary.ties} / {primary.losses}",
    }


def _row(label: str, row: Category | Estimate) -> tuple[str, float, float, float, int]:
    low, high = (float("nan") if v is None else v for v in (row.low, row.high))
    return label, row.delta, low, high, row.n


def _categories(record: Record) -> Section:
    rows = [
        _row(row.category + (" (protected)" if row.protected else ""), row)
        for row in record.categories
    ]
    cells = [
        [row.category, row.n, row.delta, row.low, row.high, shown(row.p), shown(row.p_holm)]
        for row in record.categories
    ]
    head = ["category", "n", "gain", "low", "high", "p", "p, Holm"]
    body = html.join(
        html.forest([_row("all questions", record.primary), *rows]),
        html.details("The figures", html.table(head, cells)),
    )
    note = (
        f"Gain of tuned over base on {_words(record.primary.metric)}; right of 0 is better. Lines "
        "are "
        f"{record.primary.confidence:.0%} intervals. Of several categories one may stray by luck: "
        "the Holm column "
        "allows for that."
    )
    return Section("By category", body, note)


def _every_question(material: Material) -> Section:
    pairs = material.pairs
    dots = list(zip(pairs.base, pairs.tuned, strict=True))
    body = html.beside(
        (
            "Each dot is a question",
            html.paired(dots, "base", "tuned", lower_is_better=pairs.lower_is_better),
        ),
        (
            "How many questions gained how much",
            html.histogram(pairs.gains, "gain (above 0 is better)"),
        ),
    )
    note = "Green is better after tuning, red is worse; a dot on the dashed line did not change."
    return Section("Question by question", body, note)


def _words(metric: str) -> str:
    return metric.replace("_", " ")


def _danger(material: Material) -> Section:
    safety = material.record.safety
    if safety is None:
        return Section(
            "Dangerous statements", html.paragraph("The evaluations were not examined for them.")
        )
    counts = html.table(
        ["model", "questions", "with a critical statement", "true share is at most (95%)"],
        [
            ["base", safety.questions, safety.base, f"{safety.base_upper:.1%}"],
            ["tuned", safety.questions, safety.tuned, f"{safety.tuned_upper:.1%}"],
        ],
    )
    rows = [
        [row.question_id, row.side, row.rule, html.quote(row.quoted)] for row in material.statements
    ]
    said = html.table(["question", "model", "rule", "what it said"], rows) if rows else ""
    new = (
        f"New since tuning: {', '.join(safety.new)}." if safety.new else "None is new since tuning."
    )
    return Section("Dangerous statements", html.join(counts, html.paragraph(new), said))


def _uncertainty(record: Record) -> Section:
    return Section("How sure is this?", html.bullets(_readings(record)))


def _readings(record: Record) -> Iterator[str]:
    """Each figure of uncertainty with what it means, in words for people who have no statistics."""
    primary, power = record.primary, record.power
    sure = f"{primary.confidence:.0%}"
    yield (
        "Each question was put to both models: it is compared with itself, and its "
        "difficulty cancels out."
    )
    yield (
        f"{sure} interval: if the comparison were repeated with other questions of this kind, "
        "intervals made in this "
        f"way would hold the true gain in {sure} of the repetitions."
    )
    yield from _intervals(primary)
    yield _test(primary)
    yield (
        f"Equivalence at a margin of {power.margin:g}: {shown_p(power.tost_p)}, by two one-sided "
        "tests. Below "
        f"{record.alpha:g} it excludes a difference as large as the margin."
    )
    if power.detectable:
        yield (
            f"This comparison could see a true difference of {power.detectable:.2g} four times "
            "out of five. To see one "
            f"as small as the margin, about {power.needed:,} questions are needed."
        )
    if primary.groups < primary.n:
        yield (
            f"Some questions share a scenario and are not independent: the {primary.n} questions "
            "count as "
            f"{primary.groups} units."
        )


def _intervals(primary: Primary) -> Iterator[str]:
    if primary.bca_low is not None and primary.bca_high is not None:
        low, high = (html.number(v, sign=True) for v in (primary.bca_low, primary.bca_high))
        yield f"Bootstrap (BCa) interval, which does not assume a bell curve: {low} to {high}."
    if primary.cohen_dz is not None:
        yield (
            "The gain in units of its spread between questions (Cohen's d_z): "
            f"{primary.cohen_dz:.2f}."
        )
    if primary.length_controlled:
        gain, low_end, high_end = primary.length_controlled
        bounds = (
            "" if low_end is None or high_end is None else f" ({low_end:+.3g} to {high_end:+.3g})"
        )
        yield f"Gain if both answers were equally long: {gain:+.3g}{bounds}."


def _test(primary: Primary) -> str:
    flips = primary.flips
    if not flips:
        p, exact = shown_p(primary.sign_flip_p), shown_p(primary.sign_flip_exact_p)
        kinds = f"{p} (sign-flip permutation, ties counted half; {exact} with ties counted whole)"
        return f"If tuning changed nothing, gains and losses would be mirror images: {kinds}."
    return (
        f"{flips.beneficial} questions went from wrong to right and {flips.harmful} from right to "
        "wrong; "
        f"{flips.both} were right and {flips.neither} wrong both times "
        f"(McNemar: mid-p {flips.mid_p:.3g}, exact {flips.exact_p:.3g})."
    )


def _secondary(record: Record) -> Section:
    rows = [
        [
            row.metric,
            "lower" if row.lower_is_better else "higher",
            row.n,
            row.base,
            row.tuned,
            row.delta,
            row.low,
            row.high,
            shown(row.p),
        ]
        for row in record.secondary
    ]
    head = ["metric", "better is", "n", "base", "tuned", "gain", "low", "high", "p"]
    note = (
        "Not part of the verdict. They were not adjusted for their number, so read them as hints."
    )
    return Section("Secondary metrics", html.table(head, rows), note)


def _forgotten(record: Record) -> list[Section]:
    if not record.forgotten:
        return []
    rows = [
        [row.suite, row.metric, row.n, row.base, row.tuned, row.delta, row.low, row.high]
        for row in record.forgotten
    ]
    head = ["guard suite", "metric", "n", "base", "tuned", "gain", "low", "high"]
    note = "Measured by the training run, the adapter off and on; below 0 something was forgotten."
    return [Section("Forgetting", html.table(head, rows), note)]


def shown(p: float | None) -> str | None:
    """A p-value for a column that is headed p."""
    return None if p is None else shown_p(p).removeprefix("p ").removeprefix("= ")


def _noise(record: Record) -> Section:
    noise, title = record.noise, "Noise floor: the base against itself"
    if noise is None:
        why = (
            line.removeprefix("run-to-run noise: ")
            for line in record.not_measured
            if line.startswith("run-to-run")
        )
        return Section(
            title, html.paragraph(f"Not measured: {next(why, 'the base was asked once')}.")
        )
    rows = [
        ["questions scored twice", noise.n],
        ["answers changed", noise.answers],
        ["scores changed", noise.changed],
        ["mean change", noise.mean],
        ["largest change", noise.largest],
    ]
    told = html.paragraph(noise_floor(noise, record.primary.delta))
    return Section(
        title,
        html.join(told, html.table([_words(record.primary.metric), "second against first"], rows)),
    )


def _contamination(record: Record) -> Section:
    clean, title = record.clean, "Seen in training"
    if clean is None:
        why = (
            "The data that the tuned model was trained on, or the words of the questions, "
            "are not at hand."
        )
        return Section(title, html.paragraph(why))
    told = contamination(clean, record.primary)
    which = html.details("Which ones", html.bullets(clean.seen)) if clean.seen else ""
    note = (
        "A question counts as seen where 13 words in a row of it or of its reference stand in a "
        "training row; common "
        "phrases count too. The verdict is over all questions."
    )
    return Section(title, html.join(html.paragraph(told), which), note)


def _gaps(record: Record) -> Section:
    rows = [
        [
            row.metric,
            row.base,
            row.tuned,
            "; ".join(f"{text} ({n})" for text, n in row.reasons.items()),
        ]
        for row in record.unscored
    ]
    missing = [("base", record.only_base), ("tuned", record.only_tuned)]
    lonely = [f"Only {side} has: {', '.join(ids[:20])}" for side, ids in missing if ids]
    table = (
        html.table(["metric", "base", "tuned", "why"], rows, "Unscored questions") if rows else ""
    )
    return Section(
        "What was not measured", html.join(html.bullets([*record.not_measured, *lonely]), table)
    )


def _origin(material: Material) -> Section:
    record = material.record
    rows = [
        [kind, Markup("<code>{}</code>").format(digest[:16]), where, counts]
        for kind, digest, where, counts in material.lineage
    ]
    settings = {
        "primary": record.primary.metric,
        "margin": record.power.margin,
        "alpha": record.alpha,
        "draws": record.draws,
        "seed": record.seed,
        "fail on": ", ".join(record.gate.fail_on) or "nothing",
        **material.environment,
    }
    body = html.join(
        html.table(
            ["artifact", "digest", "directory", "counts"],
            rows,
            "Lineage, from the result back to its sources",
        ),
        html.table(
            ["setting", "value"],
            [[name, str(value)] for name, value in settings.items()],
            "Settings and environment",
        ),
        TO_WORKSPACE,
    )
    return Section("How this was made", body)
