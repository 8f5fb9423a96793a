"""The base of a run: found where it was, or by the settings, and proven by its fingerprint."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from secarch.artifact import MANIFEST, read_manifest
from secarch.errors import Mismatch, MissingModel
from secarch.models.weights import fingerprint, resolve

PLACE = "environment.json"
"""Where a run keeps the path of its base: beside its content, since two machines have two paths."""


def base_of(run: Path, configured: str, revision: str = "") -> Path:
    """Folder of the base that the run in `run` was trained on.

    Where `configured` (the setting train.base) is a folder it must be that base. Else the folder
    that the run recorded, `configured` and the recorded name are tried, and the first with the
    recorded fingerprint is taken. A folder that is no
    sealed run, such as a bare adapter, has the configured base. Raises Mismatch where what was
    found is another model, and MissingModel if nothing was; both say what to set.
    """
    if not (run / MANIFEST).is_file():
        return resolve(configured, revision)
    recorded = read_manifest(run).config.get("base")
    known: dict[str, Any] = recorded if isinstance(recorded, dict) else {}
    place = _place(run)
    name = str(known.get("name") or "")
    others: list[str] = []
    explicit = Path(configured).expanduser().is_dir()
    places = [configured] if explicit else [place, configured, name if "/" in name else ""]
    for wanted in dict.fromkeys(places):
        found = _local(wanted, revision if wanted == configured else "")
        if found is not None:
            if fingerprint(found) == known.get("fingerprint"):
                return found
            others.append(str(found))
    fix = f"set train.base to the folder of {name or 'its own base'}: --set train.base=DIR"
    moved = f"it was trained on {name}" + (f", which lay in {place}" if place else "")
    if others:
        raise Mismatch(
            "this run was trained with another base",
            where=run,
            why=f"{moved}; another model is in {', '.join(others)}",
            fix=fix,
        )
    raise MissingModel("the base of this run is not to be found", where=run, why=moved, fix=fix)


def _place(run: Path) -> str:
    try:
        found = json.loads((run / PLACE).read_text(encoding="utf-8"))["base"]["path"]
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    return found if isinstance(found, str) else ""


def _local(wanted: str, revision: str) -> Path | None:
    try:
        return resolve(wanted, revision) if wanted else None
    except MissingModel:
        return None
