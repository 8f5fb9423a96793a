"""Load tests of three tools are read; anything else is refused, and nothing is guessed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from secarch.errors import InvalidInput, MissingInput
from secarch.registry.load import Load, cost, read, shown

VLLM = {
    "completed": 10,
    "failed": 1,
    "total_output_tokens": 4000,
    "output_throughput": 800.0,
    "request_throughput": 2.0,
}


def _guide(speed: float) -> dict[str, Any]:
    return {
        "metrics": {
            "output_tokens_per_second": {"successful": {"mean": speed}},
            "output_token_count": {"successful": {"mean": 200.0, "count": 50}},
            "requests_per_second": {"successful": {"mean": speed / 200}},
        }
    }


OURS = {
    "load": {
        "tokens_per_second": 120.0,
        "tokens_per_answer": 60.0,
        "requests": 9,
        "requests_per_second": 2.0,
        "errors": 0,
    }
}


@pytest.mark.parametrize(
    ("data", "tool", "speed", "mean", "count"),
    [
        (VLLM, "vllm bench serve", 800.0, 400.0, 10),
        ({"benchmarks": [_guide(500.0), _guide(900.0)]}, "guidellm", 900.0, 200.0, 50),
        (OURS, "secarch", 120.0, 60.0, 9),
    ],
)
def test_what_three_tools_write(
    tmp_path: Path, data: Any, tool: str, speed: float, mean: float, count: int
) -> None:
    path = tmp_path / "load.json"
    path.write_text(json.dumps(data))
    found = read(path)
    assert (found.tool, found.tokens_per_second, found.tokens_per_answer, found.requests) == (
        tool,
        speed,
        mean,
        count,
    )


@pytest.mark.parametrize(
    "text",
    [
        "no json",
        "[]",
        "{}",
        json.dumps(VLLM | {"output_throughput": 0}),
        json.dumps(VLLM | {"completed": 0}),
        json.dumps({"benchmarks": []}),
        json.dumps({"load": {**OURS["load"], "tokens_per_second": -1}}),
        json.dumps({"load": {**OURS["load"], "requests": 0}}),
    ],
)
def test_nothing_is_guessed(tmp_path: Path, text: str) -> None:
    path = tmp_path / "load.json"
    path.write_text(text)
    with pytest.raises(InvalidInput):
        read(path)
    with pytest.raises(MissingInput):
        read(tmp_path / "none.json")


def test_the_price_of_tokens_answers_and_idle_hours() -> None:
    load = Load(tool="t", sha256="x", tokens_per_second=1000, tokens_per_answer=400, requests=1)
    price = cost(load, 3.6)
    assert price.usd_per_million_tokens == pytest.approx(1.0)
    assert price.usd_per_answer == pytest.approx(0.0004)
    assert price.at_load(0.1) == pytest.approx(0.004)
    assert shown(price) == (
        "1 USD per 1M generated tokens, 0.0004 USD an answer at full load "
        "(0.004 if idle 90% of the time)"
    )
