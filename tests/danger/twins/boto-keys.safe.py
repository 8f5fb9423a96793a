import os

import boto3

session = boto3.Session(
    aws_access_key_id=os.environ["DEPLOY_KEY_ID"],
    aws_secret_access_key=os.environ["DEPLOY_SECRET_KEY"],
    region_name="eu-central-1",
)
s3 = session.client("s3")
