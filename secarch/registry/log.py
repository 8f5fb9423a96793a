"""The log of one model: what happened to its versions, in order, each line bound to the one before.

The log is the registry. Its state is the fold of its events, so that a reader needs no lock and
"what was live in March" has an answer. A line is written by one `write(2)` and synced; a line that
a crash cut short has no line feed, is ignored by readers and set aside by the next writer.
"""

from __future__ import annotations

import contextlib
import fcntl
import getpass
import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import ConfigDict, Field, ValidationError

from secarch import console
from secarch.artifact import now
from secarch.errors import Busy, InvalidInput, TamperedArtifact
from secarch.files import disk_errors, sync, write_json
from secarch.schema import Config, JsonDict, canonical_json

FIRST = "0" * 64
"""The `prev` of the first line."""
LOG, HEAD, LOCK = "log.jsonl", "head.json", ".lock"
PATIENCE_S = 10.0
"""Seconds that a writer waits for another one."""

Kind = Literal["register", "promote", "rollback", "tag", "evidence", "retire"]


class Event(Config):
    """One line of the log; `from` is what the alias pointed to before."""

    model_config = ConfigDict(populate_by_name=True)

    n: int = Field(ge=1)
    """Order of the log, from 1. The clock has no part in it."""
    at: str
    """ISO 8601, UTC, as the writer's clock had it."""
    by: str
    event: Kind
    version: int = Field(ge=1)
    alias: str = ""
    from_: int | None = Field(None, alias="from")
    to: int | None = None
    reason: str = ""
    forced: tuple[str, ...] = ()
    """Reasons of the gate that --force overrode."""
    verdict: str = ""
    evidence: tuple[str, ...] = ()
    """Digests of what the event rests on."""
    tags: dict[str, str] = Field(default_factory=dict)
    prev: str
    """Hex SHA-256 of the line before, without its line feed."""

    def line(self) -> str:
        """Canonical JSON, as it is in the file, without the line feed."""
        return canonical_json(self.model_dump(mode="json", by_alias=True))


@dataclass(frozen=True, slots=True)
class State:
    """What the events add up to."""

    versions: tuple[int, ...] = ()
    retired: frozenset[int] = frozenset()
    aliases: dict[str, int] = field(default_factory=dict)
    tags: dict[int, dict[str, str]] = field(default_factory=dict)
    lived: dict[str, tuple[int, ...]] = field(default_factory=dict)
    """Alias -> every version that it ever pointed to, oldest first."""
    back: dict[str, tuple[int, ...]] = field(default_factory=dict)
    """Alias -> versions that a rollback goes through, the one that it points to now at the end."""
    last: int = 0
    """`n` of the last event."""


def fold(events: Sequence[Event]) -> State:
    """The state after these events."""
    state = State()
    for event in events:
        state = _after(state, event)
    return state


def _after(state: State, event: Event) -> State:
    state = replace(state, last=event.n)
    if event.event == "register":
        return replace(state, versions=(*state.versions, event.version), tags=_tagged(state, event))
    if event.event == "retire":
        return replace(state, retired=state.retired | {event.version})
    if event.event in {"tag", "evidence"}:
        return replace(state, tags=_tagged(state, event))
    if event.to is None:
        return state
    alias, to = event.alias, event.to
    before = state.back.get(alias, ())
    if event.event == "rollback":
        # What was rolled back from is not a place to return to by another rollback.
        before = before[: before.index(to)] if to in before else before[:-1]
    return replace(
        state,
        aliases={**state.aliases, alias: to},
        lived={**state.lived, alias: (*state.lived.get(alias, ()), to)},
        back={**state.back, alias: (*before, to)},
    )


def added_tags(state: State, number: int, tags: Mapping[str, str]) -> JsonDict | None:
    """The event that gives a version these tags; None if it has them all."""
    known = state.tags.get(number, {})
    if all(known.get(key) == value for key, value in tags.items()):
        return None
    return {"event": "tag", "version": number, "tags": dict(tags)}


def _tagged(state: State, event: Event) -> dict[int, dict[str, str]]:
    return {**state.tags, event.version: {**state.tags.get(event.version, {}), **event.tags}}


class Log:
    """The log in a model's folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / LOG

    def events(self) -> list[Event]:
        """Every event, its chain checked.

        Raises TamperedArtifact if a line was changed, removed or added by hand, and InvalidInput if
        the log was written by a newer program.
        """
        lines, torn = self._lines()
        if torn:
            console.log().warning("torn line ignored", where=str(self.path), bytes=len(torn))
        events = list(_read(self.path, lines))
        self._check_head(lines)
        return events

    def state(self) -> State:
        """What the events add up to."""
        return fold(self.events())

    def at(self, moment: datetime) -> State:
        """What they added up to at `moment`, by the order of the log and its writers' clocks."""
        events = self.events()
        upto = [e.n for e in events if datetime.fromisoformat(e.at) <= moment]
        return fold([e for e in events if upto and e.n <= max(upto)])

    def append(self, make: Callable[[State], JsonDict | None]) -> Event | None:
        """Write the event that `make` gives for the state under the lock; None writes nothing.

        `make` may raise to refuse. Raises Busy if another writer does not end, DiskError.
        """
        with self._locked(), disk_errors(self.path):
            self._set_torn_aside()
            events, (lines, _) = self.events(), self._lines()
            made = make(fold(events))
            if made is None:
                return None
            prev = _sha256(lines[-1]) if lines else FIRST
            stamped = {"at": now(), "by": _writer(), **made, "n": len(events) + 1, "prev": prev}
            event = Event.model_validate(stamped)
            self._write(event)
            return event

    def _lines(self) -> tuple[list[bytes], bytes]:
        """Whole lines, and the bytes of one that was cut short."""
        data = self.path.read_bytes() if self.path.is_file() else b""
        *lines, torn = data.split(b"\n")
        return lines, torn

    def _check_head(self, lines: Sequence[bytes]) -> None:
        """A log that lost its last lines has an intact chain, so their number is kept beside it."""
        head = _head(self.folder / HEAD)
        n = int(head.get("n", 0))
        if n and (len(lines) < n or _sha256(lines[n - 1]) != head.get("sha256")):
            raise _tampered(self.path, f"it ended with event {n}, which is not there any more")

    def _write(self, event: Event) -> None:
        line = event.line().encode()
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            size = os.fstat(descriptor).st_size
            try:
                _write_whole(descriptor, line + b"\n")
            except OSError:
                os.ftruncate(descriptor, size)
                raise
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        sync(self.folder)
        write_json(self.folder / HEAD, {"n": event.n, "sha256": _sha256(line)})

    def _set_torn_aside(self) -> None:
        lines, torn = self._lines()
        if not torn:
            return
        aside = self.path.with_name(f"{LOG}.torn-{len(lines) + 1}")
        aside.write_bytes(torn)
        os.truncate(self.path, self.path.stat().st_size - len(torn))
        console.log().warning("torn line set aside", where=str(aside))

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """flock(2), waited for: two promotions are a second apart, not an error."""
        with disk_errors(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / LOCK).open("a") as handle:
            end = time.monotonic() + PATIENCE_S
            while True:
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > end:
                        raise Busy(
                            "another process is writing this log",
                            where=self.path,
                            fix="try again when it has ended",
                        ) from None
                    time.sleep(0.02)
            yield


def _write_whole(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]


def _sha256(line: bytes) -> str:
    return hashlib.sha256(line).hexdigest()


def _writer() -> str:
    """Who writes: the user's name, as the log is kept by the team that it names."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"


def _head(path: Path) -> JsonDict:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise _tampered(path, str(error)) from error
    return value if isinstance(value, dict) else {}


def _read(path: Path, lines: Sequence[bytes]) -> Iterator[Event]:
    prev = FIRST
    for n, line in enumerate(lines, 1):
        event = _event(path, n, line)
        if event.n != n or event.prev != prev:
            raise _tampered(f"{path}:{n}", "the chain of hashes breaks here")
        prev = _sha256(line)
        yield event


def _event(path: Path, n: int, line: bytes) -> Event:
    try:
        return Event.model_validate(json.loads(line))
    except ValidationError as error:
        first = error.errors()[0]
        unknown = first["type"] in {"extra_forbidden", "literal_error"}
        if unknown:
            name = ".".join(map(str, first["loc"]))
            raise InvalidInput(
                "this log has an event that this program does not know",
                where=f"{path}:{n}: {name}",
                fix="pip install -U secarch",
            ) from error
        raise _tampered(f"{path}:{n}", first["msg"]) from error
    except ValueError as error:
        raise _tampered(f"{path}:{n}", "it is not JSON") from error


def _tampered(where: object, why: str) -> TamperedArtifact:
    return TamperedArtifact(
        "this log was changed by something other than secarch",
        where=where,
        why=why,
        fix="restore the file from a backup; nothing is promoted or served from it as it is",
    )
