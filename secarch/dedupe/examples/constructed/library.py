"""Sentences of sources that explain a kind of fault."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from secarch.dedupe.examples.constructed.finding import Citation
from secarch.dedupe.examples.constructed.template import faults
from secarch.records import Example, Source
from secarch.text.finder import Finder

CITED = 0.2
"""Share of rows that quote a source if there is one."""
SHORTEST, LONGEST = 60, 260
"""Characters of a sentence that is quoted."""
_END = re.compile(r"[.!?](?<=[a-z)][.!?])\s+(?=[A-Z])")
_MARKUP = re.compile(r'[|#<>\[\]*`"]|^\W|:$')
"""What shows that a piece of a page is not a plain sentence."""
_DANGLING = re.compile(
    r"^(?:This|These|Those|It|They|However|Also|Therefore|In addition|For example|Instead)\b"
)
"""Beginnings that lean on the sentence before."""

_CLOUDS = {
    "aws": re.compile(r"aws|amazon", re.IGNORECASE),
    "azure": re.compile(r"azure|microsoft", re.IGNORECASE),
    "gcp": re.compile(r"google|gcp", re.IGNORECASE),
    "kubernetes": re.compile(r"kubernetes|kyverno|helm|docker", re.IGNORECASE),
}
"""Cloud of the code -> what the URL of a page on it holds."""
_SETTING = re.compile(r"[A-Za-z]{2,}(?:[_-][a-z]{2,}|(?<=[a-z])[A-Z][a-z]+)+")
"""Names of settings in code: of several words, in snake, kebab or camel case."""
_PRODUCT = re.compile(
    r"(?<=[\w,] )(?!Amazon\b|Azure\b|Google\b|Cloud\b|Microsoft\b|Kubernetes\b|Docker\b)"
    r"[A-Z][A-Za-z]+\b"
)
"""Words in the middle of a sentence that name something."""


class Library:
    """Which sentences explain which kind of fault; built once, asked for each row."""

    def __init__(self, spans: Sequence[Example]) -> None:
        self._found: defaultdict[str, list[tuple[Citation, Source]]] = defaultdict(list)
        patterns = {
            kind: [Finder(word, re.IGNORECASE) for word in fault.explained]
            for kind, fault in faults().items()
            if fault.explained
        }
        for span in spans:
            if span.url:
                self._take(span, patterns)

    def _take(self, span: Example, patterns: dict[str, list[Finder]]) -> None:
        for text in filter(_is_sentence, _pieces(span.answer)):
            for kind, words in patterns.items():
                if all(word.search(text) for word in words):
                    citation = Citation(text.rstrip("."), span.title.split(" | ")[0], span.url)
                    source = Source(
                        document_id=span.document_id,
                        url=span.url,
                        licence=span.licence,
                        start=span.start,
                        end=span.end,
                    )
                    self._found[kind].append((citation, source))

    def explain(
        self, rng: random.Random, settings: Mapping[str, str], cloud: str, code: str
    ) -> tuple[dict[str, Citation], tuple[Source, ...]]:
        """At most one citation for the faults of a row, by kind, with the passage it is from.

        `settings` holds for each kind the lines that are at fault and those that fix it. The
        sentence names a setting of these lines, is about the cloud of the code, and names no
        product that the code does not have.
        """
        known = [kind for kind in settings if kind in self._found]
        if not known or rng.random() > CITED:
            return {}, ()
        kind = rng.choice(known)
        citation, source = rng.choice(self._found[kind])
        if not fits(citation, cloud, code) or not names(citation.quote, settings[kind]):
            return {}, ()
        return {kind: citation}, (source,)


def fits(citation: Citation, cloud: str, code: str) -> bool:
    """Whether a sentence is about this cloud and about what the code holds."""
    clouds = {name for name, mark in _CLOUDS.items() if mark.search(citation.url)}
    if clouds and cloud not in clouds:
        return False
    given = code.lower()
    return all(
        word.lower() in given or word.upper() == word for word in _PRODUCT.findall(citation.quote)
    )


def names(quote: str, lines: str) -> bool:
    """Whether a sentence names a setting of these lines, be it written in one word or in several.

    >>> names("Set publicly accessible to false.", "publicly_accessible = true")
    True
    >>> names("The service account token is used.", "automountServiceAccountToken: true")
    False
    """
    given = _plain(quote)
    return any(_plain(word) in given for word in _SETTING.findall(lines))


def _plain(text: str) -> str:
    return "".join(filter(str.isalnum, text.lower()))


def _pieces(text: str) -> Iterator[str]:
    """What stands between the ends of sentences and lines."""
    for line in text.split("\n"):
        at = 0
        for mark in _END.finditer(line):
            yield line[at : mark.start() + 1].strip()
            at = mark.end()
        yield line[at:].strip()


def _is_sentence(text: str) -> bool:
    """Whether a piece of a page can stand alone as a quotation."""
    whole = text[:1].isupper() and text.endswith(".") and SHORTEST <= len(text) <= LONGEST
    return whole and not _DANGLING.match(text) and not _MARKUP.search(text)
