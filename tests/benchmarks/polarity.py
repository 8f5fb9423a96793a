"""How often polarity is read right, over every open item of the core suite.

    python tests/benchmarks/polarity.py first        (any file of phrasings/)

For each form of a set: a must-not's wrong sentence that is refuted, attributed, supposed, prevented
or quoted inside the reference fires (wanted: at most 5%), stated plainly it fires (wanted: at least
95%); a reference whose sentences are turned keeps a mean score (wanted: at most .35), and one whose
sentences are affirmed in other words keeps its score (wanted: at least .90).
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

import yaml

from secarch.evaluate.rubric.bars import formed, inside, turned, wrong_sentences
from secarch.evaluate.rubric.grade import grade, violations
from secarch.suite.schema import Question, load

SETS = Path(__file__).parent / "phrasings"
DEFUSED = ("refuted", "attributed", "conditional", "guarded", "quoted")


def must_nots(forms: dict[str, list[str]], questions: list[Question]) -> dict[str, Any]:
    """Share of wrong sentences that fire in each form."""
    result: dict[str, Any] = {}
    pairs = [(q, item, text) for q in questions for item, text in wrong_sentences(q)]
    for kind in (*DEFUSED, "plain"):
        for form in forms.get(kind, []):
            fired = sum(
                item in {v.id for v in violations(q, inside(q.reference, formed(form, text)))}
                for q, item, text in pairs
            )
            result.setdefault(kind, {})[form] = round(fired / len(pairs), 4)
    result["pairs"] = len(pairs)
    return result


def key_points(forms: dict[str, list[str]], questions: list[Question]) -> dict[str, Any]:
    """Mean score of references whose every sentence is turned, or affirmed in other words.

    Forms cut a reference into bare sentences without its code and lists; only those references
    count that keep their score so, or a form would be blamed for what the cutting costs.
    """
    result: dict[str, Any] = {}
    questions = [q for q in questions if _bare(q) >= grade(q, q.reference).score]
    result["references"] = len(questions)
    for kind in ("turned", "kept"):
        for form in forms.get(kind, []):
            scores = [grade(q, turned(form, q.reference)).score for q in questions]
            result.setdefault(kind, {})[form] = round(sum(scores) / len(scores), 4)
    return result


def _bare(question: Question) -> float:
    return grade(question, turned("{s}", question.reference)).score


def summary(result: dict[str, Any]) -> dict[str, Any]:
    """Mean over the forms of each kind, and the worst."""
    found: dict[str, Any] = {}
    for kind, rows in result.items():
        if isinstance(rows, dict):
            worst = (
                min(rows, key=rows.get) if kind in {"plain", "kept"} else max(rows, key=rows.get)
            )
            mean = sum(rows.values()) / len(rows)
            found[kind] = {
                "mean": round(mean, 4),
                "worst": rows[worst],
                "form": worst,
                "n": len(rows),
            }
    return found


def main() -> None:
    """Print the figures of a set as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("set", choices=sorted(p.stem for p in SETS.glob("*.yaml")))
    parser.add_argument("--every", type=int, default=1, help="only each Nth question")
    parser.add_argument("--forms", action="store_true", help="each form's figure too")
    asked = parser.parse_args()
    forms = yaml.safe_load((SETS / f"{asked.set}.yaml").read_text(encoding="utf-8"))
    questions = [q for q in load(["core"]).questions if q.key_points][:: asked.every]
    began = time.perf_counter()
    result = must_nots(forms, questions) | key_points(forms, questions)
    told: dict[str, Any] = {"set": asked.set, "questions": len(questions), "pairs": result["pairs"]}
    told |= {"references": result["references"]}
    told |= {"seconds": round(time.perf_counter() - began, 1), "kinds": summary(result)}
    if asked.forms:
        told["forms"] = result
    json.dump(told, sys.stdout, indent=1, ensure_ascii=False)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
