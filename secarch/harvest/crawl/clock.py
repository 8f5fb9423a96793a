"""The time of day as the crawl reckons it: taken once, then counted on, so that no step of the
system clock hurts.

A clock that is put forward would have Retry-After broken, one that is put back would have pages
wait for ever.
"""

from __future__ import annotations

import time

MAX_REST = 24 * 3600.0
"""Seconds; longest pause that a site is granted at once, and farthest that a stored time may lie
ahead.
"""
_OFFSET = time.time() - time.monotonic()


def unix() -> float:
    """Seconds since 1970, UTC, that never jump while the process lives."""
    return _OFFSET + time.monotonic()
