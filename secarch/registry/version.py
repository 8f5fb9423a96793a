"""A version: the sealed record of one export, and the check that its files are still those."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from secarch.artifact import FileEntry, Manifest, seal_of
from secarch.errors import InvalidInput, TamperedArtifact
from secarch.files import sha256_file, write_json
from secarch.schema import Config


class Ancestor(BaseModel):
    """One artifact that a version was made from."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: str
    digest: str
    path: str
    """Below the workspace; empty if it is not there."""


class Served(Config):
    """What a version is, as far as serving and judging it need to know."""

    prompt_digest: str
    """Of system prompt, template and tokenizer: equal means equal prompts."""
    fingerprint: str
    """Of the weights, tokenizer and configuration, by content."""
    base: str
    """Name of the base model that it was tuned from."""
    kl: float | None
    """Nats a token between the run and this export (or the adapter on the served base)."""


class Version(BaseModel):
    """One version of a model. Immutable: what is learned of it later is in the log."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    schema_version: int = 1
    name: str
    number: int
    digest: str
    """Of the export artifact; for an adapter of its files and the base that it is served on."""
    kind: Literal["export", "adapter"] = "export"
    path: str
    """Of the export: below the workspace, or absolute if it is elsewhere."""
    base_path: str = ""
    """Of the base that an adapter is served on; empty for an export."""
    files: tuple[FileEntry, ...]
    ancestors: tuple[Ancestor, ...]
    served: Served
    registered: str
    """ISO 8601, UTC."""
    by: str
    seal: str = ""
    """Hex SHA-256 over everything else, so that editing the record shows."""

    @property
    def ref(self) -> str:
        """`name/number`, which names it for ever."""
        return f"{self.name}/{self.number}"

    def folder(self, workspace: Path) -> Path:
        """Where its files are."""
        return workspace / self.path

    def ancestor(self, kind: str) -> Ancestor | None:
        """The first artifact of this kind that it was made from."""
        return next((one for one in self.ancestors if one.kind == kind), None)


def write(version: Version, path: Path) -> Version:
    """Seal a record into a read-only file; returns it with its seal."""
    facts = version.model_dump(mode="json")
    sealed = version.model_copy(update={"seal": seal_of(facts)})
    write_json(path, sealed.model_dump(mode="json"))
    path.chmod(0o444)
    return sealed


def read(path: Path) -> Version:
    """A record, its seal checked. Raises TamperedArtifact, InvalidInput."""
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
        version = Version.model_validate(facts)
    except FileNotFoundError as error:
        raise TamperedArtifact(
            "the record of a version is gone", where=path, fix="restore it from a backup"
        ) from error
    except (ValueError, ValidationError) as error:
        why = str(error).splitlines()[0]
        raise InvalidInput(
            "the record of a version cannot be read",
            where=path,
            why=why,
            fix="secarch models register EXPORT --name NAME   (records it anew)",
        ) from error
    if seal_of(facts) != version.seal:
        raise TamperedArtifact(
            "the record of a version was changed", where=path, fix="restore it from a backup"
        )
    return version


def check(version: Version, workspace: Path) -> None:
    """Hash every file of a version again. Raises TamperedArtifact with the first damaged one."""
    for path, why in damaged(version, workspace):
        raise TamperedArtifact(
            f"a file of {version.ref} is not the one that was registered",
            where=path,
            why=why,
            fix="restore the file, or register the export again under a new version",
        )


def damaged(version: Version, workspace: Path) -> Iterator[tuple[Path, str]]:
    """Every file of a version that is not the one that was registered, and why."""
    folder = version.folder(workspace)
    for entry in version.files:
        path = folder / entry.path
        if not path.is_file():
            yield path, "it is gone"
        elif path.stat().st_size != entry.bytes or sha256_file(path) != entry.sha256:
            yield path, "its bytes are others"
    for path in strays(folder, [entry.path for entry in version.files]):
        yield path, "it is none of the registered files, and whatever loads the folder reads it"


LOADED = (".safetensors", ".bin", ".pt", ".pth", ".safetensors.index.json", ".bin.index.json")
"""How names of files end that programs load weights by, whatever else the name is."""
READ = frozenset(
    {
        "adapter_config.json",
        "added_tokens.json",
        "chat_template.jinja",
        "chat_template.json",
        "config.json",
        "generation_config.json",
        "merges.txt",
        "params.json",
        "special_tokens_map.json",
        "tokenizer.json",
        "tokenizer.model",
        "tokenizer_config.json",
        "vocab.json",
    }
)
"""Files beside the weights that decide how a model is loaded and asked."""


def strays(folder: Path, known: Sequence[str]) -> Iterator[Path]:
    """Files beside the known weights of a folder that are not known, and that programs which load
    it read: vLLM takes every .safetensors, transformers puts an adapter on.
    """
    places = {Path(name).parent for name in known if name.endswith(".safetensors")}
    for place in sorted(places):
        for path in sorted((folder / place).glob("*")):
            read = path.name.endswith(LOADED) or path.name in READ
            if read and path.is_file() and (place / path.name).as_posix() not in known:
                yield path


def files_of(manifest: Manifest) -> tuple[FileEntry, ...]:
    """What is checked of an export: every sealed file that decides what it answers."""
    return tuple(entry for entry in manifest.files if entry.content)
