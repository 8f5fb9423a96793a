"""Other mark-up keeps its words, sections, code and lists."""

from __future__ import annotations

import time

import pytest

from secarch.harvest.extract import asciidoc, formats

RST = """
=====
Roles
=====

Intro with ``code``, :ref:`a link <target>` and `text <https://docs.example.org>`_.

.. _target:

Rotation
--------

.. code-block:: bash
   :caption: x

   aws iam list-roles
     --output json

.. note:: Keep it short.

   Second line.

Run this::

    one
      two

* first
* second

Deeper
~~~~~~

.. toctree::
   :maxdepth: 2

   other

End.
"""


def test_rst() -> None:
    """Sections by their marks, code with its indentation, notes with their label."""
    text = formats.rst(RST)
    assert [line for line in text.splitlines() if line.startswith("#")] == [
        "# Roles",
        "## Rotation",
        "### Deeper",
    ]
    assert "Intro with `code`, a link and text." in text
    assert "```bash\naws iam list-roles\n  --output json\n```" in text
    assert "**Note:**" in text
    assert "Keep it short." in text
    assert "Run this:\n\n```\none\n  two\n```" in text
    assert "- first\n- second" in text
    assert "toctree" not in text
    assert "other" not in text
    assert text.endswith("End.\n")


ADOC = """= Guide
:product: Vault

Intro to {product}.

== Roles

[source,yaml]
----
kind: Role
  x: 1
----

NOTE: Keep it short.

* first
** inner
. step

|===
|Name |Days

|root |90
|admin |30
|===

See <<roles,the roles>> and https://docs.example.org/a[the page].

////
hidden
////
image::a.png[]
"""


def test_asciidoc() -> None:
    """Attributes are put in, code stays verbatim, a table is a table."""
    text = asciidoc.asciidoc(ADOC)
    assert text.startswith("# Guide")
    assert "Intro to Vault." in text
    assert "## Roles" in text
    assert "```yaml\nkind: Role\n  x: 1\n```" in text
    assert "**Note:** Keep it short." in text
    assert "- first\n  - inner\n1. step" in text
    assert "| Name | Days |\n| --- | --- |\n| root | 90 |\n| admin | 30 |" in text
    assert "See the roles and the page." in text
    assert "hidden" not in text
    assert "image" not in text


GRID = """
+-----+------+
| Key | Days |
+=====+======+
| root| 30   |
|     | or 9 |
+-----+------+
"""
LIST = """
.. list-table::
   :header-rows: 1

   * - Key
     - Days
   * - root
     - 30
       or 9
"""
SIMPLE = "====  =====\nKey   Days\n====  =====\nroot  30\n      or 9\n====  =====\n"
CSV = '.. csv-table::\n   :header: "Key", "Days"\n\n   "root", "30 or 9"\n'


@pytest.mark.parametrize("source", [GRID, SIMPLE, LIST, CSV], ids=["grid", "simple", "list", "csv"])
def test_each_table_of_rst_is_one_of_markdown(source: str) -> None:
    """Cells of several lines are joined, the first row is the head."""
    text = formats.rst(f"Before.\n\n{source}\nAfter.\n")
    assert "| Key | Days |\n| --- | --- |\n| root | 30 or 9 |\n" in text
    assert text.rstrip().endswith("After.")


def test_roles_of_words_are_words_and_fields_below_a_title_go() -> None:
    """A cross-reference is no code, and who wrote a page is not its text."""
    text = formats.rst("Keys\n====\n\n:Author: x\n:Date: 2026\n\nSee :ref:`here <a>`, :func:`f`.\n")
    assert text.strip() == "# Keys\n\nSee here, `f`."


def test_substitutions_of_rst_are_their_words() -> None:
    """Also over two lines and with a reference's mark; a name that nobody defined stays."""
    source = (
        "Use |product|_ and |other|.\n\n.. |Product| replace:: the\n   vault\n.. |x| image:: y\n"
    )
    assert formats.rst(source).strip() == "Use the vault and |other|."


def test_below_a_title_author_and_revision_are_no_text() -> None:
    """An asciidoc document's header; a note of one paragraph has its name."""
    text = asciidoc.asciidoc(
        "= Keys\nJane Q. Doe <j@example.org>\nv1.2, 2026-01-02\n:toc:\n\nText.\n\n[TIP]\nRotate.\n"
    )
    assert text == "# Keys\n\nText.\n\n**Tip:**\nRotate.\n"
    assert "No header" in asciidoc.asciidoc("= Keys\nNo header: it has a colon and more.\n")


def test_footnotes_of_rst_and_what_is_only_for_html_stay() -> None:
    """The words of a note are text; what is only for another format is not."""
    text = formats.rst(
        "A [#f]_.\n\n.. [#f] A note\n   of two lines.\n\n.. only:: html\n\n   Shown.\n\n"
        ".. only:: latex\n\n   Printed.\n"
    )
    assert "[#f] A note of two lines." in text
    assert ("Shown." in text, "Printed." in text, "html" in text) == (True, False, False)


@pytest.mark.parametrize(
    ("line", "language"),
    [
        ("[source,bash]", "bash"),
        ("[source, bash, subs=attributes+]", "bash"),
        ('[source,"bash"]', "bash"),
        ("[source%linenums%nowrap,bash]", "bash"),
        ("[,bash]", "bash"),
        ("[source#id.role,c++]", "c++"),
        ("[source,subs=attributes+]", ""),
        ("[source]", ""),
        ("[quote,bash]", ""),
    ],
)
def test_code_of_asciidoc_has_the_language_of_its_block(line: str, language: str) -> None:
    """Options before it and attributes behind it are no part of it."""
    assert asciidoc.asciidoc(f"{line}\n----\na\n----\n") == f"```{language}\na\n```\n"


@pytest.mark.parametrize("start", ["[source,", "[source%", "[source,a,"])
@pytest.mark.parametrize("part", ["a", ",", "a,", "%a"])
def test_an_opening_of_code_that_does_not_end_takes_no_time(start: str, part: str) -> None:
    """It was the square of its length."""
    begun = time.process_time()
    asciidoc.asciidoc(start + part * 100_000)
    assert time.process_time() - begun < 1.0


@pytest.mark.parametrize(
    "part", ["<<", "<<a,", ":ref:`<", ":", ":::", "+--", "link:", "xref:a[", "{:", "++a", ":a:"]
)
def test_a_long_line_takes_no_time(part: str) -> None:
    """Twice the text takes at most about twice the time; it was the square of it."""
    begun = time.process_time()
    assert asciidoc.asciidoc(part * 3_000) is not None
    assert formats.rst(part * 3_000) is not None
    assert time.process_time() - begun < 1.0


def test_raised_and_lowered_words_of_rst_are_no_code() -> None:
    """With the escaped spaces that join them to their neighbours."""
    text = formats.rst("Of 2\\ :sup:`10`\\ keys, H\\ :sub:`2`\\ O and x :superscript:`n`.\n")
    assert text == "Of 2^10keys, H2O and x ^n.\n"


def test_substitutions_of_other_kinds_are_what_they_draw() -> None:
    """A character, the words for a picture, nothing for raw markup (reStructuredText,
    "Substitution Definitions").
    """
    source = (
        "Keys |br| of |c| Example |logo| stay |to| here.\n\n"
        ".. |br| raw:: html\n\n   <br>\n\n"
        ".. |c| unicode:: 0xA9 .. the sign\n"
        ".. |to| unicode:: U+2192\n"
        ".. |logo| image:: a.png\n   :alt: a key\n\nEnd.\n"
    )
    assert formats.rst(source) == "Keys  of \u00a9 Example a key stay \u2192 here.\n\nEnd.\n"


@pytest.mark.parametrize(
    ("inner", "kept"),
    [("<b>a</b>", "<b>a</b>\n\n"), ("<script>a\n</script>", ""), ("<style>a</style>", "")],
)
def test_what_asciidoc_passes_through_stays_if_it_is_text(inner: str, kept: str) -> None:
    """Without its delimiters."""
    assert asciidoc.asciidoc(f"a\n\n++++\n{inner}\n++++\n\nb") == f"a\n\n{kept}b\n"


CONDITIONS = {
    "set": (":new:\n\nifdef::new[]\na\nendif::[]\nb", "a\nb"),
    "unset": (":!old:\n\nifdef::old[]\na\nendif::old[]\nb", "b"),
    "not of this name": (":new:\n\nifndef::new[]\na\nendif::[]\nb", "b"),
    "on one line": (":new:\n\nifdef::new[a]\nifndef::new[c]\nb", "a\nb"),
    "any of two": (":new:\n:!old:\n\nifdef::old,new[]\na\nendif::[]\nb", "a\nb"),
    "both of two": (":new:\n:!old:\n\nifdef::old+new[]\na\nendif::[]\nb", "b"),
    "none of two": (":new:\n:!old:\n\nifndef::old,new[]\na\nendif::[]\nb", "b"),
    "within another": (
        ":!old:\n:new:\n\nifdef::old[]\nifdef::new[]\na\nendif::[]\nc\nendif::[]\nb",
        "b",
    ),
    "of an editor": ("ifdef::env-github[]\na\nendif::[]\nb", "b"),
    "set by the site's build": ("ifdef::cloud[]\na\nendif::[]\nb", "a\nb"),
    "computed": ('ifeval::["{x}" == "y"]\na\nendif::[]\nb', "a\nb"),
}


@pytest.mark.parametrize(("source", "wanted"), CONDITIONS.values(), ids=CONDITIONS)
def test_text_of_asciidoc_under_a_condition_that_fails_goes(source: str, wanted: str) -> None:
    """What the file itself does not decide stays."""
    assert asciidoc.asciidoc(source) == wanted + "\n"
