"""The whole of the commands: their order in the help, and what is said of a mistake on the line."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperGroup

from secarch.cli import output

ORDER = (
    *("demo", "init", "doctor", "harvest", "frontier", "dedupe", "dataset", "review", "train"),
    *("eval", "suite", "compare-baseline", "report", "export", "models", "serve", "probe"),
    *("config", "help"),
)
"""Commands as one meets them: first steps, then the pipeline, then what comes after it."""


_ParserError: type[Exception] = typer.BadParameter.__mro__[1]
"""What the parser raises for every mistake on the command line; typer exports only its children."""


class Group(TyperGroup):
    """A group of commands that parses without pydantic, which typer imports for a flag that is
    neither true nor false: as --help, and the two for completion, are if they are not given.
    """

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]
        """Parse, with False for flags that are not given."""
        for param in self.get_params(ctx):
            if param.default is None and getattr(param, "is_flag", False):
                param.default = False
        return super().parse_args(ctx, args)


class PipelineOrder(Group):
    """Lists the commands in the order of the pipeline, and helps with mistakes on the line."""

    def invoke(self, ctx: typer.Context) -> Any:  # type: ignore[override]
        """Run the command; a usage error names the setting that was meant, and is a JSON document
        too under --json.
        """
        given = sys.argv[1:]
        try:
            return super().invoke(ctx)
        except _ParserError as error:
            if hint := _hint(error):
                vars(error)["possibilities"] = []
                vars(error)["message"] += f". {hint}"
            if "--json" in given:
                named = next((word for word in given if not word.startswith("-")), "secarch")
                what = str(getattr(error, "message", error))
                output.document(named, "failed", result={"error": {"what": what}})
            raise

    def list_commands(self, ctx: typer.Context) -> list[str]:  # type: ignore[override]
        """Names in the order of ORDER; unknown ones last."""
        places = {name: n for n, name in enumerate(ORDER)}
        return sorted(super().list_commands(ctx), key=lambda name: places.get(name, len(places)))


def _hint(error: Exception) -> str:
    """What an unknown option or a bare argument was meant to be, '' if nothing can be said."""
    option = str(getattr(error, "option_name", ""))
    context: Any = getattr(error, "ctx", None)
    extra = _EXTRA.search(str(getattr(error, "message", "")))
    if extra:
        return _flag_of(str(getattr(context, "info_name", "")), _words_of(extra[1]))
    members = getattr(getattr(context, "command", None), "commands", {})
    takers = [
        name for name, member in members.items() if any(option in p.opts for p in member.params)
    ]
    if takers:
        return f"It stands after the subcommand: {context.command_path} {takers[0]} {option}"
    setting = _setting_of(option)
    return f"It is a setting: --set {setting}=VALUE" if setting else ""


_EXTRA = re.compile(r"^Got unexpected extra argument.* \((.+)\)$", re.DOTALL)

_MATERIAL = {
    "dedupe": "--documents",
    "train": "--dataset",
    "review": "--dataset",
    "eval": "--model",
    "compare-baseline": "--tuned",
}
"""The flag that takes what each of these commands works on, which other programs take bare."""


def _words_of(joined: str) -> list[str]:
    """The words of the line that the parser joined; they may hold spaces themselves."""
    words: list[str] = []
    for word in sys.argv[1:]:
        if joined == word or joined.startswith(f"{word} "):
            words.append(word)
            joined = joined[len(word) + 1 :]
    return words


def _flag_of(command: str, words: list[str]) -> str:
    """How what was given bare is given, '' if that is not plain: two files for a comparison are
    scores, and all else is one.
    """
    flag = _MATERIAL.get(command, "") if len(words) == 1 else ""
    if command == "compare-baseline" and [bool(Path(word).suffix) for word in words] == [True] * 2:
        flag = "--scores"
    return f"Name it with {flag}: secarch {command} {shlex.join([flag, *words])}" if flag else ""


def _setting_of(option: str) -> str:
    """The setting whose last word an unknown option is, such as train.epochs of --epochs: the
    command's own first, then what other programs call so, then the only one of that name.
    """
    word = option.lstrip("-").replace("-", "_")
    if not word:
        return ""
    from secarch.settings import leaf_names
    from secarch.settings_names import ELSEWHERE

    names = leaf_names()
    found = [name for name in names if name.rsplit(".", maxsplit=1)[-1] == word]
    section = next((arg for arg in sys.argv[1:] if not arg.startswith("-")), "").split("-")[0]
    own = [f"{section}.{last}" for last in (word, f"{word}s") if f"{section}.{last}" in names]
    own += [name for name in found if name.startswith(f"{section}.")]
    known = ELSEWHERE.get(word, "").split(" ")[0]
    return next(iter(own), "") or known or (found[0] if len(found) == 1 else "")
