"""Dialects of Markdown, and AsciiDoc, read as plain Markdown of the same length."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secarch.text.dialects import as_markdown
from secarch.text.markdown import blocks, first_title, front_title, plain, tidy


def read(text: str) -> list[tuple[str, str]]:
    """(kind, tidied text) of each block."""
    clean = as_markdown(text)
    assert len(clean) == len(text)
    return [(b.kind, " ".join(tidy(clean[b.start : b.end]).split())) for b in blocks(clean)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "Key rotation\n============\n\nRotate.\n\nWhy\n---\n\nLess.",
            [
                ("heading", "Key rotation"),
                ("paragraph", "Rotate."),
                ("heading", "Why"),
                ("paragraph", "Less."),
            ],
        ),
        ("One\ntwo\n---\n\nx", [("paragraph", "One two"), ("paragraph", "x")]),
        (
            "+++\ntitle = 'T'\n+++\n\nBody.",
            [("front", "+++ title = 'T' +++"), ("paragraph", "Body.")],
        ),
        ('{\n  "title": "T"\n}\n\nBody.', [("front", '{ "title": "T" }'), ("paragraph", "Body.")]),
        ("{{< note >}}Rotate.{{< /note >}}", [("paragraph", "Rotate.")]),
        (
            'Each {{< glossary_tooltip text="pod" term_id="pod" >}} runs.',
            [("paragraph", "Each pod runs.")],
        ),
        ("`{{< note >}}` stays", [("paragraph", "`{{< note >}}` stays")]),
        ("```\n{{% x %}}\n```", [("code", "``` {{% x %}} ```")]),
        ("{% include x.md %}\nRotate.", [("paragraph", "Rotate.")]),
        ("[!INCLUDE [intro](../a.md)]\n\nRotate.", [("paragraph", "Rotate.")]),
        ("Use [!INCLUDE[kv](a.md)] now.", [("paragraph", "Use now.")]),
        ("import Tabs from '@theme/Tabs';\n\n<Tabs>\n\nRotate.", [("paragraph", "Rotate.")]),
        (
            '=== "Terraform"\n\n    Rotate it.\n\n=== "Bicep"\n\n    Set it.',
            [
                ("paragraph", "**Terraform**"),
                ("paragraph", "Rotate it."),
                ("paragraph", "**Bicep**"),
                ("paragraph", "Set it."),
            ],
        ),
        ("!!! warning\n    Do not.\n\nAfter.", [("paragraph", "Do not."), ("paragraph", "After.")]),
        (
            '??? tip "Why"\n    ```hcl\n    a = 1\n    ```\n\nAfter.',
            [("paragraph", "**Why**"), ("code", "```hcl a = 1 ```"), ("paragraph", "After.")],
        ),
        ('--8<-- "part.md"\n\nRotate.', [("paragraph", "Rotate.")]),
        (
            "```{warning} Take care\n:class: x\nDo not.\n```\n\nAfter.",
            [("paragraph", "Take care."), ("paragraph", "Do not."), ("paragraph", "After.")],
        ),
        (
            "```{code-block} hcl\na = 1\n```\n\nSee {ref}`the keys <keys>`.",
            [("code", "```hcl a = 1 ```"), ("paragraph", "See the keys.")],
        ),
        ("```{toctree}\na\nb\n```\n\n(keys)=\nRotate.", [("paragraph", "Rotate.")]),
        (":::{note}\nRotate.\n:::", [("paragraph", "Rotate.")]),
        (
            "Envelope encryption\n:   Two keys.\n\nAlias\n:   A name.",
            [("paragraph", "Envelope encryption: Two keys."), ("paragraph", "Alias: A name.")],
        ),
        (
            (
                "= Keys\n:toc:\n\n== Rotate\n\n. First.\n. Then.\n\n"
                "[source,hcl]\n----\na = 1\n----\n\n"
                "See link:https://a.example/x[the page] and <<keys,keys>>."
            ),
            [
                ("heading", "# Keys"),
                ("heading", "## Rotate"),
                ("item", "- First."),
                ("item", "- Then."),
                ("code", "```` a = 1 ````"),
                ("paragraph", "See the page and keys."),
            ],
        ),
        ("|A|B|\n|-|-|\n|x \\| y|`a\\|b`|", [("table", "|A|B| |-|-| |x \\| y|`a\\|b`|")]),
        ("Use `<b>` in <b>text</b>.", [("paragraph", "Use `<b>` in text.")]),
    ],
)
def test_forms(text: str, found: list[tuple[str, str]]) -> None:
    """Each form reads as what it means, and keeps its offsets."""
    assert read(text) == found


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("Use kms:Rotate* and kms:List*", "Use kms:Rotate* and kms:List*"),
        ("The `s3:Get*` action", "The s3:Get* action"),
        ("*Important* and **bold** and _this_", "Important and bold and this"),
        ("arn:aws:s3:::bucket/* of snake_case_name", "arn:aws:s3:::bucket/* of snake_case_name"),
        ("__Note__ about `__init__`", "Note about __init__"),
    ],
)
def test_stars_of_identifiers_stay(raw: str, shown: str) -> None:
    """Emphasis goes by pairs; a star of an action or a path is part of it."""
    assert plain(raw) == shown


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("---\ntitle: Key rotation\n---\n\n## Other", "Key rotation"),
        ("---\nweight: 3\ntitle: 'Keys: a guide'\n---\n", "Keys: a guide"),
        ('---\n"title": "Keys"\n---\n', "Keys"),
        ("---\ntitle: >-\n  Long title\n---\n", "Long title"),
        ('+++\ntitle = "Keys"\ndate = 2024-01-01\n+++\n', "Keys"),
        ('{\n"title": "Keys",\n"draft": false\n}\n\nx', "Keys"),
        ("title: no front matter", ""),
        ("---\nweight: 1\n---\n\ntitle: not here", ""),
    ],
)
def test_title_of_front_matter(text: str, title: str) -> None:
    """YAML, TOML and JSON."""
    assert front_title(text) == title


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("# Keys\n\nx\n\n## Other", "Keys"),
        ("Keys\n====\n\nx", "Keys"),
        ("## Keys\n\nx", "Keys"),
        ("Prose first.\n\n## Other\n\nx", ""),
        ("Prose first.\n\n# Keys\n\nx", "Keys"),
        ("", ""),
    ],
)
def test_title_of_a_document(text: str, title: str) -> None:
    """A section's heading is not the page's title."""
    assert first_title(text) == title


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet='=-!?{}<>%`:[]()"#|*+. \nab~\ufeff', max_size=120))
def test_any_text_keeps_its_length(text: str) -> None:
    """Offsets into the result are offsets into the source."""
    assert len(as_markdown(text)) == len(text)
