"""The workspace as one page: all that is finished, and what was made from what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from markupsafe import Markup

from secarch import console
from secarch.artifact import MANIFEST, Manifest
from secarch.cli.workspace import BUT, PAGE, figures, finished
from secarch.compare.report import TONES
from secarch.errors import InvalidInput, MissingInput, TamperedArtifact, UsageError
from secarch.files import write_text
from secarch.records import Outcome
from secarch.registry.registry import Registry
from secarch.report import html
from secarch.report.lineage import Node, graph
from secarch.report.origin import address, anchor
from secarch.session import Session

COLUMNS = {
    "documents": "Harvests",
    "dataset": "Datasets",
    "run": "Runs",
    "export": "Exports",
    "version": "Models",
    "evaluation": "Evaluations",
    "comparison": "Comparisons",
}
"""Kinds from left to right, as the graph has them; the tables come the other way round."""
MOST_BOXES = 120
"""Boxes of the graph, the newest first; what they were made from comes on top of that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """A finished artifact, or a version of a model."""

    node: Node
    place: str
    """Its folder below the workspace."""
    page: str
    """URL of its own page, relative to the workspace's; empty if it has none."""
    remarks: str = ""
    """What speaks against its verdict."""

    @property
    def row(self) -> str:
        """Name of its row on the workspace's page."""
        return anchor(self.node.key)


def overview(session: Session, out: Path | None) -> Outcome:
    """Write the page (<workspace>/report.html unless `out` names a file) and name it.

    Raises MissingInput if nothing is finished, UsageError if `out` is a folder.
    """
    target = out or session.workspace / PAGE
    if target.is_dir():
        raise UsageError("a page is a file", where=target, fix=f"name {target / PAGE}")
    things = _things(session, target.parent)
    if not things:
        raise MissingInput("nothing is finished here", where=session.workspace, fix="secarch demo")
    lines = sum(parent in _by_key(things) for thing in things for parent in thing.node.parents)
    if not session.dry_run:
        write_text(target, drawn(session, things))
    return Outcome(
        status="done",
        counts={"artifacts": len(things), "lines": lines},
        result={"report": str(target)},
        shown=(str(target),),
        summary=f"{'would draw' if session.dry_run else 'drew'} {len(things)} artifacts and "
        f"{lines} lines between them: {target}",
    )


def _things(session: Session, folder: Path) -> list[Thing]:
    """Everything, the newest first; of two with one digest the second has a key of its own."""
    known: set[str] = set()
    things = []
    for path, manifest in finished(session):
        key = manifest.digest if manifest.digest not in known else f"{path.name}-{manifest.digest}"
        known.add(key)
        things.append(_thing(session, path, manifest, key, folder))
    things += _versions(session)
    return sorted(things, key=lambda thing: thing.node.created, reverse=True)


def _thing(session: Session, path: Path, manifest: Manifest, key: str, folder: Path) -> Thing:
    has_page = (path / PAGE).is_file()
    what, _, remarks = figures(path, manifest).partition(BUT)
    page = address(path / PAGE, folder) if has_page else ""
    node = Node(
        key=key,
        kind=manifest.kind,
        name=path.name.removeprefix("documents-"),
        what=what,
        created=manifest.created,
        href=page or f"#{anchor(key)}",
        parents=tuple(manifest.parents),
    )
    place = path.relative_to(session.workspace).as_posix()
    return Thing(node=node, place=place, page=page, remarks=remarks)


def _versions(session: Session) -> Iterator[Thing]:
    """Versions of every model whose log and records can be read; the others are named."""
    registry = Registry(session.workspace)
    for name in registry.names():
        try:
            state = registry.log(name).state()
            versions = list(registry.versions(name, state))
        except (InvalidInput, TamperedArtifact, MissingInput, UsageError) as error:
            console.log().warning("skipped", where=f"models/{name}", why=error.what)
            continue
        for version in versions:
            here = [alias for alias, number in state.aliases.items() if number == version.number]
            retired = ["retired"] if version.number in state.retired else []
            key = f"model-{version.ref}".replace("/", "-")
            node = Node(
                key=key,
                kind="version",
                name=version.ref,
                what=", ".join([*sorted(here), *retired]) or "no alias",
                created=version.registered,
                href=f"#{anchor(key)}",
                parents=(version.digest,),
            )
            yield Thing(node=node, place=f"models/{name}", page="")


def _by_key(things: Sequence[Thing]) -> dict[str, Thing]:
    return {thing.node.key: thing for thing in things}


# ---------------------------------------------------------------- the page


def drawn(session: Session, things: Sequence[Thing]) -> str:
    """The whole page of these things, the newest first."""
    known = _by_key(things)
    made: dict[str, list[Thing]] = {}
    for thing in things:
        for parent in thing.node.parents:
            made.setdefault(parent, []).append(thing)
    boxes = _boxes(things, known)
    cut = f" Of {len(things)} artifacts the newest are drawn." if len(boxes) < len(things) else ""
    note = (
        "From sources to results. A box leads to its own page, or to its row below; what is wider "
        f"than the window scrolls sideways.{cut}"
    )
    sections = [html.Section("Lineage", graph([thing.node for thing in boxes], COLUMNS), note)]
    by_kind = {kind: [one for one in things if one.node.kind == kind] for kind in COLUMNS}
    sections += [
        html.Section(COLUMNS[kind], _table(rows, known, made))
        for kind, rows in reversed(by_kind.items())
        if rows
    ]
    if open_ := list(_unfinished(session)):
        sections.append(
            html.Section("Unfinished", html.bullets(open_), "Go on with --resume, or --fresh.")
        )
    counts = {COLUMNS[kind]: f"{len(rows):,}" for kind, rows in by_kind.items() if rows}
    title = f"Workspace {session.workspace.absolute().name}"
    return html.page(title, sections, lead=_lead(things), facts=counts)


def _boxes(things: Sequence[Thing], known: Mapping[str, Thing]) -> list[Thing]:
    """The newest things, and all that they were made from."""
    wanted: dict[str, Thing] = {}
    waiting = list(things[:MOST_BOXES])
    while waiting:
        thing = waiting.pop()
        if thing.node.key not in wanted:
            wanted[thing.node.key] = thing
            waiting += [known[parent] for parent in thing.node.parents if parent in known]
    return [thing for thing in things if thing.node.key in wanted]


def _lead(things: Sequence[Thing]) -> Markup:
    """The newest verdict, with its page."""
    newest = next((thing for thing in things if thing.node.kind == "comparison"), None)
    if newest is None:
        return html.paragraph("Nothing has been compared here yet.")
    word = newest.node.what.split(" ", 1)[0]
    badge = html.badges(html.badge(word, TONES[word], large=True)) if word in TONES else ""
    link = Markup('<a href="{}">{}</a>').format(newest.node.href, html.text(newest.node.name))
    told = html.paragraph(html.join("Newest comparison ", link, ": ", newest.node.what))
    remarks = newest.remarks
    against = html.details("What speaks against it", html.paragraph(remarks)) if remarks else ""
    return html.join(badge, told, against)


def _table(
    rows: Sequence[Thing], known: Mapping[str, Thing], made: Mapping[str, Sequence[Thing]]
) -> Markup:
    head = ("name", "what it says", "made from", "used by", "created (UTC)", "folder and digest")
    return html.table(
        head,
        [
            (
                _name(thing),
                thing.node.what,
                _made_from(thing, known),
                _links(made.get(thing.node.key, ())),
                thing.node.created[:16].replace("T", " "),
                _where(thing),
            )
            for thing in rows
        ],
    )


def _name(thing: Thing) -> Markup:
    name = html.text(thing.node.name)
    shown = Markup('<a href="{}">{}</a>').format(thing.page, name) if thing.page else name
    return Markup('<span id="{}"></span>{}').format(thing.row, shown)


def _where(thing: Thing) -> Markup:
    digest = "" if thing.node.kind == "version" else thing.node.key[:12]
    return Markup("<code>{}</code><small>{}</small>").format(html.text(thing.place), digest)


def _made_from(thing: Thing, known: Mapping[str, Thing]) -> Markup:
    here = [known[parent] for parent in thing.node.parents if parent in known]
    gone = [parent[:12] for parent in thing.node.parents if parent not in known]
    elsewhere = [html.text(f"{digest} (not here)") for digest in gone]
    return Markup(", ").join(chain([_link(one) for one in here], elsewhere))


def _links(things: Sequence[Thing]) -> Markup:
    return Markup(", ").join(_link(thing) for thing in things)


def _link(thing: Thing) -> Markup:
    """To its row on this page."""
    words = f"{thing.node.kind} {thing.node.name}"
    return Markup('<a href="#{}">{}</a>').format(thing.row, html.text(words))


def _unfinished(session: Session) -> Iterator[str]:
    """Folders of stages without a manifest, by room and name."""
    rooms = (session.datasets, session.runs, session.exports, session.evals, session.comparisons)
    for folder in chain.from_iterable(sorted(room.glob("*/")) for room in rooms):
        name = folder.name
        if not name.startswith(".") and ".aside-" not in name and not (folder / MANIFEST).exists():
            yield f"{folder.parent.name}/{name}"
