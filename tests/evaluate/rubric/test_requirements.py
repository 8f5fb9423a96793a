"""Code is judged by what it sets, whatever language, names and structure it has."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from secarch.evaluate.rubric.grade import grade
from secarch.evaluate.rubric.requirements import met
from secarch.suite import schema
from secarch.suite.parts import KeyPoint, Requirement
from secarch.suite.schema import Question

TLS = Requirement(
    kind="statement", has={"effect": "deny", r"condition\.bool\.aws:securetransport": "false"}
)
ENCODED = """```hcl
resource "aws_sns_topic_policy" "p" {
  policy = jsonencode({ Statement = [{ Effect = "Deny", Action = "sns:*", Resource = "*",
    Principal = "*", Condition = { Bool = { "aws:SecureTransport" = "false" } } }] })
}
```"""
DOCUMENT = """```hcl
data "aws_iam_policy_document" "p" {
  statement {
    effect    = "Deny"
    actions   = ["sns:*"]
    resources = [aws_sns_topic.t.arn]
    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}
```"""
TEMPLATE = """```yaml
Resources:
  P:
    Type: AWS::SNS::TopicPolicy
    Properties:
      PolicyDocument:
        Statement:
          - Effect: Deny
            Action: sns:*
            Resource: !Ref Topic
            Principal: '*'
            Condition: {Bool: {'aws:SecureTransport': false}}
```"""
JSON = TEMPLATE.replace("```yaml", "```json").split("\n")[0] + (
    '\n{"Statement": [{"Effect": "Deny", "Action": ["sns:*"], "Resource": {"Fn::GetAtt": ["T", '
    '"Arn"]}, "Principal": {"AWS": "*"}, "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]}'
    "\n```"
)


@pytest.mark.parametrize("answer", [ENCODED, DOCUMENT, TEMPLATE, JSON])
def test_one_statement_is_found_in_every_language(answer: str) -> None:
    """The evidence names what was found."""
    found, evidence = met([TLS], answer)
    assert found
    assert "effect = deny" in evidence


@pytest.mark.parametrize(
    "answer",
    [
        ENCODED.replace('"Deny"', '"Allow"'),
        DOCUMENT.replace('["false"]', '["true"]'),
        TEMPLATE.replace("SecureTransport", "SecureTransports"),
        "Deny requests if aws:SecureTransport is false, effect deny, condition bool.",
        "This is wrong:\n\n" + ENCODED,
        "",
    ],
)
def test_words_and_other_values_meet_nothing(answer: str) -> None:
    """Nor does code that is shown as wrong."""
    assert met([TLS], answer) == (False, "")


KEY = """```hcl
resource "aws_kms_key" "k" {
  for_each            = toset(["a", "b"])
  enable_key_rotation = true
  rotation_period_in_days = 180
}
resource "aws_sqs_queue" "one" {
  kms_master_key_id = aws_kms_key.k["a"].arn
}
resource "aws_sqs_queue" "two" {
  name = "two"
  message_retention_seconds = 14 * 24 * 3600
}
```"""


@pytest.mark.parametrize(
    ("required", "found"),
    [
        ({"kind": "aws_kms_key", "has": {"rotation_period_in_days": ">=180"}}, True),
        ({"kind": "aws_kms_key", "has": {"rotation_period_in_days": ">=181"}}, False),
        ({"kind": "aws_kms_key", "has": {"rotation_period_in_days": "<=180"}}, True),
        ({"kind": "aws_kms_key", "has": {"rotation_period_in_days": "<=179.5"}}, False),
        ({"kind": "aws_kms_key", "has": {"enable_key_rotation": ">=1"}}, False),
        ({"kind": "aws_sqs_queue", "has": {"message_retention_seconds": ">=1209600"}}, True),
        ({"kind": "aws_sqs_queue", "has": {"message_retention_seconds": ">=1209601"}}, False),
        ({"kind": "aws_kms", "has": {"enable_key_rotation": "true"}}, False),
        ({"kind": "aws_kms_key", "has": {"key_rotation": "true"}}, False),
        ({"kind": "aws_kms_key", "has": {"enable_key_rotation": "tru"}}, False),
        ({"kind": "aws_sqs_queue", "has": {"kms_master_key_id": r"aws_kms_key\..*"}}, True),
        (
            {"kind": "aws_sqs_queue", "has": {"kms_master_key_id": ".*"}, "every": True},
            False,
        ),
        ({"kind": "aws_kms_key", "has": {"enable_key_rotation": "true"}, "every": True}, True),
        ({"kind": "aws_sqs_queue", "lacks": {"kms_master_key_id": ".*"}}, True),
        ({"kind": "aws_kms_key", "lacks": {"enable_key_rotation": "true"}}, False),
        ({"kind": "aws_s3_bucket", "absent": True}, True),
        ({"kind": "aws_sqs_queue", "absent": True}, False),
        ({"text": r"toset\(\[.a"}, True),
        ({"text": "nothing of it"}, False),
        ({"text": "nothing of it", "absent": True}, True),
        ({"text": "toset", "absent": True}, False),
        ({"any_of": [{"kind": "aws_vpc"}, {"kind": "aws_kms_key"}]}, True),
        ({"any_of": [{"kind": "aws_vpc"}, {"kind": "aws_subnet"}]}, False),
    ],
)
def test_tables_bounds_and_alternatives(required: dict[str, object], found: bool) -> None:
    """Values match as a whole, numbers by bounds, kinds as a whole, paths by their end."""
    assert met([Requirement.model_validate(required)], KEY)[0] is found


def test_all_requirements_are_needed() -> None:
    """One that is missing leaves the point unmet."""
    one = Requirement(kind="aws_kms_key")
    assert met([one, one], KEY)[0]
    assert not met([one, Requirement(kind="aws_vpc")], KEY)[0]


def test_a_block_is_one_rule_and_not_the_sum_of_several() -> None:
    """A port of one rule and the source of another make no rule."""
    answer = """```hcl
resource "aws_security_group" "g" {
  ingress {
    from_port       = 443
    security_groups = [aws_security_group.lb.id]
  }
  ingress {
    from_port   = 22
    cidr_blocks = ["10.0.0.0/8"]
  }
}
```"""
    wanted = {"from_port": "22", "security_groups": ".*"}
    assert met([Requirement(kind="aws_security_group", has=wanted)], answer)[0] is True
    assert met([Requirement(kind="block", has=wanted)], answer)[0] is False
    assert met([Requirement(kind="block", has={**wanted, "from_port": "443"})], answer)[0] is True


def test_files_of_one_module_know_each_other() -> None:
    """A local of one block counts in another one, and other languages stand by themselves."""
    answer = """```hcl
locals { days = 365 }
```

and the bucket:

```terraform
resource "aws_kms_key" "k" {
  rotation_period_in_days = local.days
}
```

```yaml
kind: Pod
```"""
    assert met([Requirement(kind="aws_kms_key", has={"rotation_period_in_days": "365"})], answer)[0]
    assert met([Requirement(kind="Pod")], answer)[0]


def test_absence_needs_code() -> None:
    """An answer without code has nothing that could be absent from it."""
    assert not met([Requirement(kind="aws_vpc", absent=True)], "There is no VPC.")[0]


def test_comments_are_no_code() -> None:
    """A policy that is only promised in a comment is not there."""
    answer = "```rego\npackage x\n# deny if input.open\nallow if true // deny\n```"
    assert met([Requirement(text="allow if")], answer)[0]
    assert not met([Requirement(text="deny")], answer)[0]


@pytest.mark.parametrize(
    ("language", "code", "required"),
    [
        (
            "bicep",
            (
                "resource v 'Microsoft.KeyVault/vaults@2024-11-01' = {\n  name: 'v'\n"
                "  properties: {\n    enablePurgeProtection: true\n  }\n}"
            ),
            {"kind": "azurerm_key_vault", "has": {"enable_purge_protection": "true"}},
        ),
        (
            "yaml",
            (
                "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: a\n  labels:\n"
                "    pod-security.kubernetes.io/enforce: restricted"
            ),
            {"kind": "Namespace", "has": {"pod_security.kubernetes.io/enforce": "restricted"}},
        ),
        (
            "",
            "apiVersion: v1\nkind: Pod\nspec:\n  containers: []\n  hostUsers: false",
            {"kind": "pod", "has": {"host_users": "false", "containers": r"\[\]"}},
        ),
    ],
)
def test_bicep_kubernetes_and_bare_code(
    language: str, code: str, required: dict[str, object]
) -> None:
    """An answer that is nothing but code needs no fence."""
    answer = f"```{language}\n{code}\n```" if language else code
    assert met([Requirement.model_validate(required)], answer)[0]


@pytest.mark.parametrize(
    "given",
    [{}, {"kind": "a", "text": "b"}, {"any_of": [{"kind": "a"}], "has": {"a": "b"}}],
)
def test_a_requirement_is_one_thing(given: dict[str, object]) -> None:
    """A table, a text or alternatives."""
    with pytest.raises(ValidationError, match="a requirement is"):
        Requirement.model_validate(given)


def test_a_point_has_patterns_or_requirements() -> None:
    """Both would leave open which one counts."""
    one = {"id": "k1", "text": "t", "weight": 1, "requires": [{"kind": "a"}]}
    assert KeyPoint.model_validate(one).requires
    with pytest.raises(ValidationError, match="patterns and requires"):
        KeyPoint.model_validate({**one, "any_of": ["x"]})


def test_a_point_of_code_counts_in_the_grade() -> None:
    """Weight, evidence, and the cap of a critical point are as for patterns."""
    points = (
        KeyPoint(id="k1", text="t", weight=3, critical=True, requires=(TLS,)),
        KeyPoint(id="k2", text="t", weight=1, any_of=("because",)),
    )
    question = Question(
        id="q",
        version=1,
        category="aws",
        kind="generate_code",
        difficulty=1,
        question="Write it.",
        reference="x",
        key_points=points,
    )
    assert grade(question, ENCODED).score == 0.75
    assert grade(question, ENCODED + "\n\nThis is here because of eavesdroppers.").score == 1.0
    missed = grade(question, "It is denied because of eavesdroppers.")
    assert (missed.raw, missed.score) == (0.25, 0.0625)
    assert [point.reason for point in missed.points] == ["absent", ""]


def generated() -> list[Question]:
    """The questions of the core suite that ask for code."""
    return [q for q in schema.load(["core"]).questions if q.kind == "generate_code"]


@pytest.mark.slow
def test_code_of_another_question_earns_little() -> None:
    """The properties are of the task, and not of well-written code as such."""
    asked = [q for q in generated() if any(point.requires for point in q.key_points)]
    pairs = list(zip(asked, [*asked[1:], asked[0]], strict=True))
    scores = [grade(one, two.reference).score for one, two in pairs]
    assert sum(scores) / len(scores) <= 0.1
    assert max(scores) <= 0.4


def test_code_in_a_comment_or_without_values_earns_nothing() -> None:
    """The same words as a comment meet no requirement."""
    for question in generated():
        if all(point.requires for point in question.key_points):
            hidden = "\n".join(f"# {line}" for line in question.reference.splitlines())
            assert grade(question, f"```hcl\n{hidden}\n```").score == 0.0
