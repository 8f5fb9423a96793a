"""Registering an adapter: only with its own measured distance from what was trained.

A QLoRA adapter was trained on the 4-bit base. On the unquantised one it is another model, so how
far it is from that is measured here, on the run's held-out rows, before it gets a number. A leaf.
"""

from __future__ import annotations

import getpass
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import torch

from secarch.artifact import MANIFEST, Artifact, now, open_artifact
from secarch.errors import GateFailed, InvalidInput, Mismatch, MissingInput, UsageError
from secarch.models import foreign, weights
from secarch.models.local import Model
from secarch.records import Outcome
from secarch.registry.register import Request, ancestors, enter, located
from secarch.registry.registry import Registry, checked, manifests
from secarch.registry.version import Ancestor, Served, Version
from secarch.schema import sha256_of
from secarch.session import Session

ROWS = 64
"""Held-out rows that the divergence is taken on."""
LONGEST = 2048
"""Tokens of a row that are read."""


def register_adapter(
    session: Session,
    request: Request,
    *,
    base_served: Path | None,
    dataset: Path | None,
    max_kl: float,
) -> Outcome:
    """Record a run's adapter with the base that it is served on.

    Raises UsageError (no base), Mismatch (another base than it was trained on), GateFailed (it
    diverges by more than `max_kl` nats a token), MissingInput, TamperedArtifact.
    """
    if base_served is None:
        raise UsageError(
            "an adapter is registered with the base that serves it", fix="add --base-served PATH"
        )
    run = open_artifact(_run(session, request.export), "run")
    base = weights.resolve(str(base_served))
    trained = run.manifest.config["base"]
    if weights.fingerprint(base) != trained["fingerprint"]:
        raise Mismatch(
            "the adapter was trained on another base",
            where=base_served,
            fix=f"name {trained['name']} with --base-served",
        )
    registry = Registry(session.workspace)
    rows = _rows(_dataset(registry, run, dataset))
    kl = divergence(run, base, rows)
    if kl > max_kl:
        raise GateFailed(
            f"on this base the adapter is another model: {kl:.2g} nats a token, {max_kl:g} allowed",
            where=run.path,
            fix=f"secarch export {run.path.name}   (merges it into its 4-bit base)",
        )
    name = checked(request.name or run.path.resolve().name.lower())
    return enter(session, _drafted(registry, run, base, kl, name), request)


def _run(session: Session, name: str) -> Path:
    is_path = name.startswith(".") or "/" in name
    return located(session, name) if is_path else session.runs / name


def _dataset(registry: Registry, run: Artifact, given: Path | None) -> Path:
    """The folder or file of the rows that the run was trained on, or is said to be."""
    if given is not None:
        return open_artifact(given, "dataset").path if (given / MANIFEST).is_file() else given
    index = manifests(registry.workspace)
    for digest in run.manifest.parents:
        if digest in index and index[digest][1].kind == "dataset":
            return open_artifact(index[digest][0], "dataset").path
    raise MissingInput(
        "the dataset of this run is not in the workspace", fix="name it with --dataset PATH"
    )


def _rows(dataset: Path) -> list[list[dict[str, str]]]:
    """Conversations of a dataset, or of a file or folder of rows as others keep them."""
    files = foreign.files(dataset)
    for split in ("validation", "train"):
        found = (row["messages"] for path in files.get(split, []) for row in foreign.rows(path))
        if rows := list(islice(found, ROWS)):
            return rows
    raise InvalidInput(
        "this dataset has no rows",
        where=dataset,
        fix="secarch dataset validate DATASET   (what is wrong with its rows)",
    )


def divergence(run: Artifact, base: Path, rows: Sequence[list[dict[str, str]]]) -> float:
    """Mean KL(adapter on its trained base || adapter on the served one), nats a trained token.

    `rows` are conversations. Raises InvalidInput if none has a trained token.
    """
    quantization = run.manifest.config["quantization"]
    reference = Model.load(base, quantization=quantization, adapter=run.path)
    served = Model.load(base, quantization="none", adapter=run.path)
    found = [value for row in rows for value in _of_row(reference, served, row)]
    if not found:
        raise InvalidInput(
            "no row of this dataset has a trained token",
            where=run.path,
            fix="secarch dataset validate DATASET   (what is wrong with its rows)",
        )
    return sum(found) / len(found)


@torch.inference_mode()
def _of_row(reference: Model, served: Model, messages: list[dict[str, str]]) -> Iterator[float]:
    encoded = reference.chat.encode(messages)
    ids = torch.tensor([encoded.ids[:LONGEST]])
    at = torch.tensor(encoded.mask[1:LONGEST]).nonzero()[:, 0]
    if not len(at):
        return
    ours, theirs = (_log_probabilities(model, ids, at) for model in (reference, served))
    yield from (ours.exp() * (ours - theirs)).sum(-1).clamp(min=0).tolist()


def _log_probabilities(model: Model, ids: torch.Tensor, at: torch.Tensor) -> Any:
    out = model.network(
        input_ids=ids.to(model.device), use_cache=False, logits_to_keep=at.to(model.device)
    )
    return out.logits[0].float().cpu().log_softmax(-1)


def _drafted(registry: Registry, run: Artifact, base: Path, kl: float, name: str) -> Version:
    # Sealed files of the run that decide what it answers: the adapter and its own template.
    names = {f"adapter/{name}" for name in weights.ADAPTER} | {"chat_template.jinja"}
    files = tuple(entry for entry in run.manifest.files if entry.path in names)
    fingerprint = weights.fingerprint(base, weights.adapter_folder(run.path))
    own = Ancestor(kind="run", digest=run.digest, path=registry.relative(run.path))
    return Version(
        name=name,
        number=1,
        digest=sha256_of(["adapter", run.digest, fingerprint]),
        kind="adapter",
        path=registry.relative(run.path),
        base_path=registry.relative(base),
        files=files,
        ancestors=(own, *ancestors(registry, run.manifest.parents)),
        served=Served(
            prompt_digest=str(run.manifest.config.get("prompt", "")),
            fingerprint=fingerprint,
            base=str(run.manifest.config["base"].get("name", "")),
            kl=kl,
        ),
        registered=now(),
        by=getpass.getuser(),
    )
