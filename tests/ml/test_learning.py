"""What training does to a model: it learns what the data says, and from noise it learns nothing."""

import json
import math
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from secarch.demo.base import build
from secarch.demo.config import DemoConfig
from secarch.models.local import Model
from secarch.models.prompt import SYSTEM
from secarch.session import Session
from secarch.train.config import TrainConfig
from secarch.train.stage import run as fit

pytestmark = pytest.mark.slow

RULES = {
    "buckets": "Block public access on every bucket, and encrypt it with a customer managed key.",
    "clusters": "Bind roles to namespaces, drop privileges of pods, and deny traffic by default.",
    "accounts": "Give people roles instead of users, ask for a second factor, and rotate what is "
    "left.",
    "networks": "Put databases into private subnets, and let traffic out through an inspected "
    "egress.",
}
WHEN = (
    "at first",
    "every day",
    "in audits",
    "for teams",
    "at night",
    "in a hurry",
    "when it grows",
    "after a breach",
)

Answers = Callable[[str, random.Random], str]


def _true(answer: str, _rng: random.Random) -> str:
    return answer


def _noise(answer: str, rng: random.Random) -> str:
    """The same letters in no order."""
    return "".join(rng.sample(answer, len(answer)))


def _rows(whens: tuple[str, ...], change: Answers) -> list[dict[str, Any]]:
    rng = random.Random(7)
    rows = []
    for when in whens:
        for subject, rule in RULES.items():
            content = change(f"{when.capitalize()}: {rule}", rng)
            question = f"How do I secure {subject} {when}?"
            messages = [("system", SYSTEM), ("user", question), ("assistant", content)]
            row = {"messages": [{"role": role, "content": text} for role, text in messages]}
            rows.append({**row, "id": f"{subject} {when}", "document_id": f"{subject} {when}"})
    return rows


def _trained(base: Path, folder: Path, change: Answers) -> Path:
    data = folder / "data"
    data.mkdir()
    for name, whens in (("train", WHEN[:6]), ("validation", WHEN[6:])):
        text = "".join(
            json.dumps(row) + "\n" for row in _rows(whens, change if name == "train" else _true)
        )
        (data / f"{name}.jsonl").write_text(text, encoding="utf-8")
    config = TrainConfig(
        base=str(base),
        name="t",
        max_steps=60,
        micro_batch=4,
        global_batch=4,
        learning_rate=1e-2,
        max_length=256,
        eval_steps=60,
        save_steps=60,
        lora={"r": 16, "alpha": 16, "dropout": 0.0},
    )
    return Path(str(fit(config, Session(workspace=folder), dataset=data).artifact))


def _bits_per_byte(model: Model) -> list[float]:
    """Bits per UTF-8 byte of each held-out answer."""
    out = []
    for row in _rows(WHEN[6:], _true):
        *question, answer = row["messages"]
        continuation = model.chat.plain_ids(answer["content"])
        nats = model.log_likelihood([(model.chat.prompt_ids(question), continuation)])[0]
        out.append(-nats / math.log(2) / len(answer["content"].encode()))
    return out


@pytest.fixture(scope="module")
def base(cache_home: Path) -> Path:
    """Wider than what other tests use: wide enough to learn from a few dozen rows."""
    shape = DemoConfig(vocabulary=1024, hidden=128, layers=2, steps=120, batch=8, context=128)
    return build(shape, seed=0)[0]


@pytest.fixture(scope="module")
def tuned(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Model:
    run = _trained(base, tmp_path_factory.mktemp("true"), _true)
    return Model.load(base, quantization="nf4", adapter=run)


def test_the_tuned_model_beats_its_base_on_every_held_out_answer(tuned: Model) -> None:
    """Bits per byte fall on questions that were not trained on."""
    after = _bits_per_byte(tuned)
    with tuned.without_adapter():
        before = _bits_per_byte(tuned)
    gains = [b - a for a, b in zip(after, before, strict=True)]
    assert min(gains) > 0
    assert sum(gains) / len(gains) > 0.25


def test_it_learnt_to_stop(tuned: Model) -> None:
    """The stop token was trained, so an answer ends by itself."""
    rows = _rows(WHEN[:1], _true)
    answers = tuned.generate([tuned.chat.prompt_ids(row["messages"][:-1]) for row in rows], 200)
    assert {answer.finish for answer in answers} == {"stop"}


def test_golden_prompts_stay_what_they_are(tuned: Model) -> None:
    """The same answers alone, in a batch and again: what is reviewed once can be relied on."""
    asked = [tuned.chat.prompt_ids(row["messages"][:-1]) for row in _rows(WHEN[6:], _true)]
    together = [answer.ids for answer in tuned.generate(asked, 40)]
    assert together == [answer.ids for answer in tuned.generate(asked, 40)]
    assert together == [tuned.generate([one], 40)[0].ids for one in asked]
    with tuned.without_adapter():
        assert all(a != b.ids for a, b in zip(together, tuned.generate(asked, 40), strict=True))
    assert together == [answer.ids for answer in tuned.generate(asked, 40)]


def test_letters_in_no_order_teach_nothing(base: Path, tmp_path: Path) -> None:
    """Trained on shuffled answers, a model is no better than its base on true ones."""
    model = Model.load(base, quantization="nf4", adapter=_trained(base, tmp_path, _noise))
    after = _bits_per_byte(model)
    with model.without_adapter():
        before = _bits_per_byte(model)
    assert sum(after) >= sum(before)
