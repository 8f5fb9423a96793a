"""Every error that secarch raises on purpose, drawn as one tree, and the exit code each carries.

SecarchError                 1   something failed that nobody planned for
  UsageError                 2   the command line or the settings are wrong
    ConfigError              2   a setting is unknown or has a bad value
    UnfinishedRun            2   state of an unfinished run is there; say --resume or --fresh
    Busy                     2   another process is working on the same state
  PrerequisiteError          3   something the work needs is missing
    MissingExtra             3   an optional package is not installed
    MissingModel             3   a model cannot be had from disk or cache
    DiskError                3   the workspace cannot be written
  InputError                 4   the material to work on is unusable
    MissingInput             4   it is not there
    InvalidInput             4   it is there and malformed
    TamperedArtifact         4   its bytes are not the ones that were sealed
    Mismatch                 4   two things that must agree do not
  GateFailed                 5   the work is done and a threshold was not met
  Interrupted          130/143   stopped by a signal; the state is saved
"""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """What a shell script can branch on. The numbers are a contract and never change meaning."""

    OK = 0
    FAILURE = 1
    USAGE = 2
    PREREQUISITE = 3
    INPUT = 4
    GATE = 5
    INTERRUPTED = 130
    TERMINATED = 143


class SecarchError(Exception):
    """Base of every planned error: what went wrong, where, why, and the way out.

    `what` is one sentence. `where` is a path, URL, setting or `file:line:col`. `why` is the
    underlying reason. `fix` is what the user does next, ideally a command.
    """

    exit_code = ExitCode.FAILURE

    def __init__(
        self, what: str, *, where: object = None, why: object = None, fix: str | None = None
    ) -> None:
        super().__init__(what)
        self.what = what
        self.where = None if where is None else str(where)
        self.why = None if why is None else str(why)
        self.fix = fix

    def lines(self) -> list[str]:
        """The error as plain lines, most important first; the console adds the colour."""
        parts = [self.what]
        parts += [f"  where: {self.where}"] if self.where else []
        parts += [f"  why:   {self.why}"] if self.why else []
        parts += [f"  fix:   {self.fix}"] if self.fix else []
        return parts

    def __str__(self) -> str:
        return "\n".join(self.lines())


class UsageError(SecarchError):
    """The command cannot be understood as given."""

    exit_code = ExitCode.USAGE


class ConfigError(UsageError):
    """One or more settings are wrong; `problems` holds a line for each, in file order."""

    def __init__(self, problems: list[str], *, fix: str | None = None) -> None:
        noun = "setting is" if len(problems) == 1 else "settings are"
        super().__init__(
            f"{len(problems)} {noun} wrong",
            fix=fix or "secarch config schema   (every setting with its type and meaning)",
        )
        self.problems = problems

    def lines(self) -> list[str]:
        """The head line, a line for each problem, then the fix."""
        head, *rest = super().lines()
        return [head, *(f"  {problem}" for problem in self.problems), *rest]


class UnfinishedRun(UsageError):
    """A run was interrupted here earlier and is never overwritten without being asked."""

    def __init__(self, what: str, where: object) -> None:
        super().__init__(
            what,
            where=where,
            why="an earlier run stopped before it was complete; its work so far is kept",
            fix="run the same command with --resume to go on, or with --fresh to set it aside",
        )


class Busy(UsageError):
    """Another process holds the lock of this state."""


class PrerequisiteError(SecarchError):
    """The machine, an account or a package lacks something."""

    exit_code = ExitCode.PREREQUISITE


class MissingExtra(PrerequisiteError):
    """An optional feature was asked for and its package is not installed."""

    def __init__(self, feature: str, extra: str) -> None:
        super().__init__(
            f"{feature} needs an optional package",
            why=f"the extra '{extra}' is not installed",
            fix=f"pip install 'secarch[{extra}]'",
        )


class MissingModel(PrerequisiteError):
    """A model's files are neither a local folder nor in the local cache, or need a token."""


class DiskError(PrerequisiteError):
    """Writing failed: no space, a read-only file system or a missing permission."""


class InputError(SecarchError):
    """The material given to a stage cannot be used."""

    exit_code = ExitCode.INPUT


class MissingInput(InputError):
    """The file, folder, artifact or site is not there, or is empty."""


class InvalidInput(InputError):
    """The material is there and does not have the promised form."""


class TamperedArtifact(InputError):
    """A sealed file was changed, truncated or removed after it was sealed."""


class Mismatch(InputError):
    """Two artifacts that must agree (suite, prompt, decoding, base...) differ."""


class GateFailed(SecarchError):
    """A threshold, regression or safety gate was not met; the results are complete on disk."""

    exit_code = ExitCode.GATE


class Interrupted(SecarchError):
    """SIGINT or SIGTERM asked for a stop and everything done so far is saved."""

    def __init__(self, signum: int = 2) -> None:
        super().__init__(
            "interrupted; everything done so far is saved", fix="run again with --resume"
        )
        self.exit_code = ExitCode(128 + signum)
