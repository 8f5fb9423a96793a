"""A new resource beside a live one that cannot be changed, for Terraform and CloudFormation.

Both tools answer a changed property such as `storage_encrypted` with a replacement, which takes the
data along. So the corrected resource stands beside the present one under names of its own until
the data have moved.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from secarch.dedupe.examples.constructed.planted import Planted

_NAME = re.compile(
    r"^(\s+(?:identifier|replication_group_id|creation_token|final_snapshot_identifier)\s*=\s*)"
    r'"([^"]+)"'
)
_STACK_NAME = re.compile(r"^(\s+(?:DBInstanceIdentifier|ReplicationGroupId):\s*)(\S+)$")
_RESTORED = re.compile(r"^\s+(?:MasterUsername|DBName|KmsKeyId|StorageEncrypted):")
"""Properties that a restored database takes from its snapshot and must not repeat."""
SUFFIX = "encrypted"
_MILD = frozenset({"medium", "low"})
"""Weights of faults that can wait for the new resource; others are fixed on the live one too."""
_CARRIED = "cache_plaintext"
"""A kind that clients have to move for anyway, so that the old group is never switched."""


def renewed(one: Planted) -> bool:
    """Whether fixing it takes a second resource; a template or a class only gets a new version."""
    return not one.fault.in_place and one.kind != "volume_unencrypted"


def waiting(planted: Sequence[Planted]) -> list[Planted]:
    """The faults that end with a live resource: what cannot change, and what is mild beside it."""
    late = {one.resource for one in planted if renewed(one)}
    return [
        one
        for one in planted
        if one.resource in late and (renewed(one) or one.severity in _MILD or one.kind == _CARRIED)
    ]


def new_name(resource: str, language: str) -> str:
    """The name of the new resource, such as `aws_efs_file_system.share_encrypted`."""
    name = resource.strip("`")
    return f"`{name}_{SUFFIX}`" if language == "hcl" else f"`{name}{SUFFIX.capitalize()}`"


def put_beside(live: str, fixed: str, resources: Sequence[str], language: str) -> str:
    """`live` with the `fixed` form of each resource behind the present one, renamed.

    CloudFormation comes as YAML; both texts hold each resource once.
    """
    for resource in resources:
        lines, right = live.splitlines(), fixed.splitlines()
        _, end = _block(lines, resource, language)
        start, stop = _block(right, resource, language)
        block = right[start:stop]
        gap = [""] if language == "hcl" else []
        live = "\n".join([*lines[:end], *gap, *_renamed(block, resource, language), *lines[end:]])
    return live


def _block(lines: Sequence[str], resource: str, language: str) -> tuple[int, int]:
    """First line of a resource, and the one after its last."""
    name = resource.strip("`")
    if language == "hcl":
        kind, label = name.split(".")
        start = lines.index(f'resource "{kind}" "{label}" {{')
        return start, lines.index("}", start) + 1
    start = lines.index(f"  {name}:")
    end = start + 1
    while end < len(lines) and (lines[end].startswith("   ") or not lines[end].strip()):
        end += 1
    while not lines[end - 1].strip():
        end -= 1
    return start, end


def _renamed(block: Sequence[str], resource: str, language: str) -> list[str]:
    name = resource.strip("`")
    if language == "hcl":
        label = name.split(".")[1]
        head = block[0].replace(f'"{label}"', f'"{label}_{SUFFIX}"')
        return [head, *(line for one in block[1:] for line in _argument(one))]
    database = any("AWS::RDS::DBInstance" in line for line in block)
    body = [line for one in block[1:] for line in _property(one, database=database)]
    return [f"  {name}{SUFFIX.capitalize()}:", *body]


def _argument(line: str) -> list[str]:
    named = _NAME.sub(lambda match: f'{match[1]}"{_suffixed(match[2])}"', line)
    if line.lstrip().startswith("identifier "):
        return [named, "  snapshot_identifier = var.encrypted_snapshot_id"]
    return [named]


def _property(line: str, *, database: bool) -> list[str]:
    if database and _RESTORED.match(line):
        return []
    named = _STACK_NAME.sub(lambda match: match[1] + _suffixed(match[2]), line)
    if database and "DBInstanceIdentifier:" in line:
        blank = line[: len(line) - len(line.lstrip())]
        return [named, f"{blank}DBSnapshotIdentifier: !Ref EncryptedSnapshotId"]
    return [named]


def _suffixed(value: str) -> str:
    """A name with the suffix, before the ending of a final snapshot."""
    if value.endswith("-final"):
        return f"{value.removesuffix('-final')}-{SUFFIX}-final"
    return f"{value}-{SUFFIX}"
