"""Suites are read strictly, and every digest moves with its content."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from secarch.errors import InvalidInput, MissingInput
from secarch.suite import parts, schema

ITEM = {
    "id": "aws-0001",
    "version": 1,
    "category": "aws",
    "kind": "open",
    "difficulty": 2,
    "question": "How?",
    "reference": "So.",
    "key_points": [{"id": "k1", "text": "p", "weight": 1, "any_of": ["a b"]}],
}


def written(path: Path, *items: dict[str, object]) -> str:
    """A JSONL suite with these questions."""
    path.write_text("".join(json.dumps(item) + "\n" for item in items))
    return str(path)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"colour": "red"}, "colour: there is no such field"),
        ({"kind": "riddle"}, "kind"),
        ({"difficulty": 5}, "difficulty"),
        ({"key_points": []}, "no key points"),
        ({"key_points": [{"id": "k1", "text": "p", "weight": 1}]}, "has no pattern"),
        (
            {"key_points": [{"id": "k1", "text": "p", "weight": 1, "any_of": ["(a"]}]},
            "is no regular expression",
        ),
        (
            {"key_points": [{"id": "k1", "text": "p", "weight": 1, "any_of": ["(a+)+b"]}]},
            "exponential",
        ),
        (
            {"key_points": [{"id": "k1", "text": "p", "weight": 1, "any_of": ["(a|aa)*b"]}]},
            "exponential",
        ),
        (
            {"key_points": [{"id": "k1", "text": "p", "weight": 1, "any_of": ["a" * 700]}]},
            "700 characters",
        ),
        ({"key_points": ITEM["key_points"] * 2}, "k1 is given twice"),  # type: ignore[operator]
        ({"kind": "mcq", "choices": ["x", "y"], "answer": 2}, "index of the right one"),
        ({"kind": "mcq", "choices": ["x", "y"], "answer": "C"}, "index of the right one"),
        ({"kind": "mcq", "choices": ["x", "X"], "answer": 0}, "'x' is given twice"),
        ({"choices": ["x", "y"], "answer": 1}, "choices and answer are for kind mcq"),
        ({"reference": ""}, "no reference"),
        (
            {"must_not": [{"id": "m1", "text": "t", "severity": "minor"}]},
            "m1 needs a pattern or the name",
        ),
    ],
)
def test_a_malformed_question_is_named(tmp_path: Path, change: dict[str, object], why: str) -> None:
    """The error says file, id and field, and exits 4."""
    path = written(tmp_path / "bad.jsonl", {**ITEM, **change})
    with pytest.raises(InvalidInput) as caught:
        schema.load([path])
    assert why in str(caught.value)
    assert "bad.jsonl: question aws-0001" in str(caught.value)
    assert caught.value.exit_code == 4


def test_a_doubled_id_is_refused_across_files(tmp_path: Path) -> None:
    """Ids are unique in everything that is asked together."""
    one, two = written(tmp_path / "a.jsonl", ITEM), written(tmp_path / "b.jsonl", ITEM)
    with pytest.raises(InvalidInput, match="two questions have one id"):
        schema.load([one, two])


def test_a_suite_that_is_not_there_says_which_are(tmp_path: Path) -> None:
    """The built-in names are listed."""
    with pytest.raises(MissingInput, match="core"):
        schema.load(["cor"])
    for name in ("", "a" * 5000, "a\0b"):
        with pytest.raises(MissingInput, match="there is no suite"):
            schema.load([name])
    with pytest.raises(MissingInput, match="no questions"):
        schema.load([str(tmp_path)])


def test_a_suite_is_found_by_name_and_by_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Absolute and relative paths name what they point at; a bare built-in name is never a folder
    that is around.
    """
    (tmp_path / "core").mkdir()
    path = written(tmp_path / "core" / "a.jsonl", ITEM)
    monkeypatch.chdir(tmp_path)
    for name in (path, str(tmp_path / "core"), "./core", "core/a.jsonl"):
        assert [q.id for q in schema.load([name]).questions] == ["aws-0001"]
    assert len(schema.load(["core"]).questions) > 1
    assert schema.load([str(schema.SUITES / "core")]).digest == schema.load(["core"]).digest


def test_a_newer_suite_asks_for_a_newer_program(tmp_path: Path) -> None:
    """Not a complaint about fields that this version does not know."""
    (tmp_path / "suite.yaml").write_text("schema: 2\nname: x\nnovelty: true\n")
    written(tmp_path / "a.jsonl", ITEM)
    with pytest.raises(InvalidInput, match="newer than this program"):
        schema.load([str(tmp_path)])


def test_a_header_or_a_line_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """A suite.yaml that is a list, and bytes that are no UTF-8, are malformed input and no
    crash.
    """
    (tmp_path / "suite.yaml").write_text("- 1\n")
    with pytest.raises(InvalidInput, match="no table"):
        schema.load([str(tmp_path)])
    (tmp_path / "a.jsonl").write_bytes(b"{}\n\xff\xfe\n")
    with pytest.raises(InvalidInput, match="not JSON"):
        schema.load([str(tmp_path / "a.jsonl")])


def test_a_folder_of_one_s_own_needs_no_header(tmp_path: Path) -> None:
    """YAML and JSONL files of a folder are one suite, named by the folder."""
    folder = tmp_path / "My Suite"
    folder.mkdir()
    written(folder / "a.jsonl", ITEM)
    (folder / "b.yaml").write_text(json.dumps([{**ITEM, "id": "aws-0002"}]))
    found = schema.load([str(folder)])
    assert (found.name, [q.id for q in found.questions]) == ("my-suite", ["aws-0001", "aws-0002"])


def test_yaml_and_jsonl_give_one_digest(tmp_path: Path) -> None:
    """The digest is of the content, whatever the form and the order."""
    other = {**ITEM, "id": "aws-0002"}
    yaml = tmp_path / "a.yaml"
    yaml.write_text(json.dumps([other, ITEM]))
    lines = schema.load([written(tmp_path / "a.jsonl", ITEM, other)])
    assert schema.load([str(yaml)]).digest == lines.digest


def test_any_change_of_a_question_moves_its_hash_and_the_digest(tmp_path: Path) -> None:
    """Scores of an older wording are never taken for those of a newer one."""
    one = schema.load([written(tmp_path / "a.jsonl", ITEM)])
    two = schema.load([written(tmp_path / "b.jsonl", {**ITEM, "reference": "Thus."})])
    assert one.questions[0].sha256 != two.questions[0].sha256
    assert one.digest != two.digest


def test_smoke_keeps_the_tagged(tmp_path: Path) -> None:
    """And a suite without any is an error, not an empty run."""
    path = written(tmp_path / "a.jsonl", ITEM, {**ITEM, "id": "aws-0002", "tags": ["smoke"]})
    assert [q.id for q in schema.load([path], smoke=True).questions] == ["aws-0002"]
    with pytest.raises(MissingInput):
        schema.load([written(tmp_path / "b.jsonl", ITEM)], smoke=True)


def test_a_multiple_choice_names_its_answer_by_index_or_letter(tmp_path: Path) -> None:
    """Both are one question; no reference and no key points are needed."""
    item = {name: ITEM[name] for name in ("id", "version", "category", "difficulty", "question")}
    item |= {"kind": "mcq", "choices": ["x", "y", "z"]}
    by_index = schema.load([written(tmp_path / "a.jsonl", {**item, "answer": 1})])
    by_letter = schema.load([written(tmp_path / "b.jsonl", {**item, "answer": "B"})])
    assert by_index.digest == by_letter.digest
    assert by_letter.questions[0].answer == 1


def test_a_field_left_at_its_default_moves_no_hash(tmp_path: Path) -> None:
    """So a schema that grows leaves the questions that are there what they were."""
    one = schema.load([written(tmp_path / "a.jsonl", ITEM)])
    two = schema.load([written(tmp_path / "b.jsonl", {**ITEM, "tags": [], "licence": ""})])
    assert one.digest == two.digest


def test_a_suite_that_was_read_is_taken_from_the_cache(
    tmp_path: Path, cache_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Equal bytes give equal questions without a pattern being checked again; other bytes are read
    anew, a damaged entry too, and a cache that cannot be written costs nothing but time.
    """
    path = tmp_path / "little.yaml"
    rows = [
        {
            "id": "q1",
            "version": 1,
            "category": "iam",
            "kind": "open",
            "difficulty": 1,
            "question": "?",
            "reference": "Require it.",
            "valid_from": "2026-01-02",
            "key_points": [{"id": "k1", "text": "t", "weight": 1, "any_of": ["require"]}],
        }
    ]
    path.write_text(json.dumps(rows))
    before = set((cache_home / "secarch" / "suites").glob("*"))
    first = schema.load([str(path)])
    (entry,) = set((cache_home / "secarch" / "suites").glob("*")) - before
    schema._parsed.cache_clear()
    with monkeypatch.context() as context:
        context.setattr(parts, "bounded", lambda _: pytest.fail("checked again"))
        again = schema.load([str(path)])
    assert again.questions == first.questions
    assert again.digest == first.digest
    entry.write_bytes(b"[{]")
    schema._parsed.cache_clear()
    assert schema.load([str(path)]).digest == first.digest
    rows[0]["key_points"][0]["any_of"] = ["(a+)+"]
    path.write_text(json.dumps(rows))
    with pytest.raises(InvalidInput, match="exponential"):
        schema.load([str(path)])
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "little.yaml"))
    rows[0]["key_points"][0]["any_of"] = ["other"]
    path.write_text(json.dumps(rows))
    assert schema.load([str(path)]).questions[0].key_points[0].any_of == ("other",)


def test_the_shipped_suite_needs_no_c_library_to_be_read() -> None:
    """A question mark in a flow mapping is read by libyaml unquoted, and refused by PyYAML's own
    reader, which is all that some machines have.
    """
    folder = Path(schema.__file__).parent / "data"
    lines = [
        line.strip().removeprefix("- ")
        for path in folder.rglob("*.yaml")
        for line in path.read_text("utf-8").splitlines()
        if line.lstrip().startswith("- {") and line.endswith("}") and "?" in line
    ]
    assert len(lines) > 20
    for line in lines:
        yaml.load(line, Loader=yaml.SafeLoader)  # raises if it cannot be read


def test_all_missing_fields_are_named_at_once(tmp_path: Path) -> None:
    """Whoever writes a first question learns in one go what it needs, beside what is wrong."""
    path = written(tmp_path / "bad.jsonl", {"id": "a", "question": "How?", "colour": "red"})
    with pytest.raises(InvalidInput) as caught:
        schema.load([path])
    assert "missing: version, category, kind, difficulty" in str(caught.value)
    assert "colour: there is no such field" in str(caught.value)
