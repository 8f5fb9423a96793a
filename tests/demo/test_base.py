"""The embedded base: built once, the same each time, and used only while it is whole."""

import json
import re
from pathlib import Path

import pytest
from transformers import AutoModelForCausalLM, AutoTokenizer

from secarch.demo.base import SEAL, SPECIAL, bases, build
from secarch.demo.config import DemoConfig
from secarch.errors import Busy, Interrupted
from secarch.models.chat_template import Chat
from secarch.session import Stop

SMALL = DemoConfig(vocabulary=600, hidden=32, layers=1, steps=3, batch=2, context=32)


@pytest.fixture
def built(cache_home: Path) -> Path:
    return build(SMALL, seed=1)[0]


@pytest.mark.slow
def test_a_second_build_is_the_cached_one(built: Path) -> None:
    """The place follows from settings, seed and text; nothing is built again."""
    assert build(SMALL, seed=1) == (built, True)
    assert built.parent == bases()
    assert re.fullmatch(r"tiny-llama-[0-9a-f]{8}", built.name)
    assert build(SMALL, seed=2)[0] != built


@pytest.mark.slow
def test_the_same_seed_gives_the_same_bytes(built: Path) -> None:
    """Weights and tokenizer are reproduced to the last bit."""
    before = json.loads((built / SEAL).read_text(encoding="utf-8"))
    (built / "model.safetensors").write_bytes(b"damaged")
    again, cached = build(SMALL, seed=1)
    assert (again, cached) == (built, False)
    assert json.loads((built / SEAL).read_text(encoding="utf-8")) == before
    assert [path.name for path in bases().glob(f"{built.name}.aside-*")]


def test_other_programs_can_load_it(built: Path) -> None:
    """Plain transformers reads it: safetensors, tokenizer with template, every stop id."""
    model, tokenizer = (
        AutoModelForCausalLM.from_pretrained(built),
        AutoTokenizer.from_pretrained(built),
    )
    assert model.num_parameters() < 1_000_000
    assert tokenizer.pad_token != tokenizer.eos_token
    assert model.generation_config.eos_token_id == list(Chat.load(built).stop_ids)
    assert not list(built.glob("*.bin"))


def test_the_tokenizer_keeps_any_text_and_knows_its_control_tokens(built: Path) -> None:
    """Byte-level: what goes in comes out; each control token is one id."""
    chat = Chat.load(built)
    text = "Zugriff: größer 日本 \u0000 \t\r\n\n don't 12345"
    assert chat.decode(chat.plain_ids(text)) == text
    assert all(
        len(chat.tokenizer.encode(name, add_special_tokens=False).ids) == 1 for name in SPECIAL
    )


def test_pre_training_lowers_the_loss(tiny_base: Path) -> None:
    """Sixty steps take it well below a guess among all tokens."""
    facts = json.loads((tiny_base / SEAL).read_text(encoding="utf-8"))
    assert facts["last_loss"] < facts["first_loss"] - 0.5


@pytest.mark.slow
def test_a_stop_leaves_nothing_behind(cache_home: Path) -> None:
    """Interrupted while it learns: no folder that looks finished, no temporary one."""
    stop = Stop()
    stop.signum = 2
    before = set(bases().glob("*")) if bases().exists() else set()
    with pytest.raises(Interrupted):
        build(SMALL, seed=99, stop=stop)
    assert {path for path in set(bases().iterdir()) - before if path.suffix != ".lock"} == set()


def test_two_processes_do_not_build_the_same_base(built: Path) -> None:
    """The second says who is in the way instead of building beside it."""
    from secarch.artifact import lock

    with lock(built.with_suffix(".lock")), pytest.raises(Busy):
        build(SMALL, seed=1)
