"""What a finished run leaves for others: adapter, tokenizer, model card and report."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from secarch.files import write_json
from secarch.models.chat_template import Chat
from secarch.models.tokenizer_files import read_json
from secarch.models.weights import ADAPTER
from secarch.report.cards import ModelFacts, model_card
from secarch.schema import JsonDict
from secarch.session import environment, processes
from secarch.train.data.prepare import Prepared
from secarch.train.estimate.cost import sides
from secarch.train.forgetting import change
from secarch.train.loop.journal import Journal

if TYPE_CHECKING:
    from markupsafe import Markup

    from secarch.report.html import Section

TOKENIZER = (
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "chat_template.jinja",
    "tokenizer.model",
)


def write_model(
    directory: Path, checkpoint: Path, base_name: str, base: Path, chat: Chat
) -> list[str]:
    """Put the adapter of a checkpoint and the base's tokenizer side by side; returns the files'
    names.

    The chat template is there as a file, and generation_config.json names every stop id: an
    export that loses either does not stop, or is asked in another form than it was taught.
    """
    adapter = directory / "adapter"
    adapter.mkdir(exist_ok=True)
    shutil.copyfile(checkpoint / ADAPTER[1], adapter / ADAPTER[1])
    settings = json.loads((checkpoint / ADAPTER[0]).read_text(encoding="utf-8"))
    write_json(adapter / ADAPTER[0], _portable(settings, base_name))
    copied = [name for name in TOKENIZER if (base / name).is_file()]
    for name in copied:
        shutil.copyfile(base / name, directory / name)
    write_template(directory, chat.template)
    _name_a_token(directory / "tokenizer_config.json", chat)
    stops: JsonDict = {"eos_token_id": list(chat.stop_ids), "pad_token_id": chat.pad_id}
    write_json(
        directory / "generation_config.json",
        {"do_sample": False}
        | _sampling(base)
        | stops
        | ({} if chat.bos_id is None else {"bos_token_id": chat.bos_id}),
    )
    files = {
        *copied,
        "chat_template.jinja",
        "generation_config.json",
        *(f"adapter/{name}" for name in ADAPTER),
    }
    return sorted(files)


def _name_a_token(path: Path, chat: Chat) -> None:
    """Name the first stop token as eos where the base names a text that is no token of it: other
    programs would add it, with a number beyond the embedding.
    """
    settings = read_json(path)
    named = settings.get("eos_token")
    text = named.get("content") if isinstance(named, dict) else named
    if isinstance(text, str) and chat.tokenizer.token_to_id(text) is None:
        write_json(path, {**settings, "eos_token": chat.tokenizer.id_to_token(chat.stop_ids[0])})


def write_template(directory: Path, template: str) -> None:
    """Put a chat template where every program looks: its own file, and the tokenizer's settings
    where they hold one.
    """
    (directory / "chat_template.jinja").write_text(template, encoding="utf-8")
    path = directory / "tokenizer_config.json"
    settings = read_json(path)
    if "chat_template" in settings:
        write_json(path, {**settings, "chat_template": template})


SAMPLING = (
    "do_sample",
    "temperature",
    "top_p",
    "top_k",
    "min_p",
    "typical_p",
    "repetition_penalty",
    "presence_penalty",
)
"""Fields of a generation_config.json that say how a model's makers sample from it."""


def _sampling(base: Path) -> JsonDict:
    own = read_json(base / "generation_config.json")
    return {name: own[name] for name in SAMPLING if name in own}


def _portable(settings: JsonDict, base_name: str) -> JsonDict:
    """The adapter's settings without this machine's path, and with sets in one order."""
    ordered = {
        name: sorted(value) if name == "target_modules" and isinstance(value, list) else value
        for name, value in settings.items()
    }
    return dict(sorted({**ordered, "base_model_name_or_path": base_name, "revision": None}.items()))


def card(prepared: Prepared, facts: JsonDict) -> str:
    """The run's README.md, from measured facts alone."""
    config = prepared.config
    return model_card(
        ModelFacts(
            name=config.name,
            base=prepared.base_name,
            base_is_public="/" in prepared.base_name,
            fingerprint=prepared.fingerprint,
            dataset=prepared.dataset.digest,
            licences=prepared.dataset.licences(),
            rows=len(prepared.train.rows) // sides(config),
            objective=config.objective,
            accuracy=facts["eval_accuracy"],
            validation_rows=facts["eval_rows"],
            validation_tokens=facts["eval_tokens"],
            loss_before=facts["eval_loss_base"],
            loss_after=facts["eval_loss"],
            last_training_loss=facts["last_loss"],
            step=facts["step"],
            trainable=facts["trainable"],
            parameters=facts["parameters"],
            settings=_settings(config.identity()),
            guards=[
                (row["name"], row["metric"], row["n"], row["before"], row["after"], change(row))
                for row in facts["guards"]
            ],
        )
    )


def _settings(values: JsonDict, prefix: str = "") -> dict[str, str]:
    out: dict[str, str] = {}
    for name, value in values.items():
        if isinstance(value, dict):
            out |= _settings(value, f"{prefix}{name}.")
        elif name not in {"base", "revision", "name"}:
            out[f"{prefix}{name}"] = str(value)
    return out


def _speed(prepared: Prepared, journal: Journal, speed: JsonDict) -> list[tuple[str, str]]:
    """What the steps reached and held, as far as it was measured."""
    gib, mfu = 1 << 30, speed["mfu_4p"]
    shown = {
        "tokens a second": f"{speed['tokens_per_second']:,}" if speed["tokens_per_second"] else "",
        "TFLOP/s, 4 operations a parameter and token (4P)": f"{speed['flops_4p'] / 1e12:.3g}"
        if speed["flops_4p"]
        else "",
        "MFU (4P)": f"{mfu:.1%}" if mfu else "",
        "MFU as others count it (6P)": f"{speed['mfu_6p']:.1%}" if mfu else "",
        "peak of the heaviest batch": f"{journal.peak_bytes / gib:.2f} GiB"
        if journal.peak_bytes
        else "",
        "peak that was predicted for a GPU": f"{prepared.plan.memory.total / gib:.2f} GiB",
    }
    return [(name, value) for name, value in shown.items() if value]


def _events(journal: Journal) -> list[tuple[int, str, str]]:
    """What happened to the run beside its steps, such as a change on resume."""
    return [
        (
            row["step"],
            row["event"],
            "; ".join(f"{k} {v}" for k, v in row.items() if k not in {"step", "event"}),
        )
        for row in journal.rows
        if "event" in row
    ]


def _went(facts: JsonDict) -> str:
    """Held-out losses before and after, in a sentence."""
    if facts["eval_loss"] is None:
        return "There were no validation rows; the last checkpoint was kept."
    if facts["objective"] == "dpo":
        return (
            f"Preference loss {facts['eval_loss_base']:.4f} before, {facts['eval_loss']:.4f} after "
            f"{facts['step']} steps, over {facts['eval_rows']:,} held-out pairs; the chosen answer "
            f"is ahead in {facts['eval_accuracy']:.0%} of them."
        )
    return (
        f"Validation loss {facts['eval_loss_base']:.4f} before, {facts['eval_loss']:.4f} after "
        f"{facts['step']} steps, over {facts['eval_tokens']:,} answer tokens of "
        f"{facts['eval_rows']:,} held-out rows."
    )


def _hardware(machine: JsonDict) -> list[tuple[str, str]]:
    """On what the run was made, and how long it took."""
    facts = environment()
    return [
        ("device", str(machine["device"])),
        ("processes", str(processes())),
        ("duration", str(timedelta(seconds=round(machine["seconds"])))),
        *(
            (name, str(facts[name]))
            for name in ("system", "machine", "cores", "python")
            if facts.get(name)
        ),
    ]


def _answers(answers: Sequence[JsonDict]) -> Markup:
    """What base and adapter answered to held-out prompts, beside the row's own answer."""
    from secarch.report.html import table

    columns = ["prompt", "before", "after", "row"]
    return table(
        ["prompt", "base", "with the adapter", "the row's own answer"],
        [[answer[name] for name in columns] for answer in answers],
    )


def report(
    prepared: Prepared,
    journal: Journal,
    facts: JsonDict,
    speed: JsonDict,
    *,
    machine: JsonDict,
    answers: Sequence[JsonDict] = (),
    further: Sequence[Section] = (),
) -> str:
    """The run's page: what it learnt from, how the losses went, what it answers now, how fast it
    was, on what, and how it was set; the `further` sections at its end.
    """
    from secarch.report.html import Section, page, table

    settings = list(_settings(prepared.config.identity()).items())
    sections = [
        *_curves(journal, facts),
        Section("Speed and memory", table(["what", "measured"], _speed(prepared, journal, speed))),
        Section("Hardware", table(["what", "value"], _hardware(machine))),
        Section("Data", table(["what", "count"], _data(prepared, journal))),
        Section("Settings", table(["setting", "value"], settings)),
    ]
    if answers:
        note = "Held-out rows, answered greedily and cut: an impression, no measurement."
        sections.insert(1, Section("Sample answers", _answers(answers), note))
    if guards := facts["guards"]:
        head = ["suite", "measured", "n", "before", "after", "change"]
        rows = [
            [*(row[name] for name in ("name", "metric", "n", "before", "after")), change(row)]
            for row in guards
        ]
        sections.insert(1, Section("What it forgot", table(head, rows)))
    if events := _events(journal):
        sections.insert(
            3, Section("What happened to it", table(["step", "event", "facts"], events))
        )
    shown = {
        "base": prepared.base_name,
        "parameters": f"{prepared.plan.parameters:,}",
        "trainable": f"{prepared.plan.trainable:,}",
        "steps": str(prepared.plan.steps),
        "dataset": prepared.dataset.path.name or str(prepared.dataset.path),
    }
    return page(
        f"Training run {prepared.config.name}",
        [*sections, *further],
        lead=_went(facts),
        facts=shown,
    )


def _curves(journal: Journal, facts: JsonDict) -> list[Section]:
    """Losses, learning rate and gradient norm, step by step."""
    from secarch.report.html import Section, lines

    losses: dict[str, Any] = {
        "training": journal.curve("loss"),
        "validation": journal.curve("eval_loss"),
    }
    unit = "nats a pair" if facts["objective"] == "dpo" else "nats per trained token"
    rates = {"learning rate": journal.curve("learning_rate")}
    norms = {"gradient norm": journal.curve("grad_norm")}
    return [
        Section(
            "Losses", lines({n: points for n, points in losses.items() if points}, "step", unit)
        ),
        Section("Learning rate", lines(rates, "step", "rate")),
        Section("Gradient norm", lines(norms, "step", "norm before clipping")),
    ]


def _data(prepared: Prepared, journal: Journal) -> list[tuple[str, int]]:
    """What became of the training rows."""
    train = prepared.train
    return [
        ("rows", len(train.rows) // sides(prepared.config)),
        ("longer than max_length", train.over_length),
        ("pieces made of those", train.pieces),
        ("dropped", train.dropped),
        ("tokens in all steps", journal.tokens),
        ("trained tokens", journal.trained),
    ]
