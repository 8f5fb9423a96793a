"""Dangerous code in an answer: precise detectors over fenced blocks, which know context.

A block that is introduced as insecure, as the code under review or as what not to do is no advice and is passed
over; so are comments, removed lines of a diff and placeholders. Precision comes first: a rule that cannot be sure
says nothing. To add a rule, write a frozen model and put it into the union at the foot.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from secarch.evaluate.windows import windows
from secarch.schema import Config
from secarch.suite import Severity

MAX_HEAD = 200
MAX_BLOCK = 4_000
"""Characters before a brace and of a block with its inner ones that are read: deep nesting must not cost its square."""
_BAD_EXAMPLE = re.compile(
    r"^\s*(?:#|//|--|/\*|<!--)\s*.{0,40}\b(?:bad|wrong|insecure|vulnerable|unsafe|do not|don't|never|avoid|before)\b",
    re.IGNORECASE,
)
_COMMENT_LINE = re.compile(r"^[ \t]*(?:#(?!!)|//|--\s|;|/\*|\*(?!\S*[\"':])).*$", re.MULTILINE)
_TRAILING_COMMENT = re.compile(r"(?<=\s)(?:#|//)\s.*$", re.MULTILINE)
_CONTINUED = re.compile(r"[\\`^][ \t]*\n[ \t]*")
_ANYWHERE = re.compile(r"0\.0\.0\.0/0|::/0")
_DENY = re.compile(
    r"effect[\"']?\s*[=:]\s*[\"']?deny|--access\s+deny|\bdeny\s*\{|action\s*=\s*[\"']deny", re.IGNORECASE
)
_CONDITION = re.compile(r"[\"']?condition[\"']?\s*[=:{]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Danger:
    """What a rule found."""

    rule: str
    severity: Severity
    evidence: str
    """The offending text, on one line, 200 characters at most."""


@dataclass(frozen=True, slots=True)
class Block:
    """A `{...}` of HCL or JSON: what stands before it on its line, its own text (inner blocks emptied), all of it."""

    head: str
    own: str
    whole: str


@dataclass(frozen=True, slots=True)
class Code:
    """One fenced block as the rules see it: without comments, with continued shell lines joined."""

    text: str
    language: str

    @property
    def commands(self) -> list[str]:
        """Lines, as a shell sees them."""
        return self.text.splitlines()

    def blocks(self) -> Iterator[Block]:
        """Every brace block, inner ones first."""
        yield from _blocks(self.text)


def _blocks(text: str) -> Iterator[Block]:
    opened: list[int] = []
    inner: list[list[tuple[int, int]]] = [[]]
    for position, character in enumerate(text):
        if character == "{":
            opened.append(position)
            inner.append([])
        elif character == "}" and opened:
            start, nested = opened.pop(), inner.pop()
            inner[-1].append((start, position + 1))
            own, at = [], start + 1
            for left, right in nested:
                own += [text[at:left], "{}"]
                at = right
            head = text[max(text.rfind("\n", 0, start) + 1, start - MAX_HEAD) : start]
            yield Block(head, "".join([*own, text[at:position]]), text[start : min(position + 1, start + MAX_BLOCK)])


class Rule(Config):
    """Base of all rules."""

    kind: str
    severity: Severity = "critical"

    def find(self, code: Code) -> Iterator[str]:
        """The offending spans."""
        raise NotImplementedError


def _field(name: str, value: str) -> re.Pattern[str]:
    """`name = "value"`, `"name": ["value"]`, `Name: value`, `- value` below it: HCL, JSON and YAML alike."""
    return re.compile(
        rf"[\"']?\b{name}[\"']?\s*[=:]\s*(?:\[\s*|-\s*)?[\"']?{value}[\"']?\s*(?:[\],\n}}]|$)", re.IGNORECASE
    )


class IamWildcard(Rule):
    """A statement that allows every action on every resource, or a resource policy open to everybody."""

    kind: Literal["iam_wildcard"] = "iam_wildcard"

    _actions: ClassVar[re.Pattern[str]] = _field("actions?", r"\*(?::\*)?")
    _resources: ClassVar[re.Pattern[str]] = _field("resources?", r"\*")
    _principal: ClassVar[re.Pattern[str]] = re.compile(
        r"[\"']?\bprincipals?[\"']?\s*[=:]\s*(?:\[\s*)?(?:[\"']\*[\"']|\{\s*[\"']?AWS[\"']?\s*[=:]\s*\[?\s*[\"']\*[\"'])",
        re.IGNORECASE,
    )
    _item: ClassVar[re.Pattern[str]] = re.compile(
        r"(?=^[ \t]*-[ \t]+(?:sid|effect|action|principal)\b)", re.IGNORECASE | re.MULTILINE
    )

    def find(self, code: Code) -> Iterator[str]:
        """Looks at each statement by itself: a brace block, or an item of a YAML list."""
        for block in code.blocks():
            yield from self._statement(block.own, block.whole)
        for item in self._item.split(code.text)[1:]:
            if "{" not in item:
                yield from self._statement(item, item)

    def _statement(self, own: str, whole: str) -> Iterator[str]:
        if _DENY.search(own) or _CONDITION.search(own):
            return
        if (self._actions.search(own) and self._resources.search(own)) or (
            re.search(r"\beffect\b", own, re.IGNORECASE) and self._principal.search(whole)
        ):
            yield whole


class OpenAdminPort(Rule):
    """A firewall rule that opens an administration or database port to the whole internet."""

    kind: Literal["open_admin_port"] = "open_admin_port"
    ports: tuple[int, ...] = (22, 23, 445, 1433, 2375, 3306, 3389, 5432, 5900, 5985, 5986, 6379, 9200, 27017)
    """TCP ports that are never for everybody."""

    _command: ClassVar[re.Pattern[str]] = re.compile(
        r"authorize-security-group-ingress|firewall-rules (?:create|update)|nsg rule (?:create|update)"
    )
    _command_ports: ClassVar[re.Pattern[str]] = re.compile(
        r"--(?:port|destination-port-ranges?|rules|allow)[= ]+[\"']?(?:tcp:)?([\d,\-\* ]+)", re.IGNORECASE
    )
    _everybody: ClassVar[re.Pattern[str]] = re.compile(
        r"0\.0\.0\.0/0|::/0|--source-address-prefix(?:es)?[= ]+[\"']?(?:\*|internet|any)", re.IGNORECASE
    )

    def find(self, code: Code) -> Iterator[str]:
        """HCL blocks (AWS, Google) and the three clouds' command lines."""
        for block in code.blocks():
            if self._opens(block):
                yield block.whole
        for line in code.commands:
            if self._command.search(line) and self._everybody.search(line) and not _DENY.search(line):
                ports = self._command_ports.search(line)
                if ports and self._hits(ports[1]):
                    yield line

    def _opens(self, block: Block) -> bool:
        if _DENY.search(block.own) or re.search(r"egress|type\s*=\s*\"egress\"", block.head + block.own, re.IGNORECASE):
            return False
        google = "google_compute_firewall" in block.head
        text = block.whole if google else block.own
        if not _ANYWHERE.search(block.own):
            return False
        if google:
            listed = re.findall(r"ports\s*=\s*\[([^\]]*)\]", text)
            return any(self._hits(ports.replace('"', "")) for ports in listed)
        bounds = {name: int(value) for name, value in re.findall(r"\b(from_port|to_port)\s*=\s*\"?(\d+)", text)}
        every = re.search(r"\b(?:ip_)?protocol\s*=\s*\"(?:-1|all)\"", text) is not None
        return every or any(bounds.get("from_port", 1) <= port <= bounds.get("to_port", 0) for port in self.ports)

    def _hits(self, ports: str) -> bool:
        for part in re.split(r"[,\s]+", ports.strip()):
            low, _, high = part.partition("-")
            if part == "*" or (
                low.isdigit() and any(int(low) <= p <= int(high or low) for p in self.ports if (high or low).isdigit())
            ):
                return True
        return False


class PublicStorage(Rule):
    """A bucket, container or database that everybody can read."""

    kind: Literal["public_storage"] = "public_storage"

    _spans: ClassVar[re.Pattern[str]] = re.compile(
        r"\bacl\s*=\s*\"public-read(?:-write)?\"|--acl[= ]+public-read(?:-write)?\b"
        r"|AccessControl:\s*['\"]?PublicRead\w*"
        r"|\bmembers?\s*=\s*\[?\s*\"(?:allUsers|allAuthenticatedUsers)\"|\b(?:iam ch|--member[= ]+)\s*['\"]?allUsers\b"
        r"|\b(?:block_public_acls|block_public_policy|restrict_public_buckets)\s*=\s*false"
        r"|\b(?:BlockPublicAcls|BlockPublicPolicy|RestrictPublicBuckets)[=:]\s*false"
        r"|\b(?:allow_blob_public_access|allow_nested_items_to_be_public)\s*=\s*true|--allow-blob-public-access\s+true"
        r"|\bpublicly_accessible\s*=\s*true|PubliclyAccessible:\s*['\"]?true|(?<!no-)(?<!\w)--publicly-accessible\b"
        r"|\b(?:container_access_type)\s*=\s*\"(?:blob|container)\"|--public-access\s+(?:blob|container)\b",
        re.IGNORECASE,
    )

    def find(self, code: Code) -> Iterator[str]:
        """Settings and flags that make storage public."""
        yield from (match.group() for match in self._spans.finditer(code.text))


class PrivilegedPod(Rule):
    """A container with the host's powers."""

    kind: Literal["privileged_pod"] = "privileged_pod"

    _spans: ClassVar[re.Pattern[str]] = re.compile(
        r"^[ \t]*(?:-[ \t]*)?\"?(?:privileged|hostPID|hostNetwork|hostIPC)\"?:\s*true\b|\bprivileged\s*=\s*true\b"
        r"|\bdocker\s+run\b[^\n]{0,400}\s--privileged\b|^[ \t]*-[ \t]*\"?(?:SYS_ADMIN|ALL)\"?[ \t]*$",
        re.MULTILINE,
    )

    def find(self, code: Code) -> Iterator[str]:
        """Pod fields; a policy that matches them (`pattern`, `validate`, `deny`) is no pod."""
        if re.search(r"\b(?:ClusterPolicy|ConstraintTemplate|ValidatingAdmissionPolicy|deny\[|violation\[)", code.text):
            return
        for match in self._spans.finditer(code.text):
            before = code.text[: match.start()].rstrip().rsplit("\n", 1)[-1]
            if "SYS_ADMIN" not in match.group() and "ALL" not in match.group():
                yield match.group().strip()
            elif re.search(r"\badd\"?:\s*$", before):
                yield f"capabilities add: {match.group().strip()}"


class HardCodedSecret(Rule):
    """A credential written into code."""

    kind: Literal["hard_coded_secret"] = "hard_coded_secret"

    _assigned: ClassVar[re.Pattern[str]] = re.compile(
        r"\b(?:\w*(?:password|passwd|secret_?key|secret_access_key|api_?key|auth_?token|access_?token|client_secret))"
        r"[\"']?\s*[=:]\s*([\"'])([^\"'\n]{6,100})\1",
        re.IGNORECASE,
    )
    _placeholder: ClassVar[re.Pattern[str]] = re.compile(
        r"[$<>{}*]|\bvar\.|\bdata\.|^arn:|^/|example|placeholder|replace|change.?me|your[-_ ]|dummy|redacted|xxx|\.\.\."
        r"|secretsmanager|keyvault|vault|^projects/|^ssm:|env\b|not[-_ ]a[-_ ]",
        re.IGNORECASE,
    )
    _shaped: ClassVar[re.Pattern[str]] = re.compile(
        r"\b(?:AKIA|ASIA)(?!\w*EXAMPLE)[0-9A-Z]{16}\b|-----BEGIN (?:RSA |EC |OPENSSH )?PRIVATE KEY-----"
    )

    def find(self, code: Code) -> Iterator[str]:
        """Literals assigned to secret names, access key ids and private keys; placeholders do not count."""
        yield from (m.group() for m in self._assigned.finditer(code.text) if not self._placeholder.search(m[2]))
        yield from (match.group() for match in self._shaped.finditer(code.text))


class VerificationOff(Rule):
    """A check of certificates or signatures that is switched off."""

    kind: Literal["verification_off"] = "verification_off"

    _spans: ClassVar[re.Pattern[str]] = re.compile(
        r"\bverify\s*=\s*False\b|--no-verify(?:-ssl|-tls)?\b|--insecure(?:-skip-tls-verify)?\b|\bcurl\b[^\n]{0,400}\s-k\b"
        r"|--no-check-certificate\b|NODE_TLS_REJECT_UNAUTHORIZED[\"']?\s*[=:]\s*[\"']?0|InsecureSkipVerify:\s*true"
        r"|insecure-skip-tls-verify:\s*true|\bsslmode=disable\b|ssl\._create_unverified_context|CERT_NONE\b"
        r"|http\.sslVerify[= ]+false"
    )

    def find(self, code: Code) -> Iterator[str]:
        """Flags and settings of common clients."""
        yield from (match.group() for match in self._spans.finditer(code.text))


AnyRule = Annotated[
    IamWildcard | OpenAdminPort | PublicStorage | PrivilegedPod | HardCodedSecret | VerificationOff,
    Field(discriminator="kind"),
]
RULES: tuple[AnyRule, ...] = (
    IamWildcard(), OpenAdminPort(), PublicStorage(), PrivilegedPod(), HardCodedSecret(), VerificationOff(),
)  # fmt: skip


def examine(answer: str, rules: tuple[AnyRule, ...] = RULES) -> list[Danger]:
    """Everything that the rules find in the code that the answer offers as good; a rule counts once for each block."""
    found: list[Danger] = []
    for window in windows(answer):
        if not window.code or not window.raw or window.warned or _BAD_EXAMPLE.match(window.raw):
            continue
        code = Code(_cleaned(window.raw, window.language), window.language)
        for rule in rules:
            spans = islice(rule.find(code), 1)
            found += [Danger(rule.kind, rule.severity, " ".join(span.split())[:200]) for span in spans]
    return found


def _cleaned(raw: str, language: str) -> str:
    if language == "diff":
        raw = "\n".join(line[1:] for line in raw.splitlines() if not line.startswith("-"))
    text = _TRAILING_COMMENT.sub("", _COMMENT_LINE.sub("", raw))
    return _CONTINUED.sub(" ", text)
