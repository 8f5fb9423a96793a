"""PDF pages a second of one core: a file of text with headings, running heads and a ruled table on
every fourth page.

    python tests/benchmarks/pdf.py [--pages 200] [--rounds 3]
"""

import argparse
import statistics
import time
import zlib

from secarch.harvest.extract import pdf

WORDS = (
    "Each service identity is renewed before the quarter ends and its owner is written down. "
    "The audit log stays in a bucket with retention for as long as the contract asks for it. "
)


def page(number):
    """The drawing operators of one page: A4, 11 points, 42 lines."""
    drawn = [(9, 60, 800, "Handbook of keys"), (9, 290, 30, number)]
    drawn.append((18, 60, 760, f"{number} Rules of part {number}"))
    for row in range(42):
        start = (row * 37 + number) % 80
        drawn.append((11, 60, 730 - 14 * row, (WORDS * 2)[start : start + 84]))
    rules = []
    if number % 4 == 0:
        rules = [f"60 {70 + 12 * k} m 540 {70 + 12 * k} l S" for k in range(5)]
        rules += [f"{x} 70 m {x} 118 l S" for x in (60, 220, 380, 540)]
        drawn += [(9, x, 73 + 12 * k, f"cell {k} {x}") for k in range(4) for x in (64, 224, 384)]
    lines = rules + [f"BT /F {size} Tf {x} {y} Td ({words}) Tj ET" for size, x, y, words in drawn]
    return zlib.compress("\n".join(lines).encode())


def made(pages):
    """A PDF of so many pages."""
    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(pages))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Count {pages}/Kids[{kids}]>>".encode(),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    for n in range(pages):
        drawn = page(n + 1)
        resources = "/Resources<</Font<</F 3 0 R>>>>"
        objects.append(
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]{resources}/Contents {5 + 2 * n} 0 R>>".encode()
        )
        head = f"<</Length {len(drawn)}/Filter/FlateDecode>>\nstream\n".encode()
        objects.append(head + drawn + b"\nendstream")
    body, places = bytearray(b"%PDF-1.5\n"), []
    for number, content in enumerate(objects, 1):
        places.append(len(body))
        body += f"{number} 0 obj\n".encode() + content + b"\nendobj\n"
    start = len(body)
    body += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    body += b"".join(f"{place:010d} 00000 n \n".encode() for place in places)
    body += f"trailer<</Size {len(objects) + 1}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF".encode()
    return bytes(body)


def main():
    asked = argparse.ArgumentParser()
    asked.add_argument("--pages", type=int, default=200)
    asked.add_argument("--rounds", type=int, default=3)
    flags = asked.parse_args()
    body, speeds = made(flags.pages), []
    for _ in range(flags.rounds):
        before = time.process_time()
        found = pdf.read(body, seconds=600)
        speeds.append(flags.pages / (time.process_time() - before))
    headings = sum(line.startswith("#") for line in found.text.splitlines())
    rows = sum(line.startswith("| cell") for line in found.text.splitlines())
    print(
        f"{statistics.median(speeds):.1f} pages/s of CPU (rounds {', '.join(f'{s:.1f}' for s in speeds)}); "
        f"headings {headings} of {flags.pages}, rows {rows} of {flags.pages // 4 * 4}"
    )


if __name__ == "__main__":
    main()
