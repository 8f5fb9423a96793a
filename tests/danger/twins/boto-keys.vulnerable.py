import boto3

session = boto3.Session(
    aws_access_key_id="AKIA4ZQ7MX2WTR5LNB6C",
    aws_secret_access_key="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",
    region_name="eu-central-1",
)
s3 = session.client("s3")
