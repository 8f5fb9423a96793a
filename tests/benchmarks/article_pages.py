"""Ordinary pages in the manner of the web's templates, made from a seed, each with its own text.

Twenty-two layouts: blogs, news, wikis, advisories, forum threads, questions with answers, lists. What
stands beside the text (navigation, comments, related links, banners, sharing, author boxes) has words
of its own, so that a measure sees when they are taken for the page's.
"""

import html
import random
from dataclasses import dataclass, field

SUBJECTS = (
    "The storage account|A rotated key|Each service identity|The audit log|A build runner|"
    "The ingress controller|Every temporary credential|The backup vault|A tenant administrator|"
    "The signing service|A leaked token|The network boundary|An on-call engineer|The change board|"
    "A managed database|The incident timeline|A hardened image|The policy engine|A small team|"
    "The regulator|A former contractor|The key hierarchy|The staging cluster|A customer report"
).split("|")
VERBS = (
    "was reviewed|is renewed|stays isolated|was exposed|is inherited|must be recorded|failed closed|"
    "was restored|is limited|has been moved|was traced|is checked twice|expires|was replaced|"
    "is approved by two people|was found by chance|has to be measured|is kept in one region"
).split("|")
CIRCUMSTANCES = (
    "before the quarterly exercise|within nine minutes|without any downtime|after the second alert|"
    "because nobody owned it|although the dashboard was green|in the western region|once a year|"
    "during the migration weekend|while the old account still existed|under the new contract|"
    "as the runbook demands|in spite of three warnings|by a script of forty lines|at the edge|"
    "when the certificate chain changed|for reasons of cost|across eleven subscriptions"
).split("|")
LINKERS = "Later|In practice|By contrast|Even so|For example|On Tuesday|Meanwhile|As a rule".split(
    "|"
)
SIDE = (
    "summer sale webinar bundle discount newsletter partner gallery horoscope weather lottery "
    "podcast careers recipe ticket football holiday fashion cinema traffic garden puzzle"
).split()
NAMES = "R. Vale,K. Osei,M. Lindqvist,T. Arai,S. Moreau,D. Novak,L. Haddad,P. Quill".split(",")


@dataclass
class Made:
    """A page with the text that it is about."""

    layout: str
    source: str
    text: str


@dataclass
class Pen:
    """Writes words; what is the page's own text is remembered in order."""

    random: random.Random
    own: list[str] = field(default_factory=list)

    def sentence(self) -> str:
        r = self.random
        link = f"{r.choice(LINKERS)}, " if r.random() < 0.3 else ""
        subject = r.choice(SUBJECTS)
        subject = subject[0].lower() + subject[1:] if link else subject
        number = f" ({r.randint(2, 99)} of {r.randint(100, 999)})" if r.random() < 0.3 else ""
        return f"{link}{subject} {r.choice(VERBS)} {r.choice(CIRCUMSTANCES)}{number}."

    def words(self, least: int = 3, most: int = 6) -> str:
        return " ".join(self.sentence() for _ in range(self.random.randint(least, most)))

    def p(self, least: int = 3, most: int = 6) -> str:
        return f"<p>{self.keep(self.inline(self.words(least, most)))}</p>"

    def inline(self, text: str) -> str:
        """Some emphasis and a link, as prose of the web has them."""
        parts = text.split(" ")
        at = self.random.randrange(len(parts))
        wrap = self.random.choice(
            ["<a href='/x{n}'>{w}</a>", "<em>{w}</em>", "<strong>{w}</strong>", "{w}"]
        )
        parts[at] = wrap.format(w=parts[at], n=self.random.randint(1, 999))
        return " ".join(parts)

    def keep(self, markup: str) -> str:
        import re

        self.own.append(html.unescape(re.sub(r"<[^>]+>", "", markup)))
        return markup

    def h(self, rank: int) -> str:
        return f"<h{rank}>{self.keep(self.title())}</h{rank}>"

    def title(self) -> str:
        return f"{self.random.choice(SUBJECTS)} {self.random.choice(CIRCUMSTANCES)}"

    def body(self, paragraphs: int = 6) -> str:
        out = []
        for n in range(paragraphs):
            if n and n % 3 == 0:
                out.append(self.h(2))
            out.append(self.p())
        return "\n".join(out)

    def items(self, n: int = 4) -> str:
        return (
            "<ul>" + "".join(f"<li>{self.keep(self.sentence())}</li>" for _ in range(n)) + "</ul>"
        )

    # what is not the page's text

    def side(self, n: int = 8) -> str:
        return " ".join(self.random.choice(SIDE) for _ in range(n))

    def links(self, n: int = 6, tag: str = "li") -> str:
        return "".join(
            f"<{tag}><a href='/s{k}'>{self.side(4).title()}</a></{tag}>" for k in range(n)
        )

    def name(self) -> str:
        return self.random.choice(NAMES)

    def comment(self) -> str:
        return f"<p>{self.side(5).capitalize()} agree. {self.side(9).capitalize()}!</p>"


def _frame(pen, title, inner, *, nav=True, head="", foot=True):
    menu = f"<header class='site-header'><nav><ul>{pen.links(7)}</ul></nav></header>" if nav else ""
    end = (
        f"<footer class='site-footer'><ul>{pen.links(5)}</ul><p>&copy; 2026 {pen.side(3)}. All rights "
        "reserved.</p></footer>"
        if foot
        else ""
    )
    return (
        f"<!doctype html><html lang='en'><head><title>{title} | {pen.side(2).title()}</title>{head}"
        f"</head><body>{menu}{inner}{end}</body></html>"
    )


def wordpress(pen, title):
    comments = "".join(
        f"<li class='comment'><article class='comment-body'><footer class='comment-meta'><b>{pen.name()}"
        f"</b> says:</footer><div class='comment-content'>{pen.comment()}{pen.comment()}</div>"
        "<div class='reply'><a>Reply</a></div></article></li>"
        for _ in range(4)
    )
    return _frame(
        pen,
        title,
        f"<div id='content'><main><article class='post type-post'><header class='entry-header'><h1 class="
        f"'entry-title'>{title}</h1><div class='entry-meta'>Posted on 3 May 2026 by {pen.name()}</div></header>"
        f"<div class='entry-content'>{pen.body(7)}<div class='sharedaddy'><h3>Share this:</h3><ul>{pen.links(4)}"
        f"</ul></div><div id='jp-relatedposts'><h3>Related</h3>{pen.links(3, 'p')}</div></div><footer class="
        f"'entry-footer'>Tagged {pen.side(3)}</footer></article><div id='comments' class='comments-area'><h2>4 "
        f"thoughts on this</h2><ol class='comment-list'>{comments}</ol><div id='respond'><h3>Leave a Reply</h3>"
        f"<p>Your email address will not be published.</p></div></div></main><aside id='secondary' class="
        f"'widget-area'><section class='widget'><h2>Recent Posts</h2><ul>{pen.links(5)}</ul></section></aside></div>",
    )


def medium(pen, title):
    return _frame(
        pen,
        title,
        f"<div id='root'><div class='a b c'><article><div class='q'><h1 class='pw-post-title'>{title}</h1><div "
        f"class='author'><a>{pen.name()}</a><span>8 min read</span><button>Follow</button></div>{pen.body(8)}"
        f"<blockquote>{pen.keep(pen.words(1, 2))}</blockquote>{pen.body(3)}</div></article><div class='claps'><button>"
        f"Clap</button><span>312</span></div><div class='author-card'><h2>Written by {pen.name()}</h2><p>"
        f"{pen.side(14)}.</p></div><section class='more-from'><h2>More from the author</h2>"
        + "".join(
            f"<div><h3>{pen.side(5).title()}</h3><p>{pen.side(12).capitalize()}.</p></div>"
            for _ in range(3)
        )
        + "</section></div></div>",
    )


def news(pen, title):
    parts = [pen.p(1, 3) for _ in range(9)]
    parts.insert(2, f"<div class='ad-slot'><p>Advertisement</p><p>{pen.side(8)}</p></div>")
    parts.insert(
        5,
        f"<div class='related-inline'><strong>Read more:</strong> <a href='/r'>{pen.side(6)}</a></div>",
    )
    parts.insert(
        7, f"<div class='newsletter-signup'><h4>Get our newsletter</h4><p>{pen.side(12)}.</p></div>"
    )
    return _frame(
        pen,
        title,
        f"<div class='cookie-banner'><p>We and our {pen.side(4)} partners use cookies to {pen.side(6)}.</p><button>Accept"
        f"</button></div><div class='page'><div class='breaking'><a>{pen.side(6)}</a></div><div class='story'><h1>{title}"
        f"</h1><div class='byline'>By {pen.name()}</div><time>3 May 2026</time><div class='share-bar'><ul>{pen.links(4)}"
        f"</ul></div><div class='article-body'>{''.join(parts)}</div><div class='most-read'><h3>Most read</h3><ol>"
        f"{pen.links(5)}</ol></div></div></div>",
    )


def tabloid(pen, title):
    cells = "<br><br>".join(pen.keep(pen.words()) for _ in range(7))
    return _frame(
        pen,
        title,
        f"<table width='100%'><tr><td width='160' valign='top'>{pen.links(9, 'div')}</td><td valign='top'><font size='5'>"
        f"<b>{title}</b></font><br><br>{cells}</td><td width='160'>{pen.links(6, 'div')}</td></tr></table>",
        nav=False,
    )


def mediawiki(pen, title):
    rows = "".join(f"<tr><th>{pen.side(1)}</th><td>{pen.side(2)}</td></tr>" for _ in range(4))
    sections = "".join(
        f"<h2><span class='mw-headline'>{pen.keep(pen.title())}</span><span class='mw-editsection'>[<a>edit</a>]</span></h2>"
        f"{pen.p()}{pen.p()}{pen.items(3)}"
        for _ in range(3)
    )
    return _frame(
        pen,
        title,
        f"<div id='content' class='mw-body' role='main'><h1 id='firstHeading'>{title}</h1><div id='siteSub'>From the open "
        f"{pen.side(2)}</div><div id='mw-content-text'><div class='mw-parser-output'><table class='infobox'>{rows}</table>"
        f"{pen.p()}{pen.p()}<div id='toc' class='toc'><h2>Contents</h2><ul>{pen.links(4)}</ul></div>{sections}<div class="
        f"'navbox'><table><tr><td>{pen.links(8, 'span')}</td></tr></table></div></div></div><div id='catlinks'>Categories: "
        f"{pen.links(3, 'span')}</div></div><div id='mw-navigation'><ul>{pen.links(9)}</ul></div>",
        head="<meta name='generator' content='MediaWiki 1.43'>",
    )


def advisory(pen, title):
    rows = "".join(
        f"<tr><td>{pen.keep(f'Gateway {n}.{pen.random.randint(0, 9)}')}</td><td>{pen.keep(f'fixed in {n}.{n + 3}')}</td></tr>"
        for n in range(4, 9)
    )
    return _frame(
        pen,
        title,
        f"<div class='container'><div class='row'><div class='col-9'><h1>{title}</h1><p class='meta'>"
        f"{pen.keep('Severity: High')}</p><h2>{pen.keep('Summary')}</h2>{pen.p()}<h2>{pen.keep('Affected products')}</h2>"
        f"<table><thead><tr><th>{pen.keep('Product')}</th><th>{pen.keep('Status')}</th></tr></thead><tbody>{rows}</tbody>"
        f"</table><h2>{pen.keep('Mitigation')}</h2>{pen.items()}{pen.p()}</div><div class='col-3 sidebar'><h3>Subscribe</h3>"
        f"<p>{pen.side(10)}.</p><ul>{pen.links(5)}</ul></div></div></div>",
    )


def phpbb(pen, title):
    posts = "".join(
        f"<div class='post'><dl class='postprofile'><dt><a>{pen.name()}</a></dt><dd>Posts: {n * 31}</dd><dd>Joined: 2019"
        f"</dd></dl><div class='postbody'><h3><a>Re: {title}</a></h3><p class='author'>by <b>{pen.name()}</b> &raquo; 3 May"
        f"</p><div class='content'>{pen.keep(pen.words())}<br><br>{pen.keep(pen.words(1, 3))}</div><div class='signature'>"
        f"{pen.side(7)}</div></div></div>"
        for n in range(1, 6)
    )
    return _frame(
        pen,
        title,
        f"<div id='page-body'><h2 class='topic-title'><a>{title}</a></h2><div class='action-bar'><a>Post Reply</a></div>{posts}"
        f"<div class='jumpbox'><ul>{pen.links(6)}</ul></div></div>",
    )


def discourse(pen, title):
    posts = "".join(
        f"<div itemscope class='topic-body crawler-post'><div class='crawler-post-meta'><span class='creator'><a>{pen.name()}"
        f"</a></span><span class='crawler-post-infos'>May 3, 2026, #{n}</span></div><div class='post' itemprop='text'>{pen.p()}"
        f"{pen.p(1, 3)}</div><div class='post-likes'>{n} Likes</div></div>"
        for n in range(1, 6)
    )
    return _frame(
        pen,
        title,
        f"<div id='main-outlet' class='wrap'><div id='topic-title'><h1><a>{title}</a></h1><div class='topic-category'><a>"
        f"{pen.side(1)}</a></div></div>{posts}<div id='related-topics' class='more-topics__list'><h3>Related topics</h3>"
        f"<table>{''.join(f'<tr><td><a>{pen.side(5)}</a></td><td>4</td></tr>' for _ in range(4))}</table></div></div>",
        head="<meta name='generator' content='Discourse 3.4'>",
    )


def questions(pen, title):
    def answer(n):
        code = f"aws iam get-role --role-name r{n}\naws iam list-keys --user u{n}"
        return (
            f"<div id='answer-{n}' class='answer'><div class='votecell'><div class='js-vote-count'>{n * 7}</div></div><div "
            f"class='answercell'><div class='s-prose js-post-body'>{pen.p()}<pre><code>{pen.keep(code)}</code></pre>"
            f"{pen.p(1, 3)}</div><div class='user-info'><a>{pen.name()}</a> 12.4k</div><ul class='comments-list'><li "
            f"class='comment'>{pen.side(8)} &ndash; <a>{pen.name()}</a></li></ul></div></div>"
        )

    return _frame(
        pen,
        title,
        f"<div class='container'><div id='content'><div id='question-header'><h1><a>{title}</a></h1></div><div id='mainbar'>"
        f"<div id='question' class='question'><div class='votecell'>18</div><div class='postcell'><div class='s-prose "
        f"js-post-body'>{pen.p()}{pen.p()}</div><div class='post-taglist'>{pen.links(3, 'span')}</div></div></div><div "
        f"id='answers'><h2>2 Answers</h2>{answer(1)}{answer(2)}</div></div><div id='sidebar'><h4>Related</h4>"
        f"{pen.links(7, 'div')}<h4>Hot Network Questions</h4>{pen.links(7, 'div')}</div></div></div>",
    )


def issue(pen, title):
    turns = "".join(
        f"<div class='timeline-comment'><div class='timeline-comment-header'><a>{pen.name()}</a> commented on 3 May</div><div "
        f"class='comment-body markdown-body'>{pen.p()}{pen.p(1, 3)}</div><div class='reactions'>+1 {n}</div></div>"
        for n in range(4)
    )
    return _frame(
        pen,
        title,
        f"<main><div class='gh-header'><h1>{title} <span>#{pen.random.randint(9, 999)}</span></h1></div><div class="
        f"'discussion'>{turns}</div><div class='discussion-sidebar'><div>Assignees</div><div>{pen.side(3)}</div><div>Labels"
        f"</div></div></main>",
    )


def archive(pen, title):
    text = "\n\n".join(pen.keep(pen.words()) for _ in range(6))
    return _frame(
        pen,
        title,
        f"<h1>{title}</h1><b>{pen.name()}</b><i>Sun May 3 10:00:00 2026</i><ul><li>Previous message: <a>{pen.side(4)}</a></li>"
        f"<li>Next message: <a>{pen.side(4)}</a></li></ul><hr><pre>{text}</pre><hr><ul><li>Messages sorted by: <a>[ date ]"
        f"</a></li></ul>",
        nav=False,
        foot=False,
    )


def blogger(pen, title):
    text = "<br /><br />".join(pen.keep(pen.words()) for _ in range(6))
    return _frame(
        pen,
        title,
        f"<div class='content-outer'><div class='main-outer'><div class='post hentry'><h3 class='post-title'>{title}</h3><div "
        f"class='post-body entry-content'>{text}<div style='clear: both;'></div></div><div class='post-footer'>Posted by "
        f"{pen.name()} at 10:00 <a>Email This</a><a>BlogThis!</a></div></div><div class='comments' id='comments'><h4>3 comments:"
        f"</h4>{''.join(f'<div class=comment-block>{pen.comment()}</div>' for _ in range(3))}</div></div><div "
        f"class='column-right-outer'><div class='widget BlogArchive'><h2>Blog Archive</h2><ul>{pen.links(8)}</ul></div></div></div>",
        head="<meta content='blogger' name='generator'>",
    )


def letter(pen, title):
    box = f"<div class='subscribe-widget'><p>Thanks for reading {pen.side(2)}! Subscribe for free to receive {pen.side(5)}.</p><form><input><button>Subscribe</button></form></div>"
    return _frame(
        pen,
        title,
        f"<div class='single-post-container'><article class='newsletter-post post'><div class='post-header'><h1>{title}</h1><h3 "
        f"class='subtitle'>{pen.keep(pen.sentence())}</h3><div class='byline'>{pen.name()}</div></div><div class='body markup'>"
        f"{pen.body(3)}{box}{pen.body(4)}{box}</div><div class='post-footer'><a>Share</a></div></article><div id='discussion'>"
        f"<h4>Discussion about this post</h4>{pen.comment()}{pen.comment()}</div></div>",
    )


def vendor(pen, title):
    return _frame(
        pen,
        title,
        f"<div id='onetrust-consent-sdk'><div><h2>Your privacy</h2><p>{pen.side(30)}.</p></div></div><div class='blog-layout'>"
        f"<nav class='toc'><h2>In this article</h2><ul>{pen.links(4)}</ul></nav><div class='blog-content'><h1>{title}</h1><div "
        f"class='reading-time'>6 minute read</div>{pen.body(6)}{pen.items()}<div class='cta-banner'><h2>Start your free trial</h2>"
        f"<p>{pen.side(14)}.</p><a>Request a demo</a></div>{pen.body(3)}<div class='author-bio'><img><h4>About the author</h4><p>"
        f"{pen.name()} {pen.side(16)}.</p></div><div class='tags'>{pen.links(4, 'span')}</div><div class='post-navigation'><a>"
        f"Previous: {pen.side(4)}</a><a>Next: {pen.side(4)}</a></div></div><section class='related-resources'><h2>Related "
        f"resources</h2>"
        + "".join(
            f"<div class='card'><h3>{pen.side(5)}</h3><p>{pen.side(16)}.</p></div>"
            for _ in range(3)
        )
        + "</section></div>",
    )


def government(pen, title):
    return _frame(
        pen,
        title,
        f"<div class='cookie-message'><h2>Cookies on this service</h2><p>We use {pen.side(10)}.</p></div><div class='phase-banner'>"
        f"<p>BETA This is a new service &ndash; your feedback will help us.</p></div><ol class='breadcrumbs'>{pen.links(3)}</ol><main "
        f"id='content'><h1>{title}</h1><p class='lead'>{pen.keep(pen.sentence())}</p><dl class='metadata'><dt>From:</dt><dd><a>"
        f"{pen.side(3)}</a></dd></dl><div class='govspeak'>{pen.body(6)}{pen.items(5)}{pen.p()}</div></main><div "
        f"class='page-feedback'><h2>Is this page useful?</h2><button>Yes</button><button>No</button></div><aside "
        f"class='related'><h2>Related content</h2><ul>{pen.links(5)}</ul></aside>",
    )


def release(pen, title):
    return _frame(
        pen,
        title,
        f"<div class='news-release'><h1>{title}</h1><p>{pen.keep('HARBOUR CITY, 3 May 2026 - ' + pen.words())}</p>"
        f"{''.join(pen.p() for _ in range(5))}<div class='social-share'>{pen.links(4, 'span')}</div></div><div class='more-news'>"
        f"<h2>More news</h2><ul>{pen.links(6)}</ul></div>",
    )


def answers(pen, title):
    def one(n):
        asked = pen.keep(f"What happens when {pen.title().lower()}?")
        told = pen.keep(pen.words())
        return (
            f"<div class='accordion-item'><h3><button aria-expanded='false' aria-controls='a{n}'>{asked}</button></h3><div "
            f"id='a{n}' class='accordion-collapse' hidden><p>{told}</p></div></div>"
        )

    return _frame(
        pen,
        title,
        f"<section class='hero'><h1>{title}</h1></section><section class='faq'>{''.join(one(n) for n in range(6))}</section>"
        f"<section class='contact'><h2>Still have questions?</h2><p>{pen.side(8)}.</p><a>Contact sales</a></section>",
    )


def engineering(pen, title):
    code = 'resource "example_key" "k" {\n  rotation_days = 90\n  region        = "west"\n}'
    cells = "".join(
        f"<tr><td>{pen.keep(f'tier {n}')}</td><td>{pen.keep(f'{n * 17} ms')}</td></tr>"
        for n in range(1, 5)
    )
    return _frame(
        pen,
        title,
        f"<main class='post'><article><h1>{title}</h1><p class='post-meta'>3 May 2026 &middot; {pen.name()}</p>{pen.body(3)}<pre>"
        f"<code class='language-hcl'>{pen.keep(code)}</code></pre>{pen.body(2)}<table><tr><th>{pen.keep('Tier')}</th><th>"
        f"{pen.keep('Latency')}</th></tr>{cells}</table>{pen.body(2)}</article><div class='prev-next'><a>{pen.side(4)}</a></div>"
        f"</main>",
        head="<meta name='generator' content='Jekyll v4.3'>",
    )


def drupal(pen, title):
    fields = "".join(f"<div class='field__item'>{pen.p()}{pen.p()}</div>" for _ in range(3))
    return _frame(
        pen,
        title,
        f"<div class='layout-container'><div class='region region-breadcrumb'><ol>{pen.links(3)}</ol></div><div class='region "
        f"region-content'><h1 class='page-title'><span>{title}</span></h1><article class='node node--type-page'><div "
        f"class='node__content'><div class='field field--name-body'>{fields}</div></div></article></div><aside class='region "
        f"region-sidebar-second'><div class='block block-views'><h2>Recent content</h2><ul>{pen.links(6)}</ul></div></aside></div>",
    )


def plain(pen, title):
    text = "<p>".join(pen.keep(pen.words()) for _ in range(7))
    return (
        f"<html><head><title>{title}</title></head><body bgcolor=white><h1>{title}</h1><p>{text}<hr><a href='/'>home</a> | "
        f"<a href='/m'>mail</a></body></html>"
    )


def live(pen, title):
    entries = "".join(
        f"<div class='live-post'><time>{n}:00</time><h3>{pen.keep(pen.title())}</h3>{pen.p(2, 4)}<div class='share'>{pen.links(3, 'span')}"
        f"</div></div>"
        for n in range(9, 15)
    )
    return _frame(
        pen,
        title,
        f"<main><div class='headline'><h1>{title}</h1></div><div class='live-feed'>{entries}</div><aside class='trending'><h2>"
        f"Trending</h2><ol>{pen.links(6)}</ol></aside></main>",
    )


def index(pen, title):
    entries = "".join(
        f"<article class='post-summary'><h2><a href='/p{n}'>{pen.keep(pen.title())}</a></h2><p>{pen.keep(pen.words(2, 3))}</p><a "
        f"class='read-more'>Continue reading</a></article>"
        for n in range(7)
    )
    return _frame(
        pen,
        title,
        f"<main><h1>{title}</h1>{entries}<nav class='pagination'><a>1</a><a>2</a></nav></main><aside class='sidebar'><ul>"
        f"{pen.links(9)}</ul></aside>",
    )


LAYOUTS = (
    wordpress,
    medium,
    news,
    tabloid,
    mediawiki,
    advisory,
    phpbb,
    discourse,
    questions,
    issue,
    archive,
    blogger,
    letter,
    vendor,
    government,
    release,
    answers,
    engineering,
    drupal,
    plain,
    live,
    index,
)


def make(seed: int, each: int = 3) -> list[Made]:
    """`each` pages of every layout; equal seeds give equal pages."""
    pages = []
    for layout in LAYOUTS:
        for n in range(each):
            pen = Pen(random.Random(f"{seed} {layout.__name__} {n}"))
            title = pen.title()
            source = layout(pen, title)
            pages.append(Made(layout.__name__, source, "\n".join(pen.own)))
    return pages
