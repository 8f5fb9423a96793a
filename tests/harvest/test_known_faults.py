"""Faults that crawlers of documentation are known for: one small input each, what it must give.

The inputs are ours; a folder of inputs beside this checkout, if there is one, is held to the same.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from pathlib import Path

import brotli
import pytest
from lxml import html

from secarch.harvest.extract import page
from secarch.harvest.extract.extracted import Extracted
from secarch.harvest.robots.robots_txt import policy
from secarch.harvest.sources.urls import normalise
from secarch.harvest.stage import run
from secarch.records import Page
from secarch.session import Session
from tests.harvest.conftest import config_for, rows_of

SHARED = Path(__file__).parents[3] / "shared" / "findings" / "harvest"
URL = "http://127.0.0.1:9/docs/page"
PROSE = "<p>Whoever may change a policy may take every other right. Guard it like a key.</p>" * 5
CODE = "services:\n  vault:\n    sealed: true"


def _page(body: str, title: str = "Vaults") -> bytes:
    return f"<!doctype html><html lang=en><title>{title}</title><body>{body}".encode()


def _main(body: str) -> bytes:
    return _page(f"<main><h1>Vaults</h1>{PROSE}{body}</main>")


def _lines(form: str) -> str:
    return "".join(form.format(line) for line in CODE.split("\n"))


def _numbers(code: str) -> str:
    return "".join(f"{number}\n" for number in range(1, code.count("\n") + 2))


PAGES: dict[str, bytes] = {
    "charset_cp1252_undeclared.html": _page(PROSE + "<p>The vault\u2019s seal.</p>")
    .decode()
    .encode("cp1252"),
    "extract_aside_related.html": _main(
        "<aside class=related-links><h3>Related</h3><a href=/x>Rent a cheap safe</a></aside>"
        "<section class=comments><h3>Comments</h3><p>Very nice article!</p></section>"
    ),
    "extract_code_div_per_line.html": _main(
        f"<pre><code>{_lines('<div class=token-line>{}</div>')}</code></pre>"
    ),
    "extract_comment_article.html": _page(
        f"<div class=post><h1>Vaults</h1>{PROSE * 4}</div><div id=comments><article>"
        f"<p>{'My own safe is blue and heavy. ' * 8}</p></article></div>"
    ),
    "extract_div_text_br.html": _page(
        f"<div id=side><ul>{'<li>Another headline about ships and trains</li>' * 12}</ul></div>"
        f"<div><h1>Vaults</h1>{'Seal the vault before you move it.<br><br>' * 20}</div>"
    ),
    "extract_h1_outside_main.html": _page(
        f"<header><h1>Vaults</h1></header><main>{PROSE}</main>", "Vaults | Docs"
    ),
    "extract_js_only.html": _page(
        "<noscript>Please enable JavaScript to use the portal.</noscript><div id=app></div>"
        "<script src=/a.js></script>"
    ),
    "extract_linenos_chroma.html": _main(
        f"<table class=lntable><tr><td class=lntd><pre><code>{_numbers(CODE)}</code></pre></td>"
        f"<td class=lntd><pre><code class=language-yaml>{CODE}</code></pre></td></tr></table>"
    ),
    "extract_linenos_pygments.html": _main(
        f"<table class=highlighttable><tr><td class=linenos><pre>{_numbers(CODE)}</pre></td>"
        f"<td class=code><div class=highlight><pre>{CODE}</pre></div></td></tr></table>"
    ),
    "extract_main_form_inside.html": _page(
        f"<main><form method=post id=f><h1>Vaults</h1>{PROSE}</form></main>"
    ),
    "extract_meta_refresh.html": _page("").replace(
        b"<body>", b'<meta http-equiv=refresh content="1; url=/docs/next"><body>'
    ),
    "extract_pre_in_cell.html": _main(
        f"<table><tr><th>Kind</th><th>File</th></tr><tr><td>vault</td><td><pre>{CODE}</pre></td>"
        "</tr></table>"
    ),
    "extract_sup_foot.html": _main("<p>It takes 3<sup>80</sup> tries.</p>"),
    "extract_tabs_hidden_docusaurus.html": _main(
        "<ul role=tablist><li role=tab>Console</li><li role=tab>API</li></ul>"
        "<div><div role=tabpanel><pre>open the vault</pre></div>"
        "<div role=tabpanel hidden><pre>POST /vault/open</pre></div></div>"
    ),
    "extract_two_articles.html": _page(
        f"<main><article><h1>Seals</h1>{PROSE}</article>"
        f"<article><h1>Keys</h1>{PROSE.replace('policy', 'key')}</article></main>"
    ),
    "pdf_as_octet_stream.bin": b"%PDF-1.6\n4 0 obj\n<</Length 1>>\nstream\na\nendstream",
}
ROBOTS: dict[str, tuple[bytes, list[tuple[str, bool]]]] = {
    "robots_group_split_by_other_record.txt": (
        b"User-agent: secarch\nCrawl-delay: 4\nUser-agent: *\nDisallow: /docs/\n",
        [("/docs/a", False), ("/a", True)],
    ),
    "robots_query_sorted.txt": (
        b"User-agent: *\nDisallow: /idx.php?title=*&action=edit\n",
        [
            ("/idx.php?title=Vault&action=edit", False),
            ("/idx.php?action=edit&title=Vault", False),
            ("/idx.php?title=Vault", True),
        ],
    ),
    "robots_ua_version.txt": (b"User-agent: secarch/3.1\nDisallow: /\n", [("/docs/a", False)]),
}


def _text(found: Extracted) -> str:
    assert found.document is not None, found
    return found.document.text


def _has_its_code(found: Extracted, tree: html.HtmlElement) -> None:
    """The last block of code, line by line, with no line of digits alone."""
    block = list(tree.iter("pre"))[-1]
    lines = [e.text_content() for e in block.iter("div")] or block.text_content().split("\n")
    text = _text(found)
    assert "\n".join(lines).strip("\n") in text
    assert not re.search(r"^\d+$", text, re.MULTILINE)


def _has_its_headings(found: Extracted, tree: html.HtmlElement) -> None:
    text = _text(found)
    assert all(f"# {h.text_content()}" in text for h in tree.iter("h1"))


def _has_every_tab(found: Extracted, tree: html.HtmlElement) -> None:
    text = _text(found)
    at = 0
    for label, block in zip(tree.xpath("//*[@role='tab']"), tree.iter("pre"), strict=True):
        at = text.index(label.text_content(), at)
        at = text.index(block.text_content(), at)


def _leaves_out(path: str) -> Callable[[Extracted, html.HtmlElement], None]:
    def check(found: Extracted, tree: html.HtmlElement) -> None:
        _has_its_headings(found, tree)
        beside = [e.text_content().strip() for e in tree.xpath(path)]
        assert beside
        assert not [words for words in beside if words[:30] in _text(found)]

    return check


def _is(reason: str) -> Callable[[Extracted, html.HtmlElement], None]:
    def check(found: Extracted, _: html.HtmlElement) -> None:
        assert (found.document, found.reason) == (None, reason)

    return check


def _leads_on(found: Extracted, tree: html.HtmlElement) -> None:
    (target,) = tree.xpath("//meta[@http-equiv]/@content")
    _is("meta_refresh")(found, tree)
    assert found.links[0][0].endswith(re.split(r"(?i)url=", target)[1].lstrip("/"))


def _is_western(found: Extracted, _: html.HtmlElement) -> None:
    assert "\u2019s " in _text(found)
    assert not re.search("[\ufffd\u0080-\u009f\u00c6]", _text(found))


def _has_power(found: Extracted, tree: html.HtmlElement) -> None:
    (raised,) = tree.iter("sup")
    assert f"^{raised.text}" in _text(found)


CHECKS: dict[str, Callable[[Extracted, html.HtmlElement], None]] = {
    "charset_cp1252_undeclared.html": _is_western,
    "extract_aside_related.html": _leaves_out("//aside//a | //section//p"),
    "extract_code_div_per_line.html": _has_its_code,
    "extract_comment_article.html": _leaves_out("//article"),
    "extract_div_text_br.html": _leaves_out("//ul/li"),
    "extract_h1_outside_main.html": _has_its_headings,
    "extract_js_only.html": _is("needs_javascript"),
    "extract_linenos_chroma.html": _has_its_code,
    "extract_linenos_pygments.html": _has_its_code,
    "extract_main_form_inside.html": _has_its_headings,
    "extract_meta_refresh.html": _leads_on,
    "extract_pre_in_cell.html": _has_its_code,
    "extract_sup_foot.html": _has_power,
    "extract_tabs_hidden_docusaurus.html": _has_every_tab,
    "extract_two_articles.html": _has_its_headings,
    "pdf_as_octet_stream.bin": _is("bad_pdf"),
}


def _input(name: str, ours: bytes, whose: str) -> bytes:
    if whose == "ours":
        return ours
    if not (SHARED / name).is_file():
        pytest.skip("the shared inputs are not beside this checkout")
    return (SHARED / name).read_bytes()


@pytest.mark.parametrize("whose", ["ours", "shared"])
@pytest.mark.parametrize("name", sorted(CHECKS))
def test_a_page_gives_what_it_must(name: str, whose: str, monkeypatch: pytest.MonkeyPatch) -> None:
    body = _input(name, PAGES[name], whose)
    monkeypatch.setattr(page, "_worker", page.Reader(config_for(URL)))
    kind = "application/octet-stream" if name.endswith(".bin") else "text/html"
    asked = Page(url=URL, status=200, body=body, content_type=kind, headers={}, fetched_at="2026")
    CHECKS[name](page.extract(asked), html.fromstring(body.decode("cp1252")))


@pytest.mark.parametrize("whose", ["ours", "shared"])
@pytest.mark.parametrize("name", sorted(ROBOTS))
def test_robots_rules_hold_as_they_are_meant(name: str, whose: str) -> None:
    """RFC 9309: a token ends at its version, other records end no group, names have no order."""
    ours, wanted = ROBOTS[name]
    rules = policy(200, _input(name, ours, whose).decode(), "secarch")
    assert rules is not None
    for path, allowed in wanted:
        assert rules.allows(normalise(f"https://docs.example.org{path}")) is allowed, path


def _record(name: str, coding: str, body: bytes) -> bytes:
    header = f"Content-Encoding: {coding}\r\n" if coding else ""
    http = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n{header}\r\n".encode() + body
    head = (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://docs.example.org/{name}\r\n"
        "WARC-Date: 2026-01-01T00:00:00Z\r\nContent-Type: application/http; msgtype=response\r\n"
        f"Content-Length: {len(http)}\r\n\r\n"
    )
    return gzip.compress(head.encode() + http + b"\r\n\r\n")


@pytest.mark.parametrize("whose", ["ours", "shared"])
def test_a_compressed_record_is_text_or_none(whose: str, tmp_path: Path, session: Session) -> None:
    """An archive holds bodies in every coding that a server sent."""
    ours = b"".join(
        _record(name, coding, work(_main(f"<p>{name}</p>")))
        for name, coding, work in (
            ("plain", "", bytes),
            ("gz", "gzip", gzip.compress),
            ("br", "br", brotli.compress),
        )
    )
    archive = tmp_path / "crawl.warc.gz"
    archive.write_bytes(_input("warc_brotli_payload.warc.gz", ours, whose))
    outcome = run(config_for({"path": str(archive)}), session)
    rows = rows_of(outcome.artifact)
    assert {row["url"].rpartition("/")[2] for row in rows} >= {"plain", "gz", "br"}
    assert all(row["text"].startswith("# ") and "\ufffd" not in row["text"] for row in rows)
