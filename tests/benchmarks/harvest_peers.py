"""The crawlers that the harvester is held against, each over one loopback site, extraction in two
processes.

    python tests/benchmarks/harvest_peers.py bare|scrapy|crawlee SEED OUT.jsonl [--connections 16]

`bare` is aiohttp, lxml and a pool of trafilatura, with nothing kept on disk but the output: the
limit that the usual parts reach. `scrapy` is tuned: it extracts in a pool and drops known links
before they cost a request. Each writes one JSON line a page, {"url", "text"}.
"""

import argparse
import asyncio
import json
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from urllib.parse import urldefrag, urljoin

WORKERS = 2


def read(task):
    """(address, bytes) -> (address, text) by trafilatura's fast path, as Markdown with tables."""
    import trafilatura

    url, body = task
    text = trafilatura.extract(
        body,
        url=url,
        fast=True,
        include_comments=False,
        include_tables=True,
        output_format="markdown",
    )
    return url, text or ""


def warm():
    import trafilatura

    trafilatura.extract("<html><body><p>" + "word " * 100 + "</p></body></html>")


def kept(base, href, scope):
    url = urldefrag(urljoin(base, href))[0].split("?utm", 1)[0]
    return url if url.startswith(scope) else ""


def write(out, url, text):
    out.write(json.dumps({"url": url, "text": text}) + "\n")


async def bare(seed, out, connections):
    import aiohttp
    import lxml.html

    scope, seen, queue = seed.rpartition("/")[0] + "/", {seed}, asyncio.Queue()
    queue.put_nowait(seed)
    loop = asyncio.get_running_loop()

    async def work(session, pool):
        while True:
            url = await queue.get()
            try:
                async with session.get(url) as answer:
                    body = await answer.read()
                for href in lxml.html.fromstring(body).xpath("//a/@href"):
                    link = kept(url, href, scope)
                    if link and link not in seen:
                        seen.add(link)
                        queue.put_nowait(link)
                write(out, *await loop.run_in_executor(pool, read, (url, body)))
            finally:
                queue.task_done()

    connector = aiohttp.TCPConnector(limit=connections)
    with ProcessPoolExecutor(WORKERS, initializer=warm) as pool:
        async with aiohttp.ClientSession(connector=connector) as session:
            tasks = [asyncio.create_task(work(session, pool)) for _ in range(connections)]
            await queue.join()
            for task in tasks:
                task.cancel()


def scrapy(seed, out, connections):
    import scrapy as package
    from scrapy.crawler import CrawlerProcess

    scope, pool = seed.rpartition("/")[0] + "/", ProcessPoolExecutor(WORKERS, initializer=warm)
    seen = {seed}

    class Docs(package.Spider):
        name = "docs"
        start_urls = (seed,)

        def parse(self, response):
            yield {"url": response.url, "body": response.body}
            for href in response.xpath("//a/@href").getall():
                link = kept(response.url, href, scope)
                if link and link not in seen:
                    seen.add(link)
                    yield package.Request(link)

    class Extract:
        async def process_item(self, item):
            loop = asyncio.get_running_loop()
            write(out, *await loop.run_in_executor(pool, read, (item["url"], item["body"])))
            return {"url": item["url"]}

    process = CrawlerProcess(
        {
            "LOG_LEVEL": "ERROR",
            "TELNETCONSOLE_ENABLED": False,
            "ROBOTSTXT_OBEY": True,
            "COOKIES_ENABLED": False,
            "CONCURRENT_REQUESTS": connections,
            "CONCURRENT_REQUESTS_PER_DOMAIN": connections,
            "DOWNLOAD_DELAY": 0,
            "CONCURRENT_ITEMS": 100,
            "ITEM_PIPELINES": {Extract: 300},
        }
    )
    process.crawl(Docs)
    process.start()
    pool.shutdown()


async def crawlee(seed, out, connections):
    from crawlee import ConcurrencySettings
    from crawlee.crawlers import HttpCrawler
    from crawlee.http_clients import HttpxHttpClient
    from crawlee.storage_clients import MemoryStorageClient
    from lxml import html

    scope, seen, loop = seed.rpartition("/")[0] + "/", {seed}, asyncio.get_running_loop()
    crawler = HttpCrawler(
        http_client=HttpxHttpClient(),
        storage_client=MemoryStorageClient(),
        respect_robots_txt_file=True,
        concurrency_settings=ConcurrencySettings(
            desired_concurrency=connections,
            max_concurrency=connections,
            min_concurrency=connections,
        ),
        configure_logging=False,
    )
    with ProcessPoolExecutor(WORKERS, initializer=warm) as pool:

        @crawler.router.default_handler
        async def handle(context):
            url, body = context.request.url, await context.http_response.read()
            links = {
                kept(url, href, scope) for href in html.fromstring(body).xpath("//a/@href")
            } - {"", *seen}
            seen.update(links)
            if links:
                await context.add_requests(sorted(links))
            write(out, *await loop.run_in_executor(pool, read, (url, body)))

        await crawler.run([seed])


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("crawler", choices=("bare", "scrapy", "crawlee"))
    parser.add_argument("seed")
    parser.add_argument("out", type=Path)
    parser.add_argument("--connections", type=int, default=16)
    asked = parser.parse_args()
    with asked.out.open("a", buffering=1) as lines:
        if asked.crawler == "scrapy":
            scrapy(asked.seed, lines, asked.connections)
        else:
            asyncio.run(
                {"bare": bare, "crawlee": crawlee}[asked.crawler](
                    asked.seed, lines, asked.connections
                )
            )
