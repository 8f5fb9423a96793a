"""Tabs, accordions and other panels of which a browser shows one: every panel under its label."""

from __future__ import annotations

import itertools
import re

from lxml import etree, html

from secarch.harvest.extract.markup import HEADINGS, characters, classes_of, has_class

_PANEL_CLASSES = frozenset(
    {
        *("tab-pane", "tab-panel", "tabpanel", "tabs__panel", "tabbed-block", "sd-tab-content"),
        *("accordion-collapse", "accordion-body", "collapse"),
    }
)
_CANDIDATES = etree.XPath(
    "descendant-or-self::*/@role/.. | descendant-or-self::*/@class[contains(., 'tab')"
    " or contains(., 'accordion') or contains(., 'collapse')]/.."
)
"""What may be a panel or a row of tabs, found without leaving libxml2."""
_PANEL_WORDS = ("tab", "accordion", "collapse")
_ROW_WORDS = ("tab", "Tab")
_HAS_ROLE = etree.XPath("boolean(descendant-or-self::*/@role)")
_TARGETS = etree.XPath(
    "(.//*/@aria-controls | .//*/@data-bs-target | .//*/@data-target)"
    "[parent::button or parent::a or parent::summary or parent::div]",
    smart_strings=False,
)
_NAMED = etree.XPath("descendant-or-self::*[@id]")
SHOWN = "data-shown"
"""Marks what a page shows after a click."""
_CONTROLS = ("aria-controls", "data-bs-target", "data-target", "href", "for")
_CONTROLLED = etree.XPath(
    ".//*[@aria-controls or @data-bs-target or @data-target or starts-with(@href, '#') or "
    "(self::label and @for)]"
)
_TABS = etree.XPath(".//*[@role='tab']")
_ROWS = etree.XPath(
    ".//*[self::div or self::ul or self::nav][contains(@class, 'tab') or contains(@class, 'Tab')]"
    "[.//button or .//label or .//li or .//a]"
)
_SLOTTED = etree.XPath(".//*/@slot[. = 'nav']/parent::*[@panel]")
_ROW_CLASS = re.compile(r"tabs?(?:$|[-_ ])|tab-?(?:nav|bar|list|row)|toolbar", re.IGNORECASE)
_LABEL_LENGTH = 60
_ROW_DISTANCE = 8
"""Elements around a panel within which its row of tabs is: a search up to the root for each of a
thousand nested panels took the cube of their number.
"""
_OPENER_WORDS = ("expand", "collaps", "ccordion", "toggle", "spoiler", "faq")
_OPENERS = etree.XPath(
    ".//*[@class and ("
    + " or ".join(f"contains(@class, '{word}')" for word in _OPENER_WORDS)
    + ")]"
)
_OPENER_CLASS = re.compile(
    r"(?:expand\w*|collaps\w*|accordion|toggle|spoiler|faq)(?:[-_]\w+)*[-_]+"
    r"(?:head(?:er|ing)?|title|control|trigger|label|question|link|summary)(?:$|\s)",
    re.IGNORECASE,
)
_NAMED_BY_ATTRIBUTE = etree.XPath(
    "(.//*/@header | .//*/@heading | .//*/@label | .//*/@summary | .//*/@title)"
    "/parent::*[contains(name(), '-')]"
)


def is_panel(element: html.HtmlElement) -> bool:
    """Whether an element is one of several that are shown in turn."""
    classes = (element.get("class") or "").split()
    return element.get("role") == "tabpanel" or not _PANEL_CLASSES.isdisjoint(classes)


def show(element: html.HtmlElement) -> None:
    """Take away what hides an element, and mark it as text that waits for a click."""
    for state in ("hidden", "aria-hidden", "style"):
        element.attrib.pop(state, None)
    element.set(SHOWN, "")


def head_panels(main: html.HtmlElement) -> None:
    """Write each panel's label above it and show what is hidden; the row of tabs itself goes.

    `<details>` gets its summary as a paragraph, since Markdown has no such thing.
    """
    for tabs in main.iter("awsdocs-tabs"):
        _open_list(tabs)
    _open_admonitions(main)
    _head_slotted(main)
    classes = classes_of(main)
    if any(word in classes for word in _ROW_WORDS):
        _pair_rows(main)
    _open_sections(main, classes)
    some = any(word in classes for word in _PANEL_WORDS) or _HAS_ROLE(main)
    used = _head(main) if some else set()
    _show_controlled(main)
    for control in list(main.iter("button", "label")):
        _keep_title(control)
    for summary in list(main.iter("summary")):
        _as_title(summary)
    rows = [e for e in _CANDIDATES(main) if _is_tab_row(e) or _repeats(e, used)] if some else []
    for tabs in rows:
        if tabs.getparent() is not None and tabs is not main:
            tabs.drop_tree()


def _head(main: html.HtmlElement) -> set[str]:
    """Head the panels that say that they are some; returns their labels."""
    panels = [e for e in _CANDIDATES(main) if is_panel(e)]
    if not panels:
        return set()
    labels = _Labels(main, panels)
    used = set()
    for panel in panels:
        label = labels.of(panel)
        used.add(label)
        show(panel)
        if label and not _begins_with(panel, label) and not _is_titled(panel, label):
            panel.insert(0, _paragraph(label, panel))
    return used


def _pair_rows(main: html.HtmlElement) -> None:
    """A row of n short controls beside n blocks of one kind: tabs that say so in no attribute."""
    for row in _ROWS(main):
        if row.get("role") == "tablist" or not _ROW_CLASS.search(row.get("class") or ""):
            continue
        labels = [" ".join(e.text_content().split()) for e in _controls(row)]
        blocks = _beside(row, len(labels))
        if len(labels) < 2 or not blocks or not all(0 < len(t) <= _LABEL_LENGTH for t in labels):
            continue
        if any(is_panel(e) for e in _CANDIDATES(row) if e is not row):
            continue  # a frame around tabs and panels that name each other
        if characters(row) > sum(map(len, labels)) + _LABEL_LENGTH:
            continue  # it holds more than its controls and a title
        if any(is_panel(block) or block.find(".//*[@role='tab']") is not None for block in blocks):
            continue
        for label, block in zip(labels, blocks, strict=True):
            show(block)
            block.addprevious(_named(label))
        row.drop_tree()


def _head_slotted(main: html.HtmlElement) -> None:
    """Tabs of web components: a control in the slot `nav` names the panel of that name."""
    for control in _SLOTTED(main):
        name, label = control.get("panel"), " ".join(control.text_content().split())
        panel = next((e for e in control.getparent() if e.get("name") == name), None)
        if panel is not None and label:
            show(panel)
            panel.insert(0, _paragraph(label, panel))
            control.drop_tree()


def _controls(row: html.HtmlElement) -> list[html.HtmlElement]:
    for tag in ("button", "label", "li", "a"):
        found = list(row.iter(tag))
        if found:
            return found
    return []


def _beside(row: html.HtmlElement, number: int) -> list[html.HtmlElement]:
    """The blocks that follow a row of so many controls, or the children of the one block that
    does.
    """
    after = [e for e in row.itersiblings() if isinstance(e.tag, str)]
    inner = [e for e in after[0] if isinstance(e.tag, str)] if len(after) == 1 else []
    for blocks in (after, inner):
        if len(blocks) == number and len({block.tag for block in blocks}) == 1:
            return blocks
    return []


def _open_sections(main: html.HtmlElement, classes: str) -> None:
    """Show what a title opens that is known by its class, and what a custom element names in an
    attribute.
    """
    for title in _OPENERS(main) if any(word in classes for word in _OPENER_WORDS) else ():
        if not _OPENER_CLASS.search(title.get("class") or "") or title.tag == "summary":
            continue
        content = next((e for e in title.itersiblings() if e.tag not in {"input", "button"}), None)
        text = " ".join(title.text_content().split()).strip("\u25bc\u25b6\u25be\u25b8+ ")
        if content is None or content.tag in HEADINGS or not text or len(text) > 2 * _LABEL_LENGTH:
            continue
        show(content)
        if title.find(".//button") is None and title.tag not in {"button", *HEADINGS}:
            tail, title_tag = title.tail, "p"
            title.clear()
            title.tag, title.tail = title_tag, tail
            etree.SubElement(title, "strong").text = text
            title.set(SHOWN, "")
    for section in _NAMED_BY_ATTRIBUTE(main):
        label = next(filter(None, map(section.get, ("header", "heading", "label", "summary"))), "")
        label = " ".join((label or section.get("title") or "").split())
        if label and len(section) and not _begins_with(section, label):
            show(section)
            section.insert(0, _paragraph(label, section))


def _open_admonitions(main: html.HtmlElement) -> None:
    """AsciiDoc draws a note as a table of a picture and a text."""
    for table in list(main.iter("table")):
        cells = [cell for cell in table.iter("td", "th") if cell.getparent().tag == "tr"]
        if len(cells) != len(("icon", "content")) or not has_class(cells[0], "icon"):
            continue
        named = next((e.get("title") for e in cells[0].iter() if e.get("title")), None)
        name = named or " ".join(cells[0].text_content().split()) or "Note"
        content, tail = cells[1], table.tail
        content.tag, content.tail = "div", tail
        label = html.fromstring("<p><strong></strong></p>")
        label[0].text = f"{name}:"
        label.tail, content.text = content.text, None
        content.insert(0, label)
        table.getparent().replace(table, content)


def _named(label: str) -> html.HtmlElement:
    paragraph = html.fromstring(f"<p {SHOWN}><strong></strong></p>")
    paragraph[0].text = label
    return paragraph


def _as_title(element: html.HtmlElement) -> None:
    """Make an element a paragraph in bold of its own text."""
    words = " ".join(element.text_content().split())
    tail = element.tail
    element.clear()
    element.tag, element.tail = "p", tail
    etree.SubElement(element, "strong").text = words


def _open_list(tabs: html.HtmlElement) -> None:
    """AWS writes tabs as a hidden list of terms: each is a label, what it defines a panel."""
    for item in list(tabs.iter("dl", "dt", "dd")):
        if item.tag == "dt":
            _as_title(item)
        else:
            item.tag = "div"
            show(item)


def _show_controlled(main: html.HtmlElement) -> None:
    """What a button opens in its place, such as a section of an accordion, is text."""
    names = {name.lstrip("#") for name in _TARGETS(main)} - {""}
    for element in _NAMED(main) if names else ():
        if element.get("id") in names:
            apart = element.get("role") in {"dialog", "menu", "listbox", "navigation"}
            if not apart:
                show(element)


class _Labels:
    """What heads each panel of a main part; what is searched for is searched for once, since a page
    may have thousands of panels.
    """

    def __init__(self, main: html.HtmlElement, panels: list[html.HtmlElement]) -> None:
        self._by_control = _controlled(main)
        self._named: dict[str, html.HtmlElement] = {}
        for element in _NAMED(main):
            if element is not main:
                self._named.setdefault(element.get("id"), element)
        self._places: dict[html.HtmlElement, int] = {}
        numbers: dict[html.HtmlElement | None, int] = {}
        for panel in panels:
            parent = panel.getparent()
            self._places[panel] = numbers.get(parent, 0)
            numbers[parent] = self._places[panel] + 1
        self._rows: dict[html.HtmlElement, list[html.HtmlElement]] = {}

    def of(self, panel: html.HtmlElement) -> str:
        """The label of a panel, or ''."""
        label = self._by_control.get(panel.get("id") or "") or self._by_reference(panel)
        return label or _label_before(panel) or self._by_position(panel)

    def _by_reference(self, panel: html.HtmlElement) -> str:
        name = (panel.get("aria-labelledby") or "").split(" ")[0]
        if not name:
            return panel.get("aria-label") or ""
        found = self._named.get(name)
        return "" if found is None else " ".join(found.text_content().split())

    def _by_position(self, panel: html.HtmlElement) -> str:
        """The n-th tab of the nearest row of tabs is the n-th panel's."""
        at = self._places[panel]
        for ancestor in itertools.islice(panel.iterancestors(), _ROW_DISTANCE):
            if ancestor not in self._rows:
                self._rows[ancestor] = _tabs_in(ancestor)
            if tabs := self._rows[ancestor]:
                return " ".join(tabs[at].text_content().split()) if at < len(tabs) else ""
        return ""


def _controlled(main: html.HtmlElement) -> dict[str, str]:
    """Id of a panel -> what the control says that shows it."""
    found: dict[str, str] = {}
    for control in _CONTROLLED(main):
        text = " ".join(control.text_content().split())
        for key in _CONTROLS:
            name = (control.get(key) or "").lstrip("#")
            if name and text and len(text) <= 120:
                found.setdefault(name, text)
    return found


def _tabs_in(element: html.HtmlElement) -> list[html.HtmlElement]:
    """The tabs of the rows of tabs below an element."""
    return _TABS(element) or [
        item
        for row in element.iter("ul", "ol", "div")
        if any(has_class(row, c) for c in ("nav-tabs", "tabbed-labels", "tabs", "tab-list"))
        for item in row.iter("li", "label")
    ]


def _label_before(panel: html.HtmlElement) -> str:
    """Sphinx-design and pymdownx write input, label and panel side by side."""
    before = panel.getprevious()
    if before is not None and before.tag == "label":
        return " ".join(before.text_content().split())
    return ""


def _is_tab_row(element: html.HtmlElement) -> bool:
    if element.get("role") == "tablist" or has_class(element, "tabbed-labels"):
        return True
    return has_class(element, "nav-tabs") or has_class(element, "sd-tab-label")


def _repeats(row: html.HtmlElement, used: set[str]) -> bool:
    """Whether a list says nothing but the labels that are above their panels by now."""
    if not used:
        return False
    items = row if row.tag in {"ul", "ol"} else row.find("ul")
    texts = [] if items is None else [" ".join(item.text_content().split()) for item in items]
    whole = "".join(row.text_content().split())  # markup may have no space between its items
    same = whole == "".join("".join(texts).split())
    return bool(texts[1:]) and same and used.issuperset(texts)


def _keep_title(control: html.HtmlElement) -> None:
    """A button that opens a section is its title; other buttons go later."""
    opens = control.get("aria-expanded") is not None or control.get("aria-controls")
    within = any(ancestor.tag in HEADINGS for ancestor in control.iterancestors())
    if control.tag == "button" and (within or opens) and control.get("role") != "tab":
        if within:
            control.drop_tag()
        elif control.text_content().strip():
            control.tag = "p"


def _is_titled(panel: html.HtmlElement, label: str) -> bool:
    """Whether a heading or the button of an accordion before a panel says its label already."""
    before = panel.getprevious()
    if before is None or " ".join(before.text_content().split()) != label:
        return False
    return any(
        e.tag in HEADINGS or (e.get("aria-expanded") is not None and e.get("role") != "tab")
        for e in before.iter("button", *HEADINGS)
    )


def _begins_with(panel: html.HtmlElement, label: str) -> bool:
    """Whether the first words of a panel are its label, as a line of their own."""
    for element in panel.iter():
        if isinstance(element.tag, str) and (element.text or "").strip():
            return " ".join(element.text_content().split()) == label
    return False


def _paragraph(label: str, panel: html.HtmlElement) -> html.HtmlElement:
    paragraph = html.fromstring("<p><strong></strong></p>")
    paragraph[0].text = label
    paragraph.tail, panel.text = panel.text, None
    return paragraph
