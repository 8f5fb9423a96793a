"""The time of day as the crawl reckons it: taken once, then counted on, so that no step of the
system clock hurts.

A clock that is put forward would have Retry-After broken, one that is put back would have pages
wait for ever.
"""

from __future__ import annotations

import time

_OFFSET = time.time() - time.monotonic()


def unix() -> float:
    """Seconds since 1970, UTC, that never jump while the process lives."""
    return _OFFSET + time.monotonic()
