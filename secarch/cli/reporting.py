"""The command line's `report`: what is newest, or the whole workspace as one page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from secarch.cli.invocation import Invocation, command

if TYPE_CHECKING:
    from secarch.records import Outcome


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    command(app, "report")(report)


def report(
    invocation: Invocation,
    opened: Annotated[
        bool, typer.Option("--open", help="Open the newest page in the browser.")
    ] = False,
    printed: Annotated[
        bool, typer.Option("--print", help="Print the newest comparison's report.md.")
    ] = False,
    html: Annotated[
        bool,
        typer.Option("--html", help="Draw the whole workspace as one page, with its lineage."),
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Where to draw it; <workspace>/report.html if not given."
        ),
    ] = None,
) -> Outcome:
    """List what is newest with its page, or draw the workspace's page."""
    settings = invocation.load().settings
    session = invocation.session(settings)
    from secarch.cli import workspace

    if not html and out is None:
        return workspace.report(session, opened=opened, printed=printed)
    from secarch.cli.overview import overview

    outcome = overview(session, out)
    if opened and not session.dry_run:
        workspace.browse(Path(outcome.result["report"]))
    return outcome
