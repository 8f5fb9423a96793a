"""Rows as other people keep them become messages, or are refused with file and row."""

import gzip
import json
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from secarch.dedupe.inspect.validate import validate
from secarch.errors import InvalidInput, MissingInput
from secarch.models import foreign
from secarch.models.chat_template import Chat
from secarch.models.foreign import rows
from secarch.models.row_files import has_bare_returns
from secarch.session import Session
from secarch.train.data.rows import open_dataset, tokenise


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return Session(workspace=tmp_path / "ws")


ASKED, SAID = "What is IAM?", "Identity and access management."
PAIR = [{"role": "user", "content": ASKED}, {"role": "assistant", "content": SAID}]
FORMS: dict[str, dict[str, Any]] = {
    "messages": {"messages": PAIR},
    "parts": {
        "messages": [
            {"role": m["role"], "content": [{"type": "text", "text": m["content"]}]} for m in PAIR
        ]
    },
    "sharegpt": {
        "conversations": [{"from": "human", "value": ASKED}, {"from": "gpt", "value": SAID}]
    },
    "alpaca": {"instruction": ASKED, "input": "", "output": SAID},
    "pair": {"prompt": ASKED, "completion": SAID},
    "pair of messages": {"prompt": PAIR[:1], "completion": PAIR[1:]},
    "alpaca without input": {"instruction": ASKED, "input": None, "output": SAID},
    "dolly": {"instruction": ASKED, "context": "", "response": SAID},
    "question": {"question": ASKED, "answer": SAID},
    "response": {"prompt": ASKED, "response": SAID},
    "input": {"input": ASKED, "output": SAID},
    "speakers": {
        "conversation": [{"from": "Human", "value": ASKED}, {"from": "chatgpt", "value": SAID}]
    },
    "keys of messages": {"conversations": PAIR},
    "text of a list": {"messages": json.dumps(PAIR)},
    "null beside it": {"messages": None, "conversations": [], "prompt": ASKED, "completion": SAID},
    "blank system": {"messages": [{"role": "system", "content": ""}, *PAIR]},
    "query": {"query": ASKED, "response": SAID},
    "problem": {"problem": ASKED, "solution": SAID},
    "user and assistant": {"user": ASKED, "assistant": SAID},
    "inputs and targets": {"inputs": ASKED, "targets": SAID},
    "prompt and answer": {"prompt": ASKED, "answer": SAID},
    "instruction and completion": {"instruction": ASKED, "completion": SAID},
    "fields in capitals": {"Instruction": ASKED, "Input": "", "Output": SAID},
    "XTuner": {"conversation": [{"input": ASKED, "output": SAID}]},
    "an answer by its program": {
        "conversations": [{"from": "human", "value": ASKED}, {"from": "bing", "value": SAID}]
    },
    "white system": {"messages": [{"role": "system", "content": "  "}, *PAIR]},
    "a formatted prompt beside": {"instruction": ASKED, "output": SAID, "text": "Below is ..."},
    "capitals": {"messages": [{**m, "role": m["role"].title()} for m in PAIR]},
    "texts by turns": {"conversations": [ASKED, SAID], "source": "a forum"},
    "parts in and out": {
        "messages": [
            {"role": "user", "content": [{"type": "input_text", "text": ASKED}]},
            {"role": "assistant", "content": [{"type": "output_text", "text": SAID}]},
        ]
    },
    "a part of thoughts": {
        "messages": [
            PAIR[0],
            {
                "role": "assistant",
                "content": [{"type": "thinking", "thinking": "x"}, {"type": "text", "text": SAID}],
            },
        ]
    },
    "source and target": {"source": ASKED, "target": SAID},
    "a site beside it": {"source": "a forum", "question": ASKED, "answer": SAID},
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_becomes_the_same_messages(tmp_path: Path, form: str) -> None:
    """Question and answer arrive whole, in role and content."""
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps(FORMS[form]) + "\n", encoding="utf-8")
    assert [row["messages"] for row in foreign.rows(path)] == [PAIR]


def test_a_system_prompt_beside_the_turns_comes_first(tmp_path: Path) -> None:
    """ShareGPT and Alpaca keep it in a field of its own."""
    path = tmp_path / "rows.json"
    path.write_text(json.dumps([{**FORMS["alpaca"], "system": "Be brief."}]), encoding="utf-8")
    (row,) = foreign.rows(path)
    assert row["messages"] == [{"role": "system", "content": "Be brief."}, *PAIR]


def test_alpaca_s_input_follows_the_instruction(tmp_path: Path) -> None:
    """Both are the question."""
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps({**FORMS["alpaca"], "input": "In AWS."}), encoding="utf-8")
    (row,) = foreign.rows(path)
    assert row["messages"][0]["content"] == f"{ASKED}\nIn AWS."


def _parquet(folder: Path) -> Path:
    parquet.write_table(pa.Table.from_pylist([FORMS["pair"]] * 3), folder / "x.parquet")
    return folder / "x.parquet"


def _gzip(folder: Path) -> Path:
    with gzip.open(folder / "x.jsonl.gz", "wt", encoding="utf-8") as handle:
        handle.write((json.dumps(FORMS["pair"]) + "\n") * 3)
    return folder / "x.jsonl.gz"


def _saved(folder: Path) -> Path:
    from datasets import Dataset

    Dataset.from_list([FORMS["messages"]] * 3).save_to_disk(folder / "saved")
    return folder / "saved"


def _splits(folder: Path) -> Path:
    (folder / "d").mkdir()
    for name in ("train", "validation"):
        (folder / "d" / f"{name}.jsonl").write_text((json.dumps(FORMS["pair"]) + "\n") * 3)
    return folder / "d"


def _arrow(folder: Path) -> Path:
    table = pa.Table.from_pylist([FORMS["pair"]] * 3)
    with pa.ipc.new_file(str(folder / "x.arrow"), table.schema) as file:
        file.write_table(table)
    return folder / "x.arrow"


def _put_together(folder: Path) -> Path:
    line = "\ufeff" + json.dumps(FORMS["pair"]) + "\n"
    (folder / "x.jsonl").write_text(line * 3, encoding="utf-8")
    return folder / "x.jsonl"


@pytest.mark.parametrize("name", ["data/train-{}-of-00003.jsonl", "data-{}-of-00003.jsonl"])
def test_a_numbered_file_that_is_missing_is_not_passed_over(tmp_path: Path, name: str) -> None:
    """Of three the middle one is named; when it is there all are read."""
    (tmp_path / "data").mkdir()
    for n in ("00000", "00002"):
        (tmp_path / name.format(n)).write_text(json.dumps(FORMS["pair"]), encoding="utf-8")
    with pytest.raises(MissingInput) as caught:
        foreign.files(tmp_path)
    assert str(caught.value.where) == str(tmp_path / name.format("00001"))
    (tmp_path / name.format("00001")).write_text(json.dumps(FORMS["pair"]), encoding="utf-8")
    assert len(foreign.files(tmp_path)["train"]) == 3


@pytest.mark.parametrize("make", [_parquet, _gzip, _saved, _splits, _arrow, _put_together])
def test_files_and_folders_of_others_open(tmp_path: Path, session: Session, make: Any) -> None:
    """Whatever holds three rows gives three, and splits stay apart."""
    found = open_dataset(make(tmp_path), session)
    assert len(found.train) == 3
    assert len(found.validation) == (3 if make is _splits else 0)
    assert found.parents == (found.digest,)


@pytest.mark.parametrize(
    ("messages", "why"),
    [
        ([], "messages must be"),
        (PAIR[:1], "messages must be"),
        (PAIR[::-1], "last message"),
        ([PAIR[0], {"role": "assistant", "content": " "}], "assistant message is empty"),
        ([PAIR[0], {"role": "tool", "content": "x"}], "role must be"),
        ([PAIR[0], {"role": "system", "content": "x"}, PAIR[1]], "must be the first"),
        ([{"role": "system", "content": "x"}, PAIR[1]], "before the first answer"),
        ([PAIR[0], {"role": "assistant", "content": None}], "both text"),
    ],
)
def test_a_row_that_cannot_be_trained_on_is_named(
    tmp_path: Path, messages: list[Any], why: str
) -> None:
    """File, row, reason and the way to see all of them."""
    path = tmp_path / "rows.jsonl"
    lines = [json.dumps(FORMS["pair"]), json.dumps({"messages": messages})]
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(InvalidInput) as caught:
        list(foreign.rows(path))
    assert str(caught.value.where).endswith("rows.jsonl:2")
    assert why in str(caught.value.why)
    assert "dataset validate" in str(caught.value.fix)


def test_a_folder_without_rows_says_what_is_read(tmp_path: Path) -> None:
    """The suffixes are listed."""
    with pytest.raises(MissingInput, match=r"\.parquet"):
        foreign.files(tmp_path)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("bom.jsonl", "\ufeff" + json.dumps({"messages": PAIR})),
        ("bom.json", "\ufeff" + json.dumps([{"messages": PAIR}])),
        ("crlf.jsonl", json.dumps({"messages": PAIR}) + "\r\n\r\n"),
        ("blank.jsonl", "\n" + json.dumps({"messages": PAIR}) + "\n \n"),
        ("list.jsonl", json.dumps([{"messages": PAIR}], indent=1)),
        ("inside.json", json.dumps({"version": 2, "data": [{"messages": PAIR}]})),
        ("lines.json", json.dumps({"messages": PAIR}) + "\n"),
    ],
)
def test_a_file_is_read_however_it_was_saved(tmp_path: Path, name: str, text: str) -> None:
    """Byte order marks, blank lines, carriage returns, and a list under another name."""
    path = tmp_path / name
    path.write_bytes(text.encode())
    assert [row["messages"] for row in foreign.rows(path)] == [PAIR]


def test_earlier_turns_of_an_alpaca_row_come_first(tmp_path: Path) -> None:
    """A history is trained with its row, and not dropped."""
    path = tmp_path / "rows.jsonl"
    row = {"instruction": ASKED, "output": SAID, "history": [["Hello?", "Hi."]]}
    path.write_text(json.dumps(row), encoding="utf-8")
    (found,) = foreign.rows(path)
    assert [m["content"] for m in found["messages"]] == ["Hello?", "Hi.", ASKED, SAID]


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ({"messages": [*PAIR, *PAIR[1:]]}, "take turns"),
        ({"messages": [PAIR[1], *PAIR]}, "before the first answer"),
        ({"messages": [PAIR[0], {**PAIR[1], "weight": 0}]}, "weight 0"),
        ({"messages": [PAIR[0], {**PAIR[1], "tool_calls": [{"id": "1"}]}]}, "calls a tool"),
        ({"messages": [{"role": "user", "content": [{"type": "image"}]}, PAIR[1]]}, "only text"),
        ({"messages": [PAIR[0], {"role": "assistant", "content": "a\ud800"}]}, "surrogates"),
        ({"messages": [PAIR[0], {"role": "assistant", "content": "a\x00b"}]}, "NUL"),
        ({"prompt": ASKED, "chosen": SAID, "rejected": "no"}, "objective dpo"),
        (
            {"messages": [PAIR[0], {"role": "assistant", "content": [{"type": "tool_use"}]}]},
            "calls a tool",
        ),
        ({"source": "a forum", "body": ASKED, "answer": SAID}, "it has source, body, answer"),
        ({"user": "u81", "text_in": ASKED, "answer": SAID}, "it has user, text_in, answer"),
        ({"conversations": [ASKED, SAID, "And?"]}, "role and content"),
    ],
)
def test_what_would_be_lost_is_refused_with_its_row(
    tmp_path: Path, row: dict[str, Any], why: str
) -> None:
    """The row is named, blank lines counted, and the reason given."""
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps({"messages": PAIR}) + "\n\n" + json.dumps(row), encoding="utf-8")
    with pytest.raises(InvalidInput) as caught:
        list(foreign.rows(path))
    assert why in str(caught.value.why)
    assert str(caught.value.where).endswith("rows.jsonl:3")


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("rows.csv", b"prompt,completion\na,b\n", "that end in .csv are not read"),
        ("rows.jsonl", json.dumps({"messages": PAIR}).encode("utf-16"), "no UTF-8"),
        ("rows.jsonl.gz", b"not gzip", "cannot be read"),
        ("rows.json", b"[1]", "not a JSON object"),
        ("rows.jsonl", b"[" * 100_000, "not JSON"),
    ],
)
def test_a_file_that_is_no_rows_says_what_it_is(
    tmp_path: Path, name: str, content: bytes, what: str
) -> None:
    """Not that its first line is no JSON."""
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InvalidInput, match=what):
        list(foreign.rows(path))


def test_a_row_that_the_template_refuses_is_named(tiny_base: Path) -> None:
    """A template may refuse one row of many: its name stands beside the template's line."""
    base = Chat.load(tiny_base)
    picky = "{% if messages | length > 3 %}{{ raise_exception('one turn only') }}{% endif %}\n"
    chat = Chat(base.tokenizer, picky + base.template, base.special, base.stop_ids)
    rows = [{"id": "a", "messages": PAIR}, {"id": "b", "messages": [*PAIR, *PAIR]}]
    with pytest.raises(InvalidInput) as caught:
        tokenise(rows, chat, max_length=512, over_length="raise")
    assert str(caught.value.where).startswith("row b; the chat template, line 1: ")
    assert "one turn only" in str(caught.value.why)


def test_what_a_question_is_about_is_part_of_it(tmp_path: Path) -> None:
    """A context beside a question (SQuAD) is asked with it, whatever the question is called; and a
    system prompt beside pairs of input and output comes first.
    """
    path = tmp_path / "rows.jsonl"
    rows = [
        {"context": "The bucket is public.", "question": ASKED, "answer": SAID},
        {"conversation": [{"system": "Be brief.", "input": ASKED, "output": SAID}]},
    ]
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    about, brief = (row["messages"] for row in foreign.rows(path))
    assert about[0]["content"] == f"{ASKED}\nThe bucket is public."
    assert brief == [{"role": "system", "content": "Be brief."}, *PAIR]


POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n"


@pytest.mark.parametrize(
    ("name", "content", "fix"),
    [
        ("a.jsonl", json.dumps({"messages": PAIR}, indent=1), "jq -c"),
        ("a.jsonl", "{'messages': []}", "json.dumps"),
        ("a.jsonl", POINTER, "git lfs pull"),
        ("a.parquet", POINTER, "git lfs pull"),
        ("a.arrow", "text", "download it again"),
        ("a.jsonl", "[1]\n", "an object with named fields"),
        ("a.jsonl.gz", "{}", "must be gzipped"),
        ("a.json.gz", "{}", "gunzip -k"),
        ("a.csv", "a,b", "pyarrow"),
        (
            "a.jsonl",
            json.dumps({"messages": [PAIR[0] | {"content": [{"type": "text"}]}, PAIR[1]]}),
            "dataset validate",
        ),
        ("a.jsonl", '{"text": "words", "url": "u"}', "dataset validate"),
    ],
)
def test_every_refused_file_has_a_way_out(
    name: str, content: str, fix: str, tmp_path: Path
) -> None:
    """What is wrong is told with what to do about it."""
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InvalidInput) as caught:
        list(foreign.rows(path))
    assert fix in str(caught.value.fix)


@pytest.mark.parametrize(
    ("name", "content", "fix"),
    [
        ("a.jsonl", "{}".encode("utf-16"), "iconv -f UTF-16 -t UTF-8"),
        ("a.jsonl", b'{"a": "caf\xe9"}', "iconv -f WINDOWS-1252 -t UTF-8"),
        ("a.jsonl", gzip.compress(b"{}"), "a.jsonl.gz"),
        ("a.json", b"PAR1\xff\xff", "a.parquet"),
        ("a.jsonl.gz", gzip.compress(b'{"a": "caf\xe9"}'), "gunzip -k"),
    ],
)
def test_a_file_that_is_no_text_gets_the_command_that_makes_one(
    name: str, content: bytes, fix: str, tmp_path: Path
) -> None:
    """By how it begins; what was packed under its right name is unpacked first."""
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InvalidInput, match="no UTF-8 text") as caught:
        list(foreign.rows(path))
    assert fix in str(caught.value.fix)
    assert str(path) in str(caught.value.fix)


TURNS: dict[str, dict[str, Any]] = {
    "items": {"items": [{"from": "human", "value": ASKED}, {"from": "gpt", "value": SAID}]},
    "one key a turn": {"conversations": [{"user": ASKED}, {"assistant": SAID}]},
    "speakers": {"dialog": [{"speaker": "User", "text": ASKED}, {"speaker": "ai", "text": SAID}]},
    "mixed": {"messages": [{"role": "human", "value": ASKED}, {"role": "gpt", "value": SAID}]},
    "Gemini": {
        "systemInstruction": {"role": "system", "parts": [{"text": " "}]},
        "contents": [
            {"role": "user", "parts": [{"text": ASKED}]},
            {"role": "model", "parts": [{"text": SAID[:3]}, {"text": SAID[3:]}]},
        ],
    },
    "Bedrock": {
        "messages": [
            {"role": "user", "content": [{"text": ASKED}]},
            {"role": "assistant", "content": [{"text": SAID}]},
        ]
    },
    "no image": {"messages": PAIR, "images": [], "image": None, "label": True},
}


@pytest.mark.parametrize("form", TURNS)
def test_turns_are_read_by_whatever_names_they_have(tmp_path: Path, form: str) -> None:
    """Speakers and texts under other names, parts without a type."""
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps(TURNS[form]), encoding="utf-8")
    assert [row["messages"] for row in foreign.rows(path)] == [PAIR]


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ({"messages": PAIR, "images": ["a.png"]}, "it has images"),
        ({"prompt": ASKED, "completion": SAID, "label": False}, "no answer to learn from"),
        ({"messages": PAIR, "system": {"text": "Be brief."}}, "its content is dict"),
        ({"messages": [PAIR[0], {"role": "assistant", "content": 4}]}, "its content is int"),
        ({"messages": [{"role": None, "content": "a"}, PAIR[1]]}, "its role is null"),
        ({"text": "### Question: a ### Answer: b"}, "not told apart"),
        ({"preferred_output": PAIR[1:], "non_preferred_output": PAIR[1:]}, "objective dpo"),
    ],
)
def test_what_stands_beside_the_messages_is_not_dropped_in_silence(
    tmp_path: Path, row: dict[str, Any], why: str
) -> None:
    """Pictures, unwanted answers and odd system prompts are refused."""
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps(row), encoding="utf-8")
    with pytest.raises(InvalidInput) as caught:
        list(foreign.rows(path))
    assert why in str(caught.value.why)


def test_a_system_prompt_of_parts_stands_first(tmp_path: Path) -> None:
    """As Bedrock keeps it, beside the messages."""
    path = tmp_path / "rows.jsonl"
    row = {"system": [{"text": "Be "}, {"text": "brief."}], "messages": PAIR}
    path.write_text(json.dumps(row), encoding="utf-8")
    (found,) = foreign.rows(path)
    assert found["messages"] == [{"role": "system", "content": "Be brief."}, *PAIR]


LINE = json.dumps({"prompt": ASKED, "completion": SAID}) + "\n"


@pytest.mark.parametrize(
    ("name", "content", "made"),
    [
        ("own rows.jsonl", LINE.replace("I", "é ").encode("cp1252"), "own rows.utf8.jsonl"),
        ("own rows.jsonl", LINE.encode("utf-16"), "own rows.utf8.jsonl"),
        ("own rows.jsonl", gzip.compress(LINE.encode()), "own rows.jsonl.gz"),
        ("own rows.jsonl.gz", LINE.encode(), "own rows.jsonl"),
        ("own rows.txt", LINE.encode(), "own rows.jsonl"),
        ("own rows.tsv", f"prompt\tcompletion\n{ASKED}\t{SAID}\n".encode(), "own rows.parquet"),
    ],
)
def test_the_command_that_an_unreadable_file_is_answered_with_works(
    tmp_path: Path, name: str, content: bytes, made: str
) -> None:
    """Typed as it is shown, it makes a file whose row is read."""
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InvalidInput) as caught:
        list(foreign.rows(path))
    command = str(caught.value.fix).rpartition(": ")[2] if ": mv" in str(caught.value.fix) else ""
    line = (command or str(caught.value.fix)).replace("python ", f"{sys.executable} ", 1)
    subprocess.run(line, shell=True, check=True)
    (row,) = foreign.rows(tmp_path / made)
    assert row["messages"][0]["content"] == (
        ASKED.replace("I", "é ") if b"\xe9" in content else ASKED
    )


def test_the_fix_for_a_csv_file_works(tmp_path: Path) -> None:
    """Its command makes a file that is read."""
    path = tmp_path / "own rows.csv"
    path.write_text(f'instruction,output\n{ASKED},"{SAID}\n"\n', encoding="utf-8")
    with pytest.raises(InvalidInput) as caught:
        list(foreign.rows(path))
    command = shlex.split(str(caught.value.fix))
    subprocess.run([sys.executable, *command[1:]], check=True)
    (row,) = foreign.rows(tmp_path / "own rows.parquet")
    assert row["messages"] == [PAIR[0], {**PAIR[1], "content": f"{SAID}\n"}]


def test_a_folder_without_rows_names_those_inside_it(tmp_path: Path) -> None:
    """Training rows first; the named folder is then read. A name of the hub is told how to get."""
    for name in ("test_sft", "train_sft"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "rows.jsonl").write_text("{}", encoding="utf-8")
    with pytest.raises(MissingInput) as caught:
        foreign.files(tmp_path)
    assert str(caught.value.fix).endswith(str(tmp_path / "train_sft"))
    assert foreign.files(tmp_path / "train_sft")["train"]
    with pytest.raises(MissingInput) as caught:
        foreign.files(Path("some-team/some-chat"))
    assert "hf download some-team/some-chat --repo-type dataset" in str(caught.value.fix)


def test_white_space_before_a_list_does_not_matter(tmp_path: Path) -> None:
    """A list of rows under the name of JSONL."""
    path = tmp_path / "rows.jsonl"
    path.write_text("\n \n  " + json.dumps([{"messages": PAIR}], indent=1), encoding="utf-8")
    assert [row["messages"] for row in foreign.rows(path)] == [PAIR]


def test_tables_that_keep_each_field_of_all_turns_are_read(tmp_path: Path) -> None:
    """A list of structs may be a struct of lists; one of unequal lists is refused."""
    path = tmp_path / "rows.jsonl"
    turns = {"from": ["human", "gpt"], "value": [ASKED, SAID]}
    path.write_text(json.dumps({"conversations": turns}), encoding="utf-8")
    assert [row["messages"] for row in foreign.rows(path)] == [PAIR]
    path.write_text(json.dumps({"conversations": {**turns, "value": [ASKED]}}), encoding="utf-8")
    with pytest.raises(InvalidInput, match="it has conversations"):
        list(foreign.rows(path))


def test_an_answer_of_the_dataset_viewer_is_read_unless_it_is_cut(tmp_path: Path) -> None:
    """Its rows are numbered; a cell that it cut is no row to learn from."""
    path = tmp_path / "rows.json"
    one = {"row_idx": 0, "row": FORMS["alpaca"], "truncated_cells": []}
    path.write_text(json.dumps({"rows": [one]}), encoding="utf-8")
    assert [row["messages"] for row in foreign.rows(path)] == [PAIR]
    path.write_text(json.dumps({"rows": [{**one, "truncated_cells": ["output"]}]}))
    with pytest.raises(InvalidInput):
        list(foreign.rows(path))


@pytest.mark.parametrize("name", ["rows.jsonl", "rows.json"])
def test_a_field_that_is_there_twice_is_no_guess(tmp_path: Path, name: str) -> None:
    """JSON readers keep the last one; twice the same is harmless."""
    path = tmp_path / name
    row = json.dumps(FORMS["alpaca"])[:-1]
    path.write_text(
        f'[{row}, "output": "other"}}]'
        if name == "rows.json"
        else f"{row}}}\n" + f'{row}, "output": "other"}}'
    )
    with pytest.raises(InvalidInput, match="the field output is there twice") as caught:
        list(foreign.rows(path))
    assert str(caught.value.where).endswith("rows.json" if name == "rows.json" else "rows.jsonl:2")
    path.write_text(f'{row}, "output": {json.dumps(SAID)}}}')
    assert [found["messages"] for found in foreign.rows(path)] == [PAIR]


@pytest.mark.parametrize(("tools", "taken"), [(None, True), ("[]", True), ([{"name": "f"}], False)])
def test_tools_that_the_prompt_would_not_show_are_refused(
    tmp_path: Path, tools: Any, *, taken: bool
) -> None:
    """A field that says that there are none is fine."""
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps({"messages": PAIR, "tools": tools}), encoding="utf-8")
    if taken:
        assert [row["messages"] for row in foreign.rows(path)] == [PAIR]
        return
    with pytest.raises(InvalidInput, match="would not show") as caught:
        list(foreign.rows(path))
    assert "take tools out" in str(caught.value.fix)


def test_ids_may_be_numbers(tmp_path: Path) -> None:
    """Most tables of others number their rows; training and validation read the numbers as text."""
    path = tmp_path / "rows.jsonl"
    made = [{"prompt": f"q{n}", "completion": f"a{n}", "id": n, "category": None} for n in (7, 8)]
    path.write_text("".join(json.dumps({**row, "document_id": 0.5}) + "\n" for row in made))
    assert [(row["id"], row["document_id"]) for row in rows(path)] == [("7", "0.5"), ("8", "0.5")]
    assert validate(path).counts == {"rows": 2}


@pytest.mark.parametrize("odd", [[1], {"n": 1}, True])
def test_an_id_that_is_no_name_is_refused_by_training_and_validation(
    tmp_path: Path, odd: object
) -> None:
    """Both say the same of it."""
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps({"prompt": "q", "completion": "a", "id": odd}) + "\n")
    for read in (lambda: list(rows(path)), lambda: validate(path)):
        with pytest.raises(InvalidInput) as error:
            read()
        assert "id is neither text nor a number" in str(error.value.why)


@pytest.mark.parametrize("ending", ["\r", "\r\n", "\n"])
@pytest.mark.parametrize("packed", [False, True])
def test_lines_may_end_as_on_any_system(tmp_path: Path, ending: str, packed: bool) -> None:
    """A carriage return alone ends a line for training and for validation; a mebibyte of rows has
    one at the edge of what is read at a time.
    """
    made = [{"prompt": f"q{n}", "completion": f"a{n}", "of": "x" * 25_000} for n in range(60)]
    data = "".join(json.dumps(row) + ending for row in made).encode()
    path = tmp_path / ("rows.jsonl.gz" if packed else "rows.jsonl")
    path.write_bytes(gzip.compress(data) if packed else data)
    assert len(list(rows(path))) == len(made)
    assert validate(path).counts == {"rows": len(made)}
    assert has_bare_returns(path) is (ending == "\r")


def test_a_carriage_return_at_the_edge_of_a_block_belongs_to_its_line_feed(tmp_path: Path) -> None:
    """Else a file of Windows would be taken for one with bare returns."""
    path = tmp_path / "rows.jsonl"
    path.write_bytes(b" " * ((1 << 20) - 1) + b"\r\n{}")
    assert not has_bare_returns(path)
