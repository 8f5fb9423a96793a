"""A secret goes to its own host, over https or to this machine, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from secarch.errors import ConfigError, InvalidInput, MissingInput, PrerequisiteError
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
