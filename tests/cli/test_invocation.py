"""How commands get their settings."""

import subprocess
import sys
from pathlib import Path

import pytest

from secarch.cli.invocation import Invocation
from secarch.errors import ConfigError
from secarch.settings import Settings
from secarch.settings_files import nothing_set


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)


def test_the_registrys_settings_are_those_of_all_where_nothing_is_set(tmp_path: Path) -> None:
    """Defaults, and the workspace of the flag."""
    whole, found = Settings(), Invocation().registry()
    assert (found.workspace, found.seed, found.models) == (
        whole.workspace,
        whole.seed,
        whole.models,
    )
    assert Invocation(workspace=tmp_path / "w").registry().workspace == tmp_path / "w"


@pytest.mark.parametrize("source", ["project", "config", "set", "environment", ".env"])
def test_the_registrys_settings_are_read_from_every_tier(
    source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And what no section has is refused there as by any command."""
    invocation = Invocation()
    if source in {"project", "config"}:
        path = tmp_path / ("secarch.yaml" if source == "project" else "other.yaml")
        path.write_text("models: {max_age_days: 7}\nseed: 3\n")
        invocation.config = [path] if source == "config" else []
    elif source == "set":
        invocation.set = ["models.max_age_days=7", "seed=3"]
    elif source == "environment":
        monkeypatch.setenv("secarch_MODELS__MAX_AGE_DAYS", "7")
        monkeypatch.setenv("SECARCH_SEED", "3")
    else:
        Path(".env").write_text("SECARCH_MODELS__MAX_AGE_DAYS=7\nSECARCH_SEED=3\n")
    found = invocation.registry()
    assert (found.models.max_age_days, found.seed) == (7, 3)
    invocation.set = [*invocation.set, "models.max_agedays=7"]
    with pytest.raises(ConfigError, match="max_age_days"):
        invocation.registry()


def test_nothing_is_set_without_variables_and_files(tmp_path: Path) -> None:
    """Of others' variables nothing is asked."""
    assert nothing_set({"PATH": "/bin", "MY_SECARCH_SEED": "1"})
    assert not nothing_set({"Secarch_seed": "1"})
    (tmp_path / "secarch.yaml").touch()
    assert not nothing_set({})


def test_the_registry_builds_no_other_stages_settings() -> None:
    """That is what its commands' time is made of."""
    code = (
        "import sys; from secarch.cli.invocation import Invocation; Invocation().registry(); "
        "print([n for n in sys.modules if n.startswith(('secarch.dedupe', 'secarch.evaluate'))])"
    )
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert made.stdout.strip() == "[]"


def test_garbage_is_collected_as_usual_from_a_stages_beginning_on() -> None:
    """A start makes many objects and drops few; a stage makes and drops them by the million."""
    code = (
        "import gc; before = gc.get_threshold()[0]\n"
        "from secarch.cli.invocation import Invocation\n"
        "start = gc.get_threshold()[0]\n"
        "invocation = Invocation(); invocation.session(invocation.registry())\n"
        "print(start > 10 * before, gc.get_threshold()[0] == before)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "True"]
