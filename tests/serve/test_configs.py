"""What is shipped to deploy with: valid, hardened, and every metric that it names exists."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from secarch.danger.safety import inspect
from secarch.probe import textfile
from secarch.serve.metrics import Metrics

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "configs" / "serve"
VLLM = {"vllm:num_requests_waiting", "vllm:kv_cache_usage_perc"}
"""Names of vLLM's own, as its /metrics has them (0.32)."""
_NAME = re.compile(r"\b(?:secarch_\w+|vllm:\w+)")


def _known(tmp_path: Path) -> set[str]:
    """Every metric name of the server and of the probe."""
    page = Metrics().page()[0].decode()
    path = tmp_path / "probe.prom"
    textfile.write(path, "SAME", at=1.0, scores={"rubric": 0.5})
    families = re.findall(r"^# TYPE (\S+) (\S+)", page + path.read_text(), flags=re.MULTILINE)
    names = {name for name, _ in families} | VLLM
    return names | {f"{name}_bucket" for name, kind in families if kind == "histogram"}


def _rules() -> list[dict[str, Any]]:
    (group,) = yaml.safe_load((FOLDER / "alerts.yml").read_text())["groups"]
    rules: list[dict[str, Any]] = group["rules"]
    return rules


def _dashboard() -> Iterator[str]:
    for panel in json.loads((FOLDER / "grafana.json").read_text())["panels"]:
        yield from (target["expr"] for target in panel["targets"])


def test_every_metric_that_alerts_and_dashboard_name_exists(tmp_path: Path) -> None:
    known = _known(tmp_path)
    used = {name for rule in _rules() for name in _NAME.findall(rule["expr"])}
    shown = {name for expr in _dashboard() for name in _NAME.findall(expr)}
    assert used <= known, used - known
    assert shown <= known, shown - known
    assert len(shown) >= 15


def test_every_alert_has_a_test_and_a_runbook() -> None:
    names = [rule["alert"] for rule in _rules()]
    assert len(names) == len(set(names)) >= 8
    tests = (FOLDER / "alerts_test.yml").read_text()
    headings = re.findall(r"^#+ (\w+)$", (ROOT / "docs" / "serve.md").read_text(), re.MULTILINE)
    for rule in _rules():
        assert f"alertname: {rule['alert']}" in tests
        assert rule["alert"] in headings
        assert rule["annotations"]["runbook"] == f"docs/serve.md#{rule['alert'].lower()}"
        assert rule["labels"]["severity"] in {"page", "ticket"}


@pytest.mark.skipif(not shutil.which("promtool"), reason="promtool is not here")
@pytest.mark.parametrize(
    "words", [("check", "rules", "alerts.yml"), ("test", "rules", "alerts_test.yml")]
)
def test_promtool_agrees(words: tuple[str, ...]) -> None:
    done = subprocess.run(["promtool", *words], cwd=FOLDER, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def _objects() -> list[dict[str, Any]]:
    text = (FOLDER / "kubernetes" / "secarch.yaml").read_text()
    return [one for one in yaml.safe_load_all(text) if one]


def test_manifests_are_valid_and_our_own_detectors_find_nothing() -> None:
    assert [one["kind"] for one in _objects()] == [
        "Deployment",
        "Service",
        "PodDisruptionBudget",
        "NetworkPolicy",
    ]
    schemas = pytest.importorskip("kubernetes_validate")
    for one in _objects():
        schemas.validate(one, schemas.latest_version(), strict=True)
    for path in (FOLDER / "kubernetes" / "secarch.yaml", FOLDER / "compose.yaml"):
        assert inspect(path.read_text(), "yaml") == []


def test_the_deployment_is_hardened_and_outlives_its_drain() -> None:
    spec = _objects()[0]["spec"]["template"]["spec"]
    assert spec["automountServiceAccountToken"] is False
    assert spec["securityContext"]["runAsNonRoot"] is True
    for container in [*spec["containers"], *spec["initContainers"]]:
        security = container["securityContext"]
        assert security["readOnlyRootFilesystem"] is True
        assert security["allowPrivilegeEscalation"] is False
        assert security["capabilities"] == {"drop": ["ALL"]}
        assert container["resources"]["limits"]
        assert re.search(r"@sha256:[0-9a-f]{64}$", container["image"])
    (main,) = spec["containers"]
    assert main["readinessProbe"]["httpGet"]["path"] == "/readyz"
    assert main["livenessProbe"]["httpGet"]["path"] == "/healthz"
    pre_stop = int(main["lifecycle"]["preStop"]["exec"]["command"][1])
    from secarch.serve.config import ServeConfig

    assert spec["terminationGracePeriodSeconds"] > pre_stop + ServeConfig().drain_s


def test_compose_runs_nothing_as_root_and_publishes_loopback_alone() -> None:
    services = yaml.safe_load((FOLDER / "compose.yaml").read_text())["services"]
    assert {"engine", "secarch", "secarch-cpu", "probe", "prometheus", "grafana"} <= set(services)
    for name, one in services.items():
        assert one["read_only"] is True, name
        assert one["cap_drop"] == ["ALL"], name
        assert not one["user"].startswith(("0", "root")), name
        assert "latest" not in one["image"], name
        assert all(port.startswith("127.0.0.1:") for port in one.get("ports", [])), name
    assert "ports" not in services["engine"]
    assert {"cpu"} == set(services["secarch-cpu"]["profiles"])
    targets = (FOLDER / "prometheus.yml").read_text()
    assert "secarch:9464" in targets


def test_the_settings_that_the_manifests_name_exist() -> None:
    from secarch.settings import leaf_names

    known = set(leaf_names())
    for path in FOLDER.rglob("*.y*ml"):
        for name in re.findall(r"SECARCH_([A-Z_]+?)(?=[:,\s}])", path.read_text()):
            setting = name.lower().replace("__", ".")
            assert setting in known or name == "IMAGE", name
