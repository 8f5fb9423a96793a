"""Experiment trackers beside metrics.jsonl: TensorBoard, Weights & Biases, MLflow.

They are given what the journal is given. One that fails is let go, with a warning and an event in
metrics.jsonl: training is worth more than its picture, and the journal has every number anyway.
"""

from __future__ import annotations

import contextlib
import importlib.util
import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from secarch import console
from secarch.errors import MissingExtra, PrerequisiteError
from secarch.schema import JsonDict

MODULES = {"tensorboard": "tensorboard", "wandb": "wandb", "mlflow": "mlflow"}
"""Tracker -> the package that must be importable; its extra has the tracker's name."""
PROJECT = "secarch"
"""W&B project and MLflow experiment, where WANDB_PROJECT and MLFLOW_EXPERIMENT_NAME name no other.
"""
PATIENCE = {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2", "MLFLOW_HTTP_REQUEST_TIMEOUT": "10"}
"""MLflow's own patience is minutes a step; a server that is down must not hold up the GPU."""


class Tracker(Protocol):
    """Where figures go. Any method may raise anything."""

    def log(self, step: int, values: Mapping[str, float]) -> None:
        """Take the figures of a step."""

    def close(self, facts: Mapping[str, str]) -> None:
        """Take what is known at the end, such as the run's digest (nothing where it failed)."""


def check(names: Sequence[str]) -> None:
    """Raise MissingExtra for a tracker that is not installed, PrerequisiteError for one that would
    ask for a login.

    Asked before the model is loaded, and not when the first figure is due.
    """
    for name in names:
        if importlib.util.find_spec(MODULES[name]) is None:
            raise MissingExtra(f"train.trackers: {name}", name)
    mode = os.environ.get("WANDB_MODE", "online")
    if (
        "wandb" in names
        and mode == "online"
        and not os.environ.get("WANDB_API_KEY")
        and not _netrc()
    ):
        raise PrerequisiteError(
            "W&B knows no account here",
            where="train.trackers: wandb",
            fix="set WANDB_API_KEY, or WANDB_MODE=offline to keep the figures on this machine",
        )


def _netrc() -> bool:
    """Whether `wandb login` has left credentials."""
    path = Path(os.environ.get("NETRC") or "~/.netrc").expanduser()
    try:
        return "wandb" in path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False


class Following:
    """The trackers of one run; a listener of its journal."""

    def __init__(self, open_: Mapping[str, Tracker]) -> None:
        self.open = dict(open_)
        self.lost: dict[str, str] = {}
        """Tracker -> the kind of error that ended it."""
        self._untold: list[JsonDict] = []

    def __call__(self, step: int, facts: Mapping[str, float]) -> list[JsonDict]:
        """Tell every tracker that still listens; returns an event for each one lost since the last
        call.
        """
        for name, error in self._each(lambda tracker: tracker.log(step, facts)):
            self.lose(name, error)
        events, self._untold = self._untold, []
        return events

    def close(self, facts: Mapping[str, str]) -> None:
        """End them all."""
        for name, error in self._each(lambda tracker: tracker.close(facts)):
            self.lose(name, error)

    def _each(self, tell: Any) -> Iterator[tuple[str, Exception]]:
        for name, tracker in list(self.open.items()):
            try:
                tell(tracker)
            except Exception as error:  # noqa: BLE001 - whatever a tracker's client raises
                yield name, error

    def lose(self, name: str, error: Exception) -> None:
        """Let a tracker go, and say so."""
        self.open.pop(name, None)
        self.lost[name] = kind_of(error)
        console.log().warning(
            "tracker_lost",
            tracker=name,
            why=self.lost[name],
            what="training goes on; metrics.jsonl has every figure",
        )
        self._untold.append({"event": "tracker_lost", "tracker": name, "why": self.lost[name]})


def kind_of(error: BaseException) -> str:
    """The kinds of an error and of what it came from; never its words, which may hold an address
    with a password.
    """
    kinds = [type(error).__name__]
    while (cause := error.__cause__ or error.__context__) is not None and len(kinds) < 8:
        error = cause
        kinds.append(type(error).__name__)
    return " from ".join(dict.fromkeys(kinds))


@contextlib.contextmanager
def following(
    names: Sequence[str], directory: Path, key: str, manifest: JsonDict, *, since: int
) -> Iterator[Following]:
    """Open the trackers of a run, the manifest's config as their parameters; a resumed run goes on
    from step `since`.

    Files of trackers that keep any lie in <run>/trackers. One that cannot be opened is lost at
    once.
    """
    makers: dict[str, Any] = {"tensorboard": _TensorBoard, "wandb": _WandB, "mlflow": _MLflow}
    made = Following({})
    parameters = flat(manifest)
    for noisy in ("mlflow", "alembic", "wandb"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    for name in names:
        try:
            made.open[name] = makers[name](directory, key, parameters, since)
        except Exception as error:  # noqa: BLE001 - whatever a tracker's client raises
            made.lose(name, error)
    try:
        yield made
    except BaseException:
        made.close({})
        raise


def flat(value: JsonDict, prefix: str = "") -> dict[str, str]:
    """Nested settings as `a.b.c` -> text."""
    out: dict[str, str] = {}
    for name, entry in value.items():
        if isinstance(entry, dict):
            out |= flat(entry, f"{prefix}{name}.")
        else:
            out[f"{prefix}{name}"] = str(entry)
    return out


class _TensorBoard:
    """Event files; on a resume what was written beyond the checkpoint is purged (SummaryWriter's
    purge_step).
    """

    def __init__(
        self, directory: Path, key: str, parameters: Mapping[str, str], since: int
    ) -> None:
        from torch.utils.tensorboard import SummaryWriter

        self.writer: Any = SummaryWriter(
            str(directory / "trackers" / "tensorboard"), purge_step=since + 1 if since else None
        )
        table = "\n".join(
            f"| {name} | {value} |" for name, value in {"key": key, **parameters}.items()
        )
        self.writer.add_text("manifest", f"| setting | value |\n|---|---|\n{table}", since)

    def log(self, step: int, values: Mapping[str, float]) -> None:
        for name, value in values.items():
            self.writer.add_scalar(f"train/{name}", value, step)

    def close(self, facts: Mapping[str, str]) -> None:
        for name, value in facts.items():
            self.writer.add_text(name, value)
        self.writer.close()


class _WandB:
    """One W&B run for the run's key, so that a resume goes on with it.

    No code, no git, no console.
    """

    def __init__(
        self, directory: Path, key: str, parameters: Mapping[str, str], since: int
    ) -> None:
        import wandb

        (directory / "trackers").mkdir(parents=True, exist_ok=True)
        settings = wandb.Settings(
            console="off",
            silent=True,
            disable_git=True,
            disable_code=True,
            x_disable_stats=True,
            x_save_requirements=False,
        )
        self.run: Any = wandb.init(
            project=os.environ.get("WANDB_PROJECT", PROJECT),
            id=key[:16],
            name=directory.name,
            resume="allow",
            dir=str(directory / "trackers"),
            config={"key": key, **parameters},
            settings=settings,
        )
        self.since = since

    def log(self, step: int, values: Mapping[str, float]) -> None:
        self.run.log(dict(values), step=step)

    def close(self, facts: Mapping[str, str]) -> None:
        self.run.summary.update(dict(facts))
        self.run.finish(exit_code=0 if facts else 1)


class _MLflow:
    """One MLflow run for the run's key, found again by its tag."""

    def __init__(
        self, directory: Path, key: str, parameters: Mapping[str, str], since: int
    ) -> None:
        for name, value in PATIENCE.items():
            os.environ.setdefault(name, value)
        from mlflow.entities import Param
        from mlflow.tracking import MlflowClient

        place = (
            os.environ.get("MLFLOW_TRACKING_URI")
            or f"sqlite:///{(directory / 'trackers' / 'mlflow.db').resolve()}"
        )
        (directory / "trackers").mkdir(parents=True, exist_ok=True)
        self.client: Any = MlflowClient(tracking_uri=place)
        name = os.environ.get("MLFLOW_EXPERIMENT_NAME", PROJECT)
        known = self.client.get_experiment_by_name(name)
        experiment = known.experiment_id if known else self.client.create_experiment(name)
        found = (
            self.client.search_runs([experiment], f"tags.`secarch.key` = '{key}'") if since else []
        )
        run = (
            found[0]
            if found
            else self.client.create_run(
                experiment, run_name=directory.name, tags={"secarch.key": key}
            )
        )
        self.run_id: str = run.info.run_id
        if found:
            self.client.set_terminated(self.run_id, "RUNNING")
        else:
            self.client.log_batch(
                self.run_id,
                params=[Param(name, value[:6000]) for name, value in parameters.items()],
            )

    def log(self, step: int, values: Mapping[str, float]) -> None:
        for name, value in values.items():
            self.client.log_metric(self.run_id, name, value, step=step)

    def close(self, facts: Mapping[str, str]) -> None:
        for name, value in facts.items():
            self.client.set_tag(self.run_id, f"secarch.{name}", value)
        self.client.set_terminated(self.run_id, "FINISHED" if facts else "KILLED")
