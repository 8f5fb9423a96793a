"""20,000 seeded mutants through the detectors, by hand: python tests/benchmarks/fuzz_danger.py

Nothing raises, none takes more than 2 s of CPU.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "danger"))

from test_fuzz import worst

COUNT, SEED = 20_000, 11


def main() -> None:
    print(json.dumps({"mutants": COUNT, "seed": SEED, "slowest_s": round(worst(COUNT, SEED), 2)}))


if __name__ == "__main__":
    main()
