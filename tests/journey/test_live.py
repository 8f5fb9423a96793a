"""The road after the verdict: register, a refused promotion, promote, serve, probe, roll back.

The tour's own export and evaluations are used, and every step is the command that a user types.
"""

from __future__ import annotations

import importlib.util
import json
import re
import socket
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from secarch.suite.schema import load

if TYPE_CHECKING:
    from tests.journey.conftest import Shell, Tour

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
SMALL = """
    train.eval_steps=4 train.save_steps=4 train.max_length=256 train.max_eval_rows=8
    eval.max_new_tokens=8 eval.smoke=true compare.draws=500 serve.metrics_port=0
    serve.watch_s=0.05
""".split()
SETS = [item for setting in SMALL for item in ("--set", setting)]


class _Secarch:
    """The command line in a copy of the tour's workspace."""

    def __init__(self, shell: Shell) -> None:
        base = next(shell.cache.glob("secarch/bases/*/base.json")).parent
        self.shell, self.base = shell, str(base)
        self.common = [
            "--config",
            str(ROOT / "configs" / "demo.yaml"),
            "--workspace",
            str(shell.workspace),
            "--set",
            f"train.base={base}",
            *SETS,
        ]

    def __call__(self, *words: str) -> tuple[int, dict[str, Any]]:
        done = self.shell.run(*words, *self.common, "--json")
        assert done.stdout, done.stderr
        document: dict[str, Any] = json.loads(done.stdout)
        return done.returncode, document


def _port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _serving(secarch: _Secarch, *words: str) -> Iterator[str]:
    port = _port()
    process = secarch.shell.popen(["serve", *words, *secarch.common, "--port", str(port)])
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


def _scores(evaluation: str, names: set[str]) -> dict[tuple[str, str], float | None]:
    rows = (Path(evaluation) / "scores.jsonl").read_text().splitlines()
    return {
        (row["question_id"], row["metric"]): row["value"]
        for row in map(json.loads, rows)
        if row["metric"] in names
    }


def _of_text(evaluation: str) -> set[str]:
    """Metrics that are made from an answer's text: a server gives no likelihoods."""
    rows = (Path(evaluation) / "scores.jsonl").read_text().splitlines()
    return {row["metric"] for row in map(json.loads, rows) if row["value"] is not None}


def test_the_road_after_the_verdict(tour: Tour, tmp_path: Path) -> None:
    secarch = _Secarch(tour.copy(tmp_path))
    (record,) = secarch.shell.workspace.glob("comparisons/*/comparison.json")
    verdict = json.loads(record.read_text())["verdict"]
    accepted = f'models.accept=["{verdict}"]'
    spoilt = ("--max-steps", "6", "--set", "train.learning_rate=0.05")
    assert secarch("train", "--name", "second", *spoilt)[0] == 0
    exports = {}
    for name in ("demo", "second"):
        code, made = secarch("export", name)
        assert code == 0, made
        exports[name] = made["artifact"]
        assert secarch("models", "register", name, "--name", "architect")[0] == 0
        assert secarch("eval", "--model", exports[name])[0] == 0

    # An adapter gets a number with its own distance from what was trained, or none.
    base = secarch.base
    code, adapter = secarch(
        "models", "register", "demo", "--adapter", "--base-served", base, "--name", "bare"
    )
    assert (code, adapter["ref"]) == (0, "bare/1")
    shown = secarch("models", "show", "bare/1")[1]
    assert shown["kind"] == "adapter"
    assert 0 < shown["kl"] <= 0.01
    strict = ("--set", "models.max_kl=1e-12", "--name", "strict")
    code, refused = secarch(
        "models", "register", "demo", "--adapter", "--base-served", base, *strict
    )
    assert code == 5
    assert "another model" in refused["error"]["what"]

    # Nothing speaks for the second one; what the tour said speaks for the first.
    code, refused = secarch("models", "promote", "architect/2")
    assert code == 5
    assert "there is no comparison of architect/2" in refused["error"]["why"]
    # The command that the refusal recommends: the export against its base, both as they are.
    advised = r"compare-baseline --tuned \S*/exports/second .*--workspace \S*, or promote"
    assert re.search(advised, refused["error"]["fix"])
    code, worse = secarch("compare-baseline", "--tuned", exports["second"])
    assert (code, worse["verdict"]) == (5, "WORSE")
    code, refused = secarch("models", "promote", "architect/2")
    assert code == 5
    assert "WORSE, and BETTER is accepted" in refused["error"]["why"]
    _labels_count(secarch, accepted, tmp_path)
    code, moved = secarch("models", "promote", "architect/1", "--set", accepted)
    assert code == 0, moved
    own = secarch("eval", "--model", exports["demo"])[1]
    assert own["status"] == "nothing_to_do"

    with _serving(secarch, "architect") as url:
        assert _version(url) == "architect/1"
        # The served text is the evaluated text, and so is every score that is made from it.
        served = secarch("eval", "--model", url)[1]["artifact"]
        manifest = json.loads((Path(served) / "manifest.json").read_text())
        assert manifest["parents"] == [secarch("models", "show", "architect")[1]["digest"]]
        assert _texts(served) == _texts(own["artifact"])
        assert len(_texts(served)) >= 60
        names = _of_text(served)
        assert len(names) >= 5
        assert _scores(served, names) == _scores(own["artifact"], names)

        prom = tmp_path / "probe.prom"
        code, looked = secarch("probe", url, "--prom", str(prom))
        assert (code, looked["verdict"], looked["equal"]) == (0, "SAME", looked["questions"])
        assert 'verdict="SAME"} 1' in prom.read_text()
        _moves_under_load(secarch, url)

    _an_engine_behind_a_url_answers_alike(secarch, own["artifact"], names)
    assert len(secarch("models", "log", "architect")[1]["events"]) == 5
    pages = secarch("models", "lineage", "architect")[1]
    assert pages["licences"]["CC-BY-4.0"] >= 10
    # A server that is gone gives no verdict.
    code, gone = secarch("probe", url, "--prom", str(prom))
    assert code == 4
    assert "no answers" in gone["error"]["what"]
    assert 'verdict="NO ANSWERS"} 1' in prom.read_text()


def _an_engine_behind_a_url_answers_alike(secarch: _Secarch, own: str, names: set[str]) -> None:
    """The same answers and scores by an engine that gets token ids, in another process' place."""
    path = Path(__file__).parents[1] / "serve" / "completions_server.py"
    spec = importlib.util.spec_from_file_location("completions_server", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    version = secarch("models", "show", "architect")[1]
    folder = secarch.shell.workspace / "exports" / "demo"
    with (
        module.CompletionsServer(folder, version["digest"][:12]) as engine,
        _serving(secarch, "architect", "--engine", engine.url) as url,
    ):
        served = secarch("eval", "--model", url, "--set", "eval.repeat=1")[1]["artifact"]
        assert len(engine.bodies) >= 60
    assert served != own
    assert _texts(served) == _texts(own)
    assert _scores(served, names) == _scores(own, names)


def _labels_count(secarch: _Secarch, accepted: str, folder: Path) -> None:
    """People who were asked for and said nothing, or disagree with the matcher, are reasons."""
    points = [
        (question.id, question.key_points[0].id)
        for question in load(["core"], smoke=True).questions
        if question.key_points
    ][:4]
    asked = ("--set", accepted, "--set", "models.min_labels=4")
    code, refused = secarch("models", "promote", "architect/1", *asked)
    assert code == 5
    assert "people labelled 0 key points, 4 are needed" in refused["error"]["why"]
    labels = folder / "labels.csv"
    rows = "".join(f"{question},{point},{n % 2}\n" for n, (question, point) in enumerate(points))
    labels.write_text(f"question_id,point_id,met\n{rows}")
    code, refused = secarch("models", "promote", "architect/1", *asked, "--labels", str(labels))
    assert code == 5
    assert "people and matcher agree with kappa" in refused["error"]["why"]


def _moves_under_load(secarch: _Secarch, url: str) -> None:
    """A forced promotion and a rollback while four clients ask; every answer has its version."""
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


def _until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)
