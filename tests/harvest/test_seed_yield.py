"""No seed fails in silence, none loses its pages to a move, and no wrong link deletes pages."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from secarch.errors import InputError, UsageError
from secarch.harvest.config import HarvestConfig
from secarch.harvest.documents import is_alike, is_same, words_of
from secarch.harvest.sources.seeds import only_seeds
from secarch.harvest.sources.urls import Rules
from secarch.harvest.stage import run
from secarch.session import Session
from tests.harvest.conftest import Reply, Site, config_for, rows_of


def _skipped(artifact: str | None) -> dict[str, str]:
    with gzip.open(f"{artifact}/skipped.jsonl.gz", "rt") as lines:
        rows = [json.loads(line) for line in lines]
    return {row["url"].rpartition("/")[2]: row["reason"] for row in rows}


def test_a_seed_that_moved_takes_its_scope_along(site: Site, session: Session) -> None:
    """A redirect of the seed out of its scope widens the scope to where it leads; it is recorded,
    and links that were out of scope before are taken up.
    """
    site.answers["/old/guide"] = Reply("", 301, {"Location": "/new/guide"})
    site.page("/new/guide", "/new/more", "/elsewhere/x")
    site.page("/new/more")
    outcome = run(config_for(f"{site.base}/old/guide"), session)
    (row,) = outcome.result["funnel"]["seeds"]
    assert (row["kept"], row["why_not"]) == (2, "")
    assert row["moved_to"] == [site.base.partition("://")[2] + "/new/"]
    assert _skipped(outcome.artifact)["x"] == "out_of_scope"


@pytest.mark.parametrize("target", ["/", "/login/", "/x/sso?to=a"])
def test_no_scope_grows_to_a_home_page_or_a_login(target: str) -> None:
    """Such a redirect says that the page is gone or closed."""
    rules = Rules(HarvestConfig(seeds=("https://h.example/old/guide",)))
    assert rules.widen("https://h.example/old/guide", f"https://h.example{target}") is None
    assert rules.judge(f"https://h.example{target}") == "out_of_scope"


def test_a_scope_that_moves_to_another_host_keeps_its_path() -> None:
    """The folder that was named is looked for on the new host first."""
    seed = {"url": "https://a.example/iam/docs/overview/start", "scope": "https://a.example/iam/"}
    rules = Rules(HarvestConfig(seeds=(seed,)))
    rules.widen(str(seed["url"]), "https://docs.a.example/iam/docs/overview/start")
    assert rules.judge("https://docs.a.example/iam/keys") == ""
    assert rules.judge("https://docs.a.example/sql/") == "out_of_scope"


def test_each_seed_has_a_line_and_an_empty_one_can_be_an_error(
    site: Site, session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    """What the others gave is sealed all the same."""
    site.page("/a/")
    seeds = ({"url": f"{site.base}/a/", "name": "good"}, {"url": f"{site.base}/b/", "name": "bad"})
    with pytest.raises(InputError) as caught:
        run(config_for(*seeds, require_seeds=True), session)
    assert "1 of 2 seeds" in str(caught.value)
    assert caught.value.exit_code == 4
    assert "bad" in capsys.readouterr().err
    outcome = run(config_for(*seeds), session)
    assert outcome.status == "nothing_to_do"
    assert outcome.counts["documents"] == 1


def test_only_named_seeds_are_harvested() -> None:
    """A wrong name suggests the near one."""
    config = HarvestConfig(seeds=({"url": "http://a/", "name": "aws"}, {"url": "http://b/"}))
    assert [seed.url for seed in only_seeds(config, ["aws"]).seeds] == ["http://a/"]
    assert only_seeds(config, []) is config
    with pytest.raises(UsageError, match="aw"):
        only_seeds(config, ["awz"])


@pytest.mark.slow
@pytest.mark.parametrize("target", [Reply("gone", 404), None])
def test_different_pages_with_one_canonical_stay(
    site: Site, session: Session, target: Reply | None
) -> None:
    """Whether the target is dead or another page, no page is lost to it."""
    site.page("/", "/p1", "/p2", "/p3")
    if target is None:
        site.page("/canon", text="Something about a fourth matter, long and of its own. " * 9)
    else:
        site.answers["/canon"] = target
    topics = ("keys are rotated yearly", "buckets stay closed", "logs are kept for ninety days")
    for number, topic in enumerate(topics, 1):
        head = "<link rel=canonical href=/canon>"
        site.page(f"/p{number}", head=head, text=f"In this house {topic}. " * 20)
    outcome = run(config_for(site.base + "/"), session)
    assert outcome.counts["documents"] == (4 if target else 5)


def test_pages_are_alike_by_the_words_of_the_poorer_one() -> None:
    """A print view is its page; a page of other words, or of twice as many, is not."""
    page = frozenset("abcdefghij")
    assert is_alike(page, page)
    assert is_alike(page, page - {"a"} | {"z"})
    assert not is_alike(page, page - {"a", "b"} | {"y", "z"})
    assert is_alike(page, frozenset("abcde"))
    assert not is_alike(page, frozenset("abcd"))


def test_pages_of_the_same_words_in_other_sentences_are_not_alike() -> None:
    """Pages of one reference share their words; a print view shares their order as well."""
    page = "keys rotate yearly and owners review roles before the audit closes"
    other = " ".join(reversed(page.split()))
    assert is_same(words_of(page), words_of(f"print {page}"))
    assert set(page.split()) == set(other.split())
    assert not is_same(words_of(page), words_of(other))
    assert not is_same(words_of("a b c d"), words_of("e f g h"))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("text/plain", "{base}/found\n{base}/found#x\nno address\n"),
        (
            "application/rss+xml",
            "<rss><channel><link>{base}/</link><item><link>{base}/found</link></item></channel></rss>",
        ),
        (
            "application/atom+xml",
            '<feed><link href="/no"/><entry><link rel="edit" href="/no"/><link href="/found"/>',
        ),
    ],
)
def test_sitemaps_of_other_forms_are_read(
    site: Site, session: Session, kind: str, body: str
) -> None:
    """Text, RSS and Atom (sitemaps.org, "Other Sitemap formats")."""
    site.answers["/robots.txt"] = Reply(f"Sitemap: {site.base}/map\n")
    reply = Reply(body.replace("{base}", site.base), headers={"Content-Type": kind})
    site.answers["/map"] = reply
    site.page("/")
    site.page("/found")
    run(config_for(site.base + "/"), session)
    assert site.asked("/found")
    assert not site.asked("/no")


def test_a_sitemap_that_nobody_names_is_found(site: Site, session: Session) -> None:
    """/sitemap.xml is asked for; where there is none, no list speaks of it."""
    site.page("/")
    site.page("/hidden")
    first = run(config_for(site.base + "/"), session)
    assert "sitemap.xml" not in _skipped(first.artifact)
    site.answers["/sitemap.xml"] = Reply(
        f"<urlset><url><loc>{site.base}/hidden</loc></url></urlset>",
        headers={"Content-Type": "application/xml"},
    )
    session = Session(workspace=session.workspace, fresh=True)
    assert run(config_for(site.base + "/"), session).counts["documents"] == 2


def test_every_way_on_is_followed(site: Site, session: Session) -> None:
    """Meta refresh, frames, rel=next in the page and in the Link header, links in Markdown."""
    site.page("/", "/refresh", "/frames", "/one", "/llms.txt")
    site.answers["/refresh"] = Reply(
        '<meta http-equiv="Refresh" content="0; URL=\'after.html\'">',
        headers={"Content-Type": "text/html"},
    )
    site.answers["/frames"] = Reply(
        "<html><frameset><frame src=framed.html></frameset></html>",
        headers={"Content-Type": "text/html"},
    )
    head = "<link rel=next href=/two>"
    site.page("/one", head=head, headers={"Link": f'<{site.base}/three>; rel="next"'})
    site.answers["/llms.txt"] = Reply(
        "# Docs\n\n- [Keys](guide/keys.md): how\n\n[r]: /reference\n",
        headers={"Content-Type": "text/plain"},
    )
    targets = ("/after.html", "/framed.html", "/two", "/three", "/guide/keys.md", "/reference")
    for path in targets:
        site.page(path)
    run(config_for(site.base + "/"), session)
    assert [path for path in targets if not site.asked(path)] == []


def test_the_feed_of_a_seed_is_read_and_no_other(site: Site, session: Session) -> None:
    """Autodiscovery; each post of a blog names a feed of its own comments."""
    feed = "<link rel=alternate type=application/rss+xml href=%s>"
    site.page("/", "/post", head=feed % "/feed")
    site.page("/post", head=feed % "/post/feed")
    item = f"<item><link>{site.base}/old</link></item>"
    kind = {"Content-Type": "application/rss+xml"}
    site.answers["/feed"] = Reply(f"<rss><channel>{item}</channel></rss>", headers=kind)
    site.page("/old")
    run(config_for(site.base + "/"), session)
    assert (len(site.asked("/old")), site.asked("/post/feed")) == (1, [])


def test_an_error_page_is_told_by_its_title_even_if_it_is_long(
    site: Site, session: Session
) -> None:
    """A page about such errors stays."""
    site.page("/", "/lost", "/about")
    long = "Try the search or one of these popular pages of our documentation. " * 20
    for path, title in (
        ("/lost", "Page not found | Docs"),
        ("/about", "Fix 404 errors in a proxy"),
    ):
        body = f"<html><title>{title}</title><main><h1>{title}</h1><p>{long}</p></main></html>"
        site.answers[path] = Reply(body, headers={"Content-Type": "text/html"})
    outcome = run(config_for(site.base + "/"), session)
    assert _skipped(outcome.artifact) == {"lost": "soft_404"}


def test_json_of_the_field_becomes_documents(site: Site, session: Session, tmp_path: Path) -> None:
    """A catalogue from the web is one text, from a folder one for each control; other JSON none."""
    part = {"name": "statement", "prose": "Keep keys in one vault that is watched. " * 5}
    control = {"id": "kv-1", "title": "Key Vault", "parts": [part]}
    other = {"id": "kv-2", "title": "Key Use", "parts": [part]}
    text = json.dumps({"catalog": {"metadata": {}, "controls": [control, other]}})
    site.answers["/c.json"] = Reply(text, headers={"Content-Type": "application/json"})
    assert run(config_for(f"{site.base}/c.json"), session).counts["documents"] == 1
    folder = tmp_path / "standards"
    folder.mkdir()
    (folder / "c.json").write_text(text)
    (folder / "data.json").write_text('{"a": 1}')
    session = Session(workspace=tmp_path / "second")
    outcome = run(config_for({"path": str(folder)}), session)
    assert outcome.counts["documents"] == 2
    (source,) = outcome.result["funnel"]["sources"]
    assert source["unread"] == {".json": {"files": 1, "words": 2}}


def test_a_site_that_tests_for_cookies_is_shown_its_own_once(site: Site, session: Session) -> None:
    """A redirect to the same URL with a cookie is asked again with it; an endless one is a loop."""
    site.page("/")
    page = site.answers["/"]
    assert isinstance(page, Reply)
    back = {"Location": "/", "Set-Cookie": "seen=1; Path=/"}
    site.answers["/"] = lambda n: Reply("", 302, back) if n == 0 else page
    assert run(config_for(site.base + "/"), session).counts["documents"] == 1
    first, second = site.asked("/")
    assert "Cookie" not in first.headers
    assert second.headers["Cookie"] == "seen=1"


MARKDOWN = {"Content-Type": "text/markdown"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("twin", "kept"),
    [("alike", "/docs/a.md"), ("other", "/docs/a"), ("gone", "/docs/a"), ("outside", "/docs/a")],
)
def test_markdown_that_a_page_names_takes_its_place(
    site: Site, session: Session, twin: str, kept: str
) -> None:
    """If it is there, in scope and says the same; else the page stays."""
    words = "Grant each workload an identity of its own and review it once a year. " * 8
    path = "/elsewhere/a.md" if twin == "outside" else "/docs/a.md"
    head = f'<link rel="alternate" type="text/markdown" href="{path}">'
    site.page("/docs/", "/docs/a")
    site.page("/docs/a", text=words, head=head)
    if twin != "gone":
        text = "Quite another matter. " * 20 if twin == "other" else words
        site.answers[path] = Reply(f"# Page /docs/a\n\n{text}\n", headers=MARKDOWN)
    outcome = run(config_for(f"{site.base}/docs/"), session)
    urls = {row["url"].removeprefix(site.base) for row in rows_of(str(outcome.artifact))}
    assert kept in urls
    assert ("/docs/a" in urls) == (kept == "/docs/a")
