"""Credentials: keys and tokens of known form, and values given to names such as `password`.

The rules are data, in `secrets.yaml`, in the form of the public rule sets: an expression, words of
which one must be in the text, a least entropy. Vendors' documented examples are not secrets.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from secarch.dedupe.scrub.detector import (
    Detector,
    after,
    crossed,
    entropy,
    is_plain_value,
    says_example,
)

_RULES = Path(__file__).with_name("secrets.yaml")
_IDENTIFIER = re.compile(
    r"(?:id|arn|name|alias|uri|url|type|path|version|public|sha\d*|hash|digest|fingerprint|"
    r"partition|sort|primary|foreign|next|page|continuation|cache|count|max|idempotency)[_.-]?$",
    re.IGNORECASE,
)
"""Ends of a name in front of `key` or `token` that make it no secret, such as `NextToken`."""


def _harmless(
    secret: str,
    match: re.Match[str],
    *,
    published: frozenset[str],
    least: float,
    name: re.Pattern[str] | None,
    value: bool,
) -> bool:
    """True for published values, examples, what is not random enough and, of values, plain ones."""
    if secret in published or says_example(secret, match) or entropy(secret) < least:
        return True
    if name is not None:
        ending = name.search(match["name"])
        if not ending or _IDENTIFIER.search(match["name"][: ending.start()]):
            return True
    return value and is_plain_value(secret)


def _detectors(data: dict[str, Any]) -> Iterator[Detector]:
    published = frozenset(data["published"])
    for rule in data["rules"]:
        keep = rule.get("keep")
        yield Detector(
            rule["kind"],
            tuple(rule["keywords"]),
            re.compile(rule["regex"]),
            _judge(published, rule),
            crossed if keep is None else after(keep),
            re.compile(rule["likely"]) if "likely" in rule else None,
            tuple(rule.get("line", ())),
        )


def _prefixed(data: dict[str, Any]) -> Iterator[Detector]:
    published = frozenset(data["published"])
    for kind, forms in data["prefixed"].items():
        for prefix, body in forms.items():
            pattern = rf"(?<![\w.~-])(?P<secret>{re.escape(prefix)}(?:{body}))(?![\w-])"
            yield Detector(
                kind,
                (prefix,),
                re.compile(pattern),
                _judge(published, {"entropy": 2.5}),
                after(len(prefix)),
            )


def _judge(published: frozenset[str], rule: dict[str, Any]) -> Callable[[str, re.Match[str]], bool]:
    return partial(
        _harmless,
        published=published,
        name=re.compile(rule["name"]) if "name" in rule else None,
        least=float(rule.get("entropy", 0)),
        value=bool(rule.get("value")),
    )


def _load() -> tuple[Detector, ...]:
    data = yaml.safe_load(_RULES.read_text(encoding="utf-8"))
    return (*_prefixed(data), *_detectors(data))


DETECTORS: tuple[Detector, ...] = _load()
