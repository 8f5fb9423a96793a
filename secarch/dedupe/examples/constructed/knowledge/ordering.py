"""Sequences: steps whose order matters, with the reason, the way back and what changes a step."""

from __future__ import annotations

import random
import re
from functools import lru_cache

from secarch.dedupe.examples.constructed.knowledge.tables import (
    FOLDER,
    Playbook,
    Twist,
    about,
    playbooks,
    say,
)
from secarch.dedupe.examples.constructed.policy.tasks import Task
from secarch.dedupe.examples.constructed.template import read_yaml, surroundings
from secarch.dedupe.examples.constructed.voice import lowered, sentence, tidy
from secarch.schema import Config

_DONE = (0, 0, 0, 1, 2, 3)
"""How many steps are already done, drawn evenly."""
_SENTENCE = re.compile(r"(?<=[a-z)`][.;]) ")


class Typed(Config):
    """What is typed in a step, and how one sees that it worked."""

    code: str
    lang: str = "bash"
    see: str
    """Continues "Done when"."""


@lru_cache(maxsize=1)
def commands() -> dict[str, dict[str, Typed]]:
    """By playbook and key of the step."""
    read = read_yaml(FOLDER / "order-commands.yaml")
    return {
        book: {key: Typed.model_validate(raw) for key, raw in steps.items()}
        for book, steps in read.items()
    }


def task(rng: random.Random) -> Task:
    """A playbook for a workload, from a point on, with up to two conditions."""
    book = rng.choice(playbooks())
    workload = rng.choice(surroundings().workloads)
    done = min(rng.choice(_DONE), len(book.steps) - 4)
    ahead = {key for _, key in book.steps[done:]}
    fit = [twist for twist in book.twists if ahead >= {twist.at, *twist.rewrites}]
    twists = _together(rng.sample(fit, min(rng.choice([0, 1, 1, 2]), len(fit))))
    given = " ".join(twist.given for twist in twists)
    asked = say(rng, "sequence_ask", ask=book.ask, twist=given)
    if done:
        told = "\n".join(f"- {_headline(text)}" for text, _ in book.steps[:done])
        asked += " " + say(rng, "sequence_done", done=told)
    filled = about(workload)
    return Task(
        scenario=f"sequence/{book.id}",
        title=f"{workload.name}: order of work",
        category=book.category,
        asked=tidy(_put(re.sub(r" {2,}", " ", asked).strip(), filled)),
        answered=_put(_answered(rng, book, done, twists), filled),
    )


def _together(twists: list[Twist]) -> list[Twist]:
    """The first of two conditions if either rewrites a step that the other speaks of."""
    spoken = [{twist.at, *twist.rewrites} for twist in twists]
    alike = len(twists) > 1 and spoken[0] & spoken[1]
    return twists[:1] if alike and any(twist.rewrites for twist in twists) else twists


def _put(text: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        text = text.replace("{" + name + "}", value)
    return text


def _headline(text: str) -> str:
    """The first sentence of a step."""
    return sentence(_SENTENCE.split(text, maxsplit=1)[0].rstrip(".;"))


def _answered(rng: random.Random, book: Playbook, done: int, twists: list[Twist]) -> str:
    says: dict[str, list[str]] = {}
    for twist in twists:
        if twist.says:
            says.setdefault(twist.at, []).append(f"*{twist.given}* {twist.says}")
    rewrites = {key: text for twist in twists for key, text in twist.rewrites.items()}
    bare = {*rewrites, *(twist.at for twist in twists if twist.bare)}
    why = next((twist.why for twist in twists if twist.why), book.why)
    back = next((twist.back for twist in twists if twist.back), book.back)
    stop = next((twist.stop for twist in twists if twist.stop), book.stop)
    over = next((twist.done for twist in twists if twist.done), book.done)
    read = [(rewrites.get(key, text), key) for text, key in book.steps[done:]]
    lines = []
    for number, (text, key) in enumerate(((text, key) for text, key in read if text), 1):
        typed = None if key in bare else commands()[book.id].get(key)
        lines.append("\n\n   ".join([f"{number}. {text}", *says.get(key, []), *_typed(typed)]))
    head = say(rng, "going_on" if done else "in_order")
    return "\n\n".join(
        [
            head,
            "\n\n".join(lines),
            f"**Why this order.** {why}",
            f"**Stop if** {stop}",
            f"**Way back.** {back}",
            f"**Keep as evidence:** {book.keep}",
            f"**It is over when** {lowered(over)}",
        ]
    )


def _typed(typed: Typed | None) -> list[str]:
    """The commands of a step in its list, and the check."""
    if typed is None:
        return []
    code = "\n".join(f"   {line}".rstrip() for line in typed.code.rstrip().split("\n"))
    return [f"```{typed.lang}\n{code}\n   ```", f"Done when {typed.see}"]
