"""The dry run: what a crawl would ask, host by host, and how long that takes at the polite rate.

Nothing is asked, but under `--probe` each host's robots.txt and the sitemaps that it names.
"""

from __future__ import annotations

import asyncio
import math
from typing import Any

from secarch import console
from secarch.harvest.config import HarvestConfig
from secarch.harvest.crawl.probe import probe_hosts
from secarch.harvest.fetch.http import user_agent
from secarch.harvest.sources.local import describe
from secarch.harvest.sources.source import Source
from secarch.harvest.sources.urls import Rules, host_of
from secarch.records import Outcome
from secarch.schema import JsonDict

_MINUTES = 120
"""Minutes from which a time is said in days."""


def plan(config: HarvestConfig, local: list[Source], *, finished: bool, probe: bool) -> Outcome:
    """What would be asked and read; `finished` says that it was done already."""
    rules = Rules(config)
    hosts = _hosts(config, rules)
    if probe and hosts:
        for name, found in asyncio.run(probe_hosts(config, rules, list(hosts))).items():
            hosts[name] |= found
            pages = hosts[name]["pages_at_most"]
            if found["sitemaps"] or found["why_not"]:
                pages = min(pages, found["sitemap_pages"])
            days = round(pages * found["delay_s"] / 86_400, 4)
            hosts[name] |= {"pages": pages, "days": days}
    sources = describe(local)
    _show(hosts, sources)
    for source in local:
        source.show_unread()
    days = max((h["days"] if probe else h["days_at_most"] for h in hosts.values()), default=0.0)
    asked = "nothing was asked"
    if probe:
        files = sum(h.get("asked", 0) for h in hosts.values())
        asked = f"{files} file{'s were' if files != 1 else ' was'} asked for"
    each = [int(host["pages" if probe else "pages_at_most"]) for host in hosts.values()]
    pages = min(config.max_pages, sum(each))
    return Outcome(
        status="done",
        counts={"hosts": len(hosts), "seeds": len(rules.scopes), "max_pages": config.max_pages},
        result={
            "dry_run": True,
            "finished": finished,
            "user_agent": user_agent(config),
            "hosts": hosts,
            "local": sources,
            "days_at_most": days,
        },
        summary=f"would {_work(pages, len(hosts), len(local), days)}; {asked}"
        f"{' (finished already: there is nothing to do)' if finished else ''}",
        next="secarch harvest",
    )


def _work(pages: int, hosts: int, local: int, days: float) -> str:
    """What is asked and what is read; neither is named if there is none of it."""
    most = f"at most {pages:,} page{'s' * (pages != 1)} in {_time(days)}"
    sites = f"ask {hosts} host{'s' * (hosts != 1)} for {most}"
    sources = f"read {local} local source{'s' * (local != 1)}"
    return " and ".join([sites] * (hosts > 0 or not local) + [sources] * (local > 0))


def _time(days: float) -> str:
    """Days, or minutes if they are less than two hours."""
    minutes = math.ceil(days * 1_440)
    if minutes >= _MINUTES:
        return f"{round(days, 2):g} days"
    return f"{max(1, minutes)} minute{'s' * (minutes > 1)}"


def _hosts(config: HarvestConfig, rules: Rules) -> dict[str, JsonDict]:
    hosts: dict[str, JsonDict] = {}
    most = min(config.max_pages, config.max_pages_per_host)
    for scope in rules.scopes:
        name = host_of(scope.url)
        if rules.elsewhere(scope.url):
            continue
        delay = rules.delay_of(name)
        host = hosts.setdefault(
            name,
            {
                "delay_s": delay,
                "pages_at_most": 0,
                "days_at_most": 0.0,
                "seeds": [],
            },
        )
        pages = min(most, host["pages_at_most"] + (1 if scope.is_one_file else most))
        host |= {"pages_at_most": pages, "days_at_most": round(pages * delay / 86_400, 4)}
        seed = scope.seed
        host["seeds"].append(
            {"name": seed.name, "url": scope.url, "scope": scope.prefix, "licence": seed.licence}
        )
    return hosts


def _show(hosts: dict[str, JsonDict], sources: list[dict[str, Any]]) -> None:
    for source in sources:
        number = "" if source["pages_at_most"] is None else f", {source['pages_at_most']} pages"
        console.say(
            f"{source['path']}   {source['kind']}{number}   as "
            f"{source['base'] or 'the addresses in it'}"
        )
    for name, plan in hosts.items():
        console.say(
            f"{name}   {plan['delay_s']:g} s between requests, at most {plan['pages_at_most']:,} "
            f"page{'s' * (plan['pages_at_most'] != 1)} in {_time(plan['days_at_most'])}"
        )
        if "sitemap_pages" in plan:
            console.say(f"    {_probed(plan)}")
        for seed in plan["seeds"]:
            licence = f"   licence {seed['licence']}" if seed["licence"] else ""
            called = f"{seed['name']}: " if seed["name"] else "from "
            console.say(f"    {called}{seed['url']}   below {seed['scope']}{licence}")


def _probed(host: JsonDict) -> str:
    """What a host's own files say of it."""
    if host["why_not"]:
        return f"nothing would come: {host['why_not'].replace('_', ' ')}"
    if not host["sitemaps"]:
        return "no sitemap: how many pages there are is not known"
    cut = f" at least ({host['sitemaps']} sitemaps were read)" if host["more"] else ""
    return f"{host['sitemap_pages']:,} pages{cut} in its sitemaps, {_time(host['days'])}"
