"""SIGKILL in mid-crawl: after --resume every page is there once, and only what was in flight was
asked again.
"""

from __future__ import annotations

import json
import os
import random
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from secarch.dedupe.build.documents import locate
from secarch.errors import MissingInput
from secarch.harvest.frontier.status import status
from secarch.session import Session
from tests.harvest.conftest import Reply, Site, paths_of, rows_of

PAGES = 60
IN_FLIGHT = 4


def start(
    site: Site, workspace: Path, *flags: str, file_bytes: int | None = None
) -> subprocess.Popen[bytes]:
    """The crawl as users run it, in a process group of its own; no file may grow beyond
    `file_bytes`.
    """
    settings = {
        "harvest.allow_networks": "[127.0.0.0/8]",
        "harvest.delay_s": "0",
        "harvest.workers": "1",
        "harvest.concurrency_per_host": str(IN_FLIGHT),
        "harvest.concurrency": str(IN_FLIGHT),
    }
    sets = [part for name, value in settings.items() for part in ("--set", f"{name}={value}")]
    command = [
        sys.executable,
        "-m",
        "secarch",
        "harvest",
        site.base + "/",
        "--workspace",
        str(workspace),
        "--json",
        *sets,
        *flags,
    ]
    command = ["prlimit", f"--fsize={file_bytes}", *command] if file_bytes else command
    return subprocess.Popen(
        command, start_new_session=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def chain(site: Site, pause: float = 0.02) -> None:
    """Pages that link to the two after them, so that there is work for a while and it cannot be
    guessed.
    """
    for n in range(PAGES):
        site.page(
            "/" if n == 0 else f"/{n}",
            *(f"/{k}" for k in (n + 1, n + 2, n + 7) if k < PAGES),
            pause=pause,
        )


def wait_for(site: Site, requests: int, process: subprocess.Popen[bytes]) -> None:
    while len(site.asked()) < requests:
        assert process.poll() is None, process.communicate()
        time.sleep(0.005)


@pytest.mark.slow
def test_killed_crawls_lose_and_double_nothing(site: Site, tmp_path: Path) -> None:
    """Three SIGKILLs to the whole group at random moments, each followed by --resume."""
    chain(site)
    choose = random.Random(11)
    kills = sorted(choose.sample(range(3, PAGES - 8), 3))
    for at in kills:
        process = start(site, tmp_path, "--resume")
        wait_for(site, at, process)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    done, errors = start(site, tmp_path, "--resume").communicate(timeout=60)
    found = json.loads(done or errors)
    paths = paths_of(rows_of(found["artifact"]))
    assert sorted(paths) == sorted(["", *(str(n) for n in range(1, PAGES))])
    again = len(site.asked()) - PAGES
    assert again <= len(kills) * IN_FLIGHT
    assert len(site.asked("/robots.txt")) == 1


@pytest.mark.slow
@pytest.mark.parametrize(("signum", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_the_command_with_its_code_and_the_state_saved(
    site: Site, tmp_path: Path, signum: signal.Signals, code: int
) -> None:
    """The whole group is signalled, as a terminal or a scheduler does; status works while it runs
    and after it.
    """
    chain(site)
    process = start(site, tmp_path)
    wait_for(site, 12, process)
    while status(Session(workspace=tmp_path)).counts["kept"] == 0:
        time.sleep(0.01)
    os.killpg(process.pid, signum)
    out, err = process.communicate(timeout=30)
    assert process.returncode == code, err
    assert json.loads(out)["status"] == "interrupted"
    assert b"--resume" in err
    state = status(Session(workspace=tmp_path))
    assert state.result["phase"] == "open"
    assert 0 < state.counts["kept"] < PAGES
    refused = start(site, tmp_path)
    refused.communicate(timeout=30)
    assert refused.returncode == 2


def test_dedupe_says_how_an_interrupted_crawl_goes_on(site: Site, tmp_path: Path) -> None:
    """Its advice holds the seeds, which `--resume` alone does not know, and the crawl ends by it;
    an empty workspace gets the plain advice.
    """
    harvest = Session(workspace=tmp_path).harvest
    with pytest.raises(MissingInput) as caught:
        locate((), harvest)
    assert caught.value.fix == "secarch harvest"
    chain(site)
    process = start(site, tmp_path)
    wait_for(site, 12, process)
    os.killpg(process.pid, signal.SIGINT)
    process.communicate(timeout=30)
    with pytest.raises(MissingInput) as caught:
        locate((), harvest)
    command = caught.value.fix.split("   (")[0]
    assert command == f"secarch harvest {site.base}/ --resume"
    _, err = start(site, tmp_path, *shlex.split(command)[3:]).communicate(timeout=60)
    assert locate((), harvest).files, err


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("prlimit") is None, reason="prlimit is not installed")
def test_a_disk_that_fills_up_is_named_and_the_crawl_can_go_on(site: Site, tmp_path: Path) -> None:
    """Exit 3 in mid-crawl, the state sound; with room again --resume ends the crawl, nothing
    lost.
    """
    chain(site, pause=0)
    for answer in site.answers.values():
        assert isinstance(answer, Reply)
        answer.body = str(answer.body).replace("Words", os.urandom(5_000).hex())
    process = start(site, tmp_path, file_bytes=900_000)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 3, err
    assert json.loads(out)["error"]["what"] == "cannot write the frontier"
    assert len(site.asked()) < PAGES
    done, err = start(site, tmp_path, "--resume").communicate(timeout=60)
    assert len(rows_of(json.loads(done)["artifact"])) == PAGES, err
