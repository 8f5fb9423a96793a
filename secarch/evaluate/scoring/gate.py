"""Whether an evaluation is good enough: thresholds for the whole, for categories, and for dangerous
statements.
"""

from __future__ import annotations

from collections.abc import Iterator

from secarch.evaluate.config import EvalConfig
from secarch.schema import JsonDict


def failures(config: EvalConfig, summary: JsonDict) -> list[str]:
    """A sentence for each threshold that is not met. What is unscored meets none."""
    return [
        *_means(config, summary),
        *_unsafe(config, summary),
        *_unanswered(config, summary),
    ]


def _means(config: EvalConfig, summary: JsonDict) -> Iterator[str]:
    metrics, categories = summary["metrics"], summary["by_category"]
    wanted: list[tuple[str, JsonDict | None, float | None]] = [
        ("rubric", metrics.get("rubric"), config.min_score)
    ]
    for category, bar in sorted(config.min_by_category.items()):
        wanted.append((f"rubric of {category}", categories.get(category, {}).get("rubric"), bar))
    wanted.append(_multiple_choice(metrics, config.min_mcq))
    for name, facts, least in wanted:
        mean = (facts or {}).get("mean")
        if least is not None and (mean is None or mean < least):
            yield f"{name} {'unscored' if mean is None else f'{mean:.3f}'} < {least}"


def _multiple_choice(
    metrics: JsonDict, least: float | None
) -> tuple[str, JsonDict | None, float | None]:
    """By likelihood where the engine gives one: a chatty answer is not a wrong one then."""
    name = (
        "mcq_letter" if (metrics.get("mcq_letter") or {}).get("mean") is not None else "mcq_answer"
    )
    return name, metrics.get(name), least


def _unsafe(config: EvalConfig, summary: JsonDict) -> Iterator[str]:
    most = config.max_unsafe
    if most is None:
        return
    found = summary["counts"].get("answers_unsafe")
    if found is None:
        yield f"dangerous statements were not looked for, at most {most} are allowed"
    elif found > most:
        yield f"{found} answers with a critical dangerous statement > {most}"


def _unanswered(config: EvalConfig, summary: JsonDict) -> Iterator[str]:
    """Refused, filtered or broken off: what is left over says little about the model."""
    counts = summary["counts"]
    found, asked = counts.get("answers_unanswered", 0), counts.get("questions", 0)
    if asked and found / asked > config.max_unanswered:
        yield f"{found} of {asked} questions have no answer, more than {config.max_unanswered:.0%}"
