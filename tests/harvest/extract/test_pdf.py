"""PDFs that Chromium prints from pages whose words are known, and files that are none."""

from __future__ import annotations

import re
import shutil
import subprocess
import zlib
from collections import Counter
from collections.abc import Iterator

import pytest

from secarch.harvest.extract import page, pdf
from secarch.records import Page
from tests.harvest.conftest import config_for

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
needs_browser = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium")
WORDS = (
    "access alert archive audit backup baseline boundary bucket certificate cluster control "
    "credential duty encryption endpoint evidence exposure firewall gateway grant identity "
    "incident inventory key ledger limit log monitor network owner patch permission policy "
    "principal quota recovery region review role rotation secret segment session tenant token "
    "trust vault workload zone"
).split()


def prose(seed: int, count: int) -> str:
    """Sentences of distinct order, so that words F1 means something."""
    words = [WORDS[(seed * 7 + n * n + n * seed) % len(WORDS)] for n in range(count)]
    sentences = [" ".join(words[n : n + 14]).capitalize() + "." for n in range(0, count, 14)]
    return " ".join(sentences)


ROWS = [(f"Role {n}", str(30 + n), f"reviewed {n}") for n in range(8)]
HEADINGS = [f"{n} Controls of chapter {WORDS[n]}" for n in range(1, 7)]


def html() -> str:
    """A report: a title, chapters with headings and prose, a ruled table, a list."""
    chapters = "".join(
        f"<h2>{title}</h2>" + "".join(f"<p>{prose(n * 10 + k, 140)}</p>" for k in range(4))
        for n, title in enumerate(HEADINGS)
    )
    cells = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in ROWS)
    return (
        "<!doctype html><html><head><title>Guide to least privilege</title><style>"
        "body{font-family:serif;font-size:11pt;text-align:justify;hyphens:auto}"
        "td,th{border:1px solid black;padding:4px}table{border-collapse:collapse}"
        "</style></head><body lang=en><h1>Guide to least privilege</h1>"
        f"{chapters}<table><tr><th>Name</th><th>Days</th><th>State</th></tr>{cells}</table>"
        "<ul><li>First item of the list</li><li>Second item of the list</li></ul></body></html>"
    )


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The report as Chromium prints it, with its own head and foot on every page."""
    folder = tmp_path_factory.mktemp("pdf")
    (folder / "a.html").write_text(html(), encoding="utf-8")
    subprocess.run(
        [
            str(CHROMIUM),
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            f"--user-data-dir={folder / 'profile'}",
            f"--print-to-pdf={folder / 'a.pdf'}",
            f"file://{folder / 'a.html'}",
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    return (folder / "a.pdf").read_bytes()


def words(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", text.lower()))


@pytest.fixture(scope="module")
def found(printed: bytes) -> pdf.Read:
    return pdf.read(printed, seconds=60)


@pytest.mark.browser
@needs_browser
def test_words_headings_and_cells_come_through(found: pdf.Read) -> None:
    """Words F1 at least .98, headings and ruled cells at least .9; no running head."""
    wanted = words(
        re.sub(r"<style>.*?</style>|<[^>]+>", " ", html().partition("<body")[2].partition(">")[2])
    )
    got = words(found.text)
    common = (wanted & got).total()
    assert 2 * common / (wanted.total() + got.total()) >= 0.98
    headed = {line.lstrip("# ") for line in found.text.splitlines() if line.startswith("#")}
    assert sum(title in headed for title in HEADINGS) >= 0.9 * len(HEADINGS)
    assert sum(f"| {' | '.join(row)} |" in found.text for row in ROWS) >= 0.9 * len(ROWS)
    assert "First item of the list" in found.text
    assert found.pages == found.of == len(found.starts) > 2
    assert "file://" not in found.text
    assert found.title == "Guide to least privilege"


@pytest.mark.browser
@needs_browser
def test_each_page_begins_where_it_is_said_to(found: pdf.Read) -> None:
    """Offsets rise, and the last page's text is after the last of them."""
    assert found.starts[0] == 0
    assert list(found.starts) == sorted(found.starts)
    assert "Second item of the list" in found.text[found.starts[-2] :]


def drawn(*pages: list[tuple[float, float, str, str]]) -> bytes:
    """A PDF whose pages hold texts at (x, y from the foot, font, words); fonts are F and B, in
    size 10 unless named with another ("F 18").
    """
    fonts = "/F 3 0 R /B 4 0 R"
    objects = [
        "<</Type /Catalog /Pages 2 0 R>>",
        f"<</Type /Pages /Count {len(pages)} /Kids ["
        + " ".join(f"{5 + 2 * n} 0 R" for n in range(len(pages)))
        + "]>>",
        "<</Type /Font /Subtype /Type1 /BaseFont /Helvetica>>",
        "<</Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold>>",
    ]
    for number, texts in enumerate(pages):
        shown = "\n".join(
            f"BT /{font if ' ' in font else f'{font} 10'} Tf {x} {y} Td ({words}) Tj ET"
            for x, y, font, words in texts
        )
        page_ = (
            f"<</Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents {6 + 2 * number} 0 R "
            f"/Resources <</Font <<{fonts}>>>>>>"
        )
        objects += [page_, f"<</Length {len(shown)}>>\nstream\n{shown}\nendstream"]
    body, places = "%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(body))
        body += f"{number} 0 obj\n{content}\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    return (
        f"{body}xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}trailer\n"
        f"<</Size {len(objects) + 1} /Root 1 0 R>>\nstartxref\n{len(body)}\n%%EOF"
    ).encode()


@pytest.fixture
def _worker(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(page, "_worker", page.Reader(config_for("http://127.0.0.1:9/docs/")))
    return


def extracted(body: bytes, content_type: str) -> page.Extracted:
    return page.extract(
        Page(
            url="http://127.0.0.1:9/docs/a.pdf",
            status=200,
            body=body,
            content_type=content_type,
            headers={},
            fetched_at="",
        )
    )


@pytest.mark.usefixtures("_worker")
@pytest.mark.parametrize("kind", ["application/pdf", "application/octet-stream", "text/html", ""])
def test_bytes_say_that_it_is_a_pdf(kind: str) -> None:
    """Whatever the header says."""
    found = extracted(
        drawn([(60, 700, "B", "Guide to least privilege"), *column(60, "A", 9)]), kind
    )
    assert found.method == "pdf"
    assert found.document is not None
    assert found.document.title.startswith("Guide to least privilege")


@pytest.mark.usefixtures("_worker")
@pytest.mark.parametrize(
    "body",
    [
        b"%PDF-1.7\n",
        b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF",
        b"%PDF-" + b"\x00\xff" * 500,
    ],
)
def test_a_torn_pdf_has_its_reason(body: bytes) -> None:
    """And never becomes a document of its source."""
    found = extracted(body, "text/html")
    assert (found.reason, found.document) == ("bad_pdf", None)


@pytest.mark.browser
@needs_browser
@pytest.mark.usefixtures("_worker")
def test_half_a_pdf_never_becomes_a_document_of_its_source(printed: bytes) -> None:
    """Half a file is repaired by its reader or refused; its bytes are no text."""
    found = extracted(printed[: len(printed) // 2], "application/pdf")
    text = found.document.text if found.document else ""
    assert "endobj" not in text
    assert found.document is not None or found.reason in {"bad_pdf", "no_text", "needs_ocr"}


def test_a_word_cut_at_a_line_s_end_is_whole_again() -> None:
    """A hyphen between letters goes, one in a name stays."""
    assert pdf._joined(["the permis-", "sion of a role"]) == "the permission of a role"
    assert pdf._joined(["SP 800-", "53 of NIST"]) == "SP 800- 53 of NIST"


def test_ligatures_are_letters() -> None:
    """As fonts join them; hyphens that are not drawn go."""
    assert "of\ufb01ce \ufb04at\u00ad".translate(pdf._LETTERS) == "office fflat"


def written(streams: list[bytes], *, packed: bool = False, encrypted: bool = False) -> bytes:
    """A PDF with a page for each content stream (ISO 32000-1, section 7)."""
    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(len(streams)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Count {len(streams)} /Kids [{kids}] >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for n, stream in enumerate(streams):
        data = zlib.compress(stream, 9) if packed else stream
        way = b" /Filter /FlateDecode" if packed else b""
        objects += [
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents %d 0 R "
            b"/Resources << /Font << /F1 3 0 R >> >> >>" % (5 + 2 * n),
            b"<< /Length %d%s >>\nstream\n%s\nendstream" % (len(data), way, data),
        ]
    if encrypted:
        keys = b"/O <%s> /U <%s>" % (b"41" * 32, b"42" * 32)
        objects.append(b"<< /Filter /Standard /V 1 /R 2 /P -4 %s >>" % keys)
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    secret = b" /Encrypt %d 0 R /ID [<00> <00>]" % len(objects) if encrypted else b""
    entries = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    return bytes(out) + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer << /Size %d /Root 1 0 R%s >>\n"
        b"startxref\n%d\n%%%%EOF\n" % (size, entries, size, secret, len(out))
    )


def line(number: int) -> bytes:
    return b"BT /F1 12 Tf 72 700 Td (Control %d of the catalogue is kept.) Tj ET" % number


@pytest.mark.slow
def test_five_thousand_pages_are_read_as_far_as_time_allows() -> None:
    """What was read is kept, with how much that is."""
    found = pdf.read(written([line(n) for n in range(5_000)]), seconds=0.5)
    assert found.of == 5_000
    assert 1 <= found.pages < 5_000
    assert "Control 0 of the catalogue is kept." in found.text


@pytest.mark.usefixtures("_worker")
@pytest.mark.parametrize(
    ("body", "reasons"),
    [
        (written([line(1)], encrypted=True), {"encrypted"}),
        (written([line(n) for n in range(50)])[:4000], {"bad_pdf", "no_text"}),
        (
            written([line(1) + b" " * (1 << 25)], packed=True),
            {"", "no_text", "compression_bomb", "extraction_failed"},
        ),
    ],
    ids=["encrypted", "torn", "bomb"],
)
def test_a_hostile_pdf_is_a_reason(body: bytes, reasons: set[str]) -> None:
    """Or is read for what it says; never a document of its source."""
    found = extracted(body, "application/pdf")
    assert found.reason in reasons
    assert found.document is None or "Control 1 of the catalogue" in found.document.text


def column(x: float, name: str, count: int) -> list[tuple[float, float, str, str]]:
    return [(x, 700 - 12 * n, "F", f"{name} line {n} of this column") for n in range(count)]


def test_columns_are_read_one_after_the_other() -> None:
    """Also if they end at different heights, under a title and over a page number."""
    top, foot = (60.0, 760.0, "F", "What spans both of the columns of it"), (290.0, 30.0, "F", "7")
    found = pdf.read(
        drawn([top, *column(60, "Left", 9), *column(330, "Right", 30), foot]), seconds=30
    )
    order = re.findall(r"(Left|Right) line (\d+)", found.text)
    assert order == [("Left", str(n)) for n in range(9)] + [("Right", str(n)) for n in range(30)]
    assert found.text.startswith("What spans")


def test_a_bold_line_of_its_own_is_a_heading_and_a_row_of_them_is_not() -> None:
    """The heads of a table's columns stand beside each other; a sentence in bold is text."""
    page_ = [
        (60.0, 760.0, "B", "Duties of the owner"),
        (60.0, 640.0, "B", "Role"),
        (300.0, 640.0, "B", "Days"),
        (60.0, 600.0, "B", "Never share it."),
        *((60.0, 740.0 - 12 * n, "F", f"Plain words of the text {n}") for n in range(7)),
        *((60.0, 500.0 - 12 * n, "F", f"More words of the text {n}") for n in range(7)),
    ]
    text = pdf.read(drawn(page_), seconds=30).text
    assert re.findall(r"^#.*", text, re.MULTILINE) == ["# Duties of the owner"]


def test_a_running_head_of_two_pages_goes_and_a_first_line_stays() -> None:
    """What stands at the same place of both pages is the head."""
    pages = [
        [(60.0, 770.0, "F", "Standard twelve"), (60.0, 740.0 - 9 * n, "F", f"{name} begins here")]
        + [(60.0, 700.0 - 12 * k, "F", f"{name} goes on in line {k}") for k in range(6)]
        for n, name in enumerate(("Alpha", "Omega"))
    ]
    text = pdf.read(drawn(*pages), seconds=30).text
    assert "Standard twelve" not in text
    assert "Alpha begins here" in text
    assert "Omega begins here" in text


def test_numbered_headings_at_the_top_of_pages_stay() -> None:
    """A chapter on each page is no running head, though only its number differs."""
    lines = [(60.0, 700.0 - 12 * k, "F", f"The text goes on in line {k}") for k in range(20)]
    pages = [[(60.0, 770.0, "F 18", f"{n} Scope of part"), *lines] for n in (1, 2, 3, 4)]
    text = pdf.read(drawn(*pages), seconds=30).text
    assert [n for n in (1, 2, 3, 4) if f"{n} Scope of part" in text] == [1, 2, 3, 4]
