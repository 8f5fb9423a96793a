"""The crawler against the shared corpus, judged by the ledger of the server that serves it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from secarch.harvest.stage import run as harvest
from secarch.records import Outcome
from secarch.session import Session
from tests.harvest.conftest import config_for, paths_of, rows_of

SHARED = Path(__file__).parents[3] / "shared"
TOOL = SHARED / "tools" / "docsite.py"
HOSTS = "falco.org,csrc.nist.gov"

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.slow,
    pytest.mark.skipif(not TOOL.is_file(), reason="the shared corpus is not beside this checkout"),
]

Serve = Callable[..., dict[str, Any]]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    running: list[subprocess.Popen[str]] = []

    def run(*flags: str) -> dict[str, Any]:
        command = [
            sys.executable,
            str(TOOL),
            "serve",
            str(SHARED / "corpus" / "public"),
            "--port",
            "0",
            "--hosts",
            HOSTS,
            "--limit",
            "40",
            "--ledger",
            str(tmp_path / "ledger"),
            *flags,
        ]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        running.append(process)
        assert process.stdout is not None
        ready: dict[str, Any] = json.loads(process.stdout.readline())
        return ready

    yield run
    for process in running:
        process.terminate()
        process.communicate()


def check(ledger: Path, *flags: str) -> dict[str, Any]:
    import time

    time.sleep(0.4)  # the server writes its ledger four times a second
    result = subprocess.run(
        [sys.executable, str(TOOL), "check", str(ledger), *flags],
        capture_output=True,
        text=True,
        check=False,
    )
    facts: dict[str, Any] = json.loads(result.stdout)
    return facts


def crawl(site: dict[str, Any], workspace: Path, **settings: Any) -> Outcome:
    return harvest(
        config_for(*site["seeds"], workers=2, **settings),
        Session(workspace=workspace),
        refresh=False,
    )


def test_a_clean_site_is_fetched_whole_and_once(serve: Serve, tmp_path: Path) -> None:
    """Every expected document delivered and in the artifact, none asked for twice, no rule
    broken.
    """
    site = serve()
    outcome = crawl(site, tmp_path, delay_s=0.005)
    facts = check(tmp_path / "ledger", "--max-rate", "200", "--max-concurrency", "1")
    assert facts["ok"], facts["examples"]
    assert (facts["coverage"], facts["urls_fetched_again"]) == (1.0, 0)
    documents = [
        path
        for path in paths_of(rows_of(outcome.artifact or ""))
        if path and not path.startswith("toc/")
    ]
    assert len(documents) == facts["expected"]


def test_a_hostile_site_breaks_no_rule_and_hides_nothing(serve: Serve, tmp_path: Path) -> None:
    """Faults and traps: all that can be had is had, robots, Retry-After and the canary are
    respected, bombs are cut.
    """
    site = serve("--faults", "seed=3,rate=0.25,hold=2")
    crawl(site, tmp_path, timeout_s=4, max_variants=30, max_page_bytes=2_000_000)
    facts = check(tmp_path / "ledger")
    assert facts["ok"], facts["examples"]
    assert facts["coverage"] >= 1.0
    assert max(facts["trap_bytes"].values()) < 30_000_000
    assert facts["session_urls"] == facts["tracking_urls"] == 0
