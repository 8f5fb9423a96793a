"""Which workloads can be in a situation that a table describes."""

from __future__ import annotations

import random
import re

from secarch.dedupe.examples.constructed.template import Workload, surroundings

_FIELDS = (
    (r"start-up of (?:nine|four)", ("model-store",)),
    (r"under seal|\bcourt", ("court-filing",)),
    (r"patient|clinical|medical", ("lab-results", "ward-messages", "trial-records")),
    (r"\bcards?\b|\bpayments?\b|settlement", ("fraud-scoring", "wire-screening", "game-wallet")),
    (r"\borders?\b|dealers|\bshops?\b", ("spare-parts", "loyalty-ledger", "parcel-tracker")),
    (r"meters?\b|\bplants?\b|valves", ("grid-telemetry", "water-works", "energy-market")),
    (r"vehicles?\b|\bcars?\b", ("fleet-locks",)),
    (r"students?\b|\bexams?\b", ("exam-portal",)),
    (r"start-up of nine", ("model-store",)),
    (r"emergency calls", ("mine-safety", "ward-messages")),
)
"""Words of a situation -> the workloads that can be in it."""


def fitting(rng: random.Random, situation: str) -> Workload:
    """A workload whose business goes with a situation: no clinic has filings under seal."""
    known = surroundings().workloads
    named = next((names for words, names in _FIELDS if re.search(words, situation)), ())
    return rng.choice([one for one in known if one.name in named] or known)
