"""What a person agreed to: to look at, to give and to withdraw."""

from __future__ import annotations

from flask import redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.catalogue.times_text import date_text
from app.core.i18n import language
from app.registration import operations, queries
from app.registration.companions import brought_by
from app.registration.models import Registration
from app.registration.purposes import purpose_name
from app.registration.views.blueprint import about, mine_by, own_page, registration


@registration.route("/r/<token>/consents", methods=["GET", "POST"])
def consents(token: str) -> BaseResponse:
    """Everything that was agreed to, in its words, and the ticks that one can change."""
    found = mine_by(token)
    if request.method != "POST":
        return _page(found, token)
    given = [int(text_id) for text_id in request.form.getlist("consents") if text_id.isascii() and text_id.isdecimal()]
    done = operations.change_own_consents(registration_id=found.id, given=given, language=language())
    return redirect(url_for("registration.consents", token=token, note="saved" if done else None), 303)


def _page(found: Registration, token: str) -> BaseResponse:
    return own_page(
        "consents",
        **about(found, token),
        required=[one for one in queries.given_consents(found.id) if one.is_required],
        to_choose=queries.consents_to_choose(found),
        purpose_name=purpose_name,
        brought_by=brought_by(found),
        day=lambda at: date_text(at, found.event.zone, language()),
        note=request.args.get("note", ""),
    )
