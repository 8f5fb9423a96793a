"""The base put the questions twice: what its scores do by themselves, on real weights and on a
server that wavers.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from secarch import console
from secarch.artifact import open_artifact
from secarch.cli.app import app
from secarch.compare.config import CompareConfig
from secarch.compare.inputs.pairs import read
from secarch.compare.output import compare_arms
from secarch.compare.record import Noise
from secarch.compare.stage import run as compare
from secarch.compare.verdict import noise_floor
from secarch.errors import Mismatch
from secarch.evaluate.ask.again import ASKED
from secarch.evaluate.config import EvalConfig
from secarch.records import Outcome
from secarch.session import Session

Make = Callable[..., Path]
BARE = CompareConfig(draws=500, fail_on=())
TWICE = BARE.replace(repeat_base=True)
QUESTION = """
- id: aws-{n:04}
  version: 1
  category: aws
  kind: open
  difficulty: 1
  question: How is bucket number {n} kept private?
  reference: Block public access at account level for bucket {n}, and deny its removal.
  key_points:
    - {{id: k1, text: Block at account level, weight: 1,
        any_of: ['block public access.{{0,40}}account']}}
"""


@pytest.fixture
def settings(tmp_path: Path) -> EvalConfig:
    """Twelve questions, short answers."""
    suite = tmp_path / "twelve.yaml"
    suite.write_text("".join(QUESTION.format(n=n) for n in range(1, 13)))
    return EvalConfig(suites=(str(suite),), max_new_tokens=6, quantization="none", concurrency=1)


class Wavering:
    """A server with one model `name`, which knows the answer to the first `right` questions that it
    is asked.
    """

    def __init__(self, name: str, right: int) -> None:
        self.asked = 0
        state = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: object) -> None:
                pass

            def do_GET(self) -> None:
                self._send({"data": [{"id": name}]})

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                state.asked += 1
                text = (
                    "Block public access in the account."
                    if state.asked <= right
                    else "It is private."
                )
                self._send({"choices": [{"message": {"content": text}, "finish_reason": "stop"}]})

            def _send(self, body: dict[str, Any]) -> None:
                data = json.dumps(body).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"


@pytest.fixture
def serve() -> Iterator[Callable[[str, int], Wavering]]:
    """Start servers on loopback."""
    running: list[tuple[Wavering, threading.Thread]] = []

    def start(name: str, right: int) -> Wavering:
        made = Wavering(name, right)
        thread = threading.Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        running.append((made, thread))
        return made

    yield start
    for made, thread in running:
        made.server.shutdown()
        thread.join()
        made.server.server_close()


def record(outcome: Outcome) -> dict[str, Any]:
    """The comparison.json of an outcome."""
    return json.loads((Path(str(outcome.artifact)) / "comparison.json").read_text())


def test_greedy_decoding_repeats_itself(
    settings: EvalConfig, session: Session, tiny_base: Path
) -> None:
    """Real weights asked twice: two sealed evaluations of the base, no score and no answer
    changed.
    """
    config = TWICE.replace(primary="reference_bits_per_byte")
    outcome = compare(
        config, settings, session, base=str(tiny_base), tuned=[tiny_base], evaluations=None
    )
    noise = record(outcome)["noise"]
    assert (noise["n"], noise["answers"], noise["changed"], noise["mean"], noise["largest"]) == (
        12,
        0,
        0,
        0.0,
        0.0,
    )
    assert noise["promised"] is True
    sealed = [open_artifact(path.parent) for path in session.evals.glob("*/manifest.json")]
    repeats = sorted((str(a.manifest.config["model"]), a.manifest.config["repeat"]) for a in sealed)
    assert repeats == sorted([("base", 0), ("base", 1), (tiny_base.name, 0)])
    assert noise["evaluation"] in open_artifact(Path(str(outcome.artifact))).manifest.parents
    for name in ("report.md", "report.html"):
        assert "none of 12 scores changed" in (Path(str(outcome.artifact)) / name).read_text()
    assert compare(
        config, settings, session, base=str(tiny_base), tuned=[tiny_base], evaluations=None
    ).status == ("nothing_to_do")


def test_a_server_that_wavers_is_measured(
    settings: EvalConfig, session: Session, serve: Callable[[str, int], Wavering]
) -> None:
    """Right the first time and wrong on four of twelve the second: the floor is four scores, -1/3
    in the mean.
    """
    base, tuned = serve("plain", 20), serve("tuned", 12)
    outcome = compare(TWICE, settings, session, base=base.url, tuned=[tuned.url], evaluations=None)
    found = record(outcome)
    noise = found["noise"]
    assert (base.asked, tuned.asked) == (24, 12)
    assert (noise["n"], noise["answers"], noise["changed"], noise["largest"]) == (12, 4, 4, 1.0)
    assert noise["mean"] == pytest.approx(-1 / 3)
    assert (noise["promised"], found["verdict"]) == (False, "INCONCLUSIVE")
    assert found["base"]["name"] == f"plain at {base.url.removeprefix('http://')}"
    assert "4 of 12 scores changed" in (Path(str(outcome.artifact)) / "report.md").read_text()
    assert not any(line.startswith("run-to-run") for line in found["not_measured"])


@pytest.mark.slow
def test_two_servers_are_compared_by_two_engines(
    settings: EvalConfig, session: Session, serve: Callable[[str, int], Wavering]
) -> None:
    """A server that always knows is BETTER than one that never does; candidates are named by
    address.
    """
    base, tuned, other = serve("plain", 0), serve("tuned", 99), serve("other", 99)
    outcome = compare(BARE, settings, session, base=base.url, tuned=[tuned.url], evaluations=None)
    assert (outcome.result["verdict"], record(outcome)["noise"]) == ("BETTER", None)
    several = compare(
        TWICE, settings, session, base=base.url, tuned=[tuned.url, other.url], evaluations=None
    )
    names = {row["name"] for row in several.result["candidates"]}
    assert names == {url.removeprefix("http://") for url in (tuned.url, other.url)}
    # The first answers are re-used, and the candidates share the second ones. Before answers of a
    # server that does not say its weights are re-used, it is asked some of them again: the base's
    # first answers twice and its second ones once, the tuned server's once.
    assert (base.asked, tuned.asked, other.asked) == (24 + 3 * ASKED, 12 + ASKED, 12)


def test_a_server_is_not_compared_with_weights(
    settings: EvalConfig, session: Session, tiny_base: Path, serve: Callable[[str, int], Wavering]
) -> None:
    """Its template and decoding are its own: each difference is named."""
    with pytest.raises(Mismatch) as caught:
        compare(
            BARE,
            settings,
            session,
            base=str(tiny_base),
            tuned=[serve("t", 99).url],
            evaluations=None,
        )
    for part in ("prompt_digest", "engine.engine: transformers / openai"):
        assert part in str(caught.value.why)


@pytest.mark.slow
def test_the_command_line_takes_an_address(
    settings: EvalConfig, serve: Callable[..., Wavering], tmp_path: Path
) -> None:
    """--base and --tuned are asked at their addresses, the base twice where --set says so."""
    base, tuned = serve("plain", 0), serve("tuned", 99)
    command = ["compare-baseline", "--workspace", str(tmp_path / "w"), "--json"]
    command += ["--base", base.url, "--tuned", tuned.url]
    command += [
        "--suite",
        settings.suites[0],
        "--set",
        "compare.repeat_base=true",
        "--set",
        "compare.draws=500",
    ]
    found = CliRunner().invoke(app, command)
    assert (found.exit_code, json.loads(found.stdout).get("verdict")) == (0, "BETTER")
    assert (base.asked, tuned.asked) == (24, 12)
    console.configure()


def test_a_plan_counts_the_base_twice(
    settings: EvalConfig, session: Session, tiny_base: Path
) -> None:
    """Three times twelve questions would be asked, and nothing is written."""
    dry = replace(session, dry_run=True)
    outcome = compare(
        TWICE, settings, dry, base=str(tiny_base), tuned=[tiny_base], evaluations=None
    )
    assert outcome.counts["questions"] == 36
    assert not session.evals.exists()


def test_finished_evaluations_cannot_be_asked_again(session: Session, evaluation: Make) -> None:
    """With --from the noise is not measured, and that is said on the page and in
    comparison.json.
    """
    sides = (
        evaluation("a", metrics={"rubric": [0.5] * 12}),
        evaluation("b", metrics={"rubric": [0.6] * 12}),
    )
    elsewhere = EvalConfig(suites=("elsewhere",))
    outcome = compare(TWICE, elsewhere, session, base="", tuned=[], evaluations=sides)
    found = record(outcome)
    assert found["noise"] is None
    assert any("could not be asked again" in line for line in found["not_measured"])
    assert "Not measured" in (Path(str(outcome.artifact)) / "report.html").read_text()
    once = compare(BARE, elsewhere, session, base="", tuned=[], evaluations=sides)
    assert once.artifact != outcome.artifact


def test_a_second_evaluation_made_otherwise_is_refused(session: Session, evaluation: Make) -> None:
    """Other library versions would be taken for noise."""
    values = {"rubric": [0.5] * 12}
    base, tuned = (
        read(evaluation("base", metrics=values)),
        read(evaluation("tuned", metrics=values)),
    )
    again = evaluation(
        "again",
        metrics=values,
        config={"model": "base", "repeat": 1},
        summary={"engine": {"versions": {"torch": "3"}}},
    )
    with pytest.raises(Mismatch, match="not made in the same way") as caught:
        compare_arms(TWICE, EvalConfig(), session, (replace(base, again=read(again)), tuned))
    assert "engine.versions.torch: 2 / 3" in str(caught.value.why)


@pytest.mark.parametrize(
    ("changed", "promised", "said"),
    [
        (0, True, "no part of the gain is noise between runs"),
        (0, False, "no proof"),
        (3, True, "find out why before you trust"),
        (3, False, "larger than the mean that the base moved by itself"),
    ],
)
def test_the_floor_is_put_in_words(changed: int, promised: bool, said: str) -> None:
    """What 0 means, and what more than 0 means, for weights at hand and for a server."""
    noise = Noise(
        evaluation="e",
        n=20,
        answers=changed,
        changed=changed,
        mean=0.01 * changed,
        largest=0.5,
        promised=promised,
    )
    assert said in noise_floor(noise, 0.1)
    assert "no question was scored both times" in noise_floor(noise.replace(n=0), 0.1)
