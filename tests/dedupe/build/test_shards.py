"""Shards hold what was put into them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from secarch.dedupe.build.shards import read_columns, read_shard, write_shard

SCHEMA = pa.schema(
    [
        pa.field("text", pa.large_string(), nullable=False),
        pa.field("site", pa.string(), nullable=False),
        pa.field("count", pa.int64(), nullable=False),
        pa.field("share", pa.float64(), nullable=False),
        pa.field("signature", pa.binary(), nullable=False),
    ]
)
ROWS: list[dict[str, Any]] = [
    {"text": "", "site": "a.example", "count": 0, "share": 0.5, "signature": b""},
    {
        "text": "caf\u00e9 \U0001f512\n",
        "site": "",
        "count": -(1 << 62),
        "share": 1e-9,
        "signature": b"\0\xff",
    },
    {"text": "x" * 5_000, "site": "\u4e2d", "count": 7, "share": -0.0, "signature": b"s" * 512},
]


@pytest.mark.parametrize("count", [0, 1, 3, 70])
def test_a_shard_is_what_arrow_makes_of_the_rows(tmp_path: Path, count: int) -> None:
    """Each kind of column, and no row at all."""
    rows = (ROWS * 24)[:count]
    write_shard(tmp_path / "s.parquet", rows, SCHEMA)
    assert parquet.read_table(tmp_path / "s.parquet").equals(pa.Table.from_pylist(rows, SCHEMA))
    assert list(read_shard(tmp_path / "s.parquet")) == rows
    pairs = [(row["count"], row["text"]) for row in rows]
    assert list(read_columns(tmp_path / "s.parquet", ["count", "text"])) == pairs


def test_a_worker_loads_no_pandas(tmp_path: Path) -> None:
    """Which would cost each of them half a second and 45 MB."""
    script = (
        "import sys, pathlib, pyarrow as pa\n"
        "from secarch.dedupe.build.shards import read_shard, write_shard\n"
        "path = pathlib.Path(sys.argv[1])\n"
        "schema = pa.schema([('n', pa.int64()), ('t', pa.string())])\n"
        "write_shard(path, [{'n': 1, 't': 'x'}], schema)\n"
        "assert list(read_shard(path)) == [{'n': 1, 't': 'x'}]\n"
        "assert 'pandas' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path / "s")], check=True)
