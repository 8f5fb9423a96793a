"""What a server says of itself at /v1/models. A leaf: it asks by aiohttp."""

from __future__ import annotations

import asyncio
import json
import os
from dataclasses import dataclass
from typing import Any

import aiohttp

from secarch.errors import InvalidInput, MissingInput

TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True)
class Served:
    """Empty texts are what the server does not say."""

    name: str = ""
    version: str = ""
    alias: str = ""
    digest: str = ""


def served(url: str) -> Served:
    """Name, version and digest of what a server serves.

    Raises MissingInput (no answer) and InvalidInput (it refuses).
    """
    base = url.rstrip("/")
    base = base if base.endswith("/v1") else f"{base}/v1"
    try:
        status, text = asyncio.run(_get(f"{base}/models"))
        data = json.loads(text) if status == 200 else None
    except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
        raise MissingInput(
            "the server gives no answers",
            where=base.rsplit("@", 1)[-1],
            why=error,
            fix="look at the server's /readyz and its log",
        ) from error
    if data is None:
        raise (MissingInput if status >= 500 else InvalidInput)(
            f"the server answers HTTP {status}",
            where=base.rsplit("@", 1)[-1],
            fix="check the URL and OPENAI_API_KEY",
        )
    return _served(data)


async def _get(url: str) -> tuple[int, str]:
    key = os.environ.get("OPENAI_API_KEY")
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
    async with (
        aiohttp.ClientSession(headers=headers, timeout=timeout, trust_env=True) as session,
        session.get(url) as response,
    ):
        return response.status, await response.text()


def _served(data: Any) -> Served:
    rows = data.get("data") if isinstance(data, dict) else None
    row = rows[0] if isinstance(rows, list) and rows and isinstance(rows[0], dict) else {}
    ours = row.get("secarch")
    if not isinstance(ours, dict):
        return Served()
    texts = (str(ours.get(name) or "") for name in ("version", "alias", "digest"))
    return Served(str(row.get("id") or ""), *texts)
