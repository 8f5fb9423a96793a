"""Which GPU, how long, and what that costs: measured where a run was made on it before, else from a
dated table.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import median

from pydantic import Field

from secarch import located_yaml
from secarch.errors import ConfigError
from secarch.schema import Config
from secarch.train.config import TrainConfig

GIB = 1 << 30
TABLE = Path(__file__).with_name("gpus.yaml")
ASSUMED_MFU = 0.30
"""Share of a GPU's dense bfloat16 compute (4P) taken if nothing was measured: three quarters of
the best published figure for adapters on an 8B base (40.6% on an H100, NVIDIA NeMo AutoModel's
performance summary).
"""


class Gpu(Config):
    """A row of the table."""

    name: str
    match: str
    """Part of the name that the driver gives."""
    memory_gib: float = Field(gt=0)
    tflops: float = Field(gt=0)
    """Dense bfloat16, in units of 1e12 operations a second."""
    usd_per_hour: float | None
    as_of: date | None
    """Day for which the price was taken."""
    source: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """The GPU that a run is estimated for."""

    name: str
    memory: int
    """Bytes."""
    known: Gpu | None
    """Its row of the table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Time and money of a run; None if nothing is known to estimate them from."""

    device: str | None
    tokens_per_second: float | None
    basis: str
    """Where that speed comes from."""
    hours: float | None
    usd: float | None
    price: str
    """Where the price comes from."""


def table() -> list[Gpu]:
    """The rows of gpus.yaml."""
    return [Gpu.model_validate(row) for row in located_yaml.load_items(TABLE)]


def device(wanted: str) -> Device | None:
    """The GPU called `wanted` in the table, else the first that this machine shows; None where it
    has none.

    Raises ConfigError for a name that is not in the table. Asks the driver's own tool, since torch
    takes seconds to load.
    """
    rows = table()
    if wanted:
        found = next((row for row in rows if row.name.lower() == wanted.lower()), None)
        if found is None:
            raise ConfigError(
                [f"train.gpu: {wanted!r} is none of {', '.join(row.name for row in rows)}"]
            )
        return Device(name=found.name, memory=int(found.memory_gib * GIB), known=found)
    seen = _seen()
    if seen is None:
        return None
    name, memory = seen
    return Device(
        name=name, memory=memory, known=next((row for row in rows if row.match in name), None)
    )


def _seen() -> tuple[str, int] | None:
    """Name and bytes of the first GPU that this process may use."""
    tool, visible = shutil.which("nvidia-smi"), os.environ.get("CUDA_VISIBLE_DEVICES")
    if tool is None or visible in {"", "-1"}:
        return None
    which = ["-i", visible.split(",")[0]] if visible else []
    command = [tool, *which, "--query-gpu=name,memory.total", "--format=csv,noheader,nounits"]
    try:
        said = subprocess.run(  # noqa: S603 - a fixed tool, found on PATH
            command, capture_output=True, text=True, timeout=20, check=True
        ).stdout
        name, _, memory = said.splitlines()[0].rpartition(",")
        return name.strip(), int(memory) << 20
    except (OSError, subprocess.SubprocessError, ValueError, IndexError):
        return None


def cost(
    config: TrainConfig, gpu: Device | None, runs: Path, *, multiplied: int, tokens: int
) -> Cost:
    """Estimate `tokens` tokens on a base that multiplies with `multiplied` parameters."""
    measured = _measured(runs, gpu)
    if measured:
        rate, basis = (
            median(measured),
            f"the median of {len(measured)} earlier runs on {gpu.name if gpu else 'this CPU'}",
        )
    elif gpu and gpu.known:
        rate = gpu.known.tflops * 1e12 * ASSUMED_MFU
        basis = f"{ASSUMED_MFU:.0%} of {gpu.known.tflops:g} TFLOP/s (4P), not measured"
    else:
        rate, basis = 0.0, "no run was made on this device yet"
    speed = rate / (4 * multiplied) if rate else None
    hours = tokens / speed / 3600 if speed else None
    price, source = _price(config, gpu)
    return Cost(
        device=gpu.name if gpu else None,
        tokens_per_second=_round(speed),
        basis=basis,
        hours=_round(hours),
        usd=_round(hours * price) if hours is not None and price is not None else None,
        price=source,
    )


def _round(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.3g}")


def _price(config: TrainConfig, gpu: Device | None) -> tuple[float | None, str]:
    if config.price_per_hour is not None:
        return config.price_per_hour, "train.price_per_hour"
    known = gpu.known if gpu else None
    if known is None or known.usd_per_hour is None:
        return None, "not known; set train.price_per_hour"
    return known.usd_per_hour, f"${known.usd_per_hour:g} an hour ({known.source}, {known.as_of})"


def _measured(runs: Path, gpu: Device | None) -> list[float]:
    """Operations a second (4P) that finished runs of this workspace reached on this kind of
    device.
    """
    rows, found = table(), []
    for path in sorted(runs.glob("*/environment.json")):
        try:
            facts = json.loads(path.read_text(encoding="utf-8"))
            name, flops = str(facts["around"]["device"]), float(facts["flops_4p"])
        except (OSError, ValueError, KeyError, TypeError):
            continue
        known = next((row for row in rows if row.match in name), None)
        same = (
            name.startswith("cpu")
            if gpu is None
            else name == gpu.name or (known is not None and known == gpu.known)
        )
        found += [flops] if same else []
    return found
