"""`secarch models`: what each command does, and what it answers to bad input."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from secarch.cli.app import app
from secarch.registry.config import ModelsConfig
from secarch.registry.gate import Judged
from secarch.registry.promote import Promotion, promote
from secarch.registry.registry import Registry

Run = Callable[..., tuple[int, dict[str, Any]]]
House = Any
"""Of conftest.py."""


@pytest.fixture
def run(house: House) -> Run:
    runner = CliRunner()

    def call(*words: str, stdin: str | None = None) -> tuple[int, dict[str, Any]]:
        full = ["models", *words, "--json", "--workspace", str(house.workspace)]
        done = runner.invoke(app, full, input=stdin)
        return done.exit_code, json.loads(done.stdout)

    return call


def _error(document: dict[str, Any]) -> str:
    error = document["error"]
    return "\n".join(str(error[name]) for name in ("what", "where", "why", "fix"))


@pytest.fixture
def live(house: House, run: Run) -> House:
    """architect/1 live, architect/2 registered, and a comparison for each step."""
    one, two = house.export("one"), house.export("two")
    house.register("one")
    house.register("two")
    house.judged(one, "c1")
    house.judged(two, "c2")
    first, second = house.evaluation("e1", [one.digest]), house.evaluation("e2", [two.digest])
    house.comparison("c3", first, second, "EQUIVALENT")
    code, _ = run("promote", "architect/1")
    assert code == 0
    return house


def test_the_road_from_export_to_rollback(live: House, run: Run) -> None:
    code, moved = run("promote", "architect/2", "--expect", "1")
    assert (code, moved["from"], moved["to"]) == (0, 1, 2)
    assert run("promote", "architect/2")[1]["status"] == "nothing_to_do"
    code, back = run("rollback", "architect", "--reason", "answers were slow")
    assert (code, back["ref"]) == (0, "architect/1")
    code, again = run("rollback", "architect", "--reason", "again")
    assert code == 4
    assert "nothing to go back to" in _error(again)
    code, here = run("rollback", "architect", "--to", "1", "--reason", "again")
    assert code == 4
    assert "architect/1 is champion now" in _error(here)
    assert "it was 2 before, and is 1 now" in _error(here)
    _, forth = run("rollback", "architect", "--to", "2", "--reason", "it was the network")
    assert forth["ref"] == "architect/2"
    events = run("log", "architect")[1]["events"]
    assert [e["event"] for e in events] == [
        "register",
        "register",
        "promote",
        "promote",
        "rollback",
        "rollback",
    ]
    assert events[4]["reason"] == "answers were slow"
    assert (events[4]["from"], events[4]["to"]) == (2, 1)
    assert events[3]["verdict"] == "BETTER"
    assert len(events[3]["evidence"]) == 2


def test_the_log_says_what_was_live_on_a_day(live: House, run: Run) -> None:
    today = datetime.now(UTC).date()
    assert run("log", "architect", "--at", str(today))[1]["aliases"] == [
        {"alias": "champion", "version": "architect/1"}
    ]
    assert run("log", "architect", "--at", str(today - timedelta(days=1)))[1]["aliases"] == []
    code, bad = run("log", "architect", "--at", "last March")
    assert code == 2
    assert "2026-03-01" in _error(bad)


def test_a_refused_promotion_gives_every_reason_and_changes_nothing(live: House, run: Run) -> None:
    third = live.export("three")
    live.register("three")
    live.judged(third, "c8")
    pair = f"{live.session.evals}/e1 {live.session.evals}/tuned-c8"
    only = run("promote", "architect/3")[1]["error"]["fix"]
    assert only.startswith(f"secarch compare-baseline --from {pair} --workspace ")
    live.judged(third, "c9", "WORSE")
    before = run("log", "architect")[1]
    code, refused = run("promote", "architect/3")
    assert (code, refused["status"]) == (5, "gate_failed")
    assert "WORSE" in _error(refused)
    assert "no comparison from architect/1, which is live" in _error(refused)
    assert "compare-baseline --tuned " in refused["error"]["fix"]
    assert run("log", "architect")[1] == before
    code, missing = run("promote", "architect/3", "--force")
    assert code == 2
    assert "--reason" in _error(missing)
    code, forced = run("promote", "architect/3", "--force", "--reason", "incident 42")
    assert code == 0
    assert len(forced["forced"]) == 2
    assert run("show", "architect")[1]["forced"] == forced["forced"]
    assert run("log", "architect")[1]["events"][-1]["reason"] == "incident 42"


def test_the_comparison_can_be_named(live: House, run: Run) -> None:
    assert run("promote", "architect/2", "--comparison", "c2")[0] == 0
    run("rollback", "architect", "--reason", "test")
    path = str(live.session.comparisons / "c1")
    code, other = run("promote", "architect/2", "--comparison", path)
    assert code == 5
    assert "another model than architect/2" in _error(other)
    assert run("promote", "architect/2", "--comparison", "nowhere")[0] == 4
    code, live_now = run("promote", "architect/1", "--comparison", "nowhere")
    assert code == 4
    assert "no such comparison" in _error(live_now)


def test_a_promotion_that_came_too_late_says_what_moved(
    live: House, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, wrong = run("promote", "architect/2", "--expect", "7")
    assert code == 2
    assert "points to 1 now, not to 7" in _error(wrong)
    from secarch.registry import promote as module

    checked = module.record.check

    def meanwhile(version: Any, workspace: Path) -> None:
        checked(version, workspace)
        monkeypatch.setattr(module.record, "check", checked)
        log = Registry(live.workspace).log("architect")
        log.append(
            lambda _state: {
                "event": "promote",
                "version": 2,
                "alias": "champion",
                "from": 1,
                "to": 2,
            }
        )

    live.export("three")
    live.register("three")
    monkeypatch.setattr(module.record, "check", meanwhile)
    code, late = run("promote", "architect/3", "--force", "--reason", "x")
    assert code == 2
    assert "champion moved from 1 to 2 since" in _error(late)


def test_scores_of_other_programs_never_promote(live: House, run: Run) -> None:
    scores = {"evaluation": "f" * 64, "fingerprint": "", "name": "scores.jsonl"}
    one = live.evaluation("x1", [])
    live.comparison("c7", one, one, base=scores, tuned=scores)
    code, refused = run("promote", "architect/2", "--comparison", "c7")
    assert code == 5
    assert "files of scores" in _error(refused)


def test_old_evidence_and_missing_labels_are_reasons(live: House, run: Run) -> None:
    code, refused = run("promote", "architect/2", "--set", "models.max_age_days=0.0000001")
    assert code == 5
    assert "days old" in _error(refused)
    code, refused = run("promote", "architect/2", "--set", "models.min_labels=3")
    assert code == 5
    assert "labelled 0 key points, 3 are needed" in _error(refused)


def test_what_people_said_is_in_the_log(live: House, run: Run) -> None:
    config = ModelsConfig(min_labels=40, min_kappa=0.6)
    said = Judged(40, 0.8125, ("ann", "bo"))
    promote(config, live.session, Promotion(ref="architect/2"), lambda _evaluation: said)
    last = run("log", "architect")[1]["events"][-1]
    assert (last["event"], last["to"]) == ("promote", 2)
    assert last["tags"] == {"labels": "40", "kappa": "0.8125", "reviewers": "ann, bo"}
    assert run("show", "architect/2")[1]["tags"] == {}


def test_the_evidence_of_a_promotion_is_verified_too(live: House, run: Run) -> None:
    path = live.session.comparisons / "c1" / "comparison.json"
    assert run("verify", "architect/1")[0] == 0
    path.chmod(0o644)
    path.write_text(path.read_text().replace("BETTER", "WORSE"))
    code, document = run("verify", "architect/1")
    assert code == 4
    assert "comparison.json" in _error(document)


def test_a_clock_that_was_set_back_does_not_change_the_order(
    live: House, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("secarch.registry.log.now", lambda: "2020-01-01T00:00:00.000Z")
    assert run("promote", "architect/2")[0] == 0
    events = run("log", "architect")[1]["events"]
    assert [e["n"] for e in events] == list(range(1, len(events) + 1))
    assert events[-1]["at"].startswith("2020")
    assert run("show", "architect")[1]["version"] == "architect/2"
    assert run("rollback", "architect", "--reason", "x")[1]["ref"] == "architect/1"


def test_the_same_content_is_registered_once(live: House, run: Run) -> None:
    code, again = run("register", "one", "--name", "architect")
    assert (code, again["status"], again["ref"]) == (0, "nothing_to_do", "architect/1")
    path = f"{live.session.exports}/two"
    assert run("register", path, "--name", "other")[1]["ref"] == "other/1"
    rows = run("list")[1]["versions"]
    assert [row["version"] for row in rows] == ["architect/1", "architect/2", "other/1"]
    assert rows[0]["aliases"] == ["champion"]


def test_a_changed_byte_is_named_at_every_step(live: House, run: Run) -> None:
    run("promote", "architect/2")
    for name in ("one", "two"):
        path = live.session.exports / name / "model.safetensors"
        data = bytearray(path.read_bytes())
        data[-1] ^= 1
        path.write_bytes(data)
    calls = (
        ("verify", "architect/1"),
        ("verify",),
        ("rollback", "architect", "--reason", "x"),
        ("register", "one", "--name", "architect"),
        ("promote", "architect/1", "--force", "--reason", "x"),
    )
    for words in calls:
        code, document = run(*words)
        assert code == 4, words
        assert "model.safetensors" in _error(document), words


def test_an_edited_record_is_seen(live: House, run: Run) -> None:
    path = live.session.models / "architect" / "versions" / "1.json"
    assert path.stat().st_mode & 0o777 == 0o444
    path.chmod(0o644)
    path.write_text(path.read_text().replace('"tiny"', '"huge"'))
    code, document = run("show", "architect/1")
    assert code == 4
    assert str(path) in _error(document)
    path.unlink()
    assert run("show", "architect/1")[0] == 4


@pytest.mark.parametrize("alias", ["latest", "3", "v12", "a b", "Blue", "", "a/b"])
def test_a_reserved_or_unreadable_alias(live: House, run: Run, alias: str) -> None:
    code, document = run("promote", "architect/1", "--to", alias)
    assert code == 2
    assert "champion or challenger" in _error(document)
    assert run("promote", "architect/1", "--to", "v1-eu", "--dry-run")[0] == 0


def test_options_that_cannot_be_read(live: House, run: Run, tmp_path: Path) -> None:
    for words in (
        ("lineage", "architect", "--answer", str(tmp_path / "none")),
        ("register", "one", "--name", "new", "--evidence", str(tmp_path / "none")),
    ):
        code, document = run(*words)
        assert code == 4
        assert document["error"]["fix"]


@pytest.mark.parametrize(
    ("ref", "code", "hint"),
    [
        ("architct", 4, "did you mean architect?"),
        ("architect@champoin", 4, "did you mean architect@champion?"),
        ("architect/9", 4, "it has 1, 2"),
        ("./architect", 2, "never a path"),
        ("/tmp", 2, "never a path"),
        ("Architect!", 2, "no name for a model"),
        ("a/b/c", 2, "never a path"),
        ("architect/0", 2, "never a path"),
    ],
)
def test_an_unknown_ref(live: House, run: Run, ref: str, code: int, hint: str) -> None:
    for words in (("show", ref), ("promote", ref), ("lineage", ref), ("tag", ref, "k=v")):
        found, document = run(*words)
        assert found == code, words
        assert hint in _error(document)


def test_a_retired_version_is_out_of_use(live: House, run: Run) -> None:
    assert run("retire", "architect/1", "--reason", "old")[0] == 2
    assert run("retire", "architect/2")[0] == 2
    assert run("retire", "architect/2", "--reason", "never used")[0] == 0
    code, document = run("promote", "architect/2")
    assert code == 4
    assert "was retired" in _error(document)
    assert run("register", "two", "--name", "architect")[1]["ref"] == "architect/3"
    assert run("tag", "architect/3", f"note={'n' * 70}")[0] == 0
    listed = CliRunner().invoke(app, ["models", "list", "--workspace", str(live.workspace)]).stdout
    _, one, two, three = listed.splitlines()
    assert "  champion " in one
    assert "  (retired) " in two
    assert three.endswith(f"note={'n' * 54}…")


def test_only_exports_are_registered(house: House, run: Run, tmp_path: Path) -> None:
    house.run("plain")
    gguf = tmp_path / "model.gguf"
    gguf.write_bytes(b"GGUF")
    adapter = tmp_path / "adapter"
    adapter.mkdir()
    (adapter / "adapter_config.json").write_text("{}")
    empty = tmp_path / "empty"
    empty.mkdir()
    for path in (house.session.runs / "plain", gguf, adapter, empty):
        code, document = run("register", str(path), "--name", "x")
        assert code == 4, path
        assert "secarch export RUN" in _error(document)
    code, document = run("register", "nothing", "--name", "x")
    assert code == 4
    assert "secarch export RUN" in _error(document)
    assert run("register", str(adapter), "--name", "x", "--adapter")[0] == 2


def test_a_damaged_export_is_not_registered(house: House, run: Run) -> None:
    house.export("one")
    (house.session.exports / "one" / "tokenizer.json").write_text("{}")
    code, document = run("register", "one", "--name", "x")
    assert code == 4
    assert "tokenizer.json" in _error(document)
    assert not (house.session.models / "x").exists()


@pytest.mark.parametrize(
    ("name", "stray"),
    [
        ("model-00002-of-00002.safetensors", True),
        ("pytorch_model.bin", True),
        ("adapter_config.json", True),
        ("tokenizer.model", True),
        ("notes.txt", False),
        ("architect.gguf", False),
    ],
)
def test_a_file_that_loading_would_read_too_is_no_part_of_a_version(
    house: House, run: Run, name: str, *, stray: bool
) -> None:
    """Neither when it is registered nor afterwards; what no program reads with it may lie there."""
    path = house.export("one").path / name
    path.write_bytes(b"x")
    code, document = run("register", "one", "--name", "x")
    assert code == (4 if stray else 0)
    assert not stray or name in _error(document)
    path.unlink()
    run("register", "one", "--name", "x")
    path.write_bytes(b"x")
    for words in (("verify", "x/1"), ("promote", "x/1", "--force", "--reason", "y")):
        code, document = run(*words)
        assert code == (4 if stray else 0), words
        assert not stray or name in _error(document)


def test_lineage_ends_at_pages_with_licences(live: House, run: Run, tmp_path: Path) -> None:
    code, found = run("lineage", "architect/1")
    assert code == 0
    assert found["licences"] == {"CC-BY-4.0": 2, "MIT": 1}
    assert [page["rows"] for page in found["pages"]] == [4, 2, 2]
    answer = tmp_path / "answer.txt"
    answer.write_text("Give every workload of one its own identity number 3 and deny what it does")
    similar = run("lineage", "architect/1", "--answer", str(answer))[1]
    assert similar["note"].startswith("similar, not proof")
    assert similar["similar"][0]["url"] == "https://docs.example.org/one/1"
    assert similar["similar"][0]["id"] == "one-3"
    assert similar["similar"][0]["measure"] == "runs of 8 words"
    other = run("lineage", "architect/1", "--answer", "-", stdin="identity for a workload of one")
    assert {row["measure"] for row in other[1]["similar"]} == {"MinHash"}
    assert run("lineage", "architect/1", "--answer", "-", stdin="")[1]["similar"] == []
    assert run("lineage", "architect/1", "--answer", "/no/file")[0] == 4


def test_a_missing_ancestor_is_named(house: House, run: Run) -> None:
    house.export("one")
    dataset = house.session.datasets / "one"
    dataset.rename(house.workspace / "elsewhere")
    house.register("one")
    code, document = run("lineage", "architect/1")
    assert code == 4
    assert "not in this workspace" in _error(document)


def test_tags_are_appended(live: House, run: Run) -> None:
    assert run("tag", "architect/1", "team=blue", "note=a=b")[0] == 0
    assert run("tag", "architect/1", "team=blue")[1]["status"] == "nothing_to_do"
    assert run("show", "architect/1")[1]["tags"] == {"team": "blue", "note": "a=b"}
    for pair in ("team", "=blue", "team=a\nb"):
        code, document = run("tag", "architect/1", pair)
        assert (code, document["error"]["fix"] != "") == (2, True)
    assert run("show", "architect/1")[1]["tags"] == {"team": "blue", "note": "a=b"}


def test_tags_of_a_second_registration_are_added(live: House, run: Run) -> None:
    code, again = run("register", "one", "--name", "architect", "--tag", "team=red")
    assert (code, again["status"], again["ref"]) == (0, "done", "architect/1")
    assert run("show", "architect/1")[1]["tags"] == {"team": "red"}
    again = run("register", "one", "--name", "architect", "--tag", "team=red")[1]
    assert again["status"] == "nothing_to_do"
    assert [e["event"] for e in run("log", "architect")[1]["events"]].count("tag") == 1


def test_a_dry_run_touches_nothing(live: House, run: Run) -> None:
    before = sorted((p, p.stat().st_mtime_ns) for p in live.session.models.rglob("*"))
    live.export("three")
    for words in (
        ("register", "three", "--name", "new"),
        ("promote", "architect/2"),
        ("tag", "architect/1", "k=v"),
        ("retire", "architect/2", "--reason", "x"),
    ):
        assert run(*words, "--dry-run")[0] == 0
    assert run("tag", "architect/1", "k=v", "--dry-run")[1]["status"] == "done"
    code, live_one = run("retire", "architect/1", "--reason", "x", "--dry-run")
    assert code == 2
    assert "architect/1 is champion" in _error(live_one)
    call = CliRunner().invoke
    for words in (("tag", "architect/1", "k=v"), ("retire", "architect/2", "--reason", "x")):
        full = ["models", *words, "--dry-run", "--workspace", str(live.workspace)]
        assert "would be" in call(app, full).stderr
    assert sorted((p, p.stat().st_mtime_ns) for p in live.session.models.rglob("*")) == before


def test_the_price_of_an_answer_comes_from_a_load_test(
    live: House, run: Run, tmp_path: Path
) -> None:
    assert "unknown: no load test" in run("show", "architect")[1]["cost_shown"]
    result = tmp_path / "load.json"
    facts = {
        "completed": 10,
        "total_output_tokens": 4000,
        "output_throughput": 1000.0,
        "request_throughput": 2.5,
    }
    result.write_text(json.dumps(facts))
    assert run("register", "one", "--name", "architect", "--evidence", str(result))[0] == 0
    assert "price_per_hour" in run("show", "architect")[1]["cost_shown"]
    shown = run("show", "architect", "--set", "serve.price_per_hour=3.95")[1]
    assert shown["cost"]["usd_per_million_tokens"] == pytest.approx(1.0972, abs=1e-4)
    assert shown["cost"]["usd_per_answer"] == pytest.approx(0.000439, abs=1e-6)
    assert "0.00439 if idle 90%" in shown["cost_shown"]
    again = run("register", "one", "--name", "architect", "--evidence", str(result))[1]
    assert again["status"] == "nothing_to_do"
    for copy in live.session.models.rglob("*.evidence/*.json"):
        copy.write_text("{}")
    code, damaged = run("verify", "architect/1")
    assert code == 4
    assert ".evidence" in _error(damaged)
    assert run("show", "architect")[1]["load"] is None


def test_a_broken_log_does_not_hide_the_other_models(live: House, run: Run) -> None:
    live.register("two", model="other")
    path = live.session.models / "architect" / "log.jsonl"
    path.write_text(path.read_text().replace("champion", "chomping"))
    assert [row["version"] for row in run("list")[1]["versions"]] == ["other/1"]
    assert run("promote", "architect/2")[0] == 4


def test_a_log_that_was_taken_away_shows(live: House, run: Run) -> None:
    (live.session.models / "architect" / "log.jsonl").unlink()
    for words in (("show", "architect"), ("promote", "architect/2"), ("verify",)):
        code, document = run(*words)
        assert code == 4
        assert "was changed" in _error(document)


def test_the_tables_are_for_people_too(live: House) -> None:
    call = CliRunner().invoke
    space = ["--workspace", str(live.workspace)]
    listed = call(app, ["models", "list", *space]).stdout
    assert "architect/1" in listed
    assert "champion" in listed
    assert "BETTER" in call(app, ["models", "show", "architect", *space]).stdout
    assert "promote" in call(app, ["models", "log", "architect", *space]).stdout
    assert "CC-BY-4.0" in call(app, ["models", "lineage", "architect", *space]).stdout
