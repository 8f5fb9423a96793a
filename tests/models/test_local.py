"""A loaded model writes and scores as the library's own, whatever it is batched with."""

import json
import math
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, BitsAndBytesConfig

from secarch.errors import InvalidInput, Mismatch, MissingModel, PrerequisiteError
from secarch.files import write_json
from secarch.models.local import (
    Model,
    check_device,
    faster_dtype,
    keep_weights_as_loaded,
    load_base,
    unfold,
)
from secarch.models.prompt import question_messages
from secarch.models.weights import fingerprint

QUESTIONS = [
    "What is a class?",
    (
        "What does the language reference say about exceptions and the way in which they are "
        "raised and handled?"
    ),
    "Why?",
    "How are operators and their operands evaluated, from left to right?",
]


@pytest.fixture(scope="module")
def model(tiny_base: Path) -> Model:
    return Model.load(tiny_base, quantization="none")


@pytest.fixture(scope="module")
def prompts(model: Model) -> list[list[int]]:
    return [model.chat.prompt_ids(question_messages(question)) for question in QUESTIONS]


@pytest.fixture(scope="module")
def adapter(tiny_base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An adapter with random weights in both halves, so that it changes what the base says."""
    torch.manual_seed(1)
    network = get_peft_model(
        load_base(tiny_base, "none", torch.float32), LoraConfig(r=4, target_modules="all-linear")
    )
    for name, parameter in network.named_parameters():
        if "lora_B" in name:
            parameter.data.normal_(std=0.5)
    folder = tmp_path_factory.mktemp("adapter")
    network.save_pretrained(folder)
    return folder


def test_answers_equal_those_of_transformers(
    tiny_base: Path, model: Model, prompts: list[list[int]]
) -> None:
    """Greedy decoding gives the library's tokens, prompt by prompt."""
    theirs = AutoModelForCausalLM.from_pretrained(tiny_base, dtype=torch.float32).eval()
    for prompt, ours in zip(prompts, model.generate(prompts, 24), strict=True):
        ids = torch.tensor([prompt])
        out = theirs.generate(
            ids, attention_mask=torch.ones_like(ids), max_new_tokens=24, do_sample=False
        )[0, len(prompt) :]
        written = [i for i in out.tolist() if i not in model.chat.stop_ids]
        assert ours.ids == written


def test_a_batch_answers_as_each_prompt_alone(model: Model, prompts: list[list[int]]) -> None:
    """Padding and neighbours, also those that have left, have no part in an answer."""
    alone = [model.generate([prompt], 40)[0] for prompt in prompts]
    assert model.generate(prompts, 40) == alone


def test_rows_end_at_a_stop_token_and_leave_the_batch(
    tiny_base: Path, adapter: Path, prompts: list[list[int]]
) -> None:
    """With a token of theirs as stop, rows end at different steps; the others go on as before."""
    model = Model.load(tiny_base, quantization="none", adapter=adapter)
    free = [row.ids for row in model.generate(prompts, 30)]
    ends = {
        token: [ids.index(token) if token in ids else 30 for ids in free]
        for ids in free
        for token in ids
    }
    stop = max(ends, key=lambda token: len(set(ends[token])))
    assert len(set(ends[stop])) > 1
    model.chat.__dict__["stop_ids"] = (stop,)
    for before, after in zip(free, model.generate(prompts, 30), strict=True):
        assert after.ids == (before[: before.index(stop)] if stop in before else before)
        assert after.finish == ("stop" if stop in before else "length")


def test_the_limit_of_new_tokens_is_kept(model: Model, prompts: list[list[int]]) -> None:
    """A row that does not stop says so."""
    assert [(len(row.ids) <= 3, row.finish) for row in model.generate(prompts[:1], 3)] == [
        (True, "length")
    ]


def test_empty_requests(model: Model) -> None:
    """No prompts, no answers; an empty prompt is an error and no crash in the library."""
    assert model.generate([], 5) == []
    with pytest.raises(InvalidInput):
        model.generate([[]], 5)
    with pytest.raises(InvalidInput):
        model.log_likelihood([([], [5])])


def test_likelihood_equals_the_sum_of_log_softmax(model: Model, prompts: list[list[int]]) -> None:
    """Nats of a continuation are what a plain forward pass gives, batched or not."""
    continuation = model.chat.plain_ids("An exception is raised where an error is detected.")
    pairs = [(prompt, continuation[: n + 1]) for n, prompt in enumerate(prompts)] + [
        (prompts[0], [])
    ]
    batched = model.log_likelihood(pairs)
    for (prompt, rest), nats in zip(pairs, batched, strict=True):
        with torch.no_grad():
            logits = model.network(torch.tensor([prompt + rest])).logits[0].log_softmax(-1)
        want = sum(float(logits[len(prompt) + n - 1, token]) for n, token in enumerate(rest))
        assert nats == pytest.approx(want, abs=1e-4)
    assert batched[-1] == 0.0
    assert model.log_likelihood(pairs[:1])[0] == pytest.approx(batched[0], abs=1e-5)


def test_likelihood_of_all_tokens_sums_to_one(model: Model, prompts: list[list[int]]) -> None:
    """Over the whole vocabulary the probabilities of the next token sum to one."""
    pairs = [(prompts[2], [token]) for token in range(model.chat.tokenizer.get_vocab_size())]
    assert sum(math.exp(x) for x in model.log_likelihood(pairs)) == pytest.approx(1, abs=1e-3)


def test_letters_of_one_question_are_read_once(
    model: Model, prompts: list[list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows that differ in their last token alone are one row to the network, each with its own
    nats; what is longer, comes after another prompt or is empty stands apart.
    """
    letters = [model.chat.plain_ids(letter)[0] for letter in "ABCD"]
    text = model.chat.plain_ids("An exception is raised where an error is detected.")
    pairs = [(prompts[0], [token]) for token in letters]
    pairs += [(prompts[1], [*text[:2], token]) for token in letters]
    pairs += [(prompts[0], text), (prompts[1], [letters[2]]), (prompts[0], [letters[1]])]
    pairs += [(prompts[1], [])]
    apart = [model.log_likelihood([pair])[0] for pair in pairs]
    read, forward = [], model.network.forward

    def counted(**given: Any) -> Any:
        read.append(len(given["input_ids"]))
        return forward(**given)

    monkeypatch.setattr(model.network, "forward", counted)
    assert model.log_likelihood(pairs) == pytest.approx(apart, abs=1e-5)
    assert sum(read) == 5
    assert len({round(value, 6) for value in apart[:8]}) == 8


def test_nf4_on_a_cpu_holds_the_numbers_of_bitsandbytes(tiny_base: Path) -> None:
    """The dense layers that serve on a CPU compute what the 4-bit ones do, and not what the base
    did.
    """
    quantised = BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=torch.float32,
    )
    theirs = AutoModelForCausalLM.from_pretrained(
        tiny_base, quantization_config=quantised, dtype=torch.float32
    )
    keep_weights_as_loaded(theirs)
    ids = torch.arange(20)[None]
    with torch.no_grad():
        want = theirs.eval()(ids).logits
        ours = Model.load(tiny_base, quantization="nf4").network(ids).logits
        plain = Model.load(tiny_base, quantization="none").network(ids).logits
    assert torch.allclose(ours, want, atol=1e-4)
    assert not torch.allclose(plain, want, atol=1e-2)


def test_an_evaluation_does_not_change_the_base(tiny_base: Path) -> None:
    """A forward pass in eval mode leaves the 4-bit weights as they were loaded."""
    network = load_base(tiny_base, "nf4", torch.bfloat16)
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    with torch.no_grad():
        network(torch.arange(20)[None])
    after = network.state_dict()
    assert before.keys() == after.keys()
    assert all(torch.equal(after[name], tensor) for name, tensor in before.items())


def test_without_its_adapter_a_model_is_its_base(
    tiny_base: Path, adapter: Path, prompts: list[list[int]]
) -> None:
    """Base and tuned model are one set of weights: off is the base to the last bit, on is not."""
    base = Model.load(tiny_base, quantization="nf4")
    tuned = Model.load(tiny_base, quantization="nf4", adapter=adapter)
    pairs = [(prompt, [40, 41, 42]) for prompt in prompts]
    with tuned.without_adapter():
        assert tuned.log_likelihood(pairs) == base.log_likelihood(pairs)
        assert tuned.generate(prompts, 8) == base.generate(prompts, 8)
    assert tuned.log_likelihood(pairs) != base.log_likelihood(pairs)
    with base.without_adapter():
        assert base.generate(prompts[:1], 4)


def test_the_adapter_is_part_of_the_fingerprint(tiny_base: Path, adapter: Path) -> None:
    """A tuned model is another model than its base."""
    assert fingerprint(tiny_base, adapter) != fingerprint(tiny_base)


def test_an_adapter_of_another_base_is_refused(
    tiny_base: Path, adapter: Path, tmp_path: Path
) -> None:
    """Shapes that do not fit are a mismatch, and no traceback of the library."""
    from safetensors.torch import load_file, save_file

    shutil.copytree(adapter, tmp_path / "a")
    tensors = load_file(adapter / "adapter_model.safetensors")
    save_file(
        {k: torch.zeros(v.shape[0] + 1, v.shape[1] + 1) for k, v in tensors.items()},
        tmp_path / "a/adapter_model.safetensors",
    )
    with pytest.raises(Mismatch, match="does not fit"):
        Model.load(tiny_base, quantization="none", adapter=tmp_path / "a")
    with pytest.raises(MissingModel):
        Model.load(tiny_base, quantization="none", adapter=tmp_path)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_large_base_without_a_gpu_is_refused(
    tiny_base: Path, tmp_path: Path, fake_weights: Callable[..., None]
) -> None:
    """Above 300 million parameters a CPU is no place to train or evaluate: exit 3, before anything
    is loaded.
    """
    shutil.copy(tiny_base / "config.json", tmp_path)
    fake_weights(tmp_path / "model.safetensors", {"w": [40_000, 10_000]})
    with pytest.raises(PrerequisiteError, match="no CUDA GPU") as caught:
        check_device(tmp_path)
    assert caught.value.exit_code == 3


def test_an_unknown_architecture_is_refused(tiny_base: Path, tmp_path: Path) -> None:
    """Code that a model's folder brings along is never run."""
    shutil.copytree(tiny_base, tmp_path / "m")
    config = '{"model_type": "brand_new", "auto_map": {"AutoModelForCausalLM": "evil.Model"}}'
    (tmp_path / "m" / "config.json").write_text(config, encoding="utf-8")
    (tmp_path / "m" / "evil.py").write_text("raise SystemExit(99)", encoding="utf-8")
    with pytest.raises(InvalidInput, match="cannot be loaded"):
        Model.load(tmp_path / "m", quantization="none")


@pytest.mark.slow
def test_the_faster_dtype_is_probed_once(cache_home: Path) -> None:
    """What was found is kept, so that two runs of one seed multiply alike; a torn note is probed
    again.
    """
    first = faster_dtype()
    (note,) = (cache_home / "secarch").glob("dtype-*.json")
    assert json.loads(note.read_text(encoding="utf-8")) == {"bf16": first == torch.bfloat16}
    write_json(note, {"bf16": first != torch.bfloat16})
    assert faster_dtype() != first
    note.write_text("{", encoding="utf-8")
    assert faster_dtype() == first


def test_a_base_that_is_stored_in_four_bits_can_be_saved_dense(
    tiny_base: Path, tmp_path: Path
) -> None:
    """As an export of such a base is: transformers knows no way back from its own conversion."""
    folded, dense = tmp_path / "folded", tmp_path / "dense"
    four = BitsAndBytesConfig(load_in_4bit=True, bnb_4bit_quant_type="nf4")
    AutoModelForCausalLM.from_pretrained(tiny_base, quantization_config=four).save_pretrained(
        folded
    )
    network = load_base(folded, "nf4", torch.float32)
    unfold(network, torch.float32)
    network.save_pretrained(dense)
    again = AutoModelForCausalLM.from_pretrained(dense)
    saved = again.state_dict()
    assert all(torch.equal(saved[name], held) for name, held in network.state_dict().items())
