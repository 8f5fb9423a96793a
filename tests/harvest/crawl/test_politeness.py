"""Gaps, patience and giving up."""

from __future__ import annotations

import time

import pytest

from secarch.harvest.crawl.politeness import GIVE_UP, Host
from secarch.harvest.robots.robots_txt import policy


def _host(delay: float = 0.0) -> Host:
    return Host("http://h", delay, 1)


def test_the_gap_runs_from_the_end_of_a_request() -> None:
    """One at a time: neither while a request is out nor within the gap after it may another
    start.
    """
    host = _host(delay=10)
    host.started()
    assert not host.may_start(time.monotonic() + 60)
    host.ended()
    assert not host.may_start(time.monotonic() + 9)
    assert host.may_start(time.monotonic() + 11)


def test_a_longer_crawl_delay_wins_and_means_one_at_a_time() -> None:
    """robots.txt can slow the crawl down and never speed it up."""
    host = Host("http://h", 1.0, 4)
    asked = policy(200, "User-agent: *\nCrawl-delay: 3\n", "secarch")
    assert asked is not None
    host.set_policy(asked, 0)
    assert (host.gap, host.concurrency) == (3, 1)


def test_refusals_slow_a_host_and_success_brings_it_back() -> None:
    """429 and 503 double the gap; answers bring it down again by and by."""
    host = _host(delay=1)
    host.failed(refused=True, pause=None, first=1)
    assert host.gap == 2
    for _ in range(10):
        host.succeeded()
    assert host.gap == 1


def test_a_host_waits_as_long_as_it_asks() -> None:
    """Retry-After holds the whole host, not only the page."""
    host = _host()
    host.failed(refused=True, pause=30, first=1)
    assert not host.may_start(time.monotonic() + 29)


def test_a_dead_host_is_left_alone() -> None:
    """Failures in a row, without an answer between, end in giving up."""
    host = _host()
    for _ in range(GIVE_UP):
        host.failed(refused=False, pause=None, first=1)
    assert host.hopeless
    host.succeeded()
    assert not host.hopeless


def test_a_slow_host_is_given_more_rest() -> None:
    """The gap follows the mean latency, up to 30 seconds, and never where no delay is wanted."""
    host = Host("http://h", 1.0, 1, latency_factor=2.0)
    host.answered(0.1)
    assert host.gap == 1.0
    for _ in range(60):
        host.answered(5.0)
    assert 9.9 < host.gap <= 10.0
    host.answered(1_000)
    assert host.gap == 30.0
    host.delay_s = 0.0
    assert host.gap == 0.0


def test_the_circuit_breaker_lets_one_request_try_a_failing_host() -> None:
    """From three failures in a row: a rest, then one at a time in spite of the concurrency, until
    an answer comes.
    """
    host = Host("http://h", 0.0, 4)
    for _ in range(3):
        host.failed(refused=False, pause=None, first=10)
    assert (host.broken, host.state) == (True, "resting")
    assert not host.may_start(time.monotonic() + 9)
    assert host.may_start(time.monotonic() + 13)
    host.started()
    assert not host.may_start(time.monotonic() + 99)
    host.succeeded()
    assert not host.broken
    assert host.may_start(time.monotonic() + 99)


def test_a_request_that_ended_makes_room_for_the_next() -> None:
    """As many at once as the concurrency, and a new host owes nobody a wait."""
    host = Host("http://h", 0.0, 2)
    assert host.may_start(0.0)
    assert (host.robots_until, host.failures, host.requests, host.spent) == (0.0, 0, 0, 0)
    host.started()
    host.started()
    later = time.monotonic() + 99
    assert not host.may_start(later)
    host.ended()
    assert host.may_start(later)
    assert (host.active, host.requests) == (1, 2)


def test_the_newest_answer_is_a_fifth_of_the_mean_latency() -> None:
    """An exponential moving average, so that one slow answer does not halve the pace."""
    host = Host("http://h", 1.0, 1, latency_factor=2.0)
    host.answered(10.0)
    host.answered(5.0)
    assert host.gap == pytest.approx(18.0)


def test_a_host_rests_where_its_pause_is_longer_than_its_gap() -> None:
    """By more than half a second: the gap between two requests alone is no rest."""
    host = _host(delay=10)
    assert (host.state, host.rest_kept) == ("robots", 0.0)
    host.started()
    assert host.state == "robots"
    host.hold(10.45)
    assert host.state == "robots"
    host.hold(11.2)
    assert host.state == "resting"


def test_the_record_says_how_the_host_was_asked() -> None:
    """Refusals and other failures apart, and the gap of now in seconds."""
    host = _host(delay=1)
    host.started()
    host.answered(0.12345)
    host.failed(refused=True, pause=None, first=1)
    host.failed(refused=False, pause=None, first=1)
    host.failed(refused=False, pause=None, first=1)
    assert host.facts() == {
        "host": "http://h",
        "requests": 1,
        "gap_s": 2.0,
        "crawl_delay_s": 0.0,
        "latency_s": 0.123,
        "refusals": 1,
        "failures": 2,
    }


def test_refusals_slow_a_host_sixteen_times_at_most() -> None:
    """Whatever a site says, the crawl comes back to it within its run."""
    host = _host(delay=1)
    for _ in range(8):
        host.failed(refused=True, pause=None, first=1)
    assert host.gap == 16.0
