"""What pages say about indexing and training."""

from __future__ import annotations

import pytest

from secarch.harvest.optout import directives, header_opt_out


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["noindex"], (True, False, False)),
        (["NOFOLLOW, noai"], (False, True, True)),
        (["none"], (True, True, False)),
        (["secarch: noindex"], (True, False, False)),
        (["otherbot: noindex"], (False, False, False)),
        (["index, follow", "noindex"], (True, False, False)),
        (["unavailable_after: 2030-01-01"], (False, False, False)),
        ([], (False, False, False)),
    ],
)
def test_the_strictest_directive_for_us_wins(values: list[str], expected: tuple[bool, bool, bool]) -> None:
    """Fields for other crawlers do not bind; those for all and for us do."""
    asked = directives(values, "secarch")
    assert (asked.noindex, asked.nofollow, asked.noai) == expected


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({"tdm-reservation": "1"}, "opt_out_tdmrep"),
        ({"tdm-reservation": "0"}, ""),
        ({"content-usage": "train-ai=n"}, "opt_out_content_signal"),
        ({"content-signal": "search=yes, ai-train=no"}, "opt_out_content_signal"),
        ({"content-usage": "search=n"}, ""),
    ],
)
def test_headers_can_reserve_text_mining(headers: dict[str, str], reason: str) -> None:
    """TDMRep and the AI preference fields are read; other preferences are none of ours."""
    assert header_opt_out(headers) == reason
