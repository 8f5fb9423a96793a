"""Start-up time of the command line against a bare interpreter, in one run.

    python tests/benchmarks/startup.py [RUNS]

Goal: `--help` and `--version` at most 20 times `python -S -c pass` (medians).
"""

import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

RUNS = int(sys.argv[1]) if len(sys.argv) > 1 else 11
SECARCH = str(Path(sys.executable).with_name("secarch"))
COMMANDS = {
    "bare": [sys.executable, "-S", "-c", "pass"],
    "version": [SECARCH, "--version"],
    "help": [SECARCH, "--help"],
    "train --help": [SECARCH, "train", "--help"],
}
seconds = {name: [] for name in COMMANDS}
for _ in range(RUNS + 1):
    for name, command in COMMANDS.items():
        started = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        seconds[name].append(time.perf_counter() - started)
medians = {name: statistics.median(values[1:]) for name, values in seconds.items()}
report = {
    name: {"median_ms": round(1000 * value, 1), "ratio": round(value / medians["bare"], 1)}
    for name, value in medians.items()
}
print(json.dumps({"runs": RUNS, **report}, indent=1))
