"""`init`, `config show` and `config schema`: the settings as people read and write them."""

from __future__ import annotations

import difflib
import json
import shlex
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel
from rich.table import Table
from rich.text import Text

from secarch.errors import DiskError, UsageError
from secarch.files import shipped, write_text
from secarch.located_yaml import load_located
from secarch.records import Outcome
from secarch.schema import meanings
from secarch.settings import SECRETS, Loaded, Settings, Value, merge, schema, secret
from secarch.settings_files import PREFIX
from secarch.settings_names import masked

STARTER = {
    "harvest.contact": "you@example.org",
    "harvest.seeds": ["https://docs.example.org/security/"],
}


def show(loaded: Loaded, names: Sequence[str] = ()) -> Outcome:
    """Every setting with its value and where it came from; credentials appear as set or unset
    only. `names` keeps the settings and sections that they name.

    Raises UsageError for a name that no setting begins with.
    """
    every = [*(replace(v, value=masked(v.value)) for v in loaded.values), *_secrets()]
    for name in names:
        if not any(_within(row.name, name) for row in every):
            known = [part for row in every for part in _prefixes(row.name)]
            near = difflib.get_close_matches(name, dict.fromkeys(known), 1, 0.5)
            fix = f"did you mean {near[0]}?" if near else "secarch config show   (all of them)"
            raise UsageError("there is no such setting", where=name, fix=fix)
    rows = [row for row in every if not names or any(_within(row.name, n) for n in names)]
    facts = [
        {"name": row.name, "value": row.value, "tier": row.tier, "place": row.place} for row in rows
    ]
    return Outcome(status="done", result={"settings": facts}, shown=(_table(rows),))


def _prefixes(name: str) -> list[str]:
    """`train`, `train.lora` and `train.lora.r` of `train.lora.r`."""
    parts = name.split(".")
    return [".".join(parts[:n]) for n in range(1, len(parts) + 1)]


def _within(setting: str, name: str) -> bool:
    return setting == name or setting.startswith(f"{name.rstrip('.')}.")


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


def presets() -> dict[str, Path]:
    """The shipped settings files by name."""
    return shipped("presets", "configs", "*.yaml")


def preset_yaml(name: str) -> str:
    """A preset as one settings file; those that change another (`small`, `qwen3-8b`) are laid over
    `cloudsec`. Raises UsageError for an unknown name.
    """
    known = presets()
    if name not in known:
        near = difflib.get_close_matches(name, known, 1, 0.5)
        fix = f"did you mean {near[0]}?" if near else f"one of {', '.join(known)}"
        raise UsageError("there is no such preset", where=name, fix=fix)
    if name in {"cloudsec", "demo"}:
        return known[name].read_text(encoding="utf-8")
    tree: dict[str, Any] = {}
    for path in (known["cloudsec"], known[name]):
        merge(tree, load_located(path).tree)
    head = f"# Preset {name}: the sources of cloudsec with the settings of {name}.\n"
    return head + yaml.safe_dump(tree, sort_keys=False, allow_unicode=True, width=98)


def init(folder: Path, *, preset: str = "", dry_run: bool) -> Outcome:
    """Write `secarch.yaml` (each setting commented with its meaning and default, or a preset) and
    `.env.example`.

    Raises UsageError if one of them exists: nothing is ever overwritten.
    """
    files = {
        folder / "secarch.yaml": preset_yaml(preset) if preset else commented_yaml(),
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
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for path, text in files.items():
                write_text(path, text)
        except FileNotFoundError as error:
            raise DiskError(
                "this folder cannot be made", where=folder, fix="name another folder"
            ) from error
        except DiskError as error:  # whose way out is a workspace, which this command has none of
            error.where, error.fix = str(folder), "name another folder: secarch init FOLDER"
            raise
    made = " and ".join(str(path) for path in files)
    return Outcome(
        status="done",
        result={"files": [str(path) for path in files]},
        summary=f"{'would write' if dry_run else 'wrote'} {made}",
        next=f"{'' if folder == Path() else f'cd {shlex.quote(str(folder))} && '}"
        "secarch harvest --dry-run",
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
    for name in model.model_fields:
        dotted = f"{prefix}{name}"
        value = getattr(values, name)
        meaning = " ".join(meanings(model).get(name, "").split())
        lines += [f"{pad}# {text}" for text in textwrap.wrap(meaning, 98 - len(pad))]
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
