"""Likelihoods are lm-eval's to 1e-5 on the same model: letters, options by the byte, and whole
documents.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from secarch.errors import InvalidInput, MissingInput
from secarch.evaluate.ask import choices, held_out
from secarch.evaluate.config import EvalConfig
from secarch.evaluate.stage import run as evaluate
from secarch.models.prompt import SYSTEM
from secarch.session import Session
from secarch.suite import schema

OPTIONS = ["keys in the code", "a role for the workload", "one shared password", "no check at all"]
DOCUMENTS = [
    "Encrypt the log archive with a key of its own.",
    "Deny by default.\n\nThen allow what is needed. " * 130,
]


@pytest.fixture(scope="module")
def measured(tiny_base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An evaluation of eight multiple choices and two documents."""
    folder = tmp_path_factory.mktemp("likelihood")
    item = {"version": 1, "category": "aws", "kind": "mcq", "difficulty": 1, "choices": OPTIONS}
    rows = [
        {**item, "id": f"q-{n}", "answer": n % 4, "question": f"What fits {name} best?"}
        for n, name in enumerate(
            "pipelines,builds,servers,people,functions,jobs,queues,vendors".split(",")
        )
    ]
    (folder / "mcq.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (folder / "held.jsonl").write_text(
        "".join(json.dumps({"text": text}) + "\n" for text in DOCUMENTS)
    )
    config = EvalConfig(
        suites=(str(folder / "mcq.jsonl"),),
        max_new_tokens=2,
        quantization="none",
        held_out=str(folder / "held.jsonl"),
    )
    done = evaluate(
        config, Session(workspace=folder / "w", seed=5), model="base", base=str(tiny_base)
    )
    return Path(str(done.artifact))


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def mean(folder: Path, metric: str) -> float:
    return float(json.loads((folder / "summary.json").read_text())["metrics"][metric]["mean"])


def peer(tiny_base: Path) -> Any:
    """lm-eval's own model on the same weights."""
    huggingface = pytest.importorskip(
        "lm_eval.models.huggingface", reason="the extra 'bench' is not installed"
    )
    return huggingface.HFLM(pretrained=str(tiny_base), device="cpu", dtype="float32", batch_size=4)


def task(name: str, folder: Path, **more: Any) -> Any:
    from lm_eval.api.task import ConfigurableTask

    metrics = [
        {"metric": m, "aggregation": "mean", "higher_is_better": True}
        for m in ("acc", "acc_norm", "acc_bytes")
    ]
    return ConfigurableTask(
        config={
            "task": name,
            "dataset_path": "json",
            "dataset_kwargs": {"data_files": {"test": str(folder / f"{name}.jsonl")}},
            "test_split": "test",
            "output_type": "multiple_choice",
            "doc_to_text": "text",
            "doc_to_target": "target",
            "doc_to_choice": "options",
            "target_delimiter": "",
            "metric_list": metrics,
            **more,
        }
    )


def test_multiple_choices_equal_lm_eval(measured: Path, tiny_base: Path, tmp_path: Path) -> None:
    """Accuracy and each option's log-likelihood, by lm-eval's own task, chat template and all."""
    lm = peer(tiny_base)
    from lm_eval import simple_evaluate

    questions = schema.load([str(measured.parents[2] / "mcq.jsonl")]).questions
    with (
        (tmp_path / "letter.jsonl").open("w") as letter,
        (tmp_path / "cloze.jsonl").open("w") as cloze,
    ):
        for q in questions:
            shown = choices.order(q, 5)
            asked = {
                "text": choices.prompt(q, 5),
                "options": list("ABCD"),
                "target": shown.index(q.answer or 0),
            }
            letter.write(json.dumps(asked) + "\n")
            cloze.write(
                json.dumps({"text": q.question, "options": list(q.choices), "target": q.answer})
                + "\n"
            )
    found = simple_evaluate(
        lm,
        tasks=[task("letter", tmp_path), task("cloze", tmp_path)],
        apply_chat_template=True,
        system_instruction=SYSTEM,
        log_samples=True,
        bootstrap_iters=0,
    )
    assert found["results"]["letter"]["acc,none"] == pytest.approx(
        mean(measured, "mcq_letter"), abs=1e-5
    )
    assert found["results"]["cloze"]["acc_bytes,none"] == pytest.approx(
        mean(measured, "mcq_cloze"), abs=1e-5
    )
    for q, row, one, two in zip(
        questions,
        rows(measured / "likelihoods.jsonl"),
        found["samples"]["letter"],
        found["samples"]["cloze"],
        strict=True,
    ):
        theirs = [-float(r[0][0]) for r in one["resps"]]
        assert row["letters"] == pytest.approx(
            [theirs[choices.order(q, 5).index(n)] for n in range(4)], abs=1e-5
        )
        assert row["cloze"] == pytest.approx([-float(r[0][0]) for r in two["resps"]], abs=1e-5)


def test_documents_equal_lm_eval(measured: Path, tiny_base: Path) -> None:
    """Rolling log-likelihood, with a document that is longer than the context."""
    lm = peer(tiny_base)
    from lm_eval.api.instance import Instance

    asked = [
        Instance(request_type="loglikelihood_rolling", doc={}, arguments=(text,), idx=n)
        for n, text in enumerate(DOCUMENTS)
    ]
    theirs = [-value for value in lm.loglikelihood_rolling(asked, disable_tqdm=True)]
    found = rows(measured / "documents.jsonl")
    assert [row["nats"] for row in found] == pytest.approx(theirs, rel=1e-5)
    assert lm.max_length < len(lm.tok_encode(DOCUMENTS[1])), "the second is cut into windows"
    overall = json.loads((measured / "summary.json").read_text())["held_out"]
    size = sum(len(text.encode()) for text in DOCUMENTS)
    assert overall["bits_per_byte"] == pytest.approx(
        sum(theirs) / size / 0.6931471805599453, rel=1e-5
    )
    assert overall["byte_perplexity"] == pytest.approx(2 ** overall["bits_per_byte"], rel=1e-5)
    scored = [
        row for row in rows(measured / "scores.jsonl") if row["metric"] == "document_bits_per_byte"
    ]
    assert [row["question_id"] for row in scored] == ["document:1", "document:2"]


def test_documents_come_from_lines_and_from_data_sets(tmp_path: Path) -> None:
    """Text, or what the assistant says; the number of documents is bounded and ids are unique."""
    said = [{"role": "user", "content": "How?"}, {"role": "assistant", "content": "So."}]
    path = tmp_path / "test.jsonl"
    path.write_text(
        "".join(
            json.dumps(row) + "\n"
            for row in ({"id": "a", "messages": said}, {"id": "a", "text": "x"})
        )
    )
    assert [(d.id, d.text) for d in held_out.documents(str(tmp_path), 5)] == [
        ("a", "So."),
        ("a#2", "x"),
    ]
    assert len(held_out.documents(str(path), 1)) == 1
    assert held_out.documents("", 5) == ()


@pytest.mark.parametrize(
    ("content", "error"),
    [(None, MissingInput), ("", MissingInput), ('{"body": "x"}\n', InvalidInput)],
)
def test_documents_that_are_none_are_refused(
    tmp_path: Path, content: str | None, error: type[Exception]
) -> None:
    """Before anything is asked."""
    path = tmp_path / "held.jsonl"
    if content is not None:
        path.write_text(content)
    with pytest.raises(error):
        held_out.documents(str(path), 5)
