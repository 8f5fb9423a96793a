"""Sentences that condemn the danger that they name, or say the safe form of it in its words.

"Bake the key into the image" is advice; "baking the key into the image is how we lost it", "log the
request and strip the tokens" and "keep the port off the internet" are none.
"""

from __future__ import annotations

import re

CONDEMNED = re.compile(
    r"^\W*to (?:[^,;:.]|, just [^,;:.]+,)+ (?:means? (?:that )?(?:any|one|every|an?|the|handing"
    r"|giving|letting)\w*\b|is (?:to (?!be\b)\w+ the|deceit|fraud|folly|reckless"
    r"|what \w+|how \w+)\b"
    r"|would leave\b|invites\b)"
    r"|^\W*[a-z-]+ing\b[^;:.]{8,170}? (?:ended in|cost (?:them|us|him|her)\b|defeats? the"
    r"|turned (?:an?|one) \w+|is the (?:easiest|shortest|quickest|surest) (?:route|way|road|path)"
    r" to (?:an? )?(?:\w+ )?(?:breach|incident|fine|outage|disaster|headlines?))\b"
    r"|\blets? (?:strangers|outsiders|criminals|bootkits|malware|anyone on the path)\b"
    r"|^(?!.*\b(?:asking|approv\w+|review\w*|check\w*|waiting|confirm\w*|human)\b[^.;]* defeats)"
    r".*\bdefeats? the (?:whole )?(?:point|purpose)(?!s? of automation)\b"
    r"|(?<!there )\b(?:is|are) no (?:reason|excuse) (?:to|for)\b"
    r"|\bthere(?:'s| is) (?:real |great |much )?harm in\b"
    r"|\bthose who [a-z]+ [^,;.]{3,80} (?:get|are|lose|end up|find|pay)\b"
    r"|\bthe (?:\w+ )?(?:assessors?|auditors?|pen ?testers?) (?:remarked|wrote|noted|pointed out)\b"
    r"|\b(?:miners?|bots?|scanners?|worms?) finds? (?:it|them|that)\b|\bships? malware\b"
    r"|\b(?:and|but) just as (?:easy|handy|good|quick|convenient) (?:to guess|for)\b"
    r"|^\W*[a-z-]+ing\b[^;:.]{8,170}? (?:is|would be|was|remains) (?:(?:an?|the|simply|plain"
    r"|plainly"
    r"|very|just|quite) )*(?:reckless|careless|dangerous|terrible|foolish|risky|negligent|unwise"
    r"|irresponsible|insane|fatal|folly|grave|invitation|recipe|disaster|gamble|mistake)\b"
    r"|\b(?:practical|handy|convenient|comfortable|easy|easier|good|useful|simple|simpler|nice"
    r"|quick)"
    r" (?:[\w-]+ ){0,3}?for (?:whoever|(?:the |an? )?(?:attackers?|intruders?|thie(?:f|ves)|miners?"
    r"|ransomware|worms?)|strangers|anybody|anyone)\b"
    r"|\bis how (?!we|i\b|you|every|most)(?:[\w'-]+ ){1,5}?(?:came|comes?|gets?|got|lost|leaks?"
    r"|leaked"
    r"|happens?|starts?|started|began|died?|dies|was|were|are|ends?)\b"
    r"|^\W*to [^,;:.]{8,150}? (?:gives?|hands?|lets|opens|exposes|leaves|turns|shows|publishes"
    r"|trades"
    r"|costs) (?:it|them|that|one|every\w*|any\w*|an?|the|your|our|all|who\w*)\b"
    r"|^\W*\w+ing\b[^;:.]* (?:fastest|quickest|easiest|surest|best) way to [^;:.]*\b(?:everyone"
    r"|anyone"
    r"|everybody|the world|the internet|strangers)\W*$"
    r"|^\W*(?:saying|claiming|arguing|believing|thinking|assuming|pretending|insisting|hoping)"
    r" (?:that |as if )?(?:you|we|they|it|nobody|this|the|an?|all|one)\b[^.]* (?:is|was|has|lets?"
    r"|leads?|means|ends?|ignores?|misses|forgets|overlooks)\b"
    r"|\b(?:was|were|is exactly|is precisely) (?:how|what (?:lets?|gave|cost|made)|where|why)\b"
    r"|\b(?:got in|got out|went down|came in|was lost|leaked|spread|was possible"
    r"|happened) because\b"
)
"""A verdict on a deed that is the sentence's subject, or what comes of it."""
STAGED = re.compile(
    r"\bfor (?:an?|one|two|three|four|a few|some|\d+) (?:days?|weeks?|sprints?)\b[^;.]*\bthen"
    r" (?:switch|set|turn|move|change|put) [^,;.]{0,40}\b(?:block\w*|enforc\w+|den(?:y|ial)"
    r"|reject\w*)\b"
)
"""A trial that ends in the safeguard at work."""
_PART = re.compile(
    r"^\W*(?:print|log|write|show|copy|record|send) (?:only |just )?(?:an? |the )?(?:masked"
    r"|redacted|hash(?:ed)?|synthetic|tokeni[sz]ed|last)\b"
    r"|^\W*(?:leave|keep) [^,;:]{3,50}? (?:closed|shut|private|locked)\b(?!.*\b(?:open|public)\b)"
    r"|^\W*(?:keep|put|hold) (?:the |an? |any |all )?(?:\w+ )?(?:keys?|secrets?|tokens?) (?:on|in"
    r"|behind) (?:the |an? |your |our )?back ?end\b"
    r"|--no-allow-unauthenticated\b|\banonymous[- ]\w+ ?(?:=|:|to) ?(?:false|off|none|disabled)\b"
    r"|\bsslmode=verify-full\b"
    r"|\b(?:all capabilities (?:dropped|removed)|drop(?:s|ped|ping)? all capabilities)\b"
)
"""What shows no more than a part, is closed, or stays where no client reads it."""
_SECRETS = (
    r"(?:[\w'-]+ ){0,3}?(?:passwords?|secrets?|tokens?|keys?|credentials?|card (?:numbers?|data)"
    r"|cookies?|authori[sz]ation|personal data|payloads?|bod(?:y|ies)|headers?)\b"
)
_KEPT_BACK = re.compile(
    r"^\W*(?:log|record|trace|capture|print|write|store|send|keep|collect|show"
    r"|have [^,;]{3,30} (?:log"
    r"|print|write))\b[^.;]*\b(?:strip|mask|redact|scrub|hash|omit|filter out|leave out|blank"
    r"|remove"
    rf"|tokeni[sz]e) (?:the |all |any |out )?{_SECRETS}"
    r"|\b(?:post|share|store|write|send|paste|log|print|commit|embed|copy|mail|hard-code|bake"
    r"|e-mail)"
    rf" no {_SECRETS}"
    rf"|\band (?:never|not) (?:the|an?|any|your|their) {_SECRETS}"
    r"|\b(?:keep|leave|hold|take|move) (?:[\w'/-]+ ){1,9}?(?:off|out of|away from) (?:the |your "
    r"|our |any"
    r" |every )?(?:public )?(?:internet|web|code|repo\w*|git|images?|chats?|logs?|prompts?"
    r"|e-?mails?"
    r"|source|wiki|tickets?)\b"
    r"|\b(?:send|pass|put|expect) [^,;]{2,40} in (?:the |an )?authori[sz]ation header\b"
    r"|\b(?:put|set|add|use|require) an? (?:shared |hmac |signing )?(?:secret|key) (?:on|for)"
    r" [^,;.]{2,40}\b(?:web ?hook|hook)s?\b|\bsigned-by\b"
    r"|\b(?:keep|hold) [^,;]{2,40} on (?:the |your |our )?(?:server|backend)(?: side)?(?=[,;.]|$"
    r"| and\b)"
)
"""A secret that is left out, held back, or sent where it belongs."""
_TIDIED = re.compile(
    r"^\W*(?:set|switch|change|turn|put|make|keep|leave) [^,;.]{3,70} (?:private|restricted"
    r"|baseline|read-only"
    r"|closed|enforced)(?=[,;.]|$| (?:so|and|even|for|unless|too|also)\b)"
    r"(?!.*\b(?:public|everyone|anyone|but|open|off)\b)"
    r"|\block (?:the |your )?(?:root|admin\w*) \w+ (?:away|down|up)\b"
    r"|(?<!not )(?<!n't )(?<!never )(?<!why )(?<!to )\bbother with\b(?!.*\b(?:rather|instead)\b)"
    r"|\b(?:from|with|using) (?:\w+ )?(?:generated|synthetic|invented|anonymi[sz]ed|masked"
    r"|made-up|fake|artificial)"
    r" (?:data|rows|records|names|customers?|subset)\b"
    r"|\b(?:bound|query) parameters\b|\bparameteri[sz]ed\b|\bprepared statements?\b"
    r"|\bplaceholders\b"
    r"|^\W*(?:delete|remove|erase|purge|destroy) [^,;.]{0,40}?\b(?:id|passport|card|document"
    r"|licen[cs]e"
    r"|receipt|visa) scans?\b"
    r"|\b(?:strip|clear|empty) (?:the |every |each |all )?default security groups?\b"
    r"|^\W*(?:install|apply|roll out|deploy) (?:(?:the|all|every|each|critical|security"
    r"|vendor) ){0,3}"
    r"(?:patch\w*|updates?|fix(?:es)?)\b[^.]*\bwithin (?:[\w-]+ ){0,3}?(?:hours?|days?|week)\b"
    r"|\b(?:should|must|has to|have to|needs to) (?:stay|remain|be|be kept|be left) (?:on(?=[,;.]|$"
    r"| (?:for|in|too|also|everywhere|at|even|while|and)\b)|enabled\b|active\b|closed\b|blocked\b"
    r"|private\b)"
    r"(?!.*\b(?:public|off|everyone|anyone|skip|disable|exempt)\b)"
    r"|(?<!not )(?<!to )(?<!n't )(?<!or )\b(?:ask|wait for) an? (?:person|human|colleague|second)\b"
)
"""Data that has served, a patch in time, a safeguard that stays, a person who is asked."""


def cleared(clause: str) -> bool:
    """Whether a sentence condemns what it names, or says the safe form of it."""
    return any(
        pattern.search(clause) for pattern in (CONDEMNED, STAGED, _PART, _KEPT_BACK, _TIDIED)
    )
