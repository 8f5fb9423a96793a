import boto3

ec2 = boto3.client("ec2")


def share(snapshot_id: str) -> None:
    """Give the partner the golden volume."""
    ec2.modify_snapshot_attribute(
        SnapshotId=snapshot_id,
        Attribute="createVolumePermission",
        OperationType="add",
        GroupNames=["all"],
    )
