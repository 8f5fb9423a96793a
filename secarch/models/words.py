"""Token ids of many texts, each run of characters between spaces tokenised once.

Byte-level tokenizers cut a text by a pattern before they look anything up, and that cut takes nine
tenths of their time. The patterns of today's models all cut before a space that stands between
two other characters, so that a text's tokens are those of its words one after the other, and a word
met before is a look-up. Which tokenizers that holds for is read from their own description; of any
other nothing is assumed, and it is asked as ever. A test holds both ways equal.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import accumulate, chain, islice
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer


class Tokens(Protocol):
    """What is asked of a tokenised text."""

    @property
    def ids(self) -> list[int]:
        """Its token ids."""

    def char_to_token(self, at: int, /) -> int | None:
        """The token that holds the character at a place, None if none does."""


_TAIL = r"|\s*[\r\n]+|\s+(?!\S)|\s+"
_SHORT = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)"
_UPPER, _LOWER = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
_ONE = r"[^\r\n\p{L}\p{N}]?"
_GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
_MARKS = r" ?[^\s\p{L}\p{N}]+[\r\n]*"
_SLASHES = r" ?[^\s\p{L}\p{N}]+[\r\n/]*"
PATTERNS = frozenset(
    {
        _GPT2,
        f"{_SHORT}|{_ONE}\\p{{L}}+|\\p{{N}}{{1,3}}|{_MARKS}{_TAIL}",  # Llama 3, OLMo 2, Phi-4
        f"{_SHORT}|{_ONE}\\p{{L}}+|\\p{{N}}|{_MARKS}{_TAIL}",  # Qwen 2 and 3
        (
            f"{_ONE}{_UPPER}*{_LOWER}+{_SHORT}?|{_ONE}{_UPPER}+{_LOWER}*{_SHORT}?|"
            f"\\p{{N}}{{1,3}}|{_SLASHES}{_TAIL}"  # gpt-oss
        ),
        f"{_ONE}{_UPPER}*{_LOWER}+|{_ONE}{_UPPER}+{_LOWER}*|\\p{{N}}|{_SLASHES}{_TAIL}",  # Mistral
    }
)
"""Patterns by which texts are cut; each ends a piece before a space between two other characters,
and covers every character.
"""
_ASCII = {
    "L": "A-Za-z",
    "N": "0-9",
    "Lu": "A-Z",
    "Ll": "a-z",
    "Lt": "",
    "Lm": "",
    "Lo": "",
    "M": "",
}
"""What a Unicode category holds of ASCII."""
_CATEGORY = re.compile(r"\\p\{(\w+)\}")
_CUT = re.compile(r" (?<=\S )(?=\S)")
_DOUBLE = ("  ", "\n ", " \n")
_RARE = "\t\r\v\f\x1c\x1d\x1e\x1f"
"""White space of ASCII that texts seldom have."""
_WIDE = "\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
"""White space beyond ASCII."""
_PLAIN = re.compile(r"[ -~\t\n\r]*\Z")
_BYTES = str.maketrans({" ": "Ġ", "\n": "Ċ", "\t": "ĉ", "\r": "č"})
"""How byte-level vocabularies write what has no sign of its own (GPT-2's table)."""
MOST = 1 << 20
"""Words and pieces that are remembered."""


def _even(text: str) -> bool:
    """Whether `str.split` finds the cuts of a text: each of its spaces stands between two other
    characters. No is said of some texts of which it holds.
    """
    if text[:1] == " " or text[-1:] == " ":
        return False
    for two in _DOUBLE:
        if two in text:
            return False
    return all(one not in text for one in (_RARE if text.isascii() else _RARE + _WIDE))


def _opening(texts: Sequence[str]) -> str:
    """What all texts begin with, up to a cut; '' if there is none in it.

    >>> _opening(["Be short. Why me?", "Be short. Why not?"])
    'Be short.'
    """
    if len(texts) < _FEW:
        return ""
    one, other = min(texts), max(texts)
    differ = (n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b)
    common = one[: next(differ, min(len(one), len(other)))]
    last = [match.start() for match in _CUT.finditer(common)][-1:]
    return common[: last[0]] if last else ""


_FEW = 2


def ascii_pattern(pattern: str) -> re.Pattern[str]:
    r"""A pattern as Python's `re` has it, for texts of ASCII alone.

    >>> ascii_pattern(r"[^\s\p{L}]+|\p{Lu}").pattern
    '[^\\sA-Za-z]+|[A-Z]'
    """
    parts, inside = [], False
    for part in re.split(r"(\\p\{\w+\}|\\.|[\[\]])", pattern):
        inside = part == "[" or (inside and part != "]")
        found = _CATEGORY.fullmatch(part)
        letters = _ASCII[found[1]] if found else ""
        parts.append(part if not found else letters if inside else f"[{letters}]")
    return re.compile("".join(parts))


def cuts(tokenizer: Tokenizer) -> list[re.Pattern[str]] | None:
    """The patterns by which a tokenizer cuts ASCII, one after the other; None if its words cannot
    be told to be independent.
    """
    from tokenizers.models import BPE

    model, before = tokenizer.model, tokenizer.pre_tokenizer
    normal = _spec(tokenizer.normalizer)
    if (
        not isinstance(model, BPE)
        or before is None
        or model.dropout
        or model.continuing_subword_prefix
        or model.end_of_word_suffix
        or normal.get("type", "NFC") != "NFC"
        or not _apart(tokenizer, normalised=bool(normal))
        or any(step.get("trim_offsets") for step in _steps(_spec(tokenizer.post_processor)))
    ):
        return None
    return _patterns(_steps(_spec(before)))


def _spec(part: Any) -> dict[str, Any]:
    """What a part of a tokenizer says of itself; {} if there is no such part."""
    found: dict[str, Any] = json.loads(part.__getstate__()) if part else {}
    return found


def _steps(spec: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] | None = spec.get("pretokenizers") or spec.get("processors")
    return found or [spec]


def _apart(tokenizer: Tokenizer, *, normalised: bool) -> bool:
    """Whether added tokens are what `Words` finds: in a text as it is, all of them in one pass."""
    added = tokenizer.get_added_tokens_decoder().values()
    later = {token.normalized for token in added}  # looked for in what the others leave
    if len(later) > 1 or (normalised and True in later):
        return False
    return not any(t.lstrip or t.rstrip or t.single_word or " " in t.content for t in added)


def _patterns(steps: Sequence[dict[str, Any]]) -> list[re.Pattern[str]] | None:
    """The patterns of a pre-tokenizer's steps; None if one of them is not known."""
    last = steps[-1] if steps else {}
    if last.get("type") != "ByteLevel" or last.get("add_prefix_space"):
        return None
    found = [_pattern(step) for step in steps[:-1]]
    if last.get("use_regex", True):
        found.append(_GPT2)
    known = [pattern for pattern in found if pattern]
    if len(known) != len(found) or not PATTERNS & set(known):
        return None
    return [ascii_pattern(pattern) for pattern in known]


def _pattern(step: dict[str, Any]) -> str:
    """The pattern of one step, '' if it is not known."""
    if step.get("type") == "Digits":
        return r"\p{N}|[^\p{N}]+" if step.get("individual_digits") else r"\p{N}+|[^\p{N}]+"
    regex = (step.get("pattern") or {}).get("Regex", "")
    whole = step.get("behavior") == "Isolated" and not step.get("invert")
    return regex if step.get("type") == "Split" and whole and regex in PATTERNS else ""


class _Memory(dict[str, tuple[int, ...]]):
    """Texts and their ids, found when they are first asked for."""

    def __init__(self, find: Callable[[str], tuple[int, ...]]) -> None:
        super().__init__()
        self._find = find

    def __missing__(self, text: str) -> tuple[int, ...]:
        found = self[text] = self._find(text)
        return found


class _Numbers(dict[int, int]):
    """Numbers as one object each."""

    def __missing__(self, number: int) -> int:
        self[number] = number
        return number


class Words:
    """A tokenizer that remembers the words it met; of others than `cuts` knows, the tokenizer."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self.tokenizer = tokenizer
        self._patterns = cuts(tokenizer)
        self.exact = self._patterns is not None
        """Whether words are told apart here; then tokens hold every character of a text."""
        decoder = tokenizer.get_added_tokens_decoder()
        self._added = {token.content: n for n, token in decoder.items() if token.content}
        longest_first = sorted(self._added, key=len, reverse=True)
        self.names = re.compile("|".join(map(re.escape, longest_first)) or r"(?!)")
        """Added tokens in a text."""
        firsts = {name[0] for name in self._added}
        self._mark = firsts.pop() if len(firsts) == 1 else ""
        """What every added token begins with, if they begin alike: to look for it is quick."""
        self.known = _Memory(lambda word: self.of(f" {word}"))
        """Word behind a space -> its ids."""
        self.openings = _Memory(self.of)
        """First word of a text -> its ids."""
        self._pieces = _Memory(self._of_piece)
        self._numbers = _Numbers()
        self.encode = lru_cache(1 << 12)(self._whole)

    def _whole(self, text: str) -> Encoding:
        return self.tokenizer.encode(text, add_special_tokens=False)

    def ids(self, texts: Sequence[str]) -> list[list[int]]:
        """Token ids of each text, without special tokens added."""
        if self._patterns is None:
            found = self.tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
            return [encoding.ids for encoding in found]
        return [self._cut(text).ids for text in texts]

    def encoded(self, texts: Sequence[str]) -> Sequence[Tokens]:
        """Each text as the tokenizer would encode it."""
        if self._patterns is None:
            return self.tokenizer.encode_batch(list(texts), add_special_tokens=False)
        opening = _opening(texts)
        return [self._cut(text, opening) for text in texts]

    def begins(
        self, encoded: Sequence[Tokens], texts: Sequence[str], openings: Sequence[str]
    ) -> list[int]:
        """How many tokens each opening has; -1 where these are not the first of the encoded
        text's.
        """
        if self._patterns is None:
            alone = zip(encoded, self.ids(openings), strict=True)
            return [len(ids) if one.ids[: len(ids)] == ids else -1 for one, ids in alone]
        return [self._begins(*each) for each in zip(encoded, texts, openings, strict=True)]

    def _begins(self, encoded: Tokens, text: str, opening: str) -> int:
        if isinstance(encoded, Cut) and text.startswith(opening):
            return encoded.begins(opening)
        ids = self._cut(opening).ids
        return len(ids) if encoded.ids[: len(ids)] == ids else -1

    def _cut(self, text: str, opening: str = "") -> Cut:
        """A text's tokens; its `opening`, which ends before a cut, counts as one word."""
        if max(len(self.known), len(self.openings), len(self._pieces)) > MOST:
            for memory in (self.known, self.openings, self._pieces):
                memory.clear()
        rest = text[len(opening) + 1 :] if opening else text
        even = _even(rest)
        words = rest.split(" ") if even else _CUT.split(rest)
        if opening:
            words.insert(0, opening)
        ids = [*self.openings[words[0]]]
        ids.extend(chain.from_iterable(map(self.known.__getitem__, islice(words, 1, None))))
        return Cut(self, words, ids, text if even else "")

    def of(self, text: str) -> tuple[int, ...]:
        """Ids of a text: added tokens and ASCII are cut here, the rest by the tokenizer."""
        if not text.isascii() or not (text.isprintable() or _PLAIN.match(text)):
            return self._same(self._whole(text).ids)
        if self._mark not in text or not self.names.search(text):
            return self._by_pieces(text)
        found: list[int] = []
        at = 0
        for match in self.names.finditer(text):
            found += [*self._by_pieces(text[at : match.start()]), self._added[match[0]]]
            at = match.end()
        return (*found, *self._by_pieces(text[at:]))

    def _by_pieces(self, text: str) -> tuple[int, ...]:
        patterns = self._patterns or []
        pieces = patterns[0].findall(text)
        for pattern in patterns[1:]:
            pieces = [piece for one in pieces for piece in pattern.findall(one)]
        if len(pieces) == 1:
            return self._pieces[pieces[0]]
        return tuple(chain.from_iterable(map(self._pieces.__getitem__, pieces)))

    def _of_piece(self, piece: str) -> tuple[int, ...]:
        return self._same(t.id for t in self.tokenizer.model.tokenize(piece.translate(_BYTES)))

    def _same(self, ids: Iterable[int]) -> tuple[int, ...]:
        """The ids, each number an object that all texts share: a quarter of the memory and time."""
        return tuple(self._numbers[n] for n in ids)


class Cut:
    """A text's tokens, which it knows by its words."""

    __slots__ = ("_even", "_known", "_lengths", "_words", "ids")

    def __init__(self, known: Words, words: list[str], ids: list[int], even: str = "") -> None:
        self._known, self._words = known, words
        self._even = even
        """The text, if each space behind its first word is a cut."""
        self._lengths: list[int] = []
        self.ids = ids

    def char_to_token(self, at: int) -> int | None:
        """The token that holds the character at a place, None if none does."""
        n = self._word_at(at)
        if n == len(self._words):
            return None
        text, local = self._text(n), at - self._begin(n)
        for match in self._known.names.finditer(text):
            if match.start() <= local < match.end():
                return self._before(n) + len(self._known.of(text[: match.start()]))
        found = self._known.encode(text).char_to_token(local)
        return None if found is None else found + self._before(n)

    def begins(self, opening: str) -> int:
        """How many tokens `opening`, with which the text begins, has by itself; -1 if the text's
        first tokens are others.
        """
        n = self._word_at(len(opening) - 1) if opening else 0
        if n and self._begin(n) == len(opening) - 1:
            n -= 1  # it ends in the space before a word, which by itself belongs to the one before
        ids = self._known.of(opening[self._begin(n) :])
        since = self._before(n)
        return since + len(ids) if tuple(self.ids[since : since + len(ids)]) == ids else -1

    def _word_at(self, at: int) -> int:
        """The word that holds a character, the space before it being part of it."""
        if self._even:
            return self._even.count(" ", len(self._words[0]), at + 1)
        if not self._lengths:
            self._lengths = list(accumulate(map(len, self._words)))
        lengths = self._lengths
        return bisect_right(range(len(lengths)), at, key=lambda n: lengths[n] + n)

    def _begin(self, n: int) -> int:
        if not n:
            return 0
        if self._even:
            return sum(map(len, islice(self._words, n))) + n - 1
        return self._lengths[n - 1] + n - 1

    def _text(self, n: int) -> str:
        return f" {self._words[n]}" if n else self._words[0]

    def _before(self, n: int) -> int:
        """How many tokens come before the word `n`, counted from the nearer end."""
        if not n:
            return 0
        known = self._known.known.__getitem__
        if 2 * n > len(self._words):
            return len(self.ids) - sum(map(len, map(known, self._words[n:])))
        opening = self._known.openings[self._words[0]]
        return len(opening) + sum(map(len, map(known, self._words[1:n])))
