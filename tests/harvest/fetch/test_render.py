"""Pages that a script fills, in real headless Chromium over loopback."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator

import pytest

from secarch.errors import InputError, MissingExtra
from secarch.harvest.fetch import render
from secarch.harvest.stage import run
from secarch.session import Session
from tests.harvest.conftest import Reply, Site, config_for, rows_of

pytest.importorskip("playwright")
try:
    render.find_browser()
except Exception as missing:  # noqa: BLE001 - whatever is missing, these tests cannot run
    pytest.skip(str(missing), allow_module_level=True)

WORDS = "Grant each workload an identity of its own and let it expire within the hour. " * 8
SHELL = (
    "<html lang=en><head><title>App</title></head><body><div id=root></div>"
    "<noscript>You need to enable JavaScript to run this app.</noscript>{}</body></html>"
)
HTML = {"Content-Type": "text/html"}
SCRIPT = {"Content-Type": "text/javascript"}
DATA = {"Content-Type": "application/json"}
FILL = (
    "fetch('/data.json').then(r => r.json()).then(d => { document.getElementById('root')"
    ".innerHTML = `<main><h1>${d.title}</h1><p>${d.text}</p><a href='/next'>on</a></main>` })"
)


def _app(site: Site, path: str = "/", script: str = FILL) -> None:
    site.answers[path] = Reply(SHELL.format('<script src="/app.js"></script>'), headers=HTML)
    site.answers["/app.js"] = Reply(script, headers=SCRIPT)
    site.answers["/data.json"] = Reply(f'{{"title": "Roles", "text": "{WORDS}"}}', headers=DATA)


@pytest.fixture
def other() -> Iterator[Site]:
    served = Site()
    yield served
    served.close()


@pytest.mark.browser
@pytest.mark.slow
def test_a_shell_becomes_a_document_and_its_links_are_followed(
    site: Site, session: Session
) -> None:
    """Off: counted for its host. Auto: read as a browser draws it, an ordinary page as it came."""
    _app(site)
    with pytest.raises(InputError, match="needs_javascript"):
        run(config_for(f"{site.base}/"), session)
    site.page("/next")
    outcome = run(config_for(f"{site.base}/", render="auto"), session)
    rows = {row["url"].rpartition("/")[2]: row for row in rows_of(str(outcome.artifact))}
    assert rows[""]["text"].startswith("# Roles\n\nGrant each workload")
    assert rows["next"]["title"] == "Page /next"
    assert outcome.result["funnel"]["extraction"]["by_method"]["rendered"] == 1
    assert len(site.asked("/data.json")) == 1
    agents = {asked.headers["User-Agent"] for asked in site.log}
    assert len(agents) == 1
    assert agents.pop().startswith("secarch/")


@pytest.mark.browser
@pytest.mark.slow
def test_what_a_page_asks_for_is_held_to_the_rules(
    site: Site, session: Session, other: Site
) -> None:
    """robots.txt of each host, no private network, no other method, no image, no WebSocket."""
    script = (
        f"fetch('/data.json').catch(() => 0); fetch('{other.base}/closed/x').catch(() => 0);"
        "fetch('http://10.0.0.7/').catch(() => 0); fetch('/post', {method: 'POST'}).catch(() => 0);"
        f"new Image().src = '/pixel.png'; new WebSocket('{site.base.replace('http', 'ws')}/ws');"
        "navigator.serviceWorker && navigator.serviceWorker.register('/sw.js').catch(() => 0);"
        f"document.getElementById('root').innerHTML = '<main><h1>A</h1><p>{WORDS}</p></main>'"
    )
    _app(site, script=script)
    site.answers["/robots.txt"] = Reply("User-agent: *\nDisallow: /data.json\n")
    other.answers["/robots.txt"] = Reply("User-agent: *\nDisallow: /closed\n")
    outcome = run(config_for(f"{site.base}/", render="auto"), session)
    assert outcome.counts["documents"] == 1
    assert {asked.path for asked in site.asked()} == {"/", "/app.js"}
    assert [asked.path for asked in other.log] == ["/robots.txt"]


@pytest.mark.browser
@pytest.mark.slow
def test_no_secret_goes_to_a_script_of_another_host(
    site: Site, session: Session, other: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page of one host cannot read another with what is named for that one."""
    monkeypatch.setenv("WIKI_TOKEN", "Bearer s3cret-value")
    script = (
        f"fetch('{other.base}/wiki').then(r => r.text()).catch(() => 'refused').then(t => {{"
        f"document.getElementById('root').innerHTML = '<main><h1>A</h1><p>{WORDS}</p><p>' + t }})"
    )
    _app(site, script=script)
    other.answers["/wiki"] = Reply("inner words")
    host = other.base.partition("://")[2]
    hosts = {host: {"headers_env": {"Authorization": "WIKI_TOKEN"}}}
    outcome = run(config_for(f"{site.base}/", render="auto", hosts=hosts), session)
    (row,) = rows_of(str(outcome.artifact))
    assert "refused" in row["text"]
    assert [a.headers.get("Authorization") for a in other.asked("/wiki")] == [None]


@pytest.mark.browser
@pytest.mark.slow
def test_gaps_hold_between_the_parts_of_a_page(site: Site, session: Session) -> None:
    """A script and its data wait their turn like pages."""
    _app(site)
    run(config_for(f"{site.base}/", render="auto", delay_s=0.3, latency_factor=0), session)
    at = [asked.at for asked in site.log]
    assert min(later - one for one, later in itertools.pairwise(at)) >= 0.29


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize(
    ("script", "reasons"),
    [
        ("while (true) {}", {"render_timeout"}),
        # A machine that is busy may not get a word in.
        ("setInterval(() => fetch('/data.json'), 20)", {"needs_javascript", "render_timeout"}),
        ("location.href = '/elsewhere'", {"needs_javascript"}),
    ],
)
def test_a_page_without_end_is_a_reason(
    site: Site, session: Session, script: str, reasons: set[str]
) -> None:
    """A loop, a page that asks for ever, one that leads away; the next page is read."""
    _app(site, "/bad", script=script)
    site.page("/", "/bad")
    started = time.monotonic()
    config = config_for(f"{site.base}/", render="auto", render_seconds=1.5)
    outcome = run(config, session)
    assert time.monotonic() - started < 60
    assert bool(site.asked("/elsewhere")) == ("elsewhere" in script)
    assert reasons & outcome.result["funnel"]["by_reason"].keys()
    assert outcome.counts["documents"] == 1


@pytest.mark.browser
@pytest.mark.slow
def test_always_draws_every_page_with_its_shadow_roots(site: Site, session: Session) -> None:
    """What a script adds to a page with text is there too; a reserved page is not drawn."""
    part = (
        "<my-note>x</my-note><script>document.querySelector('my-note').attachShadow({mode: 'open'})"
        ".innerHTML = '<p>Words of a component that stand in a shadow root of the page.</p>'"
        "</script>"
    )
    site.answers["/"] = Reply(
        f"<html><body><main><h1>A</h1><p>{WORDS}</p>{part}</main></body></html>", headers=HTML
    )
    outcome = run(config_for(f"{site.base}/", render="always"), session)
    (row,) = rows_of(str(outcome.artifact))
    assert "Words of a component" in row["text"]


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch, session: Session) -> None:
    """Without Playwright nothing is asked, and the way to it is told."""
    monkeypatch.setitem(__import__("sys").modules, "playwright", None)
    with pytest.raises(MissingExtra) as raised:
        run(config_for("http://127.0.0.1:1/", render="auto"), session)
    assert raised.value.fix == "pip install 'secarch[render]'"
