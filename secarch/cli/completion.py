"""What a shell completes as values: suites, models, runs, versions, metrics, settings, topics.

Everything is imported inside, since these functions are named by the commands' options: a start
without completion pays nothing. A broken settings file or workspace completes nothing and says
nothing, because a shell shows what is printed here in the middle of a line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from secarch.session import Session

Completer = Callable[[typer.Context, str], list[str]]


def _quiet(names: Callable[[typer.Context, str], Iterable[str]]) -> Completer:
    """The names that begin with what was typed; none if they cannot be had."""

    def complete(ctx: typer.Context, incomplete: str) -> list[str]:
        try:
            return [name for name in names(ctx, incomplete) if name.startswith(incomplete)]
        except Exception:  # noqa: BLE001 - nothing may reach the command line that is being typed
            return []

    return complete


def _session(ctx: typer.Context) -> Session:
    """The workspace of --workspace, else of the settings of --config and the project."""
    from secarch.cli.invocation import Invocation

    given = Invocation(config=[Path(path) for path in ctx.params.get("config") or ()])
    if workspace := ctx.params.get("workspace"):
        given.workspace = Path(workspace)
    return given.session(given.load().settings)


def _finished(root: Path) -> Iterator[str]:
    from secarch.artifact import MANIFEST

    for path in sorted(root.glob(f"*/{MANIFEST}")):
        if ".aside-" not in path.parent.name:
            yield path.parent.name


def _files(incomplete: str, *endings: str) -> Iterator[str]:
    """Files and folders that go on from what was typed, for a value that may be a path."""
    for path in sorted(Path().glob(f"{incomplete}*")) if _plain(incomplete) else ():
        if path.is_dir():
            yield f"{path}/"
        elif path.suffix in endings:
            yield str(path)


def _plain(incomplete: str) -> bool:
    return bool(incomplete) and not incomplete.startswith(("/", "~")) and "*" not in incomplete


@_quiet
def suites(_ctx: typer.Context, incomplete: str) -> Iterator[str]:
    """Shipped suites, and files of questions."""
    from secarch.suite.schema import SUITES

    yield from sorted(path.parent.name for path in SUITES.glob("*/suite.yaml"))
    yield from _files(incomplete, ".yaml", ".yml", ".jsonl")


@_quiet
def models(ctx: typer.Context, incomplete: str) -> Iterator[str]:
    """`base`, and the finished runs and exports of the workspace."""
    yield "base"
    yield from _tuned(ctx, incomplete)


@_quiet
def tuned(ctx: typer.Context, incomplete: str) -> Iterator[str]:
    """Finished runs and exports of the workspace, and folders."""
    return _tuned(ctx, incomplete)


def _tuned(ctx: typer.Context, incomplete: str) -> Iterator[str]:
    session = _session(ctx)
    yield from dict.fromkeys([*_finished(session.runs), *_finished(session.exports)])
    yield from _files(incomplete)


@_quiet
def runs(ctx: typer.Context, _incomplete: str) -> Iterator[str]:
    """Finished runs of the workspace."""
    yield from _finished(_session(ctx).runs)


@_quiet
def exports(ctx: typer.Context, _incomplete: str) -> Iterator[str]:
    """Finished exports of the workspace."""
    yield from _finished(_session(ctx).exports)


@_quiet
def versions(ctx: typer.Context, _incomplete: str) -> Iterator[str]:
    """Registered models: name, name@alias and name/N."""
    from secarch.registry.registry import Registry

    registry = Registry(_session(ctx).workspace)
    for name in registry.names():
        state = registry.log(name).state()
        yield name
        yield from (f"{name}@{alias}" for alias in sorted(state.aliases))
        yield from (f"{name}/{number}" for number in state.versions)


@_quiet
def metrics(_ctx: typer.Context, _incomplete: str) -> Iterator[str]:
    """Metrics of an evaluation."""
    from secarch.evaluate.config import EvalConfig

    yield from (metric.kind for metric in EvalConfig().metrics)


@_quiet
def settings(_ctx: typer.Context, incomplete: str) -> Iterator[str]:
    """Names of settings, for --set with the sign that a value follows."""
    from secarch.settings import leaf_names

    if "=" not in incomplete:
        yield from (f"{name}=" for name in leaf_names())


@_quiet
def names_of_settings(_ctx: typer.Context, _incomplete: str) -> Iterator[str]:
    """Sections and settings, as `config show` takes them."""
    from secarch.settings import leaf_names

    leaves = leaf_names()
    sections = (name[:n] for name in leaves for n, c in enumerate(name) if c == ".")
    yield from sorted({*leaves, *sections})


@_quiet
def topics(_ctx: typer.Context, _incomplete: str) -> Iterator[str]:
    """Pages of the documentation."""
    from secarch.cli.topics import topics as pages

    yield from pages()


@_quiet
def presets(_ctx: typer.Context, _incomplete: str) -> Iterator[str]:
    """Presets of `init`."""
    from secarch.cli.scaffold import presets as known

    yield from known()
