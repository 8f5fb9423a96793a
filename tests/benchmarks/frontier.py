"""The frontier alone: CPU a page, resident memory from 10^4 to 10^6 known addresses, and the time
to take it up again.

    python tests/benchmarks/frontier.py [--known 10000 100000 1000000] [--pages 2000] [--links 12]
    [--repeated 10]

For each size a process of its own fills a frontier with that many addresses of 20 hosts, most of
them yet to be fetched, and then works through `pages` pages as the crawl does: batches of 16
finished visits with a document of 30 kB and `links` new links and `repeated` known ones each (the
crawl filters most of those before), the next leases in the same transaction, at synchronous=full. A
second process opens the file and does what `--resume` does before its first request.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from secarch.harvest.frontier.database import FILE
from secarch.harvest.frontier.frontier import Frontier
from secarch.harvest.frontier.visit import Link, Visit
from secarch.records import Document

HOSTS = [f"https://docs{n}.example.com" for n in range(20)]
TEXT = (
    "Rotate the keys of every account and keep the old ones for as long as data needs them. " * 350
)


def address(number):
    return f"{HOSTS[number % 20]}/guide/latest/section-{number // 400}/a-page-about-something-{number}.html"


def resident_mb():
    fields = Path("/proc/self/status").read_text().split("VmRSS:")[1].split()
    return int(fields[0]) / 1024


def document(url, number):
    return Document(
        id="",
        url=url,
        canonical_url=url,
        site="",
        title="T",
        text=TEXT,
        language="en",
        licence="",
        fetched_at="",
        modified_at="",
        sha256=f"{number:064d}",
        raw_sha256="",
    )


def fill(frontier, known):
    for start in range(0, known, 10_000):
        frontier.add(
            Link(url=address(n), depth=1 + n % 9) for n in range(start, min(start + 10_000, known))
        )


def work(frontier, known, pages, links, repeated):
    done = frontier.commit([], dict.fromkeys(HOSTS, 4)).leases
    number = 0
    while number < pages and done:
        batch, done = done[:16], done[16:]
        visits = []
        for lease in batch:
            number += 1
            found = [
                Link(url=address((number * 7919 + k * 104_729) % known), depth=2)
                for k in range(repeated)
            ]
            found += [Link(url=address(known + number * links + k), depth=2) for k in range(links)]
            visits.append(
                Visit(lease=lease, fetched=True, document=document(lease.url, number), links=found)
            )
        wanted = {}
        for lease in batch:
            wanted[lease.host] = wanted.get(lease.host, 0) + 1
        done += frontier.commit(visits, wanted).leases
    return number


def measure(folder, known, pages, links, repeated):
    frontier = Frontier(folder / FILE)
    fill(frontier, known)
    frontier.close()
    frontier = Frontier(folder / FILE)
    work(
        frontier, known, min(pages, 200), links, repeated
    )  # fills SQLite's page cache, whose size is a constant
    before, started = time.process_time(), time.monotonic()
    number = work(frontier, known, pages, links, repeated)
    spent, wall = time.process_time() - before, time.monotonic() - started
    facts = {
        "known": known,
        "pages": number,
        "cpu_ms_a_page": round(1000 * spent / number, 3),
        "wall_ms_a_page": round(1000 * wall / number, 3),
        "rss_mb": round(resident_mb(), 1),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        "file_mb": round((folder / FILE).stat().st_size / 1e6, 1),
    }
    frontier._db.execute(
        "update url set state = 1 where id in (select id from url where state = 0 limit 64)"
    )
    return facts


def resume(folder):
    started = time.monotonic()
    frontier = Frontier(folder / FILE)
    frontier.meta()
    frontier.spent()
    waiting = frontier.waiting()
    frontier.rests()
    leases = frontier.commit([], dict.fromkeys(list(waiting)[:16], 4)).leases
    return {
        "resume_s": round(time.monotonic() - started, 3),
        "leases": len(leases),
        "rss_mb": round(resident_mb(), 1),
    }


def child(*arguments):
    done = subprocess.run(
        [sys.executable, __file__, *map(str, arguments)], capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


def main():
    asked = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    asked.add_argument("--known", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    asked.add_argument("--pages", type=int, default=2000)
    asked.add_argument("--links", type=int, default=12)
    asked.add_argument("--repeated", type=int, default=10)
    asked.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    asked.add_argument("--resume", type=Path, help=argparse.SUPPRESS)
    flags = asked.parse_args()
    if flags.measure:
        print(
            json.dumps(
                measure(flags.measure, flags.known[0], flags.pages, flags.links, flags.repeated)
            )
        )
    elif flags.resume:
        print(json.dumps(resume(flags.resume)))
    else:
        for known in flags.known:
            with tempfile.TemporaryDirectory() as folder:
                sizes = (
                    "--known",
                    known,
                    "--pages",
                    flags.pages,
                    "--links",
                    flags.links,
                    "--repeated",
                    flags.repeated,
                )
                facts = child("--measure", folder, *sizes)
                print(json.dumps({**facts, "resumed": child("--resume", folder)}), flush=True)


if __name__ == "__main__":
    main()
