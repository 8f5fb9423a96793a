"""What the families share: how a page's subject, its product and its provider are named in a
question.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from secarch.dedupe.examples import phrases
from secarch.dedupe.examples.outline import Page, Part, Section
from secarch.dedupe.examples.phrases import Phrase
from secarch.text.finder import Finder
from secarch.text.words import runs

_PROVIDERS = (
    ("AWS", re.compile(r"\b(?:AWS|Amazon|arn:aws|aws_\w+|CloudTrail|CloudFormation)\b|AWS::")),
    ("Azure", re.compile(r"\b(?:Azure|Microsoft\.\w+|azurerm_\w+|Entra)\b|\baz \w+")),
    ("Google Cloud", re.compile(r"\b(?:Google Cloud|GCP|gcloud|google_\w+|BigQuery|GKE)\b")),
    ("Kubernetes", re.compile(r"\b(?:Kubernetes|kubectl|Pods?|Kyverno|Helm)\b")),
)
_KNOWN = {
    "azure": "Azure",
    "aws": "AWS",
    "gcp": "Google Cloud",
    "kubernetes": "Kubernetes",
    "google": "Google Cloud",
}
_OUTDATED = Finder(
    r"\b(?:deprecated|retired|archived|previous[- ]versions?|obsolete)\b", re.IGNORECASE
)
_NEWS = Finder(
    r"\b(?:release notes?|what'?s new|change ?log|document(?:ation)? history|roadmap|"
    r"adopters|governance|"
    r"code of conduct|contribut\w+|meeting|minutes|newsletter|blog)\b",
    re.IGNORECASE,
)
_INTERNAL = Finder(
    r"/developer-guide/|/contribut|/development/|/meetings?/|self-assessment|"
    r"/design-documents?/|/adrs?/|authoring|style-?guide|/e2e|testing-framework",
    re.IGNORECASE,
)
_BARE_TOOL = re.compile(
    r"use (?:the |an? )?(?:\w+ ){0,3}(?:cli|sdks?|consoles?|apis?|portal|powershell|gcloud|kubectl|"
    r"terraform|http|java|python|ruby|php|go|net|javascript|c\+\+|rust|kotlin|swift)(?: \(.*\))?$|"
    r"(?:use|run|view|open|access|get) (?:the )?(?:examples?|code|samples?|results?|"
    r"console|ui|dashboard)$",
    re.IGNORECASE,
)
_TIDYING = re.compile(
    r"(?:clean(?: ?up)?|delete|remove|tear down|destroy) (?:up )?(?:the |your |all |any )?(?:\w+ )?"
    r"(?:resources?|projects?|examples?|samples?|tutorials?|demo|cluster|environment)$",
    re.IGNORECASE,
)
_ADVICE_FOR = re.compile(
    r"\b(?:practices|recommendations|guidance|checklist|considerations|strategies|guide|"
    r"perspective)s? "
    r"(?:for|in|of|on) (.+)$",
    re.IGNORECASE,
)
_NOT_NAMES = re.compile(
    r"^(?:note|important|warning|tip|caution|example|step|phase|day|part|section|option|"
    r"yes|no|default|other|others|all|"
    r"none|the|this|it|overview|summary|description|notes?|see|name|type|value|total|general)\b",
    re.IGNORECASE,
)


def outdated(page: Page, section: Section) -> bool:
    """True if the page or a heading says that it is no longer valid, or news rather than
    knowledge.
    """
    said = " / ".join((page.title, section.heading, *section.path))
    url = page.document.url
    return _OUTDATED.search(f"{url} {said}") or _NEWS.search(said) or _INTERNAL.search(url)


def provider(page: Page, *texts: str) -> str:
    """'AWS', 'Azure', 'Google Cloud' or 'Kubernetes', as most of the texts say; '' if none does."""
    if texts and (known := _KNOWN.get(texts[-1].lower())):
        return known
    text = " ".join(texts)[:6000]
    counts = [(len(pattern.findall(text)), name) for name, pattern in _PROVIDERS]
    best = max(counts)
    return best[1] if best[0] else _of_product(page.product)


@lru_cache(maxsize=256)
def _of_product(product: str) -> str:
    return next((name for name, pattern in _PROVIDERS if pattern.search(product)), "")


def on_provider(name: str, told: str) -> str:
    """' on AWS', or '' if the text that it is beside says so already."""
    return f" on {name}" if name and name.lower().split()[0] not in told.lower() else ""


def in_product(page: Page, told: str) -> str:
    """' in Amazon S3', or '' if there is no product or `told` names it."""
    return f" in {page.product}" if page.product and not names(told, page.product) else ""


def names(told: str, name: str) -> bool:
    """True if most of the name's words are in `told`."""
    wanted = _words(name) - {"the", "and", "aws", "amazon", "azure", "microsoft"}
    if not wanted:
        return name.lower() in told.lower()
    return len(wanted & _words(told)) >= 0.6 * len(wanted)


@lru_cache(maxsize=1024)
def _words(text: str) -> frozenset[str]:
    return frozenset(runs(text.lower()))


def phrase(page: Page, heading: str) -> Phrase:
    """The heading as language."""
    return phrases.read(heading, page.casing)


def do_of(page: Page, heading: str) -> str:
    """'rotate a key' for 'Rotating a key', 'How to rotate a key' or 'Rotate a key'; '' for
    anything else.
    """
    return _remembered(page, f"do {heading}", _do_of, heading)


def _remembered(page: Page, key: str, reader: Callable[[Page, str], str], heading: str) -> str:
    if key not in page.memo:
        page.memo[key] = reader(page, heading)
    return page.memo[key]


def _do_of(page: Page, heading: str) -> str:
    read = phrase(page, heading)
    text = read.text if read.form == "do" else ""
    if _BARE_TOOL.match(text) or _TIDYING.match(text):
        return ""
    if not 2 <= len(text.split()) <= 14 or re.search(r"[:;?!\"\[\]{}|()]|\.\s|, ", text):
        return ""
    return (
        ""
        if re.search(
            r"\b(?:this|these|following|above|below|next|module|lab|exercise)\b|\bstep\b|"
            r"\bthe (?:migration|process|procedure|project|sample|demo|tutorial|example|"
            r"app|script|code)\b",
            text,
        )
        else text
    )


def noun_of(page: Page, heading: str) -> str:
    """'key rotation' for 'Key rotation'; '' if the heading is not a short noun phrase."""
    return _remembered(page, f"noun {heading}", _noun_of, heading)


def _noun_of(page: Page, heading: str) -> str:
    read = phrase(page, heading)
    text = read.text
    if (
        read.form != "thing"
        or not 1 <= len(text.split()) <= 8
        or re.search(r"[:;?!\"\[\]{}|()/]|\.\s|, | - ", text)
    ):
        return ""
    return (
        ""
        if _NOT_NAMES.match(text) or re.fullmatch(r"[\W\d]*|\w+(?:ize|ise|ify)\b.*", text)
        else text
    )


def topic_of(page: Page) -> str:
    """The page's subject as a noun phrase: 'Azure Front Door' of 'Best practices for Azure Front
    Door'.
    """
    return _remembered(page, "topic", _topic_of, page.title)


def _topic_of(page: Page, _: str) -> str:
    title = re.sub(r"\s*\((?:preview|classic|console|cli)\)$", "", page.title, flags=re.IGNORECASE)
    title = re.sub(r"\s+cheat sheet$", "", title, flags=re.IGNORECASE)
    if found := _ADVICE_FOR.search(title):
        title = found[1]
    read = phrase(page, title)
    if read.form == "do" and len(read.text.split()) <= 12:
        return read.noun
    return noun_of(page, title)


def about(page: Page, told: str) -> str:
    """' for Azure Front Door' or ' when creating a bucket': the page's subject, unless `told`
    names it.
    """
    topic = topic_of(page)
    if not topic or names(told, topic) or len(topic.split()) > 7:
        return in_product(page, told)
    doing = topic.split()[0].endswith("ing") and phrase(page, page.title).form == "do"
    named = re.search(r"\b(?:Azure|AWS|Amazon|Google|Microsoft|[A-Z][a-z]+[A-Z]\w+)\b", topic)
    return (
        (" when " if doing else " for ") + topic + ("" if named else in_product(page, told + topic))
    )


def quotable(text: str, longest: int = 45) -> bool:
    """True for a text that can stand in quotation marks inside a question."""
    return (
        not re.search(r"[\"\[\]{}<>|]|%", text)
        and "\n" not in text
        and "`" not in text[:1]
        and 2 <= len(text.split()) <= longest
    )


def head(parts: list[Part], most: int) -> list[Part]:
    """The first parts, up to `most` words; at least one."""
    out: list[Part] = []
    total = 0
    for part in parts:
        if out and total + part.words > most:
            break
        out.append(part)
        total += part.words
    return out


def told(section: Section, most: int) -> list[tuple[str, list[Part]]]:
    """The section's own text and what is below it under its heading, up to `most` words.

    What is under "Do" and under "Don't" reads alike, so a heading is never lost.
    """
    own = head(section.parts, most) if section.parts else []
    blocks: list[tuple[str, list[Part]]] = [("", own)]
    total = sum(part.words for part in own)
    for below in section.below:
        parts = below.every_part()
        size = sum(part.words for part in parts)
        if not parts or any(deeper.parts for deeper in below.below) or total + size > most:
            break
        blocks.append((below.heading.rstrip(".:?*"), parts))
        total += size
    return blocks


def listed(names_: list[str]) -> str:
    """'A, B and C'."""
    return " and ".join(filter(None, (", ".join(names_[:-1]), names_[-1])))
