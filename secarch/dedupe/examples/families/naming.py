"""What the product is called that a page documents, also on sites that nobody listed."""

from __future__ import annotations

import re
from collections import Counter
from urllib.parse import unquote, urlsplit

from secarch.dedupe.examples.outline import Page

LEAST_NAMED = 3
"""Times that a page has to write a name inside its sentences before it counts as its product."""
_SUFFIX = re.compile(
    r"\s(?:[|\u00b7\u2022\u00bb\u2013\u2014-]|::)\s+([A-Z][\w.+&' -]{1,40})$"
)
_DOCS = re.compile(
    r"\s*\b(?:docs?|documentation|developers?|help|learn|manual|guides?|user guide|support|"
    r"knowledge base|v?\d+(?:\.\d+)*|latest|stable)\b\s*",
    re.IGNORECASE,
)
_INSIDE = re.compile(r"(?<=[a-z,)] )([A-Z][A-Za-z0-9]*(?:[ -][A-Z][A-Za-z0-9]+){0,2})\b")
_COMMON = frozenset(
    "API APIs CLI TLS SSL HTTP HTTPS URL URLs JSON YAML XML SQL DNS IP TCP UDP SSH VM VMs CPU ID "
    "IDs UI SDK CA PKI RBAC MFA SSO SAML OIDC OAuth JWT IAM Linux Windows Docker Kubernetes "
    "GitHub Note Warning Important Tip Caution I Internet English January February March April "
    "May June July August September October November December Monday AWS Azure Google Microsoft "
    "Step Example Table Figure Section Chapter Security Admin Administrator".split()
)


def product(page: Page) -> str:
    """'Amazon S3' or 'Traefik'; '' if neither the site's list nor the page says it.

    A name counts if the address or the title holds it and the page writes it again and again.
    """
    if "product" not in page.memo:
        page.memo["product"] = page.product or _suffixed(page) or _written(page)
    return page.memo["product"]


def _suffixed(page: Page) -> str:
    """The site's name behind the title, if the text uses it: 'Configure TLS | Acme Docs'."""
    found = _SUFFIX.search(page.document.title)
    name = _DOCS.sub(" ", found[1]).strip() if found else ""
    return name if name and page.document.text.count(name) >= LEAST_NAMED - 1 else ""


def _written(page: Page) -> str:
    """The name that the page writes most, if its address or title holds it."""
    text = page.document.text[:20_000]
    counts = Counter(name for name in _INSIDE.findall(text) if name not in _COMMON)
    where = re.sub(r"[^a-z0-9]", "", f"{_path(page.document.url)}{page.document.title}".lower())
    held = [
        (count, len(name), name)
        for name, count in counts.items()
        if count >= LEAST_NAMED
        and len(name) > 2
        and name != page.title
        and re.sub(r"[^a-z0-9]", "", name.lower()) in where
    ]
    return max(held)[2] if held else ""


def _path(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return unquote(f"{parts.netloc}{parts.path}")
