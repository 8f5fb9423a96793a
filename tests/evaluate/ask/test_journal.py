"""The journal loses nothing that was appended and repairs what a crash tore."""

from __future__ import annotations

from pathlib import Path

import pytest

from secarch.errors import InvalidInput
from secarch.evaluate.ask.journal import Journal


def test_rows_come_back_by_key(tmp_path: Path) -> None:
    """A second row of a key is not written."""
    path = tmp_path / "j.jsonl"
    Journal(path).append([{"key": "a", "n": 1}, {"key": "b", "n": 2}])
    again = Journal(path)
    again.append([{"key": "a", "n": 9}, {"key": "c", "n": 3}])
    assert [row["n"] for row in Journal(path).rows.values()] == [1, 2, 3]
    assert path.read_bytes().count(b"\n") == 3


@pytest.mark.parametrize(
    "torn", [b'{"key": "b", "n"', b'{"key": "b", "n"\n', b'{"key": "b"}', b"\xff\xfe", b"17\n"]
)
def test_a_torn_last_line_is_cut_off_and_said(
    tmp_path: Path, torn: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever of the last line is on disk, with or without its line feed."""
    path = tmp_path / "j.jsonl"
    path.write_bytes(b'{"key": "a", "n": 1}\n' + torn)
    journal = Journal(path)
    assert (journal.repaired, list(journal.rows)) == (len(torn), ["a"])
    journal.append([{"key": "b", "n": 2}])
    assert list(Journal(path).rows) == ["a", "b"]
    assert "repaired_torn_line" in capsys.readouterr().err


def test_a_journal_of_nothing_but_a_torn_line_is_empty(tmp_path: Path) -> None:
    """The first batch was being written when the power went."""
    path = tmp_path / "j.jsonl"
    path.write_bytes(b'{"key"')
    assert Journal(path).rows == {}
    assert path.read_bytes() == b""


def test_damage_in_the_middle_is_an_error_with_its_line(tmp_path: Path) -> None:
    """No crash does that, so nothing is thrown away unasked."""
    path = tmp_path / "j.jsonl"
    path.write_bytes(b'{"key": "a"}\nrubbish\n{"key": "b"}\n')
    with pytest.raises(InvalidInput, match=r"j\.jsonl:2"):
        Journal(path)
