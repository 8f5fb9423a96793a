"""The dataset's report: the funnel, every rule with samples, what repeats what, what leaked, and
rows.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from secarch.dedupe.build.result import Result
from secarch.dedupe.config import DedupeConfig
from secarch.dedupe.duplicates.clusters import Key
from secarch.dedupe.duplicates.report import duplicates
from secarch.dedupe.examples import gate
from secarch.dedupe.quality.reasons import meaning_of
from secarch.dedupe.split.report import contamination, shortened, splits
from secarch.records import Example
from secarch.report import html

if TYPE_CHECKING:
    from markupsafe import Markup

    from secarch.dedupe.duplicates.semantic import Neighbours

SAMPLES = 3


def report(result: Result, config: DedupeConfig, *further: html.Section) -> str:
    """A self-contained HTML page, the `further` sections at its end."""
    counts = result.counts
    examples = [example for part in result.rows.values() for example in part]
    composed = sum(example.document_id.startswith("constructed:") for example in examples)
    lead = (
        f"{counts['documents_kept']:,} of {counts['documents_read']:,} documents are kept. Of "
        f"{counts['examples']:,} examples {len(examples) - composed:,} are cut from documents and "
        f"{composed:,} composed by generators; {counts['distinct_instructions']:,} have an "
        "instruction of their own."
    )
    sections = [
        html.Section("Mix", _mix(result), _MIX),
        html.Section("Funnel", _funnel(result), "What came in, and what each step left."),
        html.Section("Quality rules", _gates(result), "Counted before any document was dropped."),
        html.Section(
            "Why documents and spans went",
            _rules(result),
            f"Every reason, with up to {SAMPLES} samples each.",
        ),
        html.Section(
            "Duplicates",
            duplicates(result.duplicates, _texts(result)),
            "Each removed document with the kept one that verifies against it.",
        ),
        html.Section(
            "Boilerplate",
            _boilerplate(result),
            "Lines that a site repeats at the edges of its pages; they are left out. Code and "
            "tables stay.",
        ),
        html.Section(
            "Contamination",
            contamination(result.hits),
            "Examples that hold text of the evaluation suites.",
        ),
        *(
            [html.Section("Meaning the same", _neighbours(result.neighbours), _ADVICE)]
            if result.neighbours
            else []
        ),
        html.Section(
            "Splits",
            splits(
                result.rows,
                result.closest,
                result.counts.get("rejected_overlaps_training", 0),
            ),
            "Whole components of similar documents, never divided.",
        ),
        html.Section("Examples", _examples(examples)),
        html.Section(
            "Review", _review(result, len(examples)), "What people decided about examples."
        ),
        html.Section("Documents", _documents(result)),
        html.Section("Samples", _samples(examples), "Drawn at random with a fixed seed."),
    ]
    return html.page("Dataset", [*sections, *further], lead=lead, facts=_facts(result, config))


def _facts(result: Result, config: DedupeConfig) -> dict[str, str]:
    counts = result.counts
    ratio = counts["distinct_instructions"] / max(1, counts["examples"])
    return {
        "wordings": f"{counts.get('wordings', 0):,}, the commonest "
        f"{counts.get('commonest_wording', 0):,} times",
        "documents read": f"{counts['documents_read']:,}",
        "documents kept": f"{counts['documents_kept']:,}",
        "examples": f"{counts['examples']:,}",
        "distinct instructions": f"{ratio:.1%}",
        "near-duplicate threshold": f"Jaccard {config.threshold:g}",
        "secrets replaced": f"{sum(result.secrets.values()):,}",
        **({"made by a language model": f"{counts['generated']:,}"} if result.meter else {}),
    }


_MIX = (
    "A share is an upper bound; rows above it are left out, and rows from pages that teach too "
    "little are not counted. Families that choose, threat-model, review, fix or map have a "
    "smallest share together."
)


def _mix(result: Result) -> Markup:
    mixed = result.mixed
    if mixed is None:
        return html.paragraph("No mix was applied.")
    rows = [
        (
            line.family,
            f"{line.most:.0%}",
            line.had,
            line.taken,
            line.had - line.taken,
            f"{line.share:.1%}",
        )
        for line in sorted(mixed.lines, key=lambda line: (-line.taken, line.family))
    ]
    told = (
        f"{mixed.applied:.0%} of the rows choose, threat-model, review, fix or map. "
        f"{len(mixed.left):,} rows were left out for the mix, and {len(mixed.little):,} rows "
        "from pages since they teach too little."
    )
    return html.join(
        html.bars([(line.family, float(line.taken)) for line in mixed.lines]),
        html.paragraph(told),
        html.paragraph(f"Short: {mixed.short}.") if mixed.short else "",
        html.table(["family", "at most", "had", "taken", "left out", "share"], rows),
    )


def _funnel(result: Result) -> Markup:
    rows = [
        (step["step"], step["documents"], step["examples"], _counts(step["reasons"]))
        for step in result.funnel
    ]
    bars = html.bars(
        [(str(step["step"]), step["documents"]) for step in result.funnel], "documents"
    )
    return html.join(
        bars, html.table(["step", "documents left", "examples left", "dropped here"], rows)
    )


def _counts(reasons: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in reasons.items())


def _rules(result: Result) -> Markup:
    parts = []
    groups = result.rejected.reasons()
    for reason, places in sorted(groups.items(), key=lambda pair: (-len(pair[1]), pair[0])):
        samples = [
            html.join(html.paragraph(row["url"]), html.quote(shortened(row["text"])))
            for row in map(result.rejected.__getitem__, _draw(places))
        ]
        meaning = meaning_of(reason) or gate.meanings().get(reason, "")
        title = f"{reason}: {len(places):,}" + (f" ({meaning})" if meaning else "")
        parts.append(html.details(title, html.join(*samples)))
    if result.bad:
        listed = [(bad["where"], bad["why"]) for bad in result.bad[:50]]
        parts.append(
            html.details(f"bad rows: {len(result.bad)}", html.table(["where", "why"], listed))
        )
    return html.join(*parts) if parts else html.paragraph("Nothing was dropped.")


def _gates(result: Result) -> Markup:
    if not result.rules:
        return html.paragraph("No rule found anything to drop.")
    table = html.table(
        ["rule", "drops as the first", "would drop alone"],
        [(rule.reason, rule.drops, rule.alone) for rule in result.rules],
    )
    samples = (
        html.details(
            f"{rule.reason}: samples",
            html.join(
                *(html.join(html.paragraph(url), html.quote(text)) for url, text in rule.samples)
            ),
        )
        for rule in result.rules
    )
    return html.join(table, *samples)


def _draw(places: Sequence[int]) -> list[int]:
    return random.Random(0).sample(list(places), min(SAMPLES, len(places)))  # noqa: S311 - samples for people


def _texts(result: Result) -> Callable[[Key], str]:
    """The text of a kept or of a removed document by id and content hash."""
    kept = {(item.head.id, item.head.sha256): item for item in result.documents}
    gone = result.rejected.places()

    def text(key: Key) -> str:
        if key in kept:
            return kept[key].text
        return str(result.rejected[gone[key]]["text"]) if key in gone else ""

    return text


def _boilerplate(result: Result) -> Markup:
    if not result.boilerplate:
        return html.paragraph("None was found.")
    rows = [
        (item.documents, f"{item.share:.0%}", item.site, item.line)
        for item in result.boilerplate[:50]
    ]
    note = (
        f"{len(result.boilerplate):,} in all; the 50 commonest are shown."
        if len(result.boilerplate) > 50
        else ""
    )
    return html.join(
        html.paragraph(note) if note else "",
        html.table(["documents", "of the site", "site", "line"], rows),
    )


_ADVICE = (
    "Near neighbours by a sentence encoder: for people to look at; nothing was dropped for them."
)


def _neighbours(found: Neighbours) -> Markup:
    pairs = [(row["cosine"], row["a_url"], row["b_url"]) for row in found.documents[:50]]
    leaks = [
        html.details(
            f"{row['cosine']:.2f}: {row['question_id']} ({row['part']}), {row['url']}",
            html.beside(
                ("suite", html.quote(row["item"])), ("dataset", html.quote(shortened(row["text"])))
            ),
        )
        for row in found.contamination[:50]
    ]
    return html.join(
        html.paragraph(
            f"{found.texts:,} texts were compared. The closest are shown; all are in "
            "semantic.jsonl."
        ),
        html.heading("Documents"),
        html.table(["cosine", "document", "document"], pairs) if pairs else html.paragraph("None."),
        html.heading("Suite questions and references"),
        *(leaks or [html.paragraph("None.")]),
    )


def _examples(examples: Sequence[Example]) -> Markup:
    return html.join(
        html.heading("Families"),
        html.bars(_most(example.kind for example in examples)),
        html.heading("Categories"),
        html.bars(_most(example.category for example in examples)),
        html.heading("Answer length"),
        html.histogram(
            [min(600, len(e.answer.split())) for e in examples],
            "words (600 and more in the last bin)",
        ),
        html.heading("Licences"),
        html.bars(_most(example.licence or "unknown" for example in examples)),
    )


def _review(result: Result, examples: int) -> Markup:
    if result.review is None:
        return html.paragraph("Nobody has reviewed any of it yet: secarch review draws a sample.")
    rows = result.review.rows
    said = Counter(row["decision"] for row in rows)
    share = len(rows) / max(1, examples + len(result.review.rejected))
    agreed = result.agreement
    facts = [
        ("examples reviewed", f"{len(rows):,} ({share:.2%})"),
        *((f"decided: {name}", f"{said[name]:,}") for name in ("accept", "edit", "reject")),
        ("reviewers", f"{len({name for row in rows for name in row['reviewers']}):,}"),
        ("contents judged by two and more", f"{agreed['items']:,}"),
        ("agreeing pairs", "-" if agreed["share"] is None else f"{agreed['share']:.0%}"),
        ("Krippendorff's alpha", "-" if agreed["alpha"] is None else f"{agreed['alpha']:.2f}"),
        ("stale: the example reads differently now", f"{result.review.stale:,}"),
    ]
    return html.table(["", ""], facts)


def _most(names: Iterator[str], n: int = 25) -> list[tuple[str, float]]:
    return [
        (name, float(count))
        for name, count in sorted(Counter(names).items(), key=lambda p: (-p[1], p[0]))[:n]
    ]


def _documents(result: Result) -> Markup:
    kept = result.documents
    prose = [item for item in kept if item.signals.prose_words >= 100]
    worst = sorted(
        kept, key=lambda item: (item.signals.quality, item.signals.prose_words, item.head.id)
    )[:10]
    rows = [
        (
            i.head.url,
            i.signals.quality,
            i.signals.words,
            round(i.signals.prose_share, 2),
            round(i.signals.link_density, 2),
        )
        for i in worst
    ]
    return html.join(
        html.heading("Words"),
        html.histogram(
            [min(5000, item.signals.words) for item in kept],
            "words (5,000 and more in the last bin)",
        ),
        html.heading("Flesch reading ease"),
        html.histogram([item.signals.reading_ease for item in prose], "100 very easy, 0 very hard"),
        html.heading("Sites"),
        html.bars(_most(item.head.site or "unknown" for item in kept)),
        html.heading("Lowest quality kept"),
        html.table(["address", "quality", "words", "prose share", "link density"], rows),
    )


def _samples(examples: Sequence[Example]) -> Markup:
    drawn = random.Random(0).sample(list(examples), min(12, len(examples)))  # noqa: S311 - samples for people
    parts = [
        html.details(
            html.join(html.badge(e.kind), " ", shortened(e.instruction)),
            html.join(html.paragraph(e.url), html.quote(shortened(e.answer))),
        )
        for e in drawn
    ]
    return html.join(*parts)
