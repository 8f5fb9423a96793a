"""One self-contained HTML skeleton: stages add sections, never a page of their own.

Every function returns `markupsafe.Markup` and escapes whatever plain text it is given, since
answers, titles and addresses come from models and web sites. A page loads nothing: styles are
inline, plots are inline SVG, and its content security policy forbids any request and any script but
the page's own, by its hash.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from markupsafe import Markup

from secarch import __version__
from secarch.report.hypertext import NOTHING, join, number, text
from secarch.report.plots import bars, forest, histogram, lines, paired

__all__ = [
    "Section",
    "Span",
    "Tone",
    "attributes",
    "badge",
    "badges",
    "bars",
    "beside",
    "bullets",
    "callout",
    "controls",
    "details",
    "difference",
    "forest",
    "heading",
    "histogram",
    "join",
    "lines",
    "marked",
    "number",
    "page",
    "paired",
    "paragraph",
    "quote",
    "table",
    "text",
]

POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "form-action 'none'"
)
Tone = Literal["good", "bad", "unsure", "plain"]
Span = tuple[int, int]

_FIGURE = re.compile(r"(?:[<>] )?[-+\u2212]?\d[\d,.]*(?: ?%)?")


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, what is under it, and an optional sentence between the two."""

    title: str
    body: Markup
    note: str = ""


def page(
    title: str,
    sections: Sequence[Section],
    *,
    lead: Markup | str = "",
    facts: Mapping[str, str] | None = None,
    script: str = "",
) -> str:
    """A whole HTML document: title, lead, facts as a grid of name and value, then the sections.

    `script` is our own JavaScript, never text from elsewhere; the page must be of use without it.
    """
    names = _anchors(sections)
    return str(
        Markup(
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
            '<meta http-equiv="Content-Security-Policy" content="{}">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            '<meta name="color-scheme" content="light dark">\n<meta name="referrer" '
            'content="no-referrer">\n'
            '<link rel="icon" '
            'href="data:,">\n<title>{}</title>\n<style>\n{}</style>\n</head>\n<body>\n'
            "<header><div "
            'class="brand">secarch</div><h1>{}</h1>{}{}{}</header>\n<main>\n{}</main>\n'
            "<footer>Made by secarch {}. This page loads nothing from "
            "anywhere.</footer>\n{}</body>\n</html>\n"
        ).format(
            _policy(script),
            text(title),
            _style(),
            text(title),
            _lead(lead),
            _facts(facts or {}),
            _contents(names),
            join(*(_section(name, section) for name, section in names)),
            __version__,
            _script(script),
        )
    )


def _policy(script: str) -> str:
    """The content security policy; a script is allowed by the hash of its bytes (CSP Level 3,
    section 2.3.1).
    """
    if not script:
        return POLICY
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return f"{POLICY}; script-src 'sha256-{digest}'"


def _script(script: str) -> Markup:
    if re.search("</script|<!--", script, re.IGNORECASE):
        raise ValueError("this script would end its own element")
    return Markup("<script>{}</script>\n").format(Markup(script)) if script else Markup()  # noqa: S704 - our own


@cache
def _style() -> Markup:
    return Markup((Path(__file__).parent / "report.css").read_text(encoding="utf-8"))  # noqa: S704 - our own file


def _anchors(sections: Sequence[Section]) -> list[tuple[str, Section]]:
    slugs = (re.sub(r"[^a-z0-9]+", "-", section.title.lower()).strip("-") for section in sections)
    return [
        (f"s{n}-{slug}"[:40], section)
        for n, (slug, section) in enumerate(zip(slugs, sections, strict=True), 1)
    ]


def _section(name: str, section: Section) -> Markup:
    note = Markup('<p class="note">{}</p>').format(text(section.note)) if section.note else ""
    return Markup('<section id="{}"><h2>{}</h2>{}{}</section>\n').format(
        name, text(section.title), note, section.body
    )


def _lead(lead: Markup | str) -> Markup:
    if not lead:
        return Markup()
    return Markup('<div class="lead">{}</div>').format(
        lead if isinstance(lead, Markup) else paragraph(lead)
    )


def _facts(facts: Mapping[str, str]) -> Markup:
    if not facts:
        return Markup()
    pairs = (
        Markup("<div><dt>{}</dt><dd>{}</dd></div>").format(text(k), _cell(v))
        for k, v in facts.items()
    )
    return Markup('<dl class="facts">{}</dl>').format(join(*pairs))


def _contents(names: Sequence[tuple[str, Section]]) -> Markup:
    if len(names) < 4:
        return Markup()
    links = (
        Markup('<a href="#{}">{}</a>').format(name, text(section.title)) for name, section in names
    )
    return Markup('<nav aria-label="Sections">{}</nav>').format(join(*links))


def paragraph(content: object) -> Markup:
    """One paragraph."""
    return Markup("<p>{}</p>").format(text(content))


def heading(content: object) -> Markup:
    """A heading inside a section."""
    return Markup("<h3>{}</h3>").format(text(content))


def bullets(items: Iterable[object]) -> Markup:
    """An unordered list."""
    return Markup("<ul>{}</ul>").format(
        join(*(Markup("<li>{}</li>").format(text(item)) for item in items))
    )


def quote(content: object) -> Markup:
    """Text that somebody else wrote, line breaks kept, its direction of writing kept to itself."""
    return Markup('<blockquote dir="auto">{}</blockquote>').format(text(content))


def difference(lines: Iterable[tuple[str, str]]) -> Markup:
    """A line diff: (mark, line) with the marks ' ', '-', '+', and '~' for lines that were left
    out.
    """
    shown = {"-": "del", "+": "ins", " ": "span", "~": "span"}
    parts = (
        Markup("<{0}>{1} {2}</{0}>\n").format(
            shown[mark], "\u22ef" if mark == "~" else mark, text(line)
        )
        for mark, line in lines
    )
    return Markup('<pre class="difference" dir="auto">{}</pre>').format(join(*parts))


def details(summary: object, body: Markup, data: Mapping[str, object] | None = None) -> Markup:
    """A part that opens on a click; `data` becomes its data- attributes, for the page's script."""
    frame = Markup("<details{}><summary>{}</summary>{}</details>")
    return frame.format(attributes(data or {}), text(summary), body)


def attributes(data: Mapping[str, object]) -> Markup:
    """`data-name="value"` of each, escaped, with a space before it."""
    return join(
        *(Markup(' data-{}="{}"').format(text(name), text(value)) for name, value in data.items())
    )


def controls(identity: str, choices: Mapping[str, Mapping[str, str]]) -> Markup:
    """A row of selections (label -> value -> shown name) and a search field above a list.

    Hidden until the page's script is there to serve them; `identity` is the element's id.
    """
    selects = (
        Markup("<label>{} <select>{}</select></label>").format(
            label,
            join(
                *(
                    Markup('<option value="{}">{}</option>').format(text(value), text(name))
                    for value, name in options.items()
                )
            ),
        )
        for label, options in choices.items()
    )
    find = Markup('<label>Find <input type="search" placeholder="text"></label>')
    frame = Markup('<div class="controls" id="{}" hidden>{}{}<output></output></div>')
    return frame.format(identity, join(*selects), find)


def badge(word: object, tone: Tone = "plain", *, large: bool = False) -> Markup:
    """A word in a coloured pill; `large` for the one that the page is about."""
    return Markup('<span class="badge {}{}">{}</span>').format(
        tone, " large" if large else "", text(word)
    )


def badges(*parts: Markup) -> Markup:
    """Badges in a row that wraps."""
    return Markup('<div class="badges">{}</div>').format(join(*parts))


def callout(content: object, tone: Tone = "plain") -> Markup:
    """A remark that must not be overlooked."""
    body = content if isinstance(content, Markup) else paragraph(content)
    return Markup('<div class="callout {}" role="note">{}</div>').format(tone, body)


def beside(*columns: tuple[str, Markup]) -> Markup:
    """Titled columns side by side, one under the other where the page is narrow."""
    cells = (
        Markup("<div><h4>{}</h4>{}</div>").format(text(title), body) for title, body in columns
    )
    return Markup('<div class="pair">{}</div>').format(join(*cells))


def marked(content: str, spans: Iterable[Span], tone: Tone = "unsure") -> Markup:
    """Text with the character spans (start, end) highlighted; overlapping ones are merged."""
    parts: list[object] = []
    at = 0
    for span in sorted(spans):
        start, end = max(span[0], at), min(span[1], len(content))
        if start < end:
            parts += [
                content[at:start],
                Markup('<mark class="{}">{}</mark>').format(tone, text(content[start:end])),
            ]
            at = end
    return join(*parts, content[at:])


def table(head: Sequence[str], rows: Sequence[Sequence[object]], caption: str = "") -> Markup:
    """A table that scrolls inside its box; numbers right-aligned, None as a dash, Markup as it
    is.
    """
    if not rows:
        return NOTHING
    numeric = [_is_numeric([row[i] for row in rows]) for i in range(len(head))]
    heads = join(*(_tagged("th", name, n) for name, n in zip(head, numeric, strict=True)))
    body = join(*(Markup("<tr>{}</tr>").format(_cells(row, numeric)) for row in rows))
    top = Markup("<caption>{}</caption>").format(text(caption)) if caption else ""
    frame = Markup(
        '<div class="scroll" '
        'tabindex="0"><table>{}<thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>'
    )
    return frame.format(top, heads, body)


def _cells(row: Sequence[object], numeric: Sequence[bool]) -> Markup:
    return join(*(_tagged("td", value, n) for value, n in zip(row, numeric, strict=True)))


def _tagged(tag: str, value: object, numeric: bool) -> Markup:
    return Markup("<{0}{1}>{2}</{0}>").format(
        tag, Markup(' class="n"') if numeric else "", _cell(value)
    )


def _is_numeric(column: Sequence[object]) -> bool:
    known = [value for value in column if value is not None]
    return bool(known) and all(map(_is_number, known))


def _is_number(value: object) -> bool:
    if isinstance(value, str):
        return bool(_FIGURE.fullmatch(value))
    return isinstance(value, int | float) and not isinstance(value, bool)


def _cell(value: object) -> Markup:
    if value is None:
        return Markup("&ndash;")
    if isinstance(value, bool):
        return text("yes" if value else "no")
    return text(number(value)) if isinstance(value, int | float) else text(value)
