"""The team: who is in it, with which role."""

from __future__ import annotations

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts import operations, queries
from app.accounts.desk_page import need, organization_here, person_here
from app.accounts.models import Membership, Role
from app.accounts.permissions import Deed
from app.core.errors import DomainError, Missing
from app.core.http import status_of
from app.core.i18n import gettext as _
from app.core.i18n import said
from app.desk.blueprint import desk, page
from app.desk.forms import InvitationForm, RoleForm


@desk.get("/team")
def team() -> Response:
    """The list; owners also see the form to invite somebody."""
    language = organization_here().language
    return _team_page(InvitationForm(data={"language": language, "role": Role.ORGANIZER}))


@desk.post("/team")
def invite() -> ResponseReturnValue:
    """Invite somebody by mail."""
    person = need(Deed.MANAGE_TEAM)
    organization = organization_here()
    form = InvitationForm(request.form)
    if not form.validate():
        return _team_page(form, 422)
    try:
        operations.invite_to_team(
            actor=person,
            organization_id=organization.id,
            email=form.email.data,
            name=form.name.data,
            role=Role(form.role.data),
            is_supervisor=form.is_supervisor.data,
            language=form.language.data,
        )
    except DomainError as refusal:
        form.refuse(refusal, "email")
        return _team_page(form, status_of(refusal))
    flash(_("The invitation goes to %(email)s by mail.", email=form.email.data))
    return redirect(url_for("desk.team"), 303)


@desk.get("/team/<number:membership_id>")
def member(membership_id: int) -> Response:
    """One member: change the role or remove."""
    row = _member(membership_id)
    return _member_page(row, RoleForm(data={"role": row.role, "is_supervisor": row.is_supervisor}))


@desk.post("/team/<number:membership_id>")
def change_role(membership_id: int) -> ResponseReturnValue:
    """Give the member another role."""
    row = _member(membership_id)
    form = RoleForm(request.form)
    if not form.validate():
        return _member_page(row, form, 422)
    try:
        operations.change_role(
            actor=person_here(),
            membership_id=row.id,
            role=Role(form.role.data),
            is_supervisor=form.is_supervisor.data,
        )
    except DomainError as refusal:
        form.refuse(refusal, "role")
        return _member_page(_member(membership_id), form, status_of(refusal))
    flash(_("The role is changed."))
    return redirect(url_for("desk.team"), 303)


@desk.post("/team/<number:membership_id>/remove")
def remove_member(membership_id: int) -> ResponseReturnValue:
    """Take the member out of the team."""
    row = _member(membership_id)
    try:
        operations.remove_from_team(actor=person_here(), membership_id=row.id)
    except DomainError as refusal:
        form = RoleForm(data={"role": row.role, "is_supervisor": row.is_supervisor})
        form.refuse(refusal)
        return _member_page(_member(membership_id), form, status_of(refusal))
    flash(_("%(name)s is no longer in the team.", name=row.user.name))
    return redirect(url_for("desk.team"), 303)


def _member(membership_id: int) -> Membership:
    """The member of the organization whose desk is open; someone else's is `Missing`."""
    need(Deed.MANAGE_TEAM)
    row = next((one for one in queries.team_of(organization_here().id) if one.id == membership_id), None)
    if row is None:
        raise Missing
    return row


def _team_page(form: InvitationForm, status: int = 200) -> Response:
    organization = organization_here()
    may_manage = person_here().may(Deed.MANAGE_TEAM, organization.id)
    return page(
        "team",
        "team",
        status,
        form=form,
        members=queries.team_of(organization.id),
        may_manage=may_manage,
        organization_name=said(organization.name),
    )


def _member_page(row: Membership, form: RoleForm, status: int = 200) -> Response:
    return page("member", "team", status, member=row, form=form)
