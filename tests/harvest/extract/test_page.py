"""From a page's bytes to a document."""

from __future__ import annotations

import gzip
from collections.abc import Iterator

import pytest

from secarch.harvest.extract import main_part, markup, page
from secarch.harvest.extract.charset import decode
from secarch.harvest.extract.extracted import MAX_SITEMAP_BYTES, Extracted
from secarch.harvest.extract.licence import spdx
from secarch.records import Page
from tests.harvest.conftest import config_for

URL = "http://127.0.0.1:9/docs/page"
SAMPLE = "é \u2013 ü"
PROSE = "Least privilege limits what a stolen credential can do. " * 8


@pytest.fixture(autouse=True)
def _worker(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(page, "_worker", page.Reader(config_for({"url": URL, "licence": "MIT"})))
    return


def read(html: str | bytes, content_type: str = "text/html", **headers: str) -> Extracted:
    body = html.encode() if isinstance(html, str) else html
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return page.extract(
        Page(
            url=URL,
            status=200,
            body=body,
            content_type=content_type,
            headers=named,
            fetched_at="2026-01-01T00:00:00Z",
        )
    )


def text_of(html: str | bytes, content_type: str = "text/html") -> str:
    found = read(html, content_type)
    assert found.document is not None, found
    return found.document.text


def urls(found: Extracted, reason: str = "") -> list[str]:
    return [
        url.removeprefix("http://127.0.0.1:9/docs/") for url, why, _ in found.links if why == reason
    ]


def test_headings_code_and_tables_survive() -> None:
    """Headings as #, code verbatim with its indentation and language, cells in a table; no
    navigation.
    """
    text = text_of(
        f"<body><nav>Menu</nav><main><h1>Keys <a class=headerlink href=#k>¶</a></h1><p>{PROSE}</p>"
        "<h2>Rotate <em>often</em></h2>"
        '<pre><code class="language-yaml">a:\n  <span class=k>b</span>: 1\n    # c</code></pre>'
        "<table><tr><th>Key<th>Days</tr><tr><td>root<td>90</tr></table></main><footer>Foot</footer>"
    )
    assert text.startswith("# Keys\n")
    assert "## Rotate often\n" in text
    assert "```yaml\na:\n  b: 1\n    # c\n```" in text
    assert "| root | 90 |" in text
    assert not {"Menu", "Foot", "¶"} & set(text.replace("#", " ").split())


def test_a_heading_that_is_a_link_to_itself_stays() -> None:
    """VuePress 2 puts the words of a heading in the link to it; a mark alone goes as ever."""
    text = text_of(
        "<main><h1 id=k><a class=header-anchor href=#k><span>Rotate keys</span></a></h1>"
        f"<p>{PROSE}</p><h2>Why <a class=header-anchor href=#w>Permalink</a></h2><p>{PROSE}</p>"
    )
    assert text.startswith("# Rotate keys\n")
    assert "## Why\n" in text


def test_a_generators_container_counts_as_the_main_part() -> None:
    """Sites without a landmark often have a known container."""
    found = read(
        "<body><div class=side>Menu</div><div class='x "
        f"theme-doc-markdown'><h1>T</h1><p>{PROSE}</p></div>"
    )
    assert (found.method, "Menu" in (found.document.text if found.document else "")) == (
        "main",
        False,
    )


def test_without_a_main_part_trafilatura_reads_the_page() -> None:
    """An ordinary article."""
    found = read(f"<html><body><div><h1>T</h1><p>{PROSE}</p><p>{PROSE}</p></div></body></html>")
    assert found.method == "article"
    assert found.document is not None
    assert "Least privilege" in found.document.text


def test_sections_that_trafilatura_loses_come_from_the_densest_block() -> None:
    """A page laid out with a table keeps its section headings, and its menu stays out."""
    menu = "".join(f"<li><a href=/docs/{n}>Topic {n}</a></li>" for n in range(20))
    body = f"<h1>T</h1><h2>First</h2><p>{PROSE}</p><h2>Second</h2><p>{PROSE}</p><pre>x</pre>"
    found = read(f"<body><table><tr><td><ul>{menu}</ul></td><td>{body}</td></tr></table></body>")
    assert found.method == "densest"
    assert found.document is not None
    assert "## First" in found.document.text
    assert "Topic" not in found.document.text


def test_provenance_is_kept() -> None:
    """Canonical address, title, language, dates, licence and hashes."""
    found = read(
        '<html lang="en-GB"><head><title>T | Site</title><link rel=canonical '
        'href="/docs/real?utm_source=x">'
        '<meta property="article:modified_time" content="2026-03-01T12:00:00+02:00">'
        f"</head><body><main><h1>Real title</h1><p>{PROSE}</p></main>"
        '<a rel=license href="https://creativecommons.org/licenses/by-sa/4.0/">L</a>'
    ).document
    assert found is not None
    assert (found.title, found.language, found.licence) == ("Real title", "en", "CC-BY-SA-4.0")
    assert (found.canonical_url, found.modified_at) == (
        "http://127.0.0.1:9/docs/real",
        "2026-03-01T10:00:00Z",
    )
    assert (len(found.id), len(found.sha256), len(found.raw_sha256), found.site) == (
        16,
        64,
        64,
        "127.0.0.1:9",
    )


def test_the_seeds_licence_holds_where_the_page_states_none() -> None:
    """See `seeds.licence`."""
    document = read(f"<main><p>{PROSE}</p></main>").document
    assert document is not None
    assert document.licence == "MIT"


@pytest.mark.parametrize("href", ["https://other.example/docs/page", "/", "http://127.0.0.1:9/"])
def test_a_canonical_link_to_elsewhere_or_to_the_home_page_is_ignored(href: str) -> None:
    """A page cannot give its text to another site, nor a whole site collapse into one page."""
    document = read(f"<link rel=canonical href='{href}'><main><p>{PROSE}</p></main>").document
    assert document is not None
    assert document.canonical_url == URL


def test_links_are_resolved_judged_and_told_apart() -> None:
    """Relative to <base>, once each, with the reason for those that are not followed."""
    found = read(
        "<base href='/docs/deep/'><body><a href=a>1</a><a href='a#x'>1</a><a "
        "href='/docs/b?utm_source=z'>2</a>"
        "<a href=mailto:x@y>3</a><a rel=nofollow href=c>4</a><a "
        "href=http://169.254.169.254/>5</a><a href=/other>6</a>"
        f"<main><p>{PROSE}</p></main>"
    )
    assert urls(found) == ["deep/a", "b"]
    assert urls(found, "private_address") == ["http://169.254.169.254/"]
    assert urls(found, "out_of_scope") == ["http://127.0.0.1:9/other"]


PAGE = f"<a href=/docs/next>n</a><main><p>{PROSE}</p></main>"


@pytest.mark.parametrize(
    ("head", "headers", "reason", "links"),
    [
        ("<meta name=robots content=noindex>", {}, "noindex", 1),
        ("<meta name=robots content='noindex, nofollow'>", {}, "noindex", 0),
        ("<meta name=robots content=nofollow>", {}, "", 0),
        ("<meta name=ROBOTS content=noai>", {}, "opt_out_noai", 1),
        ("<meta name=secarch content=noindex>", {}, "noindex", 1),
        ("<meta name=googlebot content=noindex>", {}, "", 1),
        ("<meta name=tdm-reservation content=1>", {}, "opt_out_tdmrep", 1),
        ("", {"x_robots_tag": "noindex"}, "noindex", 1),
        ("", {"x_robots_tag": "noai"}, "opt_out_noai", 1),
        ("", {"tdm_reservation": "1"}, "opt_out_tdmrep", 1),
        ("", {"content_usage": "train-ai=n"}, "opt_out_content_usage", 1),
        ("", {"content_signal": "ai-train=no"}, "opt_out_content_signal", 1),
        ("", {"x_robots_tag": "otherbot: noindex\nsecarch: noai"}, "opt_out_noai", 1),
        ("", {"x_robots_tag": "nofollow"}, "", 0),
    ],
)
def test_what_a_page_reserves_is_kept(
    head: str, headers: dict[str, str], reason: str, links: int
) -> None:
    """noindex, nofollow, noai, TDMRep and AI preferences, in the page and in its headers."""
    found = read(head + PAGE, **headers)
    assert (found.reason, found.document is None, len(found.links)) == (reason, bool(reason), links)


def test_opt_outs_can_be_overridden_and_noindex_cannot(monkeypatch: pytest.MonkeyPatch) -> None:
    """harvest.honour_opt_outs is about training; indexing is not ours to override."""
    monkeypatch.setattr(page, "_worker", page.Reader(config_for(URL, honour_opt_outs=False)))
    reasons = [
        read(f"<meta name=robots content={word}>{PAGE}").reason for word in ("noai", "noindex")
    ]
    assert reasons == ["", "noindex"]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty_page"),
        (b"   \n", "empty_page"),
        (b"<html></html>", "no_text"),
        (b"<!-- -->", "extraction_failed"),
        (
            b"<title>Page not found</title><main><h1>Page not found</h1><p>Sorry.</p></main>",
            "soft_404",
        ),
    ],
)
def test_pages_without_text_have_their_reason(body: bytes, reason: str) -> None:
    """Nothing empty becomes a document."""
    assert read(body).reason == reason


def test_a_date_beyond_the_calendar_is_no_date() -> None:
    """A page with an impossible time of change is kept, without that time."""
    head = '<meta property="article:modified_time" content="0001-01-01T00:00:00+23:00">'
    found = read(f"<head>{head}</head><body><main><h1>T</h1><p>{PROSE}</p></main></body>")
    assert found.document is not None
    assert found.document.modified_at == ""


def test_tag_soup_and_control_characters_are_read() -> None:
    """Broken HTML gives what text it has."""
    assert "privilege" in text_of(f"<p <b></div><main><h1>T<p>\x00{PROSE}</i></table>&nbsp<td>")


def test_ten_thousand_nested_elements_do_no_harm() -> None:
    """Depth is the parser's business and ends in a document or a reason."""
    found = read("<div>" * 10_000 + PROSE)
    assert found.document is not None or found.reason


@pytest.mark.slow
def test_a_million_links_are_cut() -> None:
    """A page may give so many links and no more."""
    found = read("".join(f"<a href=/docs/{n}>x</a>" for n in range(page.MAX_LINKS + 500)))
    assert len(found.links) == page.MAX_LINKS


def test_markdown_is_kept_as_it_is() -> None:
    """text/markdown needs no extraction; its first heading is the title."""
    found = read("# Title\r\n\r\n* one\r\n", "text/markdown")
    assert found.document is not None
    assert (found.document.title, found.document.text, found.method) == (
        "Title",
        "# Title\n\n* one\n",
        "plain",
    )


def test_page_breaks_of_plain_text_go() -> None:
    """With the foot of the page and the head of the next (RFC 7994); a bare one is a line's end."""
    page = "1. Keys\n\nRotate.\n\n\nWriter  Standard  [Page 1]\n\fRFC 1  Keys\n\n\nOften.\fNow."
    found = read(page, "text/plain")
    assert found.document is not None
    assert found.document.text == "1. Keys\n\nRotate.\n\nOften.\nNow.\n"


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (SAMPLE.encode(), "text/html"),
        (SAMPLE.encode(), "text/html; charset=ISO-8859-1"),
        (SAMPLE.encode("cp1252"), "text/html; charset=ISO-8859-1"),
        (b"<meta charset=windows-1252>" + SAMPLE.encode("cp1252"), "text/html"),
        (("\ufeff" + SAMPLE).encode("utf-16-le"), ""),
        (("\ufeff" + SAMPLE).encode(), "text/html; charset=latin-1"),
    ],
)
def test_charsets_are_found(body: bytes, content_type: str) -> None:
    """Mark, header, meta element, and UTF-8 wherever the bytes are UTF-8."""
    assert decode(body, content_type).endswith(SAMPLE)


@pytest.mark.parametrize(
    ("language", "text", "encodings"),
    [
        ("ru", "Ключи следует менять, доступ к журналу ограничить. ", ("cp1251", "koi8-r")),
        ("uk", "Ключі слід змінювати, доступ до журналу обмежити. ", ("cp1251", "koi8-u")),
        ("ru", "Ключи следует менять, доступ к журналу ограничить. ", ("cp866", "iso8859-5")),
        ("ja", "鍵は九十日ごとに更新し、アクセスを制限します。", ("cp932", "euc_jp")),
        ("pl", "Klucze należy zmieniać, a dostęp ograniczyć. ", ("cp1250", "iso8859-2")),
    ],
)
def test_undeclared_bytes_are_of_an_encoding_of_the_pages_language(
    language: str, text: str, encodings: tuple[str, ...]
) -> None:
    """Of several that the language is written in, the one that gives words."""
    page = f"<html lang={language}><p>{text * 9}"
    assert [decode(page.encode(name), "text/html") for name in encodings] == [page, page]


def test_undeclared_bytes_are_guessed_and_never_raise() -> None:
    """Detection for the rest; rubbish becomes some text."""
    assert decode("Größe über Straße, naïveté et château".encode("latin-1") * 20, "") != ""
    assert isinstance(decode(bytes(range(256)), "text/html; charset=nonsense"), str)


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("https://creativecommons.org/licenses/by/4.0/", "CC-BY-4.0"),
        ("http://www.apache.org/licenses/LICENSE-2.0.html", "Apache-2.0"),
        ("https://creativecommons.org/publicdomain/zero/1.0/", "CC0-1.0"),
        ("https://opensource.org/licenses/MIT", "MIT"),
        ("https://example.org/terms", ""),
    ],
)
def test_licences_are_named_by_their_address(address: str, name: str) -> None:
    """SPDX identifiers; what is not known stays empty."""
    assert spdx(address) == name


def _map(body: bytes) -> Extracted:
    return page.read_sitemap(
        Page(
            url=URL,
            status=200,
            body=body,
            content_type="application/xml",
            headers={},
            fetched_at="",
        )
    )


def test_sitemaps_and_their_index_are_read_gzip_or_not() -> None:
    """<loc> of <url> is a page, of <sitemap> another map."""
    locs = b"<url><loc> http://127.0.0.1:9/docs/a </loc></url><url><loc>http://o/</loc></url>"
    pages = b"<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>" + locs + b"</urlset>"
    index = b"<sitemapindex><sitemap><loc>http://127.0.0.1:9/m.xml</loc></sitemap></sitemapindex>"
    assert urls(_map(pages)) == urls(_map(gzip.compress(pages))) == ["a"]
    assert _map(index).sitemaps == ["http://127.0.0.1:9/m.xml"]


def test_broken_and_hostile_sitemaps_end_in_a_reason_or_in_what_can_be_read() -> None:
    """Cut XML gives its beginning; entities are not resolved; a bomb is refused."""
    assert urls(_map(b"<urlset><url><loc>http://127.0.0.1:9/docs/a</loc></url><url><lo")) == ["a"]
    entities = (
        b'<!DOCTYPE x [<!ENTITY a "http://127.0.0.1:9/docs/a"><!ENTITY f SYSTEM '
        b'"file:///etc/passwd">]>'
    )
    assert urls(_map(entities + b"<urlset><url><loc>&f;&a;</loc></url></urlset>")) == []
    assert _map(gzip.compress(bytes(MAX_SITEMAP_BYTES + 10))).reason == "sitemap_too_large"
    assert _map(b"\x1f\x8b broken").reason == "sitemap_unreadable"


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("<urlset><url><loc>/docs/a</loc></url></urlset>", ["a"]),
        ("<urlset><url><loc>http://127.0.0.1:9/docs/a?x=1&y=2</loc></url></urlset>", ["a?x=1&y=2"]),
        ("<urlset><url><loc>/docs/a?x=1&amp;y=2</loc></url></urlset>", ["a?x=1&y=2"]),
        ("<rss><item><guid>http://127.0.0.1:9/docs/a</guid></item></rss>", ["a"]),
        ("<rss><item><guid isPermaLink='false'>http://127.0.0.1:9/docs/a</guid></item></rss>", []),
        ("<rss><item><guid>b-7</guid><link>/docs/a</link></item></rss>", ["a"]),
        ("<rss><channel><guid>http://127.0.0.1:9/docs/a</guid></channel></rss>", []),
        (
            "<a><b><loc><![CDATA[/docs/a?x=1&y=2]]></loc></b><b><loc>/docs/b?x&y</loc></b></a>",
            ["a?x=1&y=2", "b?x&y"],
        ),
        ("<feed xml:base='/docs/b/'><entry><link href='a'/></entry></feed>", ["b/a"]),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_sitemaps_as_sites_write_them(body: str, found: list[str], encoding: str) -> None:
    """Relative addresses, bare ampersands, CDATA, feeds that only have ids, bases, UTF-16."""
    head = f'<?xml version="1.0" encoding="{encoding}"?>'
    assert urls(_map((head + body).encode(encoding))) == found


def test_a_refresh_header_is_a_refresh() -> None:
    """As browsers follow it."""
    tree = markup.parse("<html><body></body></html>")
    meta = markup.meta_of(tree, {"refresh": "0; url=/docs/b"})
    assert markup.refresh_of(meta, URL) == "http://127.0.0.1:9/docs/b"


@pytest.mark.parametrize(
    ("content", "leads"),
    [
        ("0; url=b", True),
        ("0;URL='b'", True),
        ("1.5, url = b", True),
        ("0; b", True),
        ("0 b", True),
        ("url=b", True),
        ("300", False),
        ("0;", False),
        ("b", False),
    ],
)
def test_a_refresh_names_its_target_in_several_ways(content: str, leads: bool) -> None:
    """With `url=` or without; a number alone asks for the same page again."""
    target = markup.refresh_of({"refresh": [content]}, URL)
    assert target == ("http://127.0.0.1:9/docs/b" if leads else "")


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("[a](/a)\n\n```\n[b](/b)\n```\n[c](/c)", ["/a", "/c"]),
        ("~~~\n[b](/b)\n~~~\n[c](/c)", ["/c"]),
        ("```\n[b](/b)\n", []),
        ("a ``` b [c](/c) ```", ["/c"]),
    ],
)
def test_links_of_code_are_none(text: str, links: list[str]) -> None:
    """What a fence holds is shown and not meant."""
    assert markup.markdown_links(text) == links


def test_a_page_that_only_asks_for_a_password_is_a_login() -> None:
    """A page with text and a login in its head is a page."""
    form = "<form><input type=password name=p></form>"
    assert read(f"<main><h1>Sign in</h1>{form}</main>").reason == "login"
    assert read(f"{form}<main><h1>Roles</h1><p>{PROSE * 4}</p></main>").reason == ""


def test_the_densest_block_is_found_without_a_body() -> None:
    """A fragment is no special case."""
    tree = markup.parse(f"<p>{PROSE}</p>")
    assert "privilege" in main_part.densest_of(tree).text_content()
