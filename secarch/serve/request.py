"""A request of a stranger, checked field by field: what cannot be honoured is refused by name.

Unknown fields are an error unless they are null: a setting that is dropped in silence is one that
somebody relies on.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from secarch.schema import JsonDict

ROLES = ("system", "user", "assistant")
SYSTEM_TOO = "developer"
"""What OpenAI calls the system role since its reasoning models."""
MOST_MESSAGES = 1024
MOST_DIGITS = 100
GREEDY = 1e-5
"""Temperature below which an answer is greedy."""
MOST_STOPS, LONGEST_STOP = 4, 256
_IGNORED = frozenset(
    {"user", "metadata", "store", "service_tier", "safety_identifier"}
    | {"prompt_cache_key", "prompt_cache_retention"}
)
"""Fields that change nothing of the answer."""
_NEUTRAL: Mapping[str, tuple[Any, ...]] = {
    "n": (1,),
    "logprobs": (False,),
    "top_logprobs": (0,),
    "frequency_penalty": (0,),
    "presence_penalty": (0,),
    "logit_bias": ({},),
    "tools": ([],),
    "tool_choice": ("none", "auto"),
    "modalities": (["text"],),
    "parallel_tool_calls": (False, True),
    "response_format": ({"type": "text"},),
    "reasoning_effort": ("none",),
    "verbosity": ("medium",),
    "best_of": (1,),
    "echo": (False,),
}
"""Fields that are taken with these values alone, which ask for nothing."""


class Refused(Exception):
    """An error in the form that OpenAI's clients know."""

    def __init__(
        self, message: str, *, status: int = 400, code: str = "invalid_value", param: str = ""
    ) -> None:
        super().__init__(message)
        self.message, self.status, self.code, self.param = message, status, code, param

    def body(self) -> JsonDict:
        """JSON-ready."""
        kind = "invalid_request_error" if self.status < 500 else "server_error"
        kind = "rate_limit_error" if self.status == 429 else kind
        error = {"message": self.message, "type": kind, "code": self.code}
        return {"error": {**error, "param": self.param or None}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A checked request for an answer."""

    model: str
    messages: tuple[dict[str, str], ...]
    max_tokens: int | None
    temperature: float
    top_p: float
    seed: int | None
    stop: tuple[str, ...]
    ignore_eos: bool
    """Go on to `max_tokens` whatever the model says, as load tests ask."""
    stream: bool
    include_usage: bool


def read(body: bytes) -> Wanted:
    """The request in a body. Raises Refused with the field that is wrong."""
    data = _parsed(body)
    for name, value in data.items():
        _known(name, value)
    options = _table(data.get("stream_options"), "stream_options")
    stream = _flag(data, "stream")
    temperature, top_p = _sampling(data)
    return Wanted(
        model="" if data.get("model") is None else _text(data["model"], "model"),
        messages=_messages(data.get("messages")),
        max_tokens=_max_tokens(data),
        temperature=temperature,
        top_p=top_p,
        seed=_integer(data.get("seed"), "seed", -(2**63), 2**63 - 1),
        stop=_stop(data.get("stop")),
        ignore_eos=_flag(data, "ignore_eos"),
        stream=stream,
        include_usage=_usage(options, stream=stream),
    )


def _sampling(data: JsonDict) -> tuple[float, float]:
    """Temperature and top_p. What leaves one token to draw is sent as greedy: engines refuse it."""
    temperature = _number(data, "temperature", 0.0, 0.0, 2.0)
    top_p = _number(data, "top_p", 1.0, 0.0, 1.0)
    if temperature < GREEDY or top_p == 0:
        return 0.0, 1.0
    return temperature, top_p


def _parsed(body: bytes) -> JsonDict:
    try:
        data = json.loads(
            body.decode("utf-8"),
            parse_constant=_no_constant,
            parse_int=_whole,
            object_pairs_hook=_object,
        )
    except (ValueError, RecursionError) as error:
        raise Refused(f"the body is not JSON: {error}", code="invalid_json") from error
    if not isinstance(data, dict):
        raise Refused("the body is not a JSON object", code="invalid_json")
    return data


def _whole(digits: str) -> int:
    if len(digits) > MOST_DIGITS:
        raise ValueError(f"a number has more than {MOST_DIGITS} digits")
    return int(digits)


def _object(pairs: list[tuple[str, Any]]) -> JsonDict:
    """An object whose names differ: of two, each program that reads it may take another."""
    found: JsonDict = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(f"{name[:80]} is given twice")
        found[name] = value
    return found


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no number of JSON (RFC 8259)")


_READ = frozenset(
    {"model", "messages", "stream", "stream_options", "seed", "stop", "ignore_eos"}
    | {"max_tokens", "max_completion_tokens", "temperature", "top_p"}
)


def _known(name: str, value: Any) -> None:
    if name in _READ or name in _IGNORED or value is None:
        return
    if any(_equal(value, neutral) for neutral in _NEUTRAL.get(name, ())):
        return
    why = "is not supported" if name in _NEUTRAL else "is no field of this API"
    if name in _UNSUPPORTED:
        why = "is not supported"
    raise Refused(f"{name[:80]} {why}", code="unsupported_parameter", param=name[:80])


def _equal(value: Any, neutral: Any) -> bool:
    """0.0 is 0, and true is not 1."""
    return bool(value == neutral) and isinstance(value, bool) is isinstance(neutral, bool)


_UNSUPPORTED = frozenset(
    {"functions", "function_call", "audio", "prediction", "web_search_options", "moderation"}
)


def _messages(value: Any) -> tuple[dict[str, str], ...]:
    if not isinstance(value, list) or not value:
        raise Refused("messages is a list of at least one message", param="messages")
    if len(value) > MOST_MESSAGES:
        raise Refused(f"messages has more than {MOST_MESSAGES} items", param="messages")
    found = tuple(_message(item, f"messages[{n}]") for n, item in enumerate(value))
    if found[-1]["role"] == "assistant":
        last = f"messages[{len(found) - 1}].role"
        raise Refused("the last message is the one to answer, not an answer", param=last)
    if any(message["role"] == "system" for message in found[1:]):
        at = next(n for n, m in enumerate(found) if n and m["role"] == "system")
        raise Refused("a system message comes first", param=f"messages[{at}].role")
    return found


def _message(item: Any, where: str) -> dict[str, str]:
    if not isinstance(item, dict):
        raise Refused("a message is an object", param=where)
    role = "system" if item.get("role") == SYSTEM_TOO else item.get("role")
    if role not in ROLES:
        raise Refused(f"role is one of {', '.join(ROLES)}", param=f"{where}.role")
    # An answer that is sent back may hold lists of nothing (`tool_calls`, `annotations`).
    full = {n: v for n, v in item.items() if v not in ([], {})} if role == "assistant" else item
    _no_more(full, ("role", "content"), where)
    said, place = item.get("content"), f"{where}.content"
    # An earlier answer may have no words: it is sent back as it came.
    as_is = role == "assistant" and isinstance(said, str)
    return {"role": str(role), "content": (_text if as_is else _content)(said, place)}


def _no_more(item: JsonDict, names: tuple[str, ...], where: str) -> None:
    """Raises Refused for a field that is not among these and not null."""
    for name, value in item.items():
        if name not in names and value is not None:
            raise Refused(
                f"{name[:80]} is not supported",
                code="unsupported_parameter",
                param=f"{where}.{name[:80]}",
            )


def _content(value: Any, where: str) -> str:
    """Text, or a list of text parts; other parts, such as images, are refused."""
    if isinstance(value, list) and value:
        text = "".join(_part(part, f"{where}[{n}]") for n, part in enumerate(value))
    else:
        text = _text(value, where)
    if not text.strip():
        raise Refused("content is empty", param=where)
    return text


def _part(part: Any, where: str) -> str:
    if not isinstance(part, dict) or part.get("type") != "text":
        raise Refused("only parts of type text are supported", param=where)
    _no_more(part, ("type", "text"), where)
    return _text(part.get("text"), f"{where}.text")


def _text(value: Any, where: str) -> str:
    """A text that UTF-8 can hold, without NUL."""
    if not isinstance(value, str):
        raise Refused(f"{where} is a text", param=where)
    try:
        value.encode("utf-8")
    except UnicodeEncodeError as error:
        raise Refused(f"{where} holds half a surrogate pair", param=where) from error
    if "\x00" in value:
        raise Refused(f"{where} holds a NUL character", param=where)
    return value


def _max_tokens(data: JsonDict) -> int | None:
    """`max_completion_tokens`, or the older `max_tokens`; both only if they agree."""
    names = ("max_tokens", "max_completion_tokens")
    given = {
        name: value
        for name in names
        if (value := _integer(data.get(name), name, 1, 1 << 31)) is not None
    }
    if len(set(given.values())) > 1:
        raise Refused(f"{names[0]} and {names[1]} differ", param=names[0])
    return next(iter(given.values()), None)


def _integer(value: Any, name: str, least: int, most: int) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise Refused(f"{name} is a whole number from {least} to {most}", param=name)
    return value


def _number(data: JsonDict, name: str, default: float, least: float, most: float) -> float:
    value = data.get(name)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise Refused(f"{name} is a number", param=name)
    if not least <= value <= most:
        raise Refused(f"{name} is from {least:g} to {most:g}", param=name)
    return float(value)


def _flag(data: Mapping[str, Any], name: str) -> bool:
    value = data.get(name)
    if value is not None and not isinstance(value, bool):
        raise Refused(f"{name} is true or false", param=name)
    return bool(value)


def _table(value: Any, name: str) -> JsonDict:
    if value is not None and not isinstance(value, dict):
        raise Refused(f"{name} is an object", param=name)
    return value or {}


_UNPADDED = ("include_obfuscation", False)
"""What a stream is here: parts are not filled up to one length."""


def _usage(options: JsonDict, *, stream: bool) -> bool:
    extra = [
        name
        for name, value in options.items()
        if name != "include_usage" and value is not None and (name, value) != _UNPADDED
    ]
    if extra:
        raise Refused(
            f"stream_options.{extra[0][:80]} is no field of this API",
            code="unsupported_parameter",
            param="stream_options",
        )
    if options and not stream:
        raise Refused("stream_options needs stream", param="stream_options")
    return _flag(options, "include_usage")


def _stop(value: Any) -> tuple[str, ...]:
    found = [value] if isinstance(value, str) else [] if value is None else value
    if not isinstance(found, list) or len(found) > MOST_STOPS:
        raise Refused(f"stop is a text, or a list of at most {MOST_STOPS}", param="stop")
    texts = tuple(_text(item, "stop") for item in found)
    if not all(0 < len(text) <= LONGEST_STOP for text in texts):
        raise Refused(f"a stop text has 1 to {LONGEST_STOP} characters", param="stop")
    return texts
