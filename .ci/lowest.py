"""Write the lowest versions that pyproject.toml admits as constraints, for the job that tests them.

python .ci/lowest.py > requirements.lowest
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

HEAD = "# Lowest versions that pyproject.toml admits, written by .ci/lowest.py: pip install -c\n"
ANY = {"torch", "types-pyyaml"}
"""Torch is gigabytes with its CUDA libraries, so jobs share the lock's; stubs have no bound."""
_NEEDS = re.compile(r"([A-Za-z0-9._-]+)(?:[^>=]*>=([0-9][0-9a-z.]*))?")


def lowest(project: Mapping[str, Any]) -> Iterator[str]:
    """`name==version` of each requirement of the core and of the extra dev, sorted.

    Raises ValueError if a requirement has no lower bound.
    """
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    found = {}
    for line in wanted:
        match = _NEEDS.match(line)
        name, version = match.groups() if match else (line, None)
        name = re.sub(r"[._-]+", "-", name).lower()
        if name in ANY:
            continue
        if version is None:
            raise ValueError(f"{line}: there is no lower bound")
        found[name] = version
    return (f"{name}=={version}" for name, version in sorted(found.items()))


def written(pyproject: Path) -> str:
    """The whole constraints file."""
    project = tomllib.loads(pyproject.read_text(encoding="utf-8"))["project"]
    return HEAD + "".join(f"{line}\n" for line in lowest(project))


if __name__ == "__main__":
    sys.stdout.write(written(Path(__file__).parents[1] / "pyproject.toml"))
