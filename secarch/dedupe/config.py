"""Settings of the dataset builder."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from secarch.schema import Config, runtime

Share = Annotated[float, Field(ge=0, le=1)]


class SplitConfig(Config):
    """How many of the documents are held out; whole clusters of near-duplicates stay together."""

    validation: Share = 0.05
    """Share held out for evaluation during training (0..1)."""
    test: Share = 0.05
    """Share held out for good (0..1)."""


class DedupeConfig(Config):
    """What to keep, what counts as the same, and how examples are cut."""

    threshold: Annotated[float, Field(gt=0, le=1)] = 0.8
    """Jaccard similarity of word shingles from which two documents are the same (0..1]."""
    shingle: Annotated[int, Field(ge=1, le=20)] = 5
    """Words in a shingle."""
    min_words: Annotated[int, Field(ge=0)] = 50
    """Words of prose and code below which a document is too short."""
    max_words: Annotated[int, Field(ge=1)] = 100_000
    """Words above which a document is no page but a dump."""
    min_reading_ease: float = -50.0
    """Flesch reading ease of the prose below which text is no prose (100 very easy, 0 very hard)."""
    max_bad_rows: Annotated[int, Field(ge=0)] = 100
    """Unreadable input rows that are counted and passed over before the run is refused."""
    min_example_words: Annotated[int, Field(ge=1)] = 30
    """Words of the shortest answer worth learning; shorter sections join their neighbours."""
    max_example_words: Annotated[int, Field(ge=50)] = 400
    """Words of the longest answer; longer sections are cut at paragraph ends, code blocks whole."""
    max_per_document: Annotated[int, Field(ge=1)] = 60
    """Examples from one document."""
    decontaminate: tuple[str, ...] = ("core",)
    """Suites (names or files) whose questions must not be in the training data."""
    split: SplitConfig = SplitConfig()
    """How the data is split."""
    engine: Literal["local"] = runtime("local")
    """Where shards are worked on."""
    workers: Annotated[int, Field(ge=1, le=64)] = runtime(2)
    """Processes."""
