"""Word lists: English verbs that begin headings, and the function words by which a language is
told.
"""

from __future__ import annotations


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


VERBS = _words(
    """
    accept access activate add adjust adopt allow analyze apply approve archive assess assign
    associate assume attach audit authenticate authorize automate avoid back backup block bootstrap
    bring build call cancel centralize change check choose clean close collect combine complete
    compare configure connect consume control convert copy create customize cut deactivate debug
    decrypt define delegate delete deny deploy deprecate describe design destroy detach detect
    determine develop disable disassociate discover display distribute document download edit enable
    encrypt enforce enroll ensure escalate establish evaluate examine exclude execute export expose
    extend filter find fix generate get give grant handle harden host hunt identify implement import
    improve include increase initialize inject inspect install integrate invite invoke isolate issue
    join keep launch learn leave let limit list load lock log look maintain make manage map mark
    measure migrate minimize mitigate modify monitor mount move name obtain open operate optimize
    organize override patch perform plan plug prepare pick prevent prioritize process protect prove
    provide provision publish pull purge push put query read rebuild receive reconcile record
    recover redirect reduce refresh register reject release remediate remove rename renew replace
    replicate report request require rescan reset resolve respond restart restore restrict retain
    retire retrieve return reuse review revoke rotate route run sanitize save scale scan schedule
    search secure segment select send separate serve set share sign simplify specify start stop
    store stream submit subscribe suppress suspend switch sync synchronize tag terminate test track
    transfer transform trigger troubleshoot tune turn understand uninstall unlock unseal update
    upgrade upload use validate verify view visualize wait watch work wrap write
    be classify conduct consolidate decouple drive eliminate externalize foster gather partition
    propagate quantify rightsize segregate simulate standardize strengthen tailor
    """
)
"""Verbs with which headings of documentation begin."""
NOUNS_TOO = frozenset(
    _words(
        """
    access audit back backup block build call change check clean complete control copy design
    display document export filter give host import issue leave limit list load lock log map mark
    monitor mount name open patch plan plug process pull purge query read record release report
    request reset return review route run scale scan schedule search secure separate set share sign
    start stop store stream switch tag test track transfer trigger update upgrade view wait watch
    work wrap cut hunt pick drive partition
        """
    )
)
"""Those that are as often a noun: only an article or the like behind one makes it a verb."""
DOUBLED = frozenset(
    _words(
        """
        begin cut debug drop get let log map plan plug put run scan set stop submit tag wrap
        """
    )
)
"""Those that double their last letter before -ing."""
NOMINAL = frozenset(
    _words(
        """
    auditing building caching encoding handling hardening listing logging mapping monitoring
    networking onboarding processing provisioning reporting routing scanning scheduling setting
    sharing signing tagging testing tracking training versioning warning wrapping
        """
    )
)
"""-ing forms that name a thing where a preposition follows: 'logging for buckets'."""
SMALL = frozenset(_words("a an and are as at by for from in is of on or the to with your"))
"""Words that are never a name."""
NAMES = frozenset(
    _words(
        """
    Amazon Ansible Axios Azure Bash Bicep Cassandra Checkov Cilium Docker Entra Envoy Falco Google
    Gradle Hashicorp Helm Istio Java Keycloak Kotlin Kubernetes Kyverno Lambda Linkerd Linux Macie
    Maven Microsoft Okta Podman Prometheus Prowler Python Redis Rego Ruby Sentinel Sigstore
    Terraform Trivy Ubuntu Valkey Vault Venafi Windows
        """
    )
)
"""Words that are always a name, however a document writes them."""
FUNCTION_WORDS: dict[str, tuple[str, ...]] = {
    "en": _words(
        "the and of to in is that for are with this you be or can from by as on it your not an if "
        "use when"
    ),
    "fr": _words(
        "le la les des une est que pour dans qui vous avec sur pas sont par du au ce cette être "
        "ou et en"
    ),
    "de": _words(
        "der die das und ist nicht mit für den ein eine auf werden sie von wird zu dem im oder "
        "sind auch"
    ),
    "es": _words(
        "el los las una es que para con por del se como su más esta puede está son y en al lo"
    ),
    "pt": _words(
        "o os as uma é que para com por do da não se como mais esta pode são em no na ao dos"
    ),
    "it": _words(
        "il gli una è che per con di del della non si come più questa può sono nel alla le lo"
    ),
    "nl": _words(
        "de het een en van is dat voor met niet zijn op te wordt kan deze die bij naar als"
    ),
    "sv": _words("och att det som en på är av för med den till inte om ett kan har eller från när"),
    "da": _words("og at det som en på er af for med den til ikke et kan har eller fra når der"),
    "no": _words("og at det som en på er av for med den til ikke et kan har eller fra når slik må"),
    "pl": _words("w i na z do się nie jest to że dla po od przez lub oraz może są który jako"),
    "cs": _words("a v se na je že z do pro s to nebo jako není které jsou být může který při by"),
    "ro": _words("și de la în cu nu pe este care pentru sau din se mai sunt poate prin fi un o"),
    "hu": _words("a az és hogy nem egy is van vagy meg ha csak ez kell mint lehet azt által után"),
    "fi": _words("ja on ei se että tai kun voi joka ovat jos niin kuin sekä myös mukaan olla sen"),
    "tr": _words("ve bir bu için ile olarak da de olan veya daha çok gibi her değil sonra"),
    "vi": _words("và của là cho các có được không với trong một này để khi hoặc từ bạn những trên"),
    "id": _words("yang dan di untuk dengan dari ini tidak atau pada dapat adalah ke oleh jika"),
}
"""Frequent function words by ISO 639-1 code."""
LANGUAGES_OF: dict[str, tuple[str, ...]] = {
    word: tuple(code for code, listed in FUNCTION_WORDS.items() if word in listed)
    for listed in FUNCTION_WORDS.values()
    for word in listed
}
"""The languages of which a word is a function word."""
