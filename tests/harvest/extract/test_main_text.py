"""What a page is made of comes through: panels, code, articles; what stands beside it does not."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from lxml import html

from secarch.harvest.extract import main_part, noise, page
from secarch.records import Page
from tests.harvest.conftest import config_for

URL = "http://127.0.0.1:9/docs/page"
PROSE = "A role that nobody reviews keeps rights that nobody needs any more. " * 4
SIDE = "".join(f"<li>An older headline, number {n}, about another matter</li>" for n in range(12))


@pytest.fixture(autouse=True)
def _worker(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(page, "_worker", page.Reader(config_for(URL)))
    return


def read(body: str) -> page.Extracted:
    source = f"<!doctype html><html lang=en><head><title>T</title></head><body>{body}</body></html>"
    return page.extract(
        Page(
            url=URL,
            status=200,
            body=source.encode(),
            content_type="text/html; charset=utf-8",
            headers={},
            fetched_at="",
        )
    )


def text_of(body: str) -> str:
    found = read(body)
    assert found.document is not None, found
    return found.document.text


def docs(body: str) -> str:
    """The text of a documentation page: prose, code, and `body`."""
    return text_of(f"<main><h1>Roles</h1><p>{PROSE}</p><pre>x</pre>{body}</main>")


PANELS = {
    "docusaurus": "<ul role=tablist><li role=tab>CLI</li><li role=tab>IaC</li></ul>"
    "<div><div role=tabpanel><pre>one</pre></div><div role=tabpanel hidden><pre>two</pre></div>"
    "</div>",
    "docfx": "<ul role=tablist><li role=presentation><a href=#p1 role=tab aria-controls=p1>CLI</a>"
    "<li role=presentation><a href=#p2 role=tab aria-controls=p2>IaC</a></ul>"
    "<section id=p1 role=tabpanel><pre>one</pre></section>"
    '<section id=p2 role=tabpanel aria-hidden="true" hidden="hidden"><pre>two</pre></section>',
    "bootstrap": '<ul class="nav nav-tabs"><li><a href="#a" data-toggle=tab>CLI</a></li>'
    '<li><a href="#b" data-toggle=tab>IaC</a></li></ul><div class=tab-content>'
    '<div class="tab-pane active" id=a><pre>one</pre></div>'
    "<div class=tab-pane id=b><pre>two</pre></div></div>",
    "mkdocs": "<div class=tabbed-set><input type=radio id=t1><input type=radio id=t2>"
    "<div class=tabbed-labels><label for=t1>CLI</label><label for=t2>IaC</label></div>"
    "<div class=tabbed-content><div class=tabbed-block><pre>one</pre></div>"
    "<div class=tabbed-block><pre>two</pre></div></div></div>",
    "sphinx-design": "<div class=sd-tab-set><input type=radio id=s1>"
    "<label class=sd-tab-label for=s1>CLI</label><div class=sd-tab-content><pre>one</pre></div>"
    "<input type=radio id=s2><label class=sd-tab-label for=s2>IaC</label>"
    "<div class=sd-tab-content><pre>two</pre></div></div>",
    "accordion": "<h3><button aria-expanded=false aria-controls=c1>CLI</button></h3>"
    "<div id=c1 hidden><pre>one</pre></div>"
    "<h3><button aria-expanded=false aria-controls=c2>IaC</button></h3>"
    "<div id=c2 hidden><pre>two</pre></div>",
    "AWS": "<awsdocs-tabs><dl style='display: none'><dt>CLI</dt><dd tab-id=a><pre>one</pre></dd>"
    "<dt>IaC</dt><dd tab-id=b><pre>two</pre></dd></dl></awsdocs-tabs>",
    "slots": "<sl-tab-group><sl-tab slot=nav panel=a>CLI</sl-tab><sl-tab slot=nav panel=b>IaC"
    "</sl-tab><sl-tab-panel name=a><pre>one</pre></sl-tab-panel><sl-tab-panel name=b><pre>two"
    "</pre></sl-tab-panel></sl-tab-group>",
    "details": "<details><summary>CLI</summary><pre>one</pre></details>"
    "<details><summary>IaC</summary><pre>two</pre></details>",
}


@pytest.mark.parametrize("kind", PANELS)
def test_every_panel_stands_under_its_label(kind: str) -> None:
    """However a generator hides it."""
    text = docs(PANELS[kind])
    places = [text.find(part) for part in ("CLI", "one", "IaC", "two")]
    assert -1 not in places
    assert places == sorted(places)
    assert (text.count("CLI"), text.count("IaC")) == (1, 1)


def test_text_that_waits_for_a_click_stays_in_an_article() -> None:
    """Hidden by a style or an attribute; a dialog hidden in the same way goes."""
    body = (
        f"<main><h1>Roles</h1><p>{PROSE}</p><button aria-controls=m>Show more</button>"
        "<div id=m style='display: none'><p>Rotate the keys of each role once a quarter, too.</p>"
        "</div><div class=modal style='display:none'><p>Subscribe to our newsletter and get a "
        "discount on everything.</p></div><div style='display:none'>Copied!</div></main>"
    )
    text = text_of(body)
    assert "once a quarter" in text
    assert "discount" not in text
    assert "Copied" not in text


def test_hidden_text_stays_and_hidden_chrome_goes() -> None:
    """A "Show more" hides text; an icon's label and a dialog are none."""
    more = "The last step is to remove the grant that was made for the migration."
    text = docs(
        f"<div class=more hidden><p>{more}</p></div>"
        "<span aria-hidden=true>icon</span>"
        "<div class=modal hidden><p>Sign in to keep this page among your bookmarks for later.</p>"
        "</div>"
    )
    assert more in text
    assert "icon" not in text
    assert "bookmarks" not in text


LINES = "kind: Role\nspec:\n  x: 1"
CODE = {
    "a div a line": "<pre><code><div class=token-line>kind: Role</div><div class=token-line>spec:"
    "</div><div class=token-line>  x: 1</div></code></pre>",
    "a span a line": "<pre><code><span class=line>kind: Role</span><span class=line>spec:</span>"
    "<span class=line>  x: 1</span></code></pre>",
    "spans with breaks": "<pre><code><span class=line>kind: Role</span>\n<span class=line>spec:"
    "</span>\n<span class=line>  x: 1</span></code></pre>",
    "items": "<pre><ol><li>kind: Role</li><li>spec:</li><li>  x: 1</li></ol></pre>",
    "br": "<pre>kind: Role<br>spec:<br>  x: 1</pre>",
    "nbsp": "<pre>kind: Role\nspec:\n\u00a0 x: 1</pre>",
    "hugo": "<table class=lntable><tr><td class=lntd><pre><code><span class=lnt>1\n</span>"
    "<span class=lnt>2\n</span><span class=lnt>3\n</span></code></pre></td><td class=lntd><pre>"
    "<code>kind: Role\nspec:\n  x: 1</code></pre></td></tr></table>",
    "pygments": "<table class=highlighttable><tr><td class=linenos><pre>1\n2\n3</pre></td>"
    "<td class=code><div class=highlight><pre>kind: Role\nspec:\n  x: 1</pre></div></td></tr>"
    "</table>",
    "rouge": "<table class=rouge-table><tbody><tr><td class='rouge-gutter gl'><pre class=lineno>"
    "1\n2\n3\n</pre></td><td class=rouge-code><pre>kind: Role\nspec:\n  x: 1\n</pre></td></tr>"
    "</tbody></table>",
    "inline numbers": "<pre><code><span class=line-number>1</span>kind: Role\n"
    "<span class=line-number>2</span>spec:\n<span class=line-number>3</span>  x: 1</code></pre>",
    "a row a line": "<table><tr><td>1</td><td><pre>kind: Role</pre></td></tr><tr><td>2</td><td>"
    "<pre>spec:</pre></td></tr><tr><td>3</td><td><pre>  x: 1</pre></td></tr></table>",
    "a cell": "<table><tr><th>Name</th><th>Example</th></tr><tr><td>role</td><td><pre>kind: Role\n"
    "spec:\n  x: 1</pre></td></tr></table>",
}


@pytest.mark.parametrize("kind", CODE)
def test_code_keeps_its_lines_and_nothing_else(kind: str) -> None:
    """One line a line, indented as written, without numbers."""
    assert f"```\n{LINES}\n```" in docs(CODE[kind])


def test_a_table_with_code_in_a_cell_keeps_its_other_cells() -> None:
    """Each under the name of its column."""
    text = docs(CODE["a cell"])
    assert "**Name:** role" in text
    assert "**Example:**" in text


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("2<sup>128</sup> keys", "2^128 keys"),
        ("10<sup>-9</sup> a year", "10^-9 a year"),
        ("the 21<sup>st</sup> day", "the 21st day"),
        ("Vault<sup>TM</sup> here", "VaultTM here"),
        ("a claim<sup><a href=#fn1>1</a></sup> here", "a claim here"),
        ("a claim<sup>[2]</sup> here", "a claim here"),
        ("a claim<sup>2</sup> here", "a claim here"),
        ("9 km<sup>2</sup> here", "9 km^2 here"),
    ],
)
def test_exponents_are_told_from_footnotes(written: str, read_as: str) -> None:
    """A power is no number of more digits, and the mark of a note is no power."""
    assert read_as in docs(f"<p>At least {written}.</p>")


def test_a_form_around_the_page_is_no_form() -> None:
    """ASP.NET writes one around everything; a search form within still goes."""
    text = text_of(
        f"<main><form id=aspnetForm method=post><h1>Roles</h1><p>{PROSE}</p><p>{PROSE}</p>"
        "<form class=search><p>Search this site</p><input></form></form></main>"
    )
    assert "A role that nobody reviews" in text
    assert "Search this site" not in text


def test_both_articles_and_a_heading_outside_are_kept() -> None:
    """Two articles of like size are one text; the page's heading belongs to it."""
    one, two = (f"<article><h2>Part {n}</h2><p>{PROSE}</p></article>" for n in (1, 2))
    text = text_of(f"<header><h1>T</h1></header><main>{one}{two}</main>")
    assert [line for line in text.splitlines() if line.startswith("#")] == [
        "# T",
        "## Part 1",
        "## Part 2",
    ]


ARTICLES = {
    "comments in an article of their own": f"<div class=entry><h1>Roles</h1><p>{PROSE}</p>"
    f"<p>{PROSE}</p></div><div id=comments><article class=comment>"
    "<p>I liked this very much and "
    "shall come back to it soon. I liked this very much "
    "and shall come back to it.</p></article></div>",
    "text in a div with breaks": f"<div id=side><h2>Latest</h2><ul>{SIDE}</ul></div>"
    f"<div class=body><h1>Roles</h1>{'<br><br>'.join([PROSE] * 4)}<br></div>",
    "related links within main": f"<main><h1>Roles</h1><p>{PROSE}</p><p>{PROSE}</p>"
    f"<aside class=related><h2>Related articles</h2><ul>{SIDE}</ul></aside>"
    "<section class=comments><h2>Comments</h2><p>First! I liked this very much.</p></section>"
    "<div class=share-buttons><p>Share this with others, I liked this very much.</p></div></main>",
    "a landmark on the related list": f"<div class=post><h1>Roles</h1><p>{PROSE}</p><p>{PROSE}</p>"
    f"</div><section role=main><h2>Latest</h2><ul>{SIDE}</ul></section>",
    "a weblog": f"<header><nav><ul>{SIDE}</ul></nav></header><article><h1>Roles</h1><p>{PROSE}</p>"
    f"<h2>Why</h2><p>{PROSE}</p></article><aside class=sidebar><h3>Latest</h3><ul>{SIDE}</ul>"
    "</aside><footer><p>All rights reserved.</p></footer>",
}


@pytest.mark.parametrize("kind", ARTICLES)
def test_an_article_is_read_without_what_stands_beside_it(kind: str) -> None:
    """Its heading and its prose, and neither comments nor lists of other articles."""
    text = text_of(ARTICLES[kind])
    assert "# Roles" in text
    assert text.count("A role that nobody reviews") >= 2
    assert "headline" not in text
    assert "I liked this" not in text


def test_an_article_keeps_its_notes_and_an_advisorys_facts() -> None:
    """Short as they are; a short line beside them and an article's date go."""
    text = text_of(
        "<article><h1>Roles</h1><dl><dt>Severity</dt><dd>High</dd><dt>Fixed</dt><dd>2.4</dd></dl>"
        f"<dl><dt>By</dt><dd>J. Doe</dd></dl><p>{PROSE}</p><div class='box warningmessage'>"
        f"<div>Test the restore.</div></div><div class=x><div>Read on.</div></div><p>{PROSE}</p>"
        f"<p>{PROSE}</p></article>"
    )
    assert all(part in text for part in ("Severity", "High", "Fixed", "2.4", "Test the restore."))
    assert "Read on." not in text


def test_a_signature_has_no_emphasis() -> None:
    """Sphinx marks parameters; in a name of code a star would be one."""
    text = docs("<dl><dt class='sig sig-object'>sign(<em>digest</em>, <em>key</em>)</dt></dl>")
    assert "sign(digest, key)" in text


def test_a_frame_around_tabs_is_no_row_of_them() -> None:
    """Tabs and panels in one block keep their text, and what follows the block its place."""
    text = docs(
        "<div class='tabs-block'><div role=tablist><button role=tab aria-controls=p1>Okta</button>"
        "<button role=tab aria-controls=p2>Entra</button></div><div role=tabpanel id=p1>Create an"
        " app.</div><div role=tabpanel id=p2 class=hidden>Register one.</div></div>"
        "<div>After.</div><div>At last.</div>"
    )
    parts = ("**Okta**", "Create an app.", "**Entra**", "Register one.", "After.", "At last.")
    assert [text.find(part) for part in parts] == sorted(text.find(part) for part in parts)
    assert min(map(text.find, parts)) > 0


def test_text_behind_an_empty_paragraph_is_one() -> None:
    """As TWiki and Foswiki write it, with links and emphasis in it."""
    loose = f"<p></p>First of all: {PROSE}<b>Never</b> share a key. <p></p>{PROSE}<ul><li>One</ul>"
    text = text_of(f"<ul><li>Menu</ul><div class=main><h1>Keys</h1>{loose}</div>")
    assert "First of all" in text
    assert "**Never** share a key." in text
    assert "Menu" not in text


def test_a_link_up_is_no_part_of_a_heading() -> None:
    """Of a page of the manual; a link that is the heading's text stays."""
    heads = "<h2>NAME <a href=#top_of_page>top</a></h2><p>One.</p><h2><a href=#up>Scale up</a></h2>"
    text = docs(f"{heads}<p>Two.</p>")
    assert "## NAME\n" in text
    assert "## Scale up\n" in text


def test_names_of_parameters_stay() -> None:
    """Short blocks of a generator's page are not taken for dates and badges."""
    page = f"<main><h1>Roles</h1><div class=mdx-content><p>{PROSE}</p><div><div>ttl</div></div>"
    assert "ttl" in text_of(f"{page}<p>Lifetime of a token.</p></div></main>")


def test_noise_of_the_site_goes() -> None:
    """Elements that say only that they are a button."""
    noise = "".join(
        f"<div>{words}</div>"
        for words in (
            *("Copy", "Copied!", "Edit this page", "Was this page helpful?", "Back to top"),
            *("[source]", "Last modified March 1: fix the role's name (4f2a9c1)"),
        )
    )
    text = docs(f"{noise}<p>Copy the file to the host first.</p>")
    assert "Copy the file" in text
    for word in ("Copied", "Edit this page", "helpful", "Back to top", "[source]", "modified"):
        assert word not in text


def _starts(items: list[tuple[Any, Any]], length: int) -> set[str]:
    """The first letters of what a parsed expression matches; those of an open class are "?"."""
    found = {""}
    for kind, value in items:
        open_ones = {begin for begin in found if len(begin) < length}
        if not open_ones:
            break
        match str(kind):
            case "LITERAL":
                after = {chr(value)}
            case "BRANCH":
                after = set().union(*(_starts(list(one), length) for one in value[1]))
            case "SUBPATTERN":
                after = _starts(list(value[3]), length)
            case "MAX_REPEAT":
                after = _starts(list(value[2]), length) | ({""} if not value[0] else set())
            case "IN":
                after = {"?"}
            case _:
                after = {""}
        found = {begin + end for begin in open_ones for end in after} | (found - open_ones)
    return {begin[:length] for begin in found}


def test_no_word_of_a_control_is_passed_over_for_its_first_letters() -> None:
    """The letters that are looked at first are those of all the words."""
    parsed = list(re._parser.parse(noise._NOISE.pattern))  # type: ignore[attr-defined]
    starts = {begin for begin in _starts(parsed, 2) if begin[0] != "?"}
    assert len(starts) > 30
    assert starts <= noise._NOISE_STARTS
    assert noise._NOISE.fullmatch("1.5x")
    assert noise._NOISE.fullmatch("2x")
    assert {"1.", "2x"} <= noise._NOISE_STARTS


@pytest.mark.parametrize(
    ("markup", "kept"),
    [
        ("<li>Export the data. <a href=/x>Learn more</a>.</li>", True),
        ("<li><a href=/x>Learn more</a> about roles</li>", True),
        ("<li><a href=/x>Learn more</a></li>", False),
        ("<div>- <a href=/x>Learn more</a></div>", False),
    ],
)
def test_words_of_a_control_in_a_sentence_stay(markup: str, kept: bool) -> None:
    """Only an element of its own is a control."""
    assert ("Learn more" in docs(f"<ul>{markup}</ul><p>{PROSE}</p>")) is kept


@pytest.mark.parametrize(
    ("table", "is_table"),
    [
        ("<table role=presentation><tr><td>{p}</td><td>{p}</td></tr></table>", False),
        ("<table><tr><td>{p}</td></tr></table>", False),
        ("<table><tr><td><h2>Part</h2>{p}</td><td>{p}</td></tr></table>", False),
        ("<table><tr><td>{p}<table><tr><td>x</td><td>y</td></tr></table></td></tr></table>", True),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td><td>d</td></tr></table>", True),
        ("<table><tr><th>h</th></tr><tr><td><h2>x</h2></td></tr></table>", True),
    ],
)
def test_a_table_that_only_places_is_no_table(table: str, is_table: bool) -> None:
    """As mails and old pages have them; one within it may still be one."""
    source = f"<article><h1>Roles</h1><p>{PROSE}</p>{table.format(p=f'<p>{PROSE}</p>')}</article>"
    assert ("| --- |" in text_of(source)) is is_table


def test_a_bar_of_links_within_the_text_goes() -> None:
    """By its name and since it is nothing but links; a section about navigation stays."""
    bar = "<div class=secondary-nav><a href=/a>Code</a> <a href=/b>Issues</a></div>"
    text = docs(f"{bar}<div class=nav-help><p>Navigation keys: {PROSE}</p></div><p>{PROSE}</p>")
    assert "Issues" not in text
    assert "Navigation keys" in text


def test_previews_of_other_pages_go() -> None:
    """A link around a heading leads away; an index of such links is its own text."""
    card = "<div><a href=/x><h3>Other page</h3><p>What it says in short.</p></a></div>"
    assert "Other page" not in text_of(
        f"<article><h1>R</h1>{f'<p>{PROSE}</p>' * 3}{card}</article>"
    )
    assert "Other page" in text_of(f"<article><h1>R</h1>{card * 6}</article>")


@pytest.mark.parametrize(
    "body",
    [
        "<noscript>You need to enable JavaScript to run this app.</noscript><div id=root></div>",
        "<div id=app></div><script src=/main.js></script>",
        "<div>Loading...</div><script src=/main.js></script>",
        "<p>This site requires JavaScript.</p>",
    ],
)
def test_a_shell_is_no_document(body: str) -> None:
    """A page that a script would fill has its own reason."""
    assert read(body).reason == "needs_javascript"


def test_a_page_that_asks_for_javascript_beside_its_text_is_read() -> None:
    """Most documentation says so for its search."""
    text = text_of(
        f"<noscript>Search needs JavaScript.</noscript><main><h1>Roles</h1><p>{PROSE}</p></main>"
        "<script src=/main.js></script>"
    )
    assert "A role that nobody reviews" in text


def test_a_refresh_is_followed() -> None:
    """The page itself is none, its target is a link."""
    source = (
        '<!doctype html><html><head><meta http-equiv="refresh" content="0; url=\'welcome.html\'">'
        "</head><body></body></html>"
    )
    found = page.extract(
        Page(
            url=URL,
            status=200,
            body=source.encode(),
            content_type="text/html",
            headers={},
            fetched_at="",
        )
    )
    assert found.reason == "meta_refresh"
    assert [link[0] for link in found.links] == ["http://127.0.0.1:9/docs/welcome.html"]


@pytest.mark.parametrize(
    ("inside", "plain"),
    [
        ("", True),
        ("<ul><li>One.</li><li>Two.</li></ul><pre>x</pre><h2 id=n>Next</h2>", True),
        ("<p class=byline>By A. Writer</p>", False),
        ("<div>Share this</div>", False),
        ("<aside>Related</aside>", False),
        ("<time>2026</time>", False),
        (f"<p><a href=/x>{PROSE}</a></p>", False),
    ],
)
def test_a_part_of_text_alone_needs_no_second_reader(inside: str, *, plain: bool) -> None:
    """Whatever is named, framed or mostly links may be beside the text."""
    part = html.fromstring(
        f"<main><div><h1>Roles</h1><p>{PROSE}</p><p>Two.</p>{inside}</div></main>"
    )
    assert main_part.is_plain(part) is plain
    assert not main_part.is_plain(html.fromstring("<main><p>One paragraph is too few.</p></main>"))


def test_panels_within_panels_take_little_time() -> None:
    """A hundred and sixty of them that no tab names."""
    started = time.process_time()
    docs("<div role=tabpanel>a" * 160)
    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    "part",
    [
        "<div role=tabpanel>a</div>",
        "<div class=tab-pane id=a aria-labelledby=b>a</div>",
        "<p></p>a",
        "a<sup>2</sup>",
        "word<sup>2</sup>",
        "<br>a ",
    ],
)
def test_what_a_page_has_thousands_of_takes_little_time(part: str) -> None:
    """Each was searched for, or copied, once for each of its like."""
    started = time.process_time()
    docs(part * 6_000)
    assert time.process_time() - started < 4


@pytest.mark.parametrize(
    "title",
    [
        "<h2><button aria-expanded=false aria-controls=c>Who rotates?</button></h2>",
        "<h2>Who rotates?</h2>",
        "<button aria-expanded=false aria-controls=c>Who rotates?</button>",
    ],
)
def test_a_panel_under_its_title_is_not_headed_again(title: str) -> None:
    """An accordion writes its label once."""
    panel = "<div id=c class='accordion-collapse collapse' aria-label='Who rotates?'>"
    text = docs(f"<div>{title}{panel}<p>Only the custodian of a key.</p></div></div>")
    assert text.count("Who rotates?") == 1
    assert text.index("Who rotates?") < text.index("Only the custodian")
