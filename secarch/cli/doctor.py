"""Look at the machine before hours are spent on it: each finding says its fix."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Literal

from rich.table import Table
from rich.text import Text

from secarch import console
from secarch.errors import PrerequisiteError
from secarch.records import Outcome

GIB = 1 << 30
MIN_FREE_BYTES = 5 * GIB
RANGES = {
    "torch": (2, 11),
    "transformers": (5, 17),
    "peft": (0, 21),
    "trl": (1, 16),
    "bitsandbytes": (0, 50),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at."""

    name: str
    state: Literal["ok", "warning", "failed"]
    what: str
    fix: str = ""


def examine(workspace: Path, base: str, *, contact: str) -> Outcome:
    """Run every check and print a table.

    Raises PrerequisiteError (exit 3) where one failed; warnings alone are exit 0.
    """
    checks: list[Callable[[], Iterator[Finding]]] = [
        _python,
        lambda: _workspace(workspace),
        _packages,
        _accelerator,
        lambda: _base(base),
        lambda: _contact(contact),
    ]
    findings = [finding for check in checks for finding in check()]
    table = Table("check", "state", "what", "fix", box=None, pad_edge=False)
    colours = {"ok": "green", "warning": "yellow", "failed": "bold red"}
    for f in findings:
        table.add_row(f.name, Text(f.state, style=colours[f.state]), Text(f.what), Text(f.fix))
    console.show(table)
    failed = [f for f in findings if f.state == "failed"]
    if failed:
        raise PrerequisiteError(
            f"{len(failed)} of {len(findings)} checks failed", why=failed[0].what, fix=failed[0].fix
        )
    counts = {
        state: sum(f.state == state for f in findings) for state in ("ok", "warning", "failed")
    }
    return Outcome(
        status="done",
        counts=counts,
        result={"checks": [asdict(f) for f in findings]},
        summary=f"{counts['ok']} checks passed, {counts['warning']} with a warning",
        next="secarch demo",
    )


def _python() -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    good = sys.version_info >= (3, 11)
    yield Finding(
        name="python",
        state="ok" if good else "failed",
        what=version,
        fix="" if good else "use Python 3.11 or newer",
    )


def _workspace(workspace: Path) -> Iterator[Finding]:
    place = next((p for p in (workspace, *workspace.resolve().parents) if p.exists()), Path("/"))
    if not os.access(place, os.W_OK):
        yield Finding(
            name="workspace",
            state="failed",
            what=f"{place} cannot be written",
            fix="choose another with --workspace DIR",
        )
        return
    free = shutil.disk_usage(place).free
    state: Literal["ok", "warning"] = "ok" if free >= MIN_FREE_BYTES else "warning"
    fix = "" if state == "ok" else "an 8B base alone takes 16 GiB; free some space"
    yield Finding(
        name="workspace", state=state, what=f"{workspace}: {free / GIB:.0f} GiB free", fix=fix
    )


def _packages() -> Iterator[Finding]:
    for name, least in RANGES.items():
        wanted = ".".join(map(str, least))
        try:
            version = metadata.version(name)
        except metadata.PackageNotFoundError:
            yield Finding(
                name=name,
                state="failed",
                what="not installed",
                fix=f"pip install '{name}>={wanted}'",
            )
            continue
        have = tuple(int(part) for part in version.split("+")[0].split(".")[:2] if part.isdigit())
        good = have >= least
        yield Finding(
            name=name,
            state="ok" if good else "failed",
            what=version,
            fix="" if good else f"pip install -U '{name}>={wanted}'",
        )


def _accelerator() -> Iterator[Finding]:
    try:
        import torch
    except ImportError:
        return
    if torch.cuda.is_available():
        memory = torch.cuda.get_device_properties(0).total_memory / GIB
        yield Finding(
            name="gpu", state="ok", what=f"{torch.cuda.get_device_name(0)}, {memory:.0f} GiB"
        )
        yield _compiler()
    else:
        yield Finding(
            name="gpu",
            state="warning",
            what="no CUDA GPU: only tiny models can be trained here",
            fix="use a machine with an NVIDIA GPU for an 8B base",
        )


def _compiler() -> Finding:
    """Triton builds the loss over large vocabularies at its first use."""
    from secarch.train.compiler import FIX, compiler, fault

    why = fault()
    state: Literal["ok", "failed"] = "failed" if why else "ok"
    return Finding(
        name="compiler", state=state, what=why or str(compiler()), fix=FIX if why else ""
    )


def _base(base: str) -> Iterator[Finding]:
    if (Path(base) / "config.json").is_file():
        yield Finding(name="base", state="ok", what=f"{base} (local folder)")
        return
    from huggingface_hub import try_to_load_from_cache

    cached = not base.startswith((".", "/")) and isinstance(
        try_to_load_from_cache(base, "config.json"), str
    )
    if cached:
        yield Finding(name="base", state="ok", what=f"{base} (in the local cache)")
    elif os.environ.get("HF_TOKEN"):
        yield Finding(name="base", state="warning", what=f"{base} will be downloaded", fix="")
    else:
        yield Finding(
            name="base",
            state="warning",
            what=f"{base} is not on this machine",
            fix="accept its licence on the hub and set HF_TOKEN, or set train.base to a local "
            "folder",
        )


def _contact(contact: str) -> Iterator[Finding]:
    if contact:
        yield Finding(name="contact", state="ok", what=contact)
    else:
        yield Finding(
            name="contact",
            state="warning",
            what="harvest.contact is empty: public hosts will not be crawled",
            fix="set harvest.contact to your address",
        )
