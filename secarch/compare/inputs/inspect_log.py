"""Logs of inspect_ai, read without it: `.eval` is a zip of JSON members, `.json` one document.

A sample's `scores` are named by their scorer. A value is a number, true or false, one of the
letters C, I, P and N (right, wrong, half, no answer), `yes`/`no`, or a table of such values; NaN
marks a sample that the scorer left out. Epochs of one sample are averaged. What the zip claims of
sizes is not believed: members are read up to a limit.
"""

from __future__ import annotations

import json
import math
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from secarch.compare.inputs.sheet import UNCATEGORISED, Sheet, check_size, name_of, shown
from secarch.errors import InvalidInput, MissingInput
from secarch.records import Score
from secarch.schema import JsonDict, sha256_of

MAX_MEMBER = 128 << 20
"""Bytes of one sample, unpacked."""
MAX_UNPACKED = 4 << 30
"""Bytes of all samples of one log, unpacked."""
MAX_MEMBERS = 1_000_000

_ZSTANDARD = 93
"""The method's number in the zip format (APPNOTE 6.3.10, 4.4.5), which Python 3.14 knows first."""
_HEADERS = ("header.json", "_journal/start.json", "start.json")
"""Members that describe a log; one that was broken off has no header.json."""
_LOCAL_HEADER = struct.Struct("<4s5H3L2H")
_WORDS = {"C": 1.0, "P": 0.5, "I": 0.0, "N": 0.0, "yes": 1.0, "true": 1.0, "no": 0.0, "false": 0.0}


def logs(folder: Path) -> list[Path]:
    """The newest log of each task in a folder of logs, by the time that begins a log's name.

    Names are `<time>_<task>_<id>.eval`, which do not tell the model. Raises InvalidInput if several
    models have logs in it.
    """
    for pattern in ("*.eval", "*_*_*.json", "**/*.eval"):
        if files := sorted(folder.glob(pattern), key=lambda file: file.name):
            break
    models = {file: _model(file) for file in files} if len(files) > 1 else {}
    if len(set(models.values()) - {""}) > 1:
        raise InvalidInput(
            "this folder has the logs of several models",
            where=folder,
            why=", ".join(f"{file.name}: {model}" for file, model in models.items()),
            fix="give each model's logs in a folder of its own, or name a file",
        )
    newest = {file.stem.split("_", 1)[-1].rsplit("_", 1)[0]: file for file in files}
    return list(newest.values())


def _model(file: Path) -> str:
    """The model that a log names; empty where it cannot be read, which is said later."""
    try:
        if file.suffix == ".eval":
            with zipfile.ZipFile(file) as archive:
                members = {info.filename: info for info in archive.infolist()}
                header = next((members[name] for name in _HEADERS if name in members), None)
                tree = _json(archive, header, file) if header else None
        else:
            tree = json.loads(file.read_bytes())
    except (InvalidInput, zipfile.BadZipFile, EOFError, OSError, ValueError, RecursionError):
        return ""
    spec = tree.get("eval") if isinstance(tree, dict) else None
    model = spec.get("model") if isinstance(spec, dict) else None
    return model if isinstance(model, str) else ""


def is_log(tree: Any) -> bool:
    """Whether a JSON document is such a log."""
    return isinstance(tree, dict) and isinstance(tree.get("eval"), dict) and "status" in tree


def read_zip(path: Path, sheet: Sheet, *, many: bool) -> None:
    """Add the scores of an `.eval` file. Raises MissingInput, or InvalidInput with the member."""
    check_size(path)
    try:
        with zipfile.ZipFile(path) as archive:
            members = {info.filename: info for info in archive.infolist()}
            if len(members) > MAX_MEMBERS:
                raise InvalidInput(
                    "this log has too many members",
                    where=path,
                    why=len(members),
                    fix="give the logs of one run alone, or split the file",
                )
            task = _task(archive, members, path)
            names = [n for n in members if n.startswith("samples/") and n.endswith(".json")]
            samples = _unpacked(archive, [members[name] for name in sorted(names)], path)
            sheet.add_repeated(_rows(samples, task, many=many))
    except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, OSError) as error:
        raise InvalidInput(
            "this .eval file is no zip that can be read",
            where=path,
            why=error,
            fix="give the .eval or .json file as inspect_ai wrote it",
        ) from error


def read_tree(tree: JsonDict, path: Path, sheet: Sheet, *, many: bool) -> None:
    """Add the scores of a `.json` log. Raises InvalidInput."""
    samples = tree.get("samples")
    if not isinstance(samples, list):
        raise MissingInput(
            "this log has no samples", where=path, fix="run inspect eval without --no-log-samples"
        )
    rows = ((sample, f"{path}: sample {n}") for n, sample in enumerate(samples, 1))
    sheet.add_repeated(_rows(rows, _task_name(tree.get("eval")), many=many))


def _task(archive: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo], path: Path) -> str:
    for name in _HEADERS:
        if name in members:
            header = _json(archive, members[name], path)
            return _task_name(header.get("eval") if isinstance(header, dict) else None)
    raise InvalidInput(
        "this .eval file is no log of inspect_ai",
        where=path,
        why="it has no header.json",
        fix="give the .eval or .json file as inspect_ai wrote it",
    )


def _task_name(spec: Any) -> str:
    name = spec.get("task") if isinstance(spec, dict) else None
    return name.rsplit("/", 1)[-1] if isinstance(name, str) and name else UNCATEGORISED


def _unpacked(
    archive: zipfile.ZipFile, members: list[zipfile.ZipInfo], path: Path
) -> Iterator[tuple[Any, str]]:
    if not members:
        raise MissingInput(
            "this log has no samples", where=path, fix="run inspect eval without --no-log-samples"
        )
    total = 0
    for info in members:
        raw = _bytes(archive, info, path)
        total += len(raw)
        if total > MAX_UNPACKED:
            raise InvalidInput(
                "this log is too large for scores",
                where=path,
                why=f"over {MAX_UNPACKED >> 20} MiB unpacked",
                fix="give the logs of one run alone, or split the file",
            )
        yield _parsed(raw, f"{path}: {info.filename}"), f"{path}: {info.filename}"


def _json(archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: Path) -> Any:
    return _parsed(_bytes(archive, info, path), f"{path}: {info.filename}")


def _parsed(raw: bytes, where: str) -> Any:
    try:
        return json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(
            "this member is no JSON",
            where=where,
            why=error,
            fix="give the .eval or .json file as inspect_ai wrote it",
        ) from error


def _bytes(archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: Path) -> bytes:
    where = f"{path}: {info.filename}"
    try:
        raw = (
            _zstandard(archive, info) if info.compress_type == _ZSTANDARD else _plain(archive, info)
        )
    except (NotImplementedError, RuntimeError, ValueError, zlib.error) as error:
        raise InvalidInput(
            "this member cannot be unpacked",
            where=where,
            why=error,
            fix="give the .eval or .json file as inspect_ai wrote it",
        ) from error
    if len(raw) > MAX_MEMBER:
        raise InvalidInput(
            "this member is too large for scores",
            where=where,
            why=f"over {MAX_MEMBER >> 20} MiB",
            fix="give the logs of one run alone, or split the file",
        )
    return raw


def _plain(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    with archive.open(info) as handle:
        return handle.read(MAX_MEMBER + 1)


def _zstandard(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """A member that is packed with Zstandard, which zipfile knows from Python 3.14 only."""
    import zstandard

    handle = archive.fp
    if handle is None:
        raise ValueError("the archive is closed")
    handle.seek(info.header_offset)
    fields = _LOCAL_HEADER.unpack(handle.read(_LOCAL_HEADER.size))
    if fields[0] != b"PK\x03\x04":
        raise ValueError("no local header")
    handle.seek(fields[-2] + fields[-1], 1)
    packed = handle.read(info.compress_size)
    try:
        with zstandard.ZstdDecompressor().stream_reader(packed, read_across_frames=True) as reader:
            return reader.read(MAX_MEMBER + 1)
    except zstandard.ZstdError as error:
        raise ValueError(error) from error


def _rows(
    samples: Iterator[tuple[Any, str]], task: str, *, many: bool
) -> Iterator[tuple[Score, str, JsonDict]]:
    """Each score with its place and the answer's text; a sample that was not scored, as after
    an error, is unscored in every metric of the others.
    """
    metrics: dict[str, None] = {}
    failed: list[tuple[JsonDict, str]] = []
    for sample, where in samples:
        if not isinstance(sample, dict):
            raise InvalidInput(
                "this sample is no JSON object",
                where=where,
                why=shown(sample),
                fix="give the .eval or .json file as inspect_ai wrote it",
            )
        if not sample.get("scores") and not isinstance(sample.get("score"), dict):
            failed.append((sample, where))
            continue
        for score in _scores(sample, where, task, many=many):
            metrics[score.metric] = None
            yield score, where, {"text": _answer(sample)}
    for sample, where in failed:
        unscored = {**sample, "scores": dict.fromkeys(metrics)}
        for score in _scores(unscored, where, task, many=many):
            yield score, where, {"text": _answer(sample)}


def _scores(sample: JsonDict, where: str, task: str, *, many: bool) -> Iterator[Score]:
    name = name_of(sample.get("id"), "id", where)
    given = sample.get("scores")
    if given is None and isinstance(sample.get("score"), dict):
        given = {"score": sample["score"]}
    for metric, value, reason in _values(given, sample.get("error"), where):
        yield Score(
            question_id=f"{task}/{name}" if many else name,
            question_sha256=sha256_of([_asked(sample.get("input")), sample.get("choices")]),
            metric=metric,
            value=value,
            reason=reason,
            category=task if many else _category(sample.get("metadata"), task),
            cluster="",
        )


def _asked(given: Any) -> Any:
    """What was asked, without the ids that are new in each run."""
    if not isinstance(given, list):
        return given
    return [[m.get("role"), m.get("content")] if isinstance(m, dict) else m for m in given]


def _values(given: Any, error: Any, where: str) -> Iterator[tuple[str, float | None, str]]:
    """Metric, value and reason of each score of a sample."""
    if given is None:
        given = {}
    if not isinstance(given, dict):
        raise InvalidInput(
            "scores is no table of scorers",
            where=where,
            why=shown(given),
            fix="give the .eval or .json file as inspect_ai wrote it",
        )
    for scorer, score in given.items():
        value = score.get("value") if isinstance(score, dict) else score
        if error is not None:
            yield scorer, None, "the sample ended with an error"
        elif isinstance(value, dict):
            for key, part in value.items():
                yield f"{scorer}/{key}", *_number(part)
        elif isinstance(value, list):
            for key, part in enumerate(value):
                yield f"{scorer}/{key}", *_number(part)
        else:
            yield scorer, *_number(value)


def _number(value: Any) -> tuple[float | None, str]:
    """A value as inspect_ai's own `value_to_float` reads it, or None with the reason."""
    if isinstance(value, str):
        known = _WORDS.get(value, _WORDS.get(value.lower()))
        if known is not None:
            return known, ""
        try:
            value = float(value)
        except ValueError:
            return None, f"the value is text: {value[:40]}"
    if value is None:
        return None, "value is null"
    if not isinstance(value, int | float):
        return None, "no single number for each question"
    try:
        number = float(value)
    except OverflowError:
        return None, "value is out of range"
    return (number, "") if math.isfinite(number) else (None, "left out by the scorer")


def _category(metadata: Any, task: str) -> str:
    known = metadata if isinstance(metadata, dict) else {}
    topics = (known.get(name) for name in ("category", "subject", "topic"))
    return next((topic for topic in topics if isinstance(topic, str) and topic), task)


def _answer(sample: JsonDict) -> str:
    """The text that the model generated."""
    output = sample.get("output")
    if not isinstance(output, dict):
        return ""
    if isinstance(output.get("completion"), str):
        return str(output["completion"])
    choices = output.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else {}
    message = first.get("message") if isinstance(first, dict) else None
    content = message.get("content") if isinstance(message, dict) else None
    if isinstance(content, list):
        parts = (part.get("text") for part in content if isinstance(part, dict))
        return "".join(part for part in parts if isinstance(part, str))
    return content if isinstance(content, str) else ""
