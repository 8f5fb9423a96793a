"""One real run of all five stages, each in a process of its own, with its speed and memory.

    python tests/benchmarks/pipeline.py --server DOCSITE.py --corpus FOLDER [--limit N] [--workspace
    DIR]

`--server` is a program that serves a corpus as web sites on loopback and prints one JSON line with
its `seeds`. The base is the demo's embedded one. Politeness is off: the sites are on this machine.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil

SECARCH = [sys.executable, "-m", "secarch"]


def tree_rss(pid: int) -> int:
    """Resident bytes of a process and its children (shared pages are counted more than once)."""
    total = 0
    try:
        process = psutil.Process(pid)
        for member in (process, *process.children(recursive=True)):
            total += member.memory_info().rss
    except psutil.Error:
        pass
    return total


def measured(name: str, *args: str) -> dict[str, object]:
    """Run one command; its JSON document, wall seconds and the peak resident memory of its tree."""
    started = time.perf_counter()
    peak = 0
    with subprocess.Popen(
        [*SECARCH, *args, "--json"], stdout=subprocess.PIPE, text=True
    ) as process:
        done = threading.Event()

        def watch() -> None:
            nonlocal peak
            while not done.wait(0.2):
                peak = max(peak, tree_rss(process.pid))

        watcher = threading.Thread(target=watch)
        watcher.start()
        out = process.communicate()[0]
        done.set()
        watcher.join()
    document = json.loads(out)
    seconds = time.perf_counter() - started
    line = {
        "stage": name,
        "exit": process.returncode,
        "seconds": round(seconds, 1),
        "peak_mib": peak >> 20,
    }
    line |= {"status": document["status"], "counts": document["counts"]}
    print(json.dumps(line), flush=True)
    return {**line, "document": document}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--server", type=Path, required=True)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--limit", type=int, default=0, help="documents a host, 0 for all")
    parser.add_argument("--max-pages", type=int, default=20_000)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument(
        "--workspace", type=Path, default=Path(tempfile.mkdtemp(prefix="secarch-bench-"))
    )
    asked = parser.parse_args()
    serve = [sys.executable, str(asked.server), "serve", str(asked.corpus), "--port", "0"]
    serve += ["--limit", str(asked.limit)] if asked.limit else []
    serve += ["--ledger", str(asked.workspace / "ledger.jsonl")]
    asked.workspace.mkdir(parents=True, exist_ok=True)
    with subprocess.Popen(serve, stdout=subprocess.PIPE, text=True) as server:
        ready = json.loads(server.stdout.readline())
        try:
            run_all(asked, ready["seeds"])
        finally:
            os.kill(server.pid, signal.SIGTERM)
    print(json.dumps({"workspace": str(asked.workspace)}))


def run_all(asked: argparse.Namespace, seeds: list[str]) -> None:
    from secarch.demo.base import build
    from secarch.demo.config import DemoConfig

    base = build(DemoConfig(), seed=0)[0]
    common = ["--workspace", str(asked.workspace)]
    polite_off = [
        "harvest.delay_s=0",
        "harvest.concurrency_per_host=4",
        "harvest.allow_networks=[127.0.0.0/8]",
    ]
    sets = [item for value in polite_off for item in ("--set", value)]
    crawl = measured(
        "harvest", "harvest", *common, *sets, "--max-pages", str(asked.max_pages), *seeds
    )
    refined = measured("dedupe", "dedupe", *common)
    tiny = [
        "train.max_length=512",
        "train.micro_batch=4",
        "train.global_batch=8",
        "train.save_steps=10",
        "train.eval_steps=10",
    ]
    tiny += ["train.max_eval_rows=64", "eval.max_new_tokens=32"]
    sets = [item for value in tiny for item in ("--set", value)]
    fit = measured(
        "train", "train", *common, *sets, "--base", str(base), "--max-steps", str(asked.steps)
    )
    run = str(fit["document"]["artifact"])
    measured("eval", "eval", *common, *sets, "--set", f"train.base={base}", "--model", run)
    primary = ["--primary", "reference_bits_per_byte"]
    measured(
        "compare", "compare-baseline", *common, *sets, "--base", str(base), "--tuned", run, *primary
    )
    fetched = crawl["document"]["funnel"]["fetched"]
    speeds = {"pages_per_s": fetched / crawl["seconds"]}
    speeds["documents_per_s"] = crawl["counts"]["documents"] / refined["seconds"]
    print(json.dumps({name: round(value, 1) for name, value in speeds.items()}))


if __name__ == "__main__":
    main()
