"""One fault in the code of a scene, with all that is known of it and the wording that fits it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from secarch.dedupe.examples.constructed.template import (
    SEVERITIES,
    Circumstance,
    Component,
    Fault,
    Severity,
    Slot,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """One fault in the code, with all that is known of it."""

    kind: str
    fault: Fault
    slot: Slot
    component: Component
    resource: str
    line: int
    """Number of the line, from 1; of the block's first line if something is missing."""
    evidence: tuple[str, ...]
    """The faulty lines, empty if something is missing."""
    missing: str
    """What is missing; empty if a line is wrong."""
    right: tuple[int, ...]
    """Indexes of the lines that fix it, in the fixed code."""
    facts: str = ""
    """The place in short: cloud, component, slot and the ports of the scene."""
    kinds: frozenset[str] = frozenset()
    """Kinds of all faults in the same component."""

    @property
    def rules(self) -> tuple[str, ...]:
        """Detectors that must find it."""
        if self.slot.rules is not None:
            return self.slot.rules
        return (self.fault.rule,) if self.fault.rule else ()

    @property
    def severity(self) -> Severity:
        """How grave it is here."""
        return self._beside("severity") or self._usual

    @property
    def _usual(self) -> Severity:
        return self.slot.severity or self.fault.severity

    @property
    def because(self) -> str:
        """Why its weight is what it is beside these other faults; '' if they do not matter."""
        return str(self._beside("because") or "")

    @property
    def weighs(self) -> str:
        """Why it has the weight of its kind; '' if it has another one, or needs less or more."""
        special = self.slot.severity or self._beside("takes") or self._by_line("takes")
        return "" if special else self.fault.weighs

    @property
    def eased(self) -> bool:
        """Whether it weighs less here than it does elsewhere."""
        return SEVERITIES.index(self.severity) > SEVERITIES.index(self._usual)

    @property
    def leads(self) -> bool:
        """Whether it is fixed before the others of its weight."""
        return bool(self._beside("first"))

    def texts(self, what: str) -> tuple[str, ...]:
        """`title`, `why`, `fix`, `rollout` or `excuse`: the circumstance's, the slot's own, that
        of the place, the kind's.
        """
        own = self._beside(what) or getattr(self.slot, what)
        return tuple(own or self._by_line(what) or getattr(self.fault, what))

    def _beside(self, what: str) -> Any:
        """What the first circumstance that holds and speaks of it says; None if none does."""
        held = (one for one in self._circumstances if (getattr(one, what)))
        return next((getattr(one, what) for one in held), None)

    @property
    def _circumstances(self) -> tuple[Circumstance, ...]:
        every = self.fault.circumstances
        return tuple(one for one in every if one.holds(self._shown, self.kinds)) if every else ()

    @property
    def _shown(self) -> str:
        return "\n".join([self.facts, *self.evidence, self.missing])

    def _by_line(self, what: str) -> Any:
        """The first wording for this place that says something of it; None if there is none."""
        shown, told = self._shown, self.fault.by_line.items()
        fit = (one for pattern, one in told if re.search(pattern, shown))
        return next((text for one in fit if (text := getattr(one, what))), None)

    @property
    def needs_before(self) -> bool:
        """Whether the place has a fix of its own that speaks of what has to be ready."""
        return any("has to be able" in text for text in self._by_line("fix") or ())

    def text(self, what: str) -> str:
        """`attack`, `takes`, `watch` or `back`: the circumstance, the place, then the kind."""
        return str(self._beside(what) or self._by_line(what) or getattr(self.fault, what))

    @property
    def name(self) -> str:
        """The fault as a noun phrase."""
        own = self._beside("name") or self.slot.name
        return str(own or self._by_line("name") or self.fault.name)

    @property
    def verify(self) -> str:
        """How to see that it is fixed."""
        own = self._beside("verify") or self.slot.verify
        return str(own or self._by_line("verify") or self.fault.verify)

    @property
    def excuse(self) -> tuple[tuple[str, str], ...]:
        """What is said in its defence, each with the reply."""
        own = self._beside("excuse") or self.slot.excuse
        return own or self._by_line("excuse") or self.fault.excuse
