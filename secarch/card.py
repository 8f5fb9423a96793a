"""Cards: what a model is, in the form the Hugging Face hub reads, from measured facts alone."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFacts:
    """What is known of a finished run. Losses are nats per answer token, None where nothing was held out."""

    name: str
    base: str
    base_is_public: bool
    """Whether `base` is a name on the hub, rather than a local folder's."""
    fingerprint: str
    dataset: str
    licences: Mapping[str, int]
    """Training rows by licence; '' where unknown."""
    rows: int
    validation_rows: int
    validation_tokens: int
    loss_before: float | None
    loss_after: float | None
    last_training_loss: float | None
    step: int
    trainable: int
    parameters: int
    settings: Mapping[str, str]


def model_card(facts: ModelFacts) -> str:
    """README.md of an adapter: YAML front matter (huggingface.co/docs/hub/model-cards), then Markdown.

    Deterministic: the same facts give the same bytes.
    """
    return f"{_front_matter(facts)}\n{_body(facts)}"


def _front_matter(facts: ModelFacts) -> str:
    entries: dict[str, object] = {"library_name": "peft", "pipeline_tag": "text-generation", "language": ["en"]}
    if facts.base_is_public:
        entries |= {"base_model": facts.base, "base_model_relation": "adapter"}
    entries |= {"tags": ["cloud-security", "lora", "qlora", "secarch"]}
    # JSON is YAML: quoting is right whatever a name holds.
    lines = [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in entries.items()]
    return "\n".join(["---", *lines, "---", ""])


def _body(facts: ModelFacts) -> str:
    licences = [(name or "unknown", f"{count:,}") for name, count in facts.licences.items()]
    sections = {
        f"# {_plain(facts.name)}": (
            f"A LoRA adapter for `{_plain(facts.base)}`, tuned to answer as a senior cloud security architect. "
            "Made with secarch; every figure here was measured by that run."
        ),
        "## What it is": _table(
            ("fact", "value"),
            [
                ("base", _plain(facts.base)), ("base fingerprint", facts.fingerprint),
                ("dataset digest", facts.dataset),
                ("parameters of the base", f"{facts.parameters:,}"), ("trained parameters", f"{facts.trainable:,}"),
            ],
        ),
        "## What it learnt from": _table(("licence", "training rows"), licences),
        "## How it went": _losses(facts),
        "## Settings": _table(("setting", "value"), list(facts.settings.items())),
        "## Limits": (
            "It writes fluent text whether or not it knows: check what it says against the provider's current "
            "documentation before acting on it. A lower loss on held-out documentation is no proof of better advice; "
            "`secarch compare-baseline` measures that on questions. It knows nothing newer than its base and documents."
        ),
    }  # fmt: skip
    return "\n\n".join(f"{head}\n\n{text}" for head, text in sections.items()) + "\n"


def _losses(facts: ModelFacts) -> str:
    if facts.loss_after is None or facts.loss_before is None:
        said = "No rows were held out, so nothing is known of how it generalises."
    else:
        said = (
            f"Loss on {facts.validation_tokens:,} answer tokens of {facts.validation_rows:,} held-out rows: "
            f"{facts.loss_before:.4f} nats per token before, {facts.loss_after:.4f} after {facts.step:,} steps "
            f"on {facts.rows:,} rows."
        )
    last = (
        "" if facts.last_training_loss is None else f" Loss of the last training step: {facts.last_training_loss:.4f}."
    )
    return said + last


def _table(head: tuple[str, str], rows: list[tuple[str, str]]) -> str:
    lines = [head, ("---", "---"), *rows]
    return "\n".join(f"| {_plain(a)} | {_plain(b)} |" for a, b in lines)


def _plain(text: str) -> str:
    """Text that cannot break out of a table cell or a code span."""
    return re.sub(r"\s+", " ", text).replace("|", "\\|").replace("`", "'").replace("<", "&lt;")
