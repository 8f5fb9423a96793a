"""Settings of the server."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, SecretStr

from secarch.schema import Config, runtime


class ServeConfig(Config):
    """Where it listens, who may ask, and how much it takes on."""

    host: str = runtime("127.0.0.1")
    """Interface to listen on; another than loopback needs a key."""
    port: Annotated[int, Field(ge=0, le=65_535)] = runtime(8080)
    """Port of the API; 0: one that is free."""
    metrics_host: str = runtime("127.0.0.1")
    """Interface of /metrics."""
    metrics_port: Annotated[int, Field(ge=0, le=65_535)] = runtime(9464)
    """Port of /metrics; 0: on the API's own port, behind its key."""
    engine: str = runtime("transformers")
    """transformers (embedded), or the URL of a vLLM, SGLang or llama.cpp server."""
    engine_key: SecretStr = runtime(SecretStr(""))
    """API key of that server."""
    engine_model: str = runtime("")
    """Name of the model on that server; empty: the digest that --print-engine writes."""
    guard: Literal["off", "mark", "hold"] = runtime("hold")
    """Critical statements in answers: let pass, let pass with a mark, or hold back."""
    api_keys: tuple[SecretStr, ...] = runtime(())
    """Keys that clients may use; better: api_key_file."""
    api_key_file: str = runtime("")
    """File with the SHA-256 (hex) of a key on each line, readable by its owner alone."""
    max_in_flight: Annotated[int, Field(ge=1, le=4096)] = runtime(32)
    """Answers generated at once."""
    max_waiting: Annotated[int, Field(ge=0, le=65_536)] = runtime(64)
    """Requests that may wait; above: 429."""
    max_body_bytes: Annotated[int, Field(ge=1024, le=1 << 30)] = runtime(1 << 20)
    """Bytes of a request."""
    max_new_tokens: Annotated[int, Field(ge=1, le=32_768)] = runtime(512)
    """Tokens of an answer if the request does not say."""
    answer_s: Annotated[float, Field(gt=0, le=86_400)] = runtime(300.0)
    """Seconds that an answer may take."""
    client_s: Annotated[float, Field(gt=0, le=3600)] = runtime(30.0)
    """Seconds after which a client that reads nothing is cut."""
    stall_s: Annotated[float, Field(gt=0, le=3600)] = runtime(30.0)
    """Seconds without a token, with requests in flight, after which /readyz says no."""
    drain_s: Annotated[float, Field(ge=0, le=3600)] = runtime(30.0)
    """Seconds that SIGTERM leaves to the answers in flight."""
    watch_s: Annotated[float, Field(gt=0, le=3600)] = runtime(0.5)
    """Seconds between two looks at the registry's log."""
    prefill_tokens: Annotated[int, Field(ge=1, le=1 << 20)] = runtime(512)
    """Prompt tokens that one step reads (embedded engine)."""
    min_agreement: Annotated[float, Field(ge=0, le=1)] = runtime(0.875)
    """Share of golden answers that the engine must repeat before traffic is let in (0..1)."""
    price_per_hour: Annotated[float, Field(gt=0)] | None = runtime(None)
    """US dollars that an hour of the server costs."""
    log_text: bool = runtime(False)
    """Also log the text of critical statements (their hash is always logged)."""
