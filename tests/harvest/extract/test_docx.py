"""Word documents: headings by style, lists, tables, code; what is broken or unfolds too far is a
reason.
"""

from __future__ import annotations

import io
import sys
import zipfile
from pathlib import Path

import pytest

from secarch.harvest.extract import docx
from secarch.harvest.extract.sniff import DOCX
from secarch.harvest.stage import run
from secarch.session import Session
from tests.harvest.conftest import Reply, Site, config_for, rows_of

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default '
    'Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"'
    "/></Types>"
)
RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
    'relationships/officeDocument" Target="word/document.xml"/></Relationships>'
)
STYLES = "".join(
    f'<w:style w:type="paragraph" w:styleId="{key}"><w:name w:val="{name}"/></w:style>'
    for key, name in (
        ("H1", "heading 1"),
        ("H2", "heading 2"),
        ("C", "HTML Preformatted"),
        ("B", "Code Block"),
        ("T", "toc 1"),
        ("L", "List Bullet"),
        ("L2", "List Bullet 2"),
        ("N", "List Number"),
    )
)
WORDS = "Grant each workload an identity of its own. " * 6


def _p(text: str, style: str = "") -> str:
    styled = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f'<w:p>{styled}<w:r><w:t xml:space="preserve">{text}</w:t></w:r></w:p>'


def _cell(text: str) -> str:
    return f"<w:tc>{_p(text)}</w:tc>"


def _file(body: str, **parts: str | bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("[Content_Types].xml", TYPES)
        packed.writestr("_rels/.rels", RELATIONS)
        packed.writestr(
            "word/document.xml", f"<w:document {W}><w:body>{body}</w:body></w:document>"
        )
        packed.writestr("word/styles.xml", f"<w:styles {W}>{STYLES}</w:styles>")
        for name, content in parts.items():
            packed.writestr(name.replace("__", "/"), content)
    return out.getvalue()


ROWS = (("Key", "Days"), ("root", "90"))
TABLE = f"<w:tbl>{''.join(f'<w:tr>{_cell(a)}{_cell(b)}</w:tr>' for a, b in ROWS)}</w:tbl>"
BODY = (
    _p("Key rotation", "H1")
    + _p(WORDS)
    + _p("Why", "H2")
    + _p("aws iam list-access-keys \\", "C")
    + _p("  --user-name u", "C")
    + TABLE
)


def test_styles_say_what_is_what() -> None:
    """Headings, code to the letter, a table; the title is the file's own."""
    core = '<x xmlns:dc="urn:x"><dc:title>Handbook</dc:title></x>'
    title, text = docx.read(_file(BODY, **{"docProps__core.xml": core}))
    assert title == "Handbook"
    assert text.startswith("# Key rotation\n\nGrant each")
    assert "## Why" in text
    assert "```\naws iam list-access-keys \\\n  --user-name u\n```" in text
    assert "| root | 90 |" in text


def _run(text: str, font: str) -> str:
    fonts = f'<w:rPr><w:rFonts w:ascii="{font}"/></w:rPr>' if font else ""
    return f'<w:r>{fonts}<w:t xml:space="preserve">{text}</w:t></w:r>'


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        (
            _p("terraform plan", "B") + _p("terraform apply", "B"),
            "```\nterraform plan\nterraform apply\n```",
        ),
        (_p("one", "L") + _p("two", "L2") + _p("three", "L"), "- one\n  - two\n- three"),
        (_p("first", "N") + _p("second", "N"), "1. first\n2. second"),
        (_p("Scope....3", "T") + _p("Scope", "H1"), "# Scope"),
        (f"<w:p>{_run('ls -l', 'Consolas')}</w:p>" * 2, "```\nls -l\nls -l\n```"),
        (f"<w:p>{_run('Set ', '')}{_run('umask', 'Courier New')}</w:p>", "Set `umask`"),
        (f"<w:p>{_run('Set ', '')}{_run('all', 'Georgia')}</w:p>", "Set all"),
        (
            f'<w:p><w:pPr><w:pStyle w:val="H1"/></w:pPr>{_run("ls", "Consolas")}</w:p>',
            "# ls",
        ),
    ],
)
def test_code_and_contents_are_told_by_style_and_font(body: str, wanted: str) -> None:
    """A whole paragraph in a typewriter's font is a block, a part of one is inline; a heading is a
    heading.
    """
    assert docx.read(_file(body))[1] == wanted


def test_a_title_has_its_marks() -> None:
    """The file writes them as entities of XML."""
    core = '<x xmlns:dc="urn:x"><dc:title>Keys &amp; roles</dc:title></x>'
    assert docx.read(_file(BODY, **{"docProps__core.xml": core}))[0] == "Keys & roles"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (_file(BODY, **{"word__notes.xml": "<!DOCTYPE x [<!ENTITY a 'b'>]><x/>"}), "bad_docx"),
        (b"PK\x03\x04 torn", "bad_docx"),
        (_file(BODY)[:-40], "bad_docx"),
        (_file("<w:p>"), "bad_docx"),
        (_file(BODY, **{"word__media.xml": b"\0" * (50 << 20)}), "compression_bomb"),
    ],
)
def test_what_cannot_be_read_is_a_reason(body: bytes, reason: str) -> None:
    """Torn, malformed, or a bomb: nothing of it is unpacked first."""
    with pytest.raises(docx.DocxRefusedError) as raised:
        docx.read(body)
    assert raised.value.reason == reason


def test_a_missing_extra_is_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the way to it."""
    monkeypatch.setitem(sys.modules, "mammoth", None)
    with pytest.raises(docx.DocxRefusedError, match=r"secarch\[documents\]") as raised:
        docx.read(_file(BODY))
    assert raised.value.reason == "needs_extra"


def test_a_folder_and_a_site_with_docx(tmp_path: Path, site: Site, session: Session) -> None:
    """From both it becomes a document; another archive under that name does not."""
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "keys.docx").write_bytes(_file(BODY))
    (folder / "odd.docx").write_bytes(b"PK\x03\x04 torn")
    site.page("/", "/handbook.docx", "/download")
    site.answers["/download"] = Reply(
        _file(_p(WORDS)), headers={"Content-Type": "application/octet-stream"}
    )
    site.answers["/handbook.docx"] = Reply(_file(BODY), headers={"Content-Type": DOCX})
    outcome = run(config_for(f"{site.base}/", {"path": str(folder)}), session)
    rows = {row["url"].rpartition("/")[2]: row for row in rows_of(str(outcome.artifact))}
    assert rows["keys.docx"]["title"] == "keys.docx"
    assert rows["handbook.docx"]["text"].startswith("# Key rotation")
    assert WORDS.strip() in rows["download"]["text"]
    assert outcome.result["funnel"]["by_reason"]["bad_docx"] == 1
