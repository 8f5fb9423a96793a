"""The HTML skeleton: everything escaped, nothing loaded from anywhere, readable in a real
browser.
"""

from __future__ import annotations

import base64
import hashlib
import math
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from secarch.report import html, plots
from secarch.report.html import Section

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>&amp;"
CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
VOID = {"meta", "link", "path", "rect", "br"}


class Balanced(HTMLParser):
    """Fails where tags do not nest."""

    def __init__(self) -> None:
        super().__init__()
        self.stack: list[str] = []
        self.tags: list[str] = []
        self.texts: list[str] = []
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the element and the addresses it would load."""
        self.tags.append(tag)
        self.addresses += [
            value or "" for name, value in attrs if name in {"src", "href", "action", "srcset"}
        ]
        if tag not in VOID:
            self.stack.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Must close what was opened last."""
        if tag in VOID:
            return
        assert self.stack.pop() == tag

    def handle_data(self, data: str) -> None:
        """Note the text."""
        self.texts.append(data)


def parsed(html: str) -> Balanced:
    parser = Balanced()
    parser.feed(html)
    parser.close()
    assert parser.stack == []
    return parser


def everything(text: str) -> str:
    """A page in which `text` stands wherever text can stand."""
    body = html.join(
        html.badges(html.badge(text, "good", large=True)),
        html.callout(text, "bad"),
        html.heading(text),
        html.table([text, "n"], [[text, 1], [None, True]], text),
        html.bars([(text, 2), ("b", -1)], text),
        html.histogram([1, 2, 3], text),
        html.lines({text: [(0, 1), (1, 2)], "b": [(1, 1)]}, text, text),
        html.forest(
            [(text, 0.1, 0.0, 0.2, 9), ("none", math.nan, math.nan, math.nan, 1)], unit=text
        ),
        html.paired([(0, 1), (1, 0)], text, text),
        html.details(text, html.quote(text)),
        html.beside((text, html.quote(html.marked(text, [(0, 8)])))),
        html.bullets([text]),
        text,
    )
    return html.page(text, [Section(text, body, text)] * 4, lead=text, facts={text: text})


def test_hostile_text_stays_text() -> None:
    """Tags in any title, label, cell, answer or unit are shown and never become elements."""
    page = parsed(everything(HOSTILE))
    assert not {"script", "img", "iframe"} & set(page.tags)
    assert HOSTILE in page.texts


@pytest.mark.slow
@given(st.text())
def test_any_text_gives_a_page_that_nests(text: str) -> None:
    """Whatever the text, tags nest, and the page can be written as UTF-8."""
    page = everything(text)
    parsed(page)
    page.encode()


def test_a_page_loads_nothing() -> None:
    """No address but anchors and the empty icon, no url() in the styles, and a policy that forbids
    the rest.
    """
    page = everything("plain")
    assert all(address.startswith(("#", "data:,")) for address in parsed(page).addresses)
    assert not re.search(r"https?://|url\(|@import|<script", page)
    assert "default-src &#39;none&#39;" in page
    assert "script-src" not in page


def test_control_characters_are_shown_as_replaced() -> None:
    """Characters that HTML does not know never reach the page."""
    assert html.text("a\x00b\x1b[31m\ud800") == "a\ufffdb\ufffd[31m\ufffd"


def test_every_drawing_has_a_name() -> None:
    """Each SVG carries a title and an aria label with its figures."""
    page = everything("x")
    assert page.count("<svg") == page.count("<title>") - 1 == page.count('role="img"') > 0
    drawing = html.forest([("aws", 0.1, 0.02, 0.18, 20)], unit="points")
    assert 'aria-label="aws: +0.100 points, interval +0.020 to +0.180, n = 20"' in drawing


@pytest.mark.parametrize(
    ("low", "high", "tone"),
    [(0.1, 0.3, "up"), (-0.3, -0.1, "down"), (-0.1, 0.3, "even"), (0.0, 0.3, "even")],
)
def test_colour_says_whether_the_interval_touches_zero(low: float, high: float, tone: str) -> None:
    """Green lies wholly above, red wholly below, grey touches."""
    assert f'class="dot {tone}"' in html.forest([("a", (low + high) / 2, low, high, 9)])


def test_one_wide_interval_does_not_flatten_the_rest() -> None:
    """The axis goes to three times the usual reach; a longer line ends at its edge and keeps its
    figures.
    """
    rows = [("a", 0.1, 0.0, 0.2, 9), ("b", 0.1, 0.0, 0.2, 9), ("wide", 0.1, -40.0, 40.0, 2)]
    drawing = html.forest(rows)
    axis = re.findall(r'<span class="(?:last)" style="left:100.00%">([\d.]+)</span>', drawing)
    assert [float(end) <= 1 for end in axis] == [True]
    assert 'd="M0.00 5H100.00"' in drawing
    assert "+40" in drawing


def test_a_row_without_an_interval_is_listed_without_a_line() -> None:
    """What could not be estimated is said, not drawn."""
    drawing = html.forest([("a", math.nan, math.nan, math.nan, 1)])
    assert "no interval" in drawing
    assert "dot" not in drawing


@pytest.mark.parametrize(
    "empty",
    [
        html.forest([]),
        html.bars([]),
        html.histogram([math.nan], "x"),
        html.lines({"a": []}, "x", "y"),
        html.table(["a"], []),
        html.paired([], "x", "y"),
    ],
)
def test_nothing_to_draw_is_said(empty: Markup) -> None:
    """An empty plot or table is a sentence, not an empty box."""
    assert "Nothing to show" in empty


@pytest.mark.parametrize("values", [[0.0], [5.0, 5.0], [-1e-9, 1e-9], [1e9, 1e9 + 1], [0, 1e12]])
def test_ticks_enclose_any_values(values: list[float]) -> None:
    """Ticks rise, are few, and enclose what is drawn, equal values included."""
    ticks = plots._nice(values)
    assert ticks == sorted(set(ticks))
    assert ticks[0] <= min(values)
    assert ticks[-1] >= max(values)
    assert 2 <= len(ticks) <= 8


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0, "0"),
        (1234567, "1,234,567"),
        (0.1234, "0.123"),
        (-0.5, "\u22120.500"),
        (math.nan, "\u2013"),
        (12.345, "12.35"),
        (0.00012, "0.000120"),
    ],
)
def test_numbers_are_short(value: float, shown: str) -> None:
    """Fewer decimals the larger the number, thousands separated, a real minus, a dash for none."""
    assert html.number(value) == shown


def test_a_histogram_counts_every_value() -> None:
    """Both ends are inside, and bars are as high as their counts."""
    drawing = html.histogram([0, 0, 0, 1], "x", bins=2)
    heights = [float(h) for h in re.findall(r'height="([\d.]+)"', drawing)]
    assert heights[0] == pytest.approx(3 * heights[1], rel=0.01)


def test_a_script_is_allowed_by_its_hash_alone() -> None:
    """A page with a script names its hash in the policy; one without allows none; a script cannot
    end its element.
    """
    shown = html.page("T", [], script="let a = 1;")
    digest = base64.b64encode(hashlib.sha256(b"let a = 1;").digest()).decode()
    assert f"script-src 'sha256-{digest.replace('+', '&#43;')}'".replace(
        "'", "&#39;"
    ) in shown.replace("+", "&#43;")
    assert "<script>let a = 1;</script>" in shown
    assert "script" not in html.page("T", [])
    with pytest.raises(ValueError, match="own element"):
        html.page("T", [], script="'</SCRIPT>'")


def test_a_column_of_nothing_is_no_column_of_numbers() -> None:
    """Dashes alone stand where text would; beside a number they stand where numbers do."""
    assert 'class="n"' not in html.table(["a"], [[None], [None]])
    assert html.table(["a"], [[None], [1]]).count('class="n"') == 3


def test_overlapping_marks_are_merged() -> None:
    """Evidence that overlaps is highlighted once and no character is lost."""
    marked = html.marked("abcdef", [(3, 5), (1, 4), (90, 99)])
    assert re.sub("<[^>]+>", "", marked) == "abcdef"
    assert marked.count("<mark") == 2


def chromium(tmp_path: Path, *arguments: str) -> str:
    """Run headless Chromium on its own profile and return what it prints."""
    command = [
        str(CHROMIUM),
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        f"--user-data-dir={tmp_path / 'profile'}",
        *arguments,
    ]
    return subprocess.run(command, capture_output=True, text=True, timeout=90, check=True).stdout


PROBE = """<!doctype html><title>none</title>
<iframe id=f style="border:0;width:390px;height:900px"></iframe><script>
f.onload = () => { const d = f.contentDocument, e = d.documentElement;
  document.title = [e.scrollWidth, d.querySelectorAll('script').length,
    d.querySelectorAll('svg').length].join(' ') };
f.src = 'page.html';</script>"""


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")
def test_a_phone_never_scrolls_sideways(tmp_path: Path) -> None:
    """At 390 pixels the page is 390 pixels wide, long words and wide tables included; no script is
    in it.
    """
    wide = html.table(["a" * 30] * 12, [["b" * 80] * 12])
    sections = [Section("Wide", wide), Section("Long " + "w" * 120, html.quote("x" * 900))]
    whole = everything(HOSTILE).replace(
        "</main>", f"{html.join(*(s.body for s in sections))}</main>"
    )
    (tmp_path / "page.html").write_text(whole, encoding="utf-8")
    (tmp_path / "probe.html").write_text(PROBE, encoding="utf-8")
    dom = chromium(
        tmp_path,
        "--allow-file-access-from-files",
        "--virtual-time-budget=3000",
        "--dump-dom",
        f"file://{tmp_path / 'probe.html'}",
    )
    found = re.search(r"<title>(\d+) (\d+) (\d+)</title>", dom)
    assert found, dom[:500]
    width, scripts, drawings = map(int, found.groups())
    assert width <= 390
    assert scripts == 0
    assert drawings > 10
