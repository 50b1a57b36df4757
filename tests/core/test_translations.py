"""Every text is said in every language, in words of that language and with its plural forms."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.core.i18n import in_language, ngettext
from tools.check_translations import PLACEHOLDER, problems_in
from tools.messages import language_of, po_files, read_catalog, texts_of, wanted_messages

RUSSIAN = next(file for file in po_files() if language_of(file) == "ru")
LATIN_WORD = re.compile(r"[A-Za-z]{2,}")
CYRILLIC = re.compile(r"[А-Яа-яЁё]")


def russian_texts() -> list[str]:
    """All translations, each plural form for itself, without their placeholders."""
    texts: list[str] = []
    for message in texts_of(read_catalog(RUSSIAN, "ru")):
        forms = [message.string] if isinstance(message.string, str) else list(message.string or ())
        texts += [PLACEHOLDER.sub("", form) for form in forms]
    return texts


@pytest.mark.parametrize("file", po_files(), ids=language_of)
def test_every_text_of_the_code_is_translated(file: Path) -> None:
    assert list(problems_in(file, wanted_messages())) == []


def test_no_russian_text_is_left_in_english() -> None:
    texts = russian_texts()
    assert len(texts) > 1000
    assert [text for text in texts if LATIN_WORD.search(text) and not CYRILLIC.search(text)] == []


def test_russian_texts_have_russian_quotation_marks() -> None:
    assert [text for text in russian_texts() if re.search(r"[\"“”]", text)] == []


@pytest.mark.usefixtures("context")
def test_people_are_counted_as_in_russian() -> None:
    with in_language("ru"):
        counted = [ngettext("%(num)s person", "%(num)s people", count) for count in (1, 2, 5, 11, 21, 22)]
    assert counted == ["1 человек", "2 человека", "5 человек", "11 человек", "21 человек", "22 человека"]
