"""Which split: whole components of similar documents, so that no sibling straddles.

The unit is a connected component of verified near-duplicates joined with the same document and the
same URL family (versions, languages and formats of one page). Its split follows from a hash of its
smallest content hash, so that a component stays where it is when other data is added.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Literal
from urllib.parse import urlsplit

from secarch.dedupe.config import SplitConfig

Split = Literal["train", "validation", "test"]
SPLITS: tuple[Split, ...] = ("train", "validation", "test")
SMALL = 10
"""Documents from which even a small dataset gets something to validate on."""

_VERSION = re.compile(
    r"v?\d+(?:[._-]\d+)*(?:[._-]x)?(?:[._-](?:docs?|rc\d*|beta\d*|alpha\d*))?|latest|stable|main|"
    r"master|next|dev|edge",
    re.IGNORECASE,
)
_LOCALE = re.compile(r"[a-z]{2}(?:[-_][a-z]{2,4})?", re.IGNORECASE)
_ENDING = re.compile(
    r"(?:/index|/readme)?(?:\.(?:html?|md|mdx|aspx|php|pdf|txt))?/*$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Member:
    """What a document's split depends on."""

    id: str
    url: str
    sha256: str


def family(url: str) -> str:
    """The address without scheme, query, fragment, ending, and segments that are a version or a
    locale.
    """
    try:
        parts = urlsplit(url.lower())
    except ValueError:
        return url
    if not parts.netloc:
        return url
    host = parts.netloc.removeprefix("www.")
    segments = [
        s for s in _ENDING.sub("", parts.path).split("/") if s and not _VERSION.fullmatch(s)
    ]
    return "/".join(
        [host, *(s for n, s in enumerate(segments) if n > 1 or not _LOCALE.fullmatch(s))]
    )


def components(members: Sequence[Member], related: Iterable[tuple[int, int]]) -> list[int]:
    """The component of each member, named by its lowest index; shape (members,)."""
    from secarch.text.components import components as join

    return join(len(members), chain(related, _same(members, _by_id), _same(members, _by_family)))


def _same(members: Sequence[Member], key: Callable[[Member], str]) -> Iterator[tuple[int, int]]:
    first: dict[str, int] = {}
    for i, member in enumerate(members):
        known = first.setdefault(key(member), i)
        if known != i:
            yield known, i


def _by_id(member: Member) -> str:
    return member.id


def _by_family(member: Member) -> str:
    return family(member.url)


def assign(
    members: Sequence[Member], component: Sequence[int], config: SplitConfig, seed: int = 0
) -> list[Split]:
    """The split of each member; members of one component get the same.

    A component with more documents than a whole held-out share goes to training. From `SMALL`
    documents on at least one component is held out for validation where a share is asked for, and
    from twice as many one for test.
    """
    smallest: dict[int, str] = {}
    size: Counter[int] = Counter(component)
    for name, member in zip(component, members, strict=True):
        smallest[name] = min(smallest.get(name, member.sha256), member.sha256)
    place = {name: _place(sha, seed) for name, sha in smallest.items()}
    chosen = {name: _choose(place[name], size[name], len(members), config) for name in place}
    order = sorted(place, key=lambda name: (size[name], place[name]))
    if config.validation and len(members) >= SMALL:
        _ensure("validation", chosen, order)
    if config.test and len(members) >= 2 * SMALL:
        _ensure("test", chosen, order)
    return [chosen[name] for name in component]


def of_scenario(name: str, config: SplitConfig, seed: int = 0) -> Split:
    """The split of rows that no document is behind, by what they share."""
    return _choose(place_of(name, seed), 1, 1_000_000, config)


def place_of(name: str, seed: int) -> float:
    """Where a scenario stands (0..1), by its name and the seed alone."""
    return _place(hashlib.sha256(name.encode()).hexdigest(), seed)


def _place(sha256: str, seed: int) -> float:
    """A number in 0..1 that depends on the content and the seed alone."""
    digest = hashlib.blake2b(f"{seed}:{sha256}".encode(), digest_size=8).digest()
    return int.from_bytes(digest) / 2**64


def _choose(place: float, size: int, total: int, config: SplitConfig) -> Split:
    for split, low, share in (
        ("test", 0.0, config.test),
        ("validation", config.test, config.validation),
    ):
        if low <= place < low + share and size <= max(1.0, share * total):
            return "test" if split == "test" else "validation"
    return "train"


def _ensure(split: Split, chosen: dict[int, Split], order: list[int]) -> None:
    """Move the smallest component (ties: by place) out of training where `split` has none and
    training keeps some.
    """
    training = [name for name in order if chosen[name] == "train"]
    if split not in chosen.values() and len(training) > 1:
        chosen[training[0]] = split
