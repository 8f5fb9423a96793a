"""`models register`: from a sealed export to a numbered version."""

from __future__ import annotations

import getpass
import json
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from secarch.artifact import MANIFEST, Artifact, now, open_artifact, read_manifest
from secarch.errors import InvalidInput, MissingInput, UsageError
from secarch.models.chat_template import Chat
from secarch.models.weights import fingerprint
from secarch.records import Outcome
from secarch.registry import load
from secarch.registry import version as record
from secarch.registry.log import State, added_tags
from secarch.registry.registry import Registry, checked, manifests
from secarch.registry.version import Ancestor, Served, Version
from secarch.schema import JsonDict
from secarch.session import Session

FACTS = "export.json"
MOST_ANCESTORS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is to be registered."""

    export: str
    """Path (it has a slash, or begins with a dot) or name of an export in the workspace."""
    name: str = ""
    """Of the model; empty: the export's folder name."""
    tags: Mapping[str, str]
    evidence: Sequence[Path] = ()
    """Load tests, kept with the version."""


def register(session: Session, request: Request) -> Outcome:
    """Record an export as the next version of its name; the same content twice is nothing to do.

    Raises MissingInput and InvalidInput (no export: exported first), TamperedArtifact (a damaged
    file, which is named), UsageError (a bad name).
    """
    folder = located(session, request.export)
    artifact = opened(folder)
    name = checked(request.name or folder.resolve().name.lower())
    draft = drafted(Registry(session.workspace), artifact, name)
    return enter(session, draft, request)


def enter(session: Session, draft: Version, request: Request) -> Outcome:
    """Write a drafted version with its tags and evidence.

    If its content is there already, tags and evidence that are new are added to that version.
    """
    registry = Registry(session.workspace)
    loads = [(path, load.read(path)) for path in request.evidence]
    if session.dry_run:
        return Outcome(
            status="done",
            digest=draft.digest,
            summary=f"would register {draft.path} as a version of {draft.name}",
            next=f"secarch models register {shlex.quote(str(request.export))} --name {draft.name}",
        )
    written: list[Version] = []

    def make(state: State) -> JsonDict | None:
        known = _known(registry, draft, state)
        if known is not None:
            written.append(known)
            return added_tags(state, known.number, request.tags)
        number = max(state.versions, default=0) + 1
        path = registry.record_path(draft.name, number)
        written.append(record.write(draft.model_copy(update={"number": number}), path))
        return {
            "event": "register",
            "version": number,
            "tags": dict(request.tags),
            "evidence": [draft.digest],
        }

    made = registry.log(draft.name).append(make)
    version = written[0]
    kept = [load.keep(registry, version, path, one) for path, one in loads]
    there = made is None or made.event != "register"
    changed = made is not None or any(kept)
    return _outcome(version, registry, there=there, changed=changed)


def _known(registry: Registry, draft: Version, state: State) -> Version | None:
    """The version that holds this content already, unless it was retired."""
    for version in registry.versions(draft.name, state):
        if version.digest == draft.digest and version.number not in state.retired:
            return version
    return None


def _outcome(version: Version, registry: Registry, *, there: bool, changed: bool) -> Outcome:
    added = ", tags and evidence are added" if there and changed else ""
    known = f"is registered{' already' if there else ''}{added}"
    return Outcome(
        status="done" if changed else "nothing_to_do",
        artifact=str(version.folder(registry.workspace)),
        digest=version.digest,
        counts={"files": len(version.files), "ancestors": len(version.ancestors)},
        result={"ref": version.ref, "version": version.number, "name": version.name},
        summary=f"{version.ref} {known}: {version.digest[:12]}, {version.path}",
        next=f"secarch models promote {version.ref}",
    )


def located(session: Session, export: str) -> Path:
    """Folder of what is to be registered: paths and names are told apart by their form.

    Raises MissingInput.
    """
    is_path = export.startswith(".") or "/" in export
    folder = Path(export).expanduser() if is_path else session.exports / export
    if folder.exists():
        return folder
    here = Path(export)
    hint = f"secarch models register ./{export}, or " if not is_path and here.exists() else ""
    raise MissingInput(
        "there is no such export",
        where=folder,
        fix=f"{hint}secarch export RUN   (makes one)",
    )


def opened(folder: Path) -> Artifact:
    """A sealed export, every hash checked. Raises InvalidInput, MissingInput, TamperedArtifact."""
    fix = "secarch export RUN   (makes one)"
    if folder.is_file():
        raise InvalidInput(
            "a single file is no export",
            where=folder,
            why="GGUF and the like have neither the chat template nor the proof of the merge",
            fix=fix,
        )
    if not (folder / MANIFEST).is_file():
        adapter = (folder / "adapter_config.json").is_file()
        what = "an adapter" if adapter else "a folder without a manifest"
        more = ", or give --adapter and --base-served" if adapter else ""
        raise InvalidInput(f"{what} is no finished export", where=folder, fix=f"{fix}{more}")
    kind = read_manifest(folder).kind
    if kind != "export":
        raise InvalidInput(f"this is a {kind} artifact, not an export", where=folder, fix=fix)
    artifact = open_artifact(folder, "export")
    for path in record.strays(folder, [entry.path for entry in artifact.manifest.files]):
        raise InvalidInput(
            "this file is no part of the export that lies beside it",
            where=path,
            why="whatever loads the folder reads it too, so that other weights or settings would "
            "answer than were proven",
            fix=f"move it elsewhere: mv {shlex.quote(str(path))} "
            f"{shlex.quote(str(folder.resolve().parent))}",
        )
    return artifact


def drafted(registry: Registry, artifact: Artifact, name: str) -> Version:
    """The record of an export, not yet numbered or written."""
    manifest, folder = artifact.manifest, artifact.path
    base = manifest.config.get("base")
    return Version(
        name=name,
        number=1,
        digest=artifact.digest,
        path=registry.relative(folder),
        files=record.files_of(manifest),
        ancestors=tuple(ancestors(registry, manifest.parents)),
        served=Served(
            prompt_digest=Chat.load(folder).digest,
            fingerprint=fingerprint(folder),
            base=str(base.get("name", "")) if isinstance(base, dict) else "",
            kl=_kl(folder / FACTS),
        ),
        registered=now(),
        by=getpass.getuser(),
    )


def ancestors(registry: Registry, parents: Sequence[str]) -> Iterator[Ancestor]:
    """Everything that artifacts were made from, nearest first; what is not here has no path."""
    index = manifests(registry.workspace)
    waiting, seen = list(parents), set[str]()
    while waiting and len(seen) < MOST_ANCESTORS:
        digest = waiting.pop(0)
        if digest in seen:
            continue
        seen.add(digest)
        if digest not in index:
            yield Ancestor(kind="missing", digest=digest, path="")
            continue
        path, manifest = index[digest]
        yield Ancestor(kind=manifest.kind, digest=digest, path=registry.relative(path))
        waiting += manifest.parents


def _kl(path: Path) -> float | None:
    """Mean KL divergence that the export measured against its run, in nats a token."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))["kl"]["mean"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return float(value) if isinstance(value, int | float) else None


def tags_of(pairs: Sequence[str]) -> dict[str, str]:
    """`k=v` pairs as a table. Raises UsageError."""
    out: dict[str, str] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key.strip():
            raise UsageError("a tag is written k=v", where=pair, fix="such as team=platform")
        if not pair.isprintable():
            raise UsageError(
                "a tag is one line of text",
                where=repr(pair)[:80],
                fix="leave line breaks and control characters out",
            )
        out[key.strip()] = value
    return out
