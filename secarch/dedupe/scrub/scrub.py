"""Credentials and personal data go; the examples that documentation is made of stay.

A scrubber without an allow-list destroys the lessons: in 7,796 public pages every one of 128 AWS
key ids was a documented EXAMPLE id. So each detector knows what is reserved for documentation, and
the rest is replaced by a placeholder of the same length and shape: offsets stay true, equal secrets
stay equal, and scrubbing twice changes nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from secarch.dedupe.scrub import addresses, credentials, personal
from secarch.dedupe.scrub.detector import Detector
from secarch.text.substrings import Substrings

DETECTORS: tuple[Detector, ...] = (
    *credentials.DETECTORS,
    *personal.DETECTORS,
    *addresses.DETECTORS,
)


def scrub(text: str) -> tuple[str, Counter[str]]:
    """`text` with secrets replaced, of the same length, and how many of each type were."""
    counts: Counter[str] = Counter()
    return _scrubbed(text, DETECTORS, counts), counts


def secrets_in(text: str, detectors: Sequence[Detector] = DETECTORS) -> Counter[str]:
    """How many secrets of each type `text` holds."""
    counts: Counter[str] = Counter()
    _scrubbed(text, detectors, counts)
    return counts


def _scrubbed(text: str, detectors: Sequence[Detector], counts: Counter[str]) -> str:
    hints = _hints(tuple(detectors))
    likely = hints.likely(text)
    for number, detector in enumerate(detectors):
        if not (likely[number] and detector.is_likely(text)):
            continue
        replaced = _apply(detector, text, counts)
        if replaced != text:
            text, likely = replaced, hints.likely(replaced)
    return text


@lru_cache(maxsize=8)
def _hints(detectors: tuple[Detector, ...]) -> Substrings:
    return Substrings([detector.hints for detector in detectors])


def _apply(detector: Detector, text: str, counts: Counter[str]) -> str:
    def one(match: re.Match[str]) -> str:
        group = match.lastgroup if match.re.groups > 1 else "secret"
        group = group if group and group.startswith("secret") else "secret"
        secret = match[group]
        if detector.harmless(secret, match):
            return match[0]
        replaced = detector.replace(secret)
        if replaced == secret:
            return match[0]
        counts[detector.name] += 1
        at = match.start(group) - match.start()
        return match[0][:at] + replaced + match[0][at + len(secret) :]

    if not detector.line:
        return detector.pattern.sub(one, text)
    lines = zip(text.split("\n"), text.casefold().split("\n"), strict=True)
    return "\n".join(
        detector.pattern.sub(one, line) if any(word in folded for word in detector.line) else line
        for line, folded in lines
    )
