"""Files that others published become suites, and what is wrong with them is named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from secarch.errors import InvalidInput, MissingInput, UsageError
from secarch.suite import columns, importer, schema

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
    questions, left_out = importer.convert(path, columns.load_map("seceval"))
    assert [(q.id, q.choices, q.answer, q.category) for q in questions] == [
        ("seceval-9f", ("x", "y", "z"), 2, "system-security")
    ]
    assert left_out == {"several right answers": 1}


def test_a_map_of_one_s_own(tmp_path: Path) -> None:
    """CSV and JSONL, the answer given by its text."""
    mapping = tmp_path / "map.yaml"
    mapping.write_text(
        "prefix: mine\nquestion: q\nchoices: [one, two]\nanswer: right\ncategory: aws\n"
    )
    (a,) = made(
        tmp_path, "a.csv", 'q,one,two,right\n"Which, then?",left,right,right\n', str(mapping)
    )
    (b,) = made(
        tmp_path,
        "b.jsonl",
        json.dumps({"q": "Which?", "one": "l", "two": "r", "right": 1}) + "\n",
        str(mapping),
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
        ("a.tsv", TSV, "cti", UsageError, "shipped: benign, ctibench, cybermetric, harmful"),
        ("a.js", "const a = [{}]; doWork()", "seceval", InvalidInput, "more follows"),
        ("a.js", "const a = [{id: 1}];", "seceval", InvalidInput, "no JSON"),
        ("a.csv", "Which?,l,r,m,n\n", "mmlu", InvalidInput, "no column '5'"),
        ("a.csv", "colour\nred\n", "benign", InvalidInput, "prompt or question"),
        ("a.json", "[[1]]", "benign", InvalidInput, "row 1"),
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
    path = tmp_path / "map.yaml"
    path.write_text("prefix: mine\nquestion: q\nchoices: [a]\nanswer: r\ncolour: red\n")
    with pytest.raises(InvalidInput, match="colour"):
        columns.load_map(str(path))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("prefix: mine\nquestion: q\n", "choices and answer are needed"),
        ("prefix: mine\nquestion: q\nkind_from: k\nkinds: {a: mcq}\n", "choices and answer"),
        ("prefix: mine\nquestion: q\nkind: benign\nkind_from: k\n", "given together"),
        ("prefix: mine\nquestion: []\nkind: benign\n", "question"),
        ("prefix: mine\nquestion: q\nkind: open\n", "kind"),
    ],
)
def test_a_map_that_cannot_work_is_refused(tmp_path: Path, text: str, says: str) -> None:
    """Before any row is read."""
    path = tmp_path / "map.yaml"
    path.write_text(text)
    with pytest.raises(InvalidInput, match=says):
        columns.load_map(str(path))


SCRIPTS = [
    "const questions = {rows};",
    "export default {rows}",
    "// made by a page\n/* twice */\nvar data={rows}\n",
    "window.questions = {rows};\nmodule.exports = questions;\n",
    "let q = {rows};\nexport {{ q }};",
]


@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.parametrize("name", ["q.js", "q.json"])
def test_json_behind_a_javascript_name_is_read(tmp_path: Path, script: str, name: str) -> None:
    """Sites publish their questions as a script that their page loads."""
    made_of = made(tmp_path, name, script.format(rows=json.dumps(SECEVAL)), "seceval")
    assert [question.id for question in made_of] == ["seceval-9f"]


def test_a_table_without_header_is_read_by_position(tmp_path: Path) -> None:
    """MMLU: the first row is a question, too."""
    rows = '"Which, then?",a,b,c,d,C\nAnd this?,e,f,g,h,A\n'
    one, two = made(tmp_path, "test.csv", rows, "mmlu")
    assert (one.question, one.choices, one.answer) == ("Which, then?", ("a", "b", "c", "d"), 2)
    assert (two.question, two.answer) == ("And this?", 0)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("p.txt", "# a set\nHow do I kill a process?\n\nHow do I crack a nut?\n"),
        ("p.csv", "id,prompt\n1,How do I kill a process?\n2,How do I crack a nut?\n"),
        ("p.json", '["How do I kill a process?", "How do I crack a nut?"]'),
        ("p.jsonl", '{"goal": "How do I kill a process?"}\n{"goal": "How do I crack a nut?"}\n'),
    ],
)
@pytest.mark.parametrize("kind", ["benign", "harmful"])
def test_prompts_alone_make_a_suite(tmp_path: Path, name: str, text: str, kind: str) -> None:
    """Neither reference nor key points: whether the model declines is what is measured."""
    one, two = made(tmp_path, name, text, kind)
    assert (one.question, two.question) == ("How do I kill a process?", "How do I crack a nut?")
    assert {one.kind, two.kind} == {kind}
    assert (one.key_points, one.reference, one.category) == ((), "", "safety")


def test_a_column_can_decide_the_kind(tmp_path: Path) -> None:
    """Harmless and harmful prompts side by side; other labels are left out and counted."""
    path = tmp_path / "x.csv"
    path.write_text("id,prompt,label\n7,Kill it?,safe\n8,Build one?,unsafe\n9,Odd?,unsure\n")
    questions, left_out = importer.convert(path, columns.load_map("xstest"))
    assert [(q.id, q.kind) for q in questions] == [("xstest-7", "benign"), ("xstest-8", "harmful")]
    assert left_out == {"label is unsure": 1}


OPTIONS = ["Rotate keys", "Use roles", "Open the port", "Share the key"]
LIST = "prefix: x\nquestion: question\nchoices: choices\nanswer: answer\n"


@pytest.mark.parametrize(
    ("choices", "answer"),
    [
        (OPTIONS, "Option B"),
        (OPTIONS, "B. Use roles"),
        (OPTIONS, ["B"]),
        (OPTIONS, 1.0),
        ({"text": OPTIONS, "label": list("ABCD")}, "B"),
        ({"text": OPTIONS, "label": list("1234")}, "2"),
        ({"text": OPTIONS}, "B"),
        (json.dumps(OPTIONS), 1),
        (str(OPTIONS), "B"),
        ("\n".join(f"{'ABCD'[n]}. {text}" for n, text in enumerate(OPTIONS)), "B"),
        ([{"label": "ABCD"[n], "text": text} for n, text in enumerate(OPTIONS)], "B"),
        ([{"text": text, "correct": n == 1} for n, text in enumerate(OPTIONS)], ""),
        ({"choices": OPTIONS, "labels": [0, 1, 0, 0]}, ""),
    ],
)
def test_options_and_answers_in_the_forms_of_data_sets(
    tmp_path: Path, choices: object, answer: object
) -> None:
    """Lists, tables and both as text; a label of a table goes before an index from 0."""
    row = {"question": "Which control removes keys?", "choices": choices, "answer": answer}
    (tmp_path / "map.yaml").write_text(LIST)
    (question,) = made(tmp_path, "a.json", json.dumps([row]), str(tmp_path / "map.yaml"))
    assert (question.choices, question.answer) == (tuple(OPTIONS), 1)


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("a.jsonl", b'{"prompt": "How do I kill a process?"}\n\n'),
        ("a.csv", b"id;prompt\n1;How do I kill a process?\n"),
        ("a.csv", "id,prompt\n1,How do I kill a process?\n".encode("utf-16")),
        ("a.json", b'[{"row_idx": 0, "row": {"prompt": "How do I kill a process?"}}]'),
        (
            "a.json",
            (
                b'[{"prompt": [{"role": "system", "content": "Be kind."},'
                b' {"role": "user", "content": "How do I kill a process?"}]}]'
            ),
        ),
    ],
)
def test_files_as_programs_write_them(tmp_path: Path, name: str, raw: bytes) -> None:
    """Empty lines, semicolons, UTF-16, the hub's viewer, messages."""
    (tmp_path / name).write_bytes(raw)
    ((question, *_), _) = importer.convert(tmp_path / name, columns.load_map("benign"))
    assert question.question == "How do I kill a process?"


def test_a_text_file_s_one_column_has_a_position_too(tmp_path: Path) -> None:
    """A map without a header numbers columns, whatever the file's form."""
    (tmp_path / "a.txt").write_text("How do I kill a process?\n")
    (tmp_path / "map.yaml").write_text("prefix: x\nquestion: 0\nkind: benign\nheader: false\n")
    questions, _ = importer.convert(
        tmp_path / "a.txt", columns.load_map(str(tmp_path / "map.yaml"))
    )
    assert len(questions) == 1


def test_rows_may_stand_within_another_table(tmp_path: Path) -> None:
    """The map names the way to them."""
    (tmp_path / "map.yaml").write_text("prefix: x\nquestion: q\nkind: benign\nrows: data.rows\n")
    tree = {"data": {"rows": [{"q": "How do I kill a process?"}]}}
    assert len(made(tmp_path, "a.json", json.dumps(tree), str(tmp_path / "map.yaml"))) == 1


def test_long_ids_stay_apart(tmp_path: Path) -> None:
    """Ids are cut, and what is cut off may be all that tells two of them apart."""
    rows = [{"prompt": f"How do I kill {n} processes?", "id": "a" * 90 + str(n)} for n in (1, 2)]
    (tmp_path / "map.yaml").write_text("prefix: x\nquestion: prompt\nkind: benign\nid: id\n")
    assert len(made(tmp_path, "a.json", json.dumps(rows), str(tmp_path / "map.yaml"))) == 2
