"""Which layers get adapters, by name."""

import pytest

from secarch.models.layers import adaptable, has_experts


@pytest.mark.parametrize(
    ("name", "experts", "wanted"),
    [
        ("model.layers.0.self_attn.q_proj", False, True),
        ("model.layers.0.mlp.gate_proj", False, True),
        ("model.layers.0.mlp.gate_proj", True, False),
        ("model.layers.0.mlp.shared_expert.up_proj", True, False),
        ("model.layers.0.block_sparse_moe.gate", True, False),
        ("model.layers.0.self_attn.o_proj", True, True),
        ("transformer.h.0.attn.c_attn", False, True),
        ("transformer.wte", False, False),
        ("transformer.wpe", False, False),
        ("lm_head", False, False),
        ("output_projection", False, False),
        ("model.embed_tokens", False, False),
        ("model.layers.0.self_attn.q_norm", False, False),
        ("model.vision_tower.encoder.layers.0.self_attn.q_proj", False, False),
        ("model.multi_modal_projector.linear", False, False),
        ("model.language_model.layers.0.self_attn.q_proj", False, True),
        ("model.layers.0.mamba.out_proj", False, False),
        ("backbone.layers.0.mixer.out_proj", False, False),
        ("backbone.layers.0.mixer.in_proj", False, True),
        ("transformer.h.0.attn.out_proj", False, True),
    ],
)
def test_a_layer_is_adapted_or_not(name: str, experts: bool, wanted: bool) -> None:
    """Text layers inside the blocks; of mixtures of experts, attention alone."""
    assert adaptable(name, experts=experts) is wanted


def test_experts_are_known_by_their_names() -> None:
    """Fused or one by one."""
    assert has_experts(["a", "model.layers.0.mlp.experts.gate_up_proj"])
    assert has_experts(["model.layers.0.block_sparse_moe.experts.3.w1.weight"])
    assert not has_experts(["model.layers.0.mlp.gate_proj"])
