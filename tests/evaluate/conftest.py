"""A small suite and an OpenAI-compatible server on loopback."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from secarch import console

QUESTIONS = """
- id: aws-0001
  version: 1
  category: aws
  tags: [smoke]
  kind: open
  difficulty: 2
  question: Sixty teams create buckets. How do you keep all of them private?
  reference: >-
    Turn on S3 Block Public Access for the whole account,
    and deny its removal with a service control policy.
    Encrypt the objects with a customer managed key.
  key_points:
    - id: k1
      text: Block at account level
      weight: 3
      critical: true
      any_of: ['block public access.{0,40}account']
    - {id: k2, text: Deny removal, weight: 2, any_of: ['deny.{0,40}remov', 'prevent.{0,40}remov']}
    - {id: k3, text: Own key, weight: 1, all_of: ['encrypt', 'customer managed key|cmk']}
  must_not:
    - id: m1
      text: Makes a bucket public
      severity: critical
      pattern: '(make|set|leave)\\b.{0,40}bucket.{0,30}public'
    - id: m2
      text: Relies on obscurity
      severity: major
      pattern: '(rely|depend)\\w* on.{0,20}(secret|unguessable) name'
    - {id: m3, text: Uses the root user, severity: minor, pattern: 'use the root user'}
  wrong: Make the bucket public and rely on a long name that nobody guesses.
  paraphrase: >-
    The account wide setting is best. Block public access in each account
    and prevent anybody from removing it.
- id: iam-0001
  version: 1
  category: iam
  kind: open
  difficulty: 1
  cluster: people
  question: People in the cloud account still use passwords alone. What do you change first?
  reference: Require phishing-resistant multi-factor authentication, and
    replace long-lived keys with roles.
  key_points:
    - {id: k1, text: Require MFA, weight: 2,
       any_of: ['(requir|enforc)\\w*\\b.{0,60}(mfa|multi-factor)']}
    - {id: k2, text: Roles for keys, weight: 1,
       any_of: ['keys?\\b.{0,40}\\broles?', 'roles?\\b.{0,40}\\bkeys?']}
- id: iam-0002
  version: 1
  category: iam
  kind: mcq
  difficulty: 1
  cluster: people
  question: Which of these proves possession of a key and resists phishing?
  choices: [A password, A passkey, A text message]
  answer: 1
  reference: A passkey.
"""


@pytest.fixture(autouse=True)
def _console() -> None:
    """Talk goes to stderr, as under the command line."""
    console.configure()


@pytest.fixture
def suite_file(tmp_path: Path) -> Path:
    """A suite of two open questions and a multiple choice."""
    path = tmp_path / "little.yaml"
    path.write_text(QUESTIONS.replace("\\\\", "\\"))
    return path


Behaviour = Callable[[dict[str, Any]], tuple[int, dict[str, str], bytes]]


def say(text: str, finish: str = "stop", fingerprint: str | None = None) -> Behaviour:
    """Answer with `text`."""
    body = {
        "system_fingerprint": fingerprint,
        "choices": [{"message": {"content": text}, "finish_reason": finish}],
        "usage": {"completion_tokens": 7},
    }
    return lambda _: (200, {}, json.dumps(body).encode())


def fail(status: int, body: bytes = b"no", **headers: str) -> Behaviour:
    """Answer with an error status, or with any body and headers."""
    return lambda _: (status, headers, body)


class Loopback:
    """A server whose next replies are the behaviours in `script`; when they are used up, `usual`
    replies.
    """

    def __init__(self) -> None:
        self.say, self.fail = say, fail
        self.usual: Behaviour = say("Require MFA for everybody, it must be enforced.")
        self.script: list[Behaviour] = []
        self.asked: list[dict[str, Any]] = []
        self.models = ["little"]
        self.version: dict[str, str] = {}
        """What it says of its weights, as `secarch serve` does."""
        self.url = ""
        self.lock = threading.Lock()


@pytest.fixture
def loopback() -> Iterator[Loopback]:
    state = Loopback()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            ours = {"secarch": state.version} if state.version else {}
            rows = [{"id": name, **ours} for name in state.models]
            self._send(200, {}, json.dumps({"data": rows}).encode())

        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with state.lock:
                state.asked.append(asked)
                behaviour = state.script.pop(0) if state.script else state.usual
            self._send(*behaviour(asked))

        def _send(self, status: int, headers: dict[str, str], body: bytes) -> None:
            self.send_response(status)
            given = {name.replace("_", "-"): value for name, value in headers.items()}
            for name, value in {"Content-Length": str(len(body)), **given}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield state
    server.shutdown()
    thread.join()
    server.server_close()
