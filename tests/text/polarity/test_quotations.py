"""Whose words a quotation is."""

import pytest

from secarch.text.polarity.quotations import quotations, worded

WORDING = "rotate the signing key every ninety days"


@pytest.mark.parametrize(
    ("before", "proposed"),
    [
        ("i would put into the standard", True),
        ("adopt the rule", True),
        ("the policy has the rule", False),
        ("authors who write the rule", False),
        ("reject the clause", False),
    ],
)
def test_wording_that_the_answer_proposes_is_its_own(before: str, proposed: bool) -> None:
    """A rule that is only reported is no proposal, though it is nobody's speech either."""
    text = f'{before} "{WORDING}" for all tenants'
    start = text.index(WORDING)
    assert worded(text, start, start + len(WORDING)) is proposed


def test_a_quotation_of_somebody_is_not_the_answers() -> None:
    """A few words in quotation marks are a name and no speech."""
    assert [found[1] for found in quotations(f'they say "{WORDING}" every year')] == [WORDING]
    assert not list(quotations('they say "rotate it" every year'))
    assert not list(quotations(f'write this: "{WORDING}"'))
