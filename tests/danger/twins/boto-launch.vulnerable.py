import boto3

client = boto3.client("ec2")
client.run_instances(
    ImageId="ami-0123456789abcdef0",
    InstanceType="t4g.micro",
    MinCount=1,
    MaxCount=1,
    MetadataOptions={"HttpTokens": "optional", "HttpEndpoint": "enabled"},
)
