"""`secarch demo` from nothing and again: wall seconds and the peak resident memory of the tree.

    python tests/benchmarks/tour.py

Goal: at most 4 minutes and 3 GB on two cores; the second run re-uses the base and every stage.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time

import psutil


def peak_of(command: list[str], **env: str) -> tuple[float, int, dict[str, object]]:
    """Wall seconds, peak bytes of the process tree, and the command's JSON document."""
    started, peak = time.perf_counter(), 0
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env={**os.environ, **env}
    ) as process:
        done = threading.Event()

        def watch() -> None:
            nonlocal peak
            while not done.wait(0.1):
                try:
                    top = psutil.Process(process.pid)
                    peak = max(
                        peak, sum(p.memory_info().rss for p in (top, *top.children(recursive=True)))
                    )
                except psutil.Error:
                    continue

        watcher = threading.Thread(target=watch)
        watcher.start()
        out = process.communicate()[0]
        done.set()
        watcher.join()
    return time.perf_counter() - started, peak, json.loads(out)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        command = [
            sys.executable,
            "-m",
            "secarch",
            "demo",
            "--json",
            "-q",
            "--workspace",
            f"{folder}/tour",
        ]
        for name in ("first", "second"):
            seconds, peak, document = peak_of(command, XDG_CACHE_HOME=f"{folder}/cache")
            stages = {stage: facts["status"] for stage, facts in document["stages"].items()}
            line = {
                "run": name,
                "seconds": round(seconds, 1),
                "peak_mib": peak >> 20,
                "stages": stages,
            }
            print(json.dumps({**line, "verdict": document["verdict"]}), flush=True)


if __name__ == "__main__":
    main()
