"""What every test gets: no network for models, no cache but its own, and threads that do not
fight.
"""

from __future__ import annotations

import itertools
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
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
