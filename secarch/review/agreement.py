"""Layer 3: what people say of key points and must-nots, and how far the matcher and the judge agree
with them.

Labels come from the page that `secarch review --evaluation DIR` draws, or from a CSV file with the
columns `question_id,point_id,met` and, if there is one, `reviewer`; the id may be a must-not's, of
which `met` says that the answer advises it.
"""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from secarch.artifact import open_artifact
from secarch.errors import InvalidInput, Mismatch, MissingInput
from secarch.records import Outcome
from secarch.report import labels
from secarch.review.rows import figures_table
from secarch.review.statements import KEY_POINT, MUST_NOT, Kind, Statement, statements
from secarch.schema import JsonDict
from secarch.stats import rule_of_three
from secarch.suite.schema import load

COLUMNS = ("layer", "n", "share", "kappa", "interval", "f1", "too_kind", "too_strict", "trusted")
"""Of the tables that people see, behind the category or the kind."""
DECISIONS: Mapping[str, type] = {"yes": int, "no": int, "met": int, "missed": int}
"""The last two are those of pages that knew key points alone."""
TRUSTED = 0.6
"""Cohen's kappa from which a layer is trusted; "substantial" begins there (Landis and Koch 1977).
"""
FEW = 20
"""Questions below which a row says `few`: an interval over fewer units is too narrow."""
DRAWS = 2000
_YES, _NO = {"1", "yes", "true", "met", "y"}, {"0", "no", "false", "missed", "n"}


# ---------------------------------------------------------------- agreement


def agree(
    *, evaluation: Path, suites: Sequence[str], files: Sequence[Path], seed: int = 0
) -> Outcome:
    """Kappa and F1 of matcher and judge against people, of key points by category and in all, and
    by kind of statement; people among themselves; and how often the judge abstained.

    Raises MissingInput, InvalidInput with file and line, and Mismatch where a label is of another
    answer.
    """
    artifact = open_artifact(evaluation, "evaluation")
    known = statements(artifact, load(suites))
    given = labels.latest([label for file in files for label in _read(file, known)])
    for label in given:
        one = known.get(label.item_id)
        if one is None or (label.item_sha256, label.kind) != (one.sha256, one.label):
            raise Mismatch(
                "this label is of another answer",
                where=label.item_id,
                fix="name its evaluation with --from",
            )
    groups = {known[name]: group for (name, _), group in labels.by_content(given).items()}
    truth = {one: _majority(group) for one, group in groups.items()}
    settled = {one: yes for one, yes in truth.items() if yes is not None}
    number = Counter(label.kind for label in given)
    result = {
        "agreement": list(_by_category(settled, seed)),
        "kinds": list(_by_kind(settled, seed)),
        "people": labels.agreement(groups.values()),
        "people_by_kind": list(_people(groups)),
        "judge": list(_judge(known.values())),
        "reviewers": sorted({label.reviewer for label in given}),
        "labels": {kind: number[kind] for kind in (KEY_POINT, MUST_NOT)},
    }
    points = sum(one.label == KEY_POINT for one in truth)
    return Outcome(
        status="done",
        artifact=str(artifact.path),
        digest=artifact.digest,
        counts={
            "labels": len(given),
            "points": points,
            "must_nots": len(truth) - points,
            "tied": len(truth) - len(settled),
        },
        result=result,
        shown=tuple(_tables(result)),
        summary=f"{len(given)} labels on {points} key points and {len(truth) - points} must-nots",
    )


def _majority(group: Sequence[labels.Label]) -> bool | None:
    balance = sum(1 if label.decision == "yes" else -1 for label in group)
    return None if balance == 0 else balance > 0


def _by_category(settled: Mapping[Statement, bool], seed: int) -> Iterator[JsonDict]:
    """Of key points alone, since must-nots of few answers would move a kappa over both."""
    groups: dict[str, dict[Statement, bool]] = defaultdict(dict)
    for one, yes in settled.items():
        if one.label == KEY_POINT:
            groups["all"][one] = groups[one.question.category][one] = yes
    for category, group in sorted(groups.items(), key=lambda item: (item[0] != "all", item[0])):
        for row in _layers(group, seed):
            yield {"category": category, **row}


def _by_kind(settled: Mapping[Statement, bool], seed: int) -> Iterator[JsonDict]:
    for kind in get_args(Kind):
        group = {one: yes for one, yes in settled.items() if one.kind == kind}
        for row in _layers(group, seed, good=kind != MUST_NOT):
            yield {"kind": kind, **row}


def _people(groups: Mapping[Statement, Sequence[labels.Label]]) -> Iterator[JsonDict]:
    """People among themselves, for each kind that was judged twice."""
    for kind in get_args(Kind):
        found = labels.agreement(group for one, group in groups.items() if one.kind == kind)
        if found["items"]:
            yield {"kind": kind, **found}


def _judge(every: Iterable[Statement]) -> Iterator[JsonDict]:
    """What the judge said of all that it was asked, labelled or not."""
    said = Counter((one.kind, one.judged) for one in every if one.judged is not None)
    for kind in get_args(Kind):
        yes, no, abstained = (said[kind, verdict] for verdict in ("met", "missed", "abstained"))
        if asked := yes + no + abstained:
            yield {"kind": kind, "asked": asked, "yes": yes, "no": no, "abstained": abstained}


def _tables(result: JsonDict) -> Iterator[object]:
    for name, key in (("category", "agreement"), ("kind", "kinds")):
        if result[key]:
            yield figures_table([_shown(row) for row in result[key]], (name, *COLUMNS))
    if result["people_by_kind"]:
        rows = [
            {**_named(row), "judged_twice": row["items"], **_rounded(row, "share", "alpha")}
            for row in result["people_by_kind"]
        ]
        yield figures_table(rows, ("kind", "judged_twice", "share", "alpha"))
    if result["judge"]:
        yield figures_table(
            [*map(_named, result["judge"])], ("kind", "asked", "yes", "no", "abstained")
        )


def _shown(row: JsonDict) -> JsonDict:
    low, high = row["kappa_low"], row["kappa_high"]
    trusted = "yes" if row["trusted"] else "no"
    return {
        **_named(row),
        **_rounded(row, "share", "kappa", "f1"),
        "interval": None if low is None else f"{low:z.2f} to {high:z.2f}",
        "trusted": "few" if row["few"] else trusted,
    }


def _named(row: JsonDict) -> JsonDict:
    return {**row, "kind": row["kind"].replace("_", " ")} if "kind" in row else row


def _rounded(row: JsonDict, *names: str) -> JsonDict:
    return {name: None if row[name] is None else f"{row[name]:z.2f}" for name in names}


# ---------------------------------------------------------------- labels


def _read(path: Path, known: Mapping[str, Statement]) -> list[labels.Label]:
    if path.suffix.lower() != ".csv":
        given = labels.read(path, (KEY_POINT, MUST_NOT), DECISIONS)
        return [label.model_copy(update={"decision": _word(label.decision)}) for label in given]
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise MissingInput(
            "cannot read a file",
            where=path,
            why=error.strerror,
            fix="correct the path, or the rights of the file",
        ) from error
    reader = csv.DictReader(text.splitlines())
    missing = {"question_id", "point_id", "met"} - set(reader.fieldnames or ())
    if missing:
        raise InvalidInput(
            f"there is no column {', '.join(sorted(missing))}",
            where=path,
            fix="secarch help eval   (the columns of a table of labels)",
        )
    return [_row(row, known, f"{path}:{number}") for number, row in enumerate(reader, 2)]


def _row(row: Mapping[str, str], known: Mapping[str, Statement], where: str) -> labels.Label:
    name, met = f"{row['question_id']}/{row['point_id']}", str(row["met"]).strip().lower()
    if name not in known:
        raise Mismatch(
            "there is no such key point or must-not in this evaluation",
            where=f"{where}: {name}",
            fix="give labels of this evaluation, or --from the one they are of",
        )
    if met not in _YES | _NO:
        raise InvalidInput(
            f"{met[:20]!r} is neither yes nor no", where=where, fix="write yes or no"
        )
    return labels.Label(
        artifact="",
        item_id=name,
        item_sha256=known[name].sha256,
        kind=known[name].label,
        decision=_word(met),
        reviewer=(row.get("reviewer") or "reviewer")[:80],
    )


def _word(decision: str) -> str:
    return "yes" if decision in _YES else "no"


# ---------------------------------------------------------------- figures


class Rated(NamedTuple):
    """Yes or no of a machine and of people on one statement."""

    machine: bool
    people: bool
    question: str
    """Whose statement it is; those of one question are not independent."""


def _layers(group: Mapping[Statement, bool], seed: int, *, good: bool = True) -> Iterator[JsonDict]:
    """A row of figures for each layer that decided any of the statements."""
    decided = {"met": True, "missed": False}
    matcher = [Rated(one.matched, yes, one.question.id) for one, yes in group.items()]
    judge = [
        Rated(decided[one.judged], yes, one.question.id)
        for one, yes in group.items()
        if one.judged in decided
    ]
    for layer, rated in (("matcher", matcher), ("judge", judge)):
        if rated:
            yield {"layer": layer, **measures(rated, seed=seed, good=good)}


def measures(rated: Sequence[Rated], *, seed: int = 0, good: bool = True) -> JsonDict:
    """n, share of the same answers, Cohen's kappa (1960) with a 95% interval, F1 of yes, both ways
    of being wrong, whether to trust it, and whether it is of few questions.

    Kappa is None where one side always says the same: it is 0 then, whatever they agree on. F1 is
    None where nobody says yes. `good` tells that a yes speaks for the answer.
    """
    table = _tables_of_questions(rated)
    both, machine_only, people_only, _ = (int(count) for count in table.sum(axis=0))
    n, machine, people = len(rated), both + machine_only, both + people_only
    constant = machine in {0, n} or people in {0, n}
    kappa = None if constant else float(_kappa(table.sum(axis=0)))
    low, high = (None, None) if kappa is None else _interval(table, seed)
    return {
        "n": n,
        "questions": len(table),
        "share": round((n - machine_only - people_only) / n, 4),
        "kappa": None if kappa is None else round(kappa, 4),
        "kappa_low": low,
        "kappa_high": high,
        "f1": round(2 * both / (machine + people), 4) if machine + people else None,
        "too_kind": machine_only if good else people_only,
        "too_strict": people_only if good else machine_only,
        "trusted": kappa is not None and kappa >= TRUSTED,
        "few": len(table) < FEW,
    }


Counts = NDArray[np.float64]


def _tables_of_questions(rated: Sequence[Rated]) -> Counts:
    """Both yes, machine alone, people alone, neither: a row for each question."""
    rows: dict[str, list[float]] = {}
    for machine, people, question in rated:
        row = rows.setdefault(question, [0.0] * 4)
        row[2 * (not machine) + (not people)] += 1
    return np.array([rows[name] for name in sorted(rows)])


def _kappa(counts: Counts) -> Counts:
    """Of tables in the last axis; NaN where both always say the same."""
    n = counts.sum(axis=-1)
    machine, people = counts[..., :2].sum(axis=-1) / n, counts[..., ::2].sum(axis=-1) / n
    chance = machine * people + (1 - machine) * (1 - people)
    observed = (counts[..., 0] + counts[..., 3]) / n
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((observed - chance) / (1 - chance))


def _interval(table: Counts, seed: int) -> tuple[float | None, float | None]:
    """95% by the percentiles of a bootstrap over questions (Efron & Tibshirani 1993, chapter 13);
    None of one question.

    Where no answer differs, no resample does: the lower bound then takes for differing the share
    that so many questions leave open (`rule_of_three`).
    """
    k = len(table)
    if k < 2:
        return None, None
    if not table[:, 1:3].any():
        differing = rule_of_three(k, 0.975)
        agreed = table.sum(axis=0) * (1 - differing)
        moved = np.full(2, table.sum() * differing / 2)
        low = _kappa(np.array([agreed[0], *moved, agreed[3]]))
        return round(float(low), 4), 1.0
    drawn = np.random.default_rng(seed).multinomial(k, [1 / k] * k, size=DRAWS) @ table
    kappas = _kappa(drawn)
    low, high = np.quantile(kappas[~np.isnan(kappas)], [0.025, 0.975])
    return round(float(low), 4), round(float(high), 4)
