"""JSON and YAML: policies, Kubernetes objects, CloudFormation and Azure templates."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from secarch.danger.functions import Template
from secarch.danger.tree import Parts, Resource, snaked, walk

KINDS = {
    "AWS::RDS::DBInstance": "aws_db_instance",
    "AWS::RDS::DBCluster": "aws_rds_cluster",
    "AWS::DocDB::DBCluster": "aws_docdb_cluster",
    "AWS::Neptune::DBCluster": "aws_neptune_cluster",
    "AWS::EC2::Volume": "aws_ebs_volume",
    "AWS::EC2::SecurityGroup": "aws_security_group",
    "AWS::EC2::SecurityGroupIngress": "aws_vpc_security_group_ingress_rule",
    "AWS::EC2::Instance": "aws_instance",
    "AWS::EC2::LaunchTemplate": "aws_launch_template",
    "AWS::EC2::VPC": "aws_vpc",
    "AWS::EC2::FlowLog": "aws_flow_log",
    "AWS::EFS::FileSystem": "aws_efs_file_system",
    "AWS::CloudTrail::Trail": "aws_cloudtrail",
    "AWS::Redshift::Cluster": "aws_redshift_cluster",
    "AWS::SNS::Topic": "aws_sns_topic",
    "AWS::ElastiCache::ReplicationGroup": "aws_elasticache_replication_group",
    "AWS::S3::Bucket": "aws_s3_bucket",
    "AWS::ElasticLoadBalancingV2::Listener": "aws_lb_listener",
    "AWS::EC2::NetworkAclEntry": "aws_network_acl_rule",
    "AWS::AutoScaling::LaunchConfiguration": "aws_launch_configuration",
    "AWS::ElasticLoadBalancing::LoadBalancer": "aws_elb",
    "AWS::Elasticsearch::Domain": "aws_elasticsearch_domain",
    "AWS::MSK::Cluster": "aws_msk_cluster",
    "AWS::DAX::Cluster": "aws_dax_cluster",
    "AWS::Kinesis::Stream": "aws_kinesis_stream",
    "AWS::SQS::Queue": "aws_sqs_queue",
    "AWS::CodeBuild::Project": "aws_codebuild_project",
    "AWS::GuardDuty::Detector": "aws_guardduty_detector",
    "AWS::Transfer::Server": "aws_transfer_server",
    "AWS::SageMaker::NotebookInstance": "aws_sagemaker_notebook_instance",
    "AWS::Lambda::Permission": "aws_lambda_permission",
    "AWS::Lambda::Url": "aws_lambda_function_url",
    "AWS::EKS::Nodegroup": "aws_eks_node_group",
    "AWS::EKS::Cluster": "aws_eks_cluster",
    "AWS::Neptune::DBInstance": "aws_neptune_cluster_instance",
    "AWS::S3::AccessPoint": "aws_s3_access_point",
    "AWS::ApiGateway::Stage": "aws_api_gateway_stage",
    "AWS::ApiGatewayV2::Stage": "aws_apigatewayv2_stage",
    "Microsoft.Authorization/roleDefinitions": "azurerm_role_definition",
    "Microsoft.Sql/servers": "azurerm_mssql_server",
    "Microsoft.Sql/servers/firewallRules": "azurerm_mssql_firewall_rule",
    "Microsoft.DBforPostgreSQL/servers": "azurerm_postgresql_server",
    "Microsoft.DBforPostgreSQL/flexibleServers": "azurerm_postgresql_flexible_server",
    "Microsoft.DBforMySQL/servers": "azurerm_mysql_server",
    "Microsoft.KeyVault/vaults": "azurerm_key_vault",
    "Microsoft.Cache/redis": "azurerm_redis_cache",
    "Microsoft.ContainerRegistry/registries": "azurerm_container_registry",
    "AWS::RDS::GlobalCluster": "aws_rds_global_cluster",
    "AWS::DMS::ReplicationInstance": "aws_dms_replication_instance",
    "AWS::AmazonMQ::Broker": "aws_mq_broker",
    "AWS::OpenSearchService::Domain": "aws_opensearch_domain",
    "Microsoft.Storage/storageAccounts": "azurerm_storage_account",
    "Microsoft.Network/networkSecurityGroups": "azurerm_network_security_group",
    "Microsoft.Network/networkSecurityGroups/securityRules": "azurerm_network_security_rule",
    "AWS::CloudFront::Distribution": "aws_cloudfront_distribution",
    "Microsoft.Web/sites": "azurerm_linux_web_app",
}
"""Names in templates -> Terraform's."""
_NAMES = {
    "security_group_ingress": "ingress",
    "cidr_ip": "cidr_ipv4",
    "cidr_ipv6": "cidr_ipv6",
    "supports_https_traffic_only": "https_traffic_only_enabled",
    "minimum_tls_version": "min_tls_version",
    "allow_blob_public_access": "allow_nested_items_to_be_public",
    "security_rules": "security_rule",
    "launch_template_data": "",
    "properties": "",
    "encryption_at_rest_options": "encrypt_at_rest",
    "node_to_node_encryption_options": "node_to_node_encryption",
    "default_actions": "default_action",
    "allows": "allow",
    "distribution_config": "",
    "cache_behaviors": "ordered_cache_behavior",
}
"""Names of properties where they differ; empty: its content belongs to the level above."""
_NO_ABSENCE = {
    "AWS::AutoScaling::LaunchConfiguration",
    "AWS::ElasticLoadBalancing::LoadBalancer",
    "AWS::EKS::Cluster",
    "AWS::ApiGateway::Stage",
    "AWS::ApiGatewayV2::Stage",
    "AWS::DAX::Cluster",
    "AWS::Kinesis::Stream",
    "AWS::EC2::Instance",
    "AWS::ElasticLoadBalancingV2::LoadBalancer",
    "AWS::CloudFront::Distribution",
}
"""Types whose template cannot say what Terraform's resource can."""
_AWS_TYPE = re.compile(r"\w+::\w+")
_LOOSE = re.compile(r"\s*\"[^\"\n]+\"\s*:")
"""An entry of a JSON object without the object's braces."""


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """SafeLoader that takes CloudFormation's tags, `!Ref x`, as tables."""


def _tagged(loader: Any, suffix: str, node: yaml.Node) -> Any:
    name = suffix if suffix == "Ref" else f"Fn::{suffix}"
    if isinstance(node, yaml.ScalarNode):
        return {name: loader.construct_scalar(node)}
    build = (
        loader.construct_sequence
        if isinstance(node, yaml.SequenceNode)
        else loader.construct_mapping
    )
    return {name: build(node, deep=True)}


_Loader.add_multi_constructor("!", _tagged)


def read_yaml(text: str, *, partial: bool) -> Parts:
    """Every document of a YAML stream. A document that cannot be read is skipped."""
    found = Parts()
    for part in re.split(r"^---.*$", text, flags=re.MULTILINE):
        try:
            tree = yaml.load(part, Loader=_Loader) if part.strip() else None  # noqa: S506 - _Loader is a SafeLoader
        except Exception as error:  # noqa: BLE001 - constructors raise what they like
            found.fail("yaml", error)
            continue
        if isinstance(tree, Mapping | list):
            found.add(of_tree(tree, partial=partial))
    return found


def read_json(text: str, *, partial: bool) -> Parts:
    """JSON, also with comments and trailing commas, as models write it, and several documents in a
    row.
    """
    clean = re.sub(
        r",(\s*[\]}])", r"\1", re.sub(r"^\s*//.*$", "", text, flags=re.MULTILINE)
    ).strip()
    if _LOOSE.match(clean):
        clean = f"{{{clean.rstrip(', ')}}}"
    decoder, found = json.JSONDecoder(), Parts()
    while clean:
        try:
            tree, end = decoder.raw_decode(clean)
        except (ValueError, RecursionError) as error:
            found.fail("json", error)
            break
        if isinstance(tree, Mapping | list):
            found.add(of_tree(tree, partial=partial))
        clean = clean[end:].lstrip(" \t\r\n,;")
    return found


def of_tree(tree: Any, *, partial: bool) -> Parts:
    """A tree, with what it holds of templates as resources; Kubernetes lists are opened."""
    found = Parts(parsed=True)
    if (
        isinstance(tree, Mapping)
        and str(tree.get("kind", "")).endswith("List")
        and isinstance(tree.get("items"), list)
    ):
        found.documents += tree["items"]
    else:
        found.documents.append(tree)
    found.resources += _of_terraform(tree)
    for kind, name, properties, template in _templated(tree):
        given = template.value(properties)
        if given != properties:
            found.documents.append(given)
        body = renamed(snaked(given))
        known = KINDS.get(kind, kind)
        found.resources.append(Resource(known, name, body, partial=partial or kind in _NO_ABSENCE))
    return found


def _of_terraform(tree: Any) -> Iterator[Resource]:
    """Resources of Terraform's JSON syntax; nothing is concluded from what is left out."""
    for block in ("resource", "data") if isinstance(tree, Mapping) else ():
        kinds = tree.get(block)
        for kind, named in kinds.items() if isinstance(kinds, Mapping) else ():
            for name, body in named.items() if isinstance(named, Mapping) else ():
                if isinstance(body, Mapping):
                    given = {key: _document(value) for key, value in body.items()}
                    shown = kind if block == "resource" else f"data.{kind}"
                    yield Resource(str(shown), str(name), given, partial=True)


def _document(value: Any) -> Any:
    """The tree of a policy that is given as text."""
    if isinstance(value, str) and value.lstrip().startswith("{"):
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value
    return value


def _templated(tree: Any) -> Iterator[tuple[str, str, Mapping[str, Any], Template]]:
    """(type, name, properties, the template's other parts) of every resource of CloudFormation or
    an Azure template, a resource that is shown without its template among them.
    """
    names: dict[int, str] = {}
    template = Template(tree if isinstance(tree, Mapping) else {})
    for node in walk(tree):
        if isinstance(node.get("Resources"), Mapping):
            template = Template(node)
        names |= {id(item): str(name) for name, item in node.items() if isinstance(item, Mapping)}
        properties = node.get("Properties")
        if isinstance(properties, Mapping) and _AWS_TYPE.match(str(node.get("Type", ""))):
            yield str(node["Type"]), names.get(id(node), ""), properties, template
        if (
            isinstance(node.get("type"), str)
            and "/" in node["type"]
            and isinstance(node.get("properties"), Mapping)
        ):
            yield node["type"], str(node.get("name", "")), node["properties"], Template({})


def renamed(tree: Any) -> Any:
    """A tree in snake case with Terraform's names for properties."""
    if isinstance(tree, list):
        return [renamed(item) for item in tree]
    if not isinstance(tree, Mapping):
        return tree
    out: dict[str, Any] = {}
    for name, value in tree.items():
        inner = renamed(value)
        new = _NAMES.get(name, name)
        if new:
            out[new] = inner
        elif isinstance(inner, Mapping):
            out |= inner
    return out
