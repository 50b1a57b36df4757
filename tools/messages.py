"""Brings the translations up to date with the code: `python -m tools.messages [FILE.po…]`.

The files hold neither dates nor line numbers, so the same code always gives the same bytes. Translations
still missing are taken from the files named, if they are there.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
TRANSLATIONS = ROOT / "app" / "translations"
# Where texts are found, and by which of Babel's methods.
SOURCES = (("app", "**/*.py", "python"), ("templates", "**/*.*", "jinja2"))
KEYWORDS = {
    "_": None,
    "gettext": None,
    "lazy_gettext": None,
    "_l": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "lazy_pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
COMMENT_TAGS = ("For translators:",)


def wanted_messages(root: Path = ROOT) -> Catalog:
    """All texts in the code and the templates."""
    catalog = Catalog()
    for folder, pattern, method in SOURCES:
        for file in sorted((root / folder).glob(pattern)):
            if not file.is_file():
                continue
            for _line, text, comments, context in extract_from_file(
                method, file, keywords=KEYWORDS, comment_tags=COMMENT_TAGS, options=_OPTIONS[method]
            ):
                place = (file.relative_to(root).as_posix(), 0)
                catalog.add(text, None, [place], auto_comments=comments, context=context)
    return catalog


def po_files(folder: Path = TRANSLATIONS) -> list[Path]:
    """The translations that there are, one file a language."""
    return sorted(folder.glob("*/LC_MESSAGES/messages.po"))


def language_of(file: Path) -> str:
    """The language of a file in po_files()."""
    return file.parent.parent.name


def read_catalog(file: Path, language: str) -> Catalog:
    """What a .po file says. Raises on a file that can't be understood."""
    with file.open("rb") as opened:
        return read_po(opened, locale=language, abort_invalid=True)


def texts_of(catalog: Catalog) -> Iterator[Message]:
    """The catalog's messages without its header."""
    return (message for message in catalog if message.id)


def update(file: Path, wanted: Catalog, sources: Iterable[Path] = ()) -> None:
    """Rewrite one language's file: texts no longer wanted go, new ones come, `sources` fill the gaps."""
    language = language_of(file)
    known = [read_catalog(path, language) for path in (file, *sources)]
    fresh = Catalog(locale=language)
    for message in texts_of(wanted):
        places = [(place, 0) for place in sorted({place for place, _line in message.locations})]
        fresh.add(
            message.id,
            _translation(message, known),
            places,
            message.flags,
            message.auto_comments,
            context=message.context,
        )
    with file.open("wb") as opened:
        opened.write(_header(fresh).encode())
        write_po(opened, fresh, omit_header=True, sort_by_file=True, include_lineno=False, width=100)


def _translation(message: Message, known: Iterable[Catalog]) -> str | list[str] | tuple[str, ...] | None:
    """The first complete translation among the catalogs."""
    for catalog in known:
        found = catalog.get(message.id, context=message.context)
        if found and is_complete(found) and not found.fuzzy and found.pluralizable == message.pluralizable:
            return found.string
    return None


def is_complete(message: Message) -> bool:
    """Whether every form of a message is translated."""
    forms = message.string if isinstance(message.string, list | tuple) else [message.string]
    return all(forms)


def _header(catalog: Catalog) -> str:
    lines = [
        f"Language: {catalog.locale}",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=UTF-8",
        "Content-Transfer-Encoding: 8bit",
        f"Plural-Forms: {catalog.plural_forms}",
    ]
    return 'msgid ""\nmsgstr ""\n' + "".join(f'"{line}\\n"\n' for line in lines) + "\n"


_OPTIONS: dict[str, dict[str, str]] = {
    "python": {},
    "jinja2": {"trimmed": "true", "silent": "false", "encoding": "utf-8"},
}


if __name__ == "__main__":
    wanted_now = wanted_messages()
    for po_file in po_files():
        update(po_file, wanted_now, [Path(name) for name in sys.argv[1:]])
        print(f"{po_file.relative_to(ROOT)}: {len(wanted_now)} texts")
