"""Rules about encryption, transport, instance metadata and logging: mostly defaults that have to be
changed.

Defaults are those of the Terraform providers aws 5 and 6, azurerm 4 and google 6 and of the clouds'
own APIs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar, Literal

from secarch.danger import clusters, images
from secarch.danger.attributes import attribute_faults
from secarch.danger.rule import Found, Rule, Setting, faults, setting
from secarch.danger.tree import Code, Resource, items, lookup, said
from secarch.suite.schema import Severity

_CACHE, _SEARCH = (
    "aws_elasticache_replication_group",
    "aws_opensearch_domain aws_elasticsearch_domain",
)
_COPY = (
    "kms_key_id kms_key_arn snapshot_identifier replicate_source_db replication_source_identifier "
    "global_cluster_identifier snapshot_id db_snapshot_identifier source_db_instance_identifier"
)
_WEB_APPS = (
    "azurerm_linux_web_app azurerm_windows_web_app azurerm_linux_function_app "
    "azurerm_windows_function_app"
)
_SECRET = re.compile(r"(?:password|passwd|secret|private[-_]?key|api[-_]?key)$")
"""The end of the name of a parameter that has to be a SecureString."""
_VMS = "azurerm_linux_virtual_machine azurerm_windows_virtual_machine"
_HOSTS = "aws_instance aws_launch_template aws_launch_configuration aws_spot_instance_request"


class MissingEncryption(Rule):
    """Data at rest that is not encrypted, because it is said so or because the default was left."""

    kind: Literal["missing_encryption"] = "missing_encryption"

    _settings: ClassVar[tuple[Setting, ...]] = (
        setting("aws_ebs_volume", "encrypted", "false", absent=True, unless=_COPY),
        setting(
            "aws_db_instance",
            "storage_encrypted",
            "false",
            absent=True,
            unless=f"{_COPY} db_cluster_identifier",
        ),
        setting(
            "aws_rds_cluster aws_docdb_cluster aws_neptune_cluster",
            "storage_encrypted",
            "false",
            absent=True,
            unless=_COPY,
        ),
        setting("aws_efs_file_system", "encrypted", "false", absent=True),
        setting("aws_redshift_cluster", "encrypted", "false"),
        setting(_CACHE, "at_rest_encryption_enabled", "false", absent=True, unless=_COPY),
        setting("aws_kinesis_stream", "encryption_type", "none", absent=True),
        setting("aws_sns_topic", "kms_master_key_id", absent=True),
        setting(_HOSTS, "encrypted", "false", absent=True, inside="root_block_device"),
        setting(
            _HOSTS,
            "encrypted",
            "false",
            absent=True,
            inside="ebs_block_device",
            unless="snapshot_id",
        ),
        setting(
            _HOSTS,
            "encrypted",
            "false",
            absent=True,
            inside="block_device_mappings.ebs",
            unless="snapshot_id",
        ),
        setting(_SEARCH, "encrypt_at_rest.enabled", "false", absent=True),
        setting("aws_dax_cluster", "server_side_encryption.enabled", "false", absent=True),
        setting("aws_codebuild_project", "encryption_disabled", "true"),
        setting(
            "aws_athena_database aws_workspaces_workspace",
            "root_volume_encryption_enabled",
            "false",
        ),
        setting(
            "aws_athena_workgroup",
            "encryption_configuration",
            absent=True,
            inside="configuration.result_configuration",
        ),
        setting("azurerm_mssql_database", "transparent_data_encryption_enabled", "false"),
        setting("azurerm_managed_disk", "encryption_settings.enabled", "false"),
        setting(_VMS, "encryption_at_host_enabled", "false"),
    )
    _spans: ClassVar[re.Pattern[str]] = re.compile(
        r"--no-(?:storage-)?encrypted\b|\bdisable-ebs-encryption-by-default\b|"
        r"\bdelete-bucket-encryption\b|\bsql\s+db\s+tde\s+set\b[^\n]*--status[= ]+Disabled\b"
        r"|\baz\s+vm(?:ss)?\s+encryption\s+disable\b|\bDisable-AzVm(?:ss)?DiskEncryption\b"
        r"|\bstorage_encrypted\s*=\s*false|\bStorageEncrypted[\"']?\s*[:=]\s*(?:false|False)"
    )

    def find(self, code: Code) -> Iterator[Found]:
        """Settings of resources and of the commands that make them."""
        yield from attribute_faults(code, "encryption")
        yield from faults(code, self._settings)
        yield from spanned(code, self._spans)
        yield from (
            Found(match.group(), severity="minor")
            for match in re.finditer(r"\bkms\s+disable-key-rotation\b", code.text)
        )
        for parameter in code.of("aws_ssm_parameter", "AWS::SSM::Parameter"):
            kept = said(parameter.body.get("type") or parameter.body.get("Type"))
            if kept == "string" and _SECRET.search(said(parameter.body.get("name"))):
                yield Found(f"{parameter.label}: type = String", severity="major")
        for node in code.nodes():
            parameters = node.get("parameters")
            given = parameters if isinstance(parameters, dict) else {}
            if str(node.get("kind")) == "StorageClass" and said(given.get("encrypted")) == "false":
                yield Found("StorageClass: parameters.encrypted = false")


class InstanceMetadataV1(Rule):
    """The instance metadata service without session tokens, which any request forgery can read."""

    kind: Literal["instance_metadata_v1"] = "instance_metadata_v1"
    severity: Severity = "major"

    _settings: ClassVar[tuple[Setting, ...]] = (
        setting(
            _HOSTS,
            "metadata_options.http_tokens",
            "optional",
            absent=True,
            unless="launch_template",
        ),
        setting("aws_ec2_instance_metadata_defaults", "http_tokens", "optional", "no-preference"),
    )
    _call: ClassVar[re.Pattern[str]] = re.compile(
        r"169\.254\.169\.254/latest/(?:meta-data|user-data|dynamic)"
    )

    def find(self, code: Code) -> Iterator[Found]:
        """Instances and templates; calls without a token."""
        disabled = {
            r.label
            for r in code.resources
            if "disabled" in map(said, lookup(r.body, "metadata_options.http_endpoint"))
        }
        given = [*attribute_faults(code, "metadata"), *faults(code, self._settings)]
        for found in given:
            if found.evidence.split(":")[0] not in disabled:
                yield found
        for command in code.commands:
            if (
                self._call.search(command.text)
                and "x-aws-ec2-metadata-token" not in command.text.lower()
            ):
                yield Found(command.text)


class TlsOff(Rule):
    """Traffic in plain text, or under protocols that are broken."""

    kind: Literal["tls_off"] = "tls_off"

    _settings: ClassVar[tuple[Setting, ...]] = (
        setting("azurerm_storage_account", "https_traffic_only_enabled", "false"),
        setting("azurerm_storage_account", "enable_https_traffic_only", "false"),
        setting("azurerm_storage_account", "min_tls_version", "tls1_0", "tls1_1"),
        setting(_WEB_APPS, "https_only", "false", absent=True),
        setting(_WEB_APPS, "site_config.minimum_tls_version", "1.0", "1.1"),
        setting(
            "azurerm_mssql_server azurerm_redis_cache",
            "minimum_tls_version",
            "1.0",
            "1.1",
            "disabled",
        ),
        setting("azurerm_redis_cache", "non_ssl_port_enabled", "true"),
        setting("azurerm_redis_cache", "enable_non_ssl_port", "true"),
        setting(
            "azurerm_postgresql_server azurerm_mysql_server", "ssl_enforcement_enabled", "false"
        ),
        setting(
            "aws_cloudfront_distribution",
            "default_cache_behavior.viewer_protocol_policy",
            "allow-all",
        ),
        setting(
            "aws_cloudfront_distribution",
            "ordered_cache_behavior.viewer_protocol_policy",
            "allow-all",
        ),
        setting(
            "aws_cloudfront_distribution",
            "viewer_certificate.minimum_protocol_version",
            "sslv3",
            "tlsv1",
            "tlsv1_2016",
            "tlsv1.1_2016",
        ),
        setting(
            "aws_lb_listener aws_alb_listener",
            "ssl_policy",
            "elbsecuritypolicy-2015-05",
            "elbsecuritypolicy-2016-08",
            "elbsecuritypolicy-tls-1-0-2015-04",
            "elbsecuritypolicy-tls-1-1-2017-01",
        ),
        setting("aws_api_gateway_domain_name", "security_policy", "tls_1_0"),
        setting("google_sql_database_instance", "settings.ip_configuration.require_ssl", "false"),
        setting(
            "google_sql_database_instance",
            "settings.ip_configuration.ssl_mode",
            "allow_unencrypted_and_encrypted",
            absent=True,
            unless="settings.ip_configuration.require_ssl",
        ),
        setting("google_compute_ssl_policy", "min_tls_version", "tls_1_0", "tls_1_1"),
        setting(_CACHE, "transit_encryption_enabled", "false", absent=True),
        setting(_SEARCH, "node_to_node_encryption.enabled", "false", absent=True),
        setting(_SEARCH, "domain_endpoint_options.enforce_https", "false"),
        setting(
            _SEARCH, "domain_endpoint_options.tls_security_policy", "policy-min-tls-1-0-2019-07"
        ),
        setting(
            "aws_msk_cluster",
            "encryption_info.encryption_in_transit.client_broker",
            "plaintext",
            "tls_plaintext",
        ),
        setting("aws_msk_cluster", "encryption_info.encryption_in_transit.in_cluster", "false"),
    )
    _parameters: ClassVar[tuple[str, ...]] = (
        "rds.force_ssl",
        "tls",
        "ssl",
        "require_secure_transport",
        "require_ssl",
    )
    _spans: ClassVar[re.Pattern[str]] = re.compile(
        r"--https-only\s+false|--min(?:imal|imum)?-tls-version\s+[\"']?(?:TLS)?1[._][01]\b|"
        r"--ssl-enforcement\s+Disabled"
        r"|--no-require-ssl\b|\bssl_protocols\b[^;\n]*\b(?:TLSv1|TLSv1\.1|SSLv3)(?=[ ;])"
        r"|\bsupportsHttpsTrafficOnly:\s*false"
        r"|\bminimumTlsVersion:\s*'TLS1_[01]'|\bhttpsOnly:\s*false|"
        r"\brequire_secure_transport\s*=\s*(?:OFF|0)\b"
        r"|--no-transit-encryption-enabled|--enable-non-ssl-port\b"
        r"|\bSslPolicy\.(?:LEGACY|TLS10\w*|TLS11|TLS13_1[01]|FORWARD_SECRECY(?:_TLS11)?)\b"
        r"|\bSecurityPolicyProtocol\.(?:SSL_V3|TLS_V1|TLS_V1_2016|TLS_V1_1_2016)\b"
        r"|\.add_?listener\((?=[^;\n]{0,200}(?:\bport\s*[=:]\s*80\b|ApplicationProtocol\.HTTP\b))"
        r"(?=[^;\n]{0,300}target_?groups?\b)(?![^;\n]{0,300}redirect)"
        r"|\belbv2\s+create-listener\b(?=[^\n]*--protocol\s+HTTP(?!\w))(?=[^\n]*Type=forward)",
        re.IGNORECASE,
    )

    def find(self, code: Code) -> Iterator[Found]:
        """Settings, listeners that forward plain HTTP, database parameters, ingresses without
        TLS.
        """
        yield from attribute_faults(code, "tls")
        yield from faults(code, self._settings)
        yield from spanned(code, self._spans)
        yield from images.plain_downloads(code)
        for resource in code.resources:
            yield from self._listener(resource)
        for node in code.nodes():
            yield from self._node(node)

    def _listener(self, resource: Resource) -> Iterator[Found]:
        """A load balancer that takes plain HTTP and forwards it."""
        body = resource.body
        if resource.kind in {"aws_lb_listener", "aws_alb_listener"}:
            yield from _plain_listener(resource)
        if resource.kind in {"aws_elb", "AWS::ElasticLoadBalancing::LoadBalancer"}:
            for listener in [*items(body.get("listener")), *items(body.get("listeners"))]:
                protocols = (
                    {
                        said(listener.get("lb_protocol")),
                        said(listener.get("protocol")),
                    }
                    if isinstance(listener, dict)
                    else set()
                )
                if "http" in protocols:
                    yield Found(f"{resource.label}: the listener's protocol is HTTP")
                elif "tcp" in protocols and said(listener.get("lb_port")) in {"80", "8080"}:
                    yield Found(f"{resource.label}: the listener is plain TCP", severity="minor")
        policy = [v for one in items(body.get("policy_attribute")) for v in _enabled(one)]
        if resource.kind == "aws_load_balancer_policy" and set(policy) & _OLD_PROTOCOLS:
            yield Found(f"{resource.label}: {sorted(set(policy) & _OLD_PROTOCOLS)}")

    def _node(self, node: object) -> Iterator[Found]:
        if not isinstance(node, dict):
            return
        yield from clusters.flags(node, clusters.TRANSPORT)
        yield from _redirects(node)
        name = said(node.get("name"))
        if name in self._parameters and said(node.get("value")) in {
            "0",
            "off",
            "false",
            "disabled",
        }:
            yield Found(f"{name} = {said(node.get('value'))}")
        spec = node.get("spec")
        if not isinstance(spec, dict):
            return
        if str(node.get("kind")) == "Ingress" and "rules" in spec and not spec.get("tls"):
            yield Found("Ingress: spec.tls is not set", absent=True)
        yield from _mesh(str(node.get("kind")), spec)


def _plain_listener(resource: Resource) -> Iterator[Found]:
    """A listener of plain HTTP or TCP that does anything but send its callers to HTTPS."""
    body, protocol = resource.body, said(resource.body.get("protocol"))
    actions = [one for one in items(body.get("default_action")) if isinstance(one, dict)]
    sorts = {said(one.get("type")) for one in actions}
    shown = f"{resource.label}: protocol = {protocol}"
    if protocol in {"http", "tcp"} and "forward" in sorts:
        severity: Severity = "critical" if protocol == "http" else "minor"
        yield Found(f"{shown} and it forwards", severity=severity)
    elif protocol == "http":
        if "http" in {said(p) for one in actions for p in lookup(one, "redirect.protocol")}:
            yield Found(f"{shown} and it redirects to HTTP", severity="major")
        elif "fixed-response" in sorts:
            yield Found(f"{shown} and it answers", severity="minor")
        elif not body.get("default_action"):
            yield Found(f"{shown} and no action is shown", severity="minor")


_OLD_PROTOCOLS = {"protocol-sslv3", "protocol-tlsv1", "protocol-tlsv1.1", "protocol-sslv2"}


def _mesh(kind: str, spec: dict[str, object]) -> Iterator[Found]:
    """Traffic between services that is not encrypted."""
    for path in ("mtls.mode", "trafficPolicy.tls.mode"):
        mode = {said(value) for value in lookup(spec, path)}
        if kind in {"PeerAuthentication", "DestinationRule"} and mode & {"disable", "permissive"}:
            severity: Severity = "major" if "disable" in mode else "minor"
            yield Found(f"{kind}: {path} = {sorted(mode)}", severity=severity)


def _redirects(node: dict[str, object]) -> Iterator[Found]:
    """An ingress that is told not to send plain HTTP to HTTPS."""
    notes = node.get("annotations")
    for name, value in notes.items() if isinstance(notes, dict) else ():
        if str(name).endswith(("ssl-redirect", "force-ssl-redirect")) and said(value) == "false":
            yield Found(f"{name}: false", severity="major")


def _enabled(attribute: object) -> list[str]:
    """The name of an attribute of a classic load balancer's policy that is switched on."""
    on = isinstance(attribute, dict) and said(attribute.get("value")) == "true"
    return [said(attribute.get("name"))] if on and isinstance(attribute, dict) else []


def spanned(code: Code, pattern: re.Pattern[str]) -> Iterator[Found]:
    """Every match of a pattern in the text of a block."""
    yield from (Found(match.group()) for match in pattern.finditer(code.text))
