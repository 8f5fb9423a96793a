"""Threads: forums, questions with their answers, issues. Every post is text; what is around the
posts (authors, votes, signatures, related threads) is not.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

from lxml import etree, html

from secarch.harvest.extract.main_part import prose_in
from secarch.harvest.extract.markup import HEADINGS, Names, characters

_CONTENT = re.compile(
    r"post|content|postbody|post-?body|post-?(?:content|text|message)|post_?message\w*"
    r"|message-?(?:body|content|text|usercontent)?|bbwrapper|cooked|js-post-body|s-prose"
    r"|comment-?(?:body|text|content)|markdown-body|(?:answer|reply|question)-?(?:body|content"
    r"|text)"
    r"|lia-message-body-content|entry-content|topic-?(?:body|content|text)",
    re.IGNORECASE,
)
"""Classes of the element that holds the words of one post, in the templates of forums."""
_FORUM = re.compile(
    r"phpbb|discourse|vbulletin|xenforo|invision|simple machines|mybb|flarum|nodebb|vanilla|lithium"
    r"|question2answer|stack exchange",
    re.IGNORECASE,
)
"""What forums write into `<meta name="generator">`."""
_MARKED = etree.XPath(
    "boolean(//@itemtype[contains(., 'DiscussionForumPosting') or contains(., 'QAPage')"
    " or contains(., 'schema.org/Question')] | //@component[. = 'post/content'])"
)
_WRITTEN = ("user", "uthor", "poster", "from", "date", "display")
"""Of which the classes of a page hold one if its posts say who wrote them, or when."""
_AUTHOR = re.compile(
    r"(?:^|[-_ ])(?:author|(?:hn)?user(?:name)?|\w*username|display-?name|poster|from|sender|date"
    r"|timestamp)(?:$|[-_ ])",
    re.IGNORECASE,
)
_FRAME = re.compile(
    r"(?:^|[-_ ])(?:postprofile|topic-?(?:title|body)|topics?|threads?|viewtopic|forums?|discussion"
    r"|answers?|question|votecell|vote-?count|crawler-post|js-post-body|timeline-comment|p-body"
    r"|lia-message\w*|permalink-post)(?:$|[-_ ])",
    re.IGNORECASE,
)
"""Classes and ids of what frames the posts of a thread."""
_COMMENTS = re.compile(
    r"(?:post-|entry-)?comments?(?:-?(?:area|list|section|wrapper|thread))?|disqus\w*|respond",
    re.IGNORECASE,
)
_TITLE = re.compile(r"(?:^|[-_ ])(?:title|headline|heading)(?:$|[-_ ])", re.IGNORECASE)
_NUMBERED = re.compile(
    r"(\w*(?:post|msg|message|comment|reply|answer)[-_a-z]*?[-_]?)\d+", re.IGNORECASE
)
"""Ids of the words of a post in templates that have no class for them."""
_BESIDE = re.compile(r"(?:^|[-_ /])(?:\w*member|user|post)?signature(?:$|[-_ ])", re.IGNORECASE)
LEAST_POSTS = 2
LEAST_CHARACTERS = 40
"""Of a post that counts as one."""
SHARE = 0.5
"""Of the page's prose that the posts must hold together."""
LEAST_BY_STRUCTURE = 3
SHARE_BY_STRUCTURE = 0.7
"""The same two for a page that has no other sign of a thread."""
FRAMES = 2
"""Different frames of a thread from which a page without any other sign is one."""


def posts_of(
    tree: html.HtmlElement, meta: dict[str, list[str]], names: Names
) -> list[html.HtmlElement]:
    """The elements with the words of each post, in order; none if the page is not a thread.

    A reader's comments below an article are no thread.
    """
    if not _is_forum(tree, meta, names):
        return []
    prose = prose_in(tree)
    best: list[html.HtmlElement] = []
    for group in _groups(tree):
        size = sum(map(characters, group))
        if len(group) >= LEAST_POSTS and size >= SHARE * prose and len(group) >= len(best):
            best = group
    return best


def posts_by_structure(tree: html.HtmlElement, names: Names) -> list[html.HtmlElement]:
    """The posts of a thread in a template of its own: blocks of one class that hold most of the
    page's prose, each in a frame with its author or its time and without a heading.
    """
    if tree.find(".//time") is None and not any(word in names.classes for word in _WRITTEN):
        return []
    best: list[html.HtmlElement] = []
    prose = prose_in(tree)
    for numbered, group in _alike(tree):
        members = set(group)
        size = sum(prose_in(post) or characters(post) for post in group)
        # What an id with a number names is the words of a post, without what stands around them.
        inner = numbered and _are_within(group, best)
        if size < SHARE_BY_STRUCTURE * prose or (size <= sum(map(characters, best)) and not inner):
            continue
        replies = group[1:]  # the first is under the title, and its author may be elsewhere
        if all(_is_written(_frame_of(post, members), post) for post in replies):
            best = group
    return best


def _are_within(group: list[html.HtmlElement], outer: list[html.HtmlElement]) -> bool:
    pairs = zip(group, outer, strict=False)
    return len(group) == len(outer) and all(o in post.iterancestors() for post, o in pairs)


def _alike(tree: html.HtmlElement) -> Iterator[tuple[bool, list[html.HtmlElement]]]:
    """Blocks of the same tag and class (or id but for its number, which is told), three at least,
    none within another of them.
    """
    found: dict[tuple[str, str], list[html.HtmlElement]] = {}
    for element in tree.iter("div", "article", "section", "td", "blockquote", "pre"):
        names = [name for name in (element.get("class"), _stem(element)) if name]
        if names and len(element.text_content()) >= LEAST_CHARACTERS:
            for name in names:
                found.setdefault((str(element.tag), name), []).append(element)
    for (_, name), group in found.items():
        members = set(group)
        nested = any(a in members for e in group for a in e.iterancestors())
        # Comments are of a thread if its first post is written like them, else of an article.
        if len(group) >= LEAST_BY_STRUCTURE and not nested and not _is_beside(group[0]):
            yield name.startswith("#"), group


def _stem(element: html.HtmlElement) -> str:
    """The part of a post's id that its number stands behind, such as `#post_message_`."""
    match = _NUMBERED.fullmatch(element.get("id") or "")
    return f"#{match[1]}" if match else ""


def _frame_of(post: html.HtmlElement, members: set[html.HtmlElement]) -> html.HtmlElement:
    """The largest element around a post that holds no other post."""
    frame = post
    for ancestor in post.iterancestors():
        if any(e in members and e is not post for e in ancestor.iter(post.tag)):
            break
        frame = ancestor
    return frame


def _is_written(frame: html.HtmlElement, post: html.HtmlElement) -> bool:
    """Whether a frame says beside its post who wrote it or when, and nothing of its own."""
    if frame is post or 2 * characters(post) < characters(frame):
        return False
    inside = set(post.iter())
    beside = [e for e in frame.iter() if isinstance(e.tag, str) and e not in inside]
    if any(_is_title(e) for e in beside):
        return False
    return any(e.tag == "time" or _AUTHOR.search(e.get("class") or "") for e in beside)


def _is_title(element: html.HtmlElement) -> bool:
    """Whether a frame has a title of its own; an author's name may be drawn as one."""
    named = [element, *element.iterancestors()][:4]
    if not element.text_content().strip() or any(
        _AUTHOR.search(e.get("class") or "") for e in named
    ):
        return False
    return element.tag in HEADINGS or bool(_TITLE.search(element.get("class") or ""))


def _is_forum(tree: html.HtmlElement, meta: dict[str, list[str]], names: Names) -> bool:
    if _FORUM.search(" ".join(meta.get("generator", ()))) or _MARKED(tree):
        return True
    return len(set(map(_frame_in, names.split())) - {""}) >= FRAMES


@functools.lru_cache(maxsize=8_192)
def _frame_in(name: str) -> str:
    """Which frame of a thread a class or an id names, or ''. A site's pages share their names."""
    match = _FRAME.search(name)
    return match[0].strip("-_ ").lower().rstrip("s") if match else ""


def _groups(tree: html.HtmlElement) -> Iterator[list[html.HtmlElement]]:
    """Elements of one class each, none within another, that are not comments of an article."""
    found: dict[tuple[str, str], list[html.HtmlElement]] = {}
    for element in tree.iter("div", "article", "section", "td", "blockquote"):
        for name in (element.get("class") or "").split():
            if _CONTENT.fullmatch(name) and characters(element) >= LEAST_CHARACTERS:
                found.setdefault((str(element.tag), name.lower()), []).append(element)
    for group in found.values():
        inner = [e for e in group if not _is_beside(e)]
        members = set(inner)
        nested = any(a in members for e in inner for a in e.iterancestors())
        if not nested:
            yield inner


def _is_beside(element: html.HtmlElement) -> bool:
    """Whether it is among the comments of an article or the like."""
    for ancestor in element.iterancestors():
        names = [*(ancestor.get("class") or "").split(), ancestor.get("id") or ""]
        if any(_COMMENTS.fullmatch(name) for name in names):
            return True
    return False


def drop_signatures(post: html.HtmlElement) -> None:
    """Take out what an author puts below every post."""
    for element in list(post.iter("div", "p", "span", "aside", "footer", "section")):
        if element is post or element.getparent() is None:
            continue
        drawn = element.tag == "div" and element.text_content().lstrip().startswith("_____")
        named = " ".join(element.get(name) or "" for name in ("class", "component", "data-role"))
        if drawn or _BESIDE.search(named):
            element.drop_tree()
