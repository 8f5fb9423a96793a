"""What there is to say of lines that are not faulty: right ones, weak ones, and false alarms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import zip_longest

from secarch.dedupe.examples.constructed.template import Component
from secarch.dedupe.examples.constructed.values import filled
from secarch.dedupe.examples.constructed.voice import lowered


def right(
    components: Sequence[Component], chosen: Mapping[str, str], values: Mapping[str, str]
) -> tuple[str, ...]:
    """What is right, as sentences; one that is wrong elsewhere names its resource."""
    said: list[tuple[Component, str]] = []
    for component in components:
        touched = {
            other
            for name, slot in component.slots.items()
            if f"{component.id}/{name}" in chosen
            for other in (name, *slot.needs, *slot.excludes)
        }
        said += [
            (component, filled(text, values))
            for name, slot in component.slots.items()
            if name not in touched and name not in component.omit
            for text in slot.fine
        ]
        said += [(component, filled(text, values)) for text in component.sound]
    wrong = {
        filled(text, values)
        for component in components
        for name, slot in component.slots.items()
        if f"{component.id}/{name}" in chosen
        for text in slot.fine
    }
    texts = [
        f"{filled(component.resource, values)}: {lowered(text)}" if text in wrong else text
        for component, text in said
    ]
    return tuple(dict.fromkeys(texts))


def minor(components: Sequence[Component], values: Mapping[str, str]) -> tuple[str, ...]:
    """The small weaknesses, those of each component in turn, so that none has them all."""
    there = {component.id for component in components}
    held = [
        [filled(one.text, values) for one in component.minor if there.isdisjoint(one.unless)]
        for component in components
    ]
    turns = zip_longest(*held)
    return tuple(dict.fromkeys(text for turn in turns for text in turn if text))


def standing(
    texts: Sequence[str], components: Sequence[Component], chosen: Mapping[str, str]
) -> tuple[str, ...]:
    """The texts that also hold beside the faults."""
    voids = [
        word
        for component in components
        for name, slot in component.slots.items()
        if f"{component.id}/{name}" in chosen
        for word in slot.voids
    ]
    return tuple(text for text in texts if not any(word in text for word in voids))


def looks(
    components: Sequence[Component], decoys: Mapping[str, bool], values: Mapping[str, str]
) -> tuple[tuple[str, str], ...]:
    """What looks wrong and is not, each with the reason."""
    pairs = [pair for component in components for pair in component.looks]
    pairs += [
        (decoy.looks, decoy.says)
        for component in components
        for name, decoy in component.decoys.items()
        if decoys.get(f"{component.id}/{name}")
    ]
    return tuple((filled(seen, values), filled(says, values)) for seen, says in pairs)
