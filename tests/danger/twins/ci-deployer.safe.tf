data "aws_iam_policy_document" "ci" {
  statement {
    sid       = "Deploy"
    effect    = "Allow"
    actions   = ["ecr:GetAuthorizationToken", "ecs:DescribeTaskDefinition"]
    resources = ["*"]
  }
}

resource "aws_iam_role_policy" "ci" {
  name   = "ci-deploy"
  role   = aws_iam_role.ci.id
  policy = data.aws_iam_policy_document.ci.json
}
