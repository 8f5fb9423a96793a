"""Fields of a chat request that some servers refuse, and the request without them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from secarch.schema import JsonDict

OPTIONAL = ("max_completion_tokens", "max_tokens", "temperature", "seed", "stream")
"""Fields that some servers refuse; a request that is refused for one is sent again without it."""
SYSTEM_ROLE = "system role"
"""What is left out for a server that takes no system prompt: it is merged into the user's turn."""

_ABOUT_ROLES = re.compile(
    r"\bsystem[ _-]?(?:role|prompt|message|instruction|turn)|[\"'`]system\b|\bsystem[\"'`]"
    r"|\broles?\b[^.]{0,60}\bsystem\b|\bdeveloper (?:role|prompt|message|instruction)"
    r"|\broles?\b[^.]{0,40}\b(?:alternat|invalid|unsupported|must be|not (?:supported|allowed))"
    r"|\balternat\w* (?:between )?\W?user|\bonly (?:the )?\W{0,2}user\W{1,3}and\W{1,3}assistant"
    r"|\b(?:invalid|unknown|unexpected|unsupported) role|\bfirst message"
    r"|\brole\b[^.]{0,10}\bexpected"
    r"|\bmust (?:start|begin) with (?:a |the )?\W?user",
    re.IGNORECASE,
)
"""What a template or a server says that knows no system prompt: it may complain of the order."""
_TOO_LONG = re.compile(
    r"too (?:large|long|big|many)|at (?:least|most)\b|between \d|exceed|context (?:length|window"
    r"|size)|(?:greater|less) than|[<>]=?\s*\d|\bmust be (?:<|>)|\breduce\b",
    re.IGNORECASE,
)
"""What is said of a limit's value: without the limit the request would be another one."""
_CONTENT = re.compile(
    r"content[ _-]?(?:filter|management|policy)|\b(?:blocked|flagged)\b|safety system|usage polic",
    re.IGNORECASE,
)
"""What is said of a question's content."""
_LIMITS = frozenset({"max_completion_tokens", "max_tokens"})


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
    """The optional field of a request that the server's refusal names; '' if it names none.

    What is left out once is left out of all further requests, so a refusal of one question (its
    length, its content) must name nothing.
    """
    if _CONTENT.search(why):
        return ""
    if "response_format" in sent and re.search("response_format|json_schema", why):
        return ""
    for name in OPTIONAL:
        if name in sent and re.search(rf"\b{name}\b", why, re.IGNORECASE):
            return "" if name in _LIMITS and _TOO_LONG.search(why) else name
    system = any(message["role"] == "system" for message in sent["messages"])
    return SYSTEM_ROLE if system and _ABOUT_ROLES.search(why) else ""
