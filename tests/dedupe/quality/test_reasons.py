"""The reason that is given for dropping a document is the true one."""

from __future__ import annotations

import pytest

from secarch.dedupe.build.documents import document
from secarch.dedupe.build.prepare import prepare
from secarch.dedupe.config import DedupeConfig
from secarch.dedupe.quality.code import measure_code
from secarch.text.markdown import blocks

FOREIGN = {
    "de": "Der Schlüssel wird einmal im Jahr ersetzt, und die alten Versionen bleiben für das "
    "Entschlüsseln erhalten. Ein Betreiber darf eine Version nicht abschalten. ",
    "nl": "De sleutel wordt een keer per jaar vervangen en de oude versies blijven bij het "
    "ontsleutelen in gebruik. Een beheerder kan een versie niet uitschakelen. ",
    "pl": "Klucz jest wymieniany raz w roku, a stare wersje nie są usuwane. Operator może "
    "wyłączyć wersję po tym, jak dane są zapisane od nowa przez proces, który to robi. ",
    "ar": "يتم استبدال المفتاح مرة واحدة في السنة وتبقى الإصدارات القديمة متاحة لفك التشفير. ",
    "zh": "密钥每年更换一次,旧版本仍可用于解密。只有在重新写入所有对象之后,管理员才能停用旧版本。",
    "ja": "鍵は毎年交換され、古い版は復号のために残ります。管理者は書き直しの後に版を無効にする。",
    "ko": "키는 매년 교체되며 이전 버전은 복호화를 위해 남아 있습니다. 버전은 유지됩니다. ",
}
MODULE = "\n".join(
    f'resource "aws_s3_bucket" "b{n}" {{\n  bucket = "logs-{n}"\n  %s\n}}' for n in range(8)
)


def reasons(text: str) -> tuple[str, ...]:
    """Why the default rules drop `text`."""
    return prepare(document({"id": "x", "text": text}), DedupeConfig()).reasons


@pytest.mark.parametrize("language", FOREIGN)
def test_another_language_is_called_so(language: str) -> None:
    """Neither short nor without sentences: in another language."""
    assert reasons(f"# Titel\n\n{FOREIGN[language] * 3}")[0] == "language"


def test_commented_code_is_content() -> None:
    """A page of nothing but code stays if the code says what it does, and only then."""
    assert reasons(f"# main.tf\n\n```hcl\n{MODULE % (('# encrypt with our key',) * 8)}\n```") == ()
    bare = reasons(f"# main.tf\n\n```hcl\n{MODULE % (('acl = 1',) * 8)}\n```")
    assert bare == ("code_without_comments",)
    assert "no_prose" in reasons("| a | b |\n| - | - |\n" + "| x1 | y1 |\n" * 60)


@pytest.mark.parametrize(
    ("code", "comments"),
    [
        ("# a b c\nx = 1", 3),
        ("x = 1 # a b", 2),
        ("// a\n/* b\n c */", 3),
        ("-- a b", 2),
        ("#!/bin/sh", 0),
        ('description = "a b"', 2),
        ('{"Description": "a b c"}', 3),
        ("x --force", 0),
        ("color: '#fff'", 0),
    ],
)
def test_comments_are_counted(code: str, comments: int) -> None:
    """In the forms of configuration languages."""
    text = f"```\n{code}\n```"
    assert measure_code(text, blocks(text)).comment_words == comments
