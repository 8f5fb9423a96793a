"""The command line's `serve` and `probe`: what is asked of, and of what runs.

As in `app`, each command is flags -> settings -> a stage's function, imported inside.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from secarch.cli.invocation import Invocation, command

if TYPE_CHECKING:
    from secarch.records import Outcome


def add_to(app: typer.Typer) -> None:
    """Register both commands."""
    command(app, "serve")(serve)


def serve(
    invocation: Invocation,
    ref: Annotated[
        str, typer.Argument(help="name, name@alias or name/N; the only model if not given.")
    ] = "",
    engine: Annotated[
        str | None, typer.Option(help="transformers (embedded), or the URL of an engine.")
    ] = None,
    host: Annotated[str | None, typer.Option(help="Interface to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port of the API.")] = None,
    guard: Annotated[
        Literal["off", "mark", "hold"] | None, typer.Option(help="Critical statements in answers.")
    ] = None,
    print_engine: Annotated[
        Literal["vllm", "llamacpp", "sglang"] | None,
        typer.Option(help="Print the line that starts this engine with this version."),
    ] = None,
) -> Outcome:
    """Serve a registered model with an OpenAI-compatible API."""
    flags = {
        "serve.engine": engine,
        "serve.host": host,
        "serve.port": port,
        "serve.guard": guard,
    }
    settings = invocation.load(flags).settings
    session = invocation.session(settings)
    if print_engine:
        from secarch.serve.lines import printed

        return printed(print_engine, session, ref)
    from secarch.serve.stage import run

    return run(settings.serve, session, ref=ref)
