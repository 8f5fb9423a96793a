"""Addresses: one normal form, scope, traps."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secarch.harvest.config import HarvestConfig
from secarch.harvest.sources.urls import (
    Rules,
    normalise,
    pattern_of,
    resolve,
    slash_twin,
    trap_of,
)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("HTTP://Docs.Example.COM:80/a", "http://docs.example.com/a"),
        ("https://h.example:443", "https://h.example/"),
        ("http://h.example:8080/x", "http://h.example:8080/x"),
        ("http://h.example:81/x", "http://h.example:81/x"),
        ("https://h.example:444/x", "https://h.example:444/x"),
        ("http://h.example./x", "http://h.example/x"),
        ("http://h/a/./b/../c", "http://h/a/c"),
        ("http://h/%7euser/%e3%83%84", "http://h/~user/%E3%83%84"),
        ("http://h/a%2fb", "http://h/a%2Fb"),
        ("http://h/a b", "http://h/a%20b"),
        ("http://h/ü", "http://h/%C3%BC"),
        ("https://bücher.example/x", "https://xn--bcher-kva.example/x"),
        ("http://h/x#part", "http://h/x"),
        ("http://h/x?b=2&a=1", "http://h/x?a=1&b=2"),
        ("http://h/x?utm_source=a&id=7&gclid=z", "http://h/x?id=7"),
        ("http://h/x?sid=abc", "http://h/x"),
        ("http://h/x?SID=9f8e7d6c5b4a39281706&a=1", "http://h/x?a=1"),
        ("http://h/x?sid=42", "http://h/x?sid=42"),
        ("http://h/x?sid=iam-roles", "http://h/x?sid=iam-roles"),
        ("http://h/x;jsessionid=ABC?a=1", "http://h/x?a=1"),
        ("http://h/x?", "http://h/x"),
        ("http://[::1]:80/x", "http://[::1]/x"),
        ("  http://h/x\n", "http://h/x"),
        ("ftp://h/x", ""),
        ("mailto:a@b.example", ""),
        ("http:///h/x", "http://h/x"),
        ("http:\\\\h\\x", "http://h/x"),
        ("http://h/a\tb\nc", "http://h/abc"),
        ("http://0x7f.1/", "http://127.0.0.1/"),
        ("http://h/x?b=%c3%a9&a", "http://h/x?a&b=%C3%A9"),
        ("http://h/\ud800", ""),
        ("http://", ""),
        ("https://xn--a/", ""),
        ("http://[::1", ""),
        ("http://h:99999/", ""),
        ("javascript:void(0)", ""),
    ],
)
def test_each_spelling_has_one_normal_form(given: str, expected: str) -> None:
    """Case, ports, dot segments, escapes, fragments, tracking and session ids do not make another
    page.
    """
    assert normalise(given) == expected


@given(st.text(max_size=60))
def test_normal_form_is_stable_whatever_a_page_links_to(text: str) -> None:
    """No text raises, and the normal form of a normal form is itself."""
    once = resolve("http://h/dir/page", text)
    assert normalise(once) == once if once else True


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("../x", "http://h/x"),
        ("//o/x", "http://o/x"),
        ("?p=2", "http://h/a/b?p=2"),
        ("..\\x?a\\b", "http://h/x?a\\b"),
        ("#top", ""),
        ("", ""),
        ("y" * 3000, ""),
    ],
)
def test_links_are_relative_to_their_page(link: str, expected: str) -> None:
    """Links resolve as in a browser; empty, fragment-only and over-long ones lead nowhere."""
    assert resolve("http://h/a/b", link) == expected


def _judge(url: str, **seed: object) -> str:
    return Rules(HarvestConfig(seeds=({"url": "https://h/docs/intro.html", **seed},))).judge(url)


@pytest.mark.parametrize(
    ("url", "seed", "reason"),
    [
        ("https://h/docs/a", {}, ""),
        ("http://h/docs/a", {}, ""),
        ("https://h/docs", {}, ""),
        ("https://h/blog/a", {}, "out_of_scope"),
        ("https://h.evil/docs/a", {}, "out_of_scope"),
        ("https://h/docs/a", {"scope": "https://h/docs/b/"}, "out_of_scope"),
        ("https://h/docs/a", {"include": ("guide",)}, "not_included"),
        ("https://h/docs/guide/a", {"include": ("guide",), "exclude": ("/a$",)}, "excluded"),
        ("https://h/docs/a.PDF", {}, ""),
        ("https://u:p@h/docs/a", {}, "credentials_in_address"),
        ("https://h/docs/" + "a" * 1985, {}, ""),
        ("https://h/docs/" + "a" * 1986, {}, "too_long"),
    ],
)
def test_each_address_is_judged_with_its_reason(
    url: str, seed: dict[str, object], reason: str
) -> None:
    """The scope is the seed's folder unless it is named; patterns and types narrow it."""
    assert _judge(url, **seed) == reason


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/docs/reference/a/reference/b", ""),
        ("/a/x/a/y/a/z", "repeated_segments"),
        ("/a/b/a/b/c", ""),
        ("/a/b/a/b/a/b", "repeated_segments"),
        ("/" + "/".join(map(str, range(16))), ""),
        ("/" + "/".join(map(str, range(17))), "path_too_deep"),
        ("/x?" + "&".join(f"n{i}=1" for i in range(8)), ""),
        ("/x?" + "&".join(f"n{i}=1" for i in range(9)), "too_many_parameters"),
    ],
)
def test_growing_paths_are_traps(path: str, reason: str) -> None:
    """A path that repeats itself, or is deeper than documentation is, is not followed."""
    assert trap_of(f"https://h{path}") == reason


def test_calendars_and_queries_are_families() -> None:
    """Addresses that differ in numbers or in their query only share one budget; others have
    none.
    """
    assert (
        pattern_of("https://h/cal/2024/01/") == pattern_of("https://h/cal/1999/12/") == "h/cal/N/N/"
    )
    assert (
        pattern_of("https://h/cal/2024-01-31")
        == pattern_of("https://h/cal/1999-12-01")
        == "h/cal/N"
    )
    assert pattern_of("https://h/toc?page=2") == "h/toc?"
    assert pattern_of("https://h/techniques/T1001") == ""


def test_the_twin_of_an_encrypted_site_is_the_site() -> None:
    """Plain http links to a site whose seeds are https lead to https; never the other way."""
    rules = Rules(HarvestConfig(seeds=("https://h/", "http://p/", "https://p/")))
    assert rules.settle("http://h/x") == "https://h/x"
    assert [
        rules.settle(url) for url in ("http://h:8080/x", "http://p/x", "https://p/x", "http://o/x")
    ] == [
        "http://h:8080/x",
        "http://p/x",
        "https://p/x",
        "http://o/x",
    ]


def test_the_longest_scope_gives_licence_and_delay() -> None:
    """What a seed states holds for what lies below it, the most particular seed first."""
    seeds = (
        {"url": "https://h/", "licence": "A"},
        {"url": "https://h/docs/", "licence": "B", "delay_s": 7},
    )
    rules = Rules(HarvestConfig(seeds=seeds))
    assert (
        rules.licence_of("https://h/x"),
        rules.licence_of("https://h/docs/x"),
        rules.licence_of("https://o/"),
    ) == (
        "A",
        "B",
        "",
    )
    assert (rules.delay_of("https://h"), rules.delay_of("https://o")) == (7, 1.0)


def test_every_host_is_asked_by_one_shard_and_without_shards_by_all() -> None:
    """Two processes share the hosts between them; none is left out."""
    seeds = ("https://h/",)
    hosts = [f"https://docs{n}.example/x" for n in range(40)]
    first, second = (Rules(HarvestConfig(seeds=seeds, shard=part)) for part in ("0/2", "1/2"))
    elsewhere = [first.elsewhere(url) for url in hosts]
    assert elsewhere == [not second.elsewhere(url) for url in hosts]
    assert set(elsewhere) == {True, False}
    assert not any(Rules(HarvestConfig(seeds=seeds)).elsewhere(url) for url in hosts)


@pytest.mark.parametrize(
    ("url", "twin"),
    [
        ("https://h.example/guide", "https://h.example/guide/"),
        ("https://h.example/guide/", "https://h.example/guide"),
        ("https://h.example/v1.2/guide", "https://h.example/v1.2/guide/"),
        ("https://h.example/guide.html", ""),
        ("https://h.example/guide?page=2", ""),
        ("https://h.example/guide/?page=2", ""),
        ("https://h.example/", ""),
        ("https://h.example", ""),
    ],
)
def test_the_twin_of_a_page_differs_by_its_last_slash(url: str, twin: str) -> None:
    """A front page, a file and a query have none."""
    assert slash_twin(url) == twin
