"""Index of a dataset's rows: finds what a full read finds, is kept, and built again if torn."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from secarch.artifact import Artifact, seal
from secarch.errors import InvalidInput
from secarch.files import write_jsonl
from secarch.registry import row_index as module
from secarch.registry.lineage import similar
from secarch.registry.row_index import RowIndex, row_index, taught
from secarch.text.minhash import jaccard, shingles
from secarch.text.words import words

SOURCE = random.Random(20261128)
WORDS = [f"word{n}" for n in range(300)]


def _share(item: str, text: str) -> float:
    """Share of the runs of eight words of `item` that are in `text`: the plain definition."""
    asked, there = (
        {tuple(found[n : n + 8]) for n in range(len(found) - 7)}
        for found in map(words, (item, text))
    )
    return len(asked & there) / len(asked) if asked else 0.0


def _dataset(folder: Path, texts: list[str]) -> Artifact:
    folder.mkdir(parents=True)
    rows = [
        {
            "id": f"r{n}",
            "url": f"https://docs.example.org/{n % 3}",
            "title": "T",
            "licence": "MIT",
            "messages": [
                {"role": "user", "content": "why?"},
                {"role": "assistant", "content": text},
            ],
        }
        for n, text in enumerate(texts)
    ]
    write_jsonl(folder / "train.jsonl", rows)
    return seal(folder, kind="dataset", parents=[], config={}, counts={}, files=["train.jsonl"])


def _texts(count: int) -> list[str]:
    return [" ".join(SOURCE.choices(WORDS, k=SOURCE.randint(0, 60))) for _ in range(count)]


def test_runs_and_triples_are_those_of_a_full_read(tmp_path: Path) -> None:
    """Shares are exact for runs; for triples the estimate is near the Jaccard similarity."""
    texts = _texts(200)
    texts[50] = " ".join(texts[7].split()[5:40] + texts[9].split()[:20])
    index = row_index(_dataset(tmp_path / "d", texts), tmp_path / "kept")
    wanted = {n: share for n, text in enumerate(texts) if (share := _share(texts[50], text))}
    assert index.by_runs(texts[50]) == pytest.approx(wanted)
    assert set(wanted) >= {7, 50}
    for n, share in index.by_triples(texts[50], 3).items():
        exact = jaccard(shingles(texts[50], 3), shingles(texts[n], 3))
        assert share == pytest.approx(exact, abs=0.2)
    assert next(iter(index.by_triples(texts[50], 3))) == 50


def test_a_row_is_read_where_it_begins(tmp_path: Path) -> None:
    """Letters of several bytes, an empty text and the last row included."""
    texts = ["Größe der Schlüssel", "", "鍵を回転する", "last one"]
    dataset = _dataset(tmp_path / "d", texts)
    index = row_index(dataset, tmp_path / "kept")
    assert [taught(index.row(n)) for n in range(4)] == texts
    assert index.sources == tuple(
        ("https://docs.example.org/" + str(n), "T", "MIT", 2 if n == 0 else 1) for n in range(3)
    )


def test_it_is_kept_and_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second time nothing is built; a torn file or another dataset's is no index."""
    dataset = _dataset(tmp_path / "d", _texts(30))
    first = row_index(dataset, tmp_path / "kept")
    (kept,) = (tmp_path / "kept").iterdir()
    built: list[Path] = []
    build = module._build
    monkeypatch.setattr(module, "_build", lambda path: built.append(path) or build(path))
    second = row_index(dataset, tmp_path / "kept")
    assert not built
    for name in ("starts", "runs", "owners", "signatures"):
        assert np.array_equal(getattr(first, name), getattr(second, name))
    assert first.sources == second.sources
    kept.write_bytes(kept.read_bytes()[:-9])
    row_index(dataset, tmp_path / "kept")
    assert len(built) == 1
    other = _dataset(tmp_path / "e", _texts(3))
    kept.replace(kept.with_name(f"{other.digest[:16]}.safetensors"))
    assert len(row_index(other, tmp_path / "kept").starts) == 3
    assert len(built) == 2


def test_a_folder_that_cannot_be_written_costs_time_only(tmp_path: Path) -> None:
    """A file stands where the folder would be."""
    (tmp_path / "kept").write_text("")
    index = row_index(_dataset(tmp_path / "d", _texts(5)), tmp_path / "kept")
    assert len(index.starts) == 5


def test_an_empty_dataset_and_a_short_answer_have_nothing_alike(tmp_path: Path) -> None:
    index = row_index(_dataset(tmp_path / "d", []), tmp_path / "kept")
    assert list(similar(index, "one two three four five six seven eight")) == []
    full: RowIndex = row_index(_dataset(tmp_path / "e", _texts(5)), tmp_path / "kept")
    assert list(similar(full, "two words")) == []


def test_a_row_that_is_no_json_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "d"
    folder.mkdir()
    (folder / "train.jsonl").write_text('{"id": 1}\n{torn\n')
    dataset = seal(folder, kind="dataset", parents=[], config={}, counts={}, files=["train.jsonl"])
    with pytest.raises(InvalidInput, match="not JSON") as caught:
        row_index(dataset, tmp_path / "kept")
    assert str(caught.value.where).endswith("train.jsonl:2")
