"""Consents: the words in which an organization asks, and what a person gives and withdraws."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import update

from app.accounts.permissions import Deed, Person
from app.core import audit
from app.core.audit import PARTICIPANT
from app.core.clock import now
from app.core.db import db, execute, transaction
from app.core.errors import NotAllowed, Refused
from app.core.i18n import gettext as _
from app.registration import queries
from app.registration.models import Consent, ConsentText
from app.registration.operations.waiting import load_with_event
from app.registration.purposes import PERSONAL_DATA, PURPOSES


class NoWords(Refused):
    """Nobody can agree to nothing."""

    code = "no_words"


def begin_consents(organization_id: int) -> None:
    """Give an organization that asks for nothing yet the required consent in ready-made words."""
    with transaction():
        if queries.latest_texts(organization_id).get(PERSONAL_DATA) is None:
            ready = PURPOSES[PERSONAL_DATA]
            _add(organization_id, ready.code, dict(ready.wording), 1, is_required=True, is_asked=True)


def word_consent(*, actor: Person, organization_id: int, purpose: str, wording: dict[str, str], is_asked: bool) -> bool:
    """Ask for this from now on in these words, or no longer; False when that is so already.

    Other words are a new version: what was given keeps the words in which it was. Raises `NoWords`, `NotAllowed`, and
    `Refused` for a purpose that isn't there, or the required one no longer asked for.
    """
    if not actor.may(Deed.EDIT_ORGANIZATION, organization_id):
        raise NotAllowed(_("Your role does not include the organization’s consents."))
    words = {language: text for language, text in wording.items() if text}
    with transaction():
        known = queries.latest_texts(organization_id)
        latest = known.get(purpose)
        if latest is None and purpose not in PURPOSES:
            raise Refused(_("There is no such consent."))
        is_required = latest.is_required if latest else PURPOSES[purpose].is_required
        if is_required and not is_asked:
            raise Refused(_("This one is required: without it nobody can sign up."))
        if is_asked and not words:
            raise NoWords(_("Please write the words."))
        if latest is not None and (latest.is_asked, latest.wording) == (is_asked, words or latest.wording):
            return False
        if latest is None and not is_asked:
            return False
        if latest is not None and latest.wording == (words or latest.wording):
            db.session.get_one(ConsentText, latest.id).is_asked = is_asked
        else:
            version = latest.version + 1 if latest else 1
            _add(organization_id, purpose, words, version, is_required=is_required, is_asked=is_asked)
        audit.record(actor.actor, "word_consent", organization_id=organization_id, purpose=purpose)
        return True


def _add(
    organization_id: int, purpose: str, wording: dict[str, str], version: int, *, is_required: bool, is_asked: bool
) -> None:
    db.session.add(
        ConsentText(
            organization_id=organization_id,
            purpose=purpose,
            version=version,
            wording=wording,
            is_required=is_required,
            is_asked=is_asked,
            created_at=now(),
        )
    )


def change_own_consents(*, registration_id: int, given: Collection[int], language: str) -> bool:
    """The person agrees to exactly these of the optional texts from now on; False when nothing changes.

    What was given and is withdrawn keeps the time of both. The required one is withdrawn by giving the place back. No
    mail. Raises `Missing`.
    """
    with transaction():
        registration, event = load_with_event(registration_id)
        offered = {one.id: one for one in queries.consents_to_choose(registration)}
        before = {one.id for one in offered.values() if one.given_at and not one.withdrawn_at}
        wanted = set(given) & set(offered)
        at = now()
        for text_id in before - wanted:
            _of(registration_id, text_id, withdrawn_at=at)
        for text_id in wanted - before:
            if offered[text_id].given_at:
                _of(registration_id, text_id, withdrawn_at=None, given_at=at, language=language)
            else:
                db.session.add(
                    Consent(registration_id=registration_id, text_id=text_id, language=language, given_at=at)
                )
        if before == wanted:
            return False
        audit.record(
            PARTICIPANT,
            "change_consents",
            organization_id=event.organization_id,
            event_id=event.id,
            subject=("registration", registration_id),
            given=sorted(offered[one].purpose for one in wanted - before),
            withdrawn=sorted(offered[one].purpose for one in before - wanted),
        )
        return True


def _of(registration_id: int, text_id: int, **values: object) -> None:
    row = update(Consent).where(Consent.registration_id == registration_id, Consent.text_id == text_id)
    execute(row.values(**values))
