"""The personal feed: for calendar programs at its secret address, and what its owner decides about it."""

from __future__ import annotations

import hashlib

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.catalogue.version import catalogue_version
from app.core.clock import midnight, settled, today
from app.core.i18n import gettext as _
from app.core.i18n import in_language, language
from app.core.limits import READING, Limit, limited
from app.core.pages import date_answer
from app.registration import mailboxes, operations, queries
from app.registration.forms import OwnCalendarForm
from app.registration.mailboxes import FeedState
from app.registration.own_calendar import feed_of, made_of_one_state
from app.registration.views.blueprint import registration
from app.registration.views.find import link_is_over, mine_page

TEMPLATE = 1  # Raise it when the bytes of a feed change though nothing in it does.


def _is_unknown(response: Response) -> bool:
    return response.status_code == 404


@registration.get("/cal/<token>.ics")
@limited(Limit(lambda settings: settings.calendar_limit, counts=_is_unknown), on=READING)
def personal_feed(token: str) -> BaseResponse:
    """Everything that one mailbox has signed up for, over all events and organizations."""
    state = mailboxes.find_feed(token)
    if state is None:
        words = _("This calendar’s address no longer works. A new one is under “My registrations”.")
        return _private(Response(words, status=404, content_type="text/plain; charset=utf-8"))
    version, changed_at = catalogue_version()
    response = Response(content_type="text/calendar; charset=utf-8")
    response.set_etag(_etag(state, version), weak=True)
    date_answer(response, settled(max(state.changed_at, changed_at, midnight(today()))))
    response.make_conditional(request)
    if response.status_code != 304:
        with in_language(state.language):
            response.set_data(made_of_one_state(lambda: _basis(token), lambda: _body(state)))
    return _private(response)


def _basis(token: str) -> object:
    return mailboxes.find_feed(token), catalogue_version()


def _body(state: FeedState) -> bytes:
    return feed_of(state.contact_id, state.language, state.alarms, today())


def _etag(state: FeedState, version: int) -> str:
    return hashlib.sha256(repr((state, version, today(), TEMPLATE)).encode()).hexdigest()[:24]


def _private(response: Response) -> BaseResponse:
    """For this one reader only: kept by no proxy, found by no search engine, and the address told to nobody."""
    response.headers["Cache-Control"] = "private, max-age=300"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@registration.post("/me/<token>/calendar/<any(renew, stop):deed>")
@limited(Limit(lambda settings: settings.find_limit))
def own_feed(token: str, deed: str) -> BaseResponse:
    """Make a new address for the person's calendar, or switch it off."""
    contact = queries.find_contact_by_link(token)
    if contact is None:
        return link_is_over()
    if deed == "renew":
        operations.renew_feed(contact_id=contact.id, language=language())
    else:
        operations.stop_feed(contact_id=contact.id)
    return _back(token, deed)


@registration.post("/me/<token>/calendar/alarms")
@limited(Limit(lambda settings: settings.find_limit))
def own_alarms(token: str) -> BaseResponse:
    """Choose the language of the person's calendar and its reminders."""
    contact = queries.find_contact_by_link(token)
    if contact is None:
        return link_is_over()
    form = OwnCalendarForm(request.form)
    if not form.validate():
        return mine_page(contact, token, form, 422)
    operations.set_alarms(contact_id=contact.id, alarm=form.alarms.data, language=form.speaks.data)
    return _back(token, "alarms")


def _back(token: str, note: str) -> BaseResponse:
    return redirect(url_for("registration.mine", token=token, note=note, _anchor="calendar"), 303)
