"""One fault in the code of a scene, with all that is known of it and the wording that fits it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from secarch.dedupe.examples.constructed.template import Component, Fault, Severity, Slot


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
    """Indexes of the lines that mend it, in the mended code."""
    facts: str = ""
    """The place in short: cloud, component, slot and the ports of the scene."""

    @property
    def rules(self) -> tuple[str, ...]:
        """Detectors that must find it."""
        if self.slot.rules is not None:
            return self.slot.rules
        return (self.fault.rule,) if self.fault.rule else ()

    @property
    def severity(self) -> Severity:
        """How grave it is here."""
        return self.slot.severity or self.fault.severity

    def texts(self, what: str) -> tuple[str, ...]:
        """`title`, `why`, `fix`, `rollout` or `excuse`: the slot's own, that of the place, the
        kind's.
        """
        return tuple(getattr(self.slot, what) or self._by_line(what) or getattr(self.fault, what))

    def _by_line(self, what: str) -> Any:
        """The first wording for this place that says something of it; None if there is none."""
        shown = "\n".join([self.facts, *self.evidence, self.missing])
        fit = (one for pattern, one in self.fault.by_line.items() if re.search(pattern, shown))
        return next((text for one in fit if (text := getattr(one, what))), None)

    def text(self, what: str) -> str:
        """`attack`, `takes`, `watch` or `back`: that of the place, then the kind's."""
        return str(self._by_line(what) or getattr(self.fault, what))

    @property
    def name(self) -> str:
        """The fault as a noun phrase."""
        return self.slot.name or self._by_line("name") or self.fault.name

    @property
    def verify(self) -> str:
        """How to see that it is mended."""
        return self.slot.verify or self._by_line("verify") or self.fault.verify

    @property
    def excuse(self) -> tuple[tuple[str, str], ...]:
        """What is said in its defence, each with the reply."""
        return self.slot.excuse or self._by_line("excuse") or self.fault.excuse
