"""Small documents in our own words, and a way to run the stage on them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from secarch.dedupe.config import DedupeConfig
from secarch.records import Outcome
from secarch.session import Session

VERBS = "rotate audit encrypt isolate restrict review tag revoke archive monitor".split()
THINGS = "bucket cluster subnet secret gateway ledger queue vault registry replica".split()


def page(n: int) -> str:
    """A page that shares little with the page of another number."""
    verb, thing = VERBS[n % 10], THINGS[(n // 10 + n) % 10]
    other = THINGS[(n * 3 + 1) % 10]
    facts = " ".join(
        f"Team {n}-{k} keeps {thing} number {n * 31 + k * 7} apart from {other} {k + n * 13}, and "
        "the "
        f"owner of zone {n + k} "
        f"has to {VERBS[(n + k) % 10]} it within {k + 2} days of change {n * 17 + k}."
        for k in range(4)
    )
    steps = "\n".join(
        f"{k}. Open console {n}-{k} and {VERBS[(n * k) % 10]} the {other} of area {n * k + 5}."
        for k in range(1, 5)
    )
    return (
        f"# How teams {verb} the {thing} {n}\n\nThe {thing} of site {n} is run by those who own "
        f"it. {facts}\n\n"
        f"## Create a {thing} for site {n}\n\nThe site {n} has agreed on an order with its "
        f"owners.\n\n{steps}\n\n"
        f"## Why does site {n} keep the {thing} apart from the {other}?\n\nAn attacker who "
        f"reaches the {other} of site {n} must not reach the {thing} {n * 7 + 3}, because the two "
        f"hold different keys of zone {n}. Separation limits what one stolen credential opens.\n\n"
        f"## Who has the last word on {thing} {n}?\n\nThe final word of page {n} has its owner: "
        f"it is never lost, and the last section of {thing} {n} is learnt from like the first "
        f"one, with all that it holds, down to the end marker number {n}.\n"
    )


@pytest.fixture
def pages() -> Callable[[int], list[dict[str, Any]]]:
    """Rows of `n` different pages."""
    return lambda n: [
        {
            "url": f"https://docs.example.com/guide/page-{k}.html",
            "text": page(k),
            "licence": "CC-BY-4.0",
        }
        for k in range(n)
    ]


@pytest.fixture
def jsonl(tmp_path: Path) -> Callable[..., Path]:
    """Write rows (or raw lines) to a JSONL file."""

    def write(rows: list[Any], name: str = "documents.jsonl") -> Path:
        path = tmp_path / name
        lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        return path

    return write


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., Outcome]:
    """Run the stage on files, without a suite unless one is named."""

    def go(
        *documents: Path,
        workspace: str = "ws",
        resume: bool = False,
        fresh: bool = False,
        onto: Path | None = None,
        **changes: Any,
    ) -> Outcome:
        from secarch.dedupe.stage import run as dedupe

        plain = {"decontaminate": (), "workers": 1, "mix": {"constructed": 0}}
        config = DedupeConfig(**{**plain, **changes})
        session = Session(workspace=tmp_path / workspace, resume=resume, fresh=fresh)
        return dedupe(config, session, documents=list(documents), onto=onto)

    return go
