"""How an answer reads that calls something a fault: its name, and what is said of it in one clause.

Whether the clause is denied, quoted or taken back is read by `secarch.text.polarity`, as for every
must-not.
"""

from __future__ import annotations

from functools import lru_cache

from secarch.suite.schema import Decoy, MustNot

CLAUSE = r"(?:[^.,;:\n]|, which\b)"
"""A character within a clause: "X is fine, but Y is a problem" is not an alarm about X."""
REACH = 90
"""Characters between the name and what is said of it."""
_BAD = (
    r"\b(?:insecure|vulnerab\w*|dangerous|unsafe|risky|wrong|missing|lacks?|unencrypted|unprotected"
    r"|over(?:ly|-?permissive)|misconfigur\w*|violat\w*|expos(?:es?|ed|ure)|weak(?:ens|ness)?"
    r"|unacceptable|leak(?:s|ed)?)\b"
)
_NOUN = (
    r"\b(?:an?|the) (?:[\w-]+ ){0,2}(?:risk|finding|fault|problem|issue|gap|weakness|hole|violation"
    r"|flaw|concern|mistake|vulnerability|defect)\b"
)
_TOO = r"\btoo (?:broad|wide|open|permissive|long|loose|weak|short|public|many|large)\b"
_DUTY = (
    r"\b(?:should|must|needs? to|ought to|ha(?:s|ve) to) (?:be|go|use|become)\b(?= \w)"
    r"(?! (?:left|kept|public|open|reachable|readable|privileged|allowed|there|able)\b)"
)
_APPEARS = (
    r"(?![^.\n]{0,60}\b(?:looks?|seems?|appears?|sounds?|(?:could|may|might) (?:be|look|seem))\b"
    r"[^.\n]{0,90}\b(?:but|though|although|yet|however|while)\b)"
)
"""What only looks wrong "but" is something else is not an alarm."""
_DO = (
    r"\b(?:remove|restrict|close|replace|disable|delete|lock down|tighten|narrow|drop|fix|change"
    r"|move|encrypt|rotate|block|revoke|shut|cut|limit|turn off|get rid of)\b"
)


@lru_cache(maxsize=4096)
def as_must_not(decoy: Decoy) -> MustNot:
    """A decoy as the must-not that is looked for in its place.

    Example: of the names `health[- ]checks?` it finds "the health checks are too open" and "remove
    the health check", and not "the health checks are fine, but the debug rule is a problem".
    """
    found = decoy.pattern or ""
    if decoy.names is not None:
        said = f"(?:{_BAD}|{_NOUN}|{_TOO}|{_DUTY})"
        named = rf"(?:{decoy.names})(?!\w){_APPEARS}{CLAUSE}{{0,{REACH}}}{said}"
        done = rf"{_DO}{CLAUSE}{{0,{REACH}}}(?:{decoy.names})"
        found = "|".join(part for part in (named, done, found) if part)
    return MustNot.model_construct(
        id=decoy.id, text=decoy.text, severity="minor", pattern=found, detector=None
    )
