"""For administrators: organizations, and the health of the machinery."""

from __future__ import annotations

from flask import Response, flash, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from app.accounts import operations
from app.accounts.desk_page import CHOSEN, person_here
from app.catalogue.times_text import zone_choices
from app.core.errors import DomainError
from app.core.health import readiness
from app.core.http import status_of
from app.core.i18n import gettext as _
from app.core.i18n import language
from app.core.settings import settings
from app.desk.blueprint import desk, page
from app.desk.forms import FILE, INVITATION, OrganizationForm
from app.desk.words import CALENDAR_HINTS
from app.messaging import queries as messaging
from app.registration.operations import begin_consents


@desk.get("/admin")
def admin() -> Response:
    """Organizations and health."""
    return page(
        "admin",
        "admin",
        organizations=g.organizations,
        checks=readiness(),
        worker_seen_at=messaging.worker_seen_at(),
        is_worker_alive=messaging.is_worker_alive(),
        queue_minutes=int(messaging.queue_age().total_seconds() // 60),
        mails=messaging.message_counts(),
        has_mail_server=settings().mail is not None,
    )


@desk.get("/admin/organizations/new")
def new_organization() -> Response:
    """An empty form."""
    values = settings()
    data = {"language": values.default_language, "zone": values.default_time_zone, "calendar": FILE}
    form = OrganizationForm(data=data)
    return _form_page(form)


@desk.post("/admin/organizations/new")
def create_organization() -> ResponseReturnValue:
    """Make an organization, open its desk and go on to its team."""
    form = OrganizationForm(request.form)
    form.zone.choices = zone_choices([settings().default_time_zone], language())
    if not form.validate():
        return _form_page(form, 422)
    try:
        organization_id = operations.create_organization(
            actor=person_here().actor,
            slug=form.slug.data,
            name={form.language.data: form.name.data},
            email=form.email.data,
            zone=form.zone.data,
            language=form.language.data,
            sends_invitations=form.calendar.data == INVITATION,
        )
    except DomainError as refusal:
        form.refuse(refusal, "slug")
        return _form_page(form, status_of(refusal))
    begin_consents(organization_id)
    session[CHOSEN] = organization_id
    flash(_("The organization is there. Now invite its owner."))
    return redirect(url_for("desk.team"), 303)


def _form_page(form: OrganizationForm, status: int = 200) -> Response:
    form.zone.choices = zone_choices([settings().default_time_zone], language())
    return page("organization_form", "admin", status, form=form, CALENDAR_HINTS=CALENDAR_HINTS)
