"""The doctor's findings."""

from pathlib import Path

import pytest

from secarch.cli import doctor
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
