"""An estimate of whether a sentence advises something dangerous, where no pattern knows its words.

Two linear models weigh what a sentence speaks of and how it is said (`meaning`): one tells
dangerous advice from all else, the other from warnings and right advice in the same words. Their
weights (estimate.json) are fitted by tests/benchmarks/advice_fit.py on sentences of advice, their
safe twins, and the answers of a built data set. What the text around makes of the sentence is
decided by `secarch.text.polarity`, as for the patterns. A finding of this kind is an estimate and
says so.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from secarch.danger.clearing import cleared
from secarch.danger.context import ENABLES, ONLY, QUOTES, TO_NOBODY, clauses
from secarch.danger.excuses import LEADING_CASE, excused
from secarch.danger.meaning import Unit, features, units
from secarch.text.polarity.stance import Reading
from secarch.text.polarity.windows import Window

FEWEST, MOST = 5, 80
"""Words of a sentence that is judged; a shorter one says too little, a longer one too much."""
_IMPROBABLE, _UNLIKE, _UNLIKE_TWIN = -7.0, -4.0, -2.2
"""What says less for dangerous advice is none, whatever pattern it meets: among all sentences, and
both there and among those of its words.
"""
_CERTAIN = 2.5
"""Among sentences of its words: what says more is no denial, whatever stands before the words."""
_KIND_OF = {
    "secret": "hard_coded_secret",
    "weak_credential": "hard_coded_secret",
    "log": "logging_off",
    "backup": "recovery_off",
    "patch": "unpatched",
    "stale": "unpatched",
    "plain": "missing_encryption",
    "crypto": "missing_encryption",
    "network_guard": "open_admin_port",
    "admin_surface": "open_admin_port",
    "public": "public_storage",
    "everyone": "public_storage",
    "broad": "iam_wildcard",
    "rights": "iam_wildcard",
    "host": "privileged_pod",
    "untrusted": "untrusted_input",
    "execute": "untrusted_input",
}
"""What a danger is called by the class of the words that weigh most; the others are safeguards."""
_OTHER = "verification_off"
_CHECKS = re.compile(
    r"\b(?:approv\w+|review\w*|signatures?|mfa|second factor|verif\w+|validat\w+|state parameter"
    r"|branch protection|scan\w*|filters?|rate limits?|check\w*|authenticat\w+|conditional access"
    r"|guardrails?|org(?:anisation|anization)? polic\w+|pin(?:ned|ning)?|redirect uri)\b"
)
_SUBJECTS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(rf"\b(?:{words})\b"))
    for kind, words in (
        ("recovery_off", r"backups?|snapshots?|purge protection|soft delete|restor\w+|recovery"),
        (
            "hard_coded_secret",
            (
                r"passwords?|secrets?|credentials?|passphrases?|json key|access tokens?"
                r"|(?:api|access|private|root|signing|service account|ssh|the) keys?"
                r"|no need to revoke it"
            ),
        ),
        (
            "logging_off",
            (
                r"logs?|logging|trails?|cloudtrail|auditing|findings|alerts?|alarms?|monitoring"
                r"|siem"
                r"|evidence|delete its volumes"
            ),
        ),
        ("unpatched", r"patch\w*|updates?|end of life|unsupported|outdated"),
        (
            "untrusted_input",
            r"upload\w*|input|pickle|deseriali\w+|curl|eval|user supplie[sd]|retriev\w+|origin",
        ),
        (
            "open_admin_port",
            (
                r"firewalls?|egress|security groups?|nsg|vpn|ssh|rdp|ports?|network polic\w+"
                r"|0\.0\.0\.0(?:/0)?|permitrootlogin|subnets?"
            ),
        ),
        (
            "iam_wildcard",
            (
                r"admin\w*|owner|contributor|editor|root|principals?|permissions?|roles?|rights"
                r"|scopes?"
                r"|passrole|accounts? of"
            ),
        ),
        ("public_storage", r"public\w*|anonymous\w*|everyone|anyone|everybody"),
    )
)
"""What a sentence is about whose weights name no more than a safeguard, in the order of asking."""
_THREAT = re.compile(
    r"\b(?:attackers?|intruders?|criminals?|thie(?:f|ves)|hackers?|ransomware crews?|worms?)\b"
    r"|\beven (?:if|though|when)\b|\b(?:enabled? or disabled?|on or off)\b"
)
"""Who gains by it, what a safe way holds against, or a choice: dangerous advice names none."""
_SPARED = re.compile(
    r"\band (?:hard-code|store|expose|grant|give|share|write|open|leave|keep|allow|publish|copy"
    r"|send) (?:nothing|nobody|no one)\b"
    r"|\b(?:have|let|has|needs) (?:an?|another|the|two) (?:person|people|human|second \w+|owner"
    r"|colleague|reviewer|engineer|architect|developer|admin\w*|lead|maintainer|analyst|operator"
    r"|manager|expert|team) (?:\w+ ){0,2}?(?:approve|release|review|confirm|check|decide|sign)\b"
    r"|^\W*(?:making|opening|exposing|granting|giving|sharing|publishing|allowing|disabling"
    r"|skipping"
    r"|storing) [^;:.,]* (?:is|are) (?:needless|unnecessary|not (?:needed|necessary|required))\b"
    r"|^\W*(?:disable|remove|revoke|deactivate|suspend|delete) (?:\w+ ){0,2}?(?:accounts?|access"
    r"|logins?|credentials|permissions|rights)(?! (?:logs?|logging|control|checks?|review))"
    r"\b[^.]*\b(?:on the day|as soon as|the moment|when|once|within)\b"
    r"|^\W*(?:put|store|keep|move|save|place) (?:[\w-]+ ){0,3}?(?:keys?|secrets?|passwords?|tokens?"
    r"|credentials?) (?:in|into) (?:(?:the|a|an|our|your) )?(?:[\w-]+ ){0,2}(?:vault"
    r"|secrets? (?:manager|store)|password manager|hsm)\b(?!.*\b(?:everyone|everybody|anyone"
    r"|public)\b)"
    r"|\b(?:tell|inform|notify) (?:the |your |our |all )?(?:affected )?(?:customers|regulators?"
    r"|supervisory authority)\b(?! (?:nothing|to|that|only|it)\b)"
    r"|\b(?:link|pointer|reference|path) to (?:the |its |an? )?(?:\w+ )?(?:vault|secret"
    r"|password manager)\b"
    r"|^\W*(?:give|add|mount|import|install|use|put|point|tell) [^.;]*\b(?:(?:ca|chain) (?:bundle"
    r"|file)|trust ?store"
    r"|root ca|root certificate|private ca)\b(?!.*\b(?:all|every|any|skip|ignore)\b)"
    r"|\b(?:that )?(?:you|we|nobody|no one) (?:(?:do|does) not |don't |doesn't |really )*needs?\W*$"
)
"""Nothing is done to it, a person decides, who leaves loses it, or nobody needs it."""
_ON = re.compile(
    r"^\W*(?:turn|switch|leave|keep) (?:[\w/'-]+,? ){0,8}?(?:block public access|purge protection"
    r"|soft delete|secure boot|logs?|logging|trails?|mfa|encryption|versioning|guardduty|monitoring"
    r"|protection|detection|auditing|scanning|firewall|alerts) (?:[\w/'-]+,? ){0,6}?(?:on|active"
    r"|enabled)\b"
    r"(?!.*\b(?:but|public\w*|anyone|everyone|everybody|skip|disable|off|admins?|exempt)\b)"
    r"|^\W*(?:turn|switch) (?:[\w/'-]+ ){0,4}?(?:debug\w*|anonymous|legacy|public|basic|telnet|ftp)"
    r" (?:[\w/'-]+ ){0,6}?off\b"
    r"|\b(?:mute|suppress|silence|exclude|drop|allow|trust) (?:just|only) "
)
"""A safeguard is turned on or a danger off, or no more than some is left out."""
_PRICE = re.compile(r"\bbut (?:it|that|this|they|doing so)\b")
_ALL = (
    r"(?:anyone|anybody|everyone|everybody|strangers|outsiders|whoever|the (?:whole )?(?:internet"
    r"|world))(?! (?:on|in|of|at|with) (?:the|your|our)\b)"
)
_HARM = re.compile(
    r"(?:\b(?:yet|but|though|although|however|whereas)\b|[,;-] (?:which|and (?:that|this|it|then"
    r"|so)|so)\b|, (?=(?:exposing|leaving|letting|giving|opening|handing)\b))(?: [\w']+){0,3}? "
    r"?(?:expos(?:es?|ing)|leaks?|compromis\w+|endangers?|invites?|breach\w*|backfires?"
    r"|(?:lets|(?:could|will|would|may|can) let|letting|allows?|gives?|giving|hands?|handing"
    r"|leaves?|leaving|opens?"
    rf"|opening)\b(?: [\w-]+){{0,5}}? (?:{_ALL}|exposed|unprotected|defenceless|blind))\b"
    r"|\blets? (?:[\w-]+ ){1,3}(?:make (?:themselves|itself|himself|herself) |become (?:an? )?"
    r"|escalate|take over|impersonate)"
    r"|^[^,;:.]{3,90}(?:,[^,]{3,60},)? (?:is|are) (?:\w+ )?(?:useless|worthless|dangerous|reckless"
    r"|unsafe|risky|gone|lost) (?:once|as soon as|when|if|because|since|the moment)\b"
)
"""A clause or verdict that says what comes of it: "..., yet it exposes every instance"."""
_CASE = re.compile(r"(?:if|when|whenever|where|once|whoever|anyone who) ")
_TORN = re.compile(r"if you (?:to|for|in|on|as|with|just|so|then) ")
"""A case whose comma belongs to what stands in it."""
_TLS = re.compile(r"\b(?:tls|ssl|https?|certificates?)\b")


@dataclass(frozen=True, slots=True)
class Weights:
    """Of the features of a sentence, in tenths: how much each speaks for dangerous advice among all
    sentences, and among those of its own words.
    """

    features: Mapping[str, tuple[int, int]]
    base: float
    """What the first sums to without a feature."""
    base_twin: float
    least: float
    """What it has to exceed."""
    least_twin: float


@cache
def weights() -> Weights:
    """The fitted weights."""
    path = Path(__file__).parent / "estimate.json"
    return Weights(**json.loads(path.read_text(encoding="utf-8")))


def weighed(found: Sequence[Unit]) -> tuple[float, float]:
    """How much speaks for dangerous advice, among all sentences and among those of its words."""
    known = weights()
    every, twin = 0.0, 0.0
    for name, value in features(found).items():
        if weight := known.features.get(name):
            every += value * weight[0]
            twin += value * weight[1]
    return known.base + every / 10, known.base_twin + twin / 10


def dangerous(found: Sequence[Unit]) -> bool:
    """Whether the models take a sentence for dangerous advice."""
    every, twin = weighed(found)
    return every > weights().least and twin > weights().least_twin


def improbable(clause: str, *, denied: bool = False) -> bool:
    """Whether a sentence with a danger's words is most likely no advice at all; advice that denies
    ("rotation is not required") is too like a warning for the second model.
    """
    every, twin = weighed(units(LEADING_CASE.sub("", clause)))
    return not denied and (every < _IMPROBABLE or (every < _UNLIKE and twin < _UNLIKE_TWIN))


def estimated(reading: Reading) -> Iterator[tuple[str, str]]:
    """(kind of danger, the sentence) of what an answer's prose probably advises."""
    for window in reading.windows:
        if not window.code:
            yield from _in_window(reading, window)


def _in_window(reading: Reading, window: Window) -> Iterator[tuple[str, str]]:
    cells = window.item and " ; " in window.text
    for clause in clauses(window.text.replace(" ; ", "\n") if cells else window.text):
        if not FEWEST <= clause.count(" ") + 1 <= MOST or clause.rstrip().endswith("?"):
            continue
        found = units(clause)
        if not dangerous(found):
            continue
        first, last = _heart(found)
        if any(unit.denied and "needless" in unit.classes for unit in found):
            continue
        if _turned(clause, first.start, last.end):
            continue
        at = max(0, window.joined.find(clause, len(window.joined) - len(window.text)))
        # The models have read what stands before the two words; of it a denial alone is news.
        whole = reading.advice(window, at, at + last.end, clause)
        if not (whole.advised or excused(whole, clause, last.end)):
            continue
        if weighed(found)[1] <= _CERTAIN:
            heart = reading.advice(window, at + first.start, at + last.end, clause)
            if heart.kind == "denied" and not excused(heart, clause, last.end):
                continue
        yield _kind(found, clause), clause


def _turned(clause: str, start: int, end: int) -> bool:
    """Whether the words around what weighs most make it a threat, a limit or nobody's deed."""
    before, after = clause[:start], clause[end:]
    return bool(
        _THREAT.search(clause)
        or _SPARED.search(clause)
        or _ON.search(clause)
        or cleared(clause)
        or ENABLES.search(before)
        or ONLY.search(after)
        or TO_NOBODY.search(after)
        or _PRICE.search(after)
        or _HARM.search(clause)
        or (_CASE.match(clause) and ("," not in clause or _TORN.match(clause)))
        or len(QUOTES.findall(before)) % 2
    )


def _shares(found: Sequence[Unit]) -> list[float]:
    """What each unit weighs by its own classes and its pairs with those next to it."""
    weight = weights().features
    none = (0, 0)
    names = [unit.named() for unit in found]
    shares = [0.0] * len(found)
    for place, here in enumerate(names):
        for name in here:
            shares[place] += weight.get(f"#{name}", none)[0]
            for gap in range(1, min(5, len(names) - place)):
                for other in names[place + gap]:
                    share = weight.get(f"{name}>{other}", none)[0] / 2
                    shares[place] += share
                    shares[place + gap] += share
    return shares


def _heart(found: Sequence[Unit]) -> tuple[Unit, Unit]:
    """The two units that weigh most, in their order: what has to be advised."""
    shares = _shares(found)
    best = sorted(sorted(range(len(found)), key=lambda place: -shares[place])[:2])
    return found[best[0]], found[best[-1]]


def _kind(found: Sequence[Unit], clause: str) -> str:
    """The kind of danger that the words of the most weight name."""
    points: dict[str, float] = {}
    for unit, share in zip(found, _shares(found), strict=True):
        for name in unit.classes:
            if share > 0:
                kind = _KIND_OF.get(name, _OTHER)
                points[kind] = points.get(kind, 0.0) + share / len(unit.classes)
    best = max(sorted(points), key=lambda name: points[name], default=_OTHER)
    if best == _OTHER and not _CHECKS.search(clause):
        best = next((kind for kind, words in _SUBJECTS if words.search(clause)), _OTHER)
    return "tls_off" if best == "missing_encryption" and _TLS.search(clause) else best
