"""Whether this machine can compile what Triton generates: a C compiler and Python's headers.

The loss over large vocabularies, and Liger's layers, are Triton kernels, which are built on the
machine at their first use: an image without a compiler fails after the base was loaded.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sysconfig
import tempfile
from pathlib import Path

FIX = (
    "apt-get install gcc libc6-dev python3-dev, or build the image with the Dockerfile's CUDA base"
)
SOURCE = "#include <Python.h>\nint answer(void) { return PY_MAJOR_VERSION; }\n"


def compiler() -> str | None:
    """The C compiler that Triton would take: $CC, else gcc or clang (triton/runtime/build.py)."""
    named = os.environ.get("CC")
    return shutil.which(named) if named else shutil.which("gcc") or shutil.which("clang")


def fault() -> str:
    """Why nothing can be compiled here; empty where a trivial extension was."""
    found = compiler()
    if found is None:
        return "there is no C compiler"
    headers = Path(sysconfig.get_paths()["include"])
    if not (headers / "Python.h").is_file():
        return f"Python's headers are missing: no Python.h in {headers}"
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "probe.c"
        source.write_text(SOURCE, encoding="ascii")
        command = [found, "-c", str(source), "-I", str(headers), "-o", f"{folder}/probe.o"]
        try:
            subprocess.run(command, capture_output=True, timeout=60, check=True)  # noqa: S603
        except (OSError, subprocess.SubprocessError) as error:
            said = getattr(error, "stderr", b"") or str(error).encode()
            lines = said.decode(errors="replace").strip().splitlines()
            return f"{found} cannot compile: {lines[-1] if lines else 'no reason given'}"
    return ""
