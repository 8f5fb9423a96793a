"""Why a URL gave no document: every code that the crawl writes, with what it means to its user."""

from __future__ import annotations

from secarch.records import Coded


class Reason(Coded):
    """A code in `skipped.jsonl.gz`, the funnel and the report; `meaning` explains it.

    Three families are open: `http_<status>`, `redirect_<reason of the target>` and
    `unreadable_<error>`; see `meaning_of`.
    """

    ARCHIVE_DAMAGED = ("archive_damaged", "The WARC file breaks off or is malformed.")
    BAD_ADDRESS = ("bad_address", "Not a usable URL.")
    BAD_DOCX = ("bad_docx", "The .docx file is torn or malformed.")
    BAD_ENCODING = ("bad_encoding", "The body does not decode.")
    BAD_HTTP = ("bad_http", "The answer is not HTTP.")
    BAD_PDF = ("bad_pdf", "The PDF is torn or malformed.")
    BAD_CDX_LINE = ("bad_cdx_line", "A line of a CDX list that names no record.")
    BAD_OFFSET = ("bad_offset", "No WARC record begins at the offset that the CDX list names.")
    NO_ARCHIVE = ("no_archive", "The WARC file that the CDX list names is not there.")
    BINARY = ("binary", "The bytes are no text, whatever the header says.")
    COMPRESSION_BOMB = ("compression_bomb", "The body unfolds to more than 200 times its size.")
    CONNECT_FAILED = ("connect_failed", "The server could not be reached.")
    CONNECTION_LOST = ("connection_lost", "The connection broke before the answer was there.")
    CREDENTIALS_IN_ADDRESS = (
        "credentials_in_address",
        "The address has a user name or password in it.",
    )
    EMPTY_PAGE = ("empty_page", "The body is empty.")
    ENCRYPTED = ("encrypted", "The file asks for a password.")
    EXCLUDED = ("excluded", "An exclude pattern matches.")
    EXTRACTION_CRASHED = (
        "extraction_crashed",
        "The page killed its worker process or ran out of time.",
    )
    EXTRACTION_FAILED = ("extraction_failed", "The page could not be parsed.")
    FORBIDDEN = ("forbidden", "The server answered 403.")
    GONE = ("gone", "The page was taken away (410, or no longer in its source).")
    HOST_GIVEN_UP = ("host_given_up", "The host failed twenty times in a row.")
    HOST_UNREACHABLE = ("host_unreachable", "The host failed twenty times in a row.")
    INTERNAL_ERROR = ("internal_error", "The crawler failed on this page; the log has the error.")
    LEGAL = ("legal", "The server answered 451: closed for legal reasons.")
    LOGIN = ("login", "The server answered 401, or with a page that only asks for a password.")
    META_REFRESH = ("meta_refresh", "The page only leads on to another one.")
    NAME_NOT_RESOLVED = ("name_not_resolved", "The host's name leads to no address.")
    NEEDS_EXTRA = (
        "needs_extra",
        "Its format is read with an optional package: pip install 'secarch[documents]'.",
    )
    NEEDS_JAVASCRIPT = ("needs_javascript", "The page is a shell that a script would fill.")
    NEEDS_OCR = ("needs_ocr", "The PDF holds images of pages and no text.")
    NO_REGULAR_FILE = ("no_regular_file", "A link, a device or another thing that is not a file.")
    NO_RESPONSE = ("no_response", "A WARC record that is not a response.")
    NO_SITEMAP = ("no_sitemap", "Nothing is at /sitemap.xml, which no robots.txt names.")
    NO_TEXT = ("no_text", "Nothing readable was left of the page.")
    NO_TEXT_TYPE = ("no_text_type", "A picture, an archive or another type without readable text.")
    NOINDEX = ("noindex", "The page asks not to be indexed (meta robots or X-Robots-Tag).")
    NOT_FOUND = ("not_found", "The server answered 404.")
    NOT_INCLUDED = ("not_included", "No include pattern matches.")
    OPT_OUT_CONTENT_SIGNAL = (
        "opt_out_content_signal",
        "The page reserves training (Content-Signal).",
    )
    OPT_OUT_CONTENT_USAGE = ("opt_out_content_usage", "The page reserves training (Content-Usage).")
    OPT_OUT_NOAI = ("opt_out_noai", "The page reserves training (noai).")
    OPT_OUT_ROBOTS = ("opt_out_robots", "The site's robots.txt reserves training.")
    OPT_OUT_TDMREP = ("opt_out_tdmrep", "The site reserves text and data mining (TDMRep).")
    OTHER_SHARD = ("other_shard", "Another shard asks this host.")
    OUT_OF_SCOPE = ("out_of_scope", "Outside the scopes of the seeds.")
    PAGE_BUDGET = ("page_budget", "harvest.max_pages or max_pages_per_host was reached.")
    PATH_TOO_DEEP = ("path_too_deep", "More path segments than documentation has.")
    PORT = ("port", "Neither port 80 nor 443.")
    PRIVATE_ADDRESS = ("private_address", "A private, loopback or metadata address: never asked.")
    REDIRECT_LOOP = ("redirect_loop", "A redirect to the URL itself.")
    REDIRECT_TO_NO_PAGE = ("redirect_to_no_page", "A redirect to what is not a usable URL.")
    REDIRECTED = ("redirected", "The address leads elsewhere; where it leads is its own entry.")
    RENDER_FAILED = ("render_failed", "The browser could not draw the page.")
    RENDER_TIMEOUT = (
        "render_timeout",
        "The page's scripts did not come to an end within harvest.render_seconds.",
    )
    REPEATED_SEGMENTS = ("repeated_segments", "A path that repeats itself: a trap.")
    ROBOTS = ("robots", "robots.txt disallows it.")
    ROBOTS_UNREACHABLE = (
        "robots_unreachable",
        "robots.txt could not be had, so nothing of the host was asked.",
    )
    SAME_CANONICAL = ("same_canonical", "Another page has the same canonical address.")
    SAME_TEXT = ("same_text", "The sixth or later page of the host with the very same text.")
    SCHEME = ("scheme", "Neither http nor https.")
    SILENT = ("silent", "The connection fell silent.")
    SITEMAP = ("sitemap", "A sitemap: read for its addresses.")
    SITEMAP_TOO_LARGE = ("sitemap_too_large", "A sitemap above 50 MB.")
    SITEMAP_UNREADABLE = ("sitemap_unreadable", "A sitemap that cannot be parsed.")
    SLASH_TWIN = ("slash_twin", "The same address but for the last slash.")
    SOFT_404 = ("soft_404", "An error page that answered 200.")
    TIMEOUT = ("timeout", "No answer within harvest.timeout_s.")
    TLS_FAILED = ("tls_failed", "The certificate or the TLS handshake failed.")
    TOO_DEEP = ("too_deep", "More links away from a seed than harvest.max_depth.")
    TOO_LARGE = ("too_large", "Larger than harvest.max_page_bytes.")
    TOO_LONG = ("too_long", "A URL of more than 2,000 characters.")
    TOO_MANY_PARAMETERS = ("too_many_parameters", "More query parameters than a page has: a trap.")
    TOO_MANY_REDIRECTS = ("too_many_redirects", "More than ten redirects in a row.")
    TOO_MANY_REQUESTS = ("too_many_requests", "The server answered 429 to the end.")
    TOO_MANY_SITEMAPS = ("too_many_sitemaps", "More than 50,000 sitemaps of one host.")
    TOO_MANY_VARIANTS = (
        "too_many_variants",
        "More than harvest.max_variants pages of one pattern: a calendar or a query trap.",
    )
    TOO_SLOW = ("too_slow", "The answer began and did not end within harvest.timeout_s.")
    TRUNCATED = ("truncated", "The answer broke off.")
    UNKNOWN_ENCODING = ("unknown_encoding", "A content encoding that is not read.")


def meaning_of(code: str) -> str:
    """What a code means; '' for one that is not known.

    Example: `meaning_of("http_418")` is "The server answered 418."
    """
    known = {reason.value: reason.meaning for reason in Reason}
    if code in known:
        return known[code]
    family, _, rest = code.partition("_")
    if family == "http":
        return f"The server answered {rest}."
    if family == "redirect":
        return f"A redirect that was not followed: {rest.replace('_', ' ')}."
    return "The file cannot be read." if family == "unreadable" else ""
