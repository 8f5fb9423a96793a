"""The road after the verdict: register, a refused promotion, promote, serve, probe, roll back.

The tour's own export and evaluations are used, and every step is the command that a user types.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow
Call = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture(scope="module")
def secarch(tiny_base: Path, tmp_path_factory: pytest.TempPathFactory) -> Call:
    """The command line in a workspace with a dataset."""
    workspace = tmp_path_factory.mktemp("live") / "ws"
    env = {**os.environ, "OMP_NUM_THREADS": "1"}
    common = [
        "--workspace",
        str(workspace),
        "--set",
        f"train.base={tiny_base}",
        "--set",
        "train.eval_steps=100",
        "--set",
        "train.micro_batch=4",
        "--set",
        "train.global_batch=8",
        "--set",
        "train.max_length=256",
        "--set",
        "eval.max_new_tokens=24",
        "--set",
        "eval.likelihood=false",
        "--set",
        "compare.draws=200",
    ]

    def call(*words: str) -> tuple[int, dict[str, Any]]:
        done = subprocess.run(
            [sys.executable, "-m", "secarch", *words, "--json", *common],
            capture_output=True,
            text=True,
            env=env,
            check=False,
            timeout=600,
        )
        try:
            document: dict[str, Any] = json.loads(done.stdout)
        except ValueError:
            raise AssertionError(done.stderr) from None
        return done.returncode, document

    call.workspace = workspace  # type: ignore[attr-defined]
    call.common = common  # type: ignore[attr-defined]
    return call


def _documents(folder: Path) -> Path:
    """A few pages to learn from, unlike one another."""
    controls = ["key rotation", "private endpoints", "audit trails", "least privilege", "backups"]
    topics = ["storage", "identity", "network", "containers", "databases", "secrets"]
    path = folder / "documents.jsonl"
    with path.open("w") as out:
        for n, topic in enumerate(topics * 4):
            control = controls[n % 5]
            text = (
                f"# How to protect {topic} with {control} {n}\n\n"
                f"Turn on {control} for every {topic} account of group {n}. It stops an attacker "
                f"who holds an old credential of {topic}, since {control} ends its life early.\n\n"
                f"## Steps\n\n1. List the {topic} of group {n} that lack {control}.\n"
                f"2. Enable {control} with a policy that denies exceptions for {topic}.\n"
                f"3. Watch the log of {topic} for {n} days and remove what nobody uses.\n"
            )
            row = {"url": f"https://docs.example.org/{topic}/{n}", "title": f"{topic} {n}"}
            out.write(json.dumps({**row, "text": text, "licence": "CC-BY-4.0"}) + "\n")
    return path


def _port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _serving(secarch: Any, *words: str) -> Iterator[str]:
    port = _port()
    command = [
        sys.executable,
        "-m",
        "secarch",
        "serve",
        *words,
        *secarch.common,
        "--port",
        str(port),
        "--set",
        "serve.metrics_port=0",
        "--set",
        "serve.watch_s=0.05",
    ]
    process = subprocess.Popen(command, env={**os.environ, "OMP_NUM_THREADS": "1"})
    url = f"http://127.0.0.1:{port}"
    try:
        end = time.monotonic() + 120
        while not _ready(url):
            assert process.poll() is None
            assert time.monotonic() < end
            time.sleep(0.1)
        yield url
        process.terminate()
        assert process.wait(60) == 0
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def _ready(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=5) as reply:
            return bool(reply.status == 200)
    except OSError:
        return False


def _version(url: str) -> str:
    """The version that answers a question now."""
    body = {"messages": [{"role": "user", "content": "How do I rotate keys?"}], "max_tokens": 8}
    request = urllib.request.Request(f"{url}/v1/chat/completions", data=json.dumps(body).encode())
    with urllib.request.urlopen(request, timeout=60) as reply:
        return str(reply.headers["X-Secarch-Model"])


def _texts(evaluation: str) -> dict[str, str]:
    rows = (Path(evaluation) / "responses.jsonl").read_text().splitlines()
    return {row["question_id"]: row["text"] for row in map(json.loads, rows)}


def _scores(evaluation: str) -> dict[tuple[str, str], float | None]:
    """Every score but the likelihoods, which a server does not give."""
    rows = (Path(evaluation) / "scores.jsonl").read_text().splitlines()
    return {
        (row["question_id"], row["metric"]): row["value"]
        for row in map(json.loads, rows)
        if "bits" not in row["metric"]
    }


def test_the_road_after_the_verdict(secarch: Any, tmp_path: Path) -> None:
    documents = _documents(tmp_path)
    assert secarch("dedupe", "--documents", str(documents))[0] == 0
    exports = []
    for name, steps in (("first", "12"), ("second", "4")):
        assert secarch("train", "--name", name, "--max-steps", steps)[0] == 0
        code, made = secarch("export", name)
        assert code == 0, made
        exports.append(made["artifact"])
        assert secarch("models", "register", name, "--name", "architect")[0] == 0

    # No comparison, no promotion.
    code, refused = secarch("models", "promote", "architect/1")
    assert code == 5
    assert "there is no comparison" in refused["error"]["why"]

    evaluations = [
        secarch("eval", "--model", model, "--smoke")[1]["artifact"] for model in ("base", *exports)
    ]
    compared = secarch("compare-baseline", "--from", evaluations[0], evaluations[1])[1]
    code, refused = secarch("models", "promote", "architect/1", "--set", 'models.accept=["WORSE"]')
    if compared["verdict"] != "WORSE":
        assert code == 5
        assert compared["verdict"] in refused["error"]["why"]
    accepted = json.dumps([compared["verdict"]])
    code, moved = secarch("models", "promote", "architect/1", "--set", f"models.accept={accepted}")
    assert code == 0, moved

    with _serving(secarch, "architect") as url:
        assert _version(url) == "architect/1"
        # The served text is the evaluated text, and so is every score.
        served = secarch("eval", "--model", url, "--smoke")[1]["artifact"]
        assert _texts(served) == _texts(evaluations[1])
        assert len(_texts(served)) >= 60
        assert _scores(served) == _scores(evaluations[1])

        prom = tmp_path / "probe.prom"
        code, looked = secarch("probe", url, "--prom", str(prom))
        assert (code, looked["verdict"], looked["equal"]) == (0, "SAME", looked["questions"])
        assert 'verdict="SAME"} 1' in prom.read_text()

        answers: list[str] = []
        stop = threading.Event()

        def ask() -> None:
            while not stop.is_set():
                answers.append(_version(url))

        clients = [threading.Thread(target=ask) for _ in range(4)]
        for client in clients:
            client.start()
        force = ("--force", "--reason", "a rehearsal")
        assert secarch("models", "promote", "architect/2", *force)[0] == 0
        _until(lambda: answers[-1:] == ["architect/2"])
        code, other = secarch("probe", url, "--against", "architect/1")
        assert (code, other["verdict"]) == (5, "OTHER MODEL")
        code, back = secarch("models", "rollback", "architect", "--reason", "rehearsed")
        assert (code, back["ref"]) == (0, "architect/1")
        _until(lambda: answers[-1:] == ["architect/1"])
        stop.set()
        for client in clients:
            client.join()
        assert set(answers) == {"architect/1", "architect/2"}

    assert len(secarch("models", "log", "architect")[1]["events"]) == 5
    pages = secarch("models", "lineage", "architect")[1]
    assert pages["licences"]["CC-BY-4.0"] >= 10
    # A server that is gone gives no verdict.
    code, gone = secarch("probe", url)
    assert code == 4
    assert "no answers" in gone["error"]["what"]
    shutil.rmtree(secarch.workspace, ignore_errors=True)


def _until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)
