"""Inline SVG plots without a library: bars, forest, histogram, lines, pairs.

Text in a plot is HTML beside the drawing, so that it keeps its size on a phone. Every function
returns `Markup` and escapes the labels that it is given.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from markupsafe import Markup

from secarch.report.hypertext import NOTHING, join, number, text


def bars(pairs: Sequence[tuple[str, float]], unit: str = "") -> Markup:
    """A horizontal bar a pair (label, value), all to one scale from 0; negative ones in the warning
    colour.
    """
    pairs = [(label, value) for label, value in pairs if math.isfinite(value)]
    if not pairs:
        return NOTHING
    top = max(abs(value) for _, value in pairs) or 1.0
    return _figure(*(_bar(label, value, 100 * abs(value) / top, unit) for label, value in pairs))


def _bar(label: str, value: float, width: float, unit: str) -> Markup:
    tone = " down" if value < 0 else ""
    drawing = Markup('<rect x="0" y="2" width="{:.2f}" height="6" class="fill{}"/>').format(
        width, tone
    )
    shown = number(value, unit)
    return _row(label, _svg(drawing, f"{label}: {shown}", "0 0 100 10"), text(shown))


def _row(label: object, drawing: Markup, value: Markup) -> Markup:
    return Markup('<div class="row"><div>{}</div>{}<div class="value">{}</div></div>').format(
        text(label), drawing, value
    )


def _svg(drawing: Markup, title: str, box: str = "0 0 100 100") -> Markup:
    frame = Markup(
        '<svg viewBox="{}" preserveAspectRatio="none" role="img" '
        'aria-label="{}"><title>{}</title>{}</svg>'
    )
    return frame.format(box, text(title), text(title), drawing)


def _figure(*parts: object, kind: str = "") -> Markup:
    return Markup('<figure class="{}">{}</figure>\n').format(kind, join(*parts))


def forest(
    rows: Sequence[tuple[str, float, float, float, int]], zero: float = 0.0, unit: str = ""
) -> Markup:
    """A forest plot: per row (label, estimate, low, high, n) the interval as a line, the estimate
    as a dot.

    Green lies wholly above `zero`, red wholly below, grey touches it. Rows without finite bounds
    have no line. All values in `unit`.
    """
    if not rows:
        return NOTHING
    ticks = _reach(rows, zero)
    axis = Markup('<div class="row axis"><div></div>{}<div></div></div>').format(_ticks(ticks))
    return _figure(*(_forest_row(row, zero, unit, ticks) for row in rows), axis, kind="forest")


def _reach(rows: Sequence[tuple[str, float, float, float, int]], zero: float) -> list[float]:
    """Ticks over estimates, and intervals up to three times the usual: a wide one must not flatten
    the rest.
    """
    whole = [row[1:4] for row in rows if all(map(math.isfinite, row[1:4]))]
    usual = sorted(max(abs(low - zero), abs(high - zero)) for _, low, high in whole)
    limit = 3 * usual[len(usual) // 2] if usual else 0.0
    ends = (min(max(v, zero - limit), zero + limit) for row in whole for v in row[1:])
    return _nice([zero, *ends, *(row[0] for row in whole)])


def _forest_row(
    row: tuple[str, float, float, float, int], zero: float, unit: str, ticks: Sequence[float]
) -> Markup:
    label, estimate, low, high, n = row
    at = 100 * _share(zero, ticks)
    line = Markup('<path d="M{0:.2f} 0V10" class="zero"/>').format(at)
    if not all(map(math.isfinite, (estimate, low, high))):
        return _row(
            label,
            _svg(line, f"{label}: no interval, n = {n}", "0 0 100 10"),
            _small("no interval", n),
        )
    tone = "up" if low > zero else "down" if high < zero else "even"
    a, b, middle = (100 * min(1.0, max(0.0, _share(v, ticks))) for v in (low, high, estimate))
    drawing = Markup(
        '{0}<path d="M{1:.2f} 5H{2:.2f}" class="stroke {4}"/><path d="M{3:.2f} 5h0" class="dot '
        '{4}"/>'
    ).format(line, a, b, middle, tone)
    shown = f"{number(low, sign=True)} to {number(high, sign=True)}"
    title = f"{label}: {number(estimate, unit, sign=True)}, interval {shown}, n = {n}"
    value = Markup("{}<br>{}").format(number(estimate, unit, sign=True), _small(shown, n))
    return _row(label, _svg(drawing, title, "0 0 100 10"), value)


def _small(shown: str, n: int) -> Markup:
    return Markup("<small>{}, n&nbsp;=&nbsp;{}</small>").format(shown, n)


def histogram(values: Sequence[float], label: str, bins: int = 20) -> Markup:
    """Counts of the finite values in `bins` equal bins between rounded ends; `label` names the x
    axis.
    """
    known = [float(v) for v in values if math.isfinite(v)]
    if not known:
        return NOTHING
    ticks = _nice(known)
    counts = [0] * bins
    for value in known:
        counts[min(bins - 1, int(bins * _share(value, ticks)))] += 1
    levels = _nice([0, max(counts)])
    width = 100 / bins
    boxes = (
        Markup('<rect x="{:.3f}" y="{:.3f}" width="{:.3f}" height="{:.3f}" class="fill"/>').format(
            n * width + 0.06 * width,
            100 - 100 * count / levels[-1],
            0.88 * width,
            100 * count / levels[-1],
        )
        for n, count in enumerate(counts)
        if count
    )
    title = (
        f"Histogram of {label}: {len(known)} values from {number(min(known))} to "
        f"{number(max(known))}"
    )
    return _figure(_chart(join(*boxes), title, ticks, levels, (label, "count")))


def lines(
    series: Mapping[str, Sequence[tuple[float, float]]], x_label: str, y_label: str
) -> Markup:
    """A line a series of (x, y) points in its order; points that are not finite are skipped."""
    known = {
        name: [p for p in points if all(map(math.isfinite, p))] for name, points in series.items()
    }
    known = {name: points for name, points in known.items() if points}
    if not known:
        return NOTHING
    xs = _nice([x for points in known.values() for x, _ in points])
    ys = _nice([y for points in known.values() for _, y in points])
    drawn = (_line(points, xs, ys, f"s{n % 4}") for n, points in enumerate(known.values()))
    names = (
        Markup('<span><i class="s{}"></i>{}</span>').format(n % 4, text(name))
        for n, name in enumerate(known)
    )
    legend = Markup('<div class="legend">{}</div>').format(join(*names))
    title = f"{y_label} by {x_label}: {', '.join(known)}"
    return _figure(legend, _chart(join(*drawn), title, xs, ys, (x_label, y_label)))


def _line(
    points: Sequence[tuple[float, float]], xs: Sequence[float], ys: Sequence[float], tone: str
) -> Markup:
    path = "L".join(f"{100 * _share(x, xs):.2f} {100 - 100 * _share(y, ys):.2f}" for x, y in points)
    # A lone point has no line: a zero-length path with a round cap is a dot.
    kind, end = ("stroke", "") if len(points) > 1 else ("dot", "h0")
    return Markup('<path d="M{}{}" class="{} {}"/>').format(path, end, kind, tone)


def paired(
    points: Sequence[tuple[float, float]],
    x_label: str,
    y_label: str,
    *,
    lower_is_better: bool = False,
) -> Markup:
    """A dot a question at (base, tuned), with the line of no change; green is better, red worse."""
    known = [p for p in points if all(map(math.isfinite, p))]
    if not known:
        return NOTHING
    ticks = _nice([v for p in known for v in p])
    sense = -1 if lower_is_better else 1
    drawn = (_dot(x, y, ticks, sense * (y - x)) for x, y in known)
    diagonal = Markup('<path d="M0 100L100 0" class="zero"/>')
    title = f"{y_label} against {x_label}: {len(known)} pairs"
    return _figure(
        _chart(join(diagonal, *drawn), title, ticks, ticks, (x_label, y_label), square=True)
    )


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
    grid = join(
        *(
            Markup('<path d="M0 {:.2f}H100" class="grid"/>').format(100 - 100 * _share(y, ys))
            for y in ys
        )
    )
    mark = Markup('<span style="bottom:{:.2f}%">{}</span>')
    levels = join(*(mark.format(100 * _share(y, ys), _tick(y)) for y in ys))
    frame = Markup(
        '<figcaption>{}</figcaption><div class="chart{}"><div class="levels">{}</div>{}'
        '<div></div>{}<div class="x">{}</div></div>'
    )
    shape = " square" if square else ""
    return frame.format(
        text(labels[1]), shape, levels, _svg(grid + drawing, title), _ticks(xs), text(labels[0])
    )


def _ticks(values: Sequence[float]) -> Markup:
    ends = {0: "first", len(values) - 1: "last"}
    mark = Markup('<span class="{}" style="left:{:.2f}%">{}</span>')
    spans = (
        mark.format(ends.get(n, ""), 100 * _share(v, values), _tick(v))
        for n, v in enumerate(values)
    )
    return Markup('<div class="ticks">{}</div>').format(join(*spans))


def _tick(value: float) -> str:
    return (f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}").replace("-", "\u2212")


def _share(value: float, ticks: Sequence[float]) -> float:
    return (value - ticks[0]) / (ticks[-1] - ticks[0])


def _nice(values: Sequence[float], wanted: int = 4) -> list[float]:
    """Round ticks (1, 2 or 5 times a power of ten) from below the least value to above the
    greatest.
    """
    low, high = min(values), max(values)
    if high - low <= 1e-12 * max(1.0, abs(high)):
        low, high = low - 0.5 * (abs(low) or 1.0), high + 0.5 * (abs(high) or 1.0)
    raw = (high - low) / wanted
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(m * power for m in (1, 2, 5, 10) if m * power >= raw * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(n * step, 12) for n in range(first, last + 1)]
