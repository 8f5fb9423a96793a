"""Start-up of the command line against a bare interpreter, in one run.

    python tests/benchmarks/startup.py [RUNS]

Processor seconds (user and system) of whole processes, medians, and their ratio to
`python -S -c pass`. Goals: `--help` and `--version` 10, `report` and `config show` 40, `doctor`,
`suite stats` and `suite show` 60. The first run of each is not counted: it compiles the modules, as
an installation does, so PYTHONDONTWRITEBYTECODE is taken out of the environment.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile

RUNS = int(sys.argv[1]) if len(sys.argv) > 1 else 5
OURS = [sys.executable, "-m", "secarch"]
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
GOALS = {"bare": 1, "--version": 10, "--help": 10, "train --help": 20, "report": 40}
GOALS |= {"config show": 40, "doctor": 60, "suite stats": 60, "suite show aws-0001": 60}


def processor_seconds(command: list[str], folder: str) -> float:
    """User and system time of one process and its children."""
    with subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=folder,
        env=ENVIRONMENT,
    ) as process:
        _, _, used = os.wait4(process.pid, 0)
        process.returncode = 0
    return used.ru_utime + used.ru_stime


def main() -> None:
    seconds: dict[str, list[float]] = {name: [] for name in GOALS}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(RUNS + 1):
            for name, found in seconds.items():
                bare = [sys.executable, "-S", "-c", "pass"]
                command = bare if name == "bare" else [*OURS, *name.split()]
                found.append(processor_seconds(command, folder))
    medians = {name: statistics.median(found[1:]) for name, found in seconds.items()}
    report = {
        name: {"ms": round(1000 * value), "ratio": round(value / medians["bare"], 1), "goal": goal}
        for (name, goal), value in zip(GOALS.items(), medians.values(), strict=True)
    }
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
