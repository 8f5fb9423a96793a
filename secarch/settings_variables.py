"""Settings as variables of the environment or `.env`: `SECARCH_TRAIN__LORA__R=64`.

A module of its own, since pydantic-settings takes as long to import as everything else that reads
settings, and most starts have no such variable.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from pydantic_settings import EnvSettingsSource, SettingsError

from secarch.errors import ConfigError


class _Variables(EnvSettingsSource):
    """pydantic-settings' reading of variables, from a given mapping in place of os.environ."""

    def __init__(self, model: Any, variables: Mapping[str, str], prefix: str) -> None:
        self._given = {name.lower(): value for name, value in variables.items()}
        super().__init__(model, env_prefix=prefix, env_nested_delimiter="__")

    def _load_env_vars(self) -> Mapping[str, str | None]:
        return self._given


def read(
    model: type[BaseModel], variables: Mapping[str, str], prefix: str, tier: str
) -> dict[str, Any]:
    """The tree of settings that the variables set, in any case of letters.

    Raises ConfigError if a list or a table is not JSON; `tier` names the source there.
    """
    try:
        return _Variables(model, variables, prefix)()
    except SettingsError as error:
        names = [name for name in variables if _breaks(model, name, variables[name], prefix)]
        raise ConfigError(
            [f"{tier}: {name} is not JSON; write lists and tables as JSON" for name in names]
            or [f"{tier}: {error}; write lists and tables as JSON"]
        ) from error


def _breaks(model: type[BaseModel], name: str, value: str, prefix: str) -> bool:
    """Whether this variable alone cannot be read; its value is not shown, it may be a secret."""
    try:
        _Variables(model, {name: value}, prefix)()
    except SettingsError:
        return True
    return False
