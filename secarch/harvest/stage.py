"""The harvest stage: settings and a frontier in, a sealed documents artifact out."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from secarch import artifact, console, files
from secarch.errors import InputError, MissingInput, UnfinishedRun, UsageError
from secarch.harvest.config import HarvestConfig
from secarch.harvest.crawl.plan import plan
from secarch.harvest.crawl.progress import Progress, show_funnel
from secarch.harvest.crawl.spider import Spider, seeds_of
from secarch.harvest.fetch import access
from secarch.harvest.fetch.http import user_agent
from secarch.harvest.fetch.render import find_browser
from secarch.harvest.frontier.database import FILE
from secarch.harvest.frontier.frontier import Frontier
from secarch.harvest.frontier.shard import Handover, workspace_of
from secarch.harvest.frontier.visit import named
from secarch.harvest.report import report
from secarch.harvest.sources.ingest import ingest
from secarch.harvest.sources.local import content_of, open_sources
from secarch.harvest.sources.seeds import check
from secarch.harvest.sources.source import Source
from secarch.harvest.sources.urls import Rules, host_of
from secarch.records import Outcome, amount
from secarch.report.origin import origin
from secarch.schema import JsonDict
from secarch.session import Session

NEXT = "secarch dedupe"
NO_PARENT = "Web sites, folders or archives; no artifact stands behind it."
PAGE = "report.html"
_OURS = "select 1 from url where reason not in ('out_of_scope', 'other_shard') limit 1"


def run(
    config: HarvestConfig, session: Session, *, refresh: bool = False, probe: bool = False
) -> Outcome:
    """Crawl the seeds and seal what they gave.

    `refresh` asks a finished crawl's pages again, with their validators, and seals a new artifact
    whose parent is the last one; `probe` only asks each host for its sitemaps and says what would
    come. Raises ConfigError (no seed, a bad one, no contact),
    UnfinishedRun, Busy, DiskError, Interrupted, MissingExtra and PrerequisiteError (no browser to
    render with), and InputError if not one page could be kept.
    """
    check(config)
    if config.render != "off":
        find_browser()
    if not session.dry_run:
        access.read(config)
    local = open_sources(config)
    if session.dry_run or probe:
        key = artifact.make_key(_key_parents([], content_of(local)), config.digest())
        made = session.harvest / f"documents-{key[:8]}" / artifact.MANIFEST
        finished = not (refresh or session.fresh) and made.is_file()
        return plan(config, local, finished=finished, probe=probe)
    if refresh and session.fresh:
        raise UsageError(
            "--refresh goes on from the last crawl, --fresh sets it aside",
            fix="give one of the two",
        )
    handover, session = Handover(session, config), workspace_of(session, config)
    with artifact.lock(session.harvest / ".lock"):
        return Harvest(config, session, local, handover).run(refresh=refresh)


_ADVICE = "check the URL in a browser, its robots.txt, and harvest.seeds, include and exclude"
_ADVICE_RENDER = (
    "the pages are filled by scripts: draw them with --set harvest.render=auto, "
    "or name their sources, such as a checkout of the repository"
)
_ADVICE_LOCAL = (
    "check that the folder holds formats that are read (Markdown, HTML, reStructuredText, "
    "AsciiDoc, notebooks, text, PDF, .docx, OSCAL or ATT&CK JSON), and include and exclude of the "
    "seed"
)


def _key_parents(parents: list[str], content: str) -> list[str]:
    return [*parents, content] if content else parents


class Harvest:
    """One run of the stage, the lock held."""

    def __init__(
        self, config: HarvestConfig, session: Session, local: list[Source], handover: Handover
    ) -> None:
        self._config, self._session, self._local, self._handover = config, session, local, handover
        self._path = session.harvest / FILE
        self._sight = Progress(self._path, config.max_pages)
        self._content: str | None = None
        """Hash of the local sources as they were when the work began."""

    def run(self, *, refresh: bool) -> Outcome:
        """Find out what there is to do, and do it."""
        meta = self._meta()
        if self._session.fresh:
            self._set_aside()
            meta = {}
        elif meta.get("phase") == "open":
            self._check_unfinished(meta)
            return self._work(meta)
        if refresh:
            return self._refresh(meta)
        directory = self.directory([])
        found = artifact.claim(directory, resume=True, fresh=self._session.fresh)
        if found is not None:
            if (
                self._session.resume
                and meta.get("phase") == "sealed"
                and self._has_links_of_others(meta)
            ):
                return self._work(self._meta())
            return self._nothing_to_do(self._refreshed(meta) or found)
        self._set_aside()
        return self._work({})

    def _has_links_of_others(self, meta: JsonDict) -> bool:
        """Open a finished shard again where other shards found pages for it; it is sealed anew, as
        a child.
        """
        frontier = self.open()
        try:
            self._handover.take(frontier)
            waits = bool(frontier.waiting())
            if waits:
                frontier.begin_addition({"phase": "open", "parents": [meta["digest"]]})
            return waits
        finally:
            frontier.close()

    def _refreshed(self, meta: JsonDict) -> artifact.Artifact | None:
        """The artifact of the newest refresh of these settings, if there was one."""
        directory = self._session.harvest / str(meta.get("artifact", ""))
        ours = meta.get("config") == self._config.identity() and bool(meta.get("parents"))
        return (
            artifact.open_artifact(directory)
            if ours and (directory / artifact.MANIFEST).is_file()
            else None
        )

    def _key(self, parents: list[str]) -> str:
        if self._content is None:
            self._content = content_of(self._local)
        return artifact.make_key(_key_parents(parents, self._content), self._config.digest())

    def directory(self, parents: list[str]) -> Path:
        """Where the documents of these settings and parents are."""
        return self._session.harvest / f"documents-{self._key(parents)[:8]}"

    def _meta(self) -> JsonDict:
        if not self._path.exists() or self._session.fresh:
            return {}
        frontier = self.open()
        try:
            return frontier.meta()
        finally:
            frontier.close()

    def open(self) -> Frontier:
        """The frontier, made if there is none. Raises DiskError and InvalidInput."""
        with files.disk_errors(self._path):
            self._path.parent.mkdir(parents=True, exist_ok=True)
        return Frontier(
            self._path, synchronous=self._config.synchronous, max_variants=self._config.max_variants
        )

    def _set_aside(self) -> None:
        moved = artifact.set_aside(self._path)
        for suffix in ("-wal", "-shm"):
            log = self._path.with_name(self._path.name + suffix)
            if moved and log.exists():
                log.rename(moved.with_name(moved.name + suffix))

    def _check_unfinished(self, meta: JsonDict) -> None:
        if meta.get("config") != self._config.identity():
            theirs = meta.get("config") or {}
            differing = sorted(k for k, v in self._config.identity().items() if theirs.get(k) != v)
            raise UsageError(
                "an unfinished crawl with other settings is here",
                where=self._path,
                why=f"they differ in {', '.join(differing)}",
                fix="give its settings and --resume to finish it, or --fresh to set it aside",
            )
        if not self._session.resume:
            raise UnfinishedRun("an unfinished crawl is here", self._path)

    def _nothing_to_do(self, found: artifact.Artifact) -> Outcome:
        counts = found.manifest.counts
        return Outcome(
            status="nothing_to_do",
            artifact=str(found.path),
            digest=found.digest,
            counts=counts,
            summary=f"nothing to do: {counts.get('documents', 0)} documents of these settings are "
            f"in {found.path}",
            next=NEXT,
        )

    def _refresh(self, meta: JsonDict) -> Outcome:
        if meta.get("phase") != "sealed" or meta.get("config") != self._config.identity():
            raise MissingInput(
                "there is no finished crawl of these settings to refresh",
                where=self._path,
                fix="secarch harvest",
            )
        frontier = self.open()
        try:
            frontier.begin_refresh({"phase": "open", "parents": [meta["digest"]]})
        finally:
            frontier.close()
        return self._work(self._meta())

    def _work(self, meta: JsonDict) -> Outcome:
        parents = list(meta.get("parents", []))
        if "content" in meta:
            self._content = str(meta["content"])
        directory = self.directory(parents)
        with files.disk_errors(directory):
            directory.mkdir(parents=True, exist_ok=True)
        frontier = self.open()
        try:
            with console.run_log(directory), self._session.stop.listening():
                if not meta:
                    frontier.set_meta(
                        {"phase": "open", "parents": [], "config": self._config.identity()}
                    )
                    if self._local:
                        frontier.set_meta({"content": self._content})
                    frontier.add(seeds_of(Rules(self._config)))
                self._handover.take(frontier)
                try:
                    seconds = self._crawl(frontier)
                except InputError:
                    if not frontier.query("select 1 from url limit 1"):
                        frontier.set_meta({"phase": "empty"})  # nothing to go on with
                    raise
                finally:
                    self._handover.give(frontier)
                return self.seal(frontier, directory, parents, seconds)
        finally:
            frontier.close()

    def _crawl(self, frontier: Frontier) -> float:
        started = time.monotonic()
        console.log().info(
            "harvest_started", seeds=len(self._config.seeds), user_agent=user_agent(self._config)
        )
        with Progress(self._path, self._config.max_pages).watching() as self._sight:
            if self._local:
                asyncio.run(
                    ingest(
                        self._config, frontier, self._session.stop, self._sight.advance, self._local
                    )
                )
            self._session.stop.check()
            if Rules(self._config).scopes:
                asyncio.run(self._spider(frontier))
        self._session.stop.check()
        frontier.give_up(None, "page_budget")
        return time.monotonic() - started

    async def _spider(self, frontier: Frontier) -> None:
        await Spider(self._config, frontier, self._session.stop, self._sight).run()

    def seal(
        self, frontier: Frontier, directory: Path, parents: list[str], seconds: float
    ) -> Outcome:
        """Write the artifact of what the frontier holds.

        Raises DiskError, and InputError if it holds nothing.
        """
        from secarch.harvest import documents, seed_yield

        written = documents.write(frontier, directory, refreshed=bool(parents))
        funnel = documents.funnel(frontier, written)
        if self._config.shard and not frontier.query(_OURS):
            return self._no_host_of_ours(frontier, directory)
        if not written.documents:
            self._empty(frontier, directory, funnel)
        if parents:
            funnel["changes"] = written.changes
        self._add_run(frontier, funnel)
        documents.write_funnel(directory, funnel)
        made_from = origin(parents, directory, none=NO_PARENT)
        files.write_text(
            directory / PAGE,
            report(funnel, self._config, user_agent(self._config), seconds, made_from),
        )
        sealed = artifact.seal(
            directory,
            kind="documents",
            parents=parents,
            config=self._config.identity(),
            counts={"documents": written.documents, "sites": len(written.sites)},
            files=written.shards,
            outside=[
                documents.SKIPPED_FILE,
                documents.FUNNEL_FILE,
                PAGE,
                *([documents.CHANGES_FILE] if parents else []),
            ],
            rows=written.rows,
            content=written.content,
        )
        frontier.set_meta({"phase": "sealed", "digest": sealed.digest, "artifact": directory.name})
        self._show(funnel, written.documents, seconds)
        if self._config.require_seeds:
            seed_yield.require(funnel["seeds"], directory)
        return Outcome(
            status="done",
            artifact=str(directory),
            digest=sealed.digest,
            counts=sealed.manifest.counts,
            result={"funnel": funnel, "seconds": round(seconds, 3)},
            summary=f"{amount(written.documents, 'document')} of "
            f"{amount(len(written.sites), 'site')} in {directory}",
            next=NEXT,
        )

    def _add_run(self, frontier: Frontier, funnel: JsonDict) -> None:
        """Add what this run alone knows: sources, what seeds gave, how hosts were asked."""
        from secarch.harvest import seed_yield

        if self._local:
            funnel["sources"] = [source.facts() for source in self._local]
        funnel["seeds"] = seed_yield.of_seeds(frontier, Rules(self._config), self._local)
        funnel["politeness"] = [
            host.facts() for host in self._sight.hosts.values() if host.requests
        ]

    def _show(self, funnel: JsonDict, written: int, seconds: float) -> None:
        """The funnel on stderr, with what could not be read and what each seed gave."""
        from secarch.harvest import seed_yield

        show_funnel(funnel)
        for source in self._local:
            source.show_unread()
        seed_yield.show(funnel["seeds"])
        rate = funnel["fetched"] / seconds if seconds > 0 else 0.0
        console.log().info(
            "harvest_finished",
            documents=written,
            fetched=funnel["fetched"],
            seconds=round(seconds, 1),
            pages_per_s=round(rate, 2),
        )

    def _no_host_of_ours(self, frontier: Frontier, directory: Path) -> Outcome:
        """No host of the crawl fell to this shard, and none has been handed over yet."""
        from secarch.harvest import documents

        frontier.set_meta({"phase": "empty"})
        (directory / documents.SKIPPED_FILE).unlink(missing_ok=True)
        return Outcome(
            status="nothing_to_do",
            summary=f"no host of this crawl belongs to shard {self._config.shard}",
            next="secarch frontier merge",
        )

    def _empty(self, frontier: Frontier, directory: Path, funnel: JsonDict) -> None:
        """Nothing was kept: say why, seal nothing, and let the next run begin anew."""
        from secarch.harvest import documents

        frontier.set_meta({"phase": "empty"})
        (directory / documents.SKIPPED_FILE).unlink(missing_ok=True)
        details = frontier.query(
            named(
                "select url, reason, detail from url where state = $skipped"
                " and reason <> 'out_of_scope' order by id limit 1"
            )
        )
        example = f"; {details[0][0]}: {details[0][1]} {details[0][2]}".rstrip() if details else ""
        counts = dict(funnel["by_reason"])
        for source in self._local:
            for name, number in source.counts.items():
                counts[name] = counts.get(name, 0) + number
        reasons = ", ".join(f"{number} {name}" for name, number in counts.items())
        reasons = reasons or "no page was found"
        names = {seed.path or seed.cdx or host_of(seed.url) for seed in self._config.seeds}
        raise InputError(
            "not one page could be kept",
            where=", ".join(sorted(names)),
            why=f"{reasons}{example}",
            fix=self._advice(counts),
        )

    def _advice(self, counts: dict[str, int]) -> str:
        if self._local and not Rules(self._config).scopes:
            return _ADVICE_LOCAL
        shells = counts.get("needs_javascript", 0)
        drawn = self._config.render != "off"
        return _ADVICE_RENDER if 2 * shells > sum(counts.values()) and not drawn else _ADVICE
