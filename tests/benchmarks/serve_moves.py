"""Promotions, rollbacks and kills: what is lost, and how long they take. By hand.

python tests/benchmarks/serve_moves.py kills --rounds 200
python tests/benchmarks/serve_moves.py load WORKSPACE NAME --rounds 100 --terms 5
python tests/benchmarks/serve_moves.py times WORKSPACE NAME
python tests/benchmarks/serve_moves.py lineage --rows 100000
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

from secarch.artifact import seal
from secarch.files import write_jsonl
from secarch.registry.config import ModelsConfig
from secarch.registry.lineage import similar
from secarch.registry.log import Log
from secarch.registry.promote import Promotion, promote, rollback
from secarch.registry.row_index import row_index
from secarch.session import Session

PROMOTER = """
import sys, itertools
from pathlib import Path
from secarch.registry.log import Log
log = Log(Path(sys.argv[1]))
print("ready", flush=True)
for n in itertools.count():
    seen = log.state().aliases.get("champion")
    to = 1 + n % 2
    log.append(lambda s: {"event": "promote", "version": to, "alias": "champion", "from": seen, "to": to})
"""


def kills(args):
    """SIGKILL at random moments of a stream of promotions: the chain holds, the alias is old or new."""
    log = Log(Path(tempfile.mkdtemp()) / "m")
    for version in (1, 2):
        log.append(lambda _s, v=version: {"event": "register", "version": v})
    source, aliases, events = random.Random(1), set(), 0
    for _ in range(args.rounds):
        worker = subprocess.Popen(
            [sys.executable, "-c", PROMOTER, str(log.folder)], stdout=subprocess.PIPE
        )
        worker.stdout.readline()
        time.sleep(source.uniform(0, 0.05))
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        state = log.state()
        assert state.aliases.get("champion") in {None, 1, 2}
        assert state.last >= events
        aliases.add(state.aliases.get("champion"))
        log.append(lambda _s: {"event": "tag", "version": 1, "tags": {"after": "kill"}})
        events = log.state().last
    return {
        "kills": args.rounds,
        "events": events,
        "aliases": sorted(map(str, aliases)),
        "broken": 0,
    }


class Clients:
    """Eight clients without a pause; a request that was sent has an answer or is lost."""

    def __init__(self, url, n=8):
        self.url, self.answers, self.lost, self.refused = url, [], [], 0
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._ask, args=(k,)) for k in range(n)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _ask(self, k):
        n = 0
        while not self._stop.is_set():
            n += 1
            body = {"messages": [{"role": "user", "content": f"Why {k}?"}], "max_tokens": 12}
            ident = f"{k}-{n}"
            request = urllib.request.Request(
                f"{self.url}/v1/chat/completions",
                data=json.dumps(body).encode(),
                headers={"X-Request-Id": ident},
            )
            try:
                with urllib.request.urlopen(request, timeout=120) as reply:
                    found = json.loads(reply.read())
                    assert reply.headers["X-Request-Id"] == ident
                    self.answers.append(
                        (ident, reply.headers["X-Secarch-Model"], found["system_fingerprint"])
                    )
            except urllib.error.HTTPError as error:
                self.refused += error.code == 503
                if error.code != 503:
                    self.lost.append(f"HTTP {error.code}")
                time.sleep(0.05)
            except urllib.error.URLError as error:
                if isinstance(error.reason, ConnectionRefusedError):
                    self.refused += 1
                    time.sleep(0.05)
                else:
                    self.lost.append(repr(error.reason))
            except OSError as error:
                self.lost.append(repr(error))


def port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def server(args, number, metrics):
    command = [
        sys.executable,
        "-m",
        "secarch",
        "serve",
        args.name,
        "--workspace",
        str(args.workspace),
    ]
    command += [
        "--port",
        str(number),
        "--set",
        f"serve.metrics_port={metrics}",
        "--set",
        "serve.watch_s=0.05",
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while True:
        assert process.poll() is None
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{number}/readyz", timeout=5)
        except OSError:
            time.sleep(0.1)
        else:
            return process


def counted(metrics):
    with urllib.request.urlopen(f"http://127.0.0.1:{metrics}/metrics", timeout=10) as reply:
        lines = reply.read().decode().splitlines()
    return sum(
        float(line.split()[-1])
        for line in lines
        if line.startswith('secarch_requests_total{code="200"}')
    )


def load(args):
    """Rounds of promote and rollback, then SIGTERM, all under eight clients."""
    session = Session(workspace=args.workspace)
    number, metrics = port(), port()
    process = server(args, number, metrics)
    with Clients(f"http://127.0.0.1:{number}") as clients:
        wanted = {}
        for n in range(args.rounds):
            if n % 2 == 0:
                force = Promotion(ref=f"{args.name}/2", force=True, reason="benchmark")
                to = promote(ModelsConfig(), session, force).result["ref"]
            else:
                to = rollback(
                    session, args.name, alias="champion", to=None, reason="benchmark"
                ).result["ref"]
            before = len(clients.answers)
            while not clients.answers[before:] or clients.answers[-1][1] != to:
                time.sleep(0.01)
            print(n + 1, len(clients.answers), len(clients.lost), clients.refused, file=sys.stderr)
        for _, ref, fingerprint in clients.answers:
            wanted.setdefault(ref, set()).add(fingerprint)
    done = {
        "rounds": args.rounds,
        "answers": len(clients.answers),
        "lost": len(clients.lost),
        "refused": clients.refused,
        "doubled": len(clients.answers) - len({a[0] for a in clients.answers}),
        "counted_by_the_server": counted(metrics),
        "fingerprints": {ref: len(names) for ref, names in wanted.items()},
    }
    process.terminate()
    process.wait()
    lost, answers, codes = [], 0, []
    for _ in range(args.terms):
        process = server(args, number, metrics)
        with Clients(f"http://127.0.0.1:{number}") as clients:
            while len(clients.answers) < 16:
                time.sleep(0.01)
            process.terminate()
            codes.append(process.wait())
        lost += clients.lost
        answers += len(clients.answers)
    return {
        **done,
        "terms": args.terms,
        "term_answers": answers,
        "term_lost": lost,
        "exit_codes": codes,
    }


def times(args):
    """Seconds of the commands as a user waits for them, against `secarch --help`."""
    own = ["--workspace", str(args.workspace)]
    commands = {
        "help": ["--help"],
        "list": ["models", "list", *own],
        "promote": ["models", "promote", f"{args.name}/2", "--force", "--reason", "x", *own],
        "rollback": ["models", "rollback", args.name, "--reason", "x", *own],
    }
    found = {name: [] for name in commands}
    for _ in range(5):
        for name, words in commands.items():
            start = time.perf_counter()
            subprocess.run(
                [sys.executable, "-m", "secarch", *words], check=True, capture_output=True
            )
            found[name].append(time.perf_counter() - start)
    session, inside = Session(workspace=args.workspace), []
    for n in range(6):
        start = time.perf_counter()
        force = Promotion(ref=f"{args.name}/{2 - n % 2}", force=True, reason="x")
        promote(ModelsConfig(), session, force)
        inside.append(time.perf_counter() - start)
    medians = {name: round(statistics.median(values), 3) for name, values in found.items()}
    return {**medians, "promote_inside": round(statistics.median(inside), 3)}


def lineage(args):
    """Ten rows like an answer, of many."""
    source = random.Random(3)
    words = [f"word{n}" for n in range(20_000)]
    folder = Path(tempfile.mkdtemp()) / "d"
    folder.mkdir()

    def text():
        return " ".join(source.choices(words, k=80))

    rows = [
        {
            "id": str(n),
            "url": f"https://e/{n}",
            "messages": [{"role": "assistant", "content": text()}],
        }
        for n in range(args.rows)
    ]
    write_jsonl(folder / "train.jsonl", rows)
    dataset = seal(folder, kind="dataset", parents=[], config={}, counts={}, files=["train.jsonl"])
    answer = " ".join(rows[77]["messages"][0]["content"].split()[10:60]) + " and more besides"
    indexes = folder.parent / "indexes"
    start = time.perf_counter()
    row_index(dataset, indexes)
    built = time.perf_counter()
    found = list(similar(row_index(dataset, indexes), answer))
    return {
        "rows": args.rows,
        "seconds_first_time": round(built - start, 2),
        "seconds": round(time.perf_counter() - built, 2),
        "first": found[0]["id"],
        "found": len(found),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["kills", "load", "times", "lineage"])
    parser.add_argument("workspace", nargs="?", type=Path)
    parser.add_argument("name", nargs="?", default="architect")
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--terms", type=int, default=5)
    parser.add_argument("--rows", type=int, default=100_000)
    args = parser.parse_args()
    print(json.dumps(globals()[args.what](args), indent=1))


if __name__ == "__main__":
    main()
