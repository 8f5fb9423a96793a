"""A server as a process: promotion and rollback under load, signals, stalls, and a bad start."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import pytest

from secarch.models.local import Model
from secarch.models.prompt import question_messages
from secarch.session import Session

pytestmark = pytest.mark.slow
Running = Any
Start = Any
Move = Callable[[Session, int], None]
BODY = {"messages": question_messages("How do I rotate keys?"), "max_tokens": 20}


class _Load:
    """Eight clients that ask without a pause; every outcome is kept."""

    def __init__(self, server: Running, clients: int = 8) -> None:
        self.server = server
        self.answers: list[tuple[str, str]] = []
        self.refused: list[int] = []
        self.failed: list[str] = []
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._ask) for _ in range(clients)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _ask(self) -> None:
        while not self._stop.is_set():
            try:
                status, answer, headers = self.server.post(BODY)
            except OSError as error:
                self.failed.append(str(error))
                return
            if status == 200:
                text = answer["choices"][0]["message"]["content"]
                self.answers.append((headers["X-Secarch-Model"], text))
            else:
                self.refused.append(status)
                return


def _wait(condition: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_promotion_and_rollback_under_load_lose_nothing(
    session: Session, start: Start, promoted: Move
) -> None:
    wanted = {}
    for number, name in ((1, "one"), (2, "two")):
        model = Model.load(session.exports / name, quantization="none")
        (found,) = model.generate([model.chat.prompt_ids(BODY["messages"])], 20)
        wanted[f"architect/{number}"] = model.chat.decode(found.ids)
    assert len(set(wanted.values())) == 2
    with start(session.workspace) as server:
        with _Load(server) as load:
            for number in (2, 1, 2):
                name = f"architect/{number}"
                _wait(lambda: bool(load.answers))
                promoted(session, number)
                _wait(lambda: load.answers[-1][0] == name)  # noqa: B023
        assert not load.failed
        assert not load.refused
        assert {name for name, _ in load.answers} == set(wanted)
        # Every reply names the version that it is from.
        assert all(text == wanted[name] for name, text in load.answers)
        assert server.metric("secarch_requests_in_flight") == 0
        assert server.metric("secarch_alias_pending") == 0
        assert server.metric("secarch_requests_total") == len(load.answers)


def test_a_version_that_cannot_be_loaded_leaves_the_old_one_live(
    session: Session, start: Start, promoted: Move
) -> None:
    with start(session.workspace) as server:
        promoted(session, 2)
        _wait(lambda: server.post(BODY)[2]["X-Secarch-Model"] == "architect/2")
        path = session.exports / "one" / "tokenizer.json"
        whole = path.read_bytes()
        path.write_bytes(whole + b" ")
        with pytest.raises(Exception, match="not the one"):
            promoted(session, 1)
        from secarch.registry.registry import Registry

        def unchecked(_state: object) -> dict[str, Any]:
            return {"event": "promote", "version": 1, "alias": "champion", "from": 2, "to": 1}

        Registry(session.workspace).log("architect").append(unchecked)
        _wait(lambda: server.metric("secarch_alias_pending") == 1)
        assert server.post(BODY)[2]["X-Secarch-Model"] == "architect/2"
        assert server.status("/readyz") == 200
        path.write_bytes(whole)
        _wait(lambda: server.post(BODY)[2]["X-Secarch-Model"] == "architect/1")
        _wait(lambda: server.metric("secarch_alias_pending") == 0)


def test_sigterm_ends_what_is_in_flight_and_takes_nothing_new(
    session: Session, start: Start
) -> None:
    with start(session.workspace) as server:
        with _Load(server) as load:
            _wait(lambda: len(load.answers) >= 8)
            server.process.send_signal(signal.SIGTERM)
            server.process.wait(30)
        assert server.process.returncode == 0, server.log.read_text()
        assert "every answer in flight was finished" in server.log.read_text()
        assert set(load.refused) <= {503}
        # A connection that is refused, not one that was cut in the middle of an answer.
        assert all("refused" in why or "reset" in why for why in load.failed), load.failed


def test_readiness_goes_before_the_drain_ends_and_the_rest_is_counted(
    session: Session, start: Start
) -> None:
    words = ("architect", "--set", "serve.drain_s=0.5", "--set", "serve.prefill_tokens=1")
    with start(session.workspace, *words) as server:
        long = {"messages": [{"role": "user", "content": "deny " * 500}], "max_tokens": 400}
        threads = [
            threading.Thread(target=lambda: _quietly(server, long), daemon=True) for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        _wait(lambda: server.metric("secarch_requests_in_flight") == 4)
        server.process.send_signal(signal.SIGTERM)
        _wait(lambda: server.status("/readyz") == 503, 5)
        assert server.status("/healthz") in {200, 0}
        server.process.wait(30)
        assert server.process.returncode == 143
        assert "4 answers were cut" in server.log.read_text()


def _quietly(server: Running, body: dict[str, Any]) -> None:
    try:
        server.post(body)
    except OSError:
        return


def test_a_second_signal_ends_at_once(session: Session, start: Start) -> None:
    words = ("architect", "--set", "serve.prefill_tokens=1")
    with start(session.workspace, *words) as server:
        long = {"messages": [{"role": "user", "content": "deny " * 500}], "max_tokens": 400}
        threading.Thread(target=lambda: _quietly(server, long), daemon=True).start()
        _wait(lambda: server.metric("secarch_requests_in_flight") == 1)
        server.process.send_signal(signal.SIGTERM)
        _wait(lambda: server.status("/readyz") == 503, 5)
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(5) == 143


def test_keys_are_asked_for_everywhere_but_liveness(
    session: Session, start: Start, fetch: Any
) -> None:
    keys = session.workspace / "keys"
    keys.write_text(f"# team blue\n{hashlib.sha256(b'from-file').hexdigest()}\n")
    keys.chmod(0o600)
    words = ("architect", "--set", f"serve.api_key_file={keys}")
    with start(session.workspace, *words, SECARCH_SERVE__API_KEYS='["from-env"]') as server:
        for path in ("/v1/models", "/lineage", "/v1/models/architect"):
            assert server.status(path) == 401
            assert fetch(f"{server.url}{path}", None, {"Authorization": "Bearer nope"})[0] == 401
        for path in ("/healthz", "/readyz"):
            assert server.status(path) == 200
        status, document, headers = server.post(BODY)
        assert (status, document["error"]["code"]) == (401, "invalid_api_key")
        assert headers["WWW-Authenticate"] == "Bearer"
        for key in ("from-env", "from-file"):
            assert server.post(BODY, Authorization=f"Bearer {key}")[0] == 200
        assert server.post(BODY, Authorization="Basic from-env")[0] == 401
        assert "from-env" not in server.log.read_text()


Refused = Callable[..., tuple[int, str]]


@pytest.fixture
def refused(warm: Any) -> Refused:
    """Exit code and stderr of a server that does not start."""

    def run(session: Session, *words: str) -> tuple[int, str]:
        args = ["serve", "architect", *words, "--workspace", str(session.workspace)]
        done = warm.run(args, cwd=Path.cwd(), env=dict(os.environ), timeout=120)
        return done.returncode, done.stderr

    return run


def test_what_would_leave_a_server_open_is_a_usage_error(
    session: Session, refused: Refused
) -> None:
    code, text = refused(session, "--host", "0.0.0.0")
    assert code == 2
    assert "needs a key" in text
    keys = session.workspace / "keys"
    keys.write_text(f"{'0' * 64}\n")
    keys.chmod(0o644)
    code, text = refused(session, "--set", f"serve.api_key_file={keys}")
    assert code == 2
    assert f"chmod 600 {keys}" in text
    keys.chmod(0o600)
    keys.write_text("secret\n")
    code, text = refused(session, "--set", f"serve.api_key_file={keys}")
    assert code == 2
    assert f"{keys}:1" in text
    assert "secret" not in text


def test_a_port_in_use_is_a_usage_error(session: Session, refused: Refused) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, text = refused(session, "--port", str(port))
        assert code == 2
        assert "serve.port" in text
        code, text = refused(session, "--port", "0", "--set", f"serve.metrics_port={port}")
        assert code == 2
        assert "serve.metrics_port" in text


def test_a_changed_byte_is_not_served(session: Session, refused: Refused) -> None:
    path = session.exports / "one" / "model.safetensors"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    code, text = refused(session, "--port", "0", "--set", "serve.metrics_port=0")
    assert code == 4
    assert "model.safetensors" in text


def test_an_engine_is_this_one_or_a_url(session: Session, refused: Refused) -> None:
    odd = ("vllm", "127.0.0.1:8000", "ftp://127.0.0.1", "http://", "http://[::1", "http://h:99999")
    for engine in odd:
        code, text = refused(session, "--engine", engine)
        assert code == 2, engine
        assert "this is no engine" in text
    code, text = refused(session, "--engine", "http://a:0", "--print-engine", "vllm")
    assert code == 2
    assert "this is no engine" in text


def test_an_engine_that_is_down_and_an_unknown_model(session: Session, refused: Refused) -> None:
    code, text = refused(
        session,
        "--port",
        "0",
        "--set",
        "serve.metrics_port=0",
        "--engine",
        "http://127.0.0.1:9/v1",
    )
    assert code == 4
    assert "the engine does not answer" in text
    shutil.rmtree(session.models)
    code, text = refused(session)
    assert code == 4
    assert "models list" in text


def test_the_line_for_another_engine(session: Session, tmp_path: Path) -> None:
    for kind, word in (
        ("vllm", "--generation-config vllm"),
        ("llamacpp", "llama-server"),
        ("sglang", "sglang.launch_server"),
    ):
        command = [
            sys.executable,
            "-m",
            "secarch",
            "serve",
            "architect",
            "--print-engine",
            kind,
            "--workspace",
            str(session.workspace),
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        assert word in done.stdout
        assert str(session.exports / "one") in done.stdout
        assert done.stdout.count("\n") == 1
        assert "--host 127.0.0.1 --port 8000" in done.stdout
        assert ("there is no GGUF file" in done.stderr) is (kind == "llamacpp")


@pytest.mark.parametrize(
    ("engine", "listening"),
    [
        ("transformers", "--host 127.0.0.1 --port 8000"),
        ("http://127.0.0.1:9000/v1", "--host 127.0.0.1 --port 9000"),
        ("http://engine:8001", "--host 0.0.0.0 --port 8001"),
        ("https://engine.example.org", "--host 0.0.0.0 --port 8000"),
        ("http://engine", "--host 0.0.0.0 --port 80"),
    ],
)
def test_an_engine_listens_where_it_is_looked_for(
    registered: Session, engine: str, listening: str
) -> None:
    from secarch.registry.registry import Registry
    from secarch.serve.lines import line

    version = Registry(registered.workspace).find("architect").version
    text = line("vllm", version, registered.workspace, engine=engine)
    assert f'{listening} --api-key "$SECARCH_SERVE__ENGINE_KEY"' in text
    assert f"--served-model-name {version.digest[:12]}" in text
