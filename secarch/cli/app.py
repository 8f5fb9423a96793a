"""The command line: a function a subcommand, flags -> settings -> stage; no decisions.

Every stage is imported inside its command, so that `secarch --help` loads none of them.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from secarch.cli import completion, first_steps, output, reporting, serving
from secarch.cli.evaluating import Metric, OtherScores, Smoke, Suites, Tuned, eval_app
from secarch.cli.groups import config_app, dataset_app, frontier_app, suite_app
from secarch.cli.invocation import Invocation, command
from secarch.cli.models import models_app
from secarch.cli.order import PipelineOrder

if TYPE_CHECKING:
    from secarch.records import Outcome

app = typer.Typer(
    name="secarch",
    cls=PipelineOrder,
    no_args_is_help=True,
    # Boxes and colours are for terminals; into a pipe the help is plain, and comes in half the
    # time.
    rich_markup_mode="rich" if sys.stdout and sys.stdout.isatty() else None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="From public cloud-security documentation to a measured, tuned Senior Cloud Security "
    "Architect.",
    epilog="Start with `secarch demo`: every stage on an embedded site and model, no download.",
)
app.add_typer(config_app, name="config")
app.add_typer(frontier_app, name="frontier")
app.add_typer(dataset_app, name="dataset")
app.add_typer(suite_app, name="suite")
app.add_typer(eval_app, name="eval")
app.add_typer(models_app, name="models")
serving.add_to(app)
reporting.add_to(app)
first_steps.add_to(app)


def _version(asked: bool) -> None:
    if asked:
        from secarch import __version__

        typer.echo(f"secarch {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option(
            "--version", "-V", callback=_version, is_eager=True, help="Print the version and exit."
        ),
    ] = False,
) -> None:
    pass


def main() -> None:
    """Entry point of the console script."""
    # Read by OpenMP when torch is loaded: threads that wait spinning make a shared machine many
    # times slower.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    # oneDNN keeps a compiled kernel for each shape it has seen: a gigabyte for rows of many lengths
    # on a CPU.
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "16")
    # Nothing here has plug-ins for pydantic; to look for some reads every package's metadata.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "1")
    stdout = sys.stdout
    try:
        app()
    except SystemExit as end:
        if end.code == 1 and sys.stdout is not stdout:
            # The parser puts a silent one in its place if the reader of its help has left.
            raise SystemExit(0) from None
        raise
    except OSError as error:  # of help and version, which the parser writes
        found = output.lost(error)
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123
        sys.stderr.write("error: " + "\n".join(found.lines()) + "\n")
        raise SystemExit(found.exit_code) from None


@command(app, "harvest", resumable=True)
def harvest(
    invocation: Invocation,
    urls: Annotated[
        list[str] | None, typer.Argument(help="Seeds, in place of harvest.seeds.")
    ] = None,
    max_pages: Annotated[int | None, typer.Option(help="Pages to fetch in all.")] = None,
    refresh: Annotated[bool, typer.Option(help="Visit known pages again.")] = False,
    shard: Annotated[
        str | None, typer.Option(help="Ask only the hosts of part i of n: i/n, from 0.")
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option(help="Only the seeds of this name; several times.")
    ] = None,
    cdx: Annotated[
        list[str] | None,
        typer.Option(metavar="FILE|URL", help="CDX list of records in WARC files."),
    ] = None,
    probe: Annotated[
        bool,
        typer.Option(
            "--probe", help="Dry run that asks each host for its sitemaps and says what would come."
        ),
    ] = False,
    require_seeds: Annotated[
        bool | None, typer.Option("--require-seeds", help="Exit 4 if a seed gave no document.")
    ] = None,
) -> Outcome:
    """Crawl documentation politely and crash-safe -> documents."""
    settings = invocation.load(
        {
            "harvest.seeds": [*(urls or ()), *({"cdx": name} for name in cdx or ())] or None,
            "harvest.max_pages": max_pages,
            "harvest.shard": shard,
            "harvest.require_seeds": require_seeds,
        }
    ).settings
    from secarch.harvest.extract import pool
    from secarch.harvest.sources.seeds import only_seeds

    session, config = invocation.session(settings), only_seeds(settings.harvest, only or ())
    if config.seeds and not (session.dry_run or probe):
        pool.begin(config.workers)
    from secarch.harvest.stage import run

    return run(config, session, refresh=refresh, probe=probe)


@command(app, "dedupe", resumable=True)
def dedupe(
    invocation: Invocation,
    documents: Annotated[
        list[Path] | None, typer.Option(help="Documents: an artifact, JSONL or Parquet.")
    ] = None,
    semantic: Annotated[
        bool | None, typer.Option(help="Report what means the same in other words (slow).")
    ] = None,
    fail_on_contamination: Annotated[
        bool | None, typer.Option(help="Exit 5 if a suite's text is found.")
    ] = None,
    onto: Annotated[
        Path | None, typer.Option(help="Dataset that these documents are added to.")
    ] = None,
    engine: Annotated[
        Literal["local", "ray"] | None, typer.Option(help="Where shards are worked on.")
    ] = None,
) -> Outcome:
    """Clean, filter, de-duplicate, build examples, split -> dataset."""
    settings = invocation.load(
        {
            "dedupe.engine": engine,
            "dedupe.semantic": semantic,
            "dedupe.fail_on_contamination": fail_on_contamination,
        }
    ).settings
    from secarch.dedupe.stage import run

    return run(settings.dedupe, invocation.session(settings), documents=documents or [], onto=onto)


@command(app, "train", resumable=True)
def train(
    invocation: Invocation,
    dataset: Annotated[
        Path | None,
        typer.Option(
            help="Dataset artifact; or a file or folder of rows (messages, ShareGPT, Alpaca, "
            "prompt and completion; JSONL, JSON, Parquet, Arrow)."
        ),
    ] = None,
    base: Annotated[str | None, typer.Option(help="Base model: a folder or a name.")] = None,
    name: Annotated[str | None, typer.Option(help="Name of the run.")] = None,
    max_steps: Annotated[int | None, typer.Option(help="Optimiser steps.")] = None,
    allow_drift: Annotated[
        bool,
        typer.Option(
            help="Resume although settings, data, code, libraries or GPU changed; it is recorded."
        ),
    ] = False,
) -> Outcome:
    """Fine-tune a 4-bit NF4 LoRA adapter -> adapter."""
    flags = {"train.base": base, "train.name": name, "train.max_steps": max_steps}
    settings = invocation.load(flags).settings
    from secarch.train.stage import run

    return run(
        settings.train, invocation.session(settings), dataset=dataset, allow_drift=allow_drift
    )


@command(app, "export", resumable=True)
def export(
    invocation: Invocation,
    run: Annotated[
        Path,
        typer.Argument(help="A finished run: its name or folder.", autocompletion=completion.runs),
    ],
    to: Annotated[
        Path | None,
        typer.Option(help="Folder to write; <workspace>/exports/<run> if not given."),
    ] = None,
    base: Annotated[
        str | None, typer.Option(help="Base model that the run was trained on.")
    ] = None,
    dataset: Annotated[
        Path | None, typer.Option(help="The run's dataset, if it is not in the workspace.")
    ] = None,
    dtype: Annotated[
        Literal["auto", "float32", "bfloat16", "float16"],
        typer.Option(help="Number format; auto is the base's own."),
    ] = "auto",
    max_kl: Annotated[
        float, typer.Option(min=0, help="Nats a token that the merge may cost; above, refused.")
    ] = 0.01,
    push: Annotated[
        str, typer.Option(help="Then upload it to this repository of the hub (owner/model).")
    ] = "",
    public: Annotated[bool, typer.Option(help="Push to a public repository.")] = False,
) -> Outcome:
    """Merge a run into its dequantised base for transformers and vLLM, checked -> model folder."""
    settings = invocation.load({"train.base": base}).settings
    from secarch.train.export.export import export as stage

    session = invocation.session(settings)
    return stage(
        run,
        session,
        base=settings.train.base,
        to=to,
        dataset=dataset,
        dtype=dtype,
        max_kl=max_kl,
        push=push,
        public=public,
    )


@command(app, "compare-baseline", resumable=True)
def compare_baseline(
    invocation: Invocation,
    base: Annotated[str | None, typer.Option(help="Base model; train.base if not given.")] = None,
    tuned: Tuned = None,
    suite: Suites = None,
    smoke: Smoke = None,
    primary: Metric = None,
    margin: Annotated[
        float | None, typer.Option(help="Difference that counts as equivalent.")
    ] = None,
    fail_on: Annotated[
        str | None, typer.Option(help="Grounds that fail the gate, comma-separated.")
    ] = None,
    require_conclusive: Annotated[
        bool | None, typer.Option(help="Fail if the verdict is INCONCLUSIVE.")
    ] = None,
    from_: Annotated[
        tuple[Path, Path] | None,
        typer.Option("--from", help="Two finished evaluations: BASE TUNED."),
    ] = None,
    scores: OtherScores = None,
    labels: Annotated[
        Path | None, typer.Option(help="Readers' choices, saved on a comparison's page.")
    ] = None,
) -> Outcome:
    """Compare base and tuned: paired statistics, a verdict, a report -> comparison."""
    flags: dict[str, Any] = {
        "train.base": base,
        "eval.suites": suite or None,
        "eval.smoke": smoke or None,
        "compare.primary": primary,
        "compare.margin": margin,
        "compare.fail_on": fail_on.split(",") if fail_on else None,
        "compare.require_conclusive": require_conclusive or None,
    }
    settings = invocation.load(flags).settings
    from secarch.compare.stage import run

    session = invocation.session(settings)
    return run(
        settings.compare,
        settings.eval,
        session,
        base=settings.train.base,
        tuned=tuned or [],
        evaluations=from_,
        scores=scores,
        labels=labels,
    )


@command(app, "demo", resumable=True)
def demo(
    invocation: Invocation,
    served: Annotated[
        bool, typer.Option("--serve", help="End with the tuned model answering on loopback.")
    ] = False,
) -> Outcome:
    """Take the tour: every stage on an embedded site and a tiny embedded model."""
    from secarch.demo.tour import SETTINGS_FILE, Stages, tour

    settings = invocation.load(below=SETTINGS_FILE).settings
    stages = Stages(**{name: getattr(settings, name) for name in Stages.__slots__})
    session = invocation.session(settings)
    outcome = tour(stages, session)
    if (report := outcome.result.get("report")) and not invocation.json:
        typer.echo(report)
    if not served or invocation.dry_run:
        return outcome
    from dataclasses import replace

    from secarch.demo.live import Live, answer

    live = Live(**{name: getattr(settings, name) for name in Live.__slots__})
    return answer(live, replace(session, fresh=False))


@command(app, "review")
def review(
    invocation: Invocation,
    dataset: Annotated[
        Path | None, typer.Option(help="Dataset to draw from; the newest if not given.")
    ] = None,
    size: Annotated[int, typer.Option(min=1, help="Examples to draw.")] = 60,
    again: Annotated[
        bool, typer.Option(help="Draw from what was reviewed, for a second opinion.")
    ] = False,
    evaluation: Annotated[
        Path | None, typer.Option(help="Judge what this evaluation's answers say instead.")
    ] = None,
    label_studio: Annotated[bool, typer.Option(help="Write Label Studio tasks, no page.")] = False,
    taken: Annotated[
        list[Path] | None,
        typer.Option("--import", help="Take decisions in: saved labels, or a Label Studio export."),
    ] = None,
    pairs: Annotated[bool, typer.Option(help="Write preference pairs from the decisions.")] = False,
    suite: Annotated[
        list[str] | None, typer.Option(help="Judge questions of this suite instead; repeatable.")
    ] = None,
) -> Outcome:
    """Judge a sample of the dataset on a local page; decisions count in the next build."""
    settings = invocation.load().settings
    session = invocation.session(settings)
    if suite:
        from secarch.review import panel

        return panel.take(suite, taken) if taken else panel.draw(session, suite, size=size)
    if evaluation:
        from secarch.review.statements import draw as draw_points

        return draw_points(session, evaluation, settings.eval.suites, size=size)
    if pairs:
        from secarch.review.pairs import pairs as write_pairs

        return write_pairs(session, dataset)
    from secarch.review.dataset import review as draw
    from secarch.review.dataset import take

    if taken:
        return take(session, taken)
    return draw(session, dataset=dataset, size=size, again=again, label_studio=label_studio)
