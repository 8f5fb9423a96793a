"""Groups, product tokens and matching, case by case from the text of RFC 9309."""

from __future__ import annotations

import time

import pytest

from secarch.harvest.robots.robots_txt import cut, policy
from secarch.harvest.robots.rules import matches, parse, path_of, product_token
from secarch.harvest.sources.urls import normalise

SITE = "https://docs.example.org"


def allowed(text: str, path: str, agent: str = "secarch") -> bool:
    """What the crawler asks before it fetches `path`."""
    asked = policy(200, cut(text.encode()), agent)
    assert asked is not None
    return asked.allows(normalise(f"{SITE}{path}"))


@pytest.mark.parametrize(
    ("written", "token"),
    [
        ("secarch", "secarch"),
        ("SecArch/0.1.0", "secarch"),
        ("secarch 1.0", "secarch"),
        ("secarch (docs; +https://docs.example.org)", "secarch"),
        ("  my-bot_x/2", "my-bot_x"),
        ("GPTBot/1.2", "gptbot"),
        ("bot2000", "bot"),
        ("*", ""),
        ("", ""),
    ],
)
def test_a_product_token_ends_at_the_first_other_character(written: str, token: str) -> None:
    """Section 2.2.1: letters, underscore and hyphen alone."""
    assert product_token(written) == token


@pytest.mark.parametrize(
    ("agents", "bound"),
    [
        ("secarch/0.1.0", True),
        ("SECARCH", True),
        ("secarch 1.0", True),
        ("secarch(docs)", True),
        ("sec", False),
        ("secarchive", False),
        ("secarch-news", False),
        ("arch", False),
        ("*", True),
        ("* everybody", True),
        ("*bot", False),
    ],
)
def test_tokens_are_compared_whole(agents: str, *, bound: bool) -> None:
    """Neither a prefix nor a longer name is us; `*` is everybody."""
    assert allowed(f"User-agent: {agents}\nDisallow: /", "/a") is not bound


GROUPS = [
    # Lines of other records neither end a group nor the list of its agents (section 2.2.4).
    ("User-agent: secarch\nCrawl-delay: 1\nUser-agent: *\nDisallow: /d/", "/d/x", False),
    ("User-agent: secarch\nSitemap: /s.xml\nUser-agent: b\nDisallow: /d/", "/d/x", False),
    ("User-agent: secarch\nUnknown: x\nUser-agent: b\nDisallow: /d/", "/d/x", False),
    ("User-agent: secarch\nDisallow: /a\nUnknown: x\nDisallow: /b", "/b", False),
    # A rule ends the list of agents.
    ("User-agent: secarch\nDisallow: /a\nUser-agent: b\nDisallow: /", "/c", True),
    ("User-agent: secarch\nDisallow:\nUser-agent: b\nDisallow: /", "/c", True),
    # Groups of one agent are one group.
    (
        (
            "User-agent: secarch\nDisallow: /a\n\nUser-agent: b\nDisallow: /\n\n"
            "User-agent: secarch\nDisallow: /c"
        ),
        "/c",
        False,
    ),
    ("User-agent: *\nDisallow: /a\n\nUser-agent: *\nDisallow: /c", "/c", False),
    # A group of our own, even an empty one, holds in place of that of everybody.
    ("User-agent: *\nDisallow: /\n\nUser-agent: secarch\n", "/a", True),
    ("User-agent: secarch\nAllow: /\n\nUser-agent: *\nDisallow: /", "/a", True),
    # Rules before any user-agent belong to nobody.
    ("Disallow: /\nUser-agent: b\nDisallow: /", "/a", True),
    # Blank lines and comments mean nothing.
    ("User-agent: secarch\n\n# here\n\nDisallow: /a # why", "/a", False),
    # Common misspellings, and a missing colon.
    ("Useragent: secarch\nDisalow: /a", "/a", False),
    ("user agent: secarch\ndissallow: /a", "/a", False),
    ("User-agent secarch\nDisallow /a", "/a", False),
    ("User-agent: secarch\nDisallow /a b", "/a", True),
]


@pytest.mark.parametrize(("text", "path", "expected"), GROUPS)
def test_groups(text: str, path: str, *, expected: bool) -> None:
    """Which lines hold for us."""
    assert allowed(text, path) is expected


MATCHING = [
    (["Disallow: /a", "Allow: /a/b"], "/a/b/c", True),
    (["Allow: /a", "Disallow: /a/b"], "/a/b/c", False),
    (["Allow: /a", "Disallow: /a"], "/a", True),
    (["Disallow: /a$"], "/a", False),
    (["Disallow: /a$"], "/a/", True),
    (["Disallow: /*.php"], "/f.php?x=1", False),
    (["Disallow: /*.php$"], "/f.php?x=1", True),
    (["Disallow: /*/print/"], "/a/b/print/c", False),
    (["Disallow: /a*b*c$"], "/axxbyyc", False),
    (["Disallow: /a*b*c$"], "/axxbyycz", True),
    (["Disallow: a"], "/a", True),
    (["Disallow: *"], "/a", False),
    (["Disallow: /A"], "/a", True),
    (["Disallow: /?"], "/?x=1", False),
    (["Disallow: /a?x=1"], "/a?x=12", False),
    (["Disallow: /a%2fb"], "/a/b", True),
    (["Disallow: /a%2fb"], "/a%2Fb", False),
    (["Disallow: /%61"], "/a", False),
    (["Disallow: /a"], "/%61", False),
    (["Disallow: /caf\u00e9"], "/caf%C3%A9", False),
    (["Disallow: /caf%c3%a9"], "/caf\u00e9", False),
    (["Disallow: /a-%2A.html"], "/a-*.html", False),
    (["Disallow: /a-%2A.html"], "/a-b.html", True),
    (["Disallow: /a%24"], "/a$b", False),
    (["Disallow: /a$b"], "/a$bc", False),
    (["Disallow: /a b"], "/a%20b", False),
    (["Disallow: /", "Allow: /index.html"], "/", True),
    (["Disallow: /", "Allow: /d/index.htm"], "/d/", True),
    (["Disallow: /", "Allow: /d/index.html"], "/d/x", False),
    (["Disallow: /robots.txt"], "/robots.txt", True),
    # The query of a URL in normal form is sorted, and rules are written as links are.
    (["Disallow: /i.php?title=*&action=edit"], "/i.php?title=A&action=edit", False),
    (["Disallow: /i.php?title=*&action=edit$"], "/i.php?title=A&action=edit", False),
    (["Disallow: /i.php?title=*&action=edit"], "/i.php?title=A&action=view", True),
]


@pytest.mark.parametrize(("rules", "path", "expected"), MATCHING)
def test_the_longest_pattern_wins(rules: list[str], path: str, *, expected: bool) -> None:
    """Wildcards, ends, escapes and case (sections 2.2.2 and 2.2.3)."""
    assert allowed("\n".join(["User-agent: *", *rules]), path) is expected


def test_a_stand_in_is_found_by_its_token() -> None:
    """`GPTBot/1.2` is the group of GPTBot."""
    asked = policy(200, "User-agent: GPTBot/1.2\nDisallow: /", "secarch", ["GPTBot"])
    assert asked is not None
    assert asked.allows(f"{SITE}/a")
    assert asked.refusal(f"{SITE}/a")[0] == "opt_out_robots"


@pytest.mark.parametrize(
    ("line", "seconds"),
    [
        ("Crawl-delay: 2.5", 2.5),
        ("Crawl-delay: nan", 0),
        ("Crawl-delay: -1", 0),
        ("Request-rate: 2/10", 5),
        ("Request-rate: 1/2m", 120),
        ("Request-rate: 2/1h", 1800),
        ("Request-rate: 4/2s", 0.5),
        ("Request-rate: 0/10", 10),
        ("Request-rate: soon", 0),
    ],
)
def test_pauses(line: str, seconds: float) -> None:
    """Seconds between requests, of our own groups alone."""
    text = f"User-agent: b\nCrawl-delay: 99\n\nUser-agent: secarch\n{line}\nDisallow:\n"
    asked = policy(200, text, "secarch")
    assert asked is not None
    assert asked.delay_s() == seconds


@pytest.mark.slow
def test_a_file_of_many_groups_and_a_hostile_pattern_take_no_time() -> None:
    """100,000 groups are read, and stars do not multiply, in the process's own seconds."""
    text = "".join(f"User-agent: bot{'x' * (n % 50)}\nDisallow: /{n}\n" for n in range(100_000))
    started = time.process_time()
    assert len(parse(text).groups) == 100_000
    assert not matches("/" + "*a" * 2_000 + "$", "/" + "a" * 1_999)
    assert time.process_time() - started < 5


def test_a_line_holds_for_the_agents_right_above_it() -> None:
    """Also after a rule; a line before any user-agent holds for all."""
    text = "W: 0\nUser-agent: a\nUser-agent: b\nX: 1\nAllow: /\nX: 2\nUser-agent: c\nX: 3\n"
    found = parse(text)
    assert [line.value for line in found.lines_for("b/1.0")] == ["0", "1", "2"]
    assert [line.value for line in found.lines_for("c")] == ["0", "3"]
    assert [line.value for line in found.lines_for("d")] == ["0"]


def test_the_path_of_a_url() -> None:
    """Path and query without the fragment; stars and dollars are plain characters there."""
    assert path_of("https://docs.example.org") == "/"
    assert path_of("https://docs.example.org/a%7eb?x=%c3#f") == "/a~b?x=%C3"
    assert path_of("https://docs.example.org/a*$") == "/a%2A%24"
