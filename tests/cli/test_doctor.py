"""The doctor's findings."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from secarch.cli import accelerator, doctor
from secarch.errors import PrerequisiteError


def test_a_writable_machine_passes_and_says_what_is_missing(tmp_path: Path) -> None:
    """Warnings are no failure; each carries its fix."""
    outcome = doctor.examine(tmp_path / "new", "some/base", contact="")
    states = {row["name"]: row for row in outcome.result["checks"]}
    assert outcome.status == "done"
    assert states["workspace"]["state"] in {"ok", "warning"}
    assert states["contact"]["state"] == "warning"
    assert "harvest.contact" in states["contact"]["fix"]
    assert states["base"]["state"] == "warning"


def test_a_local_base_folder_is_recognised(tmp_path: Path) -> None:
    """A folder with a config.json needs no hub."""
    (tmp_path / "config.json").write_text("{}", encoding="utf-8")
    outcome = doctor.examine(tmp_path, str(tmp_path), contact="me@example.org")
    states = {row["name"]: row["state"] for row in outcome.result["checks"]}
    assert (states["base"], states["contact"]) == ("ok", "ok")


def test_an_old_package_fails_with_the_pip_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit 3 names what to install."""
    monkeypatch.setitem(doctor.RANGES, "transformers", (99, 0))
    with pytest.raises(PrerequisiteError, match=r"pip install -U 'transformers>=99\.0'"):
        doctor.examine(tmp_path, "x/y", contact="")


DRIVER = """
int cuInit(unsigned flags) { return 0; }
int cuDeviceGetCount(int *count) { *count = 2; return 0; }
int cuDeviceGet(int *device, int index) { *device = index; return 0; }
int cuDeviceGetName(char *name, int length, int device) {
    name[0] = 'G'; name[1] = '0' + device; name[2] = 0; return 0;
}
int cuDeviceTotalMem_v2(unsigned long *bytes, int device) { *bytes = 80UL << 30; return 0; }
"""


@pytest.mark.skipif(not shutil.which("cc"), reason="no C compiler to build a driver's library with")
def test_gpus_are_those_that_the_driver_names(tmp_path: Path) -> None:
    """A library with the driver's functions is loaded as the driver would be."""
    source = tmp_path / "driver.c"
    source.write_text(DRIVER, encoding="ascii")
    library = tmp_path / accelerator.DRIVER
    subprocess.run(["cc", "-shared", "-fPIC", source, "-o", library], check=True)
    script = (
        "import json, dataclasses; from secarch.cli.accelerator import gpus; "
        "print(json.dumps([dataclasses.asdict(g) for g in gpus()]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "LD_LIBRARY_PATH": str(tmp_path)},
        capture_output=True,
        check=True,
    )
    assert json.loads(done.stdout) == [
        {"name": "G0", "memory": 80 << 30},
        {"name": "G1", "memory": 80 << 30},
    ]


def test_torch_is_asked_for_its_cuda_version_without_being_imported() -> None:
    """The version file says what torch itself says."""
    import torch

    assert accelerator.torch_cuda() == torch.version.cuda


@pytest.mark.parametrize(
    ("count", "built", "state", "word"),
    [
        (0, None, "warning", "no CUDA GPU"),
        (1, None, "warning", "build for CPU"),
        (2, "13.0", "ok", "2 x H100, 80 GiB, H100, 80 GiB; torch for CUDA 13.0"),
    ],
)
def test_a_gpu_needs_a_torch_that_can_use_it(
    count: int, built: str | None, state: str, word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A CPU build beside a GPU is named, since it trains on the CPU without a word."""
    found = [accelerator.Gpu(name="H100", memory=80 << 30)] * count
    monkeypatch.setattr(doctor, "gpus", lambda: found)
    monkeypatch.setattr(doctor, "torch_cuda", lambda: built)
    gpu = next(doctor._accelerator())
    assert gpu.state == state
    assert word in gpu.what
    assert bool(gpu.blocks) is (state != "ok")


@pytest.mark.parametrize("variable", ["HF_HUB_CACHE", "HF_HOME", "XDG_CACHE_HOME"])
def test_a_base_in_the_hub_cache_is_recognised_where_the_hub_keeps_it(
    tmp_path: Path, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The three variables that move the cache are read in the hub's order."""
    for name in ("HF_HUB_CACHE", "HF_HOME", "XDG_CACHE_HOME", "HF_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    below = {"HF_HUB_CACHE": "", "HF_HOME": "hub", "XDG_CACHE_HOME": "huggingface/hub"}[variable]
    snapshot = tmp_path / below / "models--some--base" / "snapshots" / "abc"
    snapshot.mkdir(parents=True)
    monkeypatch.setenv(variable, str(tmp_path))
    assert next(doctor._base("some/base")).state == "warning"
    (snapshot / "config.json").write_text("{}", encoding="utf-8")
    assert next(doctor._base("some/base")).state == "ok"


def test_the_token_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only that there is one."""
    monkeypatch.setenv("HF_TOKEN", "hf_abcdef")
    (found,) = doctor._token()
    assert found.state == "ok"
    assert not found.blocks
    assert "abcdef" not in str(found)


@pytest.mark.parametrize("place", ["file", "file/below", "/proc/none"])
def test_a_place_where_nothing_can_be_made_fails(tmp_path: Path, place: str) -> None:
    """Root may write anywhere, and yet not there."""
    (tmp_path / "file").touch()
    if place.startswith("/proc") and not Path("/proc").is_dir():
        pytest.skip("no /proc here")
    with pytest.raises(PrerequisiteError) as error:
        doctor.examine(tmp_path / place, "x/y", contact="")
    assert "--workspace" in str(error.value.fix)
    assert ("is a file, and a workspace is a folder" in str(error.value)) is ("file" in place)
    assert not list(tmp_path.glob("tmp*"))
