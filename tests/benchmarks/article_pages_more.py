"""Thirty-eight further layouts of ordinary pages: forums of other makers, blogs on hosted builders,
mails, status pages, advisories, wikis, help centres, side notes, interviews.

They were written after the extractor and without looking at it, in two sets; see `articles.py`.
"""

import random

from article_pages import Made, Pen


def doc(title, body, head="", site="Site", cls=""):
    return f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{title} | {site}</title>{head}</head><body class="{cls}">{body}</body></html>'


def tailwind(p, t):
    return doc(
        t,
        f"""<header class="sticky top-0 z-40 w-full flex-none"><nav class="flex gap-4">{p.links(8, "span")}</nav></header>
<div class="max-w-7xl mx-auto px-4 grid grid-cols-12"><div class="hidden lg:block col-span-3 text-sm"><p class="font-semibold">{p.side(3)}</p><ul class="space-y-2">{p.links(10)}</ul></div>
<div class="col-span-7"><div class="mb-8 text-xs text-slate-500"><span>{p.name()}</span> &middot; <span>March 3, 2026</span> &middot; <span>7 min read</span></div><h1 class="text-4xl">{t}</h1><div class="prose prose-slate mt-6">{p.body(8)}</div>
<div class="mt-12 border-t pt-6 flex justify-between"><a href="/x">{p.side(3)}</a><a href="/y">{p.side(3)}</a></div></div>
<div class="col-span-2 text-sm"><p class="font-medium">On this page</p><ul>{p.links(5)}</ul></div></div><div class="bg-slate-900 text-white py-16"><p>{p.side(14)}</p><div class="flex">{p.links(6, "span")}</div></div>""",
    )


def styled(p, t):
    def c():
        return (
            "sc-"
            + "".join(p.random.choice("abcdefghijk") for _ in range(6))
            + " "
            + "".join(p.random.choice("abcXYZdef") for _ in range(5))
        )

    return doc(
        t,
        f"""<div id="app-wrapper"><div class="{c()}"><div class="{c()}">{p.links(7, "div")}</div></div><div class="{c()}"><div class="{c()}"><h1 class="{c()}">{t}</h1><div class="{c()}"><div>{p.name()}</div><div>12 hours ago</div></div><div class="{c()}">{"".join(f'<div class="{c()}">{p.p()}</div>' for _ in range(7))}</div></div><div class="{c()}"><div class="{c()}"><h4>{p.side(3)}</h4>{"".join(f'<a href="/q{i}"><div>{p.side(5)}</div><div>{p.side(12)}</div></a>' for i in range(5))}</div></div></div><div class="{c()}"><div>{p.side(10)} &copy; 2026</div></div></div>""",
    )


def ghost(p, t):
    return doc(
        t,
        f"""<div class="gh-viewport"><header id="gh-head">{p.links(5, "span")}<button>Subscribe</button></header><main id="site-main" class="gh-main"><article class="gh-article post tag-news"><header class="gh-article-header gh-canvas"><a class="gh-article-tag" href="/tag">{p.side(1)}</a><h1 class="gh-article-title">{t}</h1><p class="gh-article-excerpt">{p.keep(p.sentence())}</p><div class="gh-article-meta"><h4 class="gh-article-author-name"><a href="/a">{p.name()}</a></h4><time>2 Feb 2026</time><span>5 min</span></div></header><section class="gh-content gh-canvas">{p.body(6)}<div class="kg-card kg-callout-card"><div class="kg-callout-emoji">!</div><div class="kg-callout-text">{p.keep(p.sentence())}</div></div>{p.p()}<div class="kg-card kg-signup-card"><h2>{p.side(4)}</h2><form><input placeholder=mail><button>Subscribe</button></form></div>{p.p()}</section></article><section class="gh-comments gh-canvas"><h2>Member discussion</h2>{p.comment()}</section><aside class="gh-container"><h2>Read more</h2><div class="gh-feed">{"".join(f'<article class="gh-card"><a href="/c{i}"><h3>{p.side(5)}</h3><div class="gh-card-excerpt">{p.side(16)}.</div></a></article>' for i in range(4))}</div></aside></main><footer class="gh-foot">{p.links(5, "span")}</footer></div>""",
    )


def joomla(p, t):
    return doc(
        t,
        f"""<div class="container-header"><ul class="mod-menu">{p.links(7)}</ul></div><div class="site-grid"><div class="grid-child container-sidebar-left"><div class="card"><h3>Login Form</h3><form><p>{p.side(6)}</p></form></div></div><div class="grid-child container-component"><div class="com-content-article item-page" itemscope itemtype="https://schema.org/Article"><div class="page-header"><h2 itemprop="headline">{t}</h2></div><dl class="article-info text-muted"><dt class="article-info-term">Details</dt><dd class="createdby">Written by: {p.name()}</dd><dd class="category-name">Category: {p.side(1)}</dd><dd class="published">Published: 03 March 2026</dd><dd class="hits">Hits: 4711</dd></dl><div itemprop="articleBody" class="com-content-article__body">{p.body(7)}{p.items()}</div><nav class="pagenavigation"><span><a href=/p>Previous article: {p.side(4)}</a></span></nav></div></div></div><footer><p>{p.side(9)}</p></footer>""",
    )


def devto(p, t):
    return doc(
        t,
        f"""<div id="page-content" class="wrapper"><div id="page-content-inner"><main id="main-content" class="crayons-layout"><aside class="crayons-layout__sidebar-left"><div class="crayons-article-actions"><span>42</span><span>Jump to Comments</span><span>Save</span></div></aside><div class="crayons-layout__content"><article class="crayons-card crayons-article"><header class="crayons-article__header"><div class="crayons-article__header__meta"><a href="/u">{p.name()}</a><p>Posted on Mar 3</p><h1>{t}</h1><div class="spec__tags"><a href=/t>#{p.side(1)}</a><a href=/t>#{p.side(1)}</a></div></div></header><div class="crayons-article__main"><div class="crayons-article__body text-styles spec__body" id="article-body">{p.body(6)}<div class="ltag__link"><a href="/o"><h2>{p.side(5)}</h2><h3>{p.side(4)} for x</h3></a></div>{p.p()}</div></div><section id="comments"><h2>Top comments (3)</h2>{"".join(f'<div class="comment"><div class="comment__body">{p.comment()}</div></div>' for _ in range(3))}</section></article></div><aside class="crayons-layout__sidebar-right"><div class="crayons-card"><h3>{p.name()}</h3><p>{p.side(14)}</p></div><div><h3>More from {p.name()}</h3>{p.links(3)}</div></aside></main></div></div>""",
    )


def fandom(p, t):
    sec = "".join(
        f'<h2><span class="mw-headline" id="s{i}">{p.keep(p.title())}</span><span class="mw-editsection"><span>[</span><a href=/e>edit source</a><span>]</span></span></h2>{p.p()}{p.p()}'
        for i in range(3)
    )
    return doc(
        t,
        f"""<div class="global-navigation">{p.links(6)}</div><div class="resizable-container"><div class="page has-right-rail"><main class="page__main"><div class="page-header"><h1 id="firstHeading">{t}</h1><div class="page-header__meta">in: <a href=/c>{p.side(2)}</a></div></div><div id="content" class="page-content"><div id="mw-content-text"><div class="mw-parser-output">{p.p()}<div id="toc" class="toc"><h2>Contents</h2><ul>{p.links(4)}</ul></div>{sec}<table class="navbox"><tr><td>{p.links(9, "span")}</td></tr></table></div></div></div><div class="page-footer"><div class="page-footer__categories">Categories: {p.links(3, "span")}</div></div></main><aside class="page__right-rail"><section class="rail-module"><h2>Popular Pages</h2>{p.links(5)}</section></aside></div></div>""",
    )


def vbulletin(p, t):
    def post(i):
        return f"""<table class="tborder" id="post{i}" width="100%"><tr><td class="thead">03-0{i}-2026, 10:1{i} AM</td><td class="thead" align=right>#{i}</td></tr><tr valign=top><td class="alt2" width=175><a class="bigusername" href=/u>{p.name()}</a><div class="smallfont">Senior Member</div><div class="smallfont">Join Date: May 2019<br>Posts: 1,2{i}4</div></td><td class="alt1" id="td_post_{i}"><div id="post_message_{i}">{p.keep(p.words(3, 5))}<br><br>{p.keep(p.words(2, 4))}</div><div class="smallfont">__________________<br>{p.side(7)}</div></td></tr></table>"""

    return doc(
        t,
        f"""<table width=100%><tr><td class=navbar>{p.links(6, "span")}</td></tr></table><h1>{t}</h1>{"".join(post(i) for i in range(1, 5))}<table class=tborder><tr><td class=thead>Similar Threads</td></tr><tr><td>{p.links(4, "div")}</td></tr></table><div class=smallfont>All times are GMT. The time now is 11:20 AM.</div>""",
    )


def smf(p, t):
    def post(i):
        return f"""<div class="windowbg" id="msg{i}"><div class="post_wrapper"><div class="poster"><h4><a href=/u>{p.name()}</a></h4><ul class="user_info"><li class="membergroup">Newbie</li><li class="postcount">Posts: {i}7</li></ul></div><div class="postarea"><div class="keyinfo"><div class="postinfo"><a class="smalltext" href=/m>March 0{i}, 2026, 10:11:12 AM</a></div></div><div class="post"><div class="inner" id="msg_{i}">{p.keep(p.words(3, 6))}</div></div></div><div class="moderatorbar"><div class="smalltext modified">Last Edit: March 04 by {p.name()}</div><div class="signature">{p.side(9)}</div></div></div></div>"""

    return doc(
        t,
        f"""<div id="top_section"><ul>{p.links(5)}</ul></div><div id="content_section"><div id="main_content_section"><div class="navigate_section"><ul>{p.links(4)}</ul></div><div id="display_head"><h2 class="display_title"><span id="top_subject">{t}</span></h2><p>Started by {p.name()}, March 01, 2026</p></div><div id="forumposts">{"".join(post(i) for i in range(1, 5))}</div></div></div><div id=footer><p>SMF 2.1 &copy; 2026, Simple Machines</p></div>""",
    )


def statuspage(p, t):
    def up(n, d):
        return f'<div class="row update-row"><div class="update-title span3 font-large">{p.keep(n)}</div><div class="update-container span9"><div class="update-body font-regular"><span class="whitespace-pre-wrap">{p.keep(p.words(2, 4))}</span></div><div class="update-timestamp font-small">Posted <span class="ago"></span>Mar 0{d}, 2026 - 10:22 UTC</div></div></div>'

    return doc(
        t,
        f"""<div class="masthead-container"><a href=/>{p.side(2)} Status</a><a class=show-updates-dropdown>Subscribe to Updates</a></div><div class="container"><div class="page-title incident-title"><h1 class="incident-name">{t}</h1><div class="subheader">Incident Report for {p.side(2)}</div></div><div class="incident-updates-container">{up("Postmortem", 9)}{up("Resolved", 7)}{up("Monitoring", 5)}{up("Investigating", 4)}</div></div><div class="page-footer"><a href=/h>&larr; Current Status</a><a href=https://x>Powered by Statuspage</a></div>""",
    )


def nvd(p, t):
    return doc(
        t,
        f"""<header><nav>{p.links(8)}</nav></header><div id="body-section" class="container"><div class="row"><ol class="breadcrumb">{p.links(3)}</ol></div><div><h2><span>{t}</span> Detail</h2><div id="vulnShowWarningDiv" class="bs-callout bs-callout-warning"></div><table data-testid="vuln-summary-table"><tr><td><div class="row"><div class="col-lg-9"><h3>{p.keep("Description")}</h3><p data-testid="vuln-description">{p.keep(p.words(4, 7))}</p><h3>{p.keep("Metrics")}</h3><div><table class="table table-striped"><thead><tr><th>{p.keep("Source")}</th><th>{p.keep("Base score")}</th></tr></thead><tbody><tr><td>{p.keep("National database")}</td><td>{p.keep("9.8 critical")}</td></tr></tbody></table></div><h3>{p.keep("References to Advisories, Solutions, and Tools")}</h3><table class="table"><thead><tr><th>{p.keep("URL")}</th><th>{p.keep("Tags")}</th></tr></thead><tbody>{"".join(f"<tr><td>{p.keep('https://vendor.example/adv/1')}</td><td>{p.keep('Vendor Advisory')}</td></tr>" for i in range(3))}</tbody></table><p>{p.keep(p.words(2, 3))}</p></div><div class="col-lg-3 col-md-5"><div class="bs-callout bs-callout-info"><h3>QUICK INFO</h3><strong>Published Date:</strong><br>03/03/2026<br><strong>Source:</strong> {p.side(1)}</div></div></div></td></tr></table></div></div><footer>{p.links(9, "span")}</footer>""",
        site="NVD",
    )


def changelog(p, t):
    def rel(v):
        return f'<h2 id="v{v}">{p.keep(f"[1.{v}.0] - 2026-0{v}-11")}</h2><h3>{p.keep("Added")}</h3>{p.items(3)}<h3>{p.keep("Fixed")}</h3>{p.items(4)}'

    return doc(
        t,
        f"""<div class="topbar"><ul>{p.links(6)}</ul></div><div class="layout"><div class="side-menu"><ul>{p.links(12)}</ul></div><div class="page-body"><h1>{t}</h1><p>{p.keep(p.sentence())}</p>{"".join(rel(v) for v in (6, 5, 3))}</div></div><div class="site-foot"><span>{p.side(8)}</span></div>""",
    )


def sidenotes(p, t):
    def para(i):
        a = p.keep(p.words(2, 4))
        n = p.keep(p.sentence())
        b = p.keep(p.words(1, 3))
        return f'<p>{a}<label for="sn-{i}" class="margin-toggle sidenote-number"></label><input type="checkbox" id="sn-{i}" class="margin-toggle"><span class="sidenote">{n}</span> {b}</p>'

    return doc(
        t,
        f"""<article><h1>{t}</h1><p class="subtitle">{p.name()}</p>{"".join(f"<section><h2>{p.keep(p.title())}</h2>{para(i)}{p.p()}</section>" for i in range(4))}</article>""",
    )


def docsnotes(p, t):
    return doc(
        t,
        f"""<header><nav>{p.links(6)}</nav></header><div class="wrap"><aside class="leftnav"><ul>{p.links(14)}</ul></aside><main><h1>{t}</h1>{p.p()}<aside class="note"><h4>{p.keep("Note")}</h4><p>{p.keep(p.words(1, 2))}</p></aside>{p.h(2)}{p.p()}<aside class="warning"><p>{p.keep(p.words(1, 2))}</p></aside><pre><code>{p.keep("openssl rand -hex 32 > master.key")}</code></pre>{p.p()}<div class="admonition tip"><p class="admonition-title">{p.keep("Tip")}</p><p>{p.keep(p.sentence())}</p></div>{p.h(2)}{p.p()}{p.items()}</main><aside class="rightnav"><h4>In this guide</h4><ul>{p.links(5)}</ul></aside></div><footer><p>{p.side(12)}</p></footer>""",
    )


def emailnews(p, t):
    def row(x):
        return f'<table width="600" align="center" cellpadding="0" role="presentation"><tr><td style="padding:12px;font-family:Arial">{x}</td></tr></table>'

    return doc(
        t,
        f"""<div style="display:none">{p.side(8)}</div><table width="100%" bgcolor="#eee"><tr><td align="center">{row("<a href=/v>View in browser</a>")}{row(f"<h1>{t}</h1>")}{"".join(row(f"<h2>{p.keep(p.title())}</h2>" + p.p(4, 6)) for _ in range(4))}{row(f"<p>{p.side(10)}</p><a href=/u>Unsubscribe</a> | <a href=/p>Preferences</a>")}</td></tr></table>""",
    )


def fonttable(p, t):
    ps = "".join(
        f'<p><font face="Verdana" size="2">{p.keep(p.words())}</font></p>' for _ in range(6)
    )
    return doc(
        t,
        f"""<center><table width="760" border="0"><tr><td colspan="3" bgcolor="#003366"><font color="white">{p.side(4)}</font></td></tr><tr><td width="140" valign="top" bgcolor="#ddd">{"".join(f'<a href="/m{i}"><font size=1>{p.side(2)}</font></a><br>' for i in range(9))}</td><td valign="top" width="480"><font size="5"><b>{t}</b></font><br><br>{ps}</td><td width="140" valign="top"><font size=1><b>{p.side(2)}</b><br>{p.side(25)}</font></td></tr><tr><td colspan=3><font size=1>Copyright 1999-2026 {p.side(4)}</font></td></tr></table></center>""",
    )


def faq(p, t):
    def q(i):
        return f'<div class="faq-item" itemscope itemprop="mainEntity" itemtype="https://schema.org/Question"><h3 itemprop="name">{p.keep(p.title() + "?")}</h3><div itemprop="acceptedAnswer" itemscope><div itemprop="text">{p.p(2, 4)}</div></div></div>'

    return doc(
        t,
        f"""<header class="site-header">{p.links(6, "span")}</header><div class="hero"><h1>{t}</h1><p>{p.keep(p.sentence())}</p></div><section class="faq-list" itemscope itemtype="https://schema.org/FAQPage">{"".join(q(i) for i in range(6))}</section><section class="cta"><h2>{p.side(4)}</h2><p>{p.side(9)}</p><a href=/c>Contact sales</a></section><footer>{p.links(10, "span")}</footer>""",
    )


def interview(p, t):
    qa = "".join(
        f"<p><strong>{p.keep(p.title() + '?')}</strong></p><p><b>{p.keep(p.name() + ':')}</b> {p.keep(p.words(3, 5))}</p>"
        for _ in range(5)
    )
    return doc(
        t,
        f"""<div class="masthead">{p.links(8, "span")}</div><div class="content-wrap"><div class="story"><div class="kicker">Interview</div><h1>{t}</h1><div class="standfirst">{p.keep(p.sentence())}</div><div class="story-byline">By {p.name()} <span class="dateline">3 March 2026</span></div><div class="story-body">{qa}<blockquote class="pullquote"><p>{p.side(8)}</p></blockquote>{p.p()}</div><div class="story-tags">{p.links(3, "span")}</div></div><div class="river"><h3>Latest</h3>{"".join(f'<div class="river-item"><h4><a href=/r{i}>{p.side(6)}</a></h4><p>{p.side(14)}</p></div>' for i in range(6))}</div></div>""",
    )


def press(p, t):
    return doc(
        t,
        f"""<header>{p.links(7)}</header><main><div class="module_header"><span class="module_date-text">March 3, 2026</span><h1 class="module_title">{t}</h1><a href=/pdf>PDF Version</a></div><div class="module_body clearfix"><p>ZURICH, March 3, 2026 -- {p.keep(p.words(3, 4))}</p>{p.body(5)}<ul type="disc">{"".join(f"<li>{p.keep(p.sentence())}</li>" for _ in range(3))}</ul><p><b>{p.keep("About the Foundation")}</b></p>{p.p()}</div><div class="module_links"><a href=/b>Back to news</a></div></main><footer><div>{p.side(12)}</div></footer>""",
    )


def legal(p, t):
    s = "".join(
        f'<div class="section"><p class="secnum"><b>{p.keep(f"§ {i}.{i + 1}")}</b> <b>{p.keep(p.title())}</b></p><p class="indent1">{p.keep("(a) " + p.words(2, 3))}</p><p class="indent1">{p.keep("(b) " + p.words(1, 3))}</p><p class="indent2">{p.keep("(1) " + p.sentence())}</p></div>'
        for i in range(1, 6)
    )
    return doc(
        t,
        f"""<div class="header-bar">{p.links(6, "span")}</div><div class="columns"><div class="toc-col"><div class="toc-title">Contents</div>{p.links(8, "div")}</div><div class="text-col"><h1>{t}</h1>{s}</div></div><div class="bar-bottom">{p.links(5, "span")}</div>""",
    )


def notion(p, t):
    return doc(
        t,
        f"""<article id="aa-bb" class="page sans"><header><h1 class="page-title">{t}</h1><table class="properties"><tbody><tr class="property-row"><th>Owner</th><td>{p.name()}</td></tr></tbody></table></header><div class="page-body">{p.p()}<figure class="block-color-gray_background callout"><div><span class="icon">!</span></div><div style="width:100%">{p.keep(p.words(1, 2))}</div></figure>{p.h(2)}{p.p()}<ul class="toggle"><li><details open=""><summary>{p.keep(p.title())}</summary>{p.p()}</details></li></ul><ul class="bulleted-list"><li>{p.keep(p.sentence())}</li></ul><ul class="bulleted-list"><li>{p.keep(p.sentence())}</li></ul>{p.h(3)}{p.p()}{p.p()}</div></article>""",
    )


def transcript(p, t):
    lines = "".join(
        f'<div class="cue"><span class="ts">{p.keep(f"00:0{i}:1{i}")}</span> <span class="speaker">{p.keep(p.name())}</span><p>{p.keep(p.words(2, 4))}</p></div>'
        for i in range(8)
    )
    return doc(
        t,
        f"""<nav>{p.links(6)}</nav><div class="episode"><div class="player"><button>Play</button><span>1x</span></div><h1>{t}</h1><div class="shownotes">{p.p()}{p.p()}</div><h2>{p.keep("Transcript")}</h2><div class="transcript">{lines}</div></div><div class="episodes"><h2>{p.side(2)}</h2>{"".join(f'<div class="ep"><a href=/e{i}>{p.side(6)}</a><p>{p.side(10)}</p></div>' for i in range(5))}</div>""",
    )


def threadapp(p, t):
    def post(i):
        return f'<div class="status__wrapper"><div class="status" data-id="{i}"><a class="status__display-name" href=/u><bdi><strong>{p.name()}</strong></bdi><span>@u{i}@social.example</span></a><div class="status__content"><div class="status__content__text"><p>{p.keep(p.words(2, 3))}</p><p>{p.keep(p.words(1, 2))}</p></div></div><div class="status__action-bar"><span>{i}</span><span>reply</span><span>boost</span></div></div></div>'

    return doc(
        t,
        f"""<div class="app-holder"><div class="columns-area"><div class="drawer">{p.links(5)}</div><div class="column"><div class="scrollable">{"".join(post(i) for i in range(1, 6))}</div></div><div class="navigation-panel">{p.links(7)}</div></div></div>""",
    )


FIRST = [
    tailwind,
    styled,
    ghost,
    joomla,
    devto,
    fandom,
    vbulletin,
    smf,
    statuspage,
    nvd,
    changelog,
    sidenotes,
    docsnotes,
    emailnews,
    fonttable,
    faq,
    interview,
    press,
    legal,
    notion,
    transcript,
    threadapp,
]


def squarespace(p, t):
    def blk(x):
        return f'<div class="sqs-block html-block sqs-block-html"><div class="sqs-block-content">{x}</div></div>'

    return doc(
        t,
        f"""<div id="siteWrapper"><header id="header"><div class="header-nav-list">{p.links(5, "div")}</div></header><main id="page"><article class="sections"><section class="page-section"><div class="content-wrapper"><div class="blog-item-wrapper"><article class="entry h-entry"><div class="blog-item-inner-wrapper"><div class="blog-item-top-wrapper"><h1 class="entry-title">{t}</h1><div class="blog-item-meta-wrapper"><time>Mar 3</time><span>Written By {p.name()}</span></div></div><div class="blog-item-content e-content">{blk(p.body(4))}{blk(p.p() + p.items())}{blk(p.body(3))}</div><div class="blog-item-comments"><h4>Comments (1)</h4>{p.comment()}</div></div></article><section class="item-pagination"><a href=/p><h2>{p.side(4)}</h2></a></section></div></div></section></article></main><footer><div class=sqs-block><p>{p.side(12)}</p></div></footer></div>""",
    )


def webflow(p, t):
    return doc(
        t,
        f"""<div data-animation="default" class="navbar w-nav"><div class="container w-container">{p.links(6, "span")}</div></div><div class="section-hero"><div class="w-layout-grid"><h1 class="heading-12">{t}</h1><div class="text-block-9">{p.name()}</div></div></div><div class="section"><div class="w-container"><div class="rich-text-block w-richtext">{p.body(7)}<figure class="w-richtext-figure-type-image"><div><img src=x></div><figcaption>{p.keep(p.sentence())}</figcaption></figure>{p.p()}</div><div class="div-block-22"><div class="text-block-8">{p.side(3)}</div><div class="w-dyn-list"><div role="list" class="w-dyn-items">{"".join(f'<div role="listitem" class="w-dyn-item"><a href="/b{i}" class="link-block w-inline-block"><h3>{p.side(5)}</h3><div>{p.side(10)}</div></a></div>' for i in range(3))}</div></div></div></div></div><div class="footer"><div class="w-container"><div class="text-block-2">{p.side(9)}</div></div></div>""",
    )


def gitea(p, t):
    return doc(
        t,
        f"""<div class="full height"><nav id="navbar">{p.links(6)}</nav><div role="main" class="page-content repository wiki view"><div class="secondary-nav">{p.links(5)}</div><div class="ui container"><div class="ui stackable secondary menu"><div class="ui dropdown">Page: <strong>{t}</strong></div></div><div class="ui dividing header"><div class="ui stackable grid"><div class="eight wide column">{t}<div class="ui sub header">{p.name()} edited this page 2026-03-03 10:00:00 +00:00</div></div></div></div><div class="wiki-content-parts"><div class="render-content markup wiki-content-main with-sidebar"><h1>{p.keep(p.title())}</h1>{p.body(5)}<div class="code-block-container"><pre class="code-block"><code class="chroma language-bash">{p.keep("sudo systemctl restart vault")}</code></pre></div>{p.p()}</div><div class="wiki-content-sidebar"><div class="render-content markup wiki-content-sidebar-toc">{p.links(4)}</div></div></div></div></div></div><footer>{p.side(6)}</footer>""",
    )


def moin(p, t):
    return doc(
        t,
        f"""<div id="header"><ul id="username"><li>Login</li></ul><h1 id="locationline"><span id="pagelocation"><a href=/x>{t}</a></span></h1><ul id="navibar">{p.links(5)}</ul></div><div id="page" lang="en" dir="ltr"><div dir="ltr" id="content" lang="en"><span class="anchor" id="top"></span><p class="line867">{p.keep(p.words())}</p><h2 id="A">{p.keep(p.title())}</h2><p class="line874">{p.keep(p.words())}</p><p class="line874">{p.keep(p.words())}</p><div><table><tbody><tr><td><p class="line862">{p.keep("Port")}</p></td><td><p class="line862">{p.keep("Use of it")}</p></td></tr><tr><td><p class="line862">{p.keep("8200")}</p></td><td><p class="line862">{p.keep("Vault API for tenants")}</p></td></tr></tbody></table></div><h2>{p.keep(p.title())}</h2><p class="line874">{p.keep(p.words())}</p><span class="anchor" id="bottom"></span></div><p id="pageinfo" class="info">{t} (last edited 2026-03-03 10:11:12 by {p.name()})</p></div><div id="footer"><ul class="editbar"><li>Immutable Page</li><li>Info</li><li>Attachments</li></ul><p>{p.side(5)}</p></div>""",
    )


def groups(p, t):
    def m(i):
        return f'<section role="listitem" class="BkrUxb" data-author="{p.name()}"><div class="nGi02b"><h3 class="s1f8Zd">{p.name()}</h3><span class="zX2W9c">Mar {i}, 2026, 9:0{i}:00 AM</span><span>unread,</span></div><div class="D6pwtb"><div class="ptW7te" role="region"><div>{p.keep(p.words(3, 5))}<br><br>{p.keep(p.words(2, 3))}</div></div></div></section>'

    return doc(
        t,
        f"""<div class="header">{p.links(5)}</div><div role="main"><html-blob></html-blob><header><h1 class="KPwZRb">{t}</h1><span>{4} views</span></header><div role="list">{"".join(m(i) for i in range(1, 5))}</div></div>""",
    )


def flarum(p, t):
    def m(i):
        return f'<div class="PostStream-item" data-index="{i}"><article class="CommentPost Post"><div class="Post-container"><header class="Post-header"><ul><li class="item-user"><div class="PostUser"><h3 class="PostUser-name"><a href=/u><span class="username">{p.name()}</span></a></h3></div></li><li class="item-meta"><time>Mar {i}</time></li></ul></header><div class="Post-body">{p.p()}{p.p(1, 2)}</div><aside class="Post-actions"><ul><li><button>Reply</button></li><li>Like</li></ul></aside></div></article></div>'

    return doc(
        t,
        f"""<header class="App-header">{p.links(4)}</header><main class="App-content"><div class="DiscussionPage"><header class="Hero DiscussionHero"><h1 class="DiscussionHero-title">{t}</h1></header><div class="container"><nav class="DiscussionPage-nav"><ul>{p.links(3)}</ul></nav><div class="DiscussionPage-stream"><div class="PostStream">{"".join(m(i) for i in range(1, 5))}</div></div></div></div></main>""",
    )


def intercom(p, t):
    return doc(
        t,
        f"""<header class="header"><div class="header__container"><a href=/>{p.side(2)}</a><form><input placeholder="Search for articles..."></form></div></header><div class="container"><section class="content"><div class="section__article"><div class="breadcrumb"><a href=/c>All Collections</a> {p.links(2, "span")}</div><div class="paper paper__large"><div class="content content__narrow"><div class="article intercom-force-break"><header class="article__meta"><h1 class="t__h1">{t}</h1><div class="article__desc">{p.keep(p.sentence())}</div><div class="avatar"><div class="avatar__info"><div>Written by <span>{p.name()}</span><br>Updated over a week ago</div></div></div></header><article dir="ltr"><div class="article_body">{p.body(6)}{p.items()}</div></article></div></div><div class="intercom-reaction-picker"><div class="intercom-reaction-prompt">Did this answer your question?</div><button>:)</button></div></div><section class="related_articles"><h3>Related Articles</h3>{p.links(4, "div")}</section></div></section></div><footer><p>{p.side(7)}</p></footer>""",
    )


def cards(p, t):
    def c():
        return f'<div class="card"><div class="card-header"><h3>{p.keep(p.title())}</h3></div><div class="card-body">{p.p()}{p.p(1, 2)}</div></div>'

    return doc(
        t,
        f"""<nav class="navbar">{p.links(7)}</nav><div class="container-fluid"><div class="row"><div class="col-md-3 sidebar-sticky"><div class="list-group">{p.links(9, "div")}</div></div><div class="col-md-9"><div class="jumbotron"><h1>{t}</h1><p class="lead">{p.keep(p.sentence())}</p></div>{"".join(c() for _ in range(5))}</div></div></div><footer class="footer"><span>{p.side(8)}</span></footer>""",
    )


def rfcpage(p, t):
    secs = "".join(
        f'<section id="section-{i}"><h2 id="s{i}"><a href="#section-{i}" class="section-number selfRef">{i}. </a><a href="#n{i}" class="section-name selfRef">{p.keep(p.title())}</a></h2><p id="section-{i}-1">{p.keep(p.words())}<a href="#section-{i}-1" class="pilcrow">¶</a></p><p id="section-{i}-2">{p.keep(p.words())}<a href="#section-{i}-2" class="pilcrow">¶</a></p></section>'
        for i in range(1, 5)
    )
    return doc(
        t,
        f"""<table class="ears"><thead><tr><td class="left">RFC 0000</td><td class="center">{t}</td><td class="right">March 2026</td></tr></thead></table><div class="document-information"><dl id="identifiers"><dt class="label-workgroup">Workgroup:</dt><dd>{p.side(2)}</dd></dl></div><h1 id="title">{t}</h1><section id="section-abstract"><h2 id="abstract"><a href="#abstract" class="selfRef">{p.keep("Abstract")}</a></h2><p id="section-abstract-1">{p.keep(p.words())}<a href="#section-abstract-1" class="pilcrow">¶</a></p></section><div id="toc"><section id="section-toc.1"><h2>Table of Contents</h2><nav class="toc"><ul>{p.links(6)}</ul></nav></section></div>{secs}""",
    )


def bulletin(p, t):
    return doc(
        t,
        f"""<div id="top">{p.links(6, "span")}</div><div class="bulletin"><h1>{t}</h1><dl class="meta"><dt>{p.keep("Severity")}</dt><dd>{p.keep("High, CVSS 8.1 of ten")}</dd><dt>{p.keep("Affected versions")}</dt><dd>{p.keep("All releases before 4.2.1 of the agent")}</dd></dl><h3>{p.keep("Summary")}</h3><p>{p.keep(p.words())}</p><h3>{p.keep("Workaround")}</h3><ol><li>{p.keep(p.sentence())}</li><li>{p.keep(p.sentence())}</li></ol><h3>{p.keep("Timeline")}</h3><table><tr><td>{p.keep("2026-01-03")}</td><td>{p.keep("Reported to the vendor by mail")}</td></tr><tr><td>{p.keep("2026-02-11")}</td><td>{p.keep("Fix released for all branches")}</td></tr></table><h3>{p.keep("Credits")}</h3><p>{p.keep(p.sentence())}</p></div><div id="bottom"><p>{p.side(10)}</p></div>""",
    )


def longcaption(p, t):
    def fig():
        return f"<figure><img src=x><figcaption>{p.keep(p.sentence())}</figcaption></figure>"

    return doc(
        t,
        f"""<div id="skip"><a href="#c">Skip to content</a></div><header role="banner">{p.links(5)}</header><div id="c"><article><header><p class="eyebrow">{p.side(1)}</p><h1>{t}</h1><p class="dek">{p.keep(p.sentence())}</p><p class="by">By {p.name()}</p></header>{fig()}<div class="columns">{p.body(4)}{fig()}{p.body(4)}</div><aside class="inset"><h4>{p.side(3)}</h4><ul>{p.links(3)}</ul></aside><footer><p>{p.name()} {p.side(9)}</p></footer></article></div><div class="trending"><h2>Trending now</h2><ol>{p.links(6)}</ol></div>""",
    )


def details(p, t):
    def d():
        return f"<details><summary>{p.keep(p.title())}</summary><div>{p.p()}{p.p(1, 2)}</div></details>"

    return doc(
        t,
        f"""<header>{p.links(4)}</header><main><h1>{t}</h1>{p.p()}{"".join(d() for _ in range(6))}<hr><p class="helpful">Was this page helpful? <a href=/y>Yes</a> <a href=/n>No</a></p></main><footer><p>{p.side(6)}</p></footer>""",
    )


def blogspotdiv(p, t):
    return doc(
        t,
        f"""<div class="wrap"><div class="l">{p.links(9, "div")}</div><div class="m"><div class="t">{t}</div><div class="d">Tuesday, 3 March 2026</div><div class="x">{"".join(f"<div>{p.keep(p.words())}</div><div><br></div>" for _ in range(6))}</div><div class="k">Labels: {p.links(3, "span")}</div></div><div class="r"><div>{p.side(3)}</div>{p.links(8, "div")}</div></div>""",
    )


def release2(p, t):
    def b(v):
        return f'<div class="Box"><div class="Box-body"><div class="d-flex"><h2 class="sr-only">v{v}</h2><span><a href=/r class="Link">v{v}.0</a></span><span>Latest</span></div><div class="markdown-body my-3"><h3>{p.keep("Highlights")}</h3>{p.items(3)}{p.p()}</div><div class="Box-footer"><details open><summary>Assets <span>2</span></summary><ul><li><a href=/z>source.zip</a> <span>3 MB</span></li></ul></details></div></div></div>'

    return doc(
        t,
        f"""<div class="AppHeader">{p.links(6)}</div><main><nav class="UnderlineNav">{p.links(6)}</nav><h1 class="sr-only">{t}</h1><div data-pjax>{"".join(b(v) for v in (4, 3, 2))}</div></main><footer>{p.links(6)}</footer>""",
    )


def wpblocks(p, t):
    return doc(
        t,
        f"""<div class="wp-site-blocks"><header class="wp-block-template-part"><nav class="wp-block-navigation">{p.links(5)}</nav></header><main class="wp-block-group"><h1 class="wp-block-post-title">{t}</h1><div class="wp-block-group is-layout-flex"><div class="wp-block-post-date">March 3</div><div class="wp-block-post-author-name">{p.name()}</div></div><div class="entry-content wp-block-post-content">{p.body(5)}<div class="wp-block-columns"><div class="wp-block-column">{p.p()}</div><div class="wp-block-column">{p.p()}</div></div><blockquote class="wp-block-quote"><p>{p.keep(p.sentence())}</p><cite>{p.keep(p.name())}</cite></blockquote><div class="wp-block-buttons"><div class="wp-block-button"><a class="wp-block-button__link" href=/b>{p.side(2)}</a></div></div></div><div class="wp-block-comments"><h2>2 responses to "{t}"</h2><ol class="wp-block-comment-template"><li>{p.comment()}</li><li>{p.comment()}</li></ol></div><div class="wp-block-query"><h2>More posts</h2><ul class="wp-block-post-template">{"".join(f'<li><h3 class="wp-block-post-title"><a href=/n{i}>{p.side(5)}</a></h3><div class="wp-block-post-excerpt"><p>{p.side(18)}</p></div></li>' for i in range(4))}</ul></div></main><footer class="wp-block-template-part"><p>{p.side(8)}</p></footer></div>""",
    )


def mailman3(p, t):
    def m():
        return f'<div class="email"><div class="email-header"><div class="email-author"><a href=/u>{p.name()}</a></div><div class="email-date"><span>3 Mar 2026</span></div></div><div class="email-body"><p>{p.keep(p.words())}</p><div class="quoted-switch"><a href=#>...</a></div><p>{p.keep(p.words(1, 3))}</p></div><div class="email-info"><a href=/r>Reply</a> <span>0/0</span></div></div>'

    return doc(
        t,
        f"""<nav>{p.links(5)}</nav><div class="container"><div class="thread-header"><h3>{t}</h3></div>{"".join(m() for _ in range(4))}<div class="sidebar"><h4>participants</h4><ul>{p.links(4)}</ul></div></div>""",
    )


SECOND = [
    squarespace,
    webflow,
    gitea,
    moin,
    groups,
    flarum,
    intercom,
    cards,
    rfcpage,
    bulletin,
    longcaption,
    details,
    blogspotdiv,
    release2,
    wpblocks,
    mailman3,
]


def make(seed: int, each: int = 3) -> list[Made]:
    """`each` pages of every layout; equal seeds give equal pages."""
    pages = []
    for layout in FIRST + SECOND:
        for n in range(each):
            pen = Pen(random.Random(f"{seed} {layout.__name__} {n}"))
            title = pen.title()
            source = layout(pen, title)
            pages.append(Made(layout.__name__, source, "\n".join(pen.own)))
    return pages
