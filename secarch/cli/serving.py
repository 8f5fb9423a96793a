"""The command line's `serve` and `probe`: what is asked of, and of what runs.

As in `app`, each command is flags -> settings -> a stage's function, imported inside.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from secarch.cli import completion
from secarch.cli.evaluating import Suites
from secarch.cli.invocation import Invocation, command

if TYPE_CHECKING:
    from secarch.records import Outcome


def add_to(app: typer.Typer) -> None:
    """Register both commands."""
    command(app, "serve")(serve)
    command(app, "probe")(probe)


def serve(
    invocation: Invocation,
    ref: Annotated[
        str,
        typer.Argument(
            help="name, name@alias or name/N; the only model if not given.",
            autocompletion=completion.versions,
        ),
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

        return printed(print_engine, session, ref, engine=settings.serve.engine)
    from secarch.serve.stage import run

    return run(settings.serve, session, ref=ref)


def probe(
    invocation: Invocation,
    url: Annotated[str, typer.Argument(help="URL of a running server.")],
    against: Annotated[str, typer.Option(help="REF that should answer; else what it says.")] = "",
    every: Annotated[str, typer.Option(help="Again and again, such as 15m, until a signal.")] = "",
    smoke: Annotated[
        bool, typer.Option("--smoke/--full", help="The smoke questions, or the whole suites.")
    ] = True,
    suite: Suites = None,
    prom: Annotated[
        Path | None, typer.Option(help="File for Prometheus' textfile collector.")
    ] = None,
) -> Outcome:
    """Hold a running server to its version's own evaluation; exit 5 if it is worse or another."""
    flags = {"eval.smoke": smoke or None, "eval.suites": suite or None}
    settings = invocation.load(flags).settings
    from secarch.probe.stage import Stages, run

    stages = Stages(
        probe=settings.probe,
        eval=settings.eval,
        compare=settings.compare,
        max_kl=settings.models.max_kl,
    )
    session = invocation.session(settings)
    return run(stages, session, url=url, against=against, every=every, prom=prom)
