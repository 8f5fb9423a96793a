"""Load on any OpenAI-compatible server, and the evidence file of `secarch models register`.

    python tests/benchmarks/serve.py URL --rate 4 --seconds 60 --out load.json     open loop
    python tests/benchmarks/serve.py URL --clients 8 --requests 200                closed loop

Open loop: requests arrive by a Poisson process whatever the server does, and every time counts
from when the request was due, so that a slow server cannot slow its own test down. A stream
without a first token is an error, not a sample. Closed loop compares servers at N clients.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import statistics
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

QUESTIONS = [
    "How do I rotate keys of a storage account?",
    "Name three controls for a public bucket and the setting of each.",
    "Why is a long-lived access key a risk?",
    "Write a policy that denies unencrypted uploads, and explain each statement of it.",
    "What does a private endpoint change for a database?",
]


@dataclass
class Sample:
    due: float
    first: float | None = None
    last: float | None = None
    gaps: list[float] = field(default_factory=list)
    tokens: int = 0
    error: str = ""


async def ask(session: aiohttp.ClientSession, args: Any, n: int, due: float) -> Sample:
    sample = Sample(due)
    body = {
        "model": args.model,
        "messages": [{"role": "user", "content": QUESTIONS[n % len(QUESTIONS)]}],
        "max_tokens": args.tokens,
        "temperature": args.temperature,
        "stream": True,
    }
    try:
        async with session.post(f"{args.url}/v1/chat/completions", json=body) as reply:
            if reply.status != 200:
                sample.error = f"HTTP {reply.status}"
                return sample
            await read(reply, sample)
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        sample.error = type(error).__name__
    if not sample.error and sample.first is None:
        sample.error = "no first token"
    return sample


async def read(reply: aiohttp.ClientResponse, sample: Sample) -> None:
    ended = False
    async for line in reply.content:
        if not line.startswith(b"data:"):
            continue
        text = line[5:].strip()
        now = time.perf_counter()
        if text == b"[DONE]":
            ended = True
            break
        choices = json.loads(text).get("choices") or [{}]
        ended = ended or bool(choices[0].get("finish_reason"))
        if (choices[0].get("delta") or {}).get("content"):
            sample.tokens += 1
            if sample.first is None:
                sample.first = now
            else:
                sample.gaps.append(now - (sample.last or now))
            sample.last = now
    if not ended:
        sample.error = "cut"


async def open_loop(args: Any) -> tuple[list[Sample], float]:
    source, tasks = random.Random(args.seed), []
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=600)) as session:
        started = at = time.perf_counter()
        n = 0
        while at - started < args.seconds:
            at += source.expovariate(args.rate)
            await asyncio.sleep(max(0.0, at - time.perf_counter()))
            tasks.append(asyncio.create_task(ask(session, args, n, at)))
            n += 1
        samples = list(await asyncio.gather(*tasks))
    return samples, time.perf_counter() - started


async def closed_loop(args: Any) -> tuple[list[Sample], float]:
    numbers = iter(range(args.requests))
    samples: list[Sample] = []
    connector = aiohttp.TCPConnector(limit=0)
    timeout = aiohttp.ClientTimeout(total=1200)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:

        async def client() -> None:
            for n in numbers:
                sample = await ask(session, args, n, time.perf_counter())
                samples.append(sample)

        started = time.perf_counter()
        await asyncio.gather(*(client() for _ in range(args.clients)))
    return samples, time.perf_counter() - started


def quantiles(values: list[float]) -> dict[str, float] | None:
    if len(values) < 2:
        return None
    cuts = statistics.quantiles(values, n=100, method="inclusive")
    return {"p50": cuts[49], "p95": cuts[94], "p99": cuts[98]}


def summary(samples: list[Sample], seconds: float, args: Any) -> dict[str, Any]:
    good = [s for s in samples if not s.error]
    tokens = sum(s.tokens for s in good)
    first = [s.first - s.due for s in good if s.first is not None]
    whole = [s.last - s.due for s in good if s.last is not None]
    met = sum(
        1 for a, b in zip(first, whole, strict=True) if a <= args.slo_first and b <= args.slo_whole
    )
    errors: dict[str, int] = {}
    for sample in samples:
        if sample.error:
            errors[sample.error] = errors.get(sample.error, 0) + 1
    return {
        "schema": 1,
        "load": {
            "tokens_per_second": tokens / seconds,
            "tokens_per_answer": tokens / max(1, len(good)),
            "requests": len(good),
            "requests_per_second": len(good) / seconds,
            "errors": sum(errors.values()),
        },
        "seconds": seconds,
        "time_to_first_token_s": quantiles(first),
        "inter_token_s": quantiles([gap for s in good for gap in s.gaps]),
        "end_to_end_s": quantiles(whole),
        "goodput_per_second": met / seconds,
        "errors": errors,
        "settings": {k: v for k, v in vars(args).items() if k != "out"},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("url")
    parser.add_argument("--model", default="architect")
    parser.add_argument("--rate", type=float, default=4.0, help="requests per second")
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--clients", type=int, default=0, help="closed loop with so many")
    parser.add_argument("--requests", type=int, default=100)
    parser.add_argument("--tokens", type=int, default=64)
    parser.add_argument("--temperature", type=float, default=0.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--slo-first", type=float, default=1.0)
    parser.add_argument("--slo-whole", type=float, default=30.0)
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    args.url = args.url.rstrip("/").removesuffix("/v1")
    samples, seconds = asyncio.run((closed_loop if args.clients else open_loop)(args))
    found = summary(samples, seconds, args)
    text = json.dumps(found, indent=1, default=str)
    if args.out:
        args.out.write_text(text + "\n")
    print(text)


if __name__ == "__main__":
    main()
