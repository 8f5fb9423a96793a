"""A secret goes to its own host, over https or to this machine, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from secarch.errors import ConfigError, InputError, InvalidInput, MissingInput, PrerequisiteError
from secarch.harvest.config import HarvestConfig
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
