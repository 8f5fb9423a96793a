"""Talk goes to stderr and to log files; secrets go nowhere."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from secarch import console


@pytest.fixture(autouse=True)
def _reset() -> Iterator[None]:
    yield
    console.configure()


def test_events_go_to_stderr_and_never_to_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    """Stdout is for data."""
    console.configure()
    console.log().info("page_fetched", url="http://a/", status=200)
    out, err = capsys.readouterr()
    assert out == ""
    assert "page_fetched" in err
    assert "status=200" in err


def test_quiet_keeps_warnings_and_verbose_adds_debug(capsys: pytest.CaptureFixture[str]) -> None:
    """-q drops information, -v adds debugging."""
    console.configure(quiet=True)
    console.log().info("hidden")
    console.say("hidden too")
    console.log().warning("shown")
    console.configure(verbose=True)
    console.log().debug("details")
    err = capsys.readouterr().err
    assert "hidden" not in err
    assert "warning: shown" in err
    assert "details" in err


def test_json_format_is_one_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    """--log-format json is for machines."""
    console.configure(log_format="json")
    console.log().info("one", n=1)
    event = json.loads(capsys.readouterr().err)
    assert (event["event"], event["n"], event["level"]) == ("one", 1, "info")
    assert event["timestamp"].endswith("Z")


def test_log_files_take_every_level_and_mask_secrets(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The file keeps what the terminal drops, and a token in neither."""
    console.configure(quiet=True)
    with console.log_file(tmp_path / "deep" / "run.log"):
        console.log().debug("asked", hf_token="hf_abc", pages=3, tokens_per_second="1,234")
        console.log().warning("refused", authorization="Bearer xyz")
    lines = [
        json.loads(line)
        for line in (tmp_path / "deep" / "run.log").read_text(encoding="utf-8").splitlines()
    ]
    assert [line["event"] for line in lines] == ["asked", "refused"]
    text = str(lines) + capsys.readouterr().err
    assert "hf_abc" not in text
    assert "xyz" not in text
    assert lines[0]["tokens_per_second"] == "1,234"


def test_progress_off_a_terminal_is_a_line_every_ten_seconds(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A log file of a CI job is not flooded with bars."""
    monkeypatch.setattr(console, "QUIET_SECONDS", 0.0)
    console.configure()
    with console.progress("crawling", total=3) as advance:
        advance(2)
        advance(1)
    assert "crawling" in capsys.readouterr().err
    monkeypatch.setattr(console, "QUIET_SECONDS", 1000.0)
    with console.progress("crawling", total=3) as advance:
        advance(3)
    assert capsys.readouterr().err == ""


def test_control_characters_of_a_name_do_not_reach_a_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A reason or a file's name may hold what moves the cursor or hides a line."""
    console.configure()
    console.say("slow\x1b[31m: ü\tand\nmore\r\x9b2K")
    console.log().warning("odd", name="a\x1b[2J")
    err = capsys.readouterr().err
    assert err.startswith("slow?[31m: ü\tand\nmore??2K\n")
    assert "name=a?[2J" in err
