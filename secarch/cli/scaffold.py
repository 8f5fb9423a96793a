"""`init`, `config show` and `config schema`: the settings as people read and write them."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from rich.table import Table
from rich.text import Text

from secarch.artifact import write_text
from secarch.errors import UsageError
from secarch.records import Outcome
from secarch.settings import PREFIX, SECRETS, Loaded, Settings, Value, schema, secret

STARTER = {
    "harvest.contact": "you@example.org",
    "harvest.seeds": ["https://docs.example.org/security/"],
}


def show(loaded: Loaded) -> Outcome:
    """Every setting with its value and where it came from; credentials appear as set or unset
    only.
    """
    rows = [*loaded.values, *_secrets()]
    facts = [
        {"name": row.name, "value": row.value, "tier": row.tier, "place": row.place} for row in rows
    ]
    return Outcome(status="done", result={"settings": facts}, shown=(_table(rows),))


def _secrets() -> Iterator[Value]:
    for name in SECRETS:
        known = secret(name) is not None
        yield Value(
            name=name,
            value="***" if known else None,
            tier="environment or .env" if known else "unset",
        )


def _table(rows: list[Value]) -> Table:
    table = Table("setting", "value", "tier", "place", box=None, pad_edge=False)
    for row in rows:
        value = json.dumps(row.value, ensure_ascii=False, default=str)
        table.add_row(*(Text(cell) for cell in (row.name, value, row.tier, row.place)))
    return table


def print_schema() -> Outcome:
    """The JSON Schema of the settings on stdout; with --json inside the command's document."""
    found = schema()
    text = json.dumps(found, indent=1, ensure_ascii=False)
    return Outcome(status="done", result={"settings_schema": found}, shown=(text,))


def init(folder: Path, *, dry_run: bool) -> Outcome:
    """Write `secarch.yaml` (each setting commented with its meaning and default) and
    `.env.example`.

    Raises UsageError where one of them exists: nothing is ever overwritten.
    """
    files = {
        folder / "secarch.yaml": commented_yaml(),
        folder / ".env.example": env_example(),
    }
    for path in files:
        if path.exists():
            raise UsageError(
                "this file exists already and is not overwritten",
                where=path,
                fix="name another folder",
            )
    if not dry_run:
        for path, text in files.items():
            write_text(path, text)
    made = " and ".join(str(path) for path in files)
    return Outcome(
        status="done",
        result={"files": [str(path) for path in files]},
        summary=f"{'would write' if dry_run else 'wrote'} {made}",
        next=f"secarch harvest --config {folder / 'secarch.yaml'} --dry-run",
    )


def commented_yaml() -> str:
    """A settings file with every setting: the starter values live, the rest commented out."""
    lines = ["# Settings of secarch. Lines that begin with '# ' and a name show the default.", ""]
    lines += _yaml_section(Settings, Settings.model_construct(), "", 0)
    return "\n".join(lines) + "\n"


def _yaml_section(model: type[BaseModel], values: Any, prefix: str, depth: int) -> list[str]:
    pad = "  " * depth
    lines: list[str] = []
    plain = values.model_dump(mode="json")
    for name, info in model.model_fields.items():
        dotted = f"{prefix}{name}"
        value = getattr(values, name)
        told = " ".join((info.description or "").split())
        lines += [f"{pad}# {text}" for text in textwrap.wrap(told, 98 - len(pad))]
        if isinstance(value, BaseModel):
            lines += [f"{pad}{name}:", *_yaml_section(type(value), value, f"{dotted}.", depth + 1)]
        elif dotted in STARTER:
            lines.append(f"{pad}{name}: {_yaml_value(STARTER[dotted])}")
        else:
            lines.append(f"{pad}# {name}: {_yaml_value(plain[name])}")
        if depth == 0:
            lines.append("")
    return lines


def _yaml_value(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def env_example() -> str:
    """The `.env.example`: credentials, and how any setting is written as a variable."""
    return f"""\
# Copy to .env. Credentials are read from here or from the environment; they are never logged,
# stored in a manifest or shown.

# Reading gated base models (Llama 3.1) from the Hugging Face hub.
HF_TOKEN=

# Trackers, where train.trackers names them.
WANDB_API_KEY=
MLFLOW_TRACKING_URI=

# Any setting: {PREFIX} and its name, with __ for each dot. Lists and tables are JSON.
# {PREFIX}WORKSPACE=workspace
# {PREFIX}HARVEST__CONTACT=you@example.org
# {PREFIX}HARVEST__SEEDS=["https://docs.example.org/security/"]
# {PREFIX}TRAIN__BASE=meta-llama/Llama-3.1-8B-Instruct
# {PREFIX}TRAIN__LORA__R=32
# {PREFIX}EVAL__MIN_SCORE=0.5
"""
