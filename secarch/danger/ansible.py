"""Ansible's tasks as resources: the module that a task calls, its arguments under Terraform's
names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from secarch.danger.documents import renamed
from secarch.danger.tree import Resource, items, snaked, walk

_MODULE = re.compile(
    r"(?:(?P<collection>amazon\.aws|community\.aws|azure\.azcollection|google\.cloud)\.)?"
    r"(?P<name>(?:ec2|rds|s3|iam|efs|elb|sns|sqs|kms|ecr|eks|ecs|lambda|cloudtrail|cloudfront"
    r"|redshift|elasticache|kinesis|opensearch|secretsmanager|msk|azure_rm|gcp)(?:_\w+)?)"
)
_KINDS = {
    "ec2_security_group": "aws_security_group",
    "ec2_group": "aws_security_group",
    "ec2_instance": "aws_instance",
    "ec2_launch_template": "aws_launch_template",
    "ec2_vol": "aws_ebs_volume",
    "ec2_vpc_nacl": "aws_network_acl",
    "rds_instance": "aws_db_instance",
    "rds_cluster": "aws_rds_cluster",
    "s3_bucket": "aws_s3_bucket",
    "efs": "aws_efs_file_system",
    "redshift": "aws_redshift_cluster",
    "lambda_policy": "aws_lambda_permission",
    "opensearch": "aws_opensearch_domain",
    "azure_rm_securitygroup": "azurerm_network_security_group",
    "azure_rm_storageaccount": "azurerm_storage_account",
    "azure_rm_roleassignment": "azurerm_role_assignment",
    "azure_rm_sqlfirewallrule": "azurerm_mssql_firewall_rule",
    "azure_rm_postgresqlfirewallrule": "azurerm_postgresql_firewall_rule",
    "azure_rm_keyvault": "azurerm_key_vault",
    "azure_rm_rediscache": "azurerm_redis_cache",
    "gcp_sql_instance": "google_sql_database_instance",
}
"""Modules -> Terraform's kinds, where the two do not differ by the cloud's prefix alone."""
_CLOUDS = {"azure_rm_": "azurerm_", "gcp_": "google_"}
_SHORT = {"https_only": "https_traffic_only_enabled", "allowed": "allow", "encrypt": "encrypted"}
"""Arguments that Terraform calls another name."""


def resources(documents: Iterable[Any]) -> list[Resource]:
    """What the tasks of a playbook make; nothing is concluded from what is left out."""
    return [
        Resource(
            _kind(called["name"]), str(task.get("name", "")), _body(called["name"], given), True
        )
        for tree in documents
        for task in walk(tree)
        for key, given in task.items()
        if isinstance(given, Mapping)
        and (called := _MODULE.fullmatch(str(key)))
        and (called["collection"] or ("name" in task and "_" in called["name"]))
    ]


def _made(module: str, name: str, given: Mapping[str, Any]) -> Resource:
    return Resource(_kind(module), name, _body(module, given), partial=True)


def _kind(module: str) -> str:
    if module in _KINDS:
        return _KINDS[module]
    for prefix, cloud in _CLOUDS.items():
        if module.startswith(prefix):
            return cloud + module.removeprefix(prefix)
    return f"aws_{module}"


def _body(module: str, given: Mapping[str, Any]) -> dict[str, Any]:
    body: dict[str, Any] = {_SHORT.get(k, k): v for k, v in renamed(snaked(given)).items()}
    rules = [rule for rule in items(body.get("rules")) if isinstance(rule, Mapping)]
    if module in {"ec2_security_group", "ec2_group"}:
        body["ingress"] = [one for rule in rules for one in _ingress(rule)]
    elif module == "azure_rm_securitygroup":
        defaults = {"access": "Allow", "direction": "Inbound", "source_address_prefix": "*"}
        body["security_rule"] = [{**defaults, **rule} for rule in rules]
    elif module == "gcp_compute_firewall":
        body["allow"] = [
            {**rule, "protocol": rule.get("ip_protocol")}
            for rule in items(body.get("allow"))
            if isinstance(rule, Mapping)
        ]
    return body


def _ingress(rule: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """A rule of a security group, once for each entry of its list of ports."""
    protocol = rule.get("proto", "tcp")
    for span in items(rule.get("ports")) or [None]:
        low, _, high = str(span).partition("-")
        bounds = {"from_port": low, "to_port": high or low} if span is not None else {}
        yield {**rule, **bounds, "protocol": protocol}
