"""Spellings of one URL are one document if their texts are equal, and only then."""

from __future__ import annotations

import pytest

from secarch.harvest.spellings import folded
from secarch.harvest.stage import run
from secarch.session import Session
from tests.harvest.conftest import Reply, Site, config_for, paths_of, rows_of

DOCS = "https://h.example/docs/keys"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (DOCS, f"{DOCS}/index.html", True),
        (DOCS, f"{DOCS}/", True),
        (DOCS, f"{DOCS}/Default.aspx", True),
        (DOCS, "https://h.example/docs//keys", True),
        (DOCS, "https://h.example/Docs/Keys", True),
        (DOCS, f"{DOCS}/index.html?x=1", False),
        (DOCS, f"{DOCS}/reindex.html", False),
        (DOCS, "https://other.example/docs/keys", False),
        (DOCS, f"{DOCS}/index.pdf", False),
    ],
)
def test_spellings_are_told_from_other_urls(one: str, other: str, *, same: bool) -> None:
    """A default document, slashes and capitals; nothing else."""
    assert (folded(one) == folded(other)) is same


def test_equal_texts_under_spellings_of_one_url_are_one_document(
    site: Site, session: Session
) -> None:
    """The shortest URL stands for them; a page of other words or another path stays."""
    site.page("/docs/", "a", "a/index.html", "/docs//a", "b", "B", "c", text="Start here. " * 20)
    one = "<main><h1>Keys</h1><p>" + "Rotate the keys of this page. " * 20 + "</p></main>"
    for path in ("/docs/a", "/docs/a/index.html", "/docs//a"):
        site.answers[path] = Reply(one, headers={"Content-Type": "text/html"})
    site.page("/docs/b", text="Small letters. " * 20)
    site.page("/docs/B", text="Capitals are another page. " * 20)
    kept = paths_of(rows_of(run(config_for(site.base + "/docs/"), session).artifact))
    assert sorted(kept) == ["docs/", "docs/B", "docs/a", "docs/b"]
