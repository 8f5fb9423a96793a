"""What to say before code that a live resource would answer with its own replacement."""

from __future__ import annotations

from collections.abc import Sequence

from secarch.dedupe.examples.constructed.planted import Planted
from secarch.dedupe.examples.constructed.scene import Scene
from secarch.dedupe.examples.constructed.voice import capital, listed

_TERRAFORM = (
    "{those} are for a new resource. On the live {resource} Terraform would destroy it and create "
    "an empty one in its place{halted}. Write {them} into a second block with a label and {key} of "
    "its own, and remove the old block in a later change, after the move"
)
_CLOUDFORMATION = (
    "{those} are for a new resource. On the live {resource} CloudFormation answers with a "
    "replacement and deletes the old one at the end; only `UpdateReplacePolicy: Retain` keeps it, "
    "since `DeletionPolicy` alone does not cover a replacement. Set that policy first, write "
    "{them} into a second resource with a logical ID{key} of its own, and remove the old one in a "
    "later change, after the move"
)
_TEMPLATE = (
    "{those} make a new version of the launch template and destroy nothing: the volumes that "
    "exist stay unencrypted until their instances are replaced"
)
_CLASS = (
    "{those} are for a StorageClass that is deleted and created anew, since its parameters cannot "
    "be edited; volumes that exist are not touched and stay unencrypted"
)
_KEYS = {
    "database_unencrypted": "an `identifier`",
    "cache_unencrypted": "a `replication_group_id`",
    "share_unencrypted": "a `creation_token`",
}
"""Kind of fault -> the argument that names the resource in Terraform."""
_FIXED_NAMES = ("DBInstanceIdentifier", "ReplicationGroupId")
"""Properties of CloudFormation that give a resource a name which only one can have."""


def replaced(scene: Scene, one: Planted) -> bool:
    """Whether fixing it means a new resource for one that exists.

    A script that creates the resource has none to replace yet.
    """
    return not one.fault.in_place and scene.language != "bash"


def before_code(scene: Scene, ones: Sequence[Planted]) -> str:
    """For which resource the lines are that follow, for each fault that replaces one; else ''.

    Said before code that shows the property under the present name of the resource, since whoever
    merges it as it stands loses the data.
    """
    late = [one for one in ones if replaced(scene, one)]
    alone = len(ones) == 1
    return " ".join(_sentence(scene, one, alone=alone) for one in late)


def _sentence(scene: Scene, one: Planted, *, alone: bool) -> str:
    number = listed([str(scene.planted.index(one) + 1)])
    changes = {
        "those": "these lines" if alone else f"the lines of {number}",
        "them": "them",
        "resource": one.resource,
        "halted": _halted(scene, one),
        "key": _key(scene, one),
    }
    return capital(_form(scene, one).format_map(changes)) + "." + _restored(scene, one)


def _form(scene: Scene, one: Planted) -> str:
    if one.kind == "volume_unencrypted":
        return _TEMPLATE if scene.pool.cloud == "aws" else _CLASS
    return _TERRAFORM if scene.language == "hcl" else _CLOUDFORMATION


def _key(scene: Scene, one: Planted) -> str:
    if scene.language == "hcl":
        return _KEYS.get(one.kind, "a name")
    named = [name for name in _FIXED_NAMES if name in scene.code]
    return f" and a `{named[0]}`" if named else ""


def _restored(scene: Scene, one: Planted) -> str:
    """Where the data of a database comes from; other resources are filled by copying."""
    if one.kind != "database_unencrypted":
        return ""
    name = "snapshot_identifier" if scene.language == "hcl" else "DBSnapshotIdentifier"
    return f" There `{name}` names the encrypted copy of the last snapshot, or it starts empty."


def _halted(scene: Scene, one: Planted) -> str:
    guarded = one.kind == "database_unencrypted" and "deletion_protection" in scene.fixed
    return ", unless deletion protection stops the apply half way" if guarded else ""
