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

from secarch.danger.safety import RULES, inspect
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


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("promtool"), reason="promtool is not here")
@pytest.mark.parametrize(
    "words",
    [
        ("check", "rules", "alerts.yml"),
        ("check", "config", "prometheus.yml"),
        ("test", "rules", "alerts_test.yml"),
    ],
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


SERVICE = {
    "profiles": list,
    "image": str,
    "user": str,
    "command": (str, list),
    "environment": dict,
    "env_file": list,
    "ports": list,
    "volumes": list,
    "depends_on": dict,
    "deploy": dict,
    "healthcheck": dict,
    "networks": dict,
    "stop_grace_period": str,
    "read_only": bool,
    "cap_drop": list,
    "security_opt": list,
    "tmpfs": list,
    "restart": str,
}
"""Keys of the compose specification that are used, and their types."""
HEALTH = {"test", "interval", "timeout", "start_period", "retries"}
_DURATION = re.compile(r"(?:\d+(?:ms|s|m|h))+")
_VARIABLE = re.compile(r"\$(?:\{\w+(?::?[-?+][^}]+)?\}|\$)")


def _compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((FOLDER / "compose.yaml").read_text())
    return found


def test_compose_keeps_to_its_specification() -> None:
    whole = _compose()
    assert {key for key in whole if not key.startswith("x-")} == {"name", "services", "volumes"}
    services = whole["services"]
    for name, one in services.items():
        assert {key for key in one if not isinstance(one[key], SERVICE.get(key, ()))} == set(), name
        assert set(one.get("healthcheck", {})) <= HEALTH
        times = [v for k, v in one.get("healthcheck", {}).items() if k != "test"]
        assert all(_DURATION.fullmatch(t) for t in [*times, one.get("stop_grace_period", "1s")])
        for volume in one.get("volumes", []):
            source, target = re.sub(r"\$\{[^}]+\}", "./X", volume).split(":")[:2]
            assert target.startswith("/"), volume
            if not source.startswith("./X"):
                assert source in whole["volumes"] or (FOLDER / source).exists(), volume
        for needed, condition in one.get("depends_on", {}).items():
            assert condition["condition"] == "service_healthy"
            assert "healthcheck" in services[needed]
            assert set(one["profiles"]) <= set(services[needed]["profiles"])
    text = (FOLDER / "compose.yaml").read_text()
    for line in text.splitlines():
        code = line.partition(" #")[0] if not line.lstrip().startswith("#") else ""
        assert code.count("$") == len(_VARIABLE.findall(code)), line


def test_the_dashboard_is_found_by_grafana() -> None:
    """A JSON file in the provisioning folder is ignored without a provider and a data source."""
    mounts = dict(v.split(":")[:2] for v in _compose()["services"]["grafana"]["volumes"])
    (provider,) = yaml.safe_load((FOLDER / "grafana" / "dashboards.yaml").read_text())["providers"]
    (source,) = yaml.safe_load((FOLDER / "grafana" / "datasource.yaml").read_text())["datasources"]
    folder = mounts["./grafana.json"].rpartition("/")[0]
    assert folder == provider["options"]["path"]
    for name, kind in (("dashboards", "dashboards"), ("datasource", "datasources")):
        assert f"/provisioning/{kind}/" in mounts[f"./grafana/{name}.yaml"]
    panels = json.loads((FOLDER / "grafana.json").read_text())["panels"]
    assert {panel["datasource"]["uid"] for panel in panels} == {source["uid"]}
    assert len({panel["id"] for panel in panels}) == len(panels)
    places = [tuple(panel["gridPos"][k] for k in "xywh") for panel in panels]
    assert all(x + w <= 24 for x, _, w, _ in places)
    cells = [(x + i, y + j) for x, y, w, h in places for i in range(w) for j in range(h)]
    assert len(cells) == len(set(cells)), "panels overlap"


def test_a_series_of_each_kind_of_danger_is_there_from_the_start() -> None:
    """increase() does not see the first of a series that begins at 1."""
    page = Metrics().page()[0].decode()
    for rule in RULES:
        sample = f'secarch_unsafe_answers_total{{rule="{rule.kind}",severity="critical"}} 0.0'
        assert sample in page
    assert 'secarch_requests_total{code="502"} 0.0' in page


def test_compose_runs_nothing_as_root_and_publishes_loopback_alone() -> None:
    services = _compose()["services"]
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
