"""What a page includes is part of it, if it is a file of the same folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from secarch.harvest.sources.includes import MAX_BYTES, resolved
from secarch.harvest.stage import run
from secarch.session import Session
from tests.harvest.conftest import config_for, rows_of


@pytest.mark.parametrize(
    ("name", "written", "read_as"),
    [
        ("a.md", "x\n[!INCLUDE [t](inc/part.md)]\ny", "x\nPart of it.\ny"),
        ("a.md", "[!INCLUDE [t](~/inc/part.md)]", "Part of it."),
        ("a.md", "{{#include inc/part.md}}", "Part of it."),
        ("sub/a.md", "[!INCLUDE [t](../inc/nest.md)]", "Nested: Part of it."),
        ("a.rst", ".. include:: inc/part.md\n", "Part of it.\n"),
        ("a.adoc", "include::inc/t.adoc[leveloffset=+1]", "== Topic\nfirst\nsecond\n"),
        ("a.adoc", "include::inc/t.adoc[tag=two]", "second\n"),
        # Outside the folder, not there, not text, too large, another kind of page.
        ("a.md", "[!INCLUDE [t](../outside.md)]", None),
        ("a.md", "[!INCLUDE [t](inc/none.md)]", None),
        ("a.md", "[!INCLUDE [t](inc/bin.md)]", None),
        ("a.md", "[!INCLUDE [t](inc/big.md)]", None),
        ("a.md", "[!INCLUDE [t](link.md)]", None),
        ("a.html", "[!INCLUDE [t](inc/part.md)]", None),
    ],
)
def test_an_include_is_resolved_within_the_folder(
    tmp_path: Path, name: str, written: str, read_as: str | None
) -> None:
    """By each generator's own words; else it stays as it is."""
    root = tmp_path / "docs"
    (root / "inc").mkdir(parents=True)
    (root / "inc" / "part.md").write_text("---\ntitle: P\n---\nPart of it.\n")
    (root / "inc" / "nest.md").write_text("Nested: [!INCLUDE [t](part.md)]")
    (root / "inc" / "t.adoc").write_text(
        "= Topic\n// tag::one[]\nfirst\n// end::one[]\n// tag::two[]\nsecond\n// end::two[]\n"
    )
    (root / "inc" / "bin.md").write_bytes(b"a\0b")
    (root / "inc" / "big.md").write_bytes(b"a" * (MAX_BYTES + 1))
    (tmp_path / "outside.md").write_text("secret")
    (root / "link.md").symlink_to(tmp_path / "outside.md")
    found = resolved(written.encode(), root / name, root).decode()
    assert found == (written if read_as is None else read_as)


def test_a_file_that_includes_itself_ends(tmp_path: Path) -> None:
    """After a few rounds."""
    (tmp_path / "a.md").write_text("x [!INCLUDE [t](a.md)]")
    body = (tmp_path / "a.md").read_bytes()
    assert resolved(body, tmp_path / "a.md", tmp_path).count(b"x") <= 6


@pytest.mark.slow
def test_a_folder_is_read_with_its_includes(tmp_path: Path, session: Session) -> None:
    """The document holds the words; a steering line that leads nowhere is gone."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "part.txt").write_text("Rotate each key. " * 10)
    text = "# Keys\n\n[!INCLUDE [p](part.txt)]\n\n[!INCLUDE [q](gone.md)]\n"
    (tmp_path / "docs" / "a.md").write_text(text)
    config = config_for({"path": str(tmp_path / "docs"), "include": [r"a\.md$"]})
    (row,) = rows_of(str(run(config, session).artifact))
    assert "Rotate each key." in row["text"]
    assert "INCLUDE" not in row["text"]
