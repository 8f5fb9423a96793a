"""The next command as it is to be typed: what a stage recommends, with the flags of this run."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from secarch.cli.invocation import Invocation
    from secarch.records import Outcome

PROGRAM = "secarch"
REMARK = "   # "
"""What parts a recommended command from a word about it, as a shell would."""
_DRY = frozenset({"--dry-run", "--probe"})
_TOUR = "demo"
_REPEATED = frozenset({"--config", "--set"})
_PASSED = {
    "base": ("--base", {"eval", "compare-baseline"}),
    "suite": ("--suite", {"eval", "compare-baseline"}),
    "smoke": ("--smoke", {"eval", "compare-baseline"}),
    "model": ("--tuned", {"compare-baseline"}),
}
"""A command's own flag -> what the commands that it is passed on to call it."""
_SOURCE = {"dedupe": "--documents", "train": "--dataset"}
"""Commands that take the newest artifact unless told which."""
_DONE_BEFORE = {"harvest": {"harvest", "frontier"}, "dedupe": {"harvest", "dedupe", "review"}}
"""Sections whose settings no command but these reads."""

_PLACED = re.compile(
    r"secarch (?:harvest|dedupe|train|eval|compare-baseline|export|report|review|serve|demo"
    r"|(?:models|dataset|frontier) [a-z]+)\b[^,(]*?(?=$|,|   \()"
)
"""A recommended command that reads the workspace, at the start of a fix; a remark may follow."""


def placed_fix(fix: str, invocation: Invocation) -> str:
    """The fix of an error; a command in it has this run's --workspace and --config.

    >>> placed_fix("secarch train   (makes one)", Invocation(workspace=Path("w")))
    'secarch train --workspace w   (makes one)'
    """
    found = _PLACED.match(fix)
    if not found:
        return fix
    words = found[0].split(" ")
    flags: list[tuple[str, object]] = []
    if words[1] != _TOUR:
        flags += [("--config", path) for path in invocation.config if "--config" not in words]
    if invocation.workspace is not None:
        flags.append(("--workspace", invocation.workspace))
    added = shlex.join(_without(words, flags))
    return f"{found[0]} {added}{fix[found.end() :]}" if added else fix


def next_command(outcome: Outcome, invocation: Invocation, own: Mapping[str, Any]) -> str:
    """The command that works in this shell: after a dry run the same one without --dry-run, else
    the recommended one with this run's --config, --set and --workspace, and those of its own flags
    (`own`, by parameter name) that the next command takes. '' if nothing is recommended.

    >>> next_command(outcome, Invocation(workspace=Path("w")), {"base": "b"})
    'secarch compare-baseline --tuned w/runs/architect --workspace w --base b'
    """
    given = sys.argv[1:]
    recommended, mark, remark = outcome.next.partition(REMARK)
    if invocation.dry_run and not recommended and given[:1] == ["eval"]:
        recommended = f"{PROGRAM} eval"
    if not recommended.startswith(f"{PROGRAM} "):
        return outcome.next
    words = shlex.split(recommended)
    if _is_same(words[1:], given):
        words = [PROGRAM, *(word for word in given if word not in _DRY)]
    else:
        words += _without(words, [*_shared(words[1], invocation), *_own(words[1], own)])
        if outcome.status == "nothing_to_do" and (flag := _SOURCE.get(words[1])):
            words += _without(words, [(flag, outcome.artifact)] if outcome.artifact else [])
    return f"{shlex.join(words)}{mark}{remark}"


def _is_same(recommended: Sequence[str], given: Sequence[str]) -> bool:
    """True if `given` was a dry run of the very command."""
    return list(given[: len(recommended)]) == list(recommended) and not _DRY.isdisjoint(given)


def _shared(name: str, invocation: Invocation) -> Iterator[tuple[str, object]]:
    if name != _TOUR:  # it has settings of its own
        yield from (("--config", path) for path in invocation.config)
        for setting in invocation.set:
            readers = _DONE_BEFORE.get(setting.strip().split(".")[0])
            if readers is None or name in readers:
                yield "--set", setting
    if invocation.workspace is not None:
        yield "--workspace", invocation.workspace


def _own(name: str, own: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    for parameter, (flag, takers) in _PASSED.items():
        value = own.get(parameter)
        if not value or name not in takers or (parameter, value) == ("model", "base"):
            continue
        if value is True:
            yield flag, None
        else:
            yield from ((flag, one) for one in (value if isinstance(value, list) else [value]))


def _without(words: Sequence[str], flags: Sequence[tuple[str, object]]) -> list[str]:
    """The flags that `words` does not have, as words."""
    return [
        word
        for flag, value in flags
        if flag in _REPEATED or flag not in words
        for word in ([flag] if value is None else [flag, str(value)])
    ]
