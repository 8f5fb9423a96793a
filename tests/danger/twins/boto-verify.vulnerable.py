import boto3

s3 = boto3.client(
    "s3",
    endpoint_url="https://objects.internal.acme.example",
    verify=False,
)
print(s3.list_buckets()["Buckets"])
