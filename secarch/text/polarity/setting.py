"""Whether what is around a span keeps it from being advice: signals, weighed.

The cues of `scopes` and `verdicts` know the turns of phrase that they list. This is for all others:
a logistic model over the kinds of words that are around the span (`signals`), the runs of words
there (`phrases`) and what the cues say. Its weights (weights.json) are fitted by
tests/benchmarks/polarity_fit.py on phrasings and on the suite's wrong answers; a weight is of the
logarithm of the odds that the span is not advised.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from pathlib import Path

from secarch.text.polarity.kinds import ASSERTED, Kind, Stance
from secarch.text.polarity.phrases import phrases
from secarch.text.polarity.signals import TELLS, around, signals
from secarch.text.polarity.windows import Window

REACH = 30
"""Words before a span in its sentence that are read; those after it likewise."""
_KIND: tuple[tuple[str, Kind], ...] = (
    ("condition", "conditional"),
    ("detect", "guarded"),
    ("quotation", "quoted"),
    ("speech", "attributed"),
    ("source", "attributed"),
    ("belief", "attributed"),
)


@cache
def weights() -> tuple[float, Mapping[str, float]]:
    """The intercept, and the weight of each signal."""
    data = json.loads((Path(__file__).parent / "weights.json").read_text(encoding="utf-8"))
    return float(data["intercept"]), data["signals"]


@cache
def thresholds() -> tuple[float, float]:
    """The odds (their logarithm) above which a span is not advice: by itself, and after a cue."""
    data = json.loads((Path(__file__).parent / "weights.json").read_text(encoding="utf-8"))
    return float(data["threshold"]), float(data["after_cue"])


def judged(found: Collection[str], by_cue: Stance = ASSERTED) -> Stance:
    """What a model makes of the signals around a span: asserted, or the likeliest other way."""
    if by_cue.advised and TELLS in found:
        return ASSERTED
    base, weight = weights()
    shares = sorted((weight[name], name) for name in found if name in weight)
    alone, after_cue = thresholds()
    odds = base + sum(share for share, _ in shares)
    if odds <= (alone if by_cue.advised else after_cue):
        return ASSERTED
    if not by_cue.advised:
        return by_cue
    cue = shares[-1][1] if shares else ""
    kind: Kind = next((kind for word, kind in _KIND if word in cue), "denied")
    return Stance(kind, cue)


def of_cue(stance: Stance) -> frozenset[str]:
    """What the cues make of a span, as signals."""
    if stance.kind == "asserted":
        return frozenset({"cue|asserted"})
    words = " ".join(stance.cue.split()[:2])[:30]
    return frozenset({f"cue|{stance.kind}", "cue|any", f"cue words|{words}"})


def found(windows: Sequence[Window], place: int, start: int, end: int) -> frozenset[str]:
    """The signals around the span `start`..`end` of the text of a window and its lead."""
    places, window = surroundings(windows, place, start, end), windows[place]
    shape = [name for name, is_so in (("quoted", window.quoted), ("item", window.item)) if is_so]
    return signals(places) | phrases(places) | frozenset(shape)


def surroundings(windows: Sequence[Window], place: int, start: int, end: int) -> dict[str, str]:
    """What is around a span, by the name of its place."""
    every = _inside(windows[place], start, end) | _outside(windows, place, start)
    return {name: text for name, text in every.items() if text}


def _inside(window: Window, start: int, end: int) -> dict[str, str]:
    """Texts of the same sentence, or of the other cells of the row."""
    whole = window.joined
    begin, stop = whole.rfind("\n", 0, start) + 1, whole.find("\n", end)
    stop = stop if stop >= 0 else len(whole)
    texts: dict[str, str] = {}
    if window.item and " ; " in window.text and start >= len(whole) - len(window.text):
        left, right = whole.rfind(" ; ", begin, start), whole.find(" ; ", end, stop)
        number = whole.count(" ; ", len(whole) - len(window.text), start)
        if number < len(window.columns):
            texts["column"] = window.columns[number]
        inner = (left + 3 if left >= 0 else begin), (right if right >= 0 else stop)
        texts["cells"] = f"{whole[begin : inner[0]]} {whole[inner[1] : stop]}"
        begin, stop = inner
    texts["before"] = " ".join(whole[begin:start].split(" ")[-REACH:])
    texts["after"] = " ".join(whole[end:stop].split(" ")[:REACH])
    return texts


def _outside(windows: Sequence[Window], place: int, start: int) -> dict[str, str]:
    """Texts of the sentences next to it, and of what leads into it."""
    window = windows[place]
    lines = window.joined[start:].split("\n")[1:]
    here = [w.text for w in windows[place + 1 : place + 4] if _joins(w, window)]
    texts = around([*lines, *here] if not window.item else lines)
    if not texts["next"]:
        texts["across"] = next(
            (w.text for w in windows[place + 1 :] if w.block != window.block), ""
        ).split("\n", 1)[0]
    in_lead = bool(window.lead) and start < len(window.lead)
    texts["lead"] = "" if in_lead else window.lead
    above = window.under[:-1] if window.heading else window.under
    texts["title"] = above[-1] if above else ""
    texts["previous"] = _previous(windows, place, start)
    if window.quoted:
        texts["quote"] = texts.get("across", "") or "quote"
    return texts


def _joins(other: Window, window: Window) -> bool:
    return other.block == window.block and not other.item


def _previous(windows: Sequence[Window], place: int, start: int) -> str:
    window = windows[place]
    lines = window.joined[:start].split("\n")[:-1]
    if window.lead and lines:
        lines = lines[1:]
    if lines:
        return lines[-1]
    before = windows[place - 1] if place else None
    near = before and (_joins(before, window) or before.text.endswith(":"))
    return before.text if before and near else ""
