"""The log: bound line by line, whole after any crash, and folded into what is live."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from secarch.errors import Busy, DiskError, InvalidInput, TamperedArtifact
from secarch.registry import log as module
from secarch.registry.log import FIRST, Log, State, fold


def _add(log: Log, event: str = "promote", version: int = 1, **facts: object) -> None:
    log.append(lambda _state: {"event": event, "version": version, **facts})


def _live(log: Log, *versions: int) -> None:
    for number in versions:
        before = log.state().aliases.get("champion")
        _add(log, version=number, alias="champion", **{"from": before, "to": number})


@pytest.fixture
def log(tmp_path: Path) -> Log:
    made = Log(tmp_path / "architect")
    _add(made, "register", 1)
    _add(made, "register", 2, tags={"team": "blue"})
    return made


def test_each_line_holds_the_hash_of_the_line_before(log: Log) -> None:
    rows = [json.loads(line) for line in log.path.read_bytes().splitlines()]
    assert rows[0]["prev"] == FIRST
    assert rows[1]["prev"] == module._sha256(log.path.read_bytes().splitlines()[0])
    assert [row["n"] for row in rows] == [1, 2]


def test_the_state_is_the_fold_of_the_events(log: Log) -> None:
    _live(log, 1, 2)
    _add(log, "tag", 1, tags={"team": "red", "region": "eu"})
    state = log.state()
    assert state.versions == (1, 2)
    assert state.aliases == {"champion": 2}
    assert state.lived == {"champion": (1, 2)}
    assert state.tags == {1: {"team": "red", "region": "eu"}, 2: {"team": "blue"}}
    assert state.last == 5
    assert fold([]) == State()


def test_a_rollback_takes_what_was_rolled_back_from_out_of_the_way_back(log: Log) -> None:
    _add(log, "register", 3)
    _live(log, 1, 2, 3)
    _add(log, "rollback", 2, alias="champion", **{"from": 3, "to": 2})
    assert log.state().back["champion"] == (1, 2)
    _add(log, "rollback", 3, alias="champion", **{"from": 2, "to": 3})
    assert log.state().back["champion"] == (1, 3)
    assert log.state().lived["champion"] == (1, 2, 3, 2, 3)


@pytest.mark.parametrize("n", [0, 1])
def test_an_edited_line_is_named(log: Log, n: int) -> None:
    _live(log, 1)
    lines = log.path.read_text().splitlines()
    lines[n] = lines[n].replace('"version":', '"version": ')
    log.path.write_text("\n".join(lines) + "\n")
    with pytest.raises(TamperedArtifact) as error:
        log.events()
    assert error.value.where == f"{log.path}:{n + 2}"


def test_removed_lines_are_seen_wherever_they_stood(log: Log) -> None:
    _live(log, 1, 2)
    whole = log.path.read_text().splitlines()
    for kept in (whole[1:], whole[:1] + whole[2:], whole[:-1], []):
        log.path.write_text("".join(f"{line}\n" for line in kept))
        with pytest.raises(TamperedArtifact):
            log.events()


def test_the_last_line_cannot_be_edited_either(log: Log) -> None:
    _live(log, 1)
    text = log.path.read_text()
    log.path.write_text(text.replace('"to":1', '"to":2'))
    with pytest.raises(TamperedArtifact):
        log.events()


def test_a_torn_line_is_ignored_by_readers_and_set_aside_by_the_next_writer(log: Log) -> None:
    before = log.state()
    with log.path.open("ab") as handle:
        handle.write(b'{"n":3,"event":"prom')
    assert log.state() == before
    _live(log, 2)
    assert log.state().aliases == {"champion": 2}
    assert (log.folder / "log.jsonl.torn-3").read_bytes() == b'{"n":3,"event":"prom'
    assert len(log.events()) == 3


def test_a_log_ahead_of_its_head_is_whole(log: Log) -> None:
    head = (log.folder / "head.json").read_bytes()
    _live(log, 1)
    (log.folder / "head.json").write_bytes(head)  # killed between the line and the head
    assert log.state().aliases == {"champion": 1}
    _live(log, 2)
    assert json.loads((log.folder / "head.json").read_text())["n"] == 4


def test_an_event_of_a_newer_program_says_to_upgrade(log: Log) -> None:
    last = log.path.read_bytes().splitlines()[-1]
    row = {"n": 3, "at": "2026-01-01T00:00:00Z", "by": "x", "event": "split", "version": 1}
    row["prev"] = module._sha256(last)
    with log.path.open("a") as handle:
        handle.write(json.dumps(row) + "\n")
    with pytest.raises(InvalidInput, match="does not know") as error:
        log.events()
    assert error.value.fix == "pip install -U secarch"


def test_what_was_live_at_a_moment(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    day = datetime(2026, 3, 1, tzinfo=UTC)
    for number, moment in ((1, day), (2, day + timedelta(days=2)), (1, day + timedelta(days=1))):
        monkeypatch.setattr(module, "now", moment.isoformat)
        _live(log, number)
    monkeypatch.undo()
    assert log.at(day - timedelta(days=400)).aliases == {}
    assert log.at(day).aliases == {"champion": 1}
    # The clock was set back before the last event: the log's own order counts.
    assert log.at(day + timedelta(days=2)).aliases == {"champion": 1}
    assert [event.n for event in log.events()] == [1, 2, 3, 4, 5]


def test_a_refusal_writes_nothing(log: Log) -> None:
    before = log.path.read_bytes()

    def refuse(_state: State) -> None:
        raise Busy("no")

    with pytest.raises(Busy):
        log.append(refuse)
    assert log.append(lambda _state: None) is None
    assert log.path.read_bytes() == before


def test_a_full_disk_leaves_the_log_as_it_was(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    before = log.path.read_bytes()
    written = os.write

    def short(descriptor: int, data: bytes) -> int:
        if len(data) > 20:
            return written(descriptor, data[:20])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module.os, "write", short)
    with pytest.raises((DiskError, OSError)):
        _live(log, 1)
    monkeypatch.undo()
    assert log.path.read_bytes() == before
    assert log.state().aliases == {}


def _writers(folder: str, n: int) -> None:
    log = Log(Path(folder))
    for _ in range(n):
        _add(log, "tag", 1, tags={"pid": str(os.getpid())})


def test_many_writers_make_one_chain(log: Log) -> None:
    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=_writers, args=(str(log.folder), 8)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [event.n for event in log.events()] == list(range(1, 35))


_PROMOTER = """
import sys, itertools
from pathlib import Path
from secarch.registry.log import Log
log = Log(Path(sys.argv[1]))
print("ready", flush=True)
for n in itertools.count():
    seen = log.state().aliases.get("champion")
    to = 1 + n % 2
    log.append(lambda s: {"event": "promote", "version": to, "alias": "champion",
                          "from": seen, "to": to})
"""


@pytest.mark.slow
def test_a_kill_at_any_moment_leaves_a_whole_chain(log: Log) -> None:
    """SIGKILL in the middle of a stream of promotions, 20 times."""
    for n in range(20):
        worker = subprocess.Popen(
            [sys.executable, "-c", _PROMOTER, str(log.folder)], stdout=subprocess.PIPE
        )
        assert worker.stdout is not None
        worker.stdout.readline()
        time.sleep(0.003 * n)
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        worker.stdout.close()
        state = log.state()
        assert state.aliases.get("champion") in {None, 1, 2}
        _add(log, "tag", 1, tags={"round": str(n)})
    assert log.state().tags[1]["round"] == "19"


def test_a_writer_that_never_ends_is_not_waited_for_for_ever(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PATIENCE_S", 0.1)
    with log._locked(), pytest.raises(Busy, match="another process"):
        _live(log, 1)
