"""A data file read: its text as JSON, cleaned, and held against the schema."""

from __future__ import annotations

import json
from collections.abc import Iterator
from difflib import get_close_matches
from functools import cache
from typing import Any, NoReturn

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from app.core.i18n import gettext as _
from app.core.text import clean
from app.exchange.load.problems import LoadRefused, Problem
from config import ROOT

SCHEMA = ROOT / "docs" / "how-to" / "load-data.schema.json"


def read_document(content: bytes) -> dict[str, Any]:
    """The document in `content`, cleaned and of the documented shape. Raises `LoadRefused`."""
    document = _clean_all(_parse(content))
    errors = _validator().iter_errors(document)
    problems = [problem for error in errors for problem in _problems_of(error)]
    if problems:
        raise LoadRefused(sorted(problems, key=lambda problem: problem.place))
    return dict(document)


def _parse(content: bytes) -> Any:
    try:
        return json.loads(content.decode("utf-8-sig"), object_pairs_hook=_without_doubles, parse_constant=_no_number)
    except UnicodeDecodeError:
        raise _refused(_("The file is not text in UTF-8. Save it as UTF-8 and try again.")) from None
    except json.JSONDecodeError as error:
        raise _refused(
            _("Line %(line)s, column %(column)s: this is not JSON.", line=error.lineno, column=error.colno)
        ) from None
    except RecursionError:
        raise _refused(_("The file has too many brackets inside brackets.")) from None


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _value in pairs]
        double = next(name for name in names if names.count(name) > 1)
        raise _refused(_("The name “%(name)s” comes twice in one object.", name=double))
    return found


def _no_number(text: str) -> NoReturn:
    raise _refused(_("“%(text)s” is not a number.", text=text))


def _refused(message: str) -> LoadRefused:
    return LoadRefused([Problem("", message)])


def _clean_all(value: Any) -> Any:
    """Every text as `core.text.clean` leaves it, so that the schema judges what would be stored."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [_clean_all(item) for item in value]
    if isinstance(value, dict):
        return {name: _clean_all(item) for name, item in value.items()}
    return value


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads(SCHEMA.read_text("utf-8")))


def _problems_of(error: ValidationError) -> Iterator[Problem]:
    """The schema's error in plain words; one for each missing or unknown name."""
    place = place_of(error.absolute_path)
    if error.validator == "required":
        # The validator reports each missing name by itself, but tells which only inside its sentence.
        name = next(name for name in error.validator_value if error.message.startswith(repr(name)))
        yield Problem(place, _("“%(name)s” is missing.", name=name))
    elif error.validator == "additionalProperties":
        known = list(error.schema["properties"])
        yield from (Problem(place, _unknown(name, known)) for name in error.instance if name not in known)
    elif error.validator == "minItems":
        yield Problem(place, _("There must be at least one."))
    elif error.validator == "maxItems":
        yield Problem(place, _("There are too many: at most %(count)s.", count=error.validator_value))
    elif error.validator == "uniqueItems":
        yield Problem(place, _("Something comes twice."))
    else:
        yield Problem(place, _("This must be %(what)s.", what=_wanted(error)))


def _unknown(name: str, known: list[str]) -> str:
    near = get_close_matches(name, known, 1)
    if near:
        return _("“%(name)s” is not known here. Did you mean “%(near)s”?", name=name, near=near[0])
    return _("“%(name)s” is not known here.", name=name)


def _wanted(error: ValidationError) -> str:
    """What the schema describes at the place, or the nearest description around it."""
    around: ValidationError | None = error
    while around is not None:
        if "description" in around.schema:
            return str(around.schema["description"])
        around = around.parent
    return {"object": "{…}", "array": "[…]"}.get(str(error.schema.get("type")), str(error.schema.get("type")))


def place_of(path: Any) -> str:
    """`events[3].sessions[0].starts` for the steps that lead there."""
    place = ""
    for step in path:
        if isinstance(step, int):
            place += f"[{step}]"
        else:
            place += f".{step}" if place else str(step)
    return place
