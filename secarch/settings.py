"""The one reader of flags, environment, .env and YAML.

Precedence: flags > environment (`SECARCH_TRAIN__LORA__R=64`) > `.env` > `--config` files (later
ones win) > the project's `secarch.yaml` > defaults. Every tier refuses what it does not know, names
the place and offers the nearest name. Paths in a file are relative to that file.
"""

from __future__ import annotations

import copy
import difflib
import os
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin

from dotenv import dotenv_values
from pydantic import BaseModel, Field, SecretStr, ValidationError

from secarch.compare.config import CompareConfig
from secarch.dedupe.config import DedupeConfig
from secarch.demo.config import DemoConfig
from secarch.errors import ConfigError, MissingInput
from secarch.evaluate.config import EvalConfig
from secarch.harvest.config import HarvestConfig
from secarch.located_yaml import Located, load_located, parse_scalar
from secarch.probe.config import ProbeConfig
from secarch.registry.config import ModelsConfig
from secarch.schema import Config
from secarch.serve.config import ServeConfig
from secarch.session import WORKSPACE
from secarch.settings_files import PREFIX, PROJECT_FILE, relate
from secarch.settings_names import ELSEWHERE, got, message, natural
from secarch.train.config import TrainConfig

SECRETS = ("HF_TOKEN", "WANDB_API_KEY", "MLFLOW_TRACKING_URI")
LISTED = 20
"""Settings of a table that are listed for a wrong name; `config schema` has longer ones."""

Path_ = tuple[str | int, ...]


class Settings(Config):
    """Everything that can be set; one section a stage."""

    workspace: Path = WORKSPACE
    """Folder for everything that is made."""
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 0
    """Seed of every random choice."""
    harvest: HarvestConfig = HarvestConfig.defaults()
    """Crawling."""
    dedupe: DedupeConfig = DedupeConfig.defaults()
    """Building the dataset."""
    train: TrainConfig = TrainConfig.defaults()
    """Fine-tuning."""
    eval: EvalConfig = EvalConfig.defaults()
    """Evaluation."""
    compare: CompareConfig = CompareConfig.defaults()
    """The verdict."""
    models: ModelsConfig = ModelsConfig.defaults()
    """What may go live."""
    serve: ServeConfig = ServeConfig.defaults()
    """The server."""
    probe: ProbeConfig = ProbeConfig.defaults()
    """The watch over a running server."""
    demo: DemoConfig = DemoConfig.defaults()
    """The embedded base model of the tour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """One setting with where its value came from."""

    name: str
    value: Any
    tier: str
    """flag, environment, .env, yaml (a --config file), project (secarch.yaml) or default."""
    place: str = ""
    """`file:line:col`, or the variable's or flag's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """Validated settings and the provenance of each value."""

    settings: Settings
    values: tuple[Value, ...]


@dataclass(slots=True)
class _Tier:
    """One source of values, before validation."""

    name: str
    tree: dict[str, Any]
    places: dict[Path_, str] = field(default_factory=dict)

    def place(self, path: Path_) -> str:
        """Where the value at `path`, or the nearest thing around it, was written."""
        for n in range(len(path), 0, -1):
            if path[:n] in self.places:
                return self.places[path[:n]]
        below = (place for known, place in self.places.items() if known[: len(path)] == path)
        return next(below, self.name)


def load(
    flags: Mapping[str, Any] | None = None,
    *,
    sets: Sequence[str] = (),
    files: Sequence[Path] = (),
    below: Sequence[Path] = (),
    dotenv: Path = Path(".env"),
    environ: Mapping[str, str] | None = None,
    project: Path | None = None,
) -> Loaded:
    """Read all tiers and validate them as one.

    `flags` maps dotted names to values (None = not given); `sets` holds `a.b.c=VALUE` strings;
    `files` are those of --config, `project` is the project's own file, and `below` are files that
    everything else overrides. Raises ConfigError with a line for each problem, MissingInput for a
    missing file.
    """
    environ = os.environ if environ is None else environ
    tiers = [
        _from_flags(flags or {}, sets),
        _from_variables("environment", dict(environ), Path()),
        _from_variables(".env", _read_dotenv(dotenv), dotenv),
        *(_from_yaml(path, "yaml") for path in reversed(files)),
        *([_from_yaml(project, "project")] if project else []),
        *(_from_yaml(path, "yaml", relative=False) for path in reversed(below)),
    ]
    if problems := [problem for tier in tiers for problem in _unknown(tier)]:
        raise ConfigError(problems)
    settings = _validate(tiers)
    return Loaded(settings=settings, values=tuple(_provenance(settings, tiers)))


def secret(name: str, dotenv: Path = Path(".env")) -> SecretStr | None:
    """One of the credentials that are never logged or stored, from the environment or `.env`."""
    value = os.environ.get(name) or (dotenv_values(dotenv).get(name) if dotenv.is_file() else None)
    return SecretStr(value) if value else None


# ---------------------------------------------------------------- the tiers


def _from_flags(flags: Mapping[str, Any], sets: Sequence[str]) -> _Tier:
    tier = _Tier("flag", {})
    for text in sets:
        name, equals, value = (part.strip() for part in text.partition("="))
        if not equals or not name:
            raise ConfigError([f"--set {text}: write it as a.b.c=VALUE"])
        _put(tier, tuple(name.split(".")), parse_scalar(value, f"--set {name}"), f"--set {name}")
    for name, value in flags.items():
        if value is not None:
            _put(tier, tuple(name.split(".")), value, f"flag for {name}")
    return tier


def _put(tier: _Tier, path: Path_, value: Any, place: str) -> None:
    node = tier.tree
    for part in path[:-1]:
        node = node.setdefault(str(part), {})
        if not isinstance(node, dict):
            raise ConfigError([f"{place}: {part} is a value, not a section"])
    node[str(path[-1])] = value
    tier.places[path] = place


def hand_over_secrets(dotenv: Path = Path(".env")) -> None:
    """Put the credentials of `.env` into the environment, where their libraries look; what is set
    there stays.
    """
    for name in SECRETS:
        if found := secret(name, dotenv):
            os.environ.setdefault(name, found.get_secret_value())


def _read_dotenv(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    try:
        return {name: value or "" for name, value in dotenv_values(path).items()}
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError([f"{path}: cannot be read: {error}"]) from error


def _from_variables(name: str, variables: dict[str, str], file: Path) -> _Tier:
    ours = {key: value for key, value in variables.items() if key.upper().startswith(PREFIX)}
    tier = _Tier(name, {})
    lines = file.read_text(encoding="utf-8").splitlines() if name == ".env" and ours else []
    for key in ours:
        line = next(
            (
                n
                for n, text in enumerate(lines, 1)
                if text.removeprefix("export ").strip().startswith(key)
            ),
            0,
        )
        path = tuple(key[len(PREFIX) :].lower().split("__"))
        tier.places[path] = f"{file}:{line}:1 {key}" if line else key
        _put_unknown(tier, path)
    if ours:
        from secarch.settings_variables import read

        merge(tier.tree, read(Settings, ours, PREFIX, name))
    return tier


def _put_unknown(tier: _Tier, path: Path_) -> None:
    """pydantic-settings passes over top-level names that it does not know; we do not."""
    model: Any = Settings
    for n, part in enumerate(path):
        if not (isinstance(model, type) and issubclass(model, BaseModel)):
            return
        if part not in model.model_fields:
            _put(tier, path[: n + 1], None, tier.places[path])
            return
        model = model.model_fields[str(part)].annotation


def _from_yaml(path: Path, name: str, *, relative: bool = True) -> _Tier:
    if path.is_dir():
        raise MissingInput(
            "this is a folder, and a settings file is needed",
            where=path,
            fix=f"name the file in it, such as --config {shlex.quote(str(path / PROJECT_FILE))}",
        )
    if not path.is_file():
        raise MissingInput(
            "there is no such settings file", where=path, fix="secarch init   (writes one)"
        )
    located: Located = load_located(path)
    tree = _without_empty_sections(Settings, located.tree)
    if relative and path.parent != Path():
        relate(tree, path.parent)
    if name == "project" and path.parent != Path():
        tree.setdefault("workspace", str(path.parent / "workspace"))
    return _Tier(name, tree, located.places)


def _without_empty_sections(model: type[BaseModel], tree: dict[str, Any]) -> dict[str, Any]:
    """`dedupe:` with every line below it commented out is null in YAML and means: nothing set."""
    kept: dict[str, Any] = {}
    for key, value in tree.items():
        inner = model.model_fields[key].annotation if key in model.model_fields else None
        if not (isinstance(inner, type) and issubclass(inner, BaseModel)):
            kept[key] = value
        elif isinstance(value, dict):
            kept[key] = _without_empty_sections(inner, value)
        elif value is not None:
            kept[key] = value
    return kept


# ---------------------------------------------------------------- checking


def merge(into: dict[str, Any], other: Mapping[str, Any]) -> None:
    """Lay one tree of settings over another, in place; lists and values are replaced whole."""
    for key, value in other.items():
        if isinstance(value, Mapping) and isinstance(into.get(key), dict):
            merge(into[key], value)
        else:
            into[key] = value


def _unknown(tier: _Tier) -> Iterator[str]:
    """A line for each key that no section has, with the nearest known name."""
    yield from _unknown_below(tier, Settings, tier.tree, ())


def _unknown_below(
    tier: _Tier, model: type[BaseModel], tree: Mapping[str, Any], path: Path_
) -> Iterator[str]:
    for key, value in tree.items():
        here = (*path, key)
        if key not in model.model_fields:
            dotted = ".".join(map(str, here))
            yield f"{tier.place(here)}: {dotted}: no such setting{_suggestion(key, model, path)}"
            continue
        inner = model.model_fields[key].annotation
        tables = {here: value} if isinstance(value, Mapping) else {}
        if get_origin(inner) is dict:
            inner, named = get_args(inner)[1], tables.pop(here, {})
            tables = {(*here, n): v for n, v in named.items() if isinstance(v, Mapping)}
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            for place, table in tables.items():
                yield from _unknown_below(tier, inner, table, place)


def _suggestion(key: str, model: type[BaseModel], path: Path_) -> str:
    if ours := ELSEWHERE.get(str(key).lower()):
        return f"; it is called {ours} here"
    if near := difflib.get_close_matches(str(key), list(model.model_fields), 1, 0.6):
        return f"; did you mean {'.'.join([*map(str, path), near[0]])}?"
    names = leaf_names()
    if not path and (below := [n for n in names if f".{key}." in n]):
        return f"; did you mean {below[0].split(f'.{key}.')[0]}.{key}?"
    everywhere = {name.rsplit(".", 1)[-1]: name for name in names}
    if near := difflib.get_close_matches(str(key), list(everywhere), 1, 0.8):
        return f"; did you mean {everywhere[near[0]]}?"
    return (
        f"; known here: {', '.join(model.model_fields)}"
        if len(model.model_fields) <= LISTED
        else ""
    )


def _validate(tiers: Sequence[_Tier]) -> Settings:
    tree: dict[str, Any] = {}
    for tier in reversed(tiers):
        merge(tree, copy.deepcopy(tier.tree))
    try:
        return Settings.model_validate(tree)
    except ValidationError as error:
        raise ConfigError(_problems(error, tiers)) from None


def _problems(error: ValidationError, tiers: Sequence[_Tier]) -> list[str]:
    found = []
    for item in error.errors(include_url=False):
        path: Path_ = tuple(item["loc"])
        tier = next((t for t in tiers if _has(t.tree, path)), tiers[0])
        words = message(item, path, Settings)
        dotted = ".".join(map(str, path))
        found.append((tier.place(path), f"{tier.place(path)}: {dotted}: {words}{got(item)}"))
    return [line for _, line in sorted(found, key=lambda pair: natural(pair[0]))]


def _has(tree: Any, path: Path_) -> bool:
    """Whether this tier holds the value; a path may end inside it (a list item, a union branch)."""
    for n, part in enumerate(path):
        if isinstance(tree, Mapping) and part in tree:
            tree = tree[part]
        else:
            return n > 0 and not isinstance(tree, Mapping)
    return True


# ---------------------------------------------------------------- provenance


def _leaves(
    tree: Mapping[str, Any], path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], Any]]:
    for key, value in tree.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, (*path, key))
        else:
            yield (*path, key), value


def _provenance(settings: Settings, tiers: Sequence[_Tier]) -> Iterator[Value]:
    for path, value in _leaves(settings.model_dump(mode="json")):
        tier = next((t for t in tiers if _has(t.tree, path)), None)
        name = ".".join(path)
        if tier is None:
            yield Value(name=name, value=value, tier="default")
        else:
            yield Value(name=name, value=value, tier=tier.name, place=tier.place(path))


def leaf_names() -> list[str]:
    """Dotted names of all settings, in the order of their declaration."""
    return [
        ".".join(path) for path, _ in _leaves(Settings.model_construct().model_dump(mode="json"))
    ]


def schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of the settings, for editors and for `config schema`."""
    return Settings.model_json_schema()
