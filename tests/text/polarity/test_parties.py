"""What parties say in a list, and what the answer says of them."""

import pytest

from secarch.text.polarity.parties import contends, names_party, names_voices, names_who


@pytest.mark.parametrize(
    ("item", "stated"),
    [
        ("vendors: encryption at rest is enough", True),
        ("our suppliers: the keys do not have to be rotated", False),
        ("the provider: it must patch the hypervisor, which is its part", False),
        ("the provider: it owns the hypervisor, and that is no work of yours", False),
        ("vendors: a list of keys", False),
        ("subnets: encryption at rest is enough", False),
    ],
)
def test_a_side_of_a_debate_states_something_and_a_duty_is_the_answers_own(
    item: str, stated: bool
) -> None:
    """A duty of a party is what the answer asks of it, and not what the party says."""
    assert contends(item) is stated


def test_opinions_are_announced_by_a_title_or_a_column() -> None:
    """The answer's own view is no party's."""
    assert names_voices(["voices in the debate"])
    assert not names_voices(["our final position"])
    assert names_who("said by")
    assert not names_who("setting")
    assert names_party("the vendor: it is fine") == "the vendor"
    assert names_party("the subnet: it is fine") == ""
