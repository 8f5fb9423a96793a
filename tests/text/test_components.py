"""Components in memory and on disk."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secarch.text import components


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 40).flatmap(
        lambda n: st.tuples(
            st.just(n),
            st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), max_size=60),
        )
    ),
    st.integers(1, 9),
)
def test_disk_and_memory_agree(
    tmp_path_factory: pytest.TempPathFactory, graph: tuple[int, list[tuple[int, int]]], chunk: int
) -> None:
    """Whatever the graph, and however little is in memory at once, both name the same
    components.
    """
    count, edges = graph
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(components, "CHUNK", chunk)
        found = components.on_disk(count, edges, tmp_path_factory.mktemp("graph")).tolist()
        patch.setattr(components, "IN_MEMORY", 0)
        assert components.components(count, edges[::-1]) == found
    assert components.components(count, edges) == found
    assert all(found[i] == found[j] for i, j in edges)
    assert all(found[name] == name for name in found)


def test_a_long_chain_is_one_component(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A chain of 3,000 in the worst order takes passes, not recursion."""
    edges = [(i + 1, i) for i in range(2_999)][::-1]
    assert set(components.on_disk(3_000, edges, tmp_path_factory.mktemp("chain")).tolist()) == {0}
