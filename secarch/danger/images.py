"""Images and the services that compose runs: who a container runs as, what is copied into it, what
of the host it gets and which of its ports everybody reaches.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from secarch.danger.rule import Found
from secarch.danger.tree import Code, Command, items, said, texts

_FILES = frozenset({"dockerfile", "docker", "containerfile"})
_ROOT = re.compile(r"(?:root|0|containeradministrator)(?::\w+)?", re.IGNORECASE)
_KEYS = re.compile(
    r"(?:^|/)(?:id_(?:rsa|dsa|ecdsa|ed25519)|\.npmrc|\.netrc|\.git-credentials|\.pgpass|\.pypirc"
    r"|\.env(?:\.(?!example|sample|template|dist)\w+)?|\.kube/config|\.docker/config\.json|\.aws(?:/credentials|/?$)|\.ssh/?$"
    r"|(?:service[-_]account|credentials|sa)(?:[-_]?key)?\.json|[\w-]*(?:private|server|tls)\w*\.key)$"
)
"""Files that hold credentials, by their names."""
_PASSWORDS = re.compile(
    r"\becho\s+(?:-\w+\s+)?[\"']?[\w.-]+:(?![$<{])[^\s\"'$:]{4,}[\"']?\s*\|\s*(?:sudo\s+)?chpasswd\b"
    r"|\becho\s+[\"']?(?![$<{])[^\s\"'$]{4,}[\"']?\s*\|\s*(?:sudo\s+)?passwd\s+--stdin\b"
)
_HELD = re.compile(r"^/(?:etc|root|boot|dev|proc|sys|var/lib/(?:docker|kubelet|containerd))?$")
"""Directories of a host whose writer is its administrator."""
_UNCONFINED = re.compile(
    r"(?:seccomp|apparmor)[:=]unconfined|label[:=]disable|systempaths=unconfined"
)
_PLAIN = re.compile(r"(?:^|=)http://(?!localhost|127\.|169\.254\.|\[::1\]|10\.|192\.168\.|[$<{])")
_CHECKED = re.compile(r"\bsha(?:256|512|1)sum\b|\bgpg\d?\b[^\n]*--verify\b|--checksum=")
_PUBLISHED = re.compile(r"(?:0\.0\.0\.0|\[::\]):(\d+)(?:-\d+)?:(\d+)(?:-\d+)?(?:/tcp)?")


def root_user(code: Code) -> Iterator[Found]:
    """The last user of an image, which everybody who runs it gets."""
    users: list[str] = []
    for command in code.commands if code.language in _FILES else ():
        first = command.words[0].upper()
        if first == "FROM":
            users = []
        elif first == "USER" and len(command.words) > 1:
            users.append(command.words[1])
    if users and _ROOT.fullmatch(users[-1]):
        yield Found(f"USER {users[-1]}", severity="major")


_BUILT = re.compile(
    r"^[ \t]*RUN[ \t]+--security=insecure\b"
    r"|\bchmod\s+(?:-\w+\s+)*(?:[ugoa]*\+\w*s\w*|[46][0-7]{3})\s+/",
    re.MULTILINE,
)


def powers_of_images(code: Code) -> Iterator[Found]:
    """Programs that run as root whoever starts them, and steps of a build with all powers."""
    for match in _BUILT.finditer(code.text if code.language in _FILES else ""):
        yield Found(match.group().strip(), severity="major")


def copied_keys(code: Code) -> Iterator[Found]:
    """Files of credentials that become part of an image, and passwords of its accounts."""
    for command in code.commands if code.language in _FILES else ():
        if command.words[0].upper() in {"COPY", "ADD"}:
            sources = [word for word in command.words[1:-1] if not word.startswith("-")]
            if any(map(_KEYS.search, sources)):
                yield Found(command.text)
    yield from (Found(match.group()) for match in _PASSWORDS.finditer(code.text))


def plain_downloads(code: Code) -> Iterator[Found]:
    """What an image fetches over a line that anybody can change."""
    if code.language not in _FILES or _CHECKED.search(code.text):
        return
    for command in code.commands:
        fetches = command.words[0] in {"ADD", "add", "curl", "wget", "pip", "pip3", "npm"}
        if fetches and any(map(_PLAIN.search, command.words[1:])):
            yield Found(command.text, severity="major")


def mounts(node: Mapping[str, Any]) -> Iterator[Found]:
    """Directories of the host that a service of compose may write."""
    for volume in items(node.get("volumes")):
        if isinstance(volume, Mapping):
            bind = said(volume.get("type")) == "bind" and said(volume.get("read_only")) != "true"
            held = bind and _holds(said(volume.get("source")))
        else:
            held = binds([said(volume)])
        if held:
            yield Found(f"volumes: {volume}")


def binds(volumes: Sequence[str]) -> bool:
    """Whether one of `source:target[:options]` is such a directory, or a container's socket."""
    for volume in volumes:
        source, _, rest = volume.partition(":")
        if rest and "ro" not in rest.partition(":")[2].split(",") and _holds(source):
            return True
    return False


def _holds(source: str) -> bool:
    return bool(_HELD.match(source.rstrip("/") or source)) or source.endswith("docker.sock")


def unconfined(node: Mapping[str, Any]) -> Iterator[Found]:
    """Filters of calls and files that are taken off."""
    for option in texts(node.get("security_opt")):
        if _UNCONFINED.fullmatch(option):
            yield Found(f"security_opt: {option}", severity="major")


def taken_off(command: Command) -> bool:
    """Whether `docker run` takes such a filter off."""
    return any(_UNCONFINED.fullmatch(option) for option in command.options("--security-opt"))


def published(code: Code) -> Iterator[tuple[str, str]]:
    """(what is written, the container's port) of ports that are bound to every address."""
    for node in code.nodes():
        if not isinstance(node.get("image") or node.get("build"), str | Mapping):
            continue
        for port in items(node.get("ports")):
            if isinstance(port, Mapping) and said(port.get("host_ip")) in {"0.0.0.0", "::"}:  # noqa: S104 - a value to find
                yield str(dict(port)), said(port.get("target"))
            elif match := _PUBLISHED.fullmatch(said(port)):
                yield said(port), match[2]
    for command in code.commands:
        if command.words[0] in {"docker", "podman", "nerdctl"}:
            for given in command.options("-p", "--publish"):
                if match := _PUBLISHED.fullmatch(given):
                    yield command.text, match[2]
