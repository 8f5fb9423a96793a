"""Load tests as evidence of a version, and the price of an answer that follows from them.

Read are the files of `tests/benchmarks/serve.py`, of `vllm bench serve --save-result` and of
guidellm. Nothing is guessed: a file without the speed of generation is refused.
"""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import Field

from secarch.errors import InvalidInput, MissingInput
from secarch.files import sha256_file
from secarch.registry.log import State
from secarch.registry.registry import Registry
from secarch.registry.version import Version
from secarch.schema import Config, JsonDict

LARGEST = 64 << 20
"""Bytes of a load test's file."""


class Load(Config):
    """What a load test measured, whichever tool made it."""

    tool: str
    sha256: str
    """Of the file."""
    tokens_per_second: float = Field(gt=0)
    """Generated, over all clients."""
    tokens_per_answer: float = Field(gt=0)
    """Mean."""
    requests: int = Field(ge=1)
    """Answers that were completed."""
    requests_per_second: float | None = None
    errors: int | None = None


class Cost(Config):
    """US dollars, from a measured speed and a price per hour."""

    usd_per_hour: float
    usd_per_million_tokens: float
    """Of generated tokens, on a server that is never idle."""
    usd_per_answer: float
    basis: str

    def at_load(self, share: float) -> float:
        """USD of an answer if the server works `share` (0..1] of the hours that are paid for."""
        return self.usd_per_answer / share


def cost(load: Load, usd_per_hour: float) -> Cost:
    """Price per hour / (3600 x tokens/s) x 10^6, and that times the mean tokens of an answer.

    Example: 3.95 USD an hour and 1,000 tokens/s are 1.10 USD per million tokens.
    """
    per_token = usd_per_hour / (3600 * load.tokens_per_second)
    return Cost(
        usd_per_hour=usd_per_hour,
        usd_per_million_tokens=per_token * 1e6,
        usd_per_answer=per_token * load.tokens_per_answer,
        basis=f"{load.tool}: {load.tokens_per_second:.4g} tokens/s over {load.requests} answers",
    )


def shown(price: Cost) -> str:
    """A price in a line, idle hours said apart."""
    return (
        f"{price.usd_per_million_tokens:.4g} USD per 1M generated tokens,"
        f" {price.usd_per_answer:.3g} USD an answer at full load"
        f" ({price.at_load(0.1):.3g} if idle 90% of the time)"
    )


def read(path: Path) -> Load:
    """A load test's file. Raises MissingInput, InvalidInput (no format that is known)."""
    if not path.is_file():
        raise MissingInput(
            "there is no such load test",
            where=path,
            fix="--evidence takes the JSON of vllm bench serve, guidellm or our own load test",
        )
    if path.stat().st_size > LARGEST:
        raise InvalidInput(
            "this file is too large for a load test",
            where=path,
            fix="give the result of secarch serve's load test as it was written",
        )
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InvalidInput(
            "this load test is no JSON",
            where=path,
            why=error,
            fix="give the result of secarch serve's load test as it was written",
        ) from error
    for form in (_ours, _vllm, _guidellm):
        try:
            return Load.model_validate({**form(data), "sha256": sha256_file(path)})
        except (KeyError, TypeError, IndexError, ValueError, ZeroDivisionError):
            continue
    raise InvalidInput(
        "this is no load test that can be read",
        where=path,
        why="it needs the speed of generation above 0 and at least one completed answer",
        fix="use the JSON of `vllm bench serve --save-result`, of guidellm, or of "
        "tests/benchmarks/serve.py",
    )


def _ours(data: Any) -> JsonDict:
    return {"tool": "secarch", **{name: data["load"][name] for name in _OWN}}


_OWN = ("tokens_per_second", "tokens_per_answer", "requests", "requests_per_second", "errors")


def _vllm(data: Any) -> JsonDict:
    """`completed` and `total_output_tokens` over all requests; speeds in units a second."""
    return {
        "tool": "vllm bench serve",
        "tokens_per_second": data["output_throughput"],
        "tokens_per_answer": data["total_output_tokens"] / data["completed"],
        "requests": data["completed"],
        "requests_per_second": data["request_throughput"],
        "errors": data.get("failed"),
    }


def _guidellm(data: Any) -> JsonDict:
    """Of several benchmarks (a sweep) the one with the fastest generation."""
    found = [_guidellm_one(one["metrics"]) for one in data["benchmarks"]]
    return max(found, key=lambda one: float(one["tokens_per_second"]))


def _guidellm_one(metrics: Mapping[str, Any]) -> JsonDict:
    counts = metrics["output_token_count"]["successful"]
    speed = metrics["requests_per_second"]["successful"]["mean"]
    return {
        "tool": "guidellm",
        "tokens_per_second": metrics["output_tokens_per_second"]["successful"]["mean"],
        "tokens_per_answer": counts["mean"],
        "requests": counts["count"],
        "requests_per_second": speed if math.isfinite(speed) else None,
    }


# ---------------------------------------------------------------- with the version


def keep(registry: Registry, version: Version, path: Path, load: Load) -> bool:
    """Copy a load test beside a version and enter it into the log; False if it is there already."""
    folder = registry.record_path(version.name, version.number).with_suffix(".evidence")
    copy = folder / f"{load.sha256}.json"
    if copy.is_file():
        return False
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, copy)

    def make(_state: State) -> JsonDict:
        return {
            "event": "evidence",
            "version": version.number,
            "reason": load.tool,
            "evidence": [load.sha256],
        }

    registry.log(version.name).append(make)
    return True


def newest(registry: Registry, version: Version) -> Load | None:
    """The load test that was entered last, its bytes checked; None if there is none that can be
    read.
    """
    folder = registry.record_path(version.name, version.number).with_suffix(".evidence")
    for event in reversed(registry.log(version.name).events()):
        if event.event == "evidence" and event.version == version.number and event.evidence:
            path = folder / f"{event.evidence[0]}.json"
            if path.is_file() and sha256_file(path) == event.evidence[0]:
                return read(path)
    return None
