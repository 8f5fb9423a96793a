"""The live line: how training goes, while it goes."""

from __future__ import annotations

import resource
from datetime import timedelta

from secarch.train.loop.journal import Journal

GIB = 1 << 30


def facts(journal: Journal, steps: int, memory: int | None = None) -> dict[str, str]:
    """Loss, learning rate, tokens a second, time left and memory, in words for one line.

    `steps` are the run's; `memory` is the most that a GPU held, in bytes, else this process's own
    is taken. What is not known yet is left out.
    """
    loss, rate = (
        curve[-1][1] if (curve := journal.curve(name)) else None
        for name in ("loss", "learning_rate")
    )
    speed, left = journal.tokens_per_second(), seconds_left(journal, steps)
    held = memory or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    found = {
        "loss": None if loss is None else f"{loss:.4f}",
        "learning_rate": None if rate is None else f"{rate:.2e}",
        "tokens_per_second": None if speed is None else f"{speed:,.0f}",
        "left": None if left is None else str(timedelta(seconds=round(left))),
        "memory": f"{held / GIB:.1f} GiB",
    }
    return {name: text for name, text in found.items() if text is not None}


def seconds_left(journal: Journal, steps: int) -> float | None:
    """By the mean time of the steps that this process took, evaluations included; None below two
    of them.
    """
    clock = sorted(journal.clock.items())
    if len(clock) < 2:
        return None
    (first, began), (last, ended) = clock[0], clock[-1]
    return (ended - began) / (last - first) * max(0, steps - last)
