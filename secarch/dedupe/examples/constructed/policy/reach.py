"""What refused calls come to in effect: rights that lead to them by another way.

A verdict on a call looks at that call alone. A right to deploy, to read keys or to write rights
gives more than its name says, and a reader who is told "no" has to hear of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from secarch.dedupe.examples.constructed.policy.case import Ruling
from secarch.dedupe.examples.constructed.voice import listed


@dataclass(frozen=True, slots=True)
class Way:
    """A right that is held, and the refused calls to which it leads."""

    to: Callable[[Ruling], bool]
    """Whether it leads to a call."""
    text: str
    """What it does, as sentences."""
    firm_too: bool = False
    """Whether it leads past a refusal that binds every identity of the account."""


def ways(rulings: Sequence[Ruling], held: Iterable[Way], none: str = "") -> tuple[str, ...]:
    """One text for each way to a refused call, with the numbers of the calls; else `none`."""
    told = []
    for way in held:
        numbers = [
            str(number)
            for number, one in enumerate(rulings, 1)
            if one.word == "no" and way.firm_too >= one.firm and way.to(one)
        ]
        if numbers:
            one = len(numbers) == 1
            calls = f"{'Call' if one else 'Calls'} {listed(numbers)} {'is' if one else 'are'}"
            told.append(f"{calls} refused and may be within reach all the same. {way.text}")
    return tuple(told) or ((none,) if none else ())


def cluster(bound: Sequence[tuple[str, str]]) -> list[Way]:
    """Ways in a cluster; `bound` are names of roles with the namespace, "" for all of them."""
    made = []
    for role, namespace in bound:
        where = f"in `{namespace}`" if namespace else "in every namespace"
        if role == "deploy":
            made.append(
                Way(
                    _in(namespace, {"get secrets"}),
                    f"By `deploy` the account starts a pod {where} that mounts the secret and "
                    "hands out its content; only its name has to be known, and deployments that "
                    "it may read tell names. RBAC does not stop that.",
                )
            )
            made.append(
                Way(
                    _in(namespace, {"create pods/exec", "create rolebindings", "list secrets"}),
                    f"The pods that `deploy` starts {where} run any image under any service "
                    "account of the namespace, so its limit is what the strongest of these "
                    "accounts may do.",
                )
            )
        if role == "everything" and namespace:
            made.append(
                Way(
                    lambda _: True,
                    f"`everything` {where} starts pods there under any service account of that "
                    "namespace, and with the node's file system unless admission forbids it: then "
                    "the tokens of all pods on that node are in reach, those of other namespaces "
                    "included.",
                )
            )
        if role == "debug":
            made.append(
                Way(
                    _in(namespace, _BY_SHELL if namespace else _BY_ANY_SHELL),
                    f"A shell by `debug` {where} reads whatever the pod mounts, its secrets and "
                    "the token of its service account, and acts with that token.",
                )
            )
        if role == "read-secrets":
            made.append(
                Way(
                    _in(namespace, {"create rolebindings", "create deployments"}),
                    f"If a Secret {where} holds a token (`kubernetes.io/service-account-token`) of "
                    f"an account that may do it, `read-secrets` hands that token over. Count such "
                    f"Secrets before you rely on the refusal.",
                )
            )
    return made


_BY_SHELL = {"get secrets", "create rolebindings", "list secrets"}
_BY_ANY_SHELL = _BY_SHELL | {"create deployments", "list pods", "get pods"}
"""What the token of some pod may do; among the pods of all namespaces are controllers."""


def _in(namespace: str, keys: set[str]) -> Callable[[Ruling], bool]:
    """Whether a call is one of `keys` in a namespace; in any if it is empty."""
    return lambda one: one.key[0] in keys and (not namespace or one.key[1] == namespace)


_CODE = (
    "with what the managed identity of the app may do: whoever deploys code to the app acts as "
    "that identity, and sees settings that hold a credential in plain."
)
_KEYS = (
    "returns a key of the storage account, and a key reads, overwrites and deletes every blob "
    "without Entra ID, as long as the account allows shared keys; the same role may switch them on."
)


def azure(named: Sequence[tuple[str, str]]) -> list[Way]:
    """Ways in a resource group; `named` are kinds of roles that reach it, with their names."""
    storage = "Microsoft.Storage/storageAccounts"
    blobs = f"{storage}/blobServices/containers/blobs"
    secrets = "Microsoft.KeyVault/vaults/secrets"
    secret = f"{secrets}/getSecret/action"
    made = []
    for kind, name in named:
        if kind == "access manager":
            made.append(
                Way(
                    lambda _: True,
                    f"`{name}` writes role assignments, so a member gives Owner or a data role to "
                    "itself and then makes the call: two calls instead of one.",
                )
            )
        if kind in {"storage admin", "Contributor"}:
            made.append(
                Way(
                    lambda one: one.key[0].startswith(blobs) or one.key[0] == f"{storage}/delete",
                    f"`{name}` holds `{storage}/listKeys/action`, which {_KEYS}",
                )
            )
        if kind == "Contributor":
            made.append(
                Way(
                    lambda one: one.key[0] == f"{secrets}/setSecret/action",
                    f"`{name}` holds `{secrets}/write`, a control operation: an ARM deployment of "
                    "the secret as a resource sets its value, with Azure RBAC on the vault as well "
                    "as with access policies. It writes and does not read back.",
                )
            )
            made.append(
                Way(
                    lambda one: one.key[0] == secret,
                    f"If the vault works with access policies, `{name}` adds one for itself and "
                    "reads the secret. With Azure RBAC on the vault it cannot, and changing that "
                    "mode takes a right to write role assignments. The app is another way, "
                    f"{_CODE}",
                )
            )
        if kind == "operator":
            made.append(
                Way(
                    lambda one: one.key[0] == secret or one.key[0].startswith(blobs),
                    f"`{name}` may change the web app (`Microsoft.Web/*`), and so reach it {_CODE}",
                )
            )
            made.append(
                Way(
                    lambda one: one.key[0] == "Microsoft.Web/sites/delete",
                    f"`{name}` stops the app or deploys an empty one, which users cannot tell from "
                    "a deletion; what is spared is the resource and its names.",
                )
            )
    return made


def aws(able: Callable[[str, str], bool], name: str) -> list[Way]:
    """Ways of an AWS role; `able` says whether it may do an action on a resource's ARN."""
    bucket = f"arn:aws:s3:::{name}-documents"
    held = []
    if able("s3:PutObject", f"{bucket}/reports/q2.csv"):
        held.append(
            Way(
                _is("s3:DeleteObject"),
                "`s3:PutObject` on the same key replaces the report by an empty one; without "
                "versions on the bucket that is deletion.",
                firm_too=True,
            )
        )
    if able("s3:PutLifecycleConfiguration", bucket):
        held.append(
            Way(
                _is("s3:DeleteObject"),
                "`s3:PutLifecycleConfiguration` is granted, and a rule that expires objects after "
                "a day deletes them in the name of S3.",
            )
        )
    if able("s3:PutBucketPolicy", bucket):
        held.append(
            Way(
                _is("s3:GetObject"),
                "`s3:PutBucketPolicy` is granted: the role admits a principal of another account "
                "to the object, and a Deny in this role's own policy does not bind that principal.",
            )
        )
    if able("lambda:UpdateFunctionCode", "arn:aws:lambda:::function:any"):
        held.append(
            Way(
                lambda one: not one.key[0].startswith("lambda:"),
                "`lambda:UpdateFunctionCode` is granted on every function, and replaced code runs "
                "with the role of its function; no `iam:PassRole` is needed for that, and no "
                "limit of this role binds that other role. So the limit is the "
                "strongest role that any function has.",
            )
        )
    return held


def sides(
    rulings: Sequence[Ruling], wordings: Mapping[str, Sequence[str]], *, far: bool, told: int = 0
) -> tuple[str, ...]:
    """On whose edit each refused call of two policies hangs; `far` is another account's caller.

    `told` is the place of the wording among those of each side.
    """
    both = "both_far" if far else "both_near"
    texts = {side: wordings[side][told] for side in ("deny", "caller", "bucket")}
    texts["both"] = wordings[both][told]
    found: dict[str, list[str]] = {}
    for number, one in enumerate(rulings, 1):
        if one.word == "no":
            found.setdefault(_side(one.reason), []).append(str(number))
    return tuple(
        f"Call{'s' if len(numbers) > 1 else ''} {listed(numbers)} "
        f"{'are' if len(numbers) > 1 else 'is'} {texts[side]}"
        for side, numbers in found.items()
    )


def _side(reason: str) -> str:
    """Which side refuses, by the reason that is told."""
    if " denies " in reason or " deny `" in reason:
        return "deny"
    if "but the identity policy" in reason:
        return "caller"
    return "bucket" if "but the bucket policy" in reason else "both"


def _is(*actions: str) -> Callable[[Ruling], bool]:
    return lambda one: one.key[0] in actions
