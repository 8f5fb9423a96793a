"""Plain `secarch train` works on one GPU: which one, settled before torch is imported.

The trainer refuses to see several GPUs from one process, and would say so only after the base was
loaded. Several are used by `accelerate launch`, which starts a process for each.
"""

from __future__ import annotations

import os
import shutil
import subprocess

from secarch import console
from secarch.session import processes

ALL = "accelerate launch --num_processes {count} -m secarch train"


def pin() -> str | None:
    """Leave the first visible GPU visible alone; returns its index or UUID, None if nothing was
    to be done: several processes, one GPU or none.
    """
    seen = visible()
    if processes() > 1 or len(seen) < 2:
        return None
    os.environ["CUDA_VISIBLE_DEVICES"] = seen[0]
    console.log().warning(
        "one_gpu",
        gpu=seen[0],
        of=len(seen),
        what="training uses this one; for all of them: " + ALL.format(count=len(seen)),
    )
    return seen[0]


def visible() -> list[str]:
    """The GPUs that this process may use, by CUDA_VISIBLE_DEVICES, else by the driver's tool."""
    wanted = os.environ.get("CUDA_VISIBLE_DEVICES")
    if wanted is not None:
        # CUDA ignores what follows a negative index.
        named = [name.strip() for name in wanted.split(",") if name.strip()]
        stop = next((n for n, name in enumerate(named) if name.startswith("-")), len(named))
        return named[:stop]
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return []
    command = [tool, "--query-gpu=index", "--format=csv,noheader"]
    try:
        said = subprocess.run(  # noqa: S603 - a fixed tool, found on PATH
            command, capture_output=True, text=True, timeout=20, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return []
    return [line.strip() for line in said.splitlines() if line.strip().isdigit()]
