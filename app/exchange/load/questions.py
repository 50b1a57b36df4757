"""Questions of organizations, what events ask, and what people answered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import select

from app.accounts.models import Organization
from app.catalogue.models import Event
from app.core.i18n import gettext as _
from app.exchange.load.events import find_event
from app.exchange.load.work import Work, given, set_values
from app.registration.models import Registration
from app.registration.operations.library import longer_words, values_of
from app.registration.operations.storing_answers import replace_answers
from app.registration.questions.asked import AskedQuestion
from app.registration.questions.kinds import KINDS
from app.registration.questions.kinds.kind import WrongAnswer
from app.registration.questions.models import EventQuestion, Question
from app.registration.questions.queries import answers_of, asked_as, is_answered, questions_of, questions_to_ask
from app.registration.questions.ready_made import READY_MADE, belonging_to
from app.registration.questions.rules import breaks_promise, is_in_order

QUESTION = {name: name for name in ("kind", "label", "help", "lowest", "highest", "keep_days")}
QUESTION |= {"archived": "is_archived"}


def load_questions(work: Work, document: dict[str, Any]) -> None:
    """The libraries: ready-made questions by their names, others by organization and report key."""
    for number, entry in enumerate(document.get("organizations", [])):
        organization = work.session.scalar(select(Organization).where(Organization.slug == entry["slug"]))
        if organization is None:
            continue
        place = f"organizations[{number}]"
        for position, key in enumerate(entry.get("ready_made_questions", [])):
            if key in READY_MADE:
                _take_ready(work, organization, key)
            else:
                work.problem(f"{place}.ready_made_questions[{position}]", _one_of(READY_MADE))
        for position, question in enumerate(entry.get("questions", [])):
            _load_question(work, f"{place}.questions[{position}]", organization, question)


def _one_of(codes: Mapping[str, Any]) -> str:
    return _("This must be one of %(codes)s.", codes=", ".join(codes))


def _take_ready(work: Work, organization: Organization, key: str) -> None:
    """One that is there already stays as the organization has made it."""
    for ready in (READY_MADE[key], *belonging_to(key)):
        if _find(work, organization.id, ready.key) is None:
            values = values_of(ready)
            options = [{"code": one.code, "label": one.label, "is_archived": False} for one in values.options]
            own = {"kind": values.kind, "label": values.label, "help": values.help, "keep_days": values.keep_days}
            work.keep("questions", Question, None, own, _defaults(work, organization, ready.key) | {"options": options})


def _find(work: Work, organization_id: int, key: str) -> Question | None:
    query = select(Question).where(Question.organization_id == organization_id, Question.key == key)
    return work.session.scalar(query)


def _defaults(work: Work, organization: Organization, key: str) -> dict[str, Any]:
    return {
        "organization_id": organization.id,
        "key": key,
        "help": {},
        "options": [],
        "is_archived": False,
        "created_at": work.loaded_at,
    }


def _load_question(work: Work, place: str, organization: Organization, entry: dict[str, Any]) -> None:
    key, kind = entry["key"], KINDS.get(entry["kind"])
    if not work.name("questions", f"{organization.id} {key}"):
        work.problem(f"{place}.key", _("“%(name)s” comes twice in this list.", name=key))
        return
    if kind is None:
        work.problem(f"{place}.kind", _one_of(KINDS))
        return
    known = _find(work, organization.id, key)
    if known is not None and known.kind != kind.code and is_answered(known.id):
        work.problem(f"{place}.kind", _("People have answered this, so its kind stays. Make a new question instead."))
        return
    values = given(entry, QUESTION)
    if known is not None and _is_kept_longer(known, values):
        work.problem(f"{place}.keep_days", longer_words())
    if kind.has_options:
        values["options"] = _options(entry.get("options", []), known.options if known else [])
        if sum(not option["is_archived"] for option in values["options"]) < 2:
            work.problem(f"{place}.options", _("Please write at least two answers to choose from."))
    work.keep("questions", Question, known, values, _defaults(work, organization, key))


def _is_kept_longer(known: Question, values: dict[str, Any]) -> bool:
    return breaks_promise(known.keep_days, values.get("keep_days", known.keep_days)) and is_answered(known.id)


def _options(said: Sequence[dict[str, Any]], old: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The options that the file names, then those that it leaves out: they stay."""
    named = [{"code": one["code"], "label": one["label"], "is_archived": one.get("archived", False)} for one in said]
    codes = {one["code"] for one in named}
    return named + [one for one in old if one["code"] not in codes]


def load_event_questions(work: Work, document: dict[str, Any]) -> None:
    """What events ask, in the file's order; questions that it leaves out stay below."""
    for number, entry in enumerate(document.get("events", [])):
        event = find_event(work, entry.get("key", entry["slug"])) if "questions" in entry else None
        if event is not None:
            _load_asked(work, f"events[{number}].questions", entry["questions"], event)


def _load_asked(work: Work, place: str, entries: list[dict[str, Any]], event: Event) -> None:
    rows = {row.question_id: row for row in _asked_rows(work, event)}
    named: list[EventQuestion] = []
    for position, entry in enumerate(entries):
        question = _find(work, event.organization_id, entry["question"])
        here = f"{place}[{position}]"
        if question is None:
            work.problem(f"{here}.question", _no_question(entry["question"]))
        elif question.id in [row.question_id for row in named]:
            work.problem(f"{here}.question", _("“%(name)s” comes twice in this list.", name=question.key))
        else:
            named.append(_bring(work, here, event, rows.get(question.id), question, entry))
    for position, row in enumerate([*named, *(row for row in rows.values() if row not in named)]):
        if row.position != position:
            row.position = position
    if named and not event.asks_questions:
        event.asks_questions = True
    work.session.flush()
    if not is_in_order(questions_of(event.id)):
        work.problem(place, _("A question can depend on an earlier one only."))


def _asked_rows(work: Work, event: Event) -> list[EventQuestion]:
    query = select(EventQuestion).where(EventQuestion.event_id == event.id)
    return list(work.session.scalars(query.order_by(EventQuestion.position, EventQuestion.id)))


def _no_question(key: str) -> str:
    return _("This organization has no question “%(name)s”.", name=key)


def _bring(
    work: Work, place: str, event: Event, row: EventQuestion | None, question: Question, entry: dict[str, Any]
) -> EventQuestion:
    only_if_id, codes = _condition(work, f"{place}.only_if", event, entry.get("only_if"))
    values = {
        "is_required": entry.get("required", False),
        "only_if_id": only_if_id,
        "only_if_codes": codes,
    }
    if row is None:
        row = EventQuestion(event_id=event.id, question_id=question.id, position=0, **values)
        work.session.add(row)
        work.added["event_questions"] += 1
    elif any(getattr(row, name) != value for name, value in values.items()):
        set_values(row, values)
        work.changed["event_questions"] += 1
    return row


def _condition(work: Work, place: str, event: Event, condition: dict[str, Any] | None) -> tuple[int | None, list[str]]:
    if condition is None:
        return None, []
    earlier = _find(work, event.organization_id, condition["question"])
    if earlier is None:
        work.problem(f"{place}.question", _no_question(condition["question"]))
        return None, []
    codes = [code for code, _words in KINDS[earlier.kind].choices(asked_as(earlier))]
    if not set(condition["answers"]) <= set(codes):
        work.problem(f"{place}.answers", _("This must be one of %(codes)s.", codes=", ".join(codes) or "–"))
    return earlier.id, list(condition["answers"])


def load_answers(work: Work, document: dict[str, Any]) -> None:
    """What people answered, by report key; null empties an answer. Nothing is required of a file."""
    for number, entry in enumerate(document.get("registrations", [])):
        registration = _registration(work, entry) if "answers" in entry else None
        if registration is not None:
            _load_answers(work, f"registrations[{number}].answers", entry["answers"], registration)


def _registration(work: Work, entry: dict[str, Any]) -> Registration | None:
    """The registration of this key, unless its data was erased: a file doesn't bring it back."""
    known = select(Registration).where(Registration.source_key == entry["key"], Registration.erased_at.is_(None))
    return work.session.scalar(known)


def _load_answers(work: Work, place: str, said: dict[str, Any], registration: Registration) -> None:
    event = work.session.get_one(Event, registration.event_id)
    asked = questions_to_ask(event)
    by_key = {one.key: one for one in questions_of(event.id)}
    answers = answers_of(registration.id)
    for key, value in said.items():
        question = by_key.get(key)
        if question is None:
            work.problem(f"{place}.{key}", _("The event doesn’t ask this."))
            continue
        for answer in _read(work, f"{place}.{key}", question, value):
            answers[question.id] = answer
    changed = replace_answers(registration.id, asked, answers)
    if changed:
        work.changed["answers"] += len(changed)


def _read(work: Work, place: str, question: AskedQuestion, value: Any) -> Iterator[Any]:
    """The canonical answer; nothing after a problem."""
    try:
        yield KINDS[question.kind].read(_typed(value), question)
    except WrongAnswer as wrong:
        work.problem(place, str(wrong))


def _typed(value: Any) -> list[str]:
    """The answer as a form would send it."""
    if value is None:
        return []
    if isinstance(value, bool):
        return ["yes" if value else "no"]
    return [str(one) for one in value] if isinstance(value, list) else [str(value)]
