"""Main text of ordinary pages, beside trafilatura: word 4-grams as multisets, F1 a page, their mean.

    python tests/benchmarks/articles.py [--seed N] [--each N] [--more] [--show LAYOUT]

The measure is that of the article extraction benchmark of Zyte (shingles of four words); the pages
are made by article_pages.py, so that nobody's text is needed. A page's title is not part of its text
and counts against nobody.
"""

import argparse
import re
from collections import Counter
from statistics import mean

import article_pages
import article_pages_more
import trafilatura

from secarch.harvest.config import HarvestConfig
from secarch.harvest.extract import page as extraction
from secarch.records import Page

URL = "http://127.0.0.1/a/page.html"


def shingles(text, title=""):
    words = re.findall(r"\w+", text)
    if title and words[: len(title)] == title:
        words = words[len(title) :]
    return Counter(tuple(words[n : n + 4]) for n in range(max(1, len(words) - 3)))


def score(found, truth):
    got, wanted = shingles(found), shingles(truth)
    both = (got & wanted).total()
    precision, recall = both / max(1, got.total()), both / max(1, wanted.total())
    return precision, recall, 2 * precision * recall / (precision + recall) if both else 0.0


def plain(markdown):
    """Words of Markdown: marks of emphasis, links and tables are not words."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", markdown)
    return re.sub(r"\|?[ ]?-{3,}[ |]*|[*_`#>|\\]", " ", text)


def without_title(text, source):
    title = re.search(r"<title>(.*?) \|", source) or re.search(r"<title>(.*?)</title>", source)
    first, _, rest = text.lstrip().partition("\n")
    return rest if title and first.strip("# *").startswith(title[1][:40]) else text


def ours(source):
    config = HarvestConfig(
        seeds=("http://127.0.0.1/",), allow_networks=("127.0.0.0/8",), keep_raw=False
    )
    extraction._worker = extraction._worker or extraction.Reader(config)
    page = Page(
        url=URL,
        status=200,
        body=source.encode(),
        content_type="text/html",
        headers={},
        fetched_at="",
    )
    found = extraction._extract(extraction._worker, page)
    return found.method or found.reason, found.document.text if found.document else ""


def theirs(source, **options):
    return trafilatura.extract(source, url=URL, include_comments=False, **options) or ""


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=16)
    parser.add_argument("--each", type=int, default=3)
    parser.add_argument("--more", action="store_true", help="the 38 layouts of the second file")
    parser.add_argument("--show", default="")
    asked = parser.parse_args()
    table = {}
    pages = article_pages_more if asked.more else article_pages
    for made in pages.make(asked.seed, asked.each):
        method, text = ours(made.source)
        rows = [
            score(without_title(plain(text), made.source), made.text),
            score(
                without_title(theirs(made.source, fast=True, favor_recall=True), made.source),
                made.text,
            ),
            score(without_title(theirs(made.source), made.source), made.text),
        ]
        table.setdefault(made.layout, []).append((method, rows))
        if asked.show == made.layout:
            print(method, text, "\n--- truth\n", made.text)
            return
    print(
        f"{'layout':12} {'read by':12} {'ours P R F1':>20} {'fast+recall F1':>15} {'default F1':>11}"
    )
    for name, found in table.items():
        own = [mean(rows[0][k] for _, rows in found) for k in range(3)]
        print(
            f"{name:12} {'/'.join(sorted({m for m, _ in found})):12} {own[0]:6.3f} {own[1]:6.3f} {own[2]:6.3f} "
            f"{mean(rows[1][2] for _, rows in found):15.3f} {mean(rows[2][2] for _, rows in found):11.3f}"
        )
    flat = [rows for found in table.values() for _, rows in found]
    print(f"pages {len(flat)}", *(f"{mean(rows[k][2] for rows in flat):.3f}" for k in range(3)))


if __name__ == "__main__":
    main()
