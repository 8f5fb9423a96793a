"""The guard: dangerous blocks never leave, prose leaves at once, and nothing else changes."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from secarch.danger.safety import examine
from secarch.serve import guard as module
from secarch.serve.guard import Guard

TWINS = Path(__file__).parents[1] / "danger" / "twins"
LANGUAGES = {"tf": "hcl", "sh": "bash", "py": "python", "Dockerfile": "dockerfile"}
POLICY = '{"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}'
BAD = f"Use this:\n\n```json\n{POLICY}\n```\n\nThen deploy it. Good luck.\n"


def _through(text: str, mode: Any = "hold", *, seed: int = 0, most: int = 9) -> tuple[str, Guard]:
    """A text in pieces of random size, as a model gives it."""
    guard, source, out, at = Guard(mode), random.Random(seed), [], 0
    while at < len(text):
        size = source.randrange(1, most + 1)
        out.append(guard.add(text[at : at + size]))
        at += size
    out.append(guard.add("", last=True))
    return "".join(out), guard


@pytest.mark.parametrize("seed", range(12))
def test_a_critical_block_is_replaced_by_the_name_of_its_rule(seed: int) -> None:
    shown, guard = _through(BAD, seed=seed)
    assert shown == (
        "Use this:\n\n[held back by secarch: iam_wildcard]\n\nThen deploy it. Good luck.\n"
    )
    assert guard.blocked
    assert [danger.rule for danger in guard.found] == ["iam_wildcard"]


def test_a_mark_lets_everything_pass_and_tells() -> None:
    shown, guard = _through(BAD, "mark")
    assert shown == BAD
    assert [danger.rule for danger in guard.found] == ["iam_wildcard"]
    assert not guard.blocked
    shown, guard = _through(BAD, "off")
    assert (shown, guard.found) == (BAD, [])


@pytest.mark.parametrize("seed", range(6))
def test_what_follows_a_block_can_take_the_finding_back(seed: int) -> None:
    text = BAD.replace("Then deploy it.", "The above is insecure.")
    assert not [d for d in examine(text) if d.severity == "critical"]
    shown, guard = _through(text, seed=seed)
    assert shown == text
    assert not guard.found


def test_a_block_without_its_end_is_judged_at_the_end() -> None:
    cut = BAD[: BAD.index("\n```\n\nThen")]
    shown, guard = _through(cut)
    assert '"Action"' not in shown
    assert guard.blocked


def test_prose_is_never_delayed_and_a_block_is_until_its_next_paragraph() -> None:
    guard = Guard("hold")
    assert guard.add("Rotate the") == "Rotate the"
    assert guard.add(" keys. Then") == " keys. Then"
    assert guard.add(" this:\n\n``") == " this:\n\n"
    assert guard.add("`sh\nls\n") == ""
    assert guard.add("```\n") == ""
    assert guard.add("\nIt lists") == ""
    assert guard.add(" files.\n\n") == "```sh\nls\n```\n\nIt lists files.\n\n"
    assert guard.add("Done") == "Done"


def test_two_blocks_are_judged_each_for_itself() -> None:
    good = "```sh\nls\n```\n"
    shown, _ = _through(f"First:\n\n{good}\nSecond:\n\n```json\n{POLICY}\n```\n{good}")
    assert shown.count("```sh") == 2
    assert shown.count("[held back by secarch: iam_wildcard]") == 1


def test_inline_backticks_are_prose() -> None:
    text = "Use ```ls``` or `x` or ~~old~~ here. And ``y``."
    guard = Guard("hold")
    assert guard.add(text) + guard.add("", last=True) == text


def _twins() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = yaml.safe_load((TWINS / "index.yaml").read_text())
    return rows


@pytest.mark.slow
@pytest.mark.parametrize("which", ["vulnerable", "safe"])
def test_no_block_that_the_detectors_know_leaks(which: str) -> None:
    for twin in _twins():
        code = (TWINS / f"{twin['name']}.{which}.{twin['ext']}").read_text()
        language = LANGUAGES.get(twin["ext"], twin["ext"])
        text = f"Apply this:\n\n```{language}\n{code}```\n\nThat is all.\n"
        critical = [d for d in examine(text) if d.severity == "critical"]
        shown, guard = _through(text, seed=1, most=40)
        assert bool(critical) is guard.blocked, twin["name"]
        if critical:
            assert code not in shown, twin["name"]
            assert shown.endswith("That is all.\n")
        else:
            assert shown == text, twin["name"]


def _indented(code: str, by: str) -> str:
    return "".join(f"{by}{line}\n" for line in code.splitlines())


FORMS: dict[str, Callable[[str, str], str]] = {
    "no fence": lambda code, _: f"Apply this:\n\n{code}\n\nThat is all.\n",
    "indented": lambda code, _: f"Apply this:\n\n{_indented(code, '    ')}\nThat is all.\n",
    "heading": lambda code, _: f"## The fix\n{code}\nThat is all.\n",
    "quotation": lambda code, lang: (
        f"Apply this:\n\n{_indented(f'```{lang}{chr(10)}{code}```', '> ')}\nThat is all.\n"
    ),
    "list": lambda code, lang: (
        f"1. Apply:\n\n{_indented(f'~~~{lang}{chr(10)}{code}~~~', '   ')}\nThat is all.\n"
    ),
    "Windows": lambda code, _: f"Apply this:\n\n{code}\n\nThat is all.\n".replace("\n", "\r\n"),
    "cut": lambda code, lang: f"Apply this:\n\n```{lang}\n{code}",
}


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
def test_code_in_any_form_is_judged_before_it_is_shown(form: str) -> None:
    judged = 0
    for twin in _twins():
        code = (TWINS / f"{twin['name']}.vulnerable.{twin['ext']}").read_text()
        text = FORMS[form](code, LANGUAGES.get(twin["ext"], twin["ext"]))
        critical = [d for d in examine(text) if d.severity == "critical"]
        shown, guard = _through(text, seed=3)
        assert bool(critical) is guard.blocked, twin["name"]
        assert not [d for d in examine(shown) if d.severity == "critical"], twin["name"]
        judged += bool(critical)
    assert judged >= 20


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            "Run `git config http.sslVerify false` on each host. Then go on.",
            "Run [held back by secarch: verification_off]  Then go on.",
        ),
        (
            "To be quick, disable certificate validation in the client. Then test.",
            "To be quick, disable [held back by secarch: verification_off]  Then test.",
        ),
    ],
)
@pytest.mark.parametrize("seed", range(4))
def test_prose_is_cut_before_the_word_that_makes_a_finding_of_it(
    text: str, shown: str, seed: int
) -> None:
    assert [d.severity for d in examine(text)] == ["critical"]
    found, guard = _through(text, seed=seed)
    assert found == shown
    assert len(guard.found) == 1


def test_ordinary_sentences_and_first_lines_are_not_held() -> None:
    guard = Guard("hold")
    for part in ("Data ", "at rest ", "is encrypted ", "with a customer key ", "that you rotate. "):
        assert guard.add(part) == part
    # A line that may be code waits for its second word alone.
    assert guard.add("\nnew") == "\n"
    assert guard.add("comers ask") == "newcomers ask"
    assert guard.add(" why.\naws ") == " why.\n"
    assert guard.add("s3 ls\n") == ""
    assert guard.add("\nThen") == "aws s3 ls\n\nThen"


@pytest.mark.parametrize("first", ["  ", "\n\n ", "**", "\n**", "\t"])
def test_white_space_and_marks_before_the_first_word_are_not_held(first: str) -> None:
    """They can be no finding, and many answers begin with them."""
    guard = Guard("hold")
    assert guard.add(first) == first
    assert guard.add("Rotate the logs. ") == "Rotate the logs. "
    assert guard.add("\n  ") == "\n  "


@pytest.mark.parametrize("most", [1, 2, 5])
@pytest.mark.parametrize("indent", [" ", "    ", "\t", "  \t"])
def test_a_line_is_judged_with_the_white_space_that_was_shown_of_it(indent: str, most: int) -> None:
    code = "\n".join(indent + line for line in POLICY.replace("[{", "[\n{").split("\n"))
    shown, guard = _through(f"Apply this:\n\n{code}\n\nThat is all.\n", most=most)
    assert guard.blocked
    assert "Action" not in shown
    lines = [line.strip() for line in shown.splitlines()]
    held = "[held back by secarch: iam_wildcard]"
    assert lines == ["Apply this:", "", held, "", "That is all."]


@pytest.mark.slow
@given(st.text(alphabet="ab `~\n.*>-#", max_size=120), st.integers(0, 1000))
@settings(max_examples=300, deadline=None)
def test_a_harmless_text_comes_out_as_it_went_in(text: str, seed: int) -> None:
    shown, guard = _through(text, seed=seed, most=5)
    assert shown == text
    assert not guard.found


def test_a_sentence_that_becomes_a_finding_is_held_from_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By a detector of its own, so that this does not depend on which sentences ours know."""
    from secarch.danger.safety import Danger

    def detector(text: str) -> list[Danger]:
        return [Danger("open_port", "critical", "0.0.0.0/0")] * text.count("0.0.0.0/0")

    monkeypatch.setattr(module, "examine", detector)
    guard = Guard("hold")
    assert guard.add("Allow port 22 from ") == "Allow port 22 from "
    assert guard.add("0.0.0.0/0") == ""
    assert guard.add(" and go") == ""
    assert guard.add(" on. Next") == "[held back by secarch: open_port]  Next"
    assert guard.blocked
    assert guard.add(" step.", last=True) == " step."
    assert len(guard.found) == 1
