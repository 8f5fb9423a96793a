"""`serve --print-engine`: the command that starts another engine with exactly this version."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Literal

from secarch.errors import UsageError
from secarch.records import Outcome
from secarch.registry.registry import Registry
from secarch.registry.version import Version
from secarch.serve.live import context_of
from secarch.session import Session

Kind = Literal["vllm", "llamacpp", "sglang"]
DRAIN_S = 30


def line(kind: Kind, version: Version, workspace: Path) -> str:
    """A shell line; the name on the engine is the digest, which is never used for other weights.

    Raises UsageError for an adapter, which no engine serves as it was trained.
    """
    if version.kind == "adapter":
        raise UsageError(
            "an adapter is served by the embedded engine alone",
            where=version.ref,
            fix="export the run and register the export",
        )
    folder, name = str(version.folder(workspace).resolve()), version.digest[:12]
    context = context_of(version.folder(workspace))
    words = {"vllm": _vllm, "llamacpp": _llamacpp, "sglang": _sglang}[kind](folder, name, context)
    return " ".join(word if word.startswith('"$') else shlex.quote(word) for word in words)


def printed(kind: Kind, session: Session, ref: str) -> Outcome:
    """The line as a command's outcome. Raises what finding the version raises."""
    registry = Registry(session.workspace)
    version = registry.find(ref or only_model(registry)).version
    text = line(kind, version, session.workspace)
    return Outcome(status="done", digest=version.digest, result={"line": text}, shown=(text,))


def only_model(registry: Registry) -> str:
    """The name to serve if none is given. Raises UsageError unless there is exactly one."""
    names = registry.names()
    if len(names) != 1:
        raise UsageError(
            "which model is to be served?",
            why=f"registered: {', '.join(names) or 'none'}",
            fix="secarch serve NAME",
        )
    return names[0]


def _vllm(folder: str, name: str, context: int) -> list[str]:
    length = ["--max-model-len", str(context)] if context else []
    return [
        *("vllm", "serve", folder, "--served-model-name", name),
        *("--generation-config", "vllm", *length),
        *("--shutdown-timeout", str(DRAIN_S), "--disable-fastapi-docs"),
        *("--host", "127.0.0.1", "--port", "8000", "--api-key", '"$SECARCH_SERVE__ENGINE_KEY"'),
    ]


def _llamacpp(folder: str, name: str, context: int) -> list[str]:
    length = ["--ctx-size", str(context)] if context else []
    return [
        *("llama-server", "--model", f"{folder}/model.gguf", "--alias", name, *length),
        *("--parallel", "8", "--metrics", "--host", "127.0.0.1", "--port", "8000"),
        *("--api-key", '"$SECARCH_SERVE__ENGINE_KEY"'),
    ]


def _sglang(folder: str, name: str, context: int) -> list[str]:
    length = ["--context-length", str(context)] if context else []
    return [
        *("python", "-m", "sglang.launch_server", "--model-path", folder),
        *("--served-model-name", name, *length, "--sampling-defaults", "openai"),
        *("--host", "127.0.0.1", "--port", "8000", "--api-key", '"$SECARCH_SERVE__ENGINE_KEY"'),
    ]
