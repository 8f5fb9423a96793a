"""When to try again: what Retry-After asks for, and how long to wait without it.

The one policy of the crawler and of the client of model servers.
"""

from __future__ import annotations

import random
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

MAX_REST = 24 * 3600.0
"""Seconds; the longest pause that a server is granted at once."""
MAX_BACKOFF = 300.0
"""Seconds; the longest pause that is taken without being asked for."""


def retry_after(value: str | None, now: datetime | None = None) -> float | None:
    """Seconds (0..MAX_REST) that a Retry-After field asks for, in either form (RFC 9110, section
    10.2.3); None if there is none or it is neither.

    Example: `retry_after("120")` is 120.0.
    """
    value = (value or "").strip()
    if not value:
        return None
    if re.fullmatch(r"[0-9]+(\.[0-9]*)?", value):  # some model servers send fractions
        return min(float(value), MAX_REST)
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    # A date has whole seconds, so one more keeps us from being early.
    seconds = (moment - (now or datetime.now(UTC))).total_seconds() + 1.0
    return min(max(seconds, 0.0), MAX_REST)


def backoff(tries: int, first: float) -> float:
    """Seconds before the next try after `tries` failed ones: `first` doubled each time up to
    MAX_BACKOFF, with up to a quarter of jitter, so that clients do not come back together.
    """
    pause = min(first * 2 ** min(tries, 20), MAX_BACKOFF)
    return float(pause * (1 + random.random() / 4))  # noqa: S311 - jitter is not a secret
