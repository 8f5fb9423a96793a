"""Does this data make a better model than its forerunner's, at equal tokens? Run by hand:
python tests/benchmarks/evidence.py --preset cpu --documents DOCUMENTS.jsonl --work FOLDER

The same documents, base, optimiser steps and tokens a step; only the dataset differs (`ARMS`). A
third of the documents of each site is held out for measuring, less those that share text with the
rest. Every figure comes from secarch's own commands. What is done is kept in the work folder, so
an interrupted run goes on; `--arms`, `--seeds` and `--minutes` say how much of it is done now.
`--jobs` runs stand side by side and share the cores: small products gain little from a second one.
A small model and likelihoods: what is found is no statement about advice.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import evidence_arms
import evidence_base
import numpy as np
from evidence_base import Shape
from numpy.typing import NDArray
from scipy import stats

from secarch.evaluate.scoring.contamination import bodies, overlaps_of
from secarch.files import read_jsonl
from secarch.suite.schema import load
from secarch.text.words import ngrams

HELD_OUT = 3
"""One document in so many is held out."""
RUN_WORDS, MOST_SHARED = 13, 0.2
METRICS = {
    "document_bits_per_byte": "held-out documents, bits/byte",
    "reference_bits_per_byte": "references, bits/byte",
    "mcq_cloze": "multiple choice by likelihood of the text",
    "mcq_letter": "by likelihood of the letter",
}
PRIMARY = "reference_bits_per_byte"
ASKED = [{"kind": name} for name in METRICS if name != "document_bits_per_byte"]
"""What is computed of the suite; held-out documents are measured where a file of them is given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """How large the experiment is."""

    base: Shape
    steps: int
    global_batch: int
    max_length: int
    seeds: int
    held_out: int
    characters: int
    """Characters of a held-out document that are measured."""
    documents: int
    """Most training documents, drawn by the hash of their URL."""
    device: str = "cpu"


PRESETS = {
    "tiny": Preset(
        base=Shape(vocabulary=1024, hidden=64, layers=2, context=128, batch=4, tokens=60_000),
        steps=4,
        global_batch=4,
        max_length=256,
        seeds=2,
        held_out=10,
        characters=1_000,
        documents=300,
    ),
    "cpu": Preset(
        base=Shape(vocabulary=8192, hidden=448, layers=4, context=256, batch=16, tokens=4_000_000),
        steps=30,
        global_batch=8,
        max_length=512,
        seeds=5,
        held_out=60,
        characters=3_000,
        documents=100_000,
    ),
    "short": Preset(
        base=Shape(vocabulary=8192, hidden=320, layers=6, context=256, batch=8, tokens=1_500_000),
        steps=30,
        global_batch=8,
        max_length=512,
        seeds=3,
        held_out=60,
        characters=3_000,
        documents=100_000,
    ),
    "gpu": Preset(
        base=Shape(
            vocabulary=16_384, hidden=768, layers=18, context=1024, batch=32, tokens=60_000_000
        ),
        steps=150,
        global_batch=16,
        max_length=1024,
        seeds=5,
        held_out=400,
        characters=8_000,
        documents=100_000,
        device="cuda",
    ),
}


class Experiment:
    """One work folder: documents, base, a dataset an arm, a run and an evaluation an arm and seed."""

    def __init__(self, preset: Preset, documents: Path, work: Path, jobs: int) -> None:
        """`jobs` runs stand side by side, each with its share of the cores."""
        self._preset = preset
        self._command = partial(command, threads=max(1, (os.cpu_count() or 1) // jobs))
        self._building = threading.Lock()
        self._source = documents
        self._work = work
        self._space = work / "workspace"
        work.mkdir(parents=True, exist_ok=True)

    def documents(self) -> tuple[Path, Path]:
        """Training documents and held-out documents, a JSONL file each."""
        train, held = self._work / "train.jsonl", self._work / "held_out.jsonl"
        if not (train.exists() and held.exists()):
            kept, out = _divide(self._source, self._preset)
            _write(train, kept)
            _write(held, out)
        return train, held

    @cached_property
    def base(self) -> Path:
        """Folder of the pre-trained base."""
        return evidence_base.build(
            self._preset.base, 20261128, self._work / "base", self._preset.device
        )

    def dataset(self, arm: str) -> Path:
        """Dataset of an arm: an artifact, or a file of rows."""
        with self._building:  # arms are made of one another's rows
            folder = self._work / "arms" / arm
            return evidence_arms.dataset(arm, self.documents()[0], folder, self._command)

    def run(self, arm: str, seed: int) -> Path:
        """Folder of a training run."""
        preset = self._preset
        settings = {
            "train.max_steps": preset.steps,
            "train.global_batch": preset.global_batch,
            "train.micro_batch": preset.global_batch // 2,
            "train.max_length": preset.max_length,
            "train.packing": "true",
            "train.quantization": "none",
            "train.learning_rate": 2e-3,
            "train.eval_steps": preset.steps,
            "train.save_steps": preset.steps,
            "train.max_eval_rows": 8,
            "train.lora.r": 32,
            "train.lora.dropout": 0.0,
            "seed": seed,
        }
        done = self._command(
            "train",
            *("--dataset", self.dataset(arm), "--base", self.base, "--name", f"{arm}-{seed}"),
            *("--workspace", self._space, "--resume"),
            settings=settings,
        )
        return Path(done["artifact"])

    def evaluate(self, model: Path | None) -> dict[str, Any]:
        """The outcome of an evaluation, of the base if there is no `model`: likelihoods only, so
        one token is generated a question.
        """
        settings = {
            "eval.max_new_tokens": 1,
            "eval.quantization": "none",
            "eval.held_out": self.documents()[1],
            "eval.held_out_documents": self._preset.held_out,
            "train.base": self.base,
            "eval.metrics": json.dumps(ASKED),
        }
        return self._command(
            *("eval", "--model", model or "base", "--workspace", self._space, "--resume"),
            settings=settings,
        )

    def measured(self, arm: str, seed: int) -> dict[str, float]:
        """Metric -> mean of an arm's run; kept in `results/`."""
        kept = self._work / "results" / f"{arm}-{seed}.json"
        if not kept.exists():
            model = None if arm == "base" else self.run(arm, seed)
            _write_json(kept, _figures(self.evaluate(model), model))
        read: dict[str, float] = json.loads(kept.read_text("utf-8"))
        return read

    def contaminated(self, arm: str) -> int:
        """Questions of which the arm's rows hold a text."""
        dataset = self.dataset(arm)
        rows = read_jsonl(dataset if dataset.is_file() else dataset / "train.jsonl")
        found = overlaps_of(load(["core"]).questions, bodies(rows))
        return len({row["question_id"] for row in found if row["seen"]})

    def verdicts(self, arms: Sequence[str], seed: int) -> dict[str, Any]:
        """What compare-baseline says of each arm's run against the base, Holm over the arms."""
        kept = self._work / "results" / f"verdicts-{'-'.join(arms)}-{seed}.json"
        if not kept.exists():
            models = [item for arm in arms for item in ("--tuned", self.run(arm, seed))]
            settings = {
                "eval.max_new_tokens": 1,
                "eval.quantization": "none",
                "eval.held_out": self.documents()[1],
                "eval.held_out_documents": self._preset.held_out,
                "eval.metrics": json.dumps(ASKED),
                "compare.primary": PRIMARY,
            }
            asked = ("compare-baseline", "--base", self.base, *models)
            outcome = self._command(
                *asked, "--workspace", self._space, "--resume", settings=settings
            )
            _write_json(kept, outcome)
        read: dict[str, Any] = json.loads(kept.read_text("utf-8"))
        return read

    def between(self, arm: str, other: str, seed: int) -> dict[str, Any]:
        """What compare-baseline says of an arm against another, question by question."""
        pair = [self.evaluate(self.run(name, seed))["artifact"] for name in (other, arm)]
        return self._command(
            *("compare-baseline", "--from", *pair, "--workspace", self._space, "--resume"),
            settings={"compare.primary": PRIMARY},
        )


def command(
    *arguments: object, settings: dict[str, object] | None = None, threads: int
) -> dict[str, Any]:
    """What `secarch` prints as JSON, with so many threads; exit 5 (a gate) is no failure."""
    sets = [
        item for name, value in (settings or {}).items() for item in ("--set", f"{name}={value}")
    ]
    line = [sys.executable, "-m", "secarch", *map(str, arguments), *sets, "--json", "--quiet"]
    shared = {**os.environ, "OMP_NUM_THREADS": str(threads)}
    done = subprocess.run(line, capture_output=True, text=True, check=False, env=shared)
    if done.returncode not in {0, 5}:
        raise SystemExit(f"{' '.join(line)}\nended with {done.returncode}:\n{done.stderr[-3000:]}")
    outcome: dict[str, Any] = json.loads(done.stdout)
    return outcome


def _divide(source: Path, preset: Preset) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Two thirds of each site to train on, and held-out documents that share no text with them."""
    kept, out = [], defaultdict(list)
    for line in source.open(encoding="utf-8"):
        row = json.loads(line)
        order = evidence_arms.rank(row["url"])
        if order % HELD_OUT:
            kept.append((order, row))
        else:
            out[urlsplit(row["url"]).netloc].append((order, row))
    train = [row for _, row in sorted(kept, key=lambda pair: pair[0])[: preset.documents]]
    known = np.unique(np.concatenate([ngrams(row["text"], RUN_WORDS) for row in train]))
    held: list[dict[str, Any]] = []
    for row in _in_turn(
        [[row for _, row in sorted(site, key=lambda p: p[0])] for site in out.values()]
    ):
        grams = ngrams(row["text"], RUN_WORDS)
        if len(grams) >= 50 and _known(grams, known).mean() <= MOST_SHARED:
            held.append({**row, "id": row["url"], "text": row["text"][: preset.characters]})
        if len(held) == preset.held_out:
            break
    return train, held


def _known(grams: NDArray[np.uint64], known: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Which of `grams` are in the sorted `known` (np.isin would sort that anew for each document)."""
    place = np.searchsorted(known, grams).clip(max=len(known) - 1)
    found: NDArray[np.bool_] = known[place] == grams
    return found


def _in_turn(groups: Sequence[Sequence[dict[str, Any]]]) -> Iterator[dict[str, Any]]:
    """A row of each site, then the next of each."""
    for place in range(max(map(len, groups), default=0)):
        yield from (group[place] for group in groups if place < len(group))


def _figures(outcome: dict[str, Any], model: Path | None) -> dict[str, float]:
    """Means by metric, and the tokens trained on."""
    summary = json.loads((Path(outcome["artifact"]) / "summary.json").read_text("utf-8"))
    found = {
        name: summary["metrics"][name]["mean"] for name in METRICS if name in summary["metrics"]
    }
    counts = json.loads((model / "manifest.json").read_text("utf-8"))["counts"] if model else {}
    return found | {"tokens": float(counts.get("tokens", 0))}


def table(results: dict[str, list[dict[str, float]]], against: str) -> list[str]:
    """Lines of Markdown: mean over seeds, and the difference to `against` with its t interval."""
    lines = [
        "| arm | seeds | " + " | ".join(METRICS.values()) + " |",
        "|---" * (2 + len(METRICS)) + "|",
    ]
    for arm, rows in results.items():
        cells = []
        for metric in METRICS:
            values = [row[metric] for row in rows if metric in row]
            gaps = [
                row[metric] - other[metric]
                for row, other in zip(rows, results.get(against, []), strict=False)
                if metric in row and metric in other
            ]
            cells.append(_cell(values, gaps if arm not in {against, "base"} else []))
        lines.append(f"| {arm} | {len(rows)} | " + " | ".join(cells) + " |")
    return lines


def _cell(values: Sequence[float], gaps: Sequence[float]) -> str:
    if not values:
        return "not measured"
    mean = f"{np.mean(values):.4f}"
    if len(gaps) < 2:
        return mean
    half = stats.t.ppf(0.975, len(gaps) - 1) * np.std(gaps, ddof=1) / math.sqrt(len(gaps))
    return f"{mean} ({np.mean(gaps):+.4f}, 95% {np.mean(gaps) - half:+.4f} to {np.mean(gaps) + half:+.4f})"


def _write(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")


def _write_json(path: Path, value: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(".new")
    new.write_text(json.dumps(value, indent=1), "utf-8")
    new.replace(path)


def main() -> None:
    parser = argparse.ArgumentParser(description="Evidence: the same tokens from other datasets.")
    parser.add_argument("--preset", choices=sorted(PRESETS), default="cpu")
    parser.add_argument("--documents", type=Path, required=True, help="JSONL: url, title, text")
    parser.add_argument("--work", type=Path, required=True)
    first = [arm for arm in evidence_arms.ARMS if arm not in evidence_arms.FURTHER]
    parser.add_argument("--arms", default=",".join(first), help=", ".join(evidence_arms.ARMS))
    parser.add_argument("--seeds", type=int, default=0, help="0: the preset's")
    parser.add_argument("--minutes", type=float, default=math.inf, help="start nothing new after")
    parser.add_argument("--jobs", type=int, default=2, help="runs side by side")
    parser.add_argument("--against", default="forerunner")
    given = parser.parse_args()
    preset, arms = PRESETS[given.preset], given.arms.split(",")
    experiment = Experiment(preset, given.documents.absolute(), given.work.absolute(), given.jobs)
    ends, seeds = time.monotonic() + 60 * given.minutes, given.seeds or preset.seeds

    def measured(task: tuple[str, int]) -> dict[str, float] | None:
        if time.monotonic() > ends:
            return None
        found = experiment.measured(*task)
        print(f"{time.strftime('%H:%M:%S')} {task[0]}, seed {task[1]}: {found}", flush=True)
        return found

    print(f"base: {experiment.base}, held out: {experiment.documents()[1]}", flush=True)
    tasks = [("base", 0), *((arm, seed) for seed in range(1, seeds + 1) for arm in arms)]
    results: dict[str, list[dict[str, float]]] = {}
    with ThreadPoolExecutor(given.jobs) as pool:
        for (arm, _), found in zip(tasks, pool.map(measured, tasks), strict=True):
            if found is not None:
                results.setdefault(arm, []).append(found)
    print("\n".join(table(results, given.against)))
    for arm in arms:
        print(f"{arm}: its rows hold texts of {experiment.contaminated(arm)} questions", flush=True)
    if time.monotonic() < ends and len(arms) > 1:
        for name, word in _words(experiment.verdicts(arms, 1)):
            print(f"against the base, seed 1, {name}: {word}")
        both = given.against != "ours" and {"ours", given.against} <= {*arms}
        for seed in range(1, seeds + 1) if both else ():
            said = experiment.between("ours", given.against, seed)
            print(f"ours against {given.against}, seed {seed}: {said['explanation']}", flush=True)


def _words(outcome: dict[str, Any]) -> Iterator[tuple[str, str]]:
    rows = json.loads((Path(outcome["artifact"]) / "candidates.json").read_text("utf-8"))
    for row in rows["candidates"]:
        yield row["name"], row["verdict"]


if __name__ == "__main__":
    main()
