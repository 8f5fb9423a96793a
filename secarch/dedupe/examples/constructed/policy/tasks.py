"""Policy questions: rights of three platforms, calls to decide, and answers by an evaluator."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from secarch.dedupe.examples.constructed.policy.aws_cases import across, guarded, identity
from secarch.dedupe.examples.constructed.policy.azure_cases import azure
from secarch.dedupe.examples.constructed.policy.case import Case, parts
from secarch.dedupe.examples.constructed.policy.cluster_cases import cluster
from secarch.dedupe.examples.constructed.policy.rights import FIELDS
from secarch.dedupe.examples.constructed.policy.versions import versions
from secarch.dedupe.examples.constructed.template import Workload, surroundings
from secarch.dedupe.examples.constructed.values import filled, values_of
from secarch.dedupe.examples.constructed.voice import capital, listed, lowered, tidy

APART = "policy/"
"""How the names of scenarios begin whose services are in no other one."""
HELD = 0.12
"""Share of questions on services that stand apart."""
COMPARED = 0.22
"""Share of questions that compare two versions of a policy."""
MOST_ADVICE = 3
"""Things that are easy to miss, and changes, that are named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A question with its answer."""

    scenario: str
    """Rows of one scenario stay in one split."""
    title: str
    category: str
    asked: str
    answered: str


def policy_task(rng: random.Random) -> Task:
    """Draw a platform, a workload and rights, and write question and answer."""
    workload = rng.choice(surroundings().workloads)
    values = values_of(rng, workload, ())
    place = rng.random()
    if place < COMPARED + HELD:
        field = rng.choice(FIELDS) if place < HELD else ""
        kind, asked, answered = versions(rng, values, field)
        return Task(
            scenario=f"{APART}{field}" if field else f"policy+versions+{kind}",
            title=f"{workload.name}: two versions of its rights",
            category="iam",
            asked=asked,
            answered=tidy(answered),
        )
    make: Callable[..., Case] = rng.choice([identity, guarded, across, cluster, cluster, azure])
    case = make(rng, values)
    place = rng.randrange(len(parts()["ask"]))
    return Task(
        scenario=case.scenario,
        title=f"{workload.name}: who can do what",
        category=case.category,
        asked=_asked(place, case, workload),
        answered=_answered(rng, place, case, values),
    )


def _asked(place: int, case: Case, workload: Workload) -> str:
    ask = filled(
        parts()["ask"][place]["text"].replace("{Team}", capital(workload.team)),
        {
            "team": workload.team,
            "unit": workload.unit,
            "workload": workload.name,
            "regime": workload.regime,
            "data": workload.data,
        },
    )
    calls = "\n".join(f"{n}. {capital(one.say)}?" for n, one in enumerate(case.rulings, 1))
    return f"{ask}\n\n{case.shown}\n\nCalls by {case.who}:\n{calls}"


def _answered(rng: random.Random, place: int, case: Case, values: Mapping[str, str]) -> str:
    lines = _ruled(case)
    summary = _summary(case)
    head = rng.choice(parts()["head"]).replace("{summary}", lowered(summary))
    blocks = [head.replace("{Summary}", summary), "\n".join(lines)]
    if case.reach:
        blocks.append(_in_effect(case.reach))
    miss = _untold(case)
    if miss:
        told = "miss_team" if "tell them where they are wrong" in _ask(place) else "miss_head"
        blocks.append(_bullets(rng, told, miss))
    if case.change:
        blocks.append(_bullets(rng, "change_head", case.change))
    if case.code:
        blocks.append(case.code)
    blocks += [*_proof(case), *_purpose(place, case)]
    return tidy(filled("\n\n".join(blocks), values))


def _ask(place: int) -> str:
    return str(parts()["ask"][place]["text"])


def _ruled(case: Case) -> list[str]:
    """A line for each call; a reason that was told is not told again."""
    first: dict[str, int] = {}
    lines = []
    for n, one in enumerate(case.rulings, 1):
        told = first.setdefault(one.reason, n)
        reason = one.reason if told == n else f"For the reason of call {told}."
        lines.append(f"{n}. {capital(one.say)}: **{one.word}**. {reason}")
    return lines


_LIST_KEYS = "`Microsoft.Storage/storageAccounts/listKeys/action`"
_SAME = (
    (
        "`s3:PutObject` on the same key",
        ("`s3:PutObject` also overwrites", "an empty `s3:PutObject`"),
    ),
    ("`s3:PutLifecycleConfiguration` is granted", ("an expiry rule deletes", "lifecycle rules:")),
    ("`s3:PutBucketPolicy` is granted", ("or change its policy",)),
    ("`deploy`", ("The right to deploy includes the right to read",)),
    (_LIST_KEYS, ("it can list keys", "has no dataActions")),
    ("writes role assignments", ("Who may write role assignments",)),
)
"""What a way to a refused call says, and what a remark says of the same right."""


def _untold(case: Case) -> list[str]:
    """Remarks that say more than the ways to refused calls do."""
    told = "\n".join(case.reach)
    same = [text for way, texts in _SAME if way in told for text in texts]
    kept = [one for one in case.miss if not any(text in one for text in same)]
    if any("an empty `s3:PutObject`" in one for one in kept):  # the pair says it of both
        kept = [one for one in kept if "`s3:PutObject` also overwrites" not in one]
    return kept


def _in_effect(reach: Sequence[str]) -> str:
    """What refused calls come to, as one paragraph or a list."""
    if len(reach) == 1:
        return f"**In effect.** {reach[0]}"
    return "\n".join(["**In effect**", "", *(f"- {text}" for text in reach)])


def _purpose(place: int, case: Case) -> list[str]:
    """What the answer means for the reason why it is asked, if one is told."""
    text = parts()["ask"][place].get("answer", "")
    able = [one.say for one in case.rulings if one.word == "yes"]
    if not text or not able:
        return []
    log = next(log for start, log in _LOGS.items() if case.scenario.startswith(start))
    reached = any("within reach" in one for one in case.reach)
    text = text.replace("{reach}", ", apart from what is within reach all the same" * reached)
    text = text.replace("{within}", ", and by way of these what is within reach" * reached)
    return [text.replace("{able}", listed(able)).replace("{log}", log)]


_LOGS = {
    "policy+iam": "CloudTrail (with data events where objects are concerned)",
    "policy+rbac": "the cluster's audit log",
    "policy+azure": "the activity log and, for data operations, the resource logs",
}


def _proof(case: Case) -> list[str]:
    """How to test it: a call that succeeds and one that is refused, if a command shows them."""
    told = [case.proof] if case.proof else []
    for word in ("yes", "no"):
        told += [one.check for one in case.rulings if one.word == word and one.check][:1]
    return [f"**How to show it.** {' '.join(told)}"] if told else []


def _bullets(rng: random.Random, place: str, texts: Sequence[str]) -> str:
    head = rng.choice(parts()[place])
    if len(texts) == 1:
        return f"{head}: {lowered(texts[0])}"
    return "\n".join([head, "", *(f"- {capital(text)}" for text in texts[:MOST_ADVICE])])


def _summary(case: Case) -> str:
    said: list[str] = []
    for word, verb in (("yes", "can"), ("no", "cannot"), ("it depends", "can under a condition")):
        calls = [one.say for one in case.rulings if one.word == word]
        if calls:
            said.append(f"{verb} {listed(calls, 'or' if word == 'no' else 'and')}")
    return f"{capital(case.who)} " + "; it ".join(said)
