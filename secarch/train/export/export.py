"""From a finished run to a model that plain transformers and vLLM load: merged, checked, refused
where it differs.
"""

from __future__ import annotations

import contextlib
import json
import math
import shlex
import shutil
import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from secarch import console
from secarch.artifact import (
    MANIFEST,
    Artifact,
    find,
    lock,
    make_key,
    open_artifact,
    read_manifest,
    seal,
    set_aside,
    unknown,
)
from secarch.errors import GateFailed, Mismatch, MissingInput, UsageError
from secarch.files import write_json, write_text
from secarch.models import weights
from secarch.models.bases import base_of
from secarch.models.chat_template import Chat
from secarch.models.prompt import SYSTEM
from secarch.models.template import frozen
from secarch.records import Outcome
from secarch.report.cards import ExportFacts, export_card
from secarch.schema import JsonDict, sha256_of
from secarch.session import Session
from secarch.train.data import pairs, preflight, rows
from secarch.train.export import push as hub
from secarch.train.export.comparing import BYTES, check_memory, needed_bytes
from secarch.train.export.golden import GOLDEN, PROMPTS, answered, golden_file, replayed
from secarch.train.report import TOKENIZER, write_template

if TYPE_CHECKING:
    from secarch.stats import MeanTest

ROWS = 64
"""Held-out rows the divergence is taken on."""
FACTS = "export.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """An export that passed every check and has not begun."""

    run: Artifact
    base: Path
    chat: Chat
    dtype: str
    rows: list[rows.Row]
    rows_from: str
    """validation, or train if nothing was held out."""
    max_kl: float
    directory: Path

    @property
    def config(self) -> JsonDict:
        """What decides the result."""
        base = self.run.manifest.config["base"]
        return {"dtype": self.dtype, "max_kl": self.max_kl, "rows": len(self.rows), "base": base}

    @property
    def key(self) -> str:
        """Names the export's content before it exists."""
        return make_key([self.run.digest], sha256_of(self.config))


def export(
    run: Path,
    session: Session,
    *,
    base: str,
    to: Path | None,
    dataset: Path | None,
    dtype: str,
    max_kl: float,
    push: str = "",
    public: bool = False,
) -> Outcome:
    """Merge a run's adapter into its dequantised base -> artifact `export`.

    The files are read back by plain transformers and compared with the adapter on its 4-bit base:
    KL divergence at the trained tokens of held-out rows, and golden prompts answered by both.
    `dtype` is auto (the base's own), float32, bfloat16 or float16; `max_kl` is in nats a token.
    `push` names a repository of the hub to which the finished export is uploaded, private unless
    `public`.
    Raises GateFailed above it, and leaves nothing; MissingInput, TamperedArtifact, Mismatch
    (another base or dataset), UsageError (another export is there), PrerequisiteError, DiskError.
    """
    if push:
        hub.check_name(push)
    job = _prepared(run, session, base=base, to=to, dataset=dataset, dtype=dtype, max_kl=max_kl)
    size = weights.parameters(job.base) * BYTES[job.dtype]
    if session.dry_run:
        return _plan(job, size, push, public=public)
    if finished := _finished(job, session):
        return _handed_over(_outcome("nothing_to_do", finished), finished, push, public=public)
    preflight.check_disk(job.directory, size + (64 << 20))
    with (
        lock(job.directory / "export.lock"),
        console.run_log(job.directory),
        contextlib.redirect_stdout(sys.stderr),
    ):
        made = _exported(job, session)
        return _handed_over(_outcome("done", made), made, push, public=public)


def _plan(job: Job, size: int, push: str, *, public: bool) -> Outcome:
    """What would be done, and sent."""
    needed = needed_bytes(job.base, job.dtype, job.run.manifest.config["quantization"])
    sent = hub.planned(job.directory, push, private=not public) if push else None
    then = ""
    if sent:
        then = f"; then push it to the {'public' if public else 'private'} repository {push}"
        for name, count in (sent["files"] or {}).items():
            console.say(f"would push {name} ({count:,} bytes)")
    return Outcome(
        status="done",
        counts={"rows": len(job.rows), "bytes": size, "comparing_bytes": needed},
        result={"config": job.config, "key": job.key, "push": sent},
        summary=f"would write about {size / 1e9:.2f} GB to {job.directory}, and load one model of "
        f"{needed / 1e9:.2f} GB at a time to compare them{then}",
        next="secarch export",
    )


def _handed_over(outcome: Outcome, made: Artifact, push: str, *, public: bool) -> Outcome:
    """The outcome after a push, if one was asked for."""
    if not push:
        return outcome
    sent = hub.push(made, push, private=not public)
    return replace(
        outcome,
        result={**outcome.result, "push": sent},
        summary=f"{outcome.summary}; pushed to {sent['url']}",
    )


def _prepared(
    run: Path,
    session: Session,
    *,
    base: str,
    to: Path | None,
    dataset: Path | None,
    dtype: str,
    max_kl: float,
) -> Job:
    folder = run if run.is_dir() else session.runs / run
    if not folder.exists():
        raise unknown(folder, "run", fix="secarch train   (makes one)")
    opened = open_artifact(folder, "run")
    trained = opened.manifest.config
    found = base_of(folder, base)
    chat = Chat.load(found, folder)
    prefers = trained.get("objective") == "dpo"
    place = dataset or (None if prefers else _dataset(opened, session))
    data = (pairs if prefers else rows).open_dataset(place, session)
    if data.digest not in opened.manifest.parents:
        raise Mismatch(
            "this run was trained on another dataset",
            where=data.path,
            fix="name its own with --dataset",
        )
    held_out = data.validation or data.train
    picked = sorted(held_out, key=lambda row: str(row.get("id", "")))[:ROWS]
    cut = rows.tokenise(picked, chat, max_length=trained["max_length"], over_length="split").rows
    return Job(
        run=opened,
        base=found,
        chat=chat,
        dtype=_own_dtype(found) if dtype == "auto" else dtype,
        rows=cut,
        rows_from="validation" if data.validation else "train",
        max_kl=max_kl,
        directory=to or session.exports / folder.resolve().name,
    )


def _dataset(run: Artifact, session: Session) -> Path:
    found = find(session.datasets, lambda manifest: manifest.digest in run.manifest.parents)
    if found is None:
        raise MissingInput(
            "the dataset of this run is not in the workspace",
            where=session.datasets,
            why="the merged model is checked on its held-out rows",
            fix="name it with --dataset PATH",
        )
    return found


def _own_dtype(base: Path) -> str:
    config = json.loads((base / "config.json").read_text(encoding="utf-8"))
    said = str(config.get("dtype") or config.get("torch_dtype") or "bfloat16")
    return said if said in BYTES else "bfloat16"


def _finished(job: Job, session: Session) -> Artifact | None:
    """The sealed export of these settings, or None with the directory free to be written."""
    if session.fresh:
        set_aside(job.directory)
    elif (job.directory / MANIFEST).exists():
        manifest = read_manifest(job.directory)
        if (
            manifest.kind != "export"
            or make_key(manifest.parents, manifest.config_digest) != job.key
        ):
            raise UsageError(
                "another artifact is there already",
                where=job.directory,
                fix="choose another place with --to, or set it aside with --fresh",
            )
        return open_artifact(job.directory, "export")
    elif job.directory.is_dir() and not _only_ours(job.directory):
        raise UsageError(
            "this folder is not empty", where=job.directory, fix="choose an empty one with --to"
        )
    return None


def _only_ours(directory: Path) -> bool:
    """Whether nothing is there but what a killed export left: it is written again from the start,
    in minutes.
    """
    names = {path.name for path in directory.iterdir()}
    return not names or "export.lock" in names


def _exported(job: Job, session: Session) -> Artifact:
    from secarch.train.export import merge

    for left in (
        *job.directory.glob("*.safetensors"),
        job.directory / "model.safetensors.index.json",
    ):
        left.unlink(missing_ok=True)
    console.log().info("merging", base=job.run.manifest.config["base"]["name"], dtype=job.dtype)
    quantization = job.run.manifest.config["quantization"]
    check_memory(job.base, job.dtype, quantization)
    merge.write_merged(
        job.base, quantization, weights.adapter_folder(job.run.path), job.dtype, job.directory
    )
    for name in (*TOKENIZER, "generation_config.json"):
        if (job.run.path / name).is_file():
            shutil.copyfile(job.run.path / name, job.directory / name)
    said = SYSTEM if job.chat.system != "none" else None
    write_template(job.directory, frozen(job.chat.template, said))
    facts = _measured(job, quantization)
    if facts["kl"]["mean"] > job.max_kl:
        _refuse(job, facts)
    return _sealed(job, session, facts)


def _measured(job: Job, quantization: Any) -> JsonDict:
    """What the written files give against what was trained."""
    from secarch.models.local import Model
    from secarch.stats import mean_test
    from secarch.train.export import merge

    console.log().info("comparing", rows=len(job.rows), prompts=PROMPTS)
    with tempfile.TemporaryDirectory(prefix="compared-", dir=job.directory) as place:
        trained = Model.load(job.base, quantization=quantization, adapter=job.run.path)
        merge.record(trained, job.rows, Path(place))
        ours = answered(trained)
        del trained
        merge.free()  # one model at a time: two of 8B would need 20 GiB
        merged = Model.load(job.directory, quantization="none", held=merge.DTYPES[job.dtype])
        found = merge.divergence(merge.recorded(job.rows, Path(place)), merged, job.rows)
    theirs = answered(merged)
    write_json(job.directory / GOLDEN, golden_file(merged.chat, theirs))
    test = mean_test(found.kl, found.row)
    return {
        "kl": {
            "mean": test.estimate,
            **_interval(test),
            "max": max(found.kl),
            "unit": "nats per token",
            "tokens": len(found.kl),
            "rows": len(job.rows),
            "rows_from": job.rows_from,
        },
        "same_top": sum(found.same_top) / len(found.same_top),
        "golden": replayed(ours, theirs),
    }


def _interval(test: MeanTest) -> JsonDict:
    known = not math.isnan(test.low)
    return {"low": test.low if known else None, "high": test.high if known else None}


def _span(kl: JsonDict) -> str:
    return (
        "interval unknown"
        if kl["low"] is None
        else f"95% interval {kl['low']:.2g} to {kl['high']:.2g}"
    )


def _refuse(job: Job, facts: JsonDict) -> None:
    shutil.rmtree(job.directory, ignore_errors=True)
    kl = facts["kl"]
    raise GateFailed(
        f"the merged model diverges from the adapter on its base: {kl['mean']:.2g} nats a token, "
        f"where {job.max_kl:g} are allowed",
        where=job.directory,
        why=f"{_span(kl)} over {kl['tokens']} tokens of {kl['rows']} rows",
        fix="use --dtype bfloat16 or float32, serve base and adapter unmerged, or raise --max-kl",
    )


def _sealed(job: Job, session: Session, facts: JsonDict) -> Artifact:
    card = (job.run.path / "README.md").read_text(encoding="utf-8")
    evaluation = _evaluation(job, session)
    write_json(job.directory / FACTS, facts)
    measured = ExportFacts(
        dtype=job.dtype,
        evaluation=evaluation,
        system=SYSTEM if job.chat.system != "none" else None,
        folder=job.directory.name,
        **_card_facts(facts),
    )
    write_text(job.directory / "README.md", export_card(card, measured))
    names = sorted(
        path.name
        for path in job.directory.iterdir()
        if path.is_file()
        and path.suffix in {".safetensors", ".json", ".jinja", ".model"}
        and path.name not in {FACTS, MANIFEST}
    )
    return seal(
        job.directory,
        kind="export",
        parents=[job.run.digest],
        config=job.config,
        counts={"rows": len(job.rows), "tokens": facts["kl"]["tokens"]},
        files=names,
        outside=[FACTS, "README.md"],
    )


def _card_facts(facts: JsonDict) -> JsonDict:
    kl, golden = facts["kl"], facts["golden"]
    return {
        "kl": kl["mean"],
        "kl_low": kl["low"],
        "kl_high": kl["high"],
        "kl_tokens": kl["tokens"],
        "same_top": facts["same_top"],
        "golden_same": golden["same"],
        "golden_asked": golden["asked"],
    }


def _evaluation(job: Job, session: Session) -> JsonDict | None:
    """Summary of the newest evaluation of this run in the workspace."""
    found = [
        (manifest.created, path.parent)
        for path in session.evals.glob(f"*/{MANIFEST}")
        if job.run.digest in (manifest := read_manifest(path.parent)).parents
        and manifest.kind == "evaluation"
    ]
    if not found:
        return None
    newest = open_artifact(max(found)[1], "evaluation")
    summary: JsonDict = json.loads(newest.file("summary.json").read_text(encoding="utf-8"))
    return summary


def _outcome(status: Any, artifact: Artifact) -> Outcome:
    facts = json.loads((artifact.path / FACTS).read_text(encoding="utf-8"))
    kl, golden = facts["kl"], facts["golden"]
    said = (
        f"KL {kl['mean']:.2g} nats a token ({_span(kl)}, n = {kl['tokens']}), "
        f"{golden['same']} of {golden['asked']} golden answers the same"
    )
    made = "exported" if status == "done" else "is exported already"
    return Outcome(
        status=status,
        artifact=str(artifact.path),
        digest=artifact.digest,
        counts=artifact.manifest.counts,
        result=facts,
        summary=f"{artifact.path.name} {made}, {said}: {artifact.path}",
        next=f"secarch eval --model {shlex.quote(str(artifact.path))}",
    )
