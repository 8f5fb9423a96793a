"""Trust in the tokens of another identity provider that does not say whose tokens."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from secarch.danger.rule import Found
from secarch.danger.tree import Code, conditions, lookup, said, texts

_GITHUB = "token.actions.githubusercontent.com"
_ANY_REPOSITORY = re.compile(r"\*|repo:\*(?:/\*)?(?::.*)?")


def for_every_repository(given: Mapping[str, Any]) -> bool:
    """Whether a statement of a trust policy, its names in lower case, trusts GitHub's tokens and
    does not say whose.
    """
    if "sts:assumerolewithwebidentity" not in texts(given.get("action")):
        return False
    if not given.get("condition") and _GITHUB in str(given.get("principal")):
        return True
    every = list(conditions(given.get("condition")))
    found = [one for one in every if one[1].startswith(_GITHUB)]
    subjects = [
        value
        for operator, key, values in found
        for value in texts(values)
        if key.endswith(":sub") and "like" in operator
    ]
    somebody = any(key.endswith(":sub") for _, key, _ in every)
    only_audience = not somebody and {key for _, key, _ in found} == {f"{_GITHUB}:aud"}
    return only_audience or any(map(_ANY_REPOSITORY.fullmatch, subjects))


def without_condition(code: Code) -> Iterator[Found]:
    """Google's providers for GitHub's tokens that take those of every repository."""
    for provider in code.of("google_iam_workload_identity_pool_provider"):
        issuers = map(said, lookup(provider.body, "oidc.issuer_uri"))
        trusted = any(_GITHUB in issuer for issuer in issuers) and not provider.partial
        if trusted and "attribute_condition" not in provider.body:
            yield Found(f"{provider.label}: no attribute_condition", severity="major")
    for command in code.commands:
        trusted = _GITHUB in (command.option("--issuer-uri") or "")
        made = command.words[0] == "gcloud" and "create-oidc" in command.words
        if made and trusted and command.option("--attribute-condition") is None:
            yield Found(command.text, severity="major")
