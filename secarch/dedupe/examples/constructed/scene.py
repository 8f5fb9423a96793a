"""A scene: code for one workload with a known set of planted faults, and the same code fixed."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from secarch.dedupe.examples.constructed import unplanted
from secarch.dedupe.examples.constructed.beside import put_beside, waiting
from secarch.dedupe.examples.constructed.planted import Planted
from secarch.dedupe.examples.constructed.ranking import rank
from secarch.dedupe.examples.constructed.render import (
    aligned,
    assemble,
    block_start,
    changed,
    squeezed,
)
from secarch.dedupe.examples.constructed.template import (
    Component,
    Pool,
    Workload,
    faults,
    surroundings,
)
from secarch.dedupe.examples.constructed.values import filled, values_of

Coder = Callable[[Mapping[str, str]], str]
"""The faulty text of each key that is faulty -> the code of the scene."""

MOST_FAULTS = 5
MOST_LINES = 95
"""Lines of the longest code, which a reader can still take in."""
_COUNTS = (0, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 5)
"""How many faults are planted, drawn evenly."""
_PARAMETERS = ("planId", "pipelineId", "appSubnetId", "endpointSubnetId")
"""Names that a Bicep file takes as parameters if it uses them."""
_RESOURCES = re.compile(r"\s*\"?Resources\"?:")


@dataclass(frozen=True)
class Scene:
    """Code for one workload, the faults in it, and what is right in it."""

    pool: Pool
    language: str
    components: tuple[Component, ...]
    workload: Workload
    values: Mapping[str, str]
    code: str
    fixed: str
    planted: tuple[Planted, ...]
    """Gravest first."""
    right: tuple[str, ...]
    """What is fine and why, as sentences."""
    decoys: tuple[tuple[str, str], ...]
    """What looks wrong and why it is right."""
    unseen: tuple[str, ...]
    minor: tuple[str, ...] = ()
    """What is weak in the lines that are never faulty, of low weight."""
    proposed: str = ""
    """What to deploy: `fixed`, or a new resource beside each live one that cannot be changed."""
    empty: bool = False
    """Whether nothing is deployed yet, so that no data have to move."""
    staged: Scene | None = None
    """The same with the first step in place of a fix that would cut off the clients of today."""

    @cached_property
    def id(self) -> str:
        """Name of the scenario: language and components, shared by all of its variants."""
        return "+".join([self.language, *(component.id for component in self.components)])

    def fill(self, text: str, **more: str) -> str:
        """`text` with its places filled."""
        return filled(text, {**self.values, **more})


def compose(
    rng: random.Random,
    pool: Pool,
    *,
    least: int = 0,
    most: int = MOST_FAULTS,
    kinds: frozenset[str] | None = None,
) -> Scene:
    """Draw components, a workload and between `least` and `most` faults, and write the code.

    Only faults of `kinds` are planted, if these are given.
    """
    as_json = pool.also_json and rng.random() < 0.4
    workload = rng.choice(surroundings().workloads)
    components = _components(rng, pool)[: 1 if as_json else None]
    values = values_of(rng, workload, components)
    shown = {n: rng.random() < 0.6 for c in components for n in _keys(c, c.decoys)}
    chosen = _faults(rng, components, max(least, min(most, rng.choice(_COUNTS))), kinds)
    whole = written(pool, components, workload, values, shown, chosen, as_json=as_json)
    steps = first_steps(whole, components, chosen)
    if not steps:
        return whole
    staged = written(
        pool, components, workload, values, shown, chosen, as_json=as_json, steps=steps
    )
    return replace(whole, staged=staged)


def first_steps(
    scene: Scene, components: Sequence[Component], chosen: Mapping[str, str]
) -> dict[str, str]:
    """For each key whose fix takes several deployments the text of the first one.

    What goes into a new resource takes none, since its clients have to move there anyway.
    """
    late = {id(one.slot) for one in waiting(scene.planted)}
    return {
        key: slot.step
        for component in components
        for name, slot in component.slots.items()
        if (key := f"{component.id}/{name}") in chosen and slot.step and id(slot) not in late
    }


def _coder(pool: Pool, raw: Coder, *, as_json: bool) -> Coder:
    """What writes the code of a scene with some of its faults, each version once."""
    codes: dict[frozenset[tuple[str, str]], str] = {}

    def code(faulty: Mapping[str, str]) -> str:
        """The code with some of the faults; of two, each is what is left without the other."""
        if (key := frozenset(faulty.items())) not in codes:
            codes[key] = _finished(pool, raw(faulty), as_json=as_json)
        return codes[key]

    return code


def _raw_coder(
    pool: Pool,
    components: Sequence[Component],
    values: Mapping[str, str],
    decoys: Mapping[str, bool],
) -> Coder:
    """The same without what is added to a whole file: parameters, alignment, JSON."""
    pieces: dict[tuple[str, frozenset[tuple[str, str]]], str] = {}

    def piece(component: Component, faulty: Mapping[str, str]) -> str:
        own = frozenset(one for one in faulty.items() if one[0].startswith(f"{component.id}/"))
        if (component.id, own) not in pieces:
            text = assemble(component.code, _texts(component, decoys, faulty))
            pieces[component.id, own] = text
        return pieces[component.id, own]

    def raw(faulty: Mapping[str, str]) -> str:
        texts = [piece(component, faulty) for component in components]
        return filled(pool.prefix + pool.joiner.join(texts), values)

    return raw


def written(
    pool: Pool,
    components: Sequence[Component],
    workload: Workload,
    values: Mapping[str, str],
    decoys: Mapping[str, bool],
    chosen: Mapping[str, str],
    *,
    as_json: bool = False,
    steps: Mapping[str, str] | None = None,
) -> Scene:
    """The scene for decided parts.

    `decoys` says for each decoy's key whether it is shown, `chosen` gives the faulty text of each
    key that is faulty; a key is "component/slot". `steps` stands in place of the right text.
    """
    raw = _raw_coder(pool, components, values, decoys)
    code = _coder(pool, raw, as_json=as_json)
    steps = steps or {}
    before, after = code(chosen), code(steps)
    faulty = [
        (component, name)
        for component in components
        for name in component.slots
        if f"{component.id}/{name}" in chosen
    ]
    kinds = _kinds(components, faulty)

    def stepped(faulty: Mapping[str, str]) -> str:
        """The code with some of the faults, and the first steps in place of the others."""
        return code({**steps, **faulty})

    planted = [
        _planted(
            pool.cloud, component, name, chosen, before, after, stepped, values, kinds[component.id]
        )
        for component, name in faulty
    ]
    late = waiting(planted) if pool.language != "bash" else []
    keys = [f"{component.id}/{name}" for component, name in faulty]
    left = {key: chosen[key] for key, one in zip(keys, planted, strict=True) if one in late}
    new = [*dict.fromkeys(one.resource for one in late)]
    proposed = put_beside(raw({**steps, **left}), raw(steps), new, pool.language)
    planted.sort(key=rank)
    return Scene(
        pool=pool,
        language="json" if as_json else pool.language,
        components=tuple(components),
        workload=workload,
        values=values,
        code=before,
        fixed=after,
        planted=tuple(planted),
        right=unplanted.standing(unplanted.right(components, chosen, values), components, chosen),
        decoys=_standing_decoys(components, decoys, values, chosen),
        unseen=tuple(filled(text, values) for c in components for text in c.unseen),
        minor=unplanted.standing(unplanted.minor(components, values), components, chosen),
        proposed=_finished(pool, proposed, as_json=as_json) if late else after,
    )


def _kinds(
    components: Sequence[Component], faulty: Sequence[tuple[Component, str]]
) -> dict[str, frozenset[str]]:
    """The kinds of fault that are planted in each component, by its id."""
    return {
        component.id: frozenset(one.slots[name].kind for one, name in faulty if one is component)
        for component in components
    }


def _standing_decoys(
    components: Sequence[Component],
    decoys: Mapping[str, bool],
    values: Mapping[str, str],
    chosen: Mapping[str, str],
) -> tuple[tuple[str, str], ...]:
    """What the shown decoys look like and are, but for those that a planted fault makes true."""
    return tuple(
        (looks, says)
        for looks, says in unplanted.looks(components, decoys, values)
        if unplanted.standing([looks], components, chosen)
    )


def _components(rng: random.Random, pool: Pool) -> list[Component]:
    if pool.single:
        return [rng.choice(pool.components)]
    count = rng.choice([1, 1, 2, 2, 3])
    drawn = rng.sample(pool.components, min(count, len(pool.components)))
    while len(drawn) > 1 and sum(c.code.count("\n") for c in drawn) > MOST_LINES:
        drawn.pop()
    return sorted(drawn, key=lambda one: one.id)


def _keys(component: Component, names: Mapping[str, object]) -> list[str]:
    return [f"{component.id}/{name}" for name in names]


def _faults(
    rng: random.Random, components: Sequence[Component], count: int, wanted: frozenset[str] | None
) -> dict[str, str]:
    places = [
        (component, name, slot)
        for component in components
        for name, slot in component.slots.items()
        if slot.bad and name not in component.omit and (wanted is None or slot.kind in wanted)
    ]
    rng.shuffle(places)
    chosen: dict[str, str] = {}
    kinds: set[str] = set()
    barred: set[str] = set()
    for component, name, slot in places:
        key = f"{component.id}/{name}"
        partners = {f"{component.id}/{other}" for other in slot.excludes}
        if len(chosen) == count or slot.kind in kinds or key in barred or partners & chosen.keys():
            continue
        chosen[key] = rng.choice(slot.bad)
        kinds.add(slot.kind)
        barred |= partners
    return chosen


def _texts(
    component: Component, decoys: Mapping[str, bool], faulty: Mapping[str, str]
) -> dict[str, str]:
    """What is in each slot of a component."""
    texts = {
        name: slot.good if slot.fixed is None else slot.fixed
        for name, slot in component.slots.items()
    }
    for name, decoy in component.decoys.items():
        texts[name] = decoy.code if decoys.get(f"{component.id}/{name}") else decoy.plain
    for name, slot in component.slots.items():
        if f"{component.id}/{name}" in faulty:
            texts |= {**slot.needs, name: faulty[f"{component.id}/{name}"]}
    return texts


def _finished(pool: Pool, text: str, *, as_json: bool) -> str:
    """A whole file: parameters that it refers to, aligned arguments, or JSON."""
    from secarch.dedupe.examples.constructed import stack_template

    if pool.language == "hcl":
        return aligned(text)
    if pool.language == "bicep":
        used = [name for name in _PARAMETERS if name in text]
        named = "".join(f"param {name} string\n" for name in used)
        return f"{named}{text}".rstrip() + "\n"
    if not pool.also_json:
        return text.rstrip() + "\n"
    return stack_template.as_json(text) if as_json else stack_template.with_parameters(text)


def _planted(
    cloud: str,
    component: Component,
    name: str,
    chosen: Mapping[str, str],
    before: str,
    after: str,
    code: Coder,
    values: Mapping[str, str],
    kinds: frozenset[str],
) -> Planted:
    slot = component.slots[name]
    key = f"{component.id}/{name}"
    without = code({other: text for other, text in chosen.items() if other != key})
    wrong, _ = changed(before, without)
    head = _head(component, before)
    wrong = [n for n in wrong if n >= head]
    _, right = changed(code({key: chosen[key]}), after)
    evidence = tuple(squeezed(before.splitlines()[n]) for n in wrong)
    if not chosen[key].strip():
        evidence = ()
    resource = filled(slot.at or component.resource, values)
    at = wrong[0] if evidence else block_start(before, without, head, resource)
    return Planted(
        kind=slot.kind,
        fault=faults()[slot.kind],
        slot=slot,
        component=component,
        resource=resource,
        line=at + 1,
        evidence=evidence,
        missing="" if evidence else filled(slot.absent, values),
        right=tuple(right),
        facts=f"{cloud} {component.id}/{name} port={values['adminport']} db={values['dbport']}",
        kinds=kinds,
    )


def _head(component: Component, code: str) -> int:
    """Index of the line from which on changes count: a parameter that comes or goes is none."""
    if not component.id.startswith("cfn"):
        return 0
    return next(n for n, line in enumerate(code.splitlines()) if _RESOURCES.match(line)) + 1
