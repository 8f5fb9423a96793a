"""What a release rests on: one version, lowest bounds, the image and the workflow."""

from __future__ import annotations

import re
import runpy
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from secarch import __version__

ROOT = Path(__file__).parents[1]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOWEST = runpy.run_path(str(ROOT / ".ci" / "lowest.py"))
RELEASE: dict[str, Any] = yaml.safe_load(
    (ROOT / ".github" / "workflows" / "release.yml").read_text(encoding="utf-8")
)["jobs"]


def test_the_changelog_has_this_version_below_an_unreleased_part() -> None:
    """The newest cut section is the version that `secarch --version` prints, with a date."""
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    heads = re.findall(r"^## (.*)$", text, re.MULTILINE)
    assert heads[0] == "[Unreleased]"
    assert re.fullmatch(rf"\[{re.escape(__version__)}\] - 20\d\d-\d\d-\d\d", heads[1])


def test_the_lowest_versions_are_those_of_pyproject() -> None:
    """`python .ci/lowest.py > requirements.lowest` would change nothing."""
    kept = (ROOT / "requirements.lowest").read_text(encoding="utf-8")
    assert LOWEST["written"](ROOT / "pyproject.toml") == kept


def test_a_requirement_without_a_lower_bound_is_refused() -> None:
    """Names are normalised, upper bounds dropped; what has no lower bound has no lowest version."""
    project = {"dependencies": ["Py_YAML>=6,<7", "torch>=2.11"], "optional-dependencies": {}}
    project["optional-dependencies"] = {"dev": ["b<3,>=2.1"]}
    assert list(LOWEST["lowest"](project)) == ["b==2.1", "py-yaml==6"]
    with pytest.raises(ValueError, match="c<2"):
        list(LOWEST["lowest"]({**project, "dependencies": ["c<2"]}))


def test_the_lock_is_within_the_bounds() -> None:
    """No locked version is older than the lowest that is admitted."""
    lock = dict(line.split("==") for line in _lines("requirements.lock"))
    for line in _lines("requirements.lowest"):
        name, version = line.split("==")
        assert _parts(lock[name]) >= _parts(version), name


def _lines(name: str) -> list[str]:
    text = (ROOT / name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if not line.startswith("#")]


def _parts(version: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", version)]


def test_ci_runs_on_every_python_that_the_classifiers_name() -> None:
    """Neither names more than the other; the wheel is tried on the same ones before it is out."""
    named = [line.rsplit(" :: ", 1)[1] for line in PROJECT["project"]["classifiers"]]
    wanted = [word for word in named if re.fullmatch(r"3\.\d+", word)]
    ci = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8"))
    assert ci["jobs"]["test"]["strategy"]["matrix"]["python"] == wanted
    assert RELEASE["try"]["strategy"]["matrix"]["python"] == wanted


def test_what_is_published_was_built_once_tried_and_attested() -> None:
    """The jobs stand in a row, only one of them builds a distribution, and the last one waits for
    its environment's reviewer and holds no secret.
    """
    needs = {name: job.get("needs") for name, job in RELEASE.items()}
    assert needs == {"build": None, "try": "build", "attest": "try", "publish": "attest"}
    assert RELEASE["publish"]["environment"] == "release"
    assert RELEASE["publish"]["permissions"] == {"id-token": "write"}
    uploads = [
        step["with"]["name"]
        for job in RELEASE.values()
        for step in job["steps"]
        if "upload-artifact" in step.get("uses", "")
    ]
    assert uploads == ["dist", "sbom"]
    assert "secrets." not in (ROOT / ".github/workflows/release.yml").read_text(encoding="utf-8")


def stages() -> dict[str, list[tuple[str, str]]]:
    """The Dockerfile's stages: name -> (instruction, its arguments)."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    text = re.sub(r"^#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", " ")
    found: dict[str, list[tuple[str, str]]] = {}
    name = ""
    for line in filter(None, map(str.strip, text.splitlines())):
        word, _, rest = line.partition(" ")
        if word == "FROM":
            name = rest.rsplit(" AS ", 1)[1]
        found.setdefault(name, []).append((word, rest))
    return found


@pytest.mark.parametrize("target", ["cpu", "cuda"])
def test_an_image_installs_dependencies_before_the_code(target: str) -> None:
    """The layer with torch depends on names and lock alone; the code comes after it, as the wheel,
    without dependencies; nothing runs as root, and the image says whether it is well.
    """
    lines = stages()[target]
    installs = [n for n, (word, rest) in enumerate(lines) if word == "RUN" and "pip inst" in rest]
    first, last = installs
    before = [rest for word, rest in lines[:first] if word == "COPY"]
    assert all("secarch " not in rest and "wheel" not in rest for rest in before)
    assert "-c /opt/secarch/requirements.lock -r /opt/secarch/core.txt" in lines[first][1]
    assert "--no-deps /wheel/" in lines[last][1]
    users = [rest for word, rest in lines if word == "USER"]
    assert users == ["10001"]
    words = [word for word, _ in lines]
    assert words.index("USER") > last
    assert words.count("HEALTHCHECK") == words.count("ENTRYPOINT") == 1


def test_the_cuda_image_has_what_triton_compiles_with() -> None:
    """gcc, libc's headers and Python's; the CPU image goes without them."""
    system = {name: " ".join(rest for _, rest in stages()[f"{name}-system"]) for name in TARGETS}
    assert {"gcc", "libc6-dev", "python3-dev"} <= set(system["cuda"].split())
    assert "gcc" not in system["cpu"].split()


TARGETS = ("cpu", "cuda")


def test_what_the_images_copy_is_in_the_build_context() -> None:
    """.dockerignore lets through what each COPY of the checkout names, which covers what the wheel
    is built from.
    """
    admitted = {
        line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line[0] == "!"
    }
    copied = {
        name.removeprefix("./")
        for lines in stages().values()
        for word, rest in lines
        if word == "COPY" and "--from" not in rest
        for name in rest.split()[:-1]
    }
    assert copied == admitted
    forced = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    assert {name.split("/")[0] for name in forced} <= admitted
