"""The form that a question asks for is the form of its answer, and nothing is said twice."""

from __future__ import annotations

import random
import re
from collections import Counter

from secarch.dedupe.examples.constructed import answer, fixing, question, triage
from secarch.dedupe.examples.constructed.answer import Wish
from secarch.dedupe.examples.constructed.fixing import Wanted
from secarch.dedupe.examples.constructed.replacing import joint_code
from secarch.dedupe.examples.constructed.rows import drawn_pool
from secarch.dedupe.examples.constructed.scene import Scene, compose
from secarch.dedupe.examples.constructed.template import wording
from secarch.dedupe.examples.constructed.voice import Voice, once

LONG = ("steps_head", "back_head", "left_head", "kept_head", "small_head", "checks_head")
"""What has no room in a short form."""


def drawn(count: int, least: int, most: int = 3) -> list[Scene]:
    found = []
    for number in range(count):
        rng = random.Random(f"form/{number}")
        found.append(compose(rng, drawn_pool(rng), least=least, most=most))
    return found


def prose(text: str) -> str:
    return re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)


def heads(text: str) -> set[str]:
    return {place for place in LONG if any(one.strip() in text for one in wording()[place])}


def test_a_line_of_reason_is_a_line() -> None:
    for scene in drawn(40, 2):
        text = fixing.fix(Voice(random.Random(1)), scene, {}, Wanted(form="patch", line=True))
        lines = re.findall(r"^\d\. \*\*.*$", text, flags=re.MULTILINE)
        assert len(lines) == len(scene.planted)
        assert all(len(line.split()) <= 75 for line in lines), max(lines, key=len)
        assert not heads(text)
        assert len(prose(text).split()) < 130 + 75 * len(scene.planted)


def test_what_is_wanted_at_a_glance_is_a_table() -> None:
    for scene in drawn(40, 2):
        text = fixing.fix(Voice(random.Random(1)), scene, {}, Wanted(form="patch", glance=True))
        assert "```diff" in text
        rows = re.findall(r"^\| \d\. .*\|$", text, flags=re.MULTILINE)
        assert len(rows) == len(scene.planted)
        assert not heads(text)


def test_one_paragraph_is_one() -> None:
    """Risk, change, check and way back in it, and no second one of reasons."""
    for scene in drawn(60, 1, 1):
        (one,) = scene.planted
        text = fixing.fix(Voice(random.Random(1)), scene, {}, Wanted(paragraph=True))
        (board,) = [part for part in text.split("\n\n") if "change board" in part]
        assert len(board.split()) <= 190, board
        assert "*Check.*" in board
        assert "*Way back.*" in board
        assert not heads(text)
        assert scene.fill(one.verify)[8:30] in board


def test_a_short_review_stays_short() -> None:
    """A line for each finding; without one, a handful of lines."""
    for scene in drawn(60, 0, 5):
        short = prose(answer.review(Voice(random.Random(1)), scene, Wish(short=True), {}))
        full = prose(answer.review(Voice(random.Random(1)), scene, Wish(), {}))
        assert len(short) < len(full)
        assert len(short.split()) <= 170 + 85 * len(scene.planted), short
        assert not heads(short) & {"left_head", "small_head", "steps_head"}


def test_nobody_asks_for_the_whole_of_a_long_file() -> None:
    """Where the whole file is asked for it is shown."""
    whole = 0
    for number, scene in enumerate(drawn(150, 2)):
        voice = Voice(random.Random(number))
        asked, wanted = question.fix(voice, scene)
        if any(word in asked for word in ("corrected version", "Rewrite it", "Return it")):
            whole += 1
            assert wanted.form == "whole"
            assert len(scene.proposed.splitlines()) <= fixing.MOST_WHOLE
    assert whole > 10


def test_a_sentence_is_said_once() -> None:
    """Later ones go; code, tables and checks stay, and no line is emptied."""
    first = "Whoever reaches the port of this cache is in."
    assert once(f"{first} So close it.\n\n{first} Do it now.") == (
        f"{first} So close it.\n\nDo it now."
    )
    assert once(f"{first}\n\n{first}") == f"{first}\n\n{first}"
    code = '```hcl\nwhoever = "reaches the port of this cache is in here"\n```'
    assert once(f"{code}\n\n{code}") == f"{code}\n\n{code}"
    check = "Check: the port of this cache refuses a plain connection. Then go on."
    assert once(f"{check}\n\n{check}").count("Check") == 2


def test_no_answer_repeats_a_sentence() -> None:
    """Over reviews, fixes and triages as they are drawn."""
    repeated: Counter[str] = Counter()
    scripts = [one for one in drawn(400, 2) if one.language == "bash"]
    for number, scene in enumerate([*drawn(60, 1), *scripts]):
        voice = Voice(random.Random(number))
        _, wish = question.review(voice, scene)
        _, wanted = question.fix(voice, scene)
        texts = [
            answer.review(voice, scene, wish, {}),
            fixing.fix(voice, scene, {}, wanted),
        ]
        if triage.fits(scene):
            given, missed = triage.alerts(voice, scene)
            texts.append(triage.judged(voice, scene, given, missed))
        for text in texts:
            told = re.split(r"(?<=[a-z0-9)`\"][.!?]) |\n", prose(text).lower())
            counts = Counter(one.strip(" -") for one in told if len(one) >= 50)
            repeated.update(one for one, n in counts.items() if n > 1)
    assert not [one for one in repeated if not one.startswith(("check", "test", "to verify"))]


def test_the_outline_of_one_resource_is_shown_once() -> None:
    """Several findings that change in place in one resource share a block of code."""
    joint = 0
    for number, scene in enumerate(drawn(200, 2)):
        if not joint_code(scene):
            continue
        joint += 1
        for wish in (Wish(), Wish(register=True)):
            text = answer.review(Voice(random.Random(number)), scene, wish, {})
            assert text.count(f"```{scene.language}\n") == 1
            lines = scene.fixed.splitlines()
            assert all(lines[n].strip() in text for one in scene.planted for n in one.right)
    assert joint > 10


def test_reasons_without_a_roll_out_are_given_where_no_roll_out_is_asked_for() -> None:
    """And what is beside the findings stands under one head."""
    asked = question.wanted_by("Rewrite it so that I can approve it, and list the reasons.")
    assert asked.reasons
    assert not question.wanted_by("Return it hardened; in which order?").reasons
    for scene in [one for one in drawn(40, 2) if len(one.planted) > 1]:
        text = fixing.fix(Voice(random.Random(2)), scene, {}, asked)
        assert not heads(text) & {"steps_head", "back_head"}
        beside = [one for one in wording()["remark_head"] if one in text]
        assert not (beside and "small_head" in heads(text))
