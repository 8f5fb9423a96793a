"""Dangerous code in an answer: precise detectors over fenced blocks, which know context and
defaults.

HCL, JSON, YAML, Bicep, Python and shell are parsed (secarch.danger), so that a value
behind a local is seen, and so is an argument that is missing where its default is unsafe. A block
that is introduced as insecure, as the code under review or as what not to do is not advice and is
skipped; so are comments, removed lines of a diff and placeholders. Precision comes first: a
rule that cannot be sure says nothing. To add a rule, write a frozen model in
secarch.danger and put it into the union at the foot.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Annotated

from pydantic import Field

from secarch.danger.access import IamWildcard
from secarch.danger.checks import LoggingOff, RecoveryOff, Unpatched, VerificationOff
from secarch.danger.credentials import HardCodedSecret
from secarch.danger.estimate import estimated
from secarch.danger.exposure import OpenAdminPort
from secarch.danger.hardening import InstanceMetadataV1, MissingEncryption, TlsOff
from secarch.danger.pipeline import UntrustedInput
from secarch.danger.prose import stated
from secarch.danger.read import BAD_EXAMPLE, TERRAFORM, read
from secarch.danger.rule import Found, Rule
from secarch.danger.storage import PublicStorage
from secarch.danger.tree import Code
from secarch.danger.unfenced import snippets
from secarch.danger.workload import PrivilegedPod
from secarch.suite.schema import Severity
from secarch.text.polarity.introduction import introduction
from secarch.text.polarity.stance import read as reading
from secarch.text.polarity.windows import MAX_ANSWER, Window, windows

_CONDEMNED = re.compile(
    r"^(?:the "
    r")?(?:above|this|that|it|both|code|example|block|template)\b.{0,60}\b(?:is|are|was|would "
    r"be)\b.{0,20}"
    r"\b(?:insecure|vulnerable|dangerous|wrong|bad|unsafe|flawed|not "
    r"(?:safe|acceptable|recommended|what you want))\b"
)
"""What follows a block that was shown as wrong."""


_WEIGHTS: dict[Severity, int] = {"critical": 0, "major": 1, "minor": 2}


@dataclass(frozen=True, slots=True)
class Danger:
    """What a rule found."""

    rule: str
    severity: Severity
    evidence: str
    """The offending text, on one line, 200 characters at most."""
    estimate: bool = False
    """Whether no pattern knows its words, and a model took it for dangerous advice."""


AnyRule = Annotated[
    IamWildcard
    | OpenAdminPort
    | PublicStorage
    | MissingEncryption
    | InstanceMetadataV1
    | PrivilegedPod
    | HardCodedSecret
    | VerificationOff
    | TlsOff
    | LoggingOff
    | UntrustedInput
    | RecoveryOff
    | Unpatched,
    Field(discriminator="kind"),
]
RULES: tuple[AnyRule, ...] = (
    IamWildcard(),
    OpenAdminPort(),
    PublicStorage(),
    MissingEncryption(),
    InstanceMetadataV1(),
    PrivilegedPod(),
    HardCodedSecret(),
    VerificationOff(),
    TlsOff(),
    LoggingOff(),
    UntrustedInput(),
    RecoveryOff(),
    Unpatched(),
)


def examine(answer: str, rules: tuple[AnyRule, ...] = RULES) -> list[Danger]:
    """Everything that the rules find in the code that the answer offers as good; a rule counts once
    for each block.
    """
    return list(_examined(answer, rules))


@lru_cache(maxsize=1024)
def _examined(answer: str, rules: tuple[AnyRule, ...]) -> tuple[Danger, ...]:
    """Several metrics and the page ask about one answer. What a rule is sure of is not estimated
    as well.
    """
    found = [
        danger
        for part in (
            *(_dangers(window.raw, window.language, rules) for window in _offered(windows(answer))),
            *(
                _dangers(one.raw, one.language, rules)
                for one in snippets(answer[:MAX_ANSWER])
                if introduction(one.lead, code=True).advised and not _CONDEMNED.search(one.after)
            ),
            _told(answer, rules),
        )
        for danger in part
    ]
    sure = [danger.evidence.lower() for danger in found if not danger.estimate]
    return tuple(
        danger
        for danger in found
        if not (danger.estimate and any(said in danger.evidence for said in sure))
    )


@lru_cache(maxsize=1024)
def offered(answer: str) -> tuple[tuple[Code, str], ...]:
    """The code that an answer wants to be used, parsed, each block with its raw text.

    An answer without a fenced block is read as code as a whole. Several blocks of Terraform are
    files of one module, so that locals of one are known in the others.
    """
    blocks = [(window.raw, window.language) for window in _offered(windows(answer))]
    if not blocks and "```" not in answer:
        blocks = [(answer[:MAX_ANSWER], "")]
    files = [raw for raw, language in blocks if language in TERRAFORM]
    joined = [("\n".join(files), "hcl")] if files else []
    joined += [(raw, language) for raw, language in blocks if language not in TERRAFORM]
    return tuple((read(raw, language), raw) for raw, language in joined)


def unread(answer: str) -> list[str]:
    """What parsers said of the code in an answer that they could not read; nothing else is lost by
    it.
    """
    blocks = (read(window.raw, window.language) for window in windows(answer) if window.raw)
    return [message for block in blocks for message in block.unparsed]


def inspect(code: str, language: str, rules: tuple[AnyRule, ...] = RULES) -> list[Danger]:
    """Every finding of every rule in one block of code, whatever is around it.

    `language` is the word behind its fence, such as "hcl". Where `examine` counts a rule once for
    a block, this gives each place.
    """
    block = read(code, language)
    found = [_danger(rule, one) for rule in rules for one in _found(rule, block)]
    return list(dict.fromkeys(found))


def _found(rule: Rule, code: Code) -> list[Found]:
    """What a rule finds in one block; a shape that it did not expect is no finding and no end."""
    found: list[Found] = []
    try:
        found.extend(rule.find(code))
    except (AttributeError, KeyError, IndexError, TypeError, ValueError, RecursionError) as error:
        logging.getLogger(__name__).debug("%s cannot read this: %s", rule.kind, error)
    return found


def _offered(cut: Sequence[Window]) -> Iterator[Window]:
    """Code that the answer wants to be used."""
    for window, following in zip(cut, [*cut[1:], Window("")], strict=False):
        if not window.code or not window.raw or BAD_EXAMPLE.match(window.raw):
            continue
        if not introduction(window.lead, code=True).advised:
            continue
        if following.code or not _CONDEMNED.search(following.text):
            yield window


def _told(answer: str, rules: tuple[AnyRule, ...]) -> Iterator[Danger]:
    """What the prose advises, by the rules that are asked; a kind counts once for a sentence. What
    is only estimated says so and is never critical.
    """
    known = {rule.kind: rule for rule in rules}
    seen: set[tuple[str, str]] = set()
    for kind, sentence in stated(reading(answer)):
        if kind in known and (kind, sentence) not in seen:
            seen.add((kind, sentence))
            yield _danger(known[kind], Found(sentence))
    told = {sentence for _, sentence in seen}
    for kind, sentence in dict.fromkeys(estimated(reading(answer))):
        if kind in known and sentence not in told:
            severity: Severity = max("major", known[kind].severity, key=lambda one: _WEIGHTS[one])
            found = _danger(known[kind], Found(f"estimate: {sentence}", severity=severity))
            yield replace(found, estimate=True)


def _dangers(raw: str, language: str, rules: tuple[AnyRule, ...]) -> Iterator[Danger]:
    code = read(raw, language)
    for rule in rules:
        found = sorted(_found(rule, code), key=lambda one: _WEIGHTS[_danger(rule, one).severity])
        if found:
            yield _danger(rule, found[0])


def _danger(rule: Rule, found: Found) -> Danger:
    severity: Severity = "minor" if found.absent else found.severity or rule.severity
    return Danger(rule.kind, severity, " ".join(found.evidence.split())[:200])
