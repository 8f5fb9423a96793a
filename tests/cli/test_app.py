"""The command line as a shell sees it: exit codes, stdout for data, stderr for talk, quick help."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from secarch.cli.invocation import Invocation, execute

STAGES = {
    "trafilatura",
    "lxml",
    "aiohttp",
    "datasketch",
    "textstat",
    "pyarrow",
    "datasets",
    "bert_score",
}
MODELS = {
    "torch",
    "transformers",
    "peft",
    "trl",
    "bitsandbytes",
    "accelerate",
    "numpy",
    "scipy",
    "pandas",
}
HEAVY = STAGES | MODELS | {"pydantic", "structlog", "yaml"}
LIST_MODULES = """
import sys
from secarch.cli.app import app
try:
    app(sys.argv[1:])
except SystemExit:
    pass
print(*sorted({name.split(".")[0] for name in sys.modules}), file=sys.stderr)
"""


def run(*args: str, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """Run secarch in a clean folder; the terminal is wide so that sentences stay whole."""
    environment = {**os.environ, "COLUMNS": "200", "NO_COLOR": "1", **env}
    return subprocess.run(
        [sys.executable, "-m", "secarch", *args],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    "args", [("--help",), ("--version",), ("harvest", "--help"), ("compare-baseline", "--help")]
)
def test_help_and_version_load_nothing_heavy(args: tuple[str, ...]) -> None:
    """`secarch --help` stays quick because no stage, model library or settings module is on its
    way.
    """
    done = subprocess.run(
        [sys.executable, "-c", LIST_MODULES, *args],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    loaded = set(done.stderr.splitlines()[-1].split())
    assert not loaded & HEAVY
    assert done.stdout.strip()


def test_settings_without_variables_load_no_reader_of_variables() -> None:
    """pydantic-settings takes as long to import as all that reads the settings."""
    code = "import sys; from secarch.settings import load; load(environ={}); print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    ).stdout.split()
    assert "pydantic" in loaded
    assert not {"pydantic_settings", "torch", "numpy", "rich.console"} & set(loaded)


@pytest.mark.parametrize("command", ["harvest", "dedupe", "train", "eval", "compare-baseline"])
def test_every_stage_takes_the_common_flags(command: str, tmp_path: Path) -> None:
    """The command contract: the same flags everywhere."""
    text = run(command, "--help", cwd=tmp_path).stdout
    for flag in (
        "--config",
        "--set",
        "--workspace",
        "--json",
        "--quiet",
        "--verbose",
        "--log-format",
        "--log-file",
        "--dry-run",
    ):
        assert flag in text
    assert "--resume" in text
    assert "--fresh" in text


@pytest.mark.slow
@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        (("harvst",), 2, "harvest"),
        (("harvest", "--frehs"), 2, "--fresh"),
        (("config", "show", "--config", "none.yaml"), 4, "none.yaml"),
        (("config", "show", "--set", "train.lora.rank=3"), 2, "no such setting"),
        (("dedupe",), 4, "secarch harvest"),
        (("train",), 4, "secarch dedupe"),
        (("eval", "--model", "./nowhere"), 4, "./nowhere"),
        (("eval", "--model", "nobody/no-such-model"), 3, "nobody/no-such-model"),
    ],
)
def test_mistakes_exit_with_their_code_and_say_the_way_out(
    args: tuple[str, ...], code: int, words: str, tmp_path: Path
) -> None:
    """Usage is 2, input is 4; the message fits a screen and shows no traceback."""
    done = run(*args, cwd=tmp_path)
    assert done.returncode == code, done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) < 24


def test_json_is_one_document_also_when_a_command_fails(tmp_path: Path) -> None:
    """A script reads stdout with a JSON parser whatever happens."""
    done = run("dedupe", "--json", cwd=tmp_path)
    document = json.loads(done.stdout)
    assert done.returncode == 4
    assert document["status"] == "failed"
    assert {"schema", "command", "artifact", "digest", "counts", "error"} <= set(document)


@pytest.mark.slow
def test_config_show_prints_values_and_tiers_and_masks_credentials(tmp_path: Path) -> None:
    """Every setting with the tier it came from; a token is shown as set, never as text."""
    done = run(
        "config",
        "show",
        "--json",
        "--set",
        "seed=7",
        "--set",
        'harvest.hosts={"w.example.org": {"proxy": "http://u:topsecret@proxy.example.org:3128"}}',
        cwd=tmp_path,
        HF_TOKEN="hf_topsecret",
        SECARCH_TRAIN__LORA__R="64",
    )
    rows = {row["name"]: row for row in json.loads(done.stdout)["settings"]}
    assert (rows["seed"]["value"], rows["seed"]["tier"]) == (7, "flag")
    assert (rows["train.lora.r"]["value"], rows["train.lora.r"]["tier"]) == (64, "environment")
    assert rows["train.epochs"]["tier"] == "default"
    assert rows["HF_TOKEN"]["value"] == "***"
    proxy = rows["harvest.hosts.w.example.org.proxy"]["value"]
    assert proxy == "http://***@proxy.example.org:3128"
    assert "topsecret" not in done.stdout + done.stderr


def test_config_show_is_a_table_on_stdout(tmp_path: Path) -> None:
    """Without --json the data is still on stdout and can be piped into grep."""
    done = run("config", "show", cwd=tmp_path)
    assert "train.learning_rate" in done.stdout
    assert done.stderr == ""


@pytest.mark.slow
def test_config_schema_is_json_schema(tmp_path: Path) -> None:
    """Editors can complete secarch.yaml with it."""
    document = json.loads(run("config", "schema", cwd=tmp_path).stdout)
    assert {"harvest", "dedupe", "train", "eval", "compare"} <= set(document["properties"])


@pytest.mark.slow
def test_init_writes_files_that_load_and_never_overwrites(tmp_path: Path) -> None:
    """The scaffold is valid as written; a second run refuses."""
    assert run("init", cwd=tmp_path).returncode == 0
    before = (tmp_path / "secarch.yaml").read_bytes()
    assert run("config", "show", "--config", "secarch.yaml", cwd=tmp_path).returncode == 0
    again = run("init", cwd=tmp_path)
    assert again.returncode == 2
    assert "not overwritten" in again.stderr
    assert (tmp_path / "secarch.yaml").read_bytes() == before


@pytest.mark.slow
def test_dry_run_of_init_touches_nothing(tmp_path: Path) -> None:
    """--dry-run says and does not do."""
    done = run("init", "--dry-run", cwd=tmp_path)
    assert "would write" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_completion_script_is_available(tmp_path: Path) -> None:
    """Typer's --install-completion is offered."""
    assert "--install-completion" in run("--help", cwd=tmp_path).stdout


def test_events_can_be_json_and_go_to_a_file(tmp_path: Path) -> None:
    """--log-file holds one JSON object a line with a timestamp."""
    done = run("demo", "--dry-run", "--log-file", "events.log", cwd=tmp_path)
    assert done.returncode == 0
    assert (tmp_path / "events.log").exists()
    assert not (tmp_path / "secarch-demo").exists()


@pytest.mark.parametrize(
    ("text", "coding", "code", "fix"),
    [("d\udce4", "utf-8", 2, "export PYTHONUTF8=1"), ("d\u00e4", "ascii", 1, "run again with -v")],
)
def test_a_name_that_the_locale_cannot_decode_has_a_fix(
    text: str, coding: str, code: int, fix: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A path with umlauts under an ASCII locale is no unexpected failure; other codings are."""

    def work() -> Any:
        return text.encode(coding)

    assert execute("harvest", Invocation(), work) == code
    assert fix in capsys.readouterr().err


def test_init_in_a_folder_that_takes_no_files_names_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has no workspace, which is the way out for other commands."""
    from secarch.cli import scaffold
    from secarch.errors import DiskError

    def refused(path: Path, text: str) -> None:
        raise DiskError("cannot write", where=path, fix="choose a writable place with --workspace")

    monkeypatch.setattr(scaffold, "write_text", refused)
    with pytest.raises(DiskError) as caught:
        scaffold.init(tmp_path, preset="", dry_run=False)
    assert (caught.value.where, caught.value.fix) == (
        str(tmp_path),
        "name another folder: secarch init FOLDER",
    )
