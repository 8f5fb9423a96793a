"""Programs that ask nobody who they are: switches of charts, variables of images, flags.

Sources: the values of the charts and the documentation of the images that many people run (Redis,
MongoDB, MySQL, PostgreSQL, Elasticsearch, OpenSearch, Grafana, Jupyter, Argo CD, Traefik, etcd).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from secarch.danger.rule import Found
from secarch.danger.tree import PROGRAMS, Code, items, said, snake, walk

_YES = r"[\"']?(?:yes|true|on|1)\b"
_NO = r"[\"']?(?:no|false|off|0)\b"
_IS = r"[\"']?(?:\s*[:=]\s*|,?\s{0,40}[\"']?value[\"']?\s*[:=]\s*)"
"""Between a variable's name and its value, also in a list of names and values."""
_SPANS = re.compile(
    rf"\b(?:(?:\w+_)?ALLOW_EMPTY_(?:ROOT_)?PASSWORD|ALLOW_NONE_AUTHENTICATION"
    rf"|ALLOW_ANONYMOUS_LOGIN|GF_AUTH_ANONYMOUS_ENABLED|DISABLE_SECURITY_PLUGIN){_IS}{_YES}"
    rf"|\bPOSTGRES_HOST_AUTH_METHOD{_IS}[\"']?trust\b"
    rf"|\b(?:XPACK_SECURITY_ENABLED|REDIS_PROTECTED_MODE){_IS}{_NO}"
    rf"|\bxpack\.security\.enabled{_IS}{_NO}|\bplugins\.security\.disabled{_IS}{_YES}"
    r"|--skip-grant-tables\b|--enable-skip-login\b|--disable-auth(?:entication)?\b(?!=false)"
    r"|(?<![\w-])--?-?protected-mode[\"']?,?\s*[\"']?no\b|^[ \t]*protected-mode\s+no\b"
    r"|\b(?:NotebookApp|ServerApp)\.(?:token|password)\s*=\s*(?:''|\"\"|\s*$)"
    r"|--auth[= ]none\b|--api\.insecure(?:=true)?(?![\w=.-])"
    r"|^[ \t]*host(?:ssl|nossl)?\s+\S+\s+\S+\s+(?:0\.0\.0\.0/0|::/0|all)\s+trust\b",
    re.MULTILINE,
)
_SWITCHES = frozenset({"auth", "authentication"})
_ANONYMOUS = frozenset(
    """auth.anonymous anonymous anonymous_auth anonymous.enabled allow_anonymous anonymous_access
    allow_anonymous_access allow_empty_password allow_empty_passwords disable_auth
    disable_authentication allow_unauthenticated""".split()  # noqa: SIM905 - a word list
)
_REQUIRED = frozenset(
    """auth_enabled enable_auth auth.enabled authentication.enabled authentication_enabled
    require_auth use_password security.enabled password_protected""".split()  # noqa: SIM905 - a word list
)
_OTHERS = re.compile(r"^(?:aws|azurerm|google|data|azuread|azapi)[._]")
"""Clouds, whose resources have rows of their own."""


def open_doors(code: Code) -> Iterator[Found]:
    """Where authentication is switched off, or anonymous callers are let in."""
    yield from (Found(match.group().strip()) for match in _SPANS.finditer(code.text))
    yield from _open_methods(code)
    if code.language in PROGRAMS:
        return
    bodies = [one.body for one in code.resources if not _OTHERS.match(one.kind)]
    for tree in [*code.documents, *bodies]:
        for node in walk(tree):
            yield from _switched(node)


def _switched(node: Mapping[str, Any]) -> Iterator[Found]:
    pairs = [*node.items(), *((name, node.get("value")) for name in items(node.get("name")))]
    for key, value in pairs:
        name = snake(str(key))
        inner = said(value.get("enabled")) if isinstance(value, Mapping) else ""
        last = ".".join(name.split(".")[-2:])
        off = (name in _SWITCHES and inner == "false") or (
            _REQUIRED & {name, last} and said(value) == "false"
        )
        anonymous = _ANONYMOUS & {name, last} and "true" in {inner, said(value)}
        if off or anonymous:
            yield Found(f"{key}: {inner or said(value)}", severity="major")


_METHODS = re.compile(
    r"aws_api_?gateway(?:v2)?_(?:method|route)|AWS::Api[gG]ateway(?:V2)?::(?:Method|Route)"
)
_CHANGES = re.compile(r"(?:delete|put|patch)\b", re.IGNORECASE)
_ADDED = re.compile(
    r"\.add_?[mM]ethod\(\s*[\"'](?:DELETE|PUT|PATCH)[\"'][^;\n]{0,200}\bAuthorizationType\.NONE\b"
)


def _open_methods(code: Code) -> Iterator[Found]:
    """Methods of an API that change or delete, for whoever calls them."""
    for one in code.resources:
        if not _METHODS.fullmatch(one.kind):
            continue
        method = said(one.body.get("http_method") or one.body.get("route_key"))
        given = said(one.body.get("authorization") or one.body.get("authorization_type"))
        keyed = said(one.body.get("api_key_required")) == "true"
        if given == "none" and _CHANGES.match(method) and not keyed:
            yield Found(f"{one.label}: {method} without authorization", severity="major")
    yield from (Found(match.group(), severity="major") for match in _ADDED.finditer(code.text))
