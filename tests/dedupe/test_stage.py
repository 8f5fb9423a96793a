"""The stage as a whole: its files, its guarantees, and how it ends when something is wrong."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from secarch.artifact import open_artifact
from secarch.dedupe.config import DedupeConfig, MixConfig
from secarch.dedupe.examples import gate
from secarch.dedupe.stage import run as dedupe
from secarch.errors import Interrupted, InvalidInput, MissingInput, UnfinishedRun
from secarch.files import read_jsonl
from secarch.records import Outcome
from secarch.session import Session, Stop
from secarch.text.words import words

Pages = Callable[[int], list[dict[str, Any]]]
CONTENT = [
    "train.jsonl",
    "validation.jsonl",
    "test.jsonl",
    "rejected.jsonl.gz",
    "duplicates.jsonl",
    "README.md",
    "dataset_info.json",
]


def rows(outcome: Outcome, name: str) -> list[dict[str, Any]]:
    """Rows of one file of the dataset."""
    path = Path(str(outcome.artifact)) / name
    if path.suffix == ".gz":
        return [json.loads(line) for line in gzip.open(path, "rt", encoding="utf-8")]
    return list(read_jsonl(path))


def every(outcome: Outcome) -> list[dict[str, Any]]:
    """All rows of all splits."""
    return [
        row for split in ("train", "validation", "test") for row in rows(outcome, f"{split}.jsonl")
    ]


def content(outcome: Outcome) -> dict[str, bytes]:
    """The bytes of the content files."""
    return {name: (Path(str(outcome.artifact)) / name).read_bytes() for name in CONTENT}


@pytest.mark.slow
def test_a_dataset_has_its_files(
    pages: Pages, jsonl: Callable[..., Path], run: Callable[..., Outcome]
) -> None:
    """Rows in the messages form with provenance, a card with front matter, a report, and a sealed
    manifest.
    """
    from secarch.models.prompt import SYSTEM

    outcome = run(jsonl(pages(30)))
    artifact = open_artifact(Path(str(outcome.artifact)), "dataset")
    names = {entry.path for entry in artifact.manifest.files}
    assert {name for name in names if not name.startswith("index/")} == {*CONTENT, "report.html"}
    row = rows(outcome, "train.jsonl")[0]
    assert [m["role"] for m in row["messages"]] == ["system", "user", "assistant"]
    assert row["messages"][0]["content"] == SYSTEM == artifact.manifest.config["system"]
    assert row["licence"] == "CC-BY-4.0"
    assert row["split"] == "train"
    assert rows(outcome, "validation.jsonl")
    card = (artifact.path / "README.md").read_text()
    assert card.startswith("---\n")
    assert "docs.example.com" in card
    assert "0 are composed by generators" in card
    assert "Rows composed by secarch" not in card
    page = (artifact.path / "report.html").read_text()
    assert "<script src" not in page
    every = [
        row for name in ("train", "validation", "test") for row in rows(outcome, f"{name}.jsonl")
    ]
    cut = sum(not row["document_id"].startswith("constructed:") for row in every)
    assert f"Of {len(every):,} examples {cut:,} are cut from documents" in page


def test_answers_are_in_the_source_and_the_last_words_too(
    pages: Pages, jsonl: Callable[..., Path], run: Callable[..., Outcome]
) -> None:
    """Each row names the passages that its answer is made of, and the end of every page is used."""
    outcome = run(jsonl(pages(20)))
    texts = {row["url"]: row["text"] for row in pages(20)}
    answers = dict.fromkeys(texts, "")
    for row in every(outcome):
        answer = row["messages"][2]["content"]
        assert row["sources"]
        passages = " ".join(texts[s["url"]][s["start"] : s["end"]] for s in row["sources"])
        assert set(words(answer)) <= set(words(passages))
        assert {s["licence"] for s in row["sources"]} == {"CC-BY-4.0"}
        answers[row["url"]] += answer
    for row in rows(outcome, "rejected.jsonl.gz"):
        answers[row["url"]] += row["text"]
    assert all(
        f"end marker number {url.rsplit('-', 1)[1].removesuffix('.html')}." in body
        for url, body in answers.items()
    )


@pytest.mark.slow
def test_generators_fill_their_share(
    pages: Pages, jsonl: Callable[..., Path], run: Callable[..., Outcome]
) -> None:
    """What generators make joins the rows of documents up to its share; a scenario is in one
    split, and the mix is in card and report.
    """
    path = jsonl(pages(30))
    outcome = run(path, mix={"constructed": 0.5})
    made = [row for row in every(outcome) if row["document_id"].startswith("constructed:")]
    assert {row["kind"] for row in made} >= {"review", "fix", "policy", "choose", "threat", "map"}
    assert outcome.counts["constructed"] == pytest.approx(90, abs=2)
    splits: dict[str, set[str]] = {}
    for row in made:
        splits.setdefault(row["document_id"], set()).add(row["split"])
    assert all(len(found) == 1 for found in splits.values())
    assert any(row["split"] != "train" for row in made)
    folder = Path(str(outcome.artifact))
    card = (folder / "README.md").read_text()
    assert "| review | 25% |" in card
    assert "Short: " in card
    quoting, cut = sum(bool(row["sources"]) for row in made), len(every(outcome)) - len(made)
    total = f"{len(every(outcome)):,}"
    assert f"Of {total} rows {cut:,} are cut from documents and {len(made):,} are compose" in card
    assert f"{quoting:,} of them quote passages too" in card
    assert f"| composed by secarch | {len(made):,} |" in card
    assert "Rows composed by secarch are under the licence of secarch, Apache-2.0" in card
    assert f"({cut} from 30 documents, {len(made)} composed)" in outcome.summary
    assert "Short: " in (folder / "report.html").read_text()
    assert run(path).counts.get("constructed", 0) == 0


@pytest.mark.slow
def test_equal_input_gives_equal_bytes_in_any_order(
    pages: Pages, jsonl: Callable[..., Path], run: Callable[..., Outcome]
) -> None:
    """Two runs, the second on the rows in reverse order, write the same bytes and the same rows."""
    both = pages(15)
    one = run(jsonl(both), workspace="one")
    two = run(jsonl(both), workspace="two")
    assert one.digest == two.digest
    assert content(one) == content(two)
    turned = run(jsonl(both[::-1], "turned.jsonl"), workspace="three")
    assert every(turned) == every(one)


@pytest.mark.slow
def test_a_second_run_has_nothing_to_do(
    pages: Pages, jsonl: Callable[..., Path], run: Callable[..., Outcome]
) -> None:
    """The same key is found; another setting makes another artifact; --fresh sets the old one
    aside.
    """
    path = jsonl(pages(12))
    first = run(path)
    again = run(path)
    assert (again.status, again.digest) == ("nothing_to_do", first.digest)
    assert run(path, max_example_words=80).artifact != first.artifact
    assert run(path, fresh=True).digest == first.digest
    assert Path(f"{first.artifact}.aside-1").is_dir()


def test_duplicates_name_their_twin_and_secrets_go(
    jsonl: Callable[..., Path], pages: Pages, run: Callable[..., Outcome]
) -> None:
    """Copies and near-copies go with a record; the twin is kept; a planted secret is nowhere in the
    files.
    """
    three = pages(3)
    copy = {**three[0], "url": "https://docs.example.com/copy"}
    near = {
        **three[1],
        "url": "https://docs.example.com/near",
        "text": three[1]["text"].replace("agreed", "settled"),
    }
    secret = {
        "url": "https://docs.example.com/key",
        "text": pages(4)[3]["text"] + "\nThe key is AKIAQ3EGRT7HWLZM2PND.\n",
    }
    outcome = run(jsonl([*three, copy, near, secret]))
    gone = {row["rule"]: row for row in rows(outcome, "duplicates.jsonl")}
    assert set(gone) == {"exact", "near"}
    assert gone["exact"]["jaccard"] == 1.0
    assert 0.8 <= gone["near"]["jaccard"] < 1.0
    assert {row["kept_url"] for row in gone.values()} <= {row["url"] for row in every(outcome)}
    assert outcome.counts["secret_aws_access_key"] == 1
    assert not any(b"Q3EGRT7HWLZM2PND" in data for data in content(outcome).values())


def test_every_document_is_accounted_for(
    jsonl: Callable[..., Path], pages: Pages, run: Callable[..., Outcome]
) -> None:
    """Each document is in the rows or in the rejects with a reason, and the counts by reason add
    up.
    """
    three = pages(8)
    bad = {"url": "https://docs.example.com/short", "text": "Too short."}
    outcome = run(jsonl([*three, bad, {**three[0], "url": "https://docs.example.com/copy"}]))
    rejected = rows(outcome, "rejected.jsonl.gz")
    reasons = {
        row["url"].rsplit("/", 1)[1]: row["reason"] for row in rejected if row["stage"] != "example"
    }
    assert reasons["short"] == "too_short"
    assert sorted(reasons.values()) == ["duplicate_exact", "too_short"]
    assert len({row["document_id"] for row in every(outcome) + rejected}) == 10
    assert sum(n for name, n in outcome.counts.items() if name.startswith("rejected_")) == len(
        rejected
    )


def test_no_document_straddles(
    jsonl: Callable[..., Path], pages: Pages, run: Callable[..., Outcome]
) -> None:
    """Versions of one page stand in one split, whatever their texts."""
    many = [
        {"url": f"https://docs.example.com/v{version}/page-{n}", "text": page["text"]}
        for version in (1, 2)
        for n, page in enumerate(pages(80)[40 * (version - 1) : 40 * version])
    ]
    outcome = run(jsonl(many), split={"validation": 0.3, "test": 0.3})
    splits: dict[str, set[str]] = {}
    for row in every(outcome):
        splits.setdefault(row["url"].rsplit("/", 1)[1], set()).add(row["split"])
    assert {len(found) for found in splits.values()} == {1}
    assert {row["split"] for row in every(outcome)} == {"train", "validation", "test"}


def test_one_document_is_enough(
    jsonl: Callable[..., Path], pages: Pages, run: Callable[..., Outcome]
) -> None:
    """A single document, even with nothing but an id and text, gives training rows."""
    outcome = run(jsonl([{"id": "only", "text": pages(1)[0]["text"]}]))
    assert outcome.counts["documents_kept"] == 1
    assert outcome.counts["train"] == outcome.counts["examples"] >= 1


def test_no_documents_are_missing_input(
    jsonl: Callable[..., Path], run: Callable[..., Outcome]
) -> None:
    """An empty file stops with exit code 4 and leaves no artifact that looks finished."""
    with pytest.raises(MissingInput) as error:
        run(jsonl([]))
    assert error.value.exit_code == 4


def test_refused_input_is_no_unfinished_run(tmp_path: Path) -> None:
    """The same mistake twice gives the same error, not a question about --resume."""
    rubbish = tmp_path / "x.jsonl"
    rubbish.write_bytes(b"\xc3\x28\n" * 3)
    for _ in range(2):
        with pytest.raises(MissingInput):
            dedupe(
                DedupeConfig(decontaminate=()),
                Session(workspace=tmp_path / "w"),
                documents=[rubbish],
            )


def test_everything_rejected_shows_the_funnel(
    jsonl: Callable[..., Path], run: Callable[..., Outcome], tmp_path: Path
) -> None:
    """Where no document is left the error tells which rule took how many, and the next run is not
    blocked.
    """
    path = jsonl([{"id": str(n), "text": "Too short."} for n in range(3)])
    for _ in range(2):
        with pytest.raises(InvalidInput, match="nothing is left") as error:
            run(path)
        assert "too_short 3" in str(error.value.why)
        assert str(error.value.fix).startswith("too_short: ")
        assert "dedupe.min_words=10" in str(error.value.fix)
    assert not list(tmp_path.rglob("manifest.json"))


def test_hostile_rows_go_by(
    jsonl: Callable[..., Path], pages: Pages, run: Callable[..., Outcome]
) -> None:
    """Torn lines are counted; NUL bytes and lone surrogates are cleaned; the dataset is valid
    UTF-8.
    """
    bad = {
        "url": "https://docs.example.com/b",
        "text": pages(6)[5]["text"] + "\nA\x00B \ud800 end.\n",
    }
    outcome = run(jsonl([*pages(5), json.dumps(bad), '{"url": "x", "te']))
    assert outcome.counts["bad_rows"] == 1
    for data in content(outcome).values():
        assert b"\\u0000" not in data
        assert b"\\ud800" not in data


@pytest.mark.slow
def test_ten_thousand_copies_are_one_document(
    jsonl: Callable[..., Path], pages: Pages, run: Callable[..., Outcome]
) -> None:
    """Copies share their measuring, and cost seconds."""
    body = pages(1)[0]["text"]
    started = time.process_time()
    outcome = run(jsonl([{"id": f"{n:05}", "text": body} for n in range(10_000)]))
    assert outcome.counts["documents_kept"] == 1
    assert outcome.counts["rejected_duplicate_exact"] == 9_999
    assert time.process_time() - started < 20


@pytest.mark.slow
def test_a_suite_is_kept_out(
    jsonl: Callable[..., Path], pages: Pages, run: Callable[..., Outcome], tmp_path: Path
) -> None:
    """A page that holds a question's reference gives no row with it; the hit is in the result with
    both texts.
    """
    from secarch.suite.schema import load

    asked = "Who wrote down the notes on keys?"
    question = next(
        q for q in load(["core"]).questions if not gate.problem("question", asked, q.reference)
    )
    leak = {
        "url": "https://docs.example.com/leak",
        "text": f"# Notes\n\n## {asked}\n\n{question.reference}\n",
    }
    outcome = run(jsonl([*pages(5), leak]), decontaminate=("core",), filters=[])
    assert outcome.counts["contamination_dropped"] >= 1
    assert not [row for row in every(outcome) if row["url"].endswith("leak")]
    hit = outcome.result["contamination"][0]
    assert hit["question_id"] == question.id
    assert hit["decision"] == "drop"
    again = run(
        tmp_path / "documents.jsonl",
        decontaminate=("core",),
        filters=[],
        fail_on_contamination=True,
    )
    assert (again.status, again.digest) == ("gate_failed", outcome.digest)


@pytest.mark.slow
def test_what_questions_were_written_from_is_no_training_data(
    jsonl: Callable[..., Path], pages: Pages, run: Callable[..., Outcome]
) -> None:
    """A page that a question names as its source gives no rows, nor does an older version of it;
    told in the funnel.
    """
    from secarch.suite.schema import load

    address = next(
        source.url for q in load(["core"]).questions for source in q.sources if source.url
    )
    made = pages(6)
    given = [{**made[0], "url": address}, {**made[1], "url": f"{address}?version=1"}, *made[2:]]
    outcome = run(jsonl(given), decontaminate=("core",))
    assert {row["url"] for row in every(outcome)} == {page["url"] for page in made[2:]}
    assert outcome.counts["rejected_suite_source"] == 6
    rejected = rows(outcome, "rejected.jsonl.gz")
    left_out = {row["url"] for row in rejected if row["reason"] == "suite_source"}
    assert left_out == {address, f"{address}?version=1"}
    kept = run(jsonl(given), decontaminate=("core",), exclude_sources=False)
    assert len({row["url"] for row in every(kept)}) == 6


def test_dry_run_touches_nothing(jsonl: Callable[..., Path], pages: Pages, tmp_path: Path) -> None:
    """--dry-run says what would be made and makes no directory."""
    session = Session(workspace=tmp_path / "ws", dry_run=True)
    outcome = dedupe(DedupeConfig(decontaminate=()), session, documents=[jsonl(pages(3))])
    assert "would build" in outcome.summary
    assert not (tmp_path / "ws").exists()


def test_a_stop_is_obeyed_and_resumed(
    jsonl: Callable[..., Path], pages: Pages, run: Callable[..., Outcome], tmp_path: Path
) -> None:
    """A stopped run is unfinished; it is refused without --resume, and with it ends in the same
    bytes.
    """
    path = jsonl(pages(12))
    whole = run(path, workspace="whole")
    stop = Stop()
    stop.signum = signal.SIGTERM
    session = Session(workspace=tmp_path / "ws", stop=stop)
    plain = DedupeConfig(decontaminate=(), workers=1, mix=MixConfig(constructed=0))
    with pytest.raises(Interrupted) as error:
        dedupe(plain, session, documents=[path])
    assert error.value.exit_code == 143
    with pytest.raises(UnfinishedRun):
        run(path)
    assert content(run(path, resume=True)) == content(whole)


@pytest.mark.slow
def test_kill_at_any_point_gives_the_same_bytes(
    jsonl: Callable[..., Path], pages: Pages, run: Callable[..., Outcome], tmp_path: Path
) -> None:
    """SIGKILL in the middle leaves nothing that looks finished; --resume ends in the bytes of a
    quiet run.
    """
    path = jsonl(pages(400))
    whole = run(path, workspace="whole")
    command = [
        sys.executable,
        "-m",
        "secarch",
        "dedupe",
        "--documents",
        str(path),
        "--workspace",
        str(tmp_path / "ws"),
        "--resume",
        "--set",
        "dedupe.decontaminate=[]",
        "--set",
        "dedupe.workers=1",
        "--set",
        "dedupe.mix.constructed=0",
        "--set",
        "dedupe.shard_mb=0.05",
    ]
    for reached in ("clean-*", "prepared-*", "pieces-*"):
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL, env={**os.environ})
        deadline = time.monotonic() + 60
        while (
            len(list(tmp_path.glob(f"ws/datasets/*/index/000/{reached}"))) < 3
            and time.monotonic() < deadline
        ):
            time.sleep(0.01)
        process.kill()
        process.wait()
        assert not list(tmp_path.glob("ws/datasets/*/manifest.json"))
    assert content(run(path, resume=True)) == content(whole)
    left = {
        entry.name
        for entry in next(tmp_path.glob("ws/datasets/[0-9a-f]*[!k]")).iterdir()
        if entry.suffix != ".log"
    }
    assert left == {*CONTENT, "report.html", "manifest.json", "index"}


@pytest.mark.corpus
def test_real_pages_are_kept(run: Callable[..., Outcome], jsonl: Callable[..., Path]) -> None:
    """Of real documentation at least 85% of the pages with 100 words and more pass the rules."""
    shared = Path(__file__).parents[3] / "shared" / "corpus" / "public"
    if not shared.is_dir():
        pytest.skip("the shared corpus is not beside the checkout")
    from secarch.dedupe.build.documents import document
    from secarch.dedupe.build.prepare import prepare

    found = []
    for path in sorted(shared.glob("*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as handle:
            lines = handle.readlines()
        sample = map(json.loads, lines[::40])
        found += [
            document({"url": f"https://{row['host']}{row['path']}", "text": row["markdown"]})
            for row in sample
        ]
    long = [doc for doc in found if len(doc.text.split()) >= 100]
    passed = [doc for doc in long if not prepare(doc, DedupeConfig()).reason]
    assert len(passed) >= 0.85 * len(long)


def test_rules_are_counted_before_anything_goes(
    jsonl: Any, pages: Pages, run: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each rule has its count as first and alone, and three samples; licences are a rule like any
    other.
    """
    given = pages(12)
    given += [
        {
            "url": f"https://docs.example.com/short/{n}",
            "text": f"Too few words {n}.",
            "licence": "MIT",
        }
        for n in range(5)
    ]
    given.append(
        {
            "url": "https://docs.example.com/a",
            "text": given[0]["text"] + " And more.",
            "licence": "Closed",
        }
    )
    given.append({"url": "https://docs.example.com/b", "text": given[1]["text"] + " And more."})
    out = run(jsonl(given), licences=("CC-BY-4.0", "MIT"), unknown_licence="drop")
    shown = capsys.readouterr().err
    assert shown.index("the rules keep 12 of 19") < shown.index("documents_read")
    assert out.counts["rejected_too_short"] == 5
    assert out.counts["rejected_licence"] == out.counts["rejected_unknown_licence"] == 1
    (short,) = [rule for rule in out.result["rules"] if rule["reason"] == "too_short"]
    assert short["drops"] == short["alone"] == 5
    assert len(short["samples"]) == 3
    assert short["samples"][0]["text"].startswith("Too few words")


def test_unknown_licences_are_kept_and_counted(jsonl: Any, pages: Pages, run: Any) -> None:
    """By default a document without a licence is learnt from, and card and counts say how many
    there are.
    """
    given = pages(12)
    del given[3]["licence"]
    out = run(jsonl(given))
    assert out.counts["documents_kept"] == 12
    assert out.counts["documents_of_unknown_licence"] == 1


def test_datasets_reads_it(
    jsonl: Callable[..., Path], pages: Pages, run: Callable[..., Outcome]
) -> None:
    """`datasets.load_dataset` on the folder gives the three splits with all their rows."""
    import datasets

    outcome = run(jsonl(pages(30)))
    found = datasets.load_dataset(
        str(outcome.artifact), cache_dir=str(Path(str(outcome.artifact)).parent / "cache")
    )
    assert {name: len(part) for name, part in found.items()} == {
        name: outcome.counts[name] for name in ("train", "validation", "test")
    }
    assert found["train"][0]["messages"][2]["role"] == "assistant"
