"""The whole of the commands: their order in the help, and what is said of a mistake on the line."""

from __future__ import annotations

import contextlib
import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperGroup

from secarch.cli import examples, output

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

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """List the commands with their whole first sentence: a narrow terminal wraps it, and cuts
        no word of it off.
        """
        listed = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        rows = [(name, one.get_short_help_str(_WHOLE)) for name, one in listed if one]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


_WHOLE = 1000
"""Characters; no first sentence of a command is as long."""


class PipelineOrder(Group):
    """Lists the commands in the order of the pipeline, and helps with mistakes on the line."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]
        """Parse what stands before the command."""
        with self._helping():
            return super().parse_args(ctx, args)

    def invoke(self, ctx: typer.Context) -> Any:  # type: ignore[override]
        """Parse and run the command."""
        with self._helping():
            return super().invoke(ctx)

    @contextlib.contextmanager
    def _helping(self) -> Iterator[None]:
        """A usage error names the option, setting or command that was meant, or shows an example;
        it is a JSON document too under --json.
        """
        given = sys.argv[1:]
        try:
            yield
        except _ParserError as error:
            if type(error).__name__ == "NoArgsIsHelpError":
                raise
            if hint := _hint(error, self):
                vars(error)["possibilities"] = []
                said = str(vars(error).get("message", "")).rstrip(".")
                vars(error)["message"] = f"{said}. {hint}" if said else hint
            if "--json" in given:
                named = next((word for word in given if not word.startswith("-")), "secarch")
                what = str(getattr(error, "message", error))
                output.document(named, "failed", result={"error": {"what": what}})
            raise

    def list_commands(self, ctx: typer.Context) -> list[str]:  # type: ignore[override]
        """Names in the order of ORDER; unknown ones last."""
        places = {name: n for n, name in enumerate(ORDER)}
        return sorted(super().list_commands(ctx), key=lambda name: places.get(name, len(places)))


def _hint(error: Exception, root: Any) -> str:
    """What leads out of a mistake on the line, '' if nothing can be said."""
    option = str(getattr(error, "option_name", ""))
    context: Any = getattr(error, "ctx", None)
    said = str(getattr(error, "message", ""))
    path = _path(root)
    if extra := _EXTRA.search(said):
        command = str(getattr(context, "info_name", ""))
        return _flag_of(command, _words_of(extra[1])) or _example(path)
    if unknown := _UNKNOWN.search(said):
        return "" if "Did you mean" in said else _command_of(unknown[1], path, root)
    if "requires" in said:
        return _example(path, option)
    if type(error).__name__ == "MissingParameter":
        return _example(path, next(iter(getattr(getattr(error, "param", None), "opts", [])), ""))
    members = getattr(getattr(context, "command", None), "commands", {})
    takers = [
        name for name, member in members.items() if any(option in p.opts for p in member.params)
    ]
    if takers:
        named = next((word for word in sys.argv[1:] if word in takers), takers[0])
        level = "command" if context.command is root else "subcommand"
        line = " ".join(["secarch", *context.command_path.split("secarch", 1)[-1].split(), named])
        return f"It stands after the {level}: {line} {option}"
    return _option_or_example(error, option, path)


def _option_or_example(error: Exception, option: str, path: list[str]) -> str:
    """The setting that an unknown option names, or an example where no option is like it."""
    if setting := _setting_of(option):
        return f"It is a setting: --set {setting}=VALUE"
    from difflib import SequenceMatcher

    near = getattr(error, "possibilities", None) or []
    if option and not any(SequenceMatcher(None, option, one).ratio() >= NEAR for one in near):
        return _example(path)
    return ""


NEAR = 0.7
"""Likeness from which an option that is there may be the one that was meant."""


def _path(root: Any) -> list[str]:
    """The commands that the line names, such as eval and score."""
    found: list[str] = []
    members = root.commands
    for word in sys.argv[1:]:
        if word in members:
            found.append(word)
            members = getattr(members[word], "commands", {})
    return found


def _example(path: list[str], option: str = "") -> str:
    """One line of the command that has the option."""
    command = " ".join(path)
    line = examples.of(command, option) or examples.of(command)
    return f"For example: {line}" if line else ""


_UNKNOWN = re.compile(r"^No such command '(.+?)'", re.DOTALL)

_MEANT = {
    "version": "secarch --version",
    **dict.fromkeys(("list", "ls", "status", "results", "show"), "secarch report"),
    **dict.fromkeys(("crawl", "scrape", "fetch", "download"), "secarch harvest"),
    **dict.fromkeys(("clean", "build", "prepare", "dedup", "deduplicate"), "secarch dedupe"),
    **dict.fromkeys(("finetune", "fine-tune", "sft", "fit", "tune"), "secarch train"),
    **dict.fromkeys(("test", "score", "benchmark", "bench"), "secarch eval"),
    **dict.fromkeys(("merge", "convert", "publish"), "secarch export"),
    **dict.fromkeys(("chat", "ask", "deploy"), "secarch serve NAME"),
    **dict.fromkeys(("run", "start", "quickstart", "tour"), "secarch demo"),
    **dict.fromkeys(("check", "install", "info", "env"), "secarch doctor"),
    **dict.fromkeys(("docs", "man", "faq"), "secarch help"),
    **dict.fromkeys(("set", "settings", "get"), "secarch config show --set NAME=VALUE"),
}
"""Commands of other programs -> ours."""


def _command_of(word: str, path: list[str], root: Any) -> str:
    """The command that an unknown one was meant to be; else where they are listed."""
    if path and (flag := _flag_of(path[-1], [word])):
        return flag
    groups = [
        name
        for name, member in root.commands.items()
        if not path and word in getattr(member, "commands", {})
    ]
    meant = [*(f"secarch {name} {word}" for name in groups), *filter(None, [_MEANT.get(word)])]
    if meant:
        return f"It is here: {' or '.join(meant)}"
    return f"All of them: {' '.join(['secarch', *path])} -h"


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
    pair = command == "compare-baseline" and ("--scores" in sys.argv or "--from" in sys.argv)
    if pair:
        given = "--scores" if "--scores" in sys.argv else "--from"
        return f"Give both after one {given}. {_example([command], given)}"
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
    if not any(name.startswith(f"{section}.") for name in names):
        found = []  # a command without settings of its own has no use for another's
    known = ELSEWHERE.get(word, "").split(" ")[0]
    return next(iter(own), "") or known or (found[0] if len(found) == 1 else "")
