"""Budgets, queues and pauses: who may be asked how much, and what is put on disk."""

from __future__ import annotations

import time

import pytest

from secarch.harvest.crawl.clock import unix
from secarch.harvest.crawl.scheduler import QUEUE_AHEAD, Scheduler
from secarch.harvest.frontier.visit import Lease, Visit
from secarch.harvest.sources.urls import Rules
from tests.harvest.conftest import config_for

A, B = "http://127.0.0.1:1", "http://127.0.0.1:2"


def _scheduler(**settings: int) -> Scheduler:
    config = config_for(f"{A}/", **settings)
    return Scheduler(config, Rules(config))


def _lease(host: str, number: int) -> Lease:
    return Lease(
        id=number,
        url=f"{host}/{number}",
        host=host,
        kind=0,
        depth=0,
        hops=0,
        tries=0,
        etag="",
        last_modified="",
        prior="",
    )


@pytest.mark.parametrize(
    ("settings", "spent", "leased", "left"),
    [
        ({"max_pages": 10}, 3, 2, 5),
        ({"max_pages": 10}, 8, 2, 0),
        ({"max_pages": 100, "max_pages_per_host": 6}, 3, 2, 1),
    ],
)
def test_what_is_spent_and_what_is_out_count(
    settings: dict[str, int], spent: int, leased: int, left: int
) -> None:
    """Against the budget of the crawl and of the host."""
    scheduler = _scheduler(**settings)
    host = scheduler.host(A)
    host.spent, host.leased = spent, leased
    assert scheduler.allowance(host) == left
    assert scheduler.wanted() == ({A: min(left, QUEUE_AHEAD)} if left else {})


def test_a_budget_is_shared_by_the_hosts() -> None:
    """The second host gets what the first leaves."""
    scheduler = _scheduler(max_pages=QUEUE_AHEAD + 1)
    scheduler.host(A), scheduler.host(B)
    assert scheduler.wanted() == {A: QUEUE_AHEAD, B: 1}


def test_a_host_that_had_no_more_is_not_asked_for_more_until_it_grows() -> None:
    """Fewer leases than wanted mean that it is drained; new links, or a page that comes due, end
    that.
    """
    scheduler = _scheduler()
    host = scheduler.host(A)
    scheduler.take([_lease(A, 1)], {A: 4})
    assert (host.drained, host.leased, len(host.queue)) == (True, 1, 1)
    assert scheduler.wanted() == {}
    host.work_at = time.monotonic() - 1
    assert scheduler.wanted() == {A: 3}
    host.work_at = None
    scheduler.grown(frozenset({A}))
    assert scheduler.wanted() == {A: 3}
    scheduler.take([_lease(A, n) for n in (2, 3, 4)], {A: 3})
    assert not host.drained
    assert scheduler.wanted() == {}  # its queue is full enough


def test_a_host_that_is_given_up_has_no_queue() -> None:
    """Once, and its leases count no longer."""
    scheduler = _scheduler()
    host = scheduler.host(A)
    scheduler.take([_lease(A, 1), _lease(A, 2)], {A: 2})
    assert scheduler.give_up(host)
    assert not scheduler.give_up(host)
    assert (host.leased, len(host.queue), scheduler.has_queued()) == (0, 0, False)
    assert list(scheduler.by_waiting()) == []
    assert scheduler.wanted() == {}
    assert not scheduler.expect({A: 0.0})
    scheduler.take([_lease(A, 3)], {A: 1})
    assert len(host.queue) == 0


def test_who_waited_longest_goes_first() -> None:
    """By the time of the next request."""
    scheduler = _scheduler()
    scheduler.host(A).next_at, scheduler.host(B).next_at = 5.0, 2.0
    assert [host.name for host in scheduler.by_waiting()] == [B, A]


def test_a_page_that_is_tried_again_comes_due() -> None:
    """The earliest of several; a fetched page is spent."""
    scheduler = _scheduler()
    host = scheduler.host(A)
    scheduler.take([_lease(A, n) for n in (1, 2, 3)], {A: 3})
    visits = [
        Visit(lease=_lease(A, 1), fetched=True),
        Visit(lease=_lease(A, 2), retry_at=unix() + 90),
        Visit(lease=_lease(A, 3), retry_at=unix() + 30),
    ]
    scheduler.count(visits)
    assert (host.spent, host.leased) == (1, 0)
    assert host.work_at is not None
    assert 25 < host.work_at - time.monotonic() < 31


def test_a_pause_is_put_on_disk_once() -> None:
    """With its end in Unix time; the gap between requests is none."""
    scheduler = _scheduler()
    host = scheduler.host(A)
    assert scheduler.rests() == {}
    host.hold(60)
    (end,) = scheduler.rests().values()
    assert 58 < end - unix() < 61
    assert scheduler.rests() == {}


def test_waiting_pages_are_expected_within_the_budget() -> None:
    """With the time at which they come due."""
    scheduler = _scheduler(max_pages=1)
    assert scheduler.expect({A: unix() + 40})
    due = scheduler.host(A).work_at
    assert due is not None
    assert 35 < due - time.monotonic() < 41
    scheduler.host(A).spent = 1
    assert not scheduler.expect({A: unix()})
