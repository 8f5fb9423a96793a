"""What a bare CUDA machine lacks, carried to it, and train_gpu.py run there inside ten minutes.

On a machine with the package and the network, with the bare one's list of packages:

    python -m pip list --format=freeze > have.txt                      # on the bare machine
    python tests/benchmarks/bare_gpu.py plan have.txt                  # what would be carried
    python tests/benchmarks/bare_gpu.py pack have.txt wheels --python 3.12

Then, on the bare machine, in a checkout with the folder `wheels`:

    python tests/benchmarks/bare_gpu.py run wheels --out figures.jsonl

`plan` follows the requirements of what the benchmark imports, as the distributions installed here
state them, and carries each that the list lacks or has in a version that does not do. torch and
what it brings are never carried: without a torch that does, it says so and exits 3. `run` installs
the wheels into a folder of its own, without network and without their requirements, and runs the
benchmark's cases one after the other while time is left; each line is written when it is known.
`--dry` of `pack` and `run` prints the commands and touches nothing; `--preset tiny` of `run` goes
through all of it on a CPU.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

REPOSITORY = Path(__file__).parents[2]
ROOTS = (
    *("torch", "transformers", "tokenizers", "safetensors", "huggingface-hub", "peft", "trl"),
    *("accelerate", "bitsandbytes", "datasets", "jinja2", "pydantic", "pydantic-settings"),
    *("pyyaml", "rich", "structlog", "platformdirs", "typer", "numpy", "scipy"),
)
"""Distributions that train_gpu.py and the trainer import."""
NEVER = re.compile(r"(torch|triton|setuptools|pip|nvidia-.*|cuda-.*)\Z")
"""What belongs to a machine's CUDA and is not carried."""
CASES = ("trl", "trl_packed", "ours_packed", "ours_full", "small", "resume")
"""In the order of their worth."""
LAST = 30.0
"""Seconds under which no further case is begun."""

Wanted = dict[str, list[Requirement]]
Needs = Callable[[str], list[str]]


def had(text: str) -> dict[str, Version]:
    """Name -> version of a package list, as `pip list` or `pip freeze` prints it.

    >>> had("Package Version\\n---- ----\\nPyYAML 6.0.2\\ntorch==2.11.0+cu130")
    {'pyyaml': <Version('6.0.2')>, 'torch': <Version('2.11.0+cu130')>}
    """
    found = {}
    for line in text.splitlines():
        match = re.match(r"\s*([A-Za-z0-9][\w.-]*)(?:==|\s+)(\d[\w.+!-]*)", line)
        if match:
            found[canonicalize_name(match[1])] = Version(match[2])
    return found


def own_bounds() -> Wanted:
    """The package's own requirements for ROOTS, from pyproject.toml."""
    text = (REPOSITORY / "pyproject.toml").read_text(encoding="utf-8")
    found: Wanted = {name: [] for name in ROOTS}
    for line in re.findall(r'^    "([\w.-]+[<>=!~][^"]*)",', text, re.MULTILINE):
        requirement = Requirement(line)
        if (name := canonicalize_name(requirement.name)) in found:
            found[name].append(requirement)
    return found


def needs_here(name: str) -> list[str]:
    """The requirements of a distribution that is installed here."""
    try:
        return metadata.requires(name) or []
    except metadata.PackageNotFoundError:
        return []


def lacking(
    there: Mapping[str, Version], wanted: Wanted, needs: Needs = needs_here
) -> dict[str, str]:
    """Name -> why it must be carried: missing, or in a version that does not do.

    What is carried brings its own requirements; what is there has its own already.
    """
    wanted = {name: list(bounds) for name, bounds in wanted.items()}
    found: dict[str, str] = {}
    while new := next((n for n in wanted if n not in found and _fails(n, there, wanted)), ""):
        found[new] = _fails(new, there, wanted)
        for line in [] if NEVER.match(new) else needs(new):
            requirement = Requirement(line)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                wanted.setdefault(canonicalize_name(requirement.name), []).append(requirement)
    return found


def _fails(name: str, there: Mapping[str, Version], wanted: Wanted) -> str:
    if name not in there:
        return "missing"
    bad = [r for r in wanted[name] if not r.specifier.contains(there[name], prereleases=True)]
    return f"has {there[name]}, wants {bad[0].specifier}" if bad else ""


def plan(have: Path) -> dict[str, str]:
    """What must be carried, with exact versions. Exits 3 where CUDA's own packages do not do."""
    found = lacking(had(have.read_text(encoding="utf-8")), own_bounds())
    if stuck := {name: why for name, why in found.items() if NEVER.match(name)}:
        listed = "; ".join(f"{name} {why}" for name, why in stuck.items())
        print(f"not to be carried, install it for this CUDA: {listed}", file=sys.stderr)
        raise SystemExit(3)
    return {f"{name}=={metadata.version(name)}": why for name, why in sorted(found.items())}


PLATFORMS = ("manylinux_2_28_x86_64", "manylinux_2_24_x86_64", "manylinux2014_x86_64", "any")


def fetching(carried: Mapping[str, str], folder: Path, python: str = "") -> list[str]:
    """The command that fetches the wheels, of another version of Python if one is named."""
    pip = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:"]
    if python:
        pip += ["--python-version", python, *(f"--platform={name}" for name in PLATFORMS)]
    return [*pip, "--dest", str(folder), *carried]


def installing(wheels: Path, target: Path) -> list[str]:
    """The command that installs them beside the machine's own packages."""
    files = sorted(str(path) for path in wheels.glob("*.whl"))
    pip = [sys.executable, "-m", "pip", "install", "--no-index", "--no-deps", "--quiet"]
    return [*pip, "--target", str(target), *files]


def measuring(case: str, preset: str) -> list[str]:
    """The command of one case."""
    script = Path(__file__).with_name("train_gpu.py")
    return [sys.executable, str(script), "--preset", preset, "--cases", case]


def run(wheels: Path, out: Path, seconds: float, preset: str, *, dry: bool) -> int:
    """Install and measure; one JSON line a case. Returns how many cases failed or found no time."""
    ends = time.monotonic() + seconds
    with tempfile.TemporaryDirectory(prefix="carried-") as place:
        path = os.pathsep.join([place, str(REPOSITORY), os.environ.get("PYTHONPATH", "")])
        commands = [installing(wheels, Path(place))] if any(wheels.glob("*.whl")) else []
        if dry:
            for command in [*commands, *(measuring(case, preset) for case in CASES)]:
                print(" ".join(command))
            return 0
        for command in commands:
            subprocess.run(command, check=True)
        failed = 0
        for case in CASES:
            line = measured(
                case, preset, ends - time.monotonic(), {**os.environ, "PYTHONPATH": path}
            )
            failed += "tokens_per_s" not in line and "same_adapter" not in line
            with out.open("a", encoding="utf-8") as handle:
                handle.write(json.dumps(line) + "\n")
            print(json.dumps(line), flush=True)
    return failed


def measured(case: str, preset: str, left: float, environment: dict[str, str]) -> dict:
    """A case's figures; or why there are none, so that what was measured before stays."""
    if left < LAST:
        return {"case": case, "skipped": f"{left:.0f} s are left"}
    try:
        ended = subprocess.run(
            measuring(case, preset),
            stdout=subprocess.PIPE,
            text=True,
            timeout=left,
            env=environment,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return {"case": case, "skipped": f"it took more than the {left:.0f} s that were left"}
    lines = [json.loads(line) for line in ended.stdout.splitlines() if line.startswith('{"case"')]
    return lines[0] if lines else {"case": case, "exit": ended.returncode}


def main() -> int:
    """Plan, pack or run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("plan", "pack"):
        command = commands.add_parser(name)
        command.add_argument("have", type=Path)
        if name == "pack":
            command.add_argument("wheels", type=Path)
            command.add_argument("--python", default="", help="the bare machine's, such as 3.12")
            command.add_argument("--dry", action="store_true")
    command = commands.add_parser("run")
    command.add_argument("wheels", type=Path)
    command.add_argument("--out", type=Path, default=Path("figures.jsonl"))
    command.add_argument("--seconds", type=float, default=570.0)
    command.add_argument("--preset", default="8b")
    command.add_argument("--dry", action="store_true")
    asked = parser.parse_args()
    if asked.command == "run":
        failed = run(asked.wheels, asked.out, asked.seconds, asked.preset, dry=asked.dry)
        return 1 if failed else 0
    carried = plan(asked.have)
    if asked.command == "plan":
        print(json.dumps(carried, indent=1))
    elif asked.dry:
        print(" ".join(fetching(carried, asked.wheels, asked.python)))
    elif carried:
        subprocess.run(fetching(carried, asked.wheels, asked.python), check=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
