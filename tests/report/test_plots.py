"""What the plots of a page look like."""

from __future__ import annotations

import re
from pathlib import Path

from secarch.report import plots


def test_a_series_has_the_same_stroke_in_its_legend() -> None:
    """What is dashed or dotted in the plot is so beside its name."""
    css = (Path(plots.__file__).parent / "report.css").read_text("utf-8")
    for name in ("s1", "s2", "s3"):
        assert re.search(rf"svg \.{name} {{ stroke-dasharray", css)
        assert re.search(rf"\.legend \.{name}\b[^{{}}]*{{ border-top-style: (dashed|dotted)", css)
