"""`secarch dataset diff`, and the difference of two documents in the report."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from secarch.dedupe.duplicates.clusters import clusters
from secarch.dedupe.inspect.diff import diff
from secarch.records import Outcome

Pages = Callable[[int], list[dict[str, Any]]]


def test_what_changed_is_told(
    pages: Pages, jsonl: Callable[..., Path], run: Callable[..., Outcome]
) -> None:
    """Documents and examples that came, went or read differently, and the settings that differ."""
    given = pages(14)
    first = run(jsonl(given[:12], "a.jsonl"))
    again = run(jsonl(given[:12], "c.jsonl"), workspace="other")
    second = run(jsonl(given[1:14], "b.jsonl"), min_example_words=31)
    a, b, c = (Path(str(outcome.artifact)) for outcome in (first, second, again))
    same = diff(a, c)
    assert same.counts == {
        "added": 0,
        "removed": 0,
        "changed": 0,
        "moved": 0,
        "same": first.counts["examples"],
    }
    assert "the content is the same" in "\n".join(same.shown)
    outcome = diff(a, b)
    assert outcome.result["documents"] == {"before": 12, "after": 13, "added": 2, "removed": 1}
    assert min(outcome.counts["added"], outcome.counts["removed"]) > 0
    assert outcome.result["settings"] == {"min_example_words": [30, 31]}
    shown = "\n".join(outcome.shown)
    assert "documents: before 12, after 13, added 2, removed 1" in shown
    assert "settings min_example_words: 30 -> 31" in shown


def test_the_report_shows_what_differs(
    pages: Pages, jsonl: Callable[..., Path], run: Callable[..., Outcome]
) -> None:
    """A near-duplicate's changed line stands in the report on both sides, escaped."""
    given = pages(12)
    lines = given[0]["text"].split("\n")
    changed = [*lines[:-2], lines[-2] + " <b>Or is it?</b>", ""]
    given.append(
        {"url": "https://docs.example.com/copy", "text": "\n".join(changed), "licence": "CC-BY-4.0"}
    )
    outcome = run(jsonl(given))
    report = (Path(str(outcome.artifact)) / "report.html").read_text()
    assert outcome.counts["rejected_duplicate_near"] == 1
    assert "<ins>+ " in report
    assert "&lt;b&gt;Or is it?&lt;/b&gt;" in report
    assert "<b>Or is it?" not in report


def test_clusters_are_the_largest_first() -> None:
    """Near-duplicates before exact copies, and no more lines than can be read."""
    row = {"removed_url": "r", "kept_url": "k", "jaccard": 0.9, "containment": 0.9, "rule": "near"}
    given = [
        {
            **row,
            "removed": f"r{n}",
            "removed_sha256": "x",
            "kept": f"k{n % 3 and 1}",
            "kept_sha256": "y",
        }
        for n in range(9)
    ]
    given += [{**given[0], "removed": f"e{n}", "kept": "k9", "rule": "exact"} for n in range(20)]
    texts = {("k0", "y"): "\n".join(map(str, range(5000)))}
    found = clusters(
        given, lambda key: texts.get(key, "\n".join(map(str, range(1, 9000, 2)))), most=2
    )
    assert [len(cluster.removed) for cluster in found] == [6, 3]
    assert 0 < len(found[1].lines) <= 61
