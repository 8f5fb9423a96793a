"""Token ids of many texts, each run of characters between spaces tokenised once.

Byte-level tokenizers cut a text by a pattern before they look anything up, and that cut takes nine
tenths of their time. The patterns of today's models all cut before a space that stands between
two other characters, so that a text's tokens are those of its words one after the other, and a word
met before is a look-up. Which tokenizers that holds for is read from their own description; of any
other nothing is assumed, and it is asked as ever. A test holds both ways equal.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import accumulate, chain, islice
from typing import TYPE_CHECKING, Protocol, TypeVar

from secarch.models.word_patterns import cuts

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer


class Tokens(Protocol):
    """What is asked of a tokenised text."""

    @property
    def ids(self) -> list[int]:
        """Its token ids."""

    def char_to_token(self, at: int, /) -> int | None:
        """The token that holds the character at a place, None if none does."""


_CUT = re.compile(r" (?<=\S )(?=\S)")
_RARE = "\v\f\x1c\x1d\x1e\x1f"
"""White space of ASCII that texts seldom have."""
_WIDE = "\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
"""White space beyond ASCII."""
_PLAIN = re.compile(r"[ -~\t\n\r]*\Z")
_BYTES = str.maketrans({" ": "Ġ", "\n": "Ċ", "\t": "ĉ", "\r": "č"})
"""How byte-level vocabularies write what has no sign of its own (GPT-2's table)."""
MOST = 1 << 20
"""Words and pieces that are remembered."""


_HELD = "\x00"
"""Stands for a space that is no cut; a text that has it is asked as a whole."""


def _held(text: str) -> str:
    """A text with `_HELD` for every space that is no cut, so that `str.split` finds the cuts: at
    its ends, or beside other white space. '' where white space is in it that texts seldom have.

    >>> _held("a  b c").replace(_HELD, "_")
    'a__b c'
    """
    if any(one in text for one in (_RARE if text.isascii() else _RARE + _WIDE)):
        return ""
    text = text.replace("  ", 2 * _HELD).replace(f"{_HELD} ", 2 * _HELD)
    for one in "\n\t\r":
        if one in text:
            text = text.replace(f"{one} ", one + _HELD).replace(f" {one}", _HELD + one)
    if text[:1] == " ":
        text = _HELD + text[1:]
    return text[:-1] + _HELD if text[-1:] == " " else text


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


Ids = tuple[int, ...]
_Key = TypeVar("_Key")
_Found = TypeVar("_Found")


class _Memory(dict[_Key, _Found]):
    """What is found when it is first asked for, such as a text's ids."""

    def __init__(self, find: Callable[[_Key], _Found]) -> None:
        super().__init__()
        self._find = find

    def __missing__(self, key: _Key) -> _Found:
        found = self[key] = self._find(key)
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
        self.known = _Memory[str, Ids](lambda word: self.of(f" {word}".replace(_HELD, " ")))
        """Word behind a space -> its ids."""
        self.openings = _Memory[str, Ids](lambda word: self.of(word.replace(_HELD, " ")))
        """First word of a text -> its ids."""
        self._sizes = _Memory[int, int](lambda n: len(tokenizer.id_to_token(n) or ""))
        """Token -> characters that it stands for, if these are ASCII."""
        self._parts = _Memory[str, Ids](self._by_pieces)
        """Text between added tokens -> its ids."""
        self._pieces = _Memory[str, Ids](self._of_piece)
        self._numbers = _Numbers()
        self.encode = lru_cache(1 << 12)(self._whole)

    def _whole(self, text: str) -> Encoding:
        return self.tokenizer.encode(text, add_special_tokens=False)

    def ids(self, texts: Sequence[str]) -> list[list[int]]:
        """Token ids of each text, without special tokens added."""
        if self._patterns is None:
            found = self.tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
            return [encoding.ids for encoding in found]
        return [(self.encode(text) if _HELD in text else self._cut(text)).ids for text in texts]

    def encoded(self, texts: Sequence[str]) -> Sequence[Tokens]:
        """Each text as the tokenizer would encode it."""
        if self._patterns is None:
            return self.tokenizer.encode_batch(list(texts), add_special_tokens=False)
        opening = _opening(texts)
        return [self.encode(text) if _HELD in text else self._cut(text, opening) for text in texts]

    def starts(self, texts: Sequence[str]) -> Iterator[list[int]]:
        """Where in each text, free of added tokens, its tokens begin (characters, ascending)."""
        for text in texts:
            if self.exact and text.isascii() and _HELD not in text:
                sizes = map(self._sizes.__getitem__, self._cut(text).ids)
                yield list(accumulate(sizes, initial=0))[:-1]
            else:
                yield [start for start, _ in self._whole(text).offsets]

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
        (ids,) = self.ids([opening])
        return len(ids) if encoded.ids[: len(ids)] == ids else -1

    def _cut(self, text: str, opening: str = "") -> Cut:
        """A text's tokens; its `opening`, which ends before a cut, counts as one word."""
        memories = (self.known, self.openings, self._parts, self._pieces)
        if max(map(len, memories)) > MOST:
            for memory in memories:
                memory.clear()
        rest = text[len(opening) + 1 :] if opening else text
        held = _held(rest)
        words = held.split(" ") if held else _CUT.split(rest)
        if opening:
            words.insert(0, opening)
            held = f"{opening} {held}" if held else ""
        ids = [*self.openings[words[0]]]
        ids.extend(chain.from_iterable(map(self.known.__getitem__, islice(words, 1, None))))
        return Cut(self, words, ids, held)

    def of(self, text: str) -> tuple[int, ...]:
        """Ids of a text: added tokens and ASCII are cut here, the rest by the tokenizer."""
        if not text.isascii() or not (text.isprintable() or _PLAIN.match(text)):
            return self._same(self._whole(text).ids)
        if self._mark not in text or not self.names.search(text):
            return self._by_pieces(text)
        found: list[int] = []
        at = 0
        for match in self.names.finditer(text):
            if at < match.start():
                found += self._parts[text[at : match.start()]]
            found.append(self._added[match[0]])
            at = match.end()
        return (*found, *(self._parts[text[at:]] if at < len(text) else ()))

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

    __slots__ = ("_held", "_known", "_lengths", "_words", "ids")

    def __init__(self, known: Words, words: list[str], ids: list[int], held: str = "") -> None:
        self._known, self._words = known, words
        self._held = held
        """The text as `_held` writes it, in which each space behind the first word is a cut."""
        self._lengths: list[int] = []
        self.ids = ids

    def char_to_token(self, at: int) -> int | None:
        """The token that holds the character at a place, None if none does."""
        n, begin = self._word_at(at)
        if n == len(self._words):
            return None
        text, local = self._text(n), at - begin
        for match in self._known.names.finditer(text):
            if match.start() <= local < match.end():
                return self._before(n) + len(self._known.of(text[: match.start()]))
        found = self._known.encode(text).char_to_token(local)
        return None if found is None else found + self._before(n)

    def begins(self, opening: str) -> int:
        """How many tokens `opening`, with which the text begins, has by itself; -1 if the text's
        first tokens are others.
        """
        n, begin = self._word_at(len(opening) - 1) if opening else (0, 0)
        if n and begin == len(opening) - 1:
            n, begin = self._word_at(begin - 1)  # the space belongs to the word before, by itself
        ids = self._known.of(opening[begin:])
        since = self._before(n)
        return since + len(ids) if tuple(self.ids[since : since + len(ids)]) == ids else -1

    def _word_at(self, at: int) -> tuple[int, int]:
        """The word that holds a character, the space before it being part of it, and where that
        begins.
        """
        if self._held:
            first = len(self._words[0])
            if at >= len(self._held):
                return len(self._words), at
            if 2 * at > len(self._held):
                n = len(self._words) - 1 - self._held.count(" ", max(first, at + 1))
            else:
                n = self._held.count(" ", first, at + 1)
            return n, self._held.rfind(" ", first, at + 1) if n else 0
        if not self._lengths:
            self._lengths = list(accumulate(map(len, self._words)))
        lengths = self._lengths
        n = bisect_right(range(len(lengths)), at, key=lambda n: lengths[n] + n)
        return n, lengths[n - 1] + n - 1 if n else 0

    def _text(self, n: int) -> str:
        word = self._words[n].replace(_HELD, " ")
        return f" {word}" if n else word

    def _before(self, n: int) -> int:
        """How many tokens come before the word `n`, counted from the nearer end."""
        if not n:
            return 0
        known = self._known.known.__getitem__
        if 2 * n > len(self._words):
            return len(self.ids) - sum(map(len, map(known, self._words[n:])))
        opening = self._known.openings[self._words[0]]
        return len(opening) + sum(map(len, map(known, self._words[1:n])))
