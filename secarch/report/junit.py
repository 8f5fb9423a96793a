"""JUnit XML, for the pages of build servers: the one writer.

The form is that of the Ant task, which Jenkins, GitLab and GitHub read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One test case: passed unless it says why it failed or was skipped."""

    group: str
    """Dotted class name."""
    name: str
    failure: str | None = None
    """Why it failed, in one line."""
    detail: str = ""
    """Further lines about the failure."""
    skipped: str | None = None
    """Why it was not judged."""
    seconds: float | None = None

    def xml(self) -> str:
        """The element."""
        time = "" if self.seconds is None else f' time="{self.seconds:.3f}"'
        head = f"<testcase classname={_attribute(self.group)} name={_attribute(self.name)}{time}"
        if self.skipped is not None:
            return f"{head}><skipped message={_attribute(self.skipped)}/></testcase>"
        if self.failure is not None:
            text = escape(clean(self.detail))
            return f"{head}><failure message={_attribute(self.failure)}>{text}</failure></testcase>"
        return f"{head}/>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A test suite: cases under one name."""

    name: str
    cases: Sequence[Case]
    output: str = ""
    """Shown beside the cases."""

    def xml(self) -> str:
        """The element, with its counts."""
        inner = "".join(f"\n  {case.xml()}" for case in self.cases)
        said = f"\n  <system-out>{escape(clean(self.output))}</system-out>" if self.output else ""
        counts = _counts(self.cases)
        return f" <testsuite name={_attribute(self.name)} {counts}>{inner}{said}\n </testsuite>\n"


def document(name: str, groups: Sequence[Group]) -> str:
    """The whole file. Characters that XML 1.0 does not have (section 2.2) become U+FFFD."""
    counts = _counts([case for group in groups for case in group.cases])
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    inner = "".join(group.xml() for group in groups)
    return f"{head}\n<testsuites name={_attribute(name)} {counts}>\n{inner}</testsuites>\n"


def clean(text: str) -> str:
    """The text without characters that XML 1.0 does not have."""
    return _NOT_XML.sub("\ufffd", text)


def _attribute(text: str) -> str:
    return quoteattr(clean(text))


def _counts(cases: Sequence[Case]) -> str:
    failures = sum(case.failure is not None and case.skipped is None for case in cases)
    skipped = sum(case.skipped is not None for case in cases)
    return f'tests="{len(cases)}" failures="{failures}" skipped="{skipped}" errors="0"'
