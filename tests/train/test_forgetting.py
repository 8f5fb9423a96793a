"""Guard suites: what a run forgot is measured item by item, adapter off and on."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from secarch.artifact import open_artifact, seal
from secarch.compare.output import forgotten
from secarch.errors import InvalidInput, MissingInput
from secarch.models.chat_template import Chat
from secarch.session import Session
from secarch.train.config import TrainConfig
from secarch.train.forgetting import change, likeliest, opened, scored
from secarch.train.stage import run as fit

QUESTIONS = [
    {
        "id": f"general-{n}",
        "kind": "mcq",
        "version": 1,
        "difficulty": 1,
        "category": "general",
        "question": f"What is {n} and {n}?",
        "choices": [str(2 * n), str(2 * n + 1), str(2 * n + 3)],
        "answer": 0,
    }
    for n in range(1, 7)
]
DOCUMENTS = {
    "tea.md": "# Tea\n\nPour hot water over the leaves and wait three minutes.",
    "rain.txt": "Rain falls where warm air rises and cools.",
    "empty.txt": " \n",
}


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("suites") / "sums.jsonl"
    path.write_text("\n".join(map(json.dumps, QUESTIONS)), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("general")
    for name, text in DOCUMENTS.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def chat(tiny_base: Path) -> Chat:
    return Chat.load(tiny_base)


def test_suites_are_choices_or_documents(chat: Chat, suite: Path, documents: Path) -> None:
    """By what is in them; blank documents are skipped, and rows with text are documents too."""
    rows = documents.parent / "rows.jsonl"
    rows.write_text('{"text": "Salt dissolves."}\n{"text": "Ice floats.", "id": "i"}')
    config = TrainConfig(guard_suites=(str(suite), str(documents), str(rows)))
    sums, texts, more = opened(config, chat)
    assert (sums.name, sums.metric, len(sums.items)) == ("sums", "accuracy", 6)
    assert (texts.metric, len(texts.items)) == ("nats per token", 2)
    assert [item.id for item in more.items] == ["i", "rows.jsonl:000001"]
    assert texts.lower_is_better
    assert not sums.lower_is_better
    assert len({guard.digest for guard in (sums, texts, more)}) == 3


def test_what_guards_nothing_is_refused_before_anything_is_loaded(
    chat: Chat, suite: Path, tmp_path: Path
) -> None:
    """Open questions, an unknown name, one suite twice."""
    with pytest.raises(MissingInput):
        opened(TrainConfig(guard_suites=("no-such-suite",)), chat)
    with pytest.raises(InvalidInput, match="two guard suites are called sums"):
        opened(TrainConfig(guard_suites=(str(suite), str(suite))), chat)
    path = tmp_path / "open.jsonl"
    asked = {"id": "a", "version": 1, "difficulty": 1, "kind": "benign", "category": "general"}
    asked = {**asked, "question": "What is tea?"}
    path.write_text(json.dumps(asked))
    with pytest.raises(InvalidInput, match="neither multiple-choice"):
        opened(TrainConfig(guard_suites=(str(path),)), chat)


def test_the_likeliest_option_is_so_by_its_length() -> None:
    """Long options are not worse for being long; of equals the first."""
    assert likeliest([-4.0, -10.0], [4, 20]) == 1
    assert likeliest([-4.0, -10.0], [4, 8]) == 0
    assert likeliest([-2.0, -2.0], [1, 1]) == 0


class _Fixed:
    """A model with fixed nats, before and after."""

    def __init__(self) -> None:
        self.off = False

    def without_adapter(self) -> Any:
        model = self

        class Off:
            def __enter__(self) -> None:
                model.off = True

            def __exit__(self, *_: object) -> None:
                model.off = False

        return Off()

    def log_likelihood(self, pairs: list[Any]) -> list[float]:
        right_first = [-1.0, -9.0, -9.0]
        return (right_first if self.off else right_first[::-1]) * (len(pairs) // 3)

    def rolling(self, texts: list[list[int]]) -> list[float]:
        return [-len(ids) * (2.0 if self.off else 2.0 + n) for n, ids in enumerate(texts)]


def test_the_change_is_paired_and_has_an_interval(chat: Chat, suite: Path, documents: Path) -> None:
    """Accuracy falls from 1 to 0 at every item; nats rise by 0 and 1."""
    guards = opened(TrainConfig(guard_suites=(str(suite), str(documents))), chat)
    fixed: Any = _Fixed()
    sums, texts = scored(fixed, guards)
    assert (sums["before"], sums["after"], sums["change"]) == (1.0, 0.0, -1.0)
    assert (sums["n"], sums["low"], sums["high"]) == (6, -1.0, -1.0)
    assert (texts["before"], texts["after"]) == (2.0, 2.5)
    assert texts["change"] == pytest.approx(0.5)
    assert texts["low"] < 0 < texts["high"]
    assert change(sums) == "-1.0000 (95% -1.0000 to -1.0000)"
    assert "unknown" in change({**sums, "low": None, "high": None})


def test_a_run_says_what_it_forgot(
    config: Callable[..., TrainConfig], dataset: Path, suite: Path, documents: Path, tmp_path: Path
) -> None:
    """In guard.json, card and report; the suites are part of what the run is."""
    settings = config(max_steps=4, samples=1, guard_suites=[str(suite), str(documents)])
    session = Session(workspace=tmp_path / "ws")
    outcome = fit(settings, session, dataset=dataset)
    run = open_artifact(Path(str(outcome.artifact)), "run")
    rows = json.loads(run.file("guard.json").read_text(encoding="utf-8"))["suites"]
    assert [row["name"] for row in rows] == ["sums", documents.name]
    assert rows[1]["before"] != rows[1]["after"]
    assert rows[1]["low"] <= rows[1]["change"] <= rows[1]["high"]
    assert outcome.result["guards"] == rows
    card = (run.path / "README.md").read_text(encoding="utf-8")
    assert "## What it forgot" in card
    assert change(rows[1]) in card
    page = (run.path / "report.html").read_text(encoding="utf-8")
    assert "What it forgot" in page
    assert "Sample answers" in page
    assert "with the adapter" in page
    assert "Hardware" in page
    assert [guard["name"] for guard in run.manifest.config["guards"]] == ["sums", documents.name]


def test_a_comparison_has_the_guard_suites_of_the_run(tmp_path: Path) -> None:
    """Above 0 is better whichever way the metric runs; found through an export as well."""
    session = Session(workspace=tmp_path)
    place = session.runs / "r"
    place.mkdir(parents=True)
    row = {
        "name": "tea",
        "metric": "nats per token",
        "lower_is_better": True,
        "n": 9,
        "before": 2.0,
        "after": 2.5,
        "change": 0.5,
        "low": 0.2,
        "high": 0.8,
    }
    (place / "guard.json").write_text(json.dumps({"schema": 1, "suites": [row]}))
    run = seal(place, kind="run", parents=["d"], config={}, counts={}, files=["guard.json"])
    other = session.exports / "e"
    other.mkdir(parents=True)
    (other / "x.json").write_text("{}")
    export = seal(
        other, kind="export", parents=[run.digest], config={}, counts={}, files=["x.json"]
    )

    class Arm:
        def __init__(self, parent: str) -> None:
            self.parents = [parent]

    for parent in (run.digest, export.digest):
        arm: Any = Arm(parent)
        (found,) = forgotten(session, arm)
        assert (found.suite, found.base, found.tuned, found.delta) == ("tea", 2.0, 2.5, -0.5)
        assert (found.low, found.high) == (-0.8, -0.2)
    stranger: Any = Arm("nobody")
    assert forgotten(session, stranger) == ()
