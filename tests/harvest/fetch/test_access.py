"""A secret goes to its own host, over https or to this machine, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from secarch.errors import ConfigError, InputError, InvalidInput, MissingInput, PrerequisiteError
from secarch.harvest.config import HarvestConfig, HostAccess
from secarch.harvest.fetch import access
from secarch.harvest.stage import run
from secarch.session import Session
from tests.harvest.conftest import Reply, Site, config_for

COOKIES = (
    "# Netscape HTTP Cookie File\n"
    "wiki.example.org\tFALSE\t/\tTRUE\t0\tid\tabc\n"
    ".example.org\tTRUE\t/\tTRUE\t0\twide\tw\n"
    "other.example.net\tFALSE\t/\tTRUE\t0\tno\tx\n"
)


def _config(**one: object) -> HarvestConfig:
    return HarvestConfig(hosts={"wiki.example.org": one})


def test_headers_and_cookies_are_those_of_the_host(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Other hosts get nothing, and neither does a connection that others can read."""
    monkeypatch.setenv("WIKI_TOKEN", "Bearer s3cret")
    (tmp_path / "cookies.txt").write_text(COOKIES)
    config = _config(
        headers_env={"Authorization": "WIKI_TOKEN"}, cookies_file=str(tmp_path / "cookies.txt")
    )
    hosts = access.read(config)
    own = access.of(hosts, "https://Wiki.example.org/x")
    assert own.headers == {"Authorization": "Bearer s3cret", "Cookie": "id=abc; wide=w"}
    assert access.of(hosts, "http://wiki.example.org/x").headers == {}
    assert access.of(hosts, "https://wiki.example.org.evil.example/").headers == {}
    assert "s3cret" not in repr(hosts)


def test_what_is_missing_or_malformed_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A variable, a file, a file of another format, a key that is a URL."""
    monkeypatch.delenv("NOT_THERE", raising=False)
    with pytest.raises(PrerequisiteError, match="NOT_THERE"):
        access.read(_config(headers_env={"A": "NOT_THERE"}))
    with pytest.raises(MissingInput):
        access.read(_config(cookies_file=str(tmp_path / "none")))
    (tmp_path / "c.json").write_text('[{"name": "id"}]')
    with pytest.raises(InvalidInput, match="cookie"):
        access.read(_config(cookies_file=str(tmp_path / "c.json")))
    with pytest.raises(ConfigError):
        access.read(HarvestConfig(hosts={"https://wiki.example.org": {}}))
    monkeypatch.setenv("BROKEN", "a\r\nX-Evil: 1")
    with pytest.raises(ConfigError):
        access.read(_config(headers_env={"A": "BROKEN"}))


@pytest.mark.slow
def test_a_secret_opens_a_wiki_and_stays_there(
    site: Site, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is sent with each request to the host, not after a redirect off it, and stored nowhere."""
    monkeypatch.setenv("WIKI_TOKEN", "Bearer s3cret-value")
    other = Site()
    try:
        site.page("/", "/away")
        site.answers["/away"] = Reply("", 302, {"Location": f"{other.base}/"})
        other.page("/")
        host = site.base.partition("://")[2]
        hosts = {host: {"headers_env": {"Authorization": "WIKI_TOKEN"}}}
        outcome = run(config_for(f"{site.base}/", f"{other.base}/", hosts=hosts), session)
        sent = {asked.headers.get("Authorization") for asked in site.log}
        assert sent == {"Bearer s3cret-value"}
        assert all("Authorization" not in asked.headers for asked in other.log)
        assert outcome.counts["documents"] == 2
    finally:
        other.close()
    for file in session.workspace.rglob("*"):
        assert file.is_dir() or b"s3cret-value" not in file.read_bytes()


def test_a_host_is_asked_through_its_proxy_alone(site: Site, session: Session) -> None:
    """The proxy may be in a private network; its password is stored and logged nowhere."""
    page = f"<html><main><h1>Roles</h1><p>{'Review each role. ' * 20}</p></main></html>"
    site.answers["http://docs.example.org/"] = Reply(page, headers={"Content-Type": "text/html"})
    proxy = site.base.replace("://", "://user:s3cret-word@")
    hosts = {"docs.example.org": {"proxy": proxy}}
    config = config_for(
        "http://docs.example.org/",
        "http://other.invalid/",
        hosts=hosts,
        allow_networks=(),
        contact="crawl@example.org",
        retries=0,
    )
    outcome = run(config, session)
    assert outcome.counts["documents"] == 1
    assert {asked.path.split("/")[2] for asked in site.log} == {"docs.example.org"}
    assert all(asked.headers["Proxy-Authorization"].startswith("Basic ") for asked in site.log)
    for file in session.workspace.rglob("*"):
        assert file.is_dir() or b"s3cret-word" not in file.read_bytes()


def test_a_proxy_that_cannot_be_had_keeps_its_password(session: Session) -> None:
    """The reason names what failed without the proxy's URL."""
    hosts = {"docs.example.org": {"proxy": "http://user:s3cret-word@127.0.0.1:9"}}
    config = config_for(
        "http://docs.example.org/", hosts=hosts, contact="crawl@example.org", retries=0
    )
    with pytest.raises(InputError) as raised:
        run(config, session)
    assert "s3cret-word" not in str(raised.value)


LINE = "wiki.example.org\tFALSE\t/\tFALSE\t{expires}\tid\tabc\n"


@pytest.mark.parametrize(
    "text",
    [
        COOKIES.splitlines(keepends=True)[1],
        "\ufeff" + COOKIES,
        COOKIES.replace("\n", "\r\n"),
        "# a comment\n\n#HttpOnly_" + LINE.format(expires=0),
        LINE.format(expires=4102444800),
        LINE.format(expires="4102444800.25"),
        LINE.format(expires=""),
        LINE.format(expires="-1"),
        "wiki.example.org\tfalse\t/\tFALSE\t0\tid\tabc\n",
    ],
)
def test_cookie_files_of_every_exporter_are_read(text: str, tmp_path: Path) -> None:
    """With the first line that names the format or without, whatever ends a line."""
    (tmp_path / "c.txt").write_bytes(text.encode())
    hosts = access.read(_config(cookies_file=str(tmp_path / "c.txt")))
    assert "id=abc" in access.of(hosts, "https://wiki.example.org/x").headers["Cookie"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# Netscape HTTP Cookie File\n",
        "Cookie: id=abc\n",
        LINE.format(expires=0).replace("\t", " "),
        LINE.format(expires="soon"),
        "wiki.example.org\tFALSE\t/\tFALSE\tid\tabc\n",
        "wiki.example.org\tyes\t/\tFALSE\t0\tid\tabc\n",
        LINE.format(expires=0) + "one more line\n",
    ],
)
def test_another_format_is_refused_without_its_words(text: str, tmp_path: Path) -> None:
    """A cookie's value is never in the message."""
    (tmp_path / "c.txt").write_text(text)
    with pytest.raises(InvalidInput, match="not a cookie file") as raised:
        access.read(_config(cookies_file=str(tmp_path / "c.txt")))
    assert "abc" not in str(raised.value)


@pytest.mark.parametrize(
    ("path", "asked", "sent"),
    [
        ("/adm", "/adm", True),
        ("/adm", "/adm/x", True),
        ("/adm/", "/adm/x", True),
        ("/adm", "/administration", False),
        ("/adm", "/", False),
        ("/", "/x", True),
    ],
)
def test_a_cookie_is_sent_below_its_path(path: str, asked: str, sent: bool, tmp_path: Path) -> None:
    """RFC 6265, section 5.1.4."""
    line = LINE.format(expires=0).replace("\t/\t", f"\t{path}\t")
    (tmp_path / "c.txt").write_text(line)
    hosts = access.read(_config(cookies_file=str(tmp_path / "c.txt")))
    assert bool(access.of(hosts, f"https://wiki.example.org{asked}").headers) is sent


@pytest.mark.parametrize(
    ("line", "sent"),
    [
        (LINE.format(expires=1_000_000_000), False),
        (".example.org\tTRUE\t/\tFALSE\t0\tid\tabc\n", True),
        ("example.org\tTRUE\t/\tFALSE\t0\tid\tabc\n", True),
        ("example.org\tFALSE\t/\tFALSE\t0\tid\tabc\n", False),
        ("i.example.org\tTRUE\t/\tFALSE\t0\tid\tabc\n", False),
    ],
)
def test_cookies_of_other_hosts_and_old_ones_stay(line: str, sent: bool, tmp_path: Path) -> None:
    """What has expired opens nothing."""
    (tmp_path / "c.txt").write_text(line)
    hosts = access.read(_config(cookies_file=str(tmp_path / "c.txt")))
    assert bool(access.of(hosts, "https://wiki.example.org/").headers) is sent


def test_an_address_has_no_hosts_above_it(tmp_path: Path) -> None:
    """`.0.0.1` is no domain of 127.0.0.1."""
    (tmp_path / "c.txt").write_text(".0.0.1\tTRUE\t/\tFALSE\t0\tid\tabc\n")
    config = HarvestConfig(hosts={"127.0.0.1": {"cookies_file": str(tmp_path / "c.txt")}})
    assert not access.of(access.read(config), "http://127.0.0.1/").headers


def test_cookies_of_a_variable_and_of_a_file_go_together(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A request has one Cookie header."""
    monkeypatch.setenv("WIKI_COOKIE", "lang=en")
    (tmp_path / "c.txt").write_text(LINE.format(expires=0))
    config = _config(headers_env={"cookie": "WIKI_COOKIE"}, cookies_file=str(tmp_path / "c.txt"))
    sent = access.of(access.read(config), "https://wiki.example.org/").headers
    assert dict(sent) == {"Cookie": "lang=en; id=abc"}


@pytest.mark.parametrize(
    "proxy", ["proxy.example.org:3128", "socks5://10.0.0.1:9", "http://", "x y"]
)
def test_a_proxy_is_a_url(proxy: str) -> None:
    """It is said before the crawl, and without the value, which may have a password in it."""
    with pytest.raises(ValidationError, match="an HTTP proxy's URL is needed"):
        HostAccess(proxy=proxy)


def test_a_header_has_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """RFC 9110, section 5.6.2."""
    monkeypatch.setenv("KEY", "x")
    with pytest.raises(ConfigError, match="no header"):
        access.read(_config(headers_env={"X Key": "KEY"}))
