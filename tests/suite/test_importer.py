"""Files that others published become suites, and what is wrong with them is named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from secarch.errors import InvalidInput, MissingInput, UsageError
from secarch.suite import importer, schema

TSV = (
    "URL\tQuestion\tOption A\tOption B\tOption C\tOption D\tPrompt\tGT\n"
    'https://a.example/1\tWhich "one" is it?\tred\tgreen\tblue\tgrey\tlong\tC\n'
    "https://a.example/2\tAnd which here?\tup\tdown\tup\tleft\tlong\tA\n"
)
METRIC = {
    "questions": [
        {"question": "Which?", "answers": {"A": "x", "B": "y", "C": "z", "D": "w"}, "solution": "B"}
    ]
}
SECEVAL = [
    {
        "id": "9f",
        "source": "a book",
        "question": "Which?",
        "choices": ["A: x", "B: y", "C: z"],
        "answer": "C",
        "topics": ["SystemSecurity"],
        "keyword": "k",
    },
    {
        "id": "9e",
        "source": "a book",
        "question": "Which two?",
        "choices": ["A: x", "B: y", "C: z"],
        "answer": "AC",
        "topics": [],
        "keyword": "k",
    },
]


def made(tmp_path: Path, name: str, text: str, columns: str) -> list[schema.Question]:
    """The questions of a file, read back as a suite."""
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    outcome = importer.bring(path, columns, None)
    return list(schema.load([outcome.result["suite"]]).questions)


def test_ctibench(tmp_path: Path) -> None:
    """Tab-separated, quotation marks as they stand; a question whose options repeat is left out."""
    (question,) = made(tmp_path, "cti-mcq.tsv", TSV, "ctibench")
    assert question.question == 'Which "one" is it?'
    assert (question.choices, question.answer) == (("red", "green", "blue", "grey"), 2)
    assert (question.id, question.sources[0].title) == ("ctibench-00001", "https://a.example/1")


def test_cybermetric(tmp_path: Path) -> None:
    """Options as a table of letters inside a named list."""
    (question,) = made(tmp_path, "CyberMetric-80-v1.json", json.dumps(METRIC), "cybermetric")
    assert (question.choices, question.answer, question.kind) == (("x", "y", "z", "w"), 1, "mcq")


def test_seceval(tmp_path: Path) -> None:
    """Letters are taken off the options; several right answers are no multiple choice of ours."""
    path = tmp_path / "questions.json"
    path.write_text(json.dumps(SECEVAL))
    questions, left_out = importer.convert(path, importer.load_map("seceval"))
    assert [(q.id, q.choices, q.answer, q.category) for q in questions] == [
        ("seceval-9f", ("x", "y", "z"), 2, "system-security")
    ]
    assert left_out == {"several right answers": 1}


def test_a_map_of_one_s_own(tmp_path: Path) -> None:
    """CSV and JSONL, the answer given by its text."""
    columns = tmp_path / "map.yaml"
    columns.write_text(
        "prefix: mine\nquestion: q\nchoices: [one, two]\nanswer: right\ncategory: aws\n"
    )
    (a,) = made(
        tmp_path, "a.csv", 'q,one,two,right\n"Which, then?",left,right,right\n', str(columns)
    )
    (b,) = made(
        tmp_path,
        "b.jsonl",
        json.dumps({"q": "Which?", "one": "l", "two": "r", "right": 1}) + "\n",
        str(columns),
    )
    assert (a.answer, b.answer, a.question) == (1, 1, "Which, then?")


@pytest.mark.parametrize(
    ("name", "text", "columns", "error", "says"),
    [
        ("a.tsv", TSV.replace("Option C", "Option X"), "ctibench", InvalidInput, "'Option C'"),
        ("a.tsv", "", "ctibench", InvalidInput, "no rows"),
        ("a.json", "{", "seceval", InvalidInput, "no JSON"),
        ("a.json", "{}", "cybermetric", InvalidInput, "'questions'"),
        ("a.json", "[1]", "seceval", InvalidInput, "row 1"),
        ("a.xlsx", "x", "seceval", InvalidInput, ".xlsx is no form"),
        (
            "a.tsv",
            TSV.replace("\tC\n", "\tX\n").replace("\tA\n", "\tX\n"),
            "ctibench",
            InvalidInput,
            "none of the",
        ),
        ("a.tsv", TSV, "cti", UsageError, "shipped: ctibench, cybermetric, seceval"),
    ],
)
def test_what_is_wrong_is_named(
    tmp_path: Path, name: str, text: str, columns: str, error: type[Exception], says: str
) -> None:
    """Columns by their names, and what the file has instead."""
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(error, match=says):
        importer.bring(path, columns, None)


def test_nothing_is_overwritten_and_a_missing_file_is_said(tmp_path: Path) -> None:
    """The target is named before anything is written."""
    path = tmp_path / "a.tsv"
    with pytest.raises(MissingInput):
        importer.bring(path, "ctibench", None)
    path.write_text(TSV)
    importer.bring(path, "ctibench", tmp_path / "out.jsonl")
    with pytest.raises(UsageError, match="exists already"):
        importer.bring(path, "ctibench", tmp_path / "out.jsonl")


def test_a_malformed_map_names_its_field(tmp_path: Path) -> None:
    """A misspelt field is no silent default."""
    columns = tmp_path / "map.yaml"
    columns.write_text("prefix: mine\nquestion: q\nchoices: [a]\nanswer: r\ncolour: red\n")
    with pytest.raises(InvalidInput, match="colour"):
        importer.load_map(str(columns))
