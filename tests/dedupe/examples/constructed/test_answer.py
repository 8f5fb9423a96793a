"""Reviews: what an acquittal names, and when it hangs on records that the file does not keep."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

import pytest

from secarch.dedupe.examples.constructed import answer, schedule
from secarch.dedupe.examples.constructed.answer import Wish
from secarch.dedupe.examples.constructed.finding import placeholders
from secarch.dedupe.examples.constructed.rows import drawn_pool
from secarch.dedupe.examples.constructed.scene import Scene, compose
from secarch.dedupe.examples.constructed.template import occasions
from secarch.dedupe.examples.constructed.voice import Voice


def clean() -> Iterator[Scene]:
    for seed in range(4000):
        rng = random.Random(seed)
        scene = compose(rng, drawn_pool(rng), least=0, most=0)
        if not scene.planted:
            yield scene


def reviewed(scene: Scene) -> str:
    return answer.review(Voice(random.Random(3)), scene, Wish(), {})


@pytest.mark.parametrize(("word", "asked"), [("log", False), ("vault", True)])
def test_an_acquittal_asks_for_records_only_if_the_file_keeps_none(word: str, asked: bool) -> None:
    scene = next(
        s
        for s in clean()
        if s.pool.cloud == "azure"
        and word in s.code.lower()
        and (not asked or not any(w in s.code.lower() for w in ("log", "audit", "diagnostic")))
        and (asked or "logs" in s.code.lower())
    )
    told = reviewed(scene)
    assert ("**On audit.**" in told) is asked
    assert scene.workload.regime in told or not asked


def test_an_acquittal_names_all_that_is_right() -> None:
    scene = next(s for s in clean() if len(s.right) > 6)
    told = reviewed(scene)
    assert all(text[1:] in told for text in scene.right)


def test_every_finding_has_a_check() -> None:
    """A reader who can check only the first finding takes the others on trust."""
    for seed in range(12):
        rng = random.Random(seed)
        scene = compose(rng, drawn_pool(rng), least=1)
        told = answer.review(Voice(rng), scene, Wish(), {})
        leads = re.findall(r"\b(?:Check|To verify|Test): ", told)
        assert len(leads) == len(scene.planted), told


def test_a_short_review_shows_the_code_of_a_finding_that_has_none_in_its_line() -> None:
    coded = lined = 0
    for seed in range(120):
        rng = random.Random(f"short/{seed}")
        scene = compose(rng, drawn_pool(rng), least=1, most=3)
        told = answer.review(Voice(random.Random(1)), scene, Wish(short=True), {})
        coded += "```" in told
        lined += "Write `" in told
        assert "```" in told or "Write `" in told or "In the command: `" in told or "emove" in told
    assert coded > 30
    assert lined > 20


def test_a_question_for_a_signature_gets_one_or_a_refusal() -> None:
    """By the gravest finding; nobody is told so who did not ask."""
    seen = set()
    for number in range(60):
        rng = random.Random(f"sign/{number}")
        scene = compose(rng, drawn_pool(rng), least=0, most=2)
        told = answer.review(Voice(random.Random(1)), scene, Wish(sign=True), {})
        plain = answer.review(Voice(random.Random(1)), scene, Wish(), {})
        weight = scene.planted[0].severity if scene.planted else ""
        barred = {"host_namespace", "host_mount", "privileged_container", "added_capability"}
        grave = weight in {"critical", "high"} or (bool(weight) and scene.planted[0].kind in barred)
        start = "I would not sign" if grave else "I would sign it"
        assert told.startswith(start)
        assert ("and not before" in told) == (bool(weight) and not grave)
        assert not plain.startswith(("I would sign", "I would not sign"))
        seen.add(start)
    assert len(seen) == 2


def test_a_register_says_how_the_first_treatment_goes_in() -> None:
    for number in range(20):
        rng = random.Random(f"register/{number}")
        scene = compose(rng, drawn_pool(rng), least=1, most=2)
        told = answer.review(Voice(random.Random(1)), scene, Wish(register=True), {})
        assert ("Roll-out of 1: " in told) == (not scene.empty or scene.planted[0].fault.in_place)


def test_who_asks_for_a_safe_change_gets_the_way_back_too() -> None:
    """For every finding that changes by itself, and for nobody who did not ask."""
    told = 0
    for number in range(30):
        rng = random.Random(f"safe/{number}")
        scene = compose(rng, drawn_pool(rng), least=1, most=3)
        asked = answer.review(Voice(random.Random(1)), scene, Wish(rollout=True), {})
        told += asked.count("Way back: ")
        assert "Way back: " not in answer.review(Voice(random.Random(1)), scene, Wish(), {})
    assert told > 30


def test_every_new_variable_is_named() -> None:
    """All that has to be declared, in one sentence, and of other values the first."""
    several = 0
    for number in range(150):
        rng = random.Random(f"declared/{number}")
        scene = compose(rng, drawn_pool(rng), least=2, most=4)
        told = placeholders(scene)
        fresh = [one for one in scene.proposed.splitlines() if one not in scene.code.splitlines()]
        new = {v for v in re.findall(r"\bvar\.\w+", "\n".join(fresh)) if v not in scene.code}
        assert all(f"`{one}`" in told for one in new)
        if len(new) > 1:
            several += 1
            assert "are new in this file and have to be declared" in told
    assert several


def test_what_comes_with_a_new_resource_has_the_date_of_that_resource() -> None:
    """A cache that has to be made anew for one finding is not dated after the other."""
    seen = 0
    for number in range(1500):
        rng = random.Random(f"dated/{number}")
        pool = drawn_pool(rng)
        if pool.cloud != "aws":
            continue
        scene = compose(rng, pool, least=2, most=4)
        kinds = [one.kind for one in scene.planted]
        if not {"cache_plaintext", "cache_unencrypted"} <= set(kinds):
            continue
        seen += 1
        (order,) = schedule.plan(Voice(rng), scene, freeze=False, two_only=False)
        one, two = kinds.index("cache_plaintext") + 1, kinds.index("cache_unencrypted") + 1
        dates = re.split(r"; |: ", order)
        assert any(re.search(rf"\b{one}\b.*\b{two}\b", part) for part in dates), order
        if seen == 5:
            break
    assert seen


def orders(wanted: str) -> Iterator[tuple[Scene, str]]:
    """Scenes with a kind of fault below another one that is graver, and the order of work."""
    for number in range(3000):
        rng = random.Random(f"along/{number}")
        scene = compose(rng, drawn_pool(rng), least=2, most=4)
        first, *rest = scene.planted
        if first.severity == "high" and any(
            one.kind == wanted and one.severity != first.severity for one in rest
        ):
            (told,) = schedule.plan(Voice(rng), scene, freeze=False, two_only=False)
            yield scene, told


@pytest.mark.parametrize(
    ("kind", "along"), [("key_rotation_off", True), ("flow_logs_missing", True), ("old_tls", False)]
)
def test_a_line_that_no_client_notices_does_not_wait(kind: str, along: bool) -> None:
    scene, told = next(orders(kind))
    number = next(n for n, one in enumerate(scene.planted, 1) if one.kind == kind)
    part = next(p for p in re.split(r"; |: |\*\* ", told) if re.search(rf"\b{number}\b", p))
    assert ("along with the first change" in part) is along, told


def test_a_new_version_of_a_launch_template_is_no_migration() -> None:
    """Its lines destroy nothing, so the order of work must not speak of a new resource."""
    _, told = next((s, t) for s, t in orders("volume_unencrypted") if s.language == "hcl")
    assert "migration" not in told


def test_accounts_and_single_addresses_are_named_as_values_to_fill_in() -> None:
    told = {"account": 0, "address": 0}
    for number in range(2500):
        rng = random.Random(f"filled/{number}")
        scene = compose(rng, drawn_pool(rng), least=1)
        said = placeholders(scene)
        fresh = [one for one in scene.proposed.splitlines() if one not in scene.code.splitlines()]
        own = scene.values["account"]
        if own in "".join(fresh) and own not in scene.code:
            assert f"ccount `{own}` stands for your own" in said
            told["account"] += 1
        if "sql-" in "".join(fresh) + scene.code and f"{scene.values['ip']} " in " ".join(fresh):
            assert f"`{scene.values['ip']}` stands for the one address" in said
            told["address"] += 1
        assert "role/collector` stands for the role" not in said
    assert all(told.values()), told


def test_a_right_beside_a_star_goes_with_the_star() -> None:
    """Its fix says that both go in one change, so the order of work has to say so too."""
    seen = 0
    for number in range(2500):
        rng = random.Random(f"star/{number}")
        scene = compose(rng, drawn_pool(rng), least=2, most=4)
        kinds = {one.kind: n for n, one in enumerate(scene.planted, 1)}
        if not {"admin_rights", "escalation_action"} <= set(kinds) or scene.pool.cloud != "aws":
            continue
        star, beside = (
            scene.planted[kinds[kind] - 1] for kind in ("admin_rights", "escalation_action")
        )
        if star.component.id != beside.component.id:
            continue
        seen += 1
        (told,) = schedule.plan(Voice(rng), scene, freeze=False, two_only=False)
        dates = re.split(r"; |: ", told)
        both = (kinds["admin_rights"], kinds["escalation_action"])
        assert any(all(re.search(rf"\b{n}\b", part) for n in both) for part in dates), told
    assert seen


_LET_IN = (
    *("merge", "i would let", "it can stay", "acceptable"),
    *("**verdict: merge", "**verdict: acceptable"),
)


@pytest.mark.parametrize("state", ["", "live"])
def test_a_line_that_gives_up_the_wall_to_the_node_is_not_merged_whatever_it_weighs(
    state: str,
) -> None:
    """What runs already is judged by its weight, since taking it out is a change of its own."""
    seen = 0
    for seed in range(400):
        rng = random.Random(f"barred/{seed}")
        scene = compose(rng, drawn_pool(rng), least=1, most=3)
        first = scene.planted[0]
        if first.severity != "medium" or first.kind not in {"host_namespace", "added_capability"}:
            continue
        seen += 1
        occasion = next((one for one in occasions() if one.state == state), None) if state else None
        told = answer.review(Voice(random.Random(seed)), scene, Wish(occasion=occasion), {})
        start = told.split("\n")[0].lower()
        let_in = start.startswith(_LET_IN)
        assert let_in == bool(state), start
    assert seen > 3
