"""Fails unless every language says every text, and says it with the same placeholders."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message

from tools.messages import (
    is_complete,
    language_of,
    po_files,
    read_catalog,
    texts_of,
    wanted_messages,
)

PLACEHOLDER = re.compile(r"%\((\w+)\)([sd])")


def problems_in(file: Path, wanted: Catalog) -> Iterator[str]:
    """What is wrong with one language's file, a sentence each."""
    catalog = read_catalog(file, language_of(file))
    have = {_key(message): message for message in texts_of(catalog)}
    want = {_key(message): message for message in texts_of(wanted)}
    yield from (f"is not in the file (run make messages): {key}" for key in want.keys() - have.keys())
    yield from (f"is no longer in the code (run make messages): {key}" for key in have.keys() - want.keys())
    if catalog.obsolete:
        yield f"{len(catalog.obsolete)} obsolete texts are kept (run make messages)"
    for key in have.keys() & want.keys():
        yield from (f"{fault}: {key}" for fault in _faults(have[key], catalog.num_plurals))


def _key(message: Message) -> tuple[str | None, tuple[str, ...]]:
    return message.context, tuple(_strings(message.id))


def _faults(message: Message, number_of_forms: int) -> Iterator[str]:
    if message.fuzzy:
        yield "is marked fuzzy"
    if not is_complete(message):
        yield "is not translated"
        return
    sources, forms = _strings(message.id), _strings(message.string)
    if message.pluralizable and len(forms) != number_of_forms:
        yield f"has {len(forms)} plural forms, not {number_of_forms}"
    known = {found for source in sources for found in PLACEHOLDER.findall(source)}
    needed = set.intersection(*(set(PLACEHOLDER.findall(source)) for source in sources))
    for form in forms:
        used = set(PLACEHOLDER.findall(form))
        if not needed <= used <= known:
            yield f"has other placeholders in {form!r}"


def _strings(text: str | list[str] | tuple[str, ...] | None) -> list[str]:
    return [text] if isinstance(text, str) else list(text or ())


def main() -> int:
    """Print every problem; 1 when there is one."""
    wanted, files, count = wanted_messages(), po_files(), 0
    for file in files:
        for problem in sorted(problems_in(file, wanted)):
            print(f"{language_of(file)}: {problem}")
            count += 1
    print(f"Translations: {len(wanted)} texts, {len(files)} languages beside English, {count} problems")
    return 1 if count or not files else 0


if __name__ == "__main__":
    sys.exit(main())
