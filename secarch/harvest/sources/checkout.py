"""What git says about a checkout: commits, dates, and where its files are published."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from secarch import console

GIT_SECONDS = 120
_REMOTE = re.compile(
    r"(?:https?://|ssh://|git://)?(?:[^@/]*@)?([\w.-]+)(?::\d+)?[:/]([\w./~-]+?)(?:\.git)?/?$"
)


def git(path: Path, *arguments: str) -> str:
    """What git says; '' if it is not installed, fails or takes too long.

    Runs nothing that a checkout names.
    """
    safe = (
        "core.fsmonitor=false",
        "core.hooksPath=/dev/null",
        "log.showSignature=false",
        "safe.directory=*",
        "core.quotePath=false",
    )
    command = [
        "git",
        *(part for setting in safe for part in ("-c", setting)),
        "-C",
        str(path),
        *arguments,
    ]
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "LC_ALL": "C",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
    }
    try:
        done = subprocess.run(  # noqa: S603 - a fixed program, our own arguments
            command, env=environment, capture_output=True, timeout=GIT_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        console.log().warning("git_failed", source=path.name, error=type(error).__name__)
        return ""
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else ""


def published(remote: str) -> str:
    """Where a checkout's files can be read on the web, by its remote's address (credentials
    dropped), or ''.
    """
    match = _REMOTE.fullmatch(remote)
    if not match or not re.search(r"(?:^|\.)(?:github|gitlab)\.", match[1] + "."):
        return ""
    if is_wiki(remote):
        middle = "/-/wikis/" if "gitlab" in match[1] else "/wiki/"
        return f"https://{match[1].lower()}/{match[2].strip('/').removesuffix('.wiki')}{middle}"
    middle = "/-/blob/HEAD/" if "gitlab" in match[1] else "/blob/HEAD/"
    return f"https://{match[1].lower()}/{match[2].strip('/')}{middle}"


def is_wiki(remote: str) -> bool:
    """Whether a remote is a repository's wiki: GitHub and GitLab keep it as `NAME.wiki.git`."""
    return bool(re.search(r"\.wiki(?:\.git)?/?$", remote))


def wiki_page(relative: str, base: str) -> str:
    """The name that a file of a wiki has in URLs; '' for its sidebar, footer and header.

    Example: `wiki_page("team/Key-Rotation.md", "https://github.com/o/r/wiki/")` is "Key-Rotation",
    since GitHub's wikis are flat.
    """
    path = relative.rpartition(".")[0] or relative
    name = path.rpartition("/")[2]
    if name.lower() in {"_sidebar", "_footer", "_header"}:
        return ""
    return path if "/-/wikis/" in base else name


def dates(path: Path) -> dict[str, str]:
    """When each file of a checkout was last committed, ISO 8601: its time on this disk is that of
    the clone.
    """
    found: dict[str, str] = {}
    date = ""
    for line in git(
        path, "log", "--format=%x01%cI", "--name-only", "--no-renames", "HEAD"
    ).splitlines():
        if line.startswith("\x01"):
            date = line[1:]
        elif line:
            found.setdefault(line, date)
    return found
