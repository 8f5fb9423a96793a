"""Scores from tables: which columns are metrics, and what is refused, with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from secarch.compare.inputs.scores import read_scores
from secarch.errors import InvalidInput


def values(path: Path) -> dict[str, list[float | None]]:
    """Metric -> its values, in the order of the rows."""
    arm = read_scores(path)
    return {name: [one.value for one in found.values()] for name, found in arm.scores.items()}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("id,value\na,0.5\nb,1\n", {"score": [0.5, 1.0]}),
        ("id;score\r\n1;0.6\r\n2;\r\n", {"score": [0.6, None]}),
        (
            "\ufeffid\tquestion\tacc\tok\n1\tWhat, why?\t1\ttrue\n2\tHow?\t0\tFALSE\n\n",
            {"acc": [1.0, 0.0], "ok": [1.0, 0.0]},
        ),
        (
            'question_id,metric,value,category\na,f1,.25,iam\na,acc,1,iam\n"b, too",f1,null,iam\n',
            {"f1": [0.25, None], "acc": [1.0]},
        ),
        ('id,answer,score\n1,"two\nlines",0.5\n', {"score": [0.5]}),
    ],
)
def test_columns_of_numbers_are_metrics(
    tmp_path: Path, text: str, wanted: dict[str, list[float | None]]
) -> None:
    """By commas, semicolons or tabs; other columns are left out, empty cells were not scored."""
    path = tmp_path / "scores.csv"
    path.write_bytes(text.encode())
    assert values(path) == wanted


def test_category_and_cluster_are_kept(tmp_path: Path) -> None:
    """They decide what is shown by group and what is resampled together."""
    path = tmp_path / "s.tsv"
    path.write_text("id\tvalue\tcategory\tcluster\n1\t0.5\tiam\tscene-a\n")
    (score,) = read_scores(path).scores["score"].values()
    assert (score.question_id, score.category, score.cluster) == ("1", "iam", "scene-a")


@pytest.mark.parametrize(
    ("text", "message", "place"),
    [
        ("name,value\na,1\n", "no column id", ":1"),
        ("id,answer\na,yes\n", "no column of numbers", ":1"),
        ("id,score\na,1\nb,0\\,5\n", "value is no number", ":3"),
        ("id;score\na;1\nb;0,5\n", "value is no number", ":3"),
        ("id,value\na,1\na,0\n", "second value", ":3"),
        ("id,value\n,1\n", "id is no name", ":2"),
        ('id,value\n"a,1\n', "not a readable table", ""),
        ("", "no score in it", ""),
        ("id,value\n", "no score in it", ""),
    ],
)
def test_what_is_no_score_is_refused_with_its_line(
    tmp_path: Path, text: str, message: str, place: str
) -> None:
    """One bad cell is named, and nothing is guessed."""
    path = tmp_path / "scores.csv"
    path.write_text(text)
    with pytest.raises(InvalidInput, match=message) as caught:
        read_scores(path)
    assert str(caught.value.where).endswith(f"scores.csv{place}")


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    """A spreadsheet's own format under the name of a table."""
    path = tmp_path / "scores.csv"
    path.write_bytes(b"PK\x03\x04\xff\xfe")
    with pytest.raises(InvalidInput, match="not a readable table"):
        read_scores(path)
