"""A space of Confluence through its REST API, over loopback."""

from __future__ import annotations

import json
from typing import Any

import pytest

from secarch.errors import InputError
from secarch.harvest.extract.confluence import as_html, whole_page
from secarch.harvest.sources.confluence import base_of
from secarch.harvest.stage import run
from secarch.session import Session
from tests.harvest.conftest import Reply, Site, config_for, rows_of

CODE = (
    '<ac:structured-macro ac:name="code"><ac:parameter ac:name="language">hcl</ac:parameter>'
    '<ac:plain-text-body><![CDATA[resource "x" "y" {\n  a = 1 < 2 &nbsp;\n}]]></ac:plain-text-body>'
    "</ac:structured-macro>"
)
BOX = (
    '<ac:structured-macro ac:name="warning"><ac:rich-text-body><p>Rotate first.</p>'
    "</ac:rich-text-body></ac:structured-macro>"
)
LINKS = (
    '<p>See <ac:link><ri:page ri:content-title="Key rotation" /></ac:link> and '
    '<ac:link><ri:page ri:content-title="Other" /><ac:plain-text-link-body><![CDATA[the other]]>'
    '</ac:plain-text-link-body></ac:link>&nbsp;&ndash; <ac:emoticon ac:name="smile" />done.</p>'
)
TASKS = (
    "<ac:task-list><ac:task><ac:task-id>1</ac:task-id><ac:task-status>incomplete</ac:task-status>"
    "<ac:task-body>Review roles</ac:task-body></ac:task></ac:task-list>"
)
TOC = (
    '<ac:structured-macro ac:name="toc"><ac:parameter ac:name="maxLevel">2</ac:parameter>'
    "</ac:structured-macro>"
)


def test_macros_become_what_they_stand_for() -> None:
    """Code to the letter, a box with its label, links by their words; a list of contents goes."""
    html = as_html(whole_page("Keys & roles", TOC + CODE + BOX + LINKS + TASKS))
    assert "<h1>Keys &amp; roles</h1>" in html
    shown = 'resource "x" "y" {\n  a = 1 &lt; 2 &amp;nbsp;\n}'
    assert f'<pre><code class="language-hcl">{shown}</code></pre>' in html
    assert "<p><strong>Warning:</strong></p>" in html
    assert "<p>Rotate first.</p>" in html
    assert "Key rotation</span>" in html
    assert "the other" in html
    assert "Other" not in html
    assert "\u2013 done." in html.replace("\xa0", " ")
    assert "<li>[ ] <span>Review roles</span></li>" in html
    assert "incomplete" not in html
    assert "maxLevel" not in html


def _entry(name: str, body: str) -> dict[str, Any]:
    return {
        "title": f"Page {name}",
        "body": {"storage": {"value": f"<h2>Part</h2><p>{'Words of the page. ' * 20}</p>{body}"}},
        "version": {"when": "2026-03-01T10:00:00.000+01:00"},
        "_links": {"webui": f"/display/SEC/{name}"},
    }


@pytest.mark.slow
def test_a_space_becomes_documents(
    site: Site, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two answers, each page under its web URL with its date; the token goes with each request."""
    monkeypatch.setenv("WIKI_TOKEN", "Bearer s3cret-value")
    first = (
        "/wiki/rest/api/content?spaceKey=SEC&type=page&status=current"
        "&expand=body.storage,version&limit=50"
    )
    links = {"base": f"{site.base}/wiki", "next": "/rest/api/content?start=50"}
    site.answers[first] = Reply(
        json.dumps({"results": [_entry("a", CODE), {"title": "broken"}], "_links": links})
    )
    site.answers["/wiki/rest/api/content?start=50"] = Reply(
        json.dumps({"results": [_entry("b", BOX)], "_links": {"base": f"{site.base}/wiki"}})
    )
    host = site.base.partition("://")[2]
    hosts = {host: {"headers_env": {"Authorization": "WIKI_TOKEN"}}}
    config = config_for({"url": f"{site.base}/wiki/", "confluence": "SEC"}, hosts=hosts)
    outcome = run(config, session)
    one, two = rows_of(str(outcome.artifact))
    assert one["url"] == f"{site.base}/wiki/display/SEC/a"
    assert one["title"] == "Page a"
    assert one["modified_at"].startswith("2026-03-01")
    assert '```hcl\nresource "x" "y" {' in one["text"]
    assert "**Warning:**" in two["text"]
    assert {asked.headers.get("Authorization") for asked in site.log} == {"Bearer s3cret-value"}
    assert outcome.result["funnel"]["sources"][0]["skipped"] == {"extraction_failed": 1}
    for file in session.workspace.rglob("*"):
        assert file.is_dir() or b"s3cret-value" not in file.read_bytes()


def test_what_is_no_api_is_named(site: Site, session: Session) -> None:
    """A login page in its place."""
    with pytest.raises(InputError, match="API gave no list"):
        run(config_for({"url": f"{site.base}/", "confluence": "SEC"}), session)


def _macro(name: str, *parts: str) -> str:
    return f'<ac:structured-macro ac:name="{name}">{"".join(parts)}</ac:structured-macro>'


def _parameter(name: str, value: str) -> str:
    return f'<ac:parameter ac:name="{name}">{value}</ac:parameter>'


@pytest.mark.parametrize(
    ("storage", "wanted", "gone"),
    [
        (
            _macro("code", _parameter("title", "Rotate"), "<ac:plain-text-body>x = 1"),
            "<p><strong>Rotate:</strong></p><pre><code>x = 1</code></pre>",
            "linenumbers",
        ),
        (
            _macro("note", _parameter("title", "First"), "<ac:rich-text-body><p>Ask.</p>"),
            "<strong>Note: First:</strong>",
            "ac:",
        ),
        (
            _macro("card", _parameter("label", "Linux"), "<ac:rich-text-body><p>apt</p>"),
            "<strong>Linux:</strong>",
            "ac:",
        ),
        (_macro("jira", _parameter("server", "J"), _parameter("key", "SEC-7")), "SEC-7", "J<"),
        (
            _macro("view-file", _parameter("name", '<ri:attachment ri:filename="dpia.pdf"/>')),
            "dpia.pdf",
            "ri:",
        ),
        ('<td><ac:emoticon ac:name="tick"/></td>', "<td>\u2713</td>", "emoticon"),
        ('<p><ac:emoticon ac:name="x" ac:emoji-fallback="\u2705"/></p>', "<p>\u2705</p>", "ac:"),
        ('<p><ac:emoticon ac:name="smile"/>.</p>', "<p>.</p>", "smile"),
        ('<ac:link><ri:attachment ri:filename="a.xlsx"/></ac:link>', ">a.xlsx<", "ri:"),
        ('<ac:image><ri:attachment ri:filename="a.png"/></ac:image>', "<main>", "a.png"),
        (
            (
                '<ac:image><ri:attachment ri:filename="a.png"/>'
                "<ac:caption><p>Tiers</p></ac:caption>"
                "</ac:image>"
            ),
            "<p>Tiers</p>",
            "a.png",
        ),
        ('<p>By <time datetime="2026-09-01"/>.</p>', "2026-09-01</time>", "zzz"),
        (
            (
                "<ac:task><ac:task-status>complete</ac:task-status><ac:task-body>Shut</ac:task-body>"
                "</ac:task>"
            ),
            "<li>[x] <span>Shut</span></li>",
            "complete",
        ),
        (
            _macro("markdown", "<ac:plain-text-body>## Part"),
            "<h2>Part</h2>",
            "<pre",
        ),
        (
            (
                '<ac:adf-extension><ac:adf-node type="panel"><ac:adf-attribute key="k">note'
                "</ac:adf-attribute><ac:adf-content>Once.</ac:adf-content></ac:adf-node>"
                "<ac:adf-fallback><p>Once.</p></ac:adf-fallback></ac:adf-extension>"
            ),
            "<p>Once.</p>",
            "note",
        ),
        (
            (
                '<ac:adf-extension><ac:adf-node><ac:adf-attribute key="k">note</ac:adf-attribute>'
                "<ac:adf-content>Alone.</ac:adf-content></ac:adf-node></ac:adf-extension>"
            ),
            "Alone.",
            "note",
        ),
    ],
)
def test_each_macro_leaves_what_it_says(storage: str, wanted: str, gone: str) -> None:
    """Titles, issues, files, signs in tables, captions, dates, states of tasks."""
    body = as_html(whole_page("T", storage)).partition("<h1>")[2]
    assert wanted in body or wanted == "<main>"
    assert gone not in body
    assert body.count("Once.") <= 1


@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("https://w.example.org/wiki/", "https://w.example.org/wiki/"),
        ("https://w.example.org/wiki", "https://w.example.org/wiki/"),
        ("https://w.example.org/wiki/spaces/SEC/overview", "https://w.example.org/wiki/"),
        ("https://w.example.org/display/SEC/Home?x=1", "https://w.example.org/"),
        ("https://w.example.org/spaced/", "https://w.example.org/spaced/"),
    ],
)
def test_the_api_is_found_from_any_page_of_the_wiki(url: str, base: str) -> None:
    """What people have at hand is the URL of a space's page."""
    assert base_of(url) == base


@pytest.mark.slow
def test_the_second_version_of_the_api_is_asked_if_the_first_is_gone(
    site: Site, session: Session
) -> None:
    """Its spaces have numbers, its pages another form of date, and its list goes on."""
    gone = Reply('{"message": "gone"}', 410)
    site.answers[
        "/wiki/rest/api/content?spaceKey=SEC&type=page&status=current"
        "&expand=body.storage,version&limit=50"
    ] = gone
    spaces = {"results": [{"id": "9", "key": "SECOND"}, {"id": "77", "key": "SEC"}]}
    site.answers["/wiki/api/v2/spaces?keys=SEC"] = Reply(json.dumps(spaces))
    first = "/wiki/api/v2/spaces/77/pages?status=current&body-format=storage&limit=50"
    entry = {**_entry("a", CODE), "version": {"createdAt": "2026-03-01T10:00:00.000Z"}}
    more = {"next": "/wiki/api/v2/spaces/77/pages?cursor=z"}
    site.answers[first] = Reply(json.dumps({"results": [entry], "_links": more}))
    empty = {**_entry("c", ""), "body": {"storage": {"value": " "}}}
    second = {"results": [_entry("b", BOX), empty]}
    site.answers["/wiki/api/v2/spaces/77/pages?cursor=z"] = Reply(json.dumps(second))
    seed = {"url": f"{site.base}/wiki/", "confluence": "SEC"}
    outcome = run(config_for(seed), session)
    rows = {row["url"]: row for row in rows_of(str(outcome.artifact))}
    assert set(rows) == {f"{site.base}/wiki/display/SEC/{name}" for name in "ab"}
    assert rows[f"{site.base}/wiki/display/SEC/a"]["modified_at"] == "2026-03-01T10:00:00Z"


def test_a_space_that_the_wiki_does_not_list_is_named(site: Site, session: Session) -> None:
    """Not a page of another space is read in its place."""
    spaces = {"results": [{"id": "9", "key": "SECOND"}]}
    site.answers["/wiki/api/v2/spaces?keys=SEC"] = Reply(json.dumps(spaces))
    seed = {"url": f"{site.base}/wiki/", "confluence": "SEC"}
    with pytest.raises(InputError, match="no space SEC"):
        run(config_for(seed), session)
