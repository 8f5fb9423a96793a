"""Prove that each question of a suite discriminates: good answers pass, and nothing else does."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from itertools import combinations

from secarch.danger import safety
from secarch.errors import InvalidInput
from secarch.evaluate.ask import choices
from secarch.evaluate.rubric.bars import bars
from secarch.evaluate.rubric.grade import Grade, grade
from secarch.evaluate.rubric.terms import concepts
from secarch.records import Outcome
from secarch.schema import JsonDict
from secarch.suite import neighbours
from secarch.suite import schema as golden
from secarch.suite.schema import Question
from secarch.text.polarity.plain import plain

MAX_SIMILARITY = 0.6
"""Jaccard similarity on word 3-shingles above which two questions are one."""
AT_LEAST = {"reference": 0.9, "paraphrase": 0.8}
AT_MOST = {
    "wrong": 0.4,
    "empty": 0.0,
    "question copied": 0.2,
    "keywords": 0.35,
    "generic": 0.4,
    "everything": 0.8,
    "answer before": 0.5,
}
GENERIC = (
    "Follow security best practices. Enable encryption at rest and in transit for all data. Apply "
    "the principle of "
    "least privilege with IAM roles and review access regularly. Turn on logging and monitoring "
    "and send alerts to the "
    "security team. Use multi-factor authentication for all users. Keep systems patched and up to "
    "date. Segment the "
    "network with firewalls and security groups. Back up your data and test the incident response "
    "plan. Train your "
    "staff, automate compliance checks and perform regular audits and penetration tests."
)
"""Advice that is never wrong and answers nothing."""

MOST_LISTED = 100
"""Failures that the error lists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One bar that one question does not reach."""

    question: str
    check: str
    found: str
    bar: str
    detail: str = ""


def validate(names: Sequence[str]) -> Outcome:
    """Check every question of the suites.

    Raises InvalidInput (exit 4) with a line for each failure.
    """
    suite = golden.load(names)
    stuffing = _stuffing(suite.questions)
    failures = [
        f for question in suite.questions for f in _question(question, stuffing[question.category])
    ]
    failures += [*_near_duplicates(suite.questions), *_choices(suite.questions)]
    failures += _polarity(suite.questions)
    if failures:
        broken = len({failure.question for failure in failures})
        lines = "\n         ".join(
            f"{f.question}: {f.check} {f.found}, needs {f.bar} {f.detail}".rstrip()
            for f in failures[:MOST_LISTED]
        )
        raise InvalidInput(
            f"{len(failures)} checks failed on {broken} of {len(suite.questions)} questions",
            where=", ".join(names),
            why=lines,
            fix="correct the patterns or the sample answers of these questions",
        )
    counts = {"questions": len(suite.questions), "failures": 0}
    summary = f"all {len(suite.questions)} questions of {suite.name} {suite.version} discriminate"
    result, shown = _form(suite.questions)
    close = neighbours.unjudged(suite.questions)
    result["neighbours"] = [asdict(pair) for pair in close]
    shown += tuple(f"close, to be judged: {p.one} and {p.two} ({p.similarity:.2f})" for p in close)
    return Outcome(
        status="done",
        counts=counts,
        result={"suite_digest": suite.digest, **result},
        summary=summary,
        shown=shown,
    )


def _form(questions: Sequence[Question]) -> tuple[JsonDict, tuple[str, ...]]:
    """What the form of the multiple choices gives away, as figures and as lines."""
    asked = [question for question in questions if question.kind == "mcq"]
    if len(asked) < 2:
        return {}, ()
    from secarch.evaluate.ask.form import measure

    found = measure(asked)
    ranks = ", ".join(f"{share:.0%}" for share in found.ranks)
    guessed = f"naive Bayes {found.naive_bayes:.0%}, ridge regression {found.ridge:.0%}"
    of_all = f"of {found.questions}, by lot {found.chance:.0%}"
    lines = (
        f"multiple choices right by form alone: {guessed} {of_all}",
        f"right options that are the longest, second, third, shortest: {ranks}",
    )
    return {"mcq_form": asdict(found)}, lines


def _polarity(questions: Sequence[Question]) -> Iterator[Failure]:
    """Whether refuted advice is none, stated advice is, and turned references lose their points."""
    for bar in bars(questions):
        if not bar.met:
            yield Failure(
                question=f"{bar.n} sampled",
                check=f"polarity, {bar.name}",
                found=f"{bar.found:.3f}",
                bar=bar.bar,
            )


def _question(question: Question, stuffing: Sequence[str]) -> Iterator[Failure]:
    yield from _shape(question)
    yield from _age(question, datetime.now(UTC).date())
    yield from _detectors(question)
    if not question.key_points:
        return
    yield from _decoys(question)
    before = ""
    for number, turn in enumerate(question.asked(), 1):
        of_turn = f" of message {number}" if question.turns else ""
        samples = {**_samples(turn, stuffing), "answer before": [before]}
        alone = _alone(turn)
        for check, texts in samples.items():
            for text in texts:
                result = grade(alone, text, later=number > 1)
                yield from _bar(turn, check, result, of_turn)
        before = turn.reference


def _age(question: Question, today: date) -> Iterator[Failure]:
    """An answer that is not right on this day: not yet, or not any more."""
    start, end = question.valid_from, question.valid_until
    if start and end and end <= start:
        yield Failure(
            question=question.id, check="valid_until", found=str(end), bar=f"after {start}"
        )
    elif end and end <= today:
        bar = f"after {today}: the fact has expired, so correct or retire the question"
        yield Failure(question=question.id, check="valid_until", found=str(end), bar=bar)
    elif start and start > today:
        bar = f"not after {today}: the answer is not right yet"
        yield Failure(question=question.id, check="valid_from", found=str(start), bar=bar)


def _detectors(question: Question) -> Iterator[Failure]:
    known = {rule.kind for rule in safety.RULES}
    for item in question.must_not:
        if item.detector is not None and item.detector not in known:
            bar = "one of " + ", ".join(sorted(known))
            yield Failure(
                question=question.id, check=f"detector of {item.id}", found=item.detector, bar=bar
            )


def _decoys(question: Question) -> Iterator[Failure]:
    """A decoy that its own alarm does not set off costs nobody anything."""
    for decoy in question.decoys:
        fired = [alarm.id for alarm in grade(question, decoy.alarm).alarms]
        if fired != [decoy.id]:
            yield Failure(
                question=question.id,
                check=f"alarm of {decoy.id}",
                found=", ".join(fired) or "nothing",
                bar=f"{decoy.id} alone",
            )


def _alone(question: Question) -> Question:
    """The question by its patterns alone: its wrong answer would give itself away."""
    return question.model_copy(update={"wrong": ""})


def _samples(question: Question, stuffing: Sequence[str]) -> dict[str, Sequence[str]]:
    copied = "\n\n".join(
        [question.question, *(f"```\n{content}\n```" for content in question.files.values())]
    )
    return {
        "reference": [question.reference],
        "paraphrase": [question.paraphrase] if question.paraphrase else [],
        "wrong": [question.wrong] if question.wrong else [],
        "empty": ["", " \n\t"],
        "question copied": [copied],
        "keywords": stuffing,
        "generic": [GENERIC],
        "everything": [_everything(question)] if question.decoys else [],
    }


def _everything(question: Question) -> str:
    """The best answer by one who calls all that looks wrong a fault."""
    return "\n\n".join([question.reference, *(decoy.alarm for decoy in question.decoys)])


def _bar(question: Question, check: str, result: Grade, of_turn: str = "") -> Iterator[Failure]:
    low, high = AT_LEAST.get(check), AT_MOST.get(check, 1.0)
    if low is not None and result.score < low - 1e-9:
        missed = [
            f"{p.id} {p.reason}{': ' + p.evidence if p.evidence else ''}"
            for p in result.points
            if not p.met
        ]
        said = [f"{v.id} triggered: {v.evidence}" for v in result.violations]
        said += [f"{v.id} called a fault: {v.evidence}" for v in result.alarms]
        yield _failure(question, check + of_turn, result, f">= {low}", [*missed, *said])
    if result.score > high + 1e-9:
        met = [f"{p.id} met: {p.evidence}" for p in result.points if p.met]
        yield _failure(question, check + of_turn, result, f"<= {high}", met)


def _failure(
    question: Question, check: str, result: Grade, bar: str, detail: Sequence[str]
) -> Failure:
    return Failure(
        question=question.id,
        check=check,
        found=f"{result.score:.2f}",
        bar=bar,
        detail="\n".join(detail),
    )


def _shape(question: Question) -> Iterator[Failure]:
    """The form that the schema leaves open, since questions of one's own may be shorter."""
    if question.kind == "mcq":
        yield from _choice_shape(question)
        return
    if not question.key_points:  # a prompt alone, for which the schema lets only some kinds be
        return
    for number, turn in enumerate(question.asked(), 1):
        of_turn = f" of message {number}" if question.turns else ""
        numbers = _review_numbers(turn) if turn.findings else _numbers(turn)
        yield from _within(
            question, [(name + of_turn, found, low, high) for name, found, low, high in numbers]
        )
    sources = ("sources", len(question.sources), 1, 20)
    yield from _within(question, [sources])


Numbers = Sequence[tuple[str, int, int, int]]
"""What is counted, how many there are, the least and the most."""


def _numbers(question: Question) -> Numbers:
    return (
        ("key points", len(question.key_points), 4, 8),
        ("critical points", sum(point.critical for point in question.key_points), 0, 2),
        ("must_not", len(question.must_not), 1, 20),
        ("words of the reference", len(question.reference.split()), 60, 260),
        ("words of wrong", len(question.wrong.split()), 25, 150),
        ("words of the paraphrase", len(question.paraphrase.split()), 50, 240),
    )


def _review_numbers(question: Question) -> Numbers:
    """Of a design review: its answer lists findings and takes a decision, so it is longer."""
    return (
        ("files", len(question.files), 3, 8),
        ("findings", len(question.findings), 4, 9),
        ("decoys", len(question.decoys), 2, 4),
        ("key points of the decision", len(question.key_points), 2, 5),
        ("critical points", sum(point.critical for point in question.key_points), 0, 2),
        ("words of the reference", len(question.reference.split()), 120, 420),
        ("words of wrong", len(question.wrong.split()), 25, 200),
        ("words of the paraphrase", len(question.paraphrase.split()), 90, 380),
    )


def _within(question: Question, numbers: Numbers) -> Iterator[Failure]:
    for name, found, low, high in numbers:
        if not low <= found <= high:
            bar = f"{low} to {high}"
            yield Failure(question=question.id, check=name, found=str(found), bar=bar)


def _choice_shape(question: Question) -> Iterator[Failure]:
    numbers = (
        ("choices", len(question.choices), 3, 8),
        ("words of the longest choice", max(len(text.split()) for text in question.choices), 1, 60),
        ("sources", len(question.sources), 1, 20),
    )
    yield from _within(question, numbers)
    if named := choices.refers_to_others(question):
        bar = "options that stand by themselves, since they are shuffled"
        yield Failure(question=question.id, check="choice", found=repr(named[:60]), bar=bar)


def _choices(questions: Sequence[Question]) -> Iterator[Failure]:
    """What would let a model win that reads no question: a favoured letter, or the longest
    option.
    """
    asked = [question for question in questions if question.kind == "mcq"]
    every = f"{len(asked)} multiple choices"
    if found := choices.uneven(asked):
        bar = f"within {choices.SPREAD:.0%} of its fair share"
        yield Failure(
            question=every,
            check="letters",
            found=found,
            bar=bar,
            detail=str(choices.positions(asked)),
        )
    yield from _given_away(asked, every)
    longest = choices.longest_is_right(asked)
    if len(asked) >= choices.LEAST and longest > choices.LONGEST * len(asked):
        bar = f"at most {choices.LONGEST:.0%}"
        yield Failure(
            question=every, check="longest is right", found=f"{longest} of {len(asked)}", bar=bar
        )


def _given_away(asked: Sequence[Question], every: str) -> Iterator[Failure]:
    from secarch.evaluate.ask import form

    for check, found, bar in form.faults(asked):
        yield Failure(question=every, check=check, found=found, bar=bar)


def _stuffing(questions: Sequence[Question]) -> dict[str, list[str]]:
    """Answers for each category that drop every term of it and say nothing, in all the forms of
    `_forms`.
    """
    terms: dict[str, dict[str, None]] = defaultdict(dict)
    for question in questions:
        terms[question.category] |= dict.fromkeys(sorted(concepts(question.reference)))
        words = (
            word
            for point in question.points
            for word in re.findall(r"[a-z0-9][\w./-]{3,}", plain(point.text))
        )
        terms[question.category] |= dict.fromkeys(words)
    return {category: _forms(list(found)) for category, found in terms.items()}


def _forms(terms: Sequence[str]) -> list[str]:
    eights = [terms[n : n + 8] for n in range(0, len(terms), 8)]
    return [
        ", ".join(terms),
        "\n".join(f"- {term}" for term in terms),
        " ".join(terms),
        f"You should consider {', '.join(terms)}.",
        f"The design uses {' and '.join(terms)}.",
        f"You should use the {' and the '.join(terms)} for this.",
        " ".join(f"We use {', '.join(some)}." for some in eights),
        "\n".join(f"- **Control:** {' and '.join(some)}" for some in eights),
        "\n".join(f"- Enable {term}" for term in terms),
    ]


def _near_duplicates(questions: Sequence[Question]) -> Iterator[Failure]:
    from secarch.text.minhash import jaccard, shingles

    cut = [
        (question, shingles("\n".join([question.question, *question.choices]), 3))
        for question in questions
    ]
    for (one, left), (two, right) in combinations(cut, 2):
        similarity = jaccard(left, right)
        if similarity > MAX_SIMILARITY:
            yield Failure(
                question=two.id,
                check="near-duplicate",
                found=f"{similarity:.2f}",
                bar=f"<= {MAX_SIMILARITY}",
                detail=f"of {one.id}",
            )
