"""The API of a running server: what it answers, how it streams, and what it refuses by name."""

from __future__ import annotations

import asyncio
import gzip
import json
import re
import socket
import threading
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from secarch.models.local import Model
from secarch.models.prompt import question_messages
from secarch.session import Session

Running = Any
ASK = {"messages": [{"role": "user", "content": "Why?"}], "max_tokens": 8}


@pytest.fixture(scope="module")
def model(registered: Session) -> Model:
    return Model.load(registered.exports / "one", quantization="none")


def _events(server: Running, body: dict[str, Any]) -> list[Any]:
    data = json.dumps({**body, "stream": True}).encode()
    request = urllib.request.Request(f"{server.url}/v1/chat/completions", data=data)
    with urllib.request.urlopen(request, timeout=60) as reply:
        assert reply.headers["Content-Type"].startswith("text/event-stream")
        lines = reply.read().decode().split("\n\n")
    texts = [line.removeprefix("data: ") for line in lines if line]
    assert texts[-1] == "[DONE]"
    return [json.loads(text) for text in texts[:-1]]


def test_the_served_text_is_the_evaluated_text(server: Running, model: Model) -> None:
    questions = ["How do I rotate keys?", "Why?", "Name the controls for a public bucket."] * 4
    prompts = [model.chat.prompt_ids(question_messages(q)) for q in questions]
    wanted = [model.generate([p], 30)[0] for p in prompts]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda q: server.ask(q, max_tokens=30), questions))
    for answer, one, prompt in zip(answers, wanted, prompts, strict=True):
        choice = answer["choices"][0]
        assert choice["message"]["content"] == model.chat.decode(one.ids)
        assert choice["finish_reason"] == one.finish
        assert answer["usage"]["completion_tokens"] == len(one.ids)
        assert answer["usage"]["prompt_tokens"] == len(prompt)


def test_a_stream_adds_up_to_the_whole(server: Running) -> None:
    body = {"messages": question_messages("How do I log access?"), "max_tokens": 24}
    whole = server.post(body)[1]
    events = _events(server, {**body, "stream_options": {"include_usage": True}})
    text = "".join(e["choices"][0]["delta"].get("content", "") for e in events if e["choices"])
    assert text == whole["choices"][0]["message"]["content"]
    assert events[0]["choices"][0]["delta"]["role"] == "assistant"
    assert events[-1]["choices"] == []
    assert events[-1]["usage"] == whole["usage"]
    last = events[-2]
    assert last["choices"][0]["finish_reason"] == whole["choices"][0]["finish_reason"]
    assert last["secarch"] == {"version": "architect/1", "safety": "none"}
    assert len({e["id"] for e in events}) == 1
    assert [e for e in _events(server, body) if not e["choices"]] == []


def test_every_reply_names_its_version(server: Running, registered: Session, fetch: Any) -> None:
    status, answer, headers = server.post(ASK, **{"X-Request-Id": "my-id.1"})
    assert status == 200
    assert headers["X-Secarch-Model"] == "architect/1"
    assert headers["X-Secarch-Safety"] == "none"
    assert headers["X-Request-Id"] == "my-id.1"
    (row,) = fetch(f"{server.url}/v1/models")[1]["data"]
    assert row["id"] == "architect"
    assert row["secarch"]["version"] == "architect/1"
    assert answer["system_fingerprint"] == f"secarch-{row['secarch']['digest'][:12]}"
    assert fetch(f"{server.url}/v1/models/architect@champion")[0] == 200
    known = fetch(f"{server.url}/lineage?request=my-id.1")[1]
    assert known["version"] == "architect/1"
    assert fetch(f"{server.url}/lineage?request=other")[0] == 404
    facts = fetch(f"{server.url}/lineage")[1]
    assert facts["forced"]
    assert facts["digest"] == row["secarch"]["digest"]
    bad = server.post(ASK, **{"X-Request-Id": "a b\tc"})[2]["X-Request-Id"]
    assert bad != "a b\tc"


@pytest.mark.parametrize(
    ("change", "status", "code", "param"),
    [
        ({"messages": []}, 400, "invalid_value", "messages"),
        ({"messages": None}, 400, "invalid_value", "messages"),
        ({"messages": "hello"}, 400, "invalid_value", "messages"),
        ({"messages": ["hello"]}, 400, "invalid_value", "messages[0]"),
        (
            {"messages": [{"role": "tool", "content": "x"}]},
            400,
            "invalid_value",
            "messages[0].role",
        ),
        (
            {"messages": [{"role": "user", "content": None}]},
            400,
            "invalid_value",
            "messages[0].content",
        ),
        (
            {"messages": [{"role": "user", "content": " "}]},
            400,
            "invalid_value",
            "messages[0].content",
        ),
        (
            {"messages": [{"role": "user", "content": 7}]},
            400,
            "invalid_value",
            "messages[0].content",
        ),
        (
            {"messages": [{"role": "user", "content": "a\x00b"}]},
            400,
            "invalid_value",
            "messages[0].content",
        ),
        (
            {"messages": [{"role": "user", "content": "\ud800"}]},
            400,
            "invalid_value",
            "messages[0].content",
        ),
        (
            {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {}}]}]},
            400,
            "invalid_value",
            "messages[0].content[0]",
        ),
        (
            {"messages": [{"role": "user", "content": "x", "tool_calls": []}]},
            400,
            "unsupported_parameter",
            "messages[0].tool_calls",
        ),
        (
            {"messages": [{"role": "user", "content": "x"}, {"role": "system", "content": "y"}]},
            400,
            "invalid_value",
            "messages[1].role",
        ),
        (
            {"messages": [{"role": "user", "content": "x"}, {"role": "assistant", "content": "y"}]},
            400,
            "invalid_value",
            "messages[1].role",
        ),
        (
            {"messages": [{"role": "user", "content": [{"type": "text", "text": " "}]}]},
            400,
            "invalid_value",
            "messages[0].content",
        ),
        (
            {
                "messages": [
                    {"role": "user", "content": [{"type": "text", "text": "x", "cache": {}}]}
                ]
            },
            400,
            "unsupported_parameter",
            "messages[0].content[0].cache",
        ),
        ({"n": 5}, 400, "unsupported_parameter", "n"),
        ({"n": True}, 400, "unsupported_parameter", "n"),
        ({"logprobs": True}, 400, "unsupported_parameter", "logprobs"),
        ({"tools": [{}]}, 400, "unsupported_parameter", "tools"),
        (
            {"response_format": {"type": "json_object"}},
            400,
            "unsupported_parameter",
            "response_format",
        ),
        ({"tool_choice": "required"}, 400, "unsupported_parameter", "tool_choice"),
        ({"functions": []}, 400, "unsupported_parameter", "functions"),
        ({"temprature": 1}, 400, "unsupported_parameter", "temprature"),
        ({"model": "gpt-4"}, 404, "model_not_found", "model"),
        ({"model": 3}, 400, "invalid_value", "model"),
        ({"max_tokens": 0}, 400, "invalid_value", "max_tokens"),
        ({"max_tokens": 1.5}, 400, "invalid_value", "max_tokens"),
        ({"max_tokens": True}, 400, "invalid_value", "max_tokens"),
        ({"max_tokens": 5, "max_completion_tokens": 6}, 400, "invalid_value", "max_tokens"),
        ({"max_tokens": 100_000}, 400, "context_length_exceeded", "messages"),
        (
            {"messages": [{"role": "user", "content": "deny " * 3000}]},
            400,
            "context_length_exceeded",
            "messages",
        ),
        ({"temperature": -0.1}, 400, "invalid_value", "temperature"),
        ({"temperature": 2.1}, 400, "invalid_value", "temperature"),
        ({"temperature": "hot"}, 400, "invalid_value", "temperature"),
        ({"top_p": 1.1}, 400, "invalid_value", "top_p"),
        ({"seed": 1.5}, 400, "invalid_value", "seed"),
        ({"stop": ["a", "b", "c", "d", "e"]}, 400, "invalid_value", "stop"),
        ({"stop": ""}, 400, "invalid_value", "stop"),
        ({"stop": [3]}, 400, "invalid_value", "stop"),
        ({"stream": "yes"}, 400, "invalid_value", "stream"),
        ({"stream_options": {"include_usage": True}}, 400, "invalid_value", "stream_options"),
        (
            {"stream": True, "stream_options": {"chunk": 1}},
            400,
            "unsupported_parameter",
            "stream_options",
        ),
    ],
)
def test_what_cannot_be_honoured_is_refused_by_name(
    server: Running, change: dict[str, Any], status: int, code: str, param: str
) -> None:
    found, document, headers = server.post({**ASK, **change})
    assert (found, document["error"]["code"], document["error"]["param"]) == (status, code, param)
    assert document["error"]["type"] == "invalid_request_error"
    assert headers["X-Request-Id"]


def test_the_numbers_of_a_context_that_is_exceeded_are_told(server: Running) -> None:
    message = server.post({**ASK, "max_tokens": 5000})[1]["error"]["message"]
    assert "5000" in message
    assert "2048 tokens" in message


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no json",
        b"[]",
        b"\xff\xfe",
        b'{"messages": NaN}',
        b"[" * 100_000,
        b'{"max_tokens": 3, "max_tokens": 4, "messages": []}',
        b'{"messages": [{"role": "user", "role": "system", "content": "x"}]}',
        b'{"max_tokens": ' + b"9" * 5000 + b"}",
    ],
)
def test_a_body_that_is_no_json_is_a_client_error(server: Running, body: bytes) -> None:
    status, document, _ = server.post(body)
    assert (status, document["error"]["code"]) == (400, "invalid_json")


def test_a_body_that_is_too_large_is_a_client_error(server: Running) -> None:
    big = {"messages": [{"role": "user", "content": "x" * 2_000_000}]}
    status, document, _ = server.post(big)
    assert (status, document["error"]["code"]) == (400, "body_too_large")


def test_a_body_that_says_that_it_is_too_large_is_not_waited_for(server: Running) -> None:
    host, port = server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as client:
        head = "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 10485760\r\n\r\n{"
        client.sendall(head.encode())
        assert b"body_too_large" in client.recv(4096)


def test_a_coding_that_is_not_read_is_refused_by_name(server: Running) -> None:
    for coding, wanted in (("rot13", 415), ("br", 415), ("identity", 200), ("Identity ", 200)):
        status, document, _ = server.post(ASK, **{"Content-Encoding": coding})
        assert status == wanted, coding
        assert status == 200 or coding in document["error"]["message"]


def test_neutral_and_null_fields_change_nothing(server: Running) -> None:
    plain = server.post(ASK)[1]["choices"]
    more = {
        "n": 1,
        "logprobs": False,
        "tools": None,
        "frequency_penalty": 0,
        "presence_penalty": 0.0,
        "ignore_eos": False,
        "user": "me",
        "anything": None,
        "model": None,
        "tool_choice": "none",
        "modalities": ["text"],
        "top_p": 1,
        "temperature": 0,
        "seed": 5,
        "stop": None,
        "response_format": {"type": "text"},
        "prompt_cache_key": "k",
        "prompt_cache_retention": "24h",
        "reasoning_effort": "none",
        "verbosity": "medium",
    }
    assert server.post({**ASK, **more})[1]["choices"] == plain


def test_parts_of_text_are_one_text(server: Running) -> None:
    parts = [{"type": "text", "text": "W"}, {"type": "text", "text": "hy?"}]
    body = {**ASK, "messages": [{"role": "user", "content": parts}]}
    assert server.post(body)[1]["choices"] == server.post(ASK)[1]["choices"]


def test_control_tokens_in_a_message_are_broken(server: Running, model: Model) -> None:
    name = model.chat.special["eos_token"]
    hostile = [{"role": "user", "content": f"Why?{name}"}]
    answer = server.post({**ASK, "messages": hostile})[1]
    assert answer["usage"]["prompt_tokens"] == len(model.chat.prompt_ids(hostile))
    raw = model.chat.tokenizer.encode(f"Why?{name}", add_special_tokens=False).ids
    assert model.chat.id_of("eos_token") in raw


def test_stop_texts_end_an_answer_and_are_no_part_of_it(server: Running) -> None:
    body = {"messages": question_messages("What is IMDSv2?"), "max_tokens": 40}
    text = server.post(body)[1]["choices"][0]["message"]["content"]
    assert len(text) > 6
    stop = text[3:5]
    cut = server.post({**body, "stop": stop})[1]["choices"][0]
    assert cut["message"]["content"] == text[: text.index(stop)]
    assert cut["finish_reason"] == "stop"
    streamed = "".join(
        e["choices"][0]["delta"].get("content", "")
        for e in _events(server, {**body, "stop": [stop]})
    )
    assert streamed == cut["message"]["content"]


def test_sampling_is_repeatable_by_its_seed(server: Running) -> None:
    body = {**ASK, "temperature": 2.0, "max_tokens": 12}
    texts = [
        server.post({**body, "seed": seed})[1]["choices"][0]["message"]["content"]
        for seed in (1, 1, 2, 3)
    ]
    assert texts[0] == texts[1]
    assert len(set(texts)) > 1


def test_one_token_to_draw_is_greedy(server: Running) -> None:
    plain = server.post(ASK)[1]["choices"]
    assert server.post({**ASK, "temperature": 1.0, "top_p": 0})[1]["choices"] == plain
    assert server.post({**ASK, "temperature": 9e-6})[1]["choices"] == plain
    assert server.status("/readyz") == 200


def test_what_is_no_request_is_refused_and_leaves_a_line(
    session: Session, start: Any, fetch: Any
) -> None:
    path = "/v1/chat/completions"
    with start(session.workspace, "architect", "--set", "serve.client_s=0.3") as server:
        whole = gzip.compress(json.dumps(ASK).encode())
        assert fetch(f"{server.url}{path}", whole, {"Content-Encoding": "gzip"})[0] == 200
        status, _, headers = fetch(f"{server.url}{path}")
        assert (status, headers["Allow"]) == (405, "POST")
        host, port = server.url.removeprefix("http://").split(":")
        for more, answer in (("", b"HTTP/1.1 408 "), ("Content-Encoding: gzip\r\n", b"400")):
            with socket.create_connection((host, int(port))) as slow:
                head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n{more}\r\n{{"
                slow.sendall(head.encode() + b"no gzip." * bool(more))
                assert answer in slow.recv(4096)
        with socket.create_connection((host, int(port))) as odd:
            odd.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: two\r\n\r\n")
            assert b" 400 Bad Request" in odd.recv(4096)
        text = fetch(f"{server.metrics_url}/metrics")[1]["text"]
        for why in ("malformed", "slow_client"):
            (count,) = re.findall(rf'secarch_rejected_total{{why="{why}"}} (.*)', text)
            assert float(count) >= 1
        assert 'code="500"} 0.0' in text
        log = server.log.read_text()
        assert "malformed request" in log
        assert "Traceback" not in log


def test_a_client_that_leaves_frees_its_row(server: Running) -> None:
    before = _gone(server)
    body = json.dumps({**ASK, "max_tokens": 90, "temperature": 2.0, "stream": True}).encode()
    host, port = server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as client:
        head = (
            f"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        client.sendall(head.encode() + body)
        client.recv(4096)
    end = time.monotonic() + 10
    while server.metric("secarch_requests_in_flight") and time.monotonic() < end:
        time.sleep(0.02)
    assert server.metric("secarch_requests_in_flight") == 0
    assert _gone(server) == before + 1
    assert server.status("/readyz") == 200


def _gone(server: Running) -> float:
    """Requests that were counted as 499."""
    with urllib.request.urlopen(f"{server.metrics_url}/metrics", timeout=10) as reply:
        lines = reply.read().decode().splitlines()
    (line,) = [line for line in lines if line.startswith('secarch_requests_total{code="499"}')]
    return float(line.split()[-1])


@pytest.mark.slow
def test_a_thousand_clients_at_once(server: Running) -> None:
    """32 are answered, 64 wait, the rest are told to come again; nothing grows by it."""
    server.post(ASK)
    size = _resident(server)
    statuses = asyncio.run(_flood(f"{server.url}/v1/chat/completions", 1000))
    assert set(statuses) <= {200, 429}
    assert statuses.count(200) >= 96
    assert statuses.count(429) >= 100
    assert server.post(ASK)[0] == 200
    assert server.metric("secarch_requests_in_flight") == 0
    assert _resident(server) < size + 150_000


async def _flood(url: str, clients: int) -> list[int]:
    connector = aiohttp.TCPConnector(limit=0)
    body = {**ASK, "max_tokens": 48, "ignore_eos": True}
    async with aiohttp.ClientSession(connector=connector) as session:

        async def one() -> int:
            async with session.post(url, json=body) as reply:
                await reply.read()
                return reply.status

        return list(await asyncio.gather(*(one() for _ in range(clients))))


def _resident(server: Running) -> int:
    """KiB of memory that the server's process holds."""
    lines = Path(f"/proc/{server.process.pid}/status").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("VmRSS")))


def test_metrics_have_units_and_no_label_of_a_request(server: Running, fetch: Any) -> None:
    server.post({**ASK, "user": "alice"})
    text = fetch(f"{server.metrics_url}/metrics")[1]["text"]
    assert "alice" not in text
    for name in (
        "secarch_requests_total",
        "secarch_requests_in_flight",
        "secarch_requests_waiting",
        "secarch_time_to_first_token_seconds_bucket",
        "secarch_inter_token_seconds_bucket",
        "secarch_request_seconds_bucket",
        "secarch_prompt_tokens_total",
        "secarch_generated_tokens_total",
        "secarch_model_info",
        "secarch_alias_pending",
        "secarch_engine_up",
        "secarch_usd_per_hour",
    ):
        assert f"\n{name}" in text, name
    assert 'secarch_model_info{digest="' in text
    assert fetch(f"{server.url}/metrics")[0] == 404


def test_a_flood_is_turned_away_and_the_server_lives(session: Session, start: Any) -> None:
    words = ("architect", "--set", "serve.max_in_flight=2", "--set", "serve.max_waiting=3")
    with start(session.workspace, *words) as server:
        gate = threading.Barrier(24)

        def one(_n: int) -> tuple[int, dict[str, str]]:
            gate.wait()
            status, _, headers = server.post({**ASK, "max_tokens": 60, "temperature": 1.5})
            return status, headers

        with ThreadPoolExecutor(24) as pool:
            found = list(pool.map(one, range(24)))
        statuses = [status for status, _ in found]
        assert set(statuses) == {200, 429}
        assert statuses.count(200) >= 5
        assert all(headers["Retry-After"] for status, headers in found if status == 429)
        assert server.post(ASK)[0] == 200
        assert server.metric("secarch_rejected_total") == statuses.count(429)


def test_the_official_client_streams(server: Running) -> None:
    openai = pytest.importorskip("openai")
    client = openai.OpenAI(base_url=f"{server.url}/v1", api_key="unused", max_retries=0)
    messages: Any = question_messages("How do I rotate keys?")
    whole = client.chat.completions.create(model="architect", messages=messages, max_tokens=20)
    parts = client.chat.completions.create(
        model="architect", messages=messages, max_tokens=20, stream=True
    )
    text = "".join(part.choices[0].delta.content or "" for part in parts)
    assert text == whole.choices[0].message.content
    assert [m.id for m in client.models.list()] == ["architect"]
    with pytest.raises(openai.NotFoundError):
        client.chat.completions.create(model="other", messages=messages)


def test_developer_is_another_word_for_system(server: Running) -> None:
    """Clients of OpenAI's later models say so; the prompt is the same."""
    asked = {"role": "user", "content": "How do I rotate keys?"}
    said = [
        server.post({"max_tokens": 8, "messages": [{"role": role, "content": "Be brief."}, asked]})[
            1
        ]
        for role in ("system", "developer")
    ]
    assert said[0]["choices"] == said[1]["choices"]
    assert said[0]["usage"] == said[1]["usage"]


@pytest.mark.parametrize("text", ["Use it.", "", "  "])
def test_an_answer_goes_back_as_it_came(server: Running, text: str) -> None:
    """Also one of another server, with lists of nothing, and one without words."""
    said = {"role": "assistant", "content": text, "refusal": None}
    asked = {"role": "user", "content": "How do I rotate keys?"}
    status, document, _ = server.post(
        {"max_tokens": 4, "messages": [asked, {**said, "tool_calls": [], "annotations": []}, asked]}
    )
    assert status == 200, document


def test_a_stream_may_say_that_it_is_not_filled_up(server: Running) -> None:
    """OpenAI's parts are padded to one length unless they shall not be; here they never are."""
    options = {"include_usage": True, "include_obfuscation": False}
    asked = {**ASK, "stream": True}
    assert server.post({**asked, "stream_options": options})[0] == 200
    refused = server.post({**asked, "stream_options": {"include_obfuscation": True}})
    assert (refused[0], refused[1]["error"]["param"]) == (400, "stream_options")
