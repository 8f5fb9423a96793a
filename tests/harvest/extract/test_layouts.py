"""Pages as the generators, wikis and highlighters of the field write them, and what becomes of
each.

A page is `layouts/<name>.html`, its document `layouts/<name>.md`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from secarch.harvest.extract import page
from secarch.records import Page
from tests.harvest.conftest import config_for

LAYOUTS = Path(__file__).parent / "layouts"
URL = "http://127.0.0.1:9/docs/page"


@pytest.mark.slow
@pytest.mark.parametrize("source", sorted(LAYOUTS.glob("*.html")), ids=lambda path: path.stem)
def test_a_page_becomes_the_document_beside_it(
    source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every tab under its label, code to the letter, exponents, and nothing of the site around."""
    monkeypatch.setattr(page, "_worker", page.Reader(config_for(URL)))
    found = page.extract(
        Page(
            url=URL,
            status=200,
            body=source.read_bytes(),
            content_type="text/html; charset=utf-8",
            headers={},
            fetched_at="2026-01-01T00:00:00Z",
        )
    )
    assert found.document is not None
    assert found.document.text == source.with_suffix(".md").read_text(encoding="utf-8")
