"""What is done to one document on its own: secrets out, signals measured, rules asked. Runs in worker processes."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import multiprocessing
import signal
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

from secarch.dedupe.config import DedupeConfig
from secarch.dedupe.filters import Signals
from secarch.dedupe.scrub import scrub
from secarch.dedupe.signals import signals
from secarch.records import Document

BATCH = 64
WORTH_A_POOL = 8 * BATCH
"""Documents from which starting processes (about a second each) pays."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document as it may be learnt from, with what was found on the way."""

    document: Document
    signals: Signals
    reasons: tuple[str, ...]
    """Why rules drop it, in the order in which they are asked; empty where none does."""
    secrets: Counter[str]

    @property
    def reason(self) -> str:
        """The first reason, which counts; '' where it is kept."""
        return self.reasons[0] if self.reasons else ""


def prepare(document: Document, config: DedupeConfig) -> Prepared:
    """Scrub one document, measure it and ask every rule."""
    secrets: Counter[str] = Counter()
    if config.scrub:
        text, secrets = scrub(document.text)
        if secrets:
            digest = hashlib.sha256(text.encode()).hexdigest()
            document = dataclasses.replace(document, text=text, sha256=digest)
    measured = signals(document.text)
    reasons = tuple(why for gate in config.gates if (why := gate.judge(measured)))
    return Prepared(document, measured, reasons, secrets)


def prepare_batch(documents: Sequence[Document], config: DedupeConfig) -> list[Prepared]:
    """`prepare` for a shard of documents: a pure function, the same in any process."""
    return [prepare(document, config) for document in documents]


def prepare_all(
    documents: Sequence[Document], config: DedupeConfig, check: Callable[[], None]
) -> Iterator[list[Prepared]]:
    """Prepare in batches, in order, in `config.workers` processes where that pays; `check` may raise to stop."""
    batches = [documents[i : i + BATCH] for i in range(0, len(documents), BATCH)]
    if config.workers == 1 or len(documents) < WORTH_A_POOL:
        for batch in batches:
            check()
            yield prepare_batch(batch, config)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(config.workers, mp_context=context, initializer=_ignore_interrupts) as pool:
        try:
            futures = [pool.submit(prepare_batch, batch, config) for batch in batches]
            for future in futures:
                check()
                yield future.result()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _ignore_interrupts() -> None:
    """The parent decides when to stop; a Ctrl-C at the terminal reaches the whole group."""
    with contextlib.suppress(ValueError):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
