"""What to say before code that puts a new resource beside a live one which cannot be changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from secarch.dedupe.examples.constructed.beside import new_name, renewed, waiting
from secarch.dedupe.examples.constructed.planted import Planted
from secarch.dedupe.examples.constructed.render import indent_of, snippet
from secarch.dedupe.examples.constructed.scene import Scene
from secarch.dedupe.examples.constructed.voice import listed

_TERRAFORM = (
    "{new} stands beside the live {resource}, since Terraform answers the same lines on the live "
    "one by destroying it and creating an empty one{halted}. The live block stays as it is until "
    "the data have moved, and goes in a later change."
)
_CLOUDFORMATION = (
    "{new} stands beside the live {resource}, since CloudFormation answers the same lines on the "
    "live one with a replacement{halted}. The live one stays as it is until the data have moved; "
    "set `DeletionPolicy: Retain` on it before a later change takes it out."
)
_TEMPLATE = (
    "These lines make a new version of the launch template and destroy nothing: the volumes that "
    "exist stay unencrypted until their instances are replaced."
)
_CLASS = (
    "The lines{which} are for a StorageClass that is deleted and created anew, since its "
    "parameters cannot be edited; volumes that exist are not touched and stay unencrypted."
)
_EMPTY = (
    "Nothing is deployed by this file yet, so the property is simply set{which}. Once it holds "
    "data, the same change would replace the resource."
)


def replaced(scene: Scene, one: Planted) -> bool:
    """Whether fixing it means a new resource for one that exists.

    A script that creates the resource has none to replace yet, and neither has an empty scene.
    """
    return not one.fault.in_place and scene.language != "bash" and not scene.empty


def waits(scene: Scene, one: Planted) -> bool:
    """Whether a fault ends with the new resource and not on the live one."""
    return not scene.empty and scene.language != "bash" and one in waiting(scene.planted)


def before_start(scene: Scene) -> Scene:
    """The scene before its first deployment: everything can still be set in place."""
    return replace(scene, proposed=scene.fixed, empty=True)


def as_it_runs(scene: Scene) -> Scene:
    """The scene with something running: what clients have to follow is done in steps."""
    return scene.staged or scene


def fixing_code(scene: Scene, ones: Sequence[Planted]) -> str:
    """The lines that fix some of the faults, with each new resource whole; '' if lines only go."""
    if scene.proposed == scene.fixed:
        wanted = sorted({number for one in ones for number in one.right})
        return snippet(scene.fixed, wanted, scene.language)
    late = [one for one in ones if waits(scene, one)]
    now = sorted({number for one in ones if one not in late for number in one.right})
    parts = [snippet(scene.fixed, now, scene.language)]
    if any(renewed(one) for one in late):
        parts.append(_new_resources(scene))
    return "\n\n".join(part for part in parts if part)


def joint_code(scene: Scene) -> str:
    """The lines that fix all findings, if they are in one resource and change in place; else ''.

    Shown for each finding, the same outline of the resource would come again and again.
    """
    ones = scene.planted
    if len(ones) < 2 or scene.language == "json" or len({one.resource for one in ones}) > 1:
        return ""
    simple = all(one.right and one.fault.in_place and not one.slot.step for one in ones)
    return fixing_code(scene, ones) if simple else ""


def _new_resources(scene: Scene) -> str:
    """The resources that come beside live ones, whole, with the parameters that they bring."""
    renewing = [one.resource for one in scene.planted if renewed(one)]
    names = dict.fromkeys(new_name(resource, scene.language) for resource in renewing)
    lines = scene.proposed.splitlines()
    if scene.language == "hcl":
        starts = [lines.index(_opening(name)) for name in names]
        blocks = [lines[start : lines.index("}", start) + 1] for start in starts]
        return "\n\n".join("\n".join(block) for block in blocks)
    known = set(scene.code.splitlines())
    wanted = [n for n in _span(lines, "Parameters") if lines[n] not in known]
    for name in names:
        wanted += _span(lines, name.strip("`"))
    return snippet(scene.proposed, wanted, scene.language)


def _opening(name: str) -> str:
    kind, label = name.strip("`").split(".")
    return f'resource "{kind}" "{label}" {{'


def _span(lines: Sequence[str], name: str) -> range:
    """The lines of an entry of a template, as YAML or JSON; empty if there is none."""
    heads = (f"{name}:", f'"{name}": {{')
    start = next((n for n, line in enumerate(lines) if line.strip() in heads), None)
    if start is None:
        return range(0)
    end = start + 1
    while end < len(lines) and indent_of(lines[end]) > indent_of(lines[start]):
        end += 1
    return range(start, end)


def before_code(scene: Scene, ones: Sequence[Planted]) -> str:
    """What the new resources in the lines that follow are for, one sentence each; else ''.

    Whoever merged the property under the present name of the resource would lose its data.
    """
    late = [one for one in ones if not one.fault.in_place and scene.language != "bash"]
    if scene.empty:
        new = [one for one in late if renewed(one)]
        which = "" if len(ones) == 1 else f" for {_numbers(scene, new)}"
        return _EMPTY.format(which=which) if new else ""
    alone = len(ones) == 1
    told = [_sentence(scene, one, alone=alone) for one in late]
    return " ".join([*told, *(_following(scene, one, alone=alone) for one in ones)]).strip()


def _following(scene: Scene, one: Planted, *, alone: bool) -> str:
    """What follows on the lines shown, if they are a first step only."""
    if not one.slot.then or _bare(one.slot.step) not in _bare(scene.fixed):
        return ""
    return (
        f"{'' if alone else f'{_numbers(scene, [one])} takes three deployments. '}{one.slot.then}"
    )


def _bare(code: str) -> str:
    """Code without what its notation adds, so that YAML and JSON of the same lines are equal."""
    return "".join(char for char in code if char not in ' \n",')


def _numbers(scene: Scene, ones: Sequence[Planted]) -> str:
    return listed([str(scene.planted.index(one) + 1) for one in ones])


def _sentence(scene: Scene, one: Planted, *, alone: bool) -> str:
    if one.kind == "volume_unencrypted":
        which = "" if alone else f" of {_numbers(scene, [one])}"
        return _TEMPLATE if scene.pool.cloud == "aws" else _CLASS.format(which=which)
    form = _TERRAFORM if scene.language == "hcl" else _CLOUDFORMATION
    told = form.format(
        new=new_name(one.resource, scene.language),
        resource=one.resource,
        halted=_halted(scene, one),
    )
    return told + _restored(scene, one)


def _restored(scene: Scene, one: Planted) -> str:
    """Where the data of a database comes from; other resources are filled by copying."""
    if one.kind == "share_unencrypted":
        return (
            " Mount targets, the backup policy and a file system policy that refuses mounts "
            "without TLS belong to one file system each, so the new one needs its own."
        )
    if one.kind != "database_unencrypted":
        return ""
    if scene.language == "hcl":
        return (
            " `snapshot_identifier` names the encrypted copy of the last snapshot, made with "
            "`copy-db-snapshot --kms-key-id`; without it the new instance starts empty."
        )
    return (
        " `DBSnapshotIdentifier` names the encrypted copy of the last snapshot, made with "
        "`copy-db-snapshot --kms-key-id`, and brings user, key and encryption along, so "
        "`MasterUsername`, `KmsKeyId` and `StorageEncrypted` must not be repeated beside it."
    )


def _halted(scene: Scene, one: Planted) -> str:
    if one.kind != "database_unencrypted":
        return ""
    if scene.language == "hcl":
        guarded = "deletion_protection       = true" in scene.fixed
        return ", unless deletion protection stops the apply half way" if guarded else ""
    return ", which fails here, since the name of the instance is taken"
