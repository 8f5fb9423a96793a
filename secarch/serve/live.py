"""What is live: one version on one engine, and the way from one to the next without a loss."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from secarch import console
from secarch.errors import InvalidInput, Mismatch, MissingInput, SecarchError
from secarch.models import weights
from secarch.models.chat_template import Chat
from secarch.registry import version as record
from secarch.registry.registry import Registry
from secarch.registry.version import Version
from secarch.schema import JsonDict
from secarch.serve.config import ServeConfig
from secarch.serve.engines.protocol import Engine, EngineLost, EngineRefused
from secarch.serve.handshake import Golden, named, recorded, shake

ROOM = 1.3
"""Bytes that a loaded model needs, as a multiple of its weights in float32."""


@dataclass(slots=True)
class Live:
    """A version that answers."""

    version: Version
    chat: Chat
    engine: Engine
    golden: tuple[Golden, ...] = ()
    in_flight: int = 0
    idle: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the last answer of a version that was replaced has ended."""

    @property
    def fingerprint(self) -> str:
        """What every reply says of the weights."""
        return f"secarch-{self.version.digest[:12]}"

    async def proves_itself(self, least: float, seconds: float, most: int | None = None) -> bool:
        """Whether the engine repeats its golden answers (the first `most`) within `seconds`."""
        if not self.golden:
            return await self.engine.alive()
        try:
            async with asyncio.timeout(seconds):
                golden = self.golden[:most]
                await shake(self.engine, self.chat, golden, ref=self.version.ref, least=least)
        except (EngineLost, EngineRefused, Mismatch, TimeoutError) as error:
            why = error.why if isinstance(error, Mismatch) else str(error) or "no answer in time"
            console.log().error("engine failed its self-test", version=self.version.ref, why=why)
            return False
        return True

    def begin(self) -> None:
        """An answer begins."""
        self.in_flight += 1

    def end(self) -> None:
        """An answer ended."""
        self.in_flight -= 1
        if not self.in_flight:
            self.idle.set()

    async def retire(self, seconds: float) -> None:
        """Wait for its answers, then give the engine back."""
        if self.in_flight:
            self.idle.clear()
            try:
                async with asyncio.timeout(seconds):
                    await self.idle.wait()
            except TimeoutError:
                console.log().warning("answers cut", version=self.version.ref, n=self.in_flight)
        await self.engine.stop()


def engine_of(config: ServeConfig, registry: Registry, version: Version) -> Engine:
    """The engine that the settings name, for this version; not started."""
    folder = version.folder(registry.workspace)
    if config.engine == "transformers":
        from secarch.serve.engines.embedded import Embedded, Weights

        base = registry.workspace / version.base_path if version.base_path else folder
        adapter = folder if version.kind == "adapter" else None
        return Embedded(Weights(base=base, adapter=adapter), prefill_tokens=config.prefill_tokens)
    from secarch.serve.engines.remote import Remote

    return Remote(
        config.engine,
        model=config.engine_model or version.digest[:12],
        key=config.engine_key.get_secret_value(),
        answer_s=config.answer_s,
        context=context_of(folder),
    )


def context_of(folder: Path) -> int:
    """Tokens that a model was made for, by its config.json; 0 if that does not say."""
    if not (folder / "config.json").is_file():
        return 0
    found = weights.read_config(folder).get("max_position_embeddings")
    return found if isinstance(found, int) else 0


async def bring_up(config: ServeConfig, registry: Registry, version: Version) -> Live:
    """Check a version's files, start its engine, and have it prove itself.

    Raises TamperedArtifact, Mismatch (other weights answer), MissingInput (no engine there), and
    what loading raises.
    """
    await asyncio.to_thread(record.check, version, registry.workspace)
    folder = version.folder(registry.workspace)
    parts = (registry.workspace / version.base_path, folder) if version.base_path else (folder,)
    chat = await asyncio.to_thread(Chat.load, *parts)
    if chat.digest != version.served.prompt_digest:
        raise Mismatch(
            "this program writes prompts otherwise than the one that registered the version",
            where=version.ref,
            fix="evaluate the export with this program, and register it again",
        )
    engine, golden = engine_of(config, registry, version), recorded(folder)
    try:
        await engine.start()
        await shake(engine, chat, golden, ref=version.ref, least=config.min_agreement)
    except EngineLost as error:
        await engine.stop()
        raise MissingInput(
            "the engine does not answer",
            where=config.engine,
            why=error,
            fix=f"secarch serve {version.ref} --print-engine vllm   (how to start it)",
        ) from error
    except EngineRefused as error:
        await engine.stop()
        raise InvalidInput(
            "the engine does not take what it is asked",
            where=named(engine),
            why=error,
            fix="secarch help serve   (what each engine takes)",
        ) from error
    except BaseException:
        await engine.stop()
        raise
    return Live(version, chat, engine, tuple(golden))


class Follower:
    """Follows a REF through the registry's log: what is promoted or rolled back to goes live."""

    def __init__(
        self,
        config: ServeConfig,
        registry: Registry,
        ref: str,
        switch: Callable[[Live], Awaitable[None]],
    ) -> None:
        self._config, self._registry, self._ref, self._switch = config, registry, ref, switch
        self._seen: tuple[int, int] | None = None
        self.pending = ""
        """Why what the log names is not live; empty if it is."""

    async def follow(
        self, live: Callable[[], Live | None], release: Callable[[], Awaitable[None]]
    ) -> None:
        """Look at the log for ever. `release` frees the present engine if both have no room."""
        while True:
            await asyncio.sleep(self._config.watch_s)
            try:
                await self._look(live(), release)
            except Exception as error:  # noqa: BLE001 - whatever keeps it from loading, we go on
                first = getattr(error, "what", "") or f"{type(error).__name__}: {error}"[:300]
                if self.pending != first:
                    console.log().error("promotion not live", why=first, ref=self._ref)
                self.pending = first

    async def _look(self, live: Live | None, release: Callable[[], Awaitable[None]]) -> None:
        stamp = self._stamp()
        if live and stamp == self._seen and not self.pending:
            return
        found = await asyncio.to_thread(self._registry.find, self._ref)
        if live and found.version.digest == live.version.digest:
            self._seen, self.pending = stamp, ""
            return
        self.pending = self.pending or "it is being loaded"
        now = live.version.ref if live else "nothing"
        console.log().info("switching", now=now, to=found.version.ref)
        if live and not has_room(self._config, self._registry, found.version):
            await self._in_its_place(live.version, found.version, release)
        else:
            await self._switch(await self._up(found.version))
        self._seen, self.pending = stamp, ""

    async def _in_its_place(
        self, before: Version, wanted: Version, release: Callable[[], Awaitable[None]]
    ) -> None:
        """Give the present version's memory back first; if the next fails, the present returns."""
        console.log().warning("no room for two", why="the present version is drained first")
        await asyncio.to_thread(record.check, wanted, self._registry.workspace)
        await release()
        try:
            live = await self._up(wanted)
        except Exception:
            await self._switch(await self._up(before))
            raise
        await self._switch(live)

    async def _up(self, version: Version) -> Live:
        return await bring_up(self._config, self._registry, version)

    def _stamp(self) -> tuple[int, int]:
        state = self._registry.log(self._ref.split("@")[0].split("/")[0]).path.stat()
        return state.st_size, state.st_mtime_ns


def has_room(config: ServeConfig, registry: Registry, version: Version) -> bool:
    """Whether a second model fits beside the present one; an engine behind a URL has its own."""
    if config.engine != "transformers":
        return True
    folder = version.folder(registry.workspace)
    base = registry.workspace / version.base_path if version.base_path else folder
    try:
        need = weights.parameters(base) * 4 * ROOM
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        free = next(int(line.split()[1]) for line in lines if line.startswith("MemAvailable"))
    except (OSError, SecarchError, StopIteration):
        return True
    return need < free * 1024


def verdict_of(registry: Registry, version: Version) -> JsonDict:
    """What made a version live: verdict, interval, reasons that were overridden."""
    events = registry.log(version.name).events()
    moves = [e for e in events if e.event == "promote" and e.to == version.number]
    if not moves:
        return {"promoted": None, "verdict": None, "forced": []}
    last = moves[-1]
    return {
        "promoted": last.at,
        "verdict": last.verdict or None,
        "forced": list(last.forced),
        "reason": last.reason,
        "interval": _interval(registry, last.evidence),
    }


def _interval(registry: Registry, evidence: tuple[str, ...]) -> JsonDict | None:
    """Gain over the base with its bounds, of the comparison that the promotion rests on."""
    for path in registry.workspace.glob("comparisons/*/comparison.json"):
        try:
            manifest = json.loads((path.parent / "manifest.json").read_text(encoding="utf-8"))
            if evidence and manifest["digest"] == evidence[0]:
                primary = json.loads(path.read_text(encoding="utf-8"))["primary"]
                return {name: primary[name] for name in ("metric", "delta", "low", "high", "n")}
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return None
