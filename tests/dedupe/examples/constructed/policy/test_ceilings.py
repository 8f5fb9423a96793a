"""What is said of a statement below a ceiling or beside a bucket policy holds there."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

from secarch.dedupe.examples.constructed.policy.aws_cases import across, guarded
from secarch.dedupe.examples.constructed.policy.case import Case
from secarch.dedupe.examples.constructed.template import surroundings
from secarch.dedupe.examples.constructed.values import values_of


def drawn(make: Callable[..., Case], count: int = 500) -> list[Case]:
    made = []
    for seed in range(count):
        rng = random.Random(f"ceilings/{seed}")
        made.append(make(rng, values_of(rng, rng.choice(surroundings().workloads), ())))
    return made


def test_a_right_that_the_ceiling_refuses_is_called_dead_and_not_reviewed() -> None:
    """Advice on the session after AssumeRole leads nowhere where the role cannot be assumed."""
    cases = [one for one in drawn(guarded) if "AssumeReader" in one.shown]
    dead = [one for one in cases if re.search(r"NoHandover|Services|Reads", one.scenario)]
    dead = [one for one in dead if "AllButIdentity" not in one.shown]
    assert dead
    for case in dead:
        assert re.search(r"`AssumeReader`.* (is|are) dead", " ".join(case.miss))
        assert re.search(r"Take .*`AssumeReader`.* out\. As long", " ".join(case.change))
        assert "second set of rights" not in " ".join([*case.miss, *case.change])
        assert "in the session of" not in " ".join(case.miss)
    alive = [one for one in cases if "NoSecrets" in one.scenario]
    assert alive
    assert not any(" dead:" in text and "AssumeReader" in text for c in alive for text in c.miss)


def test_a_wide_grant_is_what_the_ceiling_leaves_of_it() -> None:
    """Below a list of services it is no administrator policy, and below a Deny it has a limit."""
    cases = [one for one in drawn(guarded) if "AllButIdentity" in one.shown]
    for guard, says in (
        ("Services", "leaves of it is `s3:*`, `kms:*`"),
        ("NoHandover", "refuses more"),
        ("NoSecrets", "`sts:AssumeRole` is not among them"),
    ):
        told = [" ".join(one.miss) for one in cases if one.scenario.endswith(guard)]
        assert told
        assert all(says in text for text in told)
        assert guard == "NoSecrets" or not any("not among them" in text for text in told)


def test_every_deny_that_refuses_a_call_is_named() -> None:
    """Whoever lifts the one that is named would find the call refused all the same."""
    both = 0
    for case in drawn(across):
        for one in case.rulings:
            if "NoReadBack" in case.shown and "NoRawData" in case.shown and "raw/" in one.say:
                assert one.word == "no"
                if one.key == ("s3:GetObject",):
                    assert "`NoRawData` in the identity policy and `NoReadBack`" in one.reason
                    assert "deny `s3:GetObject`, each of them by itself" in one.reason
                    both += 1
    assert both


def test_a_read_of_the_whole_bucket_by_a_partner_is_narrowed() -> None:
    """Both sides grant all of it, so it is the first thing to change."""
    told = [one for one in drawn(across) if "PartnerRead+far" in one.scenario]
    wide = [one for one in told if "ReadObjects" in one.shown]
    assert wide
    assert all(one.change[0].startswith("Narrow `PartnerRead`") for one in wide)
    rest = [one for one in told if one not in wide]
    assert rest
    assert not any("takes it up whole" in text for one in rest for text in one.change)


def test_a_partner_that_may_write_may_overwrite() -> None:
    """Only where the bucket's side grants the write as well."""
    cases = [one for one in drawn(across) if one.scenario.endswith("far")]
    inbox = [one for one in cases if "PartnerInbox" in one.shown and "DropFiles" in one.shown]
    told = [one for one in inbox if "replace what another one left" in " ".join(one.miss)]
    assert told
    shut = [one for one in cases if "PartnerReports" in one.shown]
    assert not any("replace what another one left" in " ".join(one.miss) for one in shut)
    assert not any("can replace every report" in " ".join(one.miss) for one in cases)
