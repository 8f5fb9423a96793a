"""What comparison.json holds. Figures that do not exist are null, never 0.

Every `delta` is the gain of tuned over base: above 0 means better, whichever way the metric runs.
"""

from __future__ import annotations

from typing import Literal

from secarch.schema import Config

Word = Literal["WORSE", "BETTER", "EQUIVALENT", "INCONCLUSIVE"]
SCHEMA = 1


class FlipTable(Config):
    """The two-by-two table of a binary metric."""

    harmful: int
    """Right by base, wrong by tuned."""
    beneficial: int
    """Wrong by base, right by tuned."""
    both: int
    neither: int
    exact_p: float
    mid_p: float


class Estimate(Config):
    """One metric, paired by question."""

    metric: str
    lower_is_better: bool
    n: int
    """Questions scored for both models."""
    groups: int
    """Independent units: scenarios, or n if no two questions share one."""
    base: float
    """Mean of the base model, in the metric's unit."""
    tuned: float
    delta: float
    """Mean gain; above 0 means better."""
    low: float | None
    """Bounds of the interval at 1 - alpha, by inverting the test that is named in `test`."""
    high: float | None
    se: float | None
    p: float | None
    """Two-sided, of the test named in `test`."""
    test: str
    wins: int
    ties: int
    losses: int
    separates: bool = True
    """Whether enough questions differ to tell two models apart."""
    extreme: str = ""
    """Of a metric of 0 to 1: "floor" or "ceiling" where nearly every question has that value for
    both models.
    """


class Primary(Estimate):
    """The metric that decides, with everything that is known of its difference."""

    confidence: float
    bca_low: float | None
    """Bounds of the BCa bootstrap interval."""
    bca_high: float | None
    sign_flip_p: float | None
    """Of the sign-flip permutation test, ties counted half (mid-p)."""
    sign_flip_exact_p: float | None
    """The same with ties counted whole, which is what other programs give; it rejects less often
    than it may.
    """
    cohen_dz: float | None
    flips: FlipTable | None
    """Of a binary metric."""
    length_controlled: tuple[float, float | None, float | None] | None
    """Gain at equal length of the answers with its bounds; null if it cannot be told."""


class Category(Config):
    """The primary metric in one category."""

    category: str
    n: int
    groups: int
    delta: float
    low: float | None
    high: float | None
    p: float | None
    p_holm: float | None
    """Adjusted for the number of categories (Holm)."""
    protected: bool
    p_protected: float | None
    """Adjusted for the number of protected categories."""


class Power(Config):
    """What this comparison could have seen."""

    margin: float
    tost_p: float | None
    """Below alpha: equivalent at the margin."""
    detectable: float | None
    """Least true difference found in 4 of 5 comparisons of this size."""
    needed: int | None
    """Questions needed to find a difference as large as the margin."""


class Unscored(Config):
    """Questions that one metric could not score for at least one of the models."""

    metric: str
    base: int
    tuned: int
    reasons: dict[str, int]


class Safety(Config):
    """Critical dangerous statements, where the suite was examined for them."""

    questions: int
    base: int
    """Questions whose answer holds at least one."""
    tuned: int
    base_upper: float
    """Upper 95% bound of the true share (0..1)."""
    tuned_upper: float
    new: tuple[str, ...]
    """Ids of the questions with more of them than before."""


class Gate(Config):
    """Whether the result may pass, and every reason why not."""

    passed: bool
    fail_on: tuple[str, ...]
    reasons: tuple[str, ...]


class Clean(Config):
    """The deciding metric without the questions of which the training data holds words.

    No part of the verdict.
    """

    training: str
    """Digest of the dataset that the tuned model was trained on."""
    checked: int
    """Questions compared with it."""
    seen: tuple[str, ...]
    """Ids of those of which 13 words in a row stand in a training row."""
    estimate: Estimate | None
    """Without them; null if none was seen, or too few questions are left."""


class Noise(Config):
    """The base against itself, on the deciding metric: how far its scores move when nothing is
    changed.
    """

    evaluation: str
    """Digest of the second evaluation of the base."""
    n: int
    """Questions scored both times."""
    answers: int
    """Questions of which the words of the answer changed."""
    changed: int
    """Questions of which the score changed."""
    mean: float
    """Mean change from the first time to the second; above 0 is better."""
    largest: float
    """Largest change of one question, without its sign."""
    promised: bool
    """Whether the engine promises to repeat itself: greedy decoding here does, a server does not.
    """


class Judgement(Config):
    """What one reader preferred who saw the answers unlabelled. It has no part in the verdict."""

    reviewer: str
    n: int
    """Pairs of answers judged."""
    for_base: int
    for_tuned: int
    equal: int
    exact_p: float
    mid_p: float
    """Of McNemar's test over the pairs where one was preferred."""
    agree: int
    """Pairs where the deciding metric prefers the same answer."""
    disagree: int


class Forgotten(Config):
    """A guard suite of the tuned model's training run: general ability before and after it. It has
    no part in the verdict.
    """

    suite: str
    metric: str
    """accuracy (0..1), or nats per token of general documents."""
    lower_is_better: bool
    n: int
    base: float
    tuned: float
    delta: float
    """Mean gain, paired by item; above 0 means better, below it forgetting."""
    low: float | None
    """Bounds of the 95% interval of the gain."""
    high: float | None


class Side(Config):
    """One of the two models."""

    name: str
    evaluation: str
    """Digest of the evaluation artifact, or SHA-256 of the file of scores."""
    fingerprint: str
    """Of the weights; empty where only scores were given."""


class Record(Config):
    """The whole of comparison.json. Figures that do not exist are null, never 0; above 0 means
    better.

    Its JSON Schema is shipped as `comparison.schema.json` beside this module.
    """

    schema_version: int = SCHEMA
    verdict: Word
    explanation: str
    """The verdict in plain words, with `against` and `blind`."""
    against: tuple[str, ...] = ()
    """Every significant move that the verdict does not tell of, in words."""
    blind: tuple[str, ...] = ()
    """Every metric that cannot tell these models apart, in words."""
    primary: Primary
    gate: Gate
    power: Power
    categories: tuple[Category, ...]
    secondary: tuple[Estimate, ...]
    """Not decided on and not adjusted for their number: to be read as hints."""
    safety: Safety | None
    clean: Clean | None = None
    """Null where the training data or the questions are not at hand."""
    noise: Noise | None = None
    """Null where the base was not asked twice."""
    forgotten: tuple[Forgotten, ...] = ()
    """Guard suites of the tuned model's run, if it is in the workspace and had some."""
    unscored: tuple[Unscored, ...]
    only_base: tuple[str, ...]
    """Ids of questions that only the base model has rows for."""
    only_tuned: tuple[str, ...]
    judgements: tuple[Judgement, ...] = ()
    """By reader, from the label file."""
    not_measured: tuple[str, ...]
    """What a reader might expect here and will not find, and why."""
    base: Side
    tuned: Side
    suite: str
    alpha: float
    draws: int
    seed: int


class Candidate(Config):
    """One of several tuned models against the same base."""

    name: str
    comparison: str
    """Digest of its comparison."""
    directory: str
    """Name of that comparison's directory, beside this one."""
    verdict: Word
    """With the p-values that Holm adjusts over the candidates; WORSE by its own."""
    verdict_alone: Word
    n: int
    delta: float
    low: float | None
    high: float | None
    p: float | None
    p_holm: float | None
    gate: bool
    """Whether its own gate is open."""
    reasons: tuple[str, ...]


class Candidates(Config):
    """The whole of candidates.json, best gain first."""

    schema_version: int = SCHEMA
    metric: str
    alpha: float
    margin: float
    candidates: tuple[Candidate, ...]
