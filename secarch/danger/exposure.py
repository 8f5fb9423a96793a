"""The rule about administration and database ports that are open to the internet."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, Literal

from secarch.danger import images
from secarch.danger.other_clouds import EVERYBODY, openings
from secarch.danger.rule import Found, Rule
from secarch.danger.tree import (
    Code,
    Command,
    Resource,
    Unknown,
    items,
    lookup,
    said,
    texts,
    walk,
)
from secarch.suite.schema import Severity

EVERYWHERE = frozenset({"0.0.0.0/0", "::/0", "*", "internet", "any", "0.0.0.0/1", "<nw>/0", "/0"})
"""Sources that are everybody."""
_CONTROL_PLANES = (
    "vpc_config.public_access_cidrs",
    "resources_vpc_config.public_access_cidrs",
    "api_server_authorized_ip_ranges",
    "api_server_access_profile.authorized_ip_ranges",
    "master_authorized_networks_config.cidr_blocks.cidr_block",
)
_SOURCES = (
    "cidr_blocks",
    "ipv6_cidr_blocks",
    "cidr_ipv4",
    "cidr_ipv6",
    "cidr_ip",
    "cidr_block",
    "ipv6_cidr_block",
    "source_ranges",
    "ingress_cidr_blocks",
    "source_address_prefix",
    "source_address_prefixes",
)


_PORTS = (
    *(20, 21, 22, 23, 111, 135, 137, 138, 139, 161, 389, 445, 873, 1433, 1521, 2049, 2181, 2375),
    *(2376, 2379, 2483, 2484, 3306, 3389, 4333, 5432, 5439, 5601, 5900, 5984, 5985, 5986, 6379),
    *(7199, 9042, 9092, 9200, 9300, 10250, 10255, 11211, 15672, 27017, 27018, 50070),
)
_EPHEMERAL = {(1024, 65535), (32768, 65535), (32768, 61000), (32768, 60999), (49152, 65535)}
"""Ports of answers, which an access list without memory has to let back in."""


_CDK_PORT = (
    r"Port\.(?:tcp\(\s*(?:2[0-3]|3389|3306|5432|1433|1521|5900|6379|9200|11211|27017|2375|2379|445"
    r"|2049|5439|5601|9042|9092|10250)\s*\)|(?:tcpRange|tcp_range)\(\s*[01]\s*,"
    r"|all(?:Traffic|_traffic|Tcp|_tcp)\b|(?:SSH|RDP|POSTGRES|MYSQL_AURORA|MSSQL|REDIS|NFS)\b)"
)
_NO_FIREWALL = (
    r"(?i:\bset-netfirewallprofile\b[^\n]{0,200}-enabled[: ]\s*\$?false\b)|\bufw\s+disable\b"
    r"|\bnetsh\s+advfirewall\s+set\s+\w+\s+state\s+off\b|\biptables\s+-P\s+INPUT\s+ACCEPT\b"
    r"|\bsystemctl\s+(?:stop|disable|mask)\s+(?:--now\s+)?(?:firewalld|ufw|nftables)\b"
)
"""A host's own firewall that is switched off."""
_POWERSHELL = re.compile(r"\bGrant-EC2SecurityGroupIngress\b[^\n]{0,600}", re.IGNORECASE)


class OpenAdminPort(Rule):
    """A firewall rule that opens an administration or database port to the whole internet."""

    kind: Literal["open_admin_port"] = "open_admin_port"
    ports: tuple[int, ...] = _PORTS
    """TCP ports that are never for everybody."""

    _named: ClassVar[re.Pattern[str]] = re.compile(
        r"(?:ssh|rdp|winrm|mysql|mssql|postgresql|redis|mongodb|elasticsearch|docker|all)-",
        re.IGNORECASE,
    )
    _spans: ClassVar[re.Pattern[str]] = re.compile(
        r"-H\s+tcp://0\.0\.0\.0:2375"
        r"|\b(?:(?:anyIpv[46]|any_ipv[46])\(\)|ipv[46]\(\s*[\"'](?:0\.0\.0\.0/0|::/0)[\"']\s*\))"
        rf"[^;\n]{{0,80}}\b{_CDK_PORT}"
        r"|\b(?:allowFromAnyIpv4|allow_from_any_ipv4)\(\s*(?:\w+\.)?"
        rf"{_CDK_PORT}"
        r"|\b(?i:allow_?default_?port_?from_?any_?ipv4)\(|\bufw\s+allow\s+(?:22|3389|ssh)\b"
        rf"|{_NO_FIREWALL}"
        r"|\bserial[-_]port[-_]enable[\"']?(?:\s*[:=]|,?\s{0,40}[\"']?value[\"']?\s*[:=])\s*"
        r"[\"']?(?:(?i:true)|1)\b"
    )

    def find(self, code: Code) -> Iterator[Found]:
        """Rules of AWS, Azure and Google as resources and commands; control planes; load balancers
        of databases.
        """
        for resource in code.resources:
            yield from self._resource(resource)
        for command in code.commands:
            if self._command(command):
                yield Found(command.text)
        for node in code.nodes():
            yield from self._service(node)
            yield from self._policy(node)
            if "cidr_ip" in node and said(node.get("rule_type")) != "egress" and self._aws(node):
                yield Found(str(dict(node)))
        yield from (Found(match.group()) for match in self._spans.finditer(code.text))
        for written, port in images.published(code):
            if self._hits(port):
                yield Found(f"published to every address: {written}", severity="major")
        for match in _POWERSHELL.finditer(code.text):
            if self._permission(match[0].lower()):
                yield Found(match[0])

    # -- resources

    def _resource(self, resource: Resource) -> Iterator[Found]:
        for rule in self._rules(resource):
            answers = "network_acl" in resource.kind and _ports(rule) in _EPHEMERAL
            severity: Severity | None = "minor" if answers else None
            yield Found(f"{resource.label}: {_shown(rule)}", severity=severity)
        for opening in openings(resource):
            if any(map(self._hits, opening.ports)):
                yield Found(f"{resource.label}: {opening.sources} to {opening.ports}")
        yield from _datagrams(resource)
        yield from _of_a_database(resource)
        yield from _control_plane(resource)

    def _rules(self, resource: Resource) -> list[Mapping[str, Any]]:
        """What a resource opens, as one table for each rule."""
        body, kind = resource.body, resource.kind
        if kind == "google_compute_firewall":
            return [body] if self._google(body) else []
        if kind.startswith("azurerm_network_security"):
            return [rule for rule in _blocks(body, "security_rule") if self._azure(rule)]
        if kind == "aws_security_group_rule" and said(body.get("type")) != "ingress":
            return []
        if "network_acl" in kind:
            return [rule for rule in _acl_rules(body) if self._aws(rule)]
        if kind in {"aws_eks_node_group", "AWS::EKS::Nodegroup"}:
            return [one for one in items(body.get("remote_access")) if _is_ssh_for_all(one)]
        ingress = [block for block in items(body.get("ingress")) if isinstance(block, dict)]
        ingress += [b for b in items(body.get("ip_permissions")) if isinstance(b, dict)]
        own = [body] if kind.startswith("aws_") and "egress" not in kind else []
        return [rule for rule in [*own, *ingress, *self._module(body)] if self._aws(rule)]

    def _aws(self, rule: Mapping[str, Any]) -> bool:
        if not _is_open(rule):
            return False
        protocol = said(rule.get("protocol") or rule.get("ip_protocol"))
        if protocol in {"-1", "all"}:
            return True
        named = " ".join(texts(rule.get("ingress_rules")))
        return bool(self._named.match(named)) or self._between(
            rule.get("from_port"), rule.get("to_port")
        )

    def _module(self, body: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        """Rules of the public security-group module."""
        for block in items(body.get("ingress_with_cidr_blocks")):
            if isinstance(block, Mapping):
                wide = {**block, "cidr_blocks": str(block.get("cidr_blocks", "")).split(",")}
                yield {**wide, "ingress_rules": [block.get("rule", "")]}
        if "ingress_cidr_blocks" in body and "ingress_rules" in body:
            yield body

    def _azure(self, rule: Mapping[str, Any]) -> bool:
        ports = [
            *texts(rule.get("destination_port_range")),
            *texts(rule.get("destination_port_ranges")),
        ]
        return _lets_in(rule) and _is_open(rule) and any(map(self._hits, ports))

    def _google(self, body: Mapping[str, Any]) -> bool:
        if said(body.get("direction")) == "egress" or said(body.get("disabled")) == "true":
            return False
        narrowed = any(
            name in body for name in ("source_ranges", "source_tags", "source_service_accounts")
        )
        if not _is_open(body) and narrowed:
            return False
        allowed = [block for block in items(body.get("allow")) if isinstance(block, dict)]
        return any(
            said(block.get("protocol")) in {"tcp", "all", "6", "", "udp", "17"}
            and ("ports" not in block or any(map(self._hits, texts(block["ports"]))))
            for block in allowed
        )

    def _service(self, node: Mapping[str, Any]) -> Iterator[Found]:
        """A Kubernetes Service that puts a database port on a public load balancer."""
        spec, metadata = node.get("spec"), node.get("metadata")
        if (
            node.get("kind") != "Service"
            or not isinstance(spec, Mapping)
            or spec.get("type") != "LoadBalancer"
        ):
            return
        notes = str(metadata.get("annotations", "")) if isinstance(metadata, Mapping) else ""
        ports = [port.get("port") for port in items(spec.get("ports")) if isinstance(port, Mapping)]
        ranges = texts(spec.get("loadBalancerSourceRanges"))
        outside = "internal" not in notes.lower() and (not ranges or EVERYBODY & set(ranges))
        if outside and any(self._hits(str(port)) for port in ports):
            yield Found(
                f"Service: LoadBalancer on {ports}, sources {ranges or 'not set'}",
                absent=not ranges,
            )

    def _policy(self, node: Mapping[str, Any]) -> Iterator[Found]:
        """A network policy of Kubernetes that lets everybody reach such a port."""
        spec = node.get("spec")
        if node.get("kind") != "NetworkPolicy" or not isinstance(spec, Mapping):
            return
        for rule in items(spec.get("ingress")):
            if rule == {} and spec.get("podSelector") == {}:
                yield Found("NetworkPolicy: every pod, from everywhere", severity="major")
            sources = lookup(rule, "from.ipBlock.cidr") if isinstance(rule, dict) else []
            ports = (
                [p for p in items(rule.get("ports")) if isinstance(p, Mapping)] if sources else []
            )
            if EVERYBODY & set(texts(sources)) and any(
                self._hits(str(p.get("port"))) for p in ports
            ):
                yield Found(f"NetworkPolicy: {sources} to {ports}")

    # -- commands

    def _command(self, command: Command) -> bool:
        if command.starts("aws", "ec2", "authorize-security-group-ingress"):
            return self._aws_command(command)
        if command.starts("gcloud", "compute", "firewall-rules"):
            return self._google_command(command)
        if command.starts("az", "network", "nsg", "rule"):
            return self._azure_command(command)
        if command.starts("az", "vm", "open-port"):
            return any(map(self._hits, command.options("--port")))
        if command.starts("gcloud", "container", "clusters"):
            networks = ",".join(command.options("--master-authorized-networks")).split(",")
            return bool(EVERYBODY & set(networks))
        return False

    def _aws_command(self, command: Command) -> bool:
        given = " ".join(command.options("--cidr", "--cidr-ip", "--ip-permissions")).lower()
        ports = command.options("--port")
        return self._permission(given, ports, said(command.option("--protocol")))

    def _permission(self, given: str, ports: Sequence[str] = (), protocol: str = "") -> bool:
        """Whether a permission in shorthand, in lower case, lets everybody in at such a port."""
        if not re.search(r"0\.0\.0\.0/[01]\b|::/0", given):
            return False
        bounds = re.findall(r"(?:fromport|toport)[\"']?\s*[=:]\s*[\"']?(\d+)", given)
        ports = ports or ([f"{bounds[0]}-{bounds[-1]}"] if bounds else [])
        everything = re.search(r"ipprotocol[\"']?\s*[=:]\s*[\"']?-1", given)
        return bool(everything) or protocol in {"-1", "all"} or any(map(self._hits, ports))

    def _google_command(self, command: Command) -> bool:
        if (
            said(command.option("--direction")).startswith("e")
            or said(command.option("--action")) == "deny"
        ):
            return False
        narrowed = command.options("--source-tags", "--source-service-accounts")
        ranges = ",".join(command.options("--source-ranges")) or (
            "" if narrowed or "create" not in command.words else "0.0.0.0/0"
        )
        allowed = ",".join(command.options("--allow", "--rules")).lower()
        ports = [rule.partition(":") for rule in re.split(r"[,\s]+", allowed) if rule]
        hit = any(name in {"tcp", "all", "6"} and (not p or self._hits(p)) for name, _, p in ports)
        return bool(EVERYWHERE & set(ranges.lower().split(","))) and hit

    def _azure_command(self, command: Command) -> bool:
        if (
            said(command.option("--access")) == "deny"
            or said(command.option("--direction")) == "outbound"
        ):
            return False
        sources = {
            s.lower()
            for s in command.options("--source-address-prefixes", "--source-address-prefix")
        } or ({"*"} if "create" in command.words else set())
        return bool(EVERYWHERE & sources) and any(
            map(
                self._hits, command.options("--destination-port-ranges", "--destination-port-range")
            )
        )

    # -- ports

    def _between(self, low: Any, high: Any) -> bool:
        first, last = said(low), said(high) or said(low)
        if not (first.lstrip("-").isdigit() and last.lstrip("-").isdigit()):
            return False
        return any(int(first) <= port <= int(last) for port in self.ports) or (
            int(first),
            int(last),
        ) == (0, 0)

    def _hits(self, ports: str) -> bool:
        for part in re.split(r"[,\s]+", ports.strip().strip("\"'")):
            low, _, high = part.partition("-")
            if part in {"*", "any"} or (
                low.isdigit() and (high or low).isdigit() and self._between(low, high or low)
            ):
                return True
        return False


def _blocks(body: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """The resource itself and its blocks of that name."""
    return [body, *(block for block in items(body.get(name)) if isinstance(block, dict))]


def _lets_in(rule: Mapping[str, Any]) -> bool:
    return said(rule.get("access")) == "allow" and said(rule.get("direction")) == "inbound"


def _ports(rule: Mapping[str, Any]) -> tuple[int, int]:
    """First and last port of a rule; -1 where it says none."""
    bounds = [said(rule.get(name)) for name in ("from_port", "to_port")]
    low, high = (int(bound) if bound.isdigit() else -1 for bound in bounds)
    return low, high


def _datagrams(resource: Resource) -> Iterator[Found]:
    """UDP for everybody, whose answers can be turned against others."""
    if resource.kind.startswith("azurerm_network_security"):
        for rule in _blocks(resource.body, "security_rule"):
            if said(rule.get("protocol")) == "udp" and _lets_in(rule) and _is_open(rule):
                yield Found(f"{resource.label}: UDP for everybody", severity="minor")


_OF_DATABASES = re.compile(r"(?:db|redshift|elasticache)_security_group|DBSecurityGroup")


def _of_a_database(resource: Resource) -> Iterator[Found]:
    """A database's own firewall of old, which knows sources and no ports."""
    if not _OF_DATABASES.search(resource.kind):
        return
    for node in walk(resource.body):
        names = ("cidr", "cidrip", "cidr_ip", "cidr_ipv4")
        sources = [value for name in names for value in texts(node.get(name))]
        if EVERYBODY & set(sources):
            yield Found(f"{resource.label}: {sources}")


def _control_plane(resource: Resource) -> Iterator[Found]:
    """A cluster's API that everybody can reach, by its own word or by a default."""
    body = resource.body
    reachable: set[str] = set()
    if said(body.get("endpoint_access")) == "public":
        yield Found(f"{resource.label}: endpoint_access = PUBLIC", severity="minor")
    for block in ("vpc_config", "resources_vpc_config"):
        public = set(map(said, lookup(body, f"{block}.endpoint_public_access")))
        reachable |= public
        if "true" in public and not lookup(body, f"{block}.public_access_cidrs"):
            yield Found(f"{resource.label}: endpoint_public_access = true", severity="minor")
    for path in () if "false" in reachable else _CONTROL_PLANES:
        if EVERYWHERE & set(texts([v for value in lookup(body, path) for v in items(value)])):
            yield Found(f"{resource.label}: {path} is everybody")


def _acl_rules(body: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """What a network access list lets in, as rules of a security group."""
    for rule in [body, *items(body.get("ingress"))]:
        if not isinstance(rule, Mapping) or said(rule.get("egress")) == "true":
            continue
        allowed = said(rule.get("rule_action") or rule.get("action")) == "allow"
        span = rule.get("port_range")
        ports = span if isinstance(span, Mapping) else {}
        if allowed:
            yield {
                **rule,
                "from_port": rule.get("from_port", ports.get("from")),
                "to_port": rule.get("to_port", ports.get("to")),
            }


def _is_ssh_for_all(access: Any) -> bool:
    """A node group that opens SSH and does not say to whom."""
    if not isinstance(access, Mapping):
        return False
    narrowed = ("source_security_group_ids", "source_security_groups")
    return bool(access.get("ec2_ssh_key")) and not any(name in access for name in narrowed)


def _is_open(rule: Mapping[str, Any]) -> bool:
    return any(EVERYWHERE & set(texts(rule.get(name))) for name in _SOURCES)


def _shown(rule: Mapping[str, Any]) -> str:
    flat = {name: value for name, value in rule.items() if not isinstance(value, Mapping | Unknown)}
    return ", ".join(
        f"{name} = {value}" for name, value in flat.items() if "port" in name or name in _SOURCES
    )
