"""Workflows that run what a stranger writes."""

from __future__ import annotations

import pytest

from secarch.danger.pipeline import UntrustedInput
from secarch.danger.read import read

STEP = "on: {on}\njobs:\n  a:\n    steps:\n      - {step}\n"


def _found(on: str, step: str) -> list[str]:
    code = read(STEP.format(on=on, step=step), "yaml")
    return [found.evidence for found in UntrustedInput().find(code)]


@pytest.mark.parametrize(
    "name",
    [
        "github.event.issue.title",
        "github.event.pull_request.body",
        "github.event.pull_request.head.ref",
        "github.event.comment.body",
        "github.event.head_commit.message",
        "github.event.commits[0].author.name",
        "github.head_ref",
        "format('{0}', github.event.review.body)",
    ],
)
def test_a_stranger_s_text_in_a_script_is_found(name: str) -> None:
    """Whatever field it is in; in the environment of the step it is a value and no code."""
    assert len(_found("issues", f'run: echo "${{{{ {name} }}}}"')) == 1
    assert not _found("issues", f'env: {{T: "${{{{ {name} }}}}"}}')


@pytest.mark.parametrize("name", ["github.sha", "github.event.issue.number", "inputs.tag"])
def test_what_no_stranger_writes_is_no_finding(name: str) -> None:
    """Numbers and hashes cannot carry a command."""
    assert not _found("issues", f'run: echo "${{{{ {name} }}}}"')


@pytest.mark.parametrize(
    "on", ["pull_request_target", "[workflow_run]", "{pull_request_target: {}}"]
)
def test_the_head_of_a_fork_is_not_run_with_secrets(on: str) -> None:
    """Under `pull_request` a fork's code has none."""
    head = 'github.event.pull_request.head.sha }}"'
    step = f'{{uses: actions/checkout@v4, with: {{ref: "${{{{ {head}}}}}'
    assert len(_found(on, step)) == 1
    assert not _found("pull_request", step)
    assert not _found(on, "uses: actions/checkout@v4")
    assert not _found(on, 'run: echo "${{ github.event.pull_request.head.sha }}"')


def test_other_documents_are_no_workflows() -> None:
    """A list of steps alone, and jobs that are no table, end nothing."""
    for text in ("- run: echo", "jobs: [1, 2]", "jobs: {a: 1}", "jobs: {a: {steps: 7}}"):
        assert not list(UntrustedInput().find(read(text, "yaml")))
