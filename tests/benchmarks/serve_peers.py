"""`secarch serve` against `transformers serve` on one export, interleaved. By hand.

    python tests/benchmarks/serve_peers.py WORKSPACE NAME --rounds 3

Both answer the smoke questions under the trained system prompt: greedy, streamed, one thread each.
A round measures one server and then the other at each number of clients, so that both share
whatever else the machine does; ratios are of the medians over the rounds. `transformers serve`
needs its extra `serving` in the same environment.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import aiohttp
from serve import Sample, quantiles, read

from secarch.models.prompt import question_messages
from secarch.registry.registry import Registry
from secarch.suite.schema import load

CLIENTS = {1: 12, 8: 32, 32: 64}
"""Requests a round at each number of clients."""


def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """A server process: how to start it, where it is ready, what it calls the model."""

    def __init__(self, name: str, words: list[str], url: str, ready: str, model: str) -> None:
        self.name, self.url, self.model = name, url, model
        around = {**os.environ, "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
        started = time.perf_counter()
        self.process = subprocess.Popen(
            words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=around
        )
        while not self._answers(f"{url}{ready}"):
            if self.process.poll() is not None:
                raise SystemExit(f"{name} ended with {self.process.returncode}")
            time.sleep(0.05)
        self.ready_s = time.perf_counter() - started

    def _answers(self, url: str) -> bool:
        try:
            with urllib.request.urlopen(url, timeout=5) as reply:
                return bool(reply.status == 200)
        except OSError:
            return False

    def memory(self) -> float:
        """GB that the process holds."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        kib = next(line.split()[1] for line in lines if line.startswith("VmRSS"))
        return int(kib) * 1024 / 1e9

    def cpu(self) -> float:
        """Seconds of CPU that it has used."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(60)


def servers(args: Any) -> list[Server]:
    version = Registry(args.workspace).find(args.name).version
    export = str(version.folder(args.workspace.resolve()))
    one, two = port(), port()
    ours = [sys.executable, "-m", "secarch", "serve", args.name, "--port", str(one)]
    ours += ["--workspace", str(args.workspace), "--set", "serve.metrics_port=0"]
    peer = [str(Path(sys.executable).with_name("transformers")), "serve", export]
    peer += ["--host", "127.0.0.1", "--port", str(two), "--device", "cpu"]
    return [
        Server("secarch", ours, f"http://127.0.0.1:{one}", "/readyz", version.name),
        Server("transformers", peer, f"http://127.0.0.1:{two}", "/health", export),
    ]


async def measure(server: Server, clients: int, requests: int, tokens: int) -> dict[str, float]:
    """Requests a second and the median time to the first token of a closed loop."""
    questions = load(["core"], smoke=True).questions
    numbers, samples = iter(range(requests)), []
    timeout, connector = aiohttp.ClientTimeout(total=1200), aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(timeout=timeout, connector=connector) as session:

        async def client() -> None:
            for n in numbers:
                asked = questions[n % len(questions)]
                sample = Sample(time.perf_counter())
                samples.append(sample)
                body = {
                    "model": server.model,
                    "messages": question_messages(asked.question, asked.files),
                    "max_tokens": tokens,
                    "temperature": 0.0,
                    "stream": True,
                }
                async with session.post(f"{server.url}/v1/chat/completions", json=body) as reply:
                    if reply.status != 200:
                        raise SystemExit(f"{server.name}: {await reply.text()}")
                    await read(reply, sample)

        cpu, started = server.cpu(), time.perf_counter()
        await asyncio.gather(*(client() for _ in range(clients)))
        seconds = time.perf_counter() - started
    bad = [sample.error for sample in samples if sample.error or sample.first is None]
    firsts = quantiles([s.first - s.due for s in samples if s.first is not None])
    assert firsts is not None
    return {
        "rps": len(samples) / seconds,
        "first": firsts["p50"],
        "cpu": (server.cpu() - cpu) / len(samples),
        "bad": len(bad),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("workspace", type=Path)
    parser.add_argument("name", nargs="?", default="architect")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--tokens", type=int, default=64)
    args = parser.parse_args()
    both = servers(args)
    found: dict[tuple[str, int], list[dict[str, float]]] = {}
    try:
        for server in both:
            asyncio.run(measure(server, 2, 4, args.tokens))
        for _ in range(args.rounds):
            for clients, requests in CLIENTS.items():
                for server in both:
                    one = asyncio.run(measure(server, clients, requests, args.tokens))
                    found.setdefault((server.name, clients), []).append(one)
                    print(server.name, clients, one, round(server.memory(), 3), file=sys.stderr)
        memory = {server.name: round(server.memory(), 3) for server in both}
    finally:
        for server in both:
            server.stop()
    print(json.dumps(report(found, both, memory), indent=1))


def report(found: Any, both: list[Server], memory: dict[str, float]) -> dict[str, Any]:
    def median(name: str, clients: int, key: str) -> float:
        return statistics.median(one[key] for one in found[name, clients])

    rows = {}
    for clients in CLIENTS:
        (ours, peer) = (
            {key: median(server.name, clients, key) for key in ("rps", "first", "cpu", "bad")}
            for server in both
        )
        rows[str(clients)] = {
            "requests_per_second": [round(ours["rps"], 2), round(peer["rps"], 2)],
            "ratio": round(ours["rps"] / peer["rps"], 2),
            "first_token_s": [round(ours["first"], 3), round(peer["first"], 3)],
            "first_ratio": round(ours["first"] / peer["first"], 3),
            "cpu_s_per_request": [round(ours["cpu"], 3), round(peer["cpu"], 3)],
            "bad": [ours["bad"], peer["bad"]],
        }
    ready = {server.name: round(server.ready_s, 1) for server in both}
    return {"clients": rows, "ready_s": ready, "memory_gb": memory}


if __name__ == "__main__":
    main()
