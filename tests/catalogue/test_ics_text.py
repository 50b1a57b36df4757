"""Any text at all: cleaned, escaped, folded, and read back."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.catalogue.ics import calendar, clean_line, clean_text, escape, render_personal, render_vevent
from app.catalogue.ics.text import fold, quoted, uri
from tests.catalogue.ics_cases import PAGE, session_facts, utc
from tests.readers.calendars import Reader

# All of Unicode, lone surrogates too, and often what means something to a calendar.
ANY_TEXT = st.text(
    st.one_of(
        st.characters(exclude_categories=()),
        st.sampled_from(list('\\;,:"^nN \r\n\t\0жЁ🔭\u2028\x85ATTENDEE')),
    )
)
LONG_TEXT = st.builds(lambda text, times: text * times, ANY_TEXT, st.integers(1, 60))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(title=LONG_TEXT, description=LONG_TEXT, location=LONG_TEXT, note=LONG_TEXT)
def test_any_text_comes_back_and_injects_nothing(
    title: str, description: str, location: str, note: str, reader: Reader
) -> None:
    facts = session_facts(title=title, description=description, location=location, organizer_name=title)
    vevent = render_vevent(facts)
    personal = render_personal(vevent, sequence_bonus=1, changed_at=utc("2026-06-01T12:00:00"), note=note)
    data = calendar([vevent, personal], zones=["Europe/Berlin"], name=title)
    assert data.endswith(b"\r\n")
    assert b"\n" not in data.replace(b"\r\n", b"")
    assert b"\r" not in data.replace(b"\r\n", b"")
    for line in data.split(b"\r\n"):
        assert len(line) <= 75
        line.decode()
    public, own = reader(data)
    words = clean_text(description).strip()
    shown = f"{words}\n\n{PAGE}" if words else PAGE
    assert (public.summary, public.location, public.description) == (
        clean_line(title),
        clean_line(location),
        shown,
    )
    added = clean_text(note).strip()
    assert own.description == (f"{shown}\n{added}" if added else shown)
    assert public.names == own.names
    assert public.names <= reader(calendar([render_vevent(session_facts(title="x", location="x"))], zones=[]))[0].names


@given(ANY_TEXT)
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    assert clean_text(clean_text(text)) == clean_text(text)
    assert clean_line(clean_line(text)) == clean_line(text)


def test_ten_thousand_characters_come_back(reader: Reader) -> None:
    title = "Ё🔭a\\;," * 1700
    (entry,) = reader(calendar([render_vevent(session_facts(title=title))], zones=["Europe/Berlin"]))
    assert entry.summary == title


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("a\r\nb\rc\u2028d\x85e", "a\nb\nc\nd\ne"),
        ("a\0b\x1bc\x7fd\x9f", "abcd"),
        ("a\tb", "a b"),
        ("\ud83d lone", " lone"),
        ("Ёё 🔭 \u200f אב", "Ёё 🔭 \u200f אב"),
    ],
)
def test_cleaning_keeps_words_and_drops_controls(text: str, cleaned: str) -> None:
    assert clean_text(text) == cleaned


def test_one_line_keeps_a_no_break_space() -> None:
    assert clean_line(" г.\u00a0Москва,\n  дом 1 ") == "г.\u00a0Москва, дом 1"


def test_backslash_and_capital_n_stay_two_characters() -> None:
    assert escape("C:\\New\nline") == b"C:\\\\New\\nline"


@pytest.mark.parametrize("length", range(60, 90))
def test_no_fold_cuts_a_letter_or_an_escape(length: int) -> None:
    for filling in ("Ж", "🔭", "\\", ";", "a\n"):
        line = b"X:" + b"a" * length + escape(filling * 40)
        pieces = fold(line).removesuffix(b"\r\n").split(b"\r\n ")
        assert b"".join(pieces) == line
        for piece in pieces[:-1]:
            piece.decode()
            assert (len(piece) - len(piece.rstrip(b"\\"))) % 2 == 0
            assert filling == "\\" or not piece.endswith(b"\\")


def test_a_short_line_is_left_alone() -> None:
    assert fold(b"X:" + b"a" * 73) == b"X:" + b"a" * 73 + b"\r\n"


def test_a_quoted_parameter_has_no_quote_and_no_bare_caret() -> None:
    assert quoted('A "B" ^n\r\nC') == "\"A 'B' ^^n C\""


def test_an_address_stays_one_ascii_word() -> None:
    assert uri("https://a.example/ж?x=1%20&y=a b\r\nX:1") == "https://a.example/%D0%B6?x=1%20&y=a%20b%20X:1"
