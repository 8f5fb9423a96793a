"""Jupyter notebooks as Markdown."""

from __future__ import annotations

import json

from secarch.schema import JsonDict


def notebook(text: str) -> str:
    """The cells of a Jupyter notebook (nbformat 4, or 3 with its sheets): Markdown as it is, code
    fenced; no outputs.

    Raises ValueError if it is not a notebook.
    """
    tree = json.loads(text)
    cells = _cells_of(tree)
    if cells is None:
        raise ValueError("no cells: not a notebook of nbformat 3 or 4")
    language = _language(tree.get("metadata"))
    parts = []
    for cell in cells:
        source = (cell.get("source") or cell.get("input", "")) if isinstance(cell, dict) else ""
        body = ("".join(map(str, source)) if isinstance(source, list) else str(source)).strip()
        if body and cell.get("cell_type") == "code":
            parts.append(f"```{language}\n{body}\n```")
        elif body and cell.get("cell_type") == "heading":
            parts.append(f"{'#' * int(cell.get('level', 1))} {body}")
        elif body:
            parts.append(body)
    return "\n\n".join(parts)


def _language(metadata: object) -> str:
    """Of the code, by its kernel or, where that is left out, by the language's own entry."""
    if isinstance(metadata, dict):
        for part, key in (("kernelspec", "language"), ("language_info", "name")):
            facts = metadata.get(part)
            if isinstance(facts, dict) and facts.get(key):
                return str(facts[key])
    return "python"


def _cells_of(tree: object) -> list[JsonDict] | None:
    if not isinstance(tree, dict):
        return None
    sheets = tree.get("worksheets")
    if isinstance(sheets, list):
        parts = [sheet.get("cells") for sheet in sheets if isinstance(sheet, dict)]
        return [cell for cells in parts if isinstance(cells, list) for cell in cells]
    cells = tree.get("cells")
    return cells if isinstance(cells, list) else None
