"""One finding in words: what shows it, why it matters, what mends it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from secarch.dedupe.examples.constructed.render import snippet
from secarch.dedupe.examples.constructed.scene import Planted, Scene
from secarch.dedupe.examples.constructed.template import chains
from secarch.dedupe.examples.constructed.voice import (
    Voice,
    capital,
    lowered,
    sentence,
    tidy,
)

MOST_QUOTED = 2
"""Faulty lines that are quoted of one fault."""


@dataclass(frozen=True, slots=True)
class Citation:
    """A sentence of a source that explains a kind of fault."""

    quote: str
    title: str
    url: str


def evidence(voice: Voice, scene: Scene, one: Planted) -> str:
    """What in the code shows the fault, as a sentence."""
    if not one.evidence:
        return sentence(voice.say("evidence_absent", missing=one.missing, line=str(one.line)))
    quoted = [f"`{redacted(scene, line)}`" for line in one.evidence[:MOST_QUOTED]]
    place = "evidence_line" if len(one.evidence) == 1 else "evidence_lines"
    return sentence(voice.say(place, quote=" and ".join(quoted), line=str(one.line)))


def redacted(scene: Scene, line: str) -> str:
    """A faulty line as it may be repeated: without the credential in it."""
    shown = line.replace(scene.values["secret"], "<redacted>").rstrip("\\, ")
    for opening, closing in ("[]", "{}", "()") * 2:
        while shown.endswith(closing) and shown.count(closing) > shown.count(opening):
            shown = shown[:-1]
    return shown.replace("`", "'")


def mended_lines(voice: Voice, scene: Scene, one: Planted) -> list[str]:
    """What to do, and the lines that do it."""
    text = filled_for(scene, one, voice.rng.choice(one.texts("fix")))
    shown = snippet(scene.mended, one.right, scene.language)
    if not shown:
        return [f"{text} Remove line {one.line}."] if "emove" not in text else [text]
    return [voice.say("fix_lead", fix=text), fenced(scene.language, shown)]


def fenced(language: str, code: str) -> str:
    """Code as a fenced block."""
    return f"```{language}\n{code}\n```"


def filled_for(scene: Scene, one: Planted, text: str) -> str:
    """A text of a kind of fault, filled for this place."""
    return capital(scene.fill(text, resource=one.resource))


def consequence(voice: Voice, scene: Scene, one: Planted) -> str:
    """Why it matters for this workload."""
    return filled_for(scene, one, voice.rng.choice(one.texts("why")))


def ruled(voice: Voice, scene: Scene, label: str, one: Planted) -> list[str]:
    """A fault under a label: evidence, consequence, and the lines that mend it."""
    text = f"**{label}** {evidence(voice, scene, one)} {consequence(voice, scene, one)}"
    return [text, *mended_lines(voice, scene, one)]


def behind(head: str, text: str) -> str:
    """A text behind its head; small after a colon."""
    return head + (lowered(text) if head.endswith(": ") else text)


def together(voice: Voice, scene: Scene) -> list[str]:
    """What two of the faults make together, if they are worse together."""
    for chain in chains():
        first = [one for one in scene.planted if one.kind == chain.first]
        second = [one for one in scene.planted if one.kind == chain.second]
        if first and second and (chain.apart or first[0].component == second[0].component):
            return [behind(voice.say("together_head"), chain.text)]
    return []


def joined(parts: Sequence[str]) -> str:
    """Paragraphs as one text; empty ones are left out."""
    return tidy("\n\n".join(part for part in parts if part))
