"""Two registered versions of the tiny base, and servers of them as processes."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from secarch.artifact import seal
from secarch.files import write_json
from secarch.models.local import Model
from secarch.models.prompt import question_messages
from secarch.registry.config import ModelsConfig
from secarch.registry.promote import Promotion, promote
from secarch.registry.register import Request, register
from secarch.session import Session

QUESTIONS = [
    "How do I rotate keys?",
    "Why?",
    "Name the controls for a public bucket.",
    "What is IMDSv2?",
    "When is MFA needed?",
    "How do I log access?",
    "What is least privilege?",
    "Who may read a secret?",
]


def export(base: Path, session: Session, name: str, *, noise: float) -> Path:
    """The base as a sealed export with golden answers; `noise` makes it another model."""
    folder = session.exports / name
    shutil.copytree(base, folder)
    if noise:
        path = folder / "model.safetensors"
        torch.manual_seed(7)
        tensors = {k: v + noise * torch.randn_like(v) for k, v in load_file(path).items()}
        path.unlink()
        save_file(tensors, path, metadata={"format": "pt"})
    model = Model.load(folder, quantization="none")
    prompts = [model.chat.prompt_ids(question_messages(q)) for q in QUESTIONS]
    answers = [
        {"question_id": q, "prompt_ids": p, "ids": a.ids, "finish": a.finish}
        for q, p, a in zip(QUESTIONS, prompts, model.generate(prompts, 24), strict=True)
    ]
    write_json(folder / "golden.json", {"schema": 1, "max_new_tokens": 24, "answers": answers})
    write_json(folder / "export.json", {"kl": {"mean": 1e-8}})
    files = [p.name for p in folder.iterdir() if p.suffix in {".safetensors", ".json", ".jinja"}]
    seal(
        folder,
        kind="export",
        parents=[],
        config={"base": {"name": "tiny"}, "name": name},
        counts={},
        files=sorted(set(files) - {"export.json"}),
        outside=["export.json"],
    )
    return folder


@pytest.fixture(scope="session")
def registered(tiny_base: Path, tmp_path_factory: pytest.TempPathFactory) -> Session:
    """architect/1, live as champion, and architect/2, which answers otherwise."""
    session = Session(workspace=tmp_path_factory.mktemp("serve") / "ws")
    for name, noise in (("one", 0.0), ("two", 0.05)):
        export(tiny_base, session, name, noise=noise)
        register(session, Request(export=name, name="architect", tags={}))
    move(session, 1)
    return session


def move(session: Session, number: int) -> None:
    """Make a version champion."""
    wanted = Promotion(ref=f"architect/{number}", force=True, reason="test")
    promote(ModelsConfig(), session, wanted)


@pytest.fixture
def session(registered: Session, tmp_path: Path) -> Session:
    """A copy of the registered workspace, to be changed at will."""
    shutil.copytree(registered.workspace, tmp_path / "ws")
    return Session(workspace=tmp_path / "ws")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Running:
    """A server process."""

    url: str
    metrics_url: str
    process: Any
    """A Popen, or a fork with its methods."""
    log: Path

    def post(self, body: Any, **headers: str) -> tuple[int, dict[str, Any], dict[str, str]]:
        """(status, JSON, headers) of a chat request."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return call(f"{self.url}/v1/chat/completions", data, headers)

    def ask(self, question: str, **more: Any) -> dict[str, Any]:
        """The answer to a question under the trained system prompt."""
        status, answer, _ = self.post({"messages": question_messages(question), **more})
        assert status == 200, answer
        return answer

    def metric(self, name: str) -> float:
        """Sum of a metric's samples."""
        with urllib.request.urlopen(f"{self.metrics_url}/metrics", timeout=10) as reply:
            lines = reply.read().decode().splitlines()
        return sum(
            float(line.rsplit(" ", 1)[1]) for line in lines if line.split("{")[0].split()[0] == name
        )

    def status(self, path: str) -> int:
        """Status of a GET; 0 if nobody listens."""
        try:
            return call(f"{self.url}{path}")[0]
        except OSError:
            return 0


def call(
    url: str, data: bytes | None = None, headers: dict[str, str] | None = None
) -> tuple[int, dict[str, Any], dict[str, str]]:
    request = urllib.request.Request(url, data=data, headers=headers or {})
    try:
        with urllib.request.urlopen(request, timeout=60) as reply:
            status, text, found = reply.status, reply.read(), reply.headers
    except urllib.error.HTTPError as error:
        status, text, found = error.code, error.read(), error.headers
    try:
        return status, json.loads(text), dict(found)
    except ValueError:
        return status, {"text": text.decode()}, dict(found)


Start = Callable[..., contextlib.AbstractContextManager[Running]]


@contextlib.contextmanager
def running(
    workspace: Path, *words: str, ready: bool = True, warm: Any = None, **env: str
) -> Iterator[Running]:
    """`secarch serve` as a process, ready; ended with SIGKILL if it is still there.

    With `warm` it is a fork that has imported PyTorch; without, it starts as a user starts it.
    """
    port, metrics = free_port(), free_port()
    log = workspace / f"serve-{port}.log"
    args = [
        "serve",
        *(words or ("architect",)),
        "--workspace",
        str(workspace),
        "--port",
        str(port),
        "--set",
        f"serve.metrics_port={metrics}",
        "--set",
        "serve.watch_s=0.05",
    ]
    around = {**os.environ, "OMP_NUM_THREADS": "1", **env}
    with log.open("wb") as out:
        process = (
            warm.popen(args, cwd=Path.cwd(), env=around, out=out.fileno(), err=out.fileno())
            if warm
            else subprocess.Popen(
                [sys.executable, "-m", "secarch", *args], stdout=out, stderr=out, env=around
            )
        )
    found = Running(f"http://127.0.0.1:{port}", f"http://127.0.0.1:{metrics}", process, log)
    try:
        end = time.monotonic() + 120
        while ready and found.status("/readyz") != 200:
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.1)
        yield found
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


@pytest.fixture(scope="session")
def start(warm: Any) -> Start:
    return functools.partial(running, warm=warm)


@pytest.fixture(scope="session")
def server(registered: Session) -> Iterator[Running]:
    """One server that tests share and leave as it is."""
    with running(registered.workspace) as found:
        yield found


@pytest.fixture
def promoted() -> Callable[[Session, int], None]:
    return move


@pytest.fixture(scope="session")
def fetch() -> Any:
    return call
