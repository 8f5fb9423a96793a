"""The command line's groups: commands about settings, frontiers, datasets and suites, beside the
stages themselves.

As in `cli`, each command is flags -> settings -> a stage's function, imported inside; no decisions.
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

config_app = typer.Typer(
    cls=Group, no_args_is_help=True, help="Show the settings, or their schema."
)
frontier_app = typer.Typer(cls=Group, no_args_is_help=True, help="Look into a crawl's frontier.")
dataset_app = typer.Typer(
    cls=Group, no_args_is_help=True, help="Check, grade and compare datasets."
)
_SuiteNames = Annotated[
    list[str] | None,
    typer.Argument(help="Suites by name or path.", autocompletion=completion.suites),
]
suite_app = typer.Typer(cls=Group, no_args_is_help=True, help="Check and show golden suites.")


@command(config_app, "show")
def config_show(
    invocation: Invocation,
    names: Annotated[
        list[str] | None,
        typer.Argument(
            help="Only these settings or sections, such as train.lora.",
            metavar="NAME",
            autocompletion=completion.names_of_settings,
        ),
    ] = None,
) -> Outcome:
    """Print every setting with its value and the tier it came from."""
    loaded = invocation.load()
    from secarch.cli.scaffold import show

    return show(loaded, names or [])


@command(config_app, "schema")
def config_schema(
    invocation: Invocation,
    markdown: Annotated[bool, typer.Option(help="A page of Markdown instead.")] = False,
) -> Outcome:
    """Print the JSON Schema of the settings."""
    from secarch.cli.scaffold import print_schema
    from secarch.cli.settings_page import settings_page
    from secarch.records import Outcome

    if markdown:
        page = settings_page()
        return Outcome(status="done", result={"settings_page": page}, shown=(page.rstrip(),))
    return print_schema()


@command(frontier_app, "status")
def frontier_status(invocation: Invocation) -> Outcome:
    """Count the frontier's pages by host and state; works while a crawl runs."""
    settings = invocation.load().settings
    from secarch.harvest.frontier.status import status

    return status(invocation.session(settings))


@command(frontier_app, "merge")
def frontier_merge(
    invocation: Invocation,
    artifacts: Annotated[
        list[Path] | None,
        typer.Argument(help="Documents artifacts; the newest of every shard if none is named."),
    ] = None,
) -> Outcome:
    """Join the documents of `harvest --shard` runs: the same as one run's, each once ->
    documents.
    """
    settings = invocation.load().settings
    from secarch.harvest.frontier.merge import merge

    return merge(invocation.session(settings), artifacts or [])


@command(frontier_app, "re-extract")
def frontier_re_extract(invocation: Invocation) -> Outcome:
    """Extract the kept pages again, without asking any site -> documents."""
    settings = invocation.load().settings
    from secarch.harvest.frontier.re_extract import re_extract

    return re_extract(settings.harvest, invocation.session(settings))


@command(frontier_app, "export")
def frontier_export(
    invocation: Invocation,
    file: Annotated[Path, typer.Argument(help="WARC file to write, such as crawl.warc.gz.")],
) -> Outcome:
    """Write the kept pages as WARC/1.1."""
    settings = invocation.load().settings
    from secarch.harvest.frontier.export import export as write

    return write(settings.harvest, invocation.session(settings), file)


@command(dataset_app, "validate")
def dataset_validate(
    invocation: Invocation,
    path: Annotated[Path, typer.Argument(help="A dataset folder, or a file of rows.")],
    longest: Annotated[
        int, typer.Option("--max-words", min=1, help="Words of the longest answer.")
    ] = 8192,
    max_overlap: Annotated[
        float,
        typer.Option(
            min=0, max=1, help="Share of a held-out answer's 13-grams that training may hold."
        ),
    ] = 0.2,
) -> Outcome:
    """Check a dataset: schema, empties, roles, lengths, duplicates, leaks."""
    from secarch.dedupe.inspect.validate import validate

    return validate(path, longest=longest, max_overlap=max_overlap)


@command(dataset_app, "diff")
def dataset_diff(
    invocation: Invocation,
    before: Annotated[Path, typer.Argument(help="A dataset's folder.")],
    after: Annotated[Path, typer.Argument(help="Another one's.")],
) -> Outcome:
    """Tell what changed between two datasets: examples, documents, splits, kinds, licences,
    settings.
    """
    from secarch.dedupe.inspect.diff import diff

    return diff(before, after)


@command(dataset_app, "grade")
def dataset_grade(
    invocation: Invocation,
    path: Annotated[
        Path | None, typer.Argument(help="A dataset's folder; the newest if not given.")
    ] = None,
    size: Annotated[int, typer.Option(min=1, help="Rows to draw for judge and people.")] = 120,
    judge_url: Annotated[
        str, typer.Option(help="An OpenAI-compatible server that grades the drawn rows.")
    ] = "",
    judge_model: Annotated[str, typer.Option(help="Its model, if it has several.")] = "",
    taken: Annotated[
        list[Path] | None, typer.Option("--import", help="Take people's saved grades in.")
    ] = None,
) -> Outcome:
    """Grade a dataset: mechanical defects, a judge's grades, and a page for people."""
    settings = invocation.load().settings
    from secarch.review.grade import Judge, grade

    judge = Judge(judge_url, judge_model) if judge_url else None
    return grade(
        invocation.session(settings), dataset=path, size=size, judge=judge, taken=taken or []
    )


@command(suite_app, "validate")
def suite_validate(
    invocation: Invocation,
    names: _SuiteNames = None,
) -> Outcome:
    """Check suites: schema, patterns, and that each question discriminates."""
    from secarch.evaluate.validate import validate

    return validate(names or ["core"])


@command(suite_app, "stats")
def suite_stats(
    invocation: Invocation,
    names: _SuiteNames = None,
    tokenizer: Annotated[
        str, typer.Option(help="Model whose tokenizer counts the prompts; default: an estimate.")
    ] = "",
) -> Outcome:
    """Count a suite's questions by category, kind and difficulty, and the tokens of its prompts."""
    from secarch.evaluate.ask.size import counter
    from secarch.suite.catalogue import stats

    count, counted_by = counter(tokenizer)
    return stats(names or ["core"], count, counted_by)


@command(suite_app, "show")
def suite_show(
    invocation: Invocation,
    question: Annotated[str, typer.Argument(help="Id of a question.")],
    names: Annotated[
        list[str] | None,
        typer.Option("--suite", help="Suites by name or path.", autocompletion=completion.suites),
    ] = None,
) -> Outcome:
    """Print one question with its reference and key points."""
    from secarch.suite.catalogue import show

    return show(question, names or ["core"])


@command(suite_app, "import")
def suite_import(
    invocation: Invocation,
    file: Annotated[Path, typer.Argument(help="JSONL, JSON, CSV, TSV or text.")],
    columns: Annotated[
        str,
        typer.Option(
            "--map",
            help="ctibench, cybermetric, seceval, mmlu, xstest, benign, harmful, or a YAML file.",
        ),
    ],
    out: Annotated[
        Path | None, typer.Option(help="File to write; FILE.suite.jsonl if not given.")
    ] = None,
) -> Outcome:
    """Make a suite of a file that others published (multiple choice, or prompts alone), by a map
    of its columns.
    """
    from secarch.suite.importer import bring

    return bring(file, columns, out)
