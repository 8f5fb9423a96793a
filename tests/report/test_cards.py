"""The model card: measured facts, in a form that the hub reads, that no name can break."""

from dataclasses import replace

import pytest
from huggingface_hub import ModelCardData
from huggingface_hub.repocard import RepoCard

from secarch.report.cards import ExportFacts, ModelFacts, export_card, model_card

FACTS = ModelFacts(
    name="architect",
    base="meta-llama/Llama-3.1-8B-Instruct",
    base_is_public=True,
    fingerprint="f" * 64,
    dataset="d" * 64,
    licences={"CC-BY-4.0": 1200, "": 3},
    rows=1203,
    validation_rows=60,
    validation_tokens=9000,
    loss_before=2.5,
    loss_after=1.75,
    last_training_loss=1.5,
    step=300,
    trainable=84_000_000,
    parameters=8_030_000_000,
    settings={"lora.r": "32"},
)


def _parsed(text: str) -> tuple[dict[str, object], str]:
    card = RepoCard(text)
    data = card.data
    assert isinstance(data, ModelCardData) or data is not None
    return data.to_dict(), card.text


def test_front_matter_names_base_and_library() -> None:
    """The hub links an adapter to its base by these fields."""
    data, _ = _parsed(model_card(FACTS))
    assert data["base_model"] == FACTS.base
    assert data["library_name"] == "peft"
    assert data["base_model_relation"] == "adapter"


def test_a_local_base_is_no_link() -> None:
    """A folder's name is no name on the hub."""
    assert (
        "base_model"
        not in _parsed(model_card(replace(FACTS, base="mine", base_is_public=False)))[0]
    )


def test_figures_come_with_how_many_they_rest_on() -> None:
    """Losses with tokens and rows; licences with counts; the unknown is said."""
    _, text = _parsed(model_card(FACTS))
    assert (
        "9,000 answer tokens of 60 held-out rows: 2.5000 nats per token before, 1.7500 after 300 "
        "steps" in text
    )
    assert "| CC-BY-4.0 | 1,200 |" in text
    assert "| unknown | 3 |" in text


def test_without_validation_nothing_is_claimed() -> None:
    """No figure where none was measured."""
    _, text = _parsed(model_card(replace(FACTS, loss_before=None, loss_after=None)))
    assert "No rows were held out" in text


@pytest.mark.parametrize(
    "evil", ["a | b", "x`y", "<script>", "line\nbreak", '"quoted": {yaml}', "---\nfoo: bar"]
)
def test_a_strange_name_breaks_neither_yaml_nor_table(evil: str) -> None:
    """Names of licences and bases come from outside."""
    data, text = _parsed(model_card(replace(FACTS, base=evil, licences={evil: 1})))
    assert data["base_model"] == evil
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert all(line.replace("\\|", "").count("|") == 3 for line in rows)
    assert "<script>" not in text


def test_an_evaluation_of_one_question_has_no_interval() -> None:
    """The card says so, beside a metric that has one."""
    known = {"mean": 0.5, "low": 0.25, "high": 0.75, "n": 9, "unscored": 1}
    figures = {"rubric": known, "words": known | {"low": None, "high": None, "n": 1}}
    facts = ExportFacts(
        dtype="bfloat16",
        kl=0.0,
        kl_low=None,
        kl_high=None,
        kl_tokens=10,
        same_top=1.0,
        golden_same=1,
        golden_asked=1,
        evaluation={
            "model": "architect",
            "suite": {"name": "own", "version": "1"},
            "metrics": figures,
        },
    )
    card = export_card(model_card(FACTS), facts)
    assert "0.5 (0.25 to 0.75, n = 9, unscored 1)" in card
    assert "0.5 (interval unknown, n = 1, unscored 1)" in card
