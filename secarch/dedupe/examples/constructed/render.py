"""Code from components: slots put in, two versions compared, and the lines shown that fix."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from secarch.dedupe.examples.constructed.json_part import json_part

_SLOT = re.compile(r"<<(\w+)>>")
_ALONE = re.compile(r"^(\s*)<<(\w+)>>(\s*\\|,)?$")
_ARGUMENT = re.compile(r"^(\s*)([\w.\"/-]+)\s*= (.*[^{\[(\s])$")
_GAPS = {"hcl": "# ...", "yaml": "# ...", "bicep": "// ..."}
_OPEN, _CLOSE = ("{", "[", "("), ("}", "]", ")")


def assemble(code: str, texts: Mapping[str, str]) -> str:
    """`code` with its slots put in; a line of which an empty slot leaves nothing is dropped."""
    lines: list[str] = []
    for line, alone, slotted in _template(code):
        if alone:
            lines += _block(alone[1], texts[alone[2]], alone[3] or "")
        elif slotted:
            put = _put(line, texts)
            lines += [_closed_up(one) for one in put.split("\n")]
        else:
            lines.append(line)
    return "\n".join(lines) + "\n"


@lru_cache(maxsize=1024)
def _template(code: str) -> list[tuple[str, re.Match[str] | None, bool]]:
    """Each line of a component: the slot that it is alone, and whether there is one in it."""
    return [
        (line, _ALONE.match(line), _SLOT.search(line) is not None) for line in code.splitlines()
    ]


def _put(line: str, texts: Mapping[str, str]) -> str:
    """A line with the slots in it; further lines of a text get its indent."""
    further = "\n" + line[: indent_of(line)]
    return _SLOT.sub(lambda match: texts[match[1]].replace("\n", further), line)


def _closed_up(line: str) -> str:
    """A line without the gap that an empty slot between two options leaves."""
    blank = line[: indent_of(line)]
    rest = line[len(blank) :].rstrip()
    return blank + (_GAP.sub(" ", rest) if "  " in rest else rest)


_GAP = re.compile(r"(?<=\S) {2,}(?=\\$|-)")


def _block(indent: str, text: str, tail: str) -> list[str]:
    if not text.strip():
        return []
    lines = [indent + line if line.strip() else "" for line in text.rstrip().split("\n")]
    return [*lines[:-1], lines[-1] + tail]


def changed(before: str, after: str) -> tuple[list[int], list[int]]:
    """Indexes of the lines that only `before` has, and of those that only `after` has."""
    old, new = before.splitlines(), after.splitlines()
    gone: list[int] = []
    come: list[int] = []
    for a, b, c, d in _differences([*map(_even, old)], [*map(_even, new)]):
        gone += range(a, b)
        come += range(c, d)
    return [n for n in gone if old[n].strip()], [n for n in come if new[n].strip()]


def _differences(old: list[str], new: list[str]) -> Iterator[tuple[int, int, int, int]]:
    """Ranges of lines in which the two differ; what both begin and end with is not looked at."""
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    matcher = difflib.SequenceMatcher(
        None, old[head : len(old) - tail], new[head : len(new) - tail], autojunk=False
    )
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag != "equal":
            yield a + head, b + head, c + head, d + head


def block_start(before: str, without: str, head: int = 0, resource: str = "") -> int:
    """Index of the line of `before` that opens the block in which `without` has more lines.

    Differences before line `head` are passed by. What is missing outside of all blocks belongs to
    the block of `resource`, such as `aws_vpc.main`, else to the one above.
    """
    old, new = before.splitlines(), without.splitlines()
    for a, _, c, _ in _differences(old, new):
        if a < head:
            continue
        first = next((n for n in range(c, len(new)) if new[n].strip()), len(new) - 1)
        depth = indent_of(new[first])
        above = [n for n in range(a - 1, -1, -1) if old[n].strip()]
        if not depth and (own := _opened_by(old, resource)) is not None:
            return own
        if not depth and a < len(old) and old[a].strip() and new[first].startswith(old[a].rstrip()):
            return a  # a command of one line that lacks an argument
        if not depth:
            above = [n for n in above if not indent_of(old[n])] or above  # no continued line
        return next((n for n in above if indent_of(old[n]) < depth), above[0] if above else 0)
    return 0


def _opened_by(lines: Sequence[str], resource: str) -> int | None:
    """Index of the line that opens a resource's block: the first with all parts of its name."""
    parts = [part for part in re.split(r"[.\s`]+", resource) if part]
    opens = (n for n, line in enumerate(lines) if line.rstrip().endswith("{"))
    return next(
        (n for n in opens if parts and all(f'"{part}"' in lines[n] for part in parts)), None
    )


def aligned(code: str) -> str:
    """HCL with the equals signs of consecutive one-line arguments under each other."""
    out: list[str] = []
    held: list[tuple[str, str, str]] = []

    def flush() -> None:
        width = max([len(name) for _, name, _ in held], default=0)
        out.extend([f"{indent}{name.ljust(width)} = {value}" for indent, name, value in held])
        held.clear()

    for line in code.rstrip().splitlines():
        argument = _argument(line)
        if argument and held and len(held[-1][0]) != len(argument[0]):
            flush()
        if argument:
            held.append(argument)
        else:
            if held:
                flush()
            out.append(line)
    flush()
    return "\n".join(out) + "\n"


@lru_cache(maxsize=1 << 14)
def _argument(line: str) -> tuple[str, str, str] | None:
    """Indent, name and value of a one-line argument."""
    match = _ARGUMENT.match(line)
    return (match[1], match[2], match[3]) if match else None


@lru_cache(maxsize=1 << 14)
def _even(line: str) -> str:
    """A line with its indent and single blanks, so that alignment is not a change."""
    return line[: indent_of(line)] + squeezed(line)


def squeezed(line: str) -> str:
    """A line for quoting: without indent, and with single blanks."""
    return " ".join(line.split())


def indent_of(line: str) -> int:
    """Number of blanks before the text; an item's dash counts as one step of indent."""
    return len(line) - len(line.lstrip())


def snippet(code: str, wanted: Sequence[int], language: str) -> str:
    """The wanted lines of `code` with the lines that enclose them; empty if there are none.

    What is left out is marked by a comment. JSON has none, so whole objects are shown there.
    """
    if not wanted:
        return ""
    lines = code.splitlines()
    if language == "bash":
        return "\n".join(lines[n] for n in sorted({n for w in wanted for n in _command(lines, w)}))
    if language == "json":
        return json_part(lines, wanted)
    kept = set(wanted)
    for number in wanted:
        for parent in _parents(lines, number):
            kept.add(parent)
            kept |= _closer(lines, parent)
    if language == "bicep":
        kept |= {n + 1 for n in kept if lines[n].strip() == "{" and "name:" in lines[n + 1]}
    if language == "yaml":
        kept |= {n for number in wanted for n in _kind(lines, number)}
    first = min(kept)
    parted = {n for n in kept if n > first or not lines[n].startswith("---")}
    return _with_gaps(lines, sorted(parted), _GAPS.get(language, "# ..."))


_NAMING = re.compile(r"(?:kind|metadata):|  name(?:space)?: ")


def _kind(lines: Sequence[str], number: int) -> set[int]:
    """The lines that say which Kubernetes object it is, if there are several, and what parts it
    from the one before.
    """
    starts = [n for n, line in enumerate(lines) if line.startswith("---")]
    start = max((n for n in starts if n < number), default=-1)
    end = next((n for n in starts if n > number), len(lines))
    head = next((n for n in range(start + 1, end) if lines[n].startswith("metadata:")), start)
    named = [n for n in range(start + 1, min(head + 4, end)) if _NAMING.match(lines[n])]
    return {*named, *([start] if start >= 0 else [])} if starts else set()


def _parents(lines: Sequence[str], number: int) -> list[int]:
    depth = indent_of(lines[number])
    found: list[int] = []
    for above in range(number - 1, -1, -1):
        line = lines[above]
        if not line.strip() or line.strip().startswith(_CLOSE):
            continue
        if indent_of(line) < depth:
            found.append(above)
            depth = indent_of(line)
        if depth == 0:
            break
    return found


def _closer(lines: Sequence[str], opener: int) -> set[int]:
    """The line that closes what this line opens."""
    if not lines[opener].rstrip().endswith(_OPEN):
        return set()
    depth = indent_of(lines[opener])
    for below in range(opener + 1, len(lines)):
        if indent_of(lines[below]) == depth and lines[below].strip().startswith(_CLOSE):
            return {below}
    return set()


def _with_gaps(lines: Sequence[str], kept: Sequence[int], mark: str) -> str:
    out: list[str] = []
    last = kept[0] - 1
    for number in kept:
        skipped = [line for line in lines[last + 1 : number] if line.strip()]
        if skipped and number > last + 1:
            out.append(" " * indent_of(skipped[0]) + mark)
        out.append(lines[number])
        last = number
    return "\n".join(out)


def _command(lines: Sequence[str], number: int) -> range:
    """The whole shell command that a line belongs to."""
    starts = [0]
    quotes, held, ends = 0, False, ""
    for n, line in enumerate(lines):
        if n and not held and quotes % 2 == 0 and not ends:
            starts.append(n)
        quotes += line.count("'") if not ends else 0
        held = line.rstrip().endswith("\\")
        opened = re.search(r"<<(\w+)", line)
        if opened:
            ends = opened[1]
        elif ends and line.strip() == ends:
            ends = ""
    start = max(s for s in starts if s <= number)
    end = min((s for s in starts if s > number), default=len(lines))
    while end > start + 1 and not lines[end - 1].strip():
        end -= 1
    return range(start, end)
