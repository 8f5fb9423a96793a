"""One finding in words: what shows it, why it matters, what fixes it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from secarch.dedupe.examples.constructed.beside import new_name
from secarch.dedupe.examples.constructed.planted import Planted
from secarch.dedupe.examples.constructed.render import squeezed
from secarch.dedupe.examples.constructed.replacing import (
    before_code,
    fixing_code,
    waits,
)
from secarch.dedupe.examples.constructed.scene import Scene
from secarch.dedupe.examples.constructed.voice import (
    Voice,
    capital,
    listed,
    lowered,
    once,
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


def fixed_lines(
    voice: Voice, scene: Scene, one: Planted, shown: dict[str, int], number: int = 0
) -> list[str]:
    """What to do, and the lines that do it; code that is in `shown` already is not repeated.

    `shown` holds each code with the number of the finding under which it is.
    """
    text = filled_for(scene, one, voice.rng.choice(one.texts("fix")))
    if carried(scene, one):
        return [text]
    code = fixing_code(scene, [one])
    if not code:
        return [f"{text} Remove line {one.line}."] if "emove" not in text else [text]
    lines = set(code.splitlines())
    held = next((known for known in shown if lines <= set(known.splitlines())), None)
    if held is not None:
        before = f" under {shown[held]}" if shown[held] else " above"
        return [f"{text} The code{before} has this change in it already."]
    shown[code] = number
    told = f"{text} {before_code(scene, [one])}".rstrip()
    lead = voice.say("fix_lead", fix=f"{told}{dropped(scene, one)}")
    return [lead, fenced(scene.language, code)]


def treated(voice: Voice, scene: Scene, one: Planted) -> str:
    """What to do, for code that is shown elsewhere."""
    text = filled_for(scene, one, voice.rng.choice(one.texts("fix")))
    return voice.say("treat_lead", fix=f"{text}{dropped(scene, one)}")


LEAST_REASON = 80
"""Characters below which a first sentence only sets the scene."""
MOST_INLINE = 90
"""Characters of a line of code that still is inside a sentence."""


def inline(scene: Scene, one: Planted) -> str:
    """What fixes it in one sentence: the new line itself, if it is a single short one."""
    lines = [scene.fixed.splitlines()[n].strip() for n in one.right]
    moved = f" {before_code(scene, [one]) or carried(scene, one)}".rstrip()
    whole = len(lines) == 1 and len(lines[0]) <= MOST_INLINE and not lines[0].startswith(_OPENERS)
    if whole and "`" not in lines[0] and not dropped(scene, one):
        shown = squeezed(lines[0].rstrip("\\ ")).rstrip(",")
        return f"Write `{shown}`.{moved}"
    flag = scene.fill(one.slot.good)
    added = f" In the command: `{flag}`." if scene.language == "bash" and _short(flag) else ""
    return filled_for(scene, one, min(one.texts("fix"), key=len)) + added + moved


def carried(scene: Scene, one: Planted) -> str:
    """That a change comes with the new resource which another one needs anyway; '' if not."""
    if not (one.fault.in_place and waits(scene, one)):
        return ""
    new = new_name(one.resource, scene.language)
    return f"It comes with {new}, which is needed anyway; the live resource is not changed for it."


def _short(code: str) -> bool:
    """Whether code can stand inside a sentence."""
    return 0 < len(code) <= MOST_INLINE and "\n" not in code and "`" not in code


_OPENERS = ("}", "]", "{", "- {")
_SENTENCE = re.compile(r"(?<=[a-z0-9)`\"][.!?]) (?=[A-Z`])")


def shortened(text: str, sentences: int) -> str:
    """The first sentences of a text, with one more if they are too short to give a reason."""
    parts = _SENTENCE.split(text)
    told = " ".join(parts[:sentences])
    return told if len(told) >= LEAST_REASON else " ".join(parts[: sentences + 1])


def attack(scene: Scene, one: Planted) -> str:
    """How an attacker uses a fault."""
    return filled_for(scene, one, one.text("attack"))


_ADDED = re.compile(r"\"?add\"?\s*[:=]")
"""A list of capabilities beside the one of those that are dropped."""
_NAMED = re.compile(r"[\w.:/-]+")


def dropped(scene: Scene, one: Planted) -> str:
    """A sentence on a line that goes, if what replaces it has another name; '' if none does.

    A changed value replaces its line by itself. An argument that gives way to another one would
    otherwise stay beside it.
    """
    if waits(scene, one):  # the live block stays as it is
        return ""
    lines = scene.fixed.splitlines()
    names = {named for n in one.right if (named := _named(lines[n]))}
    if not (one.evidence and names) or _named(one.evidence[0]) in {"", *names}:
        added = [
            line for line in one.evidence[1:] if _ADDED.match(line) and _named(line) not in names
        ]
        return f" The line `{redacted(scene, added[0])}` goes." if added else ""
    code = [squeezed(line) for line in scene.code.splitlines()[one.line - 1 :]]
    gone = [line for line in one.evidence if _named(line) not in names]
    if gone[0].startswith("- "):  # an entry of a list goes with all that it holds
        gone = [gone[0], *takewhile(lambda line: not line.startswith("- "), one.evidence[1:])]
    count = len(gone) if code[: len(gone)] == gone else 1
    if scene.language != "bash":  # there the deeper lines are the rest of one command
        count = max(count, whole(scene.code.splitlines()[one.line - 1 :]))
    if count == 1:
        return f" Line {one.line} goes: `{redacted(scene, one.evidence[0])}`."
    return f" Lines {one.line} to {one.line + count - 1} go, from `{redacted(scene, gone[0])}` on."


def whole(lines: list[str]) -> int:
    """How many lines the element takes that begins with the first: its children and its bracket.

    Example: `["Environment:", "  - Name: A", "    Value: b", "Cpu: 1"]` gives 3.
    """
    depth = _depth(lines[0])
    in_list = lines[0].rstrip().endswith(":")
    count = 1
    for line in lines[1:]:
        entry = in_list and _depth(line) == depth and line.lstrip().startswith("- ")
        if not (_depth(line) > depth or entry):
            break
        count += 1
    closes = count < len(lines) and lines[0].rstrip().endswith(("[", "{", "("))
    return count + (closes and lines[count].lstrip()[:1] in {"]", "}", ")"})


def _depth(line: str) -> int:
    """How far a line is indented."""
    return len(line) - len(line.lstrip())


def _named(line: str) -> str:
    """What a line of code sets: an argument, or the entry of a list that has a name."""
    entry = line.strip().removeprefix("- ")
    if entry.startswith("name:"):
        return entry
    found = _NAMED.search(entry)
    return found[0] if found else ""


_NEW = (
    (
        re.compile(r"sha256:[0-9a-f]{64}"),
        "the digest stands for that of the image which you have tested and run now",
    ),
    (
        re.compile(r"(?<![\d.])(?:203\.0\.113|198\.51\.100|192\.0\.2)\.\d+/\d+"),
        "`{0}` stands for the range of your operators",
    ),
    (
        re.compile(r"(?<![\d.])(?:203\.0\.113|198\.51\.100|192\.0\.2)\.\d+(?![\d./])"),
        "`{0}` stands for the one address that connects",
    ),
    (re.compile(r"\b(?:111122223333|123456789012)\b"), "account `{0}` stands for your own"),
    (
        re.compile(r"\b35\.235\.240\.0/20\b"),
        "`{0}` is no placeholder but the range of Identity-Aware Proxy",
    ),
    (
        re.compile(r"(?<![\d.])10\.\d+\.12\.0/24"),
        "`{0}` stands for the subnet of the application",
    ),
    (re.compile(r"444455556666:role/collector"), "`{0}` stands for account and role of the vendor"),
    (
        re.compile(r"repo:example-org/[\w-]+:environment:[\w-]+"),
        "`{0}` stands for your organisation, repository and protected environment",
    ),
    (
        re.compile(r"!Ref (DeploySubject)\b"),
        "the parameter `{0}` is new: the subject of your job, which begins with `repo:`",
    ),
    (
        re.compile(r"!Ref (VendorExternalId)\b"),
        "the parameter `{0}` is new and takes the value that the vendor issued to you",
    ),
    (re.compile(r"(?<=\d{12}:)policy/[\w-]+"), "`{0}` stands for the policy that you write for it"),
    (
        re.compile(r"--network ([\w-]+-net)\b"),
        "the network `{0}` has to exist (`docker network create {0}`)",
    ),
    (re.compile(r"kv/[\w-]+/[\w-]+"), "`{0}` stands for the path of the token in your vault"),
    (re.compile(r"secretName: ([\w-]+)"), "the Secret `{0}` has to exist, with the certificate"),
    (
        re.compile(r"secretKeyRef: \{name: ([\w-]+)"),
        "the Secret `{0}` has to exist before the pods start",
    ),
    (
        re.compile(r"\b(?:memory|Memory)\b.{0,4}\d+(?:[MG]i|m)?"),
        "the sizes are placeholders: measure first, since a limit below the peak kills the process",
    ),
    (
        re.compile(r"\b(?:size_limit|sizeLimit)\b.{0,4}\d+Gi"),
        "the size of the scratch volume is a placeholder: a pod that writes more is evicted",
    ),
    (
        re.compile(r"(?:a1f4c7d2|7f0be2c9)-[0-9a-f]+"),
        "the external ID stands for the one that the vendor issued to you",
    ),
    (re.compile(r"role/(?!collector)[\w-]+"), "`{0}` stands for the role that does the work today"),
    (
        re.compile(r"--source-arn arn:aws:s3:::([\w-]+)"),
        "the bucket `{0}` stands for the one that calls it",
    ),
    (re.compile(r"/etc/pki/[\w.-]+"), "`{0}` stands for the place of your CA bundle"),
    (re.compile(r"\bvar\.\w+"), "`{0}` is new in this file and has to be declared"),
    (re.compile(r"\$[A-Z][A-Z_]+\b"), "`{0}` is new in this script and has to be set"),
)
"""What a fixed text may bring that only the reader knows, and what to say of it."""


def placeholders(scene: Scene, shown: str | None = None) -> str:
    """Values in the fixed code that the reader has to replace by their own; '' if none is new.

    `shown` is an answer that does not repeat all of the code; what it leaves out is not named.
    """
    told = []
    known = set(scene.code.splitlines())
    fresh = "\n".join(line for line in scene.proposed.splitlines() if line not in known)
    if any(one.kind == "admin_rights" for one in scene.planted):
        told.append("the rights show the form; take your list from the calls that are made")
    for pattern, text in _NEW:
        found = dict.fromkeys(map(str, pattern.findall(fresh)))
        new = [one for one in found if one not in scene.code]
        if shown is not None:
            new = [one for one in new if one in shown]
        if new:
            told.append(_named_in(text, new))
    if "ecs-tasks" in fresh and "ecs" not in scene.code.lower():
        told.append("`ecs-tasks.amazonaws.com` stands for the service that runs under the role")
    return f"**Fill in.** {sentence('; '.join(told))}" if told else ""


def _named_in(text: str, new: Sequence[str]) -> str:
    """What is said of new values: of the first, or of all if each has to be set."""
    if len(new) > 1 and "{0}` is new" in text:
        several = text.replace("is new", "are new").replace("has to be", "have to be")
        return several.replace("`{0}`", listed([f"`{one}`" for one in new]))
    return text.replace("{0}", new[0])


def fenced(language: str, code: str) -> str:
    """Code as a fenced block."""
    return f"```{language}\n{code}\n```"


def filled_for(scene: Scene, one: Planted, text: str) -> str:
    """A text of a kind of fault, filled for this place; a workload's name stays small."""
    filled = scene.fill(unlived(text) if scene.empty else text, resource=one.resource)
    return filled if filled.startswith(scene.workload.name) else capital(filled)


LIVED = re.compile(
    r"time before|\b(?:rebuil[dt]|old group|the past|live exposure|search CloudTrail)\b|"
    r"move the clients|that you cannot explain|were taken before|before the change|has connected"
)
"""Words on what a thing did or held before the change."""


def unlived(text: str) -> str:
    """A text without its sentences on the time before, for what was never deployed."""
    kept = [part for part in _SENTENCE.split(text) if not LIVED.search(part)]
    return " ".join(kept) or text


def consequence(voice: Voice, scene: Scene, one: Planted) -> str:
    """Why it matters for this workload."""
    return filled_for(scene, one, voice.rng.choice(one.texts("why")))


def takes(scene: Scene, one: Planted) -> str:
    """What an attacker needs for it, as the rest of a sentence without its full stop."""
    return lowered(filled_for(scene, one, one.text("takes"))).rstrip(".")


_GRAVE = frozenset({"critical", "high"})
"""Weights that are argued from what is lost too, and not from what an attacker needs alone."""


def weight(voice: Voice, scene: Scene, one: Planted) -> str:
    """Why it weighs what it weighs: what is beside it, or what an attacker needs."""
    place = "weight_moved" if one.eased else "weight_raised" if one.because else "weight_lead"
    reason = scene.fill(one.because or one.weighs, resource=one.resource) or takes(scene, one)
    if not (one.because or one.weighs or one.eased) and one.severity in _GRAVE:
        reason += f", and {scene.fill(one.fault.loses)}" if one.fault.loses else ""
    return sentence(voice.say(place, severity=one.severity, reason=reason))


def rollout(voice: Voice, scene: Scene, one: Planted) -> str:
    """How the change goes in; a script that creates the resource has nothing to migrate yet."""
    if created(scene, one):
        return voice.say("rollout_created")
    if scene.empty:
        return voice.say("rollout_empty")
    return filled_for(scene, one, voice.rng.choice(one.texts("rollout")))


def created(scene: Scene, one: Planted) -> bool:
    """Whether the fault is fixed at creation and the code is a script that creates the resource."""
    return scene.language == "bash" and not one.fault.in_place


def ruled(
    voice: Voice, scene: Scene, label: str, one: Planted, shown: dict[str, int], number: int
) -> list[str]:
    """A fault under a label: evidence, consequence, weight, the lines that fix it, and a check."""
    why = f"{consequence(voice, scene, one)} {weight(voice, scene, one)}"
    text = f"**{label}** {evidence(voice, scene, one)} {why}"
    check = voice.say("verify_lead", verify=filled_for(scene, one, one.verify))
    return [text, *fixed_lines(voice, scene, one, shown, number), check]


def behind(head: str, text: str) -> str:
    """A text behind its head; small after a colon."""
    return head + (lowered(text) if head.endswith(": ") else text)


def after_run(scene: Scene) -> list[str]:
    """The commands for what a faulty script has already made; empty if none is needed."""
    made = [(number, one) for number, one in enumerate(scene.planted, 1) if one.slot.ran]
    if not made:
        return []
    head = "**If the script has run already**, correct the script and the live state:"
    many = len(scene.planted) > 1
    lines = [
        f"- {f'For {number}: ' if many else ''}{scene.fill(one.slot.ran, resource=one.resource)}"
        for number, one in made
    ]
    return ["\n".join([head, "", *lines])]


def joined(parts: Sequence[str]) -> str:
    """Paragraphs as one text that says nothing twice; empty ones are left out."""
    return once(tidy("\n\n".join(part for part in parts if part)))
