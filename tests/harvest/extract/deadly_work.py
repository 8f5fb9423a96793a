"""Work that dies, hangs or answers, as its page says.

A module of its own, so that worker processes can import it.
"""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from secarch.harvest.extract.page import Extracted
from secarch.records import Page


class PanicException(BaseException):
    """What a library written in Rust raises where it panics: no Exception."""


def act(page: Page) -> Extracted:
    """Do what the page's address says."""
    if page.url == "die":
        os.kill(os.getpid(), signal.SIGSEGV)
    if page.url == "hang":
        signal.setitimer(signal.ITIMER_REAL, 0.3)
        time.sleep(60)
    if page.url == "late":
        with Path(page.body.decode()).open("a") as tries:
            tries.write("x")
        signal.setitimer(signal.ITIMER_REAL, 1.0)
        time.sleep(60)
    if page.url == "sleep":
        time.sleep(60)
    if page.url == "big":
        bytearray(4 << 30)
    if page.url == "panic":
        raise PanicException
    return Extracted(reason=page.url)
