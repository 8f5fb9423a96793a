"""What build servers read is XML whatever the names and reasons hold."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from secarch.report.junit import Case, Group, document

CASES = [
    Case(group="a.b", name="passes", seconds=0.25),
    Case(group="a.b", name="fails", failure="no", detail="line 1\nline 2"),
    Case(group="a.b", name="not judged", skipped="no key point"),
]


def test_counts_are_those_of_the_cases() -> None:
    """In the whole and in each group; an empty reason still is a failure."""
    root = ET.fromstring(
        document(
            "s",
            [
                Group(name="g", cases=CASES, output="o"),
                Group(name="h", cases=[Case(group="x", name="y", failure="")]),
            ],
        )
    )
    assert root.attrib == {
        "name": "s",
        "tests": "4",
        "failures": "2",
        "skipped": "1",
        "errors": "0",
    }
    first, second = root
    assert (first.attrib["tests"], first.attrib["failures"], first.attrib["skipped"]) == (
        "3",
        "1",
        "1",
    )
    assert second.attrib["failures"] == "1"
    passed, failed, skipped, output = first
    assert (passed.attrib["time"], len(passed)) == ("0.250", 0)
    assert (failed[0].tag, failed[0].attrib["message"], failed[0].text) == (
        "failure",
        "no",
        "line 1\nline 2",
    )
    assert "time" not in failed.attrib
    assert (skipped[0].tag, skipped[0].attrib["message"]) == ("skipped", "no key point")
    assert output.text == "o"


@given(st.text())
def test_any_text_is_carried(text: str) -> None:
    """Quotes, brackets and characters that XML does not have."""
    case = Case(group=text, name=text, failure=text, detail=text)
    root = ET.fromstring(
        document(text, [Group(name=text, cases=[case], output=text)]).encode("utf-8", "replace")
    )
    assert root[0][0][0].tag == "failure"
