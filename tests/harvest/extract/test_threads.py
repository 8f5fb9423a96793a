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
from lxml import html

from secarch.harvest.extract import main_text, markup, threads

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
PROSE = "A role that nobody reviews keeps more rights than its owner needs, so review it. " * 3


def _posts(body: str, head: str = "") -> list[str]:
    tree = markup.parse(f"<html><head>{head}</head><body>{body}</body></html>")
    return [
        post.text_content()[:1]
        for post in threads.posts_of(tree, markup.meta_of(tree), markup.names_of(tree))
    ]


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
        source,
        tree,
        None,
        {},
        url="http://x.example/",
        title="T",
        checked=False,
        generated=False,
        names=markup.names_of(tree),
    )
    assert (method, agreement) == ("thread", None)
    assert text.startswith("# T\n\nOne. A role")
    assert text.index("Two.") > text.index("One.")
    assert "terminal" not in text
    assert "\nx\n" not in text


def test_signatures_go_whatever_element_holds_them() -> None:
    """An aside, and an element that its template names in an attribute of its own."""
    aside = "<aside class='message-signature'>Sent from a phone</aside>"
    part = "<div component='post/signature'>I love logs</div>"
    part += "<div data-role='memberSignature'>My own line</div>"
    post = html.fromstring(f"<div><p>Rotate the key.</p>{aside}{part}</div>")
    threads.drop_signatures(post)
    assert post.text_content() == "Rotate the key."


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


def test_layouts_that_were_written_later_are_read_as_well() -> None:
    """A page of each of 38 further layouts; no layout below .88."""
    articles = _benchmark()
    ours = {}
    for made in articles.article_pages_more.make(5, 1):
        _, text = articles.ours(made.source)
        plain = articles.without_title(articles.plain(text), made.source)
        ours[made.layout] = articles.score(plain, made.text)[2]
    assert len(ours) >= 38
    assert mean(ours.values()) >= 0.97
    assert {name: round(score, 3) for name, score in ours.items() if score < 0.88} == {}


def _by_structure(body: str) -> list[str]:
    tree = markup.parse(f"<html><body>{body}</body></html>")
    return [
        post.text_content()[:1] for post in threads.posts_by_structure(tree, markup.names_of(tree))
    ]


def _framed(beside: str, post: str) -> str:
    return f"<div class=row>{beside}{post}</div>"


@pytest.mark.parametrize(
    ("beside", "post", "found"),
    [
        ("<b class=username>Ann</b>", "<div class=words>{n} {t}</div>", True),
        ("<b class=bigusername>Ann</b>", "<div class=words>{n} {t}</div>", True),
        ("<b class='x display-name'>Ann</b>", "<div class=words>{n} {t}</div>", True),
        ("<b class=bigusername>Ann</b>", "<div id=post_message_{n}>{n} {t}</div>", True),
        ("<b class=bigusername>Ann</b>", "<div id=part_{n}>{n} {t}</div>", False),
        ("<b class=name>Ann</b>", "<div class=words>{n} {t}</div>", False),
        # A block with a title of its own is a section; an author's name may look like a title.
        ("<h4 class=poster>Ann</h4>", "<div class=words>{n} {t}</div>", True),
        ("<h4>Part</h4><time>May</time>", "<div class=words>{n} {t}</div>", False),
        ("<div class=update-title>Part</div><time>May</time>", "<p class=w>{n} {t}</p>", False),
    ],
)
def test_posts_are_found_by_class_or_numbered_id(beside: str, post: str, found: bool) -> None:
    """Each in a frame with its author or its time."""
    body = "".join(_framed(beside, post.format(n=n, t=PROSE)) for n in (1, 2, 3))
    assert _by_structure(body) == (["1", "2", "3"] if found else [])


def test_the_words_of_a_post_are_preferred_to_its_cell() -> None:
    """The cell has the signature as well."""
    post = "<td class=alt><div id=msg_{n}>{n} {t}</div><div>~ {t:.90}</div></td>"
    rows = "".join(
        f"<tr><td class=username>Ann</td>{post.format(n=n, t=PROSE)}</tr>" for n in (1, 2, 3)
    )
    tree = markup.parse(f"<html><body><table>{rows}</table></body></html>")
    assert [p.get("id") for p in threads.posts_by_structure(tree, markup.names_of(tree))] == [
        "msg_1",
        "msg_2",
        "msg_3",
    ]


def test_a_drawn_line_begins_a_signature() -> None:
    """As forums without a class for it have."""
    post = markup.parse("<div>Words.<div>_________<br>My signature</div></div>").find(".//div")
    threads.drop_signatures(post)
    assert post.text_content() == "Words."
