"""The datasets that `evidence.py` compares: the forerunner's recipe, ours, and ours less a part."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

Command = Callable[..., dict[str, Any]]

CHUNK = 1_500
"""Characters of a chunk in the forerunner's recipe."""
PAGES: dict[str, object] = {"dedupe.mix.whole": 1_000_000_000, "dedupe.mix.told": 1_000_000_000}
"""Every row cut from a page stays. Of a large dataset the default keeps next to none, and then a part
that works on pages (near duplicates, filters, boilerplate) could not show in the rows."""
LESS: dict[str, dict[str, object]] = {
    "ours": {},
    "pages_kept": PAGES,
    "near_duplicates_kept": PAGES | {"dedupe.threshold": 1, "dedupe.containment": 1},
    "filters_off": PAGES
    | {"dedupe.filters": "[]", "dedupe.min_words": 0, "dedupe.min_reading_ease": -1e6},
    "boilerplate_kept": PAGES | {"dedupe.boilerplate": 0},
    "quoted_only": PAGES | {"dedupe.mix.constructed": 0},
}
"""Arms that are a build with other settings; the last four are each `pages_kept` less a part."""
REWRITTEN = ("one_template", "loss_on_all")
"""Arms that are the rows of `ours`, rewritten."""
ARMS = ("forerunner", *LESS, *REWRITTEN)
FURTHER = ("quoted_only",)
"""Arms that are run if they are named: they answer another question than what a part does."""
ONE_QUESTION = "Explain {title}."
FENCE = re.compile(r"^(`{3,})[^\n]*\n.*?^\1[ ]*$", re.DOTALL | re.MULTILINE)


def rank(text: str) -> int:
    """A number by which documents are drawn, the same on every machine."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def dataset(arm: str, documents: Path, folder: Path, command: Command) -> Path:
    """The dataset of an arm, built if it is not there."""
    if arm in LESS:
        workspace = folder / "workspace"
        built = workspace / "path.txt"
        if not built.exists():
            done = command(
                *("dedupe", "--documents", documents, "--workspace", workspace),
                settings=LESS[arm],
            )
            built.write_text(done["artifact"], "utf-8")
        return Path(built.read_text("utf-8"))
    rows = folder / "train.jsonl"
    if not rows.exists():
        folder.mkdir(parents=True, exist_ok=True)
        made = _rewritten(arm, documents, folder, command)
        new = rows.with_suffix(".new")
        new.write_text("".join(json.dumps(row) + "\n" for row in made), "utf-8")
        new.replace(rows)
    return rows


def _rewritten(
    arm: str, documents: Path, folder: Path, command: Command
) -> Iterator[dict[str, Any]]:
    if arm == "forerunner":
        return _forerunner(documents)
    ours = dataset("ours", documents, folder.parent / "ours", command) / "train.jsonl"
    change = _one_template if arm == "one_template" else _loss_on_all
    return (change(json.loads(line)) for line in ours.open(encoding="utf-8"))


def _forerunner(documents: Path) -> Iterator[dict[str, Any]]:
    """The recipe by its description: exact copies dropped by hash, chunks of 1,500 characters under
    one question, the source as its input; nothing is filtered, scrubbed or kept from the suite.
    """
    seen: set[bytes] = set()
    for line in documents.open(encoding="utf-8"):
        row = json.loads(line)
        digest = hashlib.sha256(row["text"].encode()).digest()
        if digest in seen:
            continue
        seen.add(digest)
        domain = row["url"].split("/")[2]
        asked = f"Explain the security architecture concepts regarding {domain}."
        for start in range(0, len(row["text"]), CHUNK):
            if chunk := row["text"][start : start + CHUNK].strip():
                yield _row(f"{asked}\n\nSource: {row['url']}", chunk)


def _one_template(row: dict[str, Any]) -> dict[str, Any]:
    """One question for every row, about its title; code that the row's own question shows stays."""
    asked, answer = _texts(row)
    shown = [found.group() for found in FENCE.finditer(asked)]
    return _row(
        "\n\n".join([ONE_QUESTION.format(title=row.get("title") or "this"), *shown]), answer
    )


def _loss_on_all(row: dict[str, Any]) -> dict[str, Any]:
    """The question moved into the answer, so that the loss sees it too."""
    asked, answer = _texts(row)
    return _row("Go on.", f"{asked}\n\n{answer}")


def _texts(row: dict[str, Any]) -> tuple[str, str]:
    said = {message["role"]: message["content"] for message in row["messages"]}
    return said["user"], said["assistant"]


def _row(asked: str, answer: str) -> dict[str, Any]:
    from secarch.models.prompt import SYSTEM

    return {
        "messages": [
            {"role": "system", "content": SYSTEM},
            {"role": "user", "content": asked},
            {"role": "assistant", "content": answer},
        ]
    }
