"""The documentation is held to the program: commands parse, settings files load, variables
exist.
"""

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from secarch.cli.app import app
from secarch.cli.scaffold import env_example
from secarch.cli.settings_page import settings_page
from secarch.demo.tour import SETTINGS_FILE
from secarch.settings import SECRETS, load

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [
    README,
    *(path.read_text(encoding="utf-8") for path in sorted((ROOT / "docs").glob("*.md"))),
]
COMMANDS = [
    line.split("#")[0].split(">")[0].strip()
    for page in PAGES
    for block in re.findall(r"```sh\n(.*?)```", page, flags=re.DOTALL)
    for line in block.splitlines()
    if line.startswith("secarch ")
]


def test_there_are_exactly_two_set_up_commands() -> None:
    """One creates, installs and runs the demo; one installs the dev extra and runs the tests."""
    set_up = re.findall(r"^python3 -m venv .*$", README, flags=re.MULTILINE)
    last = [line.rsplit("&& .venv/bin/", 1)[1] for line in set_up]
    assert last == ["secarch demo", "python -m pytest -n 2"]
    assert all("-c requirements.lock" in line for line in set_up)


@pytest.mark.slow
@pytest.mark.parametrize("line", COMMANDS)
def test_every_command_of_the_readme_parses(line: str) -> None:
    """Each subcommand and option that the README shows exists (unknown options fail before
    --help).
    """
    done = CliRunner().invoke(app, [*shlex.split(line)[1:], "--help"])
    assert done.exit_code == 0, done.output


def test_the_readme_shows_all_five_stages() -> None:
    """The tour of the real thing leaves no stage out."""
    shown = {line.split()[1] for line in COMMANDS}
    assert {
        "harvest",
        "dedupe",
        "train",
        "eval",
        "compare-baseline",
        "doctor",
        "init",
        "config",
    } <= shown


@pytest.mark.parametrize(
    "file", sorted((ROOT / "configs").glob("*.yaml")), ids=lambda path: path.name
)
def test_every_settings_file_loads(file: Path) -> None:
    """Each file in configs/ is valid, alone and over cloudsec.yaml."""
    load(files=[file], environ={})
    load(files=[ROOT / "configs" / "cloudsec.yaml", file], environ={})


def test_the_demo_settings_are_the_shipped_ones() -> None:
    """configs/demo.yaml shows what `secarch demo` really uses."""
    assert (ROOT / "configs" / "demo.yaml").read_bytes() == SETTINGS_FILE.read_bytes()


def test_the_settings_page_is_what_the_program_prints() -> None:
    """Every setting is there with its default (secarch config schema --markdown > the page)."""
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert page == settings_page()
    assert "| `train.lora.r` | `32` | Rank. |" in page


def test_every_page_is_in_the_index() -> None:
    """A page that nothing leads to is not read; and no page leads to one that is not there."""
    folder = ROOT / "docs"
    index = (folder / "index.md").read_text(encoding="utf-8")
    pages = {path.name for path in folder.iterdir()} - {"index.md"}
    assert pages <= set(re.findall(r"\]\(([\w.-]+)", index))
    for path in [*folder.glob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"]:
        for link in re.findall(r"\]\(((?!https?:|mailto:|#)[^)#\s]+)", path.read_text("utf-8")):
            assert (path.parent / link).exists(), f"{path.name} leads to {link}"


def test_the_faq_quotes_what_the_program_says() -> None:
    """Each quoted message is one of the source, so that a search for it leads to the page."""
    page = (ROOT / "docs" / "faq.md").read_text(encoding="utf-8")
    quoted = re.findall(r'^\*\*"([^"]+)"', page, flags=re.MULTILINE)
    source = "".join(
        re.sub(r'"\s+"', "", path.read_text("utf-8")) for path in (ROOT / "secarch").rglob("*.py")
    )
    assert len(quoted) >= 12
    assert [message for message in quoted if message not in source] == []


def test_every_key_of_env_example_is_known() -> None:
    """.env.example names credentials that are read and settings that exist, with values that
    load.
    """
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    assert text == env_example()
    pairs = dict(re.findall(r"^#? ?([A-Z][A-Z0-9_]+)=(.*)$", text, flags=re.MULTILINE))
    ours = {name: value for name, value in pairs.items() if name.startswith("SECARCH_")}
    assert len(ours) >= 4
    load(environ=ours)
    assert set(pairs) - set(ours) == set(SECRETS)


def test_the_lock_is_a_plain_constraints_file() -> None:
    """Exact versions only: no hashes, extras, markers or addresses, and torch without a local
    label.
    """
    lines = [
        line
        for line in (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
        if line[:1] != "#"
    ]
    assert all(re.fullmatch(r"[a-z0-9.-]+==[0-9][A-Za-z0-9.]*", line) for line in lines)
    assert "torch==2.13.0" in lines
    assert {"pytest", "ruff", "mypy", "import-linter", "hypothesis"} <= {
        line.split("==")[0] for line in lines
    }


def test_no_page_of_the_repository_names_an_index() -> None:
    """Where packages come from is the user's business."""
    for name in (
        "README.md",
        "pyproject.toml",
        "requirements.lock",
        "Dockerfile",
        ".ci/run",
        ".github/workflows/ci.yml",
    ):
        assert not re.search(
            r"index-url|pythonhosted|pypi\.org", (ROOT / name).read_text(encoding="utf-8")
        )


def test_workflow_actions_are_pinned_by_commit() -> None:
    """A moved tag cannot change what CI runs; the token has no rights unless a job asks."""
    for file in (ROOT / ".github" / "workflows").glob("*.yml"):
        text = file.read_text(encoding="utf-8")
        assert all(
            re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v[\d.]+", use)
            for use in re.findall(r"uses: (.*)", text)
        )
        assert "permissions: {}" in text
