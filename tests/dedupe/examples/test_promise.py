"""The bar for page rows of a large dataset: the answer does in full what its family promises."""

from __future__ import annotations

import pytest

from secarch.dedupe.examples import promise

FILL = "The tenant's roles are kept in one place, and each owner looks at them in every quarter. "
CODE = "\n\n```bash\naz role assignment list --all\n```\n"
ATTACK = "An attacker who has stolen a token is malicious. "
KINDS = ("choose", "explain", "fix", "howto", "question", "reference", "requirement", "sequence")


def kept(kind: str, answer: str, question: str = "How do we do it?") -> bool:
    """Whether a pair stays."""
    return promise.kept(kind, question, answer)


def choice(*ends: str) -> str:
    """A choice whose options end so."""
    lines = "\n".join(
        f"- **Way {n}**: {FILL * 4}{end}" for n, end in enumerate(ends) if end is not None
    )
    return f"Decide by the boundary.\n\n{lines}"


def test_a_choice_has_a_condition_for_each_option() -> None:
    """One condition decides nothing, and an option without one is only described."""
    assert kept(
        "choose", choice("Choose it if teams differ.", "It fits best when one team has all.")
    )
    assert not kept("choose", choice("Choose it if teams differ."))
    assert not kept("choose", choice("Use it for one team.", "Use it if small.", "It is blue."))
    assert not kept("choose", choice("It is red if it rains.", "It is blue when it snows."))


def threat(defences: int, end: str = "Watch the audit logs.") -> str:
    """A threat with so many defences."""
    items = "\n".join(f"- Defence {n}: {FILL}" for n in range(defences))
    return f"{ATTACK}{FILL * 4}\n\n{items}\n\n{end}"


def test_a_threat_has_a_way_in_defences_and_a_way_to_notice_it() -> None:
    """And is about the cloud."""
    assert kept("threat", threat(promise.LEAST_DEFENCES))
    assert not kept("threat", threat(promise.LEAST_DEFENCES - 1))
    assert not kept("threat", threat(promise.LEAST_DEFENCES, "The end."))
    assert not kept("threat", threat(9).replace(ATTACK, "A person comes. "))
    assert not kept("threat", f"{threat(9)} Adversaries may also come by night.")
    bare = threat(9).replace("tenant's", "house's").replace("token", "door")
    assert not kept("threat", bare)


def test_a_procedure_has_commands_and_a_check_and_no_clicks() -> None:
    """One command is a look-up."""
    whole = f"{FILL * 8}{CODE}{FILL}{CODE}{CODE}"
    end = "\nVerify that the list is short. To undo it, delete the role."
    assert kept("howto", f"{whole}{end}")
    assert not kept("howto", f"{whole}\nTo undo it, delete the role.")
    assert not kept("howto", f"{whole}\nVerify that the list is short.")
    assert not kept("howto", f"{FILL * 9}{CODE}{CODE}{end}")
    assert not kept("howto", f"{whole}{end} Click the list.")


def test_a_sequence_has_steps_and_a_check() -> None:
    """Three steps are no order of work."""
    steps = [f"{n}. {FILL * 2}" for n in range(1, promise.LEAST_STEPS + 1)]
    end = "\n\nVerify that it holds. " + FILL * 2
    assert kept("sequence", "\n".join(steps) + end)
    assert not kept("sequence", "\n".join(steps[:-1]) + end + FILL * 4)
    assert not kept("sequence", "\n".join(steps) + FILL * 3)
    assert not kept("sequence", "\n".join(steps) + end + "Click it.")


def test_an_explanation_gives_reasons_and_what_happens_else() -> None:
    """How a product works is another thing."""
    few = "It stays, because it is needed. Without it all fail. Otherwise nobody sees it. "
    reasons = f"{few}A filter cannot do it. Use this rather than a list. "
    assert kept("explain", FILL * 7 + reasons + ATTACK)
    assert not kept("explain", FILL * 7 + few + "A filter cannot do it. " + ATTACK)
    assert not kept("explain", FILL * 7 + reasons)
    assert not kept("explain", FILL * 7 + reasons + ATTACK + "\n\n- Is it so?\n- Is it old?")
    assert not kept("explain", FILL * 8 + ATTACK)
    assert not kept("explain", FILL * 7 + reasons + ATTACK, "Why would we want the service?")
    assert kept("question", FILL * 7 + reasons)
    assert not kept("question", FILL * 9)
    assert not kept("question", FILL * 7 + reasons, "What is a role?")
    assert not kept("question", FILL * 7 + reasons + "Click it.")


def test_facts_are_a_table_or_a_list() -> None:
    """Five of them at least."""
    rows = ["| a | b |", "|---|---|"] + [f"| fact {n} | {FILL} |" for n in range(5)]
    assert kept("reference", "\n".join(rows) + "\n\n" + FILL * 4)
    assert not kept("reference", "\n".join(rows[:-1]) + "\n\n" + FILL * 6)
    items = "\n".join(f"- fact {n}. {FILL}" for n in range(5))
    assert kept("reference", items + "\n\n" + FILL * 4)
    assert not kept("reference", FILL * 12)


def test_requirements_are_a_standards_own_in_the_current_edition() -> None:
    """Numbered, three at least, with a test each, and without the marks of the former edition."""
    items = [f"- **8.1.{n}** {FILL * 2}(level 1) It is met if it fails." for n in range(1, 4)]
    assert kept("requirement", "\n".join(items))
    assert not kept("requirement", "\n".join(items).replace("met if it fails", "a wish"))
    assert not kept("requirement", "\n".join(items[:-1]) + FILL * 3)
    assert not kept("requirement", "\n".join(items).replace("level 1", "L1, L2, CWE-285"))
    assert not kept("requirement", "\n".join(items).replace("**8.1.", "**V"))


def test_a_mapping_has_a_remedy_in_code_and_a_refusal_a_way() -> None:
    """Generic advice is no remedy."""
    assert kept("map", f"{FILL}\n\n**If it fails.** Do this.{CODE}")
    assert not kept("map", f"{FILL}\n\n**If it fails.** Do this.")
    assert not kept("map", FILL + CODE)
    assert kept("refuse", "Do not." + CODE)
    assert not kept("refuse", "Do not.")


def test_a_fix_has_code_without_holes_and_a_reason() -> None:
    """`<example_resource_name>` has to be filled in by somebody who knows what belongs there."""
    assert kept("fix", FILL * 6 + ATTACK + CODE)
    assert not kept("fix", FILL * 6 + ATTACK)
    assert not kept("fix", FILL * 7 + CODE)
    assert not kept("fix", FILL * 6 + ATTACK + CODE.replace("--all", "--scope <resource>"))


@pytest.mark.parametrize(
    "word", ["Sign in to the console", "apiVersion: x/v1alpha1", "this tutorial"]
)
def test_products_and_what_is_outdated_are_left_out(word: str) -> None:
    """Whatever else the answer holds."""
    end = "\nVerify that the list is short. To undo it, delete the role."
    whole = f"{FILL * 8}{CODE}{FILL}{CODE}{CODE}{end}"
    assert kept("howto", whole)
    assert not kept("howto", f"{whole} {word}.")


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_short_cannot_do_it(kind: str) -> None:
    """A family without a bound of its own has none."""
    assert not kept(kind, f"{ATTACK}Verify it, because it is needed.{CODE}")
    assert kept("policy", "It may read.")


def test_a_check_as_its_vendor_documents_it_is_no_mapping() -> None:
    """It tells what is tested and judges no evidence."""
    pasted = "**What is tested.** x\n\n**Mapping**\n\n- y\n\n**If it fails.** Do this."
    assert not kept("map", f"{pasted} {FILL}{CODE}")
    assert not promise.in_form("map", f"{pasted}{CODE}")
