"""What extraction keeps of real documentation, against trafilatura (fast, favouring recall) on the
same pages.

    python tests/benchmarks/extraction.py [--sphinx DIR] [--docbook DIR] [--httpd DIR] [--corpus
    DIR] [--pages 150]

The first three are folders of HTML as those generators write it (Debian: python3-doc,
postgresql-doc and apache2-doc). `--corpus` is a folder of *.jsonl.gz with `html_body`, which is put
into five page layouts: a landmark, a container by id, a layout table, a theme's class, and an
article in a weblog that marks nothing. A page's truth is its generator's own container. Shares are
of all headings, code lines and cells of all pages; F1 is the mean over pages. Goals: headings 0.99,
code lines (verbatim, with indentation) 0.97, cells 0.95, F1 0.97, and F1 on articles no lower than
trafilatura's.
"""

import argparse
import gzip
import html
import json
import random
import re
import time
from collections import Counter
from pathlib import Path

import trafilatura
from lxml import html as parser
from markdown_it import MarkdownIt

from secarch.harvest.config import HarvestConfig
from secarch.harvest.extract import page as extraction
from secarch.records import Page

CONTAINERS = {
    "sphinx": ("//div[@class='body']", "headerlink"),
    "docbook": ("//body", "navheader navfooter"),
    "httpd": ("//div[@id='page-content']", "toplang bottomlang top"),
}
"""Kind -> where the documentation is, and the classes within it that are none."""
CHROME_IDS = {"quickview", "comments_section"}
MARKDOWN = MarkdownIt("commonmark").enable("table")
MENU = "".join(f'<li><a href="/t/{n}">Topic number {n} of the handbook</a></li>' for n in range(40))
COOKIES = (
    "<div class=cookie><p>We use cookies to improve our site. Accept all or "
    "decline.</p><button>Accept</button></div>"
)
FOOT = (
    "<footer><p>Privacy | Terms | Contact us</p><p>Copyright 2026. All rights "
    "reserved.</p></footer>"
)
LAYOUTS = {
    "landmark": "<aside><ul>{menu}</ul></aside><main><nav>Home / "
    "Docs</nav><article>{body}</article></main>",
    "container": "<div id=left><ul>{menu}</ul></div><div id=main-content>{body}</div>",
    "table": "<table><tr><td><b>Topics</b><ul>{menu}</ul></td><td "
    "valign=top>{body}</td></tr></table>",
    "theme": "<nav><ul>{menu}</ul></nav><div class='theme-doc-markdown markdown'>{body}</div>",
    "article": "<div class=header><ul>{menu}</ul></div><div class=post><div "
    "class=entry>{body}</div></div>"
    "<div class=sidebar><h3>Recent posts</h3><ul>{menu}</ul></div>",
}


def squeezed(text: str) -> str:
    return re.sub(r"[\s`*_|\\¶]+", "", text)


class Truth:
    """What a reader of the page would want kept."""

    def __init__(self, root) -> None:
        for element in root.xpath(".//script | .//style | .//button | .//svg | .//noscript"):
            element.drop_tree()
        self.text = root.text_content()
        headings = [squeezed(h.text_content()) for h in root.iter("h1", "h2", "h3", "h4", "h5")]
        self.headings = [h for h in headings if h]
        self.code = [
            line.rstrip()
            for pre in root.iter("pre")
            for line in code_of(pre).splitlines()
            if line.strip()
        ]
        cells = [
            squeezed(c.text_content())
            for c in root.iter("td", "th")
            if not c.xpath(".//pre | .//table")
        ]
        self.cells = [cell for cell in cells if cell]


def code_of(pre) -> str:
    for line_break in list(pre.iter("br")):
        line_break.tail = "\n" + (line_break.tail or "")
    return pre.text_content()


def words(text: str) -> Counter:
    return Counter(re.findall(r"\w+", text.lower()))


def kept(truth: Truth, text: str) -> Counter:
    """How much of a page's truth is in the Markdown."""
    tokens = MARKDOWN.parse(text)
    blocks = [token for token in tokens if token.type in {"fence", "code_block"}]
    lines = {line.rstrip() for block in blocks for line in block.content.splitlines()}
    inline = [
        tokens[n + 1].content for n, token in enumerate(tokens) if token.type == "heading_open"
    ]
    headings, flat = (
        {squeezed(html.unescape(line)) for line in inline},
        squeezed(html.unescape(text)),
    )
    bare = re.sub(r"^(\s*```)\w+", r"\1", text, flags=re.MULTILINE)
    left, right = words(truth.text), words(bare)
    total = left.total() + right.total()
    return Counter(
        {
            "headings": len(truth.headings),
            "headings_kept": sum(h in headings for h in truth.headings),
            "code": len(truth.code),
            "code_kept": sum(line in lines for line in truth.code),
            "cells": len(truth.cells),
            "cells_kept": sum(cell in flat for cell in truth.cells),
            "pages": 1,
            "f1": 2 * (left & right).total() / total if total else 1.0,
        }
    )


def by_trafilatura(page: Page) -> str:
    text = trafilatura.extract(
        page.body,
        url=page.url,
        fast=True,
        favor_recall=True,
        include_comments=False,
        include_tables=True,
        output_format="markdown",
    )
    return text or ""


def by_us(page: Page) -> str:
    found = extraction.extract(page)
    return found.document.text if found.document else ""


def real(kind: str, folder: Path, number: int, chosen: random.Random):
    where, chrome = CONTAINERS[kind]
    files = sorted(folder.rglob("*.htm*"))
    chosen.shuffle(files)
    for path in files:
        body = path.read_bytes()
        root = next(iter(parser.fromstring(body).xpath(where)), None)
        if root is None or len(root.text_content().split()) < 100:
            continue
        for element in root.xpath(".//*[@class or @id]"):
            named = not set((element.get("class") or "").split()).isdisjoint(chrome.split())
            if (named or element.get("id") in CHROME_IDS) and element.getparent() is not None:
                element.drop_tree()
        yield path.name, Truth(root), body
        number -= 1
        if not number:
            return


def made(layout: str, folder: Path, number: int, chosen: random.Random):
    files = sorted(folder.glob("*.jsonl.gz"))
    rows = [
        row
        for path in files
        for row in gzip.decompress(path.read_bytes()).decode().split("\n")
        if row
    ]
    for line in chosen.sample(rows, min(number, len(rows))):
        row = json.loads(line)
        middle = LAYOUTS[layout].replace("{menu}", MENU).replace("{body}", row["html_body"])
        head = (
            "<!doctype html><html lang=en><head><meta "
            f"charset=utf-8><title>{html.escape(row['title'])}</title></head>"
        )
        page = f"{head}<body>{COOKIES}{middle}{FOOT}</body></html>"
        yield row["path"], Truth(parser.fromstring(f"<div>{row['html_body']}</div>")), page.encode()


def measured(pages, show: bool) -> dict[str, dict[str, float]]:
    report = {}
    sums, seconds = {"secarch": Counter(), "trafilatura": Counter()}, Counter()
    for name, truth, body in pages:
        page = Page(
            url=f"https://d.example/{name}",
            status=200,
            body=body,
            content_type="text/html",
            headers={},
            fetched_at="",
        )
        for program, read in (("secarch", by_us), ("trafilatura", by_trafilatura)):
            started = time.process_time()
            text = read(page)
            seconds[program] += time.process_time() - started
            got = kept(truth, text)
            sums[program] += got
            if show and program == "secarch":
                missed = {k: got[k] - got[f"{k}_kept"] for k in ("headings", "code", "cells")}
                if any(missed.values()) or got["f1"] < 0.95:
                    print(name, missed, round(got["f1"], 3))
    for program, got in sums.items():
        report[program] = {
            k: round(got[f"{k}_kept"] / got[k], 4) for k in ("headings", "code", "cells") if got[k]
        }
        report[program] |= {"f1": round(got["f1"] / got["pages"], 4), "pages": got["pages"]}
        report[program]["ms_per_page"] = round(1000 * seconds[program] / got["pages"], 1)
    return report


def main() -> None:
    flags = argparse.ArgumentParser()
    for kind in (*CONTAINERS, "corpus"):
        flags.add_argument(f"--{kind}", type=Path)
    flags.add_argument("--pages", type=int, default=150)
    flags.add_argument("--seed", type=int, default=5)
    flags.add_argument("--show", action="store_true", help="name the pages that lost something")
    asked = flags.parse_args()
    extraction._worker = extraction.Reader(
        HarvestConfig(seeds=("https://d.example/",), keep_raw=False)
    )
    folders = {kind: getattr(asked, kind) for kind in CONTAINERS if getattr(asked, kind)}
    rows = {
        kind: real(kind, folder, asked.pages, random.Random(asked.seed))
        for kind, folder in folders.items()
    }
    if asked.corpus:
        for layout in LAYOUTS:
            rows[layout] = made(layout, asked.corpus, asked.pages, random.Random(asked.seed))
    for name, pages in rows.items():
        print(json.dumps({name: measured(pages, asked.show)}))


if __name__ == "__main__":
    main()
