"""Flags of a cluster's own programs (API server, kubelet, etcd) that let everybody in.

Source: the CIS Kubernetes Benchmark, sections 1.2, 1.3, 2 and 4.2, and the programs' manuals.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from secarch.danger.rule import Found
from secarch.danger.tree import said, texts

ACCESS = re.compile(
    r"--anonymous-auth=true|--authorization-mode=\S*alwaysallow|--(?:token|basic)-auth-file=\S+"
    r"|--insecure-(?:port=[1-9]\d*|bind-address=\S+)|--read-only-port=[1-9]\d*"
    r"|--enable-admission-plugins=\S*alwaysadmit|--service-account-lookup=false"
)
"""Who is let in without being known."""
TRANSPORT = re.compile(
    r"--kubelet-https=false|--(?:peer-)?(?:client-cert-auth|auto-tls)=(?!true)\w+(?<=false)"
    r"|--(?:peer-)?auto-tls=true|--tls-min-version=(?:versiontls10|versiontls11)"
)
"""What is sent in plain text, or to a peer that nobody knows."""
_PROGRAMS = re.compile(
    r"\b(?:kube-?apiserver|kube-controller-manager|kube-scheduler|kubelet|etcd|hyperkube)\b"
)


def flags(node: Mapping[str, Any], pattern: re.Pattern[str]) -> Iterator[Found]:
    """Flags of that sort in a container's command and arguments."""
    given = [*texts(node.get("command")), *texts(node.get("args"))]
    if not any(_PROGRAMS.search(text) for text in given) and not _PROGRAMS.search(
        said(node.get("name"))
    ):
        return
    for text in given:
        if found := pattern.search(text):
            yield Found(found[0])
