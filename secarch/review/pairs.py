"""Preference pairs from what people and gates decided, for `train.objective dpo`.

An edited answer is preferred over the one that was edited, an accepted answer over a rejected one
to the same question, and a row of the dataset over a generated answer to its question that a gate
turned down. Only rows of the train split give pairs: the others measure.
"""

from __future__ import annotations

import gzip
import json
import shlex
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from secarch.artifact import Artifact, newest, open_artifact
from secarch.dedupe.examples import decisions
from secarch.dedupe.examples.decisions import content_sha256
from secarch.errors import MissingInput
from secarch.files import write_jsonl
from secarch.records import Outcome
from secarch.report.labels import Label
from secarch.review.rows import texts
from secarch.schema import JsonDict
from secarch.session import Session

FILE = "pairs.jsonl"
GATED = "generated_"
"""How reasons of generation gates begin."""
REJECTED = "rejected.jsonl.gz"


def pairs(session: Session, dataset: Path | None) -> Outcome:
    """Write `{id, prompt, chosen, rejected, from}` rows of a dataset -> reviews/pairs.jsonl.

    `from` is edit, review or gate. Raises MissingInput if there is no dataset, or no pair in it.
    """
    artifact = open_artifact(dataset or newest(session.datasets, "dataset"), "dataset")
    found = decisions.load(session.workspace)
    rows = list(artifact.rows("train.jsonl"))
    made = [
        *(_reviewed(rows, found.groups) if found else ()),
        *_gated(rows, artifact),
    ]
    if not made:
        raise MissingInput(
            "nothing decided so far makes a pair",
            where=artifact.path,
            why="edits, and rejected answers beside accepted ones to the same question, do",
            fix="review rows and edit their answers: secarch review",
        )
    path = session.workspace / decisions.FOLDER / FILE
    if not session.dry_run:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_jsonl(path, made)
    sources = dict(sorted(Counter(row["from"] for row in made).items()))
    listed = ", ".join(f"{count} from {name}s" for name, count in sources.items())
    return Outcome(
        status="done",
        artifact=str(path),
        counts={"pairs": len(made)},
        result={"from": sources, "pairs": str(path)},
        summary=f"{'would write ' * session.dry_run}{len(made)} pairs ({listed}): {path}",
        next=f"secarch train --dataset {shlex.quote(str(path))} --set train.objective=dpo",
    )


def _pair(row: JsonDict, asked: str, chosen: str, rejected: str, source: str) -> JsonDict:
    """A pair on a row's prompt, asking `asked`."""
    before = [message for message in row["messages"] if message["role"] == "system"]
    return {
        "id": f"{row['id']}:{source}",
        "prompt": [*before, {"role": "user", "content": asked}],
        "chosen": chosen,
        "rejected": rejected,
        "from": source,
        **{name: row[name] for name in ("document_id", "licence") if row.get(name)},
    }


def _reviewed(
    rows: list[JsonDict], groups: Mapping[tuple[str, str], list[Label]]
) -> Iterator[JsonDict]:
    """Edits first, then accepted over rejected answers to the same question."""
    accepted: dict[str, list[tuple[JsonDict, str]]] = defaultdict(list)
    rejected: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        asked, answer = texts(row)
        group = groups.get((row["id"], content_sha256(asked, answer)))
        decided = decisions.verdict(group) if group else ""
        if decided == "edit" and group:
            new = _latest(group)
            asked, better = new.get("instruction") or asked, new.get("answer") or answer
            if better.strip() != answer.strip():
                yield _pair(row, asked, better, answer, "edit")
            accepted[asked].append((row, better))
        elif decided == "accept":
            accepted[asked].append((row, answer))
        elif decided == "reject":
            rejected[asked].append(answer)
    for asked, good in accepted.items():
        for row, answer in good:
            for worse in rejected[asked]:
                if worse.strip() != answer.strip():
                    yield _pair(row, asked, answer, worse, "review")


def _latest(group: list[Label]) -> dict[str, str]:
    """The texts of a content's latest edit."""
    edits = [label for label in group if label.decision == "edit"]
    value = max(edits, key=lambda label: (label.at, label.reviewer)).value
    return value if isinstance(value, dict) else {}


def _gated(rows: list[JsonDict], artifact: Artifact) -> Iterator[JsonDict]:
    """Rows over generated answers to the same question that a gate turned down."""
    by_question = {texts(row)[0]: row for row in rows}
    for left in _left_out(artifact):
        row = by_question.get(str(left.get("instruction", "")))
        if row is None or not str(left.get("reason", "")).startswith(GATED):
            continue
        asked, answer = texts(row)
        worse = str(left.get("text", ""))
        if worse.strip() and worse.strip() != answer.strip():
            yield _pair(row, asked, answer, worse, "gate")


def _left_out(artifact: Artifact) -> Iterator[dict[str, Any]]:
    if REJECTED not in {entry.path for entry in artifact.manifest.files}:
        return
    with gzip.open(artifact.file(REJECTED), "rt", encoding="utf-8") as handle:
        for line in handle:
            yield json.loads(line)
