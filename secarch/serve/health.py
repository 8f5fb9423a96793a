"""Is the server of this container alive? `python -m secarch.serve.health`, for HEALTHCHECK.

Standard library only, since it is started every half minute.
"""

from __future__ import annotations

import http.client
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

DEFAULT_PORT = "8080"
TIMEOUT_S = 5.0


def port_of(words: Sequence[str], env: Mapping[str, str]) -> int | None:
    """The port that the command line `words` of the first process serves on: its --port, else
    SECARCH_SERVE__PORT, else 8080. None if it is not a server, so that there is nothing to ask.
    """
    if "serve" not in words and "--serve" not in words:
        return None
    for word, following in zip(words, [*words[1:], ""], strict=True):
        if word == "--port":
            return int(following)
        if word.startswith("--port="):
            return int(word.removeprefix("--port="))
    return int(env.get("SECARCH_SERVE__PORT", DEFAULT_PORT))


def is_alive(port: int) -> bool:
    """True if GET /healthz on loopback is answered with 200 in time."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_S)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def check(command_line: Path = Path("/proc/1/cmdline")) -> int:
    """0 if the first process is not a server or its server is alive, else 1."""
    words = command_line.read_bytes().decode(errors="replace").split("\0")
    port = port_of(words, os.environ)
    return 0 if port is None or is_alive(port) else 1


if __name__ == "__main__":
    sys.exit(check())
