"""Several tuned models against one base: a comparison each, and a table with Holm over the
candidates.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from pathlib import Path

from markupsafe import Markup

from secarch import console
from secarch.artifact import Artifact, claim, lock, make_key, seal
from secarch.compare.config import CompareConfig
from secarch.compare.inputs.pairs import Arm
from secarch.compare.output import compare_arms
from secarch.compare.pages.texts import candidates_junit, candidates_markdown
from secarch.compare.record import Candidate, Candidates, Word
from secarch.compare.report import TONES, shown
from secarch.compare.verdict import Evidence, decide
from secarch.evaluate.config import EvalConfig
from secarch.files import write_json, write_text
from secarch.records import Outcome, Status
from secarch.report import html
from secarch.report.html import Section
from secarch.schema import JsonDict, sha256_of
from secarch.session import Session

CONTENT = ("candidates.json", "report.md", "junit.xml")
OUTSIDE = ("report.html",)


def compare_candidates(
    config: CompareConfig,
    evaluation: EvalConfig,
    session: Session,
    made: Iterable[tuple[str, tuple[Arm, Arm]]],
) -> Outcome:
    """Compare each candidate (name, (base, tuned)) with its base, and seal a table over all of
    them.

    With k candidates the best of them looks better than it is, so in the table BETTER and
    EQUIVALENT need the p-value that Holm adjusts over the candidates. WORSE and every gate stay
    what each comparison says on its own: a guard must not become weaker because there are more
    candidates. The outcome is `gate_failed` where any gate is closed.
    """
    outcomes = [(name, compare_arms(config, evaluation, session, arms)) for name, arms in made]
    found = summarise(config, outcomes)
    digests = [str(outcome.digest) for _, outcome in outcomes]
    names = {"candidates": [name for name, _ in outcomes]}
    directory = session.comparisons / make_key(digests, sha256_of(names))[:8]
    with lock(directory.with_name(f".{directory.name}.lock")):
        if done := claim(directory, resume=session.resume, fresh=session.fresh):
            return _outcome(done, found, "nothing_to_do")
        with console.run_log(directory):
            return _outcome(_sealed(directory, found, digests, names), found, "done")


def summarise(config: CompareConfig, outcomes: Sequence[tuple[str, Outcome]]) -> Candidates:
    """The table over finished comparisons, best gain first."""
    from secarch.stats import holm

    results = [outcome.result for _, outcome in outcomes]
    # A figure that does not exist is not a test, and Holm counts none for it.
    p = [_number(result["primary"]["p"]) for result in results]
    tost = [_number(result["power"]["tost_p"]) for result in results]
    rows = [
        _candidate(config, name, outcome, p_holm, tost_holm)
        for (name, outcome), p_holm, tost_holm in zip(outcomes, holm(p), holm(tost), strict=True)
    ]
    rows.sort(key=lambda row: (-row.delta, row.name))
    metric = results[0]["primary"]["metric"]
    return Candidates(
        metric=metric, alpha=config.alpha, margin=config.margin, candidates=tuple(rows)
    )


def _number(value: float | None) -> float:
    return math.nan if value is None else value


def _candidate(
    config: CompareConfig, name: str, outcome: Outcome, p_holm: float, tost_holm: float
) -> Candidate:
    primary, own, gate = (
        outcome.result["primary"],
        outcome.result["verdict"],
        outcome.result["gate"],
    )
    evidence = Evidence(
        delta=primary["delta"],
        p=p_holm,
        tost_p=tost_holm,
        alpha=config.alpha,
        low=_number(primary["low"]),
        high=_number(primary["high"]),
    )
    word: Word = "WORSE" if own == "WORSE" else decide(evidence)
    return Candidate(
        name=name,
        comparison=str(outcome.digest),
        directory=Path(str(outcome.artifact)).name,
        verdict=word,
        verdict_alone=own,
        n=primary["n"],
        delta=primary["delta"],
        low=primary["low"],
        high=primary["high"],
        p=primary["p"],
        p_holm=None if math.isnan(p_holm) else p_holm,
        gate=gate["passed"],
        reasons=tuple(gate["reasons"]),
    )


def _sealed(
    directory: Path, found: Candidates, digests: Sequence[str], names: JsonDict
) -> Artifact:
    write_json(directory / "candidates.json", found.model_dump(mode="json"))
    write_text(directory / "report.md", candidates_markdown(found))
    write_text(directory / "junit.xml", candidates_junit(found))
    write_text(directory / "report.html", _page(found))
    counts = {
        "candidates": len(found.candidates),
        "gates_failed": sum(not row.gate for row in found.candidates),
    }
    return seal(
        directory,
        kind="comparison",
        parents=digests,
        config=names,
        counts=counts,
        files=CONTENT,
        outside=OUTSIDE,
    )


def _page(found: Candidates) -> str:
    plot = html.forest(
        [
            (row.name, row.delta, _number(row.low), _number(row.high), row.n)
            for row in found.candidates
        ]
    )
    head = ["candidate", "verdict", "alone", "gain", "p", "p, Holm", "gate"]
    link = Markup('<a href="../{}/report.html">{}</a>')
    cells = [
        [
            link.format(row.directory, html.text(row.name)),
            html.badge(row.verdict, TONES[row.verdict]),
            row.verdict_alone,
            html.number(row.delta, sign=True),
            shown(row.p),
            shown(row.p_holm),
            _gate(row),
        ]
        for row in found.candidates
    ]
    note = (
        f"Gain of each candidate over the base on {found.metric.replace('_', ' ')}; right of 0 is "
        "better. Each was "
        "compared with the base and not with the others: intervals that overlap do not tell which "
        "is the best."
    )
    reasons = [f"{row.name}: {reason}" for row in found.candidates for reason in row.reasons]
    failed = html.callout(html.join(html.paragraph("Gates failed:"), html.bullets(reasons)), "bad")
    adjusted = (
        f"Of {len(found.candidates)} candidates the best one looks better than it is. Holm's "
        "method allows for that; "
        "a candidate that is worse stays worse without it."
    )
    sections = [
        Section("By candidate", plot, note),
        Section("The figures", html.table(head, cells), adjusted),
    ]
    lead = html.join(html.paragraph(headline(found)), failed if reasons else "")
    return html.page(f"{len(found.candidates)} tuned models against one base", sections, lead=lead)


def _gate(row: Candidate) -> Markup:
    return html.badge("passed", "good") if row.gate else html.badge("failed", "bad")


def headline(found: Candidates) -> str:
    """One sentence: how many candidates are what."""
    words = [row.verdict for row in found.candidates]
    counts = ", ".join(f"{words.count(word)} {word}" for word in TONES if word in words)
    return (
        f"{len(words)} candidates on {found.metric.replace('_', ' ')}, Holm over the "
        f"candidates: {counts}."
    )


def _outcome(artifact: Artifact, found: Candidates, status: Status) -> Outcome:
    failed = [row.name for row in found.candidates if not row.gate]
    page = str(artifact.path / "report.html")
    closed = f"   gate failed for {', '.join(failed)}" if failed else ""
    done = "nothing to do: " if status == "nothing_to_do" else ""
    return Outcome(
        status="gate_failed" if failed else status,
        artifact=str(artifact.path),
        digest=artifact.digest,
        counts=artifact.manifest.counts,
        result={**found.model_dump(mode="json"), "report": page},
        summary=f"{done}{headline(found)}   {page}{closed}",
        next="secarch report --html",
    )
