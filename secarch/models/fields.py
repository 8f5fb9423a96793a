"""Fields of a chat request that some servers refuse, and the request without them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from secarch.schema import JsonDict

OPTIONAL = ("max_completion_tokens", "max_tokens", "temperature", "seed", "stream")
"""Fields that some servers refuse; a request that is refused for one is sent again without it."""
SYSTEM_ROLE = "system role"
"""What is left out for a server that takes no system prompt: it is merged into the user's turn."""

_ABOUT_ROLES = re.compile(r"system|developer|\broles?\b|alternat|first message", re.IGNORECASE)
"""What a template or a server says that knows no system prompt: it may complain of the order."""


def without(body: JsonDict, left_out: set[str]) -> JsonDict:
    """`body` without the fields; a limit that goes comes back under its newer name."""
    sent = {name: value for name, value in body.items() if name not in left_out}
    if "max_tokens" in left_out and "max_completion_tokens" not in left_out:
        sent["max_completion_tokens"] = body["max_tokens"]
    if SYSTEM_ROLE in left_out:
        sent["messages"] = _merged(body["messages"])
    return sent


def _merged(messages: Sequence[dict[str, str]]) -> list[dict[str, str]]:
    """Messages whose system prompt is the beginning of the first turn of the user."""
    system = "\n\n".join(m["content"] for m in messages if m["role"] == "system")
    rest = [dict(m) for m in messages if m["role"] != "system"]
    if system and rest:
        rest[0]["content"] = f"{system}\n\n{rest[0]['content']}"
    return rest


def refused_field(why: str, sent: JsonDict) -> str:
    """The optional field of a request that the server's refusal names; '' if it names none."""
    field = next((name for name in OPTIONAL if name in sent and name in why), "")
    system = any(message["role"] == "system" for message in sent["messages"])
    if not field and system and _ABOUT_ROLES.search(why):
        return SYSTEM_ROLE
    return field
