"""The next command that a command names: the one that works, with this run's flags."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from secarch.cli.following import next_command, placed_fix
from secarch.cli.invocation import Invocation
from secarch.records import Outcome


def told(then: str, given: str = "", own: dict[str, Any] | None = None, **flags: Any) -> str:
    """What is recommended after `secarch <given>`."""
    status = flags.pop("status", "done")
    outcome = Outcome(status=status, next=then, artifact=flags.pop("artifact", None))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", ["secarch", *given.split()])
        return next_command(outcome, Invocation(**flags), own or {})


@pytest.mark.parametrize("dry", ["--dry-run", "--probe"])
def test_after_a_dry_run_comes_the_same_command(dry: str) -> None:
    """With every flag as it was given, the dry run's own left out."""
    given = f"harvest ./docs --config c.yaml {dry} --max-pages 9 --resume"
    wanted = "secarch harvest ./docs --config c.yaml --max-pages 9 --resume"
    assert told("secarch harvest", given, dry_run=dry == "--dry-run") == wanted


def test_a_command_of_a_group_is_repeated_too() -> None:
    """The group's name and the command's are the beginning."""
    given = "frontier re-extract --workspace w --dry-run"
    assert told("secarch frontier re-extract", given, dry_run=True) == (
        "secarch frontier re-extract --workspace w"
    )


def test_an_evaluation_that_names_nothing_is_repeated_after_a_dry_run_alone() -> None:
    """A plan of `eval` recommends nothing itself."""
    given = "eval --model r --dry-run"
    assert told("", given, dry_run=True) == "secarch eval --model r"
    assert not told("", "eval --model r")
    assert not told("", "report --dry-run", dry_run=True)


def test_the_next_stage_gets_the_common_flags() -> None:
    """--config and --set each time, --workspace once, quoted for a shell."""
    wanted = (
        "secarch train --config a.yaml --config 'b c.yaml' --set train.lora.r=8 "
        "--set train.mix=1 --workspace 'my w'"
    )
    assert wanted == told(
        "secarch train",
        "dedupe",
        config=[Path("a.yaml"), Path("b c.yaml")],
        set=["train.lora.r=8", "train.mix=1"],
        workspace=Path("my w"),
    )


def test_settings_of_earlier_stages_are_left_out() -> None:
    """A crawl's contact is of no use to a build, a build's rules are of none to a training run; a
    review leads back to the build.
    """
    sets = ["harvest.contact=a@b.example", "dedupe.threshold=0.9", "seed=3"]
    assert told("secarch dedupe", set=sets) == (
        "secarch dedupe --set dedupe.threshold=0.9 --set seed=3"
    )
    assert told("secarch train", set=sets) == "secarch train --set seed=3"


def test_a_set_of_the_recommendation_does_not_hide_the_others() -> None:
    """Both are needed."""
    then = "secarch train --dataset p --set train.objective=dpo"
    assert told(then, set=["seed=3"]) == f"{then} --set seed=3"


def test_base_suite_and_smoke_go_on_to_what_asks_the_model() -> None:
    """As flags of the same name; an export knows its base and takes none."""
    own = {"base": "my base", "suite": ["a", "b.yaml"], "smoke": True}
    flags = "--base 'my base' --suite a --suite b.yaml --smoke"
    then = "secarch compare-baseline --tuned r"
    assert told(then, own=own) == f"{then} {flags}"
    assert told("secarch eval --model r", own=own) == f"secarch eval --model r {flags}"
    assert told("secarch export r", own=own) == "secarch export r"
    unset = {"base": None, "suite": None, "smoke": False}
    assert told(then, own=unset) == then


def test_the_evaluated_model_is_the_tuned_one() -> None:
    """Unless it is the base, or the recommendation names another."""
    then = "secarch compare-baseline"
    assert told(then, own={"model": "runs/r"}) == f"{then} --tuned runs/r"
    assert told(then, own={"model": "base"}) == then
    assert told(f"{then} --tuned q", own={"model": "runs/r"}) == f"{then} --tuned q"
    assert told("secarch train", own={"model": "runs/r"}) == "secarch train"


def test_an_older_artifact_that_was_found_again_is_named() -> None:
    """The next command would take the newest, which may be another."""
    found = {"status": "nothing_to_do", "artifact": "w/datasets/ab"}
    assert told("secarch train", **found) == "secarch train --dataset w/datasets/ab"
    assert told("secarch dedupe", **found) == "secarch dedupe --documents w/datasets/ab"
    assert told("secarch report", **found) == "secarch report"
    assert told("secarch train", artifact="w/datasets/ab") == "secarch train"
    assert told("secarch train", status="nothing_to_do") == "secarch train"


def test_the_tour_takes_no_settings_of_the_project() -> None:
    """Its own settings stand in a file; another's seeds would send it to the web."""
    flags = {"config": [Path("c.yaml")], "set": ["seed=1"], "workspace": Path("w")}
    assert told("secarch demo", **flags) == "secarch demo --workspace w"


def test_a_remark_stays_behind_the_flags() -> None:
    """What a shell would take for a comment; a line that is no command of ours stays as it is."""
    then = "secarch review --import FILE   # with the labels"
    assert told(then, workspace=Path("w")) == (
        "secarch review --import FILE --workspace w   # with the labels"
    )
    assert told("cd x && secarch harvest", workspace=Path("w")) == "cd x && secarch harvest"
    assert not told("", workspace=Path("w"))


@pytest.mark.parametrize(
    ("fix", "wanted"),
    [
        (
            "secarch train   (makes one)",
            "secarch train --config c.yaml --workspace w   (makes one)",
        ),
        (
            "secarch dedupe, or name a file",
            "secarch dedupe --config c.yaml --workspace w, or name a file",
        ),
        ("secarch models list", "secarch models list --config c.yaml --workspace w"),
        ("secarch harvest --workspace x", "secarch harvest --workspace x --config c.yaml"),
        ("secarch demo", "secarch demo --workspace w"),
        ("secarch config schema   (each one)", "secarch config schema   (each one)"),
        ("name a folder, or secarch train", "name a folder, or secarch train"),
    ],
)
def test_a_fix_names_the_workspace_and_the_settings_of_this_run(fix: str, wanted: str) -> None:
    """A command that would look elsewhere is no fix."""
    there = Invocation(workspace=Path("w"), config=[Path("c.yaml")])
    assert placed_fix(fix, there) == wanted
    assert placed_fix(fix, Invocation()) == fix
