"""Words of a site's controls that are among a page's text: buttons, votes, names of languages."""

from __future__ import annotations

import itertools
import re

from lxml import html

from secarch.harvest.extract.markup import HEADINGS, characters

_NOISE = re.compile(
    r"(?:cop(?:y|ied)!?(?: (?:code|link|to clipboard|as markdown|page))?"
    r"|edit (?:this page|on github)(?: on github)?|view (?:page )?source|suggest (?:an )?edits?"
    r"|report (?:an |this )?(?:issue|page)"
    r"|was this (?:page|article|topic|section|document)? ?(?:helpful|useful)\??(?: ?yes ?/? ?no)?"
    r"|did (?:this|the) (?:page|article|topic|section) help(?: you)?\?(?:\W+(?:yes|no))*"
    r"|(?:last )?(?:updated|modified|edited)(?: on| at|:)? .{0,30}(?:\bago|\b\d{4}).{0,12}"
    r"|last (?:updated|modified|edited)(?: on| at|:)?"
    r" (?:\w{3,9}\.? \d{1,2}|\d{1,2} \w{3,9})\b.{0,90}"
    r"|topic revision: r\d.{0,80}|this page was last (?:edited|modified|updated).{0,60}"
    r"|\[(?:source|src|edit|view|hide|show)\]|document conventions"
    r"|(?:yes|no|print|share|download pdf|feedback|send feedback|back to top"
    r"|skip to (?:main )?content"
    r"|on this page|in this article|table of contents|show (?:more|less)|expand all|collapse all"
    r"|(?:continue|keep) reading.{0,3}|read (?:more|on|the full (?:story|article|post)).{0,3}"
    r"|(?:view|see|show) (?:all|more)|learn more|post (?:a )?reply|min(?:ute)?s? read"
    r"|pdf version|print(?:er)?[- ]friendly(?: version)?|unsubscribe|back to (?:the )?\w{1,20}"
    r"|view (?:this (?:e-?mail|message) )?in (?:your |a )?browser|\d(?:\.\d)?x"
    r"|thank you for your feedback[.!]?|open in new tab|listen|advertisement|loading\.*))"
)
"""A whole element that says only this, in lower case, is part of the site and not of the text. A
pattern that ignores case would try each of its words at each element; this one looks at a letter.
"""
_NOISE_STARTS = frozenset(
    {
        *("[e", "[h", "[s", "[v", "ad", "ba", "cl", "co", "di", "do", "ed", "ex", "fe", "in"),
        *("ke", "la", "le", "li", "lo", "mi", "mo", "no", "on", "op", "pd", "po", "pr", "re"),
        *("se", "sh", "sk", "su", "ta", "th", "to", "un", "up", "vi", "wa", "ye"),
        *(f"{digit}{mark}" for digit in "0123456789" for mark in ".x"),
    }
)
"""The first two letters of all that `_NOISE` matches; most elements begin otherwise."""
_ARCHIVE = re.compile(
    r"(?:previous|next) message\b|messages? sorted by\b"
    r"|more information about the \S+ mailing list",
    re.IGNORECASE,
)
"""What the archives of mailing lists say around a message."""
_CARDS = frozenset({"article", "div", "li", "section"})
_CONTROL = 120
"""Characters below which an element may be a control, or the date of a change with its words."""
_LONG = 300
"""Characters at the start of an element from which it is no control, however many are spaces."""
_INLINE = frozenset({"a", "span", "small", "label"})
_WORDS = re.compile(r"\w{2}")
_RUNS_ON = re.compile(r"[.,;:!?)]|\s+\w")
_LEAST_CARDS = 3
_EMPTY_END = re.compile(
    r"(?:(?:give|send|page|your)? ?feedback|in this article|on this page|was this .{0,20}helpful\W*"
    r"|additional resources|need help\W*|rate this .{0,20}|comments?|share)",
    re.IGNORECASE,
)
_LANGUAGE_LABEL = frozenset({"lang", "language", "code-lang", "code-language", "codeblock-lang"})
_HEAD_OF_CODE = 80
"""Characters of a bar above a code block: its language, and what its buttons say."""


def drop_noise(main: html.HtmlElement) -> None:
    """Take out elements that say only what a control of the site says."""
    for element in list(main.iter("p", "div", "span", "a", "li", "label", "small")):
        if len(element) > 2 or element is main or element.getparent() is None:
            continue
        if len(element.text or "") > _LONG:
            continue
        whole = element.text_content() if len(element) else element.text or ""
        text = " ".join(whole.split())
        short = text[:2].lower() in _NOISE_STARTS and len(text) < _CONTROL
        noise = short and _NOISE.fullmatch(text.lower())
        if not noise and not (element.tag == "li" and _ARCHIVE.match(text)):
            continue
        if element.tag in _INLINE and _is_within_text(element):
            continue
        around = itertools.takewhile(lambda a: a is not main, element.iterancestors())
        if not any(a.tag in {"pre", "table", "p"} for a in around):
            element.drop_tree()


def _is_within_text(element: html.HtmlElement) -> bool:
    """Whether words stand before or behind an inline element, whose own are part of them then."""
    previous, parent = element.getprevious(), element.getparent()
    before = parent.text if previous is None else previous.tail
    return bool(_WORDS.search(before or "") or _RUNS_ON.match(element.tail or ""))


def drop_teasers(main: html.HtmlElement) -> None:
    """Take out rows of three or more cards whose headings lead elsewhere, if they are less than
    half of the text: a page of nothing else is an index and its own text.
    """
    cards: dict[html.HtmlElement, list[html.HtmlElement]] = {}
    for heading in main.iter(*HEADINGS):
        if not _leads_away(heading):
            continue
        card = heading.getparent()
        while card is not None and card is not main and card.tag not in _CARDS:
            card = card.getparent()
        if card is not None and card is not main and card.getparent() is not None:
            cards.setdefault(card.getparent(), []).append(card)
    for row in cards.values():
        small = 2 * sum(map(characters, row)) < characters(main)
        if len(row) >= _LEAST_CARDS and small and len({card.tag for card in row}) == 1:
            for card in row:
                card.drop_tree()


def drop_cards(main: html.HtmlElement) -> None:
    """Take out links that hold a heading or blocks, as previews of other pages do, if they are less
    than half of the text.
    """
    cards = [a for a in main.iter("a") if (a.get("href") or "#")[0] != "#" and _is_card(a)]
    if cards and 2 * sum(map(characters, cards)) < characters(main):
        for card in cards:
            card.drop_tree()


def _is_card(link: html.HtmlElement) -> bool:
    return not any(a.tag in HEADINGS for a in link.iterancestors()) and any(
        characters(part) for part in link.iter("div", "p", *HEADINGS)
    )


def _leads_away(heading: html.HtmlElement) -> bool:
    links = [a for a in heading.iter("a") if not (a.get("href") or "").startswith("#")]
    links += [a for a in heading.iterancestors("a") if not (a.get("href") or "").startswith("#")]
    return bool(links) and characters(links[0]) >= characters(heading) > 0


def drop_empty_ends(main: html.HtmlElement) -> None:
    """A heading such as "Feedback" whose form is gone heads nothing."""
    for heading in reversed(list(main.iter(*HEADINGS))):
        text = " ".join(heading.text_content().split())
        if heading is not main and _EMPTY_END.fullmatch(text) and _heads_nothing(heading, main):
            heading.drop_tree()


def _heads_nothing(heading: html.HtmlElement, main: html.HtmlElement) -> bool:
    for element in (heading, *heading.iterancestors()):
        if element is main:
            break
        if (element.tail or "").strip():
            return False
        for after in element.itersiblings():
            if after.tag in HEADINGS:
                return True
            if characters(after):
                return False
    return True


def drop_name(block: html.HtmlElement) -> None:
    """The name of a language that a theme draws in a corner of the code is not text."""
    for element in block.itersiblings(preceding=True):
        short = characters(element) <= _HEAD_OF_CODE
        for name in list(element.iter("span", "div", "p")) if short else ():
            classes = (name.get("class") or "").lower().split()
            if len(name) == 0 and not _LANGUAGE_LABEL.isdisjoint(classes):
                name.drop_tree()
        return
