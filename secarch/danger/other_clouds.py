"""Firewall rules of clouds that name sources and ports their own way."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from secarch.danger.tree import Resource, items, said, texts, walk

EVERYBODY = frozenset({"0.0.0.0/0", "::/0"})
_OTHER_CLOUDS = re.compile(
    r"^(?:openstack|alicloud|oci|yandex|ncloud|nifcloud|tencentcloud|digitalocean|linode|ibm"
    r"|huaweicloud|hcloud|scaleway|ovh|vultr|exoscale|upcloud)_"
)
_THEIR_SOURCES = (
    "remote_ip_prefix",
    "v4_cidr_blocks",
    "v6_cidr_blocks",
    "ip_block",
    "source",
    "source_addresses",
    "cidr_ip",
    "cidr",
    "source_cidr_ip",
    "ipv4",
    "ipv6",
    "remote",
    "source_ips",
    "source_ip",
    "ip_range",
    "cidr_block",
    "source_ip_address",
    "remote_ip",
)
_THEIR_PORTS = ["port", "ports", "port_range", "destination_port", "destination_ports", "dst_port"]
_THEIR_BOUNDS = (
    ("port_range_min", "port_range_max"),
    ("from_port", "to_port"),
    ("port_min", "port_max"),
    ("min", "max"),
    ("start_port", "end_port"),
    ("destination_port_start", "destination_port_end"),
)
_FIRST_PORTS = tuple(low for low, _ in _THEIR_BOUNDS)


@dataclass(frozen=True, slots=True)
class Opening:
    """Who may reach which ports."""

    sources: tuple[str, ...]
    ports: tuple[str, ...]


def openings(resource: Resource) -> Iterator[Opening]:
    """Openings for everybody in the firewall rules of a cloud that names them its own way."""
    if not _OTHER_CLOUDS.match(resource.kind):
        return
    for node in walk(resource.body):
        way = said(node.get("direction") or node.get("type"))
        verdict = said(node.get("action") or node.get("policy") or node.get("rule_action"))
        sources = [value for name in _THEIR_SOURCES for value in texts(node.get(name))]
        refused = verdict in {"drop", "deny", "reject", "refuse"}
        if way in {"egress", "out", "outbound"} or refused or not EVERYBODY & set(sources):
            continue
        yield Opening(tuple(sources), tuple(_their_ports(node)))


def _their_ports(node: Mapping[str, Any]) -> Iterator[str]:
    """Ports as "22" or "20-25", of the rule or of the options for its protocol."""
    options = [value for name in ("tcp_options", "tcp") for value in items(node.get(name))]
    options += [
        inner
        for option in options
        if isinstance(option, Mapping)
        for inner in items(option.get("destination_port_range"))
    ]
    parts = [node, *(option for option in options if isinstance(option, Mapping))]
    if said(node.get("protocol") or node.get("ip_protocol")) in {"all", "-1", "any"}:
        named = [name for name in (*_THEIR_PORTS, *_FIRST_PORTS) if any(name in p for p in parts)]
        yield from [] if named else ["0-65535"]
    for part in parts:
        for name in _THEIR_PORTS:
            yield from (port.replace("/", "-") for port in texts(part.get(name)))
        for low, high in _THEIR_BOUNDS:
            if said(part.get(low)).isdigit():
                yield f"{said(part[low])}-{said(part.get(high)) or said(part[low])}"
