"""Where the project's settings file is, and what a relative path in a settings file means."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

PREFIX = "SECARCH_"
"""How variables of the environment begin that are settings."""

PROJECT_FILE = "secarch.yaml"
"""Read by itself in the working directory or the nearest parent that has one."""
PATHS = frozenset(
    {
        "workspace",
        "harvest.seeds",
        "dedupe.encoder",
        "dedupe.suites",
        "train.base",
        "train.chat_template",
        "eval.suites",
        "eval.bertscore_model",
        "eval.held_out",
    }
)
"""Settings whose text may be a path; one that is relative, in a file, is relative to the file."""


def project_file(start: Path | None = None) -> Path | None:
    """The nearest `secarch.yaml` of the working directory and its parents, or None.

    The search ends at a directory that holds `.git`, and at the home directory: a file beyond is
    another project's. The path is relative if the file is in the working directory.
    """
    if start is None and Path(PROJECT_FILE).is_file():
        return Path(PROJECT_FILE)
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / PROJECT_FILE).is_file():
            return folder / PROJECT_FILE
        if (folder / ".git").exists() or folder == Path.home():
            return None
    return None


def nothing_set(environ: Mapping[str, str], dotenv: Path = Path(".env")) -> bool:
    """Whether no variable and no file of the project sets anything, so that defaults hold."""
    if any(name.upper().startswith(PREFIX) for name in environ):
        return False
    return project_file() is None and not dotenv.exists()


def relate(tree: dict[str, Any], folder: Path, prefix: str = "") -> None:
    """Put the file's folder before its relative paths, in place; `prefix` names the section."""
    for key, value in tree.items():
        dotted = f"{prefix}{key}"
        if isinstance(value, dict):
            relate(value, folder, f"{dotted}.")
        elif dotted in PATHS and isinstance(value, list):
            tree[key] = [_related(item, folder, dotted) for item in value]
        elif dotted in PATHS:
            tree[key] = _related(value, folder, dotted)


def _related(value: Any, folder: Path, dotted: str) -> Any:
    if isinstance(value, dict):
        paths = {name: value[name] for name in ("path", "cdx") if isinstance(value.get(name), str)}
        return {**value, **{n: _related(text, folder, "workspace") for n, text in paths.items()}}
    if not isinstance(value, str) or not value or "://" in value:
        return value
    path = Path(value).expanduser()
    if path.is_absolute():
        return str(path)
    # A name of the hub or of a built-in suite is not a path, unless there is such a file or folder.
    named = dotted != "workspace" and not value.startswith(".") and not (folder / path).exists()
    return value if named else str(folder / path)
