"""The words by which English says that it does not say something, as groups of alternatives.

All of it is matched in plain text: lower case, straight quotes, one hyphen (`windows.plain`). The
classes are those of the literature on factuality and the scope of negation: negators and verbs that
reverse (Morante and Blanco, *SEM 2012), speech and belief with their source (Sauri and Pustejovsky,
FactBank, 2009), hedges (Farkas et al., CoNLL 2010).
"""

from __future__ import annotations

import re


def group(phrases: str) -> str:
    """Phrases on lines or between ` | ` -> one group of alternatives."""
    parts = re.split(r"\s*\n\s*|\s+\|\s+", phrases.strip())
    return f"(?:{'|'.join(part for part in parts if part)})"


def words(text: str) -> str:
    """Words -> one group of alternatives."""
    return f"(?:{'|'.join(text.split())})"


BE = r"(?:is|are|was|were|be|being|been|remains?|seems?|looks?|sounds?|stays?|becomes?|it's|that's)"
ADVERB = words(
    """a an the also plainly simply clearly too very still just only quite rather so such often
    mostly entirely wholly completely totally utterly plain sheer pure common popular widespread
    frequent classic persistent old typical dangerous serious big bad grave costly expensive mere
    long usually generally always therefore thus hence actually really certainly definitely at best
    most half no more than one of my our both equally largely now demonstrably factually
    technically in fact"""
)
ADVERBS = rf"(?:{ADVERB} ){{0,4}}"
MANNER = r"(?:\w+ly |also |all |both |still |then |just |even |now |well ){0,2}"

UNTRUTH = group(
    r"""myths? | misconceptions? | fallac(?:y|ies) | misunderstandings? | illusions? | delusions?
    falsehoods? | fiction | legends? | folklore | nonsense | fable | hoax | half-truths?
    superstitions? | wishful thinking | misbelief | red herrings? | untruths? | old wives' tales?
    canard | fantasy | fairy tales? | urban legends? | an? lie"""
)
"""Nouns for what is not true."""
FAULT = group(
    r"""mistakes? | errors? | anti-?patterns? | blunders?
    bad (?:idea|practice|advice|plan|habit)s?
    poor (?:idea|practice|choice|advice)s? | no-go | non-starters? | dead end | oversight | folly
    recipe for \w+ | time bomb | sham | false (?:economy|comfort|security) | security theat(?:er|re)
    traps? | pitfalls? | violation | breach | the wrong (?:\w+ )?\w+"""
)
"""Nouns for what should not be done."""
UNTRUE = group(
    """false | untrue | incorrect | wrong | mistaken | inaccurate | erroneous | fallacious | refuted
    disproved | disproven | debunked | outdated | obsolete | baseless | unfounded | groundless
    misleading | misguided | absurd | ridiculous | nonsensical | superseded | out of date | bogus
    flawed | untenable | unsupported | exaggerated | overstated | naive | not true | not the case
    invalid | fictitious | specious | spurious | unproven | unproved | unsubstantiated | unverified
    not (?:substantiated|supported|proven|proved|borne out|backed up|tenable)"""
)
UNSOUND = group(
    r"""dangerous | risky | insecure | unsafe | bad | unacceptable | inadequate | insufficient
    excluded | forbidden | prohibited | out of the question | reckless | unwise | foolish
    irresponsible | inadmissible | unjustified | impermissible | indefensible | ill-advised
    harmful | rejected | refused | declined | discouraged | disallowed | banned | denied | dismissed
    discarded | overruled | ruled out | turned down | withdrawn | vetoed | off the table
    off limits
    not enough | too (?:little|weak|risky|dangerous|broad|wide|much|permissive|open) | careless
    short-sighted | negligent | impossible | unlawful | illegal | off the mark | beside the point"""
)
NEEDLESS = group(
    """unnecessary | needless(?! to (?:say|add|mention)) | pointless | useless | superfluous
    redundant | overkill | excessive
    irrelevant | unimportant | dispensable | expendable | worthless | counterproductive | overrated
    meaningless | futile | a waste | unneeded | unwarranted | wasteful | a distraction | not worth
    not needed | not necessary | not required | no longer needed | of no use | uncalled for"""
)
GOOD = group(
    """allowed | permitted | acceptable | recommended | advisable | advised | an option | enough
    sufficient | true | correct | right | so | safe | secure | needed | necessary | required
    possible | justified | okay | ok | fine | wise | a good idea | a solution | the answer
    good practice | harmless | defensible | supported | viable | valid | the case | adequate
    an answer | a substitute | a replacement | worth | relevant | important | accurate | sensible
    appropriate | reasonable | mandatory | obligatory | useful | helpful | how it works
    what happens | a control | a boundary | an excuse | a reason | a defence | a defense
    desirable | applicable | convincing"""
)
"""What is denied in "... is not acceptable"."""
DOUBT = group(
    r"""(?:an? )?(?:matters?|questions?) of (?:\w+ )?(?:taste|opinion|preference|debate|faith)
    (?:in|open to|up for|under|casting|cast) (?:\w+ )?(?:doubts?|dispute|debate|question)
    debatable | negotiable | controversial | contested | disputed | arguable | wishful thinking
    up to (?:you|taste|debate) | a nice to have | nice to have"""
)
"""What is denied of a statement that stands: "not a matter of opinion", "not in doubt"."""
CLAIM = group(
    r"""ideas? | beliefs? | notions? | claims? | assumptions? | views? | arguments? | assertions?
    theor(?:y|ies) | opinions? | suggestions? | statements? | impressions? | promises? | proposals?
    temptations? | thoughts? | excuses? | reasoning | rumou?rs? | objections? | convictions?
    premises? | thes[ei]s | hypothes[ei]s | demands? | wish | complaints? | pretence | pretense
    logic | positions? | perceptions? | fears? | expectations? | conclusions? | reading
    interpretation | sentences? | offers? | contention | narrative | intuition | instinct | hope
    recommendation | advice | approach | plan | answer | stance | line of thought | request
    inferences? | deductions? | allegations? | supposed facts? | insinuations?"""
)
"""Nouns for what somebody says or thinks."""

SAY_THAT = group(
    r"""argu(?:e|es|ed|ing) | claim(?:s|ed|ing)? | says? | said | saying | believ(?:e|es|ed|ing)
    think(?:s|ing)? | thought | assum(?:e|es|ed|ing) | suppos(?:e|es|ed|ing) | propos(?:e|es|ed|ing)
    suggest(?:s|ed|ing)? | insist(?:s|ed|ing)? | assert(?:s|ed|ing)? | contend(?:s|ed|ing)?
    maintain(?:s|ed|ing)? | stat(?:e|es|ed|ing) | hold(?:s|ing)? | held | imagin(?:e|es|ed|ing)
    pretend(?:s|ed|ing)? | advis(?:e|es|ed|ing) | recommend(?:s|ed|ing)? | hop(?:e|es|ed|ing)
    feel(?:s|ing)? | felt | reckon(?:s|ed|ing)? | alleg(?:e|es|ed|ing) | object(?:s|ed|ing)?
    declar(?:e|es|ed|ing) | writ(?:e|es|ing) | wrote | promis(?:e|es|ed|ing) | reason(?:s|ed|ing)?
    conclud(?:e|es|ed|ing) | guess(?:es|ed|ing)? | expect(?:s|ed|ing)? | announc(?:e|es|ed|ing)
    fear(?:s|ed|ing)? | repl(?:y|ies|ied|ying) | answer(?:s|ed|ing)? | counter(?:s|ed|ing)?
    swear(?:s|ing)? | presum(?:e|es|ed|ing) | protest(?:s|ed|ing)? | admit(?:s|ted|ting)?
    demand(?:s|ed|ing)? | request(?:s|ed|ing)? | wish(?:es|ed)? | hears? | heard | repeat(?:s|ed)?
    tell(?:s|ing)? \w+(?: \w+)? | told \w+(?: \w+)? | assure[sd]? \w+(?: \w+)? | convinced(?: \w+)?
    persuade[sd]? \w+(?: \w+)? | (?:am|are|is|was|were) (?:sure|certain|confident|convinced)
    under the impression | of the opinion | infer(?:s|red)? | posits? | opines? | speculates?
    ha(?:s|ve|d) it | predict(?:s|ed)? | add(?:s|ed)? | read(?:s)? | mention(?:s|ed)?"""
)
"""Verbs of saying and believing. Those that presuppose truth (know, show, prove, note, find) are
not among them.
"""
SAY_BARE = group(
    r"""argu(?:e|es|ed) | claim(?:s|ed)? | says? | said | believ(?:e|es|ed) | think(?:s)? | thought
    assum(?:e|es|ed)(?! (?:\w+ ){0,2}(?:roles?|identit(?:y|ies)|breach)) | insist(?:s|ed)?(?: on)?
    suggest(?:s|ed)? | propos(?:e|es|ed) | recommend(?:s|ed)? | wants? | wanted | hop(?:e|es|ed) to
    would like(?: to)? | would rather | would prefer | prefers? | reckon(?:s|ed)? | feels? | felt
    wish(?:es|ed)? to | swears? | push(?:es|ed)? (?:for|to) | call(?:s|ed)? for | asks? to
    asked to
    asks? us to | asked us to | plead(?:s|ed)? for | plan(?:s|ned)? to | intend(?:s|ed)? to
    offer(?:s|ed)? to | vot(?:e|es|ed) to | (?:is|are|was|were) tempted to | threaten(?:s|ed)? to
    urg(?:e|es|ed) | advocat(?:e|es|ed) | tells? \w+ | told \w+ | assures? \w+ | demand(?:s|ed)? to
    regard(?:s|ed)? | consider(?:s|ed)? | advis(?:e|es|ed) | promis(?:e|es|ed) | imagin(?:e|es|ed)
    concluded? | guess(?:es|ed)? | lik(?:e|es|ed) to (?:say|think|claim|believe)"""
)
PEOPLE = group(
    r"""teams? | teammates? | colleagues? | co-?workers? | managers? | vendors? | suppliers?
    carriers? | consultants? | developers? | devs? | engineers? | some | many | most | people | they
    he | she | someone | somebody | everybody | everyone | others | critics | bots? | assistants?
    chatbots? | providers? | cios? | cisos? | ctos? | ceos? | cfos? | boards? | committees?
    customers? | partners? | auditors? | owners? | users? | authors? | blogs? | articles? | posts?
    tickets? | proposals? | comments? | reviewers? | interns? | contractors? | sales | marketing
    leads? | architects? | admins? | administrators? | operators? | departments? | opponents
    proponents | tutorials? | forums? | threads? | memos? | e-?mails? | letters? | slides?
    directors? | heads? | groups?(?! claims?\b(?! that\b)) | staff | employees?
    students? | agenc(?:y|ies) | compan(?:y|ies)
    skeptics | sceptics | advocates | supporters | folks | practitioners | lawyers? | counsel
    sides? | part(?:y|ies) | startups? | newcomers | beginners | juniors? | seniors? | stakeholders?
    founders? | boss(?:es)? | executives? | officers? | clerks? | doctors? | scientists? | analysts?
    researchers? | testers? | predecessors? | speakers? | trainers? | integrators? | it is \w+ to
    one might | you might | you could | tempting to | easy to | natural to | brochures? | answers?
    squads? | posters? | commenters? | business | management | project | draft | question | few"""
)
"""Who may say something that the answer does not say itself."""
OWN_VOICE = group(
    """i | we | i'd | i'll | we'd | we'll | let's | let us | you may | you can | you should
    you must
    aws | amazon | microsoft | google | azure | gcp | nist | cis | iso | pci | owasp | cisa | nsa
    bsi
    enisa | kubernetes | hashicorp | docs? | documentation | guides? | guidance | standards?
    benchmarks? | frameworks? | specifications? | rfcs? | regulations? | laws? | gdpr | dora | nis2
    hipaa | practice | experience | evidence | data | logs? | tests? | results? | facts | please
    must
    should | to | can | won't | can't | don't | cannot | wouldn't | manual | polic(?:y|ies)
    contracts? | controls? | requirements? | therefore
    and | then | so | also | never"""
)
"""Whose word is the answer's own, or what is before a verb that is a command."""
