"""The registry's mirror in MLflow: versions and aliases are written there after ours are on disk.

MLflow keeps no history of an alias and believes any source, so nothing is ever read back. What was
missed while it was down is caught up at the next command.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any

from secarch import console
from secarch.errors import MissingExtra, SecarchError
from secarch.registry.config import ModelsConfig
from secarch.registry.log import State
from secarch.registry.registry import Registry
from secarch.registry.version import Version
from secarch.session import Session

DIGEST, NUMBER = "secarch.digest", "secarch.version"
_RESERVED = re.compile(r"latest|v\d+", re.IGNORECASE)
"""Names of aliases that MLflow does not take."""


def reflect(config: ModelsConfig, session: Session, name: str) -> None:
    """Bring the mirror up to what the log says, if one is set; a mirror that is down is said.

    Raises MissingExtra if MLflow is not installed.
    """
    if config.mirror == "none" or session.dry_run:
        return
    try:
        counts = catch_up(Registry(session.workspace), name)
    except SecarchError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever the other registry fails with, ours holds
        console.log().warning(
            "mirror not reached", why=str(error).splitlines()[0][:200], fix="it is caught up later"
        )
        return
    if any(counts.values()):
        console.log().info("mirrored", to="mlflow", **counts)


def catch_up(registry: Registry, name: str) -> dict[str, int]:
    """Write what is missing; returns how many versions and aliases that were."""
    client = _client()
    state = registry.log(name).state()
    known = _known(client, name)
    made = 0
    for version in registry.versions(name, state):
        if version.digest not in known:
            known[version.digest] = _create(client, version, registry, state)
            made += 1
    return {"versions": made, "aliases": _aliases(client, registry, name, state, known)}


def _client() -> Any:
    # A mirror that is down must not hold up a rollback: MLflow's own default is minutes.
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "10")
    try:
        from mlflow import MlflowClient
    except ImportError as error:
        raise MissingExtra("models.mirror", "mlflow") from error
    return MlflowClient(os.environ.get("MLFLOW_TRACKING_URI") or None)


def _known(client: Any, name: str) -> dict[str, str]:
    """Digest -> MLflow's own number of the versions that are there; the name is made if needed."""
    found = client.search_registered_models(f"name = '{name}'")
    if not found:
        client.create_registered_model(name, description="registered by secarch")
        return {}
    rows = client.search_model_versions(f"name = '{name}'")
    return {row.tags[DIGEST]: str(row.version) for row in rows if DIGEST in row.tags}


def _create(client: Any, version: Version, registry: Registry, state: State) -> str:
    tags = {**state.tags.get(version.number, {}), DIGEST: version.digest, NUMBER: version.ref}
    source = version.folder(registry.workspace).resolve().as_uri()
    made = client.create_model_version(version.name, source, tags=tags)
    return str(made.version)


def _aliases(
    client: Any, registry: Registry, name: str, state: State, known: Mapping[str, str]
) -> int:
    there = dict(client.get_registered_model(name).aliases)
    moved = 0
    for alias, number in state.aliases.items():
        wanted = known[registry.version(name, number).digest]
        if _RESERVED.fullmatch(alias):
            console.log().warning("alias not mirrored", alias=alias, why="MLflow reserves its name")
        elif str(there.get(alias)) != wanted:
            client.set_registered_model_alias(name, alias, wanted)
            moved += 1
    return moved
