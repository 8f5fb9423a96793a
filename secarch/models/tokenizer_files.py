"""The files of a model's folder that decide its chat format, read without transformers.

They are a stranger's: sizes are bounded, and what is malformed is an InvalidInput.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from secarch.errors import InvalidInput, MissingModel

if TYPE_CHECKING:
    from tokenizers import Tokenizer

LFS = "version https://git-lfs"
"""How a pointer of Git LFS begins, which a clone without it holds in place of a large file."""
LFS_FIX = "run git lfs pull in its folder: what is there is a pointer to the file"
MAX_TOKENIZER_BYTES = 128 << 20
MAX_TEMPLATE_CHARS = 1 << 20


def download_fix(path: Path) -> str:
    """What helps with a file that is not what its name says."""
    with contextlib.suppress(OSError), path.open("rb") as handle:
        if handle.read(len(LFS)).decode("ascii", "replace") == LFS:
            return LFS_FIX
    return "copy or download it again: it is damaged or another kind of file"


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object; {} where the file is not there. Raises InvalidInput."""
    if not path.is_file():
        return {}
    try:
        value = (
            json.loads(path.read_text(encoding="utf-8"))
            if path.stat().st_size <= MAX_TOKENIZER_BYTES
            else None
        )
    except ValueError as error:
        raise InvalidInput(
            "this file of the model is no JSON", where=path, why=error, fix=download_fix(path)
        ) from error
    if not isinstance(value, dict):
        raise InvalidInput(
            "this file of the model is no JSON object", where=path, fix=download_fix(path)
        )
    return value


def read_tokenizer(path: Path) -> Tokenizer:
    """A tokenizer.json without truncation and padding. Raises MissingModel and InvalidInput."""
    from tokenizers import Tokenizer

    if not path.is_file():
        raise MissingModel(
            "this model's folder has no tokenizer",
            where=path,
            fix="name a folder that holds tokenizer.json beside the weights; of an older tokenizer "
            "transformers makes one: AutoTokenizer.from_pretrained(DIR).save_pretrained(DIR)",
        )
    if path.stat().st_size > MAX_TOKENIZER_BYTES:
        raise InvalidInput(
            "this tokenizer is too large to be one",
            where=path,
            fix="download this model again, whole",
        )
    try:
        tokenizer = Tokenizer.from_file(str(path))
    except Exception as error:  # the Rust side raises bare Exception
        raise InvalidInput(
            "this tokenizer cannot be read", where=path, why=error, fix=download_fix(path)
        ) from error
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def read_template(folder: Path, settings: Mapping[str, Any]) -> str:
    """chat_template.jinja, else the field of tokenizer_config.json (a text, or several by name),
    else chat_template.json. Raises InvalidInput if there is neither, or it is too long.
    """
    path = folder / "chat_template.jinja"
    found = (
        path.read_text(encoding="utf-8-sig") if path.is_file() else settings.get("chat_template")
    )
    found = found or read_json(folder / "chat_template.json").get("chat_template")  # of processors
    if isinstance(found, list):
        found = {one.get("name"): one.get("template") for one in found if isinstance(one, dict)}
    if isinstance(found, dict):
        found = found.get("default")
    if not isinstance(found, str) or not found:
        raise InvalidInput(
            "this model has no chat template",
            where=folder,
            fix="use its instruct variant, or name a template with train.chat_template FILE",
        )
    return _bounded(found, folder)


def template_file(path: Path) -> str:
    """A chat template's file. Raises MissingModel and InvalidInput."""
    if not path.is_file():
        raise MissingModel(
            "there is no such chat template", where=path, fix="correct the path of the template"
        )
    if path.suffix == ".json":
        raise InvalidInput(
            "this file is JSON and no chat template",
            where=path,
            fix="save the text of its field chat_template as a file of its own, such as "
            "chat_template.jinja, and name that",
        )
    try:
        return _bounded(path.read_text(encoding="utf-8-sig"), path)
    except UnicodeError as error:
        raise InvalidInput(
            "this chat template is no UTF-8 text",
            where=path,
            why=error,
            fix="save the template as UTF-8",
        ) from error


def _bounded(template: str, where: Path) -> str:
    if len(template) > MAX_TEMPLATE_CHARS:
        raise InvalidInput(
            "this chat template is too large to be one",
            where=where,
            fix="give a Jinja chat template",
        )
    return template


def special_tokens(settings: Mapping[str, Any]) -> dict[str, str]:
    """Name (bos_token, ...) -> text of a tokenizer's named tokens."""
    found: dict[str, str] = {}
    for name in (
        "bos_token",
        "eos_token",
        "pad_token",
        "unk_token",
        "sep_token",
        "cls_token",
        "mask_token",
    ):
        value = settings.get(name)
        value = value.get("content") if isinstance(value, dict) else value
        if isinstance(value, str):
            found[name] = value
    return found


def stop_ids(settings: Mapping[str, Any]) -> list[int]:
    """The ids that a configuration says end an answer."""
    value = settings.get("eos_token_id")
    values = value if isinstance(value, list) else [value]
    return [i for i in values if isinstance(i, int) and not isinstance(i, bool)]
