"""Procedures: what is done in order, and what is written to do it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from secarch.dedupe.examples.code_language import language
from secarch.dedupe.examples.draft import Draft, ask, compose
from secarch.dedupe.examples.families import common
from secarch.dedupe.examples.outline import Page, Part, Section

_ORDERLY = re.compile(
    r"(?:(?:plan|perform|prepare|execute|complete|start|run|carry out|roll out|do) "
    r"(?:\w+ ){0,3})?(?:migrat|upgrad|rotat|recover|restor|respond|contain|"
    r"roll back|transition|fail over|cut over|revok|decommission|retir|re-?encrypt|"
    r"transfer|replac|renew|unseal|re-?key|remediat|"
    r"investigat|mov|switch|triage|isolat|revers|undo)\w*\b|.*\b(?:compromised|incident|"
    r"breach|ransomware|disaster|failover|cutover)\b",
    re.IGNORECASE,
)
_TOOL = re.compile(
    r"(?:(?:using|with|from|in|use) )?(?:the )?(?:aws |azure |gcp |google cloud |amazon |s3 )?"
    r"(?:management )?(?:console|cli|portal|powershell|aws cli|azure cli|gcloud|terraform|kubectl|"
    r"steps|procedure|instructions|command line)(?: \(\w+\))?",
    re.IGNORECASE,
)
_CONSOLE = re.compile(
    r"^\W*(?:to|follow|use|perform|complete|do|take|the|these|here|in|with|for)\b.{0,160}:\W*$",
    re.IGNORECASE | re.DOTALL,
)
_TUTORIAL = re.compile(
    r"quick-?start|quick-create|tutorial|getting-started|get-started|walkthrough|/gs-|community/",
    re.IGNORECASE,
)
_WEAKENS = re.compile(
    r"(?:grant|allow|enable|make|open|permit|provide)\b.*\b(?:public|publicly|"
    r"anonymous\w*|unauthenticated|everyone)\b|"
    r"(?:disable|turn off|suspend|skip|bypass|stop|remove|delete)\b.*\b(?:encryption|mfa|"
    r"multi-factor|logging|logs|"
    r"audit\w*|tls|verification|protection|monitoring|guardduty|security hub|cloudtrail|"
    r"block public access|"
    r"versioning|authentication|security)\b",
    re.IGNORECASE,
)
_TRIVIAL = re.compile(
    r"\b(?:sample|demo|tutorial|hello world|my-?first|playground|lab\b|exercise|quiz)\b",
    re.IGNORECASE,
)


def from_section(page: Page, section: Section, seed: str) -> Iterator[Draft]:
    """The procedure of a section, or the code that it shows."""
    do = _do(page, section)
    if not do or _TRIVIAL.search(do) or _WEAKENS.match(do) or _tutorial(page, do):
        return
    steps = [part for part in section.parts if part.kind == "step"]
    if len(steps) >= 3:
        yield from _procedure(page, section, do, seed)
    elif any(part.kind == "code" for part in section.parts):
        yield from _code(page, section, do, seed)


def _tutorial(page: Page, do: str) -> bool:
    """True for a fragment of a tutorial, which only makes sense after the fragment before it."""
    return bool(_TUTORIAL.search(f"{page.document.url} {page.title}")) and len(do.split()) <= 7


def _do(page: Page, section: Section) -> str:
    """What is done: by the heading, or by the page's title if the heading only names the tool."""
    do = common.do_of(page, section.heading)
    if do:
        return do if len(do.split()) >= 3 else ""
    tool = _TOOL.fullmatch(section.heading)
    above = section.path[-1] if section.path else page.title
    found = common.do_of(page, above) if tool else ""
    if (
        found
        and tool
        and not re.match(r"(?:steps|procedure|instructions)", section.heading, re.IGNORECASE)
    ):
        name = re.sub(
            r"^(?:using|with|from|in|use) (?:the )?|^the ", "", section.heading, flags=re.IGNORECASE
        )
        return f"{found} with the {name}" if len(found.split()) <= 11 else ""
    return found


def _procedure(page: Page, section: Section, do: str, seed: str) -> Iterator[Draft]:
    """One run of steps from the first to the last; two procedures in one section make none."""
    parts = section.parts
    first = next(n for n, part in enumerate(parts) if part.kind == "step")
    last = max(n for n, part in enumerate(parts) if part.kind == "step")
    starts = [
        part for part in parts if part.kind == "step" and re.match(r"[1a][.)]", part.raw.lstrip())
    ]
    titled = sum(bool(re.match(r"^\*\*To [a-z]", part.text)) for part in parts)
    all_ones = all(re.match(r"1[.)]", part.raw.lstrip()) for part in parts if part.kind == "step")
    if (len(starts) > 1 and not all_ones) or titled > 1:
        return
    lead = [
        p
        for p in parts[:first]
        if p.kind == "paragraph"
        and not _CONSOLE.match(p.text)
        and not re.match(r"^\*\*To [a-z]", p.text)
    ]
    tail = [p for p in parts[last + 1 :] if p.kind == "paragraph" and p.words < 60][:1]
    run = parts[first : last + 1]
    if any(p.kind in ("table", "quote") for p in run) or sum(p.words for p in run) > page.longest:
        return
    if any(part.kind == "paragraph" and part.text.endswith(":") for part in lead):
        lead = [part for part in lead if not part.text.endswith(":")]
    answer, spans = compose(
        [("", [*common.head(lead, 70)[: 1 if lead and lead[0].words < 90 else 0], *run, *tail])],
        page.longest,
    )
    if not answer:
        return
    ordered = bool(_ORDERLY.match(do))
    kind = "sequence" if ordered else "howto"
    slots = {"do": do, "where": common.in_product(page, do)}
    yield Draft(
        kind=kind,
        questions=ask(f"{kind}/do", seed + do, slots),
        answer=answer,
        spans=spans,
        about=(page.title, do),
    )


def _code(page: Page, section: Section, do: str, seed: str) -> Iterator[Draft]:
    """Prose and code that together show how something is done."""
    parts = [part for part in section.parts if part.kind != "table"]
    codes = [part for part in parts if part.kind == "code"]
    prose = [part for part in parts if part.kind in ("paragraph", "item")]
    count = sum(part.words for part in prose)
    if (
        not 1 <= len(codes) <= 3
        or not 25 <= count <= 260
        or len(parts) != len(section.parts)
        or any(part.words > 260 for part in codes)
    ):
        return
    name = language(codes[0].raw)
    answer, spans = compose([("", parts)], page.longest)
    if answer and spans and _holds(answer, codes):
        slots = {"do": do, "where": common.in_product(page, do), "lang": name}
        wording = "howto/do" if name == "a code sample" else "howto/code"
        yield Draft(
            kind="howto",
            questions=ask(wording, seed + do, slots),
            answer=answer,
            spans=spans,
            about=(page.title, do),
        )


def _holds(answer: str, codes: list[Part]) -> bool:
    return all(code.raw.strip() in answer for code in codes)
