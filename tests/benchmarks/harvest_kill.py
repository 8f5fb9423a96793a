"""SIGKILL a crawl at uniformly random moments, resume it each time, and hold the end against the
server's ledger.

    python tests/benchmarks/harvest_kill.py DOCSITE.py CORPUS [--kills 20] [--seed 1] [--hosts A,B]
    [--limit 300]

A first crawl, left alone, says how long it takes. A second one, in a workspace of its own, is
killed (its whole process group, from here) at so many uniformly random moments of that time and
started again with --resume. Then: every document that the server has is in the artifact, each once;
nothing else is; and no more was asked twice than `kills` times the requests in flight. Exits with 1
where one of these fails, or where fewer than 80% of the kills met a running crawl.
"""

import argparse
import collections
import json
import os
import random
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


def kill_at_random_moments(flags, seeds, workspace, seconds):
    """Running times from a start to a kill are the gaps between sorted uniform moments.

    Returns the kills that hit.
    """
    moments = sorted(random.Random(flags.seed).uniform(0, seconds) for _ in range(flags.kills))
    hits, startup, before = 0, flags.startup, 0.0
    for moment in moments:
        process = start(seeds, workspace)
        # What a start costs is no part of the crawl's time: the moment counts from where the work
        # goes on.
        time.sleep(startup + moment - before)
        before = moment
        hits += process.poll() is None
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    return hits


def artifact_rows(path):
    import pyarrow.parquet as pq

    files = sorted(Path(path).glob("documents-*.parquet"))
    return [
        row
        for file in files
        for row in pq.read_table(file, columns=["url", "canonical_url"]).to_pylist()
    ]


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


def run(flags, folder):
    server, site = serve(flags, f"{folder}/ledger")
    try:
        began = time.monotonic()
        whole = start(site["seeds"], f"{folder}/whole")
        out, err = whole.communicate()
        if whole.returncode:
            sys.exit(err.decode())
        seconds = json.loads(out)["seconds"]
        flags.startup = max(0.0, time.monotonic() - began - seconds - 0.5)
    finally:
        server.terminate()
        server.communicate()
    server, site = serve(flags, f"{folder}/ledger")
    try:
        hits = kill_at_random_moments(flags, site["seeds"], f"{folder}/killed", seconds)
        out, err = start(site["seeds"], f"{folder}/killed").communicate()
        facts = compare(
            artifact_rows(json.loads(out)["artifact"]), requests(f"{folder}/ledger"), site["sites"]
        )
    finally:
        server.terminate()
        server.communicate()
    expected = sum(one["expected"] for one in site["sites"])
    bound = flags.kills * IN_FLIGHT
    ok = (
        not (facts["lost"] or facts["foreign"] or facts["twice_in_artifact"])
        and facts["refetched"] <= bound
    )
    ok = ok and facts["documents_served"] == expected and hits >= 0.8 * flags.kills
    return {
        "ok": ok,
        "kills": flags.kills,
        "hit_a_running_crawl": hits,
        "crawl_seconds": seconds,
        "startup_seconds": round(flags.startup, 2),
        "expected": expected,
        **facts,
        "refetch_bound": bound,
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
        "--latency", type=float, default=20, help="milliseconds before each response"
    )
    flags = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        facts = run(flags, folder)
    print(json.dumps(facts, indent=1))
    sys.exit(not facts["ok"])


if __name__ == "__main__":
    main()
