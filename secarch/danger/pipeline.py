"""The rule about pipelines that run what a stranger writes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Literal

from secarch.danger.rule import Found, Rule
from secarch.danger.tree import Code, items, said
from secarch.suite.schema import Severity


class UntrustedInput(Rule):
    """A workflow that puts a stranger's text into a script, or runs a stranger's code with its own
    rights (zizmor: template-injection, dangerous-triggers).
    """

    kind: Literal["untrusted_input"] = "untrusted_input"
    severity: Severity = "major"

    _text: ClassVar[re.Pattern[str]] = re.compile(
        r"\$\{\{(?:(?!\}\}).)*?\bgithub\.(?:head_ref\b|event\.(?:issue|pull_request|comment|review"
        r"|discussion|head_commit|commits|pages|workflow_run|inputs)\b[\w.*\[\]-]*?"
        r"\.?(?:title|body|message|name|email|label|head\.ref|default_branch|page_name|head_branch"
        r"|display_title)\b)(?:(?!\}\}).)*\}\}"
    )
    _head: ClassVar[re.Pattern[str]] = re.compile(
        r"github\.head_ref\b|github\.event\.(?:pull_request\.head|workflow_run\.head)"
        r"|refs/pull/\$\{\{"
    )

    def find(self, code: Code) -> Iterator[Found]:
        """Expressions in `run` and in scripts of actions; a checkout of the head under a trigger
        that has the secrets.
        """
        for tree in code.documents:
            if not isinstance(tree, Mapping) or "jobs" not in tree:
                continue
            privileged = _triggers(tree) & {"pull_request_target", "workflow_run"}
            for step in _steps(tree):
                given = step.get("with")
                inputs = given if isinstance(given, Mapping) else {}
                for script in (step.get("run"), inputs.get("script")):
                    if match := self._text.search(str(script or "")):
                        yield Found(f"run: {match.group()}")
                ref = str(inputs.get("ref", ""))
                if privileged and "checkout" in said(step.get("uses")) and self._head.search(ref):
                    yield Found(f"{min(privileged)} checks out {ref}")


def _triggers(tree: Mapping[Any, Any]) -> set[str]:
    """Events that start a workflow; YAML 1.1 reads the key `on` as true."""
    given = tree.get("on", tree.get(True))
    return {str(one) for one in (given if isinstance(given, Mapping) else items(given))}


def _steps(tree: Mapping[Any, Any]) -> Iterator[Mapping[str, Any]]:
    jobs = tree.get("jobs")
    for job in jobs.values() if isinstance(jobs, Mapping) else ():
        for step in items(job.get("steps")) if isinstance(job, Mapping) else ():
            if isinstance(step, Mapping):
                yield step
