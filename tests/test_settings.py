"""Settings: five tiers, one order, and errors that say where and what was meant."""

import json
import os
from pathlib import Path

import pytest

from secarch.errors import ConfigError, MissingInput
from secarch.settings import (
    SECRETS,
    Settings,
    hand_over_secrets,
    leaf_names,
    load,
    schema,
    secret,
)
from secarch.settings_files import project_file


def _yaml(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def _problem(**kwargs: object) -> str:
    with pytest.raises(ConfigError) as caught:
        load(**{"environ": {}, **kwargs})  # type: ignore[arg-type]
    return "\n".join(caught.value.problems)


def test_flags_beat_environment_beats_dotenv_beats_yaml_beats_defaults(tmp_path: Path) -> None:
    """One setting per tier: each tier's own value survives, and provenance names the tier."""
    file = _yaml(
        tmp_path / "a.yaml",
        "seed: 1\nworkspace: y\ntrain:\n  epochs: 7\n  learning_rate: 1e-5\n  lora:\n    r: 8\n",
    )
    dotenv = tmp_path / ".env"
    dotenv.write_text(
        "SECARCH_SEED=2\nSECARCH_TRAIN__EPOCHS=5\nSECARCH_TRAIN__LORA__R=16\n", encoding="utf-8"
    )
    environ = {"SECARCH_SEED": "3", "SECARCH_TRAIN__EPOCHS": "4"}
    loaded = load({"seed": 4}, files=[file], dotenv=dotenv, environ=environ)
    train = loaded.settings.train
    assert (loaded.settings.seed, train.epochs, train.lora.r, train.learning_rate) == (
        4,
        4.0,
        16,
        1e-5,
    )
    tiers = {value.name: value.tier for value in loaded.values}
    names = ("seed", "train.epochs", "train.lora.r", "train.learning_rate", "train.max_length")
    assert [tiers[name] for name in names] == ["flag", "environment", ".env", "yaml", "default"]


def test_later_files_win_setting_by_setting(tmp_path: Path) -> None:
    """Two --config files merge; the later one overrides only what it names."""
    first = _yaml(tmp_path / "a.yaml", "train: {epochs: 1, max_length: 128}\n")
    second = _yaml(tmp_path / "b.yaml", "train: {epochs: 9}\n")
    train = load(files=[first, second], environ={}).settings.train
    assert (train.epochs, train.max_length) == (9.0, 128)


def test_unknown_key_is_refused_with_place_and_suggestion(tmp_path: Path) -> None:
    """A typo in YAML is found at file:line:col and the nearest name is offered."""
    file = _yaml(tmp_path / "a.yaml", "train:\n  lora:\n    dropuot: 0.1\n")
    assert (
        _problem(files=[file])
        == f"{file}:3:5: train.lora.dropuot: no such setting; did you mean train.lora.dropout?"
    )


def test_bad_values_are_reported_in_file_order(tmp_path: Path) -> None:
    """Every bad value is named at once, sorted by line and not by pydantic's order."""
    file = _yaml(
        tmp_path / "a.yaml",
        "harvest:\n  delay_s: -1\ntrain:\n  learning_rate: 7\n  lora:\n    r: many\n",
    )
    lines = _problem(files=[file]).splitlines()
    assert [line.split(": ")[0].rsplit(":", 2)[1] for line in lines] == ["2", "4", "6"]
    assert "train.lora.r" in lines[2]
    assert "'many'" in lines[2]


@pytest.mark.parametrize(
    "name", ["SECARCH_TYPO", "SECARCH_TRAIN__TYPO", "SECARCH_TRAIN__LORA__TYPO"]
)
def test_unknown_variable_with_our_prefix_is_refused(name: str) -> None:
    """pydantic-settings passes over unknown top-level variables; we name them."""
    assert name in _problem(environ={name: "1"})


def test_unknown_variable_in_dotenv_is_refused_with_its_line(tmp_path: Path) -> None:
    """A typo in .env is found at its line; foreign variables there are none of our business."""
    dotenv = tmp_path / ".env"
    dotenv.write_text("HF_TOKEN=hf_abc\nSOMETHING_ELSE=1\nSECARCH_SEDE=1\n", encoding="utf-8")
    problem = _problem(dotenv=dotenv)
    assert problem.startswith(f"{dotenv}:3:1 SECARCH_SEDE")
    assert "did you mean seed?" in problem
    assert "SOMETHING_ELSE" not in problem


def test_scientific_notation_is_a_number_and_words_stay_words(tmp_path: Path) -> None:
    """`2e-4` is a float and `no` is no boolean, unlike in YAML 1.1."""
    file = _yaml(tmp_path / "a.yaml", "train:\n  learning_rate: 2e-4\n  name: no\n")
    train = load(files=[file], environ={}).settings.train
    assert (train.learning_rate, train.name) == (2e-4, "no")


def test_duplicate_keys_are_refused(tmp_path: Path) -> None:
    """PyYAML lets the last one win without a word; we refuse."""
    file = _yaml(tmp_path / "a.yaml", "seed: 1\nseed: 2\n")
    assert _problem(files=[file]) == f"{file}:2:1: seed is given twice"


def test_broken_yaml_says_where(tmp_path: Path) -> None:
    """A syntax error carries its line and column."""
    file = _yaml(tmp_path / "a.yaml", "train:\n  lora: {r: 3\n")
    assert f"{file}:3:1" in _problem(files=[file])


def test_missing_file_is_an_error_and_an_empty_one_is_not(tmp_path: Path) -> None:
    """A --config that is not there must not mean all defaults; an empty file may."""
    with pytest.raises(MissingInput):
        load(files=[tmp_path / "none.yaml"], environ={})
    assert load(files=[_yaml(tmp_path / "a.yaml", "")], environ={}).settings.seed == 0


def test_a_section_with_every_line_commented_out_is_empty(tmp_path: Path) -> None:
    """`dedupe:` alone is null in YAML and means that nothing is set."""
    file = _yaml(tmp_path / "a.yaml", "dedupe:\n  # threshold: 0.9\ntrain:\n  lora:\n")
    assert load(files=[file], environ={}).settings.dedupe.threshold == 0.8


def test_alias_bomb_is_refused(tmp_path: Path) -> None:
    """A small file of nested aliases does not fill the memory."""
    lines = ["a0: &a0 [x,x,x,x,x,x,x,x,x,x]"] + [
        f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)
    ]
    assert "aliases are expanded" in _problem(files=[_yaml(tmp_path / "a.yaml", "\n".join(lines))])


def test_set_takes_yaml_values_and_names_its_mistakes() -> None:
    """--set reads lists and numbers; an unknown name is refused with a suggestion."""
    loaded = load(sets=["train.learning_rate=3e-4", "eval.suites=[core, mine]"], environ={})
    assert loaded.settings.train.learning_rate == 3e-4
    assert loaded.settings.eval.suites == ("core", "mine")
    assert "did you mean train.lora?" in _problem(sets=["train.lroa.r=3"])
    assert "a.b.c=VALUE" in _problem(sets=["train.lora.r"])


def test_bad_json_in_a_variable_says_how_to_write_it() -> None:
    """Lists in variables are JSON; anything else says so."""
    assert "JSON" in _problem(environ={"SECARCH_HARVEST__SEEDS": "http://a/"})
    several = {"SECARCH_SERVE__API_KEYS": "hunter2", "SECARCH_SERVE__PORT": "8080"}
    problem = _problem(environ=several)
    assert "SECARCH_SERVE__API_KEYS is not JSON" in problem
    assert "hunter2" not in problem
    assert "SERVE__PORT" not in problem
    seeds = load(environ={"SECARCH_HARVEST__SEEDS": '["http://a/"]'}).settings.harvest.seeds
    assert seeds[0].url == "http://a/"


def test_secret_is_masked_in_its_representation(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A credential never shows by accident."""
    monkeypatch.setenv("HF_TOKEN", "hf_verysecret")
    found = secret("HF_TOKEN", tmp_path / ".env")
    assert found is not None
    assert "verysecret" not in f"{found!r} {found}"


def test_runtime_settings_are_no_part_of_identity() -> None:
    """Micro-batch and workers may change between a run and its resume; the global batch may not."""
    settings = load(environ={}).settings
    assert settings.train.replace(micro_batch=1).digest() == settings.train.digest()
    assert settings.train.replace(global_batch=32).digest() != settings.train.digest()
    assert settings.dedupe.replace(workers=7).digest() == settings.dedupe.digest()


SCHEMA = schema()


@pytest.mark.parametrize("name", leaf_names())
def test_every_setting_is_described(name: str) -> None:
    """`config schema` carries a sentence for each setting."""
    node = root = SCHEMA
    for part in name.split("."):
        node = node["properties"][part]
        if "$ref" in node:
            described = node.get("description")
            node = {
                **root["$defs"][node["$ref"].rsplit("/", 1)[1]],
                **({"description": described} if described else {}),
            }
    assert node.get("description")


def test_credentials_of_dotenv_reach_their_libraries(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """HF_TOKEN in .env is what the hub's client reads; one that is in the environment stays;
    nothing else is taken.
    """
    file = tmp_path / ".env"
    file.write_text("HF_TOKEN=from-file\nWANDB_API_KEY=from-file\nPATH=nowhere\n", encoding="utf-8")
    for name in SECRETS:
        monkeypatch.setenv(name, "")  # restored afterwards, whatever is put there
        monkeypatch.delenv(name)
    monkeypatch.setenv("WANDB_API_KEY", "from-environment")
    hand_over_secrets(file)
    assert os.environ["HF_TOKEN"] == "from-file"
    assert os.environ["WANDB_API_KEY"] == "from-environment"
    assert os.environ["PATH"] != "nowhere"
    assert "MLFLOW_TRACKING_URI" not in os.environ


def test_the_project_s_file_is_read_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the working directory or a parent, below --config; its workspace lies beside it."""
    project = tmp_path / "team"
    (project / "docs" / "deep").mkdir(parents=True)
    (project / "models").mkdir()
    _yaml(project / "secarch.yaml", "seed: 5\ntrain:\n  base: models\n  epochs: 3\n")
    other = _yaml(tmp_path / "other.yaml", "seed: 6\n")
    monkeypatch.chdir(project / "docs" / "deep")
    found = project_file()
    assert found == project / "secarch.yaml"
    loaded = load(files=[other], project=found, environ={})
    assert (loaded.settings.seed, loaded.settings.train.epochs) == (6, 3.0)
    assert loaded.settings.train.base == str(project / "models")
    assert loaded.settings.workspace == project / "workspace"
    tiers = {value.name: value.tier for value in loaded.values}
    assert (tiers["seed"], tiers["train.epochs"]) == ("yaml", "project")
    monkeypatch.chdir(project)
    assert project_file() == Path("secarch.yaml")
    assert load(project=project_file(), environ={}).settings.workspace == Path("workspace")


def test_the_search_for_a_project_ends_at_a_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file above `.git` is another project's."""
    _yaml(tmp_path / "secarch.yaml", "seed: 5\n")
    inner = tmp_path / "repository" / "docs"
    inner.mkdir(parents=True)
    (tmp_path / "repository" / ".git").mkdir()
    monkeypatch.chdir(inner)
    assert project_file() is None


def test_paths_in_a_file_are_relative_to_it(tmp_path: Path) -> None:
    """Folders, suites and seeds; names of the hub, of built-in suites and URLs stay."""
    folder = tmp_path / "conf"
    (folder / "pages").mkdir(parents=True)
    (folder / "own.yaml").write_text("[]")
    file = _yaml(
        folder / "a.yaml",
        "workspace: out\n"
        "train: {base: Qwen/Qwen3-8B}\n"
        "eval: {suites: [core, own.yaml, ./missing.yaml]}\n"
        "harvest: {seeds: [{path: pages}, 'https://docs.example.org/']}\n",
    )
    settings = load(files=[file], environ={}).settings
    assert settings.workspace == folder / "out"
    assert settings.train.base == "Qwen/Qwen3-8B"
    assert settings.eval.suites == (
        "core",
        str(folder / "own.yaml"),
        str(folder / "missing.yaml"),
    )
    assert [seed.path for seed in settings.harvest.seeds] == [str(folder / "pages"), ""]
    plain = load({"workspace": "out"}, environ={}).settings
    assert plain.workspace == Path("out")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("train.lora.rank=3", "it is called train.lora.r here"),
        ("train.max_seq_length=3", "it is called train.max_length here"),
        ("train.trackers=tensorboard", 'a list is needed, such as ["tensorboard"]'),
        ("train.lora=3", "a table of names and values is needed"),
        ("train.name=a b", "letters, digits, dot, dash, underscore"),
        ("train.lora.zzz=3", "known here: r, alpha"),
        (
            'harvest.hosts={"w.org": {"cookie_file": "x"}}',
            "did you mean harvest.hosts.w.org.cookies_file?",
        ),
        ('harvest.hosts={"w.org": {"proxy": "u:s3cret@p"}}', "an HTTP proxy's URL is needed"),
    ],
)
def test_a_wrong_setting_is_told_in_words_of_yaml(given: str, said: str) -> None:
    """Names of other programs lead to ours, and no type of Python is named."""
    assert said in _problem(sets=[given])


def test_spaces_around_a_set_do_not_matter() -> None:
    """As people type it."""
    assert load(sets=["train.epochs = 3"], environ={}).settings.train.epochs == 3.0


def test_a_tab_and_a_folder_are_told(tmp_path: Path) -> None:
    """A tab in YAML, and a folder where a file is needed."""
    file = _yaml(tmp_path / "a.yaml", "train:\n\tepochs: 3\n")
    assert "a.yaml:2:1: a tab stands here" in _problem(files=[file])
    with pytest.raises(MissingInput, match="this is a folder"):
        load(files=[tmp_path], environ={})


def test_defaults_are_what_validation_would_make_of_them() -> None:
    """They are taken as they are declared, so a default out of its range would not be noticed."""
    made = Settings.model_construct()
    assert load(environ={}).settings == made
    assert Settings.model_validate(made.model_dump()) == made
    assert Settings.model_validate(json.loads(made.model_dump_json())) == made


@pytest.mark.parametrize(
    ("variables", "name", "value"),
    [
        ({"SECARCH_TRAIN__LORA__R": "64"}, "train.lora.r", 64),
        ({"secarch_train__lora__r": "64"}, "train.lora.r", 64),
        ({"SECARCH_TRAIN": '{"lora": {"r": 32}}'}, "train.lora.r", 32),
        ({"SECARCH_TRAIN": '{"epochs": 2}', "SECARCH_TRAIN__NAME": "x"}, "train.epochs", 2.0),
        ({"SECARCH_TRAIN__LORA__TARGETS": '["q_proj"]'}, "train.lora.targets", ["q_proj"]),
        ({"SECARCH_TRAIN__LORA__TARGETS": "all-linear"}, "train.lora.targets", "all-linear"),
        ({"SECARCH_EVAL__MIN_BY_CATEGORY": '{"iam": 0.5}'}, "eval.min_by_category.iam", 0.5),
        ({"SECARCH_EVAL__MIN_SCORE": "0.5"}, "eval.min_score", 0.5),
    ],
)
def test_variables_set_values_tables_and_lists(
    variables: dict[str, str], name: str, value: object
) -> None:
    """In any case of letters; a section whole or by parts; lists and tables are JSON."""
    values = {row.name: row for row in load(environ=variables).values}
    assert (values[name].value, values[name].tier) == (value, "environment")


def test_tiers_are_merged_and_stay_as_they_were(tmp_path: Path) -> None:
    """A section that three tiers set in part keeps the part and the place of each."""
    first = _yaml(tmp_path / "a.yaml", "train:\n  epochs: 2\n  lora:\n    r: 8\n    alpha: 9\n")
    second = _yaml(tmp_path / "b.yaml", "train:\n  lora:\n    r: 16\n")
    loaded = load(
        {"train.name": "x"}, files=[first, second], environ={"SECARCH_TRAIN__LORA__ALPHA": "7"}
    )
    train = loaded.settings.train
    assert (train.epochs, train.lora.r, train.lora.alpha, train.name) == (2.0, 16, 7, "x")
    places = {row.name: row.place for row in loaded.values}
    assert places["train.epochs"] == f"{first}:2:3"
    assert places["train.lora.r"] == f"{second}:3:5"
    assert places["train.lora.alpha"] == "SECARCH_TRAIN__LORA__ALPHA"
