"""Near-duplicates against exact truth and against datasketch used well, in one run; growth, index
size and memory.

    python tests/benchmarks/dedupe.py --corpus FOLDER [--seed N] [--rounds 3] [--orders 3] [--grow 1
    10] [--stream 1 10]

FOLDER holds `*.jsonl.gz` with `markdown` or `text`. 80 variants of each of eleven kinds (copies,
reflowed, shuffled, cut short, wrapped in navigation, 1 to 30 % of the words edited) are planted;
the truth is every pair of Jaccard 0.8 of word 5-grams by a sparse product, with hashes of its own,
so no LSH and no code of the package is in it. Prints JSON lines. Ratios hold within one run;
everything timed is a process of its own with one BLAS thread.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import gzip
import hashlib
import json
import multiprocessing
import os
import random
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

WORD = re.compile(r"\w+")
HEADER = (
    "Skip to main content Sign in Products Solutions Pricing Documentation Learn Support Contact "
    "us Search " * 6
)
FOOTER = (
    "Was this page helpful Yes No Privacy Site terms Cookie preferences All rights reserved "
    "Provide feedback " * 6
)
RATES = (1, 2, 5, 10, 20, 30)


# ---------------------------------------------------------------- the truth set


def edited(text, rate, rng, vocabulary):
    parts = re.split(r"(\s+)", text)
    for i in range(0, len(parts), 2):
        if parts[i] and rng.random() < rate:
            draw = rng.random()
            other = rng.choice(vocabulary)
            parts[i] = other if draw < 0.6 else "" if draw < 0.8 else f"{parts[i]} {other}"
    return "".join(parts)


def variants(text, rng, vocabulary):
    paragraphs = text.split("\n\n")
    rng.shuffle(paragraphs)
    yield "exact", text
    yield (
        "reflow",
        re.sub(r"[ \t]*\n[ \t]*", "\n", re.sub(r"[*_`#>]+", " ", text))
        .upper()
        .replace("\n", "  \n "),
    )
    yield "shuffle", "\n\n".join(paragraphs)
    yield "truncate70", text[: int(len(text) * 0.7)]
    yield "wrap", f"{HEADER}\n\n{text}\n\n{FOOTER}"
    for rate in RATES:
        yield f"edit{rate}", edited(text, rate / 100, rng, vocabulary)


def truth_set(corpus, seed, per=80):
    texts = []
    for path in sorted(Path(corpus).glob("*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            rows = (json.loads(line) for line in lines)
            texts += [
                t for row in rows if len(t := row.get("markdown") or row.get("text") or "") >= 500
            ]
    rng = random.Random(seed)
    vocabulary = sorted({w for t in texts[::7] for w in t.split() if w.isalpha()})
    long = [t for t in texts if len(t.split()) >= 200]
    rng.shuffle(long)
    kinds = [kind for kind, _ in variants("", rng, ["x"])]
    made = [dict(variants(long.pop(), rng, vocabulary))[kind] for kind in kinds for _ in range(per)]
    every = texts + made
    rng.shuffle(every)
    return every


def exact_pairs(texts, n=5, threshold=0.8):
    """Every pair of Jaccard >= threshold, by a sparse product of the texts' n-gram sets."""
    import numpy as np
    import scipy.sparse as sp

    ids: dict[bytes, int] = {}
    sets = []
    for text in texts:
        words = WORD.findall(text.lower())
        grams = (
            {" ".join(words[i : i + n]) for i in range(max(1, len(words) - n + 1))}
            if words
            else set()
        )
        digests = (
            hashlib.blake2b(g.encode("utf-8", "replace"), digest_size=8).digest() for g in grams
        )
        sets.append(np.fromiter((ids.setdefault(d, len(ids)) for d in digests), np.int64))
    size = np.array([len(s) for s in sets])
    pointer = np.concatenate([[0], np.cumsum(size)])
    matrix = sp.csr_matrix(
        (np.ones(pointer[-1], np.int32), np.concatenate(sets), pointer), (len(texts), len(ids))
    )
    turned = matrix.T.tocsr()
    out = set()
    for at in range(0, len(texts), 500):
        common = (matrix[at : at + 500] @ turned).tocoo()
        i, j, c = common.row + at, common.col, common.data
        keep = (j > i) & (c >= threshold * (size[i] + size[j] - c) - 1e-9)
        out |= set(zip(i[keep].tolist(), j[keep].tolist(), strict=True))
    return out


# ---------------------------------------------------------------- the engines, each run in a
# process of its own


HELD = []
"""The texts, which forked workers inherit, as datasketch has them in its own process too."""


def sign(part):
    from secarch.text.minhash import Signer

    return Signer().sign_texts(HELD[part], 5)


def run_ours(texts, workers):
    """Seconds and removals of `near.find`, signing in `workers` processes, imports in."""
    started = time.perf_counter()
    import numpy as np

    from secarch.dedupe.duplicates import near

    class Corpus:
        def __init__(self):
            step = 512
            HELD[:] = texts
            parts = [slice(i, i + step) for i in range(0, len(texts), step)]
            if workers == 1:
                signed = list(map(sign, parts))
            else:
                context = multiprocessing.get_context("fork")
                with concurrent.futures.ProcessPoolExecutor(workers, mp_context=context) as pool:
                    signed = list(pool.map(sign, parts))
            self.signatures = np.concatenate([s for s, _ in signed])
            self.fingerprints = [mark for _, marks in signed for mark in marks]

        def text(self, i):
            return texts[i]

    corpus = Corpus()
    signing = time.perf_counter() - started
    ranks = [
        near.Rank(
            quality=0,
            length=-len(text),
            newest=0,
            canonical=False,
            negative_words=-len(text),
            sha256=hashlib.sha256(text.encode("utf-8", "replace")).hexdigest(),
            url="",
            id="",
        )
        for text in texts
    ]
    found = near.find(corpus, ranks, threshold=0.8, containment=2.0, shingle=5)
    seconds = time.perf_counter() - started
    return {
        "seconds": seconds,
        "signing": signing,
        "removed": [r.removed for r in found.removals],
        "twins": [(r.removed, r.kept) for r in found.removals],
        "pairs": [(min(i, j), max(i, j)) for i, j, jaccard in found.related if jaccard >= 0.8],
        "candidates": found.candidates,
        "verified": found.verified,
    }


def run_datasketch(texts):
    """datasketch used well: hashed shingles in bulk, 25 x 5 bands given, exact verification, first
    one kept.
    """
    started = time.perf_counter()
    import numpy as np
    import xxhash
    from datasketch import MinHash, MinHashLSH

    index = MinHashLSH(num_perm=128, params=(25, 5))
    sets, pairs, removed = [], [], []
    for text in texts:
        words = WORD.findall(text.lower())
        grams = (" ".join(words[k : k + 5]).encode() for k in range(max(1, len(words) - 4)))
        sets.append(np.unique(np.fromiter(map(xxhash.xxh32_intdigest, grams), np.uint32)))
    for i, signature in enumerate(
        MinHash.bulk([s.tolist() for s in sets], num_perm=128, hashfunc=int)
    ):
        twins = []
        for j in index.query(signature):
            both = len(np.intersect1d(sets[i], sets[j], assume_unique=True))
            if both >= 0.8 * (len(sets[i]) + len(sets[j]) - both):
                twins.append(j)
        pairs += [(j, i) for j in twins]
        if twins:
            removed.append(i)
        index.insert(i, signature)
    return {"seconds": time.perf_counter() - started, "removed": removed, "pairs": pairs}


ENGINES = {
    "ours_1": lambda t: run_ours(t, 1),
    "ours_2": lambda t: run_ours(t, 2),
    "datasketch": run_datasketch,
}


def child(engine, path):
    with Path(path).open(encoding="utf-8") as lines:
        texts = [json.loads(line) for line in lines]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = ENGINES[engine](texts)
    found["rss_mb"] = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) >> 10
    found["cpu"] = sum(os.times()[:4])
    print(json.dumps(found))


def measured(engine, path):
    done = subprocess.run(
        [sys.executable, __file__, "--child", engine, str(path)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
    )
    return json.loads(done.stdout)


def save(texts, path):
    path.write_text("".join(f"{json.dumps(t)}\n" for t in texts), encoding="utf-8")
    return path


def show(**line):
    print(json.dumps(line), flush=True)


# ---------------------------------------------------------------- what is reported


def wrongful(texts, twins, n=3):
    """Removed texts of which more than 20 % of the word 3-grams are not in the kept text that is
    named.
    """

    def grams(i):
        words = WORD.findall(texts[i].lower())
        return {tuple(words[k : k + n]) for k in range(max(1, len(words) - n + 1))}

    return sum(len((own := grams(gone)) - grams(kept)) > 0.2 * len(own) for gone, kept in twins)


def accuracy(texts, truth, found, name):
    """On groups of equal words: a removal of a copy speaks for all of its copies."""
    same = {}
    for i, text in enumerate(texts):
        same.setdefault(" ".join(WORD.findall(text.lower())), []).append(i)
    pairs = {tuple(pair) for pair in found["pairs"]}
    first = {i: members[0] for members in same.values() for i in members}
    folded = {tuple(sorted((first[i], first[j]))) for i, j in truth} - {(i, i) for i in first}
    mine = {tuple(sorted((first[i], first[j]))) for i, j in pairs} - {(i, i) for i in first}
    hit = len(folded & mine)
    removed = set(found["removed"])
    missed = sum(i not in removed and j not in removed for i, j in truth)
    line = {
        "pairs_true": len(truth),
        "groups_true": len(folded),
        "precision": hit / max(1, len(mine)),
    }
    line |= {"recall": hit / max(1, len(folded)), "missed": missed, "removed": len(removed)}
    if "twins" in found:
        line["wrongful"] = wrongful(texts, found["twins"])
    show(what="accuracy", engine=name, **line)


def orders(texts, count, seed, folder):
    """Kept texts that another order of the input changes."""
    first = None
    for order in range(count):
        shuffled = list(texts)
        random.Random(seed + order).shuffle(shuffled)
        removed = set(measured("ours_1", save(shuffled, folder / "order.jsonl"))["removed"])
        kept = sorted(t for i, t in enumerate(shuffled) if i not in removed)
        first = first or kept
        show(what="order", order=order, kept=len(kept), differ=len(set(first) ^ set(kept)))


def copies(texts, factor):
    """Texts whose every word is renamed in each copy, so that the structure repeats and nothing
    joins it.
    """
    for copy in range(factor):
        yield from ([re.sub(r"(\w+)", rf"\1q{copy}", t) for t in texts] if copy else texts)


STREAM = """
import json, resource, sys, time
from pathlib import Path
from secarch.dedupe.config import DedupeConfig
from secarch.dedupe.build.documents import locate
from secarch.dedupe.build.engine import engine
from secarch.dedupe.build.store import Store
from secarch.dedupe.duplicates import near
config = DedupeConfig(boilerplate=0, scrub=False, filters=(), min_words=0, workers=2)
folder = Path(sys.argv[2])
if __name__ == "__main__":
    with engine(config) as chosen:
        store = Store(folder, None, config, chosen, lambda: None)
        store.read(locate([Path(sys.argv[1])], folder))
        items = [item for item in store.prepare() if not item.reasons]
        ranks = [near.rank(item.head, 0, item.signals.words) for item in items]
        started = time.perf_counter()
        found = near.find(store.signed(items), ranks, threshold=0.8, containment=0.98, shingle=5, seen=store.index())
        seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    worker = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10
    own = folder / "index" / "000"
    size = {n: (own / n).stat().st_size for n in ("marks.npy", "signatures.npy", "order.npy", "pairs.parquet")}
    print(json.dumps({"documents": len(items), "kept": len(items) - len(found.removals), "compare_seconds": seconds,
        "parent_mb": peak, "worker_mb": worker, "index_bytes": size}))
"""


def streamed(texts, factor, folder):
    """The stage's own path over shards: memory of the process that holds no text, and the index on
    disk.
    """
    source = folder / f"grow{factor}.jsonl"
    with source.open("w", encoding="utf-8") as out:
        for n, text in enumerate(copies(texts, factor)):
            out.write(json.dumps({"id": f"{n:08}", "text": text}) + "\n")
    script = folder / "stream.py"
    script.write_text(STREAM, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(script), str(source), str(folder / f"store{factor}")],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    line = json.loads(done.stdout.splitlines()[-1])
    line["index_bytes_a_document"] = round(sum(line["index_bytes"].values()) / line["documents"], 1)
    show(what="streamed", factor=factor, megabytes=source.stat().st_size >> 20, **line)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--corpus", required=True)
    parser.add_argument("--seed", type=int, default=20261123)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--orders", type=int, default=3)
    parser.add_argument("--grow", type=int, nargs="*", default=[])
    parser.add_argument("--stream", type=int, nargs="*", default=[])
    parser.add_argument(
        "--base", type=int, default=2000, help="documents that --grow and --stream multiply"
    )
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        texts = truth_set(args.corpus, args.seed)
        path = save(texts, folder / "texts.jsonl")
        show(what="texts", documents=len(texts), megabytes=round(sum(map(len, texts)) / 1e6, 1))
        rounds = {engine: [] for engine in ENGINES}
        for _ in range(args.rounds):
            for engine, found in rounds.items():
                found.append(measured(engine, path))
        if not args.rounds:
            rounds = {}
        middle = {
            engine: statistics.median(r["seconds"] for r in found)
            for engine, found in rounds.items()
        }
        cpu = {
            engine: statistics.median(r["cpu"] for r in found) for engine, found in rounds.items()
        }
        for engine, seconds in middle.items():
            show(
                what="speed",
                engine=engine,
                seconds=round(seconds, 2),
                documents_a_second=round(len(texts) / seconds),
                times_datasketch=round(middle["datasketch"] / seconds, 2),
                cpu_seconds=round(cpu[engine], 2),
                times_datasketch_by_cpu=round(cpu["datasketch"] / cpu[engine], 2),
                rss_mb=rounds[engine][0]["rss_mb"],
            )
        truth = exact_pairs(texts) if args.rounds else set()
        for engine in ("ours_1", "datasketch") if args.rounds else ():
            accuracy(texts, truth, rounds[engine][0], engine)
        orders(texts, args.orders, args.seed, folder)
        for factor in args.grow:
            grown = save(copies(texts[: args.base], factor), folder / "grown.jsonl")
            found = measured("ours_2", grown)
            count = factor * min(args.base, len(texts))
            show(
                what="growth",
                documents=count,
                seconds=round(found["seconds"], 2),
                removed=len(found["removed"]),
                documents_a_second=round(count / found["seconds"]),
            )
        for factor in args.stream:
            streamed(texts[: args.base], factor, folder)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child(*sys.argv[2:4])
    else:
        main()
