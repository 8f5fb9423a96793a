"""`serve --print-engine`: the command that starts another engine with exactly this version."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from secarch import console
from secarch.errors import UsageError
from secarch.records import Outcome
from secarch.registry.registry import Registry
from secarch.registry.version import Version
from secarch.serve.access import is_loopback
from secarch.serve.live import context_of
from secarch.session import Session

Kind = Literal["vllm", "llamacpp", "sglang"]
DRAIN_S = 30
GGUF = "model.gguf"
DEFAULT = "http://127.0.0.1:8000"


def check_engine(engine: str) -> None:
    """Raises UsageError unless it is `transformers` or a URL with a host and a port that can be."""
    if engine == "transformers":
        return
    try:
        parts = urlsplit(engine)
        reachable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        reachable = False
    if not reachable or any(c.isspace() for c in engine):
        raise UsageError(
            "this is no engine",
            where=f"serve.engine {engine}",
            why="transformers is the one in this process; every other is reached by its URL",
            fix="--engine http://127.0.0.1:8000   (--print-engine vllm says how to start it)",
        )


def line(kind: Kind, version: Version, workspace: Path, *, engine: str = "") -> str:
    """A shell line; the name on the engine is the digest, which is never used for other weights.

    It listens where `engine`, a URL, says; on all interfaces if that is another machine's.
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
    words += [*_listening(engine), "--api-key", '"$SECARCH_SERVE__ENGINE_KEY"']
    return " ".join(word if word.startswith('"$') else shlex.quote(word) for word in words)


def _listening(engine: str) -> list[str]:
    parts = urlsplit(engine if "://" in engine else DEFAULT)
    host = str(parts.hostname or "127.0.0.1")
    here = host if is_loopback(host) else "0.0.0.0"  # noqa: S104 - behind a key, in its own network
    default = 80 if parts.scheme == "http" else 8000  # behind https stands a proxy
    return ["--host", here, "--port", str(parts.port or default)]


def printed(kind: Kind, session: Session, ref: str, *, engine: str) -> Outcome:
    """The line as a command's outcome. Raises UsageError, and what finding the version raises."""
    check_engine(engine)
    registry = Registry(session.workspace)
    version = registry.find(ref or only_model(registry)).version
    gguf = version.folder(session.workspace) / GGUF
    if kind == "llamacpp" and not gguf.is_file():
        console.log().warning(
            "there is no GGUF file of this version",
            where=str(gguf),
            fix=f"python convert_hf_to_gguf.py {gguf.parent} --outtype f32 --outfile {gguf}",
        )
    text = line(kind, version, session.workspace, engine=engine)
    return Outcome(status="done", digest=version.digest, result={"line": text}, shown=(text,))


def only_model(registry: Registry) -> str:
    """The name to serve if none is given. Raises UsageError unless there is exactly one."""
    names = registry.names()
    if len(names) != 1:
        raise UsageError(
            "which model is to be served?",
            why=f"registered: {', '.join(names) or 'none'}",
            fix="secarch serve NAME"
            if names
            else "secarch models register EXPORT --name NAME, promote it, then secarch serve NAME",
        )
    return names[0]


def _vllm(folder: str, name: str, context: int) -> list[str]:
    length = ["--max-model-len", str(context)] if context else []
    return [
        *("vllm", "serve", folder, "--served-model-name", name),
        *("--generation-config", "vllm", *length),
        *("--shutdown-timeout", str(DRAIN_S), "--disable-fastapi-docs"),
    ]


def _llamacpp(folder: str, name: str, context: int) -> list[str]:
    length = ["--ctx-size", str(context)] if context else []
    return [
        *("llama-server", "--model", f"{folder}/{GGUF}", "--alias", name, *length),
        *("--parallel", "8", "--metrics"),
    ]


def _sglang(folder: str, name: str, context: int) -> list[str]:
    length = ["--context-length", str(context)] if context else []
    return [
        *("python", "-m", "sglang.launch_server", "--model-path", folder),
        *("--served-model-name", name, *length, "--sampling-defaults", "openai"),
    ]
