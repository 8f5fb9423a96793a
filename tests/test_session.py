"""Stopping: the first signal asks, the second insists."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from secarch.errors import ExitCode, Interrupted
from secarch.session import Session, Stop

PROGRAM = """
import sys, time
from secarch.session import Stop
stop = Stop()
with stop.listening():
    print("ready", flush=True)
    while not (stop.requested and sys.argv[1] == "polite"):
        time.sleep(0.02)
stop.check()
"""


def _program(kind: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, kind],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


@pytest.mark.parametrize(("signum", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_first_signal_is_obeyed_at_the_next_safe_point(signum: int, code: int) -> None:
    """The stage stops itself; the exception carries the exit code."""
    with _program("polite") as process:
        process.send_signal(signum)
        _, err = process.communicate(timeout=20)
    assert "safe point" in err
    assert f"Interrupted({signum})" in err or "interrupted" in err
    assert Interrupted(signum).exit_code == code


def test_second_signal_ends_the_process_at_once() -> None:
    """A stage that never comes to a safe point can still be stopped."""
    with _program("stubborn") as process:
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        process.stderr.readline()
        process.stderr.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == ExitCode.INTERRUPTED


def test_handlers_are_restored() -> None:
    """Nothing of ours stays behind in a program that calls a stage."""
    before = signal.getsignal(signal.SIGINT)
    with Stop().listening():
        assert signal.getsignal(signal.SIGINT) != before
    assert signal.getsignal(signal.SIGINT) == before


def test_check_is_silent_until_a_signal_came() -> None:
    """No signal, no exception."""
    stop = Stop()
    stop.check()
    stop.signum = signal.SIGTERM
    with pytest.raises(Interrupted):
        stop.check()


def test_folders_lie_in_the_workspace(tmp_path: Path) -> None:
    """The layout is a contract."""
    session = Session(workspace=tmp_path)
    names = [
        p.relative_to(tmp_path).as_posix()
        for p in (
            session.harvest,
            session.datasets,
            session.runs,
            session.evals,
            session.comparisons,
        )
    ]
    assert names == ["harvest", "datasets", "runs", "evals", "comparisons"]
