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

    _fetched: ClassVar[re.Pattern[str]] = re.compile(
        r"\bgh\s+pr\s+checkout\b|\bgit\s+(?:fetch|pull|checkout|merge)\b[^\n]*"
        r"(?:\bpull/|github\.head_ref|github\.event\.pull_request\.head|GITHUB_HEAD_REF)"
    )
    _whole: ClassVar[re.Pattern[str]] = re.compile(
        r"^\s*\$\{\{\s*(?:github\.event\.)?inputs\.[\w-]+\s*\}\}", re.MULTILINE
    )
    """A command that is nothing but what the caller gave."""

    def find(self, code: Code) -> Iterator[Found]:
        """Expressions in `run` and in scripts of actions; a checkout of the head under a trigger
        that has the secrets; secrets that are printed; actions that follow a branch.
        """
        for tree in code.documents:
            if not isinstance(tree, Mapping) or not {"jobs", "runs"} & tree.keys():
                continue
            privileged = _triggers(tree) & {"pull_request_target", "workflow_run"}
            if not _GUARDED.search(code.text):
                privileged |= _triggers(tree) & {"issue_comment"}
            for step in _steps(tree):
                yield from self._step(step, min(privileged, default=""))

    def _step(self, step: Mapping[str, Any], privileged: str) -> Iterator[Found]:
        given = step.get("with")
        inputs = given if isinstance(given, Mapping) else {}
        for script in (str(step.get("run") or ""), str(inputs.get("script") or "")):
            match = self._text.search(script) or self._whole.search(script)
            if match:
                yield Found(f"run: {match.group().strip()}")
            if privileged and (match := self._fetched.search(script)):
                yield Found(f"{privileged} runs {match.group()}")
        ref, used = str(inputs.get("ref", "")), said(step.get("uses"))
        if privileged and "checkout" in used and self._head.search(ref):
            yield Found(f"{privileged} checks out {ref}")
        if _BRANCH.search(used) and not used.startswith("./"):
            yield Found(f"uses: {used}")


_GUARDED = re.compile(r"author_association|getCollaboratorPermissionLevel|collaborators/")
"""A check of who wrote a comment."""
_BRANCH = re.compile(r"^(?!actions/|github/)[\w.-]+/[\w./-]+@(?:main|master|develop|head)$")
"""An action of somebody else that changes whenever its branch does."""
_PRINTED = re.compile(
    r"\b(?:echo|printf|cat\s*<<<)\b[^\n|>]*\$\{\{\s*secrets\.[^\n|>]*"
    r"(?:$|\n|\|\s*(?:base64|rev|xxd|tr|sed|fold)\b[^\n|>]*(?:$|\n))"
    r"|\btoJSON\(\s*secrets\s*\)"
)


def printed_secrets(code: Code) -> Iterator[Found]:
    """Secrets that a workflow writes into its log, or hands out all at once."""
    for tree in code.documents:
        if isinstance(tree, Mapping) and {"jobs", "runs"} & tree.keys():
            for step in _steps(tree):
                env = step.get("env")
                scripts = [step.get("run"), *(env.values() if isinstance(env, Mapping) else ())]
                for script in scripts:
                    if match := _PRINTED.search(str(script or "")):
                        yield Found(f"run: {match.group().strip()}", severity="major")


def _triggers(tree: Mapping[Any, Any]) -> set[str]:
    """Events that start a workflow; YAML 1.1 reads the key `on` as true."""
    given = tree.get("on", tree.get(True))
    return {str(one) for one in (given if isinstance(given, Mapping) else items(given))}


def _steps(tree: Mapping[Any, Any]) -> Iterator[Mapping[str, Any]]:
    """The steps of a workflow's jobs, or of an action that is composed of steps."""
    jobs, action = tree.get("jobs"), tree.get("runs")
    for job in [*(jobs.values() if isinstance(jobs, Mapping) else ()), action]:
        for step in items(job.get("steps")) if isinstance(job, Mapping) else ():
            if isinstance(step, Mapping):
                yield step
