"""Look at the machine before hours are spent on it: each finding says its fix."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Literal

from rich.table import Table
from rich.text import Text

from secarch import console
from secarch.cli.accelerator import gpus, torch_cuda
from secarch.errors import PrerequisiteError
from secarch.records import Outcome
from secarch.settings import secret

GIB = 1 << 30
MIN_FREE_BYTES = 5 * GIB
RANGES = {
    "torch": (2, 11),
    "transformers": (5, 17),
    "peft": (0, 21),
    "trl": (1, 16),
    "bitsandbytes": (0, 50),
}


State = Literal["ok", "warning", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at."""

    name: str
    state: State
    what: str
    fix: str = ""
    blocks: str = ""
    """What cannot be done before it is fixed."""


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
        _token,
        _browser,
        lambda: _contact(contact),
    ]
    findings = [finding for check in checks for finding in check()]
    table = Table("check", "state", "what", "blocks", "fix", box=None, pad_edge=False)
    colours = {"ok": "green", "warning": "yellow", "failed": "bold red"}
    for f in findings:
        state = Text(f.state, style=colours[f.state])
        table.add_row(f.name, state, Text(f.what), Text(f.blocks), Text(f.fix))
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
    if why := _unwritable(place):
        yield Finding(
            name="workspace",
            state="failed",
            what=f"{place} {why}",
            blocks="every stage",
            fix="choose another with --workspace DIR",
        )
        return
    free = shutil.disk_usage(place).free
    state: State = "ok" if free >= MIN_FREE_BYTES else "warning"
    fix = "" if state == "ok" else "an 8B base alone takes 16 GiB; free some space"
    yield Finding(
        name="workspace", state=state, what=f"{workspace}: {free / GIB:.0f} GiB free", fix=fix
    )


def _unwritable(place: Path) -> str:
    """Why nothing can be made in a place; empty if it can. It is tried, with a file that has no
    name: rights say little to root, and nothing of file systems that keep no files.
    """
    if not place.is_dir():
        return "is a file, and a workspace is a folder"
    try:
        with tempfile.TemporaryFile(dir=place):
            return ""
    except OSError as error:
        return f"cannot be written: {error.strerror or error}"


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
                blocks="train and eval",
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
    found, built = gpus(), torch_cuda()
    if not found:
        yield Finding(
            name="gpu",
            state="warning",
            what="no CUDA GPU: only tiny models can be trained here",
            blocks="train with NF4 on an 8B base",
            fix="use a machine with an NVIDIA GPU for an 8B base",
        )
        return
    names = ", ".join(f"{gpu.name}, {gpu.memory / GIB:.0f} GiB" for gpu in found)
    what = f"{len(found)} x {names}" if len(found) > 1 else names
    if built is None:
        yield Finding(
            name="gpu",
            state="warning",
            what=f"{what}, but torch is a build for CPU",
            blocks="every use of the GPU",
            fix="pip install torch from the index for your CUDA version (see pytorch.org)",
        )
        return
    yield Finding(name="gpu", state="ok", what=f"{what}; torch for CUDA {built}")
    yield _compiler()


def _compiler() -> Finding:
    """Triton builds the loss over large vocabularies at its first use."""
    from secarch.train.compiler import FIX, compiler, fault

    why = fault()
    if why:
        return Finding(name="compiler", state="failed", what=why, blocks="train on CUDA", fix=FIX)
    return Finding(name="compiler", state="ok", what=str(compiler()))


def _base(base: str) -> Iterator[Finding]:
    if (Path(base) / "config.json").is_file():
        yield Finding(name="base", state="ok", what=f"{base} (local folder)")
        return
    if next(_hub_cache().glob(f"models--{base.replace('/', '--')}/snapshots/*/config.json"), None):
        yield Finding(name="base", state="ok", what=f"{base} (in the local cache)")
    elif os.environ.get("HF_TOKEN"):
        yield Finding(name="base", state="warning", what=f"{base} will be downloaded", fix="")
    else:
        yield Finding(
            name="base",
            state="warning",
            what=f"{base} is not on this machine",
            blocks="train, and eval or export of the base",
            fix="accept its licence on the hub and set HF_TOKEN, or set train.base to a local "
            "folder",
        )


def _hub_cache() -> Path:
    """Where huggingface_hub keeps models (its "Understand caching" guide), without importing it."""
    home = os.environ.get("HF_HOME") or Path(
        os.environ.get("XDG_CACHE_HOME") or "~/.cache", "huggingface"
    )
    return Path(os.environ.get("HF_HUB_CACHE") or Path(home, "hub")).expanduser()


def _token() -> Iterator[Finding]:
    """The token itself is never shown."""
    if secret("HF_TOKEN"):
        yield Finding(name="hub token", state="ok", what="HF_TOKEN is set")
    else:
        yield Finding(
            name="hub token",
            state="ok",
            what="HF_TOKEN is not set",
            blocks="gated bases (Llama, Gemma) and export --push",
            fix="set HF_TOKEN in the environment or .env if you need them",
        )


def _browser() -> Iterator[Finding]:
    if importlib.util.find_spec("playwright"):
        yield Finding(name="browser", state="ok", what="playwright is installed")
    else:
        yield Finding(
            name="browser",
            state="ok",
            what="playwright is not installed",
            blocks="harvest.render",
            fix="pip install 'secarch[render]' if your sites need scripts",
        )


def _contact(contact: str) -> Iterator[Finding]:
    if contact:
        yield Finding(name="contact", state="ok", what=contact)
    else:
        yield Finding(
            name="contact",
            state="warning",
            what="harvest.contact is empty: public hosts will not be crawled",
            blocks="harvest of public hosts",
            fix="set harvest.contact to your address",
        )
