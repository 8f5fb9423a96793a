"""Cards: what a model is, in the form the Hugging Face hub reads, from measured facts alone."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFacts:
    """What is known of a finished run.

    Losses are nats per answer token, None if nothing was held out.
    """

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
    objective: str = "sft"
    """dpo: losses are of preferences, in nats a pair, and `validation_rows` are pairs."""
    accuracy: float | None = None
    """Share of held-out pairs with the chosen answer ahead (0..1); None if not measured."""
    guards: Sequence[tuple[str, str, int, float, float, str]] = ()
    """Guard suites: name, metric, items, before, after, change with its interval."""


def model_card(facts: ModelFacts) -> str:
    """README.md of an adapter: YAML front matter (huggingface.co/docs/hub/model-cards), then
    Markdown.

    Deterministic: the same facts give the same bytes.
    """
    return f"{_front_matter(facts)}\n{_body(facts)}"


def _front_matter(facts: ModelFacts) -> str:
    entries: dict[str, object] = {
        "library_name": "peft",
        "pipeline_tag": "text-generation",
        "language": ["en"],
    }
    if facts.base_is_public:
        entries |= {"base_model": facts.base, "base_model_relation": "adapter"}
    # The terms of the base and of every document's licence apply together; no single identifier
    # says that.
    entries |= {"license": "other", "license_name": "terms-of-base-and-data"}
    entries |= {"tags": ["cloud-security", "lora", "qlora", "secarch"]}
    return front_matter(entries)


def front_matter(entries: Mapping[str, object]) -> str:
    """Front matter. JSON is YAML: quoting is right whatever a name holds."""
    lines = [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in entries.items()]
    return "\n".join(["---", *lines, "---", ""])


def _body(facts: ModelFacts) -> str:
    licences = [(name or "unknown", f"{count:,}") for name, count in facts.licences.items()]
    sections = {
        f"# {plain(facts.name)}": (
            f"A LoRA adapter for `{plain(facts.base)}`, tuned to answer as a senior cloud "
            "security architect. "
            "Made with secarch; every figure here was measured by that run."
        ),
        "## What it is": table(
            ("fact", "value"),
            [
                ("base", plain(facts.base)),
                ("base fingerprint", facts.fingerprint),
                ("dataset digest", facts.dataset),
                ("parameters of the base", f"{facts.parameters:,}"),
                ("trained parameters", f"{facts.trainable:,}"),
            ],
        ),
        "## What it learnt from": table(("licence", "training rows"), licences),
        "## How it went": _losses(facts),
        **({"## What it forgot": _guards(facts)} if facts.guards else {}),
        "## Settings": table(("setting", "value"), list(facts.settings.items())),
        "## Limits": (
            "It writes fluent text whether or not it knows: check what it says against the "
            "provider's current "
            "documentation before acting on it. A lower loss on held-out documentation is no "
            "proof of better advice; "
            "`secarch compare-baseline` measures that on questions. It knows nothing newer than "
            "its base and documents."
        ),
    }
    return "\n\n".join(f"{head}\n\n{text}" for head, text in sections.items()) + "\n"


def _losses(facts: ModelFacts) -> str:
    if facts.loss_after is None or facts.loss_before is None:
        said = "No rows were held out, so nothing is known of how it generalises."
    elif facts.objective == "dpo":
        ahead = (
            ""
            if facts.accuracy is None
            else f" The chosen answer is ahead in {facts.accuracy:.0%}."
        )
        said = (
            f"Preference loss on {facts.validation_rows:,} held-out pairs: {facts.loss_before:.4f} "
            f"nats a pair before (ln 2: no preference), {facts.loss_after:.4f} after "
            f"{facts.step:,} steps on {facts.rows:,} pairs.{ahead}"
        )
    else:
        said = (
            f"Loss on {facts.validation_tokens:,} answer tokens of {facts.validation_rows:,} "
            "held-out rows: "
            f"{facts.loss_before:.4f} nats per token before, {facts.loss_after:.4f} after "
            f"{facts.step:,} steps "
            f"on {facts.rows:,} rows."
        )
    last = (
        ""
        if facts.last_training_loss is None
        else f" Loss of the last training step: {facts.last_training_loss:.4f}."
    )
    return said + last


def _guards(facts: ModelFacts) -> str:
    """Guard suites, scored with the adapter off and on."""
    head = ("suite", "measured", "n", "before", "after", "change")
    rows = [
        (name, metric, f"{n:,}", f"{before:.4f}", f"{after:.4f}", change)
        for name, metric, n, before, after, change in facts.guards
    ]
    return table(head, rows)


def table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """A table in Markdown, its cells made safe."""
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join("".join(f"| {plain(cell)} " for cell in line) + "|" for line in lines)


def plain(text: str) -> str:
    """Text that cannot break out of a table cell or a code span."""
    return re.sub(r"\s+", " ", text).replace("|", "\\|").replace("`", "'").replace("<", "&lt;")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportFacts:
    """What was measured of a merged model against the adapter on its base."""

    dtype: str
    kl: float
    """Mean KL divergence in nats a token."""
    kl_low: float | None
    kl_high: float | None
    """Its 95% interval; None below two rows."""
    kl_tokens: int
    same_top: float
    """Share of those tokens at which the likeliest one is the same (0..1)."""
    golden_same: int
    golden_asked: int
    evaluation: Mapping[str, Any] | None
    """summary.json of the run's newest evaluation."""
    system: str | None = None
    """The system prompt that the exported template holds as its default; None for none."""
    folder: str = "DIR"
    """Name of the exported folder."""


def export_card(run_card: str, facts: ExportFacts) -> str:
    """README.md of a merged model: the run's card, what the merge changed, and the evaluation where
    there is one.
    """
    _, front, body = run_card.split("---\n", 2)
    pairs = (line.split(": ", 1) for line in front.splitlines())
    entries: dict[str, object] = {name: json.loads(value) for name, value in pairs}
    entries["library_name"] = "transformers"
    if "base_model_relation" in entries:
        entries["base_model_relation"] = "finetune"
    if facts.evaluation:
        entries["model-index"] = _model_index(facts.evaluation)
    span = (
        "interval unknown" if facts.kl_low is None else f"{facts.kl_low:.3g} to {facts.kl_high:.3g}"
    )
    kl = f"{facts.kl:.3g} nats per token ({span}, n = {facts.kl_tokens:,} tokens)"
    merged = [
        ("weights", facts.dtype),
        ("KL from the adapter on its 4-bit base", kl),
        ("same likeliest token", f"{facts.same_top:.2%}"),
        ("golden prompts answered the same", f"{facts.golden_same} of {facts.golden_asked}"),
    ]
    body = body.replace("A LoRA adapter for `", "A merged model, weights and all, made from `", 1)
    parts = [
        front_matter(entries),
        body.strip("\n"),
        "## How to ask it",
        _asking(facts),
        "## Merged",
        table(("fact", "value"), merged),
    ]
    return (
        "\n".join(parts[:2])
        + "\n\n"
        + "\n\n".join([*parts[2:], *_evaluated(facts.evaluation)])
        + "\n"
    )


def _asking(facts: ExportFacts) -> str:
    """The lines that serve the folder, and what the model expects to be told."""
    name = plain(facts.folder)
    lines = (
        "```sh\n"
        f"vllm serve ./{name} --served-model-name {name}\n"
        "# llama.cpp: convert once, then serve with the template that is in the file\n"
        f"python convert_hf_to_gguf.py ./{name} --outfile {name}.gguf\n"
        f"llama-server --model {name}.gguf --jinja\n"
        "```"
    )
    if facts.system is None:
        return f"{lines}\n\nIt was trained without a system prompt: send none."
    return (
        f"{lines}\n\nIt was trained with this system prompt, which the chat template puts in place "
        "where a\nrequest has none; with another one it was not measured:\n\n"
        f"> {plain(facts.system)}"
    )


def _model_index(summary: Mapping[str, Any]) -> list[object]:
    """The hub's form of results (huggingface.co/docs/hub/model-cards#evaluation-results)."""
    suite = summary["suite"]
    metrics = [{"type": name, "name": name, "value": f["mean"]} for name, f in _measured(summary)]
    dataset = {
        "name": f"secarch golden suite {suite['name']} {suite['version']}",
        "type": f"secarch-{suite['name']}",
    }
    return [
        {
            "name": summary["model"],
            "results": [
                {"task": {"type": "text-generation"}, "dataset": dataset, "metrics": metrics}
            ],
        }
    ]


def _measured(summary: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    return [(name, f) for name, f in summary["metrics"].items() if f["mean"] is not None]


def _range(figure: Mapping[str, Any]) -> str:
    """A metric's interval; of one question there is none."""
    if figure["low"] is None:
        return "interval unknown"
    return f"{figure['low']:.4g} to {figure['high']:.4g}"


def _evaluated(summary: Mapping[str, Any] | None) -> list[str]:
    if not summary:
        return ["## Evaluation", "Not evaluated with `secarch eval` before it was exported."]
    rows = [
        (
            name,
            f"{f['mean']:.4g} ({_range(f)}, n = {f['n']}, unscored {f['unscored']})",
        )
        for name, f in _measured(summary)
    ]
    suite = summary["suite"]
    name = f"`{plain(str(suite['name']))}` {plain(str(suite['version']))}"
    said = f"Adapter on its base, suite {name}; mean, 95% interval."
    return ["## Evaluation", said, table(("metric", "value"), rows)]
