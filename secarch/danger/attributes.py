"""Arguments whose bad value is a fault wherever it stands: data, not code.

Clouds name things alike: `publicly_accessible = true` is one fault in twenty resource types. A row
says under which names, at the end of a dotted path in snake case, which values are faults; it
holds for every resource of a cloud, whatever language it was written in. Rows that need a certain
resource type name it. Sources: the documentation of the Terraform providers aws, azurerm and google
and of CloudFormation, and the list of attributes that checkov's policies look at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from secarch.danger.rule import Found
from secarch.danger.tree import MAX_NODES, Code, Resource, Unknown, lookup, said, snake

Fault = Literal["public", "encryption", "tls", "logging", "metadata", "container"]
_CLOUD = re.compile(
    r"^(?:aws|azurerm|azuread|azapi|google|kubernetes|github|oci|alicloud|yandex|ncloud|nifcloud"
    r"|tencentcloud|openstack|digitalocean|linode|ibm|huaweicloud|hcloud|scaleway|ovh|vultr|exoscale"
    r"|databricks|mongodbatlas|snowflake)[_.]|^AWS::|^Microsoft\."
)
_OLD_TLS = (
    "1.0 1.1 tls1_0 tls1_1 tls_1_0 tls_1_1 tls1.0 tls1.1 tlsv1 tlsv1.0 tlsv1.1 tlsv1_2016 "
    "tlsv1.1_2016 sslv3 tlsenforcementdisabled tls10 tls11 disabled"
)


@dataclass(frozen=True, slots=True)
class Attribute:
    """Names of an argument, and the values of it that are faults."""

    fault: Fault
    path: re.Pattern[str]
    """Of the end of a dotted path in snake case."""
    bad: frozenset[str]
    kinds: re.Pattern[str] | None = None
    """Of the resource's kind, where the name alone is not enough."""
    unless: tuple[str, ...] = ()
    """Arguments of the resource with which it is no fault."""


def _row(fault: Fault, path: str, bad: str, *, kinds: str = "", unless: str = "") -> Attribute:
    return Attribute(
        fault,
        re.compile(rf"(?:^|\.)(?:{path})$"),
        frozenset(bad.split()),
        re.compile(kinds) if kinds else None,
        tuple(unless.split()),
    )


ATTRIBUTES: tuple[Attribute, ...] = (
    # -- reachable by everybody
    _row(
        "public",
        r"publicly_accessible|public_read_access|allow_blob_public_access|allow_nested_items_to_be_public"
        r"|anonymous_pull_enabled|is_publicly_accessible|public_access",
        "true yes enabled on",
    ),
    _row(
        "public",
        r"public_network_access_enabled|public_network_enabled",
        "true yes enabled on",
        unless="network_acls network_rules network_rule_set virtual_network_rule ip_range_filter",
    ),
    _row("public", r"public_network_access|public_network_access_for_\w+", "enabled"),
    _row(
        "public",
        r"block_public_acls|block_public_policy|ignore_public_acls|restrict_public_buckets"
        r"|block_public_security_group_rules|block_public_access",
        "false",
    ),
    _row("public", r"(?:network_acls|network_rules|network_rule_set)\.default_action", "allow"),
    _row(
        "public",
        r"acl|access_control|canned_acl|predefined_acl",
        (
            "public-read public-read-write authenticated-read publicread publicreadwrite"
            " publicreadwritedelete authenticatedread allusers"
        ),
    ),
    _row(
        "public",
        r"special_group|shared_accounts|permissions\.account_ids|iam_member",
        "allusers allauthenticatedusers all",
    ),
    _row("public", r"container_access_type|public_access", "blob container"),
    _row(
        "public",
        r"function_url_auth_type|authorization_type|auth_type",
        "none",
        kinds=r"lambda_function_url|lambda_permission|Lambda::Url",
    ),
    _row("public", r"public_access\.type", "service_provided_eips"),
    _row("public", r"access_type", "objectread objectreadwithoutlist", kinds=r"^oci_"),
    _row("public", r"endpoint_type", "public", kinds=r"aws_transfer_server|Transfer::Server"),
    _row("public", r"direct_internet_access", "enabled", kinds=r"notebook|NotebookInstance"),
    _row("public", r"default_action", "allow", kinds=r"_cli$|rule_set$"),
    _row("public", r"permission", "blob container", kinds=r"container_acl"),
    _row("public", r"incoming_traffic_policy", "allowalltraffic"),
    _row(
        "public",
        r"allowed_ips|allowed_cidrs|ip_allowlist|(?:api_server_)?authorized_ip_ranges",
        "0.0.0.0/0 ::/0",
    ),
    _row(
        "public",
        r"group|groups",
        "all",
        kinds=r"launch_permission|snapshot_create_volume_permission",
    ),
    # -- not encrypted at rest
    _row(
        "encryption",
        r"encrypted|storage_encrypted|at_rest_encryption_enabled|ebs_encrypted"
        r"|(?:root|user)_volume_encryption_enabled|cache_data_encrypted|disk_encryption_enabled"
        r"|double_encryption_enabled|infrastructure_encryption_enabled|data_encrypted"
        r"|encryption_at_host_enabled|enable_disk_encryption|copy_encrypted|encryption_enabled"
        r"|transparent_data_encryption_enabled|enable_at_rest_encryption|sse_enabled"
        r"|(?:encryption_at_rest|encrypt_at_rest|server_side_encryption|sse_specification"
        r"|encryption_settings|encryption_configuration|encryption_at_rest_options"
        r"|cross_region_copy_rule|encryption_settings_collection)\.(?:enabled|sse_enabled|encrypted)"
        r"|return_connection_password_encrypted|configuration\.encryption_enabled",
        "false disabled",
    ),
    _row("encryption", r"encryption_disabled|disable_encryption", "true"),
    _row("encryption", r"encrypt|is_encrypted\w*|is_pv_encryption_in_transit_enabled", "false"),
    _row("encryption", r"tde_status|encryption_status", "disabled"),
    _row(
        "encryption",
        r"encryption_type|encryption_option|\w*encryption_mode|encryption_state|encryption_key_type"
        r"|sse_algorithm",
        "none disabled unencrypted",
    ),
    _row("encryption", r"enable_?at_?rest_?encryption", "false"),
    _row(
        "encryption",
        r"enabled",
        "false",
        kinds=r"aws_ebs_encryption_by_default|security_center_disk",
    ),
    _row("encryption", r"encryption", "unencrypted disabled none", kinds=r"^aws"),
    _row("encryption", r"sqs_managed_sse_enabled", "false", unless="kms_master_key_id"),
    _row("encryption", r"state", "disabled", kinds=r"transparent_data_encryption"),
    # -- plain text in transit, broken protocols
    _row(
        "tls",
        r"transit_encryption_enabled|enforce_https|https_only|https_only_enabled|tls_enabled"
        r"|ssl_enforcement_enabled|https_traffic_only_enabled|enable_https_traffic_only"
        r"|supports_https_traffic_only|require_ssl|enforce_ssl|is_https_allowed|ssl_enabled"
        r"|in_cluster|node_to_node_encryption(?:_enabled|\.enabled)|enable_transit_encryption"
        r"|node_to_node_encryption_options\.enabled"
        r"|enable_?in_?transit_?encryption|enable_inter_container_traffic_encryption"
        r"|require_secure_transport|enable_tls|force_ssl|encryption_in_transit_enabled",
        "false off disabled",
    ),
    _row(
        "tls",
        r"\w*min\w*_tls_version\w*|tls_minimum_version|min_tls|minimum_protocol_version"
        r"|ssl_minimal_tls_version_enforced|tls_version|minimum_tls",
        _OLD_TLS,
    ),
    _row("tls", r"security_policy", "tls_1_0 tls_1_1 tls-1-0 transfersecuritypolicy-2018-11"),
    _row(
        "tls",
        r"ssl_policy",
        "elbsecuritypolicy-2015-05 elbsecuritypolicy-2016-08 elbsecuritypolicy-tls-1-0-2015-04"
        " elbsecuritypolicy-tls-1-1-2017-01 elbsecuritypolicy-fs-2018-06"
        " elbsecuritypolicy-fs-1-1-2019-08 elbsecuritypolicy-2014-01 elbsecuritypolicy-2014-10",
    ),
    _row("tls", r"tls_security_policy", "policy-min-tls-1-0-2019-07"),
    _row("tls", r"viewer_protocol_policy", "allow-all allow_all"),
    _row("tls", r"tls_policy", "optional"),
    _row("tls", r"tls_versions", "tlsv1.0 tlsv1.1"),
    _row("tls", r"transit_encryption(?:_mode)?", "disabled"),
    _row("tls", r"client_broker", "plaintext tls_plaintext"),
    _row("tls", r"ssl_mode", "allow_unencrypted_and_encrypted"),
    _row("tls", r"ssl_enforcement", "disabled"),
    _row("tls", r"cluster_endpoint_encryption_type", "none"),
    _row("tls", r"parameters\.tls", "disabled"),
    _row(
        "tls",
        r"non_ssl_port_enabled|enable_non_ssl_port|is_http_allowed|insecure_ssl"
        r"|enable_(?:frontend|backend)_(?:ssl30|tls10|tls11)|(?:frontend|backend)_(?:ssl30|tls10|tls11)"
        r"_enabled|insecure_skip_tls_verify",
        "true 1",
    ),
    _row("tls", r"validate_certificate_chain|validate_certificate_name", "false"),
    _row("tls", r"minimum_version|min_version", "1.0 1.1 tls_1_0 tls_1_1", kinds=r"cdn|front"),
    _row("tls", r"protocols", "ftp", kinds=r"aws_transfer_server|Transfer::Server"),
    _row("tls", r"ftps_state", "allallowed"),
    _row("tls", r"profile", "compatible", kinds=r"google_compute_ssl_policy"),
    _row(
        "tls",
        r"protocol|backend_protocol",
        "http",
        kinds=r"azurerm_\w*api_management_api|_backend$",
    ),
    _row("tls", r"policy_name", "appgwsslpolicy20150501 appgwsslpolicy20170401"),
    _row("tls", r"min_protocol_version", "tlsv1_0 tlsv1_1"),
    _row(
        "tls",
        r"(?:enable_)?(?:front|back)_?end_(?:ssl30|tls10|tls11)(?:_enabled)?|enable_triple_des\w*"
        r"|triple_des\w*_enabled",
        "true",
    ),
    _row(
        "tls",
        r"custom_features",
        "tls_rsa_with_aes_128_cbc_sha tls_rsa_with_aes_256_cbc_sha tls_rsa_with_3des_ede_cbc_sha"
        " tls_rsa_with_aes_128_gcm_sha256 tls_rsa_with_aes_256_gcm_sha384",
    ),
    # -- no record
    _row(
        "logging",
        r"enable_logging|is_logging|enable_log_file_validation|include_global_service_events"
        r"|is_multi_region_trail|flow_logs_enabled|enable_stackdriver_logging|enable_builtin_logging"
        r"|builtin_logging_enabled|include_execution_data|log_monitoring_enabled|audit_log_enabled"
        r"|enable_flow_logs|access_logging_enabled|logging_enabled|metrics_enabled"
        r"|publish_cloudwatch_metrics_enabled|enable_logging_monitoring"
        r"|(?:access_logs|access_logging_policy|\w*_logs|logging|log_config|logs|slow_logs|audit_logs"
        r"|cloudwatch_logs|s3|firehose|log_publishing_options|flow_log)\.(?:enabled|enable)"
        r"|logs\.(?:audit|general)",
        "false",
    ),
    _row(
        "logging",
        r"audit_logs|log_connections|log_disconnections|log_checkpoints|enable_audit_log",
        "disabled off none false",
        kinds=r"parameter|configuration|Parameter",
    ),
    _row(
        "logging",
        r"logging_service|field_log_level|execute_command_configuration\.logging"
        r"|logging_level|data_trace|log_level",
        "none off",
    ),
    _row("logging", r"certificate_transparency_logging_preference", "disabled"),
    _row(
        "logging",
        r"(?:cloudwatch_logs|s3_logs|cloud_watch_logs|logs_config\.\w+)\.status"
        r"|versioning_logging",
        "disabled",
    ),
    _row(
        "logging",
        r"enable|enabled",
        "false",
        kinds=r"guardduty_detector|flow_log|GuardDuty::Detector|cloudtrail|recorder_status"
        r"|diagnostic_setting|inspector|securityhub",
    ),
    _row("logging", r"oms_agent\.enabled|log_analytics_workspace_enabled", "false"),
    _row("logging", r"monitoring_service", "none"),
    _row("logging", r"retention_policy\.enabled", "false", kinds=r"log_profile|flow_log"),
    _row("logging", r"state", "disabled", kinds=r"alert_policy|auditing|threat_detection"),
    # -- instance metadata
    _row("metadata", r"http_tokens", "optional no-preference"),
    _row("metadata", r"are_legacy_imds_endpoints_disabled", "false"),
    _row("metadata", r"minimum_instance_metadata_service_version", "1"),
    _row("metadata", r"require_imdsv2|require_imds_v2|enable_imds_v2", "false"),
    # -- containers
    _row("container", r"privileged_mode|privileged|allow_privilege_escalation", "true"),
)


def attribute_faults(code: Code, fault: Fault) -> Iterator[Found]:
    """Every argument of a cloud's resource that has a value which is such a fault."""
    for resource in code.resources:
        if not resource.kind or not _CLOUD.search(resource.kind):
            continue
        for path, value in _leaves(resource.body):
            for row in _rows(fault, resource.kind):
                if value in row.bad and row.path.search(path) and not _excused(resource, row):
                    yield Found(f"{resource.label}: {path} = {value}")
                    break


@lru_cache(maxsize=2048)
def _rows(fault: Fault, kind: str) -> tuple[Attribute, ...]:
    return tuple(
        row
        for row in ATTRIBUTES
        if row.fault == fault and (row.kinds is None or row.kinds.search(kind))
    )


def _excused(resource: Resource, row: Attribute) -> bool:
    return any(lookup(resource.body, name) for name in row.unless)


_snake = lru_cache(maxsize=4096)(snake)
_KEYS = ("name", "key", "parameter_name", "ParameterName", "Key", "Name")
_VALUES = ("value", "parameter_value", "ParameterValue", "Value")


def _pair(node: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """`{name = "x", value = "y"}` as the argument x."""
    names = [said(node[name]) for name in _KEYS if name in node]
    values = [node[name] for name in _VALUES if name in node]
    return [(names[0], values[0])] if names and values else []


def _leaves(body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(dotted path, value in lower case) of every known scalar; bounded."""
    waiting: list[tuple[str, Any]] = [("", body)]
    left = MAX_NODES
    while waiting and left:
        left -= 1
        path, node = waiting.pop()
        if isinstance(node, Mapping):
            waiting += [(f"{path}.{_snake(str(name))}".lstrip("."), v) for name, v in node.items()]
            waiting += _pair(node)
        elif isinstance(node, list | tuple):
            waiting += [(path, item) for item in node]
        elif not isinstance(node, Unknown) and (value := said(node)):
            yield path, value
