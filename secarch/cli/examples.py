"""Examples of every command: the help ends with them, and a mistake on the line names the nearest.

A plain table, since `secarch --help` imports this module.
"""

from __future__ import annotations

from typing import Any

EXAMPLES: dict[str, tuple[str, ...]] = {
    "demo": ("secarch demo", "secarch demo --serve"),
    "init": ("secarch init", "secarch init --preset small my-architect"),
    "doctor": ("secarch doctor", "secarch doctor --config secarch.yaml"),
    "harvest": (
        "secarch harvest ./handbook",
        "secarch harvest https://docs.example.org/ --set harvest.contact=you@example.org --dry-run",
        "secarch harvest --config secarch.yaml --resume",
        "secarch harvest --shard 0/2",
        "secarch harvest --only aws --max-pages 100",
        "secarch harvest --cdx index.cdx.gz",
    ),
    "frontier status": ("secarch frontier status",),
    "frontier merge": ("secarch frontier merge",),
    "frontier re-extract": ("secarch frontier re-extract",),
    "frontier export": ("secarch frontier export crawl.warc.gz",),
    "dedupe": (
        "secarch dedupe",
        "secarch dedupe --documents documents.jsonl",
        "secarch dedupe --documents new.jsonl --onto workspace/datasets/1a2b3c4d",
        "secarch dedupe --engine ray",
    ),
    "dataset validate": (
        "secarch dataset validate rows.jsonl",
        "secarch dataset validate workspace/datasets/1a2b3c4d --max-overlap 0",
    ),
    "dataset diff": (
        "secarch dataset diff workspace/datasets/1a2b3c4d workspace/datasets/5e6f7a8b",
    ),
    "dataset grade": (
        "secarch dataset grade workspace/datasets/1a2b3c4d",
        "secarch dataset grade --judge-url http://localhost:8000/v1 --judge-model judge",
        "secarch dataset grade --import grades.jsonl",
    ),
    "review": (
        "secarch review --size 40",
        "secarch review --import example_review.jsonl",
        "secarch review --evaluation workspace/evals/1a2b3c4d",
        "secarch review --dataset workspace/datasets/1a2b3c4d",
        "secarch review --suite core",
    ),
    "train": (
        "secarch train --dry-run",
        "secarch train --dataset alpaca.json --base ./my-base --name architect",
        "secarch train --max-steps 20 --set train.lora.r=8",
    ),
    "eval": (
        "secarch eval --model workspace/runs/architect",
        "secarch eval --model http://localhost:8000/v1 --smoke",
        "secarch eval --base ./my-base --suite core --min-score 0.5",
    ),
    "eval score": ("secarch eval score --from workspace/evals/1a2b3c4d",),
    "eval agree": ("secarch eval agree --from workspace/evals/1a2b3c4d --labels labels.jsonl",),
    "suite validate": ("secarch suite validate core", "secarch suite validate my-suite.yaml"),
    "suite stats": ("secarch suite stats core",),
    "suite show": ("secarch suite show aws-0001", "secarch suite show q-1 --suite my-suite.yaml"),
    "suite import": (
        "secarch suite import cti-mcq.tsv --map ctibench",
        "secarch suite import mine.csv --map my-map.yaml --out mine.suite.jsonl",
    ),
    "compare-baseline": (
        "secarch compare-baseline --tuned workspace/runs/architect --fail-on worse,unsafe",
        "secarch compare-baseline --scores base.jsonl tuned.jsonl --primary accuracy",
        "secarch compare-baseline --from workspace/evals/1a2b3c4d workspace/evals/5e6f7a8b",
        "secarch compare-baseline --base ./my-base --tuned http://localhost:8000/v1 --margin 0.05",
    ),
    "report": ("secarch report", "secarch report --html --out workspace.html"),
    "export": (
        "secarch export architect",
        "secarch export architect --to ./architect-merged --dtype bfloat16",
    ),
    "models register": ("secarch models register architect --name architect",),
    "models list": ("secarch models list",),
    "models show": ("secarch models show architect@live",),
    "models verify": ("secarch models verify architect/1",),
    "models promote": (
        "secarch models promote architect/1",
        'secarch models promote architect/2 --force --reason "tried by the team"',
    ),
    "models rollback": ('secarch models rollback architect --reason "too slow"',),
    "models log": ("secarch models log architect",),
    "models lineage": ("secarch models lineage architect/1",),
    "models tag": ("secarch models tag architect/1 stage=pilot",),
    "models retire": ('secarch models retire architect/1 --reason "replaced by version 2"',),
    "serve": ("secarch serve architect --port 8080", "secarch serve architect --print-engine vllm"),
    "probe": ("secarch probe http://127.0.0.1:8080",),
    "config show": ("secarch config show train.lora --set train.lora.r=64",),
    "config schema": ("secarch config schema --markdown",),
    "help": ("secarch help faq", "secarch help"),
}
"""Command without `secarch` -> whole lines, the commonest use first."""

SHARED = {
    "--config": "--config secarch.yaml",
    "--set": "--set train.lora.r=64",
    "--workspace": "--workspace ./workspace",
    "--log-format": "--log-format json",
    "--log-file": "--log-file run.log",
}
"""How an option of every command is given."""


def of(command: str, option: str = "") -> str:
    """The first example of a command that has the option; '' if there is none."""
    if option in SHARED:
        return f"secarch {command} {SHARED[option]}"
    lines = EXAMPLES.get(command, ())
    return next((line for line in lines if not option or option in line.split()), "")


class Shown:
    """A command whose help ends with its examples."""

    epilog: str | None

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """The help of the command and its examples, with boxes on a terminal."""
        path = ctx.command_path.removeprefix(ctx.find_root().command_path).strip()
        self.epilog = "\n\n".join(["Examples:", *EXAMPLES.get(path, ())])
        super().format_help(ctx, formatter)  # type: ignore[misc]

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        """Each example in one line, so that it can be copied."""
        del ctx
        head, *lines = (self.epilog or "").split("\n\n")
        formatter.write("\n".join(["", head, *(f"  {line}" for line in lines), ""]))
