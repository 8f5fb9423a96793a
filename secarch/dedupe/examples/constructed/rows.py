"""Rows by construction: reviews, fixes and policy questions whose answers are known beforehand."""

from __future__ import annotations

import hashlib
import itertools
import math
import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from secarch.dedupe.examples.constructed import answer, fixing, question, triage
from secarch.dedupe.examples.constructed.apart import NAME as APART
from secarch.dedupe.examples.constructed.apart import Parts, parts
from secarch.dedupe.examples.constructed.knowledge import (
    asking,
    believing,
    deciding,
    demanding,
    knowing,
    mapping,
    ordering,
    proceeding,
    reasoning,
    refusing,
    threatening,
)
from secarch.dedupe.examples.constructed.library import Library
from secarch.dedupe.examples.constructed.policy.tasks import APART as RIGHTS
from secarch.dedupe.examples.constructed.policy.tasks import Task, policy_task
from secarch.dedupe.examples.constructed.replacing import as_it_runs
from secarch.dedupe.examples.constructed.scene import Scene, compose
from secarch.dedupe.examples.constructed.stated import stated
from secarch.dedupe.examples.constructed.template import Pool, pools
from secarch.dedupe.examples.constructed.voice import Voice
from secarch.records import Example, Source
from secarch.text.minhash import Unlike, shingles

MOST_ALIKE = 0.8
"""Jaccard similarity of word 5-grams from which on two rows are alike."""
MOST_ALIKE_OF = {
    **dict.fromkeys(("fix", "review", "policy"), 0.5),
    "reference": 0.6,
    **dict.fromkeys(("howto", "map", "refuse", "sequence"), 0.7),
}
"""The same by kind: templates of code and rights vary enough to be choosy, and in tables another
workload alone would make too near a copy.
"""
WORDS = 5
GIVE_UP = 200
"""Attempts in a row that make nothing new, after which the templates count as used up."""
TRIAGED = 0.25
"""Share of reviews that go through a scanner's list, if the scene has something for it."""
LICENCE = "Apache-2.0"
FAMILIES = (
    *("review", "fix", "threat", "policy", "choose", "map", "review", "howto", "sequence"),
    *("review", "threat", "fix", "explain", "choose", "policy", "review", "reference", "map"),
    *("fix", "review", "threat", "choose", "question", "policy", "review", "fix", "requirement"),
    *("choose", "threat", "map", "review", "refuse", "sequence", "fix", "policy", "review"),
    *("threat", "choose", "explain", "map", "fix", "threat"),
)
"""Kinds of rows in their order, 42 in a round."""
ALONE = (APART, RIGHTS, believing.NAME, asking.NAME, demanding.SCENARIO)
"""How scenarios begin whose text is in no other scenario, so that any of them can be held out."""
BELIEVED = 0.7
"""Share of explanations that take up what a team believes; the others explain a fault."""


def _explain(rng: random.Random) -> Task:
    return (believing.task if rng.random() < BELIEVED else reasoning.task)(rng)


_KNOWLEDGE = {
    "choose": deciding.task,
    "threat": threatening.task,
    "map": mapping.task,
    "sequence": ordering.task,
    "explain": _explain,
    "requirement": demanding.task,
    "howto": proceeding.task,
    "reference": knowing.task,
    "question": asking.task,
    "refuse": refusing.task,
    "policy": policy_task,
}
"""Families whose rows need no code: what makes one."""


def rows(seed: int, limit: int, spans: Sequence[Example] = ()) -> Iterator[Example]:
    """At most `limit` rows, no two alike, the same for equal arguments.

    The first rows for a larger limit are those for a smaller one. `spans` are examples cut from
    sources; a sentence of theirs is quoted where it explains a fault.
    """
    library = Library(spans)
    yield from distinct((attempted(seed, number, library) for number in itertools.count()), limit)


def attempted(seed: int, number: int, library: Library) -> Example:
    """The row of one attempt: a pure function, the same in any process."""
    rng = random.Random(f"{seed}/{number}")  # noqa: S311 - variety, no secret
    return _row(rng, FAMILIES[number % len(FAMILIES)], library, parts(seed))


def distinct(attempts: Iterable[Example], limit: int) -> Iterator[Example]:
    """At most `limit` rows of which no two are alike, in the order of the attempts."""
    seen = _Seen()
    made = missed = 0
    for example in attempts:
        if made == limit or missed == GIVE_UP:
            return
        if seen.fresh(example):
            made, missed = made + 1, 0
            yield example
        else:
            missed += 1


class _Seen:
    """Rows so far, by scenario: rows of different scenarios hold different code."""

    def __init__(self) -> None:
        self._asked: set[str] = set()
        self._told = {
            most: defaultdict[str, Unlike](partial(Unlike, most))
            for most in {MOST_ALIKE, *MOST_ALIKE_OF.values()}
        }

    def fresh(self, example: Example) -> bool:
        """Whether a row is unlike all before it; if so, it is remembered."""
        if example.instruction in self._asked:
            return False
        grams = shingles(f"{example.instruction}\n{example.answer}", WORDS)
        told = self._told[MOST_ALIKE_OF.get(example.kind, MOST_ALIKE)]
        if not told[example.document_id].add(grams):
            return False
        self._asked.add(example.instruction)
        return True


def _row(rng: random.Random, family: str, library: Library, divided: Parts) -> Example:
    if family in _KNOWLEDGE:
        task = _KNOWLEDGE[family](rng)
        kind = task.scenario.removeprefix(reasoning.NAME)
        name = divided.scenario(kind) or task.scenario
        return _example(family, stated(rng, replace(task, scenario=name)), ())
    part = divided.drawn(rng)
    least = 1 if family == "fix" or part.scenario else 0  # code without a fault has no kind
    scene = compose(
        rng,
        drawn_pool(rng, part.pools),
        least=least,
        most=3 if family == "fix" else 5,
        kinds=part.kinds,
    )
    cited, sources = library.explain(rng, _settings(scene), scene.pool.cloud, scene.code)
    voice = Voice(rng)
    if family == "fix":
        asked, wanted = question.fix(voice, scene)
        answered = fixing.fix(voice, scene, cited, wanted)
    elif triage.fits(scene) and rng.random() < TRIAGED:
        scene = as_it_runs(scene)
        given, missed = triage.alerts(voice, scene)
        asked, why = question.triage(voice, scene, given)
        answered = triage.judged(voice, scene, given, missed, why)
    else:
        asked, wish = question.review(voice, scene)
        answered = answer.review(voice, scene, wish, cited)
    if not any(citation.quote in answered for citation in cited.values()):
        sources = ()  # a short answer quotes nothing
    task = Task(
        scenario=part.scenario or scene.id,
        title=f"{scene.workload.name}: {scene.components[0].what}",
        category=scene.planted[0].fault.category if scene.planted else "iac",
        asked=asked,
        answered=answered,
    )
    return _example(family, stated(rng, task), sources)


def _settings(scene: Scene) -> dict[str, str]:
    """For each kind of fault the lines that are wrong, what is missing and what fixes it."""
    lines = scene.fixed.splitlines()
    return {
        one.kind: "\n".join([*one.evidence, one.missing, *(lines[n] for n in one.right)])
        for one in scene.planted
    }


def drawn_pool(rng: random.Random, known: Sequence[Pool] = ()) -> Pool:
    """A pool of components, of all or of `known`; those with more code come oftener."""
    known = known or pools()
    return rng.choices(known, weights=[math.pow(len(one.components), 0.7) for one in known])[0]


def _example(family: str, task: Task, sources: Sequence[Source]) -> Example:
    identity = f"{family}\n{task.asked}\n{task.answered}"
    first = sources[0] if sources else None
    licences = dict.fromkeys([LICENCE, *(source.licence for source in sources)])
    return Example(
        id=hashlib.sha256(identity.encode("utf-8")).hexdigest()[:16],
        document_id=f"constructed:{task.scenario}",
        url=first.url if first else "",
        title=task.title,
        licence=" AND ".join(name for name in licences if name),
        category=task.category,
        kind=family,
        instruction=task.asked,
        answer=task.answered,
        start=0,
        end=0,
        sources=tuple(sources),
    )
