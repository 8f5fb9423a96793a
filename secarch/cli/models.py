"""The command line's group `models`: what is registered, what is live, and why.

As in `app`, each command is flags -> settings -> a function of the registry, imported inside.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from secarch.cli import completion
from secarch.cli.invocation import Invocation, command
from secarch.cli.order import Group

if TYPE_CHECKING:
    from secarch.records import Outcome
    from secarch.registry.gate import Judged

models_app = typer.Typer(
    cls=Group, no_args_is_help=True, help="Register, promote and roll back models."
)

_Ref = Annotated[
    str,
    typer.Argument(
        help="name, name@alias or name/N; a bare name is champion.",
        autocompletion=completion.versions,
    ),
]
_Reason = Annotated[str, typer.Option(help="Why; the log keeps it.")]
_Alias = Annotated[str, typer.Option("--alias", help="Alias that moves.")]


@command(models_app, "register")
def models_register(
    invocation: Invocation,
    export: Annotated[
        str,
        typer.Argument(
            help="Folder of an export (with a slash), or its name.",
            autocompletion=completion.exports,
        ),
    ],
    name: Annotated[str, typer.Option(help="Name of the model; else the folder's.")] = "",
    tag: Annotated[list[str] | None, typer.Option(help="k=v; repeatable.")] = None,
    evidence: Annotated[
        list[Path] | None, typer.Option(help="A load test's JSON, kept with the version.")
    ] = None,
    adapter: Annotated[
        bool, typer.Option("--adapter", help="It is an adapter (or run), not an export.")
    ] = False,
    base_served: Annotated[
        Path | None, typer.Option(help="Base model that the adapter is served on.")
    ] = None,
    dataset: Annotated[
        Path | None, typer.Option(help="The run's dataset, if it is not in the workspace.")
    ] = None,
) -> Outcome:
    """Record an export as the next version of a model."""
    settings = invocation.registry()
    from secarch.registry import mirror
    from secarch.registry.register import Request, register, tags_of

    session = invocation.session(settings)
    wanted = Request(
        export=export, name=name, tags=tags_of(tag or []), evidence=tuple(evidence or [])
    )
    if adapter or base_served:
        from secarch.registry.adapter import register_adapter

        outcome = register_adapter(
            session, wanted, base_served=base_served, dataset=dataset, max_kl=settings.models.max_kl
        )
    else:
        outcome = register(session, wanted)
    mirror.reflect(settings.models, session, str(outcome.result.get("name", "")))
    return outcome


@command(models_app, "list")
def models_list(invocation: Invocation) -> Outcome:
    """List models, versions and aliases."""
    settings = invocation.registry()
    from secarch.registry.listing import list_models

    return list_models(invocation.session(settings))


@command(models_app, "show")
def models_show(invocation: Invocation, ref: _Ref) -> Outcome:
    """Show a version: evidence, its age, ancestors, and what an answer costs."""
    settings = invocation.load().settings
    from secarch.registry.listing import show

    return show(
        invocation.session(settings),
        ref,
        usd_per_hour=settings.serve.price_per_hour,
    )


@command(models_app, "verify")
def models_verify(
    invocation: Invocation,
    ref: Annotated[str, typer.Argument(help="A version; every one if not given.")] = "",
) -> Outcome:
    """Hash the files of versions again; exit 4 names one that changed."""
    settings = invocation.registry()
    from secarch.registry.listing import verify

    return verify(invocation.session(settings), ref)


@command(models_app, "promote")
def models_promote(
    invocation: Invocation,
    ref: _Ref,
    to: Annotated[str, typer.Option(help="Alias to move.")] = "champion",
    comparison: Annotated[str, typer.Option(help="Comparison that speaks for it.")] = "",
    expect: Annotated[
        int | None, typer.Option(help="Version that the alias must point to now.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Past a closed gate; --reason.")] = False,
    reason: _Reason = "",
    labels: Annotated[
        list[Path] | None, typer.Option(help="People's labels (review --evaluation); repeatable.")
    ] = None,
) -> Outcome:
    """Make a version live if the gate is open; exit 5 with every reason if not."""
    settings = invocation.registry()
    from secarch.registry import mirror
    from secarch.registry.promote import Promotion, promote

    def opinion(evaluation: Path) -> Judged:
        return _judged(evaluation, invocation.load().settings.eval.suites, labels or [])

    session = invocation.session(settings)
    wanted = Promotion(
        ref=ref, to=to, comparison=comparison, expect=expect, force=force, reason=reason
    )
    outcome = promote(settings.models, session, wanted, opinion if labels else None)
    mirror.reflect(settings.models, session, ref.split("@")[0].split("/")[0])
    return outcome


def _judged(evaluation: Path, suites: tuple[str, ...], labels: list[Path]) -> Judged:
    """Labels of key points and the matcher's kappa with them, as `eval agree` measures it."""
    from secarch.registry.gate import Judged
    from secarch.review.agreement import agree

    found = agree(evaluation=evaluation, suites=suites, files=labels)
    rows = [
        row
        for row in found.result["agreement"]
        if row["category"] == "all" and row["layer"] == "matcher"
    ]
    kappa = rows[0]["kappa"] if rows else None
    return Judged(found.result["labels"]["key_point"], kappa, tuple(found.result["reviewers"]))


@command(models_app, "rollback")
def models_rollback(
    invocation: Invocation,
    name: Annotated[str, typer.Argument(help="Name of the model.")],
    reason: _Reason = "",
    to: Annotated[int | None, typer.Option(help="Version that was live before.")] = None,
    alias: _Alias = "champion",
) -> Outcome:
    """Go back to what was live before, without a gate."""
    settings = invocation.registry()
    from secarch.registry import mirror
    from secarch.registry.promote import rollback

    session = invocation.session(settings)
    outcome = rollback(session, name, alias=alias, to=to, reason=reason)
    mirror.reflect(settings.models, session, name)
    return outcome


@command(models_app, "log")
def models_log(
    invocation: Invocation,
    name: Annotated[str, typer.Argument(help="Name of the model.")],
    at: Annotated[str, typer.Option(help="A date: what was live then.")] = "",
) -> Outcome:
    """Tell who made what live, when and why."""
    settings = invocation.registry()
    from secarch.registry.listing import show_log

    return show_log(invocation.session(settings), name, at=at)


@command(models_app, "lineage")
def models_lineage(
    invocation: Invocation,
    ref: _Ref,
    answer: Annotated[
        str | None, typer.Option(help="File with an answer, or -: the training rows like it.")
    ] = None,
) -> Outcome:
    """Walk from a version to the pages it was trained on, with licences."""
    settings = invocation.registry()
    from secarch.registry.lineage import answer_text, lineage

    text = None if answer is None else answer_text(answer)
    return lineage(invocation.session(settings), ref, answer=text)


@command(models_app, "tag")
def models_tag(
    invocation: Invocation,
    ref: _Ref,
    tags: Annotated[list[str], typer.Argument(help="k=v; several.")],
) -> Outcome:
    """Add tags to a version."""
    settings = invocation.registry()
    from secarch.registry.promote import tag
    from secarch.registry.register import tags_of

    return tag(invocation.session(settings), ref, tags_of(tags))


@command(models_app, "retire")
def models_retire(invocation: Invocation, ref: _Ref, reason: _Reason = "") -> Outcome:
    """Take a version that is not live out of use."""
    settings = invocation.registry()
    from secarch.registry.promote import retire

    return retire(invocation.session(settings), ref, reason=reason)
