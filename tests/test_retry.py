"""When to try again, for the crawler and for the client of model servers."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from secarch.retry import backoff, retry_after

NOON = datetime(2026, 11, 1, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7),
        ("0.4", 0.4),
        ("0", 0),
        ("Sun, 01 Nov 2026 12:00:30 GMT", 31),
        ("Sun, 01 Nov 2026 11:00:00 GMT", 0),
        ("soon", None),
        ("", None),
        ("-5", None),
        ("99999999", 86_400),
        ("²", None),
        ("Mon, 99999999999999999999 Nov 2026 00:00:00 GMT", None),
    ],
)
def test_retry_after_has_two_forms(value: str, seconds: float | None) -> None:
    """Seconds or a date, never early, at most a day; nonsense asks for nothing."""
    assert retry_after(value, NOON) == seconds


@pytest.mark.parametrize(
    ("tries", "seconds"), [(0, 1), (1, 2), (2, 4), (8, 256), (9, 300), (99, 300)]
)
def test_backoff_doubles_up_to_a_limit(tries: int, seconds: float) -> None:
    """Each try waits twice as long, with jitter of a quarter at most."""
    waits = [backoff(tries, 1) for _ in range(200)]
    assert seconds <= min(waits) < seconds * 1.05
    assert seconds * 1.2 < max(waits) <= seconds * 1.25


def test_a_date_without_a_zone_is_utc() -> None:
    """`-0000` says that the zone is unknown; HTTP dates are UTC (RFC 9110, section 5.6.7)."""
    assert retry_after("Sun, 01 Nov 2026 12:00:30 -0000", NOON) == 31
    assert retry_after(None) is None
