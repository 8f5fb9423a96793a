"""Which seeds a harvest starts from, and which it refuses."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from secarch.errors import ConfigError, UsageError
from secarch.harvest.config import HarvestConfig
from secarch.harvest.fetch.guard import Guard
from secarch.harvest.sources.urls import Rules, host_of

_FIX = "correct the path, or give a URL with http:// or https://"
_INNER = "--set 'harvest.allow_networks=[\"127.0.0.0/8\"]', or the network that the address is in"
_REFUSALS = {
    "scheme": "an http or https address is needed",
    "private_address": "a private address; name its network in harvest.allow_networks",
    "port": "neither port 80 nor 443; name its network in harvest.allow_networks",
    "credentials_in_address": "it has a user name or password in it",
}


def check(config: HarvestConfig) -> None:
    """Refuse seeds that are not addresses, and public hosts without a contact.

    Raises ConfigError.
    """
    if not config.seeds:
        raise ConfigError(
            ["harvest.seeds: there is none"],
            fix="secarch harvest https://docs.example.com/guide/, or set harvest.seeds",
        )
    guard, problems = Guard(config.allow_networks), []
    rules = Rules(config)
    remotes = [(seed.remote, seed.remote) for seed in config.seeds if seed.remote]
    for written, url in [*((scope.seed.url, scope.url) for scope in rules.scopes), *remotes]:
        if "://" not in written:
            problems.append(
                f"harvest.seeds: {written!r} is neither a file or folder that is here nor "
                f"an http or https URL{_meant(written)}"
            )
            continue
        page = (written, url) not in remotes
        if page and urlsplit(written).path.rstrip("/").endswith(".git"):
            problems.append(f"harvest.seeds: {written!r} is a repository{_cloned(written)}")
            continue
        refusal = guard.refusal_of_url(url) if url else "scheme"
        if refusal:
            problems.append(
                f"harvest.seeds: {written!r} cannot be crawled ({_REFUSALS.get(refusal, refusal)})"
            )
    if problems:
        inner = all("harvest.allow_networks" in problem for problem in problems)
        raise ConfigError(problems, fix=_INNER if inner else _FIX)
    asked = [*(scope.url for scope in rules.scopes), *(url for url, _ in remotes)]
    public = sorted({host_of(url) for url in asked if not guard.is_private_host(url)})
    if public and not config.contact.strip():
        raise ConfigError(
            [
                (
                    f"harvest.contact: empty, and {public[0]} is a public host, whose owner "
                    "must be able to reach you"
                )
            ],
            fix="--set harvest.contact=you@example.org, or a URL that says who crawls and why",
        )


def only_seeds(config: HarvestConfig, names: Sequence[str]) -> HarvestConfig:
    """The settings with the seeds of these names alone; all seeds if no name is given.

    Raises UsageError for a name that no seed has.
    """
    known = sorted({seed.name for seed in config.seeds if seed.name})
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            raise UsageError(
                f"no seed is called {name!r}",
                why=f"the names are {', '.join(known)}" if known else "no seed has a name",
                fix=f"--only {near[0]}" if near else "give `name` to seeds in harvest.seeds",
            )
    kept = tuple(seed for seed in config.seeds if seed.name in names)
    return config.model_copy(update={"seeds": kept}) if names else config


_HOST = re.compile(r"(?:[\w-]+\.)+[a-z]{2,}(?::\d+)?(?:/\S*)?", re.IGNORECASE)


def _meant(written: str) -> str:
    """A URL without its scheme is the likeliest mistake; a file has an ending, too, though."""
    ending = Path(written).suffix.lower()
    if _HOST.fullmatch(written) and ending not in {".md", ".html", ".pdf", ".gz", ".warc"}:
        return f"; did you mean https://{written}?"
    return _cloned(written) if written.startswith("git@") else ""


def _cloned(repository: str) -> str:
    folder = Path(repository.rstrip("/")).name.removesuffix(".git")
    return f"; a repository is cloned first: git clone {repository}, then secarch harvest {folder}"
