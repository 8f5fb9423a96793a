"""What every test gets: no network for models, no cache but its own, and threads that do not
fight.
"""

from __future__ import annotations

import itertools
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from secarch import console

# Before torch and the hub's client are imported anywhere.
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["OMP_WAIT_POLICY"] = "PASSIVE"
os.environ.setdefault("OMP_NUM_THREADS", "2")
os.environ["TOKENIZERS_PARALLELISM"] = "false"

# No example has a deadline: on a busy machine that would be a test of the machine.
settings.register_profile("no deadline", deadline=None)
settings.load_profile("no deadline")

TINY = {"vocabulary": 1024, "hidden": 64, "layers": 2, "steps": 60, "batch": 8, "context": 128}
"""Settings of a base that is built in seconds; they too go through the demo's own builder."""


LONG = (
    ("tests/journey", "tests/evaluate", "tests/ml", "tests/demo"),
    ("tests/train", "tests/serve", "tests/models", "tests/registry"),
)
"""Folders whose tests take longest, and share what is built once a process, for two workers."""


MODELS = {"tiny_base", "warm", "tour"}
"""Fixtures that train a small model once a process, or import PyTorch."""


PYTORCH = re.compile(
    r"^(?:import|from) (?:torch|transformers|peft|secarch\.models\.local"
    r"|secarch\.train\.loop\.(?:preference|probe|tuner))\b",
    re.MULTILINE,
)
"""A module's import that takes PyTorch with it, which is seconds in every worker."""


@cache
def _imports_pytorch(path: Path) -> bool:
    return path.suffix == ".py" and PYTORCH.search(path.read_text(encoding="utf-8")) is not None


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave modules that import PyTorch unread if slow tests are not asked for: all of theirs are
    slow.
    """
    quick = re.search(r"\bnot slow\b", config.option.markexpr) is not None
    tests = collection_path.name.startswith("test_")
    return True if quick and tests and _imports_pytorch(collection_path) else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what needs a model or PyTorch as slow too, and put the folders with long tests first in
    either half of the list.

    With `--dist worksteal` two workers begin with a half each, and who is done takes from the end
    of the other's: short tests are left for then, so both end together.
    """
    for item in items:
        if MODELS.intersection(getattr(item, "fixturenames", ())) and not _is_slow(item):
            item.add_marker("model")
            item.add_marker("slow")
        if _imports_pytorch(item.path):
            item.add_marker("slow")
    folders = {
        item: next((n for n, names in enumerate(LONG) if _in(item, names)), None) for item in items
    }
    first, second = ([item for item in items if folders[item] == n] for n in range(len(LONG)))
    short = [item for item in items if folders[item] is None]
    room = max(0, len(items) // 2 - len(first))
    items[:] = [*first, *short[:room], *second, *short[room:]]


def _is_slow(item: pytest.Item) -> bool:
    return item.get_closest_marker("slow") is not None


def _in(item: pytest.Item, folders: Sequence[str]) -> bool:
    return (
        item.path.relative_to(item.config.rootpath)
        .as_posix()
        .startswith(tuple(f"{name}/" for name in folders))
    )


@pytest.fixture(scope="session")
def cache_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The session's own XDG_CACHE_HOME, so that no test reads or fills the user's."""
    folder = tmp_path_factory.mktemp("cache")
    before = os.environ.get("XDG_CACHE_HOME")
    os.environ["XDG_CACHE_HOME"] = str(folder)
    yield folder
    if before is None:
        os.environ.pop("XDG_CACHE_HOME")
    else:
        os.environ["XDG_CACHE_HOME"] = before


@pytest.fixture(scope="session")
def tiny_base(cache_home: Path) -> Path:
    """Folder of a tiny Llama with tokenizer and chat template, pre-trained for a few seconds.

    Read only.
    """
    from secarch.demo.base import build
    from secarch.demo.config import DemoConfig

    folder, _ = build(DemoConfig(**TINY), seed=0)
    return folder


@pytest.fixture(autouse=True)
def _isolated(cache_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No secret and no setting of the machine reaches a test."""
    console.configure()
    for name in list(os.environ):
        if name.startswith("SECARCH_") or name in {
            "HF_TOKEN",
            "WANDB_API_KEY",
            "MLFLOW_TRACKING_URI",
        }:
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def fake_weights() -> Callable[[Path, dict[str, list[int]]], None]:
    """Write a safetensors file that promises tensors and holds none: headers are all that is read
    of it.
    """

    def write(path: Path, shapes: dict[str, list[int]]) -> None:
        entries = {
            name: {"dtype": "F16", "shape": shape, "data_offsets": [0, 0]}
            for name, shape in shapes.items()
        }
        header = json.dumps(entries).encode()
        path.write_bytes(len(header).to_bytes(8, "little") + header)

    return write


@dataclass(slots=True)
class Forked:
    """A command as a process of its own, forked from one that has imported PyTorch."""

    pid: int
    link: socket.socket
    returncode: int | None = None

    def poll(self) -> int | None:
        """The exit code if it has ended."""
        try:
            return self.wait(0)
        except subprocess.TimeoutExpired:
            return None

    def wait(self, timeout: float | None = None) -> int:
        """The exit code; negative is a signal's number. Raises TimeoutExpired."""
        if self.returncode is None:
            self.link.settimeout(timeout)
            try:
                self.returncode = int(self.link.recv(64))
            except (TimeoutError, BlockingIOError):
                raise subprocess.TimeoutExpired("secarch", timeout or 0) from None
            self.link.close()
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Send SIGTERM."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Send SIGKILL."""
        self.send_signal(signal.SIGKILL)


class Warm:
    """Runs `secarch` commands as forks of one process (tests/warm.py), started with the first."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "socket"
        self._log = folder / "log"
        self._server: subprocess.Popen[bytes] | None = None

    def popen(
        self, args: Sequence[str], *, cwd: Path, env: dict[str, str], out: int, err: int
    ) -> Forked:
        """Start a command; `out` and `err` are descriptors of open files."""
        link = self._connect()
        request = json.dumps({"args": list(args), "cwd": str(cwd), "env": env}).encode()
        socket.send_fds(link, [request], [out, err])
        return Forked(int(link.makefile("rb", buffering=0).readline()), link)

    def run(
        self, args: Sequence[str], *, cwd: Path, env: dict[str, str], timeout: float = 300
    ) -> subprocess.CompletedProcess[str]:
        """Run a command to its end; its output is kept."""
        with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
            process = self.popen(args, cwd=cwd, env=env, out=out.fileno(), err=err.fileno())
            try:
                code = process.wait(timeout)
            finally:
                process.kill()
            out.seek(0)
            err.seek(0)
            return subprocess.CompletedProcess(args, code, out.read(), err.read())

    def close(self) -> None:
        """End the process that is forked."""
        if self._server is not None:
            self._server.terminate()
            self._server.wait()

    def _connect(self) -> socket.socket:
        if self._server is None:
            program = [sys.executable, str(Path(__file__).with_name("warm.py")), str(self._path)]
            with self._log.open("wb") as log:
                self._server = subprocess.Popen(program, stdout=log, stderr=log)
        end = time.monotonic() + 120
        while True:
            link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                link.connect(str(self._path))
            except OSError:
                link.close()
                assert self._server.poll() is None, self._log.read_text()
                assert time.monotonic() < end, "the process that is forked does not listen"
                time.sleep(0.05)
            else:
                return link


@pytest.fixture(scope="session")
def warm() -> Iterator[Warm]:
    """Commands as processes that need not import PyTorch again."""
    with tempfile.TemporaryDirectory(prefix="warm-") as folder:
        started = Warm(Path(folder))
        yield started
        started.close()


@pytest.fixture
def browse(tmp_path: Path) -> Callable[[Path, str], dict[str, Any]]:
    """Open a page as a file, 390 pixels wide, in headless Chromium; run steps in it and return
    their `found`.
    """
    chromium = next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )
    if chromium is None:
        pytest.skip("no Chromium is installed")

    def run(page: Path, steps: str) -> dict[str, Any]:
        probe = tmp_path / "probe.html"
        probe.write_text(
            "<!doctype html><pre id=out></pre><iframe id=f "
            'style="border:0;width:390px;height:900px"></iframe><script>'
            "f.onload = async () => { const w = f.contentWindow, d = w.document, found = {}; try {"
            f"{steps}"
            "} catch (error) { found.error = String(error) } out.textContent = "
            "JSON.stringify(found) };"
            "f.src = 'opened.html';</script>"
        )
        shutil.copy(page, tmp_path / "opened.html")
        command = [
            chromium,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--dump-dom",
            "--allow-file-access-from-files",
            "--virtual-time-budget=5000",
            f"--user-data-dir={tmp_path / 'profile'}",
            f"file://{probe}",
        ]
        dom = subprocess.run(command, capture_output=True, text=True, timeout=90, check=True).stdout
        match = re.search(r'<pre id="out">(.*?)</pre>', dom, re.DOTALL)
        assert match, dom[:500]
        found: dict[str, Any] = json.loads(unescape(match[1]))
        assert "error" not in found, found["error"]
        return found

    return run


def pytest_make_parametrize_id(val: object) -> str | None:
    """Name bytes by their number: what is in them may hold a clock (gzip does), and the workers of
    one run must collect the same tests.
    """
    return f"{len(val)} bytes" if isinstance(val, bytes) else None


LOOKS = (Path(__file__).parent / "looks.js").read_text(encoding="utf-8")
WIDTHS, SCHEMES = (1280, 390), ("light", "dark")
LEAST_CONTRAST = 4.5
"""WCAG 2.2, success criterion 1.4.3, held for large text too."""


@pytest.fixture(scope="session")
def looks() -> Callable[[Sequence[Path]], list[str]]:
    """What is wrong with how pages look in headless Chromium, wide and narrow, light and dark."""
    return _problems


def _seen(pages: Sequence[Path]) -> Iterator[tuple[Path, int, str, dict[str, Any], list[str]]]:
    """Every page at every width in every scheme: what tests/looks.js found, the console's errors,
    and requests to anywhere but the page itself. Skips without Playwright or Chromium.
    """
    sync_api = pytest.importorskip("playwright.sync_api")
    from secarch.errors import PrerequisiteError
    from secarch.harvest.fetch.render import find_browser

    try:
        browser_path = find_browser()
    except PrerequisiteError as error:
        pytest.skip(str(error))
    with sync_api.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=browser_path, args=["--no-sandbox"])
        for scheme, width in itertools.product(SCHEMES, WIDTHS):
            size = {"width": width, "height": 900}
            context = browser.new_context(viewport=size, color_scheme=scheme)
            for path in pages:
                page = context.new_page()
                errors = _listened(page, path.as_uri())
                page.goto(path.as_uri())
                yield path, width, scheme, page.evaluate(LOOKS), errors
                page.close()
            context.close()
        browser.close()


def _listened(page: Any, own: str) -> list[str]:
    """Filled with the page's errors and the addresses that it asks for beside its `own`."""
    errors: list[str] = []
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    allowed = {own, "data:,"}
    page.on(
        "request",
        lambda asked: errors.append(asked.url) if asked.url not in allowed else None,
    )
    return errors


def _problems(pages: Sequence[Path]) -> list[str]:
    """What is wrong: sideways overflow, weak contrast, cut tables, dead anchors, console errors,
    links to files that are not there.
    """
    found = []
    for path, width, scheme, facts, errors in _seen(pages):
        where = f"{path.parent.parent.name}/{path.parent.name}/{path.name} {width} {scheme}"
        if facts["width"] > facts["inner"]:
            found.append(f"{where}: {facts['width']} pixels wide")
        found += [
            f"{where}: contrast {row['ratio']:.2f} of {name} {row['text']!r}"
            for name, row in facts["worst"].items()
            if row["ratio"] < LEAST_CONTRAST
        ]
        found += [f"{where}: {facts['cut']} tables are cut"] if facts["cut"] else []
        found += [f"{where}: no element {name}" for name in facts["dead"]]
        found += [f"{where}: {error}" for error in errors]
        found += [f"{where}: no file {link}" for link in _missing(path, facts["links"])]
    return found


def _missing(page: Path, links: Sequence[str]) -> Iterator[str]:
    from urllib.parse import unquote, urlsplit

    for link in links:
        parts = urlsplit(link)
        if not parts.scheme and parts.path and not (page.parent / unquote(parts.path)).is_file():
            yield link
