"""Words tokenised once each give what the tokenizer gives: every id, and each place's token."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from tokenizers import (
    AddedToken,
    Regex,
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)

from secarch.models.word_patterns import PATTERNS, ascii_pattern, cuts
from secarch.models.words import _CUT, _HELD, MOST, Words, _held, _opening

LEARNT = [
    "Rotate keys each quarter, don't share them; it's 2026.\n\nUse MFA (always)!",
    "def f(x):\n    return x['a'] + 100\n\t# naïve café — “quoted”\r\n",
    "HTTPServer runs IAMRole checks, I'll see   three spaces and 日本語 text.",
] * 4
PARTS = (
    *"aZ9'.,!(/\\ é日—“\u017f\u212aǅ",
    *(
        "  ",
        "\n",
        "\n\n",
        "\t",
        "\r\n",
        "\u00a0",
        "\u3000",
        "\x1c",
        "\x85",
        "\u200b",
        "\u0301",
        "🔑",
    ),
    *(" a", "a ", "don't", " I'LL", "1234", "HTTPServer", "](https://a.b/c)", "|--|", "e\u0301"),
    *("<|x|>", "<|y|>", " <|x|> ", "<|x|><|y|>", "<|x", "|>"),
)


def built(
    before: Any, normal: Any = None, added: Sequence[str | AddedToken] = ("<|x|>", "<|y|>")
) -> Tokenizer:
    """A byte-level tokenizer that cuts as `before` says."""
    made = Tokenizer(models.BPE(ignore_merges=False))
    if normal is not None:
        made.normalizer = normal
    made.pre_tokenizer = before
    made.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=400,
        show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        special_tokens=[t for t in added if isinstance(t, str)],
    )
    made.train_from_iterator(LEARNT, trainer)
    made.add_special_tokens([t for t in added if isinstance(t, AddedToken)])
    return made


def by_pattern(pattern: str) -> Any:
    split = pre_tokenizers.Split(Regex(pattern), behavior="isolated")
    return pre_tokenizers.Sequence(
        [split, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]
    )


def by_digits(*, each: bool) -> Any:
    """SmolLM and StarCoder cut digits off before the older pattern cuts the rest."""
    level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    return pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=each), level])


KNOWN: dict[str, Callable[[], Tokenizer]] = {
    **{f"pattern {n}": lambda p=p: built(by_pattern(p)) for n, p in enumerate(sorted(PATTERNS))},
    "gpt2": lambda: built(pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)),
    "each digit": lambda: built(by_digits(each=True)),
    "digits": lambda: built(by_digits(each=False)),
    "nfc": lambda: built(by_pattern(max(PATTERNS)), normalizers.NFC()),
    "later tokens": lambda: built(
        by_pattern(min(PATTERNS)),
        added=[AddedToken(text, normalized=True) for text in ("<|x|>", "<|x", "\n\n")],
    ),
}


@pytest.mark.parametrize("name", KNOWN)
def test_ids_and_places_equal_the_tokenizers_own(name: str) -> None:
    """Random texts of letters, marks, digits, white space of every kind and control tokens."""
    tokenizer, rng = KNOWN[name](), random.Random(name)
    words = Words(tokenizer)
    assert words.exact
    texts = ["", " ", "a", *("".join(rng.choices(PARTS, k=rng.randint(1, 30))) for _ in range(80))]
    texts += [" ".join(rng.choices(PARTS, k=12)) for _ in range(50)]
    theirs = tokenizer.encode_batch(texts, add_special_tokens=False)
    ours = words.encoded(texts)
    assert [one.ids for one in ours] == [one.ids for one in theirs]
    assert words.ids(texts) == [one.ids for one in theirs]
    for text, mine, own in zip(texts, ours, theirs, strict=True):
        places = range(len(text) + 2)
        assert [mine.char_to_token(n) for n in places] == [own.char_to_token(n) for n in places]


@pytest.mark.parametrize("name", ["pattern 0", "gpt2", "nfc"])
def test_a_beginning_is_counted_as_if_it_stood_alone(name: str) -> None:
    """The tokens of a prompt by itself, and -1 where the whole text begins with others."""
    tokenizer, rng = KNOWN[name](), random.Random(name)
    words = Words(tokenizer)
    wholes = ["".join(rng.choices(PARTS, k=20)) for _ in range(60)]
    cut = [(text, text[: rng.randint(0, len(text))]) for text in wholes for _ in range(4)]
    texts, openings = [text for text, _ in cut], [opening for _, opening in cut]
    openings[0] = "another beginning"
    found = words.begins(words.encoded(texts), texts, openings)
    ids = [tokenizer.encode(text, add_special_tokens=False).ids for text in texts]
    alone = [tokenizer.encode(text, add_special_tokens=False).ids for text in openings]
    pairs = zip(ids, alone, strict=True)
    assert found == [len(a) if whole[: len(a)] == a else -1 for whole, a in pairs]
    assert -1 in found


LLAMA = next(pattern for pattern in PATTERNS if "{1,3}" in pattern and "Lu" not in pattern)


def trimming(after: Any) -> Tokenizer:
    made = built(by_pattern(LLAMA))
    made.post_processor = after
    return made


UNKNOWN: dict[str, Callable[[], Tokenizer]] = {
    "words with a mark": lambda: built(pre_tokenizers.Metaspace()),
    "a prefix space": lambda: built(pre_tokenizers.ByteLevel(add_prefix_space=True)),
    "another pattern": lambda: built(by_pattern(r"\w+ ?|\W+")),
    "no byte level": lambda: built(pre_tokenizers.Split(Regex(LLAMA), behavior="isolated")),
    "lower case": lambda: built(by_pattern(LLAMA), normalizers.Lowercase()),
    "several changes": lambda: built(
        by_pattern(LLAMA), normalizers.Sequence([normalizers.NFC(), normalizers.Lowercase()])
    ),
    "a token that takes the space": lambda: built(
        by_pattern(LLAMA), added=[AddedToken("<|x|>", rstrip=True)]
    ),
    "a token that takes the space before": lambda: built(
        by_pattern(LLAMA), added=[AddedToken("<|x|>", lstrip=True)]
    ),
    "a token that is a word": lambda: built(
        by_pattern(LLAMA), added=[AddedToken("<|x|>", single_word=True)]
    ),
    "a token with a space": lambda: built(by_pattern(LLAMA), added=["<|x y|>"]),
    "tokens of which some are looked for later": lambda: built(
        by_pattern(LLAMA),
        added=[AddedToken("<|x|>", normalized=True), AddedToken("x|>", normalized=False)],
    ),
    "a token that is looked for in changed text": lambda: built(
        by_pattern(LLAMA), normalizers.NFC(), [AddedToken("<|x|>", normalized=True)]
    ),
    "white space that no token holds": lambda: trimming(processors.ByteLevel(trim_offsets=True)),
    "white space that one of two steps takes away": lambda: trimming(
        processors.Sequence([processors.ByteLevel(trim_offsets=True)])
    ),
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_of_other_tokenizers_nothing_is_assumed(name: str) -> None:
    """They are asked as ever, and their answer is passed on."""
    tokenizer = UNKNOWN[name]()
    words, texts = Words(tokenizer), ["Rotate <|x|> keys.", "Rotate keys. Use MFA", "a <|x y|> b"]
    assert not words.exact
    assert cuts(tokenizer) is None
    theirs = tokenizer.encode_batch(texts, add_special_tokens=False)
    assert words.ids(texts) == [one.ids for one in theirs]
    assert [one.ids for one in words.encoded(texts)] == [one.ids for one in theirs]
    assert words.begins(theirs, texts, [texts[0], texts[0], ""]) == [len(theirs[0].ids), -1, 0]


@pytest.mark.parametrize("change", [{"dropout": 0.1}, {"continuing_subword_prefix": "##"}])
def test_a_model_that_is_not_plain_is_left_alone(change: dict[str, Any]) -> None:
    """With dropout a word has other tokens each time; with a prefix its place matters."""
    tokenizer = built(by_pattern(LLAMA))
    assert cuts(tokenizer) is not None
    for name, value in change.items():
        setattr(tokenizer.model, name, value)
    assert cuts(tokenizer) is None


def test_a_word_is_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second text of the same words asks for nothing; a full memory is emptied and refilled."""
    words = Words(built(by_pattern(LLAMA)))
    first = words.ids(["Use keys, use keys"])
    assert sorted(words.known) == ["keys", "keys,", "use"]
    monkeypatch.setattr("secarch.models.words.MOST", 1)
    assert words.ids(["Use keys, use keys"]) == first
    assert words.ids(["Use MFA"]) == [words.tokenizer.encode("Use MFA").ids]
    assert list(words.known) == ["MFA"]
    assert MOST > 100_000


def test_texts_are_cut_where_every_pattern_ends_a_piece() -> None:
    """A space between two other characters; not one beside white space of any kind."""
    assert _CUT.split("a b  c\n d\te f ") == ["a", "b  c\n d\te", "f "]
    space = Tokenizer(models.BPE())
    space.pre_tokenizer = pre_tokenizers.Split(Regex(r"\s+"), behavior="removed")
    every = "".join(map(chr, [*range(1, 0xD800), *range(0xE000, 0x11000)]))
    kept = "".join(text for text, _ in space.pre_tokenizer.pre_tokenize_str(every))
    theirs = set(every) - set(kept)
    assert theirs <= {one for one in every if one.isspace()}  # what they call space, we do


def test_a_pattern_is_translated_for_ascii() -> None:
    """Categories become ranges, inside brackets and out of them."""
    assert ascii_pattern(r"[^\s\p{L}\p{N}]+|\p{Lu}\p{N}|[\]\p{M}a]").pattern == (
        r"[^\sA-Za-z0-9]+|[A-Z][0-9]|[\]a]"
    )


def test_a_plain_split_finds_the_cuts() -> None:
    """Whatever white space stands where; only of white space that texts seldom have nothing is
    said.
    """
    rng = random.Random(5)
    texts = ["".join(rng.choices(PARTS, k=rng.randint(1, 9))) for _ in range(4000)]
    texts += ["".join(rng.choices("a \n\t\ré", k=rng.randint(1, 9))) for _ in range(4000)]
    told = [text for text in texts if _held(text)]
    for text in told:
        assert _held(text).replace(_HELD, " ") == text
        assert [w.replace(_HELD, " ") for w in _held(text).split(" ")] == _CUT.split(text)
    assert len(told) > 6000
    for blank in map(chr, range(0x3001)):
        if blank.isspace() and blank not in " \n\t\r":
            assert not _held(f"a{blank}b")
    assert _held(" a b  c ") == f"{_HELD}a b{_HELD}{_HELD}c{_HELD}"


@pytest.mark.parametrize("name", ["pattern 0", "gpt2"])
def test_a_text_with_the_sign_of_held_spaces_is_asked_as_a_whole(name: str) -> None:
    """Its tokens are those of the sign, not of a space, also where words of both are known."""
    tokenizer = KNOWN[name]()
    words = Words(tokenizer)
    texts = ["use a  b now", f"use a{_HELD}{_HELD}b now", f"{_HELD} x", "  x"]
    theirs = [tokenizer.encode(text, add_special_tokens=False) for text in texts]
    assert [one.ids for one in words.encoded(texts)] == [one.ids for one in theirs]
    assert words.ids(texts) == [one.ids for one in theirs]
    assert list(words.starts(texts)) == [[start for start, _ in one.offsets] for one in theirs]
    assert words.begins(words.encoded(texts), texts, [text[:1] for text in texts]) == [
        len(a) if one.ids[: len(a)] == a else -1
        for one, a in zip(theirs, words.ids([text[:1] for text in texts]), strict=True)
    ]


@pytest.mark.parametrize("name", [*KNOWN, "a prefix space", "white space that no token holds"])
def test_where_tokens_begin_equals_the_tokenizers_own(name: str) -> None:
    """In texts of ASCII and others, of tokenizers that are known and not."""
    tokenizer, rng = (KNOWN[name] if name in KNOWN else UNKNOWN[name])(), random.Random(name)
    plain = [part for part in PARTS if "<" not in part and "|" not in part]
    texts = ["", *("".join(rng.choices(plain, k=rng.randint(1, 20))) for _ in range(120))]
    theirs = tokenizer.encode_batch(texts, add_special_tokens=False)
    found = list(Words(tokenizer).starts(texts))
    assert found == [[start for start, _ in one.offsets] for one in theirs]


def test_what_all_texts_begin_with_is_one_word() -> None:
    """Up to a cut that all have; ids and places are those of the whole texts."""
    head = "<|x|>You  are \n an architect. Q: "
    texts = [head + "keys rotate", head + "kept \u00e9 here", head + "k"]
    assert _opening(texts) == head.rstrip()
    assert _opening(["a b", "a bc", "a"]) == ""
    assert _opening(["a b c", "a b c"]) == "a b"
    assert _opening(["a b"]) == ""
    tokenizer = built(by_pattern(min(PATTERNS)))
    words = Words(tokenizer)
    for text, found in zip(texts, words.encoded(texts), strict=True):
        plain = tokenizer.encode(text, add_special_tokens=False)
        assert found.ids == plain.ids
        assert [found.char_to_token(at) for at in range(len(text))] == [
            plain.char_to_token(at) for at in range(len(text))
        ]
        for end in range(len(text)):
            alone = tokenizer.encode(text[:end], add_special_tokens=False).ids
            wanted = len(alone) if plain.ids[: len(alone)] == alone else -1
            assert words.begins([found], [text], [text[:end]]) == [wanted], text[:end]
