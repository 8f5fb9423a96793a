"""The rule about credentials that are written into code."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Literal

from secarch.danger import images
from secarch.danger.pipeline import printed_secrets
from secarch.danger.rule import Found, Rule
from secarch.danger.tree import MAX_NODES, Code, Command, Resource, items

_SCRIPTS = re.compile(
    r"^(?:user_?data(?:_base64|_raw)?|custom_?data|startup_?script|metadata_startup_script"
    r"|environment|environment_variables|env|variables|command|container_definitions|run)$",
    re.IGNORECASE,
)
"""Arguments whose text runs on a machine, or is in its environment."""
_KEY_SHAPED = re.compile(
    r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|\bAKID\w{13,}\b"
    r"|\bwJalr[\w/+]{30,}|-----BEGIN (?:\w+ )?PRIVATE KEY-----"
)
"""Keys, those of the documentation among them: in a script that runs, what is wrong is the place.
"""
_FIRST_TRIED = "admin|root|toor|guest|sa|12345?|redis|mysql|mongo|minio"
"""Passwords that are tried first, shorter than others that are looked at."""


class HardCodedSecret(Rule):
    """A credential written into code."""

    kind: Literal["hard_coded_secret"] = "hard_coded_secret"

    _name: ClassVar[str] = (
        r"\w{0,40}(?:password|passwd|pwd|secret_?key|secret_access_key|api_?key|auth_?token|"
        r"access_?token|client_secret"
        r"|(?:jwt|session|signing|webhook|cookie|hmac|app)_secret(?:_key)?"
        r"|(?:db|admin|root|user)_pass|raw_key|private_key(?!_?path)|account_?key"
        r"|connection_?string|master_?user_?password|sas_?token)"
    )
    _assigned: ClassVar[re.Pattern[str]] = re.compile(
        rf"(?<![\w.-]){_name}[\"']?\s*[=:]\s*([\"'])([^\"'\n]{{6,200}})\1", re.IGNORECASE
    )
    _secret: ClassVar[re.Pattern[str]] = re.compile(
        rf"{_name}$|plaintext_value$|(?!\w*(?:creation|client|request|idempotency|next|continuation|page)_?token$)"
        rf"\w{{0,40}}token$",
        re.IGNORECASE,
    )
    _placeholder: ClassVar[re.Pattern[str]] = re.compile(
        r"[$<>{}*]|\bvar\.|\bdata\.|\blocal\.|^arn:|^/|placeholder|replace|change.?me|your[-_ "
        r"]|dummy|redacted|xxx"
        r"|\.\.\.|secretsmanager|key-?vault|vault|^projects/|^ssm:|env\b|not[-_ ]a[-_ "
        r"]|^\(|example|prompt"
        r"|generated|random|^(?:true|false|none|null|required|disabled|enabled|optional|string|"
        r"secret)$|^file://|^https?://"
        r"|^@|^\[.*\]$|[-_]here$|[-_](?:password|secret|key|token)$|^(?:my|test|some"
        r"|the)[-_]?\w*(?:password|secret|"
        r"key|token)"
        r"|^(?:super_?)?(?:secret|plain)\w*password$|^username:password@|^0+$|^\w+$(?<=_password)",
        re.IGNORECASE,
    )
    _shaped: ClassVar[re.Pattern[str]] = re.compile(
        r"\b(?:AKIA|ASIA)(?!\w*EXAMPLE)[0-9A-Z]{16}\b|-----BEGIN (?:RSA |EC |OPENSSH |ENCRYPTED "
        r")?PRIVATE KEY-----"
        r"|\bgh[pousr]_[A-Za-z0-9]{36}\b|\bgithub_pat_\w{22,}|\bxox[baprs]-[\w-]{10,}|"
        r"\bsk_live_[A-Za-z0-9]{10,}"
        r"|\bAIza[0-9A-Za-z_-]{35}\b|\bAccountKey=[A-Za-z0-9+/=]{40,}|\bglpat-[\w-]{20}|"
        r"\bnpm_[A-Za-z0-9]{36}\b"
        r"|\bBearer\s+eyJ(?!\w*\.eyJzdWIiOiIxMjM0NTY3ODkwI)[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{20,}"
        r"|\b[a-z]\w{2,20}://[\w.-]{1,60}:(?![$<{*]|password@|pass@|secret@|pw@)[^\s:@/\"'$<{]{5,"
        r"}@[\w.-]+"
    )
    _exported: ClassVar[re.Pattern[str]] = re.compile(
        rf"^[ \t]*(?:(?:export|ENV|ARG|set|setx)[ \t]+)?(?:[\w-]{{1,40}}\.){{0,6}}({_name})[= ][ "
        rf"\t]*[\"']?([^\s\"'$<{{(]{{6,200}}|{_FIRST_TRIED})[\"']?[ \t]*$",
        re.IGNORECASE | re.MULTILINE,
    )
    _secured: ClassVar[re.Pattern[str]] = re.compile(
        r"ConvertTo-SecureString\s+(?:-String\s+)?[\"']([^\"'$\n]{6,100})[\"'][^\n]*-AsPlainText",
        re.IGNORECASE,
    )
    _flag: ClassVar[re.Pattern[str]] = re.compile(
        r"--(?:master-user-password|admin-password|administrator-login-password|password|"
        r"root-password|secret-string"
        r"|from-literal=\w*(?:password|token|key))[= ]\s*[\"']?"
        rf"([^\s\"'$<{{(]{{6,100}}|(?:{_FIRST_TRIED})(?=[\s\"']|$))",
        re.IGNORECASE,
    )

    _plain: ClassVar[re.Pattern[str]] = re.compile(
        r"\b(?:unsafe_?[pP]lain_?[tT]ext|SecretValue\.plain_?[tT]ext)\(\s*([\"'])([^\"'\n]{6,200})\1"
    )

    def find(self, code: Code) -> Iterator[Found]:
        """Literals under secret names, in trees and text, in flags, and known shapes; placeholders
        do not count.
        """
        for node in code.nodes():
            yield from self._node(node)
            yield from self._scripts(node)
        yield from images.copied_keys(code)
        yield from printed_secrets(code)
        for command in code.commands:
            yield from self._options(command)
        for variable in code.of("variable"):
            default = variable.body.get("default")
            if isinstance(default, str) and self._is_default(variable.name, default):
                yield Found(f"{variable.label}: default = {default}")
        for parameter in code.of("aws_ssm_parameter", "AWS::SSM::Parameter"):
            names = (parameter.name, str(parameter.body.get("name", "")).rpartition("/")[2])
            value = parameter.body.get("value")
            if isinstance(value, str) and any(self._is_secret(name, value) for name in names):
                yield Found(f"{parameter.label}: value = {value}")
        for stored in code.resources:
            yield from self._stored(stored)
        shell = bool(code.commands) or code.language in {
            "dockerfile",
            "docker",
            "env",
            "dotenv",
            "ini",
            "properties",
        }
        yield from self._in_text(code.text, self._assigned, 2)
        yield from self._in_text(code.text, self._plain, 2)
        if shell:
            yield from self._in_text(code.text, self._exported, 2)
            yield from self._in_text(code.text, self._flag, 1)
            yield from self._in_text(code.text, self._secured, 1)
        yield from (
            Found(match.group())
            for match in self._shaped.finditer(code.text)
            if "EXAMPLE" not in match.group()
        )

    def _options(self, command: Command) -> Iterator[Found]:
        """Pairs of names and values among the options of a cloud's or a container's program."""
        if command.words[0] not in _PROGRAMS:
            return
        for part in (part for word in command.words for part in re.split(r"[,;{}]", word)):
            *outer, value = part.split("=", 2)
            name = outer[-1].strip("-").rpartition(".")[2].replace("-", "_") if outer else ""
            stored = re.fullmatch(r"[\w/-]+:(?:latest|\d+)", value)
            if name and not stored and self._is_secret(name, value):
                yield Found(f"{name}={value}")

    def _stored(self, resource: Resource) -> Iterator[Found]:
        """What a secret store is filled with, written into the code."""
        name = _STORED.get(resource.kind)
        value = resource.body.get(name) if name else None
        if type(value) is not str:
            return
        pairs = json_pairs(value) or {"stored_password": value}
        for key, given in pairs.items():
            if type(given) is str and self._is_secret(str(key), given):
                yield Found(f"{resource.label}: {name} = {given}")

    def _in_text(self, text: str, pattern: re.Pattern[str], group: int) -> Iterator[Found]:
        yield from (
            Found(m.group().strip())
            for m in pattern.finditer(text)
            if not self._placeholder.search(m[group])
        )

    def _node(self, node: Mapping[str, Any]) -> Iterator[Found]:
        if "remoteRef" in node or "objectName" in node:
            return
        name = node.get("name")
        pairs = [*node.items(), *([(name, node.get("value"))] if isinstance(name, str) else [])]
        if str(node.get("kind")) == "Secret":
            stored = [node.get(part) for part in ("data", "stringData")]
            pairs += [
                pair for table in stored if isinstance(table, Mapping) for pair in table.items()
            ]
        lines = [one.partition("=") for one in items(node.get("environment")) if type(one) is str]
        pairs += [(key, value) for key, equals, value in lines if equals]
        for key, given in pairs:
            parameter = given if isinstance(given, Mapping) else {"Default": given}
            value = parameter.get("defaultValue", parameter.get("Default"))
            checks = self._is_secret if parameter is not given else self._is_default
            if isinstance(value, str) and checks(str(key), value):
                yield Found(f"{key} = {value}")
        files = node.get("data") if str(node.get("kind")) == "ConfigMap" else None
        for text in _strings(files) if isinstance(files, Mapping) else ():
            yield from self._in_text(text, self._exported, 2)

    def _scripts(self, node: Mapping[str, Any]) -> Iterator[Found]:
        """Credentials in what a machine is started with."""
        for name, value in node.items():
            if not _SCRIPTS.match(str(name)) and str(name) not in {"access_key", "secret_key"}:
                continue
            for text in _strings(value):
                if match := _KEY_SHAPED.search(text):
                    yield Found(f"{name}: {match.group()[:8]}...")
                elif "\n" in text or "export " in text:
                    yield from self._in_text(text, self._exported, 2)

    def _is_default(self, name: str, value: str) -> bool:
        """Whether a parameter's default is a credential; a weak one works until it is changed."""
        weak = bool(self._secret.fullmatch(name)) and bool(_WEAK.fullmatch(value))
        return self._is_secret(name, value) or weak

    def _is_secret(self, name: str, value: str) -> bool:
        if type(value) is not str or not self._secret.fullmatch(name):
            return False
        plain = 6 <= len(value) <= 300 and " " not in value.strip()
        guessed = re.fullmatch(_FIRST_TRIED, value, re.IGNORECASE) is not None
        return guessed or (plain and not self._placeholder.search(value))


_WEAK = re.compile(
    r"(?:change[-_]?me|password|passw0rd|p@ssw0rd|letmein|welcome|qwerty|default)[\d!@#]{0,6}",
    re.IGNORECASE,
)
"""Words that stand for a password elsewhere, and are one where they are a parameter's default."""
_PROGRAMS = {
    *("aws", "az", "gcloud", "docker", "podman", "nerdctl", "kubectl", "helm", "oc"),
    *("ENV", "ARG", "export", "env"),
}
"""Programs, and instructions of images and shells, that take pairs of names and values."""
_STORED = {
    "azurerm_key_vault_secret": "value",
    "Microsoft.KeyVault/vaults/secrets": "value",
    "aws_secretsmanager_secret_version": "secret_string",
    "AWS::SecretsManager::Secret": "SecretString",
    "google_secret_manager_secret_version": "secret_data",
}
"""Where resources that fill a store have the secret."""


def json_pairs(text: str) -> Mapping[str, Any]:
    """The entries of a text that is a JSON object; empty if it is none."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, Mapping) else {}


def _strings(tree: Any) -> Iterator[str]:
    """Every text in a tree, what functions of templates are given among them; bounded."""
    waiting, left = [tree], MAX_NODES
    while waiting and left:
        left -= 1
        node = waiting.pop()
        if isinstance(node, str):
            yield str(node)
        elif isinstance(node, Mapping):
            waiting += list(node.values())
        elif isinstance(node, list | tuple):
            waiting += list(node)
