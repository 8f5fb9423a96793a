"""Quality signals and readability: how fast, and how close to textstat.

Run by hand: python -m tests.benchmarks.signals DOCUMENTS.jsonl[.gz]  (rows with `text` or
`markdown`)

Wanted: 830 documents of about 900 words a second and core, readability included; r >= 0.99 with
textstat's Flesch reading ease and Flesch-Kincaid grade on the prose. textstat's own grade is timed
in the same run, for the ratio.
"""

from __future__ import annotations

import gzip
import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from secarch.dedupe.quality.readability import measure
from secarch.dedupe.quality.reading_level import offline_textstat
from secarch.dedupe.quality.signals import signals
from secarch.text import markdown

DOCUMENTS, ORACLE, ROUNDS = 1_000, 200, 5


def load(path: Path) -> list[str]:
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as handle:
        rows = [json.loads(line) for line in handle]
    texts = [row.get("text") or row.get("markdown") or "" for row in rows]
    return texts[:: max(1, len(texts) // DOCUMENTS)][:DOCUMENTS]


def seconds(work: Callable[[str], object], texts: list[str]) -> float:
    started = time.process_time()
    for text in texts:
        work(text)
    return time.process_time() - started


def main(path: Path) -> None:
    texts = load(path)
    textstat = offline_textstat()
    prose = [markdown.prose(text, markdown.blocks(text)) for text in texts]
    signals(texts[0])
    cold = seconds(signals, texts)
    # The oracle's caches hold 128 texts: each round meets texts that they have forgotten.
    ours, theirs = [], []
    for _ in range(ROUNDS):
        ours.append(len(texts) / seconds(signals, texts))
        theirs.append(ORACLE / seconds(textstat.flesch_kincaid_grade, prose[:ORACLE]))
    long = [text for text in prose if len(text.split()) >= 100]
    pairs = [
        (measure(text), textstat.flesch_reading_ease(text), textstat.flesch_kincaid_grade(text))
        for text in long
    ]
    ease = np.corrcoef([m.reading_ease for m, _, _ in pairs], [e for _, e, _ in pairs])[0, 1]
    grade = np.corrcoef([m.grade for m, _, _ in pairs], [g for _, _, g in pairs])[0, 1]
    print(
        json.dumps(
            {
                "documents": len(texts),
                "words_per_document": round(sum(len(text.split()) for text in texts) / len(texts)),
                "signals_docs_per_core_second": {
                    "median": round(statistics.median(ours)),
                    "least": round(min(ours)),
                    "most": round(max(ours)),
                    "first_pass": round(len(texts) / cold),
                },
                "textstat_grade_alone_docs_per_core_second": round(statistics.median(theirs)),
                "ratio": round(statistics.median(ours) / statistics.median(theirs), 1),
                "r_reading_ease": round(float(ease), 6),
                "r_grade": round(float(grade), 6),
                "prose_texts": len(long),
            },
            indent=1,
        )
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
