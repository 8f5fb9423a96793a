"""Which windows of an answer assert something: a heuristic that tells advice from a list of
keywords.

It asks for a verb or for the small words of a phrase, and refuses enumerations of bare terms. It
need not be grammar: it has to make keyword stuffing worthless without costing terse but real advice
its points.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from secarch.text.polarity.windows import Window

MIN_WORDS = 5
MIN_PHRASE = 6
"""Words from which on a list item needs no verb if it has the small words of a phrase."""
LED_PHRASE = 4
"""Words from which on an item below a heading or a lead ("First", "Leave out") needs one
preposition to be a phrase.
"""
LONG = 25
"""Words from which on a sentence must have its share of function words; from a third of that on,
one.
"""
FUNCTION_SHARE = 0.18
"""Least share of function words in a long window. Measured on the core suite: 0.27 is the least of
315 windows of its references and paraphrases, 0.10 the most of its categories' bags of key words.
"""
TERM = 3
"""Words of the longest bare term."""
ENUMERATION = (12, 0.6)
"""Bare terms, and their share of a window's words (joining ones apart), from which on it says
nothing.
"""
FRAME = 2
"""How many of an answer's commonest function words may be the frame ("we use ..., ...") into which
terms are put.
"""
ANSWERS = 2
"""Most terms that a fragment answers with: "IAP forwarding plus OS Login"."""
STUFFED = 0.12
"""Share of function words outside the frame below which an answer of 40 words or more is stuffed.
Measured on 101 questions: at most 0.112 of their key words in 26 forms, at least 0.126 of 295
references and other answers.
"""
STUFFED_FROM = 40
VALUES = 2
"""Parts of a note that gives the value of a setting; more are a list of terms."""
FRAGMENT = 3
"""Words of the shortest fragment that says something where sentences stand around it."""
AMONG = (2, 0.75)
"""So many windows before and behind a fragment are looked at, and so many of them must assert."""
SPOKEN = 0.6
"""Share of an answer's words in windows that assert, from which on its fragments may count: a terse
expert's points among sentences, and no list of terms below an essay. Measured on 150 right answers:
0.02 more of the weights are met; on 150 wrong ones and on 46 essays with the points' terms: none.
"""
HELD = 0.25
"""Share of function words outside the frame that a window of a stuffed answer needs of its own."""


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_AUXILIARIES = _set(
    "is are was were be been being am has have had do does did must should shall can could may "
    "might will would needs"
    " need ought cannot let lets please it's that's there's here's what's he's she's i'm i'd i'll "
    "i've we're we'd we'll"
    " we've you're you'd you'll you've they're they'd they'll they've"
)
_VERBS = _set(
    """
    abort accept accompany achieve acquire activate adapt add address adjust admit adopt advise
    affect agree aim alert allow alter analyse analyze anchor annotate answer apply appoint approve
    argue arrange ask assert assess assign assume attach attest authenticate authorise authorize
    automate avoid await bake ban base bear become begin belong bet betray bind block borrow break
    bring build burn bury buy bypass call cap capture carry carve cast catch cause challenge change
    chase check choose cite claim classify clean clear cling close collapse collect combine come
    commit compare compile complement complete comply compromise conceal conclude conduct configure
    confine confirm connect consider consist consolidate constrain construct consult consume
    contact contain continue contribute convert convince copy correct correlate cover create cross
    cure cut deactivate deceive decide declare decline decode decommission decrypt default defeat
    defend defer define delegate delete deliver demand demonstrate demote deny depend deploy
    deprecate deprive derive describe deserve design destroy detect determine develop dictate
    differ dig disable discard disclose discover discuss dismiss dispatch distinguish distribute
    distrust divide document double drag drain draw drive drop earn edit eject elevate eliminate
    embed emit emphasise employ enable encode encourage encrypt end endanger enforce engage enlist
    enrol enroll ensure enter enumerate erase escalate establish evaluate exceed exchange exclude
    excuse execute exempt exfiltrate exist expand expect expire explain export expose extend
    extract fail fall federate feed fence fetch fight file fill filter find finish fit fix flag
    focus follow fool forbid force forge forget forward free freeze fulfil gain gate gather
    generate get give go govern grant guarantee guard guess halt hand handle happen harden harm
    hash help hide hold host hurt identify ignore impersonate implement imply import impose improve
    include increase infer inform inherit inject insist inspect install instruct instrument
    integrate intercept introduce invalidate invent inventory invite invoke involve isolate issue
    join justify keep kill know label lack land last launch lead leak learn leave lend lie limit
    link listen live load lock log look lose lower maintain make manage mandate map mark mask match
    matter mean measure meet merge migrate mint mirror miss misuse mitigate modify monitor mount
    move name notify oblige observe obtain occur offer omit open operate oppose order outlive
    outrank overlap override overwrite owe own page pair parse partition pass patch pause pay
    perform permit persist persuade phone pick pin place plan plant point poll populate possess
    practise prefer prepare present preserve press prevent proceed process produce profile prohibit
    promote propagate propose protect prove provide provision publish pull punish purge pursue push
    put quantify quarantine query raise reach read realise rebuild recall receive reclassify
    recognise recommend reconcile record recover recreate redact redeploy redesign redirect reduce
    refer refuse regard regenerate register rehearse reissue reject relate release rely remain
    remediate remember remind remove rename render renew reopen repeat replace replicate report
    represent reproduce request require rerun rescue resist resolve respond rest restore restrict
    result retain retire retrieve return reuse reveal revert review revise revoke rewrite roll
    rotate route run sanitise save say scan schedule scope scrub seal search secure see segment
    segregate select sell send separate serve set share shift ship shorten show shred shrink shut
    sign simulate sit skip slow smuggle solve sort speak specify spend split spoil spot spread
    stage stall stand standardise start state stay steal steer stick stop store stream strengthen
    stretch strike strip submit subscribe succeed suffer suffice suggest suit supply support
    suppress survive suspect suspend swap switch tag take talk target teach tell terminate test
    think throw tidy tie tighten tolerate touch track train transfer transition translate treat
    trick trigger trim trust try tune turn unblock uncover understand undo unlock update upgrade
    upload urge use validate vanish vary verify vet view violate visit vouch wait walk want warn
    watch weaken weigh win wipe wire withdraw withhold withstand work worsen wrap write yield
    """
)
_ADJECTIVES = _set(
    """
    managed shared federated encrypted signed scoped dedicated based privileged hardened trusted
    isolated automated centralized centralised restricted segmented structured distributed
    authenticated authorized authorised verified delegated assigned attested tagged provisioned
    protected detected approved required
    """
)
FUNCTION_WORDS = _set(
    """
    a an the this that these those it its they them their there you your we our i he she his her one
    and or but nor so yet if then than because since while when where which who whose what whether
    as of in on at by for from to into onto with within without through over under between after
    before during until per via about against out up off everywhere elsewhere else always again
    already now today first next last instead here afterwards together anything nothing nobody
    everything anyone everyone not no never only also both either each every any all some more most
    other such same own just even still is are was were be been has have had do does did must should
    can could may might will would
    """
)
_ARTICLES = _set("the a an your its their every each all any this that these both")
_PREPOSITIONS = _set(
    """
    after all at before by each every for from in instead into no not of on only over per through to
    under until via without
    """
)
_COMMANDS = _set(
    """
    add allow apply avoid choose configure create define delete deny disable drop enable encrypt
    enforce ensure give grant hold inform keep limit make move notify prefer put refuse reject
    remove replace require restrict revoke rotate send set store switch take tell treat turn use
    write
    """
)
"""Verbs that are not taken for nouns or adjectives where they come first."""
_NOUNS = _set(
    """
    access alert change control delete fix hash host label log match patch place plan process
    profile purge record report review route scan scope seal stage stop store stream tag test track
    view watch
    """
)
"""Verbs that stand for nouns in a list of bare terms ("soft delete, audit log")."""
_WORD = re.compile(r"[a-z][a-z'-]*")
_LABEL = re.compile(r"^[^:.\n]{2,60}:\s+(?=\S)")
_VALUE = re.compile(
    r"[a-z]=\S|-only (?:on|for|in|to|at|by) \S|\S-only$|\b(?:default|for|after|every|within|of|max"
    r"|min)"
    r" \d+ ?(?:y|d|h|min|m|s|years?|days?|hours?|minutes?|months?|weeks?)\b"
)
"""The value of a setting: "sub=environment:production", "read-only on logs", "default 6 y"."""
_JOINER = re.compile(r"\s*(?:[,;|+&\n]|\s/\s|\b(?:and|or|plus|with)\b)\s*")
_DETERMINER = re.compile(r"^(?:(?:the|a|an|its|your|our|their|all|every|each|any|both)\s+)+")
_GLUE = FUNCTION_WORDS - {"and", "or", "with"}


def statements(windows: Sequence[Window], question: str = "") -> list[Window]:
    """The windows that assert something; of a stuffed answer, only those that hold together without
    its frame.

    A fragment whose label is a word of the question answers that: "SSH: only by the proxy.". One
    among sentences, in an answer that speaks in sentences, does too: "Outside: GPUs of our own.".
    """
    answers = _answers(windows, frozenset(_WORD.findall(question.lower())) - FUNCTION_WORDS)
    said = [window for window in windows if window in answers or asserts(window)]
    said = _with_fragments(windows, said)
    every = [word for window in windows if not window.code for word in _WORD.findall(window.text)]
    frame = {
        word
        for word, _ in Counter(word for word in every if word in FUNCTION_WORDS).most_common(FRAME)
    }
    if len(every) < STUFFED_FROM or _small_share(every, frame) >= STUFFED:
        return said
    return [w for w in said if w.code or _small_share(_WORD.findall(w.text), frame) >= HELD]


def _answers(windows: Sequence[Window], asked: AbstractSet[str]) -> set[Window]:
    """The first fragment below each label of the question, of at most `ANSWERS` terms."""
    found: dict[str, Window] = {}
    for window in windows:
        label = None if window.code or window.heading else _LABEL.match(window.text)
        named = set(_WORD.findall(label[0])) - FUNCTION_WORDS if label else set()
        if label is None or not named or not named <= asked:
            continue
        rest = window.text[label.end() :]
        terms = [part for part in _JOINER.split(rest.strip(" .")) if part.strip()]
        if len(terms) <= ANSWERS and 2 <= len(rest.split()) <= LONG // 2:
            found.setdefault(label[0], window)
    return set(found.values())


def _with_fragments(windows: Sequence[Window], said: list[Window]) -> list[Window]:
    """What asserts something, and the fragments that stand among it."""
    prose = [window for window in windows if not (window.code or window.heading)]
    asserted = set(said)
    lengths = {window: len(window.text.split()) for window in prose}
    spoken = sum(lengths[window] for window in prose if window in asserted)
    if spoken < max(STUFFED_FROM, SPOKEN * sum(lengths.values())):
        return said
    reach, share = AMONG
    fragments = set()
    for at, window in enumerate(prose):
        near = [*prose[max(0, at - reach) : at], *prose[at + 1 : at + 1 + reach]]
        if sum(one in asserted for one in near) >= share * len(near) and _is_fragment(window):
            fragments.add(window)
    return [window for window in windows if window in asserted or window in fragments]


def _is_fragment(window: Window) -> bool:
    """A few words, or not too many terms, that may be a point of their own."""
    parts = [part for part in _JOINER.split(_LABEL.sub("", window.text)) if part.strip(" .")]
    return len(_WORD.findall(window.text)) >= FRAGMENT and len(parts) <= ENUMERATION[0]


def _small_share(words: Sequence[str], frame: AbstractSet[str]) -> float:
    """Share of function words among those outside the frame, 0..1."""
    rest = [word for word in words if word not in frame]
    return sum(word in FUNCTION_WORDS for word in rest) / max(1, len(rest))


def asserts(window: Window) -> bool:
    """Whether the window by itself can meet a key point: code always, text if it reads as a
    statement.

    That is text of 5 words or more with a verb; an item or labelled sentence of 6 words or more
    with two function words, or of 4 with a preposition if a heading or a lead stands above it; a
    sentence of 5 with two function words, one of them a preposition ("Yes: one vault in each
    Region."); a label or row with the value of a setting ("Rights: read-only on logs"); or a short
    command ("Switch on purge protection", "Cordon the node.") or refusal ("No exemption.").
    """
    if window.code or _is_setting(window):
        return True
    words = _WORD.findall(window.joined)
    if _is_bag(words) or _is_enumeration(window.text):
        return False
    own = _WORD.findall(_LABEL.sub("", window.text))
    if len(window.joined.split()) < MIN_WORDS:
        command = len(own) > TERM and _is_command(own)
        return command or _is_order(own) or _is_refusal(window, own)
    return any(map(_is_verb, words)) or _is_phrase(window)


def speaks(window: Window) -> bool:
    """Whether a sentence too short to assert something by itself has a verb behind its subject:
    "Security is mandatory.".
    """
    words = _WORD.findall(window.text)
    spoken = TERM <= len(words) < MIN_WORDS and any(map(_is_verb, words[1:]))
    return spoken and not (window.heading or window.code)


def _is_command(words: Sequence[str]) -> bool:
    """Words that begin by telling somebody to act: "Push to the registry"."""
    return words[0] in _COMMANDS or (
        words[0] in _VERBS and words[1] in FUNCTION_WORDS - {"and", "or"}
    )


def _is_order(words: Sequence[str]) -> bool:
    """Words of which the first is followed by an article, as only a verb can be: "Cordon the
    node.". It need be no known verb.
    """
    begins = len(words) >= TERM and words[0] not in FUNCTION_WORDS
    return begins and words[1] in _ARTICLES and not words[0].endswith(("ly", "ing"))


def _is_refusal(window: Window, words: Sequence[str]) -> bool:
    """A sentence that turns a thing down without a verb: "No exemption.", "Not approved."."""
    turns = len(words) > 1 and words[0] in {"no", "not"}
    return turns and window.text.rstrip().endswith((".", "!"))


def _is_phrase(window: Window) -> bool:
    """An item or sentence whose nouns are held together: "Structure: one key vault per
    application".
    """
    labelled = _LABEL.match(window.text)
    words, length = _WORD.findall(window.text), len(window.text.split())
    small = [word for word in words if word in FUNCTION_WORDS]
    held = len(small) >= 2 and bool(set(small) - {"and", "or"})
    placed = bool(_PREPOSITIONS.intersection(words))
    if window.item and (window.lead or window.under) and length >= LED_PHRASE:
        return held or placed
    if window.item or labelled:
        return length >= MIN_PHRASE and held
    return window.text.endswith(".") and held and placed


def _is_setting(window: Window) -> bool:
    """A label, or the first cell of a row below a header, and few words with a value behind it."""
    row = bool(window.columns) and " ; " in window.text
    label = None if row else _LABEL.match(window.text)
    if window.heading or not (row or label):
        return False
    rest = window.text.partition(" ; ")[2] if row else _LABEL.sub("", window.text)
    parts = [part for part in re.split(r"[,;]", rest) if part.strip(" .")]
    return len(parts) <= VALUES and len(rest.split()) <= LONG // 2 and bool(_VALUE.search(rest))


def _is_bag(words: list[str]) -> bool:
    """A long run of terms without the small words that hold a sentence together."""
    small = sum(word in FUNCTION_WORDS for word in words)
    return small < (FUNCTION_SHARE * len(words) if len(words) >= LONG else len(words) >= LONG // 3)


def _is_enumeration(text: str) -> bool:
    """Whether it is bare terms joined by commas, `and`, `with`, ...: many of them, or a few and
    nothing else.
    """
    pieces = (
        _DETERMINER.sub("", part.strip(" .:")).split()
        for part in _JOINER.split(_LABEL.sub("", text))
    )
    parts = [piece for piece in pieces if piece]
    bare = [len(part) for part in parts if len(part) <= TERM and not _GLUE.intersection(part)]
    least, share = ENUMERATION
    if len(bare) == len(parts) >= 3:
        return not any(
            _is_verb(word) and word.removesuffix("s") not in _NOUNS for word in _WORD.findall(text)
        )
    return len(bare) >= least and sum(bare) >= share * sum(map(len, parts))


def _is_verb(word: str) -> bool:
    if word in _AUXILIARIES or word in _VERBS or word.endswith("n't"):
        return True
    if word.endswith("ed") and word not in _ADJECTIVES:
        return bool({word[:-2], word[:-1], word[:-3]} & _VERBS) or (
            word.endswith("ied") and word[:-3] + "y" in _VERBS
        )
    if word.endswith("s"):
        return (
            word[:-1] in _VERBS
            or word[:-2] in _VERBS
            or (word.endswith("ies") and word[:-3] + "y" in _VERBS)
        )
    return False
