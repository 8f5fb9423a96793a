"""Shell scripts: commands with their words, and the documents that they write or pass."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from typing import Any

from secarch.danger.documents import read_json, read_yaml
from secarch.danger.tree import Command, Parts, Resource, snake

MAX_LINES = 120
"""Lines of one quoted argument."""
MAX_SCRIPT = 2_000
"""Lines of a script that are read."""
_HEREDOC = re.compile(r"<<-?\s*[\"']?(\w+)[\"']?")
_ASSIGNED = re.compile(r"([A-Za-z_]\w*)=(.*)", re.DOTALL)
_SPLIT = {"&&", "||", ";", "|", "&", ";;", "(", ")", "|&"}
_MAKES = {
    ("rds", "create-db-instance"): "aws_db_instance",
    ("rds", "create-db-cluster"): "aws_rds_cluster",
    ("docdb", "create-db-cluster"): "aws_docdb_cluster",
    ("neptune", "create-db-cluster"): "aws_neptune_cluster",
    ("ec2", "create-volume"): "aws_ebs_volume",
    ("efs", "create-file-system"): "aws_efs_file_system",
    ("ec2", "run-instances"): "aws_instance",
    ("redshift", "create-cluster"): "aws_redshift_cluster",
    ("elasticache", "create-replication-group"): "aws_elasticache_replication_group",
    ("s3api", "put-public-access-block"): "aws_s3_bucket_public_access_block",
    ("s3control", "put-public-access-block"): "aws_s3_account_public_access_block",
    ("cloudtrail", "create-trail"): "aws_cloudtrail",
}
"""Commands that make what Terraform has a resource for, with the same defaults."""
_CHANGES = {
    ("rds", "modify-db-instance"): "aws_db_instance",
    ("ec2", "modify-instance-metadata-options"): "aws_instance",
    ("s3api", "put-bucket-acl"): "aws_s3_bucket_acl",
    ("s3api", "create-bucket"): "aws_s3_bucket",
    ("redshift", "modify-cluster"): "aws_redshift_cluster",
    ("cloudtrail", "update-trail"): "aws_cloudtrail",
    ("dms", "create-replication-instance"): "aws_dms_replication_instance",
    ("rds", "create-db-instance-read-replica"): "aws_db_instance",
    ("mq", "create-broker"): "aws_mq_broker",
    ("ssm", "put-parameter"): "aws_ssm_parameter",
    ("eks", "create-cluster"): "aws_eks_cluster",
    ("eks", "update-cluster-config"): "aws_eks_cluster",
}
"""Commands that set single values: nothing follows from what they leave out."""
_BLOCKS = {
    "metadata_options": "metadata_options",
    "public_access_block_configuration": "",
    "http_tokens": "",
    "resources_vpc_config": "resources_vpc_config",
}
"""Options whose value is a table in shorthand; empty: its content belongs to the command itself."""
_NAMES = {"no_encrypted": "encrypted"}


def read(text: str) -> Parts:
    """The commands of a script; here-documents and JSON arguments are documents of their own."""
    found = Parts(parsed=True)
    script, inner = _without_heredocs(text)
    for document in inner:
        found.add(
            read_json(document, partial=False)
            if document.lstrip()[:1] in "{["
            else read_yaml(document, partial=False)
        )
    known: dict[str, str] = {}
    for line in _logical(script):
        for given in _simple(line):
            words = [_filled(word, known) for word in given]
            while words and (assigned := _ASSIGNED.fullmatch(words[0])):
                known[assigned[1]] = assigned[2]
                words = words[1:]
            if words:
                _take(Command(tuple(words), " ".join(words)), found)
    return found


def _take(command: Command, found: Parts) -> None:
    found.commands.append(command)
    for word in command.words:
        body = word.partition("=")[2] if word.startswith("--") and "=" in word else word
        if body.strip()[:1] in {"{", "["}:
            found.documents += read_json(body, partial=True).documents
    if command.words[0] == "helm":
        found.documents += [
            _chart_value(given) for given in command.options("--set", "--set-string")
        ]
    if made := _cmdlet(command):
        found.resources.append(made)
        return
    plain = [word for word in command.words if not word.startswith("-")][:3]
    tool = _TOOLS.get(plain[0]) if plain else None
    if tool:
        found.resources.append(
            Resource(tool, " ".join(plain), _body(command, short=False), partial=True)
        )
    if len(plain) == 3 and plain[0] == "aws":
        what = (plain[1], plain[2])
        makes, changes = _MAKES.get(what), _CHANGES.get(what)
        if makes or changes:
            found.resources.append(
                Resource(makes or changes or "", " ".join(plain), _body(command), partial=not makes)
            )


def _chart_value(given: str) -> dict[str, Any]:
    """`a.b=c,d=e` of `helm --set` as the values of the chart that it stands for."""
    tree: dict[str, Any] = {}
    for part in given.split(","):
        path, _, text = part.partition("=")
        *outer, last = re.sub(r"\[\d+\]", "", path).split(".")
        node = tree
        for name in outer:
            inner = node.setdefault(name, {})
            node = inner if isinstance(inner, dict) else {}
        node[last] = {"true": True, "false": False}.get(text, text)
    return tree


_TOOLS = {"az": "azurerm_cli", "gcloud": "google_cli", "aws": "aws_cli", "gsutil": "google_cli"}
"""Command lines whose options are arguments of a cloud, under names alike."""
_CMDLET = re.compile(r"[A-Z][a-z]+-(?:Az|EC2|S3|RDS|IAM|CT|EFS|GD|CFG|ELB|KMS|SEC|LM)[A-Z]?\w*")
_CMDLETS = {
    "NetworkSecurityRuleConfig": "azurerm_network_security_rule",
    "RoleAssignment": "azurerm_role_assignment",
    "StorageAccount": "azurerm_storage_account",
}


def _cmdlet(command: Command) -> Resource | None:
    """A PowerShell command of a cloud's module, its parameters as arguments."""
    name = command.words[0]
    if not _CMDLET.fullmatch(name):
        return None
    body: dict[str, Any] = {}
    for n, word in enumerate(command.words):
        parameter = re.fullmatch(r"-([A-Za-z]\w*)(?::(\S+))?", word)
        if parameter:
            following = command.words[n + 1] if n + 1 < len(command.words) else ""
            value = parameter[2] or ("" if following.startswith("-") else following)
            body[snake(parameter[1])] = {"$true": True, "$false": False}.get(
                value.lower(), value or True
            )
    noun = name.partition("-")[2].removeprefix("Az")
    cloud = "azurerm" if "-Az" in name else "aws"
    return Resource(_CMDLETS.get(noun, f"{cloud}_{snake(noun)}"), name, body, partial=True)


def _body(command: Command, *, short: bool = True) -> dict[str, Any]:
    """The options as Terraform's arguments: `--no-x` is false, a bare flag true, `A=b,C=d` a
    table.
    """
    body: dict[str, Any] = {}
    for word in command.words:
        if not word.startswith("--"):
            continue
        name = snake(word.partition("=")[0])
        value: Any = " ".join(command.options(word.partition("=")[0]))
        if name.startswith("no_"):
            body[name.removeprefix("no_")] = False
        elif short and "=" in value and (re.fullmatch(r"[\w=,:. -]+", value) or name in _BLOCKS):
            table = {
                snake(key): item
                for key, _, item in (part.partition("=") for part in value.split(","))
            }
            body |= {name: table} if _BLOCKS.get(name, name) else table
        else:
            body[name] = value or True
    if "http_tokens" in body and "metadata_options" not in body:
        body["metadata_options"] = {"http_tokens": body["http_tokens"]}
    return body


def _without_heredocs(text: str) -> tuple[str, list[str]]:
    kept: list[str] = []
    inner: list[str] = []
    lines = iter(text.splitlines())
    for line in lines:
        opened = _HEREDOC.search(line)
        kept.append(_HEREDOC.sub("", line) if opened else line)
        if opened:
            body: list[str] = []
            for following in lines:
                if following.strip() == opened[1]:
                    break
                body.append(following)
            inner.append("\n".join(body))
    return "\n".join(kept), inner


def _logical(script: str) -> Iterator[str]:
    """Lines, those joined that a backslash or an open quote continues."""
    held = ""
    lines = [
        line for line in re.sub(r"[\\`^][ \t]*\n[ \t]*", " ", script).splitlines() if line.strip()
    ]
    for line in lines[:MAX_SCRIPT]:
        held = f"{held}\n{line}" if held else re.sub(r"^\s*(?:\$|PS>|>)\s+", "", line)
        if _words(held) is not None or held.count("\n") > MAX_LINES:
            yield held
            held = ""
    if held:
        yield held


def _words(line: str) -> list[str] | None:
    """The words of a line, None while a quote is open."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=";&|()")
    lexer.whitespace_split = True
    lexer.commenters = ""
    try:
        return list(lexer)
    except ValueError:
        return None


def _simple(line: str) -> Iterator[list[str]]:
    """The simple commands of a line, without comments, sudo and the like."""
    words: list[str] = []
    for word in _uncommented(_words(line) or line.split()):
        if word in _SPLIT:
            yield words
            words = []
        elif words or word not in {"sudo", "then", "do", "else", "exec", "time", "nohup"}:
            words.append(word)
    yield words


def _uncommented(words: Sequence[str]) -> Iterator[str]:
    for word in words:
        if word.startswith("#"):
            return
        yield word


def _filled(word: str, known: dict[str, str]) -> str:
    return re.sub(r"\$\{?(\w+)\}?", lambda match: known.get(match[1], match[0]), word)
