"""Tables of our own: what they hold is whole, and a question brings the facts that decide it."""

from __future__ import annotations

import random
import re
from collections import Counter

import pytest

from secarch.dedupe.examples import gate
from secarch.dedupe.examples.constructed.knowledge import (
    asking,
    believing,
    deciding,
    demanding,
    knowing,
    mapping,
    ordering,
    proceeding,
    reasoning,
    refusing,
    threatening,
)
from secarch.dedupe.examples.constructed.knowledge.catalogue import CLOUDS, controls
from secarch.dedupe.examples.constructed.knowledge.procedures import procedures
from secarch.dedupe.examples.constructed.knowledge.tables import (
    Use,
    beliefs,
    concepts,
    decisions,
    playbooks,
    pressures,
    refusals,
    say,
    topics,
)
from secarch.dedupe.examples.constructed.template import faults
from secarch.dedupe.examples.constructed.voice import capital, listed

MAKERS = {
    "choose": deciding.task,
    "threat": threatening.task,
    "map": mapping.task,
    "sequence": ordering.task,
    "explain": reasoning.task,
    "explain/beliefs": believing.task,
    "requirement": demanding.task,
    "howto": proceeding.task,
    "question": asking.task,
    "reference": knowing.task,
    "refuse": refusing.task,
}

REQUIRED = re.compile(r"^\*\*R\d\. .*\(([A-Z]{2}-\d+(?:\(\d+\))?)\)\.\*\* ", re.MULTILINE)
"""The controls of an answer's requirements."""


@pytest.mark.slow
@pytest.mark.parametrize("family", sorted(MAKERS))
def test_every_row_passes_the_gate(family: str) -> None:
    """Grammatical, self-contained, and with what its family promises."""
    for number in range(60):
        task = MAKERS[family](random.Random(f"{family}/{number}"))
        kind = family.split("/", maxsplit=1)[0]
        assert gate.defects(kind, task.asked, task.answered) == (), task.answered
        prose = re.sub(r"```.*?```|`[^`]*`", "", task.asked + task.answered, flags=re.DOTALL)
        assert not re.search(r"\{\w+\}", prose), prose


def test_a_procedure_is_whole_and_takes_up_what_was_added() -> None:
    """Steps in order with their commands, check, way back, two traps, and no other's condition."""
    added = False
    for number in range(60):
        task = proceeding.task(random.Random(f"howto/{number}"))
        known = next(one for one in procedures() if task.scenario == f"howto/{one.id}")
        steps = re.findall(r"^(\d+)\. ", task.answered, re.MULTILINE)
        assert steps == [str(n) for n in range(1, len(known.steps) + 1)]
        taken = [one for one in known.twists if one.says[:25] in task.answered]
        changed = {n: step for one in taken for n, step in one.steps.items()}
        done = [changed.get(n, step) for n, step in enumerate(known.steps, 1)]
        assert task.answered.count("```") == 2 * sum(bool(step.code) for step in done)
        for place, step in enumerate(done, 1):
            assert f"\n{place}. {step.text.split('{')[0]}" in task.answered
        assert known.why.split("{")[0] in task.answered
        assert known.left.split("{")[0] in task.answered
        assert "**Who does it.**" in task.answered
        assert "**Way back.**" in task.answered
        assert sum(trap[:20] in task.answered for trap in known.traps) >= proceeding.TRAPS
        for twist in known.twists:
            asked = twist.given.split("{")[0][:40] in task.asked
            added |= asked
            assert (twist.says[:25] in task.answered) == asked
            assert not asked or task.answered.index(twist.says[:25]) < task.answered.index("\n1. ")


def test_a_dangerous_request_gets_a_reply_code_and_a_check() -> None:
    """And what presses is answered where it was said."""
    pressed = 0
    for number in range(80):
        task = refusing.task(random.Random(f"refuse/{number}"))
        known = next(one for one in refusals() if task.scenario == f"refuse/{one.id}")
        assert known.reply[:30] in task.answered
        assert task.answered.count("```") == 2
        assert known.limit[:30] in task.answered.rsplit("\n\n", 1)[-1]
        assert not any(word in task.asked.split(". ", 1)[-1] for word in known.unlike)
        for one in pressures():
            assert (one.given in task.asked) == (one.says in task.answered)
            pressed += one.given in task.asked
    assert 40 < pressed < 80


def test_a_mechanism_is_answered_with_reason_consequence_and_check() -> None:
    """Of what was asked and of nothing else, one or two at a time."""
    counts = set()
    for number in range(60):
        task = asking.task(random.Random(f"question/{number}"))
        shown = [one for one in concepts() if one.given[1:] in task.asked]
        counts.add(len(shown))
        for one in concepts():
            assert (one.why[10:50] in task.answered) == (one in shown)
            assert (one.so[10:50] in task.answered) == (one in shown)
            assert (one.check in task.answered) == (one in shown)
    assert counts == {1, 2}


def _part(text: str) -> str:
    """What is found of a text again when its places are filled."""
    return max(re.split(r"\{\w+\}", text), key=len)[5:60]


def test_a_belief_is_answered_with_reason_consequence_remedy_price_and_proof() -> None:
    """One or two at a time, and no other."""
    counts = set()
    for number in range(60):
        task = believing.task(random.Random(f"belief/{number}"))
        shown = [one for one in beliefs() if one.claim[1:] in task.asked]
        counts.add(len(shown))
        assert len({one.category for one in shown}) == 1
        for one in beliefs():
            for text in (
                *(one.why, one.happens, one.see, one.grain, one.cost, one.left, one.rule),
            ):
                assert (_part(text) in task.answered) == (one in shown), text
    assert counts == {1, 2}


def test_a_circumstance_of_a_belief_decides_who_is_right_and_what_to_do() -> None:
    """It is ruled on where it was told, and what a team that is right should do is its own."""
    told = Counter[str]()
    for number in range(200):
        task = believing.task(random.Random(f"turn/{number}"))
        for one in beliefs():
            turns = [turn for turn in one.cases if turn.given in task.asked]
            for turn in one.cases:
                assert (turn.says in task.answered) == (turn in turns)
            told.update(turn.verdict for turn in turns)
            done = next((turn.do for turn in turns if turn.do), one.do)
            assert (_part(done) in task.answered) == (one.claim[1:] in task.asked)
        asked = sum(turn.given in task.asked for one in beliefs() for turn in one.cases)
        heads = [said for way in believing.RULINGS.values() for said in way]
        assert asked == sum(task.answered.count(f"{said} ") for said in heads)
        verdicts = [t.verdict for one in beliefs() for t in one.cases if t.given in task.asked]
        for verdict, head in believing._HAPPENS.items():
            assert task.answered.count(head) == verdicts.count(verdict)
    assert set(told) == {"right", "half", "wrong"}


def test_where_a_team_is_right_something_keeps_it_so() -> None:
    """The remedy against a false belief is none for a true one, and not every case is false."""
    for one in beliefs():
        assert len({turn.given for turn in one.cases}) == len(one.cases)
        assert all(turn.do for turn in one.cases if turn.verdict == "right")
    assert len(beliefs()) >= 65


def test_facts_are_those_that_were_asked_for() -> None:
    """A row for each, with the conclusion for the purpose that was told."""
    concluded = 0
    for number in range(60):
        task = knowing.task(random.Random(f"facts/{number}"))
        topic = next(one for one in topics() if task.scenario == f"reference/{one.id}")
        rows = [line for line in task.answered.split("\n") if line.startswith("|")]
        cells = {row.split(" | ")[0][2:] for row in rows[2:]}
        told = [one[0] for one in topic.entries if capital(one[0]) in cells]
        assert 5 <= len(rows) - 2 == len(told) <= 8
        use = next(one for one in topic.uses if one.says in task.answered)
        assert use.given in task.asked
        assert set(use.first) <= {one[0] for one in topic.entries}
        assert set(knowing.concluded(topic, use)) <= set(told)
        concluded += len(knowing.concluded(topic, use))
        weighty = [name for name in use.first if name in told]
        assert len(weighty) >= min(2, len(use.first))
        named = listed([knowing.marked(name) for name in weighty[: knowing.MOST]])
        left = [name for name in told if name not in weighty]
        others = listed([knowing.marked(name) for name in left])
        ends = [use.pick.replace("{picked}", named)]
        ends += [use.rest.replace("{others}", others)] if left else []
        assert task.answered.endswith("\n\n".join(ends))
        for row in rows[2:]:
            assert row.count("|") == 4
    assert concluded


def test_what_a_table_decides_is_seen_in_ones_own_estate_before_it_is_decided() -> None:
    """Every entry can be looked at; those that decide are, with the limit, and the rest is not."""
    for topic in topics():
        assert set(topic.see) == {one[0] for one in topic.entries}
    for number in range(60):
        task = knowing.task(random.Random(f"seen/{number}"))
        topic = next(one for one in topics() if task.scenario == f"reference/{one.id}")
        use = next(one for one in topic.uses if one.says in task.answered)
        asked = re.findall(r"^\| (.*?) \|", task.answered, re.MULTILINE)[1:]
        weighty = [name for name in use.first if capital(name) in asked][: knowing.CHECKED]
        for name, text in topic.see.items():
            assert (f": {text}" in task.answered) == (name in weighty)
        assert task.answered.index(topic.limit) < task.answered.index(use.says)


def test_a_decision_names_what_is_taken_and_what_speaks_against_the_others() -> None:
    """Each case decides for an option that exists, and every option is told."""
    for decision in decisions():
        assert len({facts.given for facts in decision.cases}) == len(decision.cases)
        for facts in decision.cases:
            assert {facts.pick, *facts.against} == set(decision.options)
            assert facts.pick not in facts.against
    for number in range(80):
        task = deciding.task(random.Random(f"whole/{number}"))
        shown = [d for d in decisions() if d.ask in task.asked or d.ask[1:] in task.asked]
        assert shown
        for decision in shown:
            for way in decision.options.values():
                assert way[1:] in task.answered
            facts = next(case for case in decision.cases if case.given[1:] in task.asked)
            assert all(f": {clause}." in task.answered for clause in facts.against.values())
            assert facts.check in task.answered


def test_a_single_decision_shows_the_facts_that_would_turn_it() -> None:
    """Those of another case of the same decision in which another option is taken."""
    shown = 0
    for number in range(120):
        task = deciding.task(random.Random(f"turned/{number}"))
        asked = [d for d in decisions() if d.ask in task.asked or d.ask[1:] in task.asked]
        told = re.findall(r"If (.+), I would take (.+?)\. ", task.answered)
        if len(asked) > 1:
            assert not told
            continue
        facts = next(case for case in asked[0].cases if case.given[1:] in task.asked)
        turned = {c.given: asked[0].options[c.pick] for c in asked[0].cases if c.pick != facts.pick}
        assert len(told) == bool(turned)
        assert all(turned[given] == option for given, option in told)
        shown += len(told)
    assert shown > 30


def test_a_decision_record_is_asked_for_and_has_its_parts() -> None:
    """Status, context, alternatives and consequences, if a record is wanted, and only then."""
    kinds = Counter[bool]()
    for number in range(120):
        task = deciding.task(random.Random(f"record/{number}"))
        wanted = "decision record" in task.asked
        kinds[wanted] += 1
        for part in (
            "Status.",
            "Context.",
            "Alternatives.",
            "Consequences.",
            "Confirmation.",
            "Superseded when",
        ):
            assert (f"**{part}**" in task.answered) == wanted
    assert min(kinds[True], kinds[False]) > 0


def test_a_mapping_goes_from_the_requirement_to_evidence() -> None:
    """Each control that is asked for has implementation, code and three pieces of evidence."""
    for control in controls():
        assert re.fullmatch(r"[A-Z]{2}-\d{1,2}(\(\d{1,2}\))?", control.id)
        assert control.proofs
        assert set(control.proofs) <= set(CLOUDS.values())
    seen = 0
    for number in range(150):
        task = mapping.task(random.Random(f"map/{number}"))
        if "*Implementation on" not in task.answered:
            continue
        seen += 1
        for control in controls():
            if f"**{control.id} {control.title}**" in task.answered:
                assert control.id in task.asked
                cloud = next(name for name in CLOUDS.values() if f"on {name}.*" in task.answered)
                assert control.proofs[cloud].do in task.answered
                for text in control.proofs[cloud].evidence:
                    assert text[1:] in task.answered
                ends = task.answered.split("*Where it ends.* ")[1:]
                trial = demanding.tested(control.id, cloud)
                limit = trial.exception if trial else demanding.limit(control, cloud)
                assert any(end.startswith(limit.split("{")[0]) for end in ends)
                passes = trial.passes if trial else control.proofs[cloud].passes
                assert f"*Passed if* {passes or control.criterion}" in task.answered
                assert not trial or trial.test.split("{")[0] in task.answered
        shown = [one for one in controls() if f"**{one.id} {one.title}**" in task.answered]
        close = task.answered.rsplit("\n\n", 1)[-1]
        first, lead = demanding.tested_first(shown)
        assert (first.id in close and lead in close) == (len(shown) > 1)
    assert seen > 20


def test_evidence_says_how_it_is_drawn_and_a_ruling_ends_with_a_test() -> None:
    """Of each control that is in the answer; a test is shown for the statement taken up first."""
    tests = Counter[bool]()
    for number in range(150):
        task = mapping.task(random.Random(f"drawn/{number}"))
        ruled = task.answered.startswith("In short:")
        for control in controls():
            told = control.sample[1:] in task.answered
            assert told == (f"{control.id} ({control.title})" in task.asked + task.answered) or (
                told and f"**{control.id} {control.title}**" in task.answered
            )
            assert not told or ruled or control.keeper in task.answered
        if ruled:
            close = task.answered.rsplit("\n\n", 1)[-1]
            first = re.search(r"(?:Number |\*\* )(\d)\b", close)
            shown = re.search(r"as a whole is tested so.*\*\* \(number (\d)\)", task.answered)
            assert ("```" in task.answered) == bool(shown)
            assert not (first and shown) or first[1] == shown[1]
            tests[bool(shown)] += 1
    assert not tests[False]  # every control can be tested on every platform


def test_every_control_has_commands_that_decide_it_on_every_platform() -> None:
    """A policy and a label show nothing by themselves; a refused call and a list do."""
    for control in controls():
        for cloud, proof in control.proofs.items():
            assert mapping._trial(control, cloud)[1], (control.id, cloud)
            shown = [*mapping._code(control, cloud), *mapping._test(control, cloud, "*Test.*")]
            assert shown.count("*Test.*") == 1
            assert "".join(shown).count(proof.code.rstrip()) <= 1


def test_the_limit_of_evidence_is_known_on_every_platform() -> None:
    """And speaks of no command of a trial, since it stands where no trial is shown."""
    for control in controls():
        for cloud in control.proofs:
            told = demanding.limit(control, cloud)
            assert told.endswith(".")
            assert not re.search(r"(?i)\b(?:this|the|these) (?:tests?|lists?|query|second)\b", told)


def test_what_the_others_rest_on_is_shown_first() -> None:
    """In the order of the demands, whatever the order of asking."""
    known = {one.id: one for one in controls()}
    ids = [one.id for one in demanding.demands()][:3]
    drawn = [known[name] for name in ids]
    assert demanding.tested_first(drawn[::-1]) == (drawn[0], demanding.demands()[0].lead)
    assert demanding.tested_first(drawn[:0:-1])[0] is drawn[1]


def test_numbers_of_a_mapping_are_called_a_proposal() -> None:
    """The catalogue names no days and hours, so that nobody takes them for its own."""
    said = Counter[bool]()
    for number in range(80):
        answered = mapping.task(random.Random(f"numbers/{number}")).answered
        proposed = bool(re.search(r"a proposal|not the catalogue's", answered))
        assert proposed == bool(mapping._NUMBER.search(answered))
        said[proposed] += 1
    assert said[True] > 20


def test_a_ruling_carries_the_verdict_of_its_claim() -> None:
    """All four are in use, the short form agrees with the long one, and the proof is told."""
    found = {claim.verdict for one in controls() for claim in one.claims}
    assert found == {"met", "partly met", "not met", "not shown"}
    ruled = 0
    for number in range(120):
        task = mapping.task(random.Random(f"rule/{number}"))
        if not task.answered.startswith("In short:"):
            continue
        ruled += 1
        short = re.findall(r"\d (met|partly met|not met|not shown)", task.answered.split("\n")[0])
        long = re.findall(r"^\*\*\d\. \S+: ([a-z ]+)\.\*\*", task.answered, re.MULTILINE)
        assert short == long
        assert task.answered.count("- Ask for ") == len(long)
        assert task.answered.count("- It is met when ") == len(long)
        worst = min(long, key=mapping.VERDICTS.index)
        close = task.answered.rsplit("\n\n", 1)[-1]
        assert ("stand" in close and "goes first, since" in close) == (long.count(worst) > 1)
    assert ruled > 15


def test_a_claim_on_one_platform_is_made_on_that_platform() -> None:
    """That a trail covers a cluster is said of clusters alone."""
    bound = [claim for one in controls() for claim in one.claims if claim.cloud]
    assert bound
    for number in range(200):
        task = mapping.task(random.Random(f"bound/{number}"))
        for claim in bound:
            if claim.claim[1:] in task.asked:
                assert claim.cloud in task.asked


def test_a_thing_handed_in_proves_something_and_lacks_something() -> None:
    """And it was handed in on a platform for which the control has an implementation."""
    for control in controls():
        assert {one.cloud for one in control.exhibits} <= set(control.proofs)
    seen = 0
    for number in range(120):
        task = mapping.task(random.Random(f"back/{number}"))
        for control in controls():
            for one in control.exhibits:
                if one.shown in task.asked:
                    seen += 1
                    assert f"**What it proves.** {one.proves}" in task.answered
                    assert f"**What is missing.** {one.misses}" in task.answered
                    trial = demanding.tested(control.id, one.cloud)
                    assert not trial or f"**It is enough when** {trial.passes}" in task.answered
    assert seen > 5


def test_a_requirement_has_a_criterion_for_yes_and_one_for_no() -> None:
    """For each control that was asked for, with its own test, reason and exception."""
    known = {one.id: one for one in demanding.demands()}
    for number in range(40):
        task = demanding.task(random.Random(f"criterion/{number}"))
        drawn = re.findall(
            r"^\*\*R\d\. .*\(([A-Z]{2}-\d+(?:\(\d+\))?)\)\.\*\* ", task.answered, re.MULTILINE
        )
        assert 2 <= len(drawn) <= 4
        assert task.answered.count("- *Yes:* ") == task.answered.count("- *No:* ") == len(drawn)
        cloud = "Azure" if "on Azure" in task.asked else "AWS"
        for one in drawn:
            assert one in task.asked
            trial = known[one].on(cloud)
            assert trial
            for text in (
                trial.must,
                trial.because[1:],
                trial.passes,
                trial.fails,
                trial.exception[1:],
            ):
                assert text.split("{")[0] in task.answered
            assert trial.test.split("{")[0] in task.answered


def test_the_requirement_that_is_tested_first_is_first_in_the_tables() -> None:
    """Wherever it stands among those that were asked for."""
    order = [one.id for one in demanding.demands()]
    leads = {one.id: one.lead for one in demanding.demands()}
    places = set()
    for number in range(40):
        task = demanding.task(random.Random(f"order/{number}"))
        drawn = re.findall(
            r"^\*\*R\d\. .*\(([A-Z]{2}-\d+(?:\(\d+\))?)\)\.\*\* ", task.answered, re.MULTILINE
        )
        first = min(drawn, key=order.index)
        close = task.answered.rsplit("\n\n", 1)[-1]
        assert f"since {leads[first]}" in close
        assert f"R{drawn.index(first) + 1}" in close
        places.add(drawn.index(first))
    assert len(places) > 2


def test_a_mapping_gives_the_reason_of_an_implementation_that_is_its_own() -> None:
    """None for a platform without a demand, or if the demand is built in another way."""
    for one in demanding.demands():
        for cloud in CLOUDS.values():
            trial = one.on(cloud) if cloud in demanding.CLOUDS else None
            own = trial is not None and not trial.do
            assert bool(demanding.reason(one.id, cloud)) == own
            assert not trial or not own or demanding.reason(one.id, cloud)[1:] in trial.because
    assert demanding.reason("XX-1", "AWS") == ""


def test_every_demand_is_of_a_control_that_is_implemented_there() -> None:
    """No test of a platform without the control's implementation on it, and no id twice."""
    known = {one.id: one for one in controls()}
    ids = [one.id for one in demanding.demands()]
    assert len(ids) == len(set(ids)) > 20
    for one in demanding.demands():
        for cloud in demanding.CLOUDS:
            assert bool(one.on(cloud)) <= (cloud in known[one.id].proofs)


def test_a_playbook_says_when_to_stop_and_what_is_kept() -> None:
    """As parts of a sentence, in every one of them, and no id comes twice."""
    assert len(playbooks()) == len({book.id for book in playbooks()}) >= 33
    for book in playbooks():
        for text in (book.stop, book.keep):
            assert text.endswith(".")
            assert text[0].islower() or text[0] == "`"


def test_a_sequence_goes_on_where_the_work_stands() -> None:
    """Steps that are done are not told again, and a condition changes its own steps."""
    seen = Counter[str]()
    for number in range(240):
        task = ordering.task(random.Random(f"steps/{number}"))
        steps = _steps(task.answered)
        book = next(b for b in playbooks() if f"sequence/{b.id}" == task.scenario)
        given = [twist for twist in book.twists if twist.given in task.asked]
        rewrites = {key: text for twist in given for key, text in twist.rewrites.items()}
        read = [(rewrites.get(key, text), key) for text, key in book.steps]
        left = [(text, key) for text, key in read if text][-len(steps) :]
        assert len(steps) >= 4
        for said, (text, _) in zip(steps, left, strict=True):
            assert said.startswith(text[:20])
        resumed = len(left) < sum(1 for text, _ in read if text)
        seen["done"] += resumed
        looked = "before step 1" in task.answered.split("\n\n1. ")[0]
        assert looked or not resumed
        for twist in book.twists:
            if twist in given and twist.says:
                at = [key for _, key in left].index(twist.at)
                assert twist.says[:30] in steps[at]
            elif twist.says:
                assert twist.says[:30] not in task.answered
        for twist in given:
            seen["added"] += bool(twist.says)
            seen["rewritten"] += bool(twist.rewrites)
            assert f"**Why this order.** {twist.why or book.why}"[:60] in task.answered or any(
                one.why for one in given
            )
            seen["other end"] += bool(twist.back)
        back = next((twist.back for twist in given if twist.back), book.back)
        over = next((twist.done for twist in given if twist.done), book.done)
        assert f"**Way back.** {back}"[:60] in task.answered
        assert f"**It is over when** {over[:1].lower()}{over[1:40]}" in task.answered
        stop = next((twist.stop for twist in given if twist.stop), book.stop)
        assert f"**Stop if** {stop}"[:60] in task.answered
        assert f"**Keep as evidence:** {book.keep[:30]}" in task.answered
    assert min(seen[what] for what in ("done", "added", "rewritten", "other end")) > 0


@pytest.mark.parametrize("field", ["stop", "back", "done", "why"])
def test_a_condition_that_changes_the_end_changes_what_is_told(field: str) -> None:
    """What stops the work, its way back, its end and its reason are the condition's then."""
    told = {"stop": "Stop if", "back": "Way back.", "done": "It is over when", "why": "Why this"}
    cases = [(book, one) for book in playbooks() for one in book.twists if getattr(one, field)]
    assert cases
    for book, one in cases:
        answer = ordering._answered(random.Random(0), book, 0, [one])
        (said,) = [block for block in answer.split("\n\n") if told[field] in block[:20]]
        assert getattr(one, field)[1:] in said
        assert getattr(book, field)[1:] not in said


def test_a_rewritten_step_is_not_told_with_a_condition_that_speaks_of_it() -> None:
    """A case that replaces a step has it alone, or two cases would contradict each other."""
    for number in range(400):
        task = ordering.task(random.Random(f"alone/{number}"))
        book = next(b for b in playbooks() if f"sequence/{b.id}" == task.scenario)
        given = [twist for twist in book.twists if twist.given in task.asked]
        for twist in given:
            others = [one for one in given if one is not twist]
            assert not any({one.at, *one.rewrites} & set(twist.rewrites) for one in others)


def test_a_case_that_rewrites_what_is_done_is_not_asked() -> None:
    """Steps that are behind cannot read otherwise any more."""
    rewritten = 0
    for number in range(2_500):
        task = ordering.task(random.Random(f"behind/{number}"))
        book = next(b for b in playbooks() if f"sequence/{b.id}" == task.scenario)
        shown = len(re.findall(r"^\d+\. ", task.answered, re.MULTILINE))
        for twist in book.twists:
            if twist.rewrites and twist.given in task.asked:
                rewritten += 1
                gone = sum(not text for text in twist.rewrites.values())
                ahead = {key for _, key in book.steps[len(book.steps) - shown - gone :]}
                assert ahead >= set(twist.rewrites)
    assert rewritten


def test_steps_come_with_what_is_typed_and_how_one_sees_that_it_worked() -> None:
    """In half of a playbook's steps about, and not where a condition has replaced the step."""
    for book in playbooks():
        known = ordering.commands()[book.id]
        assert len(known) >= 3
        assert known.keys() <= {key for _, key in book.steps}
        for typed in known.values():
            assert typed.see.endswith(".")
            assert typed.see[0].islower() or typed.see[0] in "`2"
    worked = 0
    for number in range(120):
        task = ordering.task(random.Random(f"typed/{number}"))
        book = next(b for b in playbooks() if f"sequence/{b.id}" == task.scenario)
        given = [one for one in book.twists if one.given in task.asked]
        gone = {key for one in given for key in one.rewrites}
        gone |= {one.at for one in given if one.bare}
        for _, key in book.steps:
            if typed := ordering.commands()[book.id].get(key):
                see = f"Done when {typed.see}".partition("{")[0]
                at = [see in step for step in _steps(task.answered)]
                assert sum(at) <= 1
                if key in gone:
                    assert not any(at)
        worked += "Done when" in task.answered
    assert any(one.bare for book in playbooks() for one in book.twists)
    assert worked > 110


def _steps(answered: str) -> list[str]:
    """The steps of a sequence, each with what belongs to it."""
    listed_steps = answered.partition("**Why this order.**")[0]
    return re.split(r"^\d+\. ", listed_steps, flags=re.MULTILINE)[1:]


def test_twists_belong_to_a_step() -> None:
    """Each names keys of steps of its own playbook, and adds or rewrites something."""
    for book in playbooks():
        keys = {key for _, key in book.steps}
        for twist in book.twists:
            assert {twist.at, *twist.rewrites} <= keys
            assert twist.says or twist.rewrites


def test_an_explanation_takes_up_the_argument() -> None:
    """The claim is in the question, and the reply in the answer."""
    for number in range(40):
        task = reasoning.task(random.Random(f"why/{number}"))
        claim = re.search(r'\*\*On "(.+?)"\.\*\*', task.answered)
        assert claim
        assert claim[1][1:] in task.asked
        assert "**What fixes it.**" in task.answered
        assert "**Try it.**" in task.answered
        assert "```" in task.asked


def test_an_explanation_ends_with_a_rule_for_the_next_case_and_what_is_left() -> None:
    """Every kind of fault has both, and the answer says those of its own kind."""
    assert set(reasoning.lessons()) == set(faults())
    for lesson in reasoning.lessons().values():
        for text in (lesson.rule, lesson.left):
            said = f"Think of it so. {capital(text)}"
            defects = set(gate.defects("explain", "Why is this a problem?", said))
            assert defects <= {"answer_short", "promise_explain"}, text
    seen = set()
    for number in range(60):
        task = reasoning.task(random.Random(f"lesson/{number}"))
        kind = task.scenario.removeprefix("explain/")
        lesson = reasoning.lessons()[kind]
        assert f"**Next time,** {lesson.rule}" in task.answered
        assert f"**What is left.** {lesson.left}" in task.answered
        seen.add(kind)
    assert len(seen) > 15


def test_an_explanation_leaves_the_live_resource_as_it_is() -> None:
    """If its text puts a new resource beside the live one, so does its code: the lines that set the
    property on the live one would destroy the data.
    """
    shown = 0
    for number in range(300):
        answered = reasoning.task(random.Random(f"beside/{number}")).answered
        _, fence, code = answered.partition("```")
        for name in re.findall(r"`(?:\w+\.)?(\w+)` stands beside the live", answered):
            if fence:
                assert name in code
                shown += 1
    assert shown


def test_a_wording_is_filled_in_both_forms() -> None:
    """`{Team}` is the capital form of `{team}`."""
    text = say(random.Random(1), "claim_ask", id="AC-2", claim="we do")
    assert "AC-2" in text
    assert "{" not in text


def _use(topic: str, given: str) -> Use:
    uses = next(one.uses for one in topics() if one.id == topic)
    return next(one for one in uses if given in one.given)


def test_the_sources_that_find_an_intruder_are_among_the_first() -> None:
    """The management trail and GuardDuty, and in a tenant the log of who signed in."""
    after = _use("aws-log-defaults", "After an incident")
    assert {"CloudTrail management events", "GuardDuty"} <= set(after.first)
    tenant = next(one for one in topics() if one.id == "azure-log-defaults")
    new = _use("azure-log-defaults", "a new tenant")
    assert new.first[0] == "Entra ID sign-in and audit logs"
    assert new.first[0] in knowing.concluded(tenant, new)


def test_what_keeps_personal_data_after_a_deletion_is_in_the_notice() -> None:
    """Backups of a database outlive it, so it is none of those that hold nothing."""
    law = _use("undo-windows", "Privacy law")
    topic = next(one for one in topics() if one.id == "undo-windows")
    ends = {name: window for name, window, _ in topic.entries}
    others = {name: window for name, window in ends.items() if name not in law.first}
    kept = ("KMS", "Secret", "Key Vault")
    assert all(any(k in name for k in kept) or window == "none" for name, window in others.items())


def test_a_control_and_a_claim_for_all_clouds_use_no_word_of_one() -> None:
    """An account, a log group and a bucket are things of AWS; Azure has other ones."""
    of_one = re.compile(
        r"\blog group|\ball accounts\b|\bthe accounts\b|empty account|of the account\b"
        r"|foreign account|key policy|log bucket|Test accounts|list of accounts"
    )
    for control in controls():
        texts = [control.weak]
        for claim in control.claims:
            texts += [] if claim.cloud else [claim.says, claim.ask]
        assert not [text for text in texts if of_one.search(text)]


def test_a_criterion_is_met_by_what_is_built_beside_it() -> None:
    """A trail that is shown without selectors fails the test of its own control."""
    trail = next(one for one in controls() if one.id == "AU-12")
    assert trail.aws
    assert "AWS::S3::Object" in trail.aws.code
    for control in controls():
        for cloud in CLOUDS:
            test = demanding.tested(control.id, cloud)
            # A documentation address answers nobody, so a request to it fails without a control.
            told = test.test if test else ""
            assert not re.search(r"203\.0\.113\.|192\.0\.2\.|198\.51\.100\.", told)


def test_an_id_that_all_customers_share_is_called_no_protection_throughout() -> None:
    """The circumstance takes the grain of truth away, so the rest must not give it back."""
    one = next(one for one in beliefs() if one.id == "external-id-secret")
    shared = next(turn for turn in one.cases if "one ID for all" in turn.given)
    assert "an ID for you alone" in shared.do
    assert "as long as each customer has an ID of its own" in one.grain
    assert "that only you have" in one.why
    assert "with the right IDs" not in one.happens
