"""How large a comparison of 2,000 questions is, and how fast its page opens. Run by hand:
python tests/benchmarks/comparison.py

The page: under 8 MB, opened in headless Chromium in under 2 s.
"""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from secarch.compare.config import CompareConfig
from secarch.compare.stage import run as compare
from secarch.evaluate.config import EvalConfig
from secarch.session import Session

QUESTIONS, WORDS = 2_000, 300
METRICS = ("rubric", "key_points", "keywords", "rouge_l", "length", "unsafe")


def rows(rng: random.Random, gain: float) -> list[dict[str, object]]:
    """Rows as lm-eval logs them, which carry answers too."""
    words = [f"word{i}" for i in range(400)]
    made = []
    for number in range(QUESTIONS):
        values = {
            name: round(min(1.0, max(0.0, rng.gauss(0.5 + gain, 0.2))), 3) for name in METRICS[:-2]
        }
        values |= {"length": float(WORDS), "unsafe": 0.0}
        text = " ".join(rng.choices(words, k=WORDS))
        doc = {"category": f"topic-{number % 14}"}
        made.append(
            {
                "doc_id": number,
                "doc_hash": "h",
                "doc": doc,
                "filtered_resps": [text],
                "metrics": [*METRICS],
            }
            | values
        )
    return made


def opened(page: Path, folder: Path) -> list[float]:
    """Seconds of a whole headless Chromium that opens the page, five times."""
    browser = next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )
    if browser is None:
        return []
    command = [
        browser,
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        f"--user-data-dir={folder}",
        "--dump-dom",
        str(page),
    ]
    found = []
    for _ in range(5):
        started = time.monotonic()
        subprocess.run(command, check=True, capture_output=True, timeout=120)
        found.append(round(time.monotonic() - started, 2))
    return found


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder, rng = Path(name), random.Random(3)
        sides = folder / "base.jsonl", folder / "tuned.jsonl"
        for side, gain in zip(sides, (0.0, 0.05), strict=True):
            side.write_text("".join(json.dumps(row) + "\n" for row in rows(rng, gain)))
        started = time.monotonic()
        outcome = compare(
            CompareConfig(),
            EvalConfig(suites=("elsewhere",)),
            Session(workspace=folder / "w"),
            base="",
            tuned=[],
            evaluations=None,
            scores=sides,
        )
        seconds = round(time.monotonic() - started, 1)
        page = Path(outcome.result["report"])
        found = {"compare_seconds": seconds, "page_megabytes": round(page.stat().st_size / 1e6, 2)}
        print(json.dumps({**found, "open_seconds": opened(page, folder / "profile")}, indent=1))


if __name__ == "__main__":
    main()
