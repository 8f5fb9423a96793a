"""`secarch review`: a stratified sample of the dataset for people to judge, and their decisions
taken in.

The page works from file:// and saves label rows; Label Studio's tasks and exports are read and
written as well. What was decided is in the workspace and is folded into the next `secarch
dedupe`.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

from secarch.artifact import MANIFEST, Artifact, lock, newest, open_artifact
from secarch.dedupe.examples.decisions import DECISIONS, FILE, FOLDER, KIND, content_sha256
from secarch.errors import InvalidInput, Mismatch, MissingInput
from secarch.files import write_jsonl, write_text
from secarch.records import Outcome
from secarch.report import html, judging_page, labels
from secarch.report.labels import Label
from secarch.review.rows import rows_of, texts
from secarch.schema import JsonDict
from secarch.session import Session

CHOICES = (
    judging_page.Choice(key="a", decision="accept", label="Accept", value=1),
    judging_page.Choice(key="r", decision="reject", label="Reject", value=0),
    judging_page.Choice(key="e", decision="edit", label="Edit"),
    judging_page.Choice(key="s", decision="skip", label="Skip"),
)
MAX_EXPORT = 256 << 20
"""Bytes of the largest Label Studio export that is read."""


def review(
    session: Session,
    *,
    dataset: Path | None,
    size: int,
    again: bool,
    label_studio: bool,
) -> Outcome:
    """Draw a sample and write its page, or with `label_studio` its tasks and labelling set-up.

    `again` draws from what was reviewed already, so that agreement can be told. Raises MissingInput
    where there is no dataset, or nothing to draw.
    """
    artifact = open_artifact(dataset or newest(session.datasets, "dataset"), "dataset")
    known = _known(session)
    seen = {(label.item_id, label.item_sha256) for label in known}
    rows = [row for row in rows_of(artifact) if ((row["id"], _sha256(row)) in seen) == again]
    if not rows:
        why = "none of it was reviewed yet" if again else "all of it was reviewed"
        raise MissingInput(
            "there is nothing to review",
            where=artifact.path,
            why=why,
            fix="secarch dedupe with more documents, or --again for what was reviewed",
        )
    drawn = sample(rows, size, session.seed)
    folder = session.workspace / FOLDER
    stem = f"{artifact.path.name}-{'again-' if again else ''}{len(seen):05d}"
    if session.dry_run:
        return Outcome(
            status="done",
            result={"dry_run": True, "drawn": len(drawn)},
            summary=f"would draw {len(drawn)}",
        )
    folder.mkdir(parents=True, exist_ok=True)
    made = (
        _write_tasks(folder, stem, artifact, drawn)
        if label_studio
        else _write_page(folder, stem, artifact, drawn)
    )
    counts = Counter(str(row.get("kind", "")) for row in drawn)
    return Outcome(
        status="done",
        artifact=str(artifact.path),
        digest=artifact.digest,
        counts={"drawn": len(drawn)},
        shown=(str(made),),
        result={"page": str(made), "kinds": dict(sorted(counts.items()))},
        summary=f"{len(drawn)} of {len(rows)} examples are on the page: {made}",
        next="secarch review --import FILE   # with the labels that you save there",
    )


def _texts(row: JsonDict) -> dict[str, str]:
    return dict(zip(("instruction", "answer"), texts(row), strict=True))


def _sha256(row: JsonDict) -> str:
    return content_sha256(*_texts(row).values())


def sample(rows: Sequence[JsonDict], size: int, seed: int) -> list[JsonDict]:
    """`size` rows, spread over kinds and categories in proportion, one at least of each kind while
    there is room.

    Which rows follows from their ids and the seed; so does their order.
    """
    strata: dict[str, list[JsonDict]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: _place(row, seed)):
        strata[str(row.get("kind", ""))].append(row)
    for members in strata.values():
        members[:] = _spread(members)
    take = allocate({kind: len(members) for kind, members in strata.items()}, min(size, len(rows)))
    drawn = [row for kind, members in strata.items() for row in members[: take[kind]]]
    return sorted(drawn, key=lambda row: _place(row, seed))


def _place(row: JsonDict, seed: int) -> str:
    return hashlib.blake2b(f"{seed}:{row['id']}".encode(), digest_size=8).hexdigest()


def _spread(rows: Sequence[JsonDict]) -> list[JsonDict]:
    """The rows with their categories by turns."""
    turn: Counter[str] = Counter()
    placed = []
    for n, row in enumerate(rows):
        category = str(row.get("category", ""))
        placed.append((turn[category], n, row))
        turn[category] += 1
    return [row for _, _, row in sorted(placed, key=lambda item: item[:2])]


def allocate(sizes: Mapping[str, int], total: int) -> dict[str, int]:
    """How many of each stratum: one each (the largest first), the rest in proportion by largest
    remainder.
    """
    order = sorted(sizes, key=lambda name: (-sizes[name], name))
    take = {name: int(n < total) for n, name in enumerate(order)}
    left = total - sum(take.values())
    room = {name: sizes[name] - take[name] for name in order}
    whole = sum(room.values())
    if not left or not whole:
        return take
    exact = {name: left * room[name] / whole for name in order}
    for name in order:
        take[name] += int(exact[name])
    short = total - sum(take.values())
    for name in sorted(order, key=lambda name: (int(exact[name]) - exact[name], name))[:short]:
        take[name] += 1
    return take


# ---------------------------------------------------------------- the page


def _write_page(folder: Path, stem: str, artifact: Artifact, rows: Sequence[JsonDict]) -> Path:
    path = folder / f"{stem}.html"
    items = [
        judging_page.Item(id=row["id"], sha256=_sha256(row), body=_body(row), fields=_texts(row))
        for row in rows
    ]
    counts = Counter(str(row.get("kind", "")) for row in rows)
    sections = [
        html.Section("Judge", judging_page.panel(artifact.digest, KIND, items, CHOICES), _HELP),
        html.Section(
            "What was drawn",
            html.bars([(kind, float(n)) for kind, n in counts.most_common()], "examples"),
        ),
    ]
    lead = (
        "Is this a question that a cloud architect would ask, and does the answer answer "
        "it, whole and on its own?"
    )
    page = html.page("Review", sections, lead=lead, script=judging_page.script())
    write_text(path, page)
    return path


_HELP = (
    "Keys: a accept, r reject, e edit, s skip, arrows to move. Choices stay in this browser; save "
    "the labels at the "
    "end and take them in with: secarch review --import FILE"
)


def _body(row: JsonDict) -> Markup:
    fields = _texts(row)
    url = str(row.get("url", ""))
    link = Markup('<p><a href="{}" rel="noreferrer noopener">{}</a></p>').format(
        url, row.get("title") or url
    )
    return html.join(
        html.badges(
            *(
                html.badge(row[name])
                for name in ("kind", "category", "split", "licence")
                if row.get(name)
            )
        ),
        html.heading("Question"),
        html.quote(fields["instruction"]),
        html.heading("Answer"),
        html.quote(fields["answer"]),
        link if url.startswith(("https://", "http://")) else html.paragraph(url),
    )


# ---------------------------------------------------------------- taking decisions in


def take(session: Session, files: Sequence[Path]) -> Outcome:
    """Add the labels of files (label rows, or Label Studio's JSON export) to the workspace's
    decisions.

    Taking the same file twice changes nothing. Raises MissingInput, InvalidInput with file and
    line, Mismatch where a label names an example that its dataset, if it is here, does not have.
    """
    path = session.workspace / FOLDER / FILE
    fresh = [label for file in files for label in _read(file)]
    _check_items(session, fresh)
    with lock(path.with_name(".decisions.lock")):
        before = _known(session)
        after = labels.latest([*before, *fresh])
        if not session.dry_run:
            write_jsonl(path, (label.row() for label in after))
    added = len(after) - len(before)
    decided = Counter(label.decision for label in fresh)
    agreed = labels.agreement(labels.by_content(after).values())
    listed = ", ".join(f"{name} {count}" for name, count in sorted(decided.items()))
    return Outcome(
        status="done",
        artifact=str(path),
        counts={"taken": len(fresh), "new": added, "decisions": len(after)},
        result={"decisions": dict(decided), "agreement": agreed},
        summary=f"{len(fresh)} labels taken in ({listed}), {added} of them new: {path}",
        next="secarch dedupe",
    )


def _known(session: Session) -> list[Label]:
    path = session.workspace / FOLDER / FILE
    return labels.read(path, KIND, DECISIONS) if path.is_file() else []


def _read(path: Path) -> list[Label]:
    if not path.is_file():
        raise MissingInput(
            "there is no such file of labels",
            where=path,
            fix="secarch review   (draws the page on which labels are given and saved)",
        )
    with path.open("rb") as handle:
        first = handle.read(64).lstrip()[:1]
    found = list(_from_label_studio(path)) if first == b"[" else labels.read(path, KIND, DECISIONS)
    if not found:
        raise InvalidInput(
            "there is no label in it",
            where=path,
            fix="secarch review   (draws the page on which labels are given and saved)",
        )
    return found


def _check_items(session: Session, found: Sequence[Label]) -> None:
    """Where the dataset that labels are of is here, every label must be of one of its examples."""
    wanted = {label.artifact for label in found}
    for manifest in sorted(session.datasets.glob(f"*/{MANIFEST}")):
        if not wanted & {str(json.loads(manifest.read_text(encoding="utf-8")).get("digest"))}:
            continue
        artifact = open_artifact(manifest.parent, "dataset")
        contents = {(row["id"], _sha256(row)) for row in rows_of(artifact)}
        for label in found:
            if (
                label.artifact == artifact.digest
                and (label.item_id, label.item_sha256) not in contents
            ):
                raise Mismatch(
                    f"no such example: {label.item_id[:60]}",
                    where=manifest.parent,
                    why="id or content is another",
                    fix="review the dataset that the labels were made for",
                )


# ---------------------------------------------------------------- Label Studio

_SETUP = """<View>
  <Header value="$kind: $title"/>
  <Text name="question" value="$instruction"/>
  <Text name="text" value="$answer"/>
  <Choices name="decision" toName="text" choice="single" required="true" showInLine="true">
    <Choice value="accept" hotkey="a"/>
    <Choice value="reject" hotkey="r"/><Choice value="edit" hotkey="e"/>
  </Choices>
  <TextArea name="instruction" toName="text" value="$instruction"
    editable="true" maxSubmissions="1"/>
  <TextArea name="answer" toName="text" value="$answer"
    editable="true" maxSubmissions="1" rows="12"/>
  <TextArea name="note" toName="text" placeholder="Note" maxSubmissions="1"/>
</View>
"""
"""Label Studio's labelling set-up (labelstud.io/tags); the names of its controls are what
`_annotation` reads.
"""


def _write_tasks(folder: Path, stem: str, artifact: Artifact, rows: Sequence[JsonDict]) -> Path:
    """Tasks in Label Studio's JSON form (labelstud.io/guide/tasks), and the set-up beside them."""
    tasks = [
        {
            "data": {
                **_texts(row),
                "item_id": row["id"],
                "item_sha256": _sha256(row),
                "artifact": artifact.digest,
                "title": row.get("title", ""),
                "url": row.get("url", ""),
                "kind": row.get("kind", ""),
            }
        }
        for row in rows
    ]
    path = folder / f"{stem}-label-studio.json"
    write_text(path, json.dumps(tasks, ensure_ascii=False, indent=1) + "\n")
    write_text(folder / f"{stem}-label-studio.xml", _SETUP)
    return path


def _from_label_studio(path: Path) -> Iterator[Label]:
    if path.stat().st_size > MAX_EXPORT:
        raise InvalidInput(
            "this export is too large",
            where=path,
            why=f"more than {MAX_EXPORT >> 20} MiB",
            fix="export the tasks from Label Studio again as JSON",
        )
    try:
        tasks = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise InvalidInput(
            "this export cannot be read",
            where=path,
            why=error,
            fix="export the tasks from Label Studio again as JSON",
        ) from error
    for number, task in enumerate(tasks, 1):
        where = f"{path}: task {number}"
        if not isinstance(task, dict) or not isinstance(task.get("data"), dict):
            raise InvalidInput(
                "this is no task of Label Studio",
                where=where,
                fix="export the tasks from Label Studio again as JSON",
            )
        for annotation in task.get("annotations") or []:
            row = _annotation(task["data"], annotation)
            if row:
                yield labels.parse(row, KIND, DECISIONS, where)


def _annotation(data: JsonDict, annotation: Any) -> JsonDict | None:
    """A label row from one annotation; None if it was cancelled or decides nothing."""
    if not isinstance(annotation, dict) or annotation.get("was_cancelled"):
        return None
    said: dict[str, str] = {}
    for part in annotation.get("result") or []:
        value = part.get("value") if isinstance(part, dict) else None
        if isinstance(value, dict):
            listed = value.get("choices") or value.get("text") or []
            said[str(part.get("from_name"))] = str(
                listed[0] if isinstance(listed, list) and listed else listed or ""
            )
    decision = said.get("decision")
    if not decision:
        return None
    by = annotation.get("completed_by")
    # A number, never the e-mail address that is beside it in some exports.
    number = by.get("id") if isinstance(by, dict) else by
    value = {name: said.get(name) or str(data.get(name, "")) for name in ("instruction", "answer")}
    return {
        **{name: data.get(name) for name in ("artifact", "item_id", "item_sha256")},
        "kind": KIND,
        "decision": decision,
        "value": value if decision == "edit" else int(decision == "accept"),
        "note": said.get("note", ""),
        "reviewer": f"label-studio-{number or 0}",
        "at": str(annotation.get("updated_at") or annotation.get("created_at") or ""),
    }
