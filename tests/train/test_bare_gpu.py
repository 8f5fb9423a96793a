"""The benchmark for a bare GPU machine: what is carried to it, and what is done there."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

PLACE = Path(__file__).parents[1] / "benchmarks" / "bare_gpu.py"


@pytest.fixture(scope="module")
def bare() -> Any:
    spec = importlib.util.spec_from_file_location("bare_gpu", PLACE)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_package_list_is_read_in_both_forms(bare: Any) -> None:
    """Columns of `pip list` with their head, and lines of `pip freeze`."""
    columns = "Package     Version\n----------- -------\nPyYAML      6.0.2\n"
    found = bare.had(columns + "huggingface_hub==1.33.0\ntorch==2.11.0+cu130\n# a note\n")
    assert found == {
        "pyyaml": Version("6.0.2"),
        "huggingface-hub": Version("1.33.0"),
        "torch": Version("2.11.0+cu130"),
    }


NEEDS = {
    "trl": ["datasets>=4.7", "liger>=1; extra == 'liger'"],
    "datasets": ["pyarrow>=21", "torch"],
}


def test_what_is_carried_brings_what_it_needs(bare: Any) -> None:
    """A missing package's requirements, not those of extras, nor those of what is there."""
    wanted = {"torch": [Requirement("torch>=2.11")], "trl": [], "rich": []}
    there = {"torch": Version("2.11.0+cu130"), "pyarrow": Version("19"), "rich": Version("14")}
    found = bare.lacking(there, wanted, lambda name: NEEDS.get(name, []))
    assert found == {"trl": "missing", "datasets": "missing", "pyarrow": "has 19, wants >=21"}
    assert wanted["trl"] == []


def test_what_is_there_is_not_carried_twice(bare: Any) -> None:
    """A machine that has all of it needs nothing; one with an old torch is told so."""
    everything = "\n".join(f"{name}==999" for name in bare.ROOTS if name != "torch")
    there = bare.had(everything) | {"torch": Version("2.12.0")}
    wanted = {name: [] for name in bare.ROOTS} | {"torch": [Requirement("torch>=2.11")]}
    assert bare.lacking(there, wanted) == {}
    assert bare.lacking({**there, "torch": Version("2.4")}, wanted) == {
        "torch": "has 2.4, wants >=2.11"
    }
    assert {str(r) for r in bare.own_bounds()["trl"]} == {"trl<2,>=1.16"}


def test_the_dry_mode_prints_what_would_be_done(bare: Any, tmp_path: Path) -> None:
    """Installation without network or requirements, then each case; nothing is written."""
    (tmp_path / "trl-1.0-py3-none-any.whl").touch()
    command = [
        sys.executable,
        str(PLACE),
        "run",
        str(tmp_path),
        "--dry",
        "--out",
        str(tmp_path / "o"),
    ]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    assert "--no-index --no-deps" in lines[0]
    assert lines[0].endswith("trl-1.0-py3-none-any.whl")
    assert [line.rpartition(" ")[2] for line in lines[1:]] == list(bare.CASES)
    assert not (tmp_path / "o").exists()


def test_a_plan_names_exact_versions_and_stops_without_torch(bare: Any, tmp_path: Path) -> None:
    """Those that are installed here; without a torch that does, exit 3."""
    have = tmp_path / "have.txt"
    have.write_text("torch==2.12.0\nnumpy==2.3\n", encoding="utf-8")
    assert any(name.startswith("trl==1.") for name in bare.plan(have))
    have.write_text("numpy==2.3\n", encoding="utf-8")
    with pytest.raises(SystemExit) as caught:
        bare.plan(have)
    assert caught.value.code == 3


def test_wheels_are_of_the_machines_own_python(bare: Any) -> None:
    """Compiled ones differ by it; without a word they are this Python's."""
    assert "--platform=manylinux2014_x86_64" in bare.fetching({"a==1": ""}, Path("w"), "3.12")
    command = bare.fetching({"a==1": "missing"}, Path("w"))
    assert "--python-version" not in command
    assert command[-3:] == ["--dest", "w", "a==1"]


SCRIPTS = {
    "print('log'); import json; print(json.dumps({'case': 'x', 'tokens_per_s': 1.5}))": {
        "case": "x",
        "tokens_per_s": 1.5,
    },
    "raise SystemExit(7)": {"case": "x", "exit": 7},
}


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_case_gives_its_line_or_how_it_ended(
    bare: Any, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    """What was measured before a failure stays."""
    monkeypatch.setattr(bare, "measuring", lambda *_: [sys.executable, "-c", script])
    assert bare.measured("x", "tiny", 60.0, {}) == SCRIPTS[script]


def test_cases_end_with_their_time(
    bare: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """None is begun when little is left, and one that takes too long is stopped and named."""
    assert "29 s" in bare.measured("x", "tiny", 29.4, {})["skipped"]
    monkeypatch.setattr(bare, "LAST", 0.0)
    sleeps = [sys.executable, "-c", "import time; time.sleep(9)"]
    monkeypatch.setattr(bare, "measuring", lambda *_: sleeps)
    assert "took more" in bare.measured("x", "tiny", 0.2, {})["skipped"]
    out = tmp_path / "figures.jsonl"
    assert bare.run(tmp_path, out, 0.0, "tiny", dry=False) == len(bare.CASES)
    lines = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [line["case"] for line in lines] == list(bare.CASES)
