"""What a format, an audience or a topic needs: a name in every language and a place in the filter."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from app import create_app
from app.catalogue.audiences import AUDIENCES
from app.catalogue.formats import FORMATS
from app.catalogue.topics import TOPICS
from app.core.i18n import in_language
from config import LANGUAGES
from tests.support.databases import fresh, settings_for

TABLES = {"format": FORMATS, "audience": AUDIENCES, "topic": TOPICS}
ENTRIES = [(table, code) for table, entries in TABLES.items() for code in entries]


@pytest.fixture(scope="module", autouse=True)
def pages() -> Iterator[dict[str, str]]:
    """The list of events in each language."""
    with fresh("sqlite") as url:
        app = create_app(settings_for(url))
        client = app.test_client()
        client.environ_base["HTTP_HOST"] = "127.0.0.1:5000"
        lists = {language: client.get(f"/events?lang={language}").text for language in LANGUAGES}
        with app.app_context():
            yield lists


@pytest.mark.parametrize(("table", "code"), ENTRIES)
def test_an_entry_fits_its_column_and_is_known_by_its_code(table: str, code: str) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9_]{1,19}", code)
    assert TABLES[table][code].code == code


@pytest.mark.parametrize(("table", "code"), ENTRIES)
def test_an_entry_has_a_name_of_its_own_in_every_language(table: str, code: str) -> None:
    names = set()
    for language in LANGUAGES:
        with in_language(language):
            others = [str(entry.name) for other, entry in TABLES[table].items() if other != code]
            names.add(str(TABLES[table][code].name))
            assert str(TABLES[table][code].name) not in ["", *others]
    assert len(names) == len(LANGUAGES)


@pytest.mark.parametrize("code", FORMATS)
def test_a_format_has_a_heading_in_every_language_and_a_usual_length(code: str) -> None:
    headings = []
    for language in LANGUAGES:
        with in_language(language):
            headings.append(str(FORMATS[code].several))
    assert len(set(headings) - {""}) == len(LANGUAGES)
    assert 15 <= FORMATS[code].default_minutes <= 24 * 60


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("table", "code"), ENTRIES)
def test_an_entry_can_be_chosen_in_the_filter(pages: dict[str, str], table: str, code: str, language: str) -> None:
    with in_language(language):
        entry = TABLES[table][code]
        name = re.escape(str(getattr(entry, "several", entry.name)))
    assert re.search(rf'value="{code}"[^>]*>\s*(<[^>]*>\s*)*{name}', pages[language])
