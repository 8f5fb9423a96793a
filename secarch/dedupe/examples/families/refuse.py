"""Dangerous asks, answered safely: what is not done, why, and what is done instead."""

from __future__ import annotations

from collections.abc import Iterator

from secarch.dedupe.examples.draft import Draft, ask, compose
from secarch.dedupe.examples.families import common
from secarch.dedupe.examples.record import Record


def from_record(record: Record, seed: str) -> Iterator[Draft]:
    """A request to suppress a check, turned towards its risk and its fix."""
    risk = record.roles.get("risk", [])
    fix = [part for part in record.text("fix") if part.kind != "code"]
    code = [part for part in record.text("fix") if part.kind == "code"]
    name = record.name
    if (
        not risk
        or not fix
        or not common.quotable(name, 30)
        or len(name.split()) < 4
        or not record.facts
    ):
        return
    told = risk[0]
    decline, exception = (
        told.with_text(text[0][1])
        for text in (
            ask("refuse/decline", seed + name, {}, 1),
            ask("refuse/exception", seed + name, {}, 1),
        )
    )
    decline.kind = exception.kind = "paragraph"
    blocks = [
        ("", [decline]),
        ("What it guards against", common.head(risk, 120)),
        ("Do this instead", common.head(fix, 130)),
        ("The change itself", code[:1]),
        ("If you need time", [exception]),
    ]
    answer, spans = compose(blocks, record.page.longest)
    told_text = " ".join(part.text for part in record.text("describe", "lead"))
    where = common.on_provider(
        common.provider(
            record.page, told_text, name, *record.facts.values(), record.facts.get("Provider", "")
        ),
        name,
    )
    if answer and "**Do this instead" in answer:
        yield Draft(
            kind="refuse",
            questions=ask("refuse/suppress", seed + name, {"name": name, "where": where}),
            answer=answer,
            spans=spans,
            about=(name,),
        )
