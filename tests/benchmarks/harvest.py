"""The harvester against a bare loop, tuned Scrapy and Crawlee: one site, all rows in one run,
politeness off.

    python tests/benchmarks/harvest.py --serve COMMAND --seed URL [--rounds 3] [--scrapy PYTHON]
    [--crawlee PYTHON] [--only ROW]

COMMAND starts a web server on this machine; URL is the page from which all others can be reached.
Ours runs with robots.txt, address guards, opt-outs, durable commits and structured extraction on.
`--scrapy` and `--crawlee` name interpreters that have them, since their dependencies clash with
others'. Each row is a process of its own, measured from start to end. Ratios are medians of the
ratios within a round, so that what else the machine does counts for all rows. Goals: at least 1.5
times the pages per second of the bare loop, at least twice those of tuned Scrapy, and at most 0.75
times the peak memory of its process tree.
"""

import argparse
import compileall
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
from typing import Any

import psutil

import secarch

PEERS = Path(__file__).with_name("harvest_peers.py")
POLITENESS_OFF = (
    "harvest.delay_s=0",
    "harvest.concurrency_per_host=16",
    "harvest.concurrency=16",
    "harvest.workers=2",
    "harvest.allow_networks=[127.0.0.0/8]",
    "harvest.sitemaps=false",
)


def commands(seed: str, folder: Path, pythons: dict[str, str]) -> dict[str, list[str]]:
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
        if python := pythons[peer]:
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
    parser.add_argument("--scrapy", default="")
    parser.add_argument("--crawlee", default="")
    parser.add_argument("--only", default="")
    asked = parser.parse_args()
    pythons = {"bare": sys.executable, "scrapy": asked.scrapy, "crawlee": asked.crawlee}
    found: dict[str, list[dict[str, float]]] = {}
    # As an installation has it, and as the peers' packages have it; a checkout may have none.
    compileall.compile_dir(Path(secarch.__file__).parent, quiet=2)
    with subprocess.Popen(shlex.split(asked.serve), stdout=subprocess.DEVNULL) as server:
        try:
            wait_for(asked.seed)
            for _ in range(asked.rounds):
                for row in commands(asked.seed, Path(), pythons):
                    with tempfile.TemporaryDirectory(prefix="bench-harvest-") as folder:
                        if asked.only in row:
                            command = commands(asked.seed, Path(folder), pythons)[row]
                            found.setdefault(row, []).append(measured(row, command, Path(folder)))
                            print(row, found[row][-1], file=sys.stderr)
        finally:
            server.terminate()
    print(json.dumps(table(found), indent=1))


def table(found: dict[str, list[dict[str, float]]]) -> dict[str, dict[str, Any]]:
    """Medians over the rounds, and of the ratios to the bare loop and to Scrapy in each round."""
    report = {}
    for row, runs in found.items():
        shown: dict[str, Any] = {
            name: round(statistics.median(run[name] for run in runs), 1) for name in runs[0]
        }
        for peer in ("bare", "scrapy"):
            if peer in found:
                shown[f"speed_to_{peer}"] = ratio(runs, found[peer], "pages_per_s")
                shown[f"cpu_to_{peer}"] = ratio(runs, found[peer], "cpu_ms_per_page")
                shown[f"rss_to_{peer}"] = ratio(runs, found[peer], "rss_mb")
        shown["spread"] = [round(run["pages_per_s"], 1) for run in runs]
        report[row] = shown
    return report


def ratio(runs: list[dict[str, float]], peers: list[dict[str, float]], name: str) -> float:
    """Median over the rounds of one figure's ratio to a peer's in the same round."""
    pairs = zip(runs, peers, strict=True)
    return round(statistics.median(run[name] / peer[name] for run, peer in pairs), 2)


if __name__ == "__main__":
    main()
