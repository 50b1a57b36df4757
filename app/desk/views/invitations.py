"""Whether an organization's mails bring a calendar file, or an invitation that follows by itself."""

from __future__ import annotations

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts import operations
from app.accounts.desk_page import need, organization_here, person_here
from app.accounts.permissions import Deed
from app.core.i18n import gettext as _
from app.core.settings import settings
from app.desk.blueprint import desk, page
from app.desk.forms import FILE, INVITATION, InvitationsForm
from app.desk.words import CALENDAR_HINTS


@desk.get("/mail/calendars")
def invitations() -> Response:
    """The two ways, with the present one."""
    need(Deed.EDIT_ORGANIZATION)
    chosen = INVITATION if organization_here().sends_invitations else FILE
    return _page(InvitationsForm(data={"calendar": chosen}))


@desk.post("/mail/calendars")
def set_invitations() -> ResponseReturnValue:
    """Choose between them."""
    need(Deed.EDIT_ORGANIZATION)
    form = InvitationsForm(request.form)
    if not form.validate():
        return _page(form, 422)
    done = operations.set_invitations(
        actor=person_here(),
        organization_id=organization_here().id,
        sends_invitations=form.calendar.data == INVITATION,
    )
    flash(_("Saved. Mails follow this from now on.") if done else _("It was so already."))
    return redirect(url_for("desk.mail"), 303)


def _page(form: InvitationsForm, status: int = 200) -> Response:
    values = {"form": form, "CALENDAR_HINTS": CALENDAR_HINTS, "answers_to": settings().mail_from}
    return page("invitations", "mail", status, **values)
