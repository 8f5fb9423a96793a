"""The harvester against a bare loop, tuned Scrapy and Crawlee: one site, all rows in one run,
politeness off.

    python tests/benchmarks/harvest.py --serve COMMAND --seed URL [--rounds 3] [--crawlee PYTHON]
    [--only ROW]

COMMAND starts a web server on this machine; URL is the page from which all others can be reached.
Ours runs with robots.txt, address guards, opt-outs, durable commits and structured extraction on.
`--crawlee` names an interpreter that has it, since its dependencies clash with others'. Each row is
a process of its own, measured from start to end. Goals, on medians: at least 1.5 times the pages
per second of the bare loop, at least twice those of tuned Scrapy, and at most 0.75 times the peak
memory of its process tree.
"""

import argparse
import json
import shlex
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

import psutil

PEERS = Path(__file__).with_name("harvest_peers.py")
POLITENESS_OFF = (
    "harvest.delay_s=0",
    "harvest.concurrency_per_host=16",
    "harvest.concurrency=16",
    "harvest.workers=2",
    "harvest.allow_networks=[127.0.0.0/8]",
    "harvest.sitemaps=false",
)


def commands(seed: str, folder: Path, crawlee: str) -> dict[str, list[str]]:
    """Row -> the command that crawls the site once."""
    sets = [item for value in POLITENESS_OFF for item in ("--set", value)]
    rows = {
        "secarch": [
            sys.executable,
            "-m",
            "secarch",
            "harvest",
            seed,
            "--workspace",
            str(folder),
            "--json",
            "-q",
            *sets,
        ]
    }
    for peer in ("bare", "scrapy", "crawlee"):
        python = crawlee if peer == "crawlee" else sys.executable
        if python:
            rows[peer] = [python, str(PEERS), peer, seed, str(folder / "out.jsonl")]
    return rows


def tree(pid: int, cpu: dict[int, float]) -> int:
    """Resident bytes of a process and its children, shared pages counted for each; notes their CPU
    seconds.
    """
    rss = 0
    try:
        root = psutil.Process(pid)
        for member in (root, *root.children(recursive=True)):
            rss += member.memory_info().rss
            times = member.cpu_times()
            cpu[member.pid] = times.user + times.system
    except psutil.Error:
        pass
    return rss


def pages_of(row: str, folder: Path, output: str) -> int:
    """Distinct pages with text in what a crawler left."""
    if row == "secarch":
        return json.loads(output)["counts"]["documents"]
    lines = [json.loads(line) for line in (folder / "out.jsonl").read_text().splitlines()]
    return len({line["url"] for line in lines if line["text"]})


def measured(row: str, command: list[str], folder: Path) -> dict[str, float]:
    """One crawl, from start to end of its process."""
    cpu: dict[int, float] = {}
    peak = 0
    started = time.perf_counter()
    with (folder / "errors").open("w") as errors:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True)
        done = threading.Event()

        def watch() -> None:
            nonlocal peak
            while not done.wait(0.1):
                peak = max(peak, tree(process.pid, cpu))

        watcher = threading.Thread(target=watch)
        watcher.start()
        output = process.communicate()[0]
        seconds = time.perf_counter() - started
        done.set()
        watcher.join()
    if process.returncode:
        raise SystemExit(
            f"{row} ended with {process.returncode}: {(folder / 'errors').read_text()[-2000:]}"
        )
    pages = pages_of(row, folder, output)
    return {
        "pages": pages,
        "pages_per_s": pages / seconds,
        "cpu_ms_per_page": 1000 * sum(cpu.values()) / pages,
        "rss_mb": peak / 1e6,
    }


def wait_for(url: str) -> None:
    """Return once the server answers."""
    for _ in range(100):
        try:
            urllib.request.urlopen(url).read()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit(f"nothing answers at {url}")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--serve", required=True)
    parser.add_argument("--seed", required=True)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--crawlee", default="")
    parser.add_argument("--only", default="")
    asked = parser.parse_args()
    found: dict[str, list[dict[str, float]]] = {}
    with subprocess.Popen(shlex.split(asked.serve), stdout=subprocess.DEVNULL) as server:
        try:
            wait_for(asked.seed)
            for _ in range(asked.rounds):
                for row in commands(asked.seed, Path(), asked.crawlee):
                    with tempfile.TemporaryDirectory(prefix="bench-harvest-") as folder:
                        if asked.only in row:
                            command = commands(asked.seed, Path(folder), asked.crawlee)[row]
                            found.setdefault(row, []).append(measured(row, command, Path(folder)))
                            print(row, found[row][-1], file=sys.stderr)
        finally:
            server.terminate()
    print(json.dumps(table(found), indent=1))


def table(found: dict[str, list[dict[str, float]]]) -> dict[str, dict[str, float]]:
    """Medians over the rounds, with speed and memory as ratios to the bare loop and to Scrapy."""
    medians = {
        row: {k: statistics.median(r[k] for r in runs) for k in runs[0]}
        for row, runs in found.items()
    }
    report = {}
    for row, values in medians.items():
        shown = {name: round(value, 1) for name, value in values.items()}
        for peer in ("bare", "scrapy"):
            if peer in medians:
                shown[f"speed_to_{peer}"] = round(
                    values["pages_per_s"] / medians[peer]["pages_per_s"], 2
                )
        if "scrapy" in medians:
            shown["rss_to_scrapy"] = round(values["rss_mb"] / medians["scrapy"]["rss_mb"], 2)
        shown["spread"] = [round(run["pages_per_s"], 1) for run in found[row]]
        report[row] = shown
    return report


if __name__ == "__main__":
    main()
