"""Why a document, a passage or an example is not in the dataset: every code with its meaning."""

from __future__ import annotations

from secarch.records import Coded


class Reason(Coded):
    """A code in `rejected.jsonl.gz`, the funnel, the counts and the report.

    What is wrong with a question or an answer has codes of its own: `examples.gate.meanings`.
    """

    # documents
    BAD_ROW = ("bad_row", "a row of the input that cannot be read")
    LICENCE = ("licence", "its licence is not among dedupe.licences")
    UNKNOWN_LICENCE = ("unknown_licence", "its licence is not known")
    LANGUAGE = ("language", "another language than those to learn in")
    TOO_SHORT = ("too_short", "fewer words than dedupe.min_words, or too little to answer anything")
    TOO_LONG = ("too_long", "more words than dedupe.max_words: a dump")
    NO_PROSE = ("no_prose", "neither prose nor code worth reading")
    CODE_WITHOUT_COMMENTS = ("code_without_comments", "code that nothing explains")
    REPEATED_LINES = ("repeated_lines", "the same lines over and over")
    REPEATED_PARAGRAPHS = ("repeated_paragraphs", "the same paragraphs over and over")
    REPEATED_NGRAMS = ("repeated_ngrams", "the same phrases over and over")
    NO_SENTENCES = ("no_sentences", "hardly any function words: lists of names")
    PLACEHOLDER = ("placeholder", "a consent wall, an error page or filler text")
    MOJIBAKE = ("mojibake", "decoded with the wrong character set")
    ONLY_LINKS = ("only_links", "links to other pages and little else")
    UNREADABLE = ("unreadable", "reading ease or grade that no prose has")
    DUPLICATE_EXACT = ("duplicate_exact", "the text of another document")
    DUPLICATE_NEAR = ("duplicate_near", "nearly the text of a better document")
    DUPLICATE_SUBSUMED = ("duplicate_subsumed", "contained in a longer document")
    # examples
    TEACHES_NOTHING = ("teaches_nothing", "no section that a question could be asked about")
    NOT_ENGLISH = ("not_english", "a page whose prose is in another language")
    OVER_CAP = ("over_cap", "more examples than dedupe.max_per_document")
    OVER_KIND_CAP = ("over_kind_cap", "more examples of its kind than dedupe.max_per_kind")
    OVER_WORDING_CAP = ("over_wording_cap", "its template was used dedupe.max_per_wording times")
    QUESTION_TAKEN = ("question_taken", "another example asks this")
    ANSWER_TAKEN = ("answer_taken", "another example answers this")
    RESEMBLES_SUITE = ("resembles_suite", "a constructed row that shares words with a suite")
    REVIEW = ("review", "a reviewer rejected it")
    CONTAMINATED = ("contaminated", "it holds text of a suite")
    SUITE_SOURCE = ("suite_source", "cut from a document that a question was written from")
    TEACHES_LITTLE = (
        "teaches_little",
        "from a page, and it teaches too little or keeps its family's promise in part",
    )
    OVER_MIX = ("over_mix", "above the share of its family in dedupe.mix")
    OVERLAPS_TRAINING = ("overlaps_training", "a held-out row that shares text with training")
    # pairs of a language model
    GENERATED_MALFORMED = ("generated_malformed", "not a question with an answer")
    GENERATED_TAKEN = ("generated_taken", "much like a question that was asked before")
    GENERATED_UNFAITHFUL = ("generated_unfaithful", "words or numbers that the source lacks")
    GENERATED_CONTRADICTS = ("generated_contradicts", "it says the opposite of the source")
    GENERATED_UNQUOTED = ("generated_unquoted", "a quotation that the source does not hold")
    GENERATED_OFF_QUESTION = ("generated_off_question", "the answer is to another question")
    GENERATED_TRIVIAL = ("generated_trivial", "the question gives the answer away")
    GENERATED_UNJUDGED = ("generated_unjudged", "no judgement could be had")
    GENERATED_LOW_SCORE = ("generated_low_score", "a score below dedupe.generate.min_score")
    GENERATED_UNANSWERABLE = ("generated_unanswerable", "the passage does not answer it")
    GENERATED_DISPUTED = ("generated_disputed", "asked again, the answer was another one")


def meaning_of(code: str) -> str:
    """What a code means; '' for one that is not listed here.

    Example: `meaning_of("over_mix")` is "above the share of its family in dedupe.mix".
    """
    return next((reason.meaning for reason in Reason if reason == code), "")
