"""Pushing an export: to a hub on loopback, private, and never without being asked."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from secarch.artifact import Artifact, open_artifact, seal
from secarch.errors import PrerequisiteError, UsageError
from secarch.train.export.push import check_name, files, planned, push

TOKEN = "hf_" + "x" * 34


@dataclass
class Hub:
    """What a hub on loopback was asked and given."""

    url: str = ""
    repos: dict[str, bool] = field(default_factory=dict)
    """Name -> private."""
    taken: dict[str, bytes] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=set)
    refuses: bool = False


def _answer(hub: Hub, path: str, body: bytes) -> dict[str, Any]:
    """What the hub answers to a request that changes something."""
    if path == "/api/repos/create":
        asked = json.loads(body)
        name = "/".join(filter(None, [asked.get("organization"), asked["name"]]))
        hub.repos[name] = bool(asked.get("private", asked.get("visibility") == "private"))
        return {"url": f"{hub.url}/{name}", "name": name}
    if "/preupload/" in path:
        named = [one["path"] for one in json.loads(body)["files"]]
        modes = [{"path": n, "uploadMode": "regular", "shouldIgnore": False} for n in named]
        return {"files": modes}
    if "/commit/" in path:
        rows = [json.loads(line) for line in body.decode().splitlines()]
        sent = [row["value"] for row in rows if row["key"] == "file"]
        hub.taken |= {value["path"]: base64.b64decode(value["content"]) for value in sent}
        name = path.split("/models/")[1].split("/commit", maxsplit=1)[0]
        return {"commitUrl": f"{hub.url}/{name}/commit/1", "commitOid": "1" * 40}
    return {}


def _handler(hub: Hub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            """Silent."""

        def _say(self, status: int, body: Any) -> None:
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            if status == 404:
                self.send_header("X-Error-Code", "RepoNotFound")
            self.end_headers()
            self.wfile.write(data)

        def do_GET(self) -> None:
            name = self.path.removeprefix("/api/models/").split("?")[0].split("/revision")[0]
            if name not in hub.repos:
                return self._say(404, {"error": "Repository not found"})
            found = {"id": name, "modelId": name, "private": hub.repos[name], "sha": "0" * 40}
            return self._say(200, found)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            hub.tokens.add(str(self.headers.get("Authorization")))
            if hub.refuses:
                return self._say(403, {"error": "this token may not write"})
            return self._say(200, _answer(hub, self.path, body))

    return Handler


@pytest.fixture
def hub() -> Iterator[Hub]:
    made = Hub()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(made))
    made.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield made
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def exported(tmp_path: Path) -> Artifact:
    """An export with a file beside it that is not its own."""
    place = tmp_path / "e"
    place.mkdir()
    for name in ("config.json", "model.safetensors", "README.md", "run-1.log"):
        (place / name).write_text(f"of {name}")
    seal(
        place,
        kind="export",
        parents=[],
        config={},
        counts={},
        files=["config.json", "model.safetensors"],
        outside=["README.md"],
    )
    return open_artifact(place, "export")


def _pushed(exported: Artifact, hub: Hub, repo: str, *, private: bool, token: str = TOKEN) -> Any:
    """As the command does, in a process of its own: the hub's client reads its URL once."""
    code = (
        "import json, sys; from pathlib import Path\n"
        "from secarch.artifact import open_artifact\n"
        "from secarch.train.export.push import push\n"
        "try: print(json.dumps(push(open_artifact(Path(sys.argv[1]), 'export'), sys.argv[2], "
        "private=sys.argv[3] == 'private')))\n"
        "except Exception as error: print(json.dumps({'error': str(error), "
        "'code': getattr(error, 'exit_code', 1)}))"
    )
    settings = {
        "HF_ENDPOINT": hub.url,
        "HF_TOKEN": token,
        "HF_HUB_OFFLINE": "0",
        "HF_HOME": str(exported.path.parent / "hf"),
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": ":".join(sys.path),
        "HF_HUB_DISABLE_XET": "1",
    }
    done = subprocess.run(
        [sys.executable, "-c", code, str(exported.path), repo, "private" if private else "public"],
        env=settings,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert TOKEN not in done.stdout + done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.slow
def test_an_export_arrives_whole_and_private(exported: Artifact, hub: Hub) -> None:
    """Sealed files, card and manifest, byte for byte; what else lies there stays."""
    told = _pushed(exported, hub, "team/architect", private=True)
    assert told["private"] is True
    assert told["url"].endswith("team/architect")
    assert hub.repos == {"team/architect": True}
    assert set(hub.taken) == {"config.json", "model.safetensors", "README.md", "manifest.json"}
    for name, content in hub.taken.items():
        assert content == (exported.path / name).read_bytes()
    assert f"Bearer {TOKEN}" in hub.tokens


@pytest.mark.slow
def test_a_public_repository_takes_nothing_that_is_to_be_private(
    exported: Artifact, hub: Hub
) -> None:
    """Unless it is said; and a refusal of the hub is told in one line."""
    hub.repos["team/open"] = False
    told = _pushed(exported, hub, "team/open", private=True)
    assert told["code"] == 2
    assert "public already" in told["error"]
    assert not hub.taken
    assert _pushed(exported, hub, "team/open", private=False)["private"] is False
    assert hub.taken
    hub.refuses = True
    told = _pushed(exported, hub, "team/other", private=True)
    assert told["code"] == 3
    assert "did not take" in told["error"]


@pytest.mark.slow
def test_without_a_token_or_a_network_nothing_is_tried(exported: Artifact, hub: Hub) -> None:
    """Exit 3 with the way out."""
    told = _pushed(exported, hub, "team/x", private=True, token="")
    assert told["code"] == 3
    assert "HF_TOKEN" in told["error"]
    assert not hub.tokens


def test_offline_is_said(exported: Artifact, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not a time-out."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(PrerequisiteError, match="offline"):
        push(exported, "team/x", private=True)


@pytest.mark.parametrize("name", ["architect", "a/b/c", "a/../b", "-a/b", "a/b c", "/b", "a--b/c"])
def test_a_name_that_is_none_is_refused_first(name: str) -> None:
    """Before anything is merged."""
    with pytest.raises(UsageError, match="no name of a repository"):
        check_name(name)
    check_name("my-team/cloud.architect_8b")


def test_a_dry_run_lists_what_would_be_sent(exported: Artifact, tmp_path: Path) -> None:
    """File by file with its size; None before there is an export."""
    told = planned(exported.path, "team/x", private=True)
    assert told["files"] == files(exported)
    assert told["files"]["config.json"] == len("of config.json")
    assert "run-1.log" not in told["files"]
    assert planned(tmp_path / "none", "team/x", private=False)["files"] is None
