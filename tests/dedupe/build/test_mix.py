"""Shares of families: caps, the floor under applied rows, and what is said when neither is met."""

from __future__ import annotations

import dataclasses

import pytest

from secarch.dedupe.build import mix
from secarch.dedupe.config import APPLIED, MixConfig
from secarch.records import Example


def example(
    kind: str,
    n: int,
    told: str = "The policy denies access to keys, roles, secrets and permissions.",
) -> Example:
    """A row of a family."""
    return Example(
        id=f"{kind}{n:05}",
        document_id=f"d{n}",
        url="",
        title="",
        licence="",
        category="",
        kind=kind,
        instruction=f"{kind} {n}?",
        answer=told,
        start=0,
        end=1,
    )


def rows(**counts: int) -> list[Example]:
    """So many rows of each family."""
    return [example(kind, n) for kind, count in counts.items() for n in range(count)]


def taken(mixed: mix.Mixed) -> dict[str, int]:
    """Rows taken by family."""
    return {line.family: line.taken for line in mixed.lines}


def test_a_share_is_an_upper_bound_and_the_rest_is_named() -> None:
    """Families above their share are cut to it; nothing else goes."""
    config = MixConfig(small=0, applied=0, threat=0.9, howto=0.25)
    mixed = mix.apply(rows(threat=90, howto=90), config)
    assert taken(mixed) == {"howto": 30, "threat": 90}
    assert (len(mixed.left), mixed.little) == (60, [])
    assert {row.kind for row in mixed.left} == {"howto"}
    assert [line.had for line in mixed.lines] == [90, 90]
    assert mixed.applied == pytest.approx(0.75)
    howto = next(line for line in mixed.lines if line.family == "howto")
    assert (howto.most, howto.share) == (0.25, pytest.approx(0.25))


def test_applied_rows_have_a_floor() -> None:
    """Rows that only tell are cut until those that decide are the share that was asked for."""
    wide = dict.fromkeys(("threat", "howto", "explain", "question"), 1.0)
    mixed = mix.apply(
        rows(threat=100, howto=200, explain=60, question=20),
        MixConfig(small=0, applied=0.5, **wide),
    )
    assert taken(mixed)["threat"] == 100
    assert sum(taken(mixed).values()) == 200
    assert taken(mixed)["question"] == 20
    assert mixed.applied == pytest.approx(0.5)


def test_small_datasets_stay_whole_and_say_what_is_short() -> None:
    """Where few rows are there none goes, and the report says which shares are not met."""
    mixed = mix.apply(rows(howto=30, threat=2), MixConfig())
    assert (len(mixed.taken), mixed.left) == (32, [])
    assert "howto 94% (at most 20%)" in mixed.short
    assert "6%, 50% were asked for" in mixed.short
    assert "no rows of choose, fix, map, review" in mixed.short


def test_a_mix_that_is_met_says_nothing() -> None:
    """No words where there is nothing short."""
    config = MixConfig(**dict.fromkeys(APPLIED, 0.5))
    mixed = mix.apply(rows(**dict.fromkeys(APPLIED, 10)), config)
    assert mixed.short == ""
    assert mixed.applied == 1


def test_rows_about_security_stay_first_and_order_does_not_matter() -> None:
    """What is left out hardly names security; the same rows stay whatever comes before them."""
    plain = [example("howto", n, "Press the green button twice.") for n in range(40, 80)]
    made = [*rows(howto=40, threat=60), *plain]
    config = MixConfig(small=0, applied=0, howto=0.25, threat=1)
    mixed = mix.apply(made, config)
    assert taken(mixed) == {"howto": 20, "threat": 60}
    assert not {row.id for row in mixed.taken} & {row.id for row in plain}
    turned = mix.apply(made[::-1], config)
    assert {row.id for row in turned.taken} == {row.id for row in mixed.taken}
    assert [row.id for row in mixed.taken] == [row.id for row in made if row in mixed.taken]


def test_unknown_families_share_a_bound() -> None:
    """A family that the settings do not name has the share `other`; switches are no families."""
    config = MixConfig(other=0.07)
    assert config.share("haiku") == 0.07
    assert config.share("applied") == 0.07
    assert config.share("threat") == config.threat


def test_the_total_is_the_largest_that_can_be_met() -> None:
    """One row more than the total cannot be made of these families."""
    config = MixConfig(small=0, applied=0.5, threat=0.6, howto=0.3, map=0.3)
    have = {"threat": 60, "howto": 500, "map": 11}
    most = mix.total(have, config)
    assert sum(mix.quotas(have, config, most).values()) >= most
    assert sum(mix.quotas(have, config, most + 1).values()) < most + 1
    assert mix.total({}, config) == 0


def test_of_many_rows_those_that_teach_too_little_are_left_out() -> None:
    """Few stay whole, and what generators make is never judged by this."""
    dull = [example("howto", n, "Press the green button twice.") for n in range(12)]
    made = [dataclasses.replace(row, document_id="constructed:x", id=f"c{row.id}") for row in dull]
    config = MixConfig(whole=12, small=100)
    assert mix.worthy([*dull, *made], config) == [*dull, *made]
    config = MixConfig(whole=11, small=100)
    assert mix.worthy([*dull, *made], config) == made
    mixed = mix.apply([*dull, *made], config)
    assert (mixed.taken, mixed.left, mixed.little) == (made, [], dull)
    assert mix.room([*dull, *dull], config) == 0


def test_of_few_rows_only_harmful_ones_are_left_out() -> None:
    """A policy without an effect is copied as it stands."""
    told = (
        "Restrict the keys, roles, secrets and permissions of the vault to those who need them, "
        "so that stolen credentials open less, and audit each access to the encrypted store by a "
        "policy that names the identity and the bucket and nothing else than these two."
    )
    bare = '\n\n```\n{"Statement": [{"Action": "s3:GetObject"}]}\n```'
    asked = dataclasses.replace(
        example("howto", 1, told + bare), instruction="How do I limit access to the key by policy?"
    )
    fine = dataclasses.replace(asked, answer=told + bare.replace('"A', '"Effect": "Allow", "A'))
    assert mix.worthy([asked], MixConfig()) == []
    assert mix.worthy([fine], MixConfig()) == [fine]


def test_a_small_dataset_takes_weaker_rows_in_a_full_form_first() -> None:
    """Up to `told`; what keeps its promise stands whatever the number."""
    text = (
        "Restrict the keys, roles, secrets and permissions of the vault to those who need them, "
        "so that stolen credentials open less, and audit each access to the encrypted store. "
    )
    forms = "**Requirement.** {0}\n\n**Evidence.** {0}"
    asked = "What does the standard require of access to the keys of vault {}?"
    pages = [
        dataclasses.replace(
            example("requirement", n, forms.format(text) if n >= 20 else text * 3),
            instruction=asked.format(n),
        )
        for n in range(40)
    ]
    taken_rows = mix.worthy(pages, MixConfig(told=20))
    assert [row.instruction for row in taken_rows] == [asked.format(n) for n in range(20, 40)]
    assert mix.worthy(pages, MixConfig(whole=39)) == []


def test_generators_fill_a_large_dataset_up_to_its_rows() -> None:
    """Where many page rows are left out, the share of the others would make it small."""
    fine = [
        dataclasses.replace(example("policy", n), instruction=f"Which permissions has role {n}?")
        for n in range(20)
    ]
    few = MixConfig(whole=20, constructed=0.5, rows=900)
    assert mix.room(fine, few) == 20
    many = MixConfig(whole=19, constructed=0.5, rows=900)
    assert mix.room(fine, many) == 880
    assert mix.room(fine, MixConfig(whole=19, constructed=0.5, rows=0)) == 20
    assert MixConfig(other=0.07).share("rows") == 0.07


def test_a_share_of_none_takes_none() -> None:
    """Also of few rows."""
    mixed = mix.apply(rows(howto=5, threat=5), MixConfig(howto=0))
    assert taken(mixed) == {"howto": 0, "threat": 5}
