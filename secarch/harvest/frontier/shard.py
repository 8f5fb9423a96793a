"""Beyond one machine: hosts partition the work, and links into another part are handed over through
files.

Which shard a host belongs to is a hash of its name alone, so that processes need not talk: two
shards never ask one host. Each shard is a workspace of its own below `<workspace>/shards`; the
files of `<workspace>/shards/handover` are all that they share.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

from secarch import console
from secarch.files import read_jsonl, write_jsonl
from secarch.harvest.config import HarvestConfig
from secarch.harvest.frontier.frontier import Frontier
from secarch.harvest.frontier.visit import PAGE, SITEMAP, Link
from secarch.harvest.sources.urls import OTHER_SHARD, Rules, normalise, pattern_of, shard_of
from secarch.schema import JsonDict
from secarch.session import Session

FOLDER = "shards"
HANDOVER = "handover"


def workspace_of(session: Session, config: HarvestConfig) -> Session:
    """The session in the shard's own workspace."""
    if not config.shard:
        return session
    index, number = config.part
    return dataclasses.replace(
        session, workspace=session.workspace / FOLDER / f"{index}-of-{number}"
    )


class Handover:
    """The files through which one shard gives links to the others and takes theirs."""

    def __init__(self, session: Session, config: HarvestConfig) -> None:
        self._folder = session.workspace / FOLDER / HANDOVER
        self._rules, self._max_depth = Rules(config), config.max_depth
        self._index, self._number = config.part

    def _file(self, giver: int, taker: int) -> Path:
        return self._folder / f"from-{giver}-to-{taker}-of-{self._number}.jsonl"

    def give(self, frontier: Frontier) -> int:
        """Write what was found for the others: a whole file for each, replaced at once.

        Returns the addresses.
        """
        sql = "select url, kind, depth, hops from url where reason = ? order by url"
        rows: dict[int, list[JsonDict]] = {}
        for url, kind, depth, hops in frontier.scan(sql, (OTHER_SHARD,)):
            row = {"url": url, "kind": kind, "depth": depth, "hops": hops}
            rows.setdefault(shard_of(url, self._number), []).append(row)
        for taker, found in rows.items():
            write_jsonl(self._file(self._index, taker), found)
        return sum(map(len, rows.values()))

    def take(self, frontier: Frontier) -> int:
        """Make known what the others found for this shard. Returns how many were not known.

        Raises InvalidInput for a file that is not JSON lines.
        """
        before = int(frontier.query("select count(*) from url")[0][0])
        for giver in range(self._number):
            path = self._file(giver, self._index)
            if giver != self._index and path.is_file():
                frontier.add(self._links(path))
        known = int(frontier.query("select count(*) from url")[0][0]) - before
        if known:
            console.log().info("handover_taken", addresses=known)
        return known

    def _links(self, path: Path) -> Iterator[Link]:
        """The file's addresses, judged by our own rules: what is outside them is skipped."""
        for row in read_jsonl(path):
            url, depth, hops = str(row.get("url", "")), _number(row, "depth"), _number(row, "hops")
            kind = SITEMAP if row.get("kind") == SITEMAP else PAGE
            if (
                normalise(url) != url
                or (kind == PAGE and self._rules.judge(url))
                or self._rules.elsewhere(url)
            ):
                continue
            deep = "too_deep" if depth > self._max_depth else ""
            yield Link(
                url=url, kind=kind, depth=depth, hops=hops, reason=deep, family=pattern_of(url)
            )


def _number(row: JsonDict, name: str) -> int:
    value = row.get(name)
    return value if isinstance(value, int) and 0 <= value < 1 << 31 else 0
