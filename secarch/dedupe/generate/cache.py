"""Replies on disk: a run that was cut off pays nothing twice."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from secarch.models.client import Reply

CACHE = Path("generated") / "replies.db"
"""Where replies are in the workspace."""


class Cache:
    """Replies by what was asked of whom; a row is on disk before its reply is used."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS replies (key TEXT PRIMARY KEY, text TEXT NOT NULL, "
            "prompt_tokens INTEGER NOT NULL, tokens INTEGER NOT NULL)"
        )

    def get(self, key: str) -> tuple[str, int, int] | None:
        """Text, prompt tokens and completion tokens."""
        found: tuple[str, int, int] | None = self._db.execute(
            "SELECT text, prompt_tokens, tokens FROM replies WHERE key = ?", (key,)
        ).fetchone()
        return found

    def put(self, key: str, reply: Reply) -> None:
        """Keep one reply."""
        row = (key, reply.text, reply.prompt_tokens, reply.tokens)
        self._db.execute("INSERT OR REPLACE INTO replies VALUES (?, ?, ?, ?)", row)

    def drop(self, key: str) -> None:
        """Forget a reply that could not be read, so that it is asked for again."""
        self._db.execute("DELETE FROM replies WHERE key = ?", (key,))

    def close(self) -> None:
        """End the connection."""
        self._db.close()
