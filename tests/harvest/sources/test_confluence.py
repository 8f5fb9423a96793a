"""A space of Confluence through its REST API, over loopback."""

from __future__ import annotations

import json
from typing import Any

import pytest

from secarch.errors import InputError
from secarch.harvest.extract.confluence import as_html, whole_page
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
    assert "<li><span>Review roles</span></li>" in html
    assert "incomplete" not in html
    assert "maxLevel" not in html


def _entry(name: str, body: str) -> dict[str, Any]:
    return {
        "title": f"Page {name}",
        "body": {"storage": {"value": f"<h2>Part</h2><p>{'Words of the page. ' * 20}</p>{body}"}},
        "version": {"when": "2026-03-01T10:00:00.000+01:00"},
        "_links": {"webui": f"/display/SEC/{name}"},
    }


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
