"""`secarch report --html`: the workspace as one page, and the way between pages."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from secarch.artifact import Kind, read_manifest, seal
from secarch.cli import overview as page
from secarch.cli.overview import overview
from secarch.errors import MissingInput, UsageError
from secarch.files import write_json, write_text
from secarch.report import html
from secarch.report.origin import anchor, origin
from secarch.session import Session

HOSTILE = "<img src=x onerror=alert(1)>"
RECORD: dict[str, Any] = {
    "verdict": "BETTER",
    "gate": {"passed": True},
    "primary": {"metric": "rubric", "delta": 0.1},
    "tuned": {"name": f"tuned {HOSTILE}"},
    "base": {"name": "base"},
    "against": [f"speed is worse {HOSTILE}"],
}
Put = Callable[..., str]


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return Session(workspace=tmp_path / "my w#1")


@pytest.fixture
def put(session: Session) -> Put:
    """Seal an artifact with a page that leads to its parents, as every stage does; its digest."""

    def make(place: str, kind: Kind, parents: Sequence[str] = (), **files: Any) -> str:
        path = session.workspace / place
        for stem, content in files.items():
            write_json(path / f"{stem}.json", content)
        write_json(path / "n.json", place)
        made_from = origin(parents, path, none="nothing")
        if kind != "export":
            write_text(path / "report.html", html.page(f"A {kind}", [made_from]))
        return seal(
            path,
            kind=kind,
            parents=list(parents),
            config={},
            counts={"documents": 3, "rows": 3},
            files=["n.json", *(f"{stem}.json" for stem in files)],
            outside=["report.html"] if kind != "export" else [],
        ).digest

    return make


@pytest.fixture
def whole(put: Put) -> dict[str, str]:
    """A workspace with an artifact of each kind; name -> digest."""
    made = {"d": put("harvest/documents-aa", "documents")}
    made["s"] = put("datasets/bb", "dataset", [made["d"]])
    made["r"] = put("runs/my run", "run", [made["s"]])
    made["x"] = put("exports/ex", "export", [made["r"]])
    made["b"] = put("evals/e0", "evaluation")
    made["t"] = put("evals/e1", "evaluation", [made["r"]])
    made["c"] = put("comparisons/cc", "comparison", [made["b"], made["t"]], comparison=RECORD)
    return made


def boxes(text: str) -> dict[str, str]:
    """Class of each box of the graph -> where it leads."""
    return dict(re.findall(r'<a class="node (\w+)" href="([^"]*)"', text))


def test_each_box_leads_to_its_own_page(session: Session, whole: dict[str, str]) -> None:
    """By a relative path that a browser can follow, blanks and marks encoded; what has no page
    leads to its row.
    """
    outcome = overview(session, None)
    target = Path(outcome.result["report"])
    assert target == session.workspace / "report.html"
    found = boxes(target.read_text(encoding="utf-8"))
    assert set(found) == {"documents", "dataset", "run", "export", "evaluation", "comparison"}
    assert found["run"] == "runs/my%20run/report.html"
    assert found.pop("export") == f"#{anchor(whole['x'])}"
    for link in found.values():
        assert (target.parent / unquote(link)).is_file()
    assert outcome.counts == {"artifacts": 7, "lines": 6}


def test_rows_name_what_a_thing_was_made_from_and_what_uses_it(
    session: Session, whole: dict[str, str]
) -> None:
    """Both as links to rows of the page; a parent that is not here is named by its digest."""
    (session.workspace / "datasets/bb/manifest.json").unlink()
    text = page.drawn(session, page._things(session, session.workspace))
    rows = {
        name: row
        for row in re.findall(r"<tr>(.*?)</tr>", text)
        for name in whole
        if f'id="{anchor(whole[name])}"' in row
    }
    assert f'href="#{anchor(whole["r"])}"' in rows["t"]
    assert f'href="#{anchor(whole["t"])}"' in rows["r"]
    assert f'href="#{anchor(whole["c"])}"' in rows["t"]
    assert f"{whole['s'][:12]} (not here)" in rows["r"]
    assert "datasets/bb" in text.split("Unfinished", 1)[1]


def test_text_of_others_stays_text(session: Session, whole: dict[str, str]) -> None:
    """Names of models and remarks are shown, never elements; the page loads nothing."""
    overview(session, None)
    text = (session.workspace / "report.html").read_text(encoding="utf-8")
    assert "<img" not in text
    assert "&lt;img src=x onerror=alert(1)&gt;" in text
    assert "What speaks against it" in text
    assert not re.search(r"https?://|<script", text)


def test_links_follow_the_place_of_the_page(
    session: Session, whole: dict[str, str], tmp_path: Path
) -> None:
    """With --out they start at the page's folder; a folder is refused."""
    out = tmp_path / "elsewhere" / "page.html"
    out.parent.mkdir()
    overview(session, out)
    link = boxes(out.read_text(encoding="utf-8"))["dataset"]
    assert (out.parent / unquote(link)).is_file()
    with pytest.raises(UsageError):
        overview(session, out.parent)


def test_an_artifacts_page_leads_to_its_parents_and_to_the_workspace(
    session: Session, whole: dict[str, str]
) -> None:
    """The comparison's page to both evaluations, the dataset's to the harvest."""
    text = (session.workspace / "comparisons/cc/report.html").read_text(encoding="utf-8")
    assert 'href="../../evals/e0/report.html"' in text
    assert 'href="../../evals/e1/report.html"' in text
    assert 'href="../../report.html"' in text
    text = (session.workspace / "datasets/bb/report.html").read_text(encoding="utf-8")
    assert 'href="../../harvest/documents-aa/report.html"' in text
    text = str(origin(["f" * 64], session.workspace / "datasets/bb", none="").body)
    assert "not in this workspace" in text


def test_only_the_newest_are_drawn_with_their_ancestors(
    session: Session, whole: dict[str, str], put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of many artifacts the graph has the newest and what they were made from; tables have all."""
    monkeypatch.setattr(page, "MOST_BOXES", 1)
    put("evals/e9", "evaluation", [whole["s"]])
    text = page.drawn(session, page._things(session, session.workspace))
    assert set(boxes(text)) == {"evaluation", "dataset", "documents"}
    assert "Of 8 artifacts the newest are drawn" in text
    assert f'id="{anchor(whole["c"])}"' in text


def test_two_of_one_digest_both_have_a_row(session: Session, put: Put) -> None:
    """A copied folder is another row, and takes no children from the first."""
    import shutil

    put("runs/one", "run")
    shutil.copytree(session.workspace / "runs/one", session.workspace / "runs/two")
    things = page._things(session, session.workspace)
    assert len({thing.row for thing in things}) == len(things) == 2


def test_a_dry_run_writes_nothing_and_an_empty_workspace_is_said(
    session: Session, whole: dict[str, str]
) -> None:
    """The plan names the file; without artifacts there is no page."""
    dry = Session(workspace=session.workspace, dry_run=True)
    assert "would draw 7 artifacts" in overview(dry, None).summary
    assert not (session.workspace / "report.html").exists()
    with pytest.raises(MissingInput, match="nothing is finished"):
        overview(Session(workspace=session.workspace / "none"), None)


def test_the_page_stands_outside_every_artifact(session: Session, whole: dict[str, str]) -> None:
    """Drawing it changes no sealed file."""
    before = read_manifest(session.workspace / "comparisons/cc")
    overview(session, None)
    assert read_manifest(session.workspace / "comparisons/cc") == before


@pytest.mark.browser
def test_it_looks_right_wide_and_narrow_light_and_dark(
    session: Session, whole: dict[str, str], looks: Callable[[Sequence[Path]], list[str]]
) -> None:
    """Nothing overflows, is pale, dead or asked for elsewhere, on this page and on one of a
    kind.
    """
    overview(session, None)
    pages = [session.workspace / "report.html", session.workspace / "runs/my run/report.html"]
    assert looks(pages) == []


@pytest.mark.browser
def test_what_looks_wrong_is_found(
    tmp_path: Path, looks: Callable[[Sequence[Path]], list[str]]
) -> None:
    """The check itself: pale text, a wide box, a dead link and a script's error are each named."""
    path = tmp_path / "bad.html"
    path.write_text(
        "<!doctype html><body style='background:#fff'><p style='color:#999'>pale</p>"
        "<div style='width:2000px'>wide</div><a href='#none'>dead</a><a href='gone.html'>gone</a>"
        "<script>throw new Error('broken')</script>"
    )
    found = "\n".join(looks([path]))
    assert all(word in found for word in ("'pale'", "pixels wide", "none", "gone.html", "broken"))
