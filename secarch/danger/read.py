"""From a fenced block to `Code`: which language it is, what of it is not advice, and what is in
it.
"""

from __future__ import annotations

import re

from secarch.danger import ansible, bicep, documents, pulumi, python, script, shell
from secarch.danger.dialect import guess
from secarch.danger.tree import PROGRAMS, Code, Parts, Resource, items, walk

_BAD = (
    r"\b(?:bad|wrong|insecure|vulnerable|unsafe|do "
    r"not|don't|never|avoid|before|anti-?pattern|risky|dangerous)\b"
)
BAD_EXAMPLE = re.compile(rf"^\s*(?:#|//|--|/\*|<!--)\s*.{{0,40}}{_BAD}", re.IGNORECASE)
"""A block that begins with such a comment is shown as wrong."""
_BAD_RESOURCE = re.compile(
    rf"^[ \t]*(?:#|//).{{0,80}}{_BAD}.*\n(?:[ \t]*(?:#|//).*\n)*[ "
    r"\t]*(resource|data)\s+\"(\w+)\"\s+\"([\w-]+)\"",
    re.IGNORECASE | re.MULTILINE,
)
_BAD_LINES = re.compile(
    rf"^[ \t]*#(?!!).{{0,80}}{_BAD}.*\n(?:[ \t]*[^#\s].*(?:\n|$))+", re.IGNORECASE | re.MULTILINE
)
_COMMENT_LINE = re.compile(r"^[ \t]*(?:#(?!!)|//|--\s|;|/\*|\*(?!\S*[\"':])).*$", re.MULTILINE)
_TRAILING_COMMENT = re.compile(r"(?<=\s)(?:#|//)\s.*$", re.MULTILINE)
_CONTINUED = re.compile(r"[\\`^][ \t]*\n[ \t]*")
_OMITTED = re.compile(
    r"\.\.\.|\u2026|(?:#|//).{0,40}\b(?:other|remaining|rest of|existing|omitted|etc|as "
    r"before|unchanged|snip)\b",
    re.IGNORECASE,
)
MAX_CODE = 40_000
"""Characters of a block that are read."""
_DOTS = re.compile(r"^[ \t]*(?:\.\.\.|\u2026)[ \t]*,?[ \t]*$", re.MULTILINE)
_HCL = re.compile(
    r"^(?:resource|data|module|variable|provider|locals|terraform)\b[^\n]*\{|^\w+\s*=\s|^\w+\s*\{",
    re.MULTILINE,
)
_SHELL = frozenset(
    {
        "sh",
        "bash",
        "shell",
        "zsh",
        "console",
        "shell-session",
        "cli",
        "azurecli",
        "gcloud",
        "terminal",
        "powershell",
        "pwsh",
        "ps1",
        "posh",
        "cmd",
        "bat",
        "awscli",
        "aws",
        "az",
    }
)
_PIPELINES = re.compile(r"^\s*(?:jobs|on|steps|stages|script|before_script):", re.MULTILINE)
_INSTRUCTION = re.compile(r"^\s*(?:RUN|CMD|ENTRYPOINT)\s+", re.IGNORECASE | re.MULTILINE)
_DIRECTIVE = (
    r"\{\{-?\s*(?:[.$]|/\*|(?:include|if|end|else|range|with|toYaml|template|define|default|quote"
    r"|tpl"
    r"|printf|required|lookup|fail)\b)[^{}\n]*\}\}"
)
_TEMPLATE_LINE = re.compile(rf"^[ \t]*{_DIRECTIVE}[ \t]*$", re.MULTILINE)
_TEMPLATE = re.compile(_DIRECTIVE)
"""Of Helm: a line that only steers the template, and a value that is filled in."""
TERRAFORM = frozenset({"hcl", "tf", "terraform", "tfvars"})
"""Words behind the fence of a file of Terraform."""
_SILENT = frozenset({"rego", "kql", "kusto", "sql", "sentinel", "mermaid", "markdown", "md", "log"})
"""Languages of rules and records, which name what is dangerous in order to forbid or find it."""


def read(raw: str, language: str) -> Code:
    """Parse a block. What no parser reads is left to patterns over its text."""
    if language in _SILENT:
        return Code("", language, parsed=True)
    if language == "diff":
        raw = "\n".join(line[1:] for line in raw.splitlines() if not line.startswith("-"))
        language = ""
    if language in {"", "text", "plaintext"}:
        language = guess(raw[:MAX_CODE])
    if language in _SHELL:
        raw = _BAD_LINES.sub("", raw)
    raw = raw[:MAX_CODE]
    partial = bool(_OMITTED.search(raw))
    whole = _DOTS.sub("", raw)
    found = _safely(whole, language, partial=partial)
    wrong = {(kind, name) for _, kind, name in _BAD_RESOURCE.findall(raw)}
    return Code(
        script.joined(_cleaned(raw)) if language in PROGRAMS else _cleaned(raw),
        language,
        resources=tuple(r for r in found.resources if (r.kind, r.name) not in wrong),
        documents=tuple(found.documents),
        commands=tuple(found.commands),
        parsed=found.parsed,
        unparsed=tuple(found.unparsed),
    )


def _safely(text: str, language: str, *, partial: bool) -> Parts:
    """What the readers find; a model's text may break any library, and that ends nothing."""
    try:
        return _parsed(text, language, partial=partial)
    except Exception as error:  # noqa: BLE001 - whatever a parser raises on such text is its message
        found = Parts()
        found.fail(language or "text", error)
        return found


def _parsed(text: str, language: str, *, partial: bool) -> Parts:
    found = Parts()
    if language in _SHELL:
        found = shell.read(text)
    elif language in TERRAFORM:
        found = _terraform(text, partial=partial)
    elif language in {"json", "jsonc", "json5"}:
        found = documents.read_json(text, partial=partial)
    elif language in {"yaml", "yml", "cloudformation", "kubernetes", "helm", "k8s", "gotmpl"}:
        found = _yaml(text, partial=partial)
    elif language in {"typescript", "ts", "tsx", "javascript", "js", "mjs"}:
        found = script.read(text)
    elif language in {"dockerfile", "docker", "containerfile"}:
        found = shell.read(_INSTRUCTION.sub("", text))
    elif language == "bicep":
        found = bicep.read(text, partial=partial)
    elif language in {"python", "py", "python3"}:
        found = python.read(text)
    elif not language:
        found = _guessed(text, partial=partial)
    return found


def _yaml(text: str, *, partial: bool) -> Parts:
    """YAML; a chart's template with its values unknown; the scripts that a pipeline runs."""
    text = _TEMPLATE.sub("__template__", _TEMPLATE_LINE.sub("", text)) if "{{" in text else text
    found = documents.read_yaml(text, partial=partial)
    found.resources += pulumi.resources(found.documents)
    found.resources += ansible.resources(found.documents)
    if _PIPELINES.search(text):
        for tree in list(found.documents):
            for node in walk(tree):
                for name in ("run", "script", "before_script", "bash", "pwsh"):
                    lines = "\n".join(t for t in items(node.get(name)) if isinstance(t, str))
                    found.commands += shell.read(lines).commands if lines else []
    return found


def _guessed(text: str, *, partial: bool) -> Parts:
    if _HCL.search(text):
        return _terraform(text, partial=partial)
    if re.search(r"^[\w-]+:(?:\s|$)", text, re.MULTILINE):
        return _yaml(text, partial=partial)
    return shell.read(text)


def _terraform(text: str, *, partial: bool) -> Parts:
    from secarch.danger import hcl  # its grammar takes two seconds to build

    found = hcl.read(text, partial=partial)
    for resource in found.resources:
        found.documents += [
            value for value in _embedded(resource) if isinstance(value, dict | list)
        ]
    return found


def _embedded(resource: Resource) -> list[object]:
    """Documents inside strings, such as `policy = <<EOF`: the values are trees by now."""
    return [
        value
        for name, value in resource.body.items()
        if "polic" in name or name.endswith("definitions")
    ]


def _cleaned(raw: str) -> str:
    return _CONTINUED.sub(" ", _TRAILING_COMMENT.sub("", _COMMENT_LINE.sub("", raw)))
