"""The commands of the first hour: `init`, `doctor` and `help`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from secarch.cli import completion
from secarch.cli.invocation import Invocation, command

if TYPE_CHECKING:
    from secarch.records import Outcome


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    command(app, "init")(init)
    command(app, "help")(help_)
    command(app, "doctor")(doctor)


def init(
    invocation: Invocation,
    folder: Annotated[Path, typer.Argument(help="Where to write.")] = Path(),
    preset: Annotated[
        str,
        typer.Option(
            help="Start from a preset: cloudsec, small, qwen3-8b or demo.",
            autocompletion=completion.presets,
        ),
    ] = "",
) -> Outcome:
    """Write secarch.yaml and .env.example; never overwrites."""
    from secarch.cli.scaffold import init as write

    return write(folder, preset=preset, dry_run=invocation.dry_run)


def help_(
    invocation: Invocation,
    topic: Annotated[
        str,
        typer.Argument(
            help="A page, such as eval, faq or settings.", autocompletion=completion.topics
        ),
    ] = "",
) -> Outcome:
    """Show a page of the documentation; without a topic the list of them."""
    del invocation
    from secarch.cli.topics import page

    return page(topic)


def doctor(invocation: Invocation) -> Outcome:
    """Check this machine and these settings; each finding says its fix."""
    settings = invocation.load().settings
    from secarch.cli.doctor import examine

    outcome = examine(settings.workspace, settings.train.base, contact=settings.harvest.contact)
    if settings.harvest.seeds:
        outcome = replace(outcome, next="secarch harvest --dry-run")
    return outcome
