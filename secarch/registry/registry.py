"""Names, versions and aliases of a workspace: found, written and moved through the logs."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from secarch.artifact import MANIFEST, Manifest, read_manifest
from secarch.errors import InputError, MissingInput, UsageError
from secarch.registry import version as record
from secarch.registry.log import HEAD, LOG, Log, State
from secarch.registry.version import Version

NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
"""A model's or an alias's name: it is a folder's name and part of a URL."""
_RESERVED = re.compile(r"latest|v?[0-9]+")
_REF = re.compile(r"(?P<name>[^@/]+)(?:@(?P<alias>[^@/]+)|/(?P<number>[1-9][0-9]{0,8}))?")
CHAMPION = "champion"


@dataclass(frozen=True, slots=True)
class Found:
    """A version that a REF named, and the state of its model at that moment."""

    version: Version
    state: State
    alias: str
    """The alias that was followed; empty for `name/N`."""

    @property
    def aliases(self) -> list[str]:
        """Every alias that points to it."""
        return sorted(a for a, n in self.state.aliases.items() if n == self.version.number)


class Registry:
    """The models of one workspace, at `<workspace>/models/<name>/`."""

    def __init__(self, workspace: Path) -> None:
        self.workspace = workspace
        self.root = workspace / "models"
        self.indexes = self.root / ".indexes"
        """Folder of the indexes of datasets' rows; a cache."""

    def names(self) -> list[str]:
        """Every registered name."""
        return sorted(
            {path.parent.name for name in (LOG, HEAD) for path in self.root.glob(f"*/{name}")}
        )

    def log(self, name: str) -> Log:
        """The log of a name. Raises UsageError for a name that no folder may have."""
        return Log(self.root / checked(name))

    def known(self, name: str) -> Log:
        """The log of a registered name. Raises MissingInput with the nearest one."""
        log = self.log(name)
        if name not in self.names():
            near = difflib.get_close_matches(name, self.names(), 1, 0.5)
            hint = f"did you mean {near[0]}? " if near else ""
            raise MissingInput(
                f"there is no model {name}",
                where=self.root,
                fix=f"{hint}secarch models list   (every name)",
            )
        return log

    def version(self, name: str, number: int) -> Version:
        """One record. Raises TamperedArtifact, InvalidInput."""
        return record.read(self.record_path(name, number))

    def record_path(self, name: str, number: int) -> Path:
        """File of one record."""
        return self.root / checked(name) / "versions" / f"{number}.json"

    def versions(self, name: str, state: State) -> Iterator[Version]:
        """Every version that the log knows, oldest first."""
        return (self.version(name, number) for number in state.versions)

    def find(self, ref: str) -> Found:
        """The version that `name`, `name@alias` or `name/N` names; `name` alone is its champion.

        Raises UsageError (a path, or no REF at all), MissingInput (unknown, with the nearest name;
        an alias that points nowhere; a retired version).
        """
        name, alias, number = parsed(ref)
        state = self.known(name).state()
        if number is None:
            number = self._pointed_to(name, alias, state)
        if number not in state.versions:
            raise MissingInput(
                f"{name} has no version {number}",
                where=self.root / name,
                why=f"it has {_listed(state.versions)}",
                fix="secarch models list",
            )
        if number in state.retired:
            raise MissingInput(
                f"{name}/{number} was retired",
                where=self.root / name,
                fix=f"secarch models log {name}   (why)",
            )
        return Found(self.version(name, number), state, alias)

    def _pointed_to(self, name: str, alias: str, state: State) -> int:
        found = state.aliases.get(alias)
        if found is not None:
            return found
        near = difflib.get_close_matches(alias, list(state.aliases), 1, 0.5)
        hint = f"did you mean {name}@{near[0]}? " if near else ""
        raise MissingInput(
            f"{name} has no {alias}",
            where=self.root / name,
            why=f"aliases: {', '.join(sorted(state.aliases)) or 'none'}",
            fix=f"{hint}secarch models promote {name}/N --to {alias}",
        )

    def relative(self, path: Path) -> str:
        """A path below the workspace without it, so that the workspace can move; else absolute."""
        whole, root = path.resolve(), self.workspace.resolve()
        return str(whole.relative_to(root) if whole.is_relative_to(root) else whole)


def checked(name: str) -> str:
    """A model's name, checked. Raises UsageError."""
    if not NAME.fullmatch(name):
        raise UsageError(
            "this is no name for a model",
            where=name[:80],
            why="a name has a-z, 0-9, '.', '_' and '-', and begins with a letter or digit",
            fix="secarch models list   (names that are registered)",
        )
    return name


def checked_alias(alias: str) -> str:
    """An alias, checked. Raises UsageError; reserved is what MLflow keeps to itself, and a number,
    which reads like a version.
    """
    if not NAME.fullmatch(alias):
        why = "an alias has a-z, 0-9, '.', '_' and '-', and begins with a letter or digit"
    elif _RESERVED.fullmatch(alias):
        why = "latest, a number, and v with a number are reserved"
    else:
        return alias
    raise UsageError(
        "this is no name of an alias",
        where=alias[:80],
        why=why,
        fix="choose a word, such as champion or challenger",
    )


def parsed(ref: str) -> tuple[str, str, int | None]:
    """(name, alias, number) of a REF; the alias of a bare name is champion. Raises UsageError."""
    match = _REF.fullmatch(ref)
    if ref.startswith((".", "/")) or match is None:
        raise UsageError(
            "this is no REF of a registered model",
            where=ref[:120],
            why="a REF is name, name@alias or name/N, and never a path",
            fix="secarch models register PATH --name NAME   (registers an export)",
        )
    name, alias, number = checked(match["name"]), match["alias"] or "", match["number"]
    if alias:
        checked_alias(alias)
    return name, alias or ("" if number else CHAMPION), int(number) if number else None


def manifests(workspace: Path) -> dict[str, tuple[Path, Manifest]]:
    """Digest -> (folder, manifest) of every sealed artifact of a workspace that can be read."""
    found: dict[str, tuple[Path, Manifest]] = {}
    for path in sorted(workspace.glob(f"*/*/{MANIFEST}")):
        try:
            manifest = read_manifest(path.parent)
        except InputError:
            continue
        found.setdefault(manifest.digest, (path.parent, manifest))
    return found


def _listed(numbers: tuple[int, ...]) -> str:
    shown = ", ".join(map(str, numbers[-5:]))
    return f"... {shown}" if len(numbers) > 5 else shown or "none"
