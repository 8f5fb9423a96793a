"""What the places of a scene's code and texts stand for: names, addresses, ports, an engine."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence

from secarch.dedupe.examples.constructed.template import Component, Workload, surroundings

_ADMIN_PORTS = {"22": "SSH", "3389": "Remote Desktop", "5986": "WinRM"}
_DATABASES = (("5432", "PostgreSQL"), ("3306", "MySQL"), ("1433", "SQL Server"), ("6379", "Redis"))
_ENGINES = {
    **dict.fromkeys(("postgres", "database", "tfgc-sql"), _DATABASES[0]),
    "az-network": _DATABASES[2],
}
"""Components that name the engine -> port and engine of the rules beside them."""
_OFFICES = ("203.0.113.0/27", "198.51.100.64/26", "203.0.113.128/28", "192.0.2.16/28")
_LINUX = re.compile(r"hosts|task|cluster|container|deployment")
"""Components that run Linux."""
_PLACE = re.compile(
    r"\{(adminname|name|slug|Name|flat|env|ns|region|cidr|subnet|office|ip|account|vendor|digest|bits"
    r"|digits|secret"
    r"|adminport|dbport|dbname|data|workload|resource|team|unit|regime)\}"
)
_LETTERS = "abcdefghjkmnpqrstuvwxyz"


def filled(text: str, values: Mapping[str, str]) -> str:
    """`text` with `{name}` and the like replaced; other braces stay."""
    return _PLACE.sub(lambda match: values.get(match[1], match[0]), text)


def values_of(
    rng: random.Random, workload: Workload, components: Sequence[Component]
) -> dict[str, str]:
    """What the places of a scene stand for; `components` decide which database it is about."""
    ids = " ".join(component.id for component in components)
    fixed = [pair for word, pair in _ENGINES.items() if word in ids]
    port, engine = fixed[0] if fixed else rng.choice(_DATABASES)
    office = rng.choice(_OFFICES)
    words = workload.name.split("-")
    return {
        "name": workload.name,
        "slug": "_".join(words),
        "Name": "".join(word.capitalize() for word in words),
        "flat": "".join(words),
        "env": rng.choice(surroundings().environments),
        "ns": rng.choice([workload.name, words[0], f"{words[0]}-apps", f"team-{words[-1]}"]),
        "region": rng.choice(surroundings().regions),
        "cidr": (cidr := f"10.{rng.randrange(8, 250)}.0.0/16"),
        "subnet": cidr.replace(".0.0/16", ".12.0/24"),
        "office": office,
        "ip": office.split("/")[0].rsplit(".", 1)[0] + f".{rng.randrange(20, 120)}",
        "account": rng.choice(["111122223333", "123456789012"]),
        "vendor": "444455556666",
        "digest": f"{rng.getrandbits(256):064x}",
        "bits": f"{rng.getrandbits(40):010x}",
        "digits": f"{rng.randrange(100, 999)}",
        "secret": _secret(rng),
        "adminport": (admin := _admin_port(rng, ids)),
        "adminname": _ADMIN_PORTS[admin],
        "dbport": port,
        "dbname": engine,
        "data": workload.data,
        "workload": workload.name,
        "team": workload.team,
        "unit": workload.unit,
        "regime": workload.regime,
    }


def _admin_port(rng: random.Random, ids: str) -> str:
    """A port of administration; SSH alone beside hosts and containers that run Linux."""
    drawn = rng.choice(list(_ADMIN_PORTS))
    return "22" if _LINUX.search(ids) else drawn


def _secret(rng: random.Random) -> str:
    """A password as people type them, in a form that the scrubber takes for a made-up value."""
    word = "".join(rng.choice(_LETTERS) for _ in range(8))
    return f"{word.capitalize()}-{rng.randrange(1000, 9999)}"
