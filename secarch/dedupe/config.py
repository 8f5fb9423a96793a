"""Settings of the dataset builder."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from secarch.dedupe.quality.filters import DEFAULTS, Filter, Length, Readability
from secarch.schema import Config, runtime

Share = Annotated[float, Field(ge=0, le=1)]


class SplitConfig(Config):
    """How many of the documents are held out; whole clusters of near-duplicates stay together."""

    validation: Share = 0.05
    """Share held out for evaluation during training (0..1)."""
    test: Share = 0.05
    """Share held out for good (0..1)."""
    max_overlap: Share = 0.2
    """Held-out rows with a larger share of their 13-grams in the training split are left out
    (0..1).
    """

    @model_validator(mode="after")
    def _leaves_something(self) -> SplitConfig:
        if self.validation + self.test >= 1:
            raise ValueError(
                "validation and test together must be below 1, so that training has a share"
            )
        return self


APPLIED = ("choose", "threat", "review", "fix", "map")
"""Families that teach a decision, a threat, a review, a fix or a mapping of controls."""


class MixConfig(Config):
    """How much of the dataset each family of examples may be; what is above is left out."""

    choose: Share = 0.2
    """Largest share of rows that decide between options (0..1)."""
    threat: Share = 0.2
    """Largest share of threats with their controls (0..1)."""
    review: Share = 0.25
    """Largest share of reviews of infrastructure code (0..1)."""
    fix: Share = 0.25
    """Largest share of insecure states and their corrections (0..1)."""
    map: Share = 0.25
    """Largest share of requirements mapped to controls, implementation and evidence (0..1)."""
    policy: Share = 0.12
    """Largest share of policies that are read: who can do what (0..1)."""
    explain: Share = 0.12
    """Largest share of reasons (0..1)."""
    requirement: Share = 0.08
    """Largest share of requirement lists and checklists (0..1)."""
    sequence: Share = 0.05
    """Largest share of migrations, rotations and incident steps in order (0..1)."""
    refuse: Share = 0.03
    """Largest share of dangerous requests that are turned to a safe way (0..1)."""
    question: Share = 0.06
    """Largest share of questions that the sources ask themselves (0..1)."""
    howto: Share = 0.2
    """Largest share of procedures (0..1)."""
    reference: Share = 0.05
    """Largest share of definitions (0..1)."""
    other: Share = 0.1
    """Largest share of any other family (0..1)."""
    applied: Share = 0.5
    """Smallest share of rows that choose, threat-model, review, fix or map, together (0..1)."""
    constructed: Share = 0.88
    """Share of the rows that generators make from templates; 0: none (0..1)."""
    small: Annotated[int, Field(ge=0)] = 250
    """Rows of a family that are kept whatever its share, unless that is 0, so that small datasets
    stay whole.
    """
    whole: Annotated[int, Field(ge=0)] = 500
    """Rows cut from pages up to which a dataset counts as small; of more, only those are kept that
    do in full what their family promises (a choice with conditions, a procedure with a check).
    """
    told: Annotated[int, Field(ge=0)] = 40
    """Rows from pages up to which a small dataset also takes those that are worth learning and do
    less than their family promises.
    """
    rows: Annotated[int, Field(ge=0)] = 13_400
    """Rows up to which generators fill a dataset of more than `whole` rows from pages, whatever
    their share; 0: their share is the limit.
    """

    def share(self, family: str) -> float:
        """The largest share of a family (0..1)."""
        known = family in type(self).model_fields and family not in (
            "applied",
            "constructed",
            "small",
            "whole",
            "told",
            "rows",
        )
        return float(getattr(self, family if known else "other"))


class GenerateConfig(Config):
    """Examples by a language model, beside those that rules cut; off without an address."""

    url: str = ""
    """OpenAI-compatible server that proposes question and answer pairs from spans; the key is
    OPENAI_API_KEY.
    """
    model: str = ""
    """Its model's name."""
    judge_url: str = ""
    """Server of the model that judges the pairs; empty: the same server."""
    judge_model: str = ""
    """Its model's name. Without a judge other than the proposer each question is asked a second
    time, and the two answers must agree.
    """
    self_judge: bool = False
    """Let the model that made a pair judge it."""
    repair: bool = True
    """Ask once more for an answer that a check turned down, with the reason."""
    max_spans: Annotated[int, Field(ge=1)] = 500
    """Spans that are asked about, those densest in decisions first."""
    pairs: Annotated[int, Field(ge=1, le=10)] = 2
    """Pairs wanted from each."""
    min_support: Share = 0.8
    """Share of an answer's words that its span must hold; its names and numbers must all be there.
    """
    min_score: Annotated[int, Field(ge=1, le=5)] = 4
    """Judge's score (1 to 5) from which a pair is kept."""
    max_new_tokens: Annotated[int, Field(ge=16)] = 900
    """Tokens of one reply."""
    max_tokens: Annotated[int, Field(ge=1)] = 5_000_000
    """Tokens read and made in all after which no further span is asked about."""
    max_price: Annotated[float, Field(ge=0)] = 0.0
    """Price in all after which no further span is asked about, by the two prices; 0: no limit."""
    price_read: Annotated[float, Field(ge=0)] = runtime(0.0)
    """Price of a million tokens read, for the meter."""
    price_made: Annotated[float, Field(ge=0)] = runtime(0.0)
    """Price of a million tokens made."""
    concurrency: Annotated[int, Field(ge=1, le=256)] = runtime(8)
    """Requests in flight."""
    retries: Annotated[int, Field(ge=0, le=20)] = runtime(4)
    """Further tries after a temporary failure."""
    timeout_s: Annotated[float, Field(gt=0, le=86_400)] = runtime(300.0)
    """Seconds for one reply."""

    @model_validator(mode="after")
    def _holds_no_secret(self) -> GenerateConfig:
        if any(
            "@" in url.split("://", 1)[-1].split("/", 1)[0] for url in (self.url, self.judge_url)
        ):
            raise ValueError(
                "an address with user or password would be written into the manifest; use "
                "OPENAI_API_KEY"
            )
        return self


class DedupeConfig(Config):
    """What to keep, what counts as the same, and how examples are cut."""

    threshold: Annotated[float, Field(gt=0.5, le=1)] = 0.8
    """Jaccard similarity of word shingles from which two documents are the same (0.5..1]."""
    containment: Annotated[float, Field(gt=0.5, le=1)] = 0.98
    """Share of the shorter document's shingles inside the longer one from which it is subsumed
    (0.5..1].
    """
    shingle: Annotated[int, Field(ge=1, le=20)] = 5
    """Words in a shingle."""
    boilerplate: Share = 0.2
    """Share of a site's pages from which a line at their edges is navigation or footer and is left
    out; 0: never.
    """
    min_words: Annotated[int, Field(ge=0)] = 50
    """Words of prose and code below which a document is too short."""
    max_words: Annotated[int, Field(ge=1)] = 100_000
    """Words above which a document is not a page but a dump."""
    min_reading_ease: float = -100.0
    """Flesch reading ease of the prose below which text is not prose (100 very easy, 0 very hard).
    """
    filters: tuple[Filter, ...] = DEFAULTS
    """Further rules, each a table with its kind and thresholds; a list given here replaces the
    default one.
    """
    licences: tuple[str, ...] = ()
    """Licences (SPDX identifiers or terms' names, as the documents give them) to learn from; none
    named: all.
    """
    unknown_licence: Literal["keep", "drop"] = "keep"
    """What becomes of documents whose licence is not known; kept ones are counted as such in card
    and report.
    """
    max_bad_rows: Annotated[int, Field(ge=0)] = 100
    """Unreadable input rows that are counted and skipped before the run is refused."""
    min_example_words: Annotated[int, Field(ge=1)] = 30
    """Words of the shortest answer worth learning; shorter sections join their neighbours."""
    max_example_words: Annotated[int, Field(ge=50)] = 400
    """Words of the longest answer; longer sections are cut at paragraph ends, code blocks whole."""
    max_per_document: Annotated[int, Field(ge=1)] = 150
    """Examples from one document."""
    max_per_kind: Annotated[int, Field(ge=1)] = 20_000
    """Examples of one kind, such as howto."""
    max_per_wording: Annotated[int, Field(ge=1)] = 2_000
    """Examples whose question was made by one and the same template."""
    scrub: bool = True
    """Replace credentials and personal data that are no documentation examples."""
    semantic: bool = False
    """Also report what means the same in other words: documents, and questions of the suites (needs
    an encoder).
    """
    encoder: str = "minilm"
    """Sentence encoder for that: a folder with safetensors, or minilm, which the extra 'encoder'
    brings.
    """
    semantic_threshold: Annotated[float, Field(gt=0, le=1)] = 0.9
    """Cosine from which two texts are reported as near neighbours (0..1]."""
    decontaminate: tuple[str, ...] = ("core",)
    """Suites (names or files) whose questions must not be in the training data."""
    generate: GenerateConfig = GenerateConfig.defaults()
    """Examples by a language model."""
    exclude_sources: bool = True
    """Leave out the documents that those questions name as their sources, with all that is joined
    with them.
    """
    fail_on_contamination: bool = runtime(False)
    """Exit with 5 where an example held text of a suite, dropped or flagged; the dataset is built
    all the same.
    """
    mix: MixConfig = MixConfig.defaults()
    """Shares of the families of examples."""
    split: SplitConfig = SplitConfig.defaults()
    """How the data is split."""
    engine: Literal["local", "ray"] = runtime("local")
    """Where shards are worked on: processes of this machine, or a Ray cluster; the result is the
    same.
    """
    ray_address: str = runtime("")
    """Address of a running Ray cluster, such as `auto` or `ray://head:10001`; '' starts one on this
    machine.
    """
    shard_mb: Annotated[float, Field(gt=0, le=256)] = runtime(4.0)
    """Megabytes of input in a shard: what is done again, at most, after a run was killed."""
    workers: Annotated[int, Field(ge=1, le=64)] = runtime(2)
    """Processes."""

    @property
    def gates(self) -> tuple[Filter, ...]:
        """All rules in the order in which they are asked; the first reason counts.

        Language comes first, since the others count by the rules of English.
        """
        return (
            *(rule for rule in self.filters if rule.kind == "language"),
            Length(min_words=self.min_words, max_words=self.max_words),
            *(rule for rule in self.filters if rule.kind != "language"),
            Readability(min_reading_ease=self.min_reading_ease),
        )
