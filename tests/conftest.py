"""What every test gets: no network for models, no cache but its own, and threads that do not
fight.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from secarch import console

# Before torch and the hub's client are imported anywhere.
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["OMP_WAIT_POLICY"] = "PASSIVE"
os.environ.setdefault("OMP_NUM_THREADS", "2")
os.environ["TOKENIZERS_PARALLELISM"] = "false"

TINY = {"vocabulary": 1024, "hidden": 64, "layers": 2, "steps": 60, "batch": 8, "context": 128}
"""Settings of a base that is built in seconds; they too go through the demo's own builder."""


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
