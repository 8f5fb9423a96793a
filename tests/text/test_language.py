"""English is told from other languages; code, names and short texts say nothing."""

from __future__ import annotations

import pytest

from secarch.text.language import foreign, written_in

TEXTS = {
    "German": "Legen Sie die Protokolle in einem eigenen Konto ab, das niemand löschen kann, "
    "und prüfen Sie die Rechte der Rollen einmal im Monat.",
    "French": "Placez les journaux dans un compte à part que nul ne peut modifier, et vérifiez "
    "les droits des rôles une fois par mois avec les équipes.",
    "Spanish": "Guarde los registros en una cuenta aparte que nadie pueda borrar, y revise los "
    "permisos de los roles una vez al mes con el equipo.",
    "another script": "\u30ed\u30b0\u306f\u5225\u306e\u30a2\u30ab\u30a6\u30f3\u30c8\u306b"
    "\u4fdd\u5b58\u3057\u3001\u6a29\u9650\u3092\u6bce\u6708\u78ba\u8a8d\u3057\u307e\u3059",
}
ENGLISH = [
    "Keep the logs in an account of their own that nobody can change, and review roles.",
    "Use S3 Object Lock, KMS, SCP, IAM Access Analyzer, GuardDuty, Security Hub, Macie, WAF.",
    "Nein.",
    "",
    "```yaml\n# die Rolle darf nur lesen und nicht schreiben, das ist der Sinn der Sache hier\n```",
    "- Enable MFA\n- Rotate keys\n- Block public access\n- Encrypt volumes\n- Log API calls",
    "The role `für-die-Prüfung` is for the auditors in Köln and München, and nobody else has it.",
]


@pytest.mark.parametrize("language", TEXTS)
def test_another_language_is_named(language: str) -> None:
    """From a sentence on."""
    assert foreign(TEXTS[language]) == language


@pytest.mark.parametrize("text", ENGLISH)
def test_english_and_little_prose_are_english(text: str) -> None:
    """Lists of products and commands have few small words, and none of another language."""
    assert foreign(text) == ""


@pytest.mark.parametrize(
    ("text", "declared", "code"),
    [
        (TEXTS["German"], "en", "de"),
        (TEXTS["German"], "", "de"),
        (TEXTS["French"], "", "fr"),
        (2 * TEXTS["another script"], "en", "ja"),
        (TEXTS["German"], "nl", "nl"),
        (ENGLISH[0] + " " + ENGLISH[-1], "", "en"),
        (ENGLISH[0], "en", "en"),
        ("x", "", ""),
    ],
)
def test_a_document_has_the_language_of_its_text(text: str, declared: str, code: str) -> None:
    """A template's `lang=en` above another language, and no declaration at all, are set right."""
    assert written_in(text, declared) == code
