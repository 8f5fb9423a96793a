"""N harvesters over N host shards make what one makes, and share no host."""

from __future__ import annotations

import dataclasses
import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from secarch.artifact import open_artifact
from secarch.errors import Mismatch, MissingInput
from secarch.harvest.frontier.merge import merge
from secarch.harvest.frontier.status import status
from secarch.harvest.sources.urls import shard_of
from secarch.harvest.stage import run as harvest
from secarch.records import Outcome
from secarch.session import Session
from tests.harvest.conftest import Reply, Site, config_for, rows_of

N = 2


@pytest.fixture
def sites() -> Iterator[list[Site]]:
    """Three sites, of which each of two shards has one at least."""
    made: list[Site] = []
    while {shard_of(site.base + "/", N) for site in made[-3:]} != {0, 1}:
        made += [Site() for _ in range(3)]
    yield made[-3:]
    for site in made:
        site.close()


def stable(outcome: Outcome) -> list[dict[str, Any]]:
    return [
        {k: v for k, v in row.items() if k != "fetched_at"}
        for row in rows_of(outcome.artifact or "")
    ]


@pytest.mark.slow
def test_shards_with_handover_make_the_documents_of_one_run(
    sites: list[Site], session: Session
) -> None:
    """A page that only another shard's host links to (or redirects to) comes by a later --resume;
    all is joined.
    """
    bases = [site.base for site in sites]
    for n, site in enumerate(sites):
        site.page("/", "/a", "/b?x=1", "/b", *(f"{base}/only-from-{n}" for base in bases), "/to")
        site.page("/a", text=f"Page a of site {n}. " * 20)
        site.page("/b", head="<link rel=canonical href=/b>")
        site.page("/b?x=1", head="<link rel=canonical href=/b>")
        site.answers["/to"] = Reply("", 302, {"Location": f"{bases[(n + 1) % 3]}/moved"})
        site.page("/moved", "/far")
        site.page("/far")
        for k in range(3):
            site.page(f"/only-from-{k}")
    seeds = [base + "/" for base in bases]
    whole = harvest(
        config_for(*seeds), dataclasses.replace(session, workspace=session.workspace / "whole")
    )
    asked = [sorted(a.path for a in site.log) for site in sites]
    for site in sites:
        site.log.clear()
    resume = dataclasses.replace(session, resume=True)
    for _ in range(
        3
    ):  # the first has seen no hand-over, the second takes, the third finds nothing new
        parts = [harvest(config_for(*seeds, shard=f"{i}/{N}"), resume) for i in range(N)]
    assert [part.status for part in parts] == ["nothing_to_do"] * N
    assert [sorted(a.path for a in site.log) for site in sites] == asked
    told = status(session)
    assert (told.result["phase"], told.result["shards"]) == (
        "sealed",
        {f"{i}-of-{N}": "sealed" for i in range(N)},
    )
    assert (
        told.counts["kept"] == sum(part.counts["documents"] for part in parts) + 3
    )  # of /b and /b?x=1 one is kept
    joined = merge(session, [])
    assert stable(joined) == stable(whole)
    assert [
        f.content for f in open_artifact(Path(joined.artifact or "")).manifest.files if f.rows
    ] == [f.content for f in open_artifact(Path(whole.artifact or "")).manifest.files if f.rows]
    assert joined.result["funnel"]["by_reason"] == whole.result["funnel"]["by_reason"]
    assert merge(session, []).status == "nothing_to_do"


def test_a_shard_asks_its_own_hosts_alone(sites: list[Site], session: Session) -> None:
    """Of the other shard's hosts not even robots.txt is asked; the links are in its file."""
    for site in sites:
        site.page("/", *(other.base + "/x" for other in sites))
        site.page("/x")
    seeds = [site.base + "/" for site in sites]
    harvest(config_for(*seeds, shard=f"0/{N}"), session)
    for site in sites:
        assert bool(site.log) == (shard_of(site.base + "/", N) == 0)
    given = (
        (session.workspace / "shards" / "handover" / f"from-0-to-1-of-{N}.jsonl")
        .read_text()
        .splitlines()
    )
    assert sorted(json.loads(line)["url"] for line in given) == sorted(
        site.base + "/x" for site in sites if shard_of(site.base + "/", N) == 1
    )


def test_what_is_missing_or_does_not_belong_together_is_refused(
    sites: list[Site], session: Session
) -> None:
    """No shard, a shard that has not run, and artifacts of two different crawls."""
    with pytest.raises(MissingInput, match="no shard"):
        merge(session, [])
    for site in sites:
        site.page("/")
    seeds = [site.base + "/" for site in sites]
    first = harvest(config_for(*seeds, shard="0/2"), session)
    with pytest.raises(Mismatch, match="1 of 2 shards"):
        merge(session, [])
    other = harvest(config_for(*seeds, shard="1/2", max_depth=3), session)
    with pytest.raises(Mismatch, match="different crawls") as caught:
        merge(session, [Path(first.artifact or ""), Path(other.artifact or "")])
    assert "max_depth" in str(caught.value)


@pytest.mark.slow
def test_a_shard_without_a_host_has_nothing_to_do(site: Site, session: Session) -> None:
    """It ends well, makes no artifact, and the others are joined without it."""
    site.page("/")
    mine = shard_of(site.base + "/", 2)
    idle = harvest(config_for(site.base + "/", shard=f"{1 - mine}/2"), session)
    assert (idle.status, idle.artifact) == ("nothing_to_do", None)
    harvest(config_for(site.base + "/", shard=f"{mine}/2"), session)
    assert len(rows_of(merge(session, []).artifact or "")) == 1


def test_handed_over_links_are_judged_by_the_takers_rules(site: Site, session: Session) -> None:
    """A file can be anybody's: foreign, odd and excluded addresses in it are skipped."""
    site.page("/", "/a")
    site.page("/a")
    site.page("/x")
    mine = shard_of(site.base + "/", 2)
    folder = session.workspace / "shards" / "handover"
    folder.mkdir(parents=True)
    rows = [
        {"url": u, "kind": 0, "depth": d, "hops": 0}
        for u, d in (
            (f"{site.base}/x", 1),
            (f"{site.base}/no", 1),
            (f"{site.base}/deep", 99),
            ("http://10.0.0.1/", 1),
            ("", 1),
            (f"{site.base}/./x2", "y"),
        )
    ]
    (folder / f"from-{1 - mine}-to-{mine}-of-2.jsonl").write_text(
        "".join(json.dumps(row) + "\n" for row in rows)
    )
    outcome = harvest(
        config_for({"url": site.base + "/", "exclude": ("/no",)}, shard=f"{mine}/2"), session
    )
    assert [row["url"].rpartition("/")[2] for row in rows_of(outcome.artifact or "")] == [
        "",
        "a",
        "x",
    ]
    with gzip.open(f"{outcome.artifact}/skipped.jsonl.gz", "rt") as lines:
        assert [json.loads(line)["reason"] for line in lines] == ["too_deep"]


def test_the_hash_of_a_host_never_changes() -> None:
    """Fixed values: a new version or another machine must divide the hosts alike, http and https
    together.
    """
    urls = (
        "https://kubernetes.io/docs/",
        "http://kubernetes.io/x",
        "https://docs.aws.amazon.com/",
        "https://h:8443/",
    )
    assert [shard_of(url, 1000) for url in urls] == [879, 879, 790, 130]


@pytest.mark.parametrize("shard", ["2/2", "1", "-1/2", "0/0", "a/b", "0/2 "])
def test_a_shard_that_is_none_is_refused(shard: str) -> None:
    """Shards are counted from 0."""
    with pytest.raises(ValidationError):
        config_for("http://127.0.0.1/", shard=shard)
