"""Talk: everything for people goes to stderr, so that stdout carries data alone.

structlog renders each event twice: for the reader (a line or JSON on stderr) and, where a log
file is open, as one JSON line with a timestamp.
"""

from __future__ import annotations

import contextlib
import json
import logging
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TextIO

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

LogFormat = Literal["auto", "console", "json"]
QUIET_SECONDS = 10.0
SECRET_WORDS = ("token", "password", "secret", "api_key", "authorization", "cookie")

_LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40, "critical": 50}
_state: dict[str, Any] = {"level": 20, "format": "console", "quiet": False, "files": []}


def err() -> Console:
    """The console of stderr (made anew, since tests replace the stream)."""
    from rich.console import Console

    return Console(stderr=True, highlight=False, soft_wrap=True)


def configure(
    *, quiet: bool = False, verbose: bool = False, log_format: LogFormat = "auto"
) -> None:
    """Set up logging for this process; `auto` is the console form.

    The console form is also kept where stderr is a file: people read it there; `json` is for
    machines.
    """
    _state["level"] = 10 if verbose else 30 if quiet else 20
    _state["format"] = "json" if log_format == "json" else "console"
    _state["quiet"] = quiet
    _quieten_libraries(verbose=verbose)


def log() -> Any:
    """The structured logger: `log().info("page_fetched", url=...)`.

    structlog is imported with the first event: most commands end without one.
    """
    import structlog

    if not structlog.is_configured():
        structlog.configure(
            processors=[
                structlog.contextvars.merge_contextvars,
                structlog.processors.add_log_level,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                _mask_secrets,
                _to_files,
                _to_stderr,
            ],
            wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG),
            logger_factory=structlog.ReturnLoggerFactory(),
            cache_logger_on_first_use=False,
        )
    return structlog.get_logger()


def _quieten_libraries(*, verbose: bool) -> None:
    logging.basicConfig(
        level=logging.INFO if verbose else logging.ERROR, stream=sys.stderr, force=True
    )
    for name in (
        "trafilatura",
        "htmldate",
        "courlan",
        "httpx",
        "urllib3",
        "bitsandbytes",
        "datasets",
    ):
        logging.getLogger(name).setLevel(logging.INFO if verbose else logging.CRITICAL)


def _mask_secrets(_logger: Any, _method: str, event: Any) -> Any:
    for name in event:
        if _is_secret(name.lower()) and isinstance(event[name], str):
            event[name] = "***"
    return event


def _is_secret(name: str) -> bool:
    """True for names of credentials; figures such as tokens_per_second are of a text's tokens."""
    return not name.startswith("tokens") and any(word in name for word in SECRET_WORDS)


def _to_files(_logger: Any, _method: str, event: Any) -> Any:
    if _state["files"]:
        line = _as_json(event)
        for handle in _state["files"]:
            handle.write(f"{line}\n")
            handle.flush()
    return event


def _to_stderr(_logger: Any, _method: str, event: Any) -> str:
    import structlog

    if _LEVELS.get(event["level"], 20) < _state["level"]:
        raise structlog.DropEvent
    text = _as_json(event) if _state["format"] == "json" else plain(_console_line(event))
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()
    raise structlog.DropEvent


def _as_json(event: dict[str, Any]) -> str:
    return json.dumps(event, default=str)


def _console_line(event: dict[str, Any]) -> str:
    hidden = {"event", "level", "timestamp"}
    facts = " ".join(f"{name}={value}" for name, value in event.items() if name not in hidden)
    stamp = str(event.get("timestamp", ""))[11:19]
    level = "" if event["level"] == "info" else f"{event['level']}: "
    return f"{stamp} {level}{event['event']}  {facts}".rstrip()


@contextlib.contextmanager
def log_file(path: Path) -> Iterator[None]:
    """Also write every event inside the block to `path`, appended, as JSON lines."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as handle:
        files: list[TextIO] = _state["files"]
        files.append(handle)
        try:
            yield
        finally:
            files.remove(handle)


def run_log(directory: Path) -> contextlib.AbstractContextManager[None]:
    """A log file named by the time, beside the stage's journal in `directory`."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    return log_file(directory / f"run-{stamp}.log")


def say(text: str = "") -> None:
    """A plain line for people, not in quiet mode; control characters of a name or a reason do not
    reach the terminal.
    """
    if not _state["quiet"]:
        sys.stderr.write(f"{plain(text)}\n")
        sys.stderr.flush()


def plain(text: str) -> str:
    """Text without what moves a cursor or sets a colour; lines and tabs stay."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in "\n\t" else "?" for c in text)


def show(table: Table) -> None:
    """A rich table for people, not in quiet mode."""
    if not _state["quiet"]:
        err().print(table)


def is_live() -> bool:
    """True where stderr is a terminal that may be drawn on."""
    return err().is_terminal and not _state["quiet"] and _state["format"] != "json"


@contextlib.contextmanager
def progress(title: str, total: int | None = None) -> Iterator[Callable[..., None]]:
    """A bar on a terminal, one log line every ten seconds elsewhere.

    Yields `advance(n, **facts)`: facts are text that is beside the bar until there are others.
    """
    console = err()
    if is_live():
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeElapsedColumn,
        )

        columns = (
            TextColumn(title),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[facts]}", markup=False),
        )
        with Progress(*columns, console=console, transient=True) as bar:
            task = bar.add_task(title, total=total, facts="")

            def move(n: int, **facts: str) -> None:
                beside: dict[str, Any] = {"facts": _beside(facts)} if facts else {}
                bar.update(task, advance=n, **beside)

            yield move
        return
    yield _slow_lines(title, total)


def _beside(facts: dict[str, str]) -> str:
    """Facts in one line: `loss 1.2 · left 0:10:00`."""
    return " · ".join(f"{name.replace('_', ' ')} {text}" for name, text in facts.items())


def _slow_lines(title: str, total: int | None) -> Callable[..., None]:
    started = last = time.monotonic()
    done = 0
    known: dict[str, str] = {}

    def advance(n: int, **facts: str) -> None:
        nonlocal done, last
        done += n
        known.update(facts)
        if time.monotonic() - last >= QUIET_SECONDS:
            last = time.monotonic()
            log().info(title, done=done, total=total, seconds=round(last - started), **known)

    return advance
