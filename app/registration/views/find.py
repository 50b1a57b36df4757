"""Finding one's registrations again, by mail."""

from __future__ import annotations

from typing import Any

from flask import Response, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.catalogue.calendar_links import google_subscribe_url, outlook_subscribe_url, webcal_url
from app.core.clock import now
from app.core.i18n import gettext as _
from app.core.i18n import language
from app.core.limits import Limit, limited
from app.core.pages import keep_not
from app.core.settings import settings
from app.registration import operations, queries
from app.registration.alarms import NONE
from app.registration.forms import FindForm, OwnCalendarForm
from app.registration.mailboxes import feed_address, feed_of_contact, registrations_of_contact
from app.registration.models import Contact, PersonalFeed, Registration
from app.registration.own_rows import row_of
from app.registration.views.blueprint import own_page, registration


@registration.route("/find", methods=["GET", "POST"])
@limited(Limit(lambda settings: settings.find_limit))
def find() -> BaseResponse:
    """Ask for one's links by mail. The answer is the same for every address."""
    form = FindForm(request.form if request.method == "POST" else None)
    if request.method == "POST" and form.validate():
        if not form.trap.caught:
            operations.request_links(email=form.email.data.lower(), language=language())
        return redirect(url_for("registration.links_sent"), 303)
    status = 422 if request.method == "POST" else 200
    page = _find_page("find", form=form)
    return keep_not(Response(page, status=status))


@registration.get("/find/sent")
def links_sent() -> BaseResponse:
    """What happens next, whoever asked."""
    return keep_not(Response(_find_page("links_sent")))


@registration.get("/me/<token>")
def mine(token: str) -> BaseResponse:
    """Everything one address has signed up for, by a link that soon runs out, and the calendar of it."""
    contact = queries.find_contact_by_link(token)
    return link_is_over() if contact is None else mine_page(contact, token)


def mine_page(contact: Contact, token: str, form: OwnCalendarForm | None = None, status: int = 200) -> BaseResponse:
    """The page of all registrations; `form` is what could not be saved of the calendar."""
    rows = [row_of(one) for one in registrations_of_contact(contact.id)]
    feed = feed_of_contact(contact.id)
    path = feed_address(contact, feed)
    return own_page(
        "mine",
        status,
        contact=contact,
        token=token,
        rows=rows,
        feed=_feed_links(path) if path else None,
        are_invited=any(_is_invited(row.registration) for row in rows),
        form=form or OwnCalendarForm(data=_chosen(feed)),
        note=request.args.get("note", ""),
    )


def _is_invited(row: Registration) -> bool:
    """Whether a mail about it brings an entry into the calendar, too."""
    return row.is_active and row.event.ends_at > now() and row.event.organization.sends_invitations


def _chosen(feed: PersonalFeed | None) -> dict[str, str]:
    """What the person has chosen for the calendar, as its form takes it."""
    return {"alarms": feed.alarms, "speaks": feed.language} if feed else {"alarms": NONE, "speaks": language()}


def _feed_links(path: str) -> dict[str, str]:
    """The ways into a calendar program for the feed at this path."""
    name = _("%(site)s: my registrations", site=settings().site_name)
    return {
        "webcal": webcal_url(path),
        "google": google_subscribe_url(path),
        "outlook": outlook_subscribe_url(path, name),
        "address": settings().base_url + path,
    }


def link_is_over() -> BaseResponse:
    """What to do when a link to all registrations has run out."""
    page = _find_page("link_over")
    return keep_not(Response(page, status=404))


def _find_page(template: str, **values: Any) -> str:
    """A page under "My registrations" in the menu."""
    g.section = "find"
    return render_template(f"registration/{template}.html", **values)
