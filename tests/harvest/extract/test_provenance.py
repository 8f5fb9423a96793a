"""What a page says of itself."""

from __future__ import annotations

import pytest

from secarch.harvest.extract import markup
from secarch.harvest.extract.licence import named
from secarch.harvest.extract.provenance import language_of, licence_of, modified_of

DUAL = (
    "Text is licensed under the Creative Commons Attribution-ShareAlike 4.0 International "
    "License, code under the"
    " Apache License, Version 2.0."
)
URL = "https://d.example/guide/keys"


@pytest.mark.parametrize(
    ("html", "header", "url", "language"),
    [
        ("<html lang=en-GB>", "", URL, "en"),
        ("<html lang=de><main lang=fr-CA>x</main>", "", URL, "fr"),
        ("<html>", "pt-BR, en", URL, "pt"),
        ("<meta http-equiv=Content-Language content=nl>", "", URL, "nl"),
        ("<meta property=og:locale content=es_ES>", "", URL, "es"),
        ("<html>", "", "https://d.example/en-us/azure/keys", "en"),
        ("<html>", "", "https://d.example/docs/ja-jp/keys", "ja"),
        ("<html>", "", "https://d.example/de/keys", "de"),
        ("<html>", "", "https://d.example/go/keys", ""),
        ("<html lang=x-default>", "", URL, ""),
    ],
)
def test_the_declared_language_is_found(html: str, header: str, url: str, language: str) -> None:
    """The main part's attribute, the document's, the header, a meta element, then a locale in the
    path.
    """
    tree = markup.parse(html + "<p>text")
    assert language_of(tree, tree.find(".//main"), markup.meta_of(tree), (header, url)) == language


@pytest.mark.parametrize(
    ("html", "header", "moment"),
    [
        (
            "<meta property=article:modified_time content=2026-03-01T12:00:00+02:00>",
            "",
            "2026-03-01T10:00:00Z",
        ),
        ("<meta name=ms.date content=2026-03-01>", "", "2026-03-01T00:00:00Z"),
        (
            '<script type=application/ld+json>{"dateModified": "2026-03-02"}</script>',
            "",
            "2026-03-02T00:00:00Z",
        ),
        (
            "<time itemprop=dateModified datetime=2026-03-03>March</time>",
            "",
            "2026-03-03T00:00:00Z",
        ),
        ("<div class=footer>Last updated on 2026-03-04.</div>", "", "2026-03-04T00:00:00Z"),
        (
            "<meta name=revised content=yesterday>",
            "Mon, 01 Jun 2026 08:00:00 GMT",
            "2026-06-01T08:00:00Z",
        ),
        ("<time datetime=2020-01-01>then</time>", "", ""),
    ],
)
def test_the_time_of_change_is_found(html: str, header: str, moment: str) -> None:
    """Meta, JSON-LD, a time element that says so, the foot, then Last-Modified; in UTC."""
    tree = markup.parse(f"<html>{html}<p>text")
    assert modified_of(tree, markup.meta_of(tree), header) == moment


@pytest.mark.parametrize(
    ("html", "licence"),
    [
        ("<link rel=license href=https://creativecommons.org/licenses/by-sa/4.0/>", "CC-BY-SA-4.0"),
        ("<a rel='nofollow License' href=https://opensource.org/licenses/MIT>x</a>", "MIT"),
        (
            "<meta name=dcterms.license content=https://www.apache.org/licenses/LICENSE-2.0>",
            "Apache-2.0",
        ),
        ("<meta name=copyright content='2026 ACME, licensed under CC BY 4.0'>", "CC-BY-4.0"),
        (
            (
                '<script type=application/ld+json>{"license": '
                '"https://creativecommons.org/publicdomain/zero/1.0/"}</script>'
            ),
            "CC0-1.0",
        ),
        (
            "<footer><a href=https://creativecommons.org/licenses/by/4.0/>terms</a></footer>",
            "CC-BY-4.0",
        ),
        (f"<div class=site-footer>{DUAL}</div>", "CC-BY-SA-4.0"),
        ("<p>We compare the MIT licence with others.</p>", ""),
        (
            (
                "<p>The content of this page is licensed under the "
                "<a href=https://creativecommons.org/licenses/by/4.0/>Attribution 4.0 License</a>."
            ),
            "CC-BY-4.0",
        ),
        (
            "<p>A scanner is licensed under <a href=https://opensource.org/licenses/MIT>MIT</a>.",
            "",
        ),
        ("<footer>All rights reserved. Copyright 2026.</footer>", ""),
    ],
)
def test_the_stated_licence_is_found(html: str, licence: str) -> None:
    """By relation, meta, JSON-LD and the foot; a text about licences states none."""
    page = f"<html><body>{html}<p>text"
    tree = markup.parse(page)
    assert licence_of(tree, markup.meta_of(tree), page) == licence


@pytest.mark.parametrize(
    ("sentence", "licence"),
    [
        (
            (
                "licensed under the Creative Commons Attribution 4.0 License, samples under the "
                "Apache 2.0 License"
            ),
            "CC-BY-4.0",
        ),
        (
            "Licence: Creative Commons Attribution-NonCommercial-NoDerivatives 4.0",
            "CC-BY-NC-ND-4.0",
        ),
        ("available under the Apache License, Version 2.0", "Apache-2.0"),
        ("released under the MIT license", "MIT"),
        ("Open Government Licence v3.0", "OGL-UK-3.0"),
        ("GNU Free Documentation License, Version 1.3", "GFDL-1.3"),
        ("Mozilla Public License 2.0", "MPL-2.0"),
        ("All rights reserved", ""),
    ],
)
def test_licences_are_named_by_their_words(sentence: str, licence: str) -> None:
    """The first one that a sentence names, as its SPDX identifier."""
    assert named(sentence) == licence
