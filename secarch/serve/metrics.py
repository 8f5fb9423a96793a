"""What is measured of the server: our own names, units in them, and no label from a request."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from secarch.danger.safety import RULES
from secarch.errors import MissingExtra

CODES = (200, 400, 401, 404, 429, 499, 500, 502, 503, 504)
_FIRST = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_BETWEEN = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1)
_WHOLE = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300)


class Metrics:
    """Counters and histograms of one server. Raises MissingExtra without prometheus-client."""

    def __init__(self) -> None:
        try:
            import prometheus_client as prom
        except ImportError as error:
            raise MissingExtra("secarch serve", "serve") from error
        self._prom = prom
        self.registry: Any = prom.CollectorRegistry()
        self.requests = self._counter("requests", "Requests by status.", ["code"])
        self.in_flight = self._gauge("requests_in_flight", "Answers being generated.")
        self.waiting = self._gauge("requests_waiting", "Requests that wait for a place.")
        self.first = self._histogram("time_to_first_token_seconds", "From request to text.", _FIRST)
        self.between = self._histogram("inter_token_seconds", "Between two tokens.", _BETWEEN)
        self.whole = self._histogram("request_seconds", "From request to end.", _WHOLE)
        self.prompt = self._counter("prompt_tokens", "Tokens read.")
        self.generated = self._counter("generated_tokens", "Tokens generated.")
        self.unsafe = self._counter(
            "unsafe_answers", "Critical statements found in answers.", ["rule", "severity"]
        )
        self.rejected = self._counter("rejected", "Requests turned away.", ["why"])
        self.model = self._gauge("model_info", "What answers.", ["name", "version", "digest"])
        self.pending = self._gauge("alias_pending", "1 while a promoted version is not live.")
        self.engine_up = self._gauge("engine_up", "1 while the engine answers.")
        self.ready = self._gauge("ready", "1 while traffic is taken.")
        self.token_at = self._gauge("last_token_timestamp_seconds", "When the last token came.")
        self.token_wait = self._gauge(
            "token_wait_seconds", "How long the answers in flight have waited for a token."
        )
        self.price = self._gauge("usd_per_hour", "What an hour of this server costs.")
        self.answered_at = time.monotonic()
        """When a token came last, on the monotonic clock."""
        self._answered = False
        self._begin_at_zero()

    def _begin_at_zero(self) -> None:
        """A series that begins at 1 has no increase, so an alert would miss the first of a kind."""
        for rule in RULES:
            self.unsafe.labels(rule.kind, "critical")
        for code in CODES:
            self.requests.labels(str(code))

    def _counter(self, name: str, text: str, labels: Sequence[str] = ()) -> Any:
        return self._prom.Counter(f"secarch_{name}", text, labels, registry=self.registry)

    def _gauge(self, name: str, text: str, labels: Sequence[str] = ()) -> Any:
        return self._prom.Gauge(f"secarch_{name}", text, labels, registry=self.registry)

    def _histogram(self, name: str, text: str, buckets: Sequence[float]) -> Any:
        return self._prom.Histogram(
            f"secarch_{name}", text, buckets=buckets, registry=self.registry
        )

    def token(self, count: int) -> None:
        """Tokens came."""
        self.generated.inc(count)
        self.answered_at = time.monotonic()
        self._answered = True

    def page(self) -> tuple[bytes, str]:
        """The text format of /metrics and its content type."""
        if self._answered:
            self.token_at.set(time.time() - (time.monotonic() - self.answered_at))
        data: bytes = self._prom.generate_latest(self.registry)
        return data, str(self._prom.CONTENT_TYPE_LATEST)
