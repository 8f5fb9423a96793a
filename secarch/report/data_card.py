"""The card of a dataset, in the form the Hugging Face hub reads, from measured facts alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from secarch.report.cards import front_matter, plain, table


@dataclass(frozen=True, slots=True, kw_only=True)
class DataFacts:
    """What is known of a built dataset."""

    name: str
    sources: Mapping[str, int]
    """Training examples by site."""
    licences: Mapping[str, int]
    """Examples by licence; '' where unknown."""
    kinds: Mapping[str, int]
    categories: Mapping[str, int]
    splits: Mapping[str, int]
    counts: Mapping[str, int]
    """The manifest's counts."""
    parents: tuple[str, ...]
    generated: int
    """Examples that a language model wrote from documents."""
    composed: int
    """Examples that generators of secarch composed."""
    quoting: int
    """Of those, the ones that quote passages of documents."""
    settings: Mapping[str, str]
    mix: str = ""
    """Shares of the families and what was left out for them, Markdown."""
    use: str = ""
    """How trainers read it, Markdown."""


def data_card(facts: DataFacts) -> str:
    """README.md of a dataset: YAML front matter that the Hugging Face hub reads, then what is in it
    and what is not.
    """
    return f"{_data_front_matter(facts)}\n{_data_body(facts)}"


def _data_front_matter(facts: DataFacts) -> str:
    total = facts.counts.get("examples", 0)
    sizes = (
        (1_000, "n<1K"),
        (10_000, "1K<n<10K"),
        (100_000, "10K<n<100K"),
        (1_000_000, "100K<n<1M"),
    )
    size = next((name for most, name in sizes if total < most), "1M<n<10M")
    files = [
        {"split": name, "path": f"{name}.jsonl"} for name, rows in facts.splits.items() if rows
    ]
    known = {name for name in facts.licences if name}
    entries: dict[str, object] = {
        "pretty_name": facts.name,
        "language": ["en"],
        "task_categories": ["text-generation", "question-answering"],
        "tags": ["cloud-security", "instruction-tuning", "secarch"],
        "size_categories": [size],
        "license": next(iter(known)).lower()
        if len(known) == 1 and len(facts.licences) == 1
        else "other",
        "configs": [{"config_name": "default", "data_files": files}],
    }
    return front_matter(entries)


def _data_body(facts: DataFacts) -> str:
    counts = facts.counts
    rejected = {
        name.removeprefix("rejected_"): n
        for name, n in counts.items()
        if name.startswith("rejected_")
    }
    secrets = {
        name.removeprefix("secret_"): n for name, n in counts.items() if name.startswith("secret_")
    }
    sections = {
        f"# {plain(facts.name)}": (
            "Instructions and answers about cloud security. "
            + _origins(facts)
            + _written(counts.get("generated"), counts.get("examples", 0))
            + "Made with secarch; every figure here was counted by that run."
        ),
        "## Splits": _counted("split", "examples", facts.splits)
        + "\n\nDocuments that share half of their word 5-grams, and versions of one page, are all "
        "in the same split.",
        "## Sources": _counted("site", "examples", facts.sources),
        "## Licences": _counted("licence", "examples", facts.licences) + "\n\n" + _rights(facts),
        "## Families": _counted("family", "examples", facts.kinds),
        **({"## Mix": facts.mix} if facts.mix else {}),
        "## Categories": _counted("category", "examples", facts.categories),
        "## Left out": _counted("reason", "documents or spans", rejected)
        + "\n\nEvery one is in `rejected.jsonl.gz` with its reason; `duplicates.jsonl` names the "
        "kept twin "
        "of each duplicate.",
        "## Secrets replaced": _counted("type", "replacements", secrets)
        + "\n\nExamples reserved for documentation (EXAMPLE keys, 123456789012, RFC 5737, "
        "example.com) were "
        "left as they are.",
        "## Use": facts.use or "See the fields of the rows.",
        "## Settings": table(("setting", "value"), list(facts.settings.items())),
        "## Limits": (
            "Documentation tells how a product is meant to work, at the time it was written; it "
            "may be out "
            "of date. Questions "
            "are made by rules and some are stiff. The language gate, the categories and the "
            "secret "
            "detectors are rules too, "
            "and miss cases. Whether the terms of each source allow your use is for you to check."
        ),
        "## Lineage": table(
            ("parent", "digest"),
            [(f"documents {n}", parent) for n, parent in enumerate(facts.parents, 1)],
        ),
    }
    return "\n\n".join(f"{head}\n\n{text}" for head, text in sections.items()) + "\n"


def _cut(facts: DataFacts) -> int:
    return facts.counts.get("examples", 0) - facts.composed - facts.generated


def _origins(facts: DataFacts) -> str:
    """What the rows are made of, each kind with its number."""
    cut, quoting = _cut(facts), facts.quoting
    told = [f"Of {facts.counts.get('examples', 0):,} rows {cut:,} are cut from documents"]
    if facts.generated:
        told.append(f"{facts.generated:,} are written from documents by a language model")
    told.append(f"{facts.composed:,} are composed by generators of secarch")
    text = ", ".join(told[:-1]) + f" and {told[-1]}. "
    if cut:
        text += (
            "Answers of those cut from documents are composed of passages of them, whose offsets, "
            "URLs and licences each row lists in `sources`; questions are worded by templates for "
            "what those passages teach. "
        )
    if facts.composed:
        text += (
            "Those composed by secarch (`document_id` begins with `constructed:`) are made of its "
            f"own sentences and code; {quoting:,} of them quote passages too and list them in "
            "`sources`, which is empty in the others. "
        )
    return text


def _rights(facts: DataFacts) -> str:
    """Whose the text of each kind of rows is."""
    text = []
    if _cut(facts) or facts.generated:
        text.append(
            "The text of rows from documents belongs to its authors under these terms: attribution "
            "and share-alike go with the rows, whose `url` and `licence` name them."
        )
    if facts.composed:
        text.append(
            "Rows composed by secarch are under the licence of secarch, Apache-2.0; where they "
            "quote passages, those belong to their authors, under the terms that `licence` and "
            "`sources` name beside it."
        )
    return " ".join(text)


def _written(generated: int | None, total: int) -> str:
    """Who wrote the questions and answers."""
    if generated is None:
        return "No language model wrote any of it. "
    return (
        f"Beside them a language model wrote {generated:,} pairs from such spans (kind "
        f"`generated`; {total:,} rows in "
        "all); each passed a check of its words, names, numbers and polarity against the span, "
        "and was confirmed by a judge or a second asking. "
    )


def _counted(name: str, unit: str, counts: Mapping[str, int]) -> str:
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return (
        table((name, unit), [(label or "unknown", f"{count:,}") for label, count in ordered])
        if ordered
        else "None."
    )
