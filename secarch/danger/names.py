"""Terraform's names for what the libraries of programming languages call a resource."""

from __future__ import annotations

import re

from secarch.danger.documents import KINDS
from secarch.danger.tree import snake

_PULUMI = {
    "aws_ec2_security_group": "aws_security_group",
    "aws_ec2_security_group_rule": "aws_security_group_rule",
    "aws_vpc_security_group_ingress_rule": "aws_vpc_security_group_ingress_rule",
    "aws_ec2_instance": "aws_instance",
    "aws_ec2_launch_template": "aws_launch_template",
    "aws_ec2_network_acl_rule": "aws_network_acl_rule",
    "aws_ebs_volume": "aws_ebs_volume",
    "aws_rds_instance": "aws_db_instance",
    "aws_rds_cluster": "aws_rds_cluster",
    "aws_s3_bucket_v2": "aws_s3_bucket",
    "aws_lb_listener": "aws_lb_listener",
    "aws_cloudtrail_trail": "aws_cloudtrail",
    "gcp_compute_firewall": "google_compute_firewall",
    "gcp_storage_bucket_iam_member": "google_storage_bucket_iam_member",
    "gcp_storage_bucket_iam_binding": "google_storage_bucket_iam_binding",
    "gcp_projects_iam_member": "google_project_iam_member",
    "gcp_projects_iam_binding": "google_project_iam_binding",
    "azure_native_storage_storage_account": "azurerm_storage_account",
    "azure_native_network_security_rule": "azurerm_network_security_rule",
    "azure_native_network_network_security_group": "azurerm_network_security_group",
    "azure_network_network_security_group": "azurerm_network_security_group",
    "azure_network_network_security_rule": "azurerm_network_security_rule",
    "azure_native_sql_firewall_rule": "azurerm_mssql_firewall_rule",
    "azure_storage_account": "azurerm_storage_account",
    "azure_native_storage_blob_container": "azurerm_storage_container",
}
_CLOUDS = {
    "aws": "aws",
    "gcp": "google",
    "azure": "azurerm",
    "azure-native": "azurerm",
    "azure_native": "azurerm",
    "azurerm": "azurerm",
    "kubernetes": "kubernetes",
    "k8s": "kubernetes",
    "google": "google",
}
_SERVICES = {
    "ec2": "EC2",
    "rds": "RDS",
    "s3": "S3",
    "iam": "IAM",
    "efs": "EFS",
    "dynamodb": "DynamoDB",
    "elasticloadbalancingv2": "ElasticLoadBalancingV2",
    "elbv2": "ElasticLoadBalancingV2",
    "cloudtrail": "CloudTrail",
    "docdb": "DocDB",
    "sqs": "SQS",
    "sns": "SNS",
    "kms": "KMS",
    "cloudfront": "CloudFront",
    "elasticache": "ElastiCache",
    "redshift": "Redshift",
}
_CDK = {
    ("s3", "Bucket"): "aws_cdk_s3_bucket",
    ("ec2", "Instance"): "aws_cdk_instance",
    ("ec2", "Volume"): "aws_ebs_volume",
    ("rds", "DatabaseInstance"): "aws_cdk_db_instance",
    ("rds", "DatabaseCluster"): "aws_cdk_rds_cluster",
    ("efs", "FileSystem"): "aws_cdk_efs_file_system",
}


def terraformed(dotted: str) -> str:
    """Kind of `new aws.s3.Bucket`, `ec2.CfnSecurityGroup` or `storage.StorageAccount`; empty where
    a name is not a resource of a cloud.

    >>> terraformed("aws.rds.Instance")
    'aws_db_instance'
    """
    parts = [part for part in dotted.split(".") if part not in {"cdk", "pulumi", "this", "classic"}]
    if not parts or not parts[-1][:1].isupper():
        return ""
    *rooms, name = parts
    if rooms and rooms[0] in _CLOUDS:
        middle = "_".join(snake(room) for room in rooms[1:2])
        plain = f"{rooms[0].replace('-', '_')}_{middle}_{snake(name)}".replace("__", "_")
        return _PULUMI.get(plain, re.sub(r"^[a-z]+(?:_native)?", _CLOUDS[rooms[0]], plain, count=1))
    room = re.sub(r"^aws_?", "", rooms[-1]) if rooms else ""
    if name.startswith("Cfn"):
        service = _SERVICES.get(room, room.capitalize())
        made = f"AWS::{service}::{name[3:]}"
        return KINDS.get(made, made)
    return _CDK.get((room, name), f"aws_cdk_{room}_{snake(name)}" if room else "")
