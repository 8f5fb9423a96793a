"""`secarch dataset validate`."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from secarch.dedupe.inspect.content import problems
from secarch.dedupe.inspect.validate import validate
from secarch.errors import InvalidInput, MissingInput, TamperedArtifact
from secarch.records import Outcome


def row(n: int, split: str = "train", **changes: Any) -> dict[str, Any]:
    """A good row."""
    messages = [
        {"role": "system", "content": "s"},
        {"role": "user", "content": f"q{n}"},
        {"role": "assistant", "content": f"a{n}"},
    ]
    return {"messages": messages, "id": f"i{n}", "document_id": f"d{n}", "split": split, **changes}


def said(*contents: tuple[str, str]) -> list[dict[str, str]]:
    """Messages."""
    return [{"role": role, "content": content} for role, content in contents]


def test_what_dedupe_builds_is_valid(
    pages: Callable[[int], list[Any]], jsonl: Callable[..., Path], run: Callable[..., Outcome]
) -> None:
    """A built dataset passes, by its folder and by one file of it."""
    outcome = run(jsonl(pages(15)))
    folder = Path(str(outcome.artifact))
    assert validate(folder).counts == {"rows": outcome.counts["examples"]}
    assert validate(folder / "train.jsonl").status == "done"
    (folder / "train.jsonl").write_text("{}\n")
    with pytest.raises(TamperedArtifact):
        validate(folder)


@pytest.mark.parametrize(
    ("bad", "problem"),
    [
        ("{torn", "no JSON"),
        ([1], "no JSON object"),
        ({"id": "x"}, "messages must be a list"),
        (row(9, messages=said(("robot", "q"))), "each message needs a role"),
        (row(9, messages=said(("user", "q"))), "take turns"),
        (row(9, messages=said(("user", "q"), ("assistant", "a"), ("system", "s"))), "take turns"),
        (row(9, messages=said(("user", " "), ("assistant", "a"))), "user message is empty"),
        (row(9, messages=said(("user", "q"), ("assistant", "a\x00"))), "NUL bytes"),
        (row(9, id=[7]), "id is neither text nor a number"),
        (row(9, id="i1"), "id i1 is used at train.jsonl:1"),
        (row(9, messages=row(1)["messages"]), "repeats the question and answer of train.jsonl:1"),
        (row(9, split="test"), "in the file of train"),
    ],
)
def test_a_bad_row_is_named_with_its_line(bad: Any, problem: str, tmp_path: Path) -> None:
    """Each fault is refused with exit code 4, and its file and line."""
    path = tmp_path / "train.jsonl"
    path.write_text(
        json.dumps(row(1)) + "\n" + (bad if isinstance(bad, str) else json.dumps(bad)) + "\n"
    )
    with pytest.raises(InvalidInput) as error:
        validate(path)
    assert error.value.exit_code == 4
    assert f"train.jsonl:2: {problem}"[:14] in str(error.value.why)
    assert problem in str(error.value.why)


@pytest.mark.parametrize(
    ("other", "problem"),
    [
        (row(8, "test", document_id="d1"), "document 'd1'"),
        (row(8, "test", messages=said(("user", "q1"), ("assistant", "z"))), "question 'q1'"),
    ],
)
def test_leaks_across_splits_are_found(other: dict[str, Any], problem: str, tmp_path: Path) -> None:
    """A document or a question on two sides is named with both places."""
    (tmp_path / "train.jsonl").write_text(json.dumps(row(1)) + "\n")
    (tmp_path / "test.jsonl").write_text(json.dumps(other) + "\n")
    with pytest.raises(InvalidInput) as error:
        validate(tmp_path)
    assert problem in str(error.value.why)
    assert "test.jsonl:1" in str(error.value.why)
    assert "train.jsonl:1" in str(error.value.why)


def test_nothing_and_emptiness_are_told_apart(tmp_path: Path) -> None:
    """A missing path is missing input; a file without rows is invalid."""
    with pytest.raises(MissingInput) as missing:
        validate(tmp_path / "no")
    (tmp_path / "train.jsonl").touch()
    with pytest.raises(InvalidInput, match="no rows") as empty:
        validate(tmp_path)
    assert all("dedupe" not in str(caught.value.fix) for caught in (missing, empty))


def test_rows_in_no_known_form_are_told_once(tmp_path: Path) -> None:
    """Which fields they have and which forms are read, once for all rows with the same fields."""
    path = tmp_path / "wrong.jsonl"
    lines = [json.dumps({"question": f"q{n}", "reply": "a"}) + "\n" for n in range(3)]
    path.write_text("".join([*lines, json.dumps({"ask": "q"}) + "\n"]))
    with pytest.raises(InvalidInput, match="this dataset has 2 problems") as caught:
        validate(path)
    first, second = caught.value.why.split("; wrong.jsonl:4: ")
    assert first.startswith("wrong.jsonl:1: messages must be a list")
    assert "a question with answer" in first
    assert first.endswith("it has question, reply; so have 2 rows more")
    assert second.endswith("it has ask")
    assert "rename the fields" in caught.value.fix


def test_rows_of_others_pass(tmp_path: Path) -> None:
    """Rows with messages alone, without ids or a system message, are valid."""
    path = tmp_path / "rows.jsonl"
    path.write_text(
        json.dumps(
            {"messages": said(("user", "q"), ("assistant", "a"), ("user", "r"), ("assistant", "b"))}
        )
        + "\n"
    )
    assert validate(path).counts == {"rows": 1}


@pytest.mark.parametrize(
    "made",
    [
        {"prompt": "q", "completion": "a"},
        {
            "prompt": [{"role": "user", "content": "q"}],
            "completion": [{"role": "assistant", "content": "a"}],
        },
        {"instruction": "q", "input": "more", "output": "a"},
        {"conversations": [{"from": "human", "value": "q"}, {"from": "gpt", "value": "a"}]},
    ],
)
def test_rows_of_other_forms_are_read(made: dict[str, Any], tmp_path: Path) -> None:
    """Alpaca, ShareGPT and prompt with completion are checked like our own, compressed too."""
    path = tmp_path / "rows.jsonl.gz"
    path.write_bytes(gzip.compress(json.dumps(made).encode() + b"\n"))
    outcome = validate(path)
    assert outcome.counts == {"rows": 1}
    assert "messages" not in outcome.result["forms"]
    spoiled = {name: [] if name == "conversations" else 7 for name in made}
    path.write_bytes(gzip.compress(json.dumps(spoiled).encode() + b"\n"))
    with pytest.raises(InvalidInput):
        validate(path)
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(InvalidInput, match="problem"):
        validate(path)


def test_lengths_and_overlaps_are_problems(tmp_path: Path) -> None:
    """An answer that is too long, and a held-out answer that training holds, are named with file
    and line.
    """
    same = " ".join(f"word{n}" for n in range(60))
    rows = {"train": [row(1, messages=said(("user", "q"), ("assistant", f"{same} here")))]}
    rows["test"] = [
        row(2, split="test", messages=said(("user", "other"), ("assistant", f"but {same}")))
    ]
    for name, listed in rows.items():
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(item) + "\n" for item in listed))
    with pytest.raises(InvalidInput) as caught:
        validate(tmp_path, longest=60)
    assert "train.jsonl:1: an answer of 61 words" in str(caught.value.why)
    assert "test.jsonl:1: more than 20% of its answer's 13-grams are in training answers" in str(
        caught.value.why
    )
    assert validate(tmp_path, max_overlap=1.0).result["answer_words"]["most"] == 61


def test_a_row_that_differs_in_case_alone_is_a_double(tmp_path: Path) -> None:
    """Doubles are told by their words."""
    path = tmp_path / "train.jsonl"
    path.write_text(
        "".join(
            json.dumps(row(n, messages=said(("user", q), ("assistant", "Do it.")))) + "\n"
            for n, q in enumerate(["Rotate keys?", "rotate  keys"])
        )
    )
    with pytest.raises(InvalidInput, match="1 problem"):
        validate(path)


FENCE = "```"


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ("Make a version.<|im_end|>\n<|im_start|>user\nNow what?", "control token '<|im_end|>'"),
        ("Make a version.<end_of_turn>", "control token"),
        ("[INST] Make a version. [/INST]", "control token"),
        ("Make a version.</s>", "control token"),
        ("password: kT9mQ2xvB4zR7", "holds a secret: password"),
        ("Set one of the following policies:", "ends in mid-air"),
        ("Use one of these:\n\n- a key, or\n- a role with", "ends in mid-air"),
        (f"Run it:\n\n{FENCE}sh\nmake", "opens a code fence"),
        ("How is a key of the store rotated?", "repeats the question"),
        ("How is a key of the store rotated? Like this.", "repeats the question"),
        ("How is a key of the store rotated? How is a key of the store rotated?", "repeats the"),
        ("TODO: ask the team", "is a placeholder"),
        ("N/A", "is a placeholder"),
        ("Lorem ipsum dolor sit amet, consectetur.", "is a placeholder"),
        ("Rotate the store\u00e2\u20ac\u2122s key each year.", "damaged characters"),
        ("Rotate the key \ufffd each year.", "damaged characters"),
        ("key " * 900, "over and over"),
        ("set the key now and " * 60 + "stop.", "over and over"),
    ],
)
def test_words_that_teach_nothing_are_problems(answer: str, problem: str, tmp_path: Path) -> None:
    """Control tokens, secrets, torn, echoing and looping answers are named."""
    path = tmp_path / "rows.jsonl"
    turns = said(("user", "How is a key of the store rotated?"), ("assistant", answer))
    path.write_text(json.dumps({"messages": turns}) + "\n")
    with pytest.raises(InvalidInput) as error:
        validate(path)
    assert problem in str(error.value.why)


@pytest.mark.parametrize(
    "answer",
    [
        f"Run it:\n\n{FENCE}yaml\nkey:\n{FENCE}",
        "How is a key of the store rotated? By making a new version of it each year.",
        "Use `AKIAIOSFODNN7EXAMPLE` and `<your-key>`.",
        "A <s>word</s> that is struck out.",
        "| a | b |\n| - | - |\n| x: | y: |",
        "Note: this is fine.",
        "Todo lists show who rotates which key, and when; keep one for each store.",
        "Rotate the key yearly \u2013 the store\u2019s owner does it, na\u00efvely or not.",
    ],
)
def test_good_words_are_no_problem(answer: str, tmp_path: Path) -> None:
    """What is well formed passes."""
    path = tmp_path / "rows.jsonl"
    turns = said(("user", "How is a key of the store rotated?"), ("assistant", answer))
    path.write_text(json.dumps({"messages": turns}) + "\n")
    assert validate(path).counts == {"rows": 1}


@pytest.mark.parametrize(
    ("question", "answer", "echoes"),
    [
        ("Rotate which key?", "Rotate which key?", True),
        ("Rotate which key?", "Rotate which key? The one there.", True),
        ("Rotate which key?", "Rotate which key? The one from June.", False),
        ("Which key?", "Which key?", False),
    ],
)
def test_an_echo_adds_fewer_than_four_words(question: str, answer: str, *, echoes: bool) -> None:
    """A question of three words can be echoed, one of two is too short to tell."""
    turns = said(("user", question), ("assistant", answer))
    assert any("repeats the question" in found for found in problems(turns)) is echoes


PAIR = said(("user", "Which key?"), ("assistant", "The one from June."))
TYPED = [{"role": m["role"], "content": [{"type": "text", "text": m["content"]}]} for m in PAIR]


@pytest.mark.parametrize(
    "made",
    [
        {"messages": TYPED},
        {"messages": [{**m, "role": m["role"].upper()} for m in PAIR]},
        {"contents": [{"role": m["role"], "parts": [{"text": m["content"]}]} for m in PAIR]},
        {"messages": PAIR, "tools": None},
    ],
)
def test_rows_that_training_takes_are_valid(made: dict[str, Any], tmp_path: Path) -> None:
    """Typed parts, roles in capitals and a prompt's parts are read as training reads them."""
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps(made) + "\n\n")
    assert validate(path).counts == {"rows": 1}


@pytest.mark.parametrize(
    ("made", "problem"),
    [
        ({"messages": [PAIR[0], {**PAIR[1], "weight": 0}]}, "weight 0"),
        ({"messages": PAIR, "tools": [{"name": "f"}]}, "would not show"),
        ({"messages": PAIR, "images": ["a.png"]}, "only text"),
        ({"messages": [PAIR[0], {**PAIR[1], "tool_calls": [{"id": "1"}]}]}, "calls a tool"),
        ({"prompt": "q", "chosen": "a", "rejected": "b"}, "train.objective dpo"),
    ],
)
def test_rows_that_training_refuses_are_problems(
    made: dict[str, Any], problem: str, tmp_path: Path
) -> None:
    """With the words that training has for them."""
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps(made) + "\n")
    with pytest.raises(InvalidInput, match=problem) as error:
        validate(path)
    assert "rows.jsonl:1" in str(error.value.why)


@pytest.mark.parametrize("name", ["a.parquet", "a.arrow", "a.json", "data/train-00000-of-00001"])
def test_files_that_training_takes_are_read(name: str, tmp_path: Path) -> None:
    """Tables, streams, one JSON list, and a folder as the hub has it."""
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    table = pa.Table.from_pylist([{"messages": PAIR}])
    if name.endswith(".json"):
        path.write_text(json.dumps([{"messages": PAIR}], indent=1))
    elif name.endswith(".arrow"):
        with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_stream(sink, table.schema) as stream:
            stream.write_table(table)
    else:
        path = path.with_name(f"{path.stem}.parquet")
        parquet.write_table(table, path)
    assert validate(tmp_path if "data" in name else path).counts == {"rows": 1}


@pytest.mark.parametrize("name", ["validation.jsonl", "test.jsonl"])
def test_a_folder_without_training_rows_is_invalid(name: str, tmp_path: Path) -> None:
    """Its file alone is valid: those are the rows that it should hold."""
    (tmp_path / name).write_text(json.dumps({"messages": PAIR}) + "\n")
    assert validate(tmp_path / name).counts == {"rows": 1}
    with pytest.raises(InvalidInput):
        validate(tmp_path)
    (tmp_path / "train.jsonl").write_text("\n")
    with pytest.raises(InvalidInput, match="no training rows"):
        validate(tmp_path)


def test_a_field_that_is_there_twice_is_a_problem_of_its_line(tmp_path: Path) -> None:
    """All lines are looked at, not only the first bad one."""
    path = tmp_path / "rows.jsonl"
    one = json.dumps({"prompt": "q", "completion": "a"})[:-1] + ', "completion": "b"}'
    path.write_text(f"{one}\n{one}\n")
    with pytest.raises(InvalidInput, match="2 problems") as error:
        validate(path)
    assert "rows.jsonl:2: no JSON: the field completion is there twice" in str(error.value.why)
