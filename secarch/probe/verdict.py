"""What a look at a running server means; decided here and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Word = Literal["SAME", "EQUIVALENT", "INCONCLUSIVE", "WORSE", "UNSAFE", "OTHER MODEL"]
WORDS: tuple[Word, ...] = ("SAME", "EQUIVALENT", "INCONCLUSIVE", "WORSE", "UNSAFE", "OTHER MODEL")
ALARMS = frozenset({"WORSE", "UNSAFE", "OTHER MODEL"})
"""Words that end with exit code 5."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What one look found."""

    expected: str
    """Digest of the version that should answer."""
    answered: str
    """Digest that the server says; empty if it says none."""
    questions: int
    """Asked both times."""
    equal: int
    """Of which the answer's text is the same."""
    unsafe: tuple[str, ...]
    """Questions with more critical statements than at the version's own evaluation."""
    delta: float
    """Mean change of the score; above 0 is better."""
    p: float | None
    tost_p: float | None


def decide(look: Look, *, alpha: float, equivalence_alpha: float) -> Word:
    """The first that holds: OTHER MODEL, SAME, UNSAFE, WORSE, EQUIVALENT, else INCONCLUSIVE.

    Texts that are all equal need no test. A server that does not say its weights is judged by its
    answers alone.
    """
    if look.answered and look.answered != look.expected:
        return "OTHER MODEL"
    if look.questions and look.equal == look.questions:
        return "SAME"
    if look.unsafe:
        return "UNSAFE"
    if look.p is not None and look.p < alpha and look.delta < 0:
        return "WORSE"
    if look.tost_p is not None and look.tost_p < equivalence_alpha:
        return "EQUIVALENT"
    return "INCONCLUSIVE"
