"""What is left of a statement below a ceiling, or beside the policy of a bucket.

A remark on rights that are refused above would send its reader after nothing: such a statement is
dead, and that is what has to be said of it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from secarch.dedupe.examples.constructed.policy import iam
from secarch.dedupe.examples.constructed.voice import listed

_ACTION = re.compile(r"`([a-z0-9]+:[A-Z]\w+)`")
_ASSUME = "sts:AssumeRole"


def lets(action: str, above: Sequence[iam.Statement]) -> bool:
    """Whether a ceiling, whose statements are about every resource, lets an action through."""
    granted = any(one.allows and one.on_action(action) for one in above)
    return granted and not any(not one.allows and one.on_action(action) for one in above)


def stands(text: str, told: Sequence[dict[str, Any]], above: Sequence[iam.Statement]) -> bool:
    """Whether a ceiling lets through each action and statement of which a remark speaks."""
    dead = [sid for one in told for sid in one.get("dead", ())]
    return not any(f"`{sid}`" in text for sid in dead) and all(
        lets(action, above) for action in _ACTION.findall(text)
    )


def below(
    drawn: Sequence[dict[str, Any]], above: Sequence[iam.Statement], name: str
) -> list[dict[str, Any]]:
    """The statements with remarks that hold below a ceiling; those that are dead come first."""
    dead = [one for one in drawn if not _alive(one["body"], above)]
    rest = [
        {**one, "miss": _wide(one["miss"], above, name)} if "NotAction" in one["body"] else one
        for one in drawn
        if one not in dead
    ]
    return [_dead([one["body"] for one in dead], name), *rest] if dead else rest


def _alive(body: Mapping[str, Any], above: Sequence[iam.Statement]) -> bool:
    if body["Effect"] == "Deny" or "NotAction" in body:
        return True
    return any(lets(action, above) for action in iam.texts(body["Action"]))


def _dead(bodies: Sequence[Mapping[str, Any]], name: str) -> dict[str, Any]:
    """One remark on all statements that are dead, and one change."""
    sids = [body["Sid"] for body in bodies]
    named = listed([f"`{sid}`" for sid in sids])
    refused = listed([f"`{action}`" for body in bodies for action in iam.texts(body["Action"])])
    many = len(sids) > 1
    return {
        "body": bodies[0],
        "dead": sids,
        "miss": f"{named} {'are' if many else 'is'} dead: {name} refuses {refused}, so the "
        f"{'statements grant' if many else 'statement grants'} nothing.",
        "change": f"Take {named} out. As long as {'they stand' if many else 'it stands'} there, "
        "whoever opens the ceiling one day for another role's sake opens "
        f"{'these rights' if many else 'this right'} with it.",
    }


def _wide(miss: str, above: Sequence[iam.Statement], name: str) -> str:
    """What an Allow with NotAction comes to below a ceiling."""
    left = [action for one in above if one.allows for action in one.actions if action != "*"]
    if left:
        kept = listed([f"`{action}`" for action in left])
        lead = miss.split(": ", maxsplit=1)[0]
        return f"{lead}, and what {name} leaves of it is {kept} on every resource."
    if not lets(_ASSUME, above):
        return miss.replace(f", and `{_ASSUME}` is not among them", f"; {name} refuses more")
    return miss


def taken_up(body: Mapping[str, Any], theirs: Sequence[iam.Statement]) -> bool:
    """Whether a bucket policy grants to a caller what its own statement on `exchange/` does."""
    request = iam.Request("s3:PutObject", str(body["Resource"]).replace("*", "any"))
    return any(one.allows and one.covers(request) for one in theirs)


def overruled(
    drawn: Sequence[Mapping[str, Any]], theirs: Sequence[iam.Statement]
) -> dict[str, str]:
    """Statements of which a Deny in the bucket policy leaves nothing -> what to say of each."""
    told = {}
    for body in (one["body"] for one in drawn if one["body"]["Effect"] == "Allow"):
        calls = [
            iam.Request(action, str(body["Resource"]).replace("*", "any"))
            for action in iam.texts(body["Action"])
        ]
        by = next(
            (one for one in theirs if not one.allows and all(map(one.covers, calls))),
            None,
        )
        if by and not by.condition:
            actions = listed([f"`{one.action}`" for one in calls])
            told[body["Sid"]] = (
                f"`{body['Sid']}` is dead: `{by.sid}` in the bucket policy refuses {actions} to "
                "this caller, so the role's own policy promises what the bucket never gives."
            )
    return told
