"""What every command shares: its common flags, and the way from a stage's outcome to an exit code.

Nothing heavy at the top: `secarch --help` imports this module.
"""

from __future__ import annotations

import gc
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from typer.core import TyperCommand, TyperGroup

from secarch.cli import COLLECTED, completion, examples, output
from secarch.cli.order import Group
from secarch.errors import ExitCode, Interrupted, SecarchError, UsageError

if TYPE_CHECKING:
    from secarch.records import Outcome
    from secarch.registry.config import RegistrySettings
    from secarch.session import Session
    from secarch.settings import Loaded, Settings

GROUP = "For every command"


def _option(
    *names: str,
    help: str,  # noqa: A002 - typer's own name
    group: str = GROUP,
    complete: completion.Completer | None = None,
) -> Any:
    return typer.Option(
        *names, help=help, rich_help_panel=group, show_default=False, autocompletion=complete
    )


@dataclass(slots=True)
class Invocation:
    """The common flags as given."""

    config: list[Path] = field(default_factory=list)
    set: list[str] = field(default_factory=list)
    workspace: Path | None = None
    json: bool = False
    quiet: bool = False
    verbose: bool = False
    log_format: Literal["auto", "console", "json"] = "auto"
    log_file: Path | None = None
    dry_run: bool = False
    resume: bool = False
    fresh: bool = False

    def load(self, flags: Mapping[str, Any] | None = None, *, below: Path | None = None) -> Loaded:
        """Read the settings.

        `flags` are the command's own, by dotted name; `below` is a file that every --config
        overrides, in place of the project's.
        """
        from secarch.settings import hand_over_secrets, load
        from secarch.settings_files import project_file

        hand_over_secrets()
        # The tour has settings of its own; a project's file is about other sites and models.
        own = None if below else project_file()
        given = own is not None and own.resolve() in {path.resolve() for path in self.config}
        return load(
            {"workspace": self.workspace, **(flags or {})},
            sets=self.set,
            files=self.config,
            below=[below] if below else [],
            project=None if given else own,
        )

    def registry(self) -> RegistrySettings:
        """The settings of the registry, as `load` reads them.

        Where nobody sets anything, the other stages' settings, which take a third of such a
        command's time, are not built.
        """
        import os

        from secarch.registry.config import ModelsConfig, RegistrySettings
        from secarch.session import WORKSPACE
        from secarch.settings_files import nothing_set

        if self.config or self.set or not nothing_set(os.environ):
            found = self.load().settings
            return RegistrySettings(found.workspace, found.seed, found.models)
        return RegistrySettings(self.workspace or WORKSPACE, 0, ModelsConfig.defaults())

    def session(self, settings: Settings | RegistrySettings) -> Session:
        """What a stage is given beside its own settings.

        Raises UsageError for --resume together with --fresh.
        """
        from secarch.session import Session

        gc.set_threshold(*COLLECTED)
        if self.resume and self.fresh:
            raise UsageError(
                "--resume and --fresh exclude each other",
                where="the command line",
                fix="--resume goes on with what is there; --fresh sets it aside",
            )
        return Session(
            workspace=settings.workspace,
            seed=settings.seed,
            resume=self.resume,
            fresh=self.fresh,
            dry_run=self.dry_run,
        )


_COMMON: dict[str, Any] = {
    "config": Annotated[
        list[Path], _option("--config", help="Settings file (YAML); repeatable, later files win.")
    ],
    "set": Annotated[
        list[str],
        _option(
            "--set",
            help="One setting, as a.b.c=VALUE; repeatable.",
            complete=completion.settings,
        ),
    ],
    "workspace": Annotated[
        Path | None, _option("--workspace", help="Folder for everything that is made.")
    ],
    "json": Annotated[bool, _option("--json", help="Print one JSON document on stdout.")],
    "quiet": Annotated[bool, _option("-q", "--quiet", help="Only warnings and errors on stderr.")],
    "verbose": Annotated[bool, _option("-v", "--verbose", help="Debug events, and tracebacks.")],
    "log_format": Annotated[
        Literal["auto", "console", "json"],
        _option("--log-format", help="Form of the events on stderr."),
    ],
    "log_file": Annotated[
        Path | None, _option("--log-file", help="Also append every event to this file.")
    ],
    "dry_run": Annotated[bool, _option("--dry-run", help="Say what would be done; touch nothing.")],
}
_RESUMABLE: dict[str, Any] = {
    "resume": Annotated[
        bool,
        _option("--resume", help="Resume an unfinished run; start one if there is none."),
    ],
    "fresh": Annotated[
        bool, _option("--fresh", help="Set earlier state aside (never deleted) and start anew.")
    ],
}


class _Late(examples.Shown):
    """Makes a command's options of its function when they are first looked at, so that a start
    pays for those of the command that it runs, and the list of commands for none.
    """

    name: str | None
    callback: Callable[..., Any] | None
    rich_markup_mode: Any
    made = False

    @property
    def params(self) -> list[Any]:
        """Options and arguments, as typer makes them of the function's signature."""
        if not self.made and self.callback is not None:
            self.made = True
            alone = typer.Typer(add_completion=False, rich_markup_mode=self.rich_markup_mode)
            group = isinstance(self, TyperGroup)
            add = alone.callback(invoke_without_command=True) if group else alone.command(self.name)
            add(vars(self.callback)["full"]())
            whole = typer.main.get_command(alone)
            self.callback, self._params = whole.callback, whole.params
        return self._params

    @params.setter
    def params(self, given: list[Any]) -> None:
        self._params = given


class _Command(_Late, TyperCommand):
    """One command."""


class _Group(_Late, Group):
    """A group that is a command too."""


def command(
    app: typer.Typer, name: str, *, resumable: bool = False, group: bool = False
) -> Callable[[Callable[..., Outcome]], Any]:
    """Register `work(invocation, **own flags) -> Outcome` as a command with the common flags.

    `group` makes it what the group `app` itself does if none of its subcommands is named.
    """
    common = {**_COMMON, **(_RESUMABLE if resumable else {})}

    def decorate(work: Callable[..., Outcome]) -> Callable[..., None]:
        def run(context: typer.Context, **kwargs: Any) -> None:
            if context.invoked_subcommand is not None:
                return _refuse_flags(context)
            invocation = Invocation(**{key: kwargs.pop(key) for key in common})
            raise typer.Exit(execute(name, invocation, lambda: work(invocation, **kwargs), kwargs))

        def full() -> Callable[..., None]:
            parameters = [_CONTEXT, *_own_parameters(work), *_shared_parameters(common)]
            run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
            run.__annotations__ = {p.name: p.annotation for p in parameters}
            return run

        def named() -> None:
            """Typer sees no options here: `_Late` asks `full` for them."""

        run.__doc__ = named.__doc__ = work.__doc__
        vars(named)["full"] = full
        named.__annotations__.clear()  # typer would evaluate them for each of forty commands
        if group:
            app.callback(invoke_without_command=True, cls=_Group)(named)
        else:
            app.command(name, cls=_Command)(named)
        return run

    return decorate


_CONTEXT = inspect.Parameter(
    "context", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context
)


def _shared_parameters(common: Mapping[str, Any]) -> list[inspect.Parameter]:
    """The common flags as parameters, with their defaults."""
    defaults = Invocation()
    return [
        inspect.Parameter(
            key, inspect.Parameter.KEYWORD_ONLY, default=getattr(defaults, key), annotation=kind
        )
        for key, kind in common.items()
    ]


def _refuse_flags(context: typer.Context) -> None:
    """A flag before the subcommand would be lost without a word."""
    sources = {name: context.get_parameter_source(name) for name in context.params}
    lost = [
        name
        for name, source in sources.items()
        if source is not None and source.name == "COMMANDLINE"
    ]
    if lost:
        sub = context.invoked_subcommand
        raise typer.BadParameter(f"give --{lost[0].replace('_', '-')} after {sub}", ctx=context)


def _own_parameters(work: Callable[..., Any]) -> list[inspect.Parameter]:
    """The command's parameters without the invocation, their annotations evaluated.

    The return annotation is left alone: evaluating it would import the records for `--help`.
    """
    scope = work.__globals__
    return [
        p.replace(kind=inspect.Parameter.KEYWORD_ONLY, annotation=eval(p.annotation, scope))  # noqa: S307 - our own source
        for p in list(inspect.signature(work).parameters.values())[1:]
    ]


def execute(
    name: str,
    invocation: Invocation,
    work: Callable[[], Outcome],
    own: Mapping[str, Any] | None = None,
) -> int:
    """Run a command's work and report its end on stderr and, with --json, stdout.

    `own` are the command's own flags, of which the next command may need some.
    Returns the exit code; planned errors never show a traceback unless --verbose.
    """
    import contextlib
    import warnings

    from secarch import console

    if not invocation.verbose:
        warnings.simplefilter(
            "ignore"
        )  # what libraries tell their developers is not news for a user
    from secarch.session import rank

    follows = rank() > 0  # another process of the same run speaks for it
    console.configure(
        quiet=invocation.quiet or follows,
        verbose=invocation.verbose,
        log_format=invocation.log_format,
    )
    invocation.json = invocation.json and not follows
    try:
        from secarch.files import disk_errors

        with contextlib.ExitStack() as stack:
            stack.enter_context(disk_errors(Path.cwd()))
            if invocation.log_file:
                stack.enter_context(console.log_file(invocation.log_file))
            outcome = work()
    except SecarchError as error:
        return _failed(name, invocation, error)
    except KeyboardInterrupt:
        return _failed(name, invocation, Interrupted(2))
    except BrokenPipeError:
        return ExitCode.FAILURE
    except Exception as error:  # noqa: BLE001 - the last line of defence; the traceback is kept for -v
        if planned := _of_locale(error):
            return _failed(name, invocation, planned)
        return _unplanned(name, invocation, error)
    return _finished(name, invocation, outcome, own or {})


def _of_locale(error: Exception) -> SecarchError | None:
    """A name that the locale could not decode is lone surrogates, which no JSON or page can hold;
    None for other errors.
    """
    import sys

    if not isinstance(error, UnicodeEncodeError) or "surrogates" not in error.reason:
        return None
    return UsageError(
        "a name is not text in this locale",
        why=f"{sys.getfilesystemencoding()} cannot decode it",
        fix="export PYTHONUTF8=1, then the same command again; or rename it to text in UTF-8",
    )


def _finished(name: str, invocation: Invocation, outcome: Outcome, own: Mapping[str, Any]) -> int:
    from secarch import console
    from secarch.cli.following import next_command

    try:
        if invocation.json:
            facts = (outcome.status, outcome.artifact, outcome.digest, outcome.counts)
            output.document(name, *facts, outcome.result)
        else:
            output.show(outcome.shown)
    except SecarchError as error:
        return _failed(name, invocation, error)
    if outcome.summary:
        then = next_command(outcome, invocation, own)
        console.say(f"{outcome.summary}{'   next: ' + then if then else ''}")
    return ExitCode.GATE if outcome.status == "gate_failed" else ExitCode.OK


def _failed(name: str, invocation: Invocation, error: SecarchError) -> int:
    if invocation.verbose:
        import traceback

        traceback.print_exc()
    if error.fix:
        from secarch.cli.following import placed_fix

        error.fix = placed_fix(error.fix, invocation)
    if invocation.json:
        status = {
            ExitCode.GATE: "gate_failed",
            ExitCode.INTERRUPTED: "interrupted",
            ExitCode.TERMINATED: "interrupted",
        }
        facts = {"what": error.what, "where": error.where, "why": error.why, "fix": error.fix}
        facts["lines"] = error.lines()[1:]  # type: ignore[assignment]
        output.document(name, status.get(error.exit_code, "failed"), result={"error": facts})
    _print_error(error.lines())
    return error.exit_code


def _unplanned(name: str, invocation: Invocation, error: Exception) -> int:
    lines = [f"unexpected {type(error).__name__}: {error}"]
    if not invocation.verbose:
        lines.append("  fix:   run again with -v for the traceback, and report it")
    else:
        import traceback

        traceback.print_exc()
    if invocation.json:
        output.document(name, "failed", result={"error": {"what": lines[0]}})
    _print_error(lines)
    return ExitCode.FAILURE


def _print_error(lines: list[str]) -> None:
    from rich.markup import escape

    from secarch import console

    head, *rest = lines
    console.err().print(f"[bold red]error:[/] {escape(console.plain(head))}")
    for line in rest:
        console.err().print(escape(console.plain(line)))
