"""Compiles app/translations/*/LC_MESSAGES/*.po where the compiled file is missing or older."""

from __future__ import annotations

import tempfile
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

TRANSLATIONS = Path(__file__).resolve().parent.parent / "app" / "translations"


def compile_translations(folder: Path = TRANSLATIONS) -> list[Path]:
    """Compile what needs it and return the files written. Several processes may do this at once."""
    written = []
    for source in sorted(folder.glob("*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
            continue
        _compile(source, target)
        written.append(target)
    return written


def _compile(source: Path, target: Path) -> None:
    with source.open("rb") as file:
        catalog = read_po(file, locale=source.parent.parent.name)
    # Written beside and moved into place, so that nobody ever reads half a file.
    with tempfile.NamedTemporaryFile(dir=target.parent, suffix=".tmp", delete=False) as draft:
        write_mo(draft, catalog)
    Path(draft.name).chmod(0o644)
    Path(draft.name).replace(target)


if __name__ == "__main__":
    for path in compile_translations():
        print(f"Compiled {path.relative_to(TRANSLATIONS.parent.parent)}")
