"""How fast the evaluation is beside its peers, on a CPU. Run by hand: python
tests/benchmarks/eval.py [generate|rouge|engine|metrics|scoring|memory]

generate: 200 questions x 48 new tokens on a tiny Llama, against lm-eval's generate_until at the
same batch size, in turns; answers compared token by token, and each difference shown to be a tie.
rouge: ROUGE-L against rouge-score at 200 words. engine: asking and journal without model and
metrics. metrics: each metric's cost for one answer. scoring: 400 answers in a new process. memory: peak resident size of a stage of 200
and of 2,000 questions. Ratios are within one run.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import random
import resource
import shutil
import statistics as st
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

from secarch import console
from secarch.demo.base import build
from secarch.demo.config import DemoConfig
from secarch.evaluate.ask.ask import Runner
from secarch.evaluate.config import EvalConfig
from secarch.evaluate.engines.local import Local
from secarch.evaluate.engines.protocol import Messages, Reply
from secarch.evaluate.metrics.metric import Item, MetricContext
from secarch.evaluate.metrics.metrics import ALL
from secarch.evaluate.metrics.rouge import Rouge
from secarch.evaluate.rubric.grade import grade
from secarch.models.prompt import question_messages
from secarch.records import Answer
from secarch.session import Session
from secarch.suite.schema import Question, Suite, load

QUESTIONS, NEW, BATCH, TURNS = 200, 48, 16, 3
TIE = 1e-3
"""Difference of two logits below which the order of additions decides."""


def prompts() -> list[Messages]:
    """Questions of the core suite, cut and joined to many lengths."""
    draw = random.Random(3)
    words = " ".join(question.question for question in load(["core"]).questions).split()
    texts = []
    for _ in range(QUESTIONS):
        start = draw.randrange(len(words) - 120)
        texts.append(" ".join(words[start : start + draw.choice((8, 15, 30, 60, 110))]))
    return [question_messages(text) for text in texts]


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    started = time.perf_counter()
    found = work()
    return time.perf_counter() - started, found


def tiny(folder: Path) -> Path:
    """A Llama of the demo's shape with random weights, of whose tokens one in forty ends the
    answer.

    So answers have many lengths, as those of a tuned model do, without an hour of training.
    """
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    base, _ = build(
        DemoConfig(vocabulary=4096, hidden=32, layers=1, steps=1, batch=1, context=32), seed=0
    )
    for name in (
        "tokenizer.json",
        "tokenizer_config.json",
        "chat_template.jinja",
        "special_tokens_map.json",
    ):
        if (base / name).exists():
            shutil.copy(base / name, folder / name)
    settings = json.loads((base / "config.json").read_text())
    torch.manual_seed(0)
    shape = LlamaConfig(
        vocab_size=settings["vocab_size"],
        hidden_size=192,
        intermediate_size=512,
        num_hidden_layers=4,
        num_attention_heads=3,
        num_key_value_heads=1,
        max_position_embeddings=2048,
        initializer_range=0.2,
        bos_token_id=settings["bos_token_id"],
        eos_token_id=settings["eos_token_id"],
        pad_token_id=settings["pad_token_id"],
    )
    network = LlamaForCausalLM(shape)
    stops = [
        settings["eos_token_id"],
        *random.Random(1).sample(range(100, settings["vocab_size"]), 100),
    ]
    network.generation_config.eos_token_id = stops
    network.save_pretrained(folder)
    return folder


def generate() -> dict[str, Any]:
    import torch
    from lm_eval.api.instance import Instance
    from lm_eval.models.huggingface import HFLM
    from transformers import AutoModelForCausalLM, AutoTokenizer

    folder = tiny(Path(tempfile.mkdtemp()))
    ours = Local.load(folder, None, "none")
    chat = ours._model.chat
    asked = prompts()
    ids = [chat.prompt_ids(messages) for messages in asked]
    tokenizer = AutoTokenizer.from_pretrained(folder)
    network = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    logging.disable(logging.WARNING)
    lm = HFLM(pretrained=network, tokenizer=tokenizer, batch_size=BATCH, device="cpu")
    order = sorted(range(QUESTIONS), key=lambda n: -len(ids[n]))

    def we() -> list[list[int]]:
        out: list[list[int]] = [[]] * QUESTIONS
        for start in range(0, QUESTIONS, BATCH):
            batch = order[start : start + BATCH]
            for n, one in zip(
                batch, ours._model.generate([ids[n] for n in batch], NEW), strict=True
            ):
                out[n] = one.ids
        return out

    rendered = [chat.render(messages, add_generation_prompt=True) for messages in asked]
    assert all(lm.tok_encode(text) == row for text, row in zip(rendered, ids, strict=True))
    options = {"until": [tokenizer.eos_token], "max_gen_toks": NEW, "do_sample": False}
    requests = [
        Instance(request_type="generate_until", doc={}, arguments=(text, options), idx=n)
        for n, text in enumerate(rendered)
    ]
    written: dict[tuple[int, ...], list[int]] = {}
    inner = lm._model_generate

    def recorded(context: Any, *args: Any, **kwargs: Any) -> Any:
        out = inner(context, *args, **kwargs)
        for prompt, row in zip(context.tolist(), out[:, context.shape[1] :].tolist(), strict=True):
            first = next((n for n, token in enumerate(prompt) if token != chat.pad_id), 0)
            end = next((n for n, token in enumerate(row) if token in chat.stop_ids), len(row))
            written[tuple(prompt[first:])] = row[:end]
        return out

    def they() -> list[str]:
        return list(lm.generate_until(requests, disable_tqdm=True))

    lm._model_generate = recorded
    mine = we()
    they()
    lm._model_generate = inner
    times: dict[str, list[float]] = {"secarch": [], "lm-eval": []}
    for _ in range(TURNS):
        times["secarch"].append(timed(we)[0])
        times["lm-eval"].append(timed(they)[0])
    theirs = [written[tuple(row)] for row in ids]
    differing = [n for n in range(QUESTIONS) if mine[n] != theirs[n]]
    gaps = [tie(ours._model.network, ids[n], mine[n], theirs[n]) for n in differing]
    median = {name: st.median(values) for name, values in times.items()}
    return {
        "questions": QUESTIONS,
        "new_tokens": NEW,
        "batch": BATCH,
        "turns": TURNS,
        "mean_length": st.mean(map(len, mine)),
        "seconds": {n: round(v, 3) for n, v in median.items()},
        "samples_per_s": {n: round(QUESTIONS / v, 1) for n, v in median.items()},
        "ratio": round(median["lm-eval"] / median["secarch"], 3),
        "ratio_of_each_turn": [round(b / a, 2) for a, b in zip(*times.values(), strict=True)],
        "identical": QUESTIONS - len(differing),
        "gaps_of_the_others": gaps,
        "all_ties": all(g < TIE for g in gaps),
    }


def tie(network: Any, prompt: list[int], mine: list[int], theirs: list[int]) -> float:
    """How far apart the two tokens' logits are where two answers part, without any padding."""
    import torch

    at = next(
        (n for n, (a, b) in enumerate(zip(mine, theirs, strict=False)) if a != b),
        min(len(mine), len(theirs)),
    )
    with torch.inference_mode():
        best = network(torch.tensor([prompt + mine[:at]])).logits[0, -1].topk(2).values
    return float(best[0] - best[1])


def rouge() -> dict[str, Any]:
    from rouge_score import rouge_scorer

    draw = random.Random(5)
    words = " ".join(question.reference for question in load(["core"]).questions).split()
    pairs = [
        (" ".join(draw.choices(words, k=200)), " ".join(draw.choices(words, k=200)))
        for _ in range(200)
    ]
    package = rouge_scorer.RougeScorer(["rougeL"], use_stemmer=True)
    ratios, equal = [], True
    for _ in range(TURNS):
        ours = (
            Rouge()
        )  # a new one each time: stems remembered from the turn before would flatter it
        fast, mine = timed(lambda ours=ours: [ours.f_measure(a, b) for a, b in pairs])
        slow, theirs = timed(lambda: [package.score(a, b)["rougeL"].fmeasure for a, b in pairs])
        ratios.append(slow / fast)
        equal = equal and mine == theirs
    return {
        "pairs_per_s": round(len(pairs) / fast),
        "ratio": round(st.median(ratios), 2),
        "equal": equal,
    }


class Silent:
    """An engine that answers at once."""

    fingerprint, prompt_digest, likelihood_refused = "f" * 64, "p" * 64, ""

    def describe(self) -> dict[str, Any]:
        return {"engine": "silent"}

    def length(self, messages: Messages) -> int:
        return len(messages[1]["content"])

    def answers(self, asked: list[Messages], max_new_tokens: int) -> list[Reply]:
        del max_new_tokens
        return [Reply(text="word " * 150, tokens=200, finish="stop", seconds=0.0) for _ in asked]

    def likelihood(self, pairs: list[Any]) -> list[float]:
        return [1.0 for _ in pairs]

    options = documents = likelihood


def questions(count: int) -> Suite:
    model = load(["core"]).questions
    made = [model[n % len(model)] for n in range(count)]
    return Suite("x", "0", tuple(q.replace(id=f"q-{n}") for n, q in enumerate(made)))


def engine(count: int = 1_000) -> dict[str, Any]:
    suite = questions(count)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        runner = Runner(EvalConfig(), Session(workspace=folder), suite, Silent(), folder)  # type: ignore[arg-type]
        seconds, _ = timed(lambda: (runner.answers(), runner.likelihoods(), runner.finish()))
    return {"questions": count, "ms_per_question": round(1000 * seconds / count, 3)}


def metrics() -> dict[str, Any]:
    """Milliseconds for one answer; the encoder and the first Terraform parser are loaded before."""
    from secarch.evaluate.metrics.bertscore import locate

    asked = [question for question in load(["core"]).questions if question.key_points][:60]
    answers = [question.paraphrase or question.reference for question in asked]
    cost: dict[str, float] = {}
    seconds, grades = timed(
        lambda: [grade(q, text) for q, text in zip(asked, answers, strict=True)]
    )
    cost["grade"] = seconds
    items = [item(q, text, g) for q, text, g in zip(asked, answers, grades, strict=True)]
    try:
        context = MetricContext(locate("minilm"))
    except Exception:  # noqa: BLE001 - without the extra BERTScore is left out
        context = MetricContext(None)
    for metric in ALL:
        metric.measure(items[:2], context)
        seconds, _ = timed(lambda metric=metric: metric.measure(items, context))
        cost[metric.kind] = seconds
    return {name: round(1000 * seconds / len(asked), 3) for name, seconds in cost.items()}


def scoring(count: int = 400) -> dict[str, Any]:
    """Seconds of CPU for so many answers and all metrics but BERTScore, nothing loaded before."""
    asked = [question for question in load(["core"]).questions if question.key_points][:count]
    started = time.process_time()
    items = []
    for question in asked:
        text = question.paraphrase or question.reference
        items.append(item(question, text, grade(question, text)))
    graded = time.process_time() - started
    for metric in ALL:
        if metric.kind != "bertscore":
            metric.measure(items, MetricContext(None))
    whole = time.process_time() - started
    return {"answers": len(asked), "cpu_s": round(whole, 2), "of_it_grades": round(graded, 2)}


def item(question: Question, text: str, graded: Any) -> Item:
    answer = Answer(
        question_id=question.id,
        question_sha256="",
        key="",
        text=text,
        tokens=1,
        seconds=0.0,
        finish="stop",
    )
    return Item(question, answer, graded, 100.0)


def memory() -> dict[str, Any]:
    """Peak of a process that asks, in MiB, by number of questions; what 1,800 more cost."""
    peaks = {}
    for count in (200, 2_000):
        code = f"import sys; sys.argv = ['x', 'peak', '{count}']; exec(open({__file__!r}).read())"
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        )
        peaks[count] = float(done.stdout.splitlines()[-1])
    return {
        "peak_mib": peaks,
        "kib_per_question": round(1024 * (peaks[2_000] - peaks[200]) / 1_800, 1),
    }


def peak(count: int) -> None:
    with contextlib.redirect_stderr(None):
        engine(count)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def main() -> None:
    console.configure(quiet=True)
    if sys.argv[1:2] == ["peak"]:
        peak(int(sys.argv[2]))
        return
    every = {
        "generate": generate,
        "rouge": rouge,
        "engine": engine,
        "metrics": metrics,
        "scoring": scoring,
        "memory": memory,
    }
    for name in sys.argv[1:] or list(every):
        print(name, json.dumps(every[name](), indent=1))


main()
