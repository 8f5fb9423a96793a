"""Examples are spans of their source, and nothing is lost."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secarch.dedupe.build.documents import document
from secarch.dedupe.config import DedupeConfig
from secarch.dedupe.examples import phrases, sections, topics
from secarch.dedupe.examples.builder import Builder, Built, answer_of
from secarch.text import markdown
from secarch.text.words import words

LOREM = (
    "The owner reads the log of each day and says what is odd, so that the team can act "
    "on it in time. "
)


def build(*texts: str, **changes: object) -> Built:
    """Cut texts into examples."""
    builder = Builder(DedupeConfig(**changes))  # type: ignore[arg-type]
    for n, body in enumerate(texts):
        builder.add(
            document({"url": f"https://docs.aws.amazon.com/kms/latest/p{n}.html", "text": body})
        )
    return builder.built


def doc(*parts: str) -> str:
    """A page from a title and parts."""
    return "# Key rotation\n\n" + "\n\n".join(parts) + "\n"


BLOCKS = st.sampled_from(
    [
        "## ",
        "# ?",
        "## [ ]",
        "### 1.2",
        "## -",
        "## How to",
        "## `x`",
        "## Create a key",
        "### Key policies",
        "# Other title",
        LOREM,
        LOREM * 8,
        "- one\n- two\n  more\n- three",
        "1. do\n2. undo",
        '```json\n{"a": 1}\n\n{"b": 2}\n```',
        "| a | b |\n|---|---|\n| 1 | 2 |",
        "> a note",
        "    indented code",
        "~~~\nopen fence",
        "***",
        'Text with a [link](https://x.test/(a)) and \\*escape\\* <br> <a name="x"></a>.',
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(BLOCKS, max_size=14))
def test_blocks_cover_the_text(parts: list[str]) -> None:
    """Blocks are in order, do not overlap, and leave out white space and thematic breaks only."""
    body = "\n\n".join(parts)
    at = 0
    for block in markdown.blocks(body):
        assert not body[at : block.start].strip("* \n")
        assert block.start < block.end
        at = block.end
    assert not body[at:].strip("* \n")


@settings(max_examples=150, deadline=None)
@given(st.lists(BLOCKS, min_size=1, max_size=14), st.integers(1, 60))
def test_every_block_is_in_exactly_one_chunk(parts: list[str], shortest: int) -> None:
    """All that is no heading is in one chunk, the last paragraph too; no code block is cut."""
    body = "\n\n".join(parts)
    found = markdown.blocks(body)
    cut = sections.chunks(body, found, shortest=shortest, longest=80)
    covered = [block for chunk in cut for block in chunk.blocks]
    assert covered == sorted(covered, key=lambda b: b.start)
    wanted = [b for b in found if b.kind not in ("heading", "front")]
    assert {b for b in wanted if b.kind == "code"} <= set(covered)
    for block in wanted:
        parts_of = [b for b in covered if block.start <= b.start and b.end <= block.end]
        assert parts_of
        joined = "".join(body[b.start : b.end] for b in parts_of)
        assert words(joined) == words(body[block.start : block.end])


@given(st.lists(BLOCKS, min_size=1, max_size=10))
@settings(max_examples=80, deadline=None)
def test_answers_are_spans_of_the_source(parts: list[str]) -> None:
    """Start and end give the answer back, and all words of the answer are in that span."""
    body = doc(*parts)
    for example in build(body, min_example_words=5).examples:
        assert example.answer == answer_of(body, example.start, example.end)
        assert set(words(example.answer)) <= set(words(body[example.start : example.end]))


def test_the_last_chunk_is_never_lost() -> None:
    """A short end joins the section before it; what stands there is learnt."""
    built = build(doc(LOREM * 5, "## End", "The very last word is zanzibar."))
    assert built.examples[-1].answer.endswith("The very last word is zanzibar.")
    assert built.left_out == []


def test_long_sections_part_at_paragraphs_with_code_whole() -> None:
    """No answer of a long section exceeds the limit by half; fences are balanced in each."""
    parts = [
        f"Zone {n}. " + LOREM * 4
        if n % 3
        else "```sh\n" + "aws kms list-keys --region x\n" * 30 + "```"
        for n in range(12)
    ]
    built = build(doc(*parts), max_example_words=150)
    assert len(built.examples) > 4
    for example in built.examples:
        assert example.answer.count("```") % 2 == 0
        assert len(words(example.answer)) <= 150 * 1.5 + 150


def test_a_text_without_paragraphs_is_cut_at_sentences() -> None:
    """One endless paragraph becomes several answers, none of which begins in a sentence."""
    built = build(
        doc("".join(LOREM.replace("The owner", f"The owner of zone {n}") for n in range(60))),
        max_example_words=100,
    )
    assert len(built.examples) > 8
    assert all(example.answer.startswith("The owner of zone") for example in built.examples)


@pytest.mark.parametrize(
    ("heading", "body", "kind"),
    [
        (
            "Create a key",
            (
                "These are the steps:\n\n1. Open the console of the account.\n2. Choose a name "
                "for the key.\n3. "
                "Save it and tell the team."
            ),
            "howto",
        ),
        ("Rotation best practices", f"- {LOREM}\n- {LOREM}\n- {LOREM}", "checklist"),
        (
            "Key types compared",
            "| type | use | cost |\n|---|---|---|\n"
            + "| symmetric | data at rest in a bucket | low |\n" * 8,
            "compare",
        ),
        (
            "Quotas of the service",
            "| name | value | per |\n|---|---|---|\n" + "| keys | one thousand | region |\n" * 8,
            "reference",
        ),
        ("Key injection", f"**Warning** {LOREM * 2}", "risk"),
        (
            "Deny all others",
            LOREM
            + "\n\n```json\n"
            + '{"Statement": [{"Effect": "Deny", "Action": "*"}]}\n' * 9
            + "```",
            "write explain",
        ),
        (
            "Data key",
            (
                "A data key is a key that encrypts data and not other keys, and it is handed out "
                "by the service to "
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                ""
                "those who may use it."
            ),
            "definition",
        ),
        ("Why keys are rotated", LOREM * 2, "clause"),
        ("What is a key?", LOREM * 2, "question"),
        ("Mitigations", LOREM * 2, "mitigate"),
        ("Prerequisites", LOREM * 2, "prerequisites"),
        ("AC-2 Account Management", LOREM * 2, "requirement"),
        ("Use cases", LOREM * 2, "why"),
        ("Typical mistakes", LOREM * 2, "mistakes"),
        ("Signing keys with care", LOREM * 2, "advice"),
        (
            "Key material",
            "You should keep it apart. Avoid copies. Prefer hardware. Consider who sees it. " * 4,
            "recommend",
        ),
        (
            "Key material",
            "Attackers want it. An adversary who has it reads all. It is exploited at once. " * 4,
            "risk",
        ),
        (
            "Key material",
            "It must be 32 bytes. It cannot be read again. It is required by the store. " * 4,
            "rules",
        ),
        (
            "Key material",
            "You can import it. The store lets you choose its origin. It supports two forms. " * 4,
            "capability",
        ),
        (
            "Key material",
            "When the key is used, it is decrypted. After this it is stored. It rotates "
            "automatically. " * 4,
            "mechanism",
        ),
        (
            "Key material",
            "It consists of two shares. The main parts are bytes. It comprises a check. " * 4,
            "parts",
        ),
        (
            "Key material",
            "A permission is granted on it. Who is authorized has access to it alone. " * 4,
            "permissions",
        ),
        ("Release 1.15", LOREM * 2, "changes"),
        ("kms:KeySpec", LOREM * 2, "field"),
        ("Key material", LOREM * 2 + "\n\n```sh\n" + "keys show --all me\n" * 5 + "```", "shown"),
    ],
)
def test_the_kind_follows_from_the_section(heading: str, body: str, kind: str) -> None:
    """What a section contains, and what its heading says, decides what is asked."""
    example = build(doc(f"## {heading}", body)).examples[0]
    assert example.kind in kind.split()


def test_many_wordings_and_no_template() -> None:
    """Over many pages of one kind no wording has more than a third, all differ, and none cites an
    address.
    """
    built = build(*(f"# Rotate the key of team{n}x\n\n{LOREM * 3}" for n in range(120)))
    asked = [example.instruction for example in built.examples]
    shapes = [re.sub(r"team\d+x", "N", instruction) for instruction in asked]
    assert len(set(asked)) == len(asked) == 120
    assert max(shapes.count(shape) for shape in shapes) <= 40
    assert len(set(shapes)) >= 6
    assert not any("http" in instruction or "Source:" in instruction for instruction in asked)


def test_the_product_grounds_the_question() -> None:
    """An instruction can be understood without its page: it names the product."""
    assert "AWS KMS" in build(doc(LOREM * 3)).examples[0].instruction


STIFF = re.compile(
    r"with regard to|in the matter of|as part of|with respect to|is understood by|to be said",
    re.IGNORECASE,
)


@pytest.mark.parametrize(
    "part", ["## Where to start", "## When a key has leaked", "## Typical mistakes", "## Verify"]
)
def test_questions_read_as_people_ask(part: str) -> None:
    """No officialese, no bare clause, and a lone verb gets the page's subject as its object."""
    asked = [
        example.instruction
        for n in range(12)
        for example in build(doc(LOREM * 4, part, LOREM * 3 + f"Case {n}.", LOREM * 30)).examples
    ]
    assert not [instruction for instruction in asked if STIFF.search(instruction)]
    assert not [
        instruction
        for instruction in asked
        if re.search(r"(?:Explain|Describe) when |verify in ", instruction)
    ]


def test_a_reader_addressed_becomes_the_one_who_asks() -> None:
    """'Your' in a heading is 'my', 'our' or 'its' in the question, as fits its speaker."""
    templates = (
        "How do I {do}?",
        "We want to {do}. How?",
        "How can a team {do}?",
        "Explain how to {do}.",
    )
    said = [
        phrases.voiced("do", "find what you left in your keys", template) for template in templates
    ]
    assert said == [
        "find what I left in my keys",
        "find what we left in our keys",
        "find what it left in its keys",
        "find what you left in your keys",
    ]


@pytest.mark.parametrize(
    ("noun", "opening", "verb"),
    [
        ("service accounts", "A service account is one.", "are"),
        ("Kubernetes", "Kubernetes is an API.", "is"),
        ("key rotation", "", "is"),
        ("mutual TLS", "", "is"),
        ("least access", "", "is"),
        ("analysis", "", "is"),
        ("axios", "Axios allows us to set it.", "is"),
        ("a rule for keys", "", "is"),
        ("rules for a key", "", "are"),
    ],
)
def test_is_and_are_follow_the_noun(noun: str, opening: str, verb: str) -> None:
    """A plural takes 'are', unless the text itself says 'is'."""
    assert phrases.agreeing(noun, opening) == verb


def test_a_list_of_pages_is_not_named_in_the_question_about_what_follows() -> None:
    """Where a page's own index is joined with a section, only the section is asked about."""
    built = build(
        doc(
            LOREM * 4,
            "## Pages in this section",
            "- Keys: how they are kept.",
            "## Quick wins",
            LOREM * 2,
        )
    )
    assert not any("section" in example.instruction for example in built.examples)
    assert any("quick wins" in example.instruction for example in built.examples)


def test_joined_sections_keep_the_name_of_their_page() -> None:
    """Short sections that are joined are asked about together, under what they share."""
    built = build(
        "# Break glass\n\n"
        + LOREM * 4
        + "\n\n## Owners\n\nThe board.\n\n## Drills and reviews\n\n"
        + LOREM * 3
    )
    assert any("owners" in e.instruction and "break glass" in e.instruction for e in built.examples)


def test_a_capital_that_only_begins_a_heading_gives_way() -> None:
    """A word keeps its capital where the document writes it so inside a sentence, and nowhere
    else.
    """
    casing = phrases.Casing("We use Falco here. Rules fire. Later: Rules again. The tool")
    assert [casing.heading(text) for text in ("Falco", "Rules", "Rules of thumb", "Key Vault")] == [
        "Falco",
        "rules",
        "rules of thumb",
        "Key Vault",
    ]


def test_the_capitals_of_a_heading_are_of_one_mind() -> None:
    """Beside a word whose capital is the heading's alone, one that the text never uses loses its
    own; names keep it.
    """
    casing = phrases.Casing(
        "we test the work and its circumvention. In time, ask Harbor for the flow of work."
    )
    assert (
        casing.text("Circumvention of Work Flows with Harbor")
        == "circumvention of work flows with Harbor"
    )
    assert casing.text("Harbor Joint Review") == "Harbor Joint Review"


def test_caps_are_counted() -> None:
    """A document gives no more than its cap; the rest is left out with its reason."""
    built = build(
        doc(*(f"## Part {n} of many\n\n{LOREM * 3} {n}" for n in range(9))), max_per_document=4
    )
    assert len(built.examples) == 4
    assert {left.reason for left in built.left_out} == {"over_cap"}
    assert built.documents_over_cap == 1


def test_a_heading_that_is_a_sentence_is_quoted() -> None:
    """It is asked about as it stands, not as a clause of the question."""
    built = build(doc("## The server has geo-redundant backup enabled", LOREM * 2))
    asked = built.examples[0].instruction
    assert '"The server has geo-redundant backup enabled"' in asked
    assert "what is meant by" not in asked


def test_kinds_and_wordings_have_caps_too() -> None:
    """No kind and no template has more than its cap; a capped wording gives way to another; what is
    left is counted.
    """
    pages = [
        doc(f"## Rotate key {n}", f"Key {n} is old. " + LOREM.replace("owner", f"owner {n}") * 2)
        for n in range(12)
    ]

    def made(**caps: int) -> tuple[list[str], Counter[str], Counter[str]]:
        builder = Builder(DedupeConfig(**caps))  # type: ignore[arg-type]
        for n, page in enumerate(pages):
            builder.add(document({"url": f"https://x.test/{n}", "text": page}))
        kinds = [example.kind for example in builder.built.examples]
        return kinds, builder.wordings, Counter(left.reason for left in builder.built.left_out)

    kinds, _, left = made(max_per_kind=5)
    assert max(Counter(kinds).values()) == 5
    assert left["over_kind_cap"] == 12 - len(kinds)
    kinds, wordings, left = made(max_per_wording=1)
    assert max(wordings.values()) == 1
    assert len(kinds) == len(wordings) > 5
    assert left["over_wording_cap"] == 12 - len(kinds)


def test_a_section_of_links_teaches_nothing() -> None:
    """A list of links below 'See also' is left out, with its text."""
    links = "\n".join(
        f"- [The page about key number {n} and its rotation](https://x.test/{n})" for n in range(12)
    )
    built = build(doc(LOREM * 4, "## See also", links))
    assert [left.reason for left in built.left_out] == ["pointers"]
    assert "key number 3" in built.left_out[0].text


@pytest.mark.parametrize(
    ("heading", "form", "text"),
    [
        ("Creating and managing keys", "do", "create and manage keys"),
        ("Create a bucket", "do", "create a bucket"),
        ("Step 2: Set up MFA", "do", "set up MFA"),
        ("How to rotate keys", "do", "rotate keys"),
        ("Logging and monitoring", "thing", "logging and monitoring"),
        ("Access control", "thing", "access control"),
        ("Use cases", "thing", "use cases"),
        ("Use IAM roles", "do", "use IAM roles"),
        ("How Amazon S3 works with IAM", "clause", "how Amazon S3 works with IAM"),
        ("What is AWS KMS", "question", "What is AWS KMS?"),
        ("Bucket policies", "thing", "bucket policies"),
        ("Verify and typical mistakes", "thing", "verification and typical mistakes"),
        ("Review and approve keys", "thing", "review and approve keys"),
        ("Control what passes through", "do", "control what passes through"),
        ("Thinking in graphs", "thing", "thinking in graphs"),
        ("Falco rules", "thing", "Falco rules"),
        ("Key rotation (previous version)", "thing", "key rotation"),
        ("From threat to rule", "thing", "the way from threat to rule"),
        ("DNS is half of the work", "clause", 'what is meant by "DNS is half of the work"'),
        ("Proof that nothing was changed", "thing", "proof that nothing was changed"),
        ("1.2.3 Ensure MFA is enabled", "do", "ensure MFA is enabled"),
        ("Securely store keys", "do", "securely store keys"),
        ("List roles", "do", "list roles"),
        ("List format", "thing", "list format"),
        ("About bucket tags", "thing", "bucket tags"),
        ("[Bucket names]", "thing", "bucket names"),
        ("Bundle.status[index]", "thing", "Bundle.status[index]"),
    ],
)
def test_headings_are_read_as_language(heading: str, form: str, text: str) -> None:
    """A heading becomes a question, something to do, a clause or a thing; names keep their
    capitals.
    """
    phrase = phrases.read(
        heading, phrases.Casing("see the bucket policies here, and what bucket there is")
    )
    assert (phrase.form, phrase.text) == (form, text)


@pytest.mark.parametrize(
    ("url", "heading", "slug"),
    [
        (
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/roles.html",
            "IAM roles and permissions",
            "iam",
        ),
        ("https://kyverno.io/policies/pods/", "Require pod probes", "kubernetes"),
        ("https://docs.aws.amazon.com/kms/x.html", "Encrypting data keys", "data-protection"),
        ("https://x.test/", "Terraform module for buckets", "iac"),
        ("https://x.test/", "Threat modelling with STRIDE", "threat-modelling"),
        ("https://x.test/", "Verify SBOM and provenance", "supply-chain"),
        ("https://learn.microsoft.com/azure/x", "Regions", "azure"),
        ("https://x.test/", "Regions", "general"),
    ],
)
def test_categories_follow_keywords(url: str, heading: str, slug: str) -> None:
    """Headings and address decide the category; a provider only where no subject does."""
    assert topics.category(url, [heading], "") == slug


@pytest.mark.parametrize(
    "sample",
    [
        "[" * 20_000,
        "<a name=" * 5_000,
        "`" * 20_000,
        "* " * 20_000,
        "\\" * 20_000,
        " " * 50_000 + "x",
        "|" * 20_000,
        "[a](" * 5_000,
    ],
)
def test_hostile_text_costs_no_time(sample: str) -> None:
    """Unclosed brackets, fences and endless runs are linear, not a way to hang the program."""
    build(doc(sample, LOREM * 3))


@given(
    st.text(alphabet="aZ .?-[]`*1:#\u2013\u4e00'\"()", max_size=30),
    st.sampled_from(["", "How to ", "Why ", "Create ", "Is "]),
)
def test_any_heading_can_be_asked_about(heading: str, start: str) -> None:
    """Whatever a heading holds, its document gives an example with a question."""
    built = build(f"# {start}{heading}\n\n{LOREM * 2}\n\n## {heading}\n\n{LOREM * 3}")
    assert built.examples
    assert all(example.instruction.strip() for example in built.examples)
