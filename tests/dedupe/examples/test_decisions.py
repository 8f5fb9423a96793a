"""Reviewers' decisions, folded into the next build."""

from __future__ import annotations

from secarch.dedupe.examples.decisions import KIND, Decisions, content_sha256, fold
from secarch.records import Example
from secarch.report import labels
from secarch.report.labels import Label


def example(n: int) -> Example:
    return Example(
        id=f"example-{n}",
        document_id="d",
        url="https://x.test",
        title="T",
        licence="MIT",
        category="iam",
        kind="howto",
        instruction=f"How do I rotate key {n}?",
        answer=f"Rotate key {n} so.",
        start=0,
        end=10,
    )


def label(
    on: Example, decision: str, reviewer: str = "Ada", at: str = "2026-01-01", **texts: str
) -> Label:
    value = dict(texts) if decision == "edit" else int(decision == "accept")
    sha = content_sha256(on.instruction, on.answer)
    return Label(
        artifact="a",
        item_id=on.id,
        item_sha256=sha,
        kind=KIND,
        decision=decision,
        value=value,
        reviewer=reviewer,
        at=at,
    )


def decided(*given: Label) -> Decisions:
    return Decisions(labels.by_content(labels.latest(given)), "digest")


def test_rejected_goes_edited_changes_accepted_stays() -> None:
    """Each decision does what it says, and everything else is left alone."""
    items = [example(n) for n in range(4)]
    out = fold(
        items,
        decided(
            label(items[0], "accept"),
            label(items[1], "reject"),
            label(items[2], "edit", answer="Better."),
        ),
    )
    assert [(e.id, e.answer) for e in out.examples] == [
        ("example-0", "Rotate key 0 so."),
        ("example-2", "Better."),
        ("example-3", "Rotate key 3 so."),
    ]
    assert [e.id for e in out.rejected] == ["example-1"]
    assert [(row["id"], row["decision"], row["edited"]) for row in out.rows] == [
        ("example-0", "accept", False),
        ("example-1", "reject", False),
        ("example-2", "edit", True),
    ]
    assert out.stale == 0


def test_a_decision_on_another_content_is_stale() -> None:
    """What was decided about other words changes nothing and is counted."""
    now, before = example(0), example(0)
    object.__setattr__(before, "answer", "What it said then.")
    out = fold([now], decided(label(before, "reject")))
    assert out.examples == [now]
    assert (out.rows, out.stale) == ([], 1)


def test_an_edited_example_can_be_reviewed_again() -> None:
    """Decisions on the edited words follow the edit; a circle of edits ends."""
    first = example(0)
    edited = fold([first], decided(label(first, "edit", answer="Second."))).examples[0]
    both = decided(label(first, "edit", answer="Second."), label(edited, "reject", "Bob"))
    assert fold([first], both).rejected == [edited] or fold([first], both).examples == []
    circle = decided(
        label(first, "edit", answer="Second."), label(edited, "edit", answer=first.answer)
    )
    assert fold([first], circle).examples == [first]


def test_the_stricter_side_wins_a_tie() -> None:
    """One against one is a rejection; the latest of several edits counts."""
    item = example(0)
    assert fold([item], decided(label(item, "accept"), label(item, "reject", "Bob"))).examples == []
    two = decided(
        label(item, "edit", at="1", answer="One."),
        label(item, "edit", "Bob", at="2", answer="Two."),
    )
    assert fold([item], two).examples[0].answer == "Two."
    outvoted = decided(
        label(item, "accept"), label(item, "accept", "Bob"), label(item, "reject", "Cy")
    )
    assert fold([item], outvoted).examples == [item]
