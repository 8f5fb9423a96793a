"""One self-contained HTML skeleton: stages add sections, never a page of their own.

Every function returns `markupsafe.Markup` and escapes whatever plain text it is given, since answers,
titles and addresses come from models and web sites. A page loads nothing: styles are inline, plots are
inline SVG, and its content security policy forbids scripts and any request. Text in plots is HTML
beside the drawing, so that it keeps its size on a phone.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from markupsafe import Markup, escape

from secarch import __version__

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
Tone = Literal["good", "bad", "unsure", "plain"]
Span = tuple[int, int]

# C0 and C1 controls other than tab and line feed mean nothing in HTML; lone surrogates have no UTF-8.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_FIGURE = re.compile(r"(?:[<>] )?[-+\u2212]?\d[\d,.]*(?: ?%)?")
_NOTHING = Markup('<p class="note">Nothing to show.</p>')


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, what stands under it, and an optional sentence between the two."""

    title: str
    body: Markup
    note: str = ""


def page(
    title: str, sections: Sequence[Section], *, lead: Markup | str = "", facts: Mapping[str, str] | None = None
) -> str:
    """A whole HTML document: title, lead, facts as a grid of name and value, then the sections."""
    names = _anchors(sections)
    return str(
        Markup(
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
            '<meta http-equiv="Content-Security-Policy" content="{}">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            '<meta name="color-scheme" content="light dark">\n<meta name="referrer" content="no-referrer">\n'
            '<link rel="icon" href="data:,">\n<title>{}</title>\n<style>\n{}</style>\n</head>\n<body>\n'
            '<header><div class="brand">secarch</div><h1>{}</h1>{}{}{}</header>\n<main>\n{}</main>\n'
            "<footer>Made by secarch {}. This page loads nothing from anywhere.</footer>\n</body>\n</html>\n"
        ).format(
            POLICY, text(title), _style(), text(title), _lead(lead), _facts(facts or {}), _contents(names),
            join(*(_section(name, section) for name, section in names)), __version__,
        )
    )  # fmt: skip


@cache
def _style() -> Markup:
    return Markup((Path(__file__).parent / "report.css").read_text(encoding="utf-8"))  # noqa: S704 - our own file


def _anchors(sections: Sequence[Section]) -> list[tuple[str, Section]]:
    slugs = (re.sub(r"[^a-z0-9]+", "-", section.title.lower()).strip("-") for section in sections)
    return [(f"s{n}-{slug}"[:40], section) for n, (slug, section) in enumerate(zip(slugs, sections, strict=True), 1)]


def _section(name: str, section: Section) -> Markup:
    note = Markup('<p class="note">{}</p>').format(text(section.note)) if section.note else ""
    return Markup('<section id="{}"><h2>{}</h2>{}{}</section>\n').format(name, text(section.title), note, section.body)


def _lead(lead: Markup | str) -> Markup:
    if not lead:
        return Markup()
    return Markup('<div class="lead">{}</div>').format(lead if isinstance(lead, Markup) else paragraph(lead))


def _facts(facts: Mapping[str, str]) -> Markup:
    if not facts:
        return Markup()
    pairs = (Markup("<div><dt>{}</dt><dd>{}</dd></div>").format(text(k), _cell(v)) for k, v in facts.items())
    return Markup('<dl class="facts">{}</dl>').format(join(*pairs))


def _contents(names: Sequence[tuple[str, Section]]) -> Markup:
    if len(names) < 4:
        return Markup()
    links = (Markup('<a href="#{}">{}</a>').format(name, text(section.title)) for name, section in names)
    return Markup('<nav aria-label="Sections">{}</nav>').format(join(*links))


def text(value: object) -> Markup:
    """Escaped text without unprintable characters; Markup passes as it is."""
    return value if isinstance(value, Markup) else escape(_UNPRINTABLE.sub("\ufffd", str(value)))


def join(*parts: object) -> Markup:
    """The parts one after the other, plain ones escaped."""
    return Markup().join(text(part) for part in parts)


def paragraph(content: object) -> Markup:
    """One paragraph."""
    return Markup("<p>{}</p>").format(text(content))


def heading(content: object) -> Markup:
    """A heading inside a section."""
    return Markup("<h3>{}</h3>").format(text(content))


def bullets(items: Iterable[object]) -> Markup:
    """An unordered list."""
    return Markup("<ul>{}</ul>").format(join(*(Markup("<li>{}</li>").format(text(item)) for item in items)))


def quote(content: object) -> Markup:
    """Text that somebody else wrote, line breaks kept, its direction of writing kept to itself."""
    return Markup('<blockquote dir="auto">{}</blockquote>').format(text(content))


def details(summary: object, body: Markup) -> Markup:
    """A part that opens on a click."""
    return Markup("<details><summary>{}</summary>{}</details>").format(text(summary), body)


def badge(word: object, tone: Tone = "plain", *, large: bool = False) -> Markup:
    """A word in a coloured pill; `large` for the one that the page is about."""
    return Markup('<span class="badge {}{}">{}</span>').format(tone, " large" if large else "", text(word))


def badges(*parts: Markup) -> Markup:
    """Badges in a row that wraps."""
    return Markup('<div class="badges">{}</div>').format(join(*parts))


def callout(content: object, tone: Tone = "plain") -> Markup:
    """A remark that must not be overlooked."""
    body = content if isinstance(content, Markup) else paragraph(content)
    return Markup('<div class="callout {}" role="note">{}</div>').format(tone, body)


def beside(*columns: tuple[str, Markup]) -> Markup:
    """Titled columns side by side, one under the other where the page is narrow."""
    cells = (Markup("<div><h4>{}</h4>{}</div>").format(text(title), body) for title, body in columns)
    return Markup('<div class="pair">{}</div>').format(join(*cells))


def marked(content: str, spans: Iterable[Span], tone: Tone = "unsure") -> Markup:
    """Text with the character spans (start, end) highlighted; overlapping ones are merged."""
    parts: list[object] = []
    at = 0
    for span in sorted(spans):
        start, end = max(span[0], at), min(span[1], len(content))
        if start < end:
            parts += [content[at:start], Markup('<mark class="{}">{}</mark>').format(tone, text(content[start:end]))]
            at = end
    return join(*parts, content[at:])


def number(value: float, unit: str = "", *, sign: bool = False) -> str:
    """A number for people: thousands separated, fewer decimals the larger it is, a real minus."""
    if not math.isfinite(value):
        return "\u2013"
    shown = f"{value:{'+' if sign else ''},.{_decimals(value)}f}".replace("-", "\u2212")
    return f"{shown}{unit if unit in {'', '%'} else ' ' + unit}"


def _decimals(value: float) -> int:
    size = abs(value)
    if float(value).is_integer() or size >= 1000:
        return 0
    return 1 if size >= 100 else 2 if size >= 10 else 3 if size >= 0.001 else 6


def table(head: Sequence[str], rows: Sequence[Sequence[object]], caption: str = "") -> Markup:
    """A table that scrolls inside its box; numbers right-aligned, None as a dash, Markup as it is."""
    if not rows:
        return _NOTHING
    numeric = [all(_is_number(row[i]) or row[i] is None for row in rows) for i in range(len(head))]
    heads = join(*(_tagged("th", name, n) for name, n in zip(head, numeric, strict=True)))
    body = join(*(Markup("<tr>{}</tr>").format(_cells(row, numeric)) for row in rows))
    top = Markup("<caption>{}</caption>").format(text(caption)) if caption else ""
    frame = Markup(
        '<div class="scroll" tabindex="0"><table>{}<thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>'
    )
    return frame.format(top, heads, body)


def _cells(row: Sequence[object], numeric: Sequence[bool]) -> Markup:
    return join(*(_tagged("td", value, n) for value, n in zip(row, numeric, strict=True)))


def _tagged(tag: str, value: object, numeric: bool) -> Markup:
    return Markup("<{0}{1}>{2}</{0}>").format(tag, Markup(' class="n"') if numeric else "", _cell(value))


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


def bars(pairs: Sequence[tuple[str, float]], unit: str = "") -> Markup:
    """A horizontal bar a pair (label, value), all to one scale from 0; negative ones in the warning colour."""
    pairs = [(label, value) for label, value in pairs if math.isfinite(value)]
    if not pairs:
        return _NOTHING
    top = max(abs(value) for _, value in pairs) or 1.0
    return _figure(*(_bar(label, value, 100 * abs(value) / top, unit) for label, value in pairs))


def _bar(label: str, value: float, width: float, unit: str) -> Markup:
    tone = " down" if value < 0 else ""
    drawing = Markup('<rect x="0" y="2" width="{:.2f}" height="6" class="fill{}"/>').format(width, tone)
    shown = number(value, unit)
    return _row(label, _svg(drawing, f"{label}: {shown}", "0 0 100 10"), text(shown))


def _row(label: object, drawing: Markup, value: Markup) -> Markup:
    return Markup('<div class="row"><div>{}</div>{}<div class="value">{}</div></div>').format(
        text(label), drawing, value
    )


def _svg(drawing: Markup, title: str, box: str = "0 0 100 100") -> Markup:
    frame = Markup('<svg viewBox="{}" preserveAspectRatio="none" role="img" aria-label="{}"><title>{}</title>{}</svg>')
    return frame.format(box, text(title), text(title), drawing)


def _figure(*parts: object, kind: str = "") -> Markup:
    return Markup('<figure class="{}">{}</figure>\n').format(kind, join(*parts))


def forest(rows: Sequence[tuple[str, float, float, float, int]], zero: float = 0.0, unit: str = "") -> Markup:
    """A forest plot: per row (label, estimate, low, high, n) the interval as a line, the estimate as a dot.

    Green lies wholly above `zero`, red wholly below, grey touches it. Rows without finite bounds have no line. All
    values in `unit`.
    """
    if not rows:
        return _NOTHING
    ticks = _reach(rows, zero)
    axis = Markup('<div class="row axis"><div></div>{}<div></div></div>').format(_ticks(ticks))
    return _figure(*(_forest_row(row, zero, unit, ticks) for row in rows), axis, kind="forest")


def _reach(rows: Sequence[tuple[str, float, float, float, int]], zero: float) -> list[float]:
    """Ticks over estimates, and intervals up to three times the usual: a wide one must not flatten the rest."""
    whole = [row[1:4] for row in rows if all(map(math.isfinite, row[1:4]))]
    usual = sorted(max(abs(low - zero), abs(high - zero)) for _, low, high in whole)
    limit = 3 * usual[len(usual) // 2] if usual else 0.0
    ends = (min(max(v, zero - limit), zero + limit) for row in whole for v in row[1:])
    return _nice([zero, *ends, *(row[0] for row in whole)])


def _forest_row(row: tuple[str, float, float, float, int], zero: float, unit: str, ticks: Sequence[float]) -> Markup:
    label, estimate, low, high, n = row
    at = 100 * _share(zero, ticks)
    line = Markup('<path d="M{0:.2f} 0V10" class="zero"/>').format(at)
    if not all(map(math.isfinite, (estimate, low, high))):
        return _row(label, _svg(line, f"{label}: no interval, n = {n}", "0 0 100 10"), _small("no interval", n))
    tone = "up" if low > zero else "down" if high < zero else "even"
    a, b, middle = (100 * min(1.0, max(0.0, _share(v, ticks))) for v in (low, high, estimate))
    drawing = Markup(
        '{0}<path d="M{1:.2f} 5H{2:.2f}" class="stroke {4}"/><path d="M{3:.2f} 5h0" class="dot {4}"/>'
    ).format(line, a, b, middle, tone)
    shown = f"{number(low, sign=True)} to {number(high, sign=True)}"
    title = f"{label}: {number(estimate, unit, sign=True)}, interval {shown}, n = {n}"
    value = Markup("{}<br>{}").format(number(estimate, unit, sign=True), _small(shown, n))
    return _row(label, _svg(drawing, title, "0 0 100 10"), value)


def _small(shown: str, n: int) -> Markup:
    return Markup("<small>{}, n&nbsp;=&nbsp;{}</small>").format(shown, n)


def histogram(values: Sequence[float], label: str, bins: int = 20) -> Markup:
    """Counts of the finite values in `bins` equal bins between rounded ends; `label` names the x axis."""
    known = [float(v) for v in values if math.isfinite(v)]
    if not known:
        return _NOTHING
    ticks = _nice(known)
    counts = [0] * bins
    for value in known:
        counts[min(bins - 1, int(bins * _share(value, ticks)))] += 1
    levels = _nice([0, max(counts)])
    width = 100 / bins
    boxes = (
        Markup('<rect x="{:.3f}" y="{:.3f}" width="{:.3f}" height="{:.3f}" class="fill"/>').format(
            n * width + 0.06 * width, 100 - 100 * count / levels[-1], 0.88 * width, 100 * count / levels[-1]
        )
        for n, count in enumerate(counts) if count
    )  # fmt: skip
    title = f"Histogram of {label}: {len(known)} values from {number(min(known))} to {number(max(known))}"
    return _figure(_chart(join(*boxes), title, ticks, levels, (label, "count")))


def lines(series: Mapping[str, Sequence[tuple[float, float]]], x_label: str, y_label: str) -> Markup:
    """A line a series of (x, y) points in its order; points that are not finite are passed over."""
    known = {name: [p for p in points if all(map(math.isfinite, p))] for name, points in series.items()}
    known = {name: points for name, points in known.items() if points}
    if not known:
        return _NOTHING
    xs = _nice([x for points in known.values() for x, _ in points])
    ys = _nice([y for points in known.values() for _, y in points])
    drawn = (_line(points, xs, ys, f"s{n % 4}") for n, points in enumerate(known.values()))
    names = (Markup('<span><i class="s{}"></i>{}</span>').format(n % 4, text(name)) for n, name in enumerate(known))
    legend = Markup('<div class="legend">{}</div>').format(join(*names))
    title = f"{y_label} by {x_label}: {', '.join(known)}"
    return _figure(legend, _chart(join(*drawn), title, xs, ys, (x_label, y_label)))


def _line(points: Sequence[tuple[float, float]], xs: Sequence[float], ys: Sequence[float], tone: str) -> Markup:
    path = "L".join(f"{100 * _share(x, xs):.2f} {100 - 100 * _share(y, ys):.2f}" for x, y in points)
    # A lone point has no line: a zero-length path with a round cap is a dot.
    kind, end = ("stroke", "") if len(points) > 1 else ("dot", "h0")
    return Markup('<path d="M{}{}" class="{} {}"/>').format(path, end, kind, tone)


def paired(
    points: Sequence[tuple[float, float]], x_label: str, y_label: str, *, lower_is_better: bool = False
) -> Markup:
    """A dot a question at (base, tuned), with the line of no change; green is better, red worse."""
    known = [p for p in points if all(map(math.isfinite, p))]
    if not known:
        return _NOTHING
    ticks = _nice([v for p in known for v in p])
    sense = -1 if lower_is_better else 1
    drawn = (_dot(x, y, ticks, sense * (y - x)) for x, y in known)
    diagonal = Markup('<path d="M0 100L100 0" class="zero"/>')
    title = f"{y_label} against {x_label}: {len(known)} pairs"
    return _figure(_chart(join(diagonal, *drawn), title, ticks, ticks, (x_label, y_label), square=True))


def _dot(x: float, y: float, ticks: Sequence[float], gain: float) -> Markup:
    tone = "up" if gain > 0 else "down" if gain < 0 else "even"
    at = f"{100 * _share(x, ticks):.2f} {100 - 100 * _share(y, ticks):.2f}"
    return Markup('<path d="M{}h0" class="dot small {}"/>').format(at, tone)


def _chart(
    drawing: Markup,
    title: str,
    xs: Sequence[float],
    ys: Sequence[float],
    labels: tuple[str, str],
    *,
    square: bool = False,
) -> Markup:
    grid = join(*(Markup('<path d="M0 {:.2f}H100" class="grid"/>').format(100 - 100 * _share(y, ys)) for y in ys))
    mark = Markup('<span style="bottom:{:.2f}%">{}</span>')
    levels = join(*(mark.format(100 * _share(y, ys), _tick(y)) for y in ys))
    frame = Markup(
        '<figcaption>{}</figcaption><div class="chart{}"><div class="levels">{}</div>{}'
        '<div></div>{}<div class="x">{}</div></div>'
    )
    shape = " square" if square else ""
    return frame.format(text(labels[1]), shape, levels, _svg(grid + drawing, title), _ticks(xs), text(labels[0]))


def _ticks(values: Sequence[float]) -> Markup:
    ends = {0: "first", len(values) - 1: "last"}
    mark = Markup('<span class="{}" style="left:{:.2f}%">{}</span>')
    spans = (mark.format(ends.get(n, ""), 100 * _share(v, values), _tick(v)) for n, v in enumerate(values))
    return Markup('<div class="ticks">{}</div>').format(join(*spans))


def _tick(value: float) -> str:
    return (f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}").replace("-", "\u2212")


def _share(value: float, ticks: Sequence[float]) -> float:
    return (value - ticks[0]) / (ticks[-1] - ticks[0])


def _nice(values: Sequence[float], wanted: int = 4) -> list[float]:
    """Round ticks (1, 2 or 5 times a power of ten) from below the least value to above the greatest."""
    low, high = min(values), max(values)
    if high - low <= 1e-12 * max(1.0, abs(high)):
        low, high = low - 0.5 * (abs(low) or 1.0), high + 0.5 * (abs(high) or 1.0)
    raw = (high - low) / wanted
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(m * power for m in (1, 2, 5, 10) if m * power >= raw * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(n * step, 12) for n in range(first, last + 1)]
