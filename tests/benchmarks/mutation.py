"""Which seeded faults in the decision modules do their own tests notice?

    python tests/benchmarks/mutation.py [--count 200] [--seed 1] [--only GLOB] [--jobs 2]
        [--part 1/4]

Each mutant changes one operator, constant, condition or returned value of one decision module in a
copy of the package; the module's mirroring tests run against it. Goal: at least 85% of at least 200
mutants are killed. Survivors are printed with their place, for somebody to say why they may live:
an equivalent mutant, or a test that is missing. `--part` runs one of several parts of the same
mutants, so that a long run can be spread over the day; the sums of all parts are the figure.
"""

from __future__ import annotations

import argparse
import ast
import concurrent.futures
import copy
import fnmatch
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
TIMEOUT = 120.0
"""Seconds; the slowest of these tests take 25 on an idle machine. One that hangs is killed."""
QUICK = "(model or not slow) and not browser"
ALL = "not browser"
"""For a module all of whose tests are slow, as those are that import PyTorch."""
NO_TESTS = 5
"""pytest's exit code where no test was collected."""
_all_slow: set[str] = set()
# Module -> tests, where the mirror alone is not what covers it.
TESTS = {
    "harvest/robots/robots_txt.py": ["tests/harvest/robots"],
    "harvest/crawl/page_policy.py": [
        "tests/harvest/crawl/test_page_policy.py",
        "tests/harvest/test_stage.py",
    ],
    "harvest/sources/urls.py": [
        "tests/harvest/sources/test_urls.py",
        "tests/harvest/test_seed_yield.py",
    ],
    "train/data/preflight.py": [
        "tests/train/data/test_preflight.py",
        "tests/train/data/test_pairs.py",
    ],
    "evaluate/rubric/language.py": ["tests/evaluate/rubric"],
    "evaluate/rubric/grade.py": [
        "tests/evaluate/rubric/test_grade.py",
        "tests/evaluate/rubric/test_design.py",
    ],
    "text/polarity/windows.py": ["tests/text/polarity"],
}
DECISIONS = (
    "retry.py",
    "stats.py",
    "artifact.py",
    "settings.py",
    "located_yaml.py",
    "text/overlap.py",
    "text/patterns.py",
    "text/components.py",
    "report/labels.py",
    "report/junit.py",
    "harvest/crawl/page_policy.py",
    "harvest/crawl/politeness.py",
    "harvest/fetch/guard.py",
    "harvest/robots/robots_txt.py",
    "harvest/robots/opt_out.py",
    "harvest/sources/urls.py",
    "harvest/frontier/frontier.py",
    "dedupe/quality/filters.py",
    "dedupe/duplicates/near.py",
    "dedupe/examples/constructed/policy/iam.py",
    "dedupe/examples/constructed/policy/rbac.py",
    "dedupe/examples/constructed/policy/azure.py",
    "dedupe/inspect/grades.py",
    "dedupe/scrub/personal.py",
    "dedupe/scrub/credentials.py",
    "dedupe/split/split.py",
    "dedupe/split/decontaminate.py",
    "dedupe/split/leaks.py",
    "train/loop/guard.py",
    "train/loop/drift.py",
    "train/estimate/memory.py",
    "train/data/rows.py",
    "train/data/preflight.py",
    "evaluate/rubric/grade.py",
    "text/polarity/windows.py",
    "evaluate/scoring/gate.py",
    "evaluate/scoring/clean.py",
    "evaluate/ask/choices.py",
    "compare/verdict.py",
    "compare/contamination.py",
)
FLIPS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
}


# Sizes that move time or memory and no result: a mutant of them is equivalent.
TUNING = {
    "BATCH",
    "BLOCK",
    "CHUNK",
    "IN_MEMORY",
    "SHOWN",
    "Known",
}


# Survivors that were looked at: the module and a part of the mutated line, with why they may live.
# Printed beside a survivor, so that the next run asks only about new ones.
KNOWN = {
    ("dedupe/split/decontaminate.py", "box=None"): "how a table is drawn",
    ("dedupe/split/decontaminate.py", "pad_edge"): "how a table is drawn",
    ("dedupe/split/leaks.py", "if not held or not train"): "equivalent: nothing is found then too",
    ("text/components.py", "range(0, count, CHUNK)"): "equivalent: a new memory map holds zeros",
    (
        "harvest/robots/opt_out.py",
        "MAX_RESERVATIONS",
    ): "a bound against hostile files, of no exact size",
    (
        "dedupe/split/decontaminate.py",
        "told = held >=",
    ): "equivalent: shares are above 0, and never the bound less a billionth",
    ("harvest/crawl/page_policy.py", "again.document is None"): "killed by the tests that render",
    ("text/components.py", "count <= IN_MEMORY"): "equivalent: both ways find the same",
    ("evaluate/rubric/grade.py", "result.precision or"): "equivalent: 0 found times anything",
    ("dedupe/examples/constructed/policy/rbac.py", "return False"): "equivalent: None is false too",
    ("text/polarity/windows.py", "len(text) <= MAX_WINDOW"): "equivalent: one whole piece",
    ("dedupe/split/leaks.py", "strict=True"): "equivalent: one list is made from the other",
    ("dedupe/scrub/personal.py", "match.start() - 60"): "how far around a word still speaks of it",
    ("dedupe/split/decontaminate.py", ">= BATCH"): "equivalent: batches of another size",
    ("evaluate/scoring/clean.py", "/ len(values), 6)"): "digits that are shown",
    ("train/data/rows.py", "strict=True"): "equivalent: one of each part by construction",
    ("evaluate/rubric/grade.py", "if start < end"): "differs only if a match ends at a line break",
    ("evaluate/ask/choices.py", "strict=True"): "equivalent: as many letters as options",
    ("harvest/crawl/page_policy.py", 'method = "rendered"'): "killed by the tests that render",
    ("compare/verdict.py", 'return ""'): "equivalent: None is no reason too",
}


def reason(module: str, line: int) -> str:
    """Why a survivor may live, if it was looked at before."""
    text = (ROOT / "secarch" / module).read_text(encoding="utf-8").splitlines()[line - 1]
    return next((why for (name, part), why in KNOWN.items() if name == module and part in text), "")


class _Sites(ast.NodeVisitor):
    """Every place of a module that can be changed, as (kind, line, number of the node)."""

    def __init__(self) -> None:
        self.found: list[tuple[str, int, int]] = []
        self._number = -1

    def visit(self, node: ast.AST) -> None:
        self._number += 1
        if kind := _kind(node):
            self.found.append((kind, getattr(node, "lineno", 0), self._number))
        for name, value in ast.iter_fields(node):
            for child in value if isinstance(value, list) else [value]:
                if not isinstance(child, ast.AST):
                    continue
                if name in {"annotation", "returns", "decorator_list"} or _tuning(child):
                    # They decide nothing that a test of behaviour could notice.
                    self._number += sum(1 for _ in ast.walk(child))
                else:
                    self.visit(child)


def _tuning(node: ast.AST) -> bool:
    if isinstance(node, ast.Assign):
        return any(isinstance(t, ast.Name) and t.id.lstrip("_") in TUNING for t in node.targets)
    return isinstance(node, ast.ClassDef) and node.name in TUNING


def _kind(node: ast.AST) -> str | None:
    match node:
        case ast.Compare(ops=[op]) if type(op) in FLIPS:
            return "operator"
        case ast.BoolOp() | ast.BinOp() if type(node.op) in FLIPS and not _of_strings(node):
            return "operator"
        case ast.Constant(value=bool() | int() | float()):
            return "constant"
        case ast.If() | ast.IfExp() if not _typing_only(node):
            return "condition"
        case ast.UnaryOp(op=ast.Not()):
            return "condition"
        case ast.Return(value=ast.AST() as value):
            nothing = isinstance(value, ast.Constant) and value.value is None
            return None if nothing else "returned value"
    return None


def _of_strings(node: ast.AST) -> bool:
    return any(
        isinstance(child, ast.JoinedStr)
        or (isinstance(child, ast.Constant) and isinstance(child.value, str))
        for child in ast.iter_child_nodes(node)
    )


def _typing_only(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.If)
        and isinstance(node.test, ast.Name)
        and node.test.id == "TYPE_CHECKING"
    )


def _ordered(node: ast.AST):
    """The nodes in the order in which `_Sites` counts them."""
    yield node
    for _, value in ast.iter_fields(node):
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from _ordered(child)


def mutate(tree: ast.Module, number: int) -> str:
    """The module's source with one change."""
    tree = copy.deepcopy(tree)
    node = next(n for i, n in enumerate(_ordered(tree)) if i == number)
    if isinstance(node, ast.Compare):
        node.ops[0] = FLIPS[type(node.ops[0])]()
    elif isinstance(node, (ast.BoolOp, ast.BinOp)):
        node.op = FLIPS[type(node.op)]()
    elif isinstance(node, ast.Constant):
        node.value = not node.value if isinstance(node.value, bool) else node.value + 1
    elif isinstance(node, (ast.If, ast.IfExp)):
        node.test = ast.UnaryOp(op=ast.Not(), operand=node.test)
    elif isinstance(node, ast.Return):
        boolean = isinstance(node.value, (ast.Compare, ast.BoolOp)) or (
            isinstance(node.value, ast.UnaryOp) and isinstance(node.value.op, ast.Not)
        )
        node.value = (
            ast.UnaryOp(op=ast.Not(), operand=node.value) if boolean else ast.Constant(None)
        )
    elif isinstance(node, ast.UnaryOp):
        node.operand = ast.UnaryOp(op=ast.Not(), operand=node.operand)
    return ast.unparse(ast.fix_missing_locations(tree))


def tests_of(module: str) -> list[str]:
    """The mirroring test file, or what TESTS names."""
    if module in TESTS:
        return TESTS[module]
    path = Path("tests") / Path(module).parent / f"test_{Path(module).name}"
    if (ROOT / path).is_file():
        return [str(path)]
    folder = path.parent
    # Not the whole suite: what kills there says nothing about a module's own tests.
    return [str(folder)] if (ROOT / folder).is_dir() and folder != Path("tests") else []


def run(place: Path, module: str, source: str, timeout: float) -> str:
    """killed, survived or timeout (which counts as killed)."""
    target = place / "secarch" / module
    original = target.read_text(encoding="utf-8")
    _write(target, source)
    environment = {
        **{k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"},
        "PYTHONPATH": str(place),
        "HF_HUB_OFFLINE": "1",
        "OMP_NUM_THREADS": "1",
        "XDG_CACHE_HOME": str(place / "cache"),
    }
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider"]
    try:
        for marks in [ALL] if module in _all_slow else [QUICK, ALL]:
            done = subprocess.run(
                [*command, "-m", marks, *tests_of(module)],
                cwd=place,
                env=environment,
                capture_output=True,
                text=True,
                timeout=timeout,
                check=False,
            )
            if done.returncode != NO_TESTS:
                break
            _all_slow.add(module)
    except subprocess.TimeoutExpired:
        return "timeout"
    finally:
        _write(target, original)
    if done.returncode == NO_TESTS:
        raise SystemExit(f"no tests collected for {module}: name its tests in TESTS")
    return "survived" if done.returncode == 0 else "killed"


def _write(target: Path, source: str) -> None:
    """Change a module, and forget what was compiled of it: two changes of one second and one
    length look alike to Python.
    """
    target.write_text(source, encoding="utf-8")
    for compiled in (target.parent / "__pycache__").glob(f"{target.stem}.*"):
        compiled.unlink()


def copied(folder: Path) -> Path:
    """A copy of the package and its tests."""
    for name in ("secarch", "tests", "configs", "docs"):
        if (ROOT / name).is_dir():
            shutil.copytree(
                ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__")
            )
    for name in ("pyproject.toml", "README.md", ".env.example"):
        if (ROOT / name).is_file():
            shutil.copy(ROOT / name, folder / name)
    return folder


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="*")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--part", default="1/1")
    given = parser.parse_args()
    part, parts = map(int, given.part.split("/"))
    modules = [
        m
        for m in DECISIONS
        if fnmatch.fnmatch(m, given.only) and (ROOT / "secarch" / m).is_file() and tests_of(m)
    ]
    rng = random.Random(given.seed)
    plan = []
    for module in modules:
        tree = ast.parse((ROOT / "secarch" / module).read_text(encoding="utf-8"))
        sites = _Sites()
        sites.visit(tree)
        share = max(1, round(given.count / len(modules)))
        for kind, line, number in rng.sample(sites.found, min(share, len(sites.found))):
            plan.append((module, kind, line, mutate(tree, number)))
    rng.shuffle(plan)
    plan = plan[part - 1 :: parts]
    results: Counter[str] = Counter()
    survivors = []
    started = time.monotonic()
    with (
        tempfile.TemporaryDirectory() as top,
        concurrent.futures.ThreadPoolExecutor(given.jobs) as pool,
    ):
        places = [copied(Path(top) / str(n)) for n in range(given.jobs)]
        free = list(places)

        def work(item):
            module, _kind_of, _line, source = item
            place = free.pop()
            try:
                return item, run(place, module, source, TIMEOUT)
            finally:
                free.append(place)

        for (module, kind, line, _source), result in pool.map(work, plan):
            results[result] += 1
            if results.total() % 10 == 0:
                print(f"  {results.total()} of {len(plan)}: {dict(results)}", file=sys.stderr)
            if result not in {"killed", "timeout"}:
                why = reason(module, line) or "new: a test is missing, or say why in KNOWN"
                survivors.append(f"{module}:{line} {kind} ({result}): {why}")
                print(survivors[-1], flush=True)
    total = sum(results.values())
    killed = results["killed"] + results["timeout"]
    print(
        json.dumps(
            {
                "seed": given.seed,
                "part": given.part,
                "mutants": total,
                "killed": killed,
                "share": round(killed / total, 3) if total else None,
                "by_result": dict(results),
                "seconds": round(time.monotonic() - started),
                "survivors": sorted(survivors),
            },
            indent=1,
        )
    )


if __name__ == "__main__":
    main()
