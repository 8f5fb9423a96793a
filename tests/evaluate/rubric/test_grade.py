"""Key points are met by statements and by nothing else."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from secarch.evaluate.rubric.grade import CRITICAL_CAP, grade, raises
from secarch.suite import schema
from secarch.suite.schema import KeyPoint, MustNot, Question


def question(
    *any_of: str, must_not: str = "never matches this", severity: str = "critical", **more: object
) -> Question:
    """One question with one key point."""
    return Question(
        id="q-1",
        version=1,
        category="aws",
        kind="open",
        difficulty=1,
        question="How?",
        reference="So.",
        key_points=(KeyPoint(id="k1", text="point", weight=2, any_of=any_of, **more),),
        must_not=(MustNot(id="m1", text="bad", severity=severity, pattern=must_not),),
    )


BLOCK = question(
    r"block public access\b.{0,60}\baccount",
    r"account[- ](level|wide)\b.{0,60}\bblock public access",
)


@pytest.mark.parametrize(
    ("answer", "met"),
    [
        ("Turn on S3 Block Public Access for the whole account.", True),
        ("Enable **account\u2011wide** `Block Public Access` today.", True),
        ("Steps:\n\n1. Turn on Block Public Access\n   for the account", True),
        ("In every account:\n- you enable Block Public Access in the account", True),
        ("| Control | Scope |\n|---|---|\n| Turn on Block Public Access | account |", True),
        ("```hcl\n# block public access on the account\n```", True),
        ("You do not need Block Public Access on the account.", False),
        ("There is no reason to turn Block Public Access on per account.", False),
        ("Don't turn on Block Public Access for the account.", False),
        ("Do not, in any case, set Block Public Access on the account.", False),
        ("Never, ever use Block Public Access on the account.", False),
        ("Avoid using the Block Public Access of the account.", False),
        ("Use ACLs instead of Block Public Access on the account.", False),
        ("If you do not, then set Block Public Access on the account.", True),
        ("It is not only Block Public Access on the account that matters.", True),
        ("Do not wait. Turn on Block Public Access in the account.", True),
        ("Never do this:\n- turn on Block Public Access for the account", False),
        ("Block Public Access, account", False),
        ("block public access account level encryption mfa logging kms", False),
        ("S3, IAM, KMS, MFA, SCP, VPC, WAF, block public access, account, CMK, EBS, EC2", False),
        ("Block Public Access. It is set per account.", False),
        ("## Fix before deployment\n\n- Set Block Public Access on the account.", True),
        ("What is wrong:\n- Turn on Block Public Access for the account.", True),
        ("Avoid:\n- Block Public Access being off in any account.", False),
        ("", False),
        ("   \n\t\n", False),
    ],
)
def test_a_point_is_met_by_an_assertion(answer: str, met: bool) -> None:
    """Paraphrase, order and markup do not matter; negation, bare keywords and separate sentences
    do.
    """
    assert grade(BLOCK, answer).points[0].met is met


VAULT = question("purge protection", "key vault per application", "aws:viaawsservice")


@pytest.mark.parametrize(
    ("answer", "met"),
    [
        ("Switch on purge protection.", True),
        ("- Switch on purge protection", True),
        ("Build with purge protection", True),
        ("Build purge protection again", False),
        ("Build and purge protection", False),
        ("- **Purge:** Switch on purge protection", True),
        ("- Spare AWS services that act for you with `aws:ViaAWSService`.", True),
        ("- **Structure:** One key vault per application per environment.", True),
        ("**Structure:** One key vault per application per environment.", True),
        ("| Structure | One key vault per application and environment |", True),
        ("A key vault per application in each Region.", True),
        ("Not one vault but a key vault per application.", True),
        ("A key vault per application in each Region", False),
        ("Vaults per application, no purge protection switch.", False),
        ("The purge protection and the rotation and the log.", False),
        ("First:\n- Key vault per application", True),
        ("## Before anything else\n\n- One more key vault per application", True),
        ("- Key vault per application", False),
        ("- aws:ViaAWSService and more of that", False),
        ("First:\n- aws:ViaAWSService and more of that", True),
        ("First of all:\n- aws:ViaAWSService condition of", False),
        ("First of all:\n- aws:ViaAWSService condition and others", False),
        ("- Purge protection", False),
        ("- **Vault:** purge protection", False),
        ("- Soft delete, purge protection", False),
        ("- **Vault:** purge protection, soft delete, key rotation, audit log", False),
        ("- **Vault:** purge protection and soft delete and key rotation", False),
        ("Purge protection soft delete", False),
        ("Soft delete and purge protection and key rotation and audit log and network rule", False),
    ],
)
def test_terse_advice_is_an_assertion_and_a_list_of_terms_is_none(answer: str, met: bool) -> None:
    """Short commands and labelled noun phrases are how models answer; terms with joining words are
    not.
    """
    assert grade(VAULT, answer).points[0].met is met


@pytest.mark.parametrize(
    ("answer", "met"),
    [
        ("No exemption. The bucket stays as it is.", True),
        ("No such exemption!", True),
        ("Not an exemption, no exemption.", True),
        ("No exemption", False),
        ("Exemption.", False),
    ],
)
def test_a_refusal_needs_no_verb(answer: str, met: bool) -> None:
    """How people decide; it has to be a sentence, since terms are not."""
    assert grade(question("no (?:such )?exemption"), answer).points[0].met is met


@pytest.mark.parametrize(
    ("answer", "met"),
    [
        ("Security is mandatory. Availability fits what we promise to customers.", True),
        ("Availability fits what we promise to customers. Security is mandatory.", True),
        ("Security mandatory. Availability fits what we promise to customers.", False),
        ("Security is mandatory.\n\nAvailability fits what we promise to customers.", False),
        ("Security is mandatory. Availability is good.", False),
        ("- Security is mandatory.\n- Availability fits what we promise to customers.", False),
    ],
)
def test_a_short_clause_counts_beside_a_sentence(answer: str, met: bool) -> None:
    """Three words with a verb say nothing alone, and complete what stands next to them."""
    both = r"security\b.{0,80}availability|availability\b.{0,80}security"
    assert grade(question(both), answer).points[0].met is met


@pytest.mark.parametrize(
    ("title", "met"), [("Never again", True), ("**Never again**", True), ("Never", False)]
)
def test_never_again_announces_what_prevents(title: str, met: bool) -> None:
    """Unlike "Never"."""
    answer = f"{title}\n- Pin every definition by its hash and block a change.\n"
    assert grade(question("pin every definition"), answer).points[0].met is met


@pytest.mark.parametrize(("answer", "met"), [("Not approved.", True), ("Approved not", False)])
def test_a_verdict_of_two_words_refuses(answer: str, met: bool) -> None:
    """As reviews end: "Decision: not approved."."""
    assert grade(question("not approved|approved not"), answer).points[0].met is met


TERMS = (
    "purge protection, key rotation, audit log, soft delete, private endpoint, access "
    "review, break glass"
).split(", ")


@pytest.mark.parametrize("joiner", [", ", " and ", " or ", " with ", " for ", " / ", " + ", "; "])
@pytest.mark.parametrize("size", [3, 7, 14])
def test_terms_in_a_frame_say_nothing(joiner: str, size: int) -> None:
    """Putting key words into sentences that repeat two small words is stuffing, whatever joins
    them.
    """
    terms = TERMS * 6
    said = " ".join(
        f"We use {joiner.join(terms[n : n + size])}." for n in range(0, len(terms), size)
    )
    assert not grade(VAULT, said).points[0].met


def test_terms_behind_real_advice_add_nothing() -> None:
    """A long enumeration meets no point even where the rest of the answer is prose."""
    prose = (
        "You should look at who holds the keys first, since that is where the risk of this design "
        "lies. " * 3
    )
    assert not grade(VAULT, f"{prose}Consider {', '.join(TERMS * 2)}.").points[0].met
    assert (
        grade(VAULT, f"{prose}Turn on purge protection, soft delete, and the audit log.")
        .points[0]
        .met
    )


def test_a_prohibition_is_met_by_its_own_negator() -> None:
    """A negator inside the match is the point and does not cancel it."""
    never = question(r"(do not|never)\b.{0,30}\b(long-lived) keys?")
    assert grade(never, "Please never create any long-lived keys.").points[0].met
    assert not grade(never, "You should always create long-lived keys.").points[0].met


def test_a_match_inside_a_negated_one_is_found() -> None:
    """A negated match does not hide a good one that begins within it."""
    role = question(r"\brole\b.{0,80}\btemporary\b")
    assert (
        grade(role, "Without a role it fails, so take a role that gives temporary credentials.")
        .points[0]
        .met
    )


def test_all_of_holds_within_one_statement() -> None:
    """Two short neighbours are read as the long sentence that they might be; nothing else is."""
    both = question("encrypt", all_of=(r"customer managed key",))
    assert grade(both, "You encrypt it with a customer managed key.").points[0].met
    assert grade(both, "You should encrypt it all. A customer managed key is used.").points[0].met
    apart = "You should encrypt it all.\n\nA customer managed key is used."
    assert not grade(both, apart).points[0].met
    long = "You should encrypt it " + "and look after it " * 10 + "well. "
    assert not grade(both, f"{long}A customer managed key is used.").points[0].met


def test_the_evidence_quotes_the_match_and_a_miss_says_why() -> None:
    """Every point lost can be looked up in the answer."""
    met = grade(BLOCK, "First things first: turn on Block Public Access in the account.").points[0]
    assert "block public access in the account" in met.evidence
    negated = grade(BLOCK, "You do not need Block Public Access on the account.").points[0]
    assert (negated.met, negated.reason) == (False, "denied")
    assert "block public access" in negated.evidence
    assert grade(BLOCK, "Something else entirely is said here.").points[0].reason == "absent"


PUBLIC = question("zzz", must_not=r"(make|set|leave)\b.{0,40}\bbucket\b.{0,30}\bpublic")


@pytest.mark.parametrize(
    ("answer", "triggered"),
    [
        ("You can make the bucket public for the partners.", True),
        ("- Set the bucket to public read", True),
        ("Never make the bucket public.", False),
        ("Do not log the object or make the bucket public.", False),
        ("Make sure that the bucket is not public.", False),
        ("To make the bucket public is a mistake.", False),
        ("To leave the bucket public would be dangerous.", False),
        ("Things to avoid:\n\n- make the bucket public", False),
        ("Do not worry. Make the bucket public.", True),
        ("Refuse to make the bucket public.", False),
        ("Stop asking to make the bucket public.", False),
        ("Stop the job and make the bucket public.", True),
    ],
)
def test_a_must_not_is_triggered_by_advice_and_not_by_a_warning(
    answer: str, triggered: bool
) -> None:
    """Penalties need more care than points: an answer that warns is not punished."""
    assert bool(grade(PUBLIC, answer).violations) is triggered


def test_what_stops_something_is_no_denial() -> None:
    """Only "stops making" and the like deny what follows; "stops this at the door" asserts what it
    says.
    """
    bad = question("zzz", must_not=r"antivirus.{0,80}(stops|refuses) this")
    for verb in ("stops", "refuses"):
        assert grade(
            bad, f"Put an antivirus engine before conversion, which {verb} this at the door."
        ).violations


@pytest.fixture
def aws(suite_file: Path) -> Question:
    return schema.load([str(suite_file)]).find("aws-0001")


GOOD = (
    "Turn on Block Public Access for every account. Deny the removal of it. Encrypt it "
    "all with a customer managed key."
)


def test_weights_add_up(aws: Question) -> None:
    """The score is the share of the weights met."""
    assert grade(aws, GOOD).score == 1.0
    assert grade(aws, "Turn on Block Public Access for every account.").score == pytest.approx(
        3 / 6
    )


def test_a_missed_critical_point_caps_the_score() -> None:
    """However much else is right."""
    many = question("alpha beta", critical=True).replace(
        key_points=[
            {"id": "k1", "text": "x", "weight": 1, "critical": True, "any_of": ["alpha beta"]},
            {"id": "k2", "text": "y", "weight": 3, "any_of": ["gamma delta"]},
        ]
    )
    result = grade(many, "This is about the gamma delta.")
    assert (result.raw, result.score) == (0.75, CRITICAL_CAP)


@pytest.mark.parametrize(("others", "score"), [(1, 0.25), (2, 4 / 9), (3, 0.5)])
def test_few_points_without_the_critical_one_count_squared(others: int, score: float) -> None:
    """So that words around a wrong decision earn little."""
    points = [
        {"id": "k1", "text": "x", "weight": 1, "critical": True, "any_of": ["alpha beta"]},
        {"id": "k2", "text": "y", "weight": others, "any_of": ["gamma delta"]},
    ]
    asked = question("alpha beta", critical=True).replace(key_points=points)
    assert grade(asked, "This is about the gamma delta.").score == pytest.approx(score)
    assert grade(asked, "Use the alpha beta first.").score == pytest.approx(1 / (1 + others))


def test_penalties_by_severity(aws: Question) -> None:
    """Critical means 0, major costs 3 points, minor 1; the score never leaves 0..1."""
    assert grade(aws, f"{GOOD} Then make the bucket public for partners.").score == 0.0
    assert grade(aws, f"{GOOD} You may rely on an unguessable name too.").score == pytest.approx(
        3 / 6
    )
    assert grade(aws, f"{GOOD} Always use the root user for that.").score == pytest.approx(5 / 6)
    assert grade(aws, "Always use the root user for this thing.").score == 0.0


def test_code_of_the_question_is_no_answer() -> None:
    """Repeating the file under review earns nothing and costs nothing."""
    review = BLOCK.replace(
        files={"a.tf": "block public access on the account"},
        must_not=[{"id": "m1", "text": "x", "severity": "critical", "pattern": "public access"}],
    )
    result = grade(review, "```\nblock public access on the account\n```")
    assert (result.score, result.violations) == (0.0, ())


def test_a_multiple_choice_has_no_rubric(suite_file: Path) -> None:
    """Asking for one is a mistake of the caller."""
    with pytest.raises(ValueError, match="no key points"):
        grade(schema.load([str(suite_file)]).find("iam-0002"), "B")


def test_a_costly_pattern_on_a_long_answer_ends() -> None:
    """Windows are bounded, so a polynomial pattern cannot hang the evaluation."""
    slow = question(r"\b(lorem|ipsum)\b.{0,160}\b(is|ipsum)\b.{0,160}zzz")
    started = time.process_time()
    grade(slow, "lorem ipsum is " * 3000)
    assert time.process_time() - started < 30


def test_a_must_not_may_name_a_detector(suite_file: Path) -> None:
    """What a parser sees in code counts as the author's must-not."""
    question = schema.load([str(suite_file)]).find("aws-0001")
    item = schema.MustNot(id="m9", text="Public", severity="critical", detector="public_storage")
    question = question.replace(must_not=[item])
    good = "Turn on block public access for the account."
    assert not grade(question, good).violations
    (violation,) = grade(
        question, good + '\n```hcl\nresource "x" "y" {\n  acl = "public-read"\n}\n```'
    ).violations
    assert (violation.id, violation.severity) == ("m9", "critical")


def test_an_answer_raises_what_it_warns_of_and_what_a_detector_finds(aws: Question) -> None:
    """However it means the words; what it does not speak of it does not raise."""
    item = schema.MustNot(id="m9", text="Public", severity="critical", detector="public_storage")
    asked = aws.replace(must_not=(*aws.must_not, item))
    warning = "Never make the bucket public."
    code = '```hcl\nresource "x" "y" {\n  acl = "public-read"\n}\n```'
    assert not grade(asked, warning).violations

    def raised(answer: str) -> list[str]:
        return [one.id for one in asked.must_not if raises(answer, one)]

    assert raised(warning) == ["m1"]
    assert raised(f"{warning}\n\n{code}") == ["m1", "m9"]
    assert raised("Turn on block public access for the account.") == []


@pytest.mark.parametrize(
    ("answer", "met", "cue"),
    [
        ("Turn on Block Public Access for the account.", True, ""),
        ("Do not skip Block Public Access for the account.", True, "skip"),
        ("We are exposed if Block Public Access on the account is off.", True, "if"),
        ("Don't turn on Block Public Access for the account.", False, "don't"),
        ("Turn on Block Public Access for the account, or maybe not.", False, "or maybe not"),
        ("Rotate the keys.", False, ""),
    ],
)
def test_a_finding_names_the_cue_beside_its_words(answer: str, *, met: bool, cue: str) -> None:
    """Whether it took the point away or left it met."""
    (found,) = grade(BLOCK, answer).points
    assert (found.met, found.cue) == (met, cue)


def test_coverage_is_the_share_of_the_weights_met_whatever_else_is_said() -> None:
    """A must-not lowers the score and leaves the coverage."""
    two = question("block public access", must_not="make it public").model_copy(
        update={
            "key_points": (
                KeyPoint(id="k1", text="a", weight=3, any_of=("block public access",)),
                KeyPoint(id="k2", text="b", weight=1, any_of=("enable logging",)),
            )
        }
    )
    graded = grade(two, "Turn on Block Public Access for the account. Then make it public again.")
    assert graded.coverage == 0.75
    assert graded.score < 0.75


ROTATE = question("rotate.{0,400}keys of the payment service")


@pytest.mark.parametrize(
    ("answer", "met"),
    [
        ("You should rotate them now. I mean the keys of the payment service here.", True),
        ("You should rotate them now.\n\nI mean the keys of the payment service here.", False),
        ("- I mean the keys of the payment service here.\n\nYou should rotate them now.", False),
        ("- You should rotate them now.\n- I mean the keys of the payment service here.", False),
        # 22 words and 22 are read together, 22 and 23 are not.
        (
            f"You rotate them now{' so' * 18}. I mean the keys of the payment service{' so' * 14}.",
            True,
        ),
        (
            f"You rotate them now{' so' * 18}. I mean the keys of the payment service{' so' * 15}.",
            False,
        ),
    ],
)
def test_two_sentences_of_one_paragraph_are_read_as_one(answer: str, *, met: bool) -> None:
    """Up to 44 words together, and never across a list or a paragraph."""
    assert grade(ROTATE, answer).points[0].met is met


def test_a_question_of_one_message_has_no_scores_by_message() -> None:
    """Only several messages have."""
    assert grade(BLOCK, "Yes.").turns == ()


@pytest.mark.parametrize(
    ("answer", "fires"),
    [
        ("Keep the jump host.", True),
        ("Keep the jump host, which is patched at once.", True),
        ("Keep the jump host but limit it to the office.", False),
        ("Keep the jump host as a fallback.", False),
        ("Keep the jump host, then remove it.", False),
        ("Once sessions work, keep the jump host.", False),
        ("Once I had read it, the fact is that we keep the jump host.", True),
    ],
)
def test_a_choice_that_is_part_of_another_is_no_mistake(answer: str, fires: bool) -> None:
    """What `keeps` and its like name is a mistake alone or for good."""
    mistake = MustNot(id="m1", text="Keeps it", severity="major", keeps="jump host")
    asked = question("never said").model_copy(update={"must_not": (mistake,)})
    assert bool(grade(asked, answer).violations) is fires


@pytest.mark.parametrize(
    ("answer", "fires"),
    [
        ("Open the port.", True),
        ("In most cases open the port.", True),
        ("We are confident that open the port is right.", True),
        ("If time is short, open the port.", True),
        ("The scan lists what would open the port.", False),
        ("It is a mistake to think that open the port is right.", False),
    ],
)
def test_a_mistake_that_begins_a_clause_may_have_a_preamble(answer: str, fires: bool) -> None:
    """A pattern that asks for the beginning of a line finds that of a clause."""
    mistake = MustNot(id="m1", text="Opens it", severity="major", pattern="^open the port")
    asked = question("never said").model_copy(update={"must_not": (mistake,)})
    assert bool(grade(asked, answer).violations) is fires


def test_a_lead_that_only_stands_above_makes_no_item_right() -> None:
    """Only one that introduces the item with a colon does."""
    mistake = MustNot(
        id="m1", text="Keeps it", severity="major", pattern="keep the port", unless="temporar"
    )
    asked = question("never said").model_copy(update={"must_not": (mistake,)})
    assert grade(asked, "It was a temporary need.\n\n- Keep the port.").violations
    assert not grade(asked, "As a temporary measure:\n\n- Keep the port.").violations
