"""Documentation as the field's generators write it keeps its headings, its code and its tables.

The measurement over whole manuals is tests/benchmarks/extraction.py; these are small pages of the
same build.
"""

from __future__ import annotations

import pytest

from secarch.harvest.extract import main_text, page
from secarch.harvest.extract.extracted import Extracted
from secarch.harvest.stage import run as harvest
from secarch.records import Page
from secarch.session import Session
from tests.harvest.conftest import Reply, Site, config_for

HTML = {"Content-Type": "text/html"}
URL = "http://127.0.0.1:9/docs/page"
PROSE = (
    "A role grants what its holder needs and nothing that an intruder could turn against the "
    "whole account. " * 3
)
OTHER = (
    "Rotation of keys makes an old copy worthless, so a leak that nobody saw ends by itself after "
    "some weeks. " * 3
)
CODE = 'statement {\n    effect = "Deny"\n\n    # nothing below\n    actions = ["*"]\n}'
MENU = "".join(f"<li><a href=/docs/{n}>Topic {n} of the handbook</a></li>" for n in range(30))
TABLE = "<table><tr><th>Key</th><th>Days</th></tr><tr><td>root</td><td>90</td></tr></table>"
SPHINX = (
    f"<div class=related><h3>Navigation</h3><ul>{MENU}</ul></div><div class=document><div "
    "class=documentwrapper>"
    "<div class=bodywrapper><div class=body role=main><section><h1>Keys<a class=headerlink "
    "href=#k>¶</a></h1>{0}"
    "<div class='highlight-hcl notranslate'><div "
    "class=highlight><pre><span></span>{1}</pre></div></div>"
    "<section><h2>Rotation<a class=headerlink "
    "href=#r>¶</a></h2>{2}{0}</section></section></div></div></div>"
    f"<div class=sphinxsidebar><h3>Contents</h3><ul>{MENU}</ul></div></div>"
)
DOCBOOK = (
    "<div class=navheader><table><tr><th>Keys</th></tr><tr><td><a "
    "href=/docs/1>Prev</a></td></tr></table><hr></div>"
    "<div class=refentry><div class=refnamediv><h1>Keys</h1>{0}</div><div class=refsynopsisdiv>"
    "<pre class=synopsis>{1}</pre></div><div class=refsect1><h2>Rotation</h2>{2}{0}</div></div>"
    "<div class=navfooter><hr><table><tr><td><a href=/docs/2>Next</a></td></tr></table></div>"
)
LAYOUT_TABLE = (
    f"<table><tr><td><b>Topics</b><ul>{MENU}</ul></td><td><h1>Keys</h1>{{0}}<pre>{{1}}</pre><h2>Rotation</h2>{{2}}{{0}}"
    "</td></tr></table>"
)
THEME = (
    f"<div class=menu><ul>{MENU}</ul></div><div class='theme-doc-markdown "
    f"markdown'><header><h1>Keys</h1></header>{{0}}"
    "<div class=language-hcl><pre class=prism-code>{1}</pre></div><h2>Rotation<a class=hash-link "
    "href=#r>#</a></h2>"
    "{2}{0}</div>"
)


@pytest.fixture(autouse=True)
def _worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "_worker", page.Reader(config_for(URL)))


def read(body: str) -> Extracted:
    html = (
        f"<!doctype html><html lang=en><head><title>Keys</title></head><body>{body}</body></html>"
    )
    return page.extract(
        Page(
            url=URL,
            status=200,
            body=html.encode(),
            content_type="text/html",
            headers={},
            fetched_at="",
        )
    )


def text_of(body: str) -> str:
    found = read(body)
    assert found.document is not None, found
    return found.document.text


def highlighted(code: str) -> str:
    """As a highlighter leaves it: a span around each word, which breaks fences and indentation in
    other readers.
    """
    return code.replace("effect", "<span class=n>effect</span>").replace(
        '"Deny"', "<em>&quot;Deny&quot;</em>"
    )


@pytest.mark.parametrize(
    "layout", [SPHINX, DOCBOOK, LAYOUT_TABLE, THEME], ids=["sphinx", "docbook", "table", "theme"]
)
def test_headings_code_and_cells_survive_each_generator(layout: str) -> None:
    """Each heading as #, code to the letter, cells in a table, and nothing of the navigation."""
    text = text_of(layout.format(f"<p>{PROSE}</p>", highlighted(CODE), TABLE))
    assert [line for line in text.splitlines() if line.startswith("#")] == ["# Keys", "## Rotation"]
    assert f"\n{CODE}\n```" in text
    assert "| root | 90 |" in text
    assert "Topic" not in text
    assert not {"Prev", "Next", "¶"} & set(text.split())


def test_the_language_of_a_code_block_is_kept() -> None:
    """From the class that the generator sets, on the block or around it."""
    assert "```hcl\nstatement" in text_of(SPHINX.format(f"<p>{PROSE}</p>", CODE, ""))


def test_a_list_of_contents_goes_unless_the_page_is_little_else() -> None:
    """Beside text it is navigation; on its own it is the page."""
    contents = f"<div class=toc><ul>{MENU}</ul></div>"
    assert "Topic 3" not in text_of(f"<main><h1>Keys</h1>{contents}<p>{PROSE * 20}</p></main>")
    assert "Topic 3" in text_of(f"<main><h1>Keys</h1><p>Part two.</p>{contents}</main>")


def test_what_stands_beside_a_heading_belongs_to_it() -> None:
    """A long listing does not win over the section that holds it."""
    body = (
        "<div class=x><h1>Keys</h1><p>Short.</p><h2>Listing</h2><pre>"
        + f"{CODE}\n" * 40
        + "</pre></div>"
    )
    text = text_of(f"<div class=menu><ul>{MENU}</ul></div>{body}")
    assert "# Keys" in text
    assert "## Listing" in text


def test_an_article_that_marks_nothing_is_read_without_its_surroundings() -> None:
    """Trafilatura's judgement of an ordinary article is taken, and how far a second reader agrees
    is recorded.
    """
    article = f"<div class=post><h1>Keys</h1><p>{PROSE}</p><p>{OTHER}</p></div>"
    found = read(
        f"<div class=top><ul>{MENU}</ul></div>{article}<div class=side><ul>{MENU}</ul></div>"
    )
    assert (found.method, "Topic" in (found.document.text if found.document else "")) == (
        "article",
        False,
    )
    assert found.agreement is not None
    assert found.agreement > 0.9


def test_one_page_in_fifty_is_checked_by_a_second_reader() -> None:
    """Chosen by the hash of its address, so that every run checks the same ones."""
    body = f"<main><h1>Keys</h1><p>{PROSE * 3}</p><pre>a: 1</pre></main>".encode()
    scores = [
        page.extract(
            Page(
                url=f"{URL}/{n}",
                status=200,
                body=body,
                content_type="text/html",
                headers={},
                fetched_at="",
            )
        ).agreement
        for n in range(200)
    ]
    checked = [score for score in scores if score is not None]
    assert 1 <= len(checked) <= 15
    assert min(checked) > 0.9


@pytest.mark.parametrize(
    ("one", "other", "score"),
    [("a b c", "A b c!", 1.0), ("a a b", "a c", 0.4), ("x", "y", 0.0), ("", "", 1.0)],
)
def test_agreement_is_an_f1_over_words(one: str, other: str, score: float) -> None:
    """Words count as often as they stand there; case and marks do not."""
    assert main_text.agreement(one, other) == pytest.approx(score, abs=1e-4)


def test_a_worker_reports_each_link_once() -> None:
    """A site's navigation travels with its first page only; the next pages bring what is new."""
    first, second = (
        read(f"<ul>{MENU}</ul><a href=/docs/new{n}>n</a><main><p>{PROSE}</p></main>")
        for n in (1, 2)
    )
    assert len(first.links) == 31
    assert [link[0] for link in second.links] == ["http://127.0.0.1:9/docs/new2"]


@pytest.mark.slow
def test_the_funnel_says_how_pages_were_read_and_where_two_readers_differ(
    site: Site, session: Session
) -> None:
    """By method, with the agreement of the pages that were checked, and the doubtful ones by
    name.
    """
    menu = "".join(
        f"<p>Nothing {n} of the kind that a reader of this page came for.</p>" for n in range(40)
    )
    site.page("/docs/", "/docs/article", "/docs/odd")
    site.answers["/docs/article"] = Reply(
        f"<div><h1>A</h1><p>{PROSE}</p><p>{OTHER}</p></div>", headers=HTML
    )
    odd = f"<div class=comments id=comments>{menu}</div><div><h2>One</h2><pre>{CODE}</pre></div>"
    site.answers["/docs/odd"] = Reply(odd, headers=HTML)
    outcome = harvest(config_for(f"{site.base}/docs/"), session)
    read_by = outcome.result["funnel"]["extraction"]
    assert sum(read_by["by_method"].values()) == outcome.counts["documents"] == 3
    assert read_by["by_method"]["article"] >= 1
    assert read_by["checked"] >= 2
    assert 0 <= read_by["agreement_median"] <= 1
    assert len(read_by["doubtful"]) == read_by["below_0.6"]
