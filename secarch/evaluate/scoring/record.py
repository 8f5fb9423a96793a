"""What summary.json holds. Figures that do not exist are null, never 0."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from secarch.schema import Config, JsonDict

SCHEMA = 1


class MetricFacts(Config):
    """One metric over some questions, in the metric's unit."""

    mean: float | None
    """Null if no question was scored."""
    n: Annotated[int, Field(ge=0)]
    """Questions scored."""
    sd: float | None
    """Sample standard deviation; null for fewer than two."""
    low: float | None
    """Bounds of the 95% interval of the mean, clustered by scenario."""
    high: float | None
    unscored: Annotated[int, Field(ge=0)]
    unscored_why: dict[str, int]
    """Reason -> questions."""
    lower_is_better: bool


class Counts(Config):
    """How many of what."""

    questions: int
    answers_cut: int
    """That reached the length limit."""
    answers_failed: int
    """To which the engine gave no answer."""
    answers_unanswered: int
    """Without an answer that can be scored, for whatever reason."""
    answers_unsafe: int = 0
    """With a critical dangerous statement."""
    tokens: int
    """Generated."""
    scores: int
    unscored: int
    """Scores without a value."""


Facts = dict[str, MetricFacts]
"""By metric."""


class Summary(Config):
    """The whole file; its JSON Schema is shipped as `evaluation.schema.json` beside this module."""

    schema_version: Annotated[int, Field(alias="schema", ge=1)]
    model: str
    """Name for people."""
    parents: list[str]
    """Digests of the run or export; empty for a base and most servers."""
    suite: dict[str, str]
    """Name, version and digest."""
    model_fingerprint: str
    prompt_digest: str
    engine: JsonDict
    choice_seed: int | None = None
    """Of the order in which options were shown."""
    training: str | None = None
    """Digest of the dataset that the model was trained on, if it is known."""
    decoding: JsonDict
    counts: Counts
    metrics: Facts
    by_category: dict[str, Facts]
    by_capability: dict[str, Facts] = Field(default_factory=dict)
    notes: dict[str, float | int | str]
    """Facts about the metrics, such as the share of truncated texts."""
    judge: JsonDict
    """Verdicts, tries and tokens of the judge; empty without one."""
    contamination: JsonDict | None
    held_out: JsonDict | None
