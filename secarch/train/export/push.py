"""Hand a finished export to the Hugging Face hub: on request, private unless asked otherwise."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from secarch import console
from secarch.artifact import MANIFEST, Artifact, open_artifact
from secarch.errors import PrerequisiteError, UsageError
from secarch.schema import JsonDict

if TYPE_CHECKING:
    from huggingface_hub import HfApi

_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}")
ALSO = ("README.md", MANIFEST)
"""What goes along with the sealed content."""


def check_name(repo: str) -> None:
    """Raise UsageError where a name is not `owner/model`."""
    if not _NAME.fullmatch(repo) or ".." in repo or "--" in repo:
        raise UsageError(
            "this is no name of a repository on the hub",
            where=f"--push {repo}",
            fix="give owner/model, such as my-team/cloud-architect",
        )


def files(artifact: Artifact) -> dict[str, int]:
    """Name -> bytes of everything that would be sent; nothing else of the folder is."""
    names = sorted({*(entry.path for entry in artifact.manifest.files), *ALSO})
    places = {name: artifact.path / name for name in names}
    return {name: place.stat().st_size for name, place in places.items() if place.is_file()}


def planned(directory: Path, repo: str, *, private: bool) -> JsonDict:
    """What a push would do, without asking the hub; `files` is None before the export is made."""
    made = (directory / MANIFEST).is_file()
    return {
        "repository": repo,
        "private": private,
        "files": files(open_artifact(directory, "export")) if made else None,
    }


def push(artifact: Artifact, repo: str, *, private: bool) -> JsonDict:
    """Create the repository if it is not there and upload the export's files as one commit.

    Returns its URL and the commit. Raises PrerequisiteError if there is no token, the hub cannot
    be reached or refuses; and UsageError where a private push meets a public repository.
    """
    from huggingface_hub import HfApi, get_token
    from huggingface_hub.constants import is_offline_mode

    if is_offline_mode():
        raise PrerequisiteError(
            "nothing can be pushed offline", where="HF_HUB_OFFLINE", fix="unset it, then push again"
        )
    if not get_token():
        raise PrerequisiteError(
            "pushing needs a token that may write",
            where="HF_TOKEN",
            fix="set HF_TOKEN in the environment or .env, then run the same command again",
        )
    sent = files(artifact)
    console.log().info(
        "pushing", repository=repo, private=private, files=len(sent), bytes=sum(sent.values())
    )
    try:
        return _pushed(HfApi(), artifact, repo, private=private, names=list(sent))
    except (OSError, ValueError) as error:  # every error of the hub's client is one of these two
        first = next((line for line in str(error).splitlines() if line.strip()), "")
        raise PrerequisiteError(
            "the hub did not take the export",
            where=repo,
            why=first[:300] or type(error).__name__,
            fix="look at the token's rights and the name; the export itself is finished and kept",
        ) from error


def _pushed(
    hub: HfApi, artifact: Artifact, repo: str, *, private: bool, names: list[str]
) -> JsonDict:
    there = hub.repo_exists(repo)
    if there and private and not hub.model_info(repo).private:
        raise UsageError(
            "this repository is public already",
            where=repo,
            fix="choose another name, or say --public",
        )
    if not there:
        hub.create_repo(repo, private=private)
    commit = hub.upload_folder(
        repo_id=repo,
        folder_path=artifact.path,
        allow_patterns=names,
        commit_message=f"secarch export {artifact.digest[:12]}",
    )
    return {"url": str(commit.repo_url), "commit": str(commit.oid), "private": private}
