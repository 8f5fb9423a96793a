"""What a sitemap's lastmod can mean at the latest."""

from __future__ import annotations

import pytest

from secarch.harvest.extract.sitemap import latest


@pytest.mark.parametrize(
    ("lastmod", "moment"),
    [
        ("2024-01-31", "2024-02-02T00:00:00Z"),
        ("20240131", "2024-02-02T00:00:00Z"),
        ("2024-01-31T10:00:00Z", "2024-01-31T10:00:00Z"),
        ("2024-01-31T10:00:00+02:00", "2024-01-31T08:00:00Z"),
        (" 2024-01-31T10:00:00 ", "2024-01-31T22:00:00Z"),
        ("9999-12-31", ""),
        ("yesterday", ""),
        ("", ""),
    ],
)
def test_a_date_means_its_end_anywhere_on_earth(lastmod: str, moment: str) -> None:
    """A page is spared only where it is older for sure; what is no date spares nothing."""
    assert latest(lastmod) == moment
