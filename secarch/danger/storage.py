"""The rule about storage, snapshots, images and databases that everybody can reach."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Literal

from secarch.danger.attributes import attribute_faults
from secarch.danger.exposure import EVERYWHERE
from secarch.danger.rule import Found, Rule, Setting, faults, setting
from secarch.danger.tree import Code, Resource, items, lookup, narrows, said, texts

_BLOCKS = "aws_s3_bucket_public_access_block aws_s3_account_public_access_block"
_DATABASES = (
    "aws_db_instance aws_rds_cluster_instance aws_redshift_cluster aws_dms_replication_instance "
    "aws_mq_broker "
    "aws_redshiftserverless_workgroup aws_neptune_cluster_instance"
)
_SWITCHES = (
    "block_public_acls",
    "block_public_policy",
    "ignore_public_acls",
    "restrict_public_buckets",
)


class PublicStorage(Rule):
    """A bucket, container, snapshot or database that everybody can reach."""

    kind: Literal["public_storage"] = "public_storage"

    _settings: ClassVar[tuple[Setting, ...]] = (
        setting(
            "aws_s3_bucket aws_s3_bucket_acl",
            "acl",
            "public-read",
            "public-read-write",
            "authenticated-read",
        ),
        setting("aws_s3_bucket", "access_control", "publicread", "publicreadwrite"),
        *(setting(_BLOCKS, name, "false", absent=True) for name in _SWITCHES),
        *(
            setting("aws_s3_bucket", f"public_access_block_configuration.{name}", "false")
            for name in _SWITCHES
        ),
        setting(_DATABASES, "publicly_accessible", "true"),
        setting("azurerm_storage_account", "allow_nested_items_to_be_public", "true"),
        setting("azurerm_storage_account", "allow_blob_public_access", "true"),
        setting("azurerm_storage_container", "container_access_type", "blob", "container"),
        setting(
            "google_storage_bucket_acl google_storage_default_object_acl",
            "predefined_acl",
            "publicread",
            "publicreadwrite",
        ),
        setting("aws_ami_launch_permission aws_snapshot_create_volume_permission", "group", "all"),
    )
    _spans: ClassVar[re.Pattern[str]] = re.compile(
        r"--acl[= ]+[\"']?public-read(?:-write)?\b|\b(?:iam ch|acl ch)\b[^\n]{0,60}allUsers\b"
        r"|\b(?:storage buckets|gsutil|bq)\b[^\n]{0,200}\ball(?:Authenticated)?Users\b"
        r"|\ballow(?:_nested_items_to_be_public|_?blob_?public_?access)[\"']?\s*[=:]\s*true"
        r"|--allow-blob-public-access[= ]+true|(?<!no-)(?<!\w)--publicly-accessible\b"
        r"|\bpublicly_?accessible[\"']?\s*[=:]\s*[\"']?true|--public-access\s+(?:blob|container)\b"
        r"|\bpublicAccess:\s*'(?:Blob|Container)'|\bacl\s*=\s*\"public-read(?:-write)?\"|"
        r"(?<![\w-])ACL[\"']?\s*[=:]\s*[\"']public-read|\b(?:acl|defacl)\s+set\b[^\n]{0,40}\bpublic-read"
        r"|\bFunctionUrlAuthType\.NONE\b|\bfunction-url-config\b[^\n]{0,200}--auth-type[= ]+NONE\b"
        r"|AccessControl:\s*['\"]?PublicRead\w*|(?:\bdelete|\bRemove-S3)[-_]?public[-_]?access[-_]?block\b"
        r"|\b(?:block_public_acls|block_public_policy|restrict_public_buckets)\s*=\s*false"
        r"|\b(?:BlockPublicAcls|BlockPublicPolicy|RestrictPublicBuckets)[\"']?[=:]\s*[\"']?false"
        r"|modify-(?:db-)?(?:cluster-)?snapshot-attribute\b"
        r"(?![^\n]*(?:--operation-type[= ]remove|--values-to-remove|Remove=))[^\n]{0,200}\ball\b"
        r"|modify-(?:image|snapshot)-attribute\b[^\n]{0,200}Group=all"
        r"|\bfirewall-rule create\b[^\n]{0,300}--end-ip(?:-address)?\s+255\.255\.255\.255"
        r"|--authorized-networks[= ]+[\"']?0\.0\.0\.0/0|\.grant_?public_?access\(",
        re.IGNORECASE,
    )

    _modes: ClassVar[re.Pattern[str]] = re.compile(
        r"\bchmod\s+(?:-{1,2}[\w-]+\s+)*(?:0?777|0?666|(?:a|o|ugo)\+r?wx?)\s+(?!/tmp\b)"
        r"(?:\S*[/.$~*]\S*|[\w-]+[ \t]*(?:$|&&|;|\|))"
        r"|^\s*mode:\s*[\"']?0?[0-7]?777[\"']?\s*$",
        re.MULTILINE,
    )

    def find(self, code: Code) -> Iterator[Found]:
        """Settings, access lists, bucket policies, firewall rules of databases, and files that
        every account of a machine can write.
        """
        yield from (Found(m.group(), severity="major") for m in self._modes.finditer(code.text))
        yield from attribute_faults(code, "public")
        yield from faults(code, self._settings)
        yield from (Found(match.group()) for match in self._spans.finditer(code.text))
        for resource in code.resources:
            yield from self._resource(resource)
        for node in code.nodes():
            if _reads_for_everybody(node) and not code.narrows_an_endpoint:
                yield Found(str(dict(node)))

    def _resource(self, resource: Resource) -> Iterator[Found]:
        body = resource.body
        everybody = {"allusers", "allauthenticatedusers"}
        if resource.kind.startswith(("google_storage", "google_bigquery")) or not resource.kind:
            given = [
                v
                for name in ("member", "members", "entity", "role_entity")
                for v in texts(body.get(name))
            ]
            if any(part in everybody for value in given for part in value.split(":")):
                yield Found(f"{resource.label}: {given}")
        networks = lookup(body, "settings.ip_configuration.authorized_networks.value")
        if resource.kind == "google_sql_database_instance" and EVERYWHERE & set(texts(networks)):
            yield Found(f"{resource.label}: authorized_networks is everybody")
        if "firewall" in resource.kind.lower() and "255.255.255.255" in {
            said(body.get(name)) for name in ("end_ip_address", "end_ip")
        }:
            yield Found(f"{resource.label}: up to 255.255.255.255")
        elif "firewall" in resource.kind.lower() and {"0.0.0.0"} == {  # noqa: S104 - a value to find
            said(body.get(name))
            for name in ("start_ip_address", "start_ip", "end_ip_address", "end_ip")
            if name in body
        }:
            yield Found(f"{resource.label}: every service of the cloud", severity="minor")
        if resource.kind in {"aws_lambda_permission", "AWS::Lambda::Permission"}:
            narrowed = ("source_arn", "source_account", "principal_org_id")
            if said(body.get("principal")) == "*" and not any(name in body for name in narrowed):
                yield Found(f"{resource.label}: principal = *")


def _reads_for_everybody(node: Mapping[str, Any]) -> bool:
    """A bucket policy that lets everybody read or write objects, without a condition that narrows
    whom.
    """
    given = {str(name).lower(): value for name, value in node.items()}
    principal = given.get("principal")
    everybody = principal == "*" or (
        isinstance(principal, Mapping) and "*" in items(principal.get("AWS"))
    )
    actions = [*texts(given.get("action")), *texts(given.get("actions"))]
    objects = any(
        a.startswith(("s3:get", "s3:put", "s3:*", "s3:list", "s3:delete")) for a in actions
    )
    return (
        everybody
        and objects
        and said(given.get("effect")) == "allow"
        and not narrows(given.get("condition"))
    )
