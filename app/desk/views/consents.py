"""What an organization asks people to agree to, and in which words."""

from __future__ import annotations

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts.desk_page import need, organization_here, person_here
from app.accounts.permissions import Deed
from app.core.errors import DomainError, Missing
from app.core.http import status_of
from app.core.i18n import gettext as _
from app.desk.blueprint import desk, page
from app.desk.forms import ConsentForm
from app.registration import operations, queries
from app.registration.purposes import PURPOSES, purpose_name


@desk.get("/consents")
def consents() -> Response:
    """Every purpose, with the words in use."""
    need(Deed.EDIT_ORGANIZATION)
    return page("consents", "team", rows=_rows(), purpose_name=purpose_name)


@desk.get("/consents/<purpose>")
def consent(purpose: str) -> Response:
    """The words, to change."""
    need(Deed.EDIT_ORGANIZATION)
    return _page(purpose, None)


@desk.post("/consents/<purpose>")
def word_consent(purpose: str) -> ResponseReturnValue:
    """Ask in other words from now on, or no longer."""
    need(Deed.EDIT_ORGANIZATION)
    form = ConsentForm(request.form)
    if not form.validate():
        return _page(purpose, form, 422)
    try:
        done = operations.word_consent(
            actor=person_here(),
            organization_id=organization_here().id,
            purpose=purpose,
            wording={"en": form.wording_en.data, "ru": form.wording_ru.data},
            is_asked=form.is_asked.data,
        )
    except DomainError as refusal:
        form.refuse(refusal)
        return _page(purpose, form, status_of(refusal))
    flash(_("Saved. Forms ask in these words from now on.") if done else _("It was so already."))
    return redirect(url_for("desk.consents"), 303)


def _rows() -> list[tuple[str, object]]:
    known = queries.latest_texts(organization_here().id)
    return [(code, known.get(code)) for code in dict.fromkeys([*PURPOSES, *known])]


def _page(purpose: str, form: ConsentForm | None, status: int = 200) -> Response:
    known = queries.latest_texts(organization_here().id).get(purpose)
    if known is None and purpose not in PURPOSES:
        raise Missing
    wording = known.wording if known else PURPOSES[purpose].wording
    is_required = known.is_required if known else PURPOSES[purpose].is_required
    data = {
        "wording_en": wording.get("en", ""),
        "wording_ru": wording.get("ru", ""),
        "is_asked": known is not None and known.is_asked,
    }
    return page(
        "consent",
        "team",
        status,
        form=form or ConsentForm(data=data),
        purpose=purpose,
        name=purpose_name(purpose),
        text=known,
        is_required=is_required,
    )
