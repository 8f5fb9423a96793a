"""Continuous batching gives what one prompt at a time gives, whoever joins and leaves when."""

from __future__ import annotations

import asyncio
import math
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from secarch.errors import InvalidInput
from secarch.models.local import Model
from secarch.models.prompt import question_messages
from secarch.serve.engines.batch import Batch, Row, _chosen
from secarch.serve.engines.embedded import Embedded, Weights, shared_head
from secarch.serve.engines.protocol import Ask, EngineLost

QUESTIONS = [
    "How do I rotate keys?",
    "Why?",
    "Name the controls for a public bucket, and say which of them you would set first.",
    "Deny by default " * 12,
    "What is IMDSv2?",
]


@pytest.fixture(scope="module")
def model(tiny_base: Path) -> Model:
    return Model.load(tiny_base, quantization="none")


class _Asked:
    """One prompt in a batch, and what came of it."""

    def __init__(self, ids: list[int], max_tokens: int, **how: float) -> None:
        self.tokens: list[int] = []
        self.finish = ""
        self.row = Row(ids=ids, max_tokens=max_tokens, emit=self._take, **how)

    def _take(self, token: int, finish: str | None) -> None:
        assert not self.finish, "nothing comes after the end"
        if finish is None:
            self.tokens.append(token)
        else:
            self.finish = finish


def _prompts(model: Model) -> list[list[int]]:
    return [model.chat.prompt_ids(question_messages(q)) for q in QUESTIONS]


def _alone(model: Model, ids: list[int], n: int) -> tuple[list[int], str]:
    (found,) = model.generate([ids], n)
    return found.ids, found.finish


def _run(batch: Batch, most: int = 500) -> Iterator[int]:
    for n in range(most):
        if not len(batch):
            return
        batch.step()
        yield n
    raise AssertionError("the batch does not end")


@pytest.mark.parametrize("prefill", [7, 64, 512])
@pytest.mark.parametrize("head", [False, True])
def test_rows_that_join_and_leave_get_what_they_get_alone(
    model: Model, prefill: int, head: bool
) -> None:
    shared = shared_head(model.chat) if head else []
    batch = Batch(model, prefill_tokens=prefill, head=shared)
    source = random.Random(prefill)
    asked = [_Asked(ids, 3 + 5 * n) for n, ids in enumerate(_prompts(model) * 2)]
    waiting = list(asked)
    while waiting or len(batch):
        for _ in range(source.randrange(3)):
            if waiting:
                batch.add(waiting.pop(0).row)
        if len(batch):
            batch.step()
    for one in asked:
        wanted, finish = _alone(model, list(one.row.ids), one.row.max_tokens)
        assert (one.tokens, one.finish) == (wanted, finish)


def test_the_shared_head_is_the_system_prompt_and_is_read_once(model: Model) -> None:
    head = shared_head(model.chat)
    assert all(ids[: len(head)] == head for ids in _prompts(model))
    assert len(head) > 20
    batch = Batch(model, prefill_tokens=512, head=head)
    one = _Asked(_prompts(model)[0], 2)
    batch.add(one.row)
    assert batch.filling[0].done == len(head)
    other = _Asked([5, 6, 7], 2)
    batch.add(other.row)
    assert batch.filling[1].done == 0
    list(_run(batch))
    assert other.tokens == _alone(model, [5, 6, 7], 2)[0]


def test_a_long_prompt_is_read_in_pieces_while_others_go_on(model: Model) -> None:
    batch = Batch(model, prefill_tokens=8)
    first = _Asked([5, 6, 7], 40)
    batch.add(first.row)
    batch.step()
    long = _Asked(list(range(5, 61)), 2)
    batch.add(long.row)
    seen = [len(first.tokens)]
    while not long.tokens:
        batch.step()
        seen.append(len(first.tokens))
    assert len(seen) - 1 == 7  # 56 tokens in pieces of 8
    if not first.finish:
        assert seen == list(range(seen[0], seen[0] + 8))


def test_a_cancelled_row_leaves_within_a_step(model: Model) -> None:
    batch = Batch(model, prefill_tokens=512)
    asked = [_Asked(ids, 50) for ids in _prompts(model)[:3]]
    for one in asked:
        batch.add(one.row)
    batch.step()
    batch.step()
    written = len(asked[1].tokens)
    asked[1].row.cancelled = True
    batch.step()
    assert len(asked[1].tokens) == written
    assert asked[1].row not in batch.rows
    list(_run(batch))
    for one in (asked[0], asked[2]):
        assert one.tokens == _alone(model, list(one.row.ids), 50)[0]


def test_columns_that_nobody_needs_are_cut(model: Model) -> None:
    batch = Batch(model, prefill_tokens=512)
    long, short = _Asked(list(range(5, 95)), 1), _Asked([5, 6, 7], 30)
    batch.add(long.row)
    batch.add(short.row)
    batch.step()
    batch.step()
    if batch.rows:
        assert batch._seen.shape[1] < 12
        assert batch._cache.layers[0].keys.shape[2] == batch._seen.shape[1] - 1


def test_sampling_is_seeded_and_greedy_ignores_the_seed(model: Model) -> None:
    ids = _prompts(model)[0]

    def drawn(**how: float) -> list[int]:
        batch = Batch(model, prefill_tokens=512)
        one = _Asked(ids, 12, **how)
        batch.add(one.row)
        list(_run(batch))
        return one.tokens

    hot = {"temperature": 3.0}
    assert drawn(**hot, seed=1) == drawn(**hot, seed=1)
    assert len({tuple(drawn(**hot, seed=n)) for n in range(4)}) > 1
    greedy = _alone(model, ids, 12)[0]
    assert drawn(seed=3) == greedy
    assert drawn(**hot, seed=1, top_p=1e-9) == greedy


@pytest.mark.parametrize("how", [{"top_p": 0.0}, {"temperature": 1e-320}, {"temperature": 1e-9}])
def test_one_token_to_draw_is_the_likeliest(model: Model, how: dict[str, float]) -> None:
    one = _Asked(_prompts(model)[0], 6, **{"temperature": 2.0, **how})
    batch = Batch(model, prefill_tokens=512)
    batch.add(one.row)
    list(_run(batch))
    assert one.tokens == _alone(model, _prompts(model)[0], 6)[0]


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_logits_without_chances_do_not_end_a_step(value: float) -> None:
    row = Row(ids=[1], max_tokens=1, emit=lambda *_: None, temperature=1.0, top_p=0.5)
    assert 0 <= int(_chosen(torch.full((1, 5), value), [row])[0]) < 5


def test_a_step_that_fails_ends_its_own_answers_and_the_next_are_given(
    tiny_base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, failures = Batch.step, iter([True])

    def step(batch: Batch) -> None:
        if next(failures, False):
            raise RuntimeError("out of memory")
        real(batch)

    monkeypatch.setattr(Batch, "step", step)

    async def scene() -> None:
        engine = Embedded(Weights(base=tiny_base))
        await engine.start()
        ask = Ask(ids=engine.chat.prompt_ids(question_messages("Why?")), max_tokens=4)
        with pytest.raises(EngineLost):
            [piece async for piece in engine.generate(ask)]
        assert await engine.alive()
        pieces = [piece async for piece in engine.generate(ask)]
        assert pieces[-1].finish is not None
        await engine.stop()

    asyncio.run(scene())


def test_a_row_goes_on_past_the_end_if_it_is_told_to(model: Model) -> None:
    prompt = model.chat.prompt_ids([{"role": "user", "content": "Why?"}])
    (answer,) = model.generate([prompt], 1)
    first = answer.ids[0]
    for ignored, wanted in ((False, ["stop"]), (True, ["length"])):
        batch = Batch(model, prefill_tokens=512)
        batch.stops = frozenset({first})
        ends: list[str] = []
        made: list[int] = []

        def emit(
            token: int, finish: str | None, ends: list[str] = ends, made: list[int] = made
        ) -> None:
            ends.append(finish) if finish else made.append(token)

        batch.add(Row(ids=prompt, max_tokens=3, emit=emit, ignore_eos=ignored))
        while len(batch):
            batch.step()
        assert ends == wanted
        assert len(made) == (3 if ignored else 0)


def test_an_empty_prompt_and_an_unknown_cache_are_refused(
    model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = Batch(model, prefill_tokens=512)
    with pytest.raises(InvalidInput):
        batch.add(_Asked([], 1).row)
    monkeypatch.setattr(
        model.network.config, "layer_types", ["full_attention", "mamba"], raising=False
    )
    with pytest.raises(InvalidInput, match="embedded engine"):
        Batch(model, prefill_tokens=512)


def test_the_cache_does_not_grow_over_many_answers(model: Model) -> None:
    batch = Batch(model, prefill_tokens=512)
    endless = _Asked([5, 6, 7], 60)
    batch.add(endless.row)
    for n in range(30):
        batch.add(_Asked([5 + n, 9], 2).row)
        batch.step()
    list(_run(batch))
    assert batch._cache is None
