"""Adding to a data set: the same as building it whole, at the cost of what is new."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secarch.dedupe.build import prepare
from secarch.dedupe.build.documents import document
from secarch.dedupe.duplicates import index, near
from secarch.errors import InvalidInput, Mismatch
from secarch.records import Outcome

Pages = Callable[[int], list[dict[str, Any]]]
FOOTER = "\n\nThis manual is kept by the documentation team of the site.\n"


def content(outcome: Outcome) -> dict[str, bytes]:
    """The bytes that decide the digest."""
    manifest = json.loads((Path(str(outcome.artifact)) / "manifest.json").read_text())
    names = [entry["path"] for entry in manifest["files"] if entry["content"]]
    return {name: (Path(str(outcome.artifact)) / name).read_bytes() for name in names}


def two_harvests(pages: Pages) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Pages, and others of which some repeat the first; a footer that only both together make
    boilerplate.
    """
    rows = [
        {**row, "text": row["text"] + (FOOTER if n % 4 else "")} for n, row in enumerate(pages(24))
    ]
    old, new = rows[:9], rows[9:]
    new.append({**old[0], "url": "https://docs.example.com/copy"})
    new.append(
        {
            **old[1],
            "url": "https://docs.example.com/near",
            "text": old[1]["text"].replace("agreed", "settled"),
        }
    )
    return old, new


@pytest.mark.parametrize("footer", [True, False])
def test_a_then_b_is_a_and_b(
    pages: Pages, jsonl: Callable[..., Path], run: Callable[..., Outcome], footer: bool
) -> None:
    """The data set has the name, the digest and the bytes that both harvests together give."""
    old, new = two_harvests(pages)
    if not footer:
        old, new = (
            [{**row, "text": row["text"].replace(FOOTER, "")} for row in part]
            for part in (old, new)
        )
    a, b = jsonl([*old, "{torn"], "a.jsonl"), jsonl(new, "b.jsonl")
    first = run(a, workspace="one")
    both = run(b, onto=Path(str(first.artifact)), workspace="one")
    whole = run(a, b, workspace="two")
    assert whole.counts["boilerplate_lines"] == footer
    assert first.counts["boilerplate_lines"] == 0
    assert both.counts == whole.counts
    assert (both.digest, Path(str(both.artifact)).name) == (
        whole.digest,
        Path(str(whole.artifact)).name,
    )
    assert content(both) == content(whole)


def test_only_what_is_new_is_worked_on(
    pages: Pages,
    jsonl: Callable[..., Path],
    run: Callable[..., Outcome],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Known documents are neither measured nor cut nor compared again, and their shards are
    linked.
    """
    rows = pages(30)
    first = run(jsonl(rows[:25], "a.jsonl"))
    done: list[str] = []
    measure, cut = prepare.prepare, prepare.cut
    monkeypatch.setattr(prepare, "prepare", lambda *args: done.append("measured") or measure(*args))
    monkeypatch.setattr(prepare, "cut", lambda *args: done.append("cut") or cut(*args))
    both = run(jsonl(rows[25:], "b.jsonl"), onto=Path(str(first.artifact)))
    assert sorted(done) == ["cut"] * 5 + ["measured"] * 5
    assert both.counts["documents_read"] == 30
    for path in Path(str(first.artifact), "index", "000").iterdir():
        assert (
            path.samefile(Path(str(both.artifact), "index", "000", path.name))
            or path.name == "read.json"
        )


def test_three_additions_are_one(
    pages: Pages, jsonl: Callable[..., Path], run: Callable[..., Outcome]
) -> None:
    """A data set that was added to can be added to."""
    rows = pages(24)
    paths = [jsonl(rows[at : at + 8], f"{at}.jsonl") for at in (0, 8, 16)]
    made = run(paths[0])
    for path in paths[1:]:
        made = run(path, onto=Path(str(made.artifact)))
    assert made.digest == run(*paths, workspace="whole").digest


def test_another_scheme_is_refused(
    pages: Pages, jsonl: Callable[..., Path], run: Callable[..., Outcome]
) -> None:
    """An index of another version, or none, is named with the way out; nothing is built."""
    first = Path(str(run(jsonl(pages(12), "a.jsonl")).artifact))
    more = jsonl(pages(14)[12:], "b.jsonl")
    scheme = first / "index" / "000" / index.SCHEME_FILE
    scheme.write_text(json.dumps({**index.SCHEME, "version": 0}))
    with pytest.raises(InvalidInput, match="another scheme") as error:
        run(more, onto=first)
    assert "version 0" in str(error.value.why)
    scheme.unlink()
    with pytest.raises(InvalidInput, match="no index"):
        run(more, onto=first)


def test_other_settings_are_refused(
    pages: Pages, jsonl: Callable[..., Path], run: Callable[..., Outcome]
) -> None:
    """What was built with another threshold is not added to, and the setting is named."""
    first = Path(str(run(jsonl(pages(12), "a.jsonl")).artifact))
    with pytest.raises(Mismatch, match="other settings") as error:
        run(jsonl(pages(14)[12:], "b.jsonl"), onto=first, threshold=0.9)
    assert "threshold" in str(error.value.why)


def test_boilerplate_is_listed_and_left_out(
    pages: Pages,
    jsonl: Callable[..., Path],
    run: Callable[..., Outcome],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A footer of the site is printed before it goes, is in no answer, and offsets stay true; code
    keeps its lines.
    """
    code = (
        "\n\n```\nSame line of code in every page.\n```\n\nAnd what the code of page {} "
        "does is a part of the answer.\n"
    )
    rows = [
        {**row, "text": row["text"] + code.format(n) + FOOTER} for n, row in enumerate(pages(14))
    ]
    outcome = run(jsonl(rows))
    shown = capsys.readouterr().err
    assert shown.index("1 lines that their site repeats") < shown.index("the rules keep")
    found = outcome.result["boilerplate"]
    assert found == [
        {"site": "docs.example.com", "line": FOOTER.strip(), "documents": 14, "share": 1.0}
    ]
    texts = {row["url"]: row["text"] for row in rows}
    data = b"".join(content(outcome)[f"{split}.jsonl"] for split in ("train", "validation", "test"))
    made = [json.loads(line) for line in data.splitlines()]
    assert not any("documentation team" in row["messages"][2]["content"] for row in made)
    assert any("Same line of code" in row["messages"][2]["content"] for row in made)
    for row in made:
        spans = [texts[row["url"]][s["start"] : s["end"]] for s in row["sources"]]
        assert set(" ".join(spans).split()) == set(row["messages"][2]["content"].split())
    assert run(jsonl(rows), boilerplate=0).counts["boilerplate_lines"] == 0


class Texts(near.Held):
    """Texts in memory."""


@st.composite
def changed_texts(draw: st.DrawFn) -> list[str]:
    """Texts of a few originals, each changed in a few places or cut short."""
    out = []
    for family in range(draw(st.integers(1, 3))):
        for _ in range(draw(st.integers(1, 5))):
            words = [f"f{family}w{n}" for n in range(60)]
            for at in draw(st.lists(st.integers(0, 59), max_size=6)):
                words[at] = f"z{draw(st.integers(0, 2))}"
            out.append(" ".join(words[: draw(st.sampled_from([60, 60, 55, 40]))]))
    return out


@settings(max_examples=25, deadline=None)
@given(changed_texts(), st.integers(0, 15), st.randoms(use_true_random=False))
def test_an_index_changes_no_decision(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], first: int, chance: random.Random
) -> None:
    """Compared in two runs in any order, texts have the removals and related pairs of one run."""
    folder = tmp_path_factory.mktemp("index")
    ranks = [near.rank(document({"id": "x", "text": t}), 10, len(t.split())) for t in texts]
    given_ = {"threshold": 0.8, "containment": 0.98, "shingle": 2}
    part = chance.sample(range(len(texts)), min(first, len(texts)))
    near.find(
        Texts([texts[i] for i in part], 2),
        [ranks[i] for i in part],
        seen=index.Index([], folder / "0"),
        **given_,
    )  # type: ignore[arg-type]
    then = near.find(
        Texts(texts, 2), ranks, seen=index.Index([folder / "0"], folder / "1"), **given_
    )  # type: ignore[arg-type]
    once = near.find(Texts(texts, 2), ranks, **given_)  # type: ignore[arg-type]
    assert then.removals == once.removals
    assert then.related == once.related
