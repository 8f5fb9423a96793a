"""Lines that a site repeats, counted over shards."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pytest

from secarch.dedupe.build.shards import write_shard
from secarch.dedupe.quality import boilerplate
from secarch.dedupe.quality.boilerplate import AT_EDGE, LEAST, LINES, Repeated, choose


@pytest.mark.parametrize("same", [False, True])
def test_what_is_chosen_is_what_all_counts_together_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, same: bool
) -> None:
    """At both limits, over shards of which none has a line often enough; equal hashes too."""
    rng = random.Random(6)
    having: Counter[tuple[str, str]] = Counter()
    edge: Counter[tuple[str, str]] = Counter()
    for shard in range(5):
        rows = []
        for site in ("a", "b", "c"):
            names = ["", *(f"line {n}" for n in range(40) if rng.random() < 0.6)]
            for line in names:
                count = rng.randint(12, 14) if not line else rng.randint(1, 4)
                at_edge = count if rng.random() < 0.8 else count - 1
                rows.append({"site": site, "line": line, "documents": count, "at_edge": at_edge})
                having[site, line] += count
                edge[site, line] += at_edge
        write_shard(tmp_path / f"{shard}", rows, LINES)
    if same:
        monkeypatch.setattr(boilerplate, "hash", lambda _: 1, raising=False)
    wanted = [
        Repeated(site=site, line=line, documents=n, share=n / having[site, ""])
        for (site, line), n in having.items()
        if line and n >= max(LEAST, 0.15 * having[site, ""]) and edge[site, line] >= AT_EDGE * n
    ]
    found = choose(sorted(tmp_path.iterdir()), 0.15)
    assert found == sorted(wanted, key=lambda one: (-one.documents, one.site, one.line))
    assert LEAST in {one.documents for one in found}
    assert 5 < len(found) < len(having) / 2
    assert choose(sorted(tmp_path.iterdir()), 0) == []
    assert choose([], 0.15) == []
