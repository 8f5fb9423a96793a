"""MLflow as the mirror, for real: its sqlite store, its reserved names, and its absence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from secarch.errors import MissingExtra
from secarch.registry import mirror
from secarch.registry.config import ModelsConfig
from secarch.registry.registry import Registry

House = Any
"""Of conftest.py."""
CONFIG = ModelsConfig(mirror="mlflow")


def _promote(house: House, number: int, alias: str = "champion") -> None:
    Registry(house.workspace).log("architect").append(
        lambda _state: {"event": "promote", "version": number, "alias": alias, "to": number}
    )


def test_a_mirror_that_is_down_is_said_and_caught_up(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    mlflow = pytest.importorskip("mlflow")
    house.export("one")
    house.register("one")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "sqlite:////dev/null/mlflow.db")
    mirror.reflect(CONFIG, house.session, "architect")
    assert "mirror not reached" in capsys.readouterr().err
    uri = f"sqlite:///{tmp_path}/mlflow.db"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    house.export("two")
    house.register("two")
    _promote(house, 2)
    _promote(house, 1, "latest")  # a name that MLflow keeps for itself
    mirror.reflect(CONFIG, house.session, "architect")
    client = mlflow.MlflowClient(uri)
    live = client.get_model_version_by_alias("architect", "champion")
    assert live.tags["secarch.version"] == "architect/2"
    assert live.tags["secarch.digest"] == Registry(house.workspace).version("architect", 2).digest
    assert live.source == (house.session.exports / "two").resolve().as_uri()
    assert set(client.get_registered_model("architect").aliases) == {"champion"}
    _promote(house, 1)
    assert mirror.catch_up(Registry(house.workspace), "architect") == {"versions": 0, "aliases": 1}
    live = client.get_model_version_by_alias("architect", "champion")
    assert live.tags["secarch.version"] == "architect/1"
    assert mirror.catch_up(Registry(house.workspace), "architect") == {"versions": 0, "aliases": 0}


def test_without_mlflow_the_extra_is_named(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    house.export("one")
    house.register("one")
    monkeypatch.setitem(sys.modules, "mlflow", None)
    with pytest.raises(MissingExtra, match=r"secarch\[mlflow\]"):
        mirror.reflect(CONFIG, house.session, "architect")
    mirror.reflect(ModelsConfig(), house.session, "architect")
