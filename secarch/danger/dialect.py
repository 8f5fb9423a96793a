"""Which language a line of code is of, for code whose fence does not say so or that has none."""

from __future__ import annotations

import re

TOOL = (
    r"(?:aws|az|gcloud|gsutil|bq|kubectl|docker|podman|helm|terraform|curl|wget|git|pip3?|npm|yarn"
    r"|openssl|psql|ssh|iptables|ufw|systemctl|chmod|setenforce|export|eksctl|kops|oc|vault|mysql"
    r"|redis-cli|mongosh|skopeo|oras|crane|cosign|gh|nerdctl|setfacl|sysctl|scp|rsync)"
)
"""Programs whose call is a command line."""
_CMDLET = (
    r"(?:New|Set|Add|ConvertTo|Remove|Get|Enable|Disable|Update|Invoke|Start|Stop|Connect|Grant|Revoke|Publish"
    r"|Import|Export|Restart|Register|Unregister|Install)-[A-Z]\w+"
)
COMMAND = re.compile(
    rf"^\s*(?:[$>]\s+)?(?:sudo\s+(?:-E\s+)?)?(?:[A-Z][A-Z0-9_]+=\S+\s+)*"
    rf"(?:{TOOL}\s+\S|{_CMDLET}(?:\s+[-$@]|\s*$)|\$\w+\s*=\s*\S)"
)
_FIRST: dict[str, re.Pattern[str]] = {
    "bash": COMMAND,
    "bicep": re.compile(
        r"^\s*(?:resource\s+\w+\s+'|param\s+\w+\s+\w+|targetScope\s*=|@\w+\(.*\)\s*$"
        r"|module\s+\w+\s+'|output\s+\w+\s+\w+\s*=|var\s+\w+\s*=\s*[^;]*$)"
    ),
    "hcl": re.compile(
        r"^\s*(?:(?:resource|data)\s+\"\w+\"\s+\"|(?:provider|module|variable|output|check)\s+\""
        r"|(?:locals|terraform|moved|import)\s*\{\s*$)"
    ),
    "json": re.compile(r"^\s*(?:\{\s*$|\{\s*\"|\[\s*$|\[\s*\{)"),
    "dockerfile": re.compile(
        r"^\s*(?:FROM\s+\S+|(?:RUN|ENV|ARG|COPY|ENTRYPOINT|CMD|USER|WORKDIR|EXPOSE)\s+\S+)"
    ),
    "typescript": re.compile(
        r"^\s*(?:import\s.+\sfrom\s+['\"]|(?:export\s+)?(?:const|let)\s+[\w{}, ]+\s*[:=]"
        r"|(?:await\s+|return\s+)?new\s+[\w.]+\(|(?:export\s+)?(?:default\s+)?class\s+\w+.*\{\s*$"
        r"|var\s+\w+\s*=.*;\s*$|[a-z]\w*(?:\.\w+)+\(.*(?:\bnew\s|\{\s*$|;\s*$)|//\s)"
    ),
    "python": re.compile(
        r"^\s*(?:from\s+[\w.]+\s+import\s+\S|import\s+[\w.]+(?:\s+as\s+\w+)?\s*$"
        r"|(?:class|def)\s+\w+.*:\s*$|[a-z_]\w*\s*=\s*[\w.]+\(|[a-z]\w*(?:\.\w+)+\()"
    ),
    "yaml": re.compile(
        r"^\s*(?:apiVersion:|kind:\s*\w+\s*$|Resources:\s*$|AWSTemplateFormatVersion|Statement:\s*$"
        r"|Version:\s|---\s*$)"
    ),
}
"""What a line of each language begins with, the surest first."""
_ENTRY = re.compile(r"^(?P<indent>\s*)(?P<item>- )?[a-z\"'][\w./\"'-]*:(?:\s+\S.*)?$")
_ITEM = re.compile(r"^\s*- \S")
_SECTION = re.compile(r"^\s*(?:Parameters|Mappings|Conditions|Outputs|Globals|Metadata):\s*$")
_NAMED = re.compile(r"^\s+[A-Z]\w*:\s*(?:$|\{|!)")
"""Of a template of CloudFormation: a section before its resources, and what is in it."""
_SENTENCE = re.compile(r":\s+(?:\w[\w'-]*,? ){5,}")
"""What follows a label in prose rather than a key."""

OPENERS = (
    *("resource", "data", "apiVersion:", "kind:", "Resources:", "AWSTemplateFormatVersion:"),
    *("Statement:", "Version:", "provider", "module", "param", "FROM", "new", "sudo", "@", "RUN"),
    *("variable", "output", "locals", "terraform", "import", "from", "const", "let", "var", "ENV"),
    *("await", "class", "targetScope", "---", *re.findall(r"[a-z][\w-]+", TOOL)),
    *("New-", "Set-", "Add-", "Remove-", "Enable-", "Disable-", "Update-", "Invoke-", "Grant-"),
)
"""First words of lines that code without a fence may begin with."""


def language_of(line: str, following: str = "") -> str:
    """The language whose code begins with this line, as a fence would name it; "" if it is prose.

    A key of YAML looks like a label of prose: it counts if the line that follows it goes on in
    kind.

    >>> language_of('resource "aws_vpc" "v" {'), language_of("spec:", "  hostPID: true")
    ('hcl', 'yaml')
    """
    for language, first in _FIRST.items():
        if first.match(line):
            return language
    if _SECTION.match(line) and _NAMED.match(following):
        return "yaml"
    entry = _ENTRY.match(line)
    if entry and not _SENTENCE.search(line) and _goes_on(entry, line, following):
        return "yaml"
    return ""


def _goes_on(entry: re.Match[str], line: str, following: str) -> bool:
    after = _ENTRY.match(following)
    deeper = len(following) - len(following.lstrip()) > len(entry["indent"])
    if line.rstrip().endswith(":"):
        return bool(after and deeper) or bool(_ITEM.match(following) and _ENTRY.match(following))
    return bool(after) and not _SENTENCE.search(following)


def guess(text: str) -> str:
    """The language of a whole text, by its first line that tells; "" if none does."""
    lines = [line for line in text.splitlines() if line.strip() and not _REMARK.match(line)]
    for line, following in zip(lines[:40], [*lines[1:40], ""], strict=False):
        if language := language_of(line, following):
            return _script(text) if language in {"typescript", "python"} else language
    return ""


_REMARK = re.compile(r"^\s*(?:#(?!!)|//|/\*|\*)")
_OF_SCRIPT = re.compile(
    r"\bnew\s+[\w.]+\(|^\s*(?:const|let)\s|;\s*$|=>|^\s*import\s.+\sfrom\s", re.MULTILINE
)


def _script(text: str) -> str:
    """Calls look the same in Python and TypeScript; `new`, `const` and semicolons do not."""
    return "typescript" if _OF_SCRIPT.search(text) else "python"
