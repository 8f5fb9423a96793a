"""The probe's result for Prometheus' textfile collector, written whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from secarch.files import write_text
from secarch.probe.verdict import WORDS, Word


def write(path: Path, word: Word | None, *, at: float, scores: Mapping[str, float]) -> None:
    """Write the gauges; `word` None means that the server gave no answers. `at` is seconds since
    1970, scores are means by metric.
    """
    lines = [
        "# HELP secarch_probe_verdict 1 for what the last probe said.",
        "# TYPE secarch_probe_verdict gauge",
        *(f'secarch_probe_verdict{{verdict="{one}"}} {int(one == word)}' for one in WORDS),
        f'secarch_probe_verdict{{verdict="NO ANSWERS"}} {int(word is None)}',
        "# HELP secarch_probe_finished_timestamp_seconds When the last probe ended.",
        "# TYPE secarch_probe_finished_timestamp_seconds gauge",
        f"secarch_probe_finished_timestamp_seconds {at:.3f}",
    ]
    if scores:
        lines += [
            "# HELP secarch_probe_score Mean score of the running server.",
            "# TYPE secarch_probe_score gauge",
            *(
                f'secarch_probe_score{{metric="{name}"}} {scores[name]!r}'
                for name in sorted(scores)
            ),
        ]
    write_text(path, "\n".join(lines) + "\n")
