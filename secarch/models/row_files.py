"""Files of rows as other people keep them, read as they stand, each with its line or number."""

from __future__ import annotations

import gzip
import json
import re
import shlex
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, Any, TextIO

from secarch.errors import InvalidInput
from secarch.models.tokenizer_files import LFS, LFS_FIX, download_fix
from secarch.schema import JsonDict

SUFFIXES = (".jsonl", ".ndjson", ".jsonl.gz", ".json", ".parquet", ".arrow")


def raw(path: Path) -> Iterator[tuple[int, JsonDict]]:
    """(line or number, row) of a file, as it stands there. Raises InvalidInput."""
    if path.name.endswith(".parquet"):
        yield from enumerate(_table(path), 1)
    elif path.name.endswith(".arrow"):
        yield from enumerate(_stream(path), 1)
    elif path.suffix and not path.name.endswith(SUFFIXES):
        raise InvalidInput(
            f"files that end in {path.suffix} are not read",
            where=path,
            fix=_CONVERSIONS.get(path.suffix, f"convert it to one of {', '.join(SUFFIXES)}").format(
                path=shlex.quote(str(path)), stem=shlex.quote(str(path.with_suffix("")))
            ),
        )
    else:
        yield from _text(path)


_CONVERSIONS = {
    ".txt": "if its lines are JSON: mv {path} {stem}.jsonl",
    ".tsv": "python -c 'import sys; from pyarrow import csv, parquet; "
    'o = csv.ParseOptions(delimiter="\\t", newlines_in_values=True); '
    "parquet.write_table(csv.read_csv(sys.argv[1], parse_options=o), sys.argv[2])' "
    "{path} {stem}.parquet",
    ".csv": "python -c 'import sys; from pyarrow import csv, parquet; "
    "o = csv.ParseOptions(newlines_in_values=True); "
    "parquet.write_table(csv.read_csv(sys.argv[1], parse_options=o), sys.argv[2])' "
    "{path} {stem}.parquet",
    ".gz": "gunzip -k {path}",
    ".bz2": "bunzip2 -k {path}",
    ".zst": "unzstd {path}",
    ".xz": "unxz -k {path}",
    ".zip": "unzip {path}",
}
"""Suffix -> the command that makes a file of rows of another one."""

WRAPPERS = ("data", "train", "rows", "examples", "instances")
"""Fields under which a JSON object may keep its rows."""


def loads(text: str | bytes) -> Any:
    """A JSON text. Raises ValueError, also where a field is there twice with different values, of
    which readers keep the last; and RecursionError.
    """
    if isinstance(text, bytes):
        return json.loads(text, object_pairs_hook=_no_two)
    return _DECODER.decode(text)


class _TwiceError(ValueError):
    """A JSON object has a field twice, with different values."""


def _no_two(pairs: list[tuple[str, Any]]) -> JsonDict:
    """An object of its fields. Raises _TwiceError where one is there twice with other values, of
    which JSON readers keep the last.
    """
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: JsonDict = {}
        for name, value in pairs:
            if seen.setdefault(name, value) != value:
                raise _TwiceError(f"the field {name} is there twice, with different values")
    return found


_DECODER = json.JSONDecoder(object_pairs_hook=_no_two)
"""One for all lines: `json.loads` would make one for each."""


def _text(path: Path) -> Iterator[tuple[int, JsonDict]]:
    """Rows of JSONL, gzipped or not, and of a JSON list or an object that holds one, whatever the
    file is called. A byte order mark and blank lines are skipped.
    """
    opened = gzip.open if path.name.endswith(".gz") else open
    try:
        with opened(path, "rt", encoding="utf-8-sig") as handle:
            if path.name.endswith(".json") or _begins_a_list(handle):
                handle.seek(0)
                if (found := _document(handle.read())) is not None:
                    yield from _objects(enumerate(found, 1), path)
                    return
            handle.seek(0)
            yield from _objects(_lines(handle, path), path)
    except _TwiceError as error:
        raise _twice(str(path), error) from error
    except UnicodeError as error:
        raise InvalidInput(
            "this file is no UTF-8 text", where=path, why=error, fix=_text_fix(path)
        ) from error
    except (OSError, EOFError, zlib.error) as error:
        raise InvalidInput(
            "this file cannot be read",
            where=path,
            why=error,
            fix=f"what ends in .gz must be gzipped: mv {_as(path)} {_as(path.with_suffix(''))}"
            if isinstance(error, gzip.BadGzipFile)
            else "look at its rights; a file that ends in .gz must be whole",
        ) from error


_MAGIC = {b"\x1f\x8b": ".jsonl.gz", b"PAR1": ".parquet"}
"""How files begin that are named as text -> the suffix that they should have."""
_MARKS = (b"\xff\xfe", b"\xfe\xff")
"""Byte order marks of UTF-16."""


def is_document(path: Path) -> bool:
    """Whether a file is no JSON object a line: one list, or bytes that are no UTF-8 text."""
    opened = gzip.open if path.name.endswith(".gz") else open
    try:
        with opened(path, "rt", encoding="utf-8-sig") as handle:
            return _begins_a_list(handle)
    except UnicodeError:
        return True
    except (OSError, EOFError, zlib.error):
        return False


_BARE_RETURN = re.compile(rb"\r(?!\n)")


def has_bare_returns(path: Path) -> bool:
    """Whether lines end in a carriage return alone, as some exports of spreadsheets do: inside a
    JSON string it cannot stand, and readers of text take it for a line's end.
    """
    opened: Callable[..., IO[bytes]] = gzip.open if path.name.endswith(".gz") else open  # type: ignore[assignment]
    try:
        with opened(path, "rb") as handle:
            while block := handle.read(1 << 20):
                whole = block + handle.read(1) if block.endswith(b"\r") else block
                if _BARE_RETURN.search(whole):
                    return True
    except (OSError, EOFError, zlib.error):
        return False
    return False


def _text_fix(path: Path) -> str:
    """The command that makes a readable file of one that is no UTF-8."""
    if path.name.endswith(".gz"):
        return f"unpack it: gunzip -k {_as(path)}; then save it again as UTF-8"
    with path.open("rb") as handle:
        head = handle.read(4)
    for magic, suffix in _MAGIC.items():
        if head.startswith(magic):
            return f"mv {_as(path)} {_as(path, suffix)}"
    encoding = "UTF-16" if head.startswith(_MARKS) else "WINDOWS-1252"
    return f"iconv -f {encoding} -t UTF-8 {_as(path)} > {_as(path, '.utf8' + path.suffix)}"


def _as(path: Path, suffix: str = "") -> str:
    """A path for a shell, with another suffix unless that is empty."""
    return shlex.quote(str(path.with_suffix(suffix) if suffix else path))


def _begins_a_list(handle: TextIO) -> bool:
    """Whether a list begins a file; white space before it does not matter."""
    first = next((line for line in iter(handle.readline, "") if line.strip()), "")
    return first.lstrip().startswith("[")


def _document(text: str) -> list[Any] | None:
    """The rows of one JSON document; None if it is none, as JSONL is not."""
    try:
        found = loads(text)
    except _TwiceError:
        raise
    except (ValueError, RecursionError):
        return None
    if isinstance(found, dict):
        inside = [found[name] for name in WRAPPERS if isinstance(found.get(name), list)]
        return [_unwrapped(row) for row in inside[0]] if inside else [found]
    return found if isinstance(found, list) else [found]


def _unwrapped(row: Any) -> Any:
    """A row of an answer of the hub's dataset viewer, which numbers it; any other as it is."""
    if isinstance(row, dict) and {"row_idx", "row"} <= set(row) and not row.get("truncated_cells"):
        return row["row"]
    return row


def _lines(handle: TextIO, path: Path) -> Iterator[tuple[int, Any]]:
    for number, line in enumerate(handle, 1):
        if not line.strip():
            continue
        try:
            # A byte order mark inside is of files put together.
            yield number, loads(line.removeprefix("\ufeff"))
        except _TwiceError as error:
            raise _twice(f"{path}:{number}", error) from error
        except (ValueError, RecursionError) as error:
            raise InvalidInput(
                "this line is not JSON",
                where=f"{path}:{number}",
                why="it is a pointer of Git LFS, not the file itself"
                if line.startswith(LFS)
                else error,
                fix=LFS_FIX if line.startswith(LFS) else _line_fix(line, path),
            ) from error


def _twice(where: str, error: _TwiceError) -> InvalidInput:
    return InvalidInput(
        "this JSON is ambiguous", where=where, why=error, fix="leave one of the two in it"
    )


def _line_fix(line: str, path: Path) -> str:
    """What makes rows of a line that is not a JSON object."""
    whole = shlex.quote(str(path))
    if line.lstrip().startswith("{'"):
        return "it is Python's notation: write each row with json.dumps"
    if line.lstrip().startswith(("{", "[")):
        return f"correct it; where rows span lines or share one: jq -c . {whole} > rows.jsonl"
    return "correct or remove it: each line is a JSON object of its own"


def _objects(items: Iterable[tuple[int, Any]], path: Path) -> Iterator[tuple[int, JsonDict]]:
    for number, item in items:
        if not isinstance(item, dict):
            raise InvalidInput(
                "this row is not a JSON object",
                where=f"{path}:{number}",
                why=f"it is {'null' if item is None else type(item).__name__}",
                fix="correct or remove it: each row is an object with named fields",
            )
        yield number, item


def _table(path: Path) -> Iterator[JsonDict]:
    import pyarrow as pa
    from pyarrow import parquet

    try:
        with parquet.ParquetFile(path) as file:
            for batch in file.iter_batches(1024):
                yield from batch.to_pylist()
    except (OSError, pa.ArrowException) as error:
        raise InvalidInput(
            "this file is no Parquet", where=path, why=error, fix=download_fix(path)
        ) from error


_ARROW = b"ARROW1"
"""How an Arrow file begins, a stream does not."""


def _stream(path: Path) -> Iterator[JsonDict]:
    """A file of the library `datasets`: an Arrow stream; or of others, an Arrow file."""
    import pyarrow as pa

    try:
        with pa.memory_map(str(path)) as source:
            if source.read(len(_ARROW)) == _ARROW:
                with pa.ipc.open_file(source) as file:
                    for n in range(file.num_record_batches):
                        yield from file.get_batch(n).to_pylist()
                return
            source.seek(0)
            with pa.ipc.open_stream(source) as reader:
                for batch in reader:
                    yield from batch.to_pylist()
    except (OSError, pa.ArrowException) as error:
        raise InvalidInput(
            "this file is no Arrow stream", where=path, why=error, fix=download_fix(path)
        ) from error
