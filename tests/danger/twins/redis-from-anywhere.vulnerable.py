import boto3

ec2 = boto3.client("ec2", region_name="eu-west-1")
ec2.authorize_security_group_ingress(
    GroupId="sg-0a1b2c3d4e5f60718",
    IpPermissions=[
        {
            "IpProtocol": "tcp",
            "FromPort": 6379,
            "ToPort": 6379,
            "IpRanges": [{"CidrIp": "0.0.0.0/0", "Description": "cache clients"}],
        }
    ],
)
