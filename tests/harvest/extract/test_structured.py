"""Controls and techniques come out as one text each, with everything that an answer needs."""

from __future__ import annotations

import json

import pytest

from secarch.harvest.extract.structured import entries, title_of

CATALOGUE = {
    "catalog": {
        "metadata": {"title": "Controls of a made-up house"},
        "groups": [
            {
                "title": "Key Care",
                "controls": [
                    {
                        "id": "kc-1",
                        "title": "Key Rotation",
                        "props": [
                            {"name": "label", "value": "KC-01", "class": "zero-padded"},
                            {"name": "label", "value": "KC-1"},
                        ],
                        "params": [
                            {"id": "kc-1_prm_1", "label": "frequency"},
                            {
                                "id": "kc-1_prm_2",
                                "select": {
                                    "how-many": "one-or-more",
                                    "choice": ["daily", "at {{ insert: param, kc-1_prm_1 }}"],
                                },
                            },
                        ],
                        "links": [{"rel": "related", "href": "#kc-2"}, {"rel": "reference"}],
                        "parts": [
                            {
                                "name": "statement",
                                "prose": "Rotate keys {{ insert: param, kc-1_prm_2 }}:",
                                "parts": [
                                    {
                                        "name": "item",
                                        "props": [{"name": "label", "value": "a."}],
                                        "prose": "Record who did.",
                                    }
                                ],
                            },
                            {"name": "guidance", "prose": "Short lives limit damage."},
                            {
                                "name": "assessment-method",
                                "props": [{"name": "method", "value": "EXAMINE"}],
                                "parts": [{"name": "assessment-objects", "prose": "key records"}],
                            },
                        ],
                        "controls": [
                            {
                                "id": "kc-1.1",
                                "title": "Automation",
                                "props": [{"name": "label", "value": "KC-1(1)"}],
                                "parts": [{"name": "statement", "prose": "Rotate by machine."}],
                            }
                        ],
                    },
                    {
                        "id": "kc-2",
                        "title": "Old",
                        "props": [{"name": "status", "value": "withdrawn"}],
                    },
                ],
            }
        ],
    }
}


def test_a_control_has_its_statement_parameters_guidance_and_assessment() -> None:
    """Parameters are named in brackets, nested ones too; enhancements follow, withdrawn go."""
    (entry,) = entries(json.dumps(CATALOGUE))
    assert (entry.id, entry.title) == ("KC-1", "KC-1 Key Rotation")
    assert entry.text == (
        "# KC-1 Key Rotation\n\nFamily: Key Care\n\n## Statement\n\n"
        "Rotate keys [one or more of: daily; at [frequency]]:\n- a. Record who did.\n\n"
        "## Parameters\n\n- kc-1_prm_1: frequency\n"
        "- kc-1_prm_2: one or more of: daily; at [frequency]\n\n"
        "## Guidance\n\nShort lives limit damage.\n\n"
        "## Assessment\n\nExamine:\n- key records\n\n## Related controls\n\nKC-2\n\n"
        "## KC-1(1) Automation\n\n### Statement\n\nRotate by machine.\n"
    )


def _relation(kind: str, source: str, target: str, text: str = "") -> dict[str, str]:
    return {
        "type": "relationship",
        "id": f"relationship--{source}",
        "relationship_type": kind,
        "source_ref": source,
        "target_ref": target,
        "description": text,
    }


def _item(kind: str, name: str, number: str, **more: object) -> dict[str, object]:
    reference = {"source_name": "mitre-attack", "external_id": number}
    base = {"type": kind, "id": f"{kind}--{number}", "name": name}
    return {**base, "external_references": [reference], **more}


BUNDLE = {
    "type": "bundle",
    "objects": [
        _item("x-mitre-tactic", "Persistence", "TA9003", x_mitre_shortname="persistence"),
        _item("attack-pattern", "Borrowed Keys", "T9001"),
        _item(
            "attack-pattern",
            "Cloud Keys",
            "T9001.001",
            x_mitre_is_subtechnique=True,
            x_mitre_platforms=["IaaS"],
            kill_chain_phases=[{"phase_name": "persistence"}],
            description="A thief uses keys.(Citation: Nobody 2020) See [keys](https://x.example/k).",
            x_mitre_data_sources=["Logon Session: Creation"],
        ),
        _item("attack-pattern", "Gone", "T9009", revoked=True),
        _item("course-of-action", "Rotate", "M9001"),
        _item("x-mitre-detection-strategy", "Odd hours", "DET9001"),
        _relation("subtechnique-of", "attack-pattern--T9001.001", "attack-pattern--T9001"),
        _relation("mitigates", "course-of-action--M9001", "attack-pattern--T9001.001", "Daily."),
        _relation(
            "detects",
            "x-mitre-detection-strategy--DET9001",
            "attack-pattern--T9001.001",
            "Night.",
        ),
    ],
}


def test_a_technique_has_its_tactics_mitigations_and_detections() -> None:
    """Mitigations say what they do against this technique; what is revoked is left out."""
    first, second = entries(json.dumps(BUNDLE))
    assert first.title == "T9001 Borrowed Keys"
    assert second.text == (
        "# T9001.001 Borrowed Keys: Cloud Keys\n\nTactics: Persistence (TA9003)\n\n"
        "Platforms: IaaS\n\n## Description\n\nA thief uses keys. See keys.\n\n"
        "## Mitigations\n\n**Rotate (M9001)**: Daily.\n\n"
        "## Detection\n\n**Odd hours (DET9001)**: Night.\n\n"
        "## Data sources\n\n- Logon Session: Creation\n"
    )


@pytest.mark.parametrize("text", ["[]", "{}", '{"catalog": 3}', '{"type": "bundle"}'])
def test_other_json_gives_nothing(text: str) -> None:
    """Data is no document."""
    assert entries(text) == []


def test_a_parameter_that_names_itself_ends() -> None:
    """A circle of parameters is cut."""
    control = {
        "id": "x-1",
        "title": "Loop",
        "params": [{"id": "p", "label": "again {{ insert: param, p }}"}],
        "parts": [{"name": "statement", "prose": "Do {{ insert: param, p }}."}],
    }
    (entry,) = entries(json.dumps({"catalog": {"controls": [control]}}))
    assert "Do [again [again" in entry.text
    assert title_of(json.dumps({"type": "bundle"})) == "MITRE ATT&CK"


@pytest.mark.parametrize(
    ("place", "shown"),
    [
        ("{{ insert: param, p }}", "[time (30 days)]"),
        ("{{ insert: param, id-ref=p }}", "[time (30 days)]"),
        ("{{ param: p }}", "[time (30 days)]"),
        ("{{ p }}", "[time (30 days)]"),
        ("{{ insert: param, q }}", "[q]"),
        ("{{ user }}", "{{ user }}"),
    ],
)
@pytest.mark.parametrize("early", [False, True])
def test_parameters_of_every_version_are_filled_in(place: str, shown: str, early: bool) -> None:
    """Milestones before 1.0 keep them in a table and name them alone; bounds are part of them."""
    facts = {"label": "time", "constraints": [{"description": "30 days"}]}
    control = {"id": "x-1", "title": "Wait", "parts": [{"name": "statement", "prose": place}]}
    own = {"parameters": {"p": facts}} if early else {"params": [{"id": "p", **facts}]}
    (entry,) = entries(json.dumps({"catalog": {"controls": [{**control, **own}]}}))
    assert f"Statement\n\n{shown}\n" in entry.text


def _pattern(**more: object) -> dict[str, object]:
    return {"type": "attack-pattern", "id": "attack-pattern--9", "name": "Take keys", **more}


@pytest.mark.parametrize(
    ("tree", "title"),
    [
        ({"objects": [_pattern()], "more": False}, "Take keys"),
        ({"type": "bundle", "objects": [_pattern()]}, "Take keys"),
        (
            {
                "type": "bundle",
                "objects": [
                    _pattern(
                        external_references=[{"source_name": "capec", "external_id": "CAPEC-1"}]
                    )
                ],
            },
            "CAPEC-1 Take keys",
        ),
        ({"type": "report", "objects": [_pattern()]}, ""),
        ({"objects": [_pattern(), {"type": "x"}]}, ""),
        ({"objects": [_pattern(), 3]}, ""),
    ],
)
def test_bundles_of_other_publishers_are_read(tree: object, title: str) -> None:
    """CAPEC, a TAXII envelope, a pattern without a number; nothing that only has such a list."""
    assert [entry.title for entry in entries(json.dumps(tree))] == ([title] if title else [])


def test_a_detection_strategy_says_what_its_analytics_say() -> None:
    """ATT&CK 18 keeps the words of a detection in analytics."""
    strategy = {
        "type": "x-mitre-detection-strategy",
        "id": "x-mitre-detection-strategy--1",
        "name": "New readers",
        "x_mitre_analytic_refs": ["x-mitre-analytic--1", "x-mitre-analytic--2"],
    }
    analytic = {"type": "x-mitre-analytic", "id": "x-mitre-analytic--1", "description": "Alert."}
    link = {
        "type": "relationship",
        "id": "relationship--1",
        "relationship_type": "detects",
        "source_ref": strategy["id"],
        "target_ref": "attack-pattern--9",
    }
    objects = [_pattern(), strategy, analytic, link]
    (entry,) = entries(json.dumps({"type": "bundle", "objects": objects}))
    assert entry.text.endswith("## Detection\n\n**New readers**: Alert.\n")
