"""What `secarch serve` costs before an engine behind a URL, interleaved with the engine alone. By hand.

    python tests/benchmarks/serve_front.py WORKSPACE NAME --rounds 3 --clients 8
    python tests/benchmarks/serve_front.py WORKSPACE NAME --engine http://127.0.0.1:8000

The engine is asked once with the token ids of the smoke questions, once through the front with the
questions; both stream. Without `--engine` it is a server that gives the version's own answers, made
before the measurement, with `--first` milliseconds before an answer and `--pace` between tokens: an
engine on a machine of its own takes no share of the processor that the front runs on.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import aiohttp
from serve import quantiles
from serve_peers import Server, port

from secarch.models.chat_template import Chat
from secarch.models.local import Model
from secarch.models.prompt import question_messages
from secarch.registry.registry import Registry
from secarch.serve.engines.detokenise import Detokeniser
from secarch.serve.handshake import recorded
from secarch.suite.schema import load

ENGINE = """
import asyncio, json, sys
from aiohttp import web

path, name, port, first, pace = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:])
answers = {tuple(one["prompt"]): one for one in json.load(open(path))}

def event(**facts):
    return f"data: {json.dumps(facts)}\\n\\n".encode()

async def models(_request):
    return web.json_response({"data": [{"id": name}]})

async def completions(request):
    body = await request.json()
    one = answers[tuple(body["prompt"])]
    parts, n = one["parts"], min(len(one["parts"]), body["max_tokens"])
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    begun = asyncio.get_running_loop().time() + first / 1000
    for k, text in enumerate(parts[:n]):
        due = begun + k * pace / 1000
        await asyncio.sleep(max(0, due - asyncio.get_running_loop().time()))
        end = None if k + 1 < n else "length" if n == body["max_tokens"] else one["finish"]
        await response.write(event(choices=[{"index": 0, "text": text, "finish_reason": end}]))
    usage = {"prompt_tokens": len(body["prompt"]), "completion_tokens": n}
    await response.write(event(choices=[], usage=usage))
    await response.write(b"data: [DONE]\\n\\n")
    return response

app = web.Application()
app.router.add_get("/v1/models", models)
app.router.add_post("/v1/completions", completions)
web.run_app(app, host="127.0.0.1", port=port, print=None)
"""


def recorded_answers(folder: Path, prompts: list[list[int]], tokens: int) -> list[dict[str, Any]]:
    """What the version answers to each prompt, as the parts that a stream of tokens has."""
    model = Model.load(folder, quantization="none")
    found = []
    for prompt, made in zip(prompts, model.generate(prompts, tokens), strict=True):
        text = Detokeniser(model.chat)
        parts = [text.add(token) for token in made.ids]
        parts[-1:] = [parts[-1] + text.rest()] if parts else [""]
        found.append({"prompt": prompt, "parts": parts, "finish": made.finish})
    return found


async def measure(url: str, bodies: list[Any], clients: int) -> dict[str, float]:
    """Requests a second and the quantiles of the time to the first text of a closed loop."""
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
    return {"rps": len(bodies) / seconds, "first_s": cuts["p50"], "first_p95_s": cuts["p95"]}


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
    parser.add_argument("--first", type=int, default=30, help="milliseconds, without --engine")
    parser.add_argument("--pace", type=int, default=10, help="milliseconds, without --engine")
    args = parser.parse_args()
    version = Registry(args.workspace).find(args.name).version
    folder, name = version.folder(args.workspace.resolve()), args.model or version.digest[:12]
    started = []
    chat, messages = Chat.load(folder), asked(args.requests)
    if not args.engine:
        prompts = [chat.prompt_ids(m) for m in messages] + [
            list(g.prompt) for g in recorded(folder)
        ]
        answers = Path(tempfile.mkdtemp()) / "answers.json"
        answers.write_text(json.dumps(recorded_answers(folder, prompts, args.tokens)))
        number = port()
        args.engine = f"http://127.0.0.1:{number}"
        words = [sys.executable, "-c", ENGINE, str(answers), name, str(number)]
        words += [str(args.first), str(args.pace)]
        started.append(Server("engine", words, args.engine, "/v1/models", name))
    fronts = {way: front(args, version.name, name, guard) for way, guard in GUARDS.items()}
    started += fronts.values()
    try:
        found = asyncio.run(rounds(args, fronts, chat, name, messages))
    finally:
        for server in reversed(started):
            server.process.terminate()
            try:
                server.process.wait(30)
            except subprocess.TimeoutExpired:
                server.process.kill()
    print(json.dumps(found, indent=1))


GUARDS = {"through": "hold", "unguarded": "off"}
"""The front as it is by default, which may hold a first word back until the next token says whether
code begins, and without its guard.
"""


def front(args: Any, served: str, name: str, guard: str) -> Server:
    number = port()
    words = [sys.executable, "-m", "secarch", "serve", args.name, "--port", str(number)]
    words += ["--workspace", str(args.workspace), "--set", "serve.metrics_port=0"]
    words += ["--engine", args.engine, "--set", f"serve.engine_model={name}", "--guard", guard]
    return Server(f"front, guard {guard}", words, f"http://127.0.0.1:{number}", "/readyz", served)


def asked(count: int) -> list[Any]:
    """Messages of the smoke questions, again from the first if more are wanted."""
    questions = load(["core"], smoke=True).questions
    return [
        question_messages(q.question, q.files)
        for q in (questions[n % len(questions)] for n in range(count))
    ]


def cpu(fronts: dict[str, Server], way: str) -> float:
    return fronts[way].cpu() if way in fronts else 0.0


async def rounds(
    args: Any, fronts: dict[str, Server], chat: Chat, name: str, messages: list[Any]
) -> dict[str, Any]:
    """Medians over the rounds, engine alone and through each front."""
    how = {"max_tokens": args.tokens, "temperature": 0.0, "stream": True}
    alone = [{"model": name, "prompt": chat.prompt_ids(m), "top_p": 1.0, **how} for m in messages]
    through = [{"model": args.name, "messages": m, **how} for m in messages]
    base = args.engine.rstrip("/").removesuffix("/v1")
    ways = {
        "alone": (f"{base}/v1/completions", alone),
        **{way: (f"{one.url}/v1/chat/completions", through) for way, one in fronts.items()},
    }
    found: dict[str, list[dict[str, float]]] = {way: [] for way in ways}
    for url, bodies in ways.values():
        await measure(url, bodies[:4], 2)
    for n in range(args.rounds):
        for way in list(ways)[:: 1 if n % 2 else -1]:
            url, bodies = ways[way]
            before = cpu(fronts, way)
            found[way].append(await measure(url, bodies, args.clients))
            found[way][-1]["front_cpu_s"] = (cpu(fronts, way) - before) / len(bodies)
            print(n, way, found[way][-1], file=sys.stderr, flush=True)
    medians = {
        way: {key: statistics.median(one[key] for one in many) for key in many[0]}
        for way, many in found.items()
    }
    plain = medians["alone"]
    return {
        **{way: {key: round(value, 4) for key, value in m.items()} for way, m in medians.items()},
        "requests_lost": {way: round(1 - medians[way]["rps"] / plain["rps"], 4) for way in fronts},
        "first_token_added_s": {
            way: round(medians[way]["first_s"] - plain["first_s"], 4) for way in fronts
        },
        "engine": {"first_ms": args.first, "pace_ms": args.pace},
        "rounds": args.rounds,
        "clients": args.clients,
        "requests": args.requests,
    }


if __name__ == "__main__":
    main()
