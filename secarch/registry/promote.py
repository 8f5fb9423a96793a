"""Moving an alias: `promote` through the gate, `rollback` to what was live before."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from secarch.errors import Busy, GateFailed, MissingInput, UsageError
from secarch.records import Outcome
from secarch.registry import evidence, gate
from secarch.registry import version as record
from secarch.registry.config import ModelsConfig
from secarch.registry.gate import Compared, Evidence, Judged
from secarch.registry.log import State, added_tags
from secarch.registry.registry import CHAMPION, Found, Registry, checked_alias, manifests
from secarch.schema import JsonDict
from secarch.session import Session

Opinion = Callable[[Path], Judged]
"""What people said of the answers of an evaluation, given its folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Promotion:
    """What is asked for."""

    ref: str
    to: str = CHAMPION
    comparison: str = ""
    """Folder, name or digest of the comparison with the base; empty: the newest of this version."""
    expect: int | None = None
    """What the alias must point to now."""
    force: bool = False
    reason: str = ""


def promote(
    config: ModelsConfig, session: Session, wanted: Promotion, opinion: Opinion | None = None
) -> Outcome:
    """Move an alias to a version, if the gate is open or --force gives a reason.

    Raises GateFailed with every reason (exit 5), TamperedArtifact (a file changed since), Busy (the
    alias moved meanwhile, or is not at --expect), UsageError, MissingInput.
    """
    _check_words(wanted)
    registry = Registry(session.workspace)
    found = registry.find(wanted.ref)
    number, seen = found.version.number, found.state.aliases.get(wanted.to)
    _expected(wanted, seen)
    if seen == number:
        _check_comparison(registry, wanted)
        return _moved(found, wanted, "nothing_to_do", [])
    record.check(found.version, session.workspace)
    material = _evidence(registry, found, wanted, seen, opinion)
    reasons = gate.refusals(config, material, datetime.now(UTC))
    if reasons and not wanted.force:
        _refuse(found, wanted, reasons, _advice(registry, found, material, reasons))
    if session.dry_run:
        return _moved(found, wanted, "done", reasons, dry=True)

    def make(state: State) -> JsonDict:
        _unmoved(wanted.to, seen, state.aliases.get(wanted.to))
        return _event(wanted, number, seen, material, reasons)

    registry.log(found.version.name).append(make)
    return _moved(found, wanted, "done", reasons)


def _check_words(wanted: Promotion) -> None:
    checked_alias(wanted.to)
    if wanted.force and not wanted.reason.strip():
        raise UsageError("--force needs its reason", fix="add --reason TEXT, which the log keeps")


def _check_comparison(registry: Registry, wanted: Promotion) -> None:
    """A mistyped --comparison is said even where nothing is left to do."""
    if wanted.comparison:
        evidence.chosen(manifests(registry.workspace), wanted.comparison)


def _expected(wanted: Promotion, seen: int | None) -> None:
    if wanted.expect is not None and wanted.expect != seen:
        raise Busy(
            f"{wanted.to} points to {seen or 'nothing'} now, not to {wanted.expect}",
            where=wanted.ref,
            fix="look at `secarch models log`, then promote with what is there",
        )


def _unmoved(alias: str, seen: int | None, now: int | None) -> None:
    if seen != now:
        raise Busy(
            f"{alias} moved from {seen or 'nothing'} to {now or 'nothing'} since",
            why="another promotion or rollback came first",
            fix="look at `secarch models log`, then promote again",
        )


def _evidence(
    registry: Registry, found: Found, wanted: Promotion, live: int | None, opinion: Opinion | None
) -> Evidence:
    index = manifests(registry.workspace)
    candidate = evidence.weights_of(found.version)
    champion = evidence.weights_of(registry.version(found.version.name, live)) if live else None
    given = wanted.comparison
    path = evidence.chosen(index, given) if given else evidence.newest(index, candidate, None)
    compared = evidence.read(path, index) if path else None
    against = evidence.newest(index, candidate, champion) if champion else None
    return Evidence(
        candidate=candidate,
        comparison=compared,
        champion=champion,
        against=evidence.read(against, index) if against else None,
        judged=_opinion(index, compared, opinion),
        sealed=path is None or compared is not None,
    )


def _opinion(
    index: evidence.Index, compared: Compared | None, opinion: Opinion | None
) -> Judged | None:
    if opinion is None or compared is None or compared.tuned is None:
        return None
    return opinion(index[compared.tuned.digest][0])


def _advice(registry: Registry, found: Found, material: Evidence, reasons: Sequence[str]) -> str:
    """The command that may open the gate: of the two evaluations if that is all that is missing."""
    if material.champion and material.against is None and len(reasons) == 1:
        index = manifests(registry.workspace)
        both = [evidence.evaluation_of(index, w) for w in (material.champion, material.candidate)]
        if all(both):
            return f"secarch compare-baseline --from {shlex.join(map(str, both))}"
    folder = shlex.quote(str(found.version.folder(registry.workspace)))
    return f"secarch compare-baseline --tuned {folder}"


def _refuse(found: Found, wanted: Promotion, reasons: Sequence[str], advice: str) -> None:
    version = found.version
    raise GateFailed(
        f"{version.ref} may not become {wanted.to}",
        where=version.path,
        why="\n         ".join(reasons),
        fix=f"{advice}, or promote with --force --reason",
    )


def _event(
    wanted: Promotion, number: int, seen: int | None, material: Evidence, forced: Sequence[str]
) -> JsonDict:
    rests_on = [one.digest for one in (material.comparison, material.against) if one]
    return {
        "event": "promote",
        "version": number,
        "alias": wanted.to,
        "from": seen,
        "to": number,
        "reason": wanted.reason,
        "forced": list(forced),
        "verdict": material.comparison.verdict if material.comparison else "",
        "evidence": rests_on,
        "tags": _people(material.judged),
    }


def _people(judged: Judged | None) -> dict[str, str]:
    """What people said of the version's answers, for the log; its time is the event's."""
    if judged is None:
        return {}
    kappa = "unknown" if judged.kappa is None else f"{judged.kappa:.4f}"
    who = ", ".join(judged.reviewers)
    return {"labels": str(judged.labels), "kappa": kappa, "reviewers": who}


def _moved(
    found: Found, wanted: Promotion, status: str, forced: Sequence[str], *, dry: bool = False
) -> Outcome:
    version, before = found.version, found.state.aliases.get(wanted.to)
    there = status == "nothing_to_do"
    would = "would become" if dry else "is"
    note = f" (forced past: {'; '.join(forced)})" if forced else ""
    return Outcome(
        status="nothing_to_do" if there else "done",
        artifact=version.path,
        digest=version.digest,
        result={
            "ref": version.ref,
            "alias": wanted.to,
            "from": before,
            "to": version.number,
            "forced": list(forced),
        },
        summary=f"{version.ref} is {wanted.to} already"
        if there
        else f"{version.ref} {would} {wanted.to}, before it {before or 'nothing'}{note}",
        next=f"secarch serve {version.name}@{wanted.to}",
    )


# ---------------------------------------------------------------- going back


def rollback(session: Session, name: str, *, alias: str, to: int | None, reason: str) -> Outcome:
    """Move an alias back to the version before its present one, or to another that was live.

    No gate: it was open before. Raises UsageError (no reason), MissingInput (nothing to go back
    to), TamperedArtifact (its files are gone or changed).
    """
    if not reason.strip():
        raise UsageError(
            "a rollback needs its reason", fix="add --reason TEXT, which the log keeps"
        )
    registry = Registry(session.workspace)
    log = registry.known(name)
    state = log.state()
    seen = state.aliases.get(alias)
    target = _before(name, alias, to, state)
    version = registry.version(name, target)
    record.check(version, session.workspace)
    summary = f"{alias} of {name} goes back from {seen} to {target}"
    if session.dry_run:
        return Outcome(status="done", digest=version.digest, summary=f"would: {summary}")

    def make(now: State) -> JsonDict:
        _unmoved(alias, seen, now.aliases.get(alias))
        return {
            "event": "rollback",
            "version": target,
            "alias": alias,
            "from": seen,
            "to": target,
            "reason": reason,
            "evidence": [version.digest],
        }

    log.append(make)
    return Outcome(
        status="done",
        artifact=version.path,
        digest=version.digest,
        result={"ref": version.ref, "alias": alias, "from": seen, "to": target},
        summary=f"{summary}: {reason}",
        next=f"secarch models log {name}",
    )


def _before(name: str, alias: str, to: int | None, state: State) -> int:
    """The version that a rollback goes to."""
    current = state.aliases.get(alias)
    lived = [n for n in state.lived.get(alias, ()) if n not in state.retired]
    stack = [n for n in state.back.get(alias, ()) if n not in state.retired and n != current]
    if to is not None and to in lived and to != current:
        return to
    if to is None and stack:
        return stack[-1]
    what = f"{alias} of {name} has no earlier"
    if to is not None:
        never = f"{name}/{to} was never live as {alias}"
        what = f"{name}/{to} is {alias} now" if to == current else never
    earlier = sorted(set(lived) - {current})
    raise MissingInput(
        f"there is nothing to go back to: {what}",
        where=name,
        why=f"it was {', '.join(map(str, earlier)) or 'nothing'} before, "
        f"and is {current or 'nothing'} now",
        fix=f"secarch models log {name}   (what was live when)",
    )


def retire(session: Session, ref: str, *, reason: str) -> Outcome:
    """Take a version out of use for good; one that an alias points to stays.

    Raises UsageError (live, or no reason).
    """
    registry = Registry(session.workspace)
    found = registry.find(ref)
    if not reason.strip():
        raise UsageError("retiring needs its reason", fix="add --reason TEXT, which the log keeps")
    number = found.version.number

    def make(state: State) -> JsonDict:
        live = sorted(a for a, n in state.aliases.items() if n == number)
        if live:
            raise UsageError(
                f"{found.version.ref} is {', '.join(live)}", fix="promote another version first"
            )
        return {"event": "retire", "version": number, "reason": reason}

    if session.dry_run:
        make(found.state)
    else:
        registry.log(found.version.name).append(make)
    becomes = "would be" if session.dry_run else "is"
    return Outcome(
        status="done",
        digest=found.version.digest,
        result={"ref": found.version.ref},
        summary=f"{found.version.ref} {becomes} retired: {reason}",
    )


def tag(session: Session, ref: str, tags: dict[str, str]) -> Outcome:
    """Append tags to the log. Raises what `Registry.find` raises."""
    registry = Registry(session.workspace)
    found = registry.find(ref)
    version = found.version

    def make(state: State) -> JsonDict | None:
        return added_tags(state, version.number, tags)

    made = make(found.state) if session.dry_run else registry.log(version.name).append(make)
    would = "would be tagged " if session.dry_run and made else ""
    return Outcome(
        status="done" if made else "nothing_to_do",
        digest=version.digest,
        result={"ref": version.ref, "tags": tags},
        summary=f"{version.ref}: {would}{', '.join(f'{k}={v}' for k, v in tags.items())}",
    )
