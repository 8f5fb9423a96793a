"""What the product is called that a page documents, also on sites that nobody listed."""

from __future__ import annotations

import re
from collections import Counter
from urllib.parse import unquote, urlsplit

from secarch.records import Document

LEAST_NAMED = 3
"""Times that a page has to write a name inside its sentences before it counts as its product."""
_SUFFIX = re.compile(r"\s(?:[|\u00b7\u2022\u00bb\u2013\u2014-]|::)\s+([A-Z][\w.+&' -]{1,40})$")
_DOCS = re.compile(
    r"\s*\b(?:docs?|documentation|developers?|help|learn|manual|guides?|user guide|support|"
    r"knowledge base|v?\d+(?:\.\d+)*|latest|stable)\b\s*",
    re.IGNORECASE,
)
_FOLDERS = frozenset(
    [
        "docs",
        "doc",
        "documentation",
        "content",
        "pages",
        "site",
        "src",
        "main",
        "master",
        "guide",
        "guides",
        "reference",
        "security",
        "latest",
        "stable",
        "user",
        "admin",
        "www",
        "com",
        "org",
        "net",
        "dev",
        "html",
        "http",
        "https",
        "file",
        "index",
        "learn",
        "help",
        "en",
        "operations",
        "concepts",
        "tutorials",
        "howto",
        "how",
        "tasks",
    ]
)
_CODED = re.compile(
    r"^[ \t]*(```|~~~).*?^[ \t]*\1|`[^`\n]+`|\]\([^)\n]*\)", re.MULTILINE | re.DOTALL
)
_INSIDE = re.compile(r"(?<=[a-z,)] )([A-Z][A-Za-z0-9]*(?:[ -][A-Z][A-Za-z0-9]+){0,2})\b")
_COMMON = frozenset(
    [
        "API",
        "APIs",
        "CLI",
        "TLS",
        "SSL",
        "HTTP",
        "HTTPS",
        "URL",
        "URLs",
        "JSON",
        "YAML",
        "XML",
        "SQL",
        "DNS",
        "IP",
        "TCP",
        "UDP",
        "SSH",
        "VM",
        "VMs",
        "CPU",
        "ID",
        "IDs",
        "UI",
        "SDK",
        "CA",
        "PKI",
        "RBAC",
        "MFA",
        "SSO",
        "SAML",
        "OIDC",
        "OAuth",
        "JWT",
        "IAM",
        "Linux",
        "Windows",
        "Docker",
        "Kubernetes",
        "GitHub",
        "Note",
        "Warning",
        "Important",
        "Tip",
        "Caution",
        "I",
        "Internet",
        "English",
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
        "Monday",
        "AWS",
        "Azure",
        "Google",
        "Microsoft",
        "Step",
        "Example",
        "Table",
        "Figure",
        "Section",
        "Chapter",
        "Security",
        "Admin",
        "Administrator",
    ]
)


def product(document: Document) -> str:
    """'Traefik'; '' if the page does not say what it documents.

    A name counts if the address or the title holds it and the page writes it again and again,
    inside its sentences too, and never as a common word.
    """
    return _suffixed(document) or _written(document)


def _suffixed(document: Document) -> str:
    """The site's name behind the title, if the text uses it: 'Configure TLS | Acme Docs'."""
    found = _SUFFIX.search(document.title)
    name = _DOCS.sub(" ", found[1]).strip() if found else ""
    return name if len(name) > 2 and document.text.count(name) >= LEAST_NAMED - 1 else ""


def _written(document: Document) -> str:
    """The name that the page writes most, of those that its address or title holds.

    A folder or host that the text only ever writes with a capital is a name too.
    """
    text = _CODED.sub(" ", document.text[:20_000])
    *folders, last = re.split(r"/", _path(document.url)) or [""]
    roots = set(_tokens(" ".join(folders)))
    inside = Counter(_INSIDE.findall(text))
    held = []
    for token in roots | set(_tokens(f"{last} {document.title}")):
        names = [name for name in inside if name.split()[0].lower() == token]
        names = [name for name in names if _names_a_product(name, document.title)]
        first = token.capitalize()
        if token in roots and not names and first not in _COMMON and token not in _FOLDERS:
            names = [first]
        if not names or re.search(rf"(?<![\w./-]){token}(?![\w/-])", text):
            continue
        name = max(names, key=lambda one: (inside[one], -len(one), one))
        if text.count(name.split()[0]) >= LEAST_NAMED - (token in roots):
            held.append((text.count(name), name))
    return max(held)[1] if held else ""


def _names_a_product(name: str, title: str) -> bool:
    """Not a common word, the title itself, or an acronym such as HTML."""
    return name not in _COMMON and name != title and not name.isupper()


def _tokens(text: str) -> list[str]:
    return [token.lower() for token in re.findall(r"[A-Za-z][A-Za-z0-9]{2,}", text)]


def _path(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return unquote(f"{parts.netloc}{parts.path}")
