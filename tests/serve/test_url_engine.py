"""An engine behind a URL: token ids as they are, the handshake, and every way of being lost."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from secarch.models.chat_template import Chat
from secarch.models.local import Model
from secarch.models.prompt import question_messages
from secarch.registry.registry import Registry
from secarch.serve.engines.protocol import Ask
from secarch.serve.engines.remote import Remote
from secarch.session import Session

pytestmark = pytest.mark.slow
Start = Any
BODY = {"messages": question_messages("How do I rotate keys?"), "max_tokens": 20}


@pytest.fixture(scope="module")
def completions() -> Callable[..., Any]:
    path = Path(__file__).with_name("completions_server.py")
    spec = importlib.util.spec_from_file_location("completions_server", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    made: Callable[..., Any] = module.CompletionsServer
    return made


def _name(session: Session, number: int = 1) -> str:
    return Registry(session.workspace).version("architect", number).digest[:12]


def test_both_engines_give_the_same_text_from_the_same_ids(
    registered: Session, completions: Any, start: Start
) -> None:
    folder = registered.exports / "one"
    model, chat = Model.load(folder, quantization="none"), Chat.load(folder)
    questions = ["How do I rotate keys?", "Why?", "Name the controls.", "What is IMDSv2?"]
    with (
        completions(folder, _name(registered)) as engine,
        start(registered.workspace, "architect", "--engine", engine.url) as server,
    ):
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda q: server.ask(q, max_tokens=24), questions))
        for question, answer in zip(questions, answers, strict=True):
            ids = chat.prompt_ids(question_messages(question))
            (wanted,) = model.generate([ids], 24)
            choice = answer["choices"][0]
            assert choice["message"]["content"] == chat.decode(wanted.ids)
            assert choice["finish_reason"] == wanted.finish
            assert answer["usage"]["completion_tokens"] == len(wanted.ids)
            assert ids in [body["prompt"] for body in engine.bodies]
        server.ask("Why?", max_tokens=3, temperature=0.5, top_p=0.9, seed=4, stop=["x"])
        sent = engine.bodies[-1]
        assert (sent["temperature"], sent["top_p"], sent["seed"]) == (0.5, 0.9, 4)
        assert sent["stop"] == ["x"]
        assert "ignore_eos" not in sent
        server.ask("Why?", max_tokens=3, ignore_eos=True)
        assert engine.bodies[-1]["ignore_eos"] is True
        assert "handshake  version=architect/1 same=8 of=8" in server.log.read_text()


def _refused(session: Session, engine: Any, *words: str) -> tuple[int, str]:
    command = [
        sys.executable,
        "-m",
        "secarch",
        "serve",
        "architect",
        "--engine",
        engine.url,
        "--port",
        "0",
        "--set",
        "serve.metrics_port=0",
        "--workspace",
        str(session.workspace),
        *words,
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    return done.returncode, done.stderr


def test_an_engine_with_other_weights_is_not_let_in(registered: Session, completions: Any) -> None:
    with completions(registered.exports / "two", _name(registered)) as engine:
        code, text = _refused(registered, engine)
    assert code == 4
    assert "does not answer as architect/1 does" in text
    assert "of 8 golden answers are the same, first other: " in text


@pytest.mark.parametrize(
    ("faults", "words"),
    [
        ({"text_only": True}, "prompt must be a string"),
        ({"extra_prompt_tokens": 1}, "does not take token ids as they are sent"),
        ({"cut_after": 2}, "the engine does not answer"),
        ({"cut_after": 2, "finish": "abort"}, "ended the answer with abort"),
    ],
)
def test_an_engine_that_cannot_prove_itself_is_not_let_in(
    registered: Session, completions: Any, faults: dict[str, Any], words: str
) -> None:
    with completions(registered.exports / "one", _name(registered), **faults) as engine:
        code, text = _refused(registered, engine)
    assert code == 4
    assert words in text
    if "text_only" in faults or "extra_prompt_tokens" in faults:
        assert "(version 0.99.1)" in text


def test_an_engine_that_serves_another_name_is_not_let_in(
    registered: Session, completions: Any
) -> None:
    with completions(registered.exports / "one", "other") as engine:
        code, text = _refused(registered, engine)
        assert code == 4
        assert f"serves other, not {_name(registered)}" in text


def test_an_engine_that_dies_takes_the_server_out_of_rotation(
    registered: Session, completions: Any, start: Start
) -> None:
    words = ("--set", "serve.stall_s=1")
    engine = completions(registered.exports / "one", _name(registered)).__enter__()
    with start(registered.workspace, "architect", "--engine", engine.url, *words) as server:
        assert server.post(BODY)[0] == 200
        engine.close()
        status, document, _ = server.post(BODY)
        assert (status, document["error"]["code"]) == (502, "engine_lost")
        assert document["error"]["type"] == "server_error"
        data = json.dumps({**BODY, "stream": True}).encode()
        request = urllib.request.Request(f"{server.url}/v1/chat/completions", data=data)
        with urllib.request.urlopen(request, timeout=30) as reply:
            text = reply.read().decode()
        assert '"code":"engine_lost"' in text
        assert "[DONE]" not in text
        end = time.monotonic() + 5
        while server.status("/readyz") != 503:
            assert time.monotonic() < end
            time.sleep(0.05)
        assert server.status("/healthz") == 200
        assert server.metric("secarch_engine_up") == 0
        # At the same place and under the same name, other weights are not let back in.
        port, name = int(engine.url.rsplit(":", 1)[1]), _name(registered)
        with completions(registered.exports / "two", name, port) as other:
            _until(lambda: len(other.bodies) >= 16)
            assert server.status("/readyz") == 503
        with completions(registered.exports / "one", name, port):
            _until(lambda: server.status("/readyz") == 200)
            assert server.post(BODY)[0] == 200
        assert "engine failed its self-test" in server.log.read_text()


def _until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_an_engine_that_is_full_stays_in_rotation(
    registered: Session, completions: Any, start: Start
) -> None:
    with (
        completions(registered.exports / "one", _name(registered)) as engine,
        start(registered.workspace, "architect", "--engine", engine.url) as server,
    ):
        asked = len(engine.bodies)
        long = {"messages": [{"role": "user", "content": "deny " * 25_000}], "max_tokens": 8}
        assert server.post(long)[1]["error"]["code"] == "context_length_exceeded"
        assert len(engine.bodies) == asked
        engine.faults = {"busy": True}
        status, document, headers = server.post(BODY)
        assert (status, document["error"]["code"]) == (503, "engine_busy")
        assert headers["Retry-After"]
        assert server.status("/readyz") == 200
        engine.faults = {}
        assert server.post(BODY)[0] == 200


def test_a_stream_that_is_cut_says_so_and_has_no_end(
    registered: Session, completions: Any, start: Start
) -> None:
    with (
        completions(registered.exports / "one", _name(registered)) as engine,
        start(registered.workspace, "architect", "--engine", engine.url) as server,
    ):
        engine.faults = {"cut_after": 3}
        data = json.dumps({**BODY, "stream": True, "temperature": 1.5}).encode()
        request = urllib.request.Request(f"{server.url}/v1/chat/completions", data=data)
        with urllib.request.urlopen(request, timeout=30) as reply:
            text = reply.read().decode()
        assert '"code":"engine_lost"' in text
        assert "[DONE]" not in text
        assert 'finish_reason":"' not in text


def test_an_engine_is_asked_for_as_many_answers_as_are_wanted() -> None:
    """Aiohttp's client opens 100 connections; the rest, and the look at /v1/models, would wait."""
    many = 120

    async def scene() -> None:
        inside, all_here = 0, asyncio.Event()

        async def models(_request: web.Request) -> web.Response:
            return web.json_response({"data": [{"id": "m"}]})

        async def completions(_request: web.Request) -> web.Response:
            nonlocal inside
            inside += 1
            if inside == many:
                all_here.set()
            await all_here.wait()
            event = {"choices": [{"text": "yes", "finish_reason": "stop"}]}
            return web.Response(
                text=f"data: {json.dumps(event)}\n\ndata: [DONE]\n\n",
                content_type="text/event-stream",
            )

        app = web.Application()
        app.router.add_get("/v1/models", models)
        app.router.add_post("/v1/completions", completions)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        engine = Remote(f"http://127.0.0.1:{runner.addresses[0][1]}", model="m", answer_s=30)
        await engine.start()

        async def text() -> str:
            return "".join(
                [piece.text async for piece in engine.generate(Ask(ids=[1], max_tokens=2))]
            )

        async with asyncio.timeout(20):
            assert await asyncio.gather(*(text() for _ in range(many))) == ["yes"] * many
        assert await engine.alive()
        await engine.stop()
        await runner.cleanup()

    asyncio.run(scene())
