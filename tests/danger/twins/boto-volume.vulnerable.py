import boto3

ec2 = boto3.resource("ec2")
volume = ec2.create_volume(
    AvailabilityZone="us-east-1b",
    Size=500,
    VolumeType="gp3",
    Encrypted=False,
)
print(volume.id)
