"""Which model is meant: the base, a finished run, a model folder or a server."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from secarch.artifact import MANIFEST, open_artifact, read_manifest
from secarch.errors import InvalidInput, Mismatch, MissingInput
from secarch.evaluate.config import EvalConfig
from secarch.models.bases import base_of
from secarch.models.weights import adapter_folder, fingerprint, resolve

if TYPE_CHECKING:
    from secarch.evaluate.engines.protocol import Engine

_HUB_NAME = re.compile(r"[\w-][\w.-]*/[\w.-]+")
"""owner/model; anything else that is not there is a folder that is not there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A model to be asked, known but not loaded."""

    name: str
    """For people: `base`, the run's name, the folder's name, or the server's address."""
    parents: list[str]
    """Digest of the run or export, none for others."""
    base: Path | None = None
    adapter: Path | None = None
    url: str = ""
    whole: bool = False
    """Merged into one model: it is asked in the numbers that its files hold, never quantised again
    (that alone moved a merged model by 7e-4 nats a token)."""

    def fingerprint(self) -> str:
        """Hex SHA-256 over the weights; of a server, nothing is known of them before it is
        asked.
        """
        return fingerprint(self.base, self.adapter) if self.base else ""

    def load(self, config: EvalConfig) -> Engine:
        """The engine, ready to answer.

        Raises PrerequisiteError, MissingModel, InvalidInput, Mismatch.
        """
        if self.url:
            from secarch.evaluate.engines.server import Server

            return Server(self.url, config)
        from secarch.evaluate.engines.local import Local

        if self.base is None:
            raise InvalidInput(
                "there is no model to load",
                where=self.name,
                fix="name a run, a model folder or base",
            )
        return Local.load(self.base, self.adapter, config.quantization)


def served(target: Target, engine: Engine) -> Target:
    """A server that says which version it serves is a child of that version, as its export is."""
    digest = getattr(engine, "digest", "") if target.url else ""
    return replace(target, parents=[digest]) if digest else target


def is_server(model: str | Path) -> bool:
    """Whether a model is named by the address of its server."""
    return str(model).startswith(("http://", "https://"))


def find(model: str, base: str, workspace: Path | None = None) -> Target:
    """What `--model` names; `base` is the setting train.base. A plain name that is not a folder is
    looked for among the workspace's runs and exports.

    Raises MissingModel, MissingInput (no such folder, an unfinished run), TamperedArtifact,
    InvalidInput and Mismatch (another base or prompt).
    """
    if is_server(model):
        return Target(
            name=model.split("://", 1)[1].rsplit("@", maxsplit=1)[-1].rstrip("/"),
            parents=[],
            url=model,
        )
    if model == "base":
        return Target(name="base", parents=[], base=resolve(base))
    folder = named(model, workspace)
    if (folder / MANIFEST).is_file() and read_manifest(folder).kind == "export":
        return Target(
            name=folder.name,
            parents=[open_artifact(folder, "export").digest],
            base=resolve(str(folder)),
            whole=True,
        )
    if (folder / MANIFEST).is_file() or (folder / "checkpoints").is_dir():
        return _run(folder, base)
    if (folder / "adapter_config.json").is_file():
        return Target(
            name=folder.name, parents=[], base=resolve(base), adapter=adapter_folder(folder)
        )
    if not _HUB_NAME.fullmatch(model):
        check_there(folder, workspace, model)
    return Target(name=folder.name, parents=[], base=resolve(model))


def check_there(folder: Path, workspace: Path | None, given: str) -> None:
    """Raises MissingInput, with the names that there are, if the folder of what was given is not
    there.
    """
    if folder.exists():
        return
    known = _names(workspace)
    near = difflib.get_close_matches(folder.name, known, 1, 0.5)
    other = "name a run, a model folder, base, or an http or https URL"
    raise MissingInput(
        "there is no such model",
        where=given,
        why=f"runs and exports here: {', '.join(known)}" if known else "",
        fix=f"did you mean {near[0]}?" if near else other,
    )


def named(model: str, workspace: Path | None) -> Path:
    """The folder that is named, or the run or export of that name in the workspace."""
    if workspace is None or Path(model).exists() or "/" in model:
        return Path(model)
    places = (workspace / kind / model for kind in ("runs", "exports"))
    return next((place for place in places if place.is_dir()), Path(model))


def _names(workspace: Path | None) -> list[str]:
    """The runs and exports of the workspace, finished or not."""
    folders = [] if workspace is None else [workspace / "runs", workspace / "exports"]
    found = (path for folder in folders if folder.is_dir() for path in folder.iterdir())
    return sorted({path.name for path in found if path.is_dir() and path.name[0] != "."})


def _run(folder: Path, base: str) -> Target:
    """A finished run: its adapter on the base that it was trained on, under the prompt that it was
    trained with.
    """
    from secarch.models.chat_template import Chat

    manifest = open_artifact(folder, "run").manifest
    found = base_of(folder, base)
    trained = manifest.config.get("base")
    known = trained if isinstance(trained, dict) else {}
    fix = f"set train.base to {known.get('name') or 'its own base'}"
    _agree(folder, "base", known.get("fingerprint"), fingerprint(found), fix)
    prompt = manifest.config.get("prompt")
    _agree(
        folder,
        "prompt",
        prompt,
        Chat.load(found, folder).digest,
        "train it again with this version of secarch",
    )
    return Target(
        name=folder.name, parents=[manifest.digest], base=found, adapter=adapter_folder(folder)
    )


def _agree(folder: Path, what: str, trained: object, now: str, fix: str) -> None:
    if trained != now:
        why = f"it was trained with {str(trained or 'an unknown one')[:14]}, this is {now[:12]}"
        raise Mismatch(f"this run was trained with another {what}", where=folder, why=why, fix=fix)
