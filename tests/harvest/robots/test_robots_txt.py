"""robots.txt by RFC 9309."""

from __future__ import annotations

import pytest

from secarch.harvest.robots import robots_txt
from secarch.harvest.robots.robots_txt import MAX_BYTES, cut, policy, verdict
from secarch.harvest.sources.urls import normalise


@pytest.mark.parametrize(
    ("status", "meaning"),
    [
        (200, "rules"),
        (204, "rules"),
        (299, "rules"),
        (300, "allow_all"),
        (301, "allow_all"),
        (401, "allow_all"),
        (403, "allow_all"),
        (404, "allow_all"),
        (410, "allow_all"),
        (429, "unreachable"),
        (500, "unreachable"),
        (503, "unreachable"),
        (199, "unreachable"),
        (0, "unreachable"),
    ],
)
def test_the_status_decides(status: int, meaning: str) -> None:
    """4xx allows everything; 5xx, 429 and network failures allow nothing."""
    assert verdict(status) == meaning


RULES = [
    ("User-agent: *\nDisallow: /a/\nAllow: /a/b/", "a/b/c", True),
    ("User-agent: *\nAllow: /a/b/\nDisallow: /a/", "a/c", False),
    ("User-agent: *\nDisallow: /p\nAllow: /p", "p", True),
    ("User-agent: *\nDisallow: /*.pdf$", "d/f.pdf", False),
    ("User-agent: *\nDisallow: /*.pdf$", "d/f.pdf?x=1", True),
    ("User-agent: *\nDisallow:", "a", True),
    ("User-agent: *\nDisallow: /\n\nUser-agent: secarch\nAllow: /", "a", True),
    ("User-agent: *\nDisallow: /a\n\nUser-agent: secarch\nDisallow: /b", "a", True),
    ("User-agent: SecArch\nDisallow: /", "a", False),
    ("User-agent: arch\nDisallow: /", "a", True),
    ("User-agent: *\nDisallow: /A", "a", True),
    ("User-agent: *\nDisallow: /\n", "robots.txt", True),
    ("\ufeffUser-agent: *\nDisallow: /", "a", False),
    ("User-agent: *\nDisallow: /foo/ツ", "foo/%E3%83%84", False),
    ("User-agent: secarch\n\nDisallow: /", "a", False),
    ("User-agent: *\nDisallow: /a/*/z", "a/b/c/z1", False),
    ("User-agent: *\nDisallow: /*.php$", "f.php", False),
    (
        (
            "User-agent: secarch\nDisallow: /a\n\nUser-agent: o\nDisallow: /\n\nUser-agent: "
            "secarch\nDisallow: /b"
        ),
        "b",
        False,
    ),
    ("User-agent: o\nUser-agent: secarch\nDisallow: /", "a", False),
    ("User-agent: * # all\nDisallow: /a # x", "a", False),
    ("User-agent: *\nDisallow: /foo/%E3%83%84", "foo/ツ", False),
    ("User-agent: *\nDisallow: /a%2Ab", "a%2Ab", False),
    ("User-agent: *\rDisallow: /a", "a", False),
    ("User-agent: o\nCrawl-delay: 1\nUser-agent: secarch\nDisallow: /", "a", False),
    ("User-agent: secarch\nSitemap: https://h.example/s.xml\nDisallow: /", "a", False),
    ("User-agent: o\nContent-Signal: ai-train=no\nUser-agent: secarch\nDisallow: /", "a", False),
    ("User-agent: *\nDisallow: /?s=", "?s=1", False),
    ("User-agent: *\nDisallow: /\nAllow: /$", "a", False),
    ("User-agent: *\nDisallow: /\nAllow: /$", "", True),
]


@pytest.mark.parametrize(("text", "path", "allowed"), RULES)
def test_the_longest_match_of_the_own_group_wins(text: str, path: str, *, allowed: bool) -> None:
    """Groups, longest match, wildcards, case and encoding as in RFC 9309, section 2.2."""
    asked = policy(200, cut(text.encode()), "secarch")
    assert asked is not None
    assert asked.allows(f"https://h.example/{path}") is allowed


def test_unreachable_robots_give_no_policy() -> None:
    """Without a policy nothing may be asked."""
    assert policy(503, "User-agent: *\nAllow: /", "secarch") is None


def test_crawl_delay_and_request_rate_are_both_kept() -> None:
    """The longer of the two is the gap; nonsense is no gap."""
    delays = [
        policy(200, f"User-agent: *\n{line}\nDisallow: /x", "secarch")
        for line in ("Crawl-delay: 2.5", "Request-rate: 1/10", "Crawl-delay: soon")
    ]
    assert [d.delay_s() for d in delays if d] == [2.5, 10, 0]


def test_a_long_file_is_cut_at_a_line_after_500_kib() -> None:
    """What follows the limit is not read, and no rule is cut in half."""
    text = cut(b"Disallow: /0123456789\n" * 100_000)
    assert len(text) <= MAX_BYTES
    assert text.endswith("/0123456789")


def test_a_robots_file_is_kept_for_a_day() -> None:
    """RFC 9309, section 2.4: no longer than 24 hours."""
    assert robots_txt.TTL_SECONDS == 86_400


def test_binary_is_no_rule() -> None:
    """Bytes that are no text forbid nothing and break nothing."""
    asked = policy(200, cut(bytes(range(256)) * 100), "secarch")
    assert asked is not None
    assert asked.allows("https://h/x")


@pytest.mark.parametrize(
    ("text", "path", "refused"),
    [
        ("User-agent: *\nContent-Signal: search=yes, ai-train=no\nAllow: /", "/a", True),
        ("Content-Signal: ai-train=no\nUser-agent: *\nAllow: /", "/a", True),
        ("User-agent: *\nContent-Signal: ai-train=yes\nAllow: /", "/a", False),
        ("User-agent: other\nContent-Signal: ai-train=no\nAllow: /", "/a", False),
        (
            "User-agent: secarch\nAllow: /\n\nUser-agent: *\nContent-Signal: ai-train=no\nAllow: /",
            "/a",
            False,
        ),
        ("User-agent: *\nContent-Usage: train-ai=n\nAllow: /", "/a", True),
        ("User-agent: *\nContent-Usage: /blog/ train-ai=n\nAllow: /", "/a", False),
        ("User-agent: *\nContent-Usage: /blog/ train-ai=n\nAllow: /", "/blog/a", True),
        ("User-agent: *\nContent-Signal: search=no\nAllow: /", "/a", False),
        ("User-agent: *\nContent-Usage: /*/private train-ai=n\nAllow: /", "/x/private/1", True),
        (
            "User-agent: *\nContent-Usage: train-ai=n\nContent-Usage: /open/ train-ai=y\nAllow: /",
            "/open/1",
            False,
        ),
        (
            "User-agent: *\nContent-Usage: train-ai=y\nContent-Signal: ai-train=no\nAllow: /",
            "/a",
            True,
        ),
        ("User-agent: SecArch/1.0\nContent-Usage: train-ai=n\nAllow: /", "/a", True),
        ("User-agent: *\nContent-Usage: /s? train-ai=n\nAllow: /", "/s?q=1", True),
    ],
)
def test_training_preferences_of_the_own_group_count(
    text: str, path: str, *, refused: bool
) -> None:
    """Content-Signal and Content-Usage against training are kept, by path and by group."""
    asked = policy(200, text, "secarch")
    assert asked is not None
    assert bool(asked.refusal(f"https://h{path}")[0]) is refused


def test_the_words_that_refuse_are_told() -> None:
    """Each skip can be shown with what the site said."""
    asked = policy(
        200, "User-agent: *\nContent-Signal: search=yes, ai-train=no\nAllow: /", "secarch"
    )
    assert asked is not None
    assert asked.refusal("https://h/a") == (
        "opt_out_robots",
        "content-signal: search=yes, ai-train=no",
    )


def test_a_group_for_a_crawler_that_trains_can_stand_for_us() -> None:
    """harvest.stand_ins: what is refused to GPTBot is refused to us, where the file names it and
    nowhere else.
    """
    text = "User-agent: GPTBot\nDisallow: /docs/\n\nUser-agent: *\nAllow: /"
    asked = policy(200, text, "secarch", ("GPTBot", "CCBot"))
    assert asked is not None
    assert asked.refusal("https://h/docs/a") == (
        "opt_out_robots",
        "the group of GPTBot disallows it",
    )
    assert asked.refusal("https://h/a") == ("", "")
    free = policy(
        200, "User-agent: *\nDisallow: /\n\nUser-agent: secarch\nAllow: /", "secarch", ("GPTBot",)
    )
    assert free is not None
    assert free.refusal("https://h/a") == ("", "")


@pytest.mark.parametrize(
    ("pattern", "path", "allowed"),
    [
        ("/i?title=*&act=", "/i?title=A&act=edit", False),
        ("/i?title=*&act=edit", "/i?title=A&b=2&act=edit", False),
        ("/*&old=", "/w?title=X&old=3", False),
        ("/*?lang=*&print=1", "/p?print=1&lang=de", False),
        ("/i?b=1&a=2$", "/i?b=1&a=2", False),
        ("/i?b=1&a=2", "/i?b=11&a=2", True),
        ("/i?b=1&a=2", "/i?a=3&b=1", True),
        ("/i?b=1&a=2", "/i?b=1&a=2&c=3", False),
        ("/i?d=4&c=3&b=2&a=1", "/i?d=4&c=3&b=2&a=1", False),
        ("/i?e=5&d=4&c=3&b=2&a=1", "/i?e=5&d=4&c=3&b=2&a=1", True),
    ],
)
def test_rules_hold_for_a_query_in_any_order(pattern: str, path: str, allowed: bool) -> None:
    """A page is asked for with its query names sorted; the rule was written for the link."""
    rules = policy(200, f"User-agent: *\nDisallow: {pattern}\n", "secarch")
    assert rules is not None
    assert rules.allows(normalise(f"https://h.example{path}")) is allowed


def test_sitemaps_are_those_of_the_file_fifty_at_most() -> None:
    """A site that was not reached names none."""
    lines = [f"Sitemap: https://h.example/{n}.xml" for n in range(60)]
    found = policy(200, "\n".join(lines), "secarch")
    assert found is not None
    assert found.sitemaps() == [line.removeprefix("Sitemap: ") for line in lines[:50]]
    missing = policy(404, "", "secarch")
    assert missing is not None
    assert missing.sitemaps() == []
