"""Threads are read post by post, and ordinary pages in every layout as well as trafilatura reads
them.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from statistics import mean
from types import ModuleType

import pytest

from secarch.harvest.extract import main_text, markup, threads

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
PROSE = "A role that nobody reviews keeps more rights than its owner needs, so review it. " * 3


def _posts(body: str, head: str = "") -> list[str]:
    tree = markup.parse(f"<html><head>{head}</head><body>{body}</body></html>")
    return [post.text_content()[:1] for post in threads.posts_of(tree, markup.meta_of(tree))]


def _post(name: str, text: str) -> str:
    return f"<div class={name}>{text} {PROSE}</div>"


FORUM = "<meta name=generator content='Discourse 3.4'>"
MARKS = "<div class=postprofile>x</div><h2 class=topic-title>T</h2>"


@pytest.mark.parametrize(
    ("body", "head", "posts"),
    [
        (_post("post", "1") + _post("post", "2"), FORUM, ["1", "2"]),
        (MARKS + _post("content", "1") + _post("content", "2"), "", ["1", "2"]),
        # One sign alone, one post alone, posts that hold little of the page, nested elements.
        ("<h2 class=topic-title>T</h2>" + _post("content", "1") * 2, "", []),
        (MARKS + _post("content", "1"), "", []),
        (MARKS + f"<p>{PROSE * 9}</p>" + _post("content", "1") * 2, "", []),
        (MARKS + f"<div class=post>{_post('post', '1')}{_post('post', '2')}</div>", "", []),
        (MARKS + "<div class=content>short</div>" * 5, "", []),
        # Comments below an article are no thread.
        (MARKS + f"<div id=comments>{_post('content', '1') * 3}</div>", "", []),
        (_post("post", "1") + _post("post", "2"), "", []),
    ],
)
def test_a_thread_is_told_from_other_pages(body: str, head: str, posts: list[str]) -> None:
    """By its maker, or by two different frames of a thread, and by posts that are the page."""
    assert _posts(body, head) == posts


def test_a_thread_has_its_title_and_no_signatures() -> None:
    """The posts in order below the title; authors and signatures are left out."""
    body = f"{MARKS}{_post('content', 'One.')}<div class=content>Two. {PROSE}<div class=signature>"
    body += "Sent from my terminal</div></div>"
    source = f"<html><head><title>T</title></head><body>{body}</body></html>"
    tree = markup.parse(source)
    method, text, agreement = main_text.read(
        source, tree, None, {}, url="http://x.example/", title="T", checked=False
    )
    assert (method, agreement) == ("thread", None)
    assert text.startswith("# T\n\nOne. A role")
    assert text.index("Two.") > text.index("One.")
    assert "terminal" not in text
    assert "\nx\n" not in text


def _benchmark() -> ModuleType:
    sys.path.insert(0, str(BENCHMARKS))
    try:
        spec = importlib.util.spec_from_file_location("articles", BENCHMARKS / "articles.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(BENCHMARKS))
    return module


def test_ordinary_pages_are_read_as_well_as_by_trafilatura() -> None:
    """Word 4-grams, F1 over a page of each of 22 layouts; no layout below .9."""
    articles = _benchmark()
    ours, theirs = {}, []
    for made in articles.article_pages.make(3, 1):
        _, text = articles.ours(made.source)
        plain = articles.without_title(articles.plain(text), made.source)
        ours[made.layout] = articles.score(plain, made.text)[2]
        quick = articles.theirs(made.source, fast=True, favor_recall=True)
        theirs.append(articles.score(articles.without_title(quick, made.source), made.text)[2])
    assert len(ours) >= 20
    assert mean(ours.values()) >= max(0.97, mean(theirs))
    assert {name: round(score, 3) for name, score in ours.items() if score < 0.9} == {}
