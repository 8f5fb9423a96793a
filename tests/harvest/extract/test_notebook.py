"""Jupyter notebooks give their prose and their code."""

from __future__ import annotations

import json

import pytest

from secarch.harvest.extract.notebook import notebook


def test_a_notebook() -> None:
    """Prose as it is, code in the kernel's language, no outputs."""
    cells = [
        {"cell_type": "markdown", "source": ["# Title\n", "text"]},
        {"cell_type": "code", "source": "print(1)", "outputs": [{"text": "secret output"}]},
    ]
    text = notebook(json.dumps({"cells": cells, "metadata": {}}))
    assert text == "# Title\ntext\n\n```python\nprint(1)\n```"
    with pytest.raises(ValueError, match="nbformat 3 or 4"):
        notebook("[]")


def test_a_notebook_of_nbformat_3_has_sheets_and_heading_cells() -> None:
    """What is no sheet or no cell says nothing."""
    cells = [
        {"cell_type": "heading", "level": 2, "source": "Hunt"},
        {"cell_type": "code", "input": ["print(1)"]},
        "x",
    ]
    text = notebook(json.dumps({"worksheets": [{"cells": cells}, {}, 3]}))
    assert text == "## Hunt\n\n```python\nprint(1)\n```"


@pytest.mark.parametrize(
    ("metadata", "language"),
    [
        ({"kernelspec": {"language": "R"}, "language_info": {"name": "python"}}, "R"),
        ({"kernelspec": {"name": "ir"}, "language_info": {"name": "R"}}, "R"),
        ({"kernelspec": 3, "language_info": []}, "python"),
        ([], "python"),
    ],
)
def test_code_is_of_the_kernel_s_language_or_of_what_the_notebook_states(
    metadata: object, language: str
) -> None:
    cells = [{"cell_type": "code", "source": "f()"}]
    text = notebook(json.dumps({"cells": cells, "metadata": metadata}))
    assert text == f"```{language}\nf()\n```"
