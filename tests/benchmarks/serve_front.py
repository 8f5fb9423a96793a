"""What `secarch serve` costs before an engine behind a URL, interleaved with the engine alone. By hand.

    python tests/benchmarks/serve_front.py WORKSPACE NAME --rounds 3 --clients 8
    python tests/benchmarks/serve_front.py WORKSPACE NAME --engine http://127.0.0.1:8000

The engine is asked once with the token ids of the smoke questions, once through the front with the
questions; both stream. Without `--engine` it is the tests' loopback engine with the version's own
weights, in a process of its own.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import aiohttp
from serve import quantiles
from serve_peers import Server, port

from secarch.models.chat_template import Chat
from secarch.models.prompt import question_messages
from secarch.registry.registry import Registry
from secarch.suite.schema import load

ENGINE = """
import sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from completions_server import CompletionsServer
with CompletionsServer(Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])):
    time.sleep(86_400)
"""


async def measure(url: str, bodies: list[Any], clients: int) -> dict[str, float]:
    """Requests a second and the median time to the first text of a closed loop."""
    firsts: list[float] = []
    waiting = iter(bodies)
    timeout, connector = aiohttp.ClientTimeout(total=600), aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(timeout=timeout, connector=connector) as session:

        async def client() -> None:
            for body in waiting:
                due = time.perf_counter()
                async with session.post(url, json=body) as reply:
                    if reply.status != 200:
                        raise SystemExit(f"{url}: {await reply.text()}")
                    first = None
                    async for line in reply.content:
                        if first is None and _has_text(line):
                            first = time.perf_counter() - due
                firsts.append(first or time.perf_counter() - due)

        started = time.perf_counter()
        await asyncio.gather(*(client() for _ in range(clients)))
        seconds = time.perf_counter() - started
    cuts = quantiles(firsts)
    assert cuts is not None
    return {"rps": len(bodies) / seconds, "first_s": cuts["p50"]}


def _has_text(line: bytes) -> bool:
    if not line.startswith(b"data: {"):
        return False
    choices = json.loads(line[6:]).get("choices") or [{}]
    return bool(choices[0].get("text") or (choices[0].get("delta") or {}).get("content"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("workspace", type=Path)
    parser.add_argument("name", nargs="?", default="architect")
    parser.add_argument("--engine", default="")
    parser.add_argument("--model", default="", help="what the engine calls it")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--requests", type=int, default=40)
    parser.add_argument("--tokens", type=int, default=64)
    args = parser.parse_args()
    version = Registry(args.workspace).find(args.name).version
    folder, name = version.folder(args.workspace.resolve()), args.model or version.digest[:12]
    started = []
    if not args.engine:
        number = port()
        args.engine = f"http://127.0.0.1:{number}"
        tests = str(Path(__file__).parents[1] / "serve")
        words = [sys.executable, "-c", ENGINE, tests, str(folder), name, str(number)]
        started.append(Server("engine", words, args.engine, "/v1/models", name))
    number = port()
    words = [sys.executable, "-m", "secarch", "serve", args.name, "--port", str(number)]
    words += ["--workspace", str(args.workspace), "--set", "serve.metrics_port=0"]
    words += ["--engine", args.engine, "--set", f"serve.engine_model={name}"]
    front = Server("front", words, f"http://127.0.0.1:{number}", "/readyz", version.name)
    started.append(front)
    try:
        found = asyncio.run(rounds(args, front, Chat.load(folder), name))
    finally:
        for server in reversed(started):
            server.process.terminate()
            try:
                server.process.wait(30)
            except subprocess.TimeoutExpired:
                server.process.kill()
    print(json.dumps(found, indent=1))


async def rounds(args: Any, front: Server, chat: Chat, name: str) -> dict[str, Any]:
    """Medians over the rounds, engine alone and through the front."""
    questions = load(["core"], smoke=True).questions
    messages = [
        question_messages(q.question, q.files)
        for q in (questions[n % len(questions)] for n in range(args.requests))
    ]
    how = {"max_tokens": args.tokens, "temperature": 0.0, "stream": True}
    alone = [{"model": name, "prompt": chat.prompt_ids(m), "top_p": 1.0, **how} for m in messages]
    through = [{"model": front.model, "messages": m, **how} for m in messages]
    base = args.engine.rstrip("/").removesuffix("/v1")
    ways = {
        "alone": (f"{base}/v1/completions", alone),
        "through": (f"{front.url}/v1/chat/completions", through),
    }
    found: dict[str, list[dict[str, float]]] = {way: [] for way in ways}
    for url, bodies in ways.values():
        await measure(url, bodies[:4], 2)
    for n in range(args.rounds):
        for way in list(ways)[:: 1 if n % 2 else -1]:
            url, bodies = ways[way]
            found[way].append(await measure(url, bodies, args.clients))
            print(n, way, found[way][-1], file=sys.stderr, flush=True)
    medians = {
        way: {key: statistics.median(one[key] for one in many) for key in ("rps", "first_s")}
        for way, many in found.items()
    }
    return {
        **{way: {key: round(value, 4) for key, value in m.items()} for way, m in medians.items()},
        "requests_lost": round(1 - medians["through"]["rps"] / medians["alone"]["rps"], 4),
        "first_token_added_s": round(
            medians["through"]["first_s"] - medians["alone"]["first_s"], 4
        ),
        "rounds": args.rounds,
        "clients": args.clients,
        "requests": args.requests,
    }


if __name__ == "__main__":
    main()
