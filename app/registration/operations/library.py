"""An organization's library of questions: add, change, put away."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Any

from slugify import slugify
from sqlalchemy import select

from app.accounts.permissions import Deed, Person
from app.core import audit
from app.core.clock import now
from app.core.db import db, transaction
from app.core.errors import Conflict, Missing, NotAllowed, Refused
from app.core.i18n import gettext as _
from app.core.i18n import said
from app.core.text import fold
from app.registration.questions.kinds import KINDS
from app.registration.questions.models import Question
from app.registration.questions.queries import chosen_codes, is_answered
from app.registration.questions.ready_made import READY_MADE, ReadyMade, belonging_to
from app.registration.questions.rules import breaks_promise
from app.registration.questions.values import OptionValues, QuestionValues

KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
KEY_LENGTH, CODE_LENGTH = 40, 40
MOST_OPTIONS = 50
LONGEST_KEEP = 3650


class WrongKey(Refused):
    """The report key can't be: of other characters, or another question's."""

    code = "wrong_key"


class QuestionInUse(Conflict):
    """What people have answered would lose its meaning."""

    code = "question_in_use"


def create_question(*, actor: Person, organization_id: int, values: QuestionValues) -> int:
    """Add a question to the library and return its id. Raises `WrongKey`, `Refused`, `NotAllowed`, `Missing`."""
    with transaction():
        _need(actor, organization_id)
        _check(values)
        question = _add(organization_id, values)
        _record(actor, "create_question", question)
        return question.id


def add_ready_made(*, actor: Person, organization_id: int, key: str) -> int:
    """Add a ready-made question with those that belong to it; returns how many are new. Raises `Missing`."""
    with transaction():
        _need(actor, organization_id)
        if key not in READY_MADE:
            raise Missing
        known = _keys(organization_id)
        made = [one for one in (READY_MADE[key], *belonging_to(key)) if one.key not in known]
        for one in made:
            _record(actor, "create_question", _add(organization_id, values_of(one)))
        return len(made)


def values_of(ready: ReadyMade) -> QuestionValues:
    """A ready-made question as one that somebody typed."""
    return QuestionValues(
        kind=ready.kind,
        key=ready.key,
        label=ready.label,
        help=ready.help,
        options=tuple(OptionValues(code, label) for code, label in ready.options),
        keep_days=ready.keep_days,
    )


def edit_question(*, actor: Person, question_id: int, values: QuestionValues) -> bool:
    """Change a question for all events that ask it; False when nothing changes. The report key stays.

    Once somebody has answered, or a condition is about it, the kind stays, too, and so do the options that were chosen:
    they can be archived. Answers aren't kept longer than people were told. Raises `QuestionInUse`, `Refused`,
    `NotAllowed`, `Missing`.
    """
    with transaction():
        question = _load(actor, question_id)
        _check(values)
        if values.kind != question.kind and is_answered(question.id):
            raise QuestionInUse(_("People have answered this, so its kind stays. Make a new question instead."))
        if breaks_promise(question.keep_days, values.keep_days) and is_answered(question.id):
            raise QuestionInUse(longer_words())
        options = _options(values)
        _refuse_lost(question, {one["code"] for one in options})
        before = _content(question)
        _fill(question, values, options)
        if _content(question) == before:
            return False
        _record(actor, "edit_question", question)
        return True


def longer_words() -> str:
    """Why sensitive answers can't be kept longer."""
    return _("People were told when their answers are deleted, so they can’t be kept longer. Make a new question.")


def archive_question(*, actor: Person, question_id: int, is_archived: bool) -> None:
    """Put a question away, or take it out again. Events that ask it go on asking. Raises `NotAllowed`, `Missing`."""
    with transaction():
        question = _load(actor, question_id)
        if question.is_archived != is_archived:
            question.is_archived = is_archived
            _record(actor, "archive_question" if is_archived else "restore_question", question)


def _need(actor: Person, organization_id: int) -> None:
    if not actor.belongs_to(organization_id):
        raise Missing
    if not actor.may(Deed.EDIT_EVENTS, organization_id):
        raise NotAllowed(_("Your role does not allow this. Ask the owner of your organization."))


def _load(actor: Person, question_id: int) -> Question:
    question = db.session.get(Question, question_id)
    if question is None:
        raise Missing
    _need(actor, question.organization_id)
    return question


def _check(values: QuestionValues) -> None:
    """Raise `Refused` for what nobody could answer."""
    kind = KINDS.get(values.kind)
    if kind is None:
        raise Refused(_("Please choose the kind of question."))
    if not any(values.label.values()):
        raise Refused(_("Please write the question."))
    if kind.has_options and sum(not option.is_archived for option in values.options) < 2:
        raise Refused(_("Please write at least two answers to choose from."))
    if _said_twice(values.options):
        raise Refused(_("“%(answer)s” stands there twice.", answer=_said_twice(values.options)))
    if len(values.options) > MOST_OPTIONS:
        raise Refused(_("That are too many answers: at most %(num)s.", num=MOST_OPTIONS))
    if values.lowest is not None and values.highest is not None and values.lowest > values.highest:
        raise Refused(_("The lowest number is above the highest one."))
    if values.keep_days is not None and not 0 <= values.keep_days <= LONGEST_KEEP:
        raise Refused(_("Please write a number of days from 0 to %(num)s.", num=LONGEST_KEEP))


def _said_twice(options: Sequence[OptionValues]) -> str:
    """An answer that nobody could tell from another one; empty: there is none."""
    seen: set[tuple[str, str]] = set()
    for option in options:
        for language, text in _said(option.label).items():
            if (language, fold(text)) in seen and not option.is_archived:
                return text
            seen.add((language, fold(text)))
    return ""


def _add(organization_id: int, values: QuestionValues) -> Question:
    question = Question(
        organization_id=organization_id,
        key=_free_key(organization_id, values),
        created_at=now(),
        is_archived=False,
    )
    _fill(question, values, _options(values))
    db.session.add(question)
    db.session.flush()
    return question


def _fill(question: Question, values: QuestionValues, options: list[dict[str, Any]]) -> None:
    kind = KINDS[values.kind]
    question.kind = values.kind
    question.label, question.help = _said(values.label), _said(values.help)
    question.options = options if kind.has_options else []
    question.lowest = values.lowest if kind.has_bounds else None
    question.highest = values.highest if kind.has_bounds else None
    question.keep_days = values.keep_days


def _said(texts: dict[str, str]) -> dict[str, str]:
    return {language: text for language, text in texts.items() if text}


def _options(values: QuestionValues) -> list[dict[str, Any]]:
    """The options as they are stored; new ones get a code of their label that none has."""
    codes = {option.code for option in values.options if option.code}
    rows = []
    for option in values.options:
        code = option.code or _free_name(option.label, codes, "option", CODE_LENGTH)
        codes.add(code)
        rows.append({"code": code, "label": _said(option.label), "is_archived": option.is_archived})
    return rows


def _refuse_lost(question: Question, codes: Collection[str]) -> None:
    """Raise `QuestionInUse` where an option would go that somebody has chosen, or that a condition names."""
    used = chosen_codes(question.id) - set(codes)
    lost = [said(option["label"]) for option in question.options if option["code"] in used]
    if lost:
        names = ", ".join(_("“%(text)s”", text=one) for one in lost)
        raise QuestionInUse(_("This was chosen already: %(answers)s. Archive it instead.", answers=names))


def _content(question: Question) -> tuple[Any, ...]:
    names = ("kind", "label", "help", "options", "lowest", "highest", "keep_days")
    return tuple(getattr(question, name) for name in names)


def _keys(organization_id: int) -> set[str]:
    return set(db.session.scalars(select(Question.key).where(Question.organization_id == organization_id)))


def _free_key(organization_id: int, values: QuestionValues) -> str:
    """The report key that was given, or one of the label that none has. Raises `WrongKey`."""
    taken = _keys(organization_id)
    if not values.key:
        return _free_name(values.label, taken, "question", KEY_LENGTH)
    if not KEY.fullmatch(values.key):
        raise WrongKey(_("Use small Latin letters, digits and _, such as age_band. Begin with a letter."))
    if values.key in taken:
        raise WrongKey(_("Another question has this report key."))
    return values.key


def _free_name(texts: dict[str, str], taken: Collection[str], otherwise: str, length: int) -> str:
    text = texts.get("en") or next((text for text in texts.values() if text), "")
    stem = slugify(text, separator="_", max_length=length - 4, word_boundary=True) or otherwise
    stem = stem if stem[0].isalpha() else f"{otherwise}_{stem}"[: length - 4]
    number, name = 1, stem
    while name in taken:
        number += 1
        name = f"{stem}_{number}"
    return name


def _record(actor: Person, action: str, question: Question) -> None:
    audit.record(
        actor.actor,
        action,
        organization_id=question.organization_id,
        subject=("question", question.id),
        question=question.key,
    )
