"""SIGKILL a crawl at uniformly random moments, resume it each time, and hold the end against the
server's ledger.

    python tests/benchmarks/harvest_kill.py DOCSITE.py CORPUS [--kills 20] [--seed 1] [--hosts A,B]
    [--limit 300]

A first crawl, left alone, says how many pages there are. A second one, in a workspace of its own,
is killed (its whole process group, from here) at so many uniformly random points of those pages and
started again with --resume. Then: every document that the server has is in the artifact, each once,
with the text that the unbroken crawl gave it; nothing else is; and no more was asked twice than
`kills` times the requests in flight. Exits with 1 where one of these fails, or where fewer than 90%
of the kills met a running crawl.
"""

import argparse
import collections
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import unquote

IN_FLIGHT = 16


def serve(flags, ledger):
    command = [
        sys.executable,
        flags.docsite,
        "serve",
        flags.corpus,
        "--port",
        "0",
        "--ledger",
        ledger,
    ]
    command += ["--limit", str(flags.limit), "--latency", str(flags.latency)]
    command += ["--hosts", flags.hosts] if flags.hosts else []
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    return process, json.loads(process.stdout.readline())


def start(seeds, workspace):
    settings = {
        "harvest.allow_networks": "[127.0.0.0/8]",
        "harvest.delay_s": "0",
        "harvest.concurrency": str(IN_FLIGHT),
        "harvest.concurrency_per_host": str(IN_FLIGHT),
        "harvest.workers": "2",
    }
    sets = [part for name, value in settings.items() for part in ("--set", f"{name}={value}")]
    command = [
        sys.executable,
        "-m",
        "secarch",
        "harvest",
        *seeds,
        "--workspace",
        workspace,
        "--json",
        "--resume",
        "-q",
    ]
    return subprocess.Popen(
        [*command, *sets], start_new_session=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def requests(ledger):
    time.sleep(0.4)  # the server writes its ledger four times a second
    rows = [json.loads(line) for line in Path(ledger).read_text(encoding="utf-8").splitlines()]
    return [row for row in rows if "meta" not in row]


def fetched(ledger):
    """Pages that were asked for so far."""
    with Path(ledger).open(encoding="utf-8") as lines:
        return sum('"k": "page"' in line or '"k":"page"' in line for line in lines)


def kill_at_random_moments(flags, seeds, folder, pages):
    """Kill at uniformly random points of the work, counted in pages asked for, so that neither the
    time of a start nor the machine's speed moves kills out of the crawl. Returns the kills that met
    a running crawl.

    The first of n uniform points in what is left is drawn anew after each kill.
    """
    drawn = random.Random(flags.seed)
    hits = 0
    for left in range(flags.kills, 0, -1):
        process = start(seeds, f"{folder}/killed")
        known = fetched(f"{folder}/ledger")
        wanted = known + max(0, pages - known) * (1 - drawn.random() ** (1 / left))
        while process.poll() is None and fetched(f"{folder}/ledger") < wanted:
            time.sleep(0.02)
        time.sleep(drawn.uniform(0, 0.2))
        hits += process.poll() is None
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    return hits


def artifact_rows(path):
    import pyarrow.parquet as pq

    files = sorted(Path(path).glob("documents-*.parquet"))
    columns = ["url", "canonical_url", "sha256"]
    return [row for file in files for row in pq.read_table(file, columns=columns).to_pylist()]


def texts(rows, sites):
    """(host, path, hash of the text) of each document; the sites' ports differ between servers."""
    names = {site["base"]: site["host"] for site in sites}
    split = [
        (*re.match(r"(https?://[^/]+)(.*)", row["url"]).groups(), row["sha256"]) for row in rows
    ]
    return sorted((names.get(base, base), path, text) for base, path, text in split)


def compare(rows, asked, sites):
    """Facts of the end: documents lost and foreign, addresses twice in the artifact, answers sent a
    second time.
    """
    port = {site["host"]: site["base"] for site in sites}
    served = {port[row["h"]] + row["d"] for row in asked if row.get("d") and row["s"] == 200}
    pages = {
        port[row["h"]] + row["p"]
        for row in asked
        if row["s"] == 200 and row["k"] in {"page", "toc", "home"}
    }
    urls = [row["url"] for row in rows]
    kept = {unquote(row["canonical_url"]) for row in rows}
    sent = collections.Counter(
        row["h"] + row["p"]
        for row in asked
        if row["s"] == 200 and row["k"] in {"page", "toc", "home"}
    )
    return {
        "documents_served": len(served),
        "in_artifact": len(urls),
        "lost": len(served - kept),
        "foreign": len(set(urls) - pages),
        "twice_in_artifact": len(urls) - len(set(urls)),
        "refetched": sum(number - 1 for number in sent.values()),
    }


def unbroken(flags, folder):
    """One crawl left alone: its seconds, pages asked for, and texts."""
    server, site = serve(flags, f"{folder}/first")
    try:
        out, err = (crawl := start(site["seeds"], f"{folder}/whole")).communicate()
        if crawl.returncode:
            sys.exit(err.decode())
        told = json.loads(out)
        time.sleep(0.4)
        pages = fetched(f"{folder}/first")
        return told["seconds"], pages, texts(artifact_rows(told["artifact"]), site["sites"])
    finally:
        server.terminate()
        server.communicate()


def run(flags, folder):
    seconds, pages, whole = unbroken(flags, folder)
    server, site = serve(flags, f"{folder}/ledger")
    try:
        hits = kill_at_random_moments(flags, site["seeds"], folder, pages)
        out, err = (crawl := start(site["seeds"], f"{folder}/killed")).communicate()
        if crawl.returncode:
            sys.exit(err.decode())
        rows = artifact_rows(json.loads(out)["artifact"])
        facts = compare(rows, requests(f"{folder}/ledger"), site["sites"])
    finally:
        server.terminate()
        server.communicate()
    expected = sum(one["expected"] for one in site["sites"])
    bound = flags.kills * IN_FLIGHT
    equal = texts(rows, site["sites"]) == whole
    ok = (
        not (facts["lost"] or facts["foreign"] or facts["twice_in_artifact"])
        and facts["refetched"] <= bound
        and equal
    )
    ok = ok and facts["documents_served"] == expected and hits >= 0.9 * flags.kills
    return {
        "ok": ok,
        "kills": flags.kills,
        "hit_a_running_crawl": hits,
        "crawl_seconds": seconds,
        "expected": expected,
        **facts,
        "refetch_bound": bound,
        "equal_to_unbroken": equal,
    }


def main():
    asked = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    asked.add_argument("docsite")
    asked.add_argument("corpus")
    asked.add_argument("--kills", type=int, default=20)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--hosts", default="")
    asked.add_argument("--limit", type=int, default=300)
    asked.add_argument(
        "--latency", type=float, default=100, help="milliseconds before each response"
    )
    flags = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        facts = run(flags, folder)
    print(json.dumps(facts, indent=1))
    sys.exit(not facts["ok"])


if __name__ == "__main__":
    main()
