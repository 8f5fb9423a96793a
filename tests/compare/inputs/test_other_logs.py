"""Logs of lm-eval, inspect_ai and promptfoo in the forms in which those programs write them."""

from __future__ import annotations

import json
import math
import zipfile
from pathlib import Path
from typing import Any

import pytest
import zstandard

from secarch.compare.config import CompareConfig
from secarch.compare.inputs import inspect_log, sheet
from secarch.compare.inputs.scores import read_scores
from secarch.compare.stage import run as compare
from secarch.errors import InvalidInput, MissingInput
from secarch.evaluate.config import EvalConfig
from secarch.session import Session

STAMP = "2026-03-04T05-06-07.000008"


def log_row(number: int, **fields: Any) -> dict[str, Any]:
    """One row of lm-eval's log."""
    return {
        "doc_id": number,
        "doc": {"text": f"Page {number}"},
        "target": "x",
        "filter": "none",
        "resps": [],
        "filtered_resps": [],
        "doc_hash": f"{number:064x}",
        **fields,
    }


def write_lines(path: Path, rows: list[dict[str, Any]]) -> Path:
    """Write JSON lines."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def sample(number: int, value: Any, *, epoch: int = 1, **fields: Any) -> dict[str, Any]:
    """One sample as inspect_ai logs it."""
    return {
        "id": number,
        "epoch": epoch,
        "input": [{"id": f"random{epoch}", "role": "user", "content": f"What is {number}?"}],
        "target": "A",
        "output": {"model": "m", "completion": f"It is {number}.", "choices": []},
        "scores": {"accuracy_scorer": {"value": value, "answer": "A"}},
        **fields,
    }


def header(task: str = "cloud/controls") -> dict[str, Any]:
    """The head of inspect_ai's log."""
    return {"version": 2, "status": "success", "eval": {"task": task, "model": "m"}}


def eval_file(path: Path, samples: list[dict[str, Any]], task: str = "cloud/controls") -> Path:
    """A log in the zip form."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("_journal/start.json", json.dumps(header(task)))
        archive.writestr("header.json", json.dumps(header(task)))
        for one in samples:
            archive.writestr(f"samples/{one['id']}_epoch_{one['epoch']}.json", json.dumps(one))
        archive.writestr("summaries.json", "[]")
    return path


def result(number: int, score: float, **fields: Any) -> dict[str, Any]:
    """One result of promptfoo."""
    return {
        "promptIdx": 0,
        "testIdx": number,
        "provider": {"id": "openai:chat:small", "label": "small"},
        "vars": {"question": f"What is {number}?"},
        "testCase": {"vars": {"question": f"What is {number}?"}},
        "response": {"output": f"It is {number}."},
        "success": score > 0.5,
        "failureReason": 0 if score > 0.5 else 1,
        "error": None if score > 0.5 else "Expected output to contain x",
        "score": score,
        "namedScores": {"depth": score / 2},
        **fields,
    }


def promptfoo_file(path: Path, rows: list[dict[str, Any]], version: int = 3) -> Path:
    """A results file."""
    inner = {"version": version, "timestamp": "2026-01-01T00:00:00Z", "results": rows, "stats": {}}
    path.write_text(json.dumps({"evalId": "e", "results": inner, "config": {}}))
    return path


def values(arm: Any, metric: str) -> list[float | None]:
    """The values of a metric in the order of reading."""
    return [score.value for score in arm.scores[metric].values()]


def test_bits_per_byte_are_computed_from_nats_and_bytes(tmp_path: Path) -> None:
    """-nats / (bytes ln 2) of each document, and less is better; no bytes is no value."""
    rows = [
        log_row(0, metrics=["bits_per_byte"], bits_per_byte=[-10 * math.log(2), 5]),
        log_row(1, metrics=["bits_per_byte"], bits_per_byte=[-3.0, 0]),
        log_row(2, metrics=["bits_per_byte"], bits_per_byte=0.75),
    ]
    arm = read_scores(write_lines(tmp_path / "a.jsonl", rows))
    found = values(arm, "bits_per_byte")
    assert found[0] == pytest.approx(2.0)
    assert found[1:] == [None, 0.75]
    assert "bits_per_byte" in arm.lower


def test_older_logs_hold_bits_per_byte_without_naming_metrics(tmp_path: Path) -> None:
    """The pair counts as a metric there too."""
    path = write_lines(tmp_path / "a.jsonl", [log_row(0, bits_per_byte=[-math.log(2), 1])])
    assert values(read_scores(path), "bits_per_byte") == pytest.approx([1.0])


def test_the_parent_of_the_output_path_stands_for_its_one_model(tmp_path: Path) -> None:
    """`--output_path out` makes out/<model>/samples_*; either folder is read alike."""
    for task in ("one", "two"):
        name = f"samples_{task}_{STAMP}.jsonl"
        write_lines(tmp_path / "out" / "org__model" / name, [log_row(0, metrics=["acc"], acc=1.0)])
    parent = read_scores(tmp_path / "out")
    assert parent.scores == read_scores(tmp_path / "out" / "org__model").scores
    assert {key for key, _ in parent.scores["acc"]} == {"one/0", "two/0"}


def test_the_parent_of_several_models_names_them(tmp_path: Path) -> None:
    """Which one is meant is not guessed."""
    for model in ("a__b", "c__d"):
        name = f"samples_t_{STAMP}.jsonl"
        write_lines(tmp_path / model / name, [log_row(0, metrics=["acc"], acc=1.0)])
    with pytest.raises(InvalidInput, match="a__b, c__d"):
        read_scores(tmp_path)


def test_the_results_file_stands_for_the_logs_of_its_run(tmp_path: Path) -> None:
    """Those with its own time, and no older ones."""
    for stamp, value in ((STAMP, 1.0), ("2020-01-01T00-00-00.000000", 0.0)):
        name = f"samples_t_{stamp}.jsonl"
        write_lines(tmp_path / name, [log_row(0, metrics=["acc"], acc=value)])
    results = tmp_path / f"results_{STAMP}.json"
    results.write_text(json.dumps({"results": {"t": {"acc,none": 1.0}}, "configs": {}}))
    assert values(read_scores(results), "acc") == [1.0]


def test_the_results_file_without_logs_says_what_is_missing(tmp_path: Path) -> None:
    """Means by task are no scores by question."""
    results = tmp_path / f"results_{STAMP}.json"
    results.write_text(json.dumps({"results": {"t": {"acc,none": 1.0}}, "configs": {}}))
    with pytest.raises(InvalidInput, match="log_samples"):
        read_scores(results)


@pytest.mark.parametrize("form", ["eval", "json"])
def test_inspect_logs_are_read_in_both_forms(tmp_path: Path, form: str) -> None:
    """Letters, words, numbers and truth values; NaN and errors are unscored."""
    given = ["C", "I", "P", "N", "yes", "0.25", True, float("nan"), "A short text"]
    samples = [sample(number, value) for number, value in enumerate(given)]
    samples.append(sample(9, "C", error={"message": "timeout"}))
    path = tmp_path / f"log.{form}"
    if form == "eval":
        eval_file(path, samples)
    else:
        path.write_text(json.dumps({**header(), "samples": samples}))
    arm = read_scores(path)
    assert values(arm, "accuracy_scorer") == [1, 0, 0.5, 0, 1, 0.25, 1, None, None, None]
    reasons = [score.reason for score in arm.scores["accuracy_scorer"].values()]
    assert reasons[-3:] == [
        "left out by the scorer",
        "the value is text: A short text",
        "the sample ended with an error",
    ]
    assert {score.category for score in arm.scores["accuracy_scorer"].values()} == {"controls"}
    assert next(iter(arm.texts.values()))["text"] == "It is 0."


def test_a_sample_that_failed_before_its_scores_is_unscored(tmp_path: Path) -> None:
    """It is a question of the run all the same, and the reason is said."""
    failed = sample(2, "C", error={"message": "timeout"}, scores=None)
    arm = read_scores(eval_file(tmp_path / "a.eval", [failed, sample(3, "C")]))
    assert sorted(values(arm, "accuracy_scorer"), key=str) == [1.0, None]


def test_epochs_are_averaged_and_tables_are_metrics_of_their_own(tmp_path: Path) -> None:
    """An unscored epoch takes no part in the mean; ids of messages do not matter."""
    table = {"scores": {"s": {"value": {"safe": 1, "deep": 0.5}}}}
    samples = [
        sample(1, "C", epoch=1),
        sample(1, "I", epoch=2),
        sample(1, None, epoch=3),
        sample(2, 0, epoch=1, **table),
    ]
    arm = read_scores(eval_file(tmp_path / "a.eval", samples))
    assert values(arm, "accuracy_scorer") == [0.5]
    assert (values(arm, "s/safe"), values(arm, "s/deep")) == ([1], [0.5])


def test_a_folder_of_inspect_logs_is_one_side(tmp_path: Path) -> None:
    """The newest log of each task; tasks are categories."""
    eval_file(tmp_path / "2026-01-01T00-00-00_one_abc.eval", [sample(1, "I")], "one")
    eval_file(tmp_path / "2026-01-02T00-00-00_one_def.eval", [sample(1, "C")], "one")
    eval_file(tmp_path / "2026-01-01T00-00-00_two_ghi.eval", [sample(1, "I")], "two")
    found = read_scores(tmp_path).scores["accuracy_scorer"]
    assert {(s.question_id, s.value, s.category) for s in found.values()} == {
        ("one/1", 1.0, "one"),
        ("two/1", 0.0, "two"),
    }


def test_members_packed_with_zstandard_are_read(tmp_path: Path) -> None:
    """Newer logs pack so, which zipfile does not know before Python 3.14."""
    path = tmp_path / "a.eval"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("header.json", json.dumps(header()))
        raw = json.dumps(sample(1, "C")).encode()
        archive.writestr("samples/1_epoch_1.json", zstandard.ZstdCompressor().compress(raw))
    data = bytearray(path.read_bytes())
    member = data.rindex(b"PK\x03\x04"), data.rindex(b"PK\x01\x02", 0, data.rindex(b"PK\x05\x06"))
    for at, offset in zip(member, (8, 10), strict=True):
        data[at + offset : at + offset + 2] = (93).to_bytes(2, "little")
    path.write_bytes(data)
    assert values(read_scores(path), "accuracy_scorer") == [1.0]


def test_a_member_that_unpacks_too_far_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A small zip can hold gigabytes: reading stops at the limit, for one and for all members."""
    path = eval_file(tmp_path / "a.eval", [sample(1, "C", note="0" * 5_000), sample(2, "C")])
    monkeypatch.setattr(inspect_log, "MAX_MEMBER", 1_000)
    with pytest.raises(InvalidInput, match="too large"):
        read_scores(path)
    monkeypatch.setattr(inspect_log, "MAX_MEMBER", 100_000)
    monkeypatch.setattr(inspect_log, "MAX_UNPACKED", 5_100)
    with pytest.raises(InvalidInput, match="unpacked"):
        read_scores(path)


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"no zip", "no zip"),
        (b"", "no zip"),
    ],
)
def test_a_file_that_is_no_zip_is_named(tmp_path: Path, raw: bytes, said: str) -> None:
    """A broken download is an error of the input."""
    path = tmp_path / "a.eval"
    path.write_bytes(raw)
    with pytest.raises(InvalidInput, match=said):
        read_scores(path)


def test_damaged_members_and_other_zips_are_named(tmp_path: Path) -> None:
    """A member that is no JSON, a zip of something else, a log without samples."""
    path = tmp_path / "a.eval"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("header.json", json.dumps(header()))
        archive.writestr("samples/1_epoch_1.json", "{")
    with pytest.raises(InvalidInput, match=r"samples/1_epoch_1\.json"):
        read_scores(path)
    with zipfile.ZipFile(tmp_path / "b.eval", "w") as archive:
        archive.writestr("word/document.xml", "<x/>")
    with pytest.raises(InvalidInput, match="no log of inspect_ai"):
        read_scores(tmp_path / "b.eval")
    with pytest.raises(MissingInput, match="no samples"):
        read_scores(eval_file(tmp_path / "c.eval", []))


@pytest.mark.parametrize("version", [2, 3])
def test_promptfoo_results_are_read(tmp_path: Path, version: int) -> None:
    """Score, success and named scores; a failed assertion is a 0, an error is unscored."""
    rows = [
        result(0, 1.0),
        result(1, 0.25),
        result(2, 0.0, failureReason=2, error="API error: 500", response={"error": "500"}),
    ]
    arm = read_scores(promptfoo_file(tmp_path / "r.json", rows, version))
    assert values(arm, "score") == [1.0, 0.25, None]
    assert values(arm, "success") == [1.0, 0.0, None]
    assert values(arm, "depth") == [0.5, 0.125, None]
    assert [score.reason for score in arm.scores["score"].values()][2].startswith("error: 500")
    assert next(row["text"] for row in arm.texts.values()) == "It is 0."


def test_one_of_several_models_of_a_promptfoo_file_is_named(tmp_path: Path) -> None:
    """By label, id, or label and prompt; without a name the choices are listed."""
    other = {"provider": {"id": "openai:chat:large", "label": "large"}}
    rows = [result(0, 1.0), result(0, 0.5, **other), result(0, 0.75, promptIdx=1, **other)]
    path = promptfoo_file(tmp_path / "r.json", rows)
    assert values(read_scores(Path(f"{path}#small")), "score") == [1.0]
    assert values(read_scores(Path(f"{path}#openai:chat:small")), "score") == [1.0]
    assert values(read_scores(Path(f"{path}#large 1")), "score") == [0.75]
    with pytest.raises(InvalidInput, match="several models"):
        read_scores(path)
    with pytest.raises(InvalidInput, match="large 0, large 1"):
        read_scores(Path(f"{path}#large"))
    with pytest.raises(MissingInput, match="'huge'"):
        read_scores(Path(f"{path}#huge"))


def test_two_models_of_one_promptfoo_file_are_compared(session: Session, tmp_path: Path) -> None:
    """What promptfoo is used for: two providers over the same tests."""
    tuned = {"provider": {"id": "tuned"}}
    rows = [result(n, 0.1 + 0.01 * (n % 7)) for n in range(30)]
    rows += [result(n, 0.4 + 0.01 * (n % 5), **tuned) for n in range(30)]
    path = promptfoo_file(tmp_path / "r.json", rows)
    outcome = compare(
        CompareConfig(draws=500, primary="score"),
        EvalConfig(),
        session,
        base="",
        tuned=[],
        evaluations=None,
        scores=(Path(f"{path}#small"), Path(f"{path}#tuned")),
    )
    assert outcome.result["verdict"] == "BETTER"


def test_promptfoo_rows_are_read_from_json_lines(tmp_path: Path) -> None:
    """`--output results.jsonl` writes one result a line."""
    path = write_lines(tmp_path / "r.jsonl", [result(0, 1.0), result(1, 0.0)])
    assert values(read_scores(path), "score") == [1.0, 0.0]


def test_plain_rows_may_stand_in_one_json_list(tmp_path: Path) -> None:
    """A `.json` file with a list of rows is the same as JSON lines."""
    path = tmp_path / "a.json"
    path.write_text(json.dumps([{"id": "a", "value": 1}, {"id": "b", "value": None}]))
    assert values(read_scores(path), "score") == [1.0, None]
    path.write_text(json.dumps({"model": "m", "accuracy": 0.5}))
    with pytest.raises(InvalidInput, match="no scores by question"):
        read_scores(path)


def test_a_file_over_the_limit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before it is read, whatever its form."""
    monkeypatch.setattr(sheet, "MAX_BYTES", 10)
    for path in (
        eval_file(tmp_path / "a.eval", [sample(1, "C")]),
        promptfoo_file(tmp_path / "b.json", [result(0, 1.0)]),
    ):
        with pytest.raises(InvalidInput, match="too large"):
            read_scores(path)
